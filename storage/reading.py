"""A release for readers: its tables as frames, and SQL over all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from schemas.errors import DataError, UsageError
from schemas.tables import TABLES
from storage.folder import DataFolder, data_folder
from storage.releases import Release, current, load
from storage.tables import Tables

# The logs of runs and requests belong to no release: they are read as they stand.
UNRELEASED = ("runs", "requests")


class ReleaseReader:
    """One release of a data folder; every table is read at the version that the release names."""

    def __init__(self, folder: DataFolder, release: Release) -> None:
        self.folder = folder
        self.release = release
        self._tables = Tables(folder)

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return list(TABLES)

    def frame(self, name: str) -> pl.DataFrame:
        """All rows of a table, sorted by its key.

        Raises:
            UsageError: there is no such table.
        """
        if name not in TABLES:
            raise UsageError(f"there is no table {name!r}; the tables are {', '.join(TABLES)}")
        if name not in self.release.versions and name not in UNRELEASED:
            return pl.DataFrame(schema=TABLES[name].schema)
        rows = self._tables.read(name, self.release.versions.get(name))
        order = ["report_id", "ordinal"] if "ordinal" in rows.columns else list(TABLES[name].key)
        return rows.sort(order)

    def sql(self, query: str) -> pl.DataFrame:
        """Answer of a SQL query over the tables, by DuckDB.

        Args:
            query: SQL; each table goes by its name.

        Raises:
            UsageError: the query cannot be run; the message is DuckDB's.
        """
        import duckdb  # 0.2 s that only this command needs

        with duckdb.connect(":memory:") as connection:
            for name in TABLES:
                connection.register(name, self.frame(name).to_arrow())
            try:
                return _frame(connection.sql(query))
            except duckdb.Error as error:
                raise UsageError(f"the query cannot be run: {error}") from error


def _frame(answer: Any) -> pl.DataFrame:
    """Rows of an answer of DuckDB; columns of one name are told apart by a number behind it."""
    if answer is None:
        return pl.DataFrame()
    names: list[str] = []
    for name in answer.columns:
        again = sum(other == name or other.rpartition("_")[0] == name for other in names)
        names.append(f"{name}_{again}" if name in names else name)
    try:
        return pl.DataFrame(answer.to_arrow_table().rename_columns(names))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError):
        # A type that Arrow hands over and Polars does not know, such as an interval.
        rows = [[str(value) if value is not None else None for value in row] for row in answer.fetchall()]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def open_release(data: str | Path, release: int | None = None) -> ReleaseReader:
    """Open a release of a data folder.

    Args:
        data: the data folder.
        release: number of the release; the current one if none is given.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no release of this number.
    """
    folder = data_folder(data)
    found = load(folder, release) if release is not None else current(folder)
    if found is None:
        raise DataError(
            f"there is no release in {folder.root}; run `lvzhi ingest` first, or name the folder with --data"
        )
    return ReleaseReader(folder, found)
