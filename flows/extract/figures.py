"""Figures and ignored numerals: each numeral of the kept text becomes a row of one or the other."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from flows.clean.lines import Line
from flows.extract.context import CONNECTORS, Passage, Surroundings, surroundings
from flows.extract.measures import Choice, category_of, choose
from flows.extract.numerals import Numeral, find_numerals
from flows.extract.periods import Period, period_of

GROWTH = re.compile(
    r"(?:增长|增加|提高|提升|下降|减少|上升|增幅|降低|同比|环比|多出?|净增|翻|↑|↓)(?:了|约|近|超过|幅度?|达|率|至少|为)*$"
)
REACHED = re.compile(r"(?:到|至)$")
OTHERS = re.compile(
    r"(?:^|[,;。、])(?:市|省|区|县)?(?:政府|教育局|卫健委|法院|检察院|公安局|人大|发改委|[\u4e00-\u9fff]{2,6}(?:局|厅|公司|集团))[^,;。]{0,20}$"
)
PLANNED = re.compile(
    r"(?:力争|确保|(?<!列入)(?<!纳入)计划|拟|预计|将(?:于|在|达|达到|继续|建成|召开|开展|组织|举办|实施|完成|推出))[^,;。]{0,24}$"
)
BOLD = re.compile(r"\*\*+")


@dataclass(frozen=True)
class Evidence:
    """Where a mention stands in the raw lines: its first line, and the rest where a break parts it."""

    line_no: int
    start: int
    end: int
    quote: str
    continued: str


@dataclass(frozen=True)
class Figure:
    """One quantity with all that is known of it; fields as in `schemas.tables.Figures`."""

    measure: str
    statistic: str
    category: str
    value: float
    value_high: float | None
    unit: str
    bound: str
    whose: str
    planned: bool
    period: Period | None
    section: str
    sentence: str
    evidence: Evidence
    rule: str
    confidence: float


@dataclass(frozen=True)
class IgnoredNumeral:
    """One numeral that is no figure."""

    rule: str
    evidence: Evidence


def extract_figures(
    passages: list[Passage], lines: list[Line], own: Period | None
) -> tuple[list[Figure], list[IgnoredNumeral]]:
    """Every numeral of the passages, as a figure or an ignored numeral.

    Args:
        passages: the kept text.
        lines: all lines of the page, to quote from.
        own: period of the report.
    """
    figures: list[Figure] = []
    ignored: list[IgnoredNumeral] = []
    for passage in passages:
        numerals = find_numerals(passage.folded)
        quantities = [numeral for numeral in numerals if not numeral.ignored]
        ignored += [
            IgnoredNumeral(numeral.ignored, locate(passage, numeral.start, numeral.end, lines))
            for numeral in numerals
            if numeral.ignored
        ]
        last: Figure | None = None
        for i, numeral in enumerate(quantities):
            before = quantities[i - 1].end if i else 0
            after = quantities[i + 1].start if i + 1 < len(quantities) else len(passage.folded)
            around = surroundings(passage, numeral.start, numeral.end, before, after)
            same_sentence = last is not None and before > passage.sentence(numeral.start)[0]
            last = _figure(numeral, passage, around, last if same_sentence else None, lines, own)
            figures.append(last)
    return figures, ignored


def _figure(
    numeral: Numeral, passage: Passage, around: Surroundings, last: Figure | None, lines: list[Line], own: Period | None
) -> Figure:
    """One figure; `last` is the one before it in the same sentence."""
    low, high = passage.sentence(numeral.start)
    statistic = _statistic(numeral, around)
    choice, category = _measure(numeral, around, statistic, last)
    planned = passage.planning or PLANNED.search(around.before) is not None
    return Figure(
        measure=choice.measure,
        statistic=statistic,
        category=category,
        value=numeral.value,
        value_high=numeral.high,
        unit=numeral.unit,
        bound=numeral.bound,
        whose="other" if OTHERS.search(around.before) else "own",
        planned=planned,
        period=period_of(around.sentence, own, passage.planning),
        section=passage.section,
        sentence=passage.text(low, high),
        evidence=locate(passage, numeral.start, numeral.end, lines),
        rule=choice.rule,
        confidence=choice.confidence,
    )


def _statistic(numeral: Numeral, around: Surroundings) -> str:
    """Absolute quantity, share of a whole, or change."""
    grew = GROWTH.search(around.before) and not REACHED.search(around.before)
    if numeral.unit in ("百分点",):
        return "change"
    if numeral.unit in ("%", "‰", "成"):
        return "change" if grew and not around.whole else "share"
    return "change" if grew else "count"


def _measure(numeral: Numeral, around: Surroundings, statistic: str, last: Figure | None) -> tuple[Choice, str]:
    """Measure and category. A share or change without a noun of its own is one of the figure before it."""
    choice = choose(around, numeral.unit)
    bare = not CONNECTORS.sub("", around.before.strip(" ,、("))
    if choice.weight < 2 and last is not None and last.unit == numeral.unit and bare:
        return Choice(last.measure, 3.0, "of_figure_before"), last.category
    depends = statistic != "count" and (around.whole or statistic == "change" or choice.weight < 3)
    if depends and last is not None and (choice.weight < 3 or not around.before.strip(" ,、(")):
        return Choice(last.measure, 4.0, "of_figure_before"), last.category
    return choice, category_of(choice.measure, around)


def locate(passage: Passage, start: int, end: int, lines: list[Line]) -> Evidence:
    """Raw place of a span of clean text, with the bold marks that stand around its number.

    Args:
        passage: the paragraph.
        start, end: the span in its text.
        lines: all lines of the page; line number n is at place n - 1.
    """
    spans = passage.mapped.spans(start, end)
    line_no, low, high = spans[0]
    raw = lines[line_no - 1].raw
    marks = _bold_marks(raw)
    if raw[low - 2 : low] == "**" and bisect_left(marks, low) % 2 == 1:
        low -= 2
    if raw[high : high + 2] == "**" and bisect_left(marks, high) % 2 == 1:
        high += 2
    continued = "".join(lines[no - 1].raw[first:stop] for no, first, stop in spans[1:])
    return Evidence(line_no, low, high, raw[low:high], continued)


@lru_cache(maxsize=8)
def _bold_marks(raw: str) -> list[int]:
    """Places of the bold marks in a line: those at even places of the list open, the others close."""
    return [match.start() for match in BOLD.finditer(raw)]
