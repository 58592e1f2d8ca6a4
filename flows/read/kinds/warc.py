"""Records in WARC files of others, looked up by host and day of capture in a CDX index."""

from __future__ import annotations

import datetime as dt
import email.utils
import io
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import orjson
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from flows.read.kinds.link import Link, Look
from schemas.sources import Source, Warc

READ_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/pdf", "")


@dataclass(frozen=True)
class Response:
    """The response that a record holds."""

    address: str
    data: bytes
    content_type: str
    fetched_at: dt.datetime
    etag: str | None
    last_modified: str | None


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Records of addressed WARC files, or those that the index names: of each page the latest capture."""
    warc = source.warc
    assert warc is not None
    for name in warc.files:
        if "://" in name:
            yield Link(name, None, None, "warc file", certain=True)
    if warc.cdx is None:
        return
    page = look(question(warc))
    if page is None:
        return
    latest: dict[str, dict[str, str]] = {}
    for line in page.data.splitlines():
        entry = _entry(line)
        if entry and entry.get("mime", "") in READ_TYPES:
            before = latest.get(entry["url"])
            if before is None or before["timestamp"] < entry["timestamp"]:
                latest[entry["url"]] = entry
    for entry in latest.values():
        place = urljoin(str(warc.records), entry["filename"])
        captured = dt.datetime.strptime(entry["timestamp"][:8], "%Y%m%d").date()
        span = (int(entry["offset"]), int(entry["length"]))
        yield Link(place, None, captured, "cdx", span, page=entry["url"])


def question(warc: Warc) -> str:
    """The address by which a CDX server is asked for the pages of a host."""
    asked = {"url": f"{warc.host}/*", "output": "json", "filter": "=status:200"}
    for name, day in (("from", warc.since), ("to", warc.until)):
        if day:
            asked[name] = f"{day:%Y%m%d}"
    return f"{warc.cdx}?{urlencode(asked)}"


def _entry(line: bytes) -> dict[str, str] | None:
    """A line of the index; nothing where it is none."""
    try:
        entry = orjson.loads(line)
        said = {name: str(entry[name]) for name in ("url", "timestamp", "filename", "offset", "length")}
        if entry.get("status", "200") != "200" or not (said["offset"] + said["length"]).isdecimal():
            return None
        dt.datetime.strptime(said["timestamp"][:8], "%Y%m%d")
        return said | {"mime": str(entry.get("mime", ""))}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        return None


def responses(data: bytes, limit: int) -> Iterator[Response]:
    """Pages in the bytes of a WARC file or of one record.

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
            if record.rec_type != "response" or record.http_headers is None:
                continue
            if record.http_headers.get_statuscode() != "200":
                continue
            media = (record.http_headers.get_header("Content-Type") or "").split(";")[0].strip().lower()
            if media not in READ_TYPES:
                continue
            said = record.rec_headers
            yield Response(
                (said.get_header("WARC-Target-URI") or "").strip("<>"),
                record.content_stream().read(limit + 1),
                media or "application/octet-stream",
                dt.datetime.fromisoformat(said.get_header("WARC-Date")).astimezone(dt.UTC),
                record.http_headers.get_header("ETag"),
                record.http_headers.get_header("Last-Modified"),
            )
    except (ArchiveLoadFailed, EOFError, TypeError, KeyError) as error:
        raise ValueError(f"no record of a WARC file: {error}") from error


def http_time(text: str | None) -> dt.datetime | None:
    """A time of HTTP; nothing where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC) if text else None
    except (ValueError, OverflowError):
        return None
