"""A release as plain data for the pages: reports, committees, states of years, checks by report.

What is large (lines, figures, numerals) is not here: it is read a batch of reports at a time, see `batch`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow.dataset as ds

from flows.gate import spoken_for
from flows.seeds import seeds_folder
from schemas.checks.coverage import coverage_states
from schemas.checks.dataset import DatasetView
from schemas.tables import TABLES
from schemas.vocabulary.divisions import load_divisions
from storage import ReleaseReader
from storage.releases import numbers

Row = dict[str, Any]
# From best to worst: of several reports of a year the best one tells its state.
STATES = ("accepted", "flagged", "quarantined", "unparsed", "unfetched", "unpublished")
BATCH = 200  # reports whose lines are in memory at once


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
        earlier: number of the release before that is still kept; nothing for the first one.
        reports: rows of `reports` without their text, by id, with `slug` of the committee.
        committees: by slug, in order of their codes.
        owner: report of each figure.
        checks: the table `checks`.
        checks_of: by report the places in it of those that it or its figures take part in.
        years: all years from the first to the last.
    """

    reader: ReleaseReader
    earlier: int | None
    reports: dict[str, Row]
    committees: dict[str, Committee]
    owner: dict[str, str]
    checks: pl.DataFrame
    checks_of: dict[str, list[int]]
    years: list[int]

    def checks_for(self, report: str) -> list[Row]:
        """Rows of `checks` that a report or its figures take part in."""
        return self.checks[self.checks_of.get(report, [])].rows(named=True)

    @property
    def stamp(self) -> list[str]:
        """Number and time of the release."""
        release = self.reader.release
        return [str(release.number), release.created_at[:16].replace("T", " ")]


def read(reader: ReleaseReader) -> Dataset:
    """Read all of a release that is small."""
    columns = [name for name in TABLES["reports"].schema if name != "text"]
    frame = reader.frame("reports", columns)
    committees = _committees(frame)
    reports: dict[str, Row] = {}
    for committee in committees.values():
        reports |= {row["report_id"]: row | {"slug": committee.slug} for row in committee.reports}
    for row in frame.iter_rows(named=True):
        reports.setdefault(row["report_id"], row | {"slug": ""})
    owner = dict(reader.frame("figures", ["figure_id", "report_id"]).iter_rows())
    checks = reader.frame("checks")
    _put_states(committees, reader, frame)
    years = sorted({year for committee in committees.values() for year in committee.states})
    span = list(range(years[0], years[-1] + 1)) if years else []
    earlier = [kept for kept in numbers(reader.folder) if kept < reader.release.number]
    return Dataset(
        reader, earlier[-1] if earlier else None, reports, committees, owner, checks, _checks_of(checks, owner), span
    )


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
        found[slug].reports.append(row)
    return found


def _put_states(committees: dict[str, Committee], reader: ReleaseReader, reports: pl.DataFrame) -> None:
    """State of each committee and year, as the check `coverage` tells it; accepted years with doubts are flagged."""
    requests = reader.frame("requests")
    view = DatasetView(
        reports=reports,
        figures=TABLES["figures"].frame([]),
        captures=reader.frame("captures"),
        quarantine=reader.frame("quarantine"),
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


def _checks_of(checks: pl.DataFrame, owner: dict[str, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, (figures, own) in enumerate(checks.select("figure_ids", "report_id").iter_rows()):
        reports = {owner[figure] for figure in figures.split() if figure in owner}
        if own:
            reports.add(own)
        for report in reports:
            found[report].append(index)
    return found


@dataclass(frozen=True)
class ReportRows:
    """What was read from one report."""

    lines: list[Row]
    figures: list[Row]
    ignored: list[Row]
    activities: list[Row]
    documents: list[Row]


PARTS = {
    "lines": ["report_id", "line_no", "raw", "label", "rule", "confidence", "paragraph"],
    "figures": [name for name in TABLES["figures"].schema if name not in ("run_id", "pipeline_version")],
    "ignored_numerals": ["report_id", "line_no", "start", "end", "quote", "continued", "rule"],
    "activities": ["report_id", "activity_id", "form", "topic", "date", "line_no"],
    "documents": ["report_id", "document_id", "title", "kind", "line_no"],
}


def batches(reader: ReleaseReader, reports: Sequence[str], size: int = BATCH) -> Iterator[tuple[str, ReportRows]]:
    """The rows of some reports, one after the other; no more than a batch is in memory.

    Args:
        reader: the release.
        reports: their ids.
        size: reports that are read at once.
    """
    for first in range(0, len(reports), size):
        ids = list(reports[first : first + size])
        parts = {name: _by_report(reader, name, columns, ids) for name, columns in PARTS.items()}
        for report in ids:
            yield report, ReportRows(*(parts[name].get(report, []) for name in PARTS))


def _by_report(reader: ReleaseReader, name: str, columns: list[str], ids: list[str]) -> dict[str, list[Row]]:
    table = reader.dataset(name).to_table(columns=columns, filter=ds.field("report_id").isin(ids))
    order = ["report_id", "ordinal"] if "ordinal" in columns else ["report_id", "line_no"]
    found: dict[str, list[Row]] = defaultdict(list)
    for row in pl.DataFrame(table).sort(order, maintain_order=True).iter_rows(named=True):
        found[row["report_id"]].append(row)
    return found
