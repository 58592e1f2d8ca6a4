"""The command `lvzhi site`: writes the site of a release, and shows it on this machine. Thin: it calls, and prints."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import click

from flows.options import command, data_option, release_option, text_option
from schemas.errors import UsageError


@click.command()
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@data_option
@release_option
@text_option("evidence")
@click.option(
    "--mutations",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What `make mutate` wrote, for the page on quality.",
)
@click.option(
    "--serve", "served", is_flag=True, help="Show the site on this machine until Ctrl-C; DIRECTORY may be left out."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port for --serve; 0 for any."
)
@command
def site(
    directory: Path | None,
    data: str,
    release: str | None,
    text: str,
    mutations: Path | None,
    served: bool,
    port: int,
) -> None:
    """Write a release as a static site to DIRECTORY: evidence pages, committees, comparison, quality, dictionary."""
    from flows.progress import progress_bar
    from flows.site.build import write_site
    from flows.site.serve import HOST, site_server

    if directory is None and not served:
        raise UsageError("name the folder to write to, or show the site with --serve")
    with contextlib.ExitStack() as stack:
        target = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lvzhi-site-")))
        with progress_bar() as progress:
            folder = write_site(data, target, release=release, text=text, mutations=mutations, progress=progress)
        click.echo(f"{folder.written} files written, {folder.kept} unchanged, {folder.removed} removed in {target}")
        if not served:
            click.echo(f"open {(target / 'index.html').resolve().as_uri()}")
            return
        server = stack.enter_context(site_server(target, port))
        click.echo(f"http://{HOST}:{server.server_address[1]}/  (Ctrl-C ends)")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
