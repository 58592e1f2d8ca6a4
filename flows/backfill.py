"""Backfill: captures that are in the archive, through today's code.

Of each report the latest capture is read again. Only reports of which a row differs are replaced, all in one release;
the others stay as they are. What is done so far is kept in the data folder under a name made of all that it depends on,
so that a backfill that was killed goes on where it was, and one after a dry run finds its work done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from flows.capture import Captured, capture_of, latest_captures
from flows.gate import Acceptance, check_dataset, figures_by_source, spoken_for
from flows.inputs import inputs
from flows.panel import make_panel
from flows.process import Batch, Capture, Processed, process
from flows.progress import Progress, no_progress
from flows.publish import SOURCE_RULES, Work, commit, settled
from flows.run import RELEASED, Run
from flows.seeds import seeds_folder
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.checks import DATASET
from schemas.checks.expectations import load_expectations
from schemas.errors import UsageError
from schemas.ids import make_id
from schemas.tables import EXTRACTED, TABLES
from storage.diff import State, difference, origins
from storage.digest import report_digests
from storage.folder import data_folder
from storage.releases import require
from storage.sites import Sites, lines_mark, read_version, site_of
from storage.staging import SUFFIX, Chosen, Staged, claim, staged, staging_place
from storage.tables import Tables

# Bytes that a batch has about. Small ones: what a killed backfill loses is the batches at work.
BATCH_BYTES = 500_000
# Reports that are compared at once with their rows as they stand.
REPORTS_AT_ONCE = 1_000
STAGED = (*EXTRACTED, "checks", "quarantine")


@dataclass(frozen=True)
class Selection:
    """Which reports are read again: those that meet all that is given.

    Attributes:
        since, until: first and last day (UTC) of their latest capture.
        sources: names of sources.
        reports: ids of reports, or beginnings of ids.
        rule: a rule that gave one of their rows, or set it aside.
    """

    since: dt.date | None = None
    until: dt.date | None = None
    sources: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    rule: str | None = None

    def as_parameters(self) -> dict[str, object]:
        """The selection as `runs` keeps it."""
        given = {name: value for name, value in asdict(self).items() if value}
        return {name: str(value) if isinstance(value, dt.date) else value for name, value in given.items()}


@dataclass(frozen=True)
class Backfilled:
    """What a backfill did, or, dry, would do: its counts, and the rows that differ with causes where these were asked for."""

    summary: Summary
    changes: pl.DataFrame | None = None


def run_backfill(
    data: str | Path,
    selection: Selection | None = None,
    *,
    dry_run: bool = False,
    accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
) -> Backfilled:
    """Read reports again from the archive.

    Args:
        data: the data folder.
        selection: which reports; all if none is given.
        dry_run: commit nothing, and tell what would change.
        accept: errors of the dataset that do not stop the release.
        submit: runs the batches.
        progress: is told stage, number done and total.

    Raises:
        DataError: nothing was ever ingested there, or errors of the dataset stop the release.
        UsageError: nothing is selected.
        StorageError: the data folder cannot be read or written; what was released before stands.
    """
    chosen = selection or Selection()
    folder = data_folder(data)
    select(Tables(folder), require(folder).versions, chosen)  # what selects nothing is no run
    with Run(folder, "backfill", chosen.as_parameters() | {"dry_run": dry_run}, accept) as run:
        known = run.known()
        versions = run.release.versions if run.release else {}
        captures = select(run.tables, versions, chosen)
        batches = [replace(run.batch([c for c, _ in part]), keep_going=True) for part in _buckets(captures)]
        places = _places(run, batches)
        batches = [replace(batch, place=place) for batch, place in zip(batches, places, strict=True)]
        results = list(_results(run, batches, submit, progress))
        work = _changed(run, captures, batches, results)
        summary = Summary(run_id=run.run_id, found=len(captures), lost=sum(len(result.lost) for result in results))
        changes = _changes(run, work) if dry_run else None
        if dry_run:
            _drop(work)
        work.known = known
        commit(run, work, summary)
        for place in places if not dry_run else ():
            place.unlink(missing_ok=True)
    return Backfilled(summary, changes)


def select(tables: Tables, versions: Mapping[str, int], selection: Selection) -> list[tuple[Capture, int]]:
    """Latest captures of the reports that are selected, each with its length in bytes, in order of the reports.

    Args:
        tables: the tables.
        versions: the versions of them to read.
        selection: which reports.

    Raises:
        UsageError: there is none.
    """
    latest = latest_captures(tables.read("captures", versions.get("captures")))
    day = pl.col("captured_at").dt.date()
    wanted = (pl.col("status") == "read") & pl.col("warc_file").is_not_null()
    if selection.since:
        wanted &= day >= selection.since
    if selection.until:
        wanted &= day <= selection.until
    if selection.sources:
        wanted &= pl.col("source").is_in(selection.sources)
    if selection.reports:
        if not all(selection.reports):
            raise UsageError("an empty id selects no report; `lvzhi status` lists sources, `lvzhi sql` finds ids")
        wanted &= pl.any_horizontal(pl.col("report_id").str.starts_with(report) for report in selection.reports)
    if selection.rule:
        wanted &= pl.col("report_id").is_in(_ruled(tables, versions, selection.rule))
    rows = latest.filter(wanted).sort("report_id")
    if rows.is_empty():
        given = (
            ", ".join(f"{name} {_told(value)}" for name, value in selection.as_parameters().items()) or "the archive"
        )
        raise UsageError(f"no report is selected by {given}; `lvzhi status` lists sources and rules")
    return [(capture_of(row), row["bytes"]) for row in rows.iter_rows(named=True)]


def _told(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _ruled(tables: Tables, versions: Mapping[str, int], rule: str) -> list[str]:
    """Reports with a row that a rule gave, or set aside."""
    found: set[str] = set()
    for name in versions:
        if {"rule", "report_id"} <= TABLES[name].schema.keys():
            rows = tables.read(name, versions[name], columns=["report_id", "rule"])
            found.update(rows.filter(pl.col("rule") == rule)["report_id"].drop_nulls())
    return sorted(found)


def _buckets(captures: list[tuple[Capture, int]]) -> Iterator[list[tuple[Capture, int]]]:
    """Captures in batches by the first digits of the report's id: a report that comes or goes changes its own batch only."""
    digits = 0
    while sum(size for _, size in captures) > BATCH_BYTES * 16**digits and digits < 8:
        digits += 1
    buckets: dict[str, list[tuple[Capture, int]]] = {}
    for capture, size in captures:
        buckets.setdefault(capture.report_id[:digits], []).append((capture, size))
    yield from (buckets[start] for start in sorted(buckets))


