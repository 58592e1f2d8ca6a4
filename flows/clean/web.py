"""A web page to lines: what its markup tells for certain is labelled here, the lines of its article are left to `label`."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from flows.clean.article import Article, find_article
from flows.clean.headline import NEAR, Headline, find_date, find_headline
from flows.clean.html import HtmlPage, read_html
from flows.clean.lines import Line, make_lines
from flows.clean.text import fold
from schemas.vocabulary import load_lexicons

# When and by whom: a day with nothing before it and little behind it, or a field that says so.
BYLINE = re.compile(
    r"[\[【(（]?\s*(?:(?:发布|发表|更新|刊发|发稿)?(?:时间|日期)?\s*[:：]?\s*20\d\d\s*[-/年.]\s*\d{1,2}\s*[-/月.]\s*\d{1,2}\s*日?"
    r"(?=\s*(?:$|[\s\]】)）|]|\d{1,2}:\d{2}|来源|作者|发布))|(?:来源|作者|稿源|供稿)\s*[:：]|文\s*[/／|]\s*\S)"
)
LONGEST_BYLINE = 60  # characters

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
    """The blocks from the headline, where it stands among them, up to the headline of a second article."""
    if not headline.blocks:
        return blocks
    blocks = [i for i in blocks if i >= headline.blocks[0]] or blocks
    first, last = headline.blocks[0], headline.blocks[-1]
    level = page.blocks[first].level
    alike = [i for i in blocks if i > last and page.blocks[i].level == level] if level else []
    alike = [i for i in alike if not _is_section(page.blocks[i].text)]
    for i in alike:
        if _has_byline(page, i) or _begins_another(page, i, first) or (len(alike) == 1 and _is_alike(page, i, first)):
            return blocks[: bisect_left(blocks, i)]
    return blocks


def _is_section(text: str) -> bool:
    """Whether a heading begins with the mark of a section, or has a word by which sections are called."""
    lexicons, folded = load_lexicons(), fold(text.strip())
    return lexicons.heading_start.match(folded) is not None or lexicons.heading_words.search(folded) is not None


def _has_byline(page: HtmlPage, i: int) -> bool:
    """Whether a heading has its own day or source below it."""
    below = page.blocks[i + 1].text.strip() if i + 1 < len(page.blocks) else ""
    return len(below) <= LONGEST_BYLINE and BYLINE.match(below) is not None and not below.endswith(("。", "；"))


def _is_alike(page: HtmlPage, i: int, headline: int) -> bool:
    """Whether a heading is a first one of the same name as the headline."""
    one, other = page.blocks[i], page.blocks[headline]
    name = page.elements[one.element].name
    return one.level == 1 and name != "" and name == page.elements[other.element].name


def _begins_another(page: HtmlPage, i: int, headline: int) -> bool:
    """Whether a heading begins an element beside the one of the same kind in which the headline and its text stand.

    Documents are parted by `section` and plain `div`, too; elements of a name of their own, and `article`, hold one each.
    """
    elements = page.elements
    own = _above(page, headline)
    e = page.blocks[i].element
    while e >= 0 and elements[e].parent not in own:
        e = elements[e].parent
    if e < 0 or e == page.blocks[i].element or page.blocks[i - 1].element >= e:
        return False
    element = elements[e]
    if element.tag != "article" and (element.tag == "section" or not element.name):
        return False
    beside = next((o for o in own if elements[o].parent == element.parent), -1)
    if (elements[beside].tag, elements[beside].name) != (element.tag, element.name):
        return False
    return i + 1 < len(page.blocks) and e in _above(page, i + 1) and beside in _above(page, headline + 1)


def _above(page: HtmlPage, i: int) -> list[int]:
    """The elements in which a block stands, from the innermost."""
    found, e = [], page.blocks[i].element
    while e >= 0:
        found.append(e)
        e = page.elements[e].parent
    return found


def _lines(page: HtmlPage, article: Article, headline: Headline) -> list[Line]:
    titled = bool(page.title)
    raws, unseen = _raws(page)
    every = make_lines(([page.title] if titled else []) + raws)
    if titled:
        every[0].set("boilerplate", "page_title", 0.9)
    lines = every[titled:]
    if unseen:
        for at in unseen:
            lines[at].set("boilerplate", "unseen", 0.9)
        lines = [line for line in lines if not line.label]
    inside = set(article.blocks)
    first, last = (article.blocks[0], article.blocks[-1]) if article.blocks else (0, -1)
    start = min(headline.blocks[0] if headline.blocks else first - NEAR, first)
    for i, (block, line) in enumerate(zip(page.blocks, lines, strict=True)):
        if i not in inside and i not in headline.blocks and i not in headline.sub:
            if start <= i <= last + NEAR:
                line.near = True
            else:
                line.set("boilerplate", "outside_article", article.confidence or 0.9)
                continue
        line.level = block.level
        line.closed = not block.broken
        line.links = block.linked / len(block.text)
        line.inside = i in inside
        if i in headline.blocks:
            line.set("title", "headline" if i == headline.blocks[-1] else "headline_begins", 0.95)
        elif i in headline.sub:
            line.set("title", "sub_headline", 0.95)
        elif line.inside:
            line.cell = _is_cell(page, block.element)
    return every


def _is_cell(page: HtmlPage, element: int) -> bool:
    """Whether a block is all that stands in a cell of a table with others beside it; a layout's cells hold many blocks."""
    elements = page.elements
    while element >= 0 and elements[element].tag not in CELLS and len(elements[element].items) == 1:
        element = elements[element].parent
    if element < 0 or elements[element].tag not in CELLS or len(elements[element].items) != 1:
        return False
    row = elements[element].parent
    return row >= 0 and sum(item < 0 and bool(elements[~item].items) for item in elements[row].items) > 1


def _raws(page: HtmlPage) -> tuple[list[str], list[int]]:
    """The texts of blocks and, behind the block that they stand in, of buttons and fields; and where these are."""
    raws: list[str] = []
    places: list[int] = []
    spare = iter(page.unseen)
    following = next(spare, None)
    for i, block in enumerate(page.blocks):
        while following is not None and following[0] <= i:
            places.append(len(raws))
            raws.append(following[1])
            following = next(spare, None)
        raws.append(block.text)
    rest = [text for _, text in (following, *spare)] if following is not None else []
    return [*raws, *rest], [*places, *range(len(raws), len(raws) + len(rest))]
