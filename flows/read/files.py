"""Pages from files, folders and globs."""

from __future__ import annotations

import glob
import hashlib
import mimetypes
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.read.page import Page
from flows.read.warc import SUFFIXES, WarcPage, warc_pages
from schemas.errors import DataError, SourceError, UsageError

GLOB = re.compile(r"[*?\[]")
TEXT_TYPES = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".shtml": "text/html",
    ".pdf": "application/pdf",
}


@dataclass
class Found:
    """Pages that were found, and what was passed over.

    Attributes:
        pages: the pages.
        hidden, own: numbers of hidden files, and of files of the data folder.
        passed: records of WARC files that hold no page, by reason.
    """

    pages: list[Page] = field(default_factory=list)
    hidden: int = 0
    own: int = 0
    passed: Counter[str] = field(default_factory=Counter)


def find(names: list[str], source: str | None = None, own: Collection[Path] = ()) -> Found:
    """Pages of all sources that were named, each once, in the order of their addresses.

    Args:
        names: files, folders or globs.
        source: name for the source; made from the folder if none is given.
        own: files and folders of lvzhi itself, which are no source.

    Raises:
        SourceError: a path does not exist, or a glob matches nothing.
        DataError: no file was found at all.
        UsageError: two files would be the same report.
    """
    found = Found()
    seen: dict[str, Path] = {}
    newest: dict[str, tuple[int, WarcPage]] = {}
    ours = {place.resolve() for place in own}
    for name in names:
        base, paths = _expand(name)
        label = source or source_name(base)
        for path in paths:
            relative = path.relative_to(base)
            if any(part.startswith(".") for part in relative.parts):
                found.hidden += 1
                continue
            if ours and not ours.isdisjoint((path.resolve(), *path.resolve().parents)):
                found.own += 1
                continue
            place = path.resolve()
            if path.name.lower().endswith(SUFFIXES):
                _take_newest(warc_pages(path, source, found.passed), found, newest)
                continue
            page = Page(label, _address(relative), path, content_type(path))
            if page.report_id not in seen:
                seen[page.report_id] = place
                found.pages.append(page)
            elif seen[page.report_id] != place:
                raise UsageError(
                    f"{path} and {seen[page.report_id]} would be one report, {page.source_uri} of the source {label}; "
                    "ingest their folders one by one with a --source each, or without --source"
                )
    if not found.pages:
        hidden = f" ({found.hidden} hidden ones are passed over)" if found.hidden else ""
        raise DataError(f"no files in {', '.join(names)}{hidden}; put reports there, or name another source")
    return found


def _take_newest(pages: list[WarcPage], found: Found, newest: dict[str, tuple[int, WarcPage]]) -> None:
    """Add pages of a WARC file; of an address that several files have, the latest."""
    for page in pages:
        at, before = newest.get(page.report_id, (len(found.pages), None))
        if before is None:
            found.pages.append(page)
        else:
            found.passed["older captures"] += before.place != page.place
            if page.fetched_at <= before.fetched_at:
                continue
            found.pages[at] = page
        newest[page.report_id] = (at, page)


def _address(relative: Path) -> str:
    """Path of a file as an address; bytes of its name that are no UTF-8 stay readable as \\x.."""
    return os.fsencode(relative.as_posix()).decode("utf-8", "backslashreplace")


def source_name(base: Path) -> str:
    """Name of the source of a folder: its own name and a mark of its place, so that two folders differ."""
    place = base.resolve()
    name = _address(Path(place.name or "root"))
    return f"{name}@{hashlib.sha256(os.fsencode(place)).hexdigest()[:6]}"


def content_type(path: Path) -> str:
    """Media type by the name of a file; the bytes decide where it tells nothing."""
    known = TEXT_TYPES.get(path.suffix.lower())
    return known or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _expand(name: str) -> tuple[Path, list[Path]]:
    """Base folder and files of one source."""
    path = Path(name)
    try:
        if path.is_dir():
            return path, sorted(_walk(path))
        if path.exists():
            return path.parent, [path]
    except PermissionError as error:
        raise SourceError(
            f"{name} cannot be reached: {error.strerror}; grant access, or name another source"
        ) from error
    if GLOB.search(name):
        base = _glob_base(name)
        matches = sorted(Path(match) for match in glob.glob(name, recursive=True, include_hidden=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        files = [match for match in matches if match.is_file()]
        if files:
            return base, files
        raise SourceError(f"nothing matches {name}; check the pattern")
    raise SourceError(f"{name} does not exist; name a file, a folder or a glob")


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder; a folder that cannot be listed stands for the files in it."""
    closed: list[Path] = []

    def note(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise SourceError(f"{folder} cannot be listed: {error.strerror}; grant access, or name another source")
        closed.append(Path(error.filename))

    walked: set[Path] = set()
    for place, folders, names in os.walk(folder, onerror=note, followlinks=True):
        # A link may lead back up: each folder is walked once.
        walked.add(Path(place).resolve())
        folders[:] = [name for name in folders if (Path(place) / name).resolve() not in walked]
        yield from (Path(place) / name for name in names)
    yield from closed


def _glob_base(pattern: str) -> Path:
    """The folder above the first part of a glob that holds a wildcard."""
    fixed = []
    for part in Path(pattern).parts:
        if GLOB.search(part):
            break
        fixed.append(part)
    return Path(*fixed)
