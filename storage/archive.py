"""The archive: the bytes of every page in WARC files, one record a capture, each compressed by itself.

    warcinfo   begins a file
    resource   the bytes of a page
    revisit    a page with bytes that are in the archive already, and where
    metadata   a capture whose bytes are not in the archive: too large, or in a WARC file of others

Each record of a capture carries its row of `captures`, so that the table can be made anew from the archive. A run writes
files of its own, and begins another when one is full, so no file that stands is ever touched again. A capture is read back by
file and offset, and its digest is checked.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

from schemas.errors import StorageError
from storage.folder import DataFolder, storage_errors, sync_folder
from storage.objects import ObjectPath, object_path

SUFFIX = ".warc.gz"
RUN_FILE = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{6})(-\d+)?\.warc\.gz")
# A file is rolled at the size that the WARC standard recommends.
ROLL_BYTES = 1_000_000_000
# Header with the row of `captures` as JSON.
CAPTURE_HEADER = "Lvzhi-Capture"
# What warcio raises on a record that is none.
DAMAGE = (ArchiveLoadFailed, EOFError, ValueError, KeyError, zlib.error)
# A gzip member that is deflated begins so (RFC 1952).
GZIP = b"\x1f\x8b\x08"


class Place(NamedTuple):
    """Where a record stands: name of its WARC file below the archive, or path of a file of others; offset, length in bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True)
class Stored:
    """Bytes that are in the archive: their place, and address and time (as WARC has it) of their capture."""

    place: Place
    uri: str
    date: str


class ArchiveWriter:
    """Writes the captures of one run. A file is made with its first record."""

    def __init__(
        self,
        folder: DataFolder,
        run_id: str,
        stored: Mapping[str, Stored] | None = None,
        *,
        roll_bytes: int = ROLL_BYTES,
    ) -> None:
        self._folder = folder.archive
        self._run_id = run_id
        self._roll_bytes = roll_bytes
        self._number = -1
        self._path = self._folder / f"{run_id}{SUFFIX}"
        self._file: IO[bytes] | None = None
        self._writer: WARCWriter | None = None
        self._stored = dict(stored or {})
        # An object cannot grow: its parts are written on the disk, then put as a whole.
        self._parts = tempfile.TemporaryDirectory(prefix="lvzhi-") if folder.is_remote else None

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with storage_errors(self._path):
                self._file.close()
        if self._parts is not None:
            self._parts.cleanup()

    def write(
        self,
        *,
        source: str,
        source_uri: str,
        captured_at: str,
        content_type: str,
        data: bytes | None,
        place: Place | None = None,
        row: Mapping[str, Any] | None = None,
    ) -> Place | None:
        """Write one capture: a `resource` record, or a `revisit` record where the archive has its bytes.

        Args:
            source, source_uri: where the bytes came from; together the record's target.
            captured_at: UTC time in the form 2024-01-31T08:00:00Z.
            content_type: media type of the bytes.
            data: the bytes; nothing where they are not to be kept.
            place: where the bytes are in a WARC file of others, which is not copied.
            row: the row of `captures`, without its place.

        Returns:
            Where the bytes are; nothing where they were not kept.

        Raises:
            StorageError: the file cannot be written.
        """
        uri = target_uri(source, source_uri)
        headers = {"WARC-Date": captured_at}
        if data is None or place is not None:
            self._add("metadata", uri, b"", content_type, headers | _row_header(row, place))
            return place
        digest = hashlib.sha256(data).hexdigest()
        known = self._stored.get(digest)
        if known is not None and self._reads_back(known.place, digest):
            self._revisit(uri, data, known, headers | _row_header(row, known.place))
            return known.place
        found = self._add("resource", uri, data, content_type, headers | _row_header(row, None))
        self._stored[digest] = Stored(found, uri, captured_at)
        return found

    def flush(self) -> None:
        """Bring all that was written to the disk; from here on the captures may be named in tables."""
        if self._file is not None:
            with storage_errors(self._path):
                self._file.flush()
                if isinstance(self._path, ObjectPath):
                    self._path.upload(self._local())
                else:
                    os.fsync(self._file.fileno())
                    sync_folder(self._folder)

    def _add(self, kind: str, uri: str, data: bytes, content_type: str, headers: dict[str, str]) -> Place:
        with storage_errors(self._path):
            record = self._open().create_warc_record(
                uri,
                kind,
                payload=io.BytesIO(data),
                length=len(data),
                warc_content_type=content_type,
                warc_headers_dict=headers,
            )
            return self._put(record)

    def _reads_back(self, place: Place, digest: str) -> bool:
        """Whether a record has its bytes still: if not, those at hand are archived."""
        if place.file == self._path.name:
            return True
        try:
            read_capture(self._folder, place.file, place.offset, digest)
        except StorageError:
            return False
        return True

    def _revisit(self, uri: str, data: bytes, known: Stored, headers: dict[str, str]) -> None:
        """A record that refers to the one that has the bytes, by the digest that warcio gave to it."""
        digest = "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
        with storage_errors(self._path):
            record = self._open().create_revisit_record(uri, digest, known.uri, known.date, warc_headers_dict=headers)
            self._put(record)

    def _put(self, record: ArcWarcRecord) -> Place:
        assert self._file is not None
        assert self._writer is not None
        offset = self._file.tell()
        self._writer.write_record(record)
        return Place(self._path.name, offset, self._file.tell() - offset)

    def _local(self) -> Path:
        """Where the file is written."""
        return self._path if self._parts is None else Path(self._parts.name) / self._path.name

    def _open(self) -> WARCWriter:
        """The writer of the file that is not yet full."""
        if self._file is not None and self._file.tell() >= self._roll_bytes:
            self.flush()
            self._file.close()
            self._file = None
        if self._file is None or self._writer is None:
            self._number += 1
            part = f"-{self._number:05}" if self._number else ""
            self._path = self._folder / f"{self._run_id}{part}{SUFFIX}"
            self._file = self._local().open("xb")
            self._writer = WARCWriter(self._file, gzip=True)
            about = {"software": "lvzhi", "format": "WARC File Format 1.0", "isPartOf": self._run_id}
            self._writer.write_record(self._writer.create_warcinfo_record(self._path.name, about))
        return self._writer


