"""What is in quarantine: put it through today's code again, or dismiss it with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows.batches import process_all
from flows.capture import Captured, capture_of, latest_captures
from flows.gate import Acceptance
from flows.process import Batch, Capture, Processed
from flows.progress import Progress, no_progress
from flows.publish import Work, commit
from flows.run import Run
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.errors import UsageError
from storage.folder import DataFolder, data_folder
from storage.releases import require
from storage.tables import Tables


def run_replay(
    data: str | Path,
    *,
    rules: Sequence[str] = (),
    reports: Sequence[str] = (),
    accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
) -> Summary:
    """Read the captures behind quarantined rows and pages again; what passes now is committed, and its quarantine row settled.

    Args:
        data: the data folder.
        rules: only rows that failed one of these rules; all by default.
        reports: only reports whose id begins so; all by default.
        accept: errors of the dataset that do not stop the release.
        submit: runs the batches.
        progress: is told stage, number done and total.

    Raises:
        DataError: nothing was ever ingested there, or errors of the dataset stop the release.
        UsageError: nothing that can be replayed is in quarantine under these rules.
        StorageError: the data folder cannot be read or written.
    """
    folder = _existing(data)
    parameters: dict[str, object] = {"rules": list(rules), "reports": list(reports)}
    with Run(folder, "replay", parameters, accept) as run:
        captures = _captures(run.tables, _selected(run.tables, rules, reports, ()))
        captured = Captured(captures=captures, replayed={capture.report_id for capture, _ in captures})
        known = run.known()
        batches = run.batches(captures)
        work = Work(captured, batches, process_all(batches, submit, progress), known)
        return commit(run, work, Summary(run_id=run.run_id, found=len(captures)))


def run_dismiss(
    data: str | Path,
    *,
    ids: Sequence[str] = (),
    rules: Sequence[str] = (),
    reports: Sequence[str] = (),
    reason: str,
) -> Summary:
    """Settle rows of quarantine that can never pass.

    Args:
        data: the data folder.
        ids: beginnings of quarantine ids.
        rules: rules that failed.
        reports: beginnings of report ids.
        reason: a sentence, kept with the row.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: no reason is given, nothing is named, or nothing is open under these names.
        StorageError: the data folder cannot be read or written.
    """
    if not reason.strip():
        raise UsageError("say why these rows can never pass: --reason TEXT")
    if not (ids or rules or reports):
        raise UsageError("name what to dismiss: ids of quarantine rows, --rule or --report")
    folder = _existing(data)
    parameters: dict[str, object] = {"ids": list(ids), "rules": list(rules), "reports": list(reports), "reason": reason}
    with Run(folder, "dismiss", parameters) as run:
        summary = Summary(run_id=run.run_id)
        with run.committing():
            settled = _selected(run.tables, rules, reports, ids).with_columns(
                resolved_by_run=pl.lit(run.run_id), dismissed=pl.lit(reason)
            )
            rows = settled["quarantine_id"].to_list()
            summary.committed = {"quarantine": run.tables.replace("quarantine", settled, rows, key="quarantine_id")}
            run.publish(summary, run.released_lines, {})
            run.log("released", summary)
        return summary


def _existing(data: str | Path) -> DataFolder:
    folder = data_folder(data)
    require(folder)
    return folder


def _selected(tables: Tables, rules: Sequence[str], reports: Sequence[str], ids: Sequence[str]) -> pl.DataFrame:
    """Open rows of quarantine that meet all that is given."""
    wanted = pl.col("resolved_by_run").is_null()
    if rules:
        wanted &= pl.col("rule").is_in(list(rules))
    for column, beginnings in (("report_id", reports), ("quarantine_id", ids)):
        if beginnings:
            wanted &= pl.any_horizontal(pl.col(column).str.starts_with(beginning) for beginning in beginnings)
    rows = tables.read("quarantine").filter(wanted)
    if rows.is_empty():
        given = ", ".join([*rules, *reports, *ids]) or "any rule"
        raise UsageError(f"nothing is open in quarantine under {given}; `lvzhi status` lists its rules")
    return rows


def _captures(tables: Tables, rows: pl.DataFrame) -> list[tuple[Capture, int]]:
    """Latest captures of the reports of quarantine rows, each with its length in bytes.

    Raises:
        UsageError: none of them is in the archive.
    """
    captures = tables.read("captures").filter(pl.col("report_id").is_in(rows["report_id"].unique().to_list()))
    kept = latest_captures(captures).filter(pl.col("warc_file").is_not_null()).sort("report_id")
    if kept.is_empty():
        raise UsageError(
            "the pages of these rows were never archived; mend the source and ingest it again, or dismiss them"
        )
    return [(capture_of(row), row["bytes"]) for row in kept.iter_rows(named=True)]
