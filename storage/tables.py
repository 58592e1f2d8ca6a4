"""The Delta tables: rows of a report are replaced together; a release names the version at which they are."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError

from schemas.errors import StorageError
from schemas.tables import TABLES
from storage.columns import arrow_schema
from storage.folder import DataFolder, storage_errors, sync_file, sync_folder
from storage.objects import SCHEME, file_system, storage_options

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

# The logs of runs and requests belong to no release: they are read as they stand.
UNRELEASED = ("runs", "requests")
LOG_ENTRY = re.compile(r"\d{20}\.json")
# A longer list of keys in a predicate is slow, and of some ten thousands ends the process.
MAX_LISTED = 2_000
# Bytes of rows in memory that are committed at once, and rows that are read at once while a table is written anew.
COMMIT_BYTES, ROWS_AT_ONCE = 32_000_000, 2_000
# Rows of a part of a file, which readers hold as a whole.
ROW_GROUP = 20_000
# A row with a whole text counts as so many rows.
WEIGHTS = {"reports": 10}
# A table of so many rows, or of which so large a part is replaced, is written anew as a whole: that is faster.
SMALL_TABLE, LARGE_PART = 20_000, 0.25


@dataclass(frozen=True)
class Frames:
    """Rows of a table that are held in parts, one at a time.

    Attributes:
        name: the table.
        parts: each has a frame of the table.
    """

    name: str
    parts: Sequence[Mapping[str, pl.DataFrame]]

    def __iter__(self) -> Iterator[pl.DataFrame]:
        yield from (part[self.name] for part in self.parts)


Rows = pl.DataFrame | Frames


class Tables:
    """The tables of a data folder."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._opened: dict[str, DeltaTable] = {}
        self._options = storage_options() if folder.is_remote else None

    def uri(self, name: str) -> str:
        """Place of a table."""
        return str(self._folder.tables / name)

    def open(self, name: str, version: int | None = None) -> DeltaTable | None:
        """A table at a version, or at its latest; nothing where it was never written.

        Raises:
            StorageError: it cannot be read, or has not this version.
        """
        known = self._opened.get(name)
        try:
            with storage_errors(self._folder.tables / name):
                if version is not None:
                    same = known is not None and known.version() == version
                    return known if same else DeltaTable(self.uri(name), version=version, storage_options=self._options)
                if known is None:
                    known = self._opened[name] = DeltaTable(self.uri(name), storage_options=self._options)
                else:
                    # What others committed meanwhile; a tenth of the time of opening it anew.
                    known.update_incremental()
                return known
        except TableNotFoundError:
            if version is not None:
                raise StorageError(
                    f"{self.uri(name)}: version {version} is gone; open another release, or restore the folder"
                ) from None
            return None

    def version(self, name: str) -> int | None:
        """Latest version of a table; nothing where it was never written."""
        table = self.open(name)
        return None if table is None else table.version()

    def count(self, name: str) -> int:
        """Rows of a table at its latest version."""
        table = self.open(name)
        return 0 if table is None else int(table.count())

    def read(
        self,
        name: str,
        version: int | None = None,
        *,
        columns: list[str] | None = None,
        where: pl.Expr | None = None,
    ) -> pl.DataFrame:
        """Rows of a table.

        Args:
            name: the table.
            version: version to read; the latest if none is given.
            columns: columns to read; all if none are given.
            where: which rows; other rows are passed over while the files are read. It names columns that every version has.
        """
        spec = TABLES[name]
        table = self.open(name, version)
        wanted = columns or list(spec.schema)
        if table is None:
            return pl.DataFrame(schema=spec.schema).select(wanted)
        stored = {field.name for field in table.schema().fields}
        with storage_errors(self._folder.tables / name):
            columns = [column for column in wanted if column in stored]
            scan = pl.scan_delta(table, storage_options=self._options)
            rows = (scan if where is None else scan.filter(where)).select(columns).collect()
        return _completed(rows, name, wanted)

    def dataset(self, name: str, version: int | None = None, files: list[str] | None = None) -> Dataset:
        """A table as an Arrow dataset of plain types.

        Args:
            name: the table; it stands.
            version: version to read; the latest if none is given.
            files: some of its files; all if none are given.
        """
        import pyarrow.dataset as ds  # 0.1 s that runs do not need

        schema = arrow_schema(TABLES[name])
        if files is None:
            table = self.open(name, version)
            files = table.file_uris() if table is not None else []
        if not files:
            return ds.dataset(schema.empty_table())
        # Not by `to_pyarrow_dataset`: its types are those of the files, which change with a compaction.
        if self._folder.is_remote:
            keys = [uri.removeprefix(SCHEME) for uri in files]
            return ds.dataset(keys, schema=schema, format="parquet", filesystem=file_system())
        return ds.dataset(files, schema=schema, format="parquet")

    def replace(self, name: str, rows: Rows, keys: Iterable[str], *, key: str = "report_id") -> int:
        """Replace all rows of some reports by new ones.

        Args:
            name: the table.
            rows: the new rows, as the table's model has them.
            keys: values of the key column whose earlier rows go; the new rows have no others.
            key: the column.

        Returns:
            Rows committed.
        """
        table = self.open(name)
        gone = sorted(set(keys))
        if table is None:
            return self.append(name, rows)
        standing = self.read(name, columns=[key])[key]
        present = standing.filter(standing.is_in(gone))
        if present.is_empty():
            return self.append(name, rows)
        with storage_errors(self._folder.tables / name):
            few = SMALL_TABLE // WEIGHTS.get(name, 1)
            whole = standing.len() <= few or present.len() >= standing.len() * LARGE_PART
            if not whole and len(gone) <= MAX_LISTED:
                listed = ", ".join("'" + value.replace("'", "''") + "'" for value in gone)
                return self._write(table, name, rows, mode="overwrite", predicate=f"{key} IN ({listed})")
            kept = self._others(name, key, gone) if present.len() < standing.len() else iter(())
            return self._write(table, name, rows, kept, mode="overwrite")

    def _others(self, name: str, key: str, keys: list[str]) -> Iterator[pl.DataFrame]:
        """Rows of a table without those of some reports, some at a time."""
        import pyarrow.parquet as pq

        schema = pl.Schema(TABLES[name].schema)
        others = ~pl.col(key).is_in(keys)
        for fragment in self.dataset(name).get_fragments():
            # Not by the dataset, which reads ahead: a part of a file is all that is held.
            file = pq.ParquetFile(fragment.open(), pre_buffer=False)
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False):
                frame = pl.DataFrame(batch)
                whole = _completed(frame, name, list(schema)).cast(schema)
                yield whole.filter(others.fill_null(True))

    def append(self, name: str, rows: Rows) -> int:
        """Add rows; none to a table that stands need no commit.

        Returns:
            Rows committed.
        """
        table = self.open(name)
        if table is not None and all(frame.is_empty() for frame in _frames(rows)):
            return 0
        with storage_errors(self._folder.tables / name):
            if table is None:
                return self._write(self.uri(name), name, rows, mode="append", description=TABLES[name].description)
            return self._write(table, name, rows, mode="append")

    def _write(
        self, table: DeltaTable | str, name: str, rows: Rows, kept: Iterable[pl.DataFrame] = (), **options: Any
    ) -> int:
        """Commit rows, and those that stay before them; many rows in several commits, for deltalake holds the rows of one. No
        release names what comes between them. Entries of the log stay: a release may need them; `storage.maintain` removes them.

        Returns:
            Rows committed, without those that stay.
        """
        hooks = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
        if isinstance(table, str):
            options["storage_options"] = self._options
        written = 0

        def counted() -> Iterator[pl.DataFrame]:
            nonlocal written
            for frame in _frames(rows):
                written += frame.height
                yield frame

        with self._synced(name):
            # What no release names cannot be taken back: it is one commit.
            size = sys.maxsize if name in UNRELEASED else COMMIT_BYTES
            for part in _parts(TABLES[name].frame([]), chain(kept, counted()), size):
                write_deltalake(
                    table,
                    part.to_arrow(),
                    schema_mode="merge",
                    writer_properties=_properties(name),
                    post_commithook_properties=hooks,
                    **options,
                )
                options |= {"mode": "append"}
                options.pop("predicate", None)
        return written

    @contextmanager
    def _synced(self, name: str) -> Iterator[None]:
        """Bring to the disk what is committed within: a release must not name what a power cut takes away."""
        log = self._folder.tables / name / "_delta_log"
        if self._folder.is_remote:  # a put is kept once it is answered
            yield
            return
        before = set(log.iterdir()) if log.is_dir() else set()
        yield
        new = set(log.iterdir()) - before
        for path in new:
            for file in _added(path) if LOG_ENTRY.fullmatch(path.name) else ():
                sync_file(log.parent / file)
            sync_file(path)
        for folder in (log.parent, log):
            sync_folder(folder)

    def compact(self, name: str, most_files: int) -> bool:
        """Put the rows of a table that has more files than that into few.

        Returns:
            Whether there is a new version of the table.
        """
        table = self.open(name)
        if table is None or len(table.file_uris()) <= most_files:
            return False
        with storage_errors(self._folder.tables / name):
            hooks = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
            with self._synced(name):
                found = table.optimize.compact(writer_properties=_properties(name), post_commithook_properties=hooks)
        return bool(found["numFilesRemoved"])

    def roll_back(self, released: dict[str, int], names: Collection[str]) -> None:
        """Take back commits that no release names: what a killed run left behind.

        Args:
            released: version of each table in the current release.
            names: tables that releases name.
        """
        # A put of an object store is whole or not at all.
        for name in (*names, *UNRELEASED) if not self._folder.is_remote else ():
            self._drop_torn(name, released.get(name, -1))
        for name in names:
            table = self.open(name)
            if table is None and name in released:
                raise StorageError(
                    f"{self._folder.tables / name}: the table is gone that the current release names; "
                    f"put it back from a copy, or move releases/ away and make all tables anew with lvzhi rebuild"
                )
            if table is None or table.version() == released.get(name):
                continue
            with storage_errors(self._folder.tables / name), self._synced(name):
                if name not in released:
                    if table.file_uris():
                        table.delete()
                elif not self._same_files(table, released[name]):
                    table.restore(released[name])

    def _drop_torn(self, name: str, released: int) -> None:
        """Remove entries of the log that were not written to their end, as after a power cut, and those after them.

        No release names them; of a table that no release names only the last entry can be one.
        """
        log = self._folder.tables / name / "_delta_log"
        with storage_errors(log):
            if not log.is_dir():
                return
            entries = sorted(path for path in log.iterdir() if LOG_ENTRY.fullmatch(path.name))
            later = [path for path in entries if int(path.stem) > released]
            torn = False
            for path in later if name not in UNRELEASED else later[-1:]:
                torn = torn or not _whole(path)
                if torn:
                    path.unlink()
                    self._opened.pop(name, None)

    def _same_files(self, table: DeltaTable, version: int) -> bool:
        """Whether a table has the very files of another version of it: so it was taken back already."""
        other = DeltaTable(table.table_uri, version=version, storage_options=self._options)
        return set(table.file_uris()) == set(other.file_uris())


