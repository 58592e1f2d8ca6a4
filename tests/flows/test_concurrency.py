"""Several runs at once in one data folder give the tables of one after the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from flows.pipeline import run_ingest
from flows.process import Batch, Processed
from flows.rebuild import run_rebuild
from flows.run import RELEASED
from flows.submit import in_turn
from schemas.tables import TABLES
from storage import open_release
from storage.digest import content_hash
from storage.folder import DataFolder
from tests.conftest import ROOT, SAMPLES
from tests.flows.test_backfill import settle

Work = Callable[[Callable[[Batch], Processed], list[Batch]], Iterator[Processed]]

pytestmark = pytest.mark.slow


def meanwhile(other: Callable[[], object]) -> Work:
    """Run batches; another run begins and ends before their results are committed."""

    def submit(function: Callable[[Batch], Processed], batches: list[Batch]) -> Iterator[Processed]:
        results = [function(batch) for batch in batches]
        other()
        yield from results

    return submit


def pages(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(SAMPLES / name, folder)
    return folder


def test_runs_over_different_sources_add_up(tmp_path: Path) -> None:
    one, two = pages(tmp_path / "a", "portal.txt", "wrapped.txt"), pages(tmp_path / "b", "databox.txt")
    data = tmp_path / "data"
    other = meanwhile(lambda: run_ingest([str(two)], data, submit=in_turn))
    run_ingest([str(one)], data, submit=other)
    serial = tmp_path / "serial"
    for source in (two, one):
        run_ingest([str(source)], serial, submit=in_turn)
    assert tables(data) == tables(serial)
    assert open_release(data).release.number == 2


def tables(data: Path) -> dict[str, str]:
    """Hashes of the tables without what tells one capture from another of the same bytes."""
    reader = open_release(data)
    columns = ["capture_id", "captured_at", "warc_file", "warc_offset", "warc_length"]
    frames = {name: reader.frame(name) for name in RELEASED}
    stable = {
        name: frame.with_columns(
            pl.lit(None, dtype=frame.schema[column]).alias(column) for column in columns if column in frame.columns
        )
        for name, frame in frames.items()
        if name != "captures"
    }
    return {name: content_hash(name, frame) for name, frame in stable.items()}


def test_a_page_that_both_read_is_captured_once(tmp_path: Path) -> None:
    source = pages(tmp_path / "a", "portal.txt", "wrapped.txt")
    data = tmp_path / "data"
    summary = run_ingest(
        [str(source)], data, submit=meanwhile(lambda: run_ingest([str(source / "portal.txt")], data, submit=in_turn))
    )
    assert (summary.found, summary.read, summary.unchanged) == (2, 1, 1)
    reader = open_release(data)
    assert reader.frame("captures").height == reader.frame("reports").height == 2
    again = run_ingest([str(source)], data, submit=in_turn)
    assert not again.changed
    assert {path.name.split(".")[0] for path in reader.folder.archive.iterdir()} == set(
        reader.frame("captures")["run_id"]
    )


def test_a_page_that_both_read_in_different_states_has_the_rows_of_the_later_capture(tmp_path: Path) -> None:
    source = pages(tmp_path / "a", "portal.txt")
    data = tmp_path / "data"

    def change() -> None:
        shutil.copy(SAMPLES / "mirror.txt", source / "portal.txt")
        run_ingest([str(source)], data, submit=in_turn)

    summary = run_ingest([str(source)], data, submit=meanwhile(change))
    reader = open_release(data)
    assert summary.found == summary.read + summary.unchanged
    assert reader.frame("captures").height == 2
    latest = reader.frame("captures").sort("captured_at")["capture_id"][-1]
    assert reader.frame("reports")["capture_id"].to_list() == [latest]
    assert not run_ingest([str(source)], data, submit=in_turn).changed


def test_what_a_site_repeats_by_then_is_taken_into_account(tmp_path: Path) -> None:
    """The other run teaches which lines the site repeats; the pages of this run are read by it, as if they had come after."""
    line = "云城市融媒体矩阵荣誉出品"

    def page(year: int) -> str:
        body = f"{year}年，市政协组织委员开展视察调研{year % 97}次，提出意见建议{year % 89}条，立案提案{year % 83}件。"
        return f"政协云城市委员会{year}年工作综述\n{body}\n{line}\n"

    one, two = tmp_path / "one", tmp_path / "two"
    for folder, years in ((one, range(2010, 2015)), (two, range(2015, 2020))):
        folder.mkdir()
        for year in years:
            (folder / f"{year}.txt").write_text(page(year), encoding="utf-8")
    data, serial = tmp_path / "data", tmp_path / "serial"
    first = lambda place: run_ingest([str(one)], place, source_name="云城", submit=in_turn)  # noqa: E731
    run_ingest([str(two)], data, source_name="云城", submit=meanwhile(lambda: first(data)))
    first(serial)
    run_ingest([str(two)], serial, source_name="云城", submit=in_turn)
    assert tables(data) == tables(serial)
    rules = open_release(data).frame("lines").filter(pl.col("text") == line)["rule"].to_list()
    assert rules.count("site_repeats") == 5


def test_a_run_that_works_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    one, two = pages(tmp_path / "a", "portal.txt"), pages(tmp_path / "b", "databox.txt")
    data = tmp_path / "data"
    seen: list[list[str]] = []

    def other() -> None:
        run_ingest([str(two)], data, submit=in_turn)
        seen.append(open_release(data).frame("runs").sort("started_at")["status"].to_list())
        seen.append(sorted(path.suffix for path in (data / "archive").iterdir()))

    run_ingest([str(one)], data, submit=meanwhile(other))
    assert seen == [["running", "released"], [".gz", ".gz"]]
    assert open_release(data).frame("runs")["status"].to_list() == ["released", "released"]
    assert not list(DataFolder(data).presence.iterdir())


@pytest.mark.parametrize("rounds", [1])
def test_two_ingests_and_a_backfill_in_processes_give_what_the_archive_gives(tmp_path: Path, rounds: int) -> None:
    names = sorted(path.name for path in SAMPLES.iterdir())
    one, two = pages(tmp_path / "a", *names[:4]), pages(tmp_path / "b", *names[2:])
    data = tmp_path / "data"
    run_ingest([str(one / names[0])], data, source_name="s", submit=in_turn)
    commands = [["ingest", str(one), "--source", "s"], ["ingest", str(two), "--source", "s"], ["backfill"]] * rounds
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *command, "--data", str(data)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    outputs = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), outputs
    reader = open_release(data)
    for name in RELEASED:
        assert reader.frame(name).select(TABLES[name].key).is_unique().all()
    assert reader.frame("captures").height == reader.frame("reports").height == len(names)
    settle(data)
    # Of a page that two runs captured at once one capture counts, the archive has both.
    rebuilt = tmp_path / "rebuilt"
    shutil.copytree(data / "archive", rebuilt / "archive")
    run_rebuild(rebuilt, submit=in_turn)
    settle(rebuilt)
    assert tables(data) == tables(rebuilt)
    contents = [open_release(place).frame("captures", ["report_id", "sha256"]) for place in (data, rebuilt)]
    assert set(contents[0].rows()) == set(contents[1].rows())
