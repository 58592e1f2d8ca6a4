"""Queries over releases of any size in little memory: DuckDB sorts and joins, and what is too much goes to a temporary folder.

    with Workspace() as desk:
        desk.add(reader)
        desk.frame("SELECT measure, count(*) AS n FROM figures GROUP BY measure")
        kept = desk.keep("SELECT report_id, raw FROM lines ORDER BY report_id, line_no")
    …
        for report, rows in kept.groups("report_id"):
            …

What is few comes as a frame. What is many is kept in a file in the temporary folder and read from there in batches, as
often as need be: so any number of sorted tables can be read side by side, each with no more than a batch in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import polars as pl

from schemas.errors import StorageError
from schemas.tables import TABLES
from storage.folder import storage_errors
from storage.reading import ReleaseReader

# Megabytes that DuckDB may hold; where a query needs more, it gets twice as much, up to the last.
LEAST_MEMORY, MOST_MEMORY = 150, 2_400
# Rows of a group in a kept file, and of a batch that is read from it; DuckDB takes no smaller group.
GROUP_ROWS, BATCH_ROWS = 2_048, 2_048
SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMP WITH TIME ZONE",
}
GLOB = frozenset("*?[")

T = TypeVar("T")


class Kept:
    """Rows of a query in a file, in the order of the query."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows in batches."""
        import pyarrow.parquet as pq  # 0.1 s that a frame does not need

        with storage_errors(self._path), pq.ParquetFile(self._path, pre_buffer=False) as file:
            for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                yield pl.DataFrame(batch)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows, one after the other."""
        for frame in self.frames():
            yield from frame.iter_rows(named=True)

    def groups(self, *columns: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        """Rows that have the same in some columns, by which they are sorted.

        Returns:
            The value, or the values where there are several columns, and the rows.
        """
        for key, rows in groupby(self.rows(), itemgetter(*columns)):
            yield key, list(rows)


class Workspace:
    """A DuckDB over tables of releases, and a temporary folder; both go at the end of the `with` block."""

    def __enter__(self) -> Workspace:
        import duckdb  # 0.2 s that only some commands need

        self._stack = ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lvzhi-"))
        self._folder = Path(folder)
        self._files = 0
        self._memory = LEAST_MEMORY
        config: dict[str, Any] = {
            "memory_limit": f"{LEAST_MEMORY}MB",
            "temp_directory": str(self._folder / "spilled"),
            # One thread sorts in half of the memory, and on a table of some hundred thousand rows no slower.
            "threads": 1,
            "preserve_insertion_order": False,
        }
        self._connection = self._stack.enter_context(duckdb.connect(":memory:", config=config))
        self._connection.execute("SET TimeZone = 'UTC'")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(
        self,
        reader: ReleaseReader,
        prefix: str = "",
        *,
        names: Iterable[str] = TABLES,
        without: Callable[[str], Collection[str]] = lambda name: (),
    ) -> None:
        """Make the tables of a release known.

        Args:
            reader: the release.
            prefix: what stands before their names.
            names: the tables.
            without: files of a table, by its name, whose rows are left out.
        """
        for name in names:
            gone = set(without(name))
            self._add(f"{prefix}{name}", reader, name, [file for file in reader.files(name) if file not in gone])

    def _add(self, view: str, reader: ReleaseReader, name: str, files: list[str]) -> None:
        spec = TABLES[name]
        if files and (reader.folder.is_remote or any(GLOB & set(file) for file in files)):
            # DuckDB would fetch an extension for the one, and take the other for a pattern.
            self._connection.register(view, reader.dataset(name, files))
            return
        # A column that was added to the table is not in older files, and where only those are looked at, in none.
        stored = self._columns(files) if files else set()
        kinds = {column: SQL_TYPES[kind.base_type()] for column, kind in spec.schema.items()}
        columns = ", ".join(
            f'"{column}"' if column in stored else f'NULL::{kind} AS "{column}"' for column, kind in kinds.items()
        )
        rows = f" FROM read_parquet({_list(files)}, union_by_name = true)" if files else " WHERE false"
        self._run(lambda: self._connection.execute(f'CREATE VIEW "{view}" AS SELECT {columns}{rows}'))

    def _columns(self, files: list[str]) -> set[str]:
        """Columns of Parquet files."""
        query = f"DESCRIBE SELECT * FROM read_parquet({_list(files)}, union_by_name = true)"
        return {row[0] for row in self._run(lambda: self._connection.execute(query).fetchall())}

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame known as a table."""
        self._run(lambda: self._connection.register(name, frame.to_arrow()))

    def make(self, name: str, query: str) -> None:
        """Make a table of the answer of a query, in place of an earlier one of its name."""
        self._run(lambda: self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}'))

    def frame(self, query: str) -> pl.DataFrame:
        """The answer of a query of few rows."""
        return self._run(lambda: pl.DataFrame(self._connection.sql(query).to_arrow_table()))

    def keep(self, query: str) -> Kept:
        """The answer of a query of many rows, in a file that lives as long as the workspace."""
        self._files += 1
        path = self._folder / f"{self._files}.parquet"
        target = f"{_text(str(path))} (FORMAT parquet, ROW_GROUP_SIZE {GROUP_ROWS})"
        self._run(lambda: self._connection.execute(f"COPY ({query}) TO {target}"))
        return Kept(path)

    def _run(self, query: Callable[[], T]) -> T:
        """The answer of a query; with more memory where it needs more.

        Raises:
            StorageError: it cannot be answered.
        """
        import duckdb

        while True:
            try:
                return query()
            except duckdb.OutOfMemoryException as error:
                if self._memory >= MOST_MEMORY:
                    raise StorageError(
                        f"{self._folder} or {MOST_MEMORY} MB of memory are too little: {error}; name a larger place by TMPDIR"
                    ) from error
                self._memory *= 2
                self._connection.execute(f"SET memory_limit = '{self._memory}MB'")
            except duckdb.IOException as error:
                raise StorageError(
                    f"the tables, or {self._folder}, cannot be read or written: {error}; if the disk is full, name another place by TMPDIR"
                ) from error


def quoted(columns: Iterable[str]) -> str:
    """Names of columns for a query."""
    return ", ".join(f'"{column}"' for column in columns)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


__all__ = ["Kept", "Workspace", "quoted"]
