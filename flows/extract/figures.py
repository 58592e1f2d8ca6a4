"""Figures and ignored numerals: each numeral of the kept text becomes a row of one or the other."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from flows.clean.lines import Line
from flows.extract.context import CONNECTORS, Passage, Surroundings, surroundings
from flows.extract.lists import LISTED, Member, respective
from flows.extract.measures import Choice, category_of, choose
from flows.extract.numerals import Numeral, find_numerals
from flows.extract.periods import Period, period_of
from flows.extract.whose import Committee, committee_of, whose_of
from schemas.vocabulary.measures import rows

GROWTH = re.compile(
    r"(?:增长|增加|提高|提升|下降|减少|上升|增幅|降低|同比|环比|多出?|净增|翻|↑|↓)(?:了|约|近|超过|幅度?|达|率|至少|为)*$"
)
GROWTH_WORDS = re.compile(
    r"(?:(?:比|较|与|同)?(?:去年|上年|上一年|往年|前一?年|年初|同期|上届|20\d\d年)(?:同期)?(?:相比|比)?|增长|增加|提高|提升|下降|减少|上升|增幅|降低|同比|环比|幅度|分别|[了约近达率为↑↓,、(])+"
)
REACHED = re.compile(r"(?:到|至)$")
PLANNED = re.compile(
    r"(?:力争|确保|计划(?<![列纳]入计划)(?<![学作动年协商]计划)(?=[^、,;。]{0,3}(?:安排|组织|召开|开展|举办|完成|实施|建设|建成|推出|培训|新增|改造|投入|围绕))|拟(?!解决|采纳|办理|落实)|打算|预计|将(?:于|在|达|达到|进一步|继续|紧紧|深入|全力|着力|持续|认真|积极|切实|不断|大力|建成|召开|开展|组织|举办|实施|完成|推出|协商|确定|新增|围绕|重点)|今年(?:要|将|计划|拟))"
    r"(?![^;。]*(?:已|共收到|累计))[^;。]{0,48}$"
)
RATES = re.compile(
    r"((?:[^,;。、和与及]{2,10}率[、和与及])+[^,;。、和与及]{2,10}率)(?:均|都|全部|分别|达|为|是|实现|保持|在|到|了)*$"
)
HIGHER = "proposals.to_higher"
PEOPLE = frozenset({"名", "位", "人", "人次"})
PARTIES = frozenset({"organisations.involved", "members.total", "activities.participants"})
TOPICAL = "proposals.topic"
CLASS_NAME = re.compile(r"[\u4e00-\u9fff]{2,10}")
REMEMBERED = 12  # figures of a sentence that a later one may refer to
BRACKETS = 60  # characters: what is farther away opens no brackets around a number
WEAK = 2.0  # weight up to which a cue is no more than a guess
SURE = 4.0  # weight from which on a name tells the measure against that of the list
NAMED = 3.0  # weight from which on a name tells the measure
BOLD = re.compile(r"\*\*+")


class Evidence(NamedTuple):
    """Where a mention stands in the raw lines: its first line, and the rest where a break parts it."""

    line_no: int
    start: int
    end: int
    quote: str
    continued: str


class Figure(NamedTuple):
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


class IgnoredNumeral(NamedTuple):
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
    committee = committee_of(passages)
    for passage in passages:
        numerals = find_numerals(passage.folded)
        quantities = [numeral for numeral in numerals if not numeral.ignored]
        ignored += [
            IgnoredNumeral(numeral.ignored, locate(passage, numeral.start, numeral.end, lines))
            for numeral in numerals
            if numeral.ignored
        ]
        members = respective(passage.folded, quantities)
        sentence: list[tuple[Figure, bool]] = []
        for i, numeral in enumerate(quantities):
            before = quantities[i - 1].end if i else 0
            after = _noun_end(quantities, i, len(passage.folded))
            around = surroundings(passage, numeral.start, numeral.end, before, after)
            if before <= around.low and not passage.folded.startswith("其中", around.low):
                sentence = []
            aside = _in_brackets(passage.folded, numeral.start)
            earlier = [figure for figure, beside in sentence if aside or not beside]
            found = _figures(numeral, passage, around, earlier, members.get(i), lines, own, committee)
            figures += found
            sentence = [*sentence[1 - REMEMBERED :], (found[0], aside)]
    return figures, ignored


def _in_brackets(text: str, place: int) -> bool:
    """Whether a place stands in round brackets that were opened not far before it."""
    near = text[max(0, place - BRACKETS) : place]
    return near.rfind("(") > near.rfind(")")


def _noun_end(quantities: list[Numeral], i: int, end: int) -> int:
    """Where the noun that follows a number must end: at the next one, but for `6组26件提案`, which have one noun."""
    following = i + 1
    if following < len(quantities) and quantities[following].start == quantities[i].end:
        following += 1
    return quantities[following].start if following < len(quantities) else end


def _figures(
    numeral: Numeral,
    passage: Passage,
    around: Surroundings,
    earlier: list[Figure],
    member: Member | None,
    lines: list[Line],
    own: Period | None,
    committee: Committee,
) -> list[Figure]:
    """The figure that a number states, or one for each rate that it stands for.

    `earlier` are the figures before it in the same sentence, `member` says where in a list it stands.
    """
    statistic = _statistic(numeral, around)
    choices, category = _measures(numeral, around, statistic, earlier, member)
    planned = passage.planning or PLANNED.search(around.sentence) is not None
    first = Figure(
        measure=choices[0].measure,
        statistic=statistic,
        category=category,
        value=numeral.value,
        value_high=numeral.high,
        unit=numeral.unit,
        bound=numeral.bound,
        whose=whose_of(around.sentence, passage.section, choices[0].measure, committee),
        planned=planned,
        period=period_of(around.sentence, own, planned),
        section=passage.section,
        sentence=passage.text(around.low, around.high),
        evidence=locate(passage, numeral.start, numeral.end, lines),
        rule=choices[0].rule,
        confidence=choices[0].confidence,
    )
    others = [
        first._replace(measure=choice.measure, rule=choice.rule, confidence=choice.confidence) for choice in choices[1:]
    ]
    return [first, *others]


def _statistic(numeral: Numeral, around: Surroundings) -> str:
    """Absolute quantity, share of a whole, or change."""
    grew = GROWTH.search(around.before) and not REACHED.search(around.before)
    if numeral.unit in ("百分点",):
        return "change"
    if numeral.unit in ("%", "‰", "成"):
        return "change" if grew and not around.whole else "share"
    return "change" if grew else "count"


def _measures(
    numeral: Numeral, around: Surroundings, statistic: str, earlier: list[Figure], member: Member | None
) -> tuple[list[Choice], str]:
    """The measures of a number, one but for a number that stands for several rates, and its category."""
    if member and (found := _of_member(numeral, around, earlier, member)):
        return [found[0]], found[1]
    if statistic == "share" and (match := RATES.search(around.before)):
        return _of_rates(numeral, around, match.group(1)), ""
    choice, category = _measure(numeral, around, statistic, earlier)
    return [choice], category


def _measure(numeral: Numeral, around: Surroundings, statistic: str, earlier: list[Figure]) -> tuple[Choice, str]:
    """Measure and category. A share or change without a noun of its own is one of the figure before it."""
    last = _referred(earlier, statistic, around)
    choice = choose(around, numeral.unit)
    alike = last is not None and (last.unit == numeral.unit or (around.adjacent and numeral.unit not in PEOPLE))
    if choice.weight < WEAK and last is not None and alike:
        named = CONNECTORS.sub("", around.before.strip(" ,、("))
        is_class = last.measure == TOPICAL and CLASS_NAME.fullmatch(named) is not None
        return Choice(last.measure, 3.0, "of_figure_before"), named if is_class else last.category
    if around.part and last is not None and last.measure == HIGHER and choice.measure.startswith("proposals."):
        return Choice(HIGHER, 3.0, "of_figure_before"), ""
    depends = statistic != "count" and (around.whole or statistic == "change" or choice.weight < 3)
    grows = statistic == "change" and len(GROWTH_WORDS.sub("", around.before)) > 2 and not around.borrowed
    if depends and last is not None and not grows and (choice.weight < 3 or not around.before.strip(" ,、(")):
        return Choice(last.measure, 4.0, "of_figure_before"), last.category
    return choice, category_of(choice.measure, around)


def _referred(earlier: list[Figure], statistic: str, around: Surroundings) -> Figure | None:
    """The figure that one without a noun of its own is about: the one before it; behind a number of people or bodies the share
    before that, as in 满意率85%,其中3个部门超过95%."""
    if not earlier:
        return None
    if statistic == "share" and not around.whole and earlier[-1].measure in PARTIES:
        return next((figure for figure in reversed(earlier) if figure.statistic == "share"), earlier[-1])
    return earlier[-1]


def _of_member(
    numeral: Numeral, around: Surroundings, earlier: list[Figure], member: Member
) -> tuple[Choice, str] | None:
    """Measure and category of a number in a list: by the name that 分别 gives to it, or of the figure that stands in the same
    place of the list before it."""
    if member.name:
        own = replace(around, before=member.name, head="", borrowed=False)
        choice = choose(own, numeral.unit)
        if choice.weight >= NAMED:
            return choice, category_of(choice.measure, own)
    of_all = choose(replace(around, before=member.all, head="", borrowed=False), numeral.unit)
    listed = earlier[: len(earlier) - member.place][-member.length :]
    if len(listed) == member.length and not member.name and numeral.unit != listed[0].unit:
        if of_all.weight >= SURE:
            return of_all, listed[member.place].category
        return Choice(listed[member.place].measure, 4.0, "of_figure_in_list"), listed[member.place].category
    return None


def _of_rates(numeral: Numeral, around: Surroundings, names: str) -> list[Choice]:
    """The measures of one number that stands for several rates, in the order of the vocabulary."""
    choices = [choose(replace(around, before=name, borrowed=False), numeral.unit) for name in LISTED.split(names)]
    strong = [choice for choice in choices if choice.weight >= NAMED] or choices[:1]
    by_measure = {choice.measure: choice for choice in reversed(strong)}
    return [by_measure[measure] for measure in sorted(by_measure, key=rows().__getitem__)]


def locate(passage: Passage, start: int, end: int, lines: list[Line]) -> Evidence:
    """Raw place of a span of clean text, with the bold marks that stand around its number.

    Args:
        passage: the paragraph.
        start, end: the span in its text.
        lines: all lines of the page; line number n is at place n - 1.
    """
    runs = passage.mapped.runs
    continued = ""
    if len(runs) == 1:  # most paragraphs are of one raw line as it is
        at, line_no, begins = runs[0]
        low, high = start + begins - at, end + begins - at
    else:
        (line_no, low, high), *rest = passage.mapped.spans(start, end)
        continued = "".join(lines[no - 1].raw[first:stop] for no, first, stop in rest) if rest else ""
    raw = lines[line_no - 1].raw
    if "**" in raw:
        if raw[low - 2 : low] == "**" and bisect_left(_bold_marks(raw), low) % 2 == 1:
            low -= 2
        if raw[high : high + 2] == "**" and bisect_left(_bold_marks(raw), high) % 2 == 1:
            high += 2
    return Evidence(line_no, low, high, raw[low:high], continued)


@lru_cache(maxsize=8)
def _bold_marks(raw: str) -> list[int]:
    """Places of the bold marks in a line: those at even places of the list open, the others close."""
    return [match.start() for match in BOLD.finditer(raw)]