def target_uri(source: str, source_uri: str) -> str:
    """Target of the record of a page."""
    return f"urn:lvzhi:{quote(source, safe='')}:{quote(source_uri)}"


def _row_header(row: Mapping[str, Any] | None, place: Place | None) -> dict[str, str]:
    if row is None:
        return {}
    where = {} if place is None else {"warc_file": place.file, "warc_offset": place.offset, "warc_length": place.length}
    return {CAPTURE_HEADER: json.dumps(dict(row) | where, ensure_ascii=True, default=str)}


def warc_path(archive: Path, warc_file: str) -> Path:
    """Path of a WARC file: below the archive by its name, or that of others."""
    if "://" in warc_file:
        return object_path(warc_file)
    place = Path(warc_file)
    return place if place.is_absolute() else archive / warc_file


def read_capture(archive: Path, warc_file: str, warc_offset: int, sha256: str) -> bytes:
    """Bytes of one capture.

    Args:
        archive: folder of the WARC files.
        warc_file, warc_offset: place of the record.
        sha256: digest that the bytes must have.

    Raises:
        StorageError: the file is missing or damaged.
    """
    path = warc_path(archive, warc_file)
    with storage_errors(path), path.open("rb") as file:
        file.seek(warc_offset)
        try:
            record = next(iter(ArchiveIterator(file)), None)
            data = record.content_stream().read() if record else b""
        except DAMAGE as error:
            told = ascii(str(error))[:100]
            raise StorageError(f"{path}: no record at offset {warc_offset}: {told}; restore the file") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageError(f"{path}: the record at offset {warc_offset} is not what was archived; restore the file")
    return bytes(data)


