"""A release as plain files: one a table, with data dictionary and checksums; a reader needs nothing of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.dictionary import dictionary
from schemas.tables import TABLES, TableSpec
from storage.folder import storage_errors, write_atomically
from storage.reading import ReleaseReader

CHECKSUMS = "SHA256SUMS"
DICTIONARY = "DATA_DICTIONARY.md"


def export(reader: ReleaseReader, target: Path, file_format: str) -> list[Path]:
    """Write all tables of a release.

    Args:
        reader: the release.
        target: folder to write to; files of an earlier export are replaced, others are left alone.
        file_format: `parquet` or `csv`.

    Returns:
        The files written: tables, data dictionary, checksums.
    """
    write = WRITERS[file_format]
    files = []
    with storage_errors(target):
        target.mkdir(parents=True, exist_ok=True)
        for name, spec in TABLES.items():
            path = target / f"{name}.{file_format}"
            temporary = path.with_name(f".{path.name}.new")
            write(spec, reader.frame(name), temporary)
            temporary.replace(path)
            files.append(path)
        write_atomically(target / DICTIONARY, dictionary(reader.release.number))
        files.append(target / DICTIONARY)
        sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
        write_atomically(target / CHECKSUMS, "".join(sums))
    return [*files, target / CHECKSUMS]


def _write_parquet(spec: TableSpec, frame: pl.DataFrame, path: Path) -> None:
    """Parquet with the description of table and columns in its metadata."""
    table = frame.to_arrow()
    described = {column.name: column.description for column in spec.columns()}
    fields = [
        pa.field(field.name, _plain(field.type), metadata={"description": described[field.name]})
        for field in table.schema
    ]
    schema = pa.schema(fields, metadata={"description": spec.description})
    pq.write_table(table.cast(schema), path, compression="zstd")


def _plain(kind: pa.DataType) -> pa.DataType:
    """The common type for one that not every reader knows."""
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind


def _write_csv(spec: TableSpec, frame: pl.DataFrame, path: Path) -> None:
    """CSV in UTF-8 with a byte order mark, by which Excel knows it."""
    frame.write_csv(path, include_bom=True)


WRITERS: dict[str, Callable[[TableSpec, pl.DataFrame, Path], None]] = {"parquet": _write_parquet, "csv": _write_csv}
