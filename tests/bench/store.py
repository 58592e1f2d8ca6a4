"""Costs of the store, as ratios in one run.

    python -m tests.bench.store [--reports 500] [--archived 10000] [--releases 1000]

Commit of a batch in all tables against plain Parquet; a run without changes; opening a release with many behind it; bytes
a report in archive and tables against its raw text gzipped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows import publish
from flows.batches import process_all
from flows.capture import capture_pages
from flows.pipeline import run_ingest
from flows.progress import no_progress
from flows.publish import Work
from flows.read import find
from flows.run import RELEASED, Run
from flows.submit import in_processes, in_turn
from flows.summary import Summary
from schemas.tables import TABLES
from storage import open_release, releases
from storage.columns import arrow_schema
from storage.folder import DataFolder
from tests.corpus.generate import write

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "seeds" / "reports"
ROUNDS = 5
COMMITTED = tuple(name for name in RELEASED if name != "panel")


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


@dataclass
class Timed:
    """Seconds of the end of a run: rows into all tables and the release; all else, which is checks, panel and statistics."""

    commit: float
    rest: float


class Clock:
    """Seconds that the commits of a run take."""

    def __init__(self, patch: Any) -> None:
        self.took = 0.0
        patch(publish, "_commit_tables", self._timed(publish._commit_tables))
        patch(Run, "publish", self._timed(Run.publish))

    def _timed(self, function: Any) -> Any:
        def timed(*args: Any) -> Any:
            began = time.perf_counter()
            done = function(*args)
            self.took += time.perf_counter() - began
            return done

        return timed


def commit(work: Path, reports: int) -> tuple[Timed, Timed, float]:
    """Seconds of a first commit, of one that replaces all its reports, and of plain Parquet files of the same rows."""
    source = write(work / "in", reports)
    data = work / "data"
    run_ingest([str(SAMPLES)], work / "warm", submit=in_turn)  # what the libraries do once a process
    times = []
    for seed in range(2):
        if seed:
            write(work / "other", reports, seed=seed)
            for path in (work / "other").iterdir():
                path.replace(source / path.name)
        with pytest.MonkeyPatch.context() as patch, Run(DataFolder(data), "ingest", {}) as run:
            clock = Clock(patch.setattr)
            found = find([str(source)])
            known = run.known()
            captured = capture_pages(run.folder, run.run_id, found.pages, known, no_progress)
            batches = run.batches(captured.captures)
            ready = Work(captured, batches, process_all(batches, in_processes, no_progress), known)
            whole = timed(partial(publish.commit, run, ready, Summary(run_id=run.run_id, found=len(found.pages))))
            times.append(Timed(clock.took, whole - clock.took))
    reader = open_release(data)
    frames = {name: reader.frame(name).to_arrow().cast(arrow_schema(TABLES[name])) for name in COMMITTED}

    def plain() -> None:
        for name, frame in frames.items():
            pq.write_table(frame, work / f"{name}.parquet")

    return times[0], times[1], statistics.median(timed(plain) for _ in range(ROUNDS))


def unchanged(work: Path, archived: int) -> tuple[float, float]:
    """Seconds of a first run, and of one without changes."""
    source = write(work / "in", archived)
    first = timed(lambda: run_ingest([str(source)], work / "data"))
    return first, timed(lambda: run_ingest([str(source)], work / "data"))


def opening(data: Path, behind: int) -> tuple[float, float]:
    """Seconds to open a release, and to read a small table of it, with so many releases behind it."""
    folder = DataFolder(data)
    last = releases.current(folder)
    assert last is not None
    facts = json.loads((folder.releases / f"{last.number:06}.json").read_text())
    for number in range(last.number + 1, last.number + behind):
        releases.publish(folder, type(last)(**facts | {"number": number}))
    opened = statistics.median(timed(lambda: open_release(data)) for _ in range(ROUNDS))
    return opened, statistics.median(timed(lambda: open_release(data).frame("reports")) for _ in range(ROUNDS))


def sizes(source: Path, data: Path) -> dict[str, int]:
    """Bytes of the raw texts, gzipped, in the archive, and in each table of the current release."""
    raw = [path.read_bytes() for path in source.iterdir()]
    reader = open_release(data)
    found = {"raw text": sum(map(len, raw)), "raw text, gzipped": sum(len(gzip.compress(text)) for text in raw)}
    found["archive"] = sum(path.stat().st_size for path in reader.folder.archive.iterdir())
    for name in RELEASED:
        found[f"table {name}"] = sum(Path(uri).stat().st_size for uri in reader.files(name))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=500)
    parser.add_argument("--archived", type=int, default=10_000)
    parser.add_argument("--releases", type=int, default=1_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        first, again, plain = commit(work / "commit", given.reports)
        print("| what | seconds | ratio |")
        print("|---|---|---|")
        print(f"| {given.reports} reports in plain Parquet | {plain:.2f} | 1 |")
        print(f"| commit of {given.reports} new reports | {first.commit:.2f} | {first.commit / plain:.1f} |")
        print(f"| commit that replaces {given.reports} reports | {again.commit:.2f} | {again.commit / plain:.1f} |")
        print(
            f"| what else ends the first run: checks of the dataset, panel, statistics of sites | {first.rest:.2f} | {first.rest / plain:.1f} |"
        )
        print(f"| the second | {again.rest:.2f} | {again.rest / plain:.1f} |")
        opened, read = opening(work / "commit" / "data", given.releases)
        print(f"| opening a release with {given.releases} behind it | {opened:.4f} | |")
        print(f"| the same, and reading `reports` | {read:.3f} | |")
        run, still = unchanged(work / "unchanged", given.archived)
        print(f"| first run over {given.archived} reports | {run:.1f} | 1 |")
        print(f"| run without changes over them | {still:.2f} | {still / run:.4f} |")
        found = sizes(work / "unchanged" / "in", work / "unchanged" / "data")
        base = found["raw text, gzipped"]
        print("\n| bytes a report | | against the raw text gzipped |")
        print("|---|---|---|")
        for name, size in found.items():
            print(f"| {name} | {size / given.archived:.0f} | {size / base:.2f} |")


if __name__ == "__main__":
    main()
