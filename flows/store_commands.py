"""Commands of the store: releases and their tags and notes, plain files. Thin: each calls a module, and prints."""

from __future__ import annotations

from pathlib import Path

import click

from flows.options import command, data_option, release_option


@click.command()
@data_option
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["table", "csv", "json"]),
    help="By default a table on a terminal, else CSV.",
)
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
@command
def export(
    directory: Path,
    data: str,
    release: str | None,
    file_format: str,
    tables: tuple[str, ...],
    partition_by: str | None,
) -> None:
    """Write a release as plain files to DIRECTORY, with data dictionary, data package, citation and checksums."""
    from storage import open_release
    from storage.export import export as write

    reader = open_release(data, release)
    files = write(reader, directory, file_format, tables=tables, partition_by=partition_by)
    click.echo(f"release {reader.release.number}: {len(files)} files in {directory}")


COMMANDS = (releases, tag, note, export)
