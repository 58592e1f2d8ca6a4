"""What changed between two states of the tables, row by row, and why.

Causes come from what is recorded, not from guesses: each row names its run, each run the versions of all that it made
rows with, each report the capture that it was read from. Whatever differs between the two states is a cause.

    source       another capture: the page is new, changed, or gone
    code         another version of the code, or of a library that reads pages
    vocabulary   other data files of the vocabulary
    site_lines   other lines that the site repeats on its pages
    correction   another version of the corrections
    replay       rows of the quarantine were put through the pipeline again
    dismissal    a person settled a row of the quarantine, with a reason
    others       other reports, on which the row depends: it compares reports, or adds them up
    unrecorded   an earlier lvzhi made one of the rows, and did not record its inputs
    unexplained  nothing that is recorded differs: an error of ours
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from schemas.tables import EXTRACTED, TABLES, TableSpec
from storage.folder import DataFolder
from storage.reading import ReleaseReader
from storage.sites import lines_mark, read_version, site_of
from storage.tables import UNRELEASED

# Columns that tell runs apart, not rows.
VOLATILE = ("run_id", "pipeline_version", "capture_id")
CAUSES = (
    "source",
    "code",
    "vocabulary",
    "site_lines",
    "correction",
    "replay",
    "dismissal",
    "others",
    "unrecorded",
    "unexplained",
)
# Tables that depend on one report alone; of a report, all but what compares it with others.
OF_ONE_REPORT = frozenset(EXTRACTED) - {"reports"}
COMPARED = frozenset(("duplicate_of", "quality"))
# Names of inputs of a run whose cause goes by another name.
CAUSE_OF_INPUT = {"corrections": "correction"}
CHANGES = {
    "table": pl.String,
    "change": pl.String,
    "report_id": pl.String,
    "key": pl.String,
    "columns": pl.String,
    "before": pl.String,
    "after": pl.String,
    "causes": pl.String,
}


@dataclass(frozen=True)
class Origin:
    """What the rows of a report were made with, in one state of the tables.

    Attributes:
        capture: digest of the bytes that it was read from; empty where there is no capture.
        run_id: the run.
        flow: what the run did.
        inputs: versions of all that the run made rows with; nothing where an earlier lvzhi did not record them.
        lines: mark of the lines that its site repeats, by which it was read.
    """

    capture: str
    run_id: str
    flow: str
    inputs: Mapping[str, str] | None
    lines: str


@dataclass
class State:
    """One state of the tables: frames by name, and the origin of each report."""

    frames: dict[str, pl.DataFrame]
    origins: dict[str, Origin] = field(default_factory=dict)


def compare(spec: TableSpec, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows that were added, removed or changed, by the key of the table.

    Args:
        spec: the table.
        before, after: its rows.

    Returns:
        Columns as in `CHANGES`, without causes: `columns` lists the names of those that differ, `before` and `after`
        are JSON of the differing columns, or of the whole row where it was added or removed. Sorted by report and key.
    """
    key = list(spec.key)
    told = [name for name in spec.schema if name not in VOLATILE or name in key]
    content = [name for name in told if name not in key]
    left, right = before.select(told), after.select(told)
    # Only rows that are not the same on both sides are looked at one by one.
    left, right = (
        left.join(right, on=told, how="anti", nulls_equal=True),
        right.join(left, on=told, how="anti", nulls_equal=True),
    )
    old = {tuple(row[name] for name in key): row for row in left.iter_rows(named=True)}
    new = {tuple(row[name] for name in key): row for row in right.iter_rows(named=True)}
    rows = []
    for place in sorted(old.keys() | new.keys(), key=str):
        was, now = old.get(place), new.get(place)
        change = "added" if was is None else "removed" if now is None else "changed"
        names = [name for name in content if was is None or now is None or was[name] != now[name]]
        row = now or was or {}
        rows.append(
            {
                "table": spec.name,
                "change": change,
                "report_id": row.get("report_id"),
                "key": _json({name: row[name] for name in key}),
                "columns": ", ".join(names) if change == "changed" else "",
                "before": _part(was, names),
                "after": _part(now, names),
            }
        )
    return pl.DataFrame(rows, schema={name: kind for name, kind in CHANGES.items() if name != "causes"}).sort(
        "report_id", "key", nulls_last=True
    )


def _part(row: Mapping[str, Any] | None, names: Iterable[str]) -> str | None:
    return None if row is None else _json({name: row[name] for name in names})


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)


def state_of(reader: ReleaseReader) -> State:
    """The state of the tables in a release."""
    frames = {name: reader.frame(name) for name in TABLES if name not in UNRELEASED}
    return State(frames, origins(reader.folder, frames, reader.frame("runs")))


