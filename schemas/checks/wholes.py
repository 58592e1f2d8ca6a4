"""What numbers are parts of, and how their sums are taken: parts of one sentence first, then of one paragraph, then of the report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from schemas.checks.numbers import HALF, Span, last_digit, plain, total
from schemas.checks.rule import Outcome
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
ROUNDED_OR_CUT = "half a step of the last digit that is written below, a whole one above: numbers are rounded or cut"
SPAN_TOLERANCE = "what 余, 多, 近, 约, 超 and 万 leave open"
# The five fields by which proposals are sorted everywhere (五位一体): who lists them all lists everything.
FIVE_FIELDS = ("经济", "政治", "文化", "社会", "生态")
LEAST_TOPICS = 3
MORE_CLASSES = re.compile(r"D类|[(“]D[)”]|其余|其他|另有|不予立案|退回")
BREAKDOWN = re.compile(r"(?:提案(?:当)?中|按[^,;。]{1,6}分|从[^,;。]{1,8}看|分类(?:统计|情况|看)?)[,:]?[^,;。]*$")
A_CHOICE = re.compile(r"各|等|主要|较多|最多|重点|其中|优秀|大部分|前[三五]")


def ids(figures: Iterable[Stated]) -> tuple[str, ...]:
    """Ids of figures, as an outcome names them."""
    return tuple(figure.figure_id for figure in figures)


def wholes_named(measures: tuple[str, ...], words: str) -> tuple[str, ...]:
    """What may be the whole, by the words between 占 and a share: 占立案总数的 means those filed, 占办复提案的 those answered."""
    for word, measure in (("立案", FILED), ("办复", REPLIED), ("办结", REPLIED), ("已办", REPLIED)):
        if word in words and measure in measures:
            return (measure,)
    return measures


def sum_text(figures: Iterable[Stated]) -> str:
    """A sum as it is written: 285 + 67."""
    return " + ".join(plain(figure.value) for figure in figures)


def adds_up(parts: Sequence[Stated], scopes: list[list[Stated]], what: str) -> Outcome | None:
    """Whether the sum of parts meets a whole of the nearest scope, or of a wider one."""
    scopes = plausible(scopes, parts)
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
        f"{sum_text(parts)} = {added} {verb} the {whole} of {whole.measure} (line {whole.line_no}): {what}",
        ids([*parts, whole]),
    )


def plausible(scopes: list[list[Stated]], parts: Sequence[Stated]) -> list[list[Stated]]:
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


def partitions(report: ReportView, measures: Sequence[str], statistic: str) -> Iterator[list[list[Stated]]]:
    """Sets of parts: of single sentences, else of single paragraphs, else of the report."""
    for groups in (report.sentences(), report.paragraphs(), [list(report.results)]):
        found = list(_sets_of(groups, measures, statistic))
        if found:
            yield from found
            return


def topic_lists(report: ReportView) -> Iterator[list[Stated]]:
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


def is_complete(run: list[Stated]) -> bool:
    """Whether a list of topics says that it names all: the five fields, shares up to 100, a heading each, or 提案中, 按内容分."""
    counts = [figure for figure in run if figure.is_count]
    shares = [figure for figure in run if figure.is_share]
    if all(any(figure.category.startswith(name) for figure in counts) for name in FIVE_FIELDS):
        return True
    if len(shares) == len(counts) and shares_total(shares).meets(Span(100, 100)):
        return True
    headed = len({figure.section for figure in counts}) == len(counts)
    if headed and all(figure.category in figure.section for figure in counts):
        return True
    words = counts[0].words
    announced = BREAKDOWN.search(words[: counts[0].place]) if counts[0].place > 0 else None
    one = all(figure.sentence_no == counts[0].sentence_no for figure in counts)
    return bool(announced and one and not A_CHOICE.search(words))


def shares_total(shares: Iterable[Stated]) -> Span:
    """What shares add up to, in percent: each may be rounded or cut in its last digit."""
    return total(
        Span(share.value - HALF * step, share.value + step) if share.bound == "exact" else share.span
        for share in shares
        for step in [last_digit(share.quote, share.value)]
    )
