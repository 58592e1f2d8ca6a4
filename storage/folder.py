"""The data folder: its layout, and the locks by which several runs work in it at once.

archive/     WARC files, of a run each
tables/      Delta tables
sites/       lines that sites repeat on their pages, in named versions
releases/    000001.json …, and `latest`, which names the current one
staging/     what a backfill has done so far
running/     a file for each run that is at work, locked by it
lock         held by the run that commits

A run reads, archives and processes beside others; only the commits and the release are made one run at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import StorageError, UsageError

# How long a run waits for others that commit, which takes them seconds.
WAIT_SECONDS = 900


def data_folder(place: str | Path) -> DataFolder:
    """The data folder at a place.

    Raises:
        UsageError: the place is an address, not a folder of this machine.
    """
    if "://" in str(place):
        raise UsageError(f"{place} is no folder of this machine; object stores cannot hold the data yet, name a folder")
    return DataFolder(Path(place))


@dataclass(frozen=True)
class DataFolder:
    """A data folder; it need not exist yet."""

    root: Path

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
    def staging(self) -> Path:
        """Folder of what a backfill has done so far."""
        return self.root / "staging"

    @property
    def presence(self) -> Path:
        """Folder of the files that tell which runs are at work."""
        return self.root / "running"

    @property
    def parts(self) -> tuple[Path, ...]:
        """All that lvzhi keeps in the folder."""
        folders = (self.archive, self.tables, self.sites, self.releases, self.staging, self.presence)
        return (*folders, self.root / "lock")

    @contextmanager
    def running(self, run_id: str) -> Iterator[None]:
        """Create the folder if need be, and be known as a run at work. A killed process is known no longer by itself.

        Raises:
            StorageError: the folder cannot be written.
        """
        with storage_errors(self.root):
            for folder in (self.archive, self.tables, self.releases, self.presence):
                folder.mkdir(parents=True, exist_ok=True)
            mark = FileLock(self.presence / run_id)
            mark.acquire(timeout=0)
        try:
            yield
        finally:
            mark.release()
            (self.presence / run_id).unlink(missing_ok=True)

    def is_running(self, run_id: str) -> bool:
        """Whether a run is at work."""
        mark = self.presence / run_id
        if not mark.exists():
            return False
        lock = FileLock(mark)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        mark.unlink(missing_ok=True)
        return False

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Wait until no other run commits, and keep the others waiting. A killed process loses the lock by itself.

        Raises:
            StorageError: the folder cannot be written, or another run does not come to an end.
        """
        with storage_errors(self.root):
            lock = FileLock(self.root / "lock")
            try:
                lock.acquire(timeout=WAIT_SECONDS)
            except Timeout:
                raise StorageError(
                    f"another run has been committing to {self.root} for {WAIT_SECONDS} s; wait until it ends, or end it, "
                    "then run again"
                ) from None
        try:
            yield
        finally:
            lock.release()


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn errors of the operating system at a place into a `StorageError` that says what to do."""
    try:
        yield
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
    temporary = _written(path, text)
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
    temporary = _written(path, text)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    sync_folder(path.parent)
    return True


def _written(path: Path, text: str) -> Path:
    """A file beside another one, with its new content on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def sync_folder(folder: Path) -> None:
    """Bring names of files to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
