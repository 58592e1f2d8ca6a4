"""Keeping a data folder in order: which releases are kept, which files they need, and what the rest takes.

A release is retired in two steps. First its file moves to `retired/`, so that nobody opens it any more; its Parquet files
go only days later, so that whoever had opened it before reads on to the end.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deltalake import DeltaTable

from schemas.errors import StorageError, UsageError
from storage.archive import Verified, verify
from storage.folder import DataFolder, storage_errors, write_atomically
from storage.releases import Release, current, load, numbers, tags
from storage.tables import Tables

LOG_ENTRY = re.compile(r"(\d{20})\..*")
CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\..*parquet")
UNFINISHED = re.compile(r"\..+\.new")


@dataclass(frozen=True)
class Keep:
    """Which releases are kept: those that meet any of this. The current one and tagged ones always are.

    Attributes:
        last: so many of the newest.
        days: those made in so many days.
        monthly: the newest of each month.
        reader_days: for how many days files of a retired release stay for whoever opened it before.
    """

    last: int = 30
    days: int = 30
    monthly: bool = True
    reader_days: int = 7

    def __post_init__(self) -> None:
        if min(self.last, self.days, self.reader_days) < 0:
            raise UsageError("numbers of releases and days to keep are 0 or more")


@dataclass
class Cleared:
    """What was cleared up.

    Attributes:
        retired: numbers of releases that were retired.
        files: files removed, by what they were.
        bytes: bytes that they had.
    """

    retired: list[int] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    bytes: int = 0

    def remove(self, path: Path, kind: str) -> None:
        """Remove a file, and count it."""
        self.bytes += path.stat().st_size
        self.files[kind] = self.files.get(kind, 0) + 1
        path.unlink()


def clear(folder: DataFolder, keep: Keep, now: dt.datetime, *, min_age_hours: float = 1) -> Cleared:
    """Retire releases, and remove what no kept release and no reader needs. No run commits meanwhile.

    Args:
        folder: the data folder; its lock is held.
        keep: which releases are kept.
        now: time from which ages are counted.
        min_age_hours: files younger than this stay, whatever they are.
    """
    done = Cleared()
    with storage_errors(folder.root):
        done.retired = retire(folder, keep, now)
        before = now - dt.timedelta(hours=min_age_hours)
        needed = needed_versions(folder, keep, now)
        for place in sorted(path for path in folder.tables.iterdir() if path.is_dir()):
            _clear_table(Tables(folder), place, needed.get(place.name), before, done)
        _forget_retired(folder, keep, now)
        for parent in (folder.releases, folder.sites, folder.staging, folder.cache, folder.releases / "tags"):
            for path in parent.iterdir() if parent.is_dir() else ():
                # A backfill that nobody went on with for a week, and files that a killed run was writing.
                old = parent == folder.staging and _older(path, now - dt.timedelta(days=7))
                if old or (UNFINISHED.fullmatch(path.name) and _older(path, before)):
                    done.remove(path, "unfinished")
    return done


def retire(folder: DataFolder, keep: Keep, now: dt.datetime) -> list[int]:
    """Move the files of releases that are not kept to `retired/`.

    Returns:
        Their numbers.
    """
    retired = []
    for release in not_kept(folder, keep, now):
        path = folder.releases / f"{release.number:06}.json"
        place = folder.releases / "retired"
        place.mkdir(exist_ok=True)
        write_atomically(place / path.name, path.read_text(encoding="utf-8"))
        path.unlink()
        retired.append(release.number)
    return retired


def not_kept(folder: DataFolder, keep: Keep, now: dt.datetime) -> list[Release]:
    """Releases that no rule keeps, in order."""
    found = [load(folder, number) for number in numbers(folder)]
    latest = current(folder)
    kept = {latest.number} if latest else set()
    kept.update(tags(folder).values())
    kept.update(release.number for release in found[-keep.last :] if keep.last)
    start = now - dt.timedelta(days=keep.days)
    kept.update(release.number for release in found if dt.datetime.fromisoformat(release.created_at) >= start)
    if keep.monthly:
        kept.update({release.created_at[:7]: release.number for release in found}.values())
    return [release for release in found if release.number not in kept]


def needed_versions(folder: DataFolder, keep: Keep, now: dt.datetime) -> dict[str, set[int]]:
    """Versions of each table that kept releases name, or that a reader may have open."""
    needed: dict[str, set[int]] = {}
    paths = [folder.releases / f"{number:06}.json" for number in numbers(folder)]
    paths += [path for path in _retired(folder) if not _older(path, now - dt.timedelta(days=keep.reader_days))]
    for path in paths:
        for name, version in load(folder, int(path.stem), path).versions.items():
            needed.setdefault(name, set()).add(version)
    return needed


def _retired(folder: DataFolder) -> list[Path]:
    place = folder.releases / "retired"
    return sorted(place.glob("[0-9]*.json")) if place.is_dir() else []


def _forget_retired(folder: DataFolder, keep: Keep, now: dt.datetime) -> None:
    """Nothing is left of releases whose readers' days are over; their files stay as marks that they were."""
    for path in _retired(folder):
        if _older(path, now - dt.timedelta(days=keep.reader_days)):
            note = folder.releases / "notes" / f"{int(path.stem):06}.txt"
            note.unlink(missing_ok=True)