@dataclass
class Index:
    """What the records of the archive say.

    Attributes:
        rows: rows of `captures`, times as text, in order of files and records.
        damaged: what is wrong, by file; the records that can be read are in `rows`.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)


def read_index(archive: Path) -> Index:
    """The captures as the records of the archive have them: what the table `captures` is an index of."""
    index = Index()
    with storage_errors(archive):
        names = sorted(path.name for path in archive.iterdir() if path.name.endswith(SUFFIX))
    for name in names:
        damage: list[str] = []
        with storage_errors(archive / name), (archive / name).open("rb") as file:
            for found in _records(file, damage):
                text = found.record.rec_headers.get_header(CAPTURE_HEADER)
                if text is None:
                    continue
                row = json.loads(text)
                if found.record.rec_type == "resource":
                    if row["sha256"] != found.sha256:
                        damage.append(f"the record at offset {found.offset} is not what was archived")
                        continue
                    row |= {"warc_file": name, "warc_offset": found.offset, "warc_length": found.length}
                index.rows.append({"warc_file": None, "warc_offset": None, "warc_length": None} | row)
        if damage:
            index.damaged[name] = "; ".join(damage)
    return index


class _Found(NamedTuple):
    """A record of a WARC file, SHA-256 of its content, its place."""

    record: ArcWarcRecord
    sha256: str
    offset: int
    length: int


def _records(file: IO[bytes], damage: list[str]) -> Iterator[_Found]:
    """Records of a WARC file, also those behind a damage, which is told in `damage`.

    Each record is a gzip member of its own, so that behind one that cannot be read the next one is looked for.
    """
    size = file.seek(0, os.SEEK_END)
    at: int | None = 0
    sound = True
    while at is not None and at < size:
        file.seek(at)
        reason = "no record"
        try:
            records = ArchiveIterator(file, check_digests=True)
            while found := _next_record(records):
                # Behind damaged bytes the parser may be anywhere.
                if found.offset != at or not at < found.offset + found.length <= size:
                    break
                at, sound = found.offset + found.length, True
                yield found
        except DAMAGE as error:
            # A message may quote the damaged bytes, which must not steer a terminal.
            reason = ascii(str(error))[:100] if str(error) else type(error).__name__
        if at < size:
            if sound:
                damage.append(f"the record at offset {at} cannot be read: {reason}")
            at, sound = _next_member(file, at + 1), False


def _next_record(records: ArchiveIterator) -> _Found | None:
    """The next record; nothing at the end. What the parser says of damaged bytes on the terminal is told by `_records`."""
    with redirect_stderr(io.StringIO()):
        record = next(iter(records), None)
        if record is None:
            return None
        sha256 = hashlib.sha256(record.content_stream().read()).hexdigest()
        return _Found(record, sha256, records.get_record_offset(), records.get_record_length())


def _next_member(file: IO[bytes], start: int) -> int | None:
    """Offset of the next bytes with which a gzip member begins; nothing where there are none."""
    file.seek(start)
    overlap = b""
    while block := file.read(1 << 20):
        found = (overlap + block).find(GZIP)
        if found >= 0:
            return start - len(overlap) + found
        start += len(block)
        overlap = (overlap + block)[-len(GZIP) + 1 :]
    return None


@dataclass
class Verified:
    """What a look at every record of the archive found.

    Attributes:
        files, records, captures: numbers of those that were looked at.
        problems: what is wrong, with file and offset; all else can be read.
        lost: ids of captures whose bytes cannot be read.
    """

    files: int = 0
    records: int = 0
    captures: int = 0
    problems: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def verify(archive: Path, captures: Collection[Mapping[str, Any]]) -> Verified:
    """Read every record of the archive, and every capture at its place.

    Args:
        archive: folder of the WARC files.
        captures: rows of `captures`.
    """
    found = Verified()
    by_file: dict[str, list[Mapping[str, Any]]] = {}
    for row in captures:
        if row["warc_file"] is not None:
            by_file.setdefault(row["warc_file"], []).append(row)
    with storage_errors(archive):
        ours = {path.name for path in archive.iterdir() if path.name.endswith(SUFFIX)}
    for name in sorted(ours | by_file.keys()):
        digests = _digests(archive, name, found) if name in ours else {}
        for row in sorted(by_file.get(name, []), key=lambda row: int(row["warc_offset"])):
            found.captures += 1
            if digests.get(row["warc_offset"]) == row["sha256"]:
                continue
            try:
                read_capture(archive, name, row["warc_offset"], row["sha256"])
            except StorageError as error:
                found.problems.append(f"capture {row['capture_id']} ({row['source_uri']}): {error}")
                found.lost.append(row["capture_id"])
    return found


def _digests(archive: Path, name: str, found: Verified) -> dict[int, str]:
    """SHA-256 of the content of each record of a file by offset."""
    path = archive / name
    digests: dict[int, str] = {}
    damage: list[str] = []
    found.files += 1
    with storage_errors(path), path.open("rb") as file:
        for one in _records(file, damage):
            digests[one.offset] = one.sha256
            found.records += 1
            if one.record.digest_checker.passed is False:
                wrong = "; ".join(one.record.digest_checker.problems)
                damage.append(f"the record at offset {one.offset} is damaged: {wrong}")
    found.problems += [f"{path}: {told}" for told in damage]
    return digests


def lost_places(archive: Path, places: Collection[Place]) -> set[Place]:
    """Places where no record can be, for their file is gone or ends before it.

    Args:
        archive: folder of the WARC files.
        places: places of records.
    """
    ends: dict[str, int] = {}
    for name in {place.file for place in places}:
        path = warc_path(archive, name)
        with storage_errors(path):
            try:
                ends[name] = path.stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                ends[name] = -1
    return {place for place in places if place.offset + place.length > ends[place.file]}


def remove_left(folder: DataFolder, left: Collection[str]) -> None:
    """Remove WARC files of killed and failed runs, which no capture names.

    Args:
        folder: the data folder; its lock is held. Files of runs that are at work stay.
        left: ids of the runs that left no captures.
    """
    with storage_errors(folder.archive):
        for path in folder.archive.iterdir():
            run = RUN_FILE.fullmatch(path.name)
            if run and run[1] in left and not folder.is_running(run[1]):
                path.unlink()
