"""Pages from WARC files of others, such as those of Common Crawl: files on this machine are read where they are, not copied."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from flows.read.page import Page
from schemas.errors import SourceError
from storage.archive import DAMAGE, Place

SUFFIXES = (".warc", ".warc.gz")
# Media types that may hold a report; pictures, scripts and the like are passed over.
READ_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/pdf", "")


@dataclass(frozen=True)
class WarcPage(Page):
    """One response in a WARC file.

    Attributes:
        offset, length: place of the record in bytes; the length is that in the file, so compressed.
        fetched_at: when it was fetched (UTC).
        changed_at: Last-Modified of the response; when it was fetched, where there is none.
        tag: ETag of the response.
    """

    offset: int
    length: int
    fetched_at: dt.datetime
    changed_at: dt.datetime
    tag: str | None

    @property
    def kind(self) -> str:
        """Kind of the capture."""
        return "warc"

    @property
    def etag(self) -> str | None:
        """ETag of the response."""
        return self.tag

    @property
    def place(self) -> Place:
        """Where the bytes are."""
        return Place(str(self.path.resolve()), self.offset, self.length)

    @property
    def captured_at(self) -> dt.datetime:
        """When it was fetched (UTC)."""
        return self.fetched_at

    def read(self) -> bytes:
        """The body of the response, decoded as its headers say.

        Raises:
            OSError: the file cannot be read, or is damaged here.
        """
        with self.path.open("rb") as file:
            file.seek(self.offset)
            try:
                record = next(iter(ArchiveIterator(file)))
                # A bomb is not unpacked beyond what a page may have.
                return bytes(record.content_stream().read(self.max_bytes + 1))
            except (*DAMAGE, StopIteration) as error:
                raise OSError(f"no record at offset {self.offset}: {error}") from error

    def size(self) -> int:
        """Length in bytes, up to one more than a page may have.

        Raises:
            OSError: the file cannot be read, or is damaged here.
        """
        return len(self.read())

    def digest(self) -> tuple[str, int]:
        """SHA-256 and length of as much as a page may have, and one byte.

        Raises:
            OSError: the file cannot be read, or is damaged here.
        """
        data = self.read()
        return hashlib.sha256(data).hexdigest(), len(data)

    def modified(self) -> dt.datetime:
        """Time of its last change (UTC)."""
        return self.changed_at


def warc_pages(path: Path, source: str | None, passed: Counter[str]) -> list[WarcPage]:
    """Pages of a WARC file: the latest response of each address.

    Args:
        path: the file.
        source: name of the source; the host of the address if none is given.
        passed: counts records that hold no page, by reason.

    Raises:
        SourceError: the file is no WARC file, or is damaged.
    """
    latest: dict[str, WarcPage] = {}
    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file, check_digests=True)
            for record in records:
                reason = _no_page(record)
                if reason:
                    passed[reason] += 1
                    continue
                headers = _facts(record)
                record.raw_stream.read()
                if record.digest_checker.passed is False or record.raw_stream.limit > 0:
                    passed["damaged records"] += 1
                    continue
                page = _page(path, source, headers, records.get_record_offset(), records.get_record_length())
                before = latest.get(page.report_id)
                if before:
                    passed["older captures"] += 1
                if before is None or before.fetched_at <= page.fetched_at:
                    latest[page.report_id] = page
    except DAMAGE as error:
        raise SourceError(
            f"{path}: no WARC file, or damaged after {len(latest)} pages: {error}; restore it, or write it anew with "
            "`warcio recompress`"
        ) from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; grant access, or name another source") from error
    return list(latest.values())


@dataclass(frozen=True)
class Response:
    """A page that stands in bytes of a WARC file."""

    address: str
    data: bytes
    content_type: str
    fetched_at: dt.datetime
    etag: str | None
    last_modified: str | None


def responses(data: bytes, limit: int) -> Iterator[Response]:
    """Pages in bytes of a WARC file that were fetched: a whole file, or one record.

    Args:
        data: the bytes.
        limit: bytes that a page may have; what is longer is cut off behind one byte more.

    Raises:
        ValueError: they are none, or damaged.
    """
    if not data.startswith((b"WARC/", b"\x1f\x8b")):
        raise ValueError("no record of a WARC file")
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            if _no_page(record):
                continue
            facts = _facts(record)
            body = bytes(record.content_stream().read(limit + 1))
            media = facts["type"] or "application/octet-stream"
            fetched = dt.datetime.fromisoformat(facts["date"]).astimezone(dt.UTC)
            yield Response(facts["uri"], body, media, fetched, facts["etag"] or None, facts["modified"] or None)
    except (*DAMAGE, TypeError) as error:
        raise ValueError(f"no record of a WARC file: {error}") from error


def _no_page(record: ArcWarcRecord) -> str:
    """Why a record holds no page; empty where it holds one."""
    if record.rec_type not in ("response", "resource"):
        return f"{record.rec_type} records"
    if record.rec_type == "response":
        if record.http_headers is None:
            return "responses without HTTP"
        status = record.http_headers.get_statuscode()
        if status != "200":
            return f"responses with status {status}"
    if _media_type(record) not in READ_TYPES:
        return f"pages of type {_media_type(record)}"
    return ""


def _header(record: ArcWarcRecord, name: str) -> str:
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    return headers.get_header(name) or ""


def _media_type(record: ArcWarcRecord) -> str:
    return _header(record, "Content-Type").split(";")[0].strip().lower()


def _facts(record: ArcWarcRecord) -> dict[str, str]:
    return {
        "uri": (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        "date": record.rec_headers.get_header("WARC-Date") or "",
        "type": _media_type(record),
        "modified": _header(record, "Last-Modified") if record.rec_type == "response" else "",
        "etag": _header(record, "ETag") if record.rec_type == "response" else "",
    }


def _page(path: Path, source: str | None, facts: dict[str, str], offset: int, length: int) -> WarcPage:
    uri = facts["uri"]
    fetched = dt.datetime.fromisoformat(facts["date"]).astimezone(dt.UTC)
    return WarcPage(
        source=source or urlsplit(uri).netloc.lower() or path.name,
        source_uri=uri or f"{path.name}#{offset}",
        path=path,
        content_type=facts["type"] or "application/octet-stream",
        offset=offset,
        length=length,
        fetched_at=fetched,
        changed_at=http_time(facts["modified"]) or fetched,
        tag=facts["etag"] or None,
    )


def http_time(text: str | None) -> dt.datetime | None:
    """A time of HTTP; nothing where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC) if text else None
    except (ValueError, OverflowError):
        return None
