"""The data folder: its layout, and the lock that lets one writer in at a time.

archive/     WARC files, one a run
tables/      Delta tables
sites/       lines that sites repeat on their pages, in named versions
fetch/       what is known of addresses, and pages that wait to be ingested
releases/    000001.json …, and `latest`, which names the current one
lock         held by the run that writes
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import StorageError, UsageError


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
    def fetch(self) -> Path:
        """Folder of the state of fetching."""
        return self.root / "fetch"

    @property
    def parts(self) -> tuple[Path, ...]:
        """All that lvzhi keeps in the folder."""
        return (self.archive, self.tables, self.sites, self.releases, self.fetch, self.root / "lock")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Create the folder if need be, and hold its lock. A killed process loses the lock by itself.

        Raises:
            StorageError: the folder cannot be written, or another run writes.
        """
        with storage_errors(self.root):
            for folder in (self.archive, self.tables, self.releases):
                folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / "lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise StorageError(
                    f"another run is writing to {self.root}; wait until it ends, or name another folder with --data"
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
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
