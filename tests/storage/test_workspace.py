"""Queries in little memory: every row comes, in order, and two releases differ as they do in memory."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

import storage.diff
import storage.export
import storage.workspace
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import StorageError
from schemas.tables import TABLES
from storage import ReleaseReader, open_release
from storage.diff import CHANGES, State, difference, differences, origins
from storage.export import export
from storage.tables import UNRELEASED, Tables
from storage.workspace import Workspace
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: in the second one page is changed, one is gone, one is new."""
    root = tmp_path_factory.mktemp("workspace")
    inbox = root / "in"
    inbox.mkdir()
    for name in ("portal.txt", "databox.txt", "mirror.txt"):
        shutil.copy(SAMPLES / name, inbox)
    run_ingest([str(inbox)], root / "data", source_name="s", submit=in_turn)
    text = (inbox / "portal.txt").read_text(encoding="utf-8")
    (inbox / "portal.txt").write_text(text.replace("提案", "议案", 3), encoding="utf-8")
    (inbox / "databox.txt").write_text("您访问的页面不存在", encoding="utf-8")
    shutil.copy(SAMPLES / "epaper.txt", inbox)
    run_ingest([str(inbox)], root / "data", source_name="s", submit=in_turn)
    return root / "data"


def state(reader: ReleaseReader) -> State:
    frames = {name: reader.frame(name) for name in TABLES if name not in UNRELEASED}
    return State(frames, origins(reader.folder, frames, reader.frame("runs")))


@pytest.mark.parametrize("at_once", [1, 2_000, 8_000_000])
def test_two_releases_differ_as_their_tables_do_in_memory(
    data: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(storage.diff, "AT_ONCE", at_once)
    monkeypatch.setattr(storage.workspace, "BATCH_ROWS", 5)
    for first, last in ((1, 2), (2, 1), (2, 2)):
        before, after = open_release(data, first), open_release(data, last)
        whole = difference(state(before), state(after))
        parts = list(differences(before, after))
        assert at_once > 1 or max((part.height for part in parts), default=0) <= 5
        found = pl.concat([pl.DataFrame(schema=CHANGES), *parts])
        order = ["table", "key", "change"]
        assert found.sort(order).equals(whole.sort(order))
        assert whole.is_empty() == (first == last)


def test_files_that_both_releases_have_are_not_read(data: Path) -> None:
    before, after = open_release(data, 1), open_release(data, 2)
    with Workspace() as desk:
        desk.add(before, "all_")
        desk.add(before, "own_", without=before.files)
        desk.add(before, "old_", without=after.files)
        rows = {
            name: desk.frame(f"SELECT count(*) FROM {name}").item() for name in ("all_lines", "own_lines", "old_lines")
        }
    assert rows["all_lines"] == before.frame("lines").height
    assert rows["own_lines"] == 0
    assert 0 <= rows["old_lines"] <= rows["all_lines"]


def test_kept_rows_are_read_in_order_in_batches_and_as_often_as_need_be(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.workspace, "BATCH_ROWS", 4)
    reader = open_release(data)
    lines = reader.frame("lines")
    with Workspace() as desk:
        desk.add(reader)
        kept = desk.keep("SELECT * FROM lines ORDER BY report_id, line_no")
        for _ in range(2):
            assert max(frame.height for frame in kept.frames()) == 4
            assert pl.concat(kept.frames()).equals(lines)
        groups = dict(kept.groups("report_id"))
        several = [key for key, _ in kept.groups("report_id", "label")]
    assert {report: len(rows) for report, rows in groups.items()} == dict(lines.group_by("report_id").len().iter_rows())
    assert groups == {key[0]: part.to_dicts() for key, part in lines.partition_by("report_id", as_dict=True).items()}
    assert several[0] == lines.select("report_id", "label").row(0)


def test_columns_of_all_types_come_as_the_tables_have_them(data: Path) -> None:
    reader = open_release(data)
    with Workspace() as desk:
        desk.add(reader)
        for name, spec in TABLES.items():
            frame = desk.frame(f"SELECT * FROM {name}")
            assert frame.schema == pl.Schema(spec.schema), name
            assert frame.height == reader.frame(name).height


def test_a_folder_whose_name_is_a_pattern_is_read_as_any_other(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "a[b]*")
    reader = open_release(tmp_path / "a[b]*")
    with Workspace() as desk:
        desk.add(reader)
        desk.add(reader, "x_", names=["lines"], without=reader.files)
        kept = desk.keep("SELECT * FROM lines ORDER BY report_id, line_no")
        assert pl.concat(kept.frames()).equals(reader.frame("lines"))
        assert desk.frame("SELECT count(*) FROM x_lines").item() == 0


def test_a_column_that_files_lack_is_empty_there(data: Path, tmp_path: Path) -> None:
    """As after a version of lvzhi that added one: some files have it, and of some of them alone may be asked."""
    shutil.copytree(data, tmp_path / "data")
    reader = open_release(tmp_path / "data")
    before = reader.frame("figures")
    older = before.drop("quote")
    table = DeltaTable(str(reader.folder.tables / "figures"))
    write_deltalake(table, older.to_arrow(), mode="append", schema_mode="merge")
    others = reader.files("figures")
    reader.release.versions["figures"] = table.version()
    with Workspace() as desk:
        desk.add(reader, names=["figures"])
        desk.add(reader, "old_", names=["figures"], without=lambda name: others)
        counts = "SELECT count(quote), count(*) FROM"
        assert desk.frame(f"{counts} figures").row(0) == (before.height, 2 * before.height)
        assert desk.frame(f"{counts} old_figures").row(0) == (0, before.height)
        assert desk.frame("SELECT * FROM old_figures").schema == pl.Schema(TABLES["figures"].schema)


def many(rows: int) -> pl.DataFrame:
    chosen = random.Random(1)
    return pl.DataFrame({"place": [chosen.random() for _ in range(rows)], "text": [f"{n:0200}" for n in range(rows)]})


def test_a_query_that_needs_more_memory_gets_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.workspace, "LEAST_MEMORY", 3)
    frame = many(60_000)
    with Workspace() as desk:
        desk.take("many", frame)
        kept = desk.keep("SELECT * FROM many ORDER BY place")
        assert pl.concat(kept.frames()).equals(frame.sort("place"))
        assert desk._memory > 3


