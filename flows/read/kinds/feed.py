"""Feeds: RSS and Atom."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator

from bs4 import Tag

from flows.read.kinds.html import day_of, join, soup_of, text_of
from flows.read.kinds.link import Link, Look
from schemas.sources import Source

DATES = ("pubDate", "published", "updated", "dc:date", "date")


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Entries of the feeds."""
    for address in source.addresses:
        page = look(address)
        if page is None:
            continue
        for entry in soup_of(page, "xml").find_all(["item", "entry"]):
            if isinstance(entry, Tag) and (target := join(page.address, _target(entry))):
                yield Link(target, text_of(entry.find("title")), _day(entry, target), "feed")


def _target(entry: Tag) -> str:
    """Address of an entry: the text of its link in RSS, the attribute of its alternate one in Atom."""
    found = [link for link in entry.find_all("link") if isinstance(link, Tag)]
    for link in found:
        if link.get("href") and link.get("rel") in (None, "alternate", ["alternate"]):
            return str(link["href"])
    return text_of(found[0]) if found else ""


def _day(entry: Tag, address: str) -> dt.date | None:
    """Day of an entry; times of RFC 822 as well as of ISO 8601."""
    for name in DATES:
        text = text_of(entry.find(name))
        if not text:
            continue
        try:
            return email.utils.parsedate_to_datetime(text).date()
        except ValueError:
            pass
        if day := day_of(text, ""):
            return day
    return day_of("", address)
