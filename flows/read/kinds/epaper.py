"""E-editions of newspapers: issue by day, its pages (layouts), the articles on each.

Layouts and articles are known by the names that the family of the paper gives them (discovery.toml).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from flows.read.kinds.choose import choose
from flows.read.kinds.html import address_of, base_of, soup_of, text_of
from flows.read.kinds.link import Link, Look
from schemas.sources import EPaper, Source
from schemas.vocabulary.discovery import Family, load_discovery


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Articles of the issues of the last days, the newest issue first; PDF pages behind the articles that are chosen."""
    paper = source.epaper
    assert paper is not None
    for day in _days(source, paper, today):
        yield from _issue(source, paper, look, day)


def _days(source: Source, paper: EPaper, today: dt.date) -> Iterator[dt.date]:
    """Days whose issues are looked at: a day that cannot be chosen is not asked for."""
    find = source.find
    last = min(today, find.until) if find.until else today
    for back in range((today - last).days, paper.days):
        day = today - dt.timedelta(days=back)
        if find.since and day < find.since:
            return
        if not find.months or day.month in find.months:
            yield day


def _issue(source: Source, paper: EPaper, look: Look, day: dt.date) -> Iterator[Link]:
    family = load_discovery().epapers[paper.family]
    waiting, read = [paper.front.format(date=day)], set[str]()
    articles: set[str] = set()
    while waiting and len(read) < paper.max_layouts:
        address = waiting.pop(0)
        if address in read:
            continue
        read.add(address)
        page = look(address)
        if page is None:
            continue
        soup = soup_of(page)
        base = base_of(soup, page)
        chosen = False
        for link in _articles(soup, base, family, day):
            if link.address not in articles:
                articles.add(link.address)
                chosen |= not choose(link, source)
                yield link
        if chosen and paper.pdf:
            for pdf in _named(soup, base, family.pdf):
                yield Link(pdf, None, day, "epaper page", certain=True)
        folder = paper.front.format(date=day).rpartition("/")[0]
        # Links to layouts of other days lead to other issues.
        waiting += [a for a in _named(soup, base, family.layout) if a not in read and a.rpartition("/")[0] == folder]


def _articles(soup: BeautifulSoup, base: str, family: Family, day: dt.date) -> Iterator[Link]:
    """Articles of a layout, each once with the longest text that links to it: lists and picture maps name it twice."""
    titles: dict[str, str] = {}
    for tag in soup.find_all(["a", "area"], href=True):
        if isinstance(tag, Tag) and (address := address_of(tag, base)) and _is(family.article, address):
            said = (text_of(tag), str(tag.get("title") or ""), str(tag.get("alt") or ""))
            titles[address] = max(titles.get(address, ""), *said, key=len)
    for address, title in titles.items():
        yield Link(address, title, day, "epaper")


def _named(soup: BeautifulSoup, base: str, pattern: re.Pattern[str]) -> list[str]:
    """Addresses on a page, in order, whose last part a pattern fits."""
    found = (address_of(tag, base) for tag in soup.find_all(["a", "area"], href=True) if isinstance(tag, Tag))
    return list(dict.fromkeys(address for address in found if address and _is(pattern, address)))


def _is(pattern: re.Pattern[str], address: str) -> bool:
    return pattern.fullmatch(urlsplit(address).path.rpartition("/")[2]) is not None
