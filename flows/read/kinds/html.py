"""List pages: bytes to soup, the links in them, days beside links and in addresses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin

from bs4 import BeautifulSoup, Tag

from flows.clean.decode import PageRejected, decode
from flows.read.kinds.link import Listed
from schemas.vocabulary.discovery import load_discovery

SPACE = re.compile(r"\s+")


def soup_of(page: Listed, features: str = "lxml") -> BeautifulSoup:
    """The tree of a list page; an empty one where its bytes are no text.

    Args:
        page: the page.
        features: `lxml` for HTML, `xml` for XML.
    """
    if features == "xml":
        return BeautifulSoup(page.data, features)
    try:
        text = decode(page.data).text
    except PageRejected:
        text = ""
    return BeautifulSoup(text, features)


def address_of(link: Tag, base: str) -> str:
    """Address that a link leads to, without its fragment; empty where it leads nowhere."""
    return join(base, str(link.get("href") or ""))


def join(base: str, href: str) -> str:
    """An address beside another one, without its fragment; empty where it is none."""
    try:
        return urldefrag(urljoin(base, href.strip())).url if href.strip() else ""
    except ValueError:
        return ""


def text_of(tag: Tag | None) -> str:
    """Text of an element in one line."""
    return SPACE.sub(" ", tag.get_text(" ")).strip() if tag else ""


def base_of(soup: BeautifulSoup, page: Listed) -> str:
    """Address that the links of a page are relative to."""
    base = soup.find("base", href=True)
    return join(page.address, str(base["href"])) or page.address if isinstance(base, Tag) else page.address


def day_in(text: str, patterns: Iterable[re.Pattern[str]]) -> dt.date | None:
    """The first day of the calendar that one of the patterns finds; nothing where there is none."""
    for pattern in patterns:
        for found in pattern.finditer(text):
            try:
                return dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                continue
    return None


def day_of(text: str, address: str) -> dt.date | None:
    """Day of publication by the text beside a link, else by its address."""
    rules = load_discovery()
    return day_in(text, rules.text_dates) or day_in(address, rules.address_dates)
