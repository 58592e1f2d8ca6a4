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
from typing import Any

from flows.clean.headline import is_site_name
from flows.clean.html import Block, HtmlPage
from flows.clean.lines import squeeze
from schemas.vocabulary import load_lexicons, load_markup

# Elements that paragraphs, and what stands between paragraphs, are made of.
PARAGRAPHS = frozenset(
    ["p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "center"]
) | {""}
# Elements that may hold one paragraph and no more of an article; one of which is all the run has its neighbours outside.
HOLDS_ONE = PARAGRAPHS | frozenset(["li", "dt", "dd", "tbody", "tr", "td", "section"])
DIGIT = re.compile(r"[0-9]")
PROSE = re.compile(r"[，。；：！？、,;!?“”…]")
LEAST_PROSE = 12  # characters outside links: a shorter block with a comma is a label, not prose
LINK_COST = 30  # a block of links costs its length, up to this
LONGEST_TAIL = 16  # characters of a heading of what follows an article
BELOW_TAIL = 6  # blocks below such a heading that show what it is
MOST_ATTACHED = 2_000  # characters of a list of attachments
MOST_FURNITURE = 400  # characters of the longest block that may be furniture
FURNITURE = -10.5  # worth of a block of page furniture; that of a link is a whole number
LEAST_SHORT = 20  # characters below a headline that may be a notice
LEAST_HEADED, MOST_HEADED = 6, 3  # characters of what may be its headline, and how many such blocks are tried
LEAST_WORTH = 40  # an article that no container marks is worth more than this
OUTSIDE = ("aside", "footer")  # elements that stand beside an article
TOLD_NOTHING = (False, False, False)
LIST_ENTRIES = 4  # entries of one kind, each with a linked headline: a list, no article
LEAST_HEADLINE, MOST_HEADLINES = 8, 3  # characters of such a headline, and how many of them an entry has


class Shares:
    """What each element holds with all that stands in it, by index of the element.

    Attributes:
        worth: of its blocks together.
        text, linked: characters, and those of them in links.
        prose: characters of blocks that are prose.
        furniture: characters of blocks with words of page furniture.
    """

    def __init__(self, elements: int) -> None:
        self.worth = [0.0] * elements
        self.text = [0] * elements
        self.linked = [0] * elements
        self.prose = [0] * elements
        self.furniture = [0] * elements


@dataclass
class Article:
    """The blocks of the article by index, in order, and the rule by which they were found; none where there is none,
    and why."""

    blocks: list[int] = field(default_factory=list)
    rule: str = "no_article"
    confidence: float = 0.0
    reason: str = "the page holds no text"


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
def _tail(text: str) -> str:
    """Whether a short text is a heading of what follows an article: `sure`, `vague` or nothing."""
    markup, text = load_markup(), text.strip()
    if markup.tails.fullmatch(text):
        return "sure"
    return "vague" if markup.vague_tails.fullmatch(text) else ""


def _begins(stated: str, text: str) -> bool:
    """Whether a title begins with a text, signs left out of both."""
    first = text.lstrip()[:1]
    return (not first.isalnum() or first == stated[0]) and stated.startswith(squeeze(text))


class _Finder:
    def __init__(self, page: HtmlPage) -> None:
        self.blocks = page.blocks
        self.elements = page.elements
        self.parents = [element.parent for element in self.elements]
        self.markup = load_markup()
        self.sizes = [len(block.text) - block.text.count(" ") for block in self.blocks]
        self.links = [self._is_link(block, size) for block, size in zip(self.blocks, self.sizes, strict=True)]
        self.prose = [
            size >= LEAST_PROSE and not link and PROSE.search(block.text) is not None
            for block, size, link in zip(self.blocks, self.sizes, self.links, strict=True)
        ]
        self.known: list[int] = []
        self.unlikely: list[bool] = []  # for each element
        self.heads: list[int] = []  # headings of what follows an article
        self.headed: list[int] = []  # what may be the headline of the page
        self.title = page.title
        self._judge_elements()
        self.worths = self._worths()
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
            most = max(self.shares.prose[e] for e in fit)
            known = min((e for e in fit if self.shares.prose[e] >= 0.5 * most), key=lambda e: (self.shares.text[e], -e))
            top, name = self.elements[known].parent, self.elements[known].name
            parts = [e for e in self.known if self.elements[e].parent == top and self.elements[e].name == name]
            return Article(self._trim(self._within([~e for e in parts]), top), "known_container", 0.95)
        if self._run_worth(run) < LEAST_WORTH:
            return self._short()
        best, run = self._grow(best, run)
        return Article(self._trim(self._within(run), best), "densest", 0.8)

    def _short(self) -> Article:
        """A notice of a few words or a list of names, which no run of prose tells: the text that stands below the headline
        in one element with it, if it is not of links and furniture."""
        for i in self.headed[:MOST_HEADED]:
            e, below = self.blocks[i].element, list[int]()
            while self.parents[e] >= 0 and sum(self.sizes[j] for j in below) < LEAST_SHORT:
                e = self.parents[e]
                below = [j for j in self._within([~e]) if j > i]
            if below and self._is_short_text(i, below) and (kept := self._trim(below, e)):
                return Article(kept, "below_headline", 0.6)
        own = self.shares.text[0] - self.shares.linked[0]
        if own < LEAST_WORTH:
            return Article(reason=f"the page holds {own} characters outside of links; name a page with the text itself")
        return Article(reason="the page holds lists and links, but no article; name the page of the report")

    def _is_short_text(self, headline: int, below: list[int]) -> bool:
        """Whether the blocks below a headline are a short text: sentences, or the names that it speaks of."""
        text = sum(self.sizes[j] for j in below)
        linked = sum(self.blocks[j].linked for j in below)
        own = sum(self.sizes[j] for j in below if self.worths[j] >= -1.0)
        if own < LEAST_SHORT or linked >= 0.3 * text or own < 0.6 * text:
            return False
        texts = [self.blocks[j].text for j in (headline, *below)]
        if any(load_lexicons().error_page.search(one) for one in texts):
            return False
        named = self.markup.lists.search(texts[0]) is not None
        return named or any(one.rstrip().endswith(("。", "！")) for one in texts[1:])

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
                if size >= LEAST_HEADED and not self.links[i] and not is_site_name(block.text):
                    self.headed.append(i)
        for e in range(len(prose) - 1, 0, -1):
            if prose[e]:
                prose[self.parents[e]] += prose[e]
            if titled[e]:
                titled[self.parents[e]] = True
        listed, tails = self._lists(), self._tails()
        outer = [False] * len(self.elements)
        for e, element in enumerate(self.elements):
            known, unlikely, plain = _told_by(element.name) if element.name else TOLD_NOTHING
            if known:
                self.known.append(e)
                continue
            if e and outer[self.parents[e]]:
                outer[e] = True
                continue
            plain = plain or element.hidden or element.tag in OUTSIDE
            if plain or unlikely or element.tag == "nav" or e in listed or e in tails:
                plain = plain or e in listed or (e in tails and titled[0])
                outer[e] = not (prose[e] > 0.5 * prose[0] and (titled[e] or not plain))
        self.unlikely = outer

    def _lists(self) -> set[int]:
        """Elements most of whose children are entries of one kind, each with a linked headline."""
        heads = [0] * len(self.elements)
        text = [0] * len(self.elements)
        for block, size in zip(self.blocks, self.sizes, strict=True):
            text[block.element] += size
            if block.linked >= LEAST_HEADLINE and block.linked > 0.5 * size:
                heads[block.element] += 1
        for e in range(len(text) - 1, 0, -1):
            if text[e]:
                parent = self.parents[e]
                text[parent] += text[e]
                heads[parent] += heads[e]
        found = set()
        for e, element in enumerate(self.elements):
            if len(element.items) < LIST_ENTRIES or heads[e] < LIST_ENTRIES:
                continue
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
            if self.sizes[i] <= LONGEST_TAIL and (tail := _tail(block.text)) and self._is_tail(i, tail):
                self.heads.append(i)
                item, e = i, block.element
                while e > 0 and self.elements[e].items[0] == item:
                    found.add(e)
                    item, e = ~e, self.elements[e].parent
        return found

    def _is_tail(self, i: int, tail: str) -> bool:
        """Whether a heading that may stand in an article, too, has links, comments or furniture below it, or nothing."""
        below = range(i + 1, min(i + 1 + BELOW_TAIL, len(self.blocks)))
        if tail == "sure" or not below:
            return True
        first = self.blocks[i + 1].text.strip()
        if self.sizes[i + 1] < MOST_FURNITURE and self.markup.furniture.search(first):
            return True
        if any(self.links[j] for j in below[:2]) and 2 * sum(self.links[j] for j in below) > len(below):
            return True
        comments = self.markup.comments
        return comments.match(first) is not None and 3 * sum(
            comments.match(self.blocks[j].text.strip()) is not None for j in below
        ) >= len(below)

    def _fits(self, e: int, enough: float, run: list[int]) -> bool:
        """Whether a known container holds the article, beside a run that is worth more.

        A second article may be longer than the one that the page is about, but stands below it.
        """
        own, worth = self.shares.text[e] - self.shares.linked[e], self.shares.worth[e]
        if own >= enough:
            return worth >= -LINK_COST
        return own >= LEAST_WORTH and worth >= 0.5 * own and self._first(~e) < self._first(run[0])

    def _first(self, item: int) -> int:
        """The first block of an item."""
        return next(iter(self._within([item])), len(self.blocks))

    def _is_link(self, block: Block, size: int) -> bool:
        """Whether a block is a link, or an entry of a list that is half a link."""
        if block.linked >= 120 and block.text.count("。") >= 2:
            return False  # a link that was left open before a paragraph
        return block.linked > 0.5 * size or (
            size < 80 and block.linked > 0.3 * size and self.elements[block.element].tag == "li"
        )

    def _worths(self) -> list[float]:
        """What each block is worth."""
        worths: list[float] = []
        for block, size, link, prose in zip(self.blocks, self.sizes, self.links, self.prose, strict=True):
            if link:
                worths.append(-min(size, LINK_COST) - 2.0)
                continue
            if size < MOST_FURNITURE and self._is_notice(block.text, size):
                worths.append(FURNITURE)
                continue
            own = size - block.linked
            if own >= LEAST_PROSE:
                own -= len(DIGIT.findall(block.text))
            if own < LEAST_PROSE or self.unlikely[block.element] or (own < 20 and not prose):
                worths.append(-1.0)
            else:
                worths.append(float(own) if prose else 0.5 * own)
        return worths

    def _is_notice(self, text: str, size: int) -> bool:
        """Whether a block is short for the words of page furniture, or the bars between links, in it."""
        words = set(self.markup.furniture.findall(text))
        if words and text.rstrip().endswith(("。", "：", ":")):
            words -= self.markup.hosts
        bars = (text.count("|") + text.count("｜")) // 4
        if not words and not bars:
            return False
        hits = len(words) + bars
        return (hits > 0 and size < 30) or (hits > 1 and size < 40 * hits)

    def _sum(self) -> Shares:
        shares = Shares(len(self.elements))
        for block, worth, size in zip(self.blocks, self.worths, self.sizes, strict=True):
            e = block.element
            shares.worth[e] += worth
            shares.text[e] += size
            shares.linked[e] += block.linked
            if worth > 10:
                shares.prose[e] += size
            elif worth == FURNITURE:
                shares.furniture[e] += size
        columns: list[list[Any]] = [shares.worth, shares.text, shares.linked, shares.prose, shares.furniture]
        for values in columns:
            for e in range(len(values) - 1, 0, -1):
                if values[e]:
                    values[self.parents[e]] += values[e]
        return shares

    def _run_worth(self, run: list[int]) -> float:
        return sum(self.worths[item] if item >= 0 else self.shares.worth[~item] for item in run)

    def _best_run(self) -> tuple[int, list[int]]:
        """The element and the run of its items that are worth most together; of equal ones the innermost."""
        best, found = float("-inf"), (0, 0, 0)
        worths, shares = self.worths, self.shares.worth
        for e, element in enumerate(self.elements):
            worth, start = 0.0, 0
            for at, item in enumerate(element.items):
                if worth <= 0:
                    worth, start = 0.0, at
                worth += worths[item] if item >= 0 else shares[~item]
                if worth >= best:
                    best, found = worth, (e, start, at + 1)
        e, start, end = found
        return e, self.elements[e].items[start:end]

    def _grow(self, e: int, run: list[int]) -> tuple[int, list[int]]:
        """The run widened in its element; where this is a paragraph that it fills, in the element around it, and so on."""
        run = self._widen(e, run)
        while self.parents[e] >= 0 and len(run) == len(self.elements[e].items) and self._holds_one(e):
            run, e = [~e], self.parents[e]
            run = self._widen(e, run)
        return e, run

    def _holds_one(self, e: int) -> bool:
        """Whether an element is a paragraph, or holds one block and nothing else."""
        element = self.elements[e]
        return element.tag in HOLDS_ONE or (len(element.items) == 1 and element.items[0] >= 0)

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
            return self.worths[item] < -1.0 and (not self.links[item] or self._is_stray(item))
        e, shares = ~item, self.shares
        if self._is_furniture(e):
            return True
        return (shares.linked[e] > 0.3 * shares.text[e] or shares.worth[e] < -15) and not self._is_attached(e)

    def _is_attached(self, e: int) -> bool:
        """Whether the links of an element are attachments, all of them: they belong to the text that they stand behind."""
        if not 0 < self.shares.text[e] <= MOST_ATTACHED or self.shares.linked[e] == 0:
            return False
        return not any(self._is_stray(i) for i in self._within([~e]))

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
        shares = self.shares
        if self.unlikely[e]:
            return True
        if shares.furniture[e] > 0.3 * shares.text[e] and shares.prose[e] < shares.furniture[e]:
            return True
        return shares.linked[e] > 0.5 * shares.text[e] and shares.prose[e] == 0 and not self._is_attached(e)
