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
from functools import lru_cache

from flows.clean.html import Block, HtmlPage
from flows.clean.lines import squeeze
from schemas.vocabulary import load_markup

# Elements that paragraphs, and what stands between paragraphs, are made of.
PARAGRAPHS = frozenset(
    ["p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "center"]
) | {""}
DIGIT = re.compile(r"[0-9]")
PROSE = re.compile(r"[，。；：！？、,;!?“”…]")
LEAST_PROSE = 12  # characters outside links: a shorter block with a comma is a label, not prose
LINK_COST = 30  # a block of links costs its length, up to this
LONGEST_TAIL = 16  # characters of a heading of what follows an article
MOST_FURNITURE = 400  # characters of the longest block that may be furniture
FURNITURE = -10.0  # worth of a block of page furniture
LEAST_WORTH = 40  # an article that no container marks is worth more than this
LIST_ENTRIES = 4  # entries of one kind, each with a linked headline: a list, no article
LEAST_HEADLINE, MOST_HEADLINES = 8, 3  # characters of such a headline, and how many of them an entry has


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


@lru_cache(maxsize=4096)
def _told_by(name: str) -> tuple[bool, bool, bool]:
    """What ids and classes say of an element: that it holds an article; that it hardly does; that this is a plain word."""
    markup = load_markup()
    known = not markup.known.isdisjoint(name.split())
    unlikely = not known and markup.unlikely.search(name) is not None
    return known, unlikely, unlikely and markup.plain.search(name) is not None


@lru_cache(maxsize=4096)
def _is_tail(text: str) -> bool:
    """Whether a short text is a heading of what follows an article."""
    return load_markup().tails.fullmatch(text.strip()) is not None


def _begins(stated: str, text: str) -> bool:
    """Whether a title begins with a text, signs left out of both."""
    first = text.lstrip()[:1]
    return (not first.isalnum() or first == stated[0]) and stated.startswith(squeeze(text))


class _Finder:
    def __init__(self, page: HtmlPage) -> None:
        self.blocks = page.blocks
        self.elements = page.elements
        self.markup = load_markup()
        self.sizes = [len(block.text) - block.text.count(" ") for block in self.blocks]
        self.links = [self._is_link(block, size) for block, size in zip(self.blocks, self.sizes, strict=True)]
        self.prose = [
            size >= LEAST_PROSE and not link and PROSE.search(block.text) is not None
            for block, size, link in zip(self.blocks, self.sizes, self.links, strict=True)
        ]
        self.known: list[int] = []
        self.unlikely: list[bool] = []
        self.heads: list[int] = []  # headings of what follows an article
        self.title = page.title
        self._judge_elements()
        self.worths = [self._worth(i) for i in range(len(self.blocks))]
        self.shares = self._sum()

    def find(self) -> Article:
        """The article: what a content system marks, else a known container, else the run that is worth most."""
        best, run = self._best_run()
        enough = max(15.0, 0.3 * self._run_worth(run))
        marked = [i for i, block in enumerate(self.blocks) if block.marked]
        if marked and sum(self.worths[i] for i in marked) >= enough:
            return Article(self._trim(marked, -1), "marked", 0.98)
        fit = [e for e in self.known if self._fits(e, enough, run)]
        if fit:
            most = max(self.shares[e].prose for e in fit)
            known = min((e for e in fit if self.shares[e].prose >= 0.5 * most), key=lambda e: (self.shares[e].text, -e))
            top, name = self.elements[known].parent, self.elements[known].name
            parts = [e for e in self.known if self.elements[e].parent == top and self.elements[e].name == name]
            return Article(self._trim(self._within([~e for e in parts]), top), "known_container", 0.95)
        if self._run_worth(run) < LEAST_WORTH:
            return Article()
        return Article(self._trim(self._within(self._widen(best, run)), best), "densest", 0.8)

    def _judge_elements(self) -> None:
        """Which elements are known to hold articles, and which are unlikely to: by their ids and classes, by the heading
        that they begin with, by their being lists of links.

        Names may lie: one that speaks against an element is not believed where most of the prose of the page stands
        in it, unless the name is a plain one and the headline does not stand in it.
        """
        prose = [0] * len(self.elements)
        titled = [False] * len(self.elements)
        stated = squeeze(self.title)
        for i, (block, size) in enumerate(zip(self.blocks, self.sizes, strict=True)):
            if size >= 2 * LEAST_PROSE and self.prose[i]:
                prose[block.element] += size
            if block.level == 1 or (6 <= size <= 60 and stated and _begins(stated, block.text)):
                titled[block.element] = True
        for e in range(len(self.elements) - 1, 0, -1):
            parent = self.elements[e].parent
            prose[parent] += prose[e]
            titled[parent] = titled[parent] or titled[e]
        listed, tails = self._lists(), self._tails()
        for e, element in enumerate(self.elements):
            known, unlikely, plain = _told_by(element.name)
            if known:
                self.known.append(e)
            plain = plain or element.hidden or element.tag in ("aside", "footer")
            outside = plain or unlikely or element.tag == "nav" or e in listed or e in tails
            plain = plain or e in listed or (e in tails and titled[0])
            wraps = prose[e] > 0.5 * prose[0] and (titled[e] or not plain)
            above = element.parent >= 0 and self.unlikely[element.parent]
            self.unlikely.append(not known and (above or (outside and not wraps)))

    def _lists(self) -> set[int]:
        """Elements most of whose children are entries of one kind, each with a linked headline."""
        heads = [0] * len(self.elements)
        text = [0] * len(self.elements)
        for block, size in zip(self.blocks, self.sizes, strict=True):
            text[block.element] += size
            if block.linked >= LEAST_HEADLINE and block.linked > 0.5 * size:
                heads[block.element] += 1
        for e in range(len(self.elements) - 1, 0, -1):
            parent = self.elements[e].parent
            text[parent] += text[e]
            heads[parent] += heads[e]
        found = set()
        for e, element in enumerate(self.elements):
            children = [~item for item in element.items if item < 0]
            if len(children) < LIST_ENTRIES:
                continue
            kinds = Counter(
                (self.elements[c].tag, self.elements[c].name) for c in children if 1 <= heads[c] <= MOST_HEADLINES
            )
            alike = kinds.most_common(1)[0][1] if kinds else 0
            # Entries are of about one size; an element that is most of the whole is none.
            if alike >= max(LIST_ENTRIES, 0.6 * len(children)) and max(text[c] for c in children) <= 0.5 * text[e]:
                found.add(e)
        return found

    def _tails(self) -> set[int]:
        """Elements that begin with a heading of what follows an article: related news, comments, rankings."""
        found = set()
        for i, block in enumerate(self.blocks):
            if self.sizes[i] <= LONGEST_TAIL and _is_tail(block.text):
                self.heads.append(i)
                item, e = i, block.element
                while e > 0 and self.elements[e].items[0] == item:
                    found.add(e)
                    item, e = ~e, self.elements[e].parent
        return found

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
        return block.linked > 0.5 * size or (
            size < 80 and block.linked > 0.3 * size and self.elements[block.element].tag == "li"
        )

    def _worth(self, i: int) -> float:
        """What a block is worth."""
        block, size = self.blocks[i], self.sizes[i]
        if self.links[i]:
            return -min(size, LINK_COST) - 2.0
        own = size - block.linked - len(DIGIT.findall(block.text))
        if size < MOST_FURNITURE and self._is_notice(block.text, size):
            return FURNITURE
        if own < LEAST_PROSE or self.unlikely[block.element] or (own < 20 and not self.prose[i]):
            return -1.0
        return float(own) if self.prose[i] else 0.5 * own

    def _is_notice(self, text: str, size: int) -> bool:
        """Whether a block is short for the words of page furniture, or the bars between links, in it."""
        hits = len(set(self.markup.furniture.findall(text))) + (text.count("|") + text.count("｜")) // 4
        return (hits > 0 and size < 30) or (hits > 1 and size < 40 * hits)

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
        """The run with its neighbours on both sides that are paragraphs, as far as no links or furniture stand there."""
        items = self.elements[e].items
        start, end = items.index(run[0]), items.index(run[-1]) + 1
        kinds = {self._kind(item) for item in run}
        while start and self._goes_on(items[start - 1], kinds):
            start -= 1
        while end < len(items) and self._goes_on(items[end], kinds):
            end += 1
        return items[start:end]

    def _kind(self, item: int) -> tuple[str, str]:
        """Tag and name of an element; those of a block that stands in the open are empty."""
        return ("", "") if item >= 0 else (self.elements[~item].tag, self.elements[~item].name)

    def _goes_on(self, item: int, kinds: set[tuple[str, str]]) -> bool:
        kind = self._kind(item)
        return not self._is_outside(item) and (kind in kinds or kind[0] in PARAGRAPHS)

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
        kept = self._before_tail(kept)
        while kept and self._is_stray(kept[-1]):
            kept.pop()
        return kept

    def _before_tail(self, kept: list[int]) -> list[int]:
        """The blocks before the first heading of what follows an article, if it follows one."""
        prose = 0
        heads = set(self.heads)
        for at, i in enumerate(kept):
            if i in heads and prose >= LEAST_WORTH:
                return kept[:at]
            prose += self.sizes[i] if self.worths[i] > 0 else 0
        return kept

    def _is_stray(self, i: int) -> bool:
        """Whether a block at the end of an article is a link to something else."""
        return self.links[i] and not self.markup.attachments.match(self.blocks[i].text.strip())

    def _is_furniture(self, e: int) -> bool:
        share = self.shares[e]
        if self.unlikely[e] or share.furniture > 0.3 * share.text:
            return True
        return share.linked > 0.5 * share.text and share.prose == 0
