"""What the command line shows of a release: status, reports, answers of queries."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict
from typing import Any

import click
import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.errors import DataError, UsageError
from schemas.labels import KEPT_LABELS
from storage import ReleaseReader, open_release
from storage.folder import DataFolder, data_folder
from storage.releases import find, numbers
from storage.tables import Tables

STYLES = {
    "title": "bold",
    "heading": "bold cyan",
    "caption": "italic",
    "meta": "dim",
    "boilerplate": "dim",
    "spam": "dim red",
    "blank": "dim",
}


NARROWEST = 12  # characters: a column below this cannot be read
CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")


class PipeConsole(Console):
    """A console that leaves a closed pipe to the command line, where it is no error."""

    def on_broken_pipe(self) -> None:
        """The reader of the pipe has seen enough."""
        raise BrokenPipeError


def show_frame(frame: pl.DataFrame, file_format: str | None) -> None:
    """Print rows as a table, CSV or JSON; by default a table on a terminal, else CSV."""
    file_format = file_format or ("table" if sys.stdout.isatty() else "csv")
    if file_format == "csv":
        click.echo(_flat(frame).write_csv(), nl=False)
    elif file_format == "json":
        click.echo(json.dumps(frame.to_dicts(), ensure_ascii=False, default=_plain))
    else:
        _print_table(frame)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with nested and binary columns as text."""
    odd = [
        name for name, kind in frame.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration)
    ]
    texts = {
        name: [None if v is None else json.dumps(v, ensure_ascii=False, default=_plain) for v in frame[name].to_list()]
        for name in odd
    }
    return frame.with_columns(**{name: pl.Series(values, dtype=pl.String) for name, values in texts.items()})


