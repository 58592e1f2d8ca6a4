"""The command line. Each command is thin: it calls the pipeline or a reader, and prints.

Exit status: 0 done, 1 data errors, 2 wrong usage, 3 source or storage not reachable.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from flows import store_commands
from flows.options import (
    accept_option,
    command,
    data_option,
    format_option,
    on_option,
    reason_option,
    release_option,
    shared_place,
)
from flows.site.command import site
from flows.source_commands import sources
from schemas.errors import SourceError

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


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
@on_option
@accept_option
@reason_option
@command
def ingest(
    names: tuple[str, ...],
    data: str,
    source_name: str | None,
    private: bool,
    as_flow: bool,
    on: str | None,
    accept: tuple[str, ...],
    reason: str,
) -> None:
    """Ingest files, folders, globs, addresses, or sources of seeds/sources; without one, all enabled sources."""
    if as_flow or os.environ.get("PREFECT_API_URL"):
        _ingest_as_flow(list(names), data, source_name, private, on, accept, reason)
        return
    from flows.gate import Acceptance
    from flows.pipeline import run_ingest
    from flows.progress import progress_bar
    from flows.submit import run_on

    accepted = Acceptance(accept, reason)
    place = shared_place(data, on)
    with run_on(on) as submit, progress_bar() as progress:
        summary = run_ingest(
            list(names),
            place,
            source_name=source_name,
            accept=accepted,
            submit=submit,
            progress=progress,
            private=private,
        )
    _print_summary(summary.rows(), data)
    sys.exit(summary.exit_status)


def _ingest_as_flow(
    names: list[str],
    data: str,
    source_name: str | None,
    private: bool,
    on: str | None,
    accept: tuple[str, ...],
    reason: str,
) -> None:
    """Run the Prefect flow, after a look whether its server answers."""
    from flows.gate import Acceptance
    from flows.gather import resolve
    from flows.read import find

    files = resolve(names, private=private).files
    if files:
        find(files, source_name)  # a wrong name is told before Prefect starts
    Acceptance(accept, reason)
    _require_api(os.environ.get("PREFECT_API_URL", ""))
    from flows.ingest import ingest as flow

    result = flow(names, shared_place(data, on), source_name, private, list(accept), reason, on)
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
    place = data.rstrip("/") if "://" in data else Path(data).resolve()
    click.echo(f"{'tables':<10} {place}/tables  (lvzhi export DIR writes plain files)")


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
@release_option
@format_option("text", "json", default="text")
@command
def status(data: str, release: str | None, file_format: str) -> None:
    """Last runs, releases, freshness by source, quarantine by rule."""
    from flows.show import show_status

    show_status(data, release, file_format)


@main.command()
@click.argument("report")
@data_option
@release_option
@format_option("text", "json", default="text")
@command
def show(report: str, data: str, release: str | None, file_format: str) -> None:
    """A report: its lines with labels, figures in place. REPORT is an id, or part of an id, address or title."""
    from flows.show import show_report

    show_report(report, data, release, file_format)


@main.command()
@click.argument("figure")
@data_option
@release_option
@format_option("text", "json", default="text")
@command
def explain(figure: str, data: str, release: str | None, file_format: str) -> None:
    """From a figure back to its raw characters, step by step. FIGURE is an id, or the beginning of one."""
    from flows.explain import show_explanation

    show_explanation(figure, data, release, file_format)


@main.command()
@click.argument("query")
@data_option
@release_option
@format_option("table", "csv", "json")
@command
def sql(query: str, data: str, release: str | None, file_format: str | None) -> None:
    """Answer a SQL QUERY over the tables of a release (DuckDB)."""
    from flows.show import show_frame
    from storage import open_release

    show_frame(open_release(data, release).sql(query), file_format)


for stored in store_commands.COMMANDS:
    main.add_command(stored)
main.add_command(site)


@main.command("check")
@data_option
@release_option
@click.option(
    "--format", "file_format", type=click.Choice(["text", "json", "github"]), default="text", show_default=True
)
@click.option(
    "--suggest", is_flag=True, help="Print entries for seeds/expectations.toml, made from the releases so far."
)
@command
def check_data(data: str, release: str | None, file_format: str, suggest: bool) -> None:
    """All checks on a release; exit 1 on an error. The rules are explained in schemas/CHECKS.md."""
    from flows.report_checks import FORMATS, check_release, show_findings, suggestions

    if suggest:
        click.echo(suggestions(data), nl=False)
        return
    findings = check_release(data, release)
    if file_format == "text":
        show_findings(findings)
    else:
        click.echo(FORMATS[file_format](findings))
    sys.exit(findings.exit_status)


rule_option = click.option(
    "--rule", "rules", multiple=True, help="Only what failed this rule; may come more than once."
)
report_option = click.option(
    "--report", "reports", multiple=True, help="Only this report, by its id or the beginning of it."
)


@main.command()
@rule_option
@report_option
@accept_option
@reason_option
@data_option
@command
def replay(rules: tuple[str, ...], reports: tuple[str, ...], accept: tuple[str, ...], reason: str, data: str) -> None:
    """Quarantined rows and pages again through today's code; what passes is committed."""
    from flows.gate import Acceptance
    from flows.progress import progress_bar
    from flows.replay import run_replay

    accepted = Acceptance(accept, reason)
    with progress_bar() as progress:
        summary = run_replay(data, rules=rules, reports=reports, accept=accepted, progress=progress)
    _print_summary(summary.rows(), data)
    sys.exit(summary.exit_status)


@main.command()
@click.argument("ids", nargs=-1)
@rule_option
@report_option
@click.option("--reason", default="", help="Why these rows can never pass; kept with them.")
@data_option
@command
def dismiss(ids: tuple[str, ...], rules: tuple[str, ...], reports: tuple[str, ...], reason: str, data: str) -> None:
    """Settle quarantined rows that can never pass, by their IDS, rule or report, with a reason."""
    from flows.replay import run_dismiss

    summary = run_dismiss(data, ids=ids, rules=rules, reports=reports, reason=reason)
    click.echo(f"{summary.committed['quarantine']} rows of quarantine dismissed in release {summary.release}")


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
