"""`lvzhi check`: all checks on a release, run anew, and what they find as text, JSON, annotations for GitHub, or Markdown."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import click
import polars as pl
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from flows.check import SetAside, check_reports, row_failures
from flows.correct import CORRECTION
from flows.gate import check_dataset, figures_by_source, spoken_for, suggest
from flows.seeds import seeds_folder
from flows.show import CONTROL, PipeConsole
from schemas.checks import RULES
from schemas.checks.expectations import as_toml, load_expectations
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage import ReleaseReader, open_release
from storage.releases import load, numbers

Row = dict[str, Any]
COLOURS = {"error": "bold red", "warning": "yellow"}
LISTED = 20  # failures of a rule that are printed


@dataclass(frozen=True)
class Findings:
    """What the checks say of one release.

    Attributes:
        release: its number.
        rows: one an outcome, as in the table `checks`.
        pages: source and address by report.
        accepted: reason by rule, of errors of the dataset that the release was made with.
        aside: open rows of quarantine, each counted under its rule; pages that hold no report are not among them.
        refused: pages in quarantine by rule.
        passed: outcomes that passed and are not among the rows.
    """

    release: int
    rows: list[Row]
    pages: dict[str, str]
    accepted: dict[str, str]
    aside: list[Row]
    refused: Counter[str]
    passed: int = 0

    @property
    def failures(self) -> list[Row]:
        """Failed outcomes, worst rule first: errors before warnings, of these the rule that fails most."""
        failed = [row for row in self.rows if not row["passed"]] + self.aside
        counts = Counter(row["rule"] for row in failed)
        order = {"error": 0, "warning": 1}
        return sorted(failed, key=lambda row: (order[self.severity(row)], -counts[row["rule"]], row["rule"]))

    def severity(self, row: Row) -> str:
        """Severity of a failure; an accepted error is a warning."""
        return "warning" if row["rule"] in self.accepted else str(row["severity"])

    @property
    def exit_status(self) -> int:
        """1 where an error was found, else 0."""
        return int(any(self.severity(row) == "error" for row in self.failures))

    def page(self, row: Row) -> str:
        """Where the subject of a failure stands; empty where it is about no report."""
        return self.pages.get(row["report_id"] or "", row["report_id"] or "")


def check_release(data: str, number: int | str | None = None) -> Findings:
    """Run all checks on a release.

    Args:
        data: the data folder.
        number: the release; the current one if none is given.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no such release, or the expectations are damaged.
    """
    reader = open_release(data, number)
    frames = {name: reader.frame(name) for name in (*EXTRACTED, "captures", "quarantine", "checks", "requests")}
    run_id = reader.release.run_id
    rows = list(_stored(frames["checks"]))
    rows += _anew(frames, run_id)
    before = figures_by_source(_before(reader))
    checked = check_dataset(
        frames,
        run_id,
        dt.datetime.now(dt.UTC),
        expectations=load_expectations(seeds_folder()),
        before=before,
        speaks_for=spoken_for(seeds_folder(), frames["requests"]),
    )
    rows += checked.rows
    return _findings(reader, rows, frames["captures"], frames["quarantine"])


def recorded_findings(data: str) -> Findings:
    """What the checks said when the current release was made; nothing is checked anew.

    Args:
        data: the data folder.

    Raises:
        DataError: nothing was ever ingested there.
    """
    reader = open_release(data)
    checks = reader.frame("checks")
    failed = checks.filter(~pl.col("passed"))
    captures = reader.frame("captures", ["report_id", "source", "source_uri"])
    return _findings(reader, failed.to_dicts(), captures, reader.frame("quarantine"), checks.height - failed.height)


def _findings(
    reader: ReleaseReader, rows: list[Row], captures: pl.DataFrame, quarantine: pl.DataFrame, passed: int = 0
) -> Findings:
    """Outcomes with what the release says of them."""
    pages = {row[0]: f"{row[1]}:{row[2]}" for row in captures.select("report_id", "source", "source_uri").rows()}
    accepted = {item["rule"]: item["reason"] for item in reader.release.accepted}
    is_open = quarantine.filter(pl.col("resolved_by_run").is_null())
    refused = Counter(is_open.filter(pl.col("table") == "captures")["rule"].to_list())
    aside = [_aside(row) for row in is_open.filter(pl.col("table") != "captures").iter_rows(named=True)]
    return Findings(reader.release.number, rows, pages, accepted, aside, refused, passed)


def _stored(checks: pl.DataFrame) -> Iterator[Row]:
    """Outcomes that only the run that read the pages could tell."""
    yield from checks.filter(pl.col("rule") == CORRECTION.name).iter_rows(named=True)


def _anew(frames: dict[str, pl.DataFrame], run_id: str) -> list[Row]:
    """Rings 1 and 2 on the rows of a release; rows in quarantine count as set aside."""
    made = {name: frames[name].to_dicts() for name in EXTRACTED}
    valid: dict[str, list[Row]] = {}
    failed: list[SetAside] = []
    for name in EXTRACTED:
        _, failures = split(TABLES[name], frames[name])
        known = {failure.index for failure in failures}
        failures += [failure for failure in row_failures(name, made) if failure.index not in known]
        wrong = {failure.index for failure in failures}
        valid[name] = [row for index, row in enumerate(made[name]) if index not in wrong]
        failed += [SetAside(name, made[name][failure.index]["report_id"], failure) for failure in failures]
    return check_reports(made, valid, failed, run_id, _set_aside(frames["quarantine"]))


def _set_aside(quarantine: pl.DataFrame) -> Counter[tuple[str, str]]:
    """Rows in quarantine by table and report, dismissed ones too: they are not in the tables."""
    rows = quarantine.filter(pl.col("resolved_by_run").is_null() | pl.col("dismissed").is_not_null())
    return Counter(rows.select("table", "report_id").rows())


def _before(reader: ReleaseReader) -> pl.DataFrame:
    """Reports of the release before this one."""
    earlier = [number for number in numbers(reader.folder) if number < reader.release.number]
    if not earlier:
        return TABLES["reports"].frame([])
    return ReleaseReader(reader.folder, load(reader.folder, earlier[-1])).frame("reports")


def _aside(row: Row) -> Row:
    return {
        "rule": row["rule"],
        "ring": "row",
        "severity": "error",
        "report_id": row["report_id"],
        "figure_ids": "",
        "passed": False,
        "expected": "",
        "observed": row["table"],
        "message": f"{row['reason']} [quarantine {row['quarantine_id']}]",
    }


def suggestions(data: str) -> str:
    """Text for `seeds/expectations.toml`, from the releases so far.

    Raises:
        DataError: nothing was ever ingested there.
    """
    reader = open_release(data)
    history = []
    for number in numbers(reader.folder):
        reports = ReleaseReader(reader.folder, load(reader.folder, number)).frame("reports")
        counts = reports.group_by("source").agg(pl.len(), pl.col("n_figures").sum())
        history.append({source: (count, figures) for source, count, figures in counts.iter_rows()})
    return as_toml(suggest(history, reader.frame("captures")))


def as_text(findings: Findings) -> str:
    """Failures grouped by rule, worst first, each with report, sentence and numbers."""
    lines = [_headline(findings)]
    for rule, rows in _by_rule(findings.failures):
        declared = RULES.get(rule)
        sentence = f": {declared.sentence}" if declared else ""
        lines += ["", f"{findings.severity(rows[0])}  {rule} ({len(rows)}){sentence}"]
        if rule in findings.accepted:
            lines.append(f"  accepted: {findings.accepted[rule]}")
        for row in rows[:LISTED]:
            place = f"{findings.page(row)}: " if findings.page(row) else ""
            numbers_ = f" (expected {row['expected']}, is {row['observed']})" if row["expected"] else ""
            lines.append(f"  {place}{row['message']}{numbers_}")
        if len(rows) > LISTED:
            lines.append(f"  and {len(rows) - LISTED} more")
    if findings.refused:
        told = ", ".join(f"{count} {rule}" for rule, count in sorted(findings.refused.items()))
        lines += ["", f"pages in quarantine: {told}  (lvzhi replay, lvzhi dismiss)"]
    return "\n".join(lines)


def show_findings(findings: Findings) -> None:
    """Print the findings: with colours and a table of the rules on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        click.echo(as_text(findings))
        return
    console = PipeConsole(highlight=False)
    table = Table(title=_headline(findings), title_justify="left", title_style="bold")
    for name, side in (("", "left"), ("rule", "left"), ("failed", "right"), ("what must hold", "left")):
        table.add_column(name, justify=cast(JustifyMethod, side))
    groups = list(_by_rule(findings.failures))
    for rule, rows in groups:
        severity = findings.severity(rows[0])
        declared = RULES.get(rule)
        sentence = declared.sentence if declared else ""
        table.add_row(Text(severity, COLOURS[severity]), rule, str(len(rows)), Text(sentence))
    console.print(table if groups else Text(_headline(findings), "bold green"))
    for rule, rows in groups:
        for row in rows[:LISTED]:
            place = f"{findings.page(row)}: " if findings.page(row) else ""
            mark = Text(f"{rule}  ", COLOURS[findings.severity(row)])
            console.print(mark, Text(f"{place}{row['message']}".translate(CONTROL)), soft_wrap=True)
        if len(rows) > LISTED:
            console.print(Text(f"{rule}  and {len(rows) - LISTED} more (--format json)", "dim"))
    for rule, count in sorted(findings.refused.items()):
        console.print(
            Text(f"{count} pages in quarantine: {rule}", "yellow"), Text("(lvzhi replay, lvzhi dismiss)", "dim")
        )


