"""Known errors of sources: where, what, why, since when, and what the source must say for the correction to hold."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas.checks.rule import REPORT, Rule
from schemas.errors import UsageError
from schemas.tables import TABLES

FILE = "corrections.toml"
# Columns that say where a row comes from: no correction may touch them.
EVIDENCE = frozenset(
    [
        "report_id",
        "run_id",
        "pipeline_version",
        "figure_id",
        "ordinal",
        "sentence",
        "section",
        "quote",
        "continued",
        "line_no",
        "start",
        "end",
        "rule",
        "confidence",
        "correction",
        "capture_id",
        "source",
        "source_uri",
        "text",
        "n_lines",
        "n_dropped",
        "n_spam",
        "n_replaced",
        "n_figures",
        "duplicate_of",
        "quality",
    ]
)

# Told by the run that reads a page, not by the tables.
CORRECTION = Rule(
    name="correction_applies",
    ring=REPORT,
    severity="warning",
    sentence="What a correction of seeds/corrections.toml expects is what the source says; else the source has mended itself.",
    scope="rows that a correction names",
    tolerance="none",
    right="a correction expects value = 348, the row has 348 and becomes 384",
    wrong="a correction expects value = 348, the row has 384: the source has mended itself, the correction can go",
    check=lambda: None,
)


@dataclass(frozen=True)
class Correction:
    """One correction of one row.

    Attributes:
        source, page: source and address of the report.
        table: `figures` or `reports`.
        quote: of a figure: its quote, as the raw line has it.
        line: of a figure: its line, where the quote stands on more than one.
        expect: columns with the values that the row must have, else the source has mended itself.
        put: columns with the right values.
        reason: why the source is wrong.
        date: when this was found.
    """

    source: str
    page: str
    table: str
    quote: str
    line: int | None
    expect: tuple[tuple[str, Any], ...]
    put: tuple[tuple[str, Any], ...]
    reason: str
    date: dt.date

    @property
    def where(self) -> str:
        """The place in words."""
        return f"{self.source}:{self.page}" + (f", {self.quote!r}" if self.quote else "")


def load_corrections(seeds: Path) -> tuple[Correction, ...]:
    """Corrections from `corrections.toml` in the folder of the seeds; none where there is no such file.

    Raises:
        UsageError: the file is no TOML, or an entry is not complete or names an unknown column.
    """
    path = seeds / FILE
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("correction", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    return tuple(_correction(entry, f"{path}, correction {number}") for number, entry in enumerate(entries, 1))


def _correction(entry: Mapping[str, Any], place: str) -> Correction:
    table = entry.get("table", "figures")
    if table not in ("figures", "reports"):
        raise UsageError(f"{place}: table {table!r} is none of figures, reports")
    needed = ["source", "page", "expect", "set", "reason", "date", *(["quote"] if table == "figures" else [])]
    missing = [name for name in needed if not entry.get(name)]
    if missing:
        raise UsageError(f"{place}: {', '.join(missing)} is missing; say where, what, why, when, and what is expected")
    if not isinstance(entry["date"], dt.date):
        raise UsageError(f"{place}: date is {entry['date']!r}, a day such as 2024-03-01 without quotes is needed")
    return Correction(
        source=entry["source"],
        page=entry["page"],
        table=table,
        quote=entry.get("quote", ""),
        line=entry.get("line"),
        expect=_columns(entry["expect"], table, place),
        put=_columns(entry["set"], table, place),
        reason=entry["reason"],
        date=entry["date"],
    )


def _columns(values: Mapping[str, Any], table: str, place: str) -> tuple[tuple[str, Any], ...]:
    schema = TABLES[table].schema
    found = []
    for name, value in values.items():
        if name not in schema or name in EVIDENCE:
            raise UsageError(f"{place}: {name!r} is no column of {table} that can be corrected")
        number = schema[name] == pl.Float64 and isinstance(value, int) and not isinstance(value, bool)
        found.append((name, float(value) if number else value))
    return tuple(found)


def of_page(corrections: Sequence[Correction], source: str, page: str) -> list[Correction]:
    """The corrections of one report."""
    return [correction for correction in corrections if (correction.source, correction.page) == (source, page)]
