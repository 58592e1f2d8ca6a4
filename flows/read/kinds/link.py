"""Links that a kind of source finds, and the list pages that it looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from schemas.sources import Source


@dataclass(frozen=True)
class Link:
    """A link that may lead to a report.

    Attributes:
        address: where it leads, without a fragment.
        title: what it is called there; nothing where that is not said.
        date: day of publication as far as the list page or the address says it.
        rule: what found it.
        record: offset and length in bytes of a record in a WARC file at the address; nothing for a page.
        certain: whether it is named by the source file itself, or belongs to a link that was chosen.
        page: address of the page of which a record is linked.
    """

    address: str
    title: str | None
    date: dt.date | None
    rule: str
    record: tuple[int, int] | None = None
    certain: bool = False
    page: str = ""

    @property
    def page_address(self) -> str:
        """Address of the page: where the link leads, unless that is a record of it."""
        return self.page or self.address


@dataclass(frozen=True)
class Listed:
    """A list page: the address that it was read from at last, its bytes and its media type."""

    address: str
    data: bytes
    content_type: str


# Gives the list page at an address; nothing where it cannot be read, which the ledger says.
Look = Callable[[str], Listed | None]
Kind = Callable[[Source, Look, dt.date], Iterator[Link]]


def find_links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Links of a source, by its kind.

    Args:
        source: the source; of the kind `folder` there are no links.
        look: gives list pages.
        today: the day, from which an e-paper counts back.
    """
    kind = import_module(f"flows.read.kinds.{source.kind}")
    return cast(Kind, kind.links)(source, look, today)