def _headline(findings: Findings) -> str:
    severities = Counter(findings.severity(row) for row in findings.failures)
    passed = findings.passed + sum(row["passed"] for row in findings.rows)
    return (
        f"release {findings.release}: {passed} outcomes passed, {severities['error']} errors, "
        f"{severities['warning']} warnings; {len(findings.aside)} rows in quarantine"
    )


def _by_rule(failures: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in failures:
        groups[row["rule"]].append(row)
    yield from groups.items()


def as_json(findings: Findings) -> str:
    """The same for programs."""
    fields = ("rule", "ring", "report_id", "expected", "observed", "message")
    failures = [
        {name: row[name] for name in fields}
        | {"severity": findings.severity(row), "page": findings.page(row), "figure_ids": row["figure_ids"].split()}
        for row in findings.failures
    ]
    answer = {
        "release": findings.release,
        "passed": sum(row["passed"] for row in findings.rows),
        "failures": failures,
        "accepted": findings.accepted,
        "pages_in_quarantine": dict(findings.refused),
    }
    return json.dumps(answer, ensure_ascii=False, indent=1)


def as_github(findings: Findings) -> str:
    """Annotations of GitHub Actions, one a failure."""
    lines = []
    for row in findings.failures:
        place = f"{findings.page(row)}: " if findings.page(row) else ""
        text = f"{place}{row['message']}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        lines.append(f"::{findings.severity(row)} title={row['rule']}::{text}")
    lines.append(f"::notice title=lvzhi check::{_headline(findings)}")
    return "\n".join(lines)


def as_markdown(findings: Findings) -> str:
    """The same as a table, for an artifact of Prefect."""
    lines = [_headline(findings), "", "| | rule | failures | for example |", "|---|---|---|---|"]
    for rule, rows in _by_rule(findings.failures):
        example = f"{findings.page(rows[0])}: {rows[0]['message']}".replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {findings.severity(rows[0])} | `{rule}` | {len(rows)} | {example} |")
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[Findings], str]] = {"text": as_text, "json": as_json, "github": as_github}

__all__ = ["FORMATS", "Findings", "as_markdown", "check_release", "recorded_findings", "show_findings", "suggestions"]
