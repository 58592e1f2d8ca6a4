"""Ring 2: counts that cannot be more than others, and counts that are stated twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from schemas.checks.numbers import plain
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated
from schemas.checks.wholes import (
    FILED,
    KEY,
    SPAN_TOLERANCE,
    SUBMITTED,
    ids,
)

TOTALS = ("proposals", "opinions", "platforms")  # what a report counts once a year, not event by event
LEAST_TWICE = 100  # smaller numbers are alike by chance
AMONG = re.compile(r"其中[::,]?")


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
            yield Outcome(passed, f"at most {whole.span}", str(part.span), message, ids([part, whole]))


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
                yield Outcome(passed, plain(first.value), plain(second.value), message, ids([first, second]))


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
        yield Outcome(passed, f"at most {whole.span}", str(part.span), message, ids([part, whole]))
