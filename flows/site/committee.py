"""The page of a committee: its numbers over the years, each point with its evidence; the same as tables and CSV.

Only numbers of single years stand on an axis of years; totals of several years stand in a table of their own. A chart
holds one unit.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.site.pages import page
from flows.site.reading import Committee, Dataset, Row
from flows.site.texts import label
from schemas.vocabulary import load_measures

# What the page shows, in order: name, statistic, and the measures or families whose numbers it holds.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("proposals", "count", ("proposals.submitted", "proposals.filed", "proposals.resolved", "proposals.replied")),
    ("shares", "share", ("proposals.filed", "proposals.resolved", "proposals.replied", "proposals.satisfied")),
    ("meetings", "count", ("meetings",)),
    ("opinions", "count", ("opinions",)),
    ("activities", "count", ("activities.research", "activities.consultation", "activities.supervision")),
    ("platforms", "count", ("platforms",)),
)
SERIES = 6  # lines in a chart
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Chart:
    """Numbers of one unit over years.

    Attributes:
        name: its name on the page and in the name of its file.
        group: the group that it belongs to.
        unit: unit of all its numbers.
        years: all years from first to last of the committee.
        series: by measure its points by year.
    """

    name: str
    group: str
    unit: str
    years: list[int]
    series: dict[str, dict[int, Row]] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "unit": self.unit,
            "years": self.years,
            "series": [
                {
                    "name": list(label("measure", measure)),
                    "points": [_point(points[year], year) for year in self.years if year in points],
                }
                for measure, points in self.series.items()
            ],
        }

    def csv(self) -> str:
        """The numbers as CSV, a row each."""
        rows = [row for points in self.series.values() for _, row in sorted(points.items())]
        return as_csv(rows)


def _point(row: Row, year: int) -> dict[str, Any]:
    return {"year": year, "value": row["value"], "bound": row["bound"], "href": row["href"], "agree": row["agree"]}


COLUMNS = (
    "committee",
    "division_code",
    "period_start",
    "period_end",
    "measure",
    "category",
    "statistic",
    "value",
    "unit",
    "bound",
    "n_sources",
    "agree",
    "figure_ids",
)


def as_csv(rows: Iterable[Row]) -> str:
    """Rows of the panel as CSV with a byte order mark; a text that a spreadsheet would run is quoted."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


# Numbers of the panel with the first figure behind each, and its report.
PANEL = """
    SELECT p.*, coalesce(f.report_id, '') AS report
    FROM (SELECT *, split_part(figure_ids, ' ', 1) AS figure FROM panel) p LEFT JOIN figures f ON f.figure_id = p.figure"""
# The order of the committees of a dataset.
BY_COMMITTEE = "coalesce(p.division_code, ''), p.committee"
BY_KEY = "p.period_start, p.period_end, p.measure, p.category, p.statistic"


def panel_rows(dataset: Dataset) -> Iterator[tuple[str, list[Row]]]:
    """Each committee with its rows of the panel, each with `href` of its evidence from a folder below the root."""
    kept = dataset.desk.keep(f"{PANEL} ORDER BY {BY_COMMITTEE}, {BY_KEY}")
    groups = kept.groups("division_code", "committee")
    waiting = next(groups, None)
    for slug, committee in dataset.committees.items():
        place = (committee.code, committee.name)
        while waiting is not None and _place(waiting[0]) < place:
            waiting = next(groups, None)
        own = waiting[1] if waiting is not None and _place(waiting[0]) == place else []
        yield slug, [row | {"href": f"reports/{row['report']}.html#{row['figure']}"} for row in own]


def _place(key: tuple[str | None, str]) -> tuple[str, str]:
    return key[0] or "", key[1]


def charts(committee: Committee, rows: Sequence[Row]) -> list[Chart]:
    """The charts of a committee: of each group one a unit, in the order of their sizes; none of a single year."""
    yearly = _yearly(rows)
    years = year_span(committee, rows)
    found = []
    for group, statistic, measures in GROUPS:
        by_unit: dict[str, list[Row]] = defaultdict(list)
        for row in yearly:
            if row["statistic"] == statistic and _belongs(row["measure"], measures):
                by_unit[row["unit"]].append(row)
        ordered = sorted(by_unit.items(), key=lambda item: (-len(item[1]), item[0]))
        for number, (unit, points) in enumerate(ordered, 1):
            name = group if number == 1 else f"{group}-{number}"
            if len({row["period_end"].year for row in points}) > 1:
                found.append(Chart(name, group, unit, years, _series(points, measures)))
    return found


def _yearly(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row["category"] and row["period_start"].year == row["period_end"].year]


def year_span(committee: Committee, rows: Sequence[Row]) -> list[int]:
    """All years from the first one with a number of its own to the last one known, so that gaps are seen."""
    known = [row["period_end"].year for row in _yearly(rows)]
    return list(range(min(known), max(*known, *committee.states, 0) + 1)) if known else []


@dataclass(frozen=True)
class Measured:
    """One line of the table of all numbers: what is counted, in which unit, and its numbers by year."""

    measure: str
    statistic: str
    unit: str
    points: dict[int, Row]


def matrix(rows: Sequence[Row]) -> list[tuple[str, list[Measured]]]:
    """All numbers of single years, by family."""
    lines: dict[tuple[str, str, str], dict[int, Row]] = defaultdict(dict)
    for row in _yearly(rows):
        lines[row["measure"], row["statistic"], row["unit"]][row["period_end"].year] = row
    found: dict[str, list[Measured]] = defaultdict(list)
    order = {measure.code: place for place, measure in enumerate(load_measures())}
    for measure, statistic, unit in sorted(lines, key=lambda key: (order[key[0]], key[1:])):
        line = Measured(measure, statistic, unit, lines[measure, statistic, unit])
        found[measure.partition(".")[0]].append(line)
    return list(found.items())


def _belongs(measure: str, measures: Sequence[str]) -> bool:
    return measure in measures or measure.partition(".")[0] in measures


def _series(rows: Sequence[Row], measures: Sequence[str]) -> dict[str, dict[int, Row]]:
    """By measure its points by year: in the order of the group, or those with the most points first."""
    found: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        found[row["measure"]][row["period_end"].year] = row

    def order(measure: str) -> tuple[int, int, str]:
        return (measures.index(measure) if measure in measures else 99, -len(found[measure]), measure)

    return {measure: found[measure] for measure in sorted(found, key=order)[:SERIES]}


def spans(rows: Sequence[Row]) -> list[Row]:
    """Totals of several years, latest first."""
    several = [row for row in rows if row["period_start"].year != row["period_end"].year]
    return sorted(several, key=lambda row: (-row["period_end"].year, row["measure"], row["statistic"], row["category"]))


def committee_page(dataset: Dataset, committee: Committee, rows: Sequence[Row], drawn: Sequence[Chart]) -> str:
    """The page of a committee as HTML."""
    values = {
        "committee": committee,
        "charts": drawn,
        "spans": spans(rows),
        "n_rows": len(rows),
        "years": year_span(committee, rows),
        "matrix": matrix(rows),
    }
    return page("committee.html", 1, "front", values)


def files(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Name and content of the pages and CSV files of all committees."""
    for slug, rows in panel_rows(dataset):
        committee = dataset.committees[slug]
        drawn = charts(committee, rows)
        yield f"committees/{slug}.html", committee_page(dataset, committee, rows, drawn)
        yield f"committees/{slug}.csv", as_csv(rows)
        for chart in drawn:
            yield f"committees/{slug}-{chart.name}.csv", chart.csv()


__all__ = ["Chart", "as_csv", "charts", "files", "panel_rows"]
