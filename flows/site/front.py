"""The front page: what the release holds, by committee and year; what is new in it; how fresh its sources are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from flows.site.changes import Changes
from flows.site.pages import page
from flows.site.reading import STATES, Committee, Dataset, Row

# More committees than this are shown by province, each on a page of its own.
LISTED = 80
NEW_REPORTS = 12


@dataclass(frozen=True)
class Cell:
    """State of a committee in a year, and the report that it comes from, where there is one."""

    year: int
    state: str
    report: str


@dataclass(frozen=True)
class GridRow:
    """A committee with a cell for each year."""

    committee: Committee
    cells: list[Cell]


def grid(committees: Iterable[Committee], years: list[int]) -> list[tuple[str, list[GridRow]]]:
    """Committees × years, by province."""
    found: dict[str, list[GridRow]] = defaultdict(list)
    for committee in committees:
        reports = _report_of_years(committee)
        cells = [Cell(year, committee.states.get(year, ""), reports.get(year, "")) for year in years]
        found[committee.province].append(GridRow(committee, cells))
    return list(found.items())


def _report_of_years(committee: Committee) -> dict[int, str]:
    """The report to look at for each year: one of that year alone rather than one of five."""
    found: dict[int, tuple[int, str]] = {}
    for report in committee.reports:
        if report["period_start"] is None:
            continue
        first, last = report["period_start"].year, report["period_end"].year
        for year in range(first, last + 1):
            known = found.get(year)
            if known is None or last - first < known[0]:
                found[year] = (last - first, report["report_id"])
    return {year: report for year, (_, report) in found.items()}


def front_page(dataset: Dataset, changes: Changes | None) -> str:
    """The front page as HTML."""
    provinces = _provinces(dataset)
    many = len(dataset.committees) > LISTED
    values = {
        "n_committees": len(dataset.committees),
        "n_reports": len(dataset.reports),
        "years": dataset.years[::-1],
        "key": _key_figures(dataset),
        "states": _states(dataset.committees.values()),
        "grid": [] if many else grid(dataset.committees.values(), dataset.years[::-1]),
        "provinces": provinces if many else [],
        "changes": changes,
        "new": _new_reports(dataset, changes),
        "sources": _freshness(dataset),
    }
    return page("front.html", 0, "front", values)


def province_pages(dataset: Dataset) -> dict[str, str]:
    """A page for each province with its grid, by file name; none where the front page shows the whole grid."""
    if len(dataset.committees) <= LISTED:
        return {}
    by_province: dict[str, list[Committee]] = defaultdict(list)
    for committee in dataset.committees.values():
        by_province[committee.code[:2]].append(committee)
    return {
        f"places/{code or 'unknown'}.html": page(
            "province.html",
            1,
            "front",
            {
                "province": committees[0].province,
                "years": dataset.years[::-1],
                "states": _states(committees),
                # The province stands above the table.
                "grid": [("", rows) for _, rows in grid(committees, dataset.years[::-1])],
            },
        )
        for code, committees in by_province.items()
    }


def _provinces(dataset: Dataset) -> list[dict[str, Any]]:
    """Of each province how many committees are in each state, by year."""
    found: dict[str, dict[str, Any]] = {}
    for committee in dataset.committees.values():
        code = committee.code[:2]
        entry = found.setdefault(
            code,
            {"code": code or "unknown", "name": committee.province, "committees": 0, "years": defaultdict(Counter)},
        )
        entry["committees"] += 1
        for year, state in committee.states.items():
            entry["years"][year][state] += 1
    return [found[code] for code in sorted(found)]


def _states(committees: Iterable[Committee]) -> Mapping[str, int]:
    """Cells by state, in the order of the states."""
    counted = Counter(state for committee in committees for state in committee.states.values())
    return {state: counted[state] for state in STATES if counted[state]}


def _key_figures(dataset: Dataset) -> list[tuple[str, int]]:
    rows = dataset.reader.release.rows
    passed, failed = dataset.desk.frame(
        "SELECT count(*) FILTER (passed), count(*) FILTER (NOT passed) FROM checks"
    ).row(0)
    return [
        ("reports", len(dataset.reports)),
        ("committees", len(dataset.committees)),
        ("figures", rows.get("figures", 0)),
        ("ignored", rows.get("ignored_numerals", 0)),
        ("passed", passed),
        ("failed", failed),
    ]


def _new_reports(dataset: Dataset, changes: Changes | None) -> list[Row]:
    """Reports that the release before did not have; of the first release its newest ones."""
    if changes is None:
        rows = sorted(dataset.reports.values(), key=lambda row: row["published_at"] or dt.date.min, reverse=True)
        return rows[:NEW_REPORTS]
    return [dataset.reports[report] for report in changes.new_reports[:NEW_REPORTS] if report in dataset.reports]


def _freshness(dataset: Dataset) -> list[Row]:
    """Sources with reports, last capture and newest publication; days are counted back from the release."""
    captures = dataset.reader.frame("captures", ["source", "source_kind", "captured_at"])
    made = dt.datetime.fromisoformat(dataset.reader.release.created_at)
    newest: dict[str, dt.date] = {}
    counted: Counter[str] = Counter()
    for report in dataset.reports.values():
        counted[report["source"]] += 1
        if report["published_at"]:
            newest[report["source"]] = max(report["published_at"], newest.get(report["source"], dt.date.min))
    told = captures.group_by("source").agg(
        pl.len().alias("captures"), pl.col("source_kind").first(), pl.col("captured_at").max().alias("last")
    )
    return [
        row
        | {
            "reports": counted[row["source"]],
            "newest": newest.get(row["source"]),
            "days": max(0, (made - row["last"]).days),
        }
        for row in told.sort("source").iter_rows(named=True)
    ]
