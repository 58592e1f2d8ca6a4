"""List pages of a portal, with paging: CSS selectors say where links, titles and days stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from flows.read.kinds.html import address_of, base_of, day_of, soup_of, text_of
from flows.read.kinds.link import Link, Look
from schemas.sources import Listing, Source

ANY = "a[href]"


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Links of the list pages, newest first as sites have them.

    Paging ends where a list page has no link that the pages before did not have, or none but of days before `since`, so that
    a site is not read as a whole.
    """
    listing = source.listing
    for start in source.addresses:
        address, seen, pages = start, set[str](), set[str]()
        for number in range(listing.max_pages):
            if not address or address in pages:
                break
            pages.add(address)
            page = look(address)
            if page is None:
                break
            soup = soup_of(page)
            found = [link for link in _items(soup, base_of(soup, page), listing) if link.address not in seen]
            seen |= {link.address for link in found}
            yield from found
            since = source.find.since
            if not found or (since and all(link.date and link.date < since for link in found)):
                break
            address = _next(soup, page.address, start, listing, number)


def _items(soup: BeautifulSoup, base: str, listing: Listing) -> Iterator[Link]:
    """Each link once, with title and day."""
    met: set[str] = set()
    for item in soup.select(listing.items):
        if item.name == "a" and item.get("href"):
            link: object = item
        else:
            # The plain case without a selector: a list may have ten thousands of links.
            link = item.find("a", href=True) if listing.link == ANY else item.select_one(listing.link)
        address = address_of(link, base) if isinstance(link, Tag) else ""
        if not isinstance(link, Tag) or not address or address in met:
            continue
        met.add(address)
        titled = item.select_one(listing.title) if listing.title else link
        # Sites cut long titles off in the text, not in the attribute.
        title = max(str(link.get("title") or ""), text_of(titled), key=len)
        dated = text_of(item.select_one(listing.date)) if listing.date else text_of(item)
        yield Link(address, title.strip(), day_of(dated, address), "index")


def _next(soup: BeautifulSoup, address: str, start: str, listing: Listing, number: int) -> str:
    """Address of the next list page; empty where there is none."""
    if listing.pages:
        return urljoin(start, listing.pages.format(n=listing.first + number))
    following = soup.select_one(listing.next) if listing.next else None
    return address_of(following, address) if following else ""
