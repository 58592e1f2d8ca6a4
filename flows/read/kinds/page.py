"""Fixed addresses: the source file names the reports themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flows.read.kinds.link import Link, Look
from schemas.sources import Source


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """The addresses of the source."""
    for address in source.addresses:
        yield Link(address, None, None, "page", certain=True)
