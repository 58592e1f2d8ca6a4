"""Ring 3: all reports together. What several pages, several years and the run before say of each other.

An error here stops the release, unless the rule is accepted with a reason; a warning is told and recorded.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any

import polars as pl

from schemas.checks.coverage import coverage_states
from schemas.checks.expectations import Expectation
from schemas.checks.growth import changes_of, growth_outcome
from schemas.checks.numbers import plain
from schemas.checks.rule import DATASET, Outcome, declare
from schemas.checks.statements import Stated, view_of

# Measures that a committee counts once for a year, so that two pages must give one number.
COUNTED_ONCE = (
    r"^(proposals\.(submitted|filed|individual|collective|resolved|in_progress|deferred|handlers|assignments|motions|topic)"
    r"|opinions\.(submitted|collected)|meetings\.(plenary|standing_committee|chairpersons|party_group)|members\.total)$"
)
LEAST_VALUE = 20  # smaller numbers jump without a reason
# How much a year may differ from the median of the years before it: much from one or two years, less from more.
FEW_YEARS, FACTOR_FEW, FACTOR_MANY = 3, 6.0, 3.0
# Of a source in the release before, from which a loss counts: a page or two may turn bad, and are in quarantine then.
LEAST_FIGURES, LEAST_REPORTS = 20, 3
LOST_SHARE = 0.5
# Reports whose sentences are held at once.
REPORTS_AT_ONCE = 1_000
# Columns that the rules look at; a large table is not read in full for them.
COLUMNS = {
    "figures": [
        "figure_id",
        "report_id",
        "measure",
        "statistic",
        "category",
        "value",
        "unit",
        "bound",
        "whose",
        "planned",
        "period_start",
        "period_end",
        "quote",
    ],
    "captures": ["report_id", "source", "source_uri", "captured_at"],
    "quarantine": ["report_id", "table", "row", "rule", "reason", "resolved_by_run"],
    "requests": ["source", "purpose", "asked_for", "requested_at", "outcome", "rule", "reason"],
}


@dataclass(frozen=True)
class DatasetView:
    """The whole dataset.

    Attributes:
        reports, figures, captures, quarantine: the tables; of their columns at least `COLUMNS`.
        now: the time of the check (UTC).
        expectations: what is expected of sources, by name.
        before: figures by source in the release before, of those with `LEAST_REPORTS`; empty for the first one.
        duplicates: for a report that repeats another one: that one and how alike they are, 0 to 1.
        requests: the ledger of fetching, where anything was fetched.
        speaks_for: codes of the places that sources speak for, by the name of the source.
        whole_figures: gives rows of `figures` with all columns, of the reports that it is asked for; if none is given, `figures` has all columns.
    """

    reports: pl.DataFrame
    figures: pl.DataFrame
    captures: pl.DataFrame
    quarantine: pl.DataFrame
    now: dt.datetime
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    duplicates: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    requests: pl.DataFrame | None = None
    speaks_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole_figures: Callable[[Collection[str]], pl.DataFrame] | None = None

    def figures_of(self, reports: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """Figures of some reports with all columns, in their order, by report."""
        if self.whole_figures is not None:
            rows = self.whole_figures(reports)
        else:
            rows = self.figures.filter(pl.col("report_id").is_in(sorted(reports)))
        parts = rows.sort("report_id", "ordinal").partition_by("report_id", as_dict=True)
        return {str(key[0]): part.to_dicts() for key, part in parts.items()}

    @cached_property
    def own(self) -> pl.DataFrame:
        """Exact results of the committees with place and address of their report."""
        results = self.figures.filter((pl.col("whose") == "own") & ~pl.col("planned") & (pl.col("bound") == "exact"))
        places = self.reports.select("report_id", "division_code", "division_name", "source", "source_uri")
        return results.join(places, on="report_id").filter(pl.col("division_code").is_not_null())

    @cached_property
    def places(self) -> dict[str, str]:
        """Names of the places of the reports, by code."""
        named = self.reports.select("division_code", "division_name").drop_nulls().unique("division_code")
        return dict(named.iter_rows())

    @cached_property
    def names(self) -> dict[str, str]:
        """Source and address of each report."""
        return {
            row[0]: f"{row[1]}:{row[2]}" for row in self.reports.select("report_id", "source", "source_uri").iter_rows()
        }


@declare(
    DATASET,
    "sources_agree",
    "warning",
    "Pages on the same committee and years give the same numbers; of three and more the one that differs is named.",
    scope="one committee, one period, one measure, class, statistic and unit; reports that state one number for it",
    right="website and newspaper: 立案提案336件",
    wrong="website: 立案提案336件, newspaper: 立案提案363件",
)
def sources_agree(dataset: DatasetView) -> Iterator[Outcome]:
    """Website, newspaper, mirror and next year's report against each other."""
    key = ["division_code", "period_start", "period_end", "measure", "category", "statistic", "unit"]
    found = dataset.own.filter(
        pl.col("measure").str.contains(COUNTED_ONCE)
        & pl.col("statistic").is_in(["count", "share"])
        & pl.col("period_end").is_not_null()
    )
    single = (
        found.group_by([*key, "report_id"], maintain_order=True)
        .agg(
            pl.col("value").n_unique().alias("values"),
            pl.col("value").first(),
            pl.col("figure_id").first(),
            pl.col("quote").first(),
        )
        .filter(pl.col("values") == 1)
    )
    # A small number of what is counted in hundreds is a part of it: three proposals of one party.
    whole = (
        pl.col("measure").str.starts_with("meetings.")
        | (pl.col("statistic") == "share")
        | (pl.col("value") >= LEAST_VALUE)
    )
    single = single.filter(whole)
    several = single.filter(pl.len().over(key) > 1).sort([*key, "report_id"])
    for rows in _grouped(several, key):
        yield _agreement(rows, dataset)


