"""Run the checks: rows against their lines, reports against themselves, and the outcomes as rows of the table `checks`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flows.clean.script import to_simplified
from flows.clean.text import fold, normalise
from flows.extract.numerals import find_numerals
from schemas.checks import REPORT, ROW, Outcome, Rule, of_ring, view_of
from schemas.checks.row import Reading, RowContext
from schemas.ids import make_id
from schemas.tables import EXTRACTED
from schemas.validate import Failure

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]


@lru_cache(maxsize=1024)
def readings(quote: str, sentence: str) -> tuple[Reading, ...]:
    """All ways to read the number of a quote: by itself, and in its sentence.

    Args:
        quote: characters of the raw line, or of several.
        sentence: the clean sentence that it stands in.
    """
    if quote.count("**") % 2:  # half a pair of bold marks, of which the other half stands before or behind
        quote = quote.replace("**", "")
    text = fold(normalise(to_simplified(quote), 0).text)
    alone = [
        Reading(numeral.value, numeral.high, numeral.unit, None if numeral.ignored else numeral.bound)
        for numeral in find_numerals(text)
    ]
    if len(alone) == 1 and alone[0].bound is not None:
        return tuple(alone)
    folded = fold(sentence)
    inside = [
        Reading(numeral.value, numeral.high, numeral.unit, numeral.bound)
        for numeral in find_numerals(folded)
        if folded[numeral.start : numeral.end] == text
    ]
    return tuple([*alone, *inside] if len(alone) == 1 else inside or alone)


def by_report(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by the report that they belong to."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["report_id"]].append(row)
    return found


def row_failures(name: str, rows: Rows) -> list[Failure]:
    """Rows of a table that fail a rule of ring 1, by their place, with the first rule and all reasons.

    Args:
        name: the table.
        rows: rows of all tables.
    """
    rules = [rule for rule in of_ring(ROW) if rule.name.partition(".")[0] == name]
    if not rules:
        return []
    lines, figures = by_report(rows["lines"]), by_report(rows["figures"])
    contexts: dict[str, RowContext] = {}
    failures = []
    for index, row in enumerate(rows[name]):
        report = row["report_id"]
        if report not in contexts:
            contexts[report] = RowContext(
                {line["line_no"]: line for line in lines[report]},
                {figure["ordinal"]: figure for figure in figures[report]},
                readings,
            )
        verdicts = [(rule.name, reason) for rule in rules if (reason := rule.check(row, contexts[report]))]
        if verdicts:
            reasons = "; ".join(f"{rule}: {reason}" for rule, reason in verdicts)
            place = f" (line {row['line_no']})" if "line_no" in row else ""
            failures.append(Failure(index, verdicts[0][0], reasons + place))
    return failures


def report_outcomes(
    report: Row,
    figures: Sequence[Row],
    lines: Sequence[Row],
    ignored: Sequence[Row],
    set_aside: int = 0,
    numerals_aside: int = 0,
) -> Iterator[tuple[Rule, Outcome]]:
    """Outcomes of ring 2 for one report.

    Args:
        report, figures, lines, ignored: its rows.
        set_aside, numerals_aside: how many of its figures and numerals are in quarantine.
    """
    view = view_of(report, figures, lines, ignored, set_aside, numerals_aside)
    for rule in of_ring(REPORT):
        for outcome in rule.check(view):
            yield rule, outcome


def check_row(rule: Rule, outcome: Outcome, report_id: str | None, run_id: str, number: int) -> Row:
    """The row of one outcome.

    Args:
        rule: the rule.
        outcome: what it says.
        report_id: the report; nothing for one that the outcome names itself, or none.
        run_id: the run.
        number: tells outcomes of one rule for one report apart.
    """
    subject = outcome.report_id or report_id
    return {
        "check_id": make_id(rule.name, subject or "", number, *outcome.figure_ids),
        "run_id": run_id,
        "rule": rule.name,
        "ring": rule.ring,
        "severity": outcome.severity or rule.severity,
        "report_id": subject,
        "figure_ids": " ".join(outcome.figure_ids),
        "passed": outcome.passed,
        "expected": outcome.expected,
        "observed": outcome.observed,
        "message": outcome.message,
    }


@dataclass(frozen=True)
class SetAside:
    """A row that failed ring 1."""

    table: str
    report_id: str
    failure: Failure


def check_reports(
    made: Rows,
    valid: Rows,
    failed: Sequence[SetAside],
    run_id: str,
    gone: Mapping[tuple[str, str], int] | None = None,
) -> list[Row]:
    """Rows of `checks` for rings 1 and 2, of the reports whose own row is valid.

    Args:
        made: rows by table as they were extracted.
        valid: those of them that passed ring 1.
        failed: the others.
        run_id: the run.
        gone: by table and report, rows that are in quarantine already.
    """
    gone = gone or {}
    counts = Counter((name, row["report_id"]) for name in EXTRACTED for row in made[name])
    aside: dict[str, list[SetAside]] = defaultdict(list)
    for item in failed:
        aside[item.report_id].append(item)
    kept = {name: by_report(valid[name]) for name in ("figures", "lines", "ignored_numerals")}
    rows: list[Row] = []
    for report in valid["reports"]:
        report_id = report["report_id"]
        lost = Counter(item.table for item in aside[report_id])
        of_report = {name: counts[name, report_id] for name in EXTRACTED}
        outcomes = [
            *_row_outcomes(of_report, aside[report_id]),
            *report_outcomes(
                report,
                kept["figures"][report_id],
                kept["lines"][report_id],
                kept["ignored_numerals"][report_id],
                lost["figures"] + gone.get(("figures", report_id), 0),
                lost["ignored_numerals"] + gone.get(("ignored_numerals", report_id), 0),
            ),
        ]
        numbers: Counter[str] = Counter()
        for rule, outcome in outcomes:
            rows.append(check_row(rule, outcome, report_id, run_id, numbers[rule.name]))
            numbers[rule.name] += 1
    return rows


def _row_outcomes(counts: Mapping[str, int], failed: Sequence[SetAside]) -> Iterator[tuple[Rule, Outcome]]:
    """Ring 1 for one report: a rule's outcome over all rows of its table; models of pandera by the rule that failed.

    Args:
        counts: rows of each table that were extracted from the report.
        failed: those that are set aside.
    """
    reasons: dict[str, list[str]] = defaultdict(list)
    for item in failed:
        reasons[item.failure.rule].append(item.failure.reason)
    declared = {rule.name: rule for rule in of_ring(ROW)}
    for name in [*declared, *(name for name in reasons if name not in declared)]:
        rule = declared.get(name) or Rule(name, ROW, "error", name, "row", "none", row_failures)
        total, wrong = counts.get(name.partition(".")[0], 0), reasons[name]
        message = f"{wrong[0]}; the row is in quarantine" if wrong else f"{total} rows: {rule.sentence}"
        if total or wrong:
            yield rule, Outcome(not wrong, "0 rows fail", f"{len(wrong)} of {total} fail", message)