def _older(path: Path, when: dt.datetime) -> bool:
    return path.stat().st_mtime < when.timestamp()


def _clear_table(tables: Tables, place: Path, needed: set[int] | None, before: dt.datetime, done: Cleared) -> None:
    """Remove Parquet files that no version needs, and entries of the log that come before all of them."""
    table = tables.open(place.name)
    if table is None:
        return
    versions = {table.version(), *(needed or ())}
    files: set[str] = set()
    for version in versions:
        files |= _files(tables.open(place.name, version))
    for path in place.glob("*.parquet"):
        if path.name not in files and _older(path, before):
            done.remove(path, "old Parquet files")
    _clear_log(place / "_delta_log", min(versions), table, before, done)


def _files(table: DeltaTable | None) -> set[str]:
    return set() if table is None else {uri.rpartition("/")[2] for uri in table.file_uris()}


def _clear_log(log: Path, first: int, table: DeltaTable, before: dt.datetime, done: Cleared) -> None:
    """Entries of a Delta log before the last checkpoint that the first needed version can be read from."""
    starts = [int(match[1]) for path in log.iterdir() if (match := CHECKPOINT.fullmatch(path.name))]
    usable = [start for start in starts if start <= first]
    if not usable:
        if first == table.version() and first > 0:
            table.create_checkpoint()
        return
    for path in log.iterdir():
        entry = LOG_ENTRY.fullmatch(path.name)
        if entry and int(entry[1]) < max(usable) and _older(path, before):
            done.remove(path, "old log entries")


@dataclass(frozen=True)
class Usage:
    """Bytes and files of a part of a data folder."""

    part: str
    files: int
    bytes: int


def disk_usage(folder: DataFolder) -> list[Usage]:
    """What takes the space of a data folder.

    Of tables: what the current release has, what only older releases have, what no kept release has, and the logs.
    """
    release = current(folder)
    older = [load(folder, number) for number in numbers(folder)]
    parts: dict[str, list[Path]] = {"archive": _below(folder.archive)}
    for place in sorted(path for path in folder.tables.iterdir() if path.is_dir()):
        name = place.name
        now = set() if release is None else _names(folder, name, [release])
        if release is None or name not in release.versions:
            now = _files(Tables(folder).open(name))
        kept = _names(folder, name, older) - now
        found = list(place.glob("*.parquet"))
        parts.setdefault("tables, current release", []).extend(path for path in found if path.name in now)
        parts.setdefault("tables, older releases", []).extend(path for path in found if path.name in kept)
        parts.setdefault("tables, no kept release", []).extend(
            path for path in found if path.name not in now and path.name not in kept
        )
        parts.setdefault("tables, logs", []).extend(_below(place / "_delta_log"))
    parts["sites"] = _below(folder.sites)
    parts["releases"] = _below(folder.releases)
    parts["staging"] = _below(folder.staging)
    parts["fetching"] = _below(folder.fetch)
    parts["cache"] = _below(folder.cache)
    return [Usage(name, len(paths), sum(path.stat().st_size for path in paths)) for name, paths in parts.items()]


def _names(folder: DataFolder, table: str, releases: Iterable[Release]) -> set[str]:
    versions = {release.versions[table] for release in releases if table in release.versions}
    return {name for version in versions for name in _files(Tables(folder).open(table, version))}


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def verify_all(folder: DataFolder) -> Verified:
    """Read every record of the archive, and look for every file that a kept release needs.

    Returns:
        What was found; problems name the file.
    """
    captures = Tables(folder).read("captures", getattr(current(folder), "versions", {}).get("captures"))
    found = verify(folder.archive, list(captures.iter_rows(named=True)))
    seen: set[tuple[str, int]] = set()
    for number in numbers(folder):
        try:
            versions = load(folder, number).versions
        except StorageError as error:
            found.problems.append(str(error))
            continue
        for name, version in versions.items():
            if (name, version) not in seen:
                seen.add((name, version))
                found.problems += _missing(Tables(folder), folder.tables / name, number, version)
    return found


def _missing(tables: Tables, place: Path, number: int, version: int) -> list[str]:
    """Files of a version of a table that are not there, or not as they were written."""
    try:
        table = tables.open(place.name, version)
        assert table is not None
        actions = table.get_add_actions()
        sizes = dict(zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True))
    except Exception as error:  # whatever deltalake makes of a damaged log
        return [f"{place}: version {version}, of release {number}, cannot be opened: {error}"]
    problems = []
    for name, size in sizes.items():
        path = place / name
        if not path.exists():
            problems.append(
                f"{path}: missing; release {number} needs it; restore it from a backup, or run `lvzhi rebuild`"
            )
        elif path.stat().st_size != size:
            problems.append(f"{path}: {path.stat().st_size} bytes, not {size}; restore it from a backup")
    return problems
