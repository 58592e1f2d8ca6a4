"""Ring 2: the arithmetic of one report's prose. What is stated must agree with itself.

Parts and wholes are taken from one sentence first, then from one paragraph, then from the report. A rule that finds no whole, or more
ways to read a list than one, says nothing: silence is cheaper than a false alarm.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise, takewhile
from typing import Any

from schemas.checks.numbers import HALF, Span, last_digit, plain, total
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated

SUBMITTED, FILED, REPLIED, KEY = "proposals.submitted", "proposals.filed", "proposals.replied", "proposals.key"
INDIVIDUAL, COLLECTIVE, TOPIC = "proposals.individual", "proposals.collective", "proposals.topic"
RESOLVED, IN_PROGRESS, DEFERRED = "proposals.resolved", "proposals.in_progress", "proposals.deferred"
BY_AUTHOR = (INDIVIDUAL, COLLECTIVE)
BY_RESULT = (RESOLVED, IN_PROGRESS, DEFERRED)
# What a part of the proposals may be a part of, likeliest first.
WHOLES = {
    INDIVIDUAL: (FILED, SUBMITTED),
    COLLECTIVE: (FILED, SUBMITTED),
    TOPIC: (FILED, SUBMITTED, REPLIED),
    RESOLVED: (FILED, REPLIED, SUBMITTED),
    IN_PROGRESS: (FILED, REPLIED, SUBMITTED),
    DEFERRED: (FILED, REPLIED, SUBMITTED),
    FILED: (SUBMITTED,),
    REPLIED: (FILED, SUBMITTED),
    "proposals.contacted": (FILED, SUBMITTED),
    KEY: (FILED, SUBMITTED),
    "proposals.merged": (FILED, SUBMITTED),
}
# What all of the proposals may be: key ones may all be answered, and be few.
OF_ALL = (REPLIED, FILED, "proposals.contacted")
# The five fields by which proposals are sorted everywhere (五位一体): who lists them all lists everything.
FIVE_FIELDS = ("经济", "政治", "文化", "社会", "生态")
LEAST_TOPICS = 3
TOTALS = ("proposals", "opinions", "platforms")  # what a report counts once a year, not event by event
LEAST_TWICE = 100  # smaller numbers are alike by chance
MORE_CLASSES = re.compile(r"D类|[(“]D[)”]|其余|其他|另有|不予立案|退回")
SHARE_OF = re.compile(r"占(?!比)([^,;。由从比]*)$")
# A whole that is not among the proposals of this report.
FOREIGN_WHOLE = re.compile(r"委员|单位|部门|人数|全[省市国县区旗州盟]|党派|界别|同类|民生类|[个集]体提案|重点")
BREAKDOWN = re.compile(r"(?:提案(?:当)?中|按[^,;。]{1,6}分|从[^,;。]{1,8}看|分类(?:统计|情况|看)?)[,:]?[^,;。]*$")
A_CHOICE = re.compile(r"各|等|主要|较多|最多|重点|其中|优秀|大部分|前[三五]")
NAMED_WHOLE = re.compile(r"占([^,;。%]*)")
RESPECTIVELY = re.compile(r"分别占[^,;。%]*$")
OWN_WHOLE = re.compile(r"(?:总数|总量|总篇数|报送|信息数|收到)")
RATE = re.compile(r"([\u4e00-\u9fff]{2})率(?:均|也|就|都|已)?(?:为|达到?|是|有|约)?$")
AMONG = re.compile(r"其中[::,]?")
ROUNDED_OR_CUT = "half a step of the last digit that is written below, a whole one above: numbers are rounded or cut"
SPAN_TOLERANCE = "what 余, 多, 近, 约, 超 and 万 leave open"


def _ids(figures: Iterable[Stated]) -> tuple[str, ...]:
    return tuple(figure.figure_id for figure in figures)


def _sum(figures: Iterable[Stated]) -> str:
    return " + ".join(plain(figure.value) for figure in figures)


def _adds_up(parts: Sequence[Stated], scopes: list[list[Stated]], what: str) -> Outcome | None:
    """Whether the sum of parts meets a whole of the nearest scope, or of a wider one."""
    scopes = _plausible(scopes, parts)
    if not scopes:
        return None
    added = total(part.span for part in parts)
    whole = next((w for scope in scopes for w in scope if added.meets(w.span)), None)
    passed = whole is not None
    whole = whole or min(scopes[0], key=lambda w: abs(w.value - added.low))
    verb = "is" if passed else "is not"
    return Outcome(
        passed,
        str(whole.span),
        str(added),
        f"{_sum(parts)} = {added} {verb} the {whole} of {whole.measure} (line {whole.line_no}): {what}",
        _ids([*parts, whole]),
    )


def _plausible(scopes: list[list[Stated]], parts: Sequence[Stated]) -> list[list[Stated]]:
    """Scopes without numbers that are too small to be the whole.

    What stands in the sentence of a part, or is the most that was filed, may be the whole with an error in it.
    """
    most = max(part.span.low for part in parts)
    near = {part.sentence_no for part in parts}
    filed = max((w.value for scope in scopes for w in scope if w.measure == FILED), default=None)

    def may_be(whole: Stated) -> bool:
        top = whole.measure == FILED and whole.value == filed
        return whole.span.high >= most or whole.sentence_no in near or top

    kept = [[whole for whole in scope if may_be(whole)] for scope in scopes]
    return [scope for scope in kept if scope]


def _sets_of(groups: Iterable[list[Stated]], measures: Sequence[str], statistic: str) -> Iterator[list[list[Stated]]]:
    """From each group the figures of each measure, where all are stated, of the same years."""
    for group in groups:
        by_measure: dict[str, list[Stated]] = defaultdict(list)
        for figure in group:
            if figure.measure in measures and figure.statistic == statistic and not figure.category:
                by_measure[figure.measure].append(figure)
        if len(by_measure) == len(measures) and len({f.period for part in by_measure.values() for f in part}) == 1:
            yield [by_measure[measure] for measure in measures]


def _partitions(report: ReportView, measures: Sequence[str], statistic: str) -> Iterator[list[list[Stated]]]:
    """Sets of parts: of single sentences, else of single paragraphs, else of the report."""
    for groups in (report.sentences(), report.paragraphs(), [list(report.results)]):
        found = list(_sets_of(groups, measures, statistic))
        if found:
            yield from found
            return


def _choices(parts: list[list[Stated]]) -> Iterator[list[Stated]]:
    """Ways to read several figures of one part: one of them, or all together (委员个人…件、联名…件)."""
    everything = [figure for part in parts for figure in part]
    yield everything
    if len(everything) > len(parts):
        yield from (list(choice) for choice in combinations(everything, len(parts)) if _one_each(choice, parts))


def _one_each(choice: Sequence[Stated], parts: list[list[Stated]]) -> bool:
    return all(sum(figure in part for figure in choice) == 1 for part in parts)


def _named(measures: tuple[str, ...], words: str) -> tuple[str, ...]:
    """What may be the whole, by the words between 占 and a share: 占立案总数的 means those filed, 占办复提案的 those answered."""
    for word, measure in (("立案", FILED), ("办复", REPLIED), ("办结", REPLIED), ("已办", REPLIED)):
        if word in words and measure in measures:
            return (measure,)
    return measures


def _partition_outcomes(report: ReportView, measures: Sequence[str], what: str) -> Iterator[Outcome]:
    for parts in _partitions(report, measures, "count"):
        outcomes = []
        for choice in _choices(parts):
            last = max(choice, key=lambda figure: figure.ordinal)
            wholes = _named(WHOLES[measures[0]], " ".join(NAMED_WHOLE.findall(last.words)))
            outcome = _adds_up(choice, report.wholes(last, wholes, last.unit), what)
            if outcome is not None:
                outcomes.append(outcome)
        held = next((outcome for outcome in outcomes if outcome.passed), None)
        if held is not None:
            yield held
        elif len(outcomes) == 1 and not MORE_CLASSES.search(parts[-1][-1].words):
            yield outcomes[0]


@declare(
    REPORT,
    "parts_by_author",
    "error",
    "Proposals by members and collective ones add up to those filed, or to those received.",
    scope="sentence, paragraph, report",
    tolerance=SPAN_TOLERANCE,
    right="全年收到提案426件，立案385件，其中委员个人和联名提案287件、集体提案98件。",
    wrong="全年收到提案426件，立案385件，其中委员个人和联名提案281件、集体提案98件。",
)
def parts_by_author(report: ReportView) -> Iterator[Outcome]:
    """Individual and collective proposals against filed, else submitted."""
    yield from _partition_outcomes(report, BY_AUTHOR, "proposals by members and collective ones")


@declare(
    REPORT,
    "parts_by_result",
    "error",
    "Proposals resolved, in progress and deferred add up to those filed, or to those answered.",
    scope="sentence, paragraph, report",
    tolerance=SPAN_TOLERANCE + "; silent where a fourth class or a rest is named",
    right="立案提案164件。其中，A类（已解决或采纳）121件；B类（列入计划）33件；C类（留作参考）10件。",
    wrong="立案提案164件。其中，A类（已解决或采纳）112件；B类（列入计划）33件；C类（留作参考）10件。",
)
def parts_by_result(report: ReportView) -> Iterator[Outcome]:
    """Resolved, in progress and deferred against filed, else replied or submitted."""
    yield from _partition_outcomes(report, BY_RESULT, "proposals resolved, in progress and deferred")


def _topic_lists(report: ReportView) -> Iterator[list[Stated]]:
    """Runs of proposals by topic, each topic once, with nothing but their shares between them; of three topics and more."""
    run: list[Stated] = []
    for figure in report.results:
        if figure.measure == TOPIC and figure.category:
            known = {other.category for other in run if other.statistic == figure.statistic}
            if figure.category in known or (run and figure.period != run[0].period):
                yield from _listed(run)
                run = []
            run.append(figure)
        else:
            yield from _listed(run)
            run = []
    yield from _listed(run)


def _listed(run: list[Stated]) -> Iterator[list[Stated]]:
    if sum(figure.is_count for figure in run) >= LEAST_TOPICS:
        yield run


def _is_complete(run: list[Stated]) -> bool:
    """Whether a list of topics says that it names all: the five fields, shares up to 100, a heading each, or 提案中, 按内容分."""
    counts = [figure for figure in run if figure.is_count]
    shares = [figure for figure in run if figure.is_share]
    if all(any(figure.category.startswith(name) for figure in counts) for name in FIVE_FIELDS):
        return True
    if len(shares) == len(counts) and _shares_total(shares).meets(Span(100, 100)):
        return True
    headed = len({figure.section for figure in counts}) == len(counts)
    if headed and all(figure.category in figure.section for figure in counts):
        return True
    words = counts[0].words
    announced = BREAKDOWN.search(words[: counts[0].place]) if counts[0].place > 0 else None
    one = all(figure.sentence_no == counts[0].sentence_no for figure in counts)
    return bool(announced and one and not A_CHOICE.search(words))


@declare(
    REPORT,
    "parts_by_topic",
    "error",
    "Proposals listed by topic add up to those filed, where the list names all topics; they are never more.",
    scope="list of three topics and more; the whole from sentence, paragraph, report",
    tolerance=SPAN_TOLERANCE + "; a list that may be a choice is only held against the whole as an upper limit",
    right="全年立案提案226件。其中，经济建设类84件，政治建设类17件，文化建设类31件，社会建设类72件，生态文明建设类22件。",
    wrong="全年立案提案226件。其中，经济建设类84件，政治建设类17件，文化建设类13件，社会建设类72件，生态文明建设类22件。",
)
def parts_by_topic(report: ReportView) -> Iterator[Outcome]:
    """Topics against filed, else submitted."""
    for run in _topic_lists(report):
        parts = [figure for figure in run if figure.is_count]
        scopes = report.wholes(parts[0], WHOLES[TOPIC], parts[0].unit)
        outcome = _adds_up(parts, scopes, "proposals by topic")
        if outcome is None:
            continue
        added = total(part.span for part in parts)
        above = all(added.low > whole.span.high for scope in scopes for whole in scope)
        if outcome.passed or above or _is_complete(run):
            yield outcome


def _shares_total(shares: Iterable[Stated]) -> Span:
    return total(
        Span(share.value - HALF * step, share.value + step) if share.bound == "exact" else share.span
        for share in shares
        for step in [last_digit(share.quote, share.value)]
    )


def _hundred(shares: Sequence[Stated], what: str, *, at_most: bool = False) -> Outcome:
    added = _shares_total(shares)
    passed = added.low <= 100 if at_most else added.meets(Span(100, 100))
    stated = plain(round(sum(share.value for share in shares), 6))
    verb = "is" if passed else "is not"
    expected = "at most 100%" if at_most else "100%"
    return Outcome(
        passed, expected, f"{stated}%", f"{_sum(shares)} = {stated}% {verb} {expected}: {what}", _ids(shares)
    )


@declare(
    REPORT,
    "shares_add_up",
    "error",
    "Shares of the parts of one whole add up to 100%.",
    scope="sentence, paragraph, report; topics: one list",
    tolerance=ROUNDED_OR_CUT + ", for each share; a list of topics that may be a choice stays at or below 100%",
    right="其中，委员提案573件，占80.9%；集体提案135件，占19.1%。",
    wrong="其中，委员提案573件，占80.9%；集体提案135件，占29.1%。",
)
def shares_add_up(report: ReportView) -> Iterator[Outcome]:
    """Shares by author, by result and by topic."""
    for measures, what in ((BY_AUTHOR, "shares by author"), (BY_RESULT, "shares by result")):
        for parts in _partitions(report, measures, "share"):
            shares = [figure for part in parts for figure in part]
            if len(shares) == len(measures):
                outcome = _hundred(shares, what)
                if outcome.passed or not MORE_CLASSES.search(shares[-1].words):
                    yield outcome
    for run in _topic_lists(report):
        shares = [figure for figure in run if figure.is_share]
        counts = [figure for figure in run if figure.is_count]
        if len(shares) == len(counts):
            scopes = report.wholes(counts[0], WHOLES[TOPIC], counts[0].unit)
            added = _adds_up(counts, scopes, "")
            yield _hundred(shares, "shares by topic", at_most=not (added and added.passed))


def _share_outcome(part: Stated, wholes: Sequence[Stated], share: Stated) -> Outcome:
    """Whether a share is what one of the wholes makes of the part."""
    usable = [whole for whole in wholes if whole.span.high > 0]
    whole = next((w for w in usable if part.span.percent_of(w.span).meets(share.span)), None)
    passed = whole is not None
    whole = whole or usable[0]
    true = part.value / whole.value * 100
    verb = "is" if passed else "is not"
    return Outcome(
        passed,
        f"{plain(round(true, 3))}%",
        f"{plain(share.value)}%",
        f"{part} of {whole} (line {whole.line_no}) is {plain(round(true, 3))}%; the stated {share} {verb} that",
        _ids([part, whole, share]),
    )


def _pairs_with_share(report: ReportView) -> Iterator[tuple[Stated, Stated, str]]:
    """A count and the share that follows it in its sentence (573件,占80.9%), with the words between 占 and the share."""
    for part, share in pairwise(report.figures):
        if not (
            share.is_share and part.is_count and part.sentence_no == share.sentence_no and part.own and not part.planned
        ):
            continue
        if share.place < 0 or part.end < 0:
            continue
        between = share.words[part.end : share.place]
        match = None if RESPECTIVELY.search(between) else SHARE_OF.search(between)
        if match and share.key[:2] == part.key[:2]:
            yield part, share, match.group(1)
    for sentence in report.sentences():
        yield from _respectively(sentence)


def _respectively(sentence: list[Stated]) -> Iterator[tuple[Stated, Stated, str]]:
    """Counts one by one with the shares that follow them in the same order (…193件,…69件,分别占…的69.4%、24.8%)."""
    for at, (last, first) in enumerate(pairwise(sentence), 1):
        match = RESPECTIVELY.search(first.words[last.end : first.place]) if min(last.end, first.place) >= 0 else None
        if match is None or not (last.is_count and first.is_share):
            continue
        shares = list(takewhile(lambda figure: figure.is_share, sentence[at:]))
        parts = sentence[max(0, at - len(shares)) : at]
        if len(parts) == len(shares) and all(part.is_count and part.unit == last.unit for part in parts):
            yield from ((part, share, match.group()) for part, share in zip(parts, shares, strict=True))


@declare(
    REPORT,
    "share_of_proposals",
    "error",
    "A share that stands behind a part of the proposals is the part over the whole.",
    scope="count and share in one sentence; the whole from sentence, paragraph, report",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="立案提案446件，其中集体提案103件，占立案总数的23.1%。",
    wrong="立案提案446件，其中集体提案133件，占立案总数的23.1%。",
)
def share_of_proposals(report: ReportView) -> Iterator[Outcome]:
    """Parts of the proposals with their shares."""
    for part, share, named in _pairs_with_share(report):
        measures = WHOLES.get(part.measure)
        if measures is None or part.unit != "件" or FOREIGN_WHOLE.search(named):
            continue
        scopes = report.wholes(part, _named(measures, named), part.unit)
        wholes = [w for scope in _plausible(scopes, [part]) for w in scope if w.figure_id != part.figure_id]
        if wholes:
            yield _share_outcome(part, wholes, share)


@declare(
    REPORT,
    "share_of_stated_whole",
    "error",
    "A share of a whole that is named with its number, or of a total stated before, is the part over that whole.",
    scope="sentence",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="政协委员参加视察。轮训委员310名，占全体380名委员的81.6%。",
    wrong="政协委员参加视察。轮训委员301名，占全体380名委员的81.6%。",
)
def share_of_stated_whole(report: ReportView) -> Iterator[Outcome]:
    """占全体380名委员的81.6%, and 占报送总数的42% behind the total."""
    for part, whole, share in zip(report.figures, report.figures[1:], report.figures[2:], strict=False):
        same = part.sentence_no == whole.sentence_no == share.sentence_no
        if not (same and share.is_share and part.is_count and whole.is_count and part.unit == whole.unit):
            continue
        if min(part.end, whole.end, share.place) < 0 or part.planned:
            continue
        words = share.words
        if re.search(r"占[^,;。]*$", words[part.end : whole.place]) and not re.search(
            r"[,;。]", words[whole.end : share.place]
        ):
            yield _share_outcome(part, [whole], share)
    for part, share, named in _pairs_with_share(report):
        if part.measure in WHOLES or not OWN_WHOLE.search(named) or FOREIGN_WHOLE.search(named):
            continue
        wholes = [
            other
            for other in report.results
            if other.sentence_no == part.sentence_no and other.ordinal < part.ordinal and other.measure == part.measure
            if other.is_count and other.category == part.category and other.period == part.period
        ]
        if len(wholes) == 1:
            yield _share_outcome(part, wholes, share)


@declare(
    REPORT,
    "rate_of_whole",
    "error",
    "A rate (立案率, 办复率, 整改率) is what was so treated over what was there, where both are stated before it.",
    scope="sentence",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="市政协征集提案618件，审查立案532件，立案率86.1%。",
    wrong="市政协征集提案618件，审查立案523件，立案率86.1%。",
)
def rate_of_whole(report: ReportView) -> Iterator[Outcome]:
    """A rate behind a part that its own verb names, and the whole before that."""
    for sentence in report.sentences():
        for share in sentence:
            match = RATE.search(share.words[: share.place]) if share.is_share and share.place > 0 else None
            if match is None or match.group(1) == "满意":  # of those who answered, whose number is seldom stated
                continue
            before = [f for f in sentence if f.is_count and f.ordinal < share.ordinal and f.place >= 0]
            for at in range(len(before) - 1, 0, -1):
                whole, part = before[at - 1], before[at]
                named = match.group(1) in share.words[whole.end : part.place]
                if (
                    named
                    and whole.unit == part.unit
                    and whole.span.high >= part.span.low
                    and whole.period == part.period
                ):
                    wholes = [w for w in before[:at] if w.unit == part.unit and w.span.high >= part.span.low]
                    yield _share_outcome(part, wholes[::-1], share)
                    break


@declare(
    REPORT,
    "received_filed_key",
    "error",
    "No more proposals are filed than received, and no more are key proposals than filed.",
    scope="sentence; key proposals: paragraph",
    tolerance=SPAN_TOLERANCE,
    right="全年收到提案396件，立案352件，市领导牵头督办重点提案8件。",
    wrong="全年收到提案396件，立案532件，市领导牵头督办重点提案8件。",
)
def received_filed_key(report: ReportView) -> Iterator[Outcome]:
    """Submitted ≥ filed ≥ key."""
    yield from _in_order(report.sentences(), SUBMITTED, FILED)
    yield from _in_order(report.paragraphs(), FILED, KEY)


def _in_order(groups: Iterable[list[Stated]], more: str, fewer: str) -> Iterator[Outcome]:
    for group in groups:
        counts = [figure for figure in group if figure.is_count and figure.unit == "件" and not figure.category]
        for part in (figure for figure in counts if figure.measure == fewer):
            wholes = [
                figure
                for figure in counts
                if figure.measure == more and figure.period == part.period and figure.ordinal < part.ordinal
            ]
            if not wholes:
                continue
            whole = max(wholes, key=lambda figure: figure.value)
            passed = part.span.low <= whole.span.high
            verb = "is not" if passed else "is"
            message = f"{part} of {fewer} {verb} more than {whole} of {more} (line {whole.line_no})"
            yield Outcome(passed, f"at most {whole.span}", str(part.span), message, _ids([part, whole]))


@declare(
    REPORT,
    "stated_twice",
    "error",
    "What is stated twice agrees: two numbers of one measure that differ like a slip of one digit are one number and an error.",
    scope="report, different sentences, numbers of three digits and more and shares",
    tolerance="numbers that differ by more than one digit dropped, doubled, changed or swapped count different things",
    right="全年立案提案708件。市政协召开提案交办会，交办提案708件。",
    wrong="全年立案提案708件。市政协召开提案交办会，交办提案718件。",
)
def stated_twice(report: ReportView) -> Iterator[Outcome]:
    """Equal or nearly equal numbers of one measure in different sentences."""
    by_key: dict[tuple[Any, ...], list[Stated]] = defaultdict(list)
    for figure in report.results:
        if figure.measure.split(".")[0] not in TOTALS or figure.measure == "proposals.satisfied":
            continue
        if figure.bound == "exact" and (figure.is_share or (figure.is_count and figure.value >= LEAST_TWICE / 10)):
            by_key[(*figure.key, figure.unit, figure.period)].append(figure)
    for figures in by_key.values():
        for first, second in combinations(figures, 2):
            if first.sentence_no == second.sentence_no:
                continue
            if first.span.meets(second.span) and min(first.value, second.value) < LEAST_TWICE and not first.is_share:
                continue
            if first.span.meets(second.span) or _is_slip(first, second):
                passed = first.span.meets(second.span)
                verb = "agree" if passed else "do not agree"
                message = (
                    f"{first} (line {first.line_no}) and {second} (line {second.line_no}) of {first.measure} {verb}"
                )
                yield Outcome(passed, plain(first.value), plain(second.value), message, _ids([first, second]))


def _is_slip(first: Stated, second: Stated) -> bool:
    """Whether two numbers look like one with a slip of one digit in it; shares and small numbers are alike by chance."""
    a, b = plain(first.value), plain(second.value)
    if first.is_share or max(first.value, second.value) < LEAST_TWICE:
        return False
    if len(a) == len(b):
        differ = [i for i in range(len(a)) if a[i] != b[i]]
        swapped = (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and a[differ[0]] == b[differ[1]]
            and a[differ[1]] == b[differ[0]]
        )
        return len(differ) == 1 or swapped
    if abs(len(a) - len(b)) != 1:
        return False
    shorter, longer = sorted((a, b), key=len)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


@declare(
    REPORT,
    "all_means_all",
    "error",
    "Where a rate is 100%, the number stated beside it is the whole.",
    scope="sentence; the whole from sentence, paragraph, report",
    tolerance=SPAN_TOLERANCE,
    right="全年立案提案312件，办复312件，办复率为百分之百。",
    wrong="全年立案提案312件，办复302件，办复率为百分之百。",
)
def all_means_all(report: ReportView) -> Iterator[Outcome]:
    """A hundred per cent of the proposals answered are all that were filed."""
    for sentence in report.sentences():
        for share in sentence:
            if not (share.is_share and share.value == 100 and share.bound == "exact" and share.measure in OF_ALL):
                continue
            for part in sentence:
                if not (part.is_count and part.key[:2] == share.key[:2] and part.ordinal < share.ordinal):
                    continue
                wholes = report.wholes(part, WHOLES[share.measure], part.unit)
                if wholes:
                    whole = next((w for scope in wholes for w in scope if w.span.meets(part.span)), wholes[0][0])
                    passed = whole.span.meets(part.span)
                    verb = "is" if passed else "is not"
                    message = f"100% of {whole} {verb} {part} of {part.measure}"
                    yield Outcome(passed, str(whole.span), str(part.span), message, _ids([part, whole, share]))


@declare(
    REPORT,
    "part_within_whole",
    "error",
    "What 其中 names is not more than the whole before it.",
    scope="the count before 其中 and those behind it, up to the next clause; same measure word",
    tolerance=SPAN_TOLERANCE,
    right="全年编报社情民意信息120篇，其中被全国政协采用15篇、省政协采用36篇。",
    wrong="全年编报社情民意信息120篇，其中被全国政协采用155篇、省政协采用36篇。",
)
def part_within_whole(report: ReportView) -> Iterator[Outcome]:
    """Parts behind 其中, in the sentence of the whole or the one after it."""
    before: list[Stated] = []
    for sentence in report.sentences():
        words = sentence[0].words
        for match in AMONG.finditer(words):
            ahead = [f for f in sentence if 0 <= f.place < match.start() and f.is_count]
            if not ahead and match.start() <= 1:
                ahead = [f for f in before if f.is_count and f.paragraph == sentence[0].paragraph]
            behind = [f for f in sentence if f.place >= match.end() and f.is_count]
            if ahead and behind:
                yield from _parts_within(ahead[-1], behind, words)
        before = sentence


def _parts_within(whole: Stated, behind: list[Stated], words: str) -> Iterator[Outcome]:
    """The first part behind 其中, and those that a list joins to it."""
    for at, part in enumerate(behind):
        if at and re.search(r"[,;。::]", words[behind[at - 1].end : part.place]):
            return
        if part.unit != whole.unit or part.period != whole.period:
            continue
        passed = part.span.low <= whole.span.high
        verb = "is not" if passed else "is"
        message = f"{part}, a part, {verb} more than the whole {whole} (line {whole.line_no})"
        yield Outcome(passed, f"at most {whole.span}", str(part.span), message, _ids([part, whole]))


@declare(
    REPORT,
    "growth_between_years",
    "error",
    "Growth agrees with the numbers of both years.",
    scope="a number, its change behind it, and the number of the year before in the report",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="2022年立案提案320件。2023年立案提案352件，比上年增加32件。",
    wrong="2022年立案提案320件。2023年立案提案352件，比上年增加23件。",
)
def growth_between_years(report: ReportView) -> Iterator[Outcome]:
    """A change between the number before it and that of the year before."""
    for now, change in changes_of(report):
        before = [
            figure
            for figure in report.results
            if figure.key == now.key and figure.unit == now.unit and year_before(figure, now)
        ]
        if before:
            yield growth_outcome(before[0], now, change)


def changes_of(report: ReportView) -> Iterator[tuple[Stated, Stated]]:
    """Counts of a year with the change against the year before that follows in the sentence."""
    for now, change in pairwise(report.results):
        grown = change.statistic == "change" and now.is_count and now.key[:2] == change.key[:2]
        near = now.sentence_no == change.sentence_no and min(now.end, change.place) >= 0
        if grown and near and COMPARED.search(change.words[now.end : change.place]):
            yield now, change


COMPARED = re.compile(r"(?:同比|比上年|比去年|比上一年|较上年|较去年|比20\d\d年|较20\d\d年)")
DECLINE = re.compile(r"(?:减少|下降|降低|减)(?:了|约|近)*$")


def year_before(figure: Stated, now: Stated) -> bool:
    """Whether a figure is of the year before that of another one."""
    if figure.period is None or now.period is None:
        return False
    return figure.period[0] == figure.period[1] == now.period[0] - 1 and now.period[0] == now.period[1]


def growth_outcome(before: Stated, now: Stated, change: Stated) -> Outcome:
    """Whether a change is what lies between two numbers."""
    sign = -1 if DECLINE.search(change.words[: change.place]) else 1
    if change.unit == now.unit:
        true, unit = now.span - before.span, change.unit
    elif change.unit == "%" and before.span.low > 0:
        grown = now.span.percent_of(before.span)
        true, unit = Span(grown.low - 100, grown.high - 100), "%"
    else:
        return Outcome(True, "", "", f"{change} is in another unit than {now}", _ids([now, change]))
    stated = Span(sign * change.span.high, sign * change.span.low) if sign < 0 else change.span
    passed = true.meets(stated)
    verb = "is" if passed else "is not"
    message = f"from {before} to {now} {verb} {'-' if sign < 0 else '+'}{change}"
    return Outcome(
        passed, f"{_span_text(true)}{unit}", f"{plain(sign * change.value)}{unit}", message, _ids([before, now, change])
    )


def _span_text(span: Span) -> str:
    return str(Span(round(span.low, 3), round(span.high, 3)))


Check = Callable[[ReportView], Iterator[Outcome]]