def _grouped(ordered: pl.DataFrame, key: list[str]) -> Iterator[list[dict[str, Any]]]:
    """Rows of a frame that is sorted by a key, group by group; a frame for each group would cost more than the rules."""
    for _, rows in groupby(ordered.iter_rows(named=True), key=itemgetter(*key)):
        yield list(rows)


def _agreement(rows: list[dict[str, Any]], dataset: DatasetView) -> Outcome:
    values = Counter(row["value"] for row in rows)
    (usual, most), *others = values.most_common()
    place = dataset.places[rows[0]["division_code"]]
    what = f"{place}, {rows[0]['measure']} {rows[0]['category']}".strip() + f" {_years(rows[0])}"
    ids = tuple(row["figure_id"] for row in rows)
    if not others:
        pages = f"{len(rows)} pages agree: {what} is {plain(usual)}"
        return Outcome(True, plain(usual), plain(usual), pages, ids)
    told = ", ".join(f"{plain(row['value'])} in {dataset.names[row['report_id']]}" for row in rows)
    if most > max(count for _, count in others):
        outlier = next(row for row in rows if row["value"] != usual)
        message = f"{what}: {told}; {dataset.names[outlier['report_id']]} differs from the others"
        return Outcome(False, plain(usual), plain(outlier["value"]), message, ids, outlier["report_id"])
    return Outcome(False, "one number", " ".join(plain(value) for value in values), f"{what}: {told}", ids)


def _years(row: Mapping[str, Any]) -> str:
    first, last = row["period_start"].year, row["period_end"].year
    return str(first) if first == last else f"{first}–{last}"


