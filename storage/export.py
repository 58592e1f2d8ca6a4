"""A release as plain files: one or a partitioned set a table, with all that a reader needs to know of them.

    NAME.parquet | .csv | .xlsx   a table; NAME/…/part.parquet where it is partitioned
    DATA_DICTIONARY.md            columns and measures in words
    datapackage.json              the same for programs (Frictionless Data Package)
    CITATION.cff                  how to cite the release
    SHA256SUMS                    checksums of all

A reader needs nothing of ours.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.dictionary import dictionary
from schemas.errors import UsageError
from schemas.tables import TABLES, TableSpec
from storage.columns import arrow_schema
from storage.folder import DataFolder, storage_errors, write_atomically
from storage.package import citation, data_package
from storage.reading import ReleaseReader
from storage.republish import EVIDENCE, FULL, restricted
from storage.workspace import Workspace, quoted

if TYPE_CHECKING:
    import xlsxwriter

CHECKSUMS = "SHA256SUMS"
DICTIONARY = "DATA_DICTIONARY.md"
PACKAGE = "datapackage.json"
CITATION = "CITATION.cff"

# What stands in the folder of a partitioned table.
PARTITION = re.compile(r"[^/=]+=[^/]*(/part\.parquet)?")

# Rows that are in memory at once: a row group of a Parquet file.
PART_BYTES = 8_000_000
LOOKED_AT = 100  # values of a column among which an example is looked for
# Tables whose text depends on figures: by which columns these are found, and what is read of them.
FIGURES_BY = {
    "lines": (["report_id"], ["report_id", "line_no", "start", "end", "sentence"]),
    "activities": (["report_id", "sentence"], ["report_id", "sentence"]),
    "documents": (["report_id", "sentence"], ["report_id", "sentence"]),
}

# What a sheet of a workbook can hold.
SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767


def export(
    reader: ReleaseReader,
    target: Path,
    file_format: str,
    *,
    tables: Iterable[str] = (),
    partition_by: str | None = None,
    text: str = FULL,
    desk: Workspace | None = None,
) -> list[Path]:
    """Write tables of a release.

    Args:
        reader: the release.
        target: folder to write to; files of an earlier export are replaced, others are left alone.
        file_format: `parquet`, `csv` or `xlsx`.
        tables: names of the tables; all if none are given.
        partition_by: column by which a Parquet table that has it becomes a folder of files `COLUMN=VALUE/part.parquet`.
        text: how much of the reports' text is written, one of `storage.republish.TEXT_MODES`.
        desk: where the tables of the release are known for queries already.

    Returns:
        The files written: tables, data dictionary, data package, citation, checksums.

    Raises:
        UsageError: there is no such table or column, the format cannot be partitioned, or what
            stands in the folder is no export.
        StorageError: the folder cannot be written.
    """
    names = list(tables) or list(TABLES)
    _require(names, file_format, partition_by)
    _require_outside(reader.folder, target)
    resources: dict[str, list[Path]] = {}
    examples: dict[str, dict[str, object]] = {}
    with storage_errors(target), ExitStack() as stack:
        target.mkdir(parents=True, exist_ok=True)
        if desk is None:
            desk = stack.enter_context(Workspace())
            desk.add(reader)
        for name in names:
            parts = _Parts(name, desk, text)
            resources[name] = _write_table(TABLES[name], parts, target, file_format, partition_by)
            examples[name] = parts.examples
        about = _write_about(reader, target, file_format, resources, examples)
        files = [*(path for paths in resources.values() for path in paths), *about]
        sums = (f"{_digest(path)}  {path.relative_to(target).as_posix()}\n" for path in files)
        write_atomically(target / CHECKSUMS, "".join(sums))
    return [*files, target / CHECKSUMS]


class _Parts:
    """The rows of a table in the order of its key, some at a time, with no more text than is allowed.

    Attributes:
        examples: one of the first values of each column that is not empty, once the rows have been gone through.
    """

    def __init__(self, name: str, desk: Workspace, text: str) -> None:
        spec = TABLES[name]
        order = ["report_id", "ordinal"] if "ordinal" in spec.schema else spec.key
        sorted_by = ", ".join(f'"{column}" NULLS FIRST' for column in order)
        self._kept = desk.keep(f'SELECT * FROM "{name}" ORDER BY {sorted_by}')
        self._by_report = order[0] == "report_id"
        self._name, self._desk, self._text = name, desk, text
        self.examples: dict[str, object] = {}
        self._looked: Counter[str] = Counter()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The parts, of about `PART_BYTES` each; one without rows where there are none."""
        some = False
        for rows in _joined(self._kept.frames(), PART_BYTES, self._by_report):
            some = True
            yield self._told(rows)
        if not some:
            yield self._told(TABLES[self._name].frame([]))

    def _told(self, rows: pl.DataFrame) -> pl.DataFrame:
        part = restricted(self._name, rows, self._text, self._figures(rows))
        for column in part.columns:
            if self.examples.get(column) is None and self._looked[column] < LOOKED_AT:
                values = part[column].drop_nulls().head(LOOKED_AT - self._looked[column])
                self._looked[column] += values.len()
                self.examples[column] = next((value for value in values if value != ""), None)
        return part

    def _figures(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Figures by which the text of some rows is told."""
        if self._name not in FIGURES_BY or self._text != EVIDENCE:
            return TABLES["figures"].frame([])
        by, columns = FIGURES_BY[self._name]
        self._desk.take("told", rows.select(by).unique())
        return self._desk.frame(f"SELECT {quoted(columns)} FROM figures SEMI JOIN told USING ({quoted(by)})")


def _joined(frames: Iterable[pl.DataFrame], size: int, by_report: bool) -> Iterator[pl.DataFrame]:
    """Frames put together to parts of at least a size in bytes; rows that are sorted by report are parted between two."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        if sum(part.estimated_size() for part in waiting) < size:
            continue
        rows = pl.concat(waiting)
        last = rows["report_id"] == rows["report_id"][-1] if by_report else None
        if last is not None and last.all():
            waiting = [rows]
            continue
        cut = rows.height - (0 if last is None else int(last.sum()))
        yield rows[:cut]
        waiting = [rows[cut:]] if cut < rows.height else []
    if waiting:
        yield pl.concat(waiting)


def _write_table(
    spec: TableSpec, parts: Iterable[pl.DataFrame], target: Path, file_format: str, partition_by: str | None
) -> list[Path]:
    """The files of one table."""
    if partition_by is not None and partition_by in spec.schema:
        return _write_partitions(spec, pl.concat(parts), target / spec.name, partition_by)
    path = target / f"{spec.name}.{file_format}"
    temporary = path.with_name(f".{path.name}.new")
    WRITERS[file_format](spec, parts, temporary)
    temporary.replace(path)
    return [path]


def _write_about(
    reader: ReleaseReader,
    target: Path,
    file_format: str,
    resources: dict[str, list[Path]],
    examples: dict[str, dict[str, object]],
) -> list[Path]:
    """The files that describe the tables."""
    texts = {
        DICTIONARY: dictionary(reader.release.number, examples),
        PACKAGE: data_package(reader.release, target, resources, file_format),
        CITATION: citation(reader.release),
    }
    for name, text in texts.items():
        write_atomically(target / name, text)
    return [target / name for name in texts]


def _require(names: list[str], file_format: str, partition_by: str | None) -> None:
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        raise UsageError(f"there is no table {unknown[0]!r}; the tables are {', '.join(TABLES)}")
    if partition_by is None:
        return
    if file_format != "parquet":
        raise UsageError(f"{file_format} is written as one file a table; partition Parquet (--format parquet)")
    if not any(partition_by in TABLES[name].schema for name in names):
        raise UsageError(f"no table that is written has a column {partition_by!r}; the data dictionary lists them")


def _require_outside(folder: DataFolder, target: Path) -> None:
    """An export is no part of the data folder, which would take it for its own."""
    place = Path(target).resolve()
    for part in (folder.root, *folder.parts):
        if isinstance(part, Path) and (
            place == part.resolve() or (part != folder.root and part.resolve() in place.parents)
        ):
            raise UsageError(f"{target} belongs to the data folder; export to another one")


def _require_export(folder: Path) -> None:
    """What is replaced as a whole is an earlier export, and nothing else."""
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        name = path.relative_to(folder).as_posix()
        if not PARTITION.fullmatch(name):
            raise UsageError(f"{path} is of no earlier export, and would be lost; move it, or export to another folder")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_parquet(spec: TableSpec, parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Parquet with the description of table and columns in its metadata."""
    schema = arrow_schema(spec)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part.to_arrow().cast(schema))


def _write_arrow(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _write_partitions(spec: TableSpec, frame: pl.DataFrame, folder: Path, column: str) -> list[Path]:
    """A folder for each value of a column, with a file each that has the column, too: each is read by itself as well.

    The folder of an earlier export is replaced as a whole.
    """
    _require_export(folder)
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    names = []
    for (value,), rows in frame.group_by(column, maintain_order=True):
        name = Path(f"{column}={_partition(value)}") / "part.parquet"
        (fresh / name).parent.mkdir(parents=True)
        _write_arrow(rows.to_arrow().cast(arrow_schema(spec)), fresh / name)
        names.append(name)
    fresh.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return [folder / name for name in sorted(names)]


def _partition(value: object) -> str:
    """A value as a name of a folder, in the way of Hive."""
    if value is None:
        return "__HIVE_DEFAULT_PARTITION__"
    return "".join(
        letter if letter.isalnum() or letter in "-_." else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in str(value)
    )


def _write_csv(spec: TableSpec, parts: Iterable[pl.DataFrame], path: Path) -> None:
    """CSV in UTF-8 with a byte order mark, by which Excel knows it."""
    with path.open("wb") as file:
        for number, part in enumerate(parts):
            part.write_csv(file, include_bom=number == 0, include_header=number == 0)


def _write_xlsx(spec: TableSpec, parts: Iterable[pl.DataFrame], path: Path) -> None:
    """A workbook: the rows, on as many sheets as they need, and a sheet that describes the columns.

    A text longer than a cell holds goes on in columns beside it, `text (2)` and so on.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = {
            pl.Date: book.add_format({"num_format": "yyyy-mm-dd"}),
            pl.Datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        frame = pl.concat(parts)
        wide = _fitting(frame)
        styles = [formats.get(kind.base_type()) for kind in wide.schema.values()]
        starts = range(0, max(frame.height, 1), SHEET_ROWS - 1)
        for number, start in enumerate(starts, 1):
            sheet = book.add_worksheet(spec.name if len(starts) == 1 else f"{spec.name} {number}")
            _write_sheet(sheet, wide.columns, wide.slice(start, SHEET_ROWS - 1).iter_rows(), styles)
        described = ((c.name, c.kind, "yes" if c.nullable else "no", c.description) for c in spec.columns())
        _write_sheet(
            book.add_worksheet("columns"), ["column", "type", "may be empty", "meaning"], described, [None] * 4
        )


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet, header: list[str], rows: Iterable[tuple[Any, ...]], styles: list[Any]
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, 1):
        for column, (value, style) in enumerate(zip(row, styles, strict=True)):
            # None is an empty cell; text is never taken for a formula or an address.
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value, style)


def _fitting(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts that are longer than a cell holds parted over columns."""
    parted: list[pl.Expr] = []
    for name, kind in frame.schema.items():
        parted.append(pl.col(name))
        if kind == pl.String:
            longest = frame[name].str.len_chars().max() or 0
            parted[-1] = pl.col(name).str.slice(0, CELL_CHARACTERS)
            parted += list(_continued(name, int(str(longest))))
    return frame.select(parted)


def _continued(name: str, longest: int) -> Iterator[pl.Expr]:
    for number, start in enumerate(range(CELL_CHARACTERS, longest, CELL_CHARACTERS), 2):
        yield pl.col(name).str.slice(start, CELL_CHARACTERS).alias(f"{name} ({number})")


WRITERS: dict[str, Callable[[TableSpec, Iterable[pl.DataFrame], Path], None]] = {
    "parquet": _write_parquet,
    "csv": _write_csv,
    "xlsx": _write_xlsx,
}
