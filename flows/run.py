"""A run in a data folder: its place among others, the log of runs, and what killed runs left behind.

Runs work beside each other. What they commit and release is done one run at a time (`Run.committing`), after a look at what others
released meanwhile.

A run that was killed left no release: the next one takes its commits back and does the work anew.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType

import polars as pl

from flows import PIPELINE_VERSION
from flows.batches import in_batches
from flows.capture import Known, captures_there, known_pages
from flows.gate import Acceptance
from flows.inputs import as_json, inputs
from flows.process import Batch, Capture
from flows.seeds import seeds_folder
from flows.summary import Summary
from schemas.corrections import load_corrections
from schemas.errors import LvzhiError, StorageError
from schemas.tables import EXTRACTED, TABLES
from storage.archive import remove_left
from storage.columns import schema_hash
from storage.folder import DataFolder
from storage.releases import Release, current, publish
from storage.staging import remove_staged, staging_place
from storage.tables import Tables

RELEASED = ("captures", *EXTRACTED, "panel", "checks", "quarantine")


class Run:
    """One run in a data folder. It is entered, does one thing, and is left with its end in the log of runs.

    Args:
        folder: the data folder.
        flow: what it does, as the log has it.
        parameters: what it was asked for.
        accept: errors of the dataset that do not stop the release.

    Attributes:
        run_id, started_at: the run.
        tables: the tables of the folder.
        release: the release that is current for this run; nothing before the first one.
        site_lines: version of the lines that sites repeat, with which pages are read.
        accepted: rules of the dataset that failed and are accepted, each with the reason.
    """

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
            with self.committing():
                self.site_lines = self.released_lines
                self.log("running", Summary(run_id=self.run_id))
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
            with suppress(StorageError):  # the run is at its end; maintenance removes what is left
                remove_staged(self.folder, [self.run_id])
        finally:
            self._presence.__exit__(kind, error, trace)

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Commit alone: other runs wait. What killed runs left is taken back, and the current release read anew.

        Raises:
            StorageError: the folder cannot be written, or another run does not come to an end.
        """
        with self.folder.committing() as require_lock:
            self._require_lock = require_lock
            self._recover()
            yield

    def captures(self) -> pl.DataFrame:
        """Captures of the release that is current for this run, without those that the archive has lost; read once a release."""
        number = self.release.number if self.release else 0
        if self._read_captures is None or self._read_captures[0] != number:
            versions = self.release.versions if self.release else {}
            self._read_captures = number, captures_there(self.folder, self.tables, versions)
        return self._read_captures[1]

    def known(self) -> dict[str, Known]:
        """What the release that is current for this run knows of each report, by report id."""
        return known_pages(self.captures(), self.tables, self.release.versions) if self.release else {}

    @property
    def released_lines(self) -> str:
        """Version of the lines that sites repeat, of the current release."""
        return self.release.site_lines if self.release else ""

    def batches(self, captures: list[tuple[Capture, int]]) -> list[Batch]:
        """Captures, each with its length in bytes, in batches of about equal bytes."""
        return [self.batch(batch, number) for number, batch in enumerate(in_batches(captures))]

    def batch(self, captures: list[Capture], number: int = 0) -> Batch:
        """One batch with the settings of this run; its rows are kept under its number."""
        folder = self.folder
        settings = (folder.archive, folder.sites, self.site_lines, self.run_id, PIPELINE_VERSION)
        place = staging_place(folder, self.run_id, number)
        return Batch(*settings, tuple(captures), self.corrections, place=place)

    def publish(self, summary: Summary, site_lines: str, checks: Mapping[str, int]) -> None:
        """Make the tables as they stand the current release.

        Args:
            summary: is told.
            site_lines: version of the lines that sites repeat.
            checks: outcomes of the checks, as the release counts them.

        Raises:
            StorageError: the lock was lost, or the folder cannot be written.
        """
        release = self._next_release(site_lines, summary.committed, checks)
        self._require_lock()
        publish(self.folder, release)
        self.release = release
        summary.changed, summary.release = True, release.number

    def log(self, status: str, summary: Summary, error: str = "") -> None:
        """Write how the run stands to the log of runs.

        Args:
            status: `running`, or how it ended.
            summary: its counts.
            error: what stopped it.
        """
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
            "release": summary.release,
            "status": status,
        }
        self.tables.replace("runs", TABLES["runs"].frame([row]), [self.run_id], key="run_id")

    def _fail(self, error: BaseException) -> None:
        """Leave the data folder as the current release has it, and log the failure where that is possible."""
        try:
            with self.folder.committing():
                self._take_back()
                made = self.release is not None and self.release.run_id == self.run_id
                number = self.release.number if self.release else None
                stopped = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
                summary = Summary(run_id=self.run_id, release=number)
                self.log("released" if made else stopped, summary, str(error) or stopped)
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
        remove_staged(self.folder, dead)

    def _take_back(self) -> None:
        self.release = current(self.folder)
        self.tables.roll_back(self.release.versions if self.release else {}, RELEASED)
        if self.release is None:
            return  # the tables may be lost: then the archive is all there is
        captures = self.tables.read("captures", columns=["run_id"])
        runs = self.tables.read("runs", columns=["run_id", "status"])
        ended = runs.filter(pl.col("status") != "released")["run_id"]
        remove_left(self.folder, set(ended) - set(captures["run_id"]))

    def _next_release(self, site_lines: str, committed: dict[str, int], checks: Mapping[str, int]) -> Release:
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
            checks=dict(checks),
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
