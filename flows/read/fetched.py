"""A page that was fetched from the web: its bytes wait in the data folder until they are in the archive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flows.read.page import Page


@dataclass(frozen=True)
class FetchedPage(Page):
    """One page of a site.

    Attributes:
        source_kind: kind of the capture: `web`, `epaper`, `warc`.
        fetched_at: when it was fetched (UTC).
        changed_at: its Last-Modified (UTC); nothing where it has none.
        tag: its ETag.
    """

    source_kind: str
    fetched_at: dt.datetime
    changed_at: dt.datetime | None
    tag: str | None

    @property
    def kind(self) -> str:
        """Kind of the capture."""
        return self.source_kind

    @property
    def etag(self) -> str | None:
        """Its ETag."""
        return self.tag

    @property
    def captured_at(self) -> dt.datetime:
        """When it was fetched (UTC)."""
        return self.fetched_at

    def modified(self) -> dt.datetime:
        """Time of its last change (UTC); when it was fetched, where the site does not say."""
        return self.changed_at or self.fetched_at