@declare(
    DATASET,
    "year_to_year",
    "warning",
    "A yearly number is not far from those of the years before it in the same committee.",
    scope="one committee and measure; the largest number that a year states",
    tolerance=f"{FACTOR_FEW:g} times the median of one or two years before, {FACTOR_MANY:g} times that of more; numbers of {LEAST_VALUE} and more",
    right="立案提案312件 in 2022, 336件 in 2023",
    wrong="立案提案312件 in 2022, 36件 in 2023",
)
def year_to_year(dataset: DatasetView) -> Iterator[Outcome]:
    """A jump against the committee's own history."""
    yearly = dataset.own.filter(
        pl.col("measure").str.contains(COUNTED_ONCE)
        & (pl.col("statistic") == "count")
        & (pl.col("category") == "")
        & (pl.col("period_start").dt.year() == pl.col("period_end").dt.year())
    ).with_columns(year=pl.col("period_end").dt.year())
    key = ["division_code", "measure", "unit"]
    highest = yearly.sort("value", descending=True).unique([*key, "year"], keep="first", maintain_order=True)
    for rows in _grouped(highest.sort([*key, "year"]), key):
        for at in range(1, len(rows)):
            yield from _jump(rows[at], rows[:at])


def _jump(now: dict[str, Any], history: list[dict[str, Any]]) -> Iterator[Outcome]:
    usual = median(row["value"] for row in history)
    if min(usual, now["value"]) <= 0 or max(usual, now["value"]) < LEAST_VALUE:
        return
    factor = FACTOR_MANY if len(history) >= FEW_YEARS else FACTOR_FEW
    passed = 1 / factor <= now["value"] / usual <= factor
    before = ", ".join(f"{plain(row['value'])} in {row['year']}" for row in history)
    message = f"{now['division_name']}, {now['measure']}: {plain(now['value'])} in {now['year']} after {before}"
    expected = f"{plain(round(usual / factor, 1))}–{plain(round(usual * factor, 1))}"
    yield Outcome(passed, expected, plain(now["value"]), message, (now["figure_id"],), now["report_id"])


@declare(
    DATASET,
    "growth_across_reports",
    "warning",
    "Growth that a report states agrees with the report of the year before.",
    scope="one committee, two reports of years that follow each other",
    tolerance="as growth_between_years",
    right="2022: 立案提案312件; 2023: 立案提案336件,比上年增加24件",
    wrong="2022: 立案提案312件; 2023: 立案提案336件,比上年增加42件",
)
def growth_across_reports(dataset: DatasetView) -> Iterator[Outcome]:
    """比上年增加28件 against last year's report."""
    several = dataset.reports.filter(pl.col("division_code").is_not_null() & (pl.len().over("division_code") > 1))
    growing = dataset.own.filter(
        (pl.col("statistic") == "change") & pl.col("report_id").is_in(several["report_id"].implode())
    )
    changed = growing["report_id"].unique().to_list()
    if not changed:
        return
    counts = dataset.own.filter((pl.col("statistic") == "count") & pl.col("period_end").is_not_null())
    earlier: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in counts.sort("value").iter_rows(named=True):
        if row["period_start"].year == row["period_end"].year:
            earlier[row["division_code"], row["measure"], row["category"], row["unit"], row["period_end"].year] = row
    reports = dataset.reports.filter(pl.col("report_id").is_in(changed)).sort("report_id")
    for part in reports.iter_slices(REPORTS_AT_ONCE):
        yield from _growth(part, earlier, dataset)


def _growth(
    reports: pl.DataFrame, earlier: Mapping[tuple[Any, ...], dict[str, Any]], dataset: DatasetView
) -> Iterator[Outcome]:
    """Changes that some reports state, against numbers of other reports for the year before."""
    figures = dataset.figures_of(reports["report_id"].to_list())
    found: list[tuple[dict[str, Any], Stated, Stated, dict[str, Any]]] = []
    for report in reports.iter_rows(named=True):
        for now, change in changes_of(view_of(report, figures[report["report_id"]], [], [])):
            if now.period is None or now.period[0] != now.period[1]:
                continue
            key = (report["division_code"], now.measure, now.category, now.unit, now.period[1] - 1)
            last = earlier.get(key)
            if last is not None and last["report_id"] != report["report_id"]:
                found.append((report, now, change, last))
    others = dataset.figures_of({last["report_id"] for *_, last in found}) if found else {}
    whole = {row["figure_id"]: row for rows in others.values() for row in rows}
    for report, now, change, last in found:
        before = view_of(report, [whole[last["figure_id"]]], [], []).figures[0]
        outcome = growth_outcome(before, now, change)
        told = f"{report['division_name']}, {now.measure}: {outcome.message} ({dataset.names[last['report_id']]})"
        yield Outcome(outcome.passed, outcome.expected, outcome.observed, told, outcome.figure_ids, report["report_id"])


