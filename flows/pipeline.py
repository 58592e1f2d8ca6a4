"""A whole run: find, archive, process, publish, release.

    1. find      the files of the sources, and what is new on sites (`flows.gather`)
    2. capture   those that are new or changed since their last capture go to the archive
    3. process   batches of captures to validated rows, wherever `submit` runs them
    4. publish   rows of the reports that were read replace their earlier ones, one commit a table; the panel is made anew
    5. release   names the versions that belong together; it becomes current last

Runs work beside each other up to step 3. Steps 4 and 5 are made one run at a time, after a look at what others released
meanwhile: what they did already is dropped, what depends on it is done again. So the tables are those of one run after the other.

A run that was killed left no release: the next one takes its commits back and does the work anew.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import polars as pl

from flows import PIPELINE_VERSION
from flows.capture import Captured, Known, capture_pages, captures_there, known_pages
from flows.gate import Acceptance, check_tables
from flows.gather import gathered, resolve
from flows.inputs import as_json, inputs
from flows.panel import FIGURE_COLUMNS, REPORT_COLUMNS, make_panel
from flows.process import Batch, Capture, Processed, process, quarantined_page
from flows.progress import Progress, no_progress
from flows.read import Found
from flows.seeds import seeds_folder
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.corrections import load_corrections
from schemas.errors import LvzhiError
from schemas.ids import report_id
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage.archive import Place, Stored, remove_left, target_uri
from storage.columns import schema_hash
from storage.folder import DataFolder, data_folder
from storage.releases import Release, current, publish, require
from storage.sites import MOST_PAGES, lines_mark, read_version, repeated_lines, site_of, write_version
from storage.tables import UNRELEASED, Tables

if TYPE_CHECKING:
    from flows.fetch.outcome import Fetched

RELEASED = ("captures", *EXTRACTED, "panel", "checks", "quarantine")
# A batch is worth a hand-over between processes, and there are several for each core.
MIN_BATCH_BYTES, MAX_BATCH_BYTES = 150_000, 2_000_000
BATCHES_PER_CORE = 4
# Files of a table; more of them are put into few with the next commit.
MOST_FILES = 50
# Tables that are committed to at once.
COMMITS = 4
# Rules by which pages are set aside before they are in the archive: no replay of the archive settles them.
SOURCE_RULES = ("unreadable", "too_large", "unreachable")


def run_ingest(
    sources: list[str],
    data: str | Path,
    *,
    source_name: str | None = None,
    accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
    private: bool = False,
) -> Summary:
    """Ingest files, and what is new on sites, into a data folder.

    Args:
        sources: files, folders, globs, addresses or names of sources; all enabled sources if empty.
        data: the data folder; made if need be.
        source_name: name for the source, in place of the one made from the folder.
        accept: errors of the dataset that do not stop the release.
        submit: runs the batches.
        progress: is told stage, number done and total.
        private: whether addresses among the sources may be of the own network.

    Returns:
        The counts, added up.

    Raises:
        SourceError: a source does not exist, or none of those that were named can be reached.
        DataError: there are no files, or errors of the dataset stop the release.
        UsageError: the data folder is no folder of this machine, or two files would be one report.
        StorageError: the data folder cannot be written; what was released before stands.
    """
    folder = data_folder(data)
    wanted = resolve(sources, private=private)
    parameters: dict[str, object] = {"sources": sources, "source_name": source_name}
    with gathered(wanted, folder, source_name, progress) as (found, fetched):
        if fetched is not None:
            parameters["fetch"] = fetched.fetch_id
        with Run(folder, "ingest", parameters, accept) as run:
            return run.ingest(found, submit, progress, fetched)


@dataclasses.dataclass
class Work:
    """What a run is about to commit.

    Attributes:
        captured: pages and captures; of a replay only captures.
        batches: the captures in batches.
        results: what each batch gave.
        known: what was known of the reports when the work began, by report id.
    """

    captured: Captured
    batches: list[Batch]
    results: list[Processed]
    known: dict[str, Known]


class Run:
    """One run in a data folder. It is entered, does one thing, and is left with its end in the log of runs."""

    def __init__(
        self,
        folder: DataFolder,
        flow: str,
        parameters: dict[str, object],
        accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    ) -> None:
        self.folder = folder
        self.flow = flow
        self.tables = Tables(folder)
        self.parameters = parameters
        self.started_at = _now()
        self.run_id = f"{self.started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.release: Release | None = None
        self.site_lines = ""
        self.accept = accept
        self.accepted: list[dict[str, str]] = []
        self.corrections = load_corrections(seeds_folder())
        self._presence = folder.running(self.run_id)
        self._require_lock: Callable[[], None] = lambda: None
        self._read_captures: tuple[int, pl.DataFrame] | None = None

    def __enter__(self) -> Run:
        self._presence.__enter__()
        try:
            with self.folder.committing():
                self._recover()
                self.site_lines = self.release.site_lines if self.release else ""
                self._log("running", None, Summary(run_id=self.run_id))
        except BaseException as error:
            self._presence.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                self._fail(error)
        finally:
            self._presence.__exit__(kind, error, trace)

    def ingest(
        self, found: Found, submit: Submit[Batch, Processed], progress: Progress, fetched: Fetched | None = None
    ) -> Summary:
        """Do the work; see the top of this module."""
        summary = Summary(run_id=self.run_id, found=len(found.pages), hidden=found.hidden, own=found.own)
        summary.passed = found.passed
        known = self.known()
        stored = self._stored()
        captured = capture_pages(self.folder, self.run_id, found.pages, known, progress, stored)
        if fetched is not None:
            self._add_fetched(fetched, captured, summary)
        batches = self.batches(captured.captures)
        work = Work(captured, batches, self.process(batches, submit, progress), known)
        return self.commit(work, summary)

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

    def _stored(self) -> dict[str, Stored]:
        """What the archive has, by digest: the first capture of each content."""
        if self.release is None:
            return {}
        columns = ["sha256", "source", "source_uri", "captured_at", "warc_file", "warc_offset", "warc_length"]
        there = self._captures().select(columns)
        kept = there.filter(pl.col("warc_file").is_not_null()).sort("captured_at").unique("sha256", keep="first")
        return {
            sha256: Stored(Place(file, offset, length or 0), target_uri(source, uri), f"{at:%Y-%m-%dT%H:%M:%SZ}")
            for sha256, source, uri, at, file, offset, length in kept.iter_rows()
        }

    def _captures(self) -> pl.DataFrame:
        """Captures of the release that is current for this run, without those that the archive has lost; read once a release."""
        number = self.release.number if self.release else 0
        if self._read_captures is None or self._read_captures[0] != number:
            versions = self.release.versions if self.release else {}
            self._read_captures = number, captures_there(self.folder, self.tables, versions)
        return self._read_captures[1]

    def known(self) -> dict[str, Known]:
        """What the release that is current for this run knows of each report, by report id."""
        return known_pages(self._captures(), self.tables, self.release.versions) if self.release else {}

    def batches(self, captures: list[tuple[Capture, int]]) -> list[Batch]:
        """Captures, each with its length in bytes, in batches of about equal bytes."""
        return [self.batch(batch) for batch in _batches(captures)]

    def batch(self, captures: list[Capture]) -> Batch:
        """One batch with the settings of this run."""
        folder = self.folder
        settings = (folder.archive, folder.sites, self.site_lines, self.run_id, PIPELINE_VERSION)
        return Batch(*settings, tuple(captures), self.corrections)

    def process(self, batches: list[Batch], submit: Submit[Batch, Processed], progress: Progress) -> list[Processed]:
        """What each batch gives, in their order."""
        results = []
        progress("process", 0, len(batches))
        for done, result in enumerate(submit(process, batches), 1):
            results.append(result)
            progress("process", done, len(batches))
        return results

    def commit(self, work: Work, summary: Summary) -> Summary:
        """Commit and release what was done, one run at a time, and log the end of the run."""
        with self.folder.committing() as require_lock:
            self._require_lock = require_lock
            self._recover()
            self._reconcile(work)
            self._count(work.results, work.captured, summary)
            summary.check()
            captured = work.captured
            if work.batches or captured.capture_rows or captured.quarantine_rows or captured.recovered:
                self._publish(work.results, captured, summary)
            summary.release = self.release.number if self.release else None
            self._log("released" if summary.changed else "unchanged", summary.release, summary)
        return summary

    def tidy(self, most_files: int, clear: Callable[[Release], None]) -> Release:
        """Put small files of the tables together, release that, and clear up; no other run commits meanwhile.

        Args:
            most_files: files that a table may have.
            clear: is called with the release that is current then.

        Raises:
            DataError: there is no release.
        """
        with self.folder.committing() as require_lock:
            self._require_lock = require_lock
            self._recover()
            self.release = require(self.folder)
            compacted = [name for name in RELEASED if self.tables.compact(name, most_files)]
            for name in UNRELEASED:
                self.tables.compact(name, most_files)
            if compacted:
                made = self._next_release(self.release.site_lines, {})
                self._require_lock()
                publish(self.folder, dataclasses.replace(made, checks=self.release.checks))
                self.release = current(self.folder) or made
            clear(self.release)
            summary = Summary(run_id=self.run_id, release=self.release.number, changed=bool(compacted))
            self._log("released" if compacted else "unchanged", self.release.number, summary)
            return self.release

    def replay(
        self, captures: list[tuple[Capture, int]], submit: Submit[Batch, Processed], progress: Progress
    ) -> Summary:
        """Read captures from the archive again, each with its length in bytes, and release what comes of them."""
        known = self.known()
        captured = Captured(captures=captures, replayed={capture.report_id for capture, _ in captures})
        batches = self.batches(captures)
        work = Work(captured, batches, self.process(batches, submit, progress), known)
        return self.commit(work, Summary(run_id=self.run_id, found=len(captures)))

    def dismiss(self, select: Callable[[], pl.DataFrame], reason: str) -> Summary:
        """Settle rows of `quarantine` that can never pass, with a reason, and release that."""
        summary = Summary(run_id=self.run_id)
        with self.folder.committing() as require_lock:
            self._require_lock = require_lock
            self._recover()
            settled = select().with_columns(resolved_by_run=pl.lit(self.run_id), dismissed=pl.lit(reason))
            ids = settled["quarantine_id"].to_list()
            summary.committed = {"quarantine": self.tables.replace("quarantine", settled, ids, key="quarantine_id")}
            self._release(summary, self._released_lines())
            self._log("released", summary.release, summary)
        return summary

    def _release(self, summary: Summary, site_lines: str) -> None:
        release = self._next_release(site_lines, summary.committed)
        self._require_lock()
        publish(self.folder, dataclasses.replace(release, checks=dict(summary.checks)))
        self.release = release
        summary.changed, summary.release = True, release.number

    def _reconcile(self, work: Work) -> None:
        """Bring the work up to what others released since it began.

        A page that another run captured meanwhile with the same content is unchanged; with other content, the later
        capture counts. Where the lines that its site repeats are others now, a page is read again.
        """
        now = self.known()
        captured = work.captured
        mine = {row["report_id"]: row["captured_at"] for row in captured.capture_rows}
        done = {row["report_id"]: (row["capture_id"], row["sha256"]) for row in captured.capture_rows}
        done |= {c.report_id: (c.capture_id, c.sha256) for batch in work.batches for c in batch.captures}
        gone: set[str] = set()
        for report, (capture_id, sha256) in done.items():
            latest = now.get(report)
            if latest is None or latest.capture_id in (capture_id, getattr(work.known.get(report), "capture_id", "")):
                continue
            if report in mine and latest.sha256 != sha256:
                if latest.captured_at < mine[report]:
                    continue
                captured.overtaken.add(report)
            else:
                captured.capture_rows = [row for row in captured.capture_rows if row["report_id"] != report]
            captured.quarantine_rows = [row for row in captured.quarantine_rows if row["report_id"] != report]
            captured.replayed.discard(report)
            captured.unchanged += 1
            gone.add(report)
        before, after = (read_version(self.folder.sites, v) for v in (self.site_lines, self._released_lines()))
        self.site_lines = self._released_lines()
        for number, batch in enumerate(work.batches):
            kept = [capture for capture in batch.captures if capture.report_id not in gone]
            sites = {site_of(capture.source, capture.source_uri) for capture in kept}
            same = all(lines_mark(before, site) == lines_mark(after, site) for site in sites)
            if len(kept) < len(batch.captures) or not same:
                work.batches[number] = self.batch(kept)
                work.results[number] = process(work.batches[number])

    def _released_lines(self) -> str:
        return self.release.site_lines if self.release else ""

    def _fail(self, error: BaseException) -> None:
        """Leave the data folder as the current release has it, and log the failure where that is possible."""
        try:
            with self.folder.committing():
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
        left_open = runs.filter((pl.col("status") == "running") & (pl.col("run_id") != self.run_id))
        dead = [run for run in left_open["run_id"] if not self.folder.is_running(run)]
        if not dead:
            return
        released = pl.lit(False) if self.release is None else pl.col("run_id") == self.release.run_id
        number = None if self.release is None else self.release.number
        closed = left_open.filter(pl.col("run_id").is_in(dead)).with_columns(
            status=pl.when(released).then(pl.lit("released")).otherwise(pl.lit("interrupted")),
            release=pl.when(released).then(pl.lit(number, dtype=pl.Int64)).otherwise(None),
            ended_at=pl.lit(_now()),
        )
        self.tables.replace("runs", closed, dead, key="run_id")

    def _take_back(self) -> None:
        self.release = current(self.folder)
        self.tables.roll_back(self.release.versions if self.release else {}, RELEASED)
        if self.release is None:
            return  # the tables may be lost: then the archive is all there is
        captures = self.tables.read("captures", columns=["run_id"])
        runs = self.tables.read("runs", columns=["run_id", "status"])
        ended = runs.filter(pl.col("status") != "released")["run_id"]
        remove_left(self.folder, set(ended) - set(captures["run_id"]))

    def _log(self, status: str, release: int | None, summary: Summary, error: str = "") -> None:
        ended = None if status == "running" else _now()
        counts = summary.as_json() if not error else json.dumps({"error": error}, ensure_ascii=False)
        row = {
            "run_id": self.run_id,
            "flow": self.flow,
            "started_at": self.started_at,
            "ended_at": ended,
            "parameters": json.dumps(
                self.parameters | self.accept.as_parameters() | {"site_lines": self.site_lines}, ensure_ascii=False
            ),
            "pipeline_version": PIPELINE_VERSION,
            "inputs": as_json(inputs(self.site_lines)),
            "counts": counts,
            "release": release,
            "status": status,
        }
        self.tables.replace("runs", TABLES["runs"].frame([row]), [self.run_id], key="run_id")

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
            summary.checks.update("passed" if passed else "failed" for passed in result.frames["checks"]["passed"])
        summary.unchanged, summary.known_bad = captured.unchanged, captured.known_bad
        summary.quarantined += len(captured.quarantine_rows)
        summary.rules.update(row["rule"] for row in captured.quarantine_rows)

    def _publish(self, results: list[Processed], captured: Captured, summary: Summary) -> None:
        """Commit all tables, then make the release current."""
        captures, failures = split(TABLES["captures"], TABLES["captures"].frame(captured.capture_rows))
        if failures:
            raise RuntimeError(f"row of captures fails {failures[0].rule}: {failures[0].reason}")
        reread = sorted(captured.reread())
        made = TABLES["quarantine"].frame(captured.quarantine_rows)
        set_aside = pl.concat([made, *(result.frames["quarantine"] for result in results)])
        quarantine, changed = self.settled(set_aside, reread, captured.recovered)
        if not (captures.height or changed or (reread and self.flow == "backfill")):
            return
        rows = {name: _together(name, [result.frames[name] for result in results]) for name in (*EXTRACTED, "checks")}
        committed = self._commit_tables(captures, rows, quarantine, reread) | {"quarantine": set_aside.height}
        summary.committed = committed
        summary.checks += self._check_dataset(committed)
        # After the check, which tells what a report repeats: a copy is no second source.
        committed["panel"] = self._publish_panel()
        for name in RELEASED:
            self.tables.compact(name, MOST_FILES)
        self._release(summary, self._count_lines(captured))

    def _commit_tables(
        self, captures: pl.DataFrame, rows: Mapping[str, pl.DataFrame], quarantine: pl.DataFrame, reread: list[str]
    ) -> dict[str, int]:
        """Commit what was read to all tables, and say how many rows each took."""
        commits: dict[str, Callable[[], int]] = {"captures": lambda: self.tables.append("captures", captures)}
        if reread:
            commits |= {name: partial(self.tables.replace, name, rows[name], reread) for name in rows}
        commits["quarantine"] = lambda: self.tables.replace(
            "quarantine", quarantine, list(set(quarantine["report_id"]))
        )
        return dict.fromkeys(("captures", *rows), 0) | _at_once(commits)

    def _check_dataset(self, committed: dict[str, int]) -> Counter[str]:
        """Outcomes of ring 3 over the tables as this run leaves them.

        Raises:
            DataError: it finds errors that are not accepted.
        """
        versions = self.release.versions if self.release else {}
        checked = check_tables(
            self.folder, self.tables, versions, self.run_id, self.started_at, seeds_folder(), self.accept
        )
        committed["checks"] += len(checked.rows)
        self.accepted = checked.accepted
        return Counter("passed" if row["passed"] else "failed" for row in checked.rows)

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

    def settled(self, set_aside: pl.DataFrame, reread: list[str], recovered: list[str]) -> tuple[pl.DataFrame, bool]:
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
        if self.flow != "ingest":
            settled &= ~pl.col("rule").is_in(SOURCE_RULES)
        kept = earlier.filter(~recurs)
        # What a person dismissed stays dismissed where it recurs.
        dismissed = earlier.filter(recurs & pl.col("dismissed").is_not_null())
        new = new.filter(~pl.col("quarantine_id").is_in(dismissed["quarantine_id"].to_list()))
        kept = pl.concat([kept, dismissed])
        closed = kept.with_columns(
            resolved_by_run=pl.when(settled).then(pl.lit(self.run_id)).otherwise(pl.col("resolved_by_run"))
        )
        standing = set(earlier.filter(pl.col("resolved_by_run").is_null())["quarantine_id"])
        changed = not set(new["quarantine_id"]) <= standing or kept.select(settled.any()).item() is True
        return pl.concat([closed, new]), changed

    def _count_lines(self, captured: Captured) -> str:
        """Name of the version of the lines that sites repeat, with the pages of this run counted."""
        touched = {site_of(capture.source, capture.source_uri) for capture, _ in captured.captures}
        touched |= {site_of(row["source"], row["source_uri"]) for row in captured.capture_rows}
        pages = self.tables.read("reports", columns=["report_id", "source", "source_uri"])
        sites = [site_of(*row) for row in pages.select("source", "source_uri").iter_rows()]
        pages = pages.with_columns(site=pl.Series(sites, dtype=pl.String)).filter(pl.col("site").is_in(list(touched)))
        reports = self._counted(pages)
        lines = self.tables.read(
            "lines", columns=["report_id", "text"], where=pl.col("report_id").is_in(reports["report_id"].implode())
        )
        before = read_version(self.folder.sites, self.site_lines)
        kept = {site: sorted(texts) for site, texts in before.items() if site not in touched}
        return write_version(self.folder, kept | repeated_lines(reports, lines))

    def _counted(self, pages: pl.DataFrame) -> pl.DataFrame:
        """Rows of `reports` of the pages whose lines are counted: of each site the first, as many as count or all, no text twice."""
        columns = ["report_id", "source", "source_uri", "text"]
        most = MOST_PAGES
        while True:
            first = pages.sort("report_id").group_by("site").head(most)
            ids = first["report_id"].implode()
            reports = self.tables.read("reports", columns=columns, where=pl.col("report_id").is_in(ids))
            texts = reports.join(pages.select("report_id", "site"), on="report_id").unique(["site", "text"])
            found = texts.group_by("site").agg(pl.len().alias("texts"))
            short = pages.group_by("site").agg(pl.len().alias("pages")).join(found, on="site", how="left")
            if short.filter((pl.col("texts") < MOST_PAGES) & (pl.col("pages") > most)).is_empty():
                return reports
            most *= 2

    def _next_release(self, site_lines: str, committed: dict[str, int]) -> Release:
        tables = {name: table for name in RELEASED if (table := self.tables.open(name)) is not None}
        versions = {name: table.version() for name, table in tables.items()}
        rows = {name: int(table.count()) for name, table in tables.items()}
        number = self.release.number + 1 if self.release else 1
        return Release(
            number,
            self.run_id,
            _now().isoformat(),
            PIPELINE_VERSION,
            versions,
            rows,
            site_lines,
            schemas={name: schema_hash(name) for name in versions},
            flow=self.flow,
            inputs=inputs(self.site_lines),
            committed=committed,
            accepted=self.accepted,
        )


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


def _together(name: str, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows of a table from all batches."""
    return pl.concat(frames) if frames else TABLES[name].frame([])


def _at_once(commits: Mapping[str, Callable[[], int]]) -> dict[str, int]:
    """Commit to several tables at once: most of a commit is waiting for the disk or the object store. No reader sees them before the release."""
    with ThreadPoolExecutor(max_workers=COMMITS) as pool:
        waiting = {name: pool.submit(commit) for name, commit in commits.items()}
    return {name: commit.result() for name, commit in waiting.items()}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
