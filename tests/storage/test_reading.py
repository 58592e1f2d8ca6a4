"""A release opened for readers: the same rows in every form, by number, tag or as the current one."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import StorageError, UsageError
from schemas.tables import TABLES
from storage import ReleaseReader, open_release
from storage.folder import DataFolder
from storage.releases import find, note, numbers, tag, tags, untag, write_note
from tests.conftest import SAMPLES, Command


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A data folder with two releases."""
    base = tmp_path_factory.mktemp("two")
    (base / "in").mkdir()
    shutil.copy(SAMPLES / "portal.txt", base / "in")
    run_ingest([str(base / "in")], base / "data", submit=in_turn)
    shutil.copy(SAMPLES / "databox.txt", base / "in")
    run_ingest([str(base / "in")], base / "data", submit=in_turn)
    return DataFolder(base / "data")


@pytest.fixture
def folder(two: DataFolder, tmp_path: Path) -> DataFolder:
    """A copy of it to change."""
    shutil.copytree(two.root, tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_same_rows_in_every_form(released: ReleaseReader, name: str) -> None:
    frame = released.frame(name)
    arrow = released.arrow(name)
    assert_frame_equal(pl.DataFrame(arrow), frame)
    assert_frame_equal(released.polars(name), frame)
    dataset = released.dataset(name)
    assert isinstance(dataset, ds.Dataset)
    rows = pl.DataFrame(dataset.to_table())
    assert_frame_equal(rows.sort(pl.all()), frame.sort(pl.all()))
    assert_frame_equal(released.sql(f"SELECT * FROM {name}").sort(pl.all()), frame.sort(pl.all()))


@pytest.mark.parametrize("name", TABLES)
def test_types_are_plain_and_described_in_arrow_and_in_datasets(released: ReleaseReader, name: str) -> None:
    allowed = {pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us", "UTC")}
    for schema in (released.arrow(name).schema, released.dataset(name).schema):
        assert {field.type for field in schema} <= allowed
        assert all(field.metadata[b"description"] for field in schema)


def test_a_dataset_can_be_filtered_also_after_a_compaction(folder: DataFolder) -> None:
    before = open_release(folder.root)
    expected = before.frame("figures").filter(pl.col("unit") == "件").height
    assert expected
    table = DeltaTable(str(folder.tables / "figures"))
    assert table.optimize.compact()["numFilesRemoved"] > 1
    now = ReleaseReader(folder, before.release)
    now.release.versions["figures"] = DeltaTable(str(folder.tables / "figures")).version()
    for reader in (before, now):
        assert reader.dataset("figures").filter(ds.field("unit") == "件").count_rows() == expected
        assert reader.sql("SELECT count(*) AS n FROM figures WHERE unit = '件'")["n"].item() == expected


def test_only_the_columns_that_are_asked_for_come(released: ReleaseReader) -> None:
    part = released.frame("figures", ["value", "unit"])
    assert_frame_equal(part, released.frame("figures").select("value", "unit"))


def test_pandas_is_read_where_it_is_installed_and_its_lack_is_named(released: ReleaseReader) -> None:
    if importlib.util.find_spec("pandas") is None:
        with pytest.raises(UsageError, match="pip install pandas"):
            released.pandas("figures")
    else:
        assert len(released.pandas("figures")) == released.frame("figures").height


def test_a_column_that_is_not_there_is_named(released: ReleaseReader) -> None:
    with pytest.raises(UsageError, match="reports has no column 'nope'"):
        released.frame("reports", ["title", "nope"])


def test_a_table_that_is_not_there_is_named(released: ReleaseReader) -> None:
    for read in (released.frame, released.arrow, released.dataset, released.polars):
        with pytest.raises(UsageError, match="no table 'figure'; the tables are captures"):
            read("figure")


def test_a_table_that_a_release_has_not_is_empty(two: DataFolder) -> None:
    reader = open_release(two.root)
    reader.release.versions.pop("documents")
    assert reader.frame("documents").is_empty()
    assert reader.dataset("documents").count_rows() == 0
    assert reader.sql("SELECT count(*) AS n FROM documents")["n"].item() == 0
    assert reader.arrow("documents").num_rows == 0


def test_a_release_is_found_by_number_tag_and_as_the_current_one(folder: DataFolder) -> None:
    assert numbers(folder) == [1, 2]
    tag(folder, 1, "2026-annual")
    for name, number in ((None, 2), ("latest", 2), (1, 1), ("1", 1), ("2026-annual", 1)):
        assert open_release(folder.root, name).release.number == number
    for name in ("annual", "3", 3, "0", "../latest", ".hidden", ""):
        with pytest.raises(UsageError, match="lvzhi releases"):
            find(folder, name)


def test_a_release_file_beyond_the_pointer_is_none(folder: DataFolder) -> None:
    shutil.copy(folder.releases / "000002.json", folder.releases / "000003.json")
    assert numbers(folder) == [1, 2]
    with pytest.raises(UsageError, match="no release 3"):
        find(folder, 3)


def test_tags_are_taken_once_moved_and_removed(folder: DataFolder) -> None:
    tag(folder, 1, "a")
    tag(folder, 1, "a")
    with pytest.raises(UsageError, match="release 1 has the tag a"):
        tag(folder, 2, "a")
    tag(folder, 2, "a", move=True)
    tag(folder, 2, "年度-2026")
    assert tags(folder) == {"a": 2, "年度-2026": 2}
    untag(folder, "a")
    assert tags(folder) == {"年度-2026": 2}
    for bad in ("12", "latest", "", "a/b", ".a", "a b", "x" * 65):
        with pytest.raises(UsageError, match="is no tag"):
            tag(folder, 1, bad)
    with pytest.raises(UsageError, match="no release 9"):
        tag(folder, 9, "b")
    (folder.releases / "tags" / "年度-2026").write_text("two")
    with pytest.raises(StorageError, match="年度-2026"):
        tags(folder)


def test_a_note_is_replaced_and_removed(folder: DataFolder) -> None:
    assert note(folder, 1) == ""
    write_note(folder, 1, "first\n")
    write_note(folder, 1, "second")
    assert note(folder, 1) == "second"
    write_note(folder, 1, " ")
    assert note(folder, 1) == ""


def test_the_release_file_of_a_later_lvzhi_is_read(folder: DataFolder) -> None:
    path = folder.releases / "000002.json"
    path.write_text(path.read_text().replace("{", '{"later": [1],', 1))
    assert open_release(folder.root).release.number == 2


def test_releases_tags_and_notes_on_the_command_line(lvzhi: Command, folder: DataFolder) -> None:
    data = ("--data", folder.root)
    assert lvzhi("tag", "1", "first", *data).stdout == "release 1 is tagged first\n"
    assert lvzhi("note", "first", "the portal alone", *data).stdout == "release 1: the portal alone\n"
    listed = pl.read_csv(lvzhi("releases", *data).stdout.encode())
    assert listed["release"].to_list() == [1, 2]
    assert listed["reports"].to_list() == [1, 2]
    assert listed["tags"][0] == "first"
    assert listed["note"][0] == "the portal alone"
    for command in (["sql", "SELECT count(*) AS n FROM reports"], ["status"], ["show", "portal"]):
        old, new = (lvzhi(*command, *data, *release) for release in (("--release", "first"), ()))
        assert (old.returncode, new.returncode) == (0, 0)
        if command[0] != "show":
            assert old.stdout != new.stdout
    assert lvzhi("show", "databox", *data, "--release", "first").returncode == 2
    assert "no longer" in lvzhi("tag", "1", "first", "--remove", *data).stdout
    wrong = lvzhi("sql", "SELECT 1", *data, "--release", "first")
    assert wrong.returncode == 2
    assert "no release is tagged 'first'" in wrong.stderr
