"""Which blocks of a web page are its article.

Every block of text has a worth: prose is worth its characters, links and furniture cost. The article is the run of
neighbours in one element that are worth the most together (a maximum-sum run in the tree); where a content system
marks it by a known container or comment, that is believed first. What is left in it of link lists and furniture is
taken out again, element by element.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from flows.clean.html import Block, HtmlPage
from schemas.vocabulary import load_markup

PROSE = re.compile(r"[，。；：！？、,;!?“”…]")
LEAST_PROSE = 12  # characters outside links: a shorter block with a comma is a label, not prose
LINK_COST = 30  # a block of links costs its length, up to this
FURNITURE = -10.0  # worth of a block of page furniture
LEAST_WORTH = 40  # an article that no container marks is worth more than this
PROSE_ELSEWHERE = 100  # characters of prose beside the comments, from which comments are comments
LIST_ENTRIES = 4  # entries of a list with a headline of its own each, from which it is no article


@dataclass(slots=True)
class Share:
    """What an element holds with all that stands in it.

    Attributes:
        worth: of its blocks together.
        text, linked: characters, and those of them in links.
        prose: characters of blocks that are prose.
        furniture: characters of blocks with words of page furniture.
    """

    worth: float = 0.0
    text: int = 0
    linked: int = 0
    prose: int = 0
    furniture: int = 0


@dataclass
class Article:
    """The blocks of the article by index, in order, and the rule by which they were found; none where there is none."""

    blocks: list[int] = field(default_factory=list)
    rule: str = "no_article"
    confidence: float = 0.0


def find_article(page: HtmlPage) -> Article:
    """The article of a page; without blocks where the page holds none (a list, an empty page).

    Args:
        page: the page.
    """
    return _Finder(page).find() if page.blocks else Article()


class _Finder:
    def __init__(self, page: HtmlPage) -> None:
        self.blocks = page.blocks
        self.elements = page.elements
        self.markup = load_markup()
        self.sizes = [len(block.text) - block.text.count(" ") for block in self.blocks]
        self.known: list[int] = []
        self.unlikely: list[bool] = []
        self._name_elements()
        self.worths = [self._worth(i) for i in range(len(self.blocks))]
        self.shares = self._sum()

    def find(self) -> Article:
        best, run = self._best_run()
        enough = max(15.0, 0.3 * self._run_worth(run))
        marked = [i for i, block in enumerate(self.blocks) if block.marked]
        if marked and sum(self.worths[i] for i in marked) >= enough:
            return Article(self._trim(marked, -1), "marked", 0.98)
        fit = [e for e in self.known if self._fits(e, enough, run)]
        if fit:
            known = max(fit, key=lambda e: (self.shares[e].worth, e))
            return Article(self._trim(self._within([~known]), known), "known_container", 0.95)
        if self._run_worth(run) < LEAST_WORTH or self._is_list(run):
            return Article()
        return Article(self._trim(self._within(self._widen(best, run)), best), "densest", 0.8)

    def _name_elements(self) -> None:
        """Which elements are known to hold articles, and which are unlikely to, by their ids and classes.

        Names that speak against an element are not believed of one that holds most of the prose of the page.
        """
        prose = [0] * len(self.elements)
        for block, size in zip(self.blocks, self.sizes, strict=True):
            if size >= 2 * LEAST_PROSE and not self._is_link(block, size) and PROSE.search(block.text):
                prose[block.element] += size
        for e in range(len(self.elements) - 1, 0, -1):
            prose[self.elements[e].parent] += prose[e]
        names: dict[str, tuple[bool, bool, bool]] = {}
        for e, element in enumerate(self.elements):
            if element.name not in names:
                known = not self.markup.known.isdisjoint(element.name.split())
                unlikely = not known and self.markup.unlikely.search(element.name) is not None
                names[element.name] = known, unlikely, unlikely and self.markup.talk.search(element.name) is not None
            known, unlikely, talk = names[element.name]
            if known:
                self.known.append(e)
            above = element.parent >= 0 and self.unlikely[element.parent]
            most = prose[e] > (max(0.5 * prose[0], prose[0] - PROSE_ELSEWHERE) if talk else 0.5 * prose[0])
            outside = unlikely or element.hidden or element.tag in ("nav", "footer", "aside")
            self.unlikely.append(not known and (above or (outside and not most)))

    def _fits(self, e: int, enough: float, run: list[int]) -> bool:
        """Whether a known container holds the article, beside a run that is worth more.

        A second article may be longer than the one that the page is about, but stands below it.
        """
        own, share = self._own(e), self.shares[e]
        if own >= enough:
            return share.worth >= -LINK_COST
        return own >= LEAST_WORTH and share.worth >= 0.5 * own and self._first(~e) < self._first(run[0])

    def _first(self, item: int) -> int:
        """The first block of an item."""
        return next(iter(self._within([item])), len(self.blocks))

    def _own(self, e: int) -> int:
        """Characters of an element outside links."""
        return self.shares[e].text - self.shares[e].linked

    def _is_link(self, block: Block, size: int) -> bool:
        """Whether a block is a link, or an entry of a list that is half a link."""
        if block.linked >= 120 and block.text.count("。") >= 2:
            return False  # a link that was left open before a paragraph
        return block.linked > 0.5 * size or (size < 80 and block.linked > 0.3 * size and self.elements[block.element].tag == "li")

    def _worth(self, i: int) -> float:
        """What a block is worth."""
        block, size = self.blocks[i], self.sizes[i]
        own = size - block.linked
        if self._is_link(block, size):
            return -min(size, LINK_COST) - 2.0
        hits = len(self.markup.furniture.findall(block.text))
        if (hits and size < 30) or (hits > 1 and size < 40 * hits):
            return FURNITURE
        if own < LEAST_PROSE or (own < 20 and not PROSE.search(block.text)):
            return -1.0
        if self.unlikely[block.element]:
            return -1.0
        return float(own) if PROSE.search(block.text) else 0.5 * own

    def _is_list(self, run: list[int]) -> bool:
        """Whether a run is made of entries of one kind, each with a linked headline of its own."""
        entries = [~item for item in run if item < 0]
        if len(entries) < LIST_ENTRIES:
            return False
        kinds = Counter((self.elements[e].tag, self.elements[e].name) for e in entries)
        kind, count = kinds.most_common(1)[0]
        if count < max(LIST_ENTRIES, 0.6 * len(entries)):
            return False
        linked = 0
        for e in entries:
            if (self.elements[e].tag, self.elements[e].name) == kind:
                linked += any(self.blocks[i].linked >= 8 and self.blocks[i].linked > 0.5 * self.sizes[i] for i in self._within([~e]))
        return linked >= 0.6 * count

    def _sum(self) -> list[Share]:
        shares = [Share() for _ in self.elements]
        for i, block in enumerate(self.blocks):
            share = shares[block.element]
            share.worth += self.worths[i]
            share.text += self.sizes[i]
            share.linked += block.linked
            if self.worths[i] > 10:
                share.prose += self.sizes[i]
            elif self.worths[i] == FURNITURE:
                share.furniture += self.sizes[i]
        for e in range(len(self.elements) - 1, 0, -1):
            share, upper = shares[e], shares[self.elements[e].parent]
            upper.worth += share.worth
            upper.text += share.text
            upper.linked += share.linked
            upper.prose += share.prose
            upper.furniture += share.furniture
        return shares

    def _item_worth(self, item: int) -> float:
        return self.worths[item] if item >= 0 else self.shares[~item].worth

    def _run_worth(self, run: list[int]) -> float:
        return sum(map(self._item_worth, run))

    def _best_run(self) -> tuple[int, list[int]]:
        """The element and the run of its items that are worth most together; of equal ones the innermost."""
        best, found = float("-inf"), (0, 0, 0)
        for e, element in enumerate(self.elements):
            worth, start = 0.0, 0
            for at, item in enumerate(element.items):
                if worth <= 0:
                    worth, start = 0.0, at
                worth += self._item_worth(item)
                if worth >= best:
                    best, found = worth, (e, start, at + 1)
        e, start, end = found
        return e, self.elements[e].items[start:end]

    def _widen(self, e: int, run: list[int]) -> list[int]:
        """The run with its neighbours on both sides, as far as no links or furniture stand there."""
        items = self.elements[e].items
        start, end = items.index(run[0]), items.index(run[-1]) + 1
        while start and not self._is_outside(items[start - 1]):
            start -= 1
        while end < len(items) and not self._is_outside(items[end]):
            end += 1
        return items[start:end]

    def _is_outside(self, item: int) -> bool:
        if item >= 0:
            return self.worths[item] < -1.0
        share = self.shares[~item]
        return self._is_furniture(~item) or share.linked > 0.3 * share.text or share.worth < -15

    def _within(self, items: Iterable[int]) -> list[int]:
        """Blocks of items, and of all that stands in them, in document order."""
        found, stack = [], list(items)[::-1]
        while stack:
            item = stack.pop()
            if item >= 0:
                found.append(item)
            else:
                stack.extend(reversed(self.elements[~item].items))
        return found

    def _trim(self, blocks: list[int], top: int) -> list[int]:
        """The blocks without elements of links and furniture.

        Args:
            blocks: indexes of blocks.
            top: the element that they all stand in, which is not looked at itself.
        """
        furniture: dict[int, bool] = {top: False, -1: False}
        kept = []
        for i in blocks:
            path = []
            e = self.blocks[i].element
            while e not in furniture:
                path.append(e)
                e = self.elements[e].parent
            verdict = furniture[e]
            for e in reversed(path):
                verdict = verdict or self._is_furniture(e)
                furniture[e] = verdict
            if not verdict:
                kept.append(i)
        while kept and self._is_stray(self.blocks[kept[-1]], self.sizes[kept[-1]]):
            kept.pop()
        return kept

    def _is_stray(self, block: Block, size: int) -> bool:
        """Whether a block at the end of an article is a link to something else."""
        return self._is_link(block, size) and not self.markup.attachments.match(block.text.strip())

    def _is_furniture(self, e: int) -> bool:
        share = self.shares[e]
        if self.unlikely[e] or share.furniture > 0.3 * share.text:
            return True
        return share.linked > 0.5 * share.text and share.prose == 0
