"""What differs between the release of the site and the one before, with causes.

Lines and ignored numerals follow from what else is compared, and are by far the most rows: of them only counts are told.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flows.site.reading import Dataset, Row
from schemas.tables import TABLES
from storage import ReleaseReader
from storage.diff import State, difference, origins
from storage.releases import load

COUNTED = ("lines", "ignored_numerals", "checks")
SHOWN = 50  # rows of a table


@dataclass(frozen=True)
class Changes:
    """Differences to an earlier release.

    Attributes:
        before: its number.
        counts: rows by table, change and causes.
        new_reports: ids of reports that it did not have.
        rows: the first rows of each table that differ.
        totals: by table its rows before and now.
    """

    before: int
    counts: list[Row]
    new_reports: list[str]
    rows: list[Row]
    totals: dict[str, tuple[int, int]]


def changes_since(dataset: Dataset) -> Changes | None:
    """What differs from the release before; nothing where there is none."""
    if dataset.earlier is None:
        return None
    folder = dataset.reader.folder
    earlier = ReleaseReader(folder, load(folder, dataset.earlier))
    found = difference(_state(earlier), _state(dataset.reader))
    counts = found.group_by("table", "change", "causes", maintain_order=True).agg(pl.len().alias("rows"))
    new = found.filter((pl.col("table") == "reports") & (pl.col("change") == "added"))["report_id"].to_list()
    was, now = earlier.release.rows, dataset.reader.release.rows
    return Changes(
        dataset.earlier,
        counts.rows(named=True),
        new,
        found.group_by("table", maintain_order=True).head(SHOWN).rows(named=True),
        {name: (was.get(name, 0), now.get(name, 0)) for name in now},
    )


def _state(reader: ReleaseReader) -> State:
    frames = {name: reader.frame(name) for name in reader.release.versions if name in TABLES and name not in COUNTED}
    return State(frames, origins(reader.folder, frames, reader.frame("runs")))
