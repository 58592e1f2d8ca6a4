"""Ring 2: parts and their whole. Parts are taken from one sentence first, then from one paragraph, then from the report.

A rule that finds no whole, or more ways to read a list than one, says nothing: silence is cheaper than a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from schemas.checks.numbers import total
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated
from schemas.checks.wholes import (
    BY_AUTHOR,
    BY_RESULT,
    MORE_CLASSES,
    SPAN_TOLERANCE,
    TOPIC,
    WHOLES,
    adds_up,
    is_complete,
    partitions,
    topic_lists,
    wholes_named,
)

NAMED_WHOLE = re.compile(r"占([^,;。%]*)")


def _choices(parts: list[list[Stated]]) -> Iterator[list[Stated]]:
    """Ways to read several figures of one part: one of them, or all together (委员个人…件、联名…件)."""
    everything = [figure for part in parts for figure in part]
    yield everything
    if len(everything) > len(parts):
        yield from (list(choice) for choice in combinations(everything, len(parts)) if _one_each(choice, parts))


def _one_each(choice: Sequence[Stated], parts: list[list[Stated]]) -> bool:
    return all(sum(figure in part for figure in choice) == 1 for part in parts)


def _partition_outcomes(report: ReportView, measures: Sequence[str], what: str) -> Iterator[Outcome]:
    for parts in partitions(report, measures, "count"):
        outcomes = []
        for choice in _choices(parts):
            last = max(choice, key=lambda figure: figure.ordinal)
            wholes = wholes_named(WHOLES[measures[0]], " ".join(NAMED_WHOLE.findall(last.words)))
            outcome = adds_up(choice, report.wholes(last, wholes, last.unit), what)
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
    for run in topic_lists(report):
        parts = [figure for figure in run if figure.is_count]
        scopes = report.wholes(parts[0], WHOLES[TOPIC], parts[0].unit)
        outcome = adds_up(parts, scopes, "proposals by topic")
        if outcome is None:
            continue
        added = total(part.span for part in parts)
        above = all(added.low > whole.span.high for scope in scopes for whole in scope)
        if outcome.passed or above or is_complete(run):
            yield outcome
