"""Plain files: the same rows, types that every reader knows, descriptions, checksums."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from schemas.errors import StorageError
from schemas.tables import TABLES
from storage import ReleaseReader
from storage.export import export


@pytest.fixture(scope="module")
def exported(released: ReleaseReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("export") / "out"
    export(released, target, "parquet")
    return target


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_one_file_with_the_rows_of_the_release(
    exported: Path, released: ReleaseReader, name: str
) -> None:
    assert_frame_equal(pl.read_parquet(exported / f"{name}.parquet"), released.frame(name))


@pytest.mark.parametrize("name", TABLES)
def test_types_are_plain_and_columns_described(exported: Path, name: str) -> None:
    schema = pq.read_schema(exported / f"{name}.parquet")
    allowed = {pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us", "UTC")}
    assert {field.type for field in schema} <= allowed
    assert all(len(field.metadata[b"description"]) > 10 for field in schema)
    assert len(schema.metadata[b"description"]) > 10


def test_checksums_are_those_of_the_files(exported: Path) -> None:
    lines = (exported / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == len(TABLES) + 1
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == digest


def test_the_dictionary_names_every_table_column_and_measure(exported: Path) -> None:
    text = (exported / "DATA_DICTIONARY.md").read_text(encoding="utf-8")
    for name, spec in TABLES.items():
        assert f"## {name}\n" in text
        assert all(f"| `{column}` |" in text for column in spec.schema)
    assert "`proposals.submitted`" in text


def test_csv_has_the_same_values(released: ReleaseReader, tmp_path: Path) -> None:
    export(released, tmp_path, "csv")
    figures = pl.read_csv(tmp_path / "figures.csv", schema_overrides={"period_start": pl.Date})
    assert figures["value"].to_list() == released.frame("figures")["value"].to_list()
    assert figures["period_start"][0] == dt.date(released.frame("figures")["period_start"][0].year, 1, 1)
    assert (tmp_path / "figures.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_an_export_replaces_its_files_and_leaves_others(released: ReleaseReader, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    export(released, tmp_path, "parquet")
    export(released, tmp_path, "parquet")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_a_target_that_is_a_file_is_named(released: ReleaseReader, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(StorageError, match="out"):
        export(released, tmp_path / "out", "parquet")