def _plain(value: object) -> str:
    """A value that JSON does not know."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _print_table(frame: pl.DataFrame, title: str | None = None) -> None:
    """Print rows as a table, or one below the other where there are too many columns for the width."""
    console = PipeConsole(width=None if sys.stdout.isatty() else 160, highlight=False)
    if frame.width * NARROWEST > console.width:
        for number, row in enumerate(frame.iter_rows(), 1):
            console.rule(str(number), align="left")
            for name, value in zip(frame.columns, row, strict=True):
                console.print(Text(f"{name:>20}  {_safe(_cell(value))}"))
        return
    table = Table(title=title, title_justify="left")
    for name, kind in frame.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for values in frame.iter_rows():
        table.add_row(*(Text(_safe(_cell(value))) for value in values))
    console.print(table)


def _safe(text: str) -> str:
    """Text that cannot steer the terminal, of the same length: pages and file names may hold anything."""
    return text.translate(CONTROL)


def _cell(value: object) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def show_status(data: str, name: str | None = None, file_format: str = "text") -> None:
    """Print last runs, a release, freshness by source, and what is in quarantine.

    Args:
        data: the data folder.
        name: number or tag of the release; the current one if none is given.
        file_format: `text` or `json`.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no release of this name.
    """
    folder = _existing(data)
    tables = Tables(folder)
    runs = tables.read("runs").sort("started_at", descending=True).head(10)
    runs = runs.select("run_id", "flow", "started_at", "ended_at", "status", "release")
    release = find(folder, name)
    parts = {"last runs": runs} | ({} if release is None else _parts(ReleaseReader(folder, release)))
    if file_format == "json":
        told = None if release is None else asdict(release) | {"kept": len(numbers(folder))}
        answer = {title.replace(" ", "_"): frame.to_dicts() for title, frame in parts.items()}
        click.echo(json.dumps({"release": told} | answer, ensure_ascii=False, default=_plain))
        return
    _print_table(parts.pop("last runs"), "last runs")
    if release is None:
        click.echo("no release yet: no run has ended; run `lvzhi ingest` again")
        return
    click.echo(
        f"release {release.number} of {release.created_at[:19]}, run {release.run_id}, pipeline {release.pipeline_version}; {len(numbers(folder))} releases"
    )
    for title, frame in parts.items():
        if title == "quarantine" and frame.is_empty():
            click.echo("quarantine is empty")
        else:
            _print_table(frame, title)


def _parts(reader: ReleaseReader) -> dict[str, pl.DataFrame]:
    """What the status tells of a release: rows of its tables, freshness by source, quarantine by rule."""
    release = reader.release
    rows = pl.DataFrame(
        {"table": list(release.rows), "rows": list(release.rows.values()), "version": list(release.versions.values())}
    )
    reports = reader.frame("reports", ["source"]).group_by("source").agg(pl.len().alias("reports"))
    captures = reader.frame("captures").group_by("source")
    sources = captures.agg(pl.len().alias("captures"), pl.col("captured_at").max().alias("last change"))
    sources = sources.join(reports, on="source", how="left").with_columns(pl.col("reports").fill_null(0))
    quarantine = reader.frame("quarantine").filter(pl.col("resolved_by_run").is_null())
    by_rule = quarantine.group_by("table", "rule").agg(
        pl.len().alias("rows"), pl.col("reason").first().alias("for example")
    )
    return {
        "tables": rows,
        "sources": sources.select("source", "reports", "captures", "last change").sort("source"),
        "quarantine": by_rule.sort("table", "rule"),
    }


def _existing(data: str) -> DataFolder:
    folder = data_folder(data)
    if not (folder.tables / "runs").is_dir():
        raise DataError(
            f"nothing was ingested into {data} yet; run `lvzhi ingest` first, or name the folder with --data"
        )
    return folder


def show_report(name: str, data: str, release: int | str | None, file_format: str = "text") -> None:
    """Print a report: what is known of it, its lines with label and rule, its figures in place.

    Args:
        name: id, or part of an id, address or title.
        data: the data folder.
        release: number or tag of the release; the current one if none is given.
        file_format: `text` or `json`.

    Raises:
        UsageError: no report, or more than one, goes by the name.
    """
    reader = open_release(data, release)
    report = _find(reader, name)
    if file_format == "json":
        own = pl.col("report_id") == report["report_id"]
        tables = {
            table: reader.frame(table).filter(own).to_dicts() for table in ("lines", "figures", "ignored_numerals")
        }
        click.echo(json.dumps({"report": report} | tables, ensure_ascii=False, default=_plain))
        return
    console = PipeConsole(highlight=False, soft_wrap=True)
    for field in (
        "report_id",
        "source_uri",
        "title",
        "report_kind",
        "committee",
        "division_code",
        "term",
        "published_at",
        "source_name",
        "script",
        "encoding",
        "quality",
    ):
        if report[field] is not None:
            console.print(Text(f"{field:>14}  {_safe(str(report[field]))}"))
    if years := _years(report):
        console.print(Text(f"{'period':>14}  {years}"))
    own = pl.col("report_id") == report["report_id"]
    figures: dict[int, list[dict[str, Any]]] = {}
    for figure in reader.frame("figures").filter(own).iter_rows(named=True):
        figures.setdefault(figure["line_no"], []).append(figure)
    for line in reader.frame("lines").filter(own).iter_rows(named=True):
        if line["label"] != "blank":
            _print_line(console, line, figures.get(line["line_no"], []))


def _find(reader: ReleaseReader, name: str) -> dict[str, Any]:
    reports = reader.frame("reports")
    matches = reports.filter(
        pl.col("report_id").str.starts_with(name)
        | pl.col("source_uri").str.contains(name, literal=True)
        | pl.col("title").str.contains(name, literal=True).fill_null(False)
    )
    exact = matches.filter((pl.col("report_id") == name) | (pl.col("source_uri") == name))
    matches = exact if exact.height else matches
    if matches.is_empty():
        raise UsageError(
            f"no report goes by {name!r}; `lvzhi sql 'SELECT report_id, source_uri, title FROM reports'` lists them"
        )
    if matches.height > 1:
        listed = "".join(
            f"\n  {row['report_id']}  {row['source_uri']}" for row in matches.head(10).iter_rows(named=True)
        )
        raise UsageError(f"{matches.height} reports go by {name!r}; name one of:{listed}")
    return matches.row(0, named=True)


def _print_line(console: Console, line: dict[str, Any], figures: list[dict[str, Any]]) -> None:
    """One raw line with its label; dropped ones dim; quotes of figures set off, their rows beneath."""
    text = Text(_safe(line["raw"].rstrip("\r")), style=STYLES.get(line["label"], ""))
    for figure in figures:
        text.stylize("bold green underline", figure["start"], figure["end"])
    mark = "" if line["label"] in KEPT_LABELS else f" ({line['rule']})"
    console.print(Text(f"{line['line_no']:>5} {line['label']:<11}"), text, Text(mark, style="dim"))
    for figure in figures:
        facts = [
            f"{figure['value']:,.10g} {figure['unit']}",
            figure["bound"],
            figure["statistic"],
            figure["measure"],
            figure["category"],
            _years(figure),
        ]
        quote = figure["quote"] + (f" … {figure['continued']}" if figure["continued"] else "")
        console.print(Text(f"{'':>18}└ {quote} = {' · '.join(fact for fact in facts if fact)}", style="green"))


def _years(row: dict[str, Any]) -> str:
    """The years that a report or a figure covers; empty where it is not known."""
    if row["period_start"] is None:
        return ""
    first, last = row["period_start"].year, row["period_end"].year
    return str(first) if first == last else f"{first}–{last}"
