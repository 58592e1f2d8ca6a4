"""Releases: which versions of the tables belong together.

A release is a small JSON file; `latest` names the current one and is replaced last, atomically. Readers
that open a release never see half of a run.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from schemas.errors import StorageError, UsageError
from storage.folder import DataFolder, storage_errors, write_atomically

POINTER = "latest"


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
        accepted: rules of the dataset that failed and were accepted, each with `rule` and `reason`.
    """

    number: int
    run_id: str
    created_at: str
    pipeline_version: str
    versions: dict[str, int]
    rows: dict[str, int]
    site_lines: str = ""
    accepted: list[dict[str, str]] = field(default_factory=list)


def publish(folder: DataFolder, release: Release) -> None:
    """Write a release, then make it the current one."""
    with storage_errors(folder.releases):
        text = json.dumps(asdict(release), ensure_ascii=False, indent=1) + "\n"
        write_atomically(folder.releases / f"{release.number:06}.json", text)
        write_atomically(folder.releases / POINTER, f"{release.number}\n")


def current(folder: DataFolder) -> Release | None:
    """The current release; nothing before the first run.

    Raises:
        StorageError: the pointer or the release file is damaged.
    """
    pointer = folder.releases / POINTER
    with storage_errors(pointer):
        if not pointer.exists():
            return None
        text = pointer.read_text(encoding="utf-8").strip()
    if not text.isdigit():
        raise StorageError(
            f"{pointer} holds {text!r}, no release number; write the number of the last release file there"
        )
    return load(folder, int(text))


def load(folder: DataFolder, number: int) -> Release:
    """A release by number.

    Raises:
        UsageError: there is none with this number.
        StorageError: its file is damaged.
    """
    path = folder.releases / f"{number:06}.json"
    if not path.exists():
        raise UsageError(f"there is no release {number} in {folder.root}; `lvzhi status` lists the releases")
    with storage_errors(path):
        try:
            return Release(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise StorageError(f"{path} is damaged: {error}; restore it from a backup") from error


def numbers(folder: DataFolder) -> list[int]:
    """Numbers of the releases up to the current one, in order."""
    latest = current(folder)
    found = sorted(int(path.stem) for path in folder.releases.glob("[0-9]*.json"))
    return [number for number in found if latest and number <= latest.number]
