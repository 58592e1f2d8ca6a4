"""The command line. Each command is thin: it calls the pipeline or a reader, and prints.

Exit status: 0 done, 1 data errors, 2 wrong usage, 3 source or storage not reachable.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from flows.source_commands import sources
from schemas.errors import LvzhiError, SourceError

F = TypeVar("F", bound=Callable[..., Any])
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def command(function: F) -> F:
    """A command that ends with the message and the exit status of an `LvzhiError`."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except LvzhiError as error:
            click.echo(f"lvzhi: {error}", err=True)
            sys.exit(error.exit_status)
        except KeyboardInterrupt:
            click.echo("lvzhi: interrupted; what was released before stands, run again to go on", err=True)
            sys.exit(130)
        except BrokenPipeError:
            # The reader of a pipe has seen enough (| head).
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
            sys.exit(0)

    return cast(F, run)


data_option = click.option(
    "--data", default="data", envvar="LVZHI_DATA", show_default=True, show_envvar=True, help="The data folder."
)
release_option = click.option(
    "--release", type=click.IntRange(min=1), help="Read this release; the current one by default."
)


@click.group(context_settings=SETTINGS)
@click.version_option(package_name="lvzhi", prog_name="lvzhi")
def main() -> None:
    """Work reports of CPPCC committees as tables, every number traced to its characters."""


@main.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@data_option
@click.option("--source", "source_name", help="Name for the source; made from the folder by default.")
@click.option("--private", is_flag=True, help="Addresses among the sources may be of the own network.")
@click.option(
    "--flow", "as_flow", is_flag=True, help="Run as a Prefect flow; so by itself where PREFECT_API_URL is set."
)
@command
def ingest(names: tuple[str, ...], data: str, source_name: str | None, private: bool, as_flow: bool) -> None:
    """Ingest files, folders, globs, addresses, or sources of seeds/sources; without one, all enabled sources."""
    if as_flow or os.environ.get("PREFECT_API_URL"):
        _ingest_as_flow(list(names), data, source_name)
        return
    from flows.pipeline import run_ingest
    from flows.progress import progress_bar

    with progress_bar() as progress:
        summary = run_ingest(list(names), data, source_name=source_name, progress=progress, private=private)
    _print_summary(summary.rows(), data)
    sys.exit(summary.exit_status)


def _ingest_as_flow(names: list[str], data: str, source_name: str | None) -> None:
    """Run the Prefect flow, after a look whether its server answers."""
    from flows.gather import resolve
    from flows.read import find

    files = resolve(names).files
    if files:
        find(files, source_name)  # a wrong name is told before Prefect starts
    _require_api(os.environ.get("PREFECT_API_URL", ""))
    from flows.ingest import ingest as flow

    result = flow(names, data, source_name)
    _print_summary(result["rows"], data)
    sys.exit(result["exit_status"])


def _require_api(url: str) -> None:
    """Refuse to wait for a Prefect server that is not there.

    Raises:
        SourceError: the server does not answer.
    """
    if not url:
        return
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=10, trust_env=False).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(
            f"no Prefect server answers at PREFECT_API_URL={url}: {error}; start one with `prefect server start`, "
            "or unset the variable to run without"
        ) from error


def _print_summary(rows: list[tuple[str, str]], data: str) -> None:
    for name, counts in rows:
        click.echo(f"{name:<10} {counts}")
    click.echo(f"{'tables':<10} {Path(data).resolve() / 'tables'}  (lvzhi export DIR writes plain files)")


@main.command("clean")
@click.argument("file", default="-")
@click.option("--jsonl", is_flag=True, help='Answer lines {"id", "html"} with lines {"id", "title", "date", "text"}.')
@command
def clean_page(file: str, jsonl: bool) -> None:
    """Print title, date and text of one page: FILE, or standard input."""
    from flows.pages import clean_file, clean_json_lines

    if jsonl:
        try:
            opened = click.open_file(file, encoding="utf-8", errors="replace")
        except OSError as error:
            raise SourceError(f"{file} cannot be read: {error.strerror}") from error
        with opened as lines:
            for answer in clean_json_lines(lines):
                sys.stdout.write(answer + "\n")
                sys.stdout.flush()
    else:
        click.echo(clean_file(file, sys.stdin.buffer.read() if file == "-" else None))


@main.command()
@data_option
@command
def status(data: str) -> None:
    """Last runs, releases, freshness by source, quarantine by rule."""
    from flows.show import show_status

    show_status(data)


@main.command()
@click.argument("report")
@data_option
@release_option
@command
def show(report: str, data: str, release: int | None) -> None:
    """A report: its lines with labels, figures in place. REPORT is an id, or part of an id, address or title."""
    from flows.show import show_report

    show_report(report, data, release)


@main.command()
@click.argument("figure")
@data_option
@release_option
@command
def explain(figure: str, data: str, release: int | None) -> None:
    """From a figure back to its raw characters, step by step. FIGURE is an id, or the beginning of one."""
    from flows.explain import show_explanation

    show_explanation(figure, data, release)


@main.command()
@click.argument("query")
@data_option
@release_option
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["table", "csv", "json"]),
    help="By default a table on a terminal, else CSV.",
)
@command
def sql(query: str, data: str, release: int | None, file_format: str | None) -> None:
    """Answer a SQL QUERY over the tables of a release (DuckDB)."""
    from flows.show import show_frame
    from storage import open_release

    show_frame(open_release(data, release).sql(query), file_format)


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@data_option
@release_option
@click.option("--format", "file_format", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@command
def export(directory: Path, data: str, release: int | None, file_format: str) -> None:
    """Write a release as plain files to DIRECTORY, with data dictionary and checksums."""
    from storage import open_release
    from storage.export import export as write

    reader = open_release(data, release)
    files = write(reader, directory, file_format)
    click.echo(f"release {reader.release.number}: {len(files)} files in {directory}")


@main.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where a server of our own listens.")
@click.option("--port", type=click.IntRange(1, 65535), default=4200, show_default=True, help="… and on which port.")
@command
def serve(data: str, host: str, port: int) -> None:
    """Run the schedule: a Prefect server with UI (or that of PREFECT_API_URL), the deployments, a worker; until Ctrl-C."""
    from flows.serve import serve_all

    serve_all(data, host, port)


main.add_command(sources)

if __name__ == "__main__":
    main()