@declare(
    DATASET,
    "published_after_period",
    "error",
    "A report is published in the last year of its period or later.",
    scope="one report",
    tolerance="reports of the running year are published in its last months",
    right="covers 2023, published on 2024-01-22",
    wrong="covers 2024, published on 2023-01-22",
)
def published_after_period(dataset: DatasetView) -> Iterator[Outcome]:
    """A period that was not over, or had not begun, when the page came."""
    dated = dataset.reports.filter(pl.col("published_at").is_not_null() & pl.col("period_end").is_not_null())
    for row in dated.sort("report_id").iter_rows(named=True):
        passed = row["published_at"].year >= row["period_end"].year
        verb = "is published" if passed else "was published before that,"
        message = f"{dataset.names[row['report_id']]} covers {_years(row)} and {verb} on {row['published_at']}"
        expected = f"{row['period_end'].year} or later"
        yield Outcome(passed, expected, str(row["published_at"].year), message, (), row["report_id"])


@declare(
    DATASET,
    "coverage",
    "warning",
    "For each committee and year it is known whether a report was accepted, set aside, not read, not fetched, or never published.",
    scope="each committee, from its first year to the last year of the dataset; each place of a source that was asked, to the year before",
    tolerance="a year for which no page was ever found counts as unpublished, and passes",
    right="a report of 遂宁市 for 2023: accepted; no page for 2022: unpublished",
    wrong="a page of 遂宁市 for 2023 that no report is read from: unparsed",
)
def coverage(dataset: DatasetView) -> Iterator[Outcome]:
    """One outcome for a committee and year; its observed value is the state."""
    states = coverage_states(dataset)
    for (code, name, year), (state, why) in sorted(states.items()):
        passed = state in ("accepted", "unpublished")
        message = f"{name} ({code}) {year}: {state}{why}"
        yield Outcome(passed, "accepted", state, message)


@declare(
    DATASET,
    "volume_minimum",
    "error",
    "A source has no fewer reports and figures than expected of it, and not half of its figures are gone since the release before.",
    scope="one source; minimums of seeds/expectations.toml (`lvzhi check --suggest`)",
    tolerance=f"sources with fewer than {LEAST_REPORTS} reports or {LEAST_FIGURES} figures in the release before may lose them",
    right="12 reports where at least 9 are expected",
    wrong="3 reports where at least 9 are expected",
)
def volume_minimum(dataset: DatasetView) -> Iterator[Outcome]:
    """Too little: a site that changed its pages, a rule that went wrong."""
    counts = volumes(dataset)
    for name in sorted({*counts, *dataset.expectations, *dataset.before}):
        reports, figures = counts.get(name, (0, 0))
        expected = dataset.expectations.get(name)
        for what, count, least in (
            ("reports", reports, expected.min_reports if expected else None),
            ("figures", figures, expected.min_figures if expected else None),
        ):
            if least is not None:
                message = f"{name} has {count} {what}, at least {least} are expected"
                yield Outcome(count >= least, f"at least {least}", str(count), message)
        before = dataset.before.get(name, 0)
        if before >= LEAST_FIGURES:
            least = math.ceil(before * LOST_SHARE)
            message = f"{name} has {figures} figures, the release before had {before}"
            yield Outcome(figures >= least, f"at least {least}", str(figures), message)