def _properties(name: str) -> WriterProperties:
    """How Parquet files of a table are written."""
    return WriterProperties(max_row_group_size=ROW_GROUP // WEIGHTS.get(name, 1), compression="ZSTD")


def _parts(empty: pl.DataFrame, frames: Iterable[pl.DataFrame], enough: int) -> Iterator[pl.DataFrame]:
    """Frames put together to so many bytes; an empty one where there are none."""
    some, size, given = [empty], 0, False
    for frame in frames:
        some.append(frame)
        size += int(frame.estimated_size())
        if size >= enough:
            yield pl.concat(some)
            some, size, given = [empty], 0, True
    if size or not given:
        yield pl.concat(some)


def _completed(rows: pl.DataFrame, name: str, columns: list[str]) -> pl.DataFrame:
    """Rows with all columns: those that an earlier lvzhi wrote may lack some, which are empty there."""
    schema = TABLES[name].schema
    lacking = [pl.lit(None, dtype=schema[column]).alias(column) for column in columns if column not in rows.columns]
    return rows.with_columns(lacking).select(columns)


def _frames(rows: Rows) -> Iterable[pl.DataFrame]:
    return [rows] if isinstance(rows, pl.DataFrame) else rows


def _added(entry: Path) -> list[str]:
    """Files that an entry of a Delta log adds, relative to the table."""
    actions = [json.loads(line) for line in _lines(entry.read_text(encoding="utf-8"))]
    return [unquote(action["add"]["path"]) for action in actions if "add" in action]


def _lines(text: str) -> list[str]:
    """Lines of an entry. Texts of reports stand in its statistics, with line separators of Unicode in them."""
    return [line for line in text.split("\n") if line]


def _whole(entry: Path) -> bool:
    """Whether an entry of a Delta log is there to its end."""
    lines = _lines(entry.read_text(encoding="utf-8", errors="replace"))
    try:
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except ValueError:
        return False
