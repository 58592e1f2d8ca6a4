"""Which links are reports: rules of titles, addresses and days, as the source file has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

from flows.clean.script import to_simplified
from flows.clean.text import fold
from flows.read.kinds.link import Link
from schemas.sources import Source

SPACE = re.compile(r"\s+")


def choose(link: Link, source: Source) -> str:
    """The rule by which a link is passed over; empty where it is chosen."""
    parts = urlsplit(link.address)
    if parts.scheme not in ("http", "https"):
        return "scheme"
    if (parts.hostname or "").lower() not in source.allowed_hosts:
        return "other host"
    return "" if link.certain else choose_page(link, source)


def choose_page(link: Link, source: Source) -> str:
    """The same for a page that is here already, from a WARC file: its host need not be asked."""
    find = source.find
    if find.addresses and not _any(find.addresses, link.page_address):
        return "address"
    if link.date is not None:
        if find.since and link.date < find.since:
            return "before since"
        if find.until and link.date > find.until:
            return "after until"
        if find.months and link.date.month not in find.months:
            return "month"
    if not link.title:
        return "" if find.untitled else "no title"
    title = plain_title(link.title)
    if not _any(find.titles, title):
        return "title"
    if _any(find.not_titles, title):
        return "title of another kind"
    return ""


def plain_title(title: str) -> str:
    """A title as the patterns read it: simplified script, folded punctuation, no spaces."""
    return SPACE.sub("", fold(to_simplified(title)))


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(_compiled(pattern).search(text) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)
