"""Releases: readers see whole ones, old ones stay readable, what no release names is taken back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

import storage.releases
from flows.pipeline import run_ingest
from flows.run import RELEASED
from flows.submit import in_turn
from schemas.errors import DataError, LvzhiError, StorageError, UsageError
from schemas.tables import EXTRACTED, TABLES
from storage import open_release
from storage.folder import DataFolder
from storage.releases import current, numbers
from storage.tables import Frames, Tables
from tests.conftest import SAMPLES


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(SAMPLES / "portal.txt", folder)
    return folder


def ingest(source: Path, data: Path) -> bool:
    return run_ingest([str(source)], data, submit=in_turn).changed


def test_a_second_run_over_the_same_files_commits_nothing(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert ingest(source, data)
    versions = {name: Tables(DataFolder(data)).version(name) for name in RELEASED}
    archive = sorted((data / "archive").iterdir())
    assert not ingest(source, data)
    assert {name: Tables(DataFolder(data)).version(name) for name in RELEASED} == versions
    assert sorted((data / "archive").iterdir()) == archive
    assert numbers(DataFolder(data)) == [1]
    assert open_release(data).frame("runs").sort("started_at")["status"].to_list() == ["released", "unchanged"]


def test_a_changed_file_replaces_its_rows_and_the_old_release_stays(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ingest(source, data)
    before = open_release(data)
    old = {name: before.frame(name) for name in RELEASED}
    shutil.copy(SAMPLES / "databox.txt", source / "portal.txt")
    shutil.copy(SAMPLES / "mirror.txt", source)
    assert ingest(source, data)
    after = open_release(data)
    assert after.release.number == 2
    assert after.frame("reports").height == 2
    assert after.frame("captures").height == 3
    for name, spec in TABLES.items():
        assert not after.frame(name).select(spec.key).is_duplicated().any()
    for name in RELEASED:
        assert_frame_equal(open_release(data, 1).frame(name), old[name])
        assert_frame_equal(before.frame(name), old[name])


def test_a_file_that_is_gone_keeps_its_report(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copy(SAMPLES / "mirror.txt", source)
    ingest(source, data)
    (source / "mirror.txt").unlink()
    assert not ingest(source, data)
    assert open_release(data).frame("reports").height == 2


@pytest.mark.slow
@pytest.mark.parametrize("rescued", [True, False], ids=["taken back at once", "taken back by the next run"])
@pytest.mark.parametrize("moment", [*RELEASED, "publish"])
def test_a_run_that_fails_anywhere_leaves_the_release_and_the_next_run_completes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, rescued: bool
) -> None:
    """A commit fails, as on a disk that fills up; then taking the others back succeeds, or fails, too."""
    data = tmp_path / "data"
    ingest(source, data)
    before = {name: open_release(data).frame(name) for name in RELEASED}
    shutil.copy(SAMPLES / "mirror.txt", source)
    shutil.copy(SAMPLES / "databox.txt", source / "portal.txt")
    with monkeypatch.context() as patch:
        fail_at(patch, moment, rescued)
        with pytest.raises(StorageError):
            ingest(source, data)
    assert numbers(DataFolder(data)) == [1]
    for name in RELEASED:
        assert_frame_equal(open_release(data).frame(name), before[name])
    assert ingest(source, data)
    clean = tmp_path / "clean"
    ingest(source, clean)
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(
            open_release(data).frame(name).drop(volatile), open_release(clean).frame(name).drop(volatile)
        )
    assert open_release(data).frame("captures").height == 3
    assert_settled(source, data)


def assert_settled(source: Path, data: Path) -> None:
    """One more run changes nothing, commits nothing, and every archive file is named by a capture."""
    versions = {name: Tables(DataFolder(data)).version(name) for name in RELEASED}
    for _ in range(2):
        assert not ingest(source, data)
    assert {name: Tables(DataFolder(data)).version(name) for name in RELEASED} == versions
    assert {path.name for path in (data / "archive").iterdir()} == set(
        open_release(data).frame("captures")["warc_file"]
    )
    assert not set(open_release(data).frame("runs")["status"]) & {"running"}


def fail_at(patch: pytest.MonkeyPatch, moment: str, rescued: bool) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise StorageError("the disk is full")

    replace, append, roll_back = Tables.replace, Tables.append, Tables.roll_back
    failed: list[str] = []

    def at(name: str, go_on: Callable[[], int]) -> int:
        if name == moment:
            failed.append(name)
            full()
        return go_on()

    if moment == "publish":
        patch.setattr("flows.run.publish", lambda *a: at(moment, lambda: 0))
    patch.setattr(Tables, "replace", lambda self, name, *a, **k: at(name, lambda: replace(self, name, *a, **k)))
    patch.setattr(Tables, "append", lambda self, name, *a, **k: at(name, lambda: append(self, name, *a, **k)))
    if not rescued:

        def only_before(self: Tables, *args: Any) -> None:
            return full() if failed else roll_back(self, *args)

        patch.setattr(Tables, "roll_back", only_before)


KILLED = """
import os, signal, sys
import flows.run as run
from flows.pipeline import run_ingest
from storage.tables import Tables

