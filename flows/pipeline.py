"""A whole run over files: find, archive, process, publish, release.

    1. find      the files of the sources
    2. capture   those that are new or changed since their last capture go to the archive
    3. process   batches of captures to validated rows, wherever `submit` runs them
    4. publish   rows of the reports that were read replace their earlier ones, one commit a table
    5. release   names the versions that belong together; it becomes current last

A run that was killed left no release: the next one takes its commits back and does the work anew.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from flows import PIPELINE_VERSION
from flows.capture import Captured, capture_pages, known_pages
from flows.process import Batch, Capture, Processed, process
from flows.progress import Progress, no_progress
from flows.read import Found, find
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.errors import LvzhiError
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage.archive import remove_unreferenced
from storage.folder import DataFolder
from storage.releases import Release, current, publish
from storage.tables import Tables

RELEASED = ("captures", *EXTRACTED, "quarantine")
BATCH_BYTES = 2_000_000


def run_ingest(
    sources: list[str],
    data: str | Path,
    *,
    source_name: str | None = None,
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
) -> Summary:
    """Ingest files into a data folder.

    Args:
        sources: files, folders or globs.
        data: the data folder; made if need be.
        source_name: name for the source, in place of the one made from the folder.
        submit: runs the batches.
        progress: is told stage, number done and total.

    Returns:
        The counts, added up.

    Raises:
        SourceError: a source does not exist.
        DataError: there are no files.
        StorageError: the data folder cannot be written; what was released before stands.
    """
    found = find(sources, source_name)
    folder = DataFolder(Path(data))
    with folder.writing():
        run = Run(folder, {"sources": sources, "source_name": source_name})
        try:
            summary = run.ingest(found, submit, progress)
        except BaseException as error:
            run.fail(error)
            raise
    return summary


class Run:
    """One run that holds the lock of its data folder."""

    def __init__(self, folder: DataFolder, parameters: dict[str, object]) -> None:
        self.folder = folder
        self.tables = Tables(folder)
        self.started_at = _now()
        self.run_id = f"{self.started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.parameters = parameters
        self.release = current(folder)
        self._recover()
        self._log("running", None, Summary(run_id=self.run_id))

    def ingest(self, found: Found, submit: Submit[Batch, Processed], progress: Progress) -> Summary:
        """Do the work; see the top of this module."""
        summary = Summary(run_id=self.run_id, found=len(found.pages), hidden=found.hidden)
        known = known_pages(self.tables) if self.release else {}
        captured = capture_pages(self.folder, self.run_id, found.pages, known, progress)
        results = self._process(captured, submit, progress)
        self._count(results, captured, summary)
        summary.check()
        if captured.capture_rows or captured.quarantine_rows:
            self._publish(results, captured, summary)
        summary.release = self.release.number if self.release else None
        self._log("released" if summary.changed else "unchanged", summary.release, summary)
        return summary

    def fail(self, error: BaseException) -> None:
        """Leave the data folder as the current release has it, and log the failure where that is possible."""
        try:
            self._take_back([self.run_id])
            made = self.release is not None and self.release.run_id == self.run_id
            number = self.release.number if self.release else None
            self._log("released" if made else "failed", number, Summary(run_id=self.run_id), str(error))
        except (LvzhiError, OSError):
            pass  # the disk that made the run fail; the next run takes back what is left

    def _recover(self) -> None:
        """Take back what killed runs left behind."""
        if self.tables.version("runs") is None:
            self._take_back([])
            return
        runs = self.tables.read("runs")
        open_runs = runs.filter(pl.col("status") == "running")["run_id"].to_list()
        self._take_back(open_runs)
        if open_runs:
            made = self.release.run_id if self.release else None
            status = pl.when(pl.col("run_id") == made).then(pl.lit("released")).otherwise(pl.lit("interrupted"))
            ended = runs.filter(pl.col("run_id").is_in(open_runs)).with_columns(status=status)
            self.tables.replace("runs", ended, open_runs, key="run_id")

    def _take_back(self, open_runs: list[str]) -> None:
        self.tables.roll_back(self.release.versions if self.release else {}, RELEASED)
        captures = self.tables.read("captures", columns=["warc_file"])
        remove_unreferenced(self.folder, open_runs, set(captures["warc_file"].drop_nulls()))

    def _log(self, status: str, release: int | None, summary: Summary, error: str = "") -> None:
        ended = None if status == "running" else _now()
        counts = summary.as_json() if not error else json.dumps({"error": error}, ensure_ascii=False)
        row = {
            "run_id": self.run_id,
            "flow": "ingest",
            "started_at": self.started_at,
            "ended_at": ended,
            "parameters": json.dumps(self.parameters, ensure_ascii=False),
            "pipeline_version": PIPELINE_VERSION,
            "counts": counts,
            "release": release,
            "status": status,
        }
        self.tables.replace("runs", TABLES["runs"].frame([row]), [self.run_id], key="run_id")

    def _process(self, captured: Captured, submit: Submit[Batch, Processed], progress: Progress) -> list[Processed]:
        batches = list(_batches(captured.captures))
        inputs = [Batch(self.folder.archive, self.run_id, PIPELINE_VERSION, tuple(batch)) for batch in batches]
        results = []
        for done, result in enumerate(submit(process, inputs), 1):
            results.append(result)
            progress("process", done, len(inputs))
        return results

    def _count(self, results: list[Processed], captured: Captured, summary: Summary) -> None:
        for result in results:
            summary.read += result.read
            summary.quarantined += result.quarantined_pages
            summary.labels += result.labels
            summary.numerals += result.numerals
            summary.lines += result.frames["lines"].height
            summary.figures += result.frames["figures"].height
            summary.ignored += result.frames["ignored_numerals"].height
            summary.numerals_quarantined += (
                result.quarantined_rows["figures"] + result.quarantined_rows["ignored_numerals"]
            )
            summary.lines_quarantined += result.quarantined_rows["lines"]
            summary.rows_quarantined += sum(result.quarantined_rows.values())
            summary.rules.update(result.frames["quarantine"]["rule"].to_list())
        summary.unchanged, summary.known_bad = captured.unchanged, captured.known_bad
        summary.quarantined += len(captured.quarantine_rows)
        summary.rules.update(row["rule"] for row in captured.quarantine_rows)

    def _publish(self, results: list[Processed], captured: Captured, summary: Summary) -> None:
        """Commit all tables, then make the release current."""
        captures, failures = split(TABLES["captures"], TABLES["captures"].frame(captured.capture_rows))
        if failures:
            raise RuntimeError(f"row of captures fails {failures[0].rule}: {failures[0].reason}")
        touched = [row["report_id"] for row in captured.capture_rows] + [
            row["report_id"] for row in captured.quarantine_rows
        ]
        made = TABLES["quarantine"].frame(captured.quarantine_rows)
        set_aside = pl.concat([made, *(result.frames["quarantine"] for result in results)])
        quarantine, changed = self._settled(set_aside, touched)
        if not (captures.height or changed):
            return
        committed = {"captures": self.tables.append("captures", captures)}
        reread = [row["report_id"] for row in captured.capture_rows]
        for name in EXTRACTED:
            frames = [result.frames[name] for result in results]
            rows = pl.concat(frames) if frames else TABLES[name].frame([])
            committed[name] = self.tables.replace(name, rows, reread) if reread else 0
        committed["quarantine"] = set_aside.height
        self.tables.replace("quarantine", quarantine, touched)
        summary.committed = committed
        self.release = self._next_release()
        publish(self.folder, self.release)
        summary.changed = True

    def _settled(self, set_aside: pl.DataFrame, touched: list[str]) -> tuple[pl.DataFrame, bool]:
        """Quarantine rows of the reports touched: the new ones, and the earlier ones, settled unless they recur.

        Returns:
            The rows, and whether they differ from those that stand.
        """
        earlier = self.tables.read("quarantine").filter(pl.col("report_id").is_in(touched))
        new = set_aside.unique("quarantine_id", keep="first", maintain_order=True)
        gone = earlier.filter(~pl.col("quarantine_id").is_in(new["quarantine_id"].to_list()))
        known = set(earlier.filter(pl.col("resolved_by_run").is_null())["quarantine_id"])
        changed = set(new["quarantine_id"]) != known or gone["resolved_by_run"].null_count() > 0
        settled = gone.with_columns(pl.col("resolved_by_run").fill_null(self.run_id))
        return pl.concat([settled, new]), changed

    def _next_release(self) -> Release:
        versions = {name: version for name in RELEASED if (version := self.tables.version(name)) is not None}
        rows = {name: self.tables.read(name, columns=[TABLES[name].key[0]]).height for name in versions}
        number = self.release.number + 1 if self.release else 1
        return Release(number, self.run_id, _now().isoformat(), PIPELINE_VERSION, versions, rows)


def _batches(captures: Iterable[tuple[Capture, int]]) -> Iterator[list[Capture]]:
    """Captures in batches of about equal bytes."""
    batch: list[Capture] = []
    weight = 0
    for capture, size in captures:
        batch.append(capture)
        weight += size
        if weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
