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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from schemas.tables import EXTRACTED, TABLES, TableSpec
from storage.folder import DataFolder
from storage.reading import ReleaseReader
from storage.sites import Sites, lines_mark, read_version, site_of
from storage.tables import UNRELEASED
from storage.workspace import Workspace, quoted

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
# Bytes of rows of two releases that are compared at once.
AT_ONCE = 8_000_000
# Columns of long texts.
LONG = ("text", "row")
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


Owners = Mapping[str, str]


@dataclass
class State:
    """One state of the tables: frames by name, and the origin of each report."""

    frames: dict[str, pl.DataFrame]
    origins: dict[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True)
class BothStates:
    """What is known of reports in two states, by which causes are told.

    Attributes:
        before, after: origin of each report.
        owners: report of each figure that changed rows name.
        same: whether all origins are the same.
    """

    before: Mapping[str, Origin]
    after: Mapping[str, Origin]
    owners: Owners
    same: bool


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


def origins(folder: DataFolder, frames: Mapping[str, pl.DataFrame], runs: pl.DataFrame) -> dict[str, Origin]:
    """What each report was made with, also those that are in quarantine.

    Args:
        folder: the data folder, which has the versions of the lines that sites repeat.
        frames: rows of `captures`, `reports` and `quarantine`.
        runs: the log of runs.
    """
    digests: dict[str, str] = {}
    sites: dict[str, str] = {}
    columns = ("capture_id", "report_id", "source", "source_uri", "sha256")
    for capture, report, source, uri, digest in frames["captures"].select(columns).iter_rows():
        digests[capture], sites[report] = digest, site_of(source, uri)
    log = {row[0]: _Made(*row[1:]) for row in runs.select("run_id", "flow", "inputs").iter_rows()}
    made: dict[str, tuple[str | None, str]] = {}
    pages = frames["quarantine"].filter(pl.col("resolved_by_run").is_null())
    for frame in (pages, frames["reports"]):
        for report, capture, run in frame.select("report_id", "capture_id", "run_id").iter_rows():
            made[report] = (capture, run)
    found = {}
    for report, (capture, run) in made.items():
        entry = log.get(run, _Made("", None))
        lines = entry.lines_of(folder)
        digest = digests.get(capture or "", "")
        found[report] = Origin(digest, run, entry.flow, entry.versions, lines_mark(lines, sites.get(report, "")))
    return found


class _Made:
    """What the log says of a run, read once for all of its reports."""

    def __init__(self, flow: str, inputs: str | None) -> None:
        self.flow = flow
        self.versions: dict[str, str] | None = json.loads(inputs) if inputs else None

    def lines_of(self, folder: DataFolder) -> Sites:
        """Lines that sites repeat, as the run read them."""
        return read_version(folder.sites, self.versions.get("site_lines", "")) if self.versions else {}


def difference(before: State, after: State) -> pl.DataFrame:
    """All rows that differ between two states that are in memory, with causes.

    Returns:
        A row for each row that was added, removed or changed; columns as in `CHANGES`; `causes` are names of `CAUSES`
        with commas between.
    """
    owners: dict[str, str] = {}
    for state in (before, after):
        if "figures" in state.frames:
            owners.update(state.frames["figures"].select("figure_id", "report_id").iter_rows())
    known = BothStates(before.origins, after.origins, owners, before.origins == after.origins)
    parts = []
    for name, spec in TABLES.items():
        if name not in UNRELEASED:
            empty = pl.DataFrame(schema=spec.schema)
            parts.append(_difference(spec, before.frames.get(name, empty), after.frames.get(name, empty), known))
    return pl.concat(parts).select(list(CHANGES))


def differences(before: ReleaseReader, after: ReleaseReader, tables: Iterable[str] = TABLES) -> Iterator[pl.DataFrame]:
    """The same for two releases of any size, some rows at a time: only rows that differ are ever in memory.

    Files that both releases have are not read.

    Args:
        before, after: the releases.
        tables: names of the tables.

    Returns:
        Frames of rows, by table in the order of `TABLES`, by report and key.
    """
    old, new = _origins_of(before), _origins_of(after)
    same = old == new
    with Workspace() as desk:
        for prefix, reader, other in (("old_", before, after), ("new_", after, before)):
            desk.add(reader, prefix, names=TABLES, without=other.files)
            desk.add(reader, f"all_{prefix}", names=["figures"])
        for name, spec in TABLES.items():
            if name in tables and name not in UNRELEASED:
                for left, right in _changed(desk, spec):
                    known = BothStates(old, new, _owners(desk, spec, left, right), same)
                    yield _difference(spec, left, right, known).select(list(CHANGES))


def _origins_of(reader: ReleaseReader) -> dict[str, Origin]:
    columns = {
        "captures": ["capture_id", "report_id", "source", "source_uri", "sha256"],
        "reports": ["report_id", "capture_id", "run_id"],
        "quarantine": ["report_id", "capture_id", "run_id", "resolved_by_run"],
    }
    frames = {name: reader.frame(name, wanted) for name, wanted in columns.items()}
    return origins(reader.folder, frames, reader.frame("runs", ["run_id", "flow", "inputs"]))


