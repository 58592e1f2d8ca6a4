"""Commands of sources: list them, try one, add one. Thin: each calls a module, and prints."""

from __future__ import annotations

import sys

import click

from flows.options import command, data_option


@click.group(invoke_without_command=True)
@data_option
@click.pass_context
@command
def sources(context: click.Context, data: str) -> None:
    """The sources of seeds/sources: kind, schedule, whether enabled, when last read."""
    if context.invoked_subcommand:
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from flows.gather import sources_folder
    from flows.sources import freshness
    from schemas.sources import load_sources

    listed = load_sources(sources_folder())
    fresh = freshness(list(listed.values()), data)
    table = Table("source", "kind", "enabled", "schedule", "read", "state", "about", box=None, pad_edge=False)
    for name, source in listed.items():
        read, state = fresh[name]
        seen = f"{read:%Y-%m-%d %H:%M}" if read else "never"
        cells = (name, source.kind, "yes" if source.enabled else "no", source.schedule, seen, state, source.about)
        table.add_row(*map(escape, cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@sources.command("test")
@click.argument("name")
@command
def test_source(name: str) -> None:
    """Look at source NAME: the links it would choose and skip, and what one page would give. Nothing is written."""
    from flows.fetch.client import require_contact
    from flows.gather import sources_folder
    from flows.try_source import try_source
    from schemas.sources import load_sources, pick

    (source,) = pick(load_sources(sources_folder()), [name])
    if source.kind == "folder":
        from flows.read import find

        found = find([str(sources_folder() / source.path)], source.name)
        click.echo(f"{len(found.pages)} files, {found.hidden} hidden ones passed over")
        return
    if not source.politeness.private:
        require_contact()
    trial = try_source(source)
    for address, came in trial.looked:
        click.echo(f"looked at  {address}: {came}")
    click.echo(f"links      {len(trial.links)} = " + " + ".join(f"{n} {rule}" for rule, n in trial.rules.most_common()))
    for link, rule in trial.links[:30]:
        day = f"{link.date:%Y-%m-%d}" if link.date else " " * 10
        click.echo(f"  {'+' if not rule else '-'} {day}  {link.title or link.page_address}  {rule}".rstrip())
    if trial.page:
        click.echo(f"page       {trial.page}")
    for what, value in trial.said:
        click.echo(f"  {what:<10} {value}")
    sys.exit(0 if any(what == "title" for what, _ in trial.said) else 1)


@sources.command("add")
@click.argument("url")
@click.option("--name", default="", help="Name of the source; made from the host by default.")
@click.option(
    "--private",
    metavar="NETWORK",
    multiple=True,
    help="A network that is not public and may be asked, such as 10.0.0.0/8.",
)
@command
def add_source(url: str, name: str, private: tuple[str, ...]) -> None:
    """Write a first version of the file of a source, by a look at URL: a list page, feed, sitemap, e-paper, report."""
    from flows.fetch.client import require_contact
    from flows.gather import sources_folder
    from flows.try_source import draft
    from schemas.errors import UsageError
    from schemas.sources import NAME, load_source
    from storage.folder import storage_errors

    if name and not NAME.fullmatch(name):
        raise UsageError(f"--name {name!r} must be of small letters, digits, - _ and .")
    if not private:
        require_contact()
    made, text = draft(url, name, list(private))
    path = sources_folder() / f"{made}.toml"
    if path.exists():
        raise UsageError(f"{path} is there already; name the new source with --name")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"{path}: a source of the kind {load_source(path).kind}, not yet enabled")
    click.echo(f"look with `lvzhi sources test {made}`, mend what is wrong, then set enabled = true")
