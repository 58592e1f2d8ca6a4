"""Ring 2: changes against the year before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from schemas.checks.numbers import Span, plain
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated
from schemas.checks.wholes import ROUNDED_OR_CUT, SPAN_TOLERANCE, ids


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
        return Outcome(True, "", "", f"{change} is in another unit than {now}", ids([now, change]))
    stated = Span(sign * change.span.high, sign * change.span.low) if sign < 0 else change.span
    passed = true.meets(stated)
    verb = "is" if passed else "is not"
    message = f"from {before} to {now} {verb} {'-' if sign < 0 else '+'}{change}"
    return Outcome(
        passed, f"{_span_text(true)}{unit}", f"{plain(sign * change.value)}{unit}", message, ids([before, now, change])
    )


def _span_text(span: Span) -> str:
    return str(Span(round(span.low, 3), round(span.high, 3)))