def origins(folder: DataFolder, frames: Mapping[str, pl.DataFrame], runs: pl.DataFrame) -> dict[str, Origin]:
    """What each report was made with, also those that are in quarantine.

    Args:
        folder: the data folder, which has the versions of the lines that sites repeat.
        frames: rows of `captures`, `reports` and `quarantine`.
        runs: the log of runs.
    """
    captures = {row["capture_id"]: row for row in frames["captures"].iter_rows(named=True)}
    log = {row["run_id"]: row for row in runs.iter_rows(named=True)}
    sites: dict[str, str] = {}
    for row in frames["captures"].iter_rows(named=True):
        sites[row["report_id"]] = site_of(row["source"], row["source_uri"])
    made: dict[str, tuple[str | None, str]] = {}
    pages = frames["quarantine"].filter(pl.col("resolved_by_run").is_null())
    for frame in (pages, frames["reports"]):
        for report, capture, run in frame.select("report_id", "capture_id", "run_id").iter_rows():
            made[report] = (capture, run)
    found = {}
    for report, (capture, run) in made.items():
        entry = log.get(run, {})
        recorded = entry.get("inputs")
        versions = json.loads(recorded) if recorded else None
        lines = read_version(folder.sites, versions.get("site_lines", "")) if versions else {}
        digest = captures[capture]["sha256"] if capture in captures else ""
        found[report] = Origin(digest, run, entry.get("flow", ""), versions, lines_mark(lines, sites.get(report, "")))
    return found


def difference(before: State, after: State) -> pl.DataFrame:
    """All rows that differ between two states, with causes.

    Returns:
        A row for each row that was added, removed or changed; columns as in `CHANGES`; `causes` are names of `CAUSES`
        with commas between.
    """
    parts = []
    for name, spec in TABLES.items():
        if name in UNRELEASED:
            continue
        empty = pl.DataFrame(schema=spec.schema)
        rows = compare(spec, before.frames.get(name, empty), after.frames.get(name, empty))
        owners = _reports(spec, rows, before, after)
        unread = _unread(spec, before, after)
        causes = [
            "source" if spec.name == "captures" or row["key"] in unread else _causes(row, reports, before, after)
            for row, reports in zip(rows.iter_rows(named=True), owners, strict=True)
        ]
        parts.append(rows.with_columns(causes=pl.Series(causes, dtype=pl.String)))
    return pl.concat(parts).select(list(CHANGES))


def _unread(spec: TableSpec, before: State, after: State) -> set[str]:
    """Keys of quarantine rows of pages whose source could not be read: there is no capture behind them."""
    if spec.name != "quarantine":
        return set()
    frames = [state.frames["quarantine"].filter(pl.col("capture_id").is_null()) for state in (before, after)]
    return {_json({name: row[name] for name in spec.key}) for frame in frames for row in frame.iter_rows(named=True)}


def _reports(spec: TableSpec, rows: pl.DataFrame, before: State, after: State) -> list[set[str]]:
    """Reports that each changed row goes back to: its own, or those of the figures that it was made from."""
    if "figure_ids" not in spec.schema:
        return [{report} if report is not None else set() for report in rows["report_id"]]
    owner: dict[str, str] = {}
    for state in (before, after):
        figures = state.frames["figures"]
        owner.update(zip(figures["figure_id"], figures["report_id"], strict=True))
    by_key: dict[str, set[str]] = {}
    for state in (before, after):
        if spec.name not in state.frames:
            continue
        for row in state.frames[spec.name].iter_rows(named=True):
            ids = str(row["figure_ids"] or "").replace(",", " ").replace(";", " ").split()
            place = _json({name: row[name] for name in spec.key})
            by_key.setdefault(place, set()).update(owner[figure] for figure in ids if figure in owner)
    return [
        {*by_key.get(place, set()), *([report] if report is not None else [])}
        for place, report in rows.select("key", "report_id").iter_rows()
    ]


def _causes(row: Mapping[str, Any], reports: Iterable[str], before: State, after: State) -> str:
    """Whatever differs in the origins of the reports that a changed row goes back to."""
    if row["table"] == "quarantine" and row["change"] == "changed" and "dismissed" in row["columns"].split(", "):
        return "dismissal"
    found: set[str] = set()
    for report in reports:
        found |= _differing(before.origins.get(report), after.origins.get(report))
    if not found:
        columns = {name for name in row["columns"].split(", ") if name}
        alone = row["table"] in OF_ONE_REPORT or (row["table"] == "reports" and not (columns and columns <= COMPARED))
        found = {"unexplained" if alone or before.origins == after.origins else "others"}
    return ", ".join(cause for cause in CAUSES if cause in found)


def _differing(was: Origin | None, now: Origin | None) -> set[str]:
    if was is None or now is None:
        return {"source"} if was is not now else set()
    found = {"source"} if was.capture != now.capture else set()
    if was.run_id != now.run_id:
        if now.flow == "replay":
            found.add("replay")
        if was.inputs is None or now.inputs is None:
            found.add("unrecorded")
        else:
            names = (was.inputs.keys() | now.inputs.keys()) - {"site_lines"}
            changed = (name for name in names if was.inputs.get(name, "") != now.inputs.get(name, ""))
            found |= {CAUSE_OF_INPUT.get(name, name) for name in changed}
            if was.lines != now.lines:
                found.add("site_lines")
    return found
