"""Rows of batches, kept in the data folder from when they are made until they are released.

So a run holds the rows of one batch at a time, however many it reads, and a backfill that was killed goes on where it was.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from storage.folder import DataFolder, storage_errors, write_bytes_atomically
from storage.objects import is_object

SUFFIX = ".zip"


@dataclass(frozen=True, eq=False)
class Staged(Mapping[str, pl.DataFrame]):
    """Frames of a batch by table, each read when it is asked for.

    Attributes:
        place: the file.
        names: the tables.
        run_id: the run that is to stand in the rows; the one that made them if none is given.
    """

    place: Path
    names: tuple[str, ...]
    run_id: str | None = None

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self.names:
            raise KeyError(name)
        with storage_errors(self.place), _opened(self.place) as parts:
            frame = pl.read_parquet(io.BytesIO(parts.read(name)))
        if self.run_id is not None:
            frame = frame.with_columns(pl.lit(self.run_id).alias("run_id"))
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Chosen(Mapping[str, pl.DataFrame]):
    """Frames of a batch, of some of its reports only."""

    frames: Mapping[str, pl.DataFrame]
    reports: frozenset[str]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.frames[name].filter(pl.col("report_id").is_in(sorted(self.reports)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)


def _opened(place: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(place.read_bytes()) if is_object(place) else place)


def stage(place: Path, frames: Mapping[str, pl.DataFrame]) -> Staged:
    """Keep the frames of a batch in a file.

    Args:
        place: the file; one that stands there is replaced as a whole.
        frames: rows by table.

    Raises:
        StorageError: it cannot be written.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for name, frame in frames.items():
            part = io.BytesIO()
            frame.write_parquet(part, compression="lz4")
            parts.writestr(name, part.getvalue())
    with storage_errors(place):
        place.parent.mkdir(exist_ok=True)
        write_bytes_atomically(place, packed.getvalue())
    return Staged(place, tuple(frames))


def staged(place: Path, names: Collection[str], run_id: str) -> Staged | None:
    """What an earlier run kept in a file; nothing where that is gone, or what a full disk or a power cut left of it.

    Args:
        place: the file.
        names: the tables.
        run_id: the run that is to stand in the rows.
    """
    try:
        with _opened(place) as parts:
            whole = set(parts.namelist()) == set(names) and parts.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return None
    return Staged(place, tuple(names), run_id) if whole else None


def claim(kept: Staged, place: Path) -> Staged | None:
    """A name of its own for what is kept, so that another run may take the first one away.

    Args:
        kept: the frames.
        place: the other name.

    Returns:
        The frames under that name; nothing where they are gone by now.

    Raises:
        StorageError: it cannot be written.
    """
    with storage_errors(place):
        try:
            if is_object(place):
                place.write_bytes(kept.place.read_bytes())
            else:
                place.unlink(missing_ok=True)
                place.hardlink_to(kept.place)
        except FileNotFoundError:
            return None
    return replace(kept, place=place)


def staging_place(folder: DataFolder, run_id: str, number: int) -> Path:
    """Where a run keeps the rows of a batch."""
    return folder.staging / f"{run_id}-{number:05}{SUFFIX}"


def remove_staged(folder: DataFolder, run_ids: Collection[str]) -> None:
    """Remove what runs kept that have come to their end.

    Raises:
        StorageError: it cannot be removed.
    """
    starts = tuple(f"{run_id}-" for run_id in run_ids)
    with storage_errors(folder.staging):
        for path in list(folder.staging.iterdir()) if folder.staging.is_dir() else ():
            if path.name.startswith(starts):
                path.unlink(missing_ok=True)