def _places(run: Run, batches: list[Batch]) -> list[Path]:
    """Where the rows of each batch are kept: under a name of all that they depend on."""
    versions = inputs("")
    lines = read_version(run.folder.sites, run.site_lines)
    return [run.folder.staging / _name(batch, versions, lines) for batch in batches]


def _name(batch: Batch, versions: dict[str, str], lines: Sites) -> str:
    sites = sorted({site_of(capture.source, capture.source_uri) for capture in batch.captures})
    marks = [lines_mark(lines, site) for site in sites]
    parts = (capture.capture_id for capture in batch.captures)
    return make_id(*sorted(versions.items()), *sites, *marks, *parts) + SUFFIX


def _results(
    run: Run, batches: list[Batch], submit: Submit[Batch, Processed], progress: Progress
) -> Iterator[Processed]:
    """What each batch gives, in their order: what an earlier backfill kept, or made now."""
    have = [_kept(run, batch, number) for number, batch in enumerate(batches)]
    made = submit(process, [batch for batch, there in zip(batches, have, strict=True) if there is None])
    progress("process", 0, len(batches))
    for number, (batch, there) in enumerate(zip(batches, have, strict=True)):
        yield _claimed(run, batch, number, next(made)) if there is None else Processed.of(there)
        progress("process", number + 1, len(batches))


def _kept(run: Run, batch: Batch, number: int) -> Staged | None:
    """What an earlier backfill kept of a batch, under a name of this run: another one may come to its end meanwhile."""
    there = staged(batch.place, STAGED, run.run_id) if batch.place else None
    return None if there is None else claim(there, staging_place(run.folder, run.run_id, number))


def _claimed(run: Run, batch: Batch, number: int, made: Processed) -> Processed:
    """What a batch gave, under a name of this run; made again where another backfill removed it at once."""
    place = staging_place(run.folder, run.run_id, number)
    if not isinstance(made.frames, Staged):
        return made
    mine = claim(made.frames, place)
    return process(replace(batch, place=place)) if mine is None else replace(made, frames=mine)


