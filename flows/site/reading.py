"""A release as plain data for the pages: reports and committees, states of years.

What is large (lines, figures, numerals, checks, the panel) is not here: it is sorted in files by the workspace of the
dataset, and read from them one report or committee at a time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from flows.gate import spoken_for
from flows.seeds import seeds_folder
from schemas.checks.coverage import coverage_states
from schemas.checks.dataset import DatasetView
from schemas.tables import TABLES
from schemas.vocabulary.divisions import load_divisions
from storage import ReleaseReader
from storage.releases import numbers
from storage.workspace import Kept, Workspace, quoted

Row = dict[str, Any]
# From best to worst: of several reports of a year the best one tells its state.
STATES = ("accepted", "flagged", "quarantined", "unparsed", "unfetched", "unpublished")


@dataclass
class Committee:
    """One committee and its reports.

    Attributes:
        slug: name of its page.
        name: the committee, or the place where no name is known.
        code: GB/T 2260 code of its place; empty where it is not known.
        place, province: names.
        level: administrative level; empty where it is not known.
        reports: its reports, latest years first.
        states: state by year.
    """

    slug: str
    name: str
    code: str
    place: str
    province: str
    level: str
    reports: list[Row] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """The name without what all have in common."""
        return self.name.removeprefix("政协").removesuffix("委员会")


@dataclass
class Dataset:
    """A release as the pages need it.

    Attributes:
        reader: the release.
        desk: the tables of the release for queries.
        earlier: number of the release before that is still kept; nothing for the first one.
        reports: rows of `reports` without their text, by id, with `slug` of the committee.
        committees: by slug, in order of their codes and names.
        years: all years from the first to the last.
    """

    reader: ReleaseReader
    desk: Workspace
    earlier: int | None
    reports: dict[str, Row]
    committees: dict[str, Committee]
    years: list[int]

    @property
    def stamp(self) -> list[str]:
        """Number and time of the release."""
        release = self.reader.release
        return [str(release.number), release.created_at[:16].replace("T", " ")]

    @cached_property
    def checks(self) -> Kept:
        """Checks by the reports (`page`) that they or their figures belong to."""
        self.desk.make("owned", OWNED)
        self.desk.make("subjects", SUBJECTS)
        return self.desk.keep(
            "SELECT s.page, c.* EXCLUDE (run_id) FROM subjects s JOIN checks c USING (check_id) ORDER BY page, check_id"
        )

    @cached_property
    def owners(self) -> Kept:
        """Figures of these checks and the report of each (`owner`), by page as well; such as are in no table are left out."""
        _ = self.checks
        return self.desk.keep(
            "SELECT s.page, o.check_id, o.figure_id, o.owner FROM subjects s JOIN owned o USING (check_id) ORDER BY page"
        )


OWNED = """
    SELECT check_id, figure_id, report_id AS owner
    FROM (SELECT check_id, unnest(string_split(figure_ids, ' ')) AS figure_id FROM checks WHERE figure_ids <> '')
    JOIN figures USING (figure_id)"""
SUBJECTS = """
    SELECT owner AS page, check_id FROM owned
    UNION SELECT report_id, check_id FROM checks WHERE report_id IS NOT NULL"""


def read(reader: ReleaseReader, desk: Workspace) -> Dataset:
    """Read all of a release that is small.

    Args:
        reader: the release.
        desk: where its tables are made known for queries.
    """
    desk.add(reader)
    frame = reader.frame("reports", [name for name in TABLES["reports"].schema if name != "text"])
    committees = _committees(frame)
    reports = {row["report_id"]: row for committee in committees.values() for row in committee.reports}
    for row in frame.filter(pl.col("committee").is_null()).iter_rows(named=True):
        reports[row["report_id"]] = row | {"slug": ""}
    _put_states(committees, reader, desk, frame)
    years = sorted({year for committee in committees.values() for year in committee.states})
    span = list(range(years[0], years[-1] + 1)) if years else []
    earlier = [kept for kept in numbers(reader.folder) if kept < reader.release.number]
    return Dataset(reader, desk, earlier[-1] if earlier else None, reports, committees, span)


def _committees(reports: pl.DataFrame) -> dict[str, Committee]:
    divisions = load_divisions()
    known = reports.filter(pl.col("committee").is_not_null())
    codes = Counter(code for code, _ in known.select("division_code", "committee").unique().iter_rows() if code)
    found: dict[str, Committee] = {}
    rows = known.sort("division_code", "committee", "period_end", "report_id", descending=[False, False, True, False])
    for row in rows.iter_rows(named=True):
        code = row["division_code"] or ""
        slug = code if codes[code] == 1 else f"{code}{hashlib.sha256(row['committee'].encode()).hexdigest()[:6]}"
        if slug not in found:
            province = divisions.by_code.get(f"{code[:2]}0000")
            found[slug] = Committee(
                slug,
                row["committee"],
                code,
                row["division_name"] or row["committee"],
                province.name if province else "",
                row["level"] or "",
            )
        found[slug].reports.append(row | {"slug": slug})
    return found


# Pages that became no report, and the last request for each address.
SET_ASIDE = """
    SELECT "table", report_id, rule, reason, "row", resolved_by_run FROM quarantine
    WHERE resolved_by_run IS NULL AND "table" IN ('captures', 'reports')"""
ASKED = """
    SELECT source, purpose, asked_for, outcome, rule, reason, requested_at FROM requests
    QUALIFY row_number() OVER (PARTITION BY source, purpose, asked_for ORDER BY requested_at DESC) = 1"""


def _put_states(
    committees: dict[str, Committee], reader: ReleaseReader, desk: Workspace, reports: pl.DataFrame
) -> None:
    """State of each committee and year, as the check `coverage` tells it; accepted years with doubts are flagged."""
    requests = desk.frame(ASKED)
    view = DatasetView(
        reports=reports,
        figures=TABLES["figures"].frame([]),
        captures=reader.frame("captures", ["report_id", "source", "source_uri", "captured_at"]),
        quarantine=desk.frame(SET_ASIDE),
        now=dt.datetime.fromisoformat(reader.release.created_at),
        requests=requests,
        speaks_for=spoken_for(seeds_folder(), requests),
    )
    by_code: dict[str, dict[int, str]] = defaultdict(dict)
    for (code, _, year), (state, _) in coverage_states(view).items():
        by_code[code][year] = state
    for committee in committees.values():
        own: dict[int, str] = {}
        for row in committee.reports:
            state = "accepted" if row["quality"] == "passed" else str(row["quality"])
            if row["period_start"] is not None:
                for year in range(row["period_start"].year, row["period_end"].year + 1):
                    own[year] = min(state, own.get(year, state), key=STATES.index)
        committee.states = by_code.get(committee.code, {}) | own


@dataclass(frozen=True)
class ReportRows:
    """What was read from one report, and the checks that it or its figures take part in.

    Attributes:
        owners: by check the report of each of its figures.
    """

    lines: list[Row]
    figures: list[Row]
    ignored: list[Row]
    activities: list[Row]
    documents: list[Row]
    checks: list[Row]
    owners: dict[str, dict[str, str]]


PARTS = {
    "lines": ["report_id", "line_no", "raw", "label", "rule", "confidence", "paragraph"],
    "figures": [name for name in TABLES["figures"].schema if name not in ("run_id", "pipeline_version")],
    "ignored_numerals": ["report_id", "line_no", "start", "end", "quote", "continued", "rule"],
    "activities": ["report_id", "activity_id", "form", "topic", "date", "line_no"],
    "documents": ["report_id", "document_id", "title", "kind", "line_no"],
}


def rows_of_reports(dataset: Dataset, reports: Collection[str]) -> Iterator[tuple[str, ReportRows]]:
    """The rows of some reports, one after the other in the order of their ids; no more are in memory.

    Args:
        dataset: the release.
        reports: their ids.
    """
    if not reports:
        return
    dataset.desk.take("wanted", pl.DataFrame({"report_id": sorted(reports)}, schema={"report_id": pl.String}))
    tables = [_Turn(_kept(dataset.desk, name, columns), "report_id") for name, columns in PARTS.items()]
    checks, owners = _Turn(dataset.checks, "page"), _Turn(dataset.owners, "page")
    for report in sorted(reports):
        lines, figures, ignored, activities, documents = (table.take(report) for table in tables)
        owned: dict[str, dict[str, str]] = defaultdict(dict)
        for row in owners.take(report):
            owned[row["check_id"]][row["figure_id"]] = row["owner"]
        yield report, ReportRows(lines, figures, ignored, activities, documents, checks.take(report), owned)


def _kept(desk: Workspace, name: str, columns: list[str]) -> Kept:
    """Rows of a table that belong to the reports that are wanted, by report and in order."""
    spec = TABLES[name]
    order = ["report_id", "ordinal"] if "ordinal" in columns else ["report_id", "line_no", *spec.key]
    return desk.keep(
        f"SELECT {quoted(columns)} FROM {name} SEMI JOIN wanted USING (report_id) ORDER BY {quoted(order)}"
    )


class _Turn:
    """Sorted rows that are asked for by the ids of reports, each once, in order."""

    def __init__(self, kept: Kept, column: str) -> None:
        self._groups = kept.groups(column)
        self._next = next(self._groups, None)

    def take(self, report: str) -> list[Row]:
        """Rows of a report."""
        while self._next is not None and self._next[0] < report:
            self._next = next(self._groups, None)
        return self._next[1] if self._next is not None and self._next[0] == report else []