def killing(function, moment, after):
    def call(*args, **kwargs):
        place = args[1] if len(args) > 1 and isinstance(args[1], str) else "publish"
        if place == moment and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if place == moment and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

source, data, moment, after = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] == "after"
Tables.replace = killing(Tables.replace, moment, after)
Tables.append = killing(Tables.append, moment, after)
run.publish = killing(run.publish, moment, after)
run_ingest([source], data)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", ["before", "after"])
@pytest.mark.parametrize("moment", ["captures", "reports", "figures", "quarantine", "publish"])
def test_a_run_that_kills_itself_at_a_commit_is_done_anew_by_the_next(
    source: Path, tmp_path: Path, moment: str, after: str
) -> None:
    """Without a release before it, and at each commit: SIGKILL leaves no time to clean up."""
    data = tmp_path / "data"
    command = [sys.executable, "-c", KILLED, str(source), str(data), moment, after]
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == -signal.SIGKILL
    published = moment == "publish" and after == "after"
    assert numbers(DataFolder(data)) == ([1] if published else [])
    assert ingest(source, data) != published
    assert open_release(data).frame("captures").height == 1
    assert open_release(data).frame("reports").height == 1
    assert open_release(data).frame("runs").sort("started_at")["status"][0] == (
        "released" if published else "interrupted"
    )
    assert_settled(source, data)


