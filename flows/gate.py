"""The gate before a release: ring 3 over the whole dataset, and what is accepted although it fails."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from flows.check import check_row
from flows.duplicates import compare, find_duplicates, remember, remembered
from schemas.checks import DATASET, of_ring
from schemas.checks.dataset import COLUMNS, LEAST_REPORTS, DatasetView
from schemas.checks.expectations import Expectation, load_expectations
from schemas.errors import DataError, UsageError
from schemas.tables import TABLES
from storage.folder import DataFolder
from storage.tables import Tables


@dataclass(frozen=True)
class Acceptance:
    """Rules of ring 3 whose errors do not stop the release, and why.

    Attributes:
        rules: their names.
        reason: a sentence, kept with the release.
    """

    rules: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        known = {rule.name for rule in of_ring(DATASET)}
        for name in self.rules:
            if name not in known:
                raise UsageError(f"there is no rule {name!r} to accept; the rules are {', '.join(sorted(known))}")
        if self.rules and not self.reason.strip():
            raise UsageError(f"say why {', '.join(self.rules)} may fail: --reason TEXT")

    def as_parameters(self) -> dict[str, object]:
        """What `runs.parameters` keeps; nothing where nothing is accepted."""
        return {"accept": list(self.rules), "reason": self.reason} if self.rules else {}


@dataclass(frozen=True)
class Checked:
    """Ring 3 of a dataset: rows of `checks`, and rows of `reports` whose `duplicate_of` is another now."""

    rows: list[dict[str, Any]]
    reports: pl.DataFrame
    accepted: list[dict[str, str]] = field(default_factory=list)


def check_dataset(
    frames: Mapping[str, pl.DataFrame],
    run_id: str,
    now: dt.datetime,
    *,
    expectations: Mapping[str, Expectation] | None = None,
    before: Mapping[str, int] | None = None,
    speaks_for: Mapping[str, tuple[str, ...]] | None = None,
) -> Checked:
    """Check all reports together.

    Args:
        frames: the tables `reports`, `figures`, `captures`, `quarantine`, in full; `requests` where there is one.
        run_id: the run.
        now: time of the check (UTC).
        expectations: what is expected of sources.
        before: figures by source in the release before.
        speaks_for: codes of the places that sources speak for, by name.
    """
    duplicates = find_duplicates(frames["reports"])
    view = DatasetView(
        frames["reports"],
        frames["figures"],
        frames["captures"],
        frames["quarantine"],
        now,
        expectations or {},
        before or {},
        duplicates,
        frames.get("requests"),
        speaks_for or {},
    )
    return Checked(_outcomes(view, run_id), _pointed(frames["reports"], duplicates))


def _outcomes(view: DatasetView, run_id: str) -> list[dict[str, Any]]:
    """Rows of `checks` for all rules of the dataset."""
    rows: list[dict[str, Any]] = []
    numbers: Counter[tuple[str, str | None]] = Counter()
    for rule in of_ring(DATASET):
        for outcome in rule.check(view):
            subject = rule.name, outcome.report_id
            rows.append(check_row(rule, outcome, None, run_id, numbers[subject]))
            numbers[subject] += 1
    return rows


def _pointed(reports: pl.DataFrame, duplicates: Mapping[str, tuple[str, float]]) -> pl.DataFrame:
    """Rows of reports whose `duplicate_of` changes, with its new value."""
    found = [duplicates.get(report, (None,))[0] for report in reports["report_id"]]
    new = pl.Series("duplicate_of", found, dtype=pl.String)
    return reports.with_columns(new).filter(~new.eq_missing(reports["duplicate_of"]))


def require_accepted(rows: Sequence[Mapping[str, Any]], acceptance: Acceptance) -> list[dict[str, str]]:
    """Stop at errors that are not accepted.

    Args:
        rows: rows of `checks` of ring 3.
        acceptance: what may fail.

    Returns:
        The rules that failed and are accepted, each with the reason.

    Raises:
        DataError: a rule fails that is not accepted.
    """
    failed = [row for row in rows if not row["passed"] and row["severity"] == "error"]
    stopping = [row for row in failed if row["rule"] not in acceptance.rules]
    if stopping:
        told = "".join(f"\n  {row['rule']}: {row['message']}" for row in stopping[:10])
        more = f"\n  and {len(stopping) - 10} more" if len(stopping) > 10 else ""
        first = stopping[0]["rule"]
        raise DataError(
            f"no release was made, {len(stopping)} errors of the dataset stop it:{told}{more}\n"
            f"look at the sources; if the data are right: --accept {first} --reason TEXT"
        )
    used = sorted({row["rule"] for row in failed})
    return [{"rule": rule, "reason": acceptance.reason} for rule in used]


def figures_by_source(reports: pl.DataFrame) -> dict[str, int]:
    """How many figures each source has of which a loss counts."""
    sums = reports.group_by("source").agg(pl.col("n_figures").sum(), reports=pl.len())
    return dict(sums.filter(pl.col("reports") >= LEAST_REPORTS).select("source", "n_figures").iter_rows())


def spoken_for(seeds: Path, requests: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Codes of the places for which each source speaks that was ever asked.

    Args:
        seeds: the folder with `sources/`.
        requests: the ledger of fetching.

    Raises:
        SourceFileError: the file of such a source is wrong.
    """
    files = [seeds / "sources" / f"{name}.toml" for name in sorted(set(requests["source"]))]
    there = [path for path in files if path.is_file()]
    if not there:
        return {}
    from schemas.sources import load_source  # its models take time that runs without sites do not need

    return {path.stem: tuple(load_source(path).places) for path in there}