def test_a_query_that_gets_no_more_memory_is_an_error_of_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.workspace, "LEAST_MEMORY", 1)
    monkeypatch.setattr(storage.workspace, "MOST_MEMORY", 1)
    with Workspace() as desk:
        desk.take("many", many(20_000))
        with pytest.raises(StorageError, match="TMPDIR"):
            desk.keep("SELECT * FROM many ORDER BY place")


def test_the_temporary_folder_goes_with_the_workspace() -> None:
    with Workspace() as desk:
        desk.keep("SELECT 1 AS a")
        folder = desk._folder
        assert any(folder.iterdir())
    assert not folder.exists()


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
@pytest.mark.parametrize("text", ["full", "evidence"])
def test_an_export_in_small_parts_has_the_same_rows(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str, text: str
) -> None:
    reader = open_release(data)
    export(reader, tmp_path / "whole", file_format, text=text)
    monkeypatch.setattr(storage.export, "PART_BYTES", 2_000)
    monkeypatch.setattr(storage.workspace, "BATCH_ROWS", 3)
    export(reader, tmp_path / "parts", file_format, text=text)
    for name in TABLES:
        whole, parts = (tmp_path / part / f"{name}.{file_format}" for part in ("whole", "parts"))
        if file_format == "csv":
            assert parts.read_bytes() == whole.read_bytes()
        else:
            assert pl.read_parquet(parts).equals(pl.read_parquet(whole))
    assert Tables(reader.folder).read("runs").height == 2
