"""A release for readers: its tables as frames and Arrow datasets, and SQL over all of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from schemas.errors import UsageError
from schemas.tables import TABLES, TableSpec
from storage.columns import arrow_schema
from storage.folder import DataFolder, data_folder
from storage.releases import Release, require
from storage.tables import UNRELEASED, Tables

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.dataset import Dataset


class ReleaseReader:
    """One release of a data folder; every table is read at the version that the release names.

    What is written meanwhile, by runs, by compaction, by clearing up, does not change what it reads.
    """

    def __init__(self, folder: DataFolder, release: Release) -> None:
        self.folder = folder
        self.release = release
        self._tables = Tables(folder)

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return list(TABLES)

    def frame(self, name: str, columns: list[str] | None = None) -> pl.DataFrame:
        """All rows of a table, sorted by its key.

        Args:
            name: the table.
            columns: columns to read; all if none are given.

        Raises:
            UsageError: there is no such table or column.
        """
        spec = _spec(name)
        if unknown := [column for column in columns or () if column not in spec.schema]:
            raise UsageError(f"{name} has no column {unknown[0]!r}; its columns are {', '.join(spec.schema)}")
        if not self._has(name):
            return pl.DataFrame(schema=spec.schema).select(columns or list(spec.schema))
        order = ["report_id", "ordinal"] if "ordinal" in spec.schema else list(spec.key)
        wanted = columns or list(spec.schema)
        needed = list(dict.fromkeys([*wanted, *order]))
        return self._tables.read(name, self.release.versions.get(name), columns=needed).sort(order).select(wanted)

    def polars(self, name: str) -> pl.DataFrame:
        """All rows of a table as a Polars frame, sorted by its key.

        Raises:
            UsageError: there is no such table.
        """
        return self.frame(name)

    def arrow(self, name: str) -> pa.Table:
        """All rows of a table in Arrow, sorted by its key, with descriptions of the columns.

        Raises:
            UsageError: there is no such table.
        """
        return self.frame(name).to_arrow().cast(arrow_schema(_spec(name)))

    def pandas(self, name: str) -> pd.DataFrame:
        """All rows of a table as a pandas frame, sorted by its key.

        Raises:
            UsageError: there is no such table, or pandas is not installed.
        """
        if importlib.util.find_spec("pandas") is None:
            raise UsageError(
                "pandas is not installed here; run `pip install pandas`, or read with .polars(), .arrow() or .sql()"
            )
        return self.arrow(name).to_pandas()

    def dataset(self, name: str, files: list[str] | None = None) -> Dataset:
        """A table as an Arrow dataset, of which only the rows and columns that are asked for are read.

        Rows come in no order.

        Args:
            name: the table.
            files: some of its files; all if none are given.

        Raises:
            UsageError: there is no such table.
        """
        import pyarrow.dataset as ds  # 0.1 s that a frame does not need

        spec = _spec(name)
        if not self._has(name):
            return ds.dataset(arrow_schema(spec).empty_table())
        return self._tables.dataset(name, self.release.versions.get(name), files)

    def files(self, name: str) -> list[str]:
        """Paths of the Parquet files that hold the rows of a table in this release, and no other rows.

        Any Parquet reader gives the right rows from these files; a glob over the folder of the table would count
        rows of earlier versions, too.

        Raises:
            UsageError: there is no such table.
        """
        _spec(name)
        table = self._tables.open(name, self.release.versions.get(name)) if self._has(name) else None
        return [] if table is None else table.file_uris()

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
                connection.register(name, self.dataset(name))
            try:
                return _frame(connection.sql(query))
            except duckdb.Error as error:
                raise UsageError(f"the query cannot be run: {error}") from error

    def _has(self, name: str) -> bool:
        return name in self.release.versions or name in UNRELEASED


def _spec(name: str) -> TableSpec:
    """A table by name.

    Raises:
        UsageError: there is none.
    """
    if name not in TABLES:
        raise UsageError(f"there is no table {name!r}; the tables are {', '.join(TABLES)}")
    return TABLES[name]


def _frame(answer: Any) -> pl.DataFrame:
    """Rows of an answer of DuckDB; columns of one name are told apart by a number behind it."""
    if answer is None:
        return pl.DataFrame()
    names: list[str] = []
    for name in answer.columns:
        again = sum(other == name or other.rpartition("_")[0] == name for other in names)
        names.append(f"{name}_{again}" if name in names else name)
    try:
        rows = pl.DataFrame(answer.to_arrow_table().rename_columns(names))
        zoned = [name for name, kind in rows.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
        # DuckDB gives times in the zone of the machine.
        return rows.with_columns(pl.col(zoned).dt.convert_time_zone("UTC"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError):
        # A type that Arrow hands over and Polars does not know, such as an interval.
        texts = [[str(value) if value is not None else None for value in row] for row in answer.fetchall()]
        return pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")


def open_release(data: str | Path, release: int | str | None = None) -> ReleaseReader:
    """Open a release of a data folder.

    Args:
        data: the data folder.
        release: number or tag of the release; the current one if none is given.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no release of this number or tag.
    """
    folder = data_folder(data)
    return ReleaseReader(folder, require(folder, release))
