"""A web page to lines: what its markup tells for certain is labelled here, the lines of its article are left to `label`."""

from __future__ import annotations

from dataclasses import dataclass

from flows.clean.article import Article, find_article
from flows.clean.headline import NEAR, Headline, find_date, find_headline
from flows.clean.html import HtmlPage, read_html
from flows.clean.lines import Line, make_lines

CELLS = ("td", "th")


@dataclass(frozen=True)
class WebPage:
    """A web page as lines, some of them labelled, with the headline and the day that it states.

    Attributes:
        lines: the title element, if there is one, and each block; none where there is no article.
        headline: the headline in one line, or nothing.
        published: day of publication as YYYY-MM-DD, or nothing.
        article: how the article was found; no blocks where there is none.
    """

    lines: list[Line]
    headline: str
    published: str
    article: Article


def read_web_page(markup: str) -> WebPage:
    """Read a web page, and label what lies outside its article.

    Args:
        markup: the decoded page.
    """
    page = read_html(markup)
    article = find_article(page)
    if not article.blocks:
        return WebPage([], "", "", article)
    headline = find_headline(page, article.blocks)
    article.blocks = _first_article(page, article.blocks, headline)
    lines = _lines(page, article, headline)
    return WebPage(lines, headline.text, find_date(page, article.blocks, headline, markup), article)


def _first_article(page: HtmlPage, blocks: list[int], headline: Headline) -> list[int]:
    """The blocks from the headline, where it stands among them, up to a second one in an element of the same name."""
    if not headline.blocks:
        return blocks
    blocks = [i for i in blocks if i >= headline.blocks[0]] or blocks
    name, level = (lambda block: (page.elements[block.element].name, block.level))(page.blocks[headline.blocks[0]])
    if not (name and level):
        return blocks
    for at, i in enumerate(blocks):
        block = page.blocks[i]
        if i > headline.blocks[-1] and block.level == level and page.elements[block.element].name == name:
            return blocks[:at]
    return blocks


def _lines(page: HtmlPage, article: Article, headline: Headline) -> list[Line]:
    titled = bool(page.title)
    lines = make_lines(([page.title] if titled else []) + [block.text for block in page.blocks])
    if titled:
        lines[0].set("boilerplate", "page_title", 0.9)
    inside = set(article.blocks)
    first, last = (article.blocks[0], article.blocks[-1]) if article.blocks else (0, -1)
    start = min(headline.blocks[0] if headline.blocks else first - NEAR, first)
    for i, (block, line) in enumerate(zip(page.blocks, lines[titled:], strict=True)):
        if i not in inside and i not in headline.blocks and i not in headline.sub:
            if start <= i <= last + NEAR:
                line.near = True
            else:
                line.set("boilerplate", "outside_article", article.confidence or 0.9)
                continue
        line.level = block.level
        line.closed = not block.broken
        line.links = block.linked / len(block.text)
        if i in headline.blocks:
            line.set("title", "headline" if i == headline.blocks[-1] else "headline_begins", 0.95)
        elif i in headline.sub:
            line.set("title", "sub_headline", 0.95)
        elif i in inside:
            line.inside = True
            line.cell = _is_cell(page, block.element)
    return lines


def _is_cell(page: HtmlPage, element: int) -> bool:
    """Whether a block is all that stands in a cell of a table with others beside it; a layout's cells hold many blocks."""
    elements = page.elements
    while element >= 0 and elements[element].tag not in CELLS and len(elements[element].items) == 1:
        element = elements[element].parent
    if element < 0 or elements[element].tag not in CELLS or len(elements[element].items) != 1:
        return False
    row = elements[element].parent
    return row >= 0 and sum(item < 0 and bool(elements[~item].items) for item in elements[row].items) > 1