def check_tables(
    folder: DataFolder,
    tables: Tables,
    versions: Mapping[str, int],
    run_id: str,
    now: dt.datetime,
    seeds: Path,
    acceptance: Acceptance,
    signatures: pl.DataFrame | None = None,
) -> Checked:
    """Check the tables as they stand, write the outcomes and `duplicate_of`, and stop at what is not accepted.

    The outcomes are those of `check_dataset`; texts and sentences are read only of reports that need it.

    Args:
        folder: the data folder, which remembers how alike reports are.
        tables: the tables; the rows of the run are committed.
        versions: versions of the release before.
        run_id, now: the run, and the time of the check.
        seeds: folder with the expectations.
        acceptance: what may fail.
        signatures: of texts that the run read, where it made them.

    Raises:
        DataError: a rule fails that is not accepted.
    """
    reports = tables.read("reports", columns=[name for name in TABLES["reports"].schema if name != "text"])
    heads = reports.select("report_id", "run_id", "published_at")
    duplicates, memory = compare(heads, partial(_texts, tables), remembered(folder.cache), signatures)
    remember(folder.cache, memory)
    view = _view(tables, reports, duplicates, now, seeds, _before(tables, versions))
    rows = _outcomes(view, run_id)
    pointed = _point(tables, reports, duplicates)
    tables.replace("checks", TABLES["checks"].frame(rows), [DATASET], key="ring")
    return Checked(rows, pointed, require_accepted(rows, acceptance))


def _view(
    tables: Tables,
    reports: pl.DataFrame,
    duplicates: Mapping[str, tuple[str, float]],
    now: dt.datetime,
    seeds: Path,
    before: Mapping[str, int],
) -> DatasetView:
    """The dataset with the columns that the rules look at; figures in full come when they are asked for."""
    requests = tables.read("requests", columns=COLUMNS["requests"])
    return DatasetView(
        reports,
        tables.read("figures", columns=COLUMNS["figures"]),
        tables.read("captures", columns=COLUMNS["captures"]),
        tables.read("quarantine", columns=COLUMNS["quarantine"], where=pl.col("resolved_by_run").is_null()),
        now,
        load_expectations(seeds),
        before,
        duplicates,
        requests,
        spoken_for(seeds, requests),
        lambda wanted: tables.read("figures", where=pl.col("report_id").is_in(sorted(wanted))),
    )


def _point(tables: Tables, reports: pl.DataFrame, duplicates: Mapping[str, tuple[str, float]]) -> pl.DataFrame:
    """Write `duplicate_of` where it is another now; the rows that changed."""
    pointed = _pointed(reports, duplicates)
    if pointed.height:
        ids = pointed["report_id"].to_list()
        texts = tables.read("reports", columns=["report_id", "text"], where=pl.col("report_id").is_in(ids))
        pointed = pointed.join(texts, on="report_id", how="left").select(list(TABLES["reports"].schema))
        tables.replace("reports", pointed, ids)
    return pointed


def _texts(tables: Tables, wanted: Collection[str]) -> dict[str, str]:
    """Texts of reports."""
    chosen = pl.col("report_id").is_in(sorted(wanted))
    return dict(tables.read("reports", columns=["report_id", "text"], where=chosen).iter_rows())


def _before(tables: Tables, versions: Mapping[str, int]) -> dict[str, int]:
    if "reports" not in versions:
        return {}
    return figures_by_source(tables.read("reports", versions["reports"], columns=["source", "n_figures"]))


def suggest(history: Iterable[Mapping[str, tuple[int, int]]], captures: pl.DataFrame) -> dict[str, Expectation]:
    """Expectations for each source, from what it had in the releases so far.

    A source may lose a tenth of what it had at last and grow by half; it is stale after twice the longest time between two days on which
    something new came, and not before a year and a month: reports are yearly.

    Args:
        history: reports and figures by source, release by release, the current one last.
        captures: rows of `captures`.
    """
    latest: dict[str, tuple[int, int]] = {}
    growth: dict[str, float] = {}
    for counts in history:
        for source, (reports, figures) in counts.items():
            if source in latest and latest[source][0]:
                growth[source] = max(growth.get(source, 1.5), reports / latest[source][0])
            latest[source] = (reports, figures)
    gaps = _longest_gaps(captures)
    return {
        source: Expectation(
            min_reports=reports * 9 // 10,
            max_reports=round(reports * growth.get(source, 1.5)) + 1,
            min_figures=figures * 9 // 10,
            max_figures=round(figures * growth.get(source, 1.5)) + 1,
            max_age_days=max(400, 2 * gaps.get(source, 0)),
        )
        for source, (reports, figures) in latest.items()
    }


def _longest_gaps(captures: pl.DataFrame) -> dict[str, int]:
    """Longest time between two days of captures of each source, in days."""
    days = captures.select("source", pl.col("captured_at").dt.date().alias("day")).unique().sort("source", "day")
    gaps = days.with_columns(gap=pl.col("day").diff().over("source").dt.total_days())
    return dict(gaps.group_by("source").agg(pl.col("gap").max().fill_null(0)).iter_rows())
