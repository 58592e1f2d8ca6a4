"""Commands of the store: releases and their tags and notes, plain files. Thin: each calls a module, and prints."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from flows.options import (
    accept_option,
    command,
    data_option,
    format_option,
    on_option,
    reason_option,
    release_option,
    shared_place,
    text_option,
)


@click.command()
@data_option
@format_option("table", "csv", "json")
@command
def releases(data: str, file_format: str | None) -> None:
    """The releases that are kept: when and by what they were made, rows, tags, notes."""
    from flows.releases import show_releases

    show_releases(data, file_format)


@click.command()
@click.argument("release", metavar="N|TAG")
@click.argument("name")
@data_option
@click.option("--move", is_flag=True, help="Take the tag from the release that has it.")
@click.option("--remove", is_flag=True, help="Take the tag off.")
@command
def tag(release: str, name: str, data: str, move: bool, remove: bool) -> None:
    """Give RELEASE a NAME that --release takes; a tagged release is never retired."""
    from flows.releases import tag_release

    click.echo(tag_release(data, release, name, move=move, remove=remove))


@click.command()
@click.argument("release", metavar="N|TAG")
@click.argument("text", required=False)
@data_option
@command
def note(release: str, text: str | None, data: str) -> None:
    """Show the note of RELEASE, or replace it by TEXT; an empty one removes it."""
    from flows.releases import note_release

    click.echo(note_release(data, release, text))


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@data_option
@release_option
@click.option(
    "--format", "file_format", type=click.Choice(["parquet", "csv", "xlsx"]), default="parquet", show_default=True
)
@click.option("--table", "tables", multiple=True, help="Only this table; may be given again.")
@click.option(
    "--partition-by",
    metavar="COLUMN",
    help="A folder of Parquet files by the values of COLUMN, for tables that have it.",
)
@text_option("full")
@command
def export(
    directory: Path,
    data: str,
    release: str | None,
    file_format: str,
    tables: tuple[str, ...],
    partition_by: str | None,
    text: str,
) -> None:
    """Write a release as plain files to DIRECTORY, with data dictionary, data package, citation and checksums."""
    from storage import open_release
    from storage.export import export as write

    reader = open_release(data, release)
    files = write(reader, directory, file_format, tables=tables, partition_by=partition_by, text=text)
    click.echo(f"release {reader.release.number}: {len(files)} files in {directory}")


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@data_option
@click.option("--table", "tables", multiple=True, help="Only this table; may be given again.")
@click.option("--format", "file_format", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option(
    "--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Rows of a table that text shows."
)
@command
def diff(before: str, after: str, data: str, tables: tuple[str, ...], file_format: str, limit: int) -> None:
    """Rows that differ between releases A and B (numbers or tags), and why: source, code, vocabulary, …"""
    from flows.diff import show_diff

    show_diff(data, before, after, tables=tables, file_format=file_format, limit=limit)


@click.command()
@data_option
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Reports whose latest capture is of this day (UTC) or later."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="… of this day or earlier.")
@click.option("--source", "sources", multiple=True, help="Reports of this source; may be given again.")
@click.option("--report", "reports", multiple=True, help="This report, by id or its beginning; may be given again.")
@click.option("--rule", help="Reports of which this rule gave a row, or set one aside.")
@on_option
@accept_option
@reason_option
@click.option("--dry-run", is_flag=True, help="Commit nothing; show what would change, and why.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Rows of a table that a dry run shows."
)
@command
def backfill(
    data: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    sources: tuple[str, ...],
    reports: tuple[str, ...],
    rule: str | None,
    on: str | None,
    accept: tuple[str, ...],
    reason: str,
    dry_run: bool,
    limit: int,
) -> None:
    """Read reports again from the archive through today's code; killed, it goes on where it was."""
    from flows.backfill import Selection, run_backfill
    from flows.diff import print_changes
    from flows.gate import Acceptance
    from flows.progress import progress_bar
    from flows.submit import run_on

    accepted = Acceptance(accept, reason)
    selection = Selection(since.date() if since else None, until.date() if until else None, sources, reports, rule)
    with run_on(on) as submit, progress_bar() as progress:
        done = run_backfill(
            shared_place(data, on), selection, dry_run=dry_run, accept=accepted, submit=submit, progress=progress
        )
    if done.changes is not None:
        print_changes(done.changes, limit)
        return
    print_rows(done.summary.rows())
    sys.exit(done.summary.exit_status)


@click.command()
@data_option
@accept_option
@reason_option
@command
def rebuild(data: str, accept: tuple[str, ...], reason: str) -> None:
    """Make all tables anew from archive/, in a data folder that has lost them."""
    from flows.gate import Acceptance
    from flows.progress import progress_bar
    from flows.rebuild import run_rebuild

    with progress_bar() as progress:
        summary, damaged = run_rebuild(data, accept=Acceptance(accept, reason), progress=progress)
    print_rows(summary.rows())
    for name, reason in damaged.items():
        click.echo(f"lvzhi: {name} is damaged: {reason}; the other records were read", err=True)
    sys.exit(1 if damaged else summary.exit_status)


@click.command()
@data_option
@click.option(
    "--verify", is_flag=True, help="Only read every record and look for every file; exit 1 where something is wrong."
)
@click.option("--dry-run", is_flag=True, help="Only say which releases would be retired, and what takes the space.")
@click.option(
    "--keep-last",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Keep so many of the newest releases,",
)
@click.option("--keep-days", type=click.IntRange(min=0), default=30, show_default=True, help="those of so many days,")
@click.option(
    "--monthly/--no-monthly", default=True, show_default=True, help="the newest of each month; tagged ones always."
)
@click.option(
    "--reader-days",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    help="Files of a retired release stay so long for whoever opened it before.",
)
@format_option("table", "csv", "json")
@command
def maintain(
    data: str,
    verify: bool,
    dry_run: bool,
    keep_last: int,
    keep_days: int,
    monthly: bool,
    reader_days: int,
    file_format: str | None,
) -> None:
    """Put small files together, retire releases, remove what nothing needs; say what takes the space."""
    from flows.maintain import show_maintenance, show_verification
    from storage.maintain import Keep

    if verify:
        sys.exit(0 if show_verification(data) else 1)
    show_maintenance(data, Keep(keep_last, keep_days, monthly, reader_days), dry_run=dry_run, file_format=file_format)


@click.command()
@data_option
@click.option("--rounds", type=click.IntRange(min=1), default=25, show_default=True, help="Races of each kind.")
@command
def doctor(data: str, rounds: int) -> None:
    """Try whether a folder or an object store is safe for runs at once: by races of writers. Exit 1 where it is not."""
    from storage.doctor import examine
    from storage.folder import data_folder

    safe = True
    for finding in examine(data_folder(data), rounds):
        safe = safe and finding.passed
        click.echo(f"{'ok' if finding.passed else 'WRONG':<6} {finding.trial}: {finding.seen}")
    click.echo(f"{data} is {'safe' if safe else 'NOT SAFE'} to hold the data")
    sys.exit(0 if safe else 1)


def print_rows(rows: list[tuple[str, str]]) -> None:
    """Print names with their counts."""
    for name, counts in rows:
        click.echo(f"{name:<10} {counts}")


COMMANDS = (releases, tag, note, export, diff, backfill, rebuild, maintain, doctor)
