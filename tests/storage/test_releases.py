"""Releases: readers see whole ones, old ones stay readable, what no release names is taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from flows.pipeline import RELEASED, run_ingest
from flows.submit import in_turn
from schemas.errors import DataError, LvzhiError, StorageError, UsageError
from schemas.tables import TABLES
from storage import open_release
from storage.folder import DataFolder
from storage.releases import current, numbers
from storage.tables import Tables
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


@pytest.mark.parametrize("moment", [*RELEASED, "publish"])
def test_a_run_that_fails_anywhere_leaves_the_release_and_the_next_run_completes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Commits fail one by one, as on a disk that fills up, and so does taking them back."""
    data = tmp_path / "data"
    ingest(source, data)
    before = {name: open_release(data).frame(name) for name in RELEASED}
    shutil.copy(SAMPLES / "mirror.txt", source)
    with monkeypatch.context() as patch:
        fail_at(patch, moment)
        with pytest.raises(StorageError):
            ingest(source, data)
        for name in RELEASED:
            assert_frame_equal(open_release(data).frame(name), before[name])
    assert ingest(source, data)
    clean = tmp_path / "clean"
    ingest(source, clean)
    for name in ("reports", "lines", "figures", "ignored_numerals"):
        volatile = [column for column in ("run_id", "capture_id") if column in TABLES[name].schema]
        assert_frame_equal(
            open_release(data).frame(name).drop(volatile), open_release(clean).frame(name).drop(volatile)
        )
    assert open_release(data).frame("captures").height == 2
    assert {path.name for path in (data / "archive").iterdir()} == set(
        open_release(data).frame("captures")["warc_file"]
    )


def fail_at(patch: pytest.MonkeyPatch, moment: str) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise StorageError("the disk is full")

    replace, append = Tables.replace, Tables.append
    patch.setattr(Tables, "roll_back", full)
    if moment == "publish":
        patch.setattr("flows.pipeline.publish", full)
    else:
        patch.setattr(
            Tables, "replace", lambda self, name, *a, **k: full() if name == moment else replace(self, name, *a, **k)
        )
        patch.setattr(
            Tables, "append", lambda self, name, *a, **k: full() if name == moment else append(self, name, *a, **k)
        )
    # Only what happens before the run's own work may still be taken back.
    real = Tables.read
    patch.setattr(Tables, "read", real)
    patch.setattr("flows.pipeline.Run._recover", lambda self: None)


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
