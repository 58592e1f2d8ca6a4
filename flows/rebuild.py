"""Rebuild: all tables from the archive alone, in a data folder that has lost them, or never had any."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.batches import process_all
from flows.capture import Captured, capture_of
from flows.gate import Acceptance
from flows.process import Batch, Processed, quarantined_page
from flows.progress import Progress, no_progress
from flows.publish import Work, commit
from flows.read.page import too_large
from flows.run import Run
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.errors import DataError, UsageError
from schemas.tables import TABLES
from storage.archive import Index, read_index
from storage.folder import data_folder
from storage.releases import current_number

TIMES = ("captured_at", "last_modified")


def run_rebuild(
    data: str | Path,
    *,
    accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
) -> tuple[Summary, dict[str, str]]:
    """Make the tables anew from the records of the archive.

    Args:
        data: the data folder: it has `archive/`, and no release.
        accept: errors of the dataset that do not stop the release.
        submit: runs the batches.
        progress: is told stage, number done and total.

    Returns:
        The counts, and what is wrong with files of the archive, by file: the records before the damage are used.

    Raises:
        UsageError: the folder has a release.
        DataError: there is no archive, or no capture in it.
        StorageError: the data folder cannot be read or written.
    """
    folder = data_folder(data)
    if current_number(folder) is not None:
        raise UsageError(f"{folder.root} has its tables; `lvzhi backfill` reads reports again")
    index = read_index(folder.archive) if folder.archive.is_dir() else Index()
    rows = _captures(index)
    if not rows:
        raise DataError(f"there are no captures in {folder.archive}; name a folder with an archive with --data")
    with Run(folder, "rebuild", {}, accept) as run:
        latest = {row["report_id"]: row for row in rows}
        captured = Captured(capture_rows=rows)
        for row in latest.values():
            capture = capture_of(row)
            if row["status"] == "read":
                captured.captures.append((capture, row["bytes"]))
            else:
                reason = too_large(row["content_type"], row["bytes"])
                captured.quarantine_rows.append(quarantined_page(capture, run.run_id, "too_large", reason))
        batches = [replace(batch, keep_going=True) for batch in run.batches(captured.captures)]
        work = Work(captured, batches, process_all(batches, submit, progress), {})
        lost = sum(len(result.lost) for result in work.results)
        summary = commit(run, work, Summary(run_id=run.run_id, found=len(latest), lost=lost))
    return summary, index.damaged


def _captures(index: Index) -> list[dict[str, Any]]:
    """Rows of `captures` in order of time, each once, without those that found the page as it was before."""
    columns = TABLES["captures"].schema
    by_id: dict[str, dict[str, Any]] = {
        row["capture_id"]: {name: row.get(name) for name in columns} for row in index.rows
    }
    for row in by_id.values():
        for name in TIMES:
            row[name] = dt.datetime.fromisoformat(row[name]) if row[name] else None
    kept = []
    before: dict[str, str] = {}
    for row in sorted(by_id.values(), key=lambda row: (row["captured_at"], row["capture_id"])):
        if before.get(row["report_id"]) != row["sha256"]:
            kept.append(row)
        before[row["report_id"]] = row["sha256"]
    return kept
