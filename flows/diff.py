"""What the command line shows of the difference between two releases: counts with causes, then rows."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import click
import polars as pl
from rich import box
from rich.table import Table
from rich.text import Text

from flows.show import PipeConsole, show_frame
from schemas.errors import UsageError
from schemas.tables import TABLES
from storage import ReleaseReader, open_release
from storage.diff import CAUSES, CHANGES, differences
from storage.releases import numbers

CHANGE_STYLES = {"added": "green", "removed": "red", "changed": "yellow"}
SIGNS = {"added": "+", "removed": "-", "changed": "~"}
SHOWN = 60  # characters of a value
MOST_STEPS = 30  # releases between the two that are looked at one by one


def show_diff(
    data: str, before: str, after: str, *, tables: Collection[str] = (), file_format: str = "text", limit: int = 10
) -> None:
    """Print what differs between two releases.

    Args:
        data: the data folder.
        before, after: numbers or tags of the releases.
        tables: names of tables; all if none are given.
        file_format: `text`, `json` or `csv`.
        limit: rows of a table that `text` shows.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no such release or table.
    """
    unknown = [name for name in tables if name not in TABLES]
    if unknown:
        raise UsageError(f"there is no table {unknown[0]!r}; the tables are {', '.join(TABLES)}")
    changes = release_diff(data, before, after, tables or TABLES)
    if file_format == "text":
        print_changes(changes, limit)
    else:
        show_frame(changes, file_format)


def release_diff(data: str, before: str | int, after: str | int, tables: Collection[str] = TABLES) -> pl.DataFrame:
    """All rows that differ between two releases, with causes; columns as in `storage.diff.CHANGES`.

    Where releases between them are kept, a row has the causes of those that changed it, not of those that changed
    other rows of its report.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no such release.
    """
    first, last = open_release(data, before), open_release(data, after)
    changes = _all(first, last, tables)
    ends = sorted((first.release.number, last.release.number))
    between = [number for number in numbers(first.folder) if ends[0] < number < ends[1]]
    if changes.is_empty() or not between or len(between) > MOST_STEPS:
        return changes
    found: dict[tuple[str, str], set[str]] = {}
    steps = (open_release(data, number) for number in (ends[0], *between, ends[1]))
    for was, now in pairwise(steps):
        for step in differences(was, now, tables):
            for table, key, causes in step.select("table", "key", "causes").iter_rows():
                found.setdefault((table, key), set()).update(causes.split(", "))
    told = [
        ", ".join(cause for cause in CAUSES if cause in found.get((table, key), causes.split(", ")))
        for table, key, causes in changes.select("table", "key", "causes").iter_rows()
    ]
    return changes.with_columns(causes=pl.Series(told, dtype=pl.String))


def _all(before: ReleaseReader, after: ReleaseReader, tables: Collection[str]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=CHANGES), *differences(before, after, tables)])


def counts(changes: pl.DataFrame) -> pl.DataFrame:
    """Number of rows by table, change and causes: the table for the site."""
    return changes.group_by("table", "change", "causes", maintain_order=True).agg(pl.len().alias("rows"))


def print_changes(changes: pl.DataFrame, limit: int) -> None:
    """Print counts and causes of each table, and its first rows: on a terminal the counts as one table, plain elsewhere."""
    if changes.is_empty():
        click.echo("nothing differs")
        return
    on_terminal = sys.stdout.isatty()
    console = PipeConsole(highlight=False, soft_wrap=True)
    tables = [(name, changes.filter(pl.col("table") == name)) for name in TABLES]
    tables = [(name, rows) for name, rows in tables if not rows.is_empty()]
    if on_terminal:
        console.print(_counted(tables), soft_wrap=False)
    for name, rows in tables:
        if not on_terminal:
            console.print(_headline(name, rows))
        elif limit:
            console.print(Text(name, style="bold"))
        for row in rows.head(limit).iter_rows(named=True):
            console.print(_line(row))
        if rows.height > limit > 0:
            console.print(Text(f"    … and {rows.height - limit} more (--limit, --format json)", style="dim"))


def _counted(tables: list[tuple[str, pl.DataFrame]]) -> Table:
    """Rows of each table by change, with causes."""
    counted = Table(box=box.SIMPLE_HEAD)
    counted.add_column("table", style="bold")
    for change, style in CHANGE_STYLES.items():
        counted.add_column(change, justify="right", style=style)
    counted.add_column("because of")
    for name, rows in tables:
        by_change = Counter(rows["change"].to_list())
        numbers_ = (f"{by_change[change]:,}" if by_change[change] else "" for change in CHANGE_STYLES)
        counted.add_row(name, *numbers_, _causes(rows))
    return counted


def _headline(name: str, rows: pl.DataFrame) -> Text:
    by_change = Counter(rows["change"].to_list())
    told = ", ".join(f"{by_change[change]} {change}" for change in CHANGE_STYLES if by_change[change])
    return Text(f"{name:<17} {told} because of {_causes(rows)}")


def _causes(rows: pl.DataFrame) -> str:
    return ", ".join(f"{cause} ({count})" for cause, count in Counter(rows["causes"].to_list()).most_common())


def _line(row: dict[str, Any]) -> Text:
    key = ", ".join(str(value) for value in json.loads(row["key"]).values())
    line = Text(f"  {SIGNS[row['change']]} {key}", style=CHANGE_STYLES[row["change"]])
    if row["change"] == "changed":
        was, now = json.loads(row["before"]), json.loads(row["after"])
        line.append("  " + "; ".join(f"{name}: {_pair(was[name], now[name])}" for name in now))
    else:
        content = json.loads(row["after"] or row["before"])
        told = [_value(content[name]) for name in ("title", "quote", "text", "topic", "reason") if content.get(name)]
        line.append("  " + " · ".join(told[:2]))
    line.append(f"  [{row['causes']}]", style="dim")
    return line


def _pair(was: object, now: object) -> str:
    """Two values, of long texts from where they part."""
    before, after = str(was), str(now)
    alike = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    start = max(0, alike - SHOWN // 4) if max(len(before), len(after)) > SHOWN else 0
    dots = "…" if start else ""
    return f"{dots}{_value(before[start:])} → {dots}{_value(after[start:])}"


def _value(value: object) -> str:
    """A value on one line, that cannot steer the terminal, cut where it is long."""
    text = "".join(letter if letter.isprintable() else "�" for letter in " ".join(str(value).split()))
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