def test_many_reports_are_replaced_in_one_commit(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.tables.MAX_LISTED", 1)
    data = tmp_path / "data"
    shutil.copy(SAMPLES / "mirror.txt", source)
    shutil.copy(SAMPLES / "wrapped.txt", source)
    ingest(source, data)
    version = Tables(DataFolder(data)).version("lines")
    assert version is not None
    shutil.copy(SAMPLES / "databox.txt", source / "portal.txt")
    shutil.copy(SAMPLES / "epaper.txt", source / "mirror.txt")
    ingest(source, data)
    assert Tables(DataFolder(data)).version("lines") == version + 1
    clean = tmp_path / "clean"
    ingest(source, clean)
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(
            open_release(data).frame(name).drop(volatile), open_release(clean).frame(name).drop(volatile)
        )


def test_many_rows_are_committed_in_parts_but_for_the_logs(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No release names a version of the logs, so nothing could take back half of their rows."""
    data = tmp_path / "data"
    ingest(source, data)
    tables = Tables(DataFolder(data))
    versions = {name: tables.version(name) or 0 for name in ("lines", "runs")}
    monkeypatch.setattr("storage.tables.COMMIT_BYTES", 1_000)
    monkeypatch.setattr("storage.tables.ROWS_AT_ONCE", 5)
    for name, key in (("lines", "report_id"), ("runs", "run_id")):
        rows = tables.read(name)
        one = rows[key][0]
        same = rows.filter(pl.col(key) == one)
        parts = Frames(name, [{name: part} for part in same.iter_slices(5)])
        assert tables.replace(name, parts, [one], key=key) == same.height
        assert_frame_equal(tables.read(name), rows, check_row_order=False)
    assert (tables.version("lines") or 0) > versions["lines"] + 2
    assert tables.version("runs") == versions["runs"] + 1


def test_an_entry_of_the_log_with_line_separators_in_its_texts_is_whole(tmp_path: Path) -> None:
    tables = Tables(DataFolder(tmp_path))
    DataFolder(tmp_path).tables.mkdir()
    odd = "一\u2028二\u2029三\x85四\x0b五\x1c六"
    row = dict.fromkeys(TABLES["lines"].schema) | {"report_id": "a", "text": odd, "raw": odd, "label": odd}
    tables.append("lines", TABLES["lines"].frame([row]))
    tables.append("lines", TABLES["lines"].frame([row | {"report_id": "b"}]))
    Tables(DataFolder(tmp_path)).roll_back({"lines": 0}, ["lines"])
    assert Tables(DataFolder(tmp_path)).read("lines")["text"].to_list() == [odd]


def test_keys_with_quotation_marks_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.tables.SMALL_TABLE", 0)
    tables = Tables(DataFolder(tmp_path))
    DataFolder(tmp_path).tables.mkdir()
    names = ["a'b", *(f"c{n}" for n in range(9))]
    frame = TABLES["lines"].frame([dict.fromkeys(TABLES["lines"].schema) | {"report_id": name} for name in names])
    tables.append("lines", frame)
    tables.replace("lines", frame.head(1).with_columns(text=pl.lit("x")), ["a'b"])
    assert sorted(tables.read("lines").select("report_id", "text").rows())[0] == ("a'b", "x")
    assert tables.count("lines") == 10


def test_opening_says_what_is_missing(tmp_path: Path, source: Path) -> None:
    with pytest.raises(DataError, match="run `lvzhi ingest` first"):
        open_release(tmp_path / "nowhere")
    data = tmp_path / "data"
    ingest(source, data)
    with pytest.raises(UsageError, match="no release 7"):
        open_release(data, 7)
    with pytest.raises(UsageError, match="no table 'figure'"):
        open_release(data).frame("figure")
    with pytest.raises(UsageError, match="cannot be run"):
        open_release(data).sql("SELECT nothing FROM nowhere")


@pytest.mark.parametrize("content", ["", "one", "\x00"])
def test_a_damaged_pointer_is_named(tmp_path: Path, source: Path, content: str) -> None:
    data = tmp_path / "data"
    ingest(source, data)
    (data / "releases" / "latest").write_text(content)
    with pytest.raises(LvzhiError, match="latest"):
        current(DataFolder(data))


def test_every_error_message_of_a_release_names_a_file_that_is_damaged(tmp_path: Path, source: Path) -> None:
    data = tmp_path / "data"
    ingest(source, data)
    (data / "releases" / "000001.json").write_text('{"number": 1')
    with pytest.raises(StorageError, match=r"000001\.json is damaged"):
        open_release(data)


def test_tables_open_in_any_reader_of_delta(source: Path, tmp_path: Path) -> None:
    ingest(source, tmp_path / "data")
    table = DeltaTable(str(tmp_path / "data" / "tables" / "figures"))
    assert pl.read_parquet(table.file_uris()).height == open_release(tmp_path / "data").frame("figures").height


def test_sql_sees_all_tables_of_the_release(source: Path, tmp_path: Path) -> None:
    ingest(source, tmp_path / "data")
    reader = open_release(tmp_path / "data")
    query = "SELECT count(*) AS n FROM figures JOIN reports USING (report_id) WHERE division_code = '330600'"
    assert reader.sql(query)["n"].item() == reader.frame("figures").height
    for name in TABLES:
        assert reader.sql(f"SELECT count(*) AS n FROM {name}")["n"].item() == reader.frame(name).height


@pytest.mark.skipif(sys.platform != "linux", reason="names of open files are read from /proc")
def test_all_files_of_a_release_are_on_the_disk_before_it_is_current(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    missing: list[set[str]] = []
    fsync, pointed = os.fsync, storage.releases.write_atomically

    def recorded(file: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{file}").readlink()))
        fsync(file)

    def asked(path: Path, text: str) -> None:
        if path.name == "latest":
            tables = Tables(DataFolder(tmp_path / "data"))
            files = {uri for name in RELEASED if (table := tables.open(name)) for uri in table.file_uris()}
            logs = {str(entry) for entry in (tmp_path / "data" / "tables").rglob("_delta_log/*.json")}
            missing.append((files | logs) - synced)
        pointed(path, text)

    monkeypatch.setattr(os, "fsync", recorded)
    monkeypatch.setattr(storage.releases, "write_atomically", asked)
    ingest(source, tmp_path / "data")
    (source / "portal.txt").write_text((source / "portal.txt").read_text(encoding="utf-8") + "\n视察7次。\n", "utf-8")
    ingest(source, tmp_path / "data")
    assert missing == [set(), set()]