@declare(
    DATASET,
    "volume_maximum",
    "warning",
    "A source has no more reports and figures than expected of it.",
    scope="one source; maximums of seeds/expectations.toml (`lvzhi check --suggest`)",
    right="12 reports where at most 16 are expected",
    wrong="40 reports where at most 16 are expected",
)
def volume_maximum(dataset: DatasetView) -> Iterator[Outcome]:
    """Too much: pages that are no reports, reports that come twice."""
    counts = volumes(dataset)
    for name, expected in sorted(dataset.expectations.items()):
        reports, figures = counts.get(name, (0, 0))
        for what, count, most in (
            ("reports", reports, expected.max_reports),
            ("figures", figures, expected.max_figures),
        ):
            if most is not None:
                message = f"{name} has {count} {what}, at most {most} are expected"
                yield Outcome(count <= most, f"at most {most}", str(count), message)


@declare(
    DATASET,
    "freshness",
    "warning",
    "A source was captured not longer ago than expected of it.",
    scope="one source; max_age_days of seeds/expectations.toml (`lvzhi check --suggest`)",
    right="captured 20 days ago where at most 400 are expected",
    wrong="captured 700 days ago where at most 400 are expected",
)
def freshness(dataset: DatasetView) -> Iterator[Outcome]:
    """A source that nothing new came from for too long."""
    latest = dict(dataset.captures.group_by("source").agg(pl.col("captured_at").max()).iter_rows())
    for name, expected in sorted(dataset.expectations.items()):
        if expected.max_age_days is None:
            continue
        age = (dataset.now - latest[name]).days if name in latest else None
        passed = age is not None and age <= expected.max_age_days
        told = f"{age} days ago" if age is not None else "never"
        message = f"{name} was captured {told}, at most {expected.max_age_days} days are expected"
        yield Outcome(passed, f"at most {expected.max_age_days} days", told, message)


def volumes(dataset: DatasetView) -> dict[str, tuple[int, int]]:
    """Reports and figures of each source."""
    rows = dataset.reports.group_by("source").agg(pl.len(), pl.col("n_figures").sum()).sort("source").iter_rows()
    return {source: (reports, figures) for source, reports, figures in rows}


@declare(
    DATASET,
    "repeats_agree",
    "warning",
    "A report that repeats another one states the same numbers.",
    scope="a report with `duplicate_of` and the one that it repeats",
    tolerance="numbers of passages that only one of them has",
    right="a reprint with the same numbers",
    wrong="a reprint with 立案提案363件 where the first page has 336件",
)
def repeats_agree(dataset: DatasetView) -> Iterator[Outcome]:
    """Reprints and mirrors: same sentence, other number."""
    if not dataset.duplicates:
        return
    pairs = sorted(dataset.duplicates.items())
    for at in range(0, len(pairs), REPORTS_AT_ONCE):
        part = pairs[at : at + REPORTS_AT_ONCE]
        figures = dataset.figures_of({one for report, (canonical, _) in part for one in (report, canonical)})
        for report, (canonical, alike) in part:
            yield _repeated(report, canonical, alike, figures, dataset.names)


def _repeated(
    report: str, canonical: str, alike: float, figures: Mapping[str, list[dict[str, Any]]], names: Mapping[str, str]
) -> Outcome:
    """One report against the one that it repeats."""
    other: dict[str, set[str]] = defaultdict(set)
    for row in figures.get(canonical, []):
        other[_words(row)].add(_digits(row))
    odd = [row for row in figures.get(report, []) if _digits(row) not in other.get(_words(row), {_digits(row)})]
    message = f"{names[report]} repeats {names[canonical]} ({alike:.0%} alike)"
    if odd:
        message += f"; {', '.join(row['quote'] for row in odd[:5])} stand otherwise there"
    return Outcome(not odd, "0 differ", f"{len(odd)} differ", message, tuple(row["figure_id"] for row in odd), report)


def _words(row: Mapping[str, Any]) -> str:
    """A sentence without its digits: the words that a number stands in."""
    return re.sub(r"[\d\s.,，]+", "#", row["sentence"])


def _digits(row: Mapping[str, Any]) -> str:
    return re.sub(r"[^\d.]", "", row["quote"])
