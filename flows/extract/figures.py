"""Figures and ignored numerals: each numeral of the kept text becomes a row of one or the other."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from flows.clean.lines import Line
from flows.extract.context import CONNECTORS, STOP, Passage, Surroundings, surroundings
from flows.extract.measures import Choice, category_of, choose
from flows.extract.numerals import Numeral, find_numerals
from flows.extract.periods import Period, period_of
from schemas.vocabulary.measures import rows

GROWTH = re.compile(
    r"(?:增长|增加|提高|提升|下降|减少|上升|增幅|降低|同比|环比|多出?|净增|翻|↑|↓)(?:了|约|近|超过|幅度?|达|率|至少|为)*$"
)
GROWTH_WORDS = re.compile(
    r"(?:(?:比|较|与|同)?(?:去年|上年|上一年|往年|前一?年|年初|同期|上届|20\d\d年)(?:同期)?(?:相比|比)?|增长|增加|提高|提升|下降|减少|上升|增幅|降低|同比|环比|幅度|分别|[了约近达率为↑↓,、(])+"
)
REACHED = re.compile(r"(?:到|至)$")
# Somebody else at the beginning of a clause, and whom the work of a report is by.
OTHERS = re.compile(
    r"(?:(?:去年|今年|全年|20\d\d年)[,]?)?(?!走访|调研|深入|视察|考察|联合|会同|邀请|组织|推动|协调|助推|促成|帮助|督促|建议|支持|服务|联系|召开|开展)"
    r"(?:全?[市省区县州旗]|自治区|国家)?(?:人民)?"
    r"(?:政府(?!工作报告)|法院|检察院|人大|(?:(?!政协)[\u4e00-\u9fff]){1,6}(?:(?<![格大全布结开破])局|(?<![客事])厅|卫健委|发改委|公司|集团))"
)
# A committee at the beginning of a clause by its place and level; that of another level works for itself.
COMMITTEE = re.compile(
    r"(?!.?[向与和同为对受由经被在以赴到是]|承办|参加|邀请|联合|会同|配合|协助|接待|推动|指导|聚焦|围绕|组织|牵头|开展|支持|转报|报送|提交|推荐|上报)"
    r"(?:[\u4e00-\u9fff]{0,8}?)(?P<level>全国|省|自治区|市|(?<!自治)区|县|州|旗)政协(?!及|和|、|[^,;。]{0,4}(?:采用|采纳|录用|转化|批示|刊用|选用|表彰|评为|领导|主席|提案|委员))"
)
LEVELS = re.compile(r"(全国|省|自治区|市|(?<!自治)区|县|州|旗)政协")
OURS = re.compile(r".{0,8}(?:政协|委员(?!会)|我们|(?<!人大)常委会|主席|专委会|界别|提案)")
CLAUSE = re.compile(r"[,。!?]")
PLANNED = re.compile(
    r"(?:力争|确保|(?<![列纳]入)(?<![学作动年协商])计划(?=[^、,;。]{0,3}(?:安排|组织|召开|开展|举办|完成|实施|建设|建成|推出|培训|新增|改造|投入|围绕))|拟(?!解决|采纳|办理|落实)|打算|预计|将(?:于|在|达|达到|进一步|继续|紧紧|深入|全力|着力|持续|认真|积极|切实|不断|大力|建成|召开|开展|组织|举办|实施|完成|推出|协商|确定|新增|围绕|重点)|今年(?:要|将|计划|拟))"
    r"(?![^;。]*(?:已|共收到|累计))[^;。]{0,48}$"
)
RATES = re.compile(r"((?:[^,;。、和与及]{2,10}率[、和与及])+[^,;。、和与及]{2,10}率)(?:均|都|全部|分别|达|为|是|实现|保持|在|到|了)*$")
LISTED = re.compile(r"\s*[、和及与,]\s*")
CLAUSE_REACH = 120  # characters: a longer clause is no list of names
HIGHER = "proposals.to_higher"
OUTPUT = ("proposals.", "opinions.", "outputs.")
PEOPLE = frozenset({"名", "位", "人", "人次"})
REMEMBERED = 12  # figures of a sentence that a later one may refer to
BRACKETS = 60  # characters: what is farther away opens no brackets around a number
SURE = 4.0  # weight from which on a name tells the measure against that of the list
NAMED = 3.0  # weight from which on a name tells the measure
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
    level = _level(passages)
    for passage in passages:
        numerals = find_numerals(passage.folded)
        quantities = [numeral for numeral in numerals if not numeral.ignored]
        ignored += [
            IgnoredNumeral(numeral.ignored, locate(passage, numeral.start, numeral.end, lines))
            for numeral in numerals
            if numeral.ignored
        ]
        members = _respective(passage.folded, quantities)
        sentence: list[tuple[Figure, bool]] = []
        for i, numeral in enumerate(quantities):
            before = quantities[i - 1].end if i else 0
            after = _noun_end(quantities, i, len(passage.folded))
            if before <= passage.sentence(numeral.start)[0]:
                sentence = []
            around = surroundings(passage, numeral.start, numeral.end, before, after)
            aside = _in_brackets(passage.folded, numeral.start)
            earlier = [figure for figure, beside in sentence if aside or not beside]
            figures.append(_figure(numeral, passage, around, earlier, members.get(i), lines, own, level))
            sentence = [*sentence[1 - REMEMBERED :], (figures[-1], aside)]
    return figures, ignored


def _in_brackets(text: str, place: int) -> bool:
    """Whether a place stands in round brackets that were opened not far before it."""
    near = text[max(0, place - BRACKETS) : place]
    return near.rfind("(") > near.rfind(")")


def _noun_end(quantities: list[Numeral], i: int, end: int) -> int:
    """Where the noun that follows a number must end: at the next one, but for `6组26件提案`, which have one noun."""
    following = quantities[i + 1 :]
    if following and following[0].start == quantities[i].end:
        following = following[1:]
    return following[0].start if following else end


@dataclass(frozen=True)
class Member:
    """A number of a list `A、B分别为10件、8件`: its place in the list, the length, what it is of, if the sentence names it, and
    the words before 分别."""

    place: int
    length: int
    name: str
    all: str


def _respective(text: str, quantities: list[Numeral]) -> dict[int, Member]:
    """Numbers that 分别 gives to the things of a list, by their index."""
    found: dict[int, Member] = {}
    first = 0
    while first < len(quantities):
        last = first
        while (
            last + 1 < len(quantities)
            and quantities[last + 1].unit == quantities[last].unit
            and LISTED.fullmatch(text, quantities[last].end, quantities[last + 1].start)
        ):
            last += 1
        length = last - first + 1
        clause = text[max(0, quantities[first].start - CLAUSE_REACH) : quantities[first].start]
        clause = STOP.split(clause[clause.rfind("。") + 1 :])[-1]
        if length > 1 and "分别" in clause:
            names = _names(clause, length)
            found |= {first + i: Member(i, length, names[i], clause.rpartition("分别")[0]) for i in range(length)}
        first = last + 1
    return found


def _names(clause: str, length: int) -> list[str]:
    """What each number of a list is of, by the words around 分别; empty words where it does not say."""
    before, _, after = clause.rpartition("分别")
    for part in (after, before):
        for parting in (r"、", r"[、和及与]"):
            names = [name.strip() for name in re.split(parting, part)]
            if len(names) == length and all(names):
                of = names[-1].rpartition("的")[2] if "的" in names[-1] else ""
                shared = of or ("率" if names[-1].endswith("率") else "")
                return [name if name.endswith(shared) else name + shared for name in names]
    return [""] * length


def _figure(
    numeral: Numeral,
    passage: Passage,
    around: Surroundings,
    earlier: list[Figure],
    member: Member | None,
    lines: list[Line],
    own: Period | None,
    level: str,
) -> Figure:
    """One figure; `earlier` are those before it in the same sentence, `member` says where in a list it stands."""
    low, high = passage.sentence(numeral.start)
    statistic = _statistic(numeral, around)
    choice, category = _measure(numeral, around, statistic, earlier, member)
    planned = passage.planning or PLANNED.search(around.sentence) is not None
    return Figure(
        measure=choice.measure,
        statistic=statistic,
        category=category,
        value=numeral.value,
        value_high=numeral.high,
        unit=numeral.unit,
        bound=numeral.bound,
        whose=_whose(around.sentence, choice.measure, level),
        planned=planned,
        period=period_of(around.sentence, own, planned),
        section=passage.section,
        sentence=passage.text(low, high),
        evidence=locate(passage, numeral.start, numeral.end, lines),
        rule=choice.rule,
        confidence=choice.confidence,
    )


def _level(passages: list[Passage]) -> str:
    """Level of the committee that a report is of: the one that it names most often, as in 市政协; empty for none."""
    levels = Counter(match for passage in passages for match in LEVELS.findall(passage.folded))
    return levels.most_common(1)[0][0] if levels else ""


def _whose(sentence: str, measure: str, level: str) -> str:
    """Whose work a number is of, by who is named last at the beginning of a clause before it.

    Proposals, opinions and suggestions are the committee's, whoever handles or adopts them; those of another committee are
    not.
    """
    whose = "own"
    for clause in CLAUSE.split(sentence[sentence.rfind(";") + 1 :]):
        committee = COMMITTEE.match(clause)
        if committee:
            whose = "own" if committee.group("level") == level else "other"
        elif OTHERS.match(clause):
            whose = "own" if measure.startswith(OUTPUT) and "人大" not in clause else "other"
        elif OURS.match(clause):
            whose = "own"
    return whose


def _statistic(numeral: Numeral, around: Surroundings) -> str:
    """Absolute quantity, share of a whole, or change."""
    grew = GROWTH.search(around.before) and not REACHED.search(around.before)
    if numeral.unit in ("百分点",):
        return "change"
    if numeral.unit in ("%", "‰", "成"):
        return "change" if grew and not around.whole else "share"
    return "change" if grew else "count"


def _measure(
    numeral: Numeral, around: Surroundings, statistic: str, earlier: list[Figure], member: Member | None
) -> tuple[Choice, str]:
    """Measure and category. A share or change without a noun of its own is one of the figure before it."""
    if member and (found := _of_member(numeral, around, earlier, member)):
        return found
    if statistic == "share" and (match := RATES.search(around.before)):
        return _of_rates(numeral, around, match.group(1)), ""
    last = _referred(earlier, statistic, around)
    choice = choose(around, numeral.unit)
    if choice.weight < 2 and last is not None:
        if last.unit == numeral.unit or (around.adjacent and numeral.unit not in PEOPLE):
            return Choice(last.measure, 3.0, "of_figure_before"), last.category
    if around.part and last is not None and last.measure == HIGHER and choice.measure.startswith("proposals."):
        return Choice(HIGHER, 3.0, "of_figure_before"), ""
    depends = statistic != "count" and (around.whole or statistic == "change" or choice.weight < 3)
    grows = statistic == "change" and len(GROWTH_WORDS.sub("", around.before)) > 2 and not around.borrowed
    if depends and last is not None and not grows and (choice.weight < 3 or not around.before.strip(" ,、(")):
        return Choice(last.measure, 4.0, "of_figure_before"), last.category
    return choice, category_of(choice.measure, around)


def _referred(earlier: list[Figure], statistic: str, around: Surroundings) -> Figure | None:
    """The figure that one without a noun of its own is about: the one before it; of a share of nothing the share before it."""
    if statistic == "share" and not around.whole:
        for figure in reversed(earlier):
            if figure.statistic == "share":
                return figure
    return earlier[-1] if earlier else None


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


def _of_rates(numeral: Numeral, around: Surroundings, names: str) -> Choice:
    """The measure of one number that stands for several rates: the highest row of the vocabulary among them."""
    choices = [choose(replace(around, before=name, borrowed=False), numeral.unit) for name in LISTED.split(names)]
    strong = [choice for choice in choices if choice.weight >= NAMED] or choices
    first = min(strong, key=lambda choice: rows()[choice.measure])
    codes = dict.fromkeys(choice.measure for choice in strong)
    return Choice(first.measure, first.weight, f"of_rates:{','.join(codes)}")


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
    if raw[low - 2 : low] == "**" and bisect_left(_bold_marks(raw), low) % 2 == 1:
        low -= 2
    if raw[high : high + 2] == "**" and bisect_left(_bold_marks(raw), high) % 2 == 1:
        high += 2
    continued = "".join(lines[no - 1].raw[first:stop] for no, first, stop in spans[1:])
    return Evidence(line_no, low, high, raw[low:high], continued)


@lru_cache(maxsize=8)
def _bold_marks(raw: str) -> list[int]:
    """Places of the bold marks in a line: those at even places of the list open, the others close."""
    return [match.start() for match in BOLD.finditer(raw)]
