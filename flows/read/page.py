"""A page, not yet read: a file, or a record of a WARC file."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from schemas.ids import report_id
from storage.archive import Place

MAX_BYTES = 5_000_000  # a report has some 15 kB; nothing of this size is one
MAX_PDF_BYTES = 40_000_000  # a newspaper page with its pictures has some 10 MB


def max_bytes(content_type: str) -> int:
    """Length in bytes that a page of a media type may have."""
    return MAX_PDF_BYTES if content_type == "application/pdf" else MAX_BYTES


def too_large(content_type: str, size: int) -> str:
    """Why a page of a length in bytes is set aside."""
    return f"{size} bytes, more than the {max_bytes(content_type)} that a page may have; split the file"


@dataclass(frozen=True)
class Page:
    """One file, not yet read.

    Attributes:
        source: name of its source.
        source_uri: its path below the folder or glob that was named, with forward slashes.
        path: where it is.
        content_type: media type by its name.
    """

    source: str
    source_uri: str
    path: Path
    content_type: str

    @property
    def kind(self) -> str:
        """Kind of the capture."""
        return "file"

    @property
    def etag(self) -> str | None:
        """ETag that it was fetched with."""
        return None

    @property
    def place(self) -> Place | None:
        """Where the bytes are, if in a WARC file, which is not copied."""
        return None

    @property
    def captured_at(self) -> dt.datetime | None:
        """When it was fetched (UTC); nothing of what is read now."""
        return None

    @property
    def report_id(self) -> str:
        """Id of the report that the page holds."""
        return report_id(self.source, self.source_uri)

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            OSError: the file cannot be read.
        """
        return self.path.read_bytes()

    def digest(self) -> tuple[str, int]:
        """SHA-256 and length of a file that is too large to be held.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), self.path.stat().st_size

    def size(self) -> int:
        """Length in bytes.

        Raises:
            OSError: the file cannot be read, or is a pipe, a socket or a device.
        """
        status = self.path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise OSError(errno.EACCES, "the folder cannot be listed")
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return status.st_size

    @property
    def max_bytes(self) -> int:
        """Length in bytes that it may have."""
        return max_bytes(self.content_type)

    def modified(self) -> dt.datetime:
        """Time of its last change (UTC).

        Raises:
            OSError: the file cannot be read.
        """
        return dt.datetime.fromtimestamp(int(self.path.stat().st_mtime), dt.UTC)
