"""Releases: which versions of the tables belong together.

A release is a small JSON file; `latest` names the current one and is replaced last, atomically. Readers
that open a release never see half of a run. A tag is a file `tags/NAME` that holds a number; a note is a file
`notes/NUMBER.txt`. A release that is retired moves to `retired/` and is opened no more; see `storage.maintain`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from schemas.errors import DataError, StorageError, UsageError
from storage.folder import DataFolder, create_atomically, storage_errors, write_atomically

POINTER = "latest"
NONE_YET = 0
NUMBER = re.compile(r"[0-9]+")
FILE = re.compile(r"([0-9]{6,})\.json")
# A tag can be told from a number, and is a file name on every system.
TAG = re.compile(r"(?=.*[^\d])[\w][\w.+-]{0,63}")


@dataclass(frozen=True)
class Release:
    """One release.

    Attributes:
        number: counts from 1.
        run_id: the run that made it.
        created_at: UTC time in ISO form.
        pipeline_version: version of the code.
        versions: Delta version of each table.
        rows: rows of each table at that version.
        site_lines: version of the lines that sites repeat, by which the next run tells furniture; see `storage.sites`.
        schemas: hash of the columns of each table: names and types, in order.
        flow: what made it: `ingest`, `backfill`, `maintain` …
        inputs: what the rows of its run were made with, beside their captures; see `flows.inputs`.
        checks: checks by outcome.
        committed: rows that its run committed, by table.
        accepted: rules of the dataset that failed and were accepted, each with `rule` and `reason`.
    """

    number: int
    run_id: str
    created_at: str
    pipeline_version: str
    versions: dict[str, int]
    rows: dict[str, int]
    site_lines: str = ""
    schemas: dict[str, str] = field(default_factory=dict)
    flow: str = "ingest"
    inputs: dict[str, str] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    committed: dict[str, int] = field(default_factory=dict)
    accepted: list[dict[str, str]] = field(default_factory=list)


def publish(folder: DataFolder, release: Release) -> None:
    """Write a release, then make it the current one."""
    with storage_errors(folder.releases):
        # From the first release on there is a pointer: where it is missing, somebody took it away.
        create_atomically(folder.releases / POINTER, f"{NONE_YET}\n")
        text = json.dumps(asdict(release), ensure_ascii=False, indent=1) + "\n"
        write_atomically(_file(folder, release.number), text)
        write_atomically(folder.releases / POINTER, f"{release.number}\n")


def current(folder: DataFolder) -> Release | None:
    """The current release; nothing before the first run.

    Raises:
        StorageError: the pointer or the release file is damaged.
    """
    number = current_number(folder)
    return None if number is None else load(folder, number)


def current_number(folder: DataFolder) -> int | None:
    """Number of the current release; nothing before the first run.

    Raises:
        StorageError: the pointer is damaged.
    """
    pointer = folder.releases / POINTER
    with storage_errors(pointer):
        try:
            text = pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            files = _release_files(folder)
            if not files:
                return None
            raise StorageError(
                f"{pointer} is gone, and there are releases up to {files[-1]}; write the number of the last one there"
            ) from None
    if not NUMBER.fullmatch(text):
        raise StorageError(
            f"{pointer} holds {text!r}, no release number; write the number of the last release file there"
        )
    return int(text) or None


def _release_files(folder: DataFolder) -> list[int]:
    """Numbers of the release files, in order."""
    with storage_errors(folder.releases):
        try:
            return sorted(int(match[1]) for path in folder.releases.iterdir() if (match := FILE.fullmatch(path.name)))
        except FileNotFoundError:
            return []


def load(folder: DataFolder, number: int, path: Path | None = None) -> Release:
    """A release by number.

    Args:
        folder: the data folder.
        number: the number.
        path: its file, if not in its place.

    Raises:
        UsageError: there is none with this number.
        StorageError: its file is damaged.
    """
    path = path or _file(folder, number)
    with storage_errors(path):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            # A later lvzhi may have written more than this one knows.
            return Release(**{name: found[name] for name in found.keys() & {f.name for f in fields(Release)}})
        except FileNotFoundError:
            raise UsageError(_no_release(folder, number)) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise StorageError(f"{path} is damaged: {error}; restore it from a backup") from error


def find(folder: DataFolder, name: int | str | None) -> Release | None:
    """A release by number, tag or the word `latest`.

    Args:
        folder: the data folder.
        name: the name; the current release if none is given.

    Returns:
        The release; nothing where there is no release at all and none was named.

    Raises:
        UsageError: there is no release of this name.
        StorageError: a file is damaged.
    """
    if name is None or name == POINTER:
        return current(folder)
    text = str(name)
    if not NUMBER.fullmatch(text):
        return load(folder, _tagged(folder, text))
    latest = current_number(folder)
    if latest is None or int(text) > latest:
        # A file beyond the pointer is what a killed run left.
        raise UsageError(_no_release(folder, int(text)))
    return load(folder, int(text))


def require(folder: DataFolder, name: int | str | None = None) -> Release:
    """A release by number or tag; the current one if none is named.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no release of this name.
        StorageError: a file is damaged.
    """
    found = None if current_number(folder) is None else find(folder, name)
    if found is None:
        raise DataError(
            f"there is no release in {folder.root}; run `lvzhi ingest` first, or name the folder with --data"
        )
    return found


def numbers(folder: DataFolder) -> list[int]:
    """Numbers of the releases up to the current one, in order; without those that were retired."""
    latest = current_number(folder)
    if latest is None:
        return []
    return [number for number in _release_files(folder) if number <= latest]


def tag(folder: DataFolder, number: int, name: str, *, move: bool = False) -> None:
    """Give a release a name that `--release` takes.

    Args:
        folder: the data folder.
        number: the release.
        name: the tag: letters, digits, `.`, `+`, `-`, `_`, and not digits alone.
        move: take the tag from the release that has it.

    Raises:
        UsageError: the name is no tag, there is no such release, or another release has the tag.
    """
    if not TAG.fullmatch(name) or name == POINTER:
        raise UsageError(f"{name!r} is no tag; take letters, digits, . + - _, not digits alone and not {POINTER!r}")
    load(folder, number)
    path = folder.releases / "tags" / name
    with storage_errors(path):
        path.parent.mkdir(exist_ok=True)
        if move:
            write_atomically(path, f"{number}\n")
        elif not create_atomically(path, f"{number}\n") and _tagged(folder, name) != number:
            raise UsageError(f"release {_tagged(folder, name)} has the tag {name}; take it from there with --move")


def untag(folder: DataFolder, name: str) -> None:
    """Remove a tag.

    Raises:
        UsageError: there is no such tag.
    """
    _tagged(folder, name)
    path = folder.releases / "tags" / name
    with storage_errors(path):
        path.unlink(missing_ok=True)


def tags(folder: DataFolder) -> dict[str, int]:
    """Releases by tag, in order of their names."""
    place = folder.releases / "tags"
    with storage_errors(place):
        try:
            names = sorted(path.name for path in place.iterdir() if TAG.fullmatch(path.name))
        except FileNotFoundError:
            return {}
    return {name: _tagged(folder, name) for name in names}


def write_note(folder: DataFolder, number: int, text: str) -> None:
    """Replace the note of a release.

    Args:
        folder: the data folder.
        number: the release.
        text: the note; an empty one removes it.

    Raises:
        UsageError: there is no such release.
    """
    load(folder, number)
    path = folder.releases / "notes" / f"{number:06}.txt"
    with storage_errors(path):
        path.parent.mkdir(exist_ok=True)
        if text.strip():
            write_atomically(path, text.strip() + "\n")
        else:
            path.unlink(missing_ok=True)


def note(folder: DataFolder, number: int) -> str:
    """The note of a release; empty where it has none."""
    path = folder.releases / "notes" / f"{number:06}.txt"
    with storage_errors(path):
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""


def _file(folder: DataFolder, number: int) -> Path:
    return folder.releases / f"{number:06}.json"


def _tagged(folder: DataFolder, name: str) -> int:
    """Number of the release that has a tag.

    Raises:
        UsageError: there is no such tag.
        StorageError: its file is damaged.
    """
    path = folder.releases / "tags" / name
    with storage_errors(path):
        try:
            text = path.read_text(encoding="utf-8").strip() if TAG.fullmatch(name) else ""
        except FileNotFoundError:
            text = ""
    if not text:
        raise UsageError(f"no release is tagged {name!r} in {folder.root}; `lvzhi releases` lists them")
    if not NUMBER.fullmatch(text):
        raise StorageError(f"{path} holds {text!r}, no release number; write the number there, or remove the file")
    return int(text)


def _no_release(folder: DataFolder, number: int) -> str:
    if (folder.releases / "retired" / f"{number:06}.json").exists():
        return f"release {number} of {folder.root} was retired; `lvzhi releases` lists those that are kept"
    return f"there is no release {number} in {folder.root}; `lvzhi releases` lists the releases"
