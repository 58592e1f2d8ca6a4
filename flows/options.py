"""What the commands share: how they end on an error, and the options that most of them take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from schemas.errors import LvzhiError

F = TypeVar("F", bound=Callable[..., Any])


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
    "--release", metavar="N|TAG", help="Read this release, by number or tag; the current one by default."
)
accept_option = click.option(
    "--accept", multiple=True, metavar="RULE", help="Release although this rule of the dataset fails."
)
reason_option = click.option("--reason", default="", help="Why; kept with the release.")


def text_option(default: str) -> Callable[[F], F]:
    """The option that says how much of the reports' text goes out.

    Args:
        default: what holds where nothing is said.
    """
    return click.option(
        "--text",
        type=click.Choice(["full", "evidence", "none"]),
        default=default,
        show_default=True,
        help="Text of the reports: all, the sentences that hold figures, or none. The reports belong to their publishers.",
    )


def format_option(*formats: str, default: str | None = None) -> Callable[[F], F]:
    """The option that chooses between a text for persons and data for programs.

    Args:
        formats: the formats.
        default: what holds where nothing is said; a table on a terminal, else CSV, if none is given.
    """
    told = "By default a table on a terminal, else CSV." if default is None else "json for programs."
    return click.option(
        "--format",
        "file_format",
        type=click.Choice(formats),
        default=default,
        show_default=default is not None,
        help=told,
    )


on_option = click.option(
    "--on", metavar="dask://HOST:PORT", envvar="LVZHI_ON", show_envvar=True, help="Run the batches on a Dask cluster."
)


def shared_place(data: str, on: str | None) -> str:
    """The data folder as workers of a cluster find it: they run in folders of their own."""
    return str(Path(data).absolute()) if on and "://" not in data else data
