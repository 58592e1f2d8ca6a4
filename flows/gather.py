"""What a run reads: files as they are found, and pages that are fetched for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from flows.progress import Progress
from flows.read import Found, find
from flows.seeds import SETTING, seeds_folder
from schemas.errors import DataError, SourceError, StorageError, UsageError
from storage.folder import DataFolder, storage_errors
from storage.releases import current
from storage.tables import Tables

if TYPE_CHECKING:
    from flows.fetch.outcome import Fetched
    from schemas.sources import Source

WARC = (".warc", ".warc.gz")


@dataclass
class Wanted:
    """What was named: files, and sources with the folder of their files."""

    files: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def resolve(names: list[str], *, private: bool = False) -> Wanted:
    """What names stand for: a file, folder or glob; an address; a source. Without one, all enabled sources.

    Args:
        names: the names.
        private: whether addresses may be of the own network.

    Raises:
        UsageError: an address is none, there are no sources, or no contact is set for asking sites.
        SourceFileError: a source file is wrong.
    """
    wanted = Wanted()
    addresses = [name for name in names if "://" in name]
    others = [name for name in names if "://" not in name]
    if addresses:
        wanted.sources += _named_addresses(addresses, private)
    if not names:
        wanted = _all_enabled()
    elif others:
        known = _sources()
        for name in others:
            if name in known and not Path(name).exists():
                wanted.sources.append(known[name])
            else:
                wanted.files.append(name)
    if any(source.allowed_hosts and not source.politeness.private for source in wanted.sources):
        from flows.fetch.client import require_contact

        require_contact()
    return wanted


def sources_folder() -> Path:
    """Folder of the source files."""
    return seeds_folder() / "sources"


def _sources() -> dict[str, Source]:
    """All sources by name; their models are loaded only where there are any."""
    if not any(sources_folder().glob("*.toml")):
        return {}
    from schemas.sources import load_sources

    return load_sources(sources_folder())


def _all_enabled() -> Wanted:
    enabled = [source for source in _sources().values() if source.enabled]
    if enabled:
        return Wanted(sources=enabled)
    reports = seeds_folder() / "reports"
    if not reports.is_dir():
        raise UsageError(
            f"name a file, a folder, a glob, an address or a source; without one the enabled sources in "
            f"{sources_folder()} are read, and there are none ({SETTING})"
        )
    return Wanted(files=[str(reports)])


def _named_addresses(addresses: list[str], private: bool) -> list[Source]:
    """Addresses as sources of their hosts."""
    from pydantic import ValidationError

    from schemas.sources import Politeness, Source, Warc

    made: dict[tuple[str, str], list[str]] = {}
    for address in addresses:
        host = urlsplit(address).netloc.rpartition("@")[2].lower()
        kind = "warc" if urlsplit(address).path.endswith(WARC) else "page"
        made.setdefault((re.sub(r"[^a-z0-9.-]", "-", host) or "-", kind), []).append(address)
    sources = []
    for (host, kind), listed in made.items():
        how: dict[str, object] = {"warc": Warc(files=listed)} if kind == "warc" else {"addresses": listed}
        try:
            settings = {
                "name": host,
                "kind": kind,
                "politeness": Politeness(private=["0.0.0.0/0", "::/0"] if private else []),
            } | how
            sources.append(Source.model_validate(settings))
        except ValidationError as error:
            said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            raise UsageError(f"{', '.join(listed)}: {said}") from error
    return sources


@contextmanager
def gathered(
    wanted: Wanted, folder: DataFolder, source_name: str | None, progress: Progress
) -> Iterator[tuple[Found, Fetched | None]]:
    """Files, and pages fetched for the block; when it ends well, what was fetched counts as done.

    Args:
        wanted: what is read.
        folder: the data folder.
        source_name: name for the source of files.
        progress: is told stage, number done and total.

    Raises:
        SourceError: a path does not exist, or no source can be reached.
        DataError: no file was found at all.
        UsageError: two files would be the same report.
        StorageError: the data folder cannot be written, or another run fetches into it.
    """
    found = _files(wanted, folder, source_name)
    if not any(source.allowed_hosts for source in wanted.sources):
        if not found.pages:
            raise DataError("no files in the sources that were named; put reports there, or name another source")
        yield found, None
        return
    from flows.fetch.collect import collect
    from flows.fetch.state import State

    with _fetching(folder):
        state = State(folder.fetch)
        try:
            state.ask_again(_here(folder))
            fetched = collect(wanted.sources, folder, state, progress)
            found.pages += fetched.pages
            if fetched.failed and not found.pages and len(fetched.failed) == len(wanted.sources):
                raise SourceError("; ".join(f"{name}: {reason}" for name, reason in fetched.failed.items()))
            yield found, fetched
            state.finish()
        finally:
            state.close()


def _here(folder: DataFolder) -> set[str]:
    """Reports whose bytes the data folder has: not those of a lost archive, or of tables that were put back from a copy."""
    from flows.capture import captures_there

    release = current(folder)
    if release is None:
        return set()
    return set(captures_there(folder, Tables(folder), release.versions)["report_id"])


def _files(wanted: Wanted, folder: DataFolder, source_name: str | None) -> Found:
    """Files that were named, and those of sources on this machine."""
    found = find(wanted.files, source_name, folder.parts) if wanted.files else Found()
    for source in wanted.sources:
        if source.kind == "folder":
            _add(found, find([str(sources_folder() / source.path)], source.name, folder.parts))
        elif source.warc and (local := [name for name in source.warc.files if "://" not in name]):
            more = find([str(sources_folder() / name) for name in local], source.name, folder.parts)
            _add(found, _chosen(more, source))
    return found


def _chosen(found: Found, source: Source) -> Found:
    """Of the pages of WARC files those that the rules of the source choose."""
    from flows.read.kinds import Link, choose_page

    rules = [choose_page(Link(page.source_uri, None, None, "warc"), source) for page in found.pages]
    found.passed.update(f"pages passed over by {rule}" for rule in rules if rule)
    found.pages = [page for page, rule in zip(found.pages, rules, strict=True) if not rule]
    return found


def _add(found: Found, more: Found) -> None:
    found.pages += more.pages
    found.hidden += more.hidden
    found.own += more.own
    found.passed += more.passed


@contextmanager
def _fetching(folder: DataFolder) -> Iterator[None]:
    """Hold the lock of the state of fetching."""
    with storage_errors(folder.fetch):
        folder.fetch.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.fetch / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StorageError(
                f"another run is fetching into {folder.root}; wait until it ends, or name another folder with --data"
            ) from None
    try:
        yield
    finally:
        lock.release()
