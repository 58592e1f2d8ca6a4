"""The Delta tables: rows of a report are replaced together, in one commit a table."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, write_deltalake
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
# A table of so many rows, or of which so large a part is replaced, is written anew as a whole: that is faster.
SMALL_TABLE, LARGE_PART = 20_000, 0.25


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

    def read(self, name: str, version: int | None = None, *, columns: list[str] | None = None) -> pl.DataFrame:
        """Rows of a table.

        Args:
            name: the table.
            version: version to read; the latest if none is given.
            columns: columns to read; all if none are given.
        """
        spec = TABLES[name]
        table = self.open(name, version)
        wanted = columns or list(spec.schema)
        if table is None:
            return pl.DataFrame(schema=spec.schema).select(wanted)
        # A version that an earlier lvzhi wrote may lack columns: they are empty there.
        stored = {field.name for field in table.schema().fields}
        lacking = [pl.lit(None, dtype=spec.schema[column]).alias(column) for column in wanted if column not in stored]
        with storage_errors(self._folder.tables / name):
            columns = [column for column in wanted if column in stored]
            rows = pl.read_delta(table, columns=columns, storage_options=self._options)
        return rows.with_columns(lacking).select(wanted)

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

    def replace(self, name: str, rows: pl.DataFrame, keys: Iterable[str], *, key: str = "report_id") -> int:
        """Replace all rows of some reports by new ones, in one commit.

        Args:
            name: the table.
            rows: the new rows, as the table's model has them.
            keys: values of the key column whose earlier rows go.
            key: the column.

        Returns:
            Rows committed.
        """
        table = self.open(name)
        if table is None:
            return self.append(name, rows)
        standing = self.read(name, columns=[key])[key]
        present = standing.filter(standing.is_in(list(keys)))
        if present.is_empty():
            return self.append(name, rows)
        with storage_errors(self._folder.tables / name):
            # The predicate must hold for the new rows, too.
            concerned = sorted({*present, *rows[key]})
            whole = standing.len() <= SMALL_TABLE or present.len() >= standing.len() * LARGE_PART
            if whole or len(concerned) > MAX_LISTED:
                kept = rows.clear()
                if present.len() < standing.len():
                    kept = self.read(name).filter(~pl.col(key).is_in(present.unique().implode()))
                self._write(table, pl.concat([kept, rows]), mode="overwrite")
            else:
                listed = ", ".join(f"'{value}'" for value in concerned)
                self._write(table, rows, mode="overwrite", predicate=f"{key} IN ({listed})")
        return rows.height

    def append(self, name: str, rows: pl.DataFrame) -> int:
        """Add rows in one commit; none to a table that stands need no commit.

        Returns:
            Rows committed.
        """
        table = self.open(name)
        if rows.is_empty() and table is not None:
            return 0
        with storage_errors(self._folder.tables / name):
            if table is None:
                self._write(self.uri(name), rows, mode="append", description=TABLES[name].description)
            else:
                self._write(table, rows, mode="append")
        return rows.height

    def _write(self, table: DeltaTable | str, rows: pl.DataFrame, **options: Any) -> None:
        """Commit rows. Entries of the log stay: a release may need them; `storage.maintain` removes them."""
        hooks = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
        if isinstance(table, str):
            options["storage_options"] = self._options
        name = str(table if isinstance(table, str) else table.table_uri).rstrip("/").rpartition("/")[2]
        with self._synced(name):
            write_deltalake(table, rows.to_arrow(), schema_mode="merge", post_commithook_properties=hooks, **options)

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
                found = table.optimize.compact(post_commithook_properties=hooks)
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


def _added(entry: Path) -> list[str]:
    """Files that an entry of a Delta log adds, relative to the table."""
    actions = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]
    return [unquote(action["add"]["path"]) for action in actions if "add" in action]


def _whole(entry: Path) -> bool:
    """Whether an entry of a Delta log is there to its end."""
    lines = entry.read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except ValueError:
        return False
