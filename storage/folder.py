"""The data folder: its layout, and the locks by which several runs work in it at once.

archive/     WARC files, of a run each
tables/      Delta tables
sites/       lines that sites repeat on their pages, in named versions
fetch/       what is known of addresses, and pages that wait to be ingested; on this machine also where the rest is in an object store
releases/    000001.json …, and `latest`, which names the current one
staging/     rows of batches until they are released; what a backfill has done so far
cache/       what saves work and can be made anew
running/     a file for each run that is at work, locked by it
lock         held by the run that commits

A run reads, archives and processes beside others; only the commits and the release are made one run at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from filelock import FileLock, Timeout

from schemas.errors import LvzhiError, StorageError
from schemas.ids import make_id
from storage.lease import Lease, is_alive
from storage.objects import ObjectPath, is_object, object_path

# How long a run waits for others that commit, which takes them seconds.
WAIT_SECONDS = 900


def state_home() -> Path:
    """Folder of this machine for what is known of sites, where the data are in an object store."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(os.environ.get("LVZHI_STATE") or Path(base) / "lvzhi")


def data_folder(place: str | Path) -> DataFolder:
    """The data folder at a place.

    Args:
        place: a folder of this machine, or an address in an object store, s3://BUCKET/PREFIX.

    Raises:
        UsageError: the place is an address that lvzhi does not know.
    """
    return DataFolder(object_path(str(place)) if "://" in str(place) else Path(place))


@dataclass(frozen=True)
class DataFolder:
    """A data folder; it need not exist yet. In an object store, its paths are those of `storage.objects`."""

    root: Path

    @property
    def is_remote(self) -> bool:
        """Whether it is in an object store."""
        return is_object(self.root)

    @property
    def archive(self) -> Path:
        """Folder of the WARC files."""
        return self.root / "archive"

    @property
    def tables(self) -> Path:
        """Folder of the Delta tables."""
        return self.root / "tables"

    @property
    def sites(self) -> Path:
        """Folder of the lines that sites repeat."""
        return self.root / "sites"

    @property
    def releases(self) -> Path:
        """Folder of the release files."""
        return self.root / "releases"

    @property
    def fetch(self) -> Path:
        """Folder of the state of fetching; on this machine, for an object store cannot hold it."""
        return state_home() / make_id(self.root) if self.is_remote else self.root / "fetch"

    @property
    def staging(self) -> Path:
        """Folder of rows that are not released yet, and of what a backfill has done so far."""
        return self.root / "staging"

    @property
    def cache(self) -> Path:
        """Folder of what saves work, and is made anew where it is gone."""
        return self.root / "cache"

    @property
    def presence(self) -> Path:
        """Folder of the files that tell which runs are at work."""
        return self.root / "running"

    @property
    def parts(self) -> tuple[Path, ...]:
        """All that lvzhi keeps in the folder, if it is on a disk."""
        if self.is_remote:
            return ()
        data = (self.archive, self.tables, self.sites, self.releases)
        work = (self.fetch, self.staging, self.cache, self.presence, self.root / "lock")
        return (*data, *work)

    @contextmanager
    def running(self, run_id: str) -> Iterator[None]:
        """Create the folder if need be, and be known as a run at work. A killed process is known no longer by itself.

        Raises:
            StorageError: the folder cannot be written.
        """
        with storage_errors(self.root):
            for folder in (self.archive, self.tables, self.releases, self.presence):
                folder.mkdir(parents=True, exist_ok=True)
            mark = _lock(self.presence / run_id)
            mark.acquire(0)
        try:
            yield
        finally:
            mark.release()
            (self.presence / run_id).unlink(missing_ok=True)

    def is_running(self, run_id: str) -> bool:
        """Whether a run is at work."""
        mark = self.presence / run_id
        if is_object(mark):
            return is_alive(cast(ObjectPath, mark))
        if not mark.exists():
            return False
        lock = _Lock(mark)
        if not lock.acquire(0):
            return True
        lock.release()
        mark.unlink(missing_ok=True)
        return False

    @contextmanager
    def committing(self) -> Iterator[Callable[[], None]]:
        """Wait until no other run commits, and keep the others waiting. A killed process loses the lock, on a disk by itself.

        Yields:
            A function that raises a `StorageError` where the lock was lost, as it may be in an object store.

        Raises:
            StorageError: the folder cannot be written, or another run does not come to an end.
        """
        with storage_errors(self.root):
            lock = _lock(self.root / "lock")
            if not lock.acquire(WAIT_SECONDS):
                raise StorageError(
                    f"another run has been committing to {self.root} for {WAIT_SECONDS} s; wait until it ends, or end it, "
                    "then run again"
                )
        try:
            yield lock.require
        finally:
            lock.release()


class _Lock:
    """A lock of the operating system on a file: it ends with its process."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)

    def acquire(self, wait_seconds: float) -> bool:
        try:
            self._lock.acquire(timeout=wait_seconds)
        except Timeout:
            return False
        return True

    def require(self) -> None:
        """It cannot be lost."""

    def release(self) -> None:
        self._lock.release()


def _lock(path: Path) -> _Lock | Lease:
    return Lease(cast(ObjectPath, path)) if is_object(path) else _Lock(path)


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn errors of the operating system at a place into a `StorageError` that says what to do."""
    try:
        yield
    except LvzhiError:
        raise  # it names its own place
    except OSError as error:
        raise StorageError(explain(error, place)) from error
    except Exception as error:
        # deltalake passes errors of the operating system on as text.
        if any(sign in str(error) for sign in ("os error", "No space left", "Permission denied", "Read-only")):
            raise StorageError(explain(error, place)) from error
        raise


def explain(error: Exception, place: Path) -> str:
    """What went wrong at a place, and the remedy."""
    text = str(error)
    if "No space left" in text or "os error 28" in text or "os error 122" in text:
        return f"the disk of {place} is full; free some space and run again: nothing released is lost, the run is done anew"
    if "Permission denied" in text or "os error 13" in text:
        return f"no permission to write to {place}; grant it, or name another folder with --data"
    if "Read-only" in text or "os error 30" in text:
        return f"{place} is on a read-only disk; name another folder with --data"
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return f"{place} is not a folder; name a folder with --data"
    return f"{place}: {text}; check the disk, then run again"


def write_atomically(path: Path, text: str) -> None:
    """Replace a small file as a whole: after a crash it is the old one or the new one, never a part.

    Args:
        path: the file.
        text: its new content.
    """
    if is_object(path):
        path.write_bytes(text.encode())
        return
    temporary = _written(path, text.encode())
    temporary.replace(path)
    sync_folder(path.parent)


def create_atomically(path: Path, text: str) -> bool:
    """Write a small file that is not there yet, as a whole; of several that try at once one succeeds.

    Args:
        path: the file.
        text: its content.

    Returns:
        Whether it was written; false where it was there.
    """
    if isinstance(path, ObjectPath):
        return path.create(text.encode())
    temporary = _written(path, text.encode())
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    sync_folder(path.parent)
    return True


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """Replace a file as a whole.

    Args:
        path: the file.
        data: its new content.
    """
    if is_object(path):
        path.write_bytes(data)
    else:
        _written(path, data).replace(path)


def _written(path: Path, data: bytes) -> Path:
    """A file beside another one, with its new content on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def sync_file(path: Path) -> None:
    """Bring a file to the disk; nothing where it is gone."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Bring names of files to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
