"""How reports are found on a site: one module a kind of source.

    link      what a kind finds: an address with title and day; and how it looks at a list page
    choose    which links are reports, by the rules of a source
    html      list pages to soup, the days on them
    page, index, feed, sitemap, epaper, warc    the kinds

A kind asks for list pages one by one through a `Look`, and yields links; it fetches nothing itself.
"""

from flows.read.kinds.choose import choose, choose_page
from flows.read.kinds.link import Kind, Link, Listed, Look, find_links

__all__ = ["Kind", "Link", "Listed", "Look", "choose", "choose_page", "find_links"]