def _changed(run: Run, captures: list[tuple[Capture, int]], batches: list[Batch], results: list[Processed]) -> Work:
    """The work without reports whose rows are as they stand."""
    selected = {capture.report_id for capture, _ in captures}.difference(*(result.lost for result in results))
    changed: set[str] = set()
    some: list[Processed] = []
    wanted: set[str] = set()
    for number, (batch, result) in enumerate(zip(batches, results, strict=True), 1):
        some.append(result)
        wanted |= {capture.report_id for capture in batch.captures} & selected
        if len(wanted) >= REPORTS_AT_ONCE or number == len(batches):
            changed |= _differing(run, some, wanted)
            some, wanted = [], set()
    captured = Captured(
        captures=[(capture, size) for capture, size in captures if capture.report_id in changed],
        unchanged=len(selected) - len(changed),
        replayed=changed,
    )
    work = Work(captured, [], [], {})
    for batch, result in zip(batches, results, strict=True):
        kept = tuple(capture for capture in batch.captures if capture.report_id in changed)
        if kept:
            only = frozenset(capture.report_id for capture in kept)
            work.batches.append(replace(batch, captures=kept))
            work.results.append(Processed.of(Chosen(result.frames, only)))
    return work


def _differing(run: Run, results: list[Processed], reports: set[str]) -> set[str]:
    """Reports, of those that some batches gave, of which a row is not as it stands."""
    versions = run.release.versions if run.release else {}
    found: set[str] = set()
    for name in STAGED:
        standing = run.tables.read(name, versions.get(name), where=pl.col("report_id").is_in(sorted(reports)))
        if name == "reports":
            # What a report repeats is told of all reports together, after the commit.
            standing = standing.with_columns(duplicate_of=pl.lit(None, dtype=pl.String))
        if name == "quarantine":
            standing = standing.filter(~pl.col("rule").is_in(SOURCE_RULES))
        was = report_digests(name, standing)
        now = {key: value for result in results for key, value in report_digests(name, result.frames[name]).items()}
        found |= {report for report in was.keys() | now.keys() if was.get(report) != now.get(report)}
    return found


def _changes(run: Run, work: Work) -> pl.DataFrame:
    """Rows that would differ, with causes."""
    versions = run.release.versions if run.release else {}
    before = {name: run.tables.read(name, versions.get(name)) for name in RELEASED}
    if not work.captured.replayed:
        return difference(State(before), State(before))
    runs = run.tables.read("runs")
    after = dict(before)
    gone = pl.col("report_id").is_in(list(work.captured.replayed)).fill_null(False)
    for name in EXTRACTED:
        made = [result.frames[name] for result in work.results]
        after[name] = pl.concat([before[name].filter(~gone), *made])
    aside = pl.concat([TABLES["quarantine"].frame([]), *(result.frames["quarantine"] for result in work.results)])
    after["quarantine"], _ = settled(run, aside, sorted(work.captured.replayed), [])
    untouched = before["quarantine"].filter(
        ~pl.col("quarantine_id").is_in(after["quarantine"]["quarantine_id"].to_list())
    )
    after["quarantine"] = pl.concat([untouched, after["quarantine"]])
    of_reports = [before["checks"].filter(~gone & (pl.col("ring") != DATASET))]
    of_reports += [result.frames["checks"] for result in work.results]
    expected = load_expectations(seeds_folder())
    counts = figures_by_source(before["reports"])
    requests = run.tables.read("requests")
    places = spoken_for(seeds_folder(), requests)
    asked = after | {"requests": requests}
    checked = check_dataset(asked, run.run_id, run.started_at, expectations=expected, before=counts, speaks_for=places)
    after["checks"] = pl.concat([*of_reports, TABLES["checks"].frame(checked.rows)])
    others = ~pl.col("report_id").is_in(checked.reports["report_id"].to_list())
    after["reports"] = pl.concat([after["reports"].filter(others), checked.reports])
    after["panel"] = make_panel(after["reports"], after["figures"])
    return difference(State(before, origins(run.folder, before, runs)), State(after, origins(run.folder, after, runs)))


def _drop(work: Work) -> None:
    """Leave nothing to commit; what would be replaced counts as unchanged."""
    work.captured.unchanged += len(work.captured.replayed)
    work.captured.replayed.clear()
    work.captured.captures.clear()
    work.batches.clear()
    work.results.clear()
