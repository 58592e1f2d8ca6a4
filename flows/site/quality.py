"""How good the data is: checks by rule and ring, quarantine, corruption experiments, history, the last difference."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from flows.site.changes import SHOWN, Changes
from flows.site.chinese import aside_said, outcome_said, rule_said
from flows.site.pages import page
from flows.site.reading import Dataset, Row
from flows.site.texts import said
from schemas.checks.rule import RINGS
from schemas.errors import UsageError
from storage.releases import load, numbers

EXAMPLES = 5  # failures of a rule, rows of a rule in quarantine
RELEASES = 60  # newest ones in the history
VALUE = 80  # characters of a value in the list of changes
ROW = re.compile(r"^\|(.+)\|$")


def quality_page(dataset: Dataset, changes: Changes | None, mutations: Path | None) -> str:
    """The page as HTML.

    Args:
        dataset: the release.
        changes: what differs from the release before.
        mutations: what `make mutate` wrote; its tables are shown where it is given.

    Raises:
        UsageError: the file of mutations cannot be read.
    """
    history = _history(dataset)
    values = {
        "rings": _rings(dataset),
        "accepted": {item["rule"]: item["reason"] for item in dataset.reader.release.accepted},
        "flagged": sum(report["quality"] != "passed" for report in dataset.reports.values()),
        "n_reports": len(dataset.reports),
        "reports": dataset.reports,
        "quarantine": _quarantine(dataset),
        "mutations": [] if mutations is None else markdown_tables(mutations),
        "history": history,
        "charts": _history_charts(history),
        "changes": changes,
        "rows": [] if changes is None else [_change(row) for row in changes.rows],
        "shown": SHOWN,
    }
    return page("quality.html", 0, "quality", values)


# Outcomes by rule, with the severity of the first one; and the first failures of each rule.
RULES_TOLD = """
    SELECT ring, rule, arg_min(severity, check_id) AS severity, count(*) FILTER (passed) AS passed, count(*) FILTER (NOT passed) AS failed
    FROM checks GROUP BY ring, rule"""
FAILURES = f"""
    SELECT * EXCLUDE (run_id) FROM checks WHERE NOT passed
    QUALIFY row_number() OVER (PARTITION BY ring, rule ORDER BY check_id) <= {EXAMPLES} ORDER BY check_id"""


def _rings(dataset: Dataset) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rules by ring, those that fail most first, each with its first failures."""
    rules: dict[tuple[str, str], dict[str, Any]] = {}
    for row in dataset.desk.frame(RULES_TOLD).iter_rows(named=True):
        told = {"name": row["rule"], "failures": [], "sentence": rule_said(row["rule"]) or ""}
        rules[row["ring"], row["rule"]] = row | told
    for failure in _failures(dataset):
        rules[failure["ring"], failure["rule"]]["failures"].append(failure)
    order = lambda entry: (-entry["failed"], entry["severity"], entry["name"])  # noqa: E731
    return [(ring, sorted((entry for (of, _), entry in rules.items() if of == ring), key=order)) for ring in RINGS]


def _failures(dataset: Dataset) -> Iterator[Row]:
    """The first failures of each rule, each with the first of its figures that there is, and its report."""
    failures = dataset.desk.frame(FAILURES)
    named = failures.select(pl.col("figure_ids").str.split(" ").alias("figure_id")).explode("figure_id")
    dataset.desk.take("named", named.unique())
    owner = dict(
        dataset.desk.frame("SELECT figure_id, report_id FROM figures SEMI JOIN named USING (figure_id)").iter_rows()
    )
    for row in failures.iter_rows(named=True):
        first = next((figure for figure in row["figure_ids"].split() if figure in owner), "")
        report = owner.get(first) or row["report_id"] or ""
        told = {
            "told": outcome_said(row, under_rule=True),
            "figure": first,
            "report": report if report in dataset.reports else "",
        }
        yield row | told


SET_ASIDE = """
    SELECT "table", rule, count(*) FILTER (resolved_by_run IS NULL) AS open, count(*) FILTER (resolved_by_run IS NOT NULL) AS settled
    FROM quarantine GROUP BY "table", rule ORDER BY open DESC, "table", rule"""