def _changed(desk: Workspace, spec: TableSpec) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows of a table that differ, before and after, some keys at a time."""
    key = quoted(spec.key)
    names = [name for name in spec.schema if name not in VOLATILE or name in spec.key]
    # Rows are compared by a digest: texts of ten thousand reports twice over would not stay in memory.
    told = ", ".join(f'"{name}" := md5("{name}")' if name in LONG else f'"{name}"' for name in names)
    old, new = (
        f'(SELECT {key}, md5(to_json(struct_pack({told}))) AS mark FROM "{side}_{spec.name}")'
        for side in ("old", "new")
    )
    desk.make("differing", f"SELECT DISTINCT {key} FROM (({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old}))")
    on = " AND ".join(f'd."{name}" IS NOT DISTINCT FROM t."{name}"' for name in spec.key)
    both = f'SELECT 0 AS side, * FROM "old_{spec.name}" UNION ALL SELECT 1, * FROM "new_{spec.name}"'
    order = ", ".join(f'"{name}" NULLS LAST' for name in ("report_id", *spec.key) if name in spec.schema)
    kept = desk.keep(f"SELECT t.* FROM ({both}) t SEMI JOIN differing d ON {on} ORDER BY {order}, side")
    waiting: list[pl.DataFrame] = []
    for frame in kept.frames():
        waiting.append(frame)
        if sum(frame.estimated_size() for frame in waiting) >= AT_ONCE:
            rows = pl.concat(waiting)
            # The last key may go on in the next batch.
            keys = rows.select(spec.key).tail(2).rows()
            whole = 2 if keys[0] == keys[-1] else 1
            yield _sides(spec, rows[:-whole])
            waiting = [rows[-whole:]]
    if waiting:
        yield _sides(spec, pl.concat(waiting))


def _sides(spec: TableSpec, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    before, after = (rows.filter(pl.col("side") == side).select(list(spec.schema)) for side in (0, 1))
    return before, after


def _owners(desk: Workspace, spec: TableSpec, *sides: pl.DataFrame) -> dict[str, str]:
    """Reports of the figures that rows were made from."""
    if "figure_ids" not in spec.schema:
        return {}
    ids = pl.concat([side["figure_ids"] for side in sides]).str.split(" ").explode().unique().drop_nulls()
    desk.take("named", pl.DataFrame({"figure_id": ids}))
    sources = " UNION ".join(f"SELECT figure_id, report_id FROM all_{side}_figures" for side in ("old", "new"))
    return dict(desk.frame(f"SELECT * FROM ({sources}) SEMI JOIN named USING (figure_id)").iter_rows())


def _difference(spec: TableSpec, before: pl.DataFrame, after: pl.DataFrame, known: BothStates) -> pl.DataFrame:
    """Rows of a table that differ, with causes."""
    rows = compare(spec, before, after)
    owners = _reports(spec, rows, (before, after), known.owners)
    unread = _unread(spec, (before, after))
    causes = [
        "source" if spec.name == "captures" or row["key"] in unread else _causes(row, reports, known)
        for row, reports in zip(rows.iter_rows(named=True), owners, strict=True)
    ]
    return rows.with_columns(causes=pl.Series(causes, dtype=pl.String))


def _unread(spec: TableSpec, sides: Iterable[pl.DataFrame]) -> set[str]:
    """Keys of quarantine rows of pages whose source could not be read: there is no capture behind them."""
    if spec.name != "quarantine":
        return set()
    frames = [side.filter(pl.col("capture_id").is_null()) for side in sides]
    return {_json({name: row[name] for name in spec.key}) for frame in frames for row in frame.iter_rows(named=True)}


def _reports(spec: TableSpec, rows: pl.DataFrame, sides: Iterable[pl.DataFrame], owners: Owners) -> list[set[str]]:
    """Reports that each changed row goes back to: its own, or those of the figures that it was made from."""
    if "figure_ids" not in spec.schema:
        return [{report} if report is not None else set() for report in rows["report_id"]]
    by_key: dict[str, set[str]] = {}
    for side in sides:
        for row in side.select(*spec.key, "figure_ids").iter_rows(named=True):
            place = _json({name: row[name] for name in spec.key})
            ids = str(row["figure_ids"] or "").split()
            by_key.setdefault(place, set()).update(owners[figure] for figure in ids if figure in owners)
    return [
        {*by_key.get(place, set()), *([report] if report is not None else [])}
        for place, report in rows.select("key", "report_id").iter_rows()
    ]


def _causes(row: Mapping[str, Any], reports: Iterable[str], known: BothStates) -> str:
    """Whatever differs in the origins of the reports that a changed row goes back to."""
    if row["table"] == "quarantine" and row["change"] == "changed" and "dismissed" in row["columns"].split(", "):
        return "dismissal"
    found: set[str] = set()
    for report in reports:
        found |= _differing(known.before.get(report), known.after.get(report))
    if not found:
        columns = {name for name in row["columns"].split(", ") if name}
        alone = row["table"] in OF_ONE_REPORT or (row["table"] == "reports" and not (columns and columns <= COMPARED))
        found = {"unexplained" if alone or known.same else "others"}
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
