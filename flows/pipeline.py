"""A whole run over files: find, archive, process, publish, release.

    1. find      the files of the sources
    2. capture   those that are new or changed since their last capture go to the archive
    3. process   batches of captures to validated rows, wherever `submit` runs them
    4. publish   rows of the reports that were read replace their earlier ones, one commit a table; the panel is made anew
    5. release   names the versions that belong together; it becomes current last

A run that was killed left no release: the next one takes its commits back and does the work anew.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from flows import PIPELINE_VERSION
from flows.capture import Captured, capture_pages, known_pages
from flows.gather import gathered, resolve
from flows.panel import FIGURE_COLUMNS, REPORT_COLUMNS, make_panel
from flows.process import Batch, Capture, Processed, process, quarantined_page
from flows.progress import Progress, no_progress
from flows.read import Found
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.errors import LvzhiError
from schemas.ids import report_id
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage.archive import remove_unreferenced
from storage.folder import DataFolder, data_folder
from storage.releases import Release, current, publish
from storage.sites import read_version, repeated_lines, site_of, write_version
from storage.tables import Tables

if TYPE_CHECKING:
    from flows.fetch.collect import Fetched

RELEASED = ("captures", *EXTRACTED, "panel", "quarantine")
# A batch is worth a hand-over between processes, and there are several for each core.
MIN_BATCH_BYTES, MAX_BATCH_BYTES = 150_000, 2_000_000
BATCHES_PER_CORE = 4


def run_ingest(
    sources: list[str],
    data: str | Path,
    *,
    source_name: str | None = None,
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
    private: bool = False,
) -> Summary:
    """Ingest files, and what is new on sites, into a data folder.

    Args:
        sources: files, folders, globs, addresses or names of sources; all enabled sources if empty.
        data: the data folder; made if need be.
        source_name: name for the source, in place of the one made from the folder.
        submit: runs the batches.
        progress: is told stage, number done and total.
        private: whether addresses among the sources may be of the own network.

    Returns:
        The counts, added up.

    Raises:
        SourceError: a source does not exist, or none of those that were named can be reached.
        DataError: there are no files.
        UsageError: the data folder is no folder of this machine, or two files would be one report.
        StorageError: the data folder cannot be written; what was released before stands.
    """
    folder = data_folder(data)
    wanted = resolve(sources, private=private)
    with gathered(wanted, folder, source_name, progress) as (found, fetched), folder.writing():
        run = Run(folder, {"sources": sources, "source_name": source_name, "fetch": fetched and fetched.fetch_id})
        try:
            summary = run.ingest(found, submit, progress, fetched)
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
        self.release = current(folder)
        self.site_lines = self.release.site_lines if self.release else ""
        self.parameters = parameters | {"site_lines": self.site_lines}
        self._recover()
        self._log("running", None, Summary(run_id=self.run_id))

    def ingest(
        self, found: Found, submit: Submit[Batch, Processed], progress: Progress, fetched: Fetched | None = None
    ) -> Summary:
        """Do the work; see the top of this module."""
        summary = Summary(run_id=self.run_id, found=len(found.pages), hidden=found.hidden, own=found.own)
        known = known_pages(self.tables) if self.release else {}
        captured = capture_pages(self.folder, self.run_id, found.pages, known, progress)
        if fetched is not None:
            self._add_fetched(fetched, captured, summary)
        results = self._process(captured, submit, progress)
        self._count(results, captured, summary)
        summary.check()
        if captured.capture_rows or captured.quarantine_rows or captured.recovered:
            self._publish(results, captured, summary)
        summary.release = self.release.number if self.release else None
        self._log("released" if summary.changed else "unchanged", summary.release, summary)
        return summary

    def _add_fetched(self, fetched: Fetched, captured: Captured, summary: Summary) -> None:
        """Add what fetching says of pages that gave no bytes: they are as they were, or could not be reached."""
        for page in fetched.unreached:
            nowhere = Capture("", report_id(page.source, page.source_uri), page.source, page.source_uri, "", "", "", 0)
            row = quarantined_page(nowhere, self.run_id, "unreachable", page.reason)
            told = json.loads(row["row"]) | {"history": page.history}
            captured.quarantine_rows.append(row | {"row": json.dumps(told, ensure_ascii=False)})
        captured.unchanged += fetched.unchanged
        summary.found += len(fetched.unreached) + fetched.unchanged
        summary.fetching, summary.sources_failed = fetched.rows(), dict(fetched.failed)

    def fail(self, error: BaseException) -> None:
        """Leave the data folder as the current release has it, and log the failure where that is possible."""
        try:
            self._take_back()
            made = self.release is not None and self.release.run_id == self.run_id
            number = self.release.number if self.release else None
            stopped = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            self._log("released" if made else stopped, number, Summary(run_id=self.run_id), str(error) or stopped)
        except (LvzhiError, OSError):
            pass  # the disk that made the run fail; the next run takes back what is left

    def _recover(self) -> None:
        """Take back what killed runs left behind, and close them in the log."""
        self._take_back()
        runs = self.tables.read("runs")
        left_open = runs.filter(pl.col("status") == "running")
        if left_open.is_empty():
            return
        released = pl.lit(False) if self.release is None else pl.col("run_id") == self.release.run_id
        number = None if self.release is None else self.release.number
        closed = left_open.with_columns(
            status=pl.when(released).then(pl.lit("released")).otherwise(pl.lit("interrupted")),
            release=pl.when(released).then(pl.lit(number, dtype=pl.Int64)).otherwise(None),
            ended_at=pl.lit(self.started_at),
        )
        self.tables.replace("runs", closed, left_open["run_id"].to_list(), key="run_id")

    def _take_back(self) -> None:
        self.tables.roll_back(self.release.versions if self.release else {}, RELEASED)
        captures = self.tables.read("captures", columns=["warc_file"])
        remove_unreferenced(self.folder, set(captures["warc_file"].drop_nulls()))

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
        inputs = [
            Batch(self.folder.archive, self.folder.sites, self.site_lines, self.run_id, PIPELINE_VERSION, tuple(batch))
            for batch in batches
        ]
        results = []
        progress("process", 0, len(inputs))
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
        reread = [row["report_id"] for row in captured.capture_rows]
        made = TABLES["quarantine"].frame(captured.quarantine_rows)
        set_aside = pl.concat([made, *(result.frames["quarantine"] for result in results)])
        quarantine, changed = self._settled(set_aside, reread, captured.recovered)
        if not (captures.height or changed):
            return
        committed = {"captures": self.tables.append("captures", captures)}
        for name in EXTRACTED:
            frames = [result.frames[name] for result in results]
            rows = pl.concat(frames) if frames else TABLES[name].frame([])
            committed[name] = self.tables.replace(name, rows, reread) if reread else 0
        committed["panel"] = self._publish_panel()
        committed["quarantine"] = set_aside.height
        self.tables.replace("quarantine", quarantine, quarantine["report_id"].unique().to_list())
        summary.committed = committed
        release = self._next_release(self._count_lines(captured))
        publish(self.folder, release)
        self.release = release
        summary.changed = True

    def _publish_panel(self) -> int:
        """Make the panel of the reports as they now are, and commit the rows of the committees for which it changed."""
        reports = self.tables.read("reports", columns=REPORT_COLUMNS)
        rows, failures = split(
            TABLES["panel"], make_panel(reports, self.tables.read("figures", columns=FIGURE_COLUMNS))
        )
        if failures:
            raise RuntimeError(f"row of panel fails {failures[0].rule}: {failures[0].reason}")
        both = pl.concat([rows, self.tables.read("panel")])
        changed = both.filter(~both.is_duplicated())["committee"].unique()
        return self.tables.replace(
            "panel", rows.filter(pl.col("committee").is_in(changed.implode())), changed, key="committee"
        )

    def _settled(self, set_aside: pl.DataFrame, reread: list[str], recovered: list[str]) -> tuple[pl.DataFrame, bool]:
        """Quarantine rows of all reports that this run has to do with.

        Args:
            set_aside: rows of this run.
            reread: reports read anew: their earlier rows are settled, unless they recur.
            recovered: reports that could not be read before and are unchanged now: that row is settled.

        Returns:
            The new rows and the earlier ones, and whether they differ from those that stand.
        """
        new = set_aside.unique("quarantine_id", keep="first", maintain_order=True)
        reports = [*new["report_id"], *reread, *recovered]
        earlier = self.tables.read("quarantine").filter(pl.col("report_id").is_in(reports))
        recurs = pl.col("quarantine_id").is_in(new["quarantine_id"].to_list())
        again = pl.col("report_id").is_in(recovered) & (pl.col("rule") == "unreadable")
        settled = pl.col("resolved_by_run").is_null() & (pl.col("report_id").is_in(reread) | again)
        kept = earlier.filter(~recurs)
        closed = kept.with_columns(
            resolved_by_run=pl.when(settled).then(pl.lit(self.run_id)).otherwise(pl.col("resolved_by_run"))
        )
        standing = set(earlier.filter(pl.col("resolved_by_run").is_null())["quarantine_id"])
        changed = not set(new["quarantine_id"]) <= standing or kept.select(settled.any()).item() is True
        return pl.concat([closed, new]), changed

    def _count_lines(self, captured: Captured) -> str:
        """Name of the version of the lines that sites repeat, with the pages of this run counted."""
        touched = {site_of(row["source"], row["source_uri"]) for row in captured.capture_rows}
        reports = self.tables.read("reports", columns=["report_id", "source", "source_uri", "text"])
        sites = [site_of(*row) in touched for row in reports.select("source", "source_uri").iter_rows()]
        reports = reports.filter(pl.Series(sites, dtype=pl.Boolean))
        lines = self.tables.read("lines", columns=["report_id", "text"])
        before = read_version(self.folder.sites, self.site_lines)
        kept = {site: sorted(texts) for site, texts in before.items() if site not in touched}
        return write_version(self.folder, kept | repeated_lines(reports, lines))

    def _next_release(self, site_lines: str) -> Release:
        versions = {name: version for name in RELEASED if (version := self.tables.version(name)) is not None}
        rows = {name: self.tables.read(name, columns=[TABLES[name].key[0]]).height for name in versions}
        number = self.release.number + 1 if self.release else 1
        return Release(number, self.run_id, _now().isoformat(), PIPELINE_VERSION, versions, rows, site_lines)


def _batches(captures: list[tuple[Capture, int]]) -> Iterator[list[Capture]]:
    """Captures in batches of about equal bytes."""
    share = sum(size for _, size in captures) // (BATCHES_PER_CORE * (os.cpu_count() or 1))
    full = min(MAX_BATCH_BYTES, max(MIN_BATCH_BYTES, share))
    batch: list[Capture] = []
    weight = 0
    for capture, size in captures:
        batch.append(capture)
        weight += size
        if weight >= full:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
