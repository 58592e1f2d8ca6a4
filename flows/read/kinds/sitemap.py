"""Sitemaps and indexes of sitemaps, plain or compressed."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator

from bs4 import Tag

from flows.read.kinds.html import day_of, join, soup_of, text_of
from flows.read.kinds.link import Link, Listed, Look
from schemas.sources import Source

# A sitemap may have 50 MB (sitemaps.org), and an index 50,000 of them: as many as a run has patience for.
MAX_BYTES = 52_428_800
MAX_SITEMAPS = 200
GZIP = b"\x1f\x8b"


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Addresses of the sitemaps; a sitemap of an index that changed before `since` last is passed over."""
    since = source.find.since
    waiting, read = list(source.addresses), set[str]()
    while waiting and len(read) < MAX_SITEMAPS:
        address = waiting.pop(0)
        if address in read:
            continue
        read.add(address)
        page = look(address)
        if page is None:
            continue
        soup = soup_of(_unpacked(page), "xml")
        for entry in soup.find_all("sitemap"):
            if isinstance(entry, Tag) and (inner := join(page.address, text_of(entry.find("loc")))):
                changed = day_of(text_of(entry.find("lastmod")), "")
                if not (since and changed and changed < since):
                    waiting.append(inner)
        for entry in soup.find_all("url"):
            if isinstance(entry, Tag) and (target := join(page.address, text_of(entry.find("loc")))):
                title = text_of(entry.find(["news:title", "title"])) or None
                yield Link(target, title, _day(entry, target), "sitemap")


def _day(entry: Tag, address: str) -> dt.date | None:
    """Day of publication; the address says it better than the last change, which a new design of a site sets anew."""
    published = text_of(entry.find(["news:publication_date", "publication_date"]))
    return day_of(published, address) or day_of(text_of(entry.find("lastmod")), "")


def _unpacked(page: Listed) -> Listed:
    """A compressed sitemap unpacked, up to the length that a sitemap may have."""
    if not page.data.startswith(GZIP):
        return page
    try:
        data = zlib.decompressobj(wbits=31).decompress(page.data, MAX_BYTES)
    except zlib.error:
        data = b""
    return Listed(page.address, data, "application/xml")
