"""The Delta tables: rows of a report are replaced together, in one commit a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from schemas.errors import StorageError
from schemas.tables import TABLES
from storage.folder import DataFolder, storage_errors

# A longer list of keys in a predicate is slow, and of some ten thousands ends the process.
MAX_LISTED = 2_000


class Tables:
    """The tables of a data folder."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def uri(self, name: str) -> str:
        """Place of a table."""
        return str(self._folder.tables / name)

    def open(self, name: str, version: int | None = None) -> DeltaTable | None:
        """A table at a version, or at its latest; nothing where it was never written."""
        try:
            with storage_errors(self._folder.tables / name):
                return DeltaTable(self.uri(name), version=version)
        except TableNotFoundError:
            return None

    def version(self, name: str) -> int | None:
        """Latest version of a table; nothing where it was never written."""
        table = self.open(name)
        return None if table is None else table.version()

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
            rows = pl.read_delta(table, columns=[column for column in wanted if column in stored])
        return rows.with_columns(lacking).select(wanted)

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
        present = self.read(name, columns=[key]).filter(pl.col(key).is_in(list(keys)))[key].to_list()
        if not present:
            return self.append(name, rows)
        # The predicate must hold for the new rows, too.
        concerned = sorted({*present, *rows[key]})
        with storage_errors(self._folder.tables / name):
            if len(concerned) <= MAX_LISTED:
                listed = ", ".join(f"'{value}'" for value in concerned)
                write_deltalake(
                    self.uri(name),
                    rows.to_arrow(),
                    mode="overwrite",
                    predicate=f"{key} IN ({listed})",
                    schema_mode="merge",
                )
            else:
                others = self.read(name).filter(~pl.col(key).is_in(present))
                write_deltalake(
                    self.uri(name), pl.concat([others, rows]).to_arrow(), mode="overwrite", schema_mode="merge"
                )
        return rows.height

    def append(self, name: str, rows: pl.DataFrame) -> int:
        """Add rows in one commit; none to a table that stands need no commit.

        Returns:
            Rows committed.
        """
        if rows.is_empty() and self.open(name) is not None:
            return 0
        with storage_errors(self._folder.tables / name):
            write_deltalake(
                self.uri(name),
                rows.to_arrow(),
                mode="append",
                description=TABLES[name].description,
                schema_mode="merge",
            )
        return rows.height

    def roll_back(self, released: dict[str, int], names: Collection[str]) -> None:
        """Take back commits that no release names: what a killed run left behind.

        Args:
            released: version of each table in the current release.
            names: tables that releases name.
        """
        for name in names:
            table = self.open(name)
            if table is None and name in released:
                raise StorageError(
                    f"{self._folder.tables / name}: the table is gone that the current release names; "
                    f"put it back from a copy, or ingest into another folder"
                )
            if table is None or table.version() == released.get(name):
                continue
            with storage_errors(self._folder.tables / name):
                if name not in released:
                    if table.file_uris():
                        table.delete()
                elif not self._same_files(table, released[name]):
                    table.restore(released[name])

    def _same_files(self, table: DeltaTable, version: int) -> bool:
        """Whether a table has the very files of another version of it: so it was taken back already."""
        other = DeltaTable(table.table_uri, version=version)
        return set(table.file_uris()) == set(other.file_uris())
