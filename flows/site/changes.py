"""What differs between the release of the site and the one before, with causes.

Lines and ignored numerals follow from what else is compared, and are by far the most rows: of them only counts are told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from flows.site.reading import Dataset, Row
from storage import ReleaseReader
from storage.diff import differences
from storage.releases import load

COUNTED = ("lines", "ignored_numerals", "checks")
SHOWN = 50  # rows of a table
KINDS = ("added", "changed", "removed")


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
    tables = [name for name in dataset.reader.release.versions if name not in COUNTED]
    counts: Counter[tuple[str, str, str]] = Counter()
    new: list[str] = []
    rows: dict[str, list[Row]] = defaultdict(list)
    for found in differences(earlier, dataset.reader, tables):
        told = found.group_by("table", "change", "causes", maintain_order=True).len()
        counts.update({(table, change, causes): number for table, change, causes, number in told.iter_rows()})
        added = found.filter((pl.col("table") == "reports") & (pl.col("change") == "added"))
        new += added["report_id"].to_list()
        if found.is_empty():
            continue
        listed = rows[found["table"][0]]
        listed += found.head(SHOWN - len(listed)).rows(named=True)
    was, now = earlier.release.rows, dataset.reader.release.rows
    return Changes(
        dataset.earlier,
        _ordered(counts),
        new,
        [row for listed in rows.values() for row in listed],
        {name: (was.get(name, 0), now.get(name, 0)) for name in now},
    )


def _ordered(counts: Mapping[tuple[str, str, str], int]) -> list[Row]:
    """Counts by table, of each what is new first, then what causes most."""
    tables = list(dict.fromkeys(table for table, _, _ in counts))

    def place(item: tuple[tuple[str, str, str], int]) -> tuple[int, int, int]:
        (table, change, _), number = item
        return tables.index(table), KINDS.index(change), -number

    ordered = sorted(counts.items(), key=place)
    return [{"table": table, "change": change, "causes": causes, "rows": n} for (table, change, causes), n in ordered]
