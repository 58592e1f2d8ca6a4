"""The archive: the bytes of every page in WARC files, one record a capture, each compressed by itself.

A run writes one file of its own, so no file that stands is ever touched again. A capture is read back by
file and offset, and its digest is checked.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.warcwriter import WARCWriter

from schemas.errors import StorageError
from storage.folder import DataFolder, storage_errors

SUFFIX = ".warc.gz"
RUN_FILE = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{6})\.warc\.gz")


class ArchiveWriter:
    """Writes the captures of one run. The file is made with the first record."""

    def __init__(self, folder: DataFolder, run_id: str) -> None:
        self._path = folder.archive / f"{run_id}{SUFFIX}"
        self._file: IO[bytes] | None = None
        self._writer: WARCWriter | None = None

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with storage_errors(self._path):
                self._file.close()

    def write(
        self, *, source: str, source_uri: str, captured_at: str, content_type: str, data: bytes
    ) -> tuple[str, int]:
        """Write one capture as a `resource` record.

        Args:
            source, source_uri: where the bytes came from; together the record's target.
            captured_at: UTC time in the form 2024-01-31T08:00:00Z.
            content_type: media type of the bytes.
            data: the bytes.

        Returns:
            Name of the file below the archive, and offset of the record in bytes.

        Raises:
            StorageError: the file cannot be written.
        """
        with storage_errors(self._path):
            if self._file is None or self._writer is None:
                self._file = self._path.open("xb")
                self._writer = WARCWriter(self._file, gzip=True)
            offset = self._file.tell()
            record = self._writer.create_warc_record(
                f"urn:lvzhi:{quote(source, safe='')}:{quote(source_uri)}",
                "resource",
                payload=io.BytesIO(data),
                length=len(data),
                warc_content_type=content_type,
                warc_headers_dict={"WARC-Date": captured_at},
            )
            self._writer.write_record(record)
            return self._path.name, offset

    def flush(self) -> None:
        """Bring all that was written to the disk; from here on the captures may be named in tables."""
        if self._file is not None:
            with storage_errors(self._path):
                self._file.flush()
                os.fsync(self._file.fileno())


def read_capture(archive: Path, warc_file: str, warc_offset: int, sha256: str) -> bytes:
    """Bytes of one capture.

    Args:
        archive: folder of the WARC files.
        warc_file, warc_offset: place of the record.
        sha256: digest that the bytes must have.

    Raises:
        StorageError: the file is missing or damaged.
    """
    path = archive / warc_file
    with storage_errors(path), path.open("rb") as file:
        file.seek(warc_offset)
        try:
            record = next(iter(ArchiveIterator(file)), None)
            data = record.content_stream().read() if record else b""
        except (ArchiveLoadFailed, EOFError) as error:
            raise StorageError(f"{path}: no record at offset {warc_offset}: {error}; restore the file") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageError(f"{path}: the record at offset {warc_offset} is not what was archived; restore the file")
    return bytes(data)


def remove_left(folder: DataFolder, runs: Collection[str], referenced: Collection[str]) -> None:
    """Remove WARC files that killed and failed runs left behind. Of a run that is not known nothing is removed: the tables may
    be lost, and then the archive is all there is.

    Args:
        folder: the data folder; its lock is held.
        runs: ids of runs that made no release.
        referenced: names of the files that captures name.
    """
    with storage_errors(folder.archive):
        for path in folder.archive.iterdir():
            match = RUN_FILE.fullmatch(path.name)
            if match and match.group(1) in runs and path.name not in referenced:
                path.unlink()