OPEN = f"""
    SELECT q."table", q.rule, q.reason, coalesce(c.place, q.report_id) AS place
    FROM (
        SELECT * FROM quarantine WHERE resolved_by_run IS NULL
        QUALIFY row_number() OVER (PARTITION BY "table", rule ORDER BY quarantine_id) <= {EXAMPLES}
    ) q
    LEFT JOIN (SELECT report_id, any_value(source || ': ' || source_uri) AS place FROM captures GROUP BY report_id) c USING (report_id)
    ORDER BY q.quarantine_id"""


def _quarantine(dataset: Dataset) -> list[dict[str, Any]]:
    """Rows set aside, by table and rule: how many are open, how many settled, and examples of open ones."""
    examples: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in dataset.desk.frame(OPEN).iter_rows(named=True):
        examples[row["table"], row["rule"]].append(row)
    rows = dataset.desk.frame(SET_ASIDE).iter_rows(named=True)
    return [row | {"told": aside_said(row["rule"]), "examples": examples[row["table"], row["rule"]]} for row in rows]


def _history(dataset: Dataset) -> list[Row]:
    """The releases up to this one, newest first."""
    folder = dataset.reader.folder
    kept = [number for number in numbers(folder) if number <= dataset.reader.release.number]
    rows = []
    for number in reversed(kept[-RELEASES:]):
        release = load(folder, number)
        rows.append(
            {
                "number": number,
                "created_at": release.created_at,
                "flow": release.flow,
                "version": release.pipeline_version,
                "reports": release.rows.get("reports", 0),
                "figures": release.rows.get("figures", 0),
                "quarantine": release.rows.get("quarantine", 0),
                "passed": release.checks.get("passed", 0),
                "failed": release.checks.get("failed", 0),
            }
        )
    return rows


def _history_charts(history: list[Row]) -> dict[str, dict[str, Any]]:
    """Reports and failed checks over releases, as the charts take them; none where there is one release."""
    if len(history) < 2:
        return {}
    oldest_first = history[::-1]
    axis = [row["number"] for row in oldest_first]

    def chart(column: str) -> dict[str, Any]:
        points = [
            {"year": row["number"], "value": row[column], "bound": "exact", "href": "", "agree": True}
            for row in oldest_first
        ]
        return {"unit": "", "years": axis, "series": [{"name": list(said(f"history.{column}")), "points": points}]}

    return {column: chart(column) for column in ("reports", "figures", "failed")}


def _change(row: Row) -> Row:
    """A changed row as a person reads it: its key, and the columns that differ with their values."""
    before = json.loads(row["before"]) if row["before"] else {}
    after = json.loads(row["after"]) if row["after"] else {}
    names = [name for name in row["columns"].split(", ") if name] if row["change"] == "changed" else []
    values = [(name, _cut(before.get(name)), _cut(after.get(name))) for name in names]
    content = after or before
    told = next((_cut(content[name]) for name in ("title", "quote", "topic", "reason") if content.get(name)), "")
    key = ", ".join(str(value) for value in json.loads(row["key"]).values() if value is not None)
    return {
        "table": row["table"],
        "change": row["change"],
        "key": key,
        "told": told,
        "values": values,
        "causes": row["causes"],
    }


def _cut(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= VALUE else text[:VALUE] + "…"


def markdown_tables(path: Path) -> list[dict[str, Any]]:
    """Tables of a Markdown file, each with the heading above it.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}; make it with `make mutate`, or leave --mutations out"
        ) from error
    heading, tables = "", defaultdict(list)
    intro: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif match := ROW.match(line.strip()):
            cells = [cell.strip().strip("*`") for cell in match[1].split("|")]
            if not all(set(cell) <= set("-: ") for cell in cells):
                tables[heading].append(cells)
        elif line.strip() and not tables:
            intro.append(line.strip())
    return [
        {"heading": name, "head": rows[0], "rows": rows[1:], "intro": " ".join(intro[1:]) if n == 0 else ""}
        for n, (name, rows) in enumerate(tables.items())
    ]
