"""Plain files: the same rows, types that every reader knows, descriptions, checksums."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from lxml import etree
from polars.testing import assert_frame_equal

from schemas.errors import StorageError, UsageError
from schemas.tables import TABLES
from storage import ReleaseReader
from storage.export import WRITERS, export


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
    assert len(lines) == len(TABLES) + 3
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


def sheet(path: Path, number: int = 1) -> list[list[str]]:
    """Texts of the cells of a sheet."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        tree = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        ["".join(cell.itertext()) for cell in row.findall("x:c", space)] for row in tree.iterfind(".//x:row", space)
    ]


def test_a_workbook_has_the_same_rows_and_describes_its_columns(released: ReleaseReader, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    export(released, tmp_path, "xlsx", tables=["figures"])
    rows = sheet(tmp_path / "figures.xlsx")
    figures = released.frame("figures")
    assert rows[0] == figures.columns
    assert len(rows) == figures.height + 1
    assert [row[0] for row in rows[1:]] == figures["report_id"].to_list()
    assert [row[0] for row in sheet(tmp_path / "figures.xlsx", 2)[1:]] == figures.columns


def test_a_workbook_holds_texts_that_look_like_formulas_and_texts_longer_than_a_cell(
    released: ReleaseReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr("storage.export.SHEET_ROWS", 3)
    long = "".join(f"第{i}句。" for i in range(20_000))
    documents = released.frame("documents").head(3)
    odd = documents.with_columns(title=pl.Series(["=1+1", "http://a.b/c", long]))
    path = tmp_path / "documents.xlsx"
    WRITERS["xlsx"](TABLES["documents"], [odd], path)
    first, second = sheet(path), sheet(path, 2)
    assert (len(first), len(second)) == (3, 2)
    at = first[0].index("title")
    assert [row[at] for row in first[1:]] == ["=1+1", "http://a.b/c"]
    parts = [i for i, name in enumerate(second[0]) if name.startswith("title")]
    assert "".join(second[1][i] for i in parts) == long


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_the_data_package_describes_every_file_and_column(
    released: ReleaseReader, tmp_path: Path, file_format: str
) -> None:
    export(released, tmp_path, file_format)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == str(released.release.number)
    assert {resource["name"] for resource in package["resources"]} == set(TABLES)
    for resource in package["resources"]:
        data = (tmp_path / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert resource["bytes"] == len(data)
        spec = TABLES[resource["name"]]
        assert [field["name"] for field in resource["schema"]["fields"]] == list(spec.schema)
        assert resource["schema"]["primaryKey"] == list(spec.key)


def test_the_citation_names_the_release(exported: Path, released: ReleaseReader) -> None:
    cited = yaml.safe_load((exported / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == f"release {released.release.number}"
    assert str(cited["date-released"]) == released.release.created_at[:10]
    assert released.release.run_id in cited["abstract"]


def test_a_partitioned_export_is_a_dataset_with_the_same_rows(released: ReleaseReader, tmp_path: Path) -> None:
    for _ in range(2):
        export(released, tmp_path, "parquet", tables=["reports", "figures"], partition_by="division_code")
    reports = released.frame("reports")
    files = sorted((tmp_path / "reports").rglob("*.parquet"))
    assert len(files) == reports["division_code"].n_unique()
    assert_frame_equal(
        pl.concat(pl.read_parquet(path, hive_partitioning=False) for path in files).sort("report_id"), reports
    )
    assert (tmp_path / "figures.parquet").is_file()
    named = {line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()}
    assert {path.relative_to(tmp_path).as_posix() for path in files} <= named


def test_what_cannot_be_exported_is_told_before_anything_is_written(released: ReleaseReader, tmp_path: Path) -> None:
    for options, message in (
        ({"tables": ["figure"]}, "no table 'figure'"),
        ({"partition_by": "nothing"}, "no table that is written has a column 'nothing'"),
    ):
        with pytest.raises(UsageError, match=message):
            export(released, tmp_path / "out", "parquet", **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="csv is written as one file a table"):
        export(released, tmp_path / "out", "csv", partition_by="division_code")
    assert not (tmp_path / "out").exists()


def test_the_dictionary_shows_a_value_of_each_column_that_has_one(exported: Path) -> None:
    text = (exported / "DATA_DICTIONARY.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("| `division_name` |")]
    assert re.search(r"\| [\u4e00-\u9fff]+ \|$", row)


def test_a_partitioned_export_replaces_nothing_but_an_export(released: ReleaseReader, tmp_path: Path) -> None:
    mine = tmp_path / "reports" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.txt is of no earlier export"):
        export(released, tmp_path, "parquet", tables=["reports"], partition_by="level")
    assert mine.read_text() == "mine"
    mine.unlink()
    for _ in range(2):
        export(released, tmp_path, "parquet", tables=["reports"], partition_by="level")


@pytest.mark.parametrize("part", ["", "tables", "archive/deep", "releases"])
def test_an_export_is_no_part_of_the_data_folder(released: ReleaseReader, part: str) -> None:
    before = sorted(released.folder.root.rglob("*"))
    with pytest.raises(UsageError, match="belongs to the data folder"):
        export(released, released.folder.root / part, "parquet")
    assert sorted(released.folder.root.rglob("*")) == before
