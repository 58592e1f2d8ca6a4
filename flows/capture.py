"""Capture: read and archive the pages that are new or changed since their last capture.

The bytes of a page are in the archive before anything is made of them; what is processed later is read from
there, so a run from the sources and a replay of the archive go the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from flows.process import Capture, quarantined_page
from flows.progress import Progress
from flows.read import Page
from flows.read.page import too_large
from schemas.ids import make_id
from storage.archive import ArchiveWriter, Place, Stored, lost_places
from storage.folder import DataFolder
from storage.tables import Tables


class UnreadablePage(Exception):
    """The file of a page cannot be read."""


@dataclass(frozen=True)
class Known:
    """What a release knows of a page: its latest capture, whether it is in quarantine, and why; ids of earlier captures."""

    sha256: str
    bad: bool
    unreadable: bool
    capture_id: str
    captured_at: dt.datetime
    earlier: frozenset[str] = frozenset()


@dataclass
class Captured:
    """What came of reading the pages.

    Attributes:
        captures: pages to process, each with its length in bytes.
        capture_rows: rows for `captures`.
        quarantine_rows: rows for `quarantine`, of pages that cannot be processed.
        unchanged: pages that are as they were.
        known_bad: those of them that are in quarantine.
        recovered: reports that could not be read the last time, and are as they were before.
        overtaken: reports that another run captured later, and released meanwhile: their rows are its.
        replayed: reports that are read again from the archive.
    """

    captures: list[tuple[Capture, int]] = field(default_factory=list)
    capture_rows: list[dict[str, Any]] = field(default_factory=list)
    quarantine_rows: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    known_bad: int = 0
    recovered: list[str] = field(default_factory=list)
    overtaken: set[str] = field(default_factory=set)
    replayed: set[str] = field(default_factory=set)

    def reread(self) -> set[str]:
        """Reports whose rows are replaced."""
        return ({row["report_id"] for row in self.capture_rows} | self.replayed) - self.overtaken


def there_still(archive: Path, captures: pl.DataFrame) -> pl.DataFrame:
    """Captures without those whose bytes were kept and are in the archive no more.

    Args:
        archive: folder of the WARC files.
        captures: rows of `captures`, at least their places.
    """
    places = [
        None if file is None else Place(file, offset, length or 0)
        for file, offset, length in captures.select("warc_file", "warc_offset", "warc_length").iter_rows()
    ]
    lost = lost_places(archive, {place for place in places if place is not None})
    return captures.filter(pl.Series([place not in lost for place in places], dtype=pl.Boolean)) if lost else captures


def captures_there(folder: DataFolder, tables: Tables, versions: Mapping[str, int]) -> pl.DataFrame:
    """What runs must know of all captures, but those that the archive has lost, so that they are read again.

    Args:
        folder: the data folder.
        tables: its tables.
        versions: the versions of them to read.
    """
    columns = ["report_id", "captured_at", "sha256", "capture_id", "source", "source_uri"]
    columns += ["warc_file", "warc_offset", "warc_length"]
    return there_still(folder.archive, tables.read("captures", versions.get("captures"), columns=columns))


def latest_captures(captures: pl.DataFrame) -> pl.DataFrame:
    """The latest capture of each report, in order of time.

    Args:
        captures: rows of `captures`.
    """
    return captures.sort("captured_at", "capture_id").unique("report_id", keep="last", maintain_order=True)


def capture_of(row: Mapping[str, Any]) -> Capture:
    """What a worker must know of a row of `captures`."""
    fields = ("capture_id", "report_id", "source", "source_uri", "content_type", "sha256")
    place: dict[str, Any] = {"warc_file": row["warc_file"] or "", "warc_offset": row["warc_offset"] or 0}
    return Capture(**{name: row[name] for name in fields}, **place)


def known_pages(captures: pl.DataFrame, tables: Tables, versions: Mapping[str, int]) -> dict[str, Known]:
    """Latest capture of each report, by report id.

    Args:
        captures: what `captures_there` gives.
        tables: the tables of the data folder.
        versions: the versions of them to read.
    """
    latest = latest_captures(captures)
    earlier: dict[str, list[str]] = {}
    again = captures.sort("captured_at", "capture_id").filter(pl.col("report_id").is_duplicated())
    for report, capture_id in again.select("report_id", "capture_id").iter_rows():
        earlier.setdefault(report, []).append(capture_id)
    quarantine = tables.read(
        "quarantine", versions.get("quarantine"), columns=["report_id", "table", "rule", "resolved_by_run"]
    )
    bad = quarantine.filter((pl.col("table") == "captures") & pl.col("resolved_by_run").is_null())
    unreadable = set(bad.filter(pl.col("rule") == "unreadable")["report_id"])
    set_aside = set(bad["report_id"]) - unreadable
    return {
        report: Known(
            sha256, report in set_aside, report in unreadable, capture_id, at, frozenset(earlier.get(report, ()))
        )
        for report, sha256, capture_id, at in latest.select(
            "report_id", "sha256", "capture_id", "captured_at"
        ).iter_rows()
    }


def capture_pages(
    folder: DataFolder,
    run_id: str,
    pages: Sequence[Page],
    known: Mapping[str, Known],
    progress: Progress,
    stored: Mapping[str, Stored] | None = None,
) -> Captured:
    """Read all pages, and archive those that are new or changed.

    Args:
        folder: the data folder.
        run_id: the run, which names the archive files.
        pages: the pages.
        known: what is known of them, by report id.
        progress: is told stage, number done and total.
        stored: what the archive has already, by digest.

    Raises:
        StorageError: the archive cannot be written.
    """
    captured = Captured()
    with ArchiveWriter(folder, run_id, stored) as archive:
        for done, page in enumerate(pages, 1):
            try:
                _capture(page, run_id, known.get(page.report_id), archive, captured)
            except UnreadablePage as error:
                nowhere = Capture("", page.report_id, page.source, page.source_uri, page.content_type, "", "", 0)
                captured.quarantine_rows.append(quarantined_page(nowhere, run_id, "unreadable", str(error)))
            progress("read", done, len(pages))
        archive.flush()
    return captured


@dataclass(frozen=True)
class _Content:
    """Bytes of a page, none where it is too large to be held, with digest, length and time of change."""

    data: bytes | None
    sha256: str
    size: int
    modified: dt.datetime


def _content(page: Page) -> _Content:
    try:
        if page.size() > page.max_bytes:
            sha256, size = page.digest()
            return _Content(None, sha256, size, page.modified())
        data = page.read()
        return _Content(data, hashlib.sha256(data).hexdigest(), len(data), page.modified())
    except OSError as error:
        raise UnreadablePage(f"the file cannot be read: {error.strerror}; grant access and run again") from error


def _capture(page: Page, run_id: str, before: Known | None, archive: ArchiveWriter, captured: Captured) -> None:
    """Add one page to what was captured."""
    content = _content(page)
    at = page.captured_at or dt.datetime.now(dt.UTC)
    capture_id = make_id(page.report_id, content.sha256, at.isoformat())
    if before and (before.sha256 == content.sha256 or capture_id in before.earlier):
        captured.unchanged += 1
        captured.known_bad += before.bad
        if before.unreadable:
            captured.recovered.append(page.report_id)
        return
    row = _row(page, capture_id, run_id, at, content)
    place = archive.write(
        source=page.source,
        source_uri=page.source_uri,
        captured_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        content_type=page.content_type,
        data=content.data,
        place=page.place if content.data is not None else None,
        row=row,
    )
    file, offset, length = place or (None, None, None)
    captured.capture_rows.append(row | {"warc_file": file, "warc_offset": offset, "warc_length": length})
    capture = Capture(
        capture_id=row["capture_id"],
        report_id=page.report_id,
        source=page.source,
        source_uri=page.source_uri,
        content_type=page.content_type,
        sha256=content.sha256,
        warc_file=file or "",
        warc_offset=offset or 0,
    )
    if before and at < before.captured_at:
        # A WARC file may hold what the page was before; it joins the captures, the rows are of the later one.
        captured.overtaken.add(page.report_id)
        captured.unchanged += 1
    elif content.data is None:
        reason = too_large(page.content_type, content.size)
        captured.quarantine_rows.append(quarantined_page(capture, run_id, "too_large", reason))
    else:
        captured.captures.append((capture, content.size))


def _row(page: Page, capture_id: str, run_id: str, captured_at: dt.datetime, content: _Content) -> dict[str, Any]:
    """The row of a capture, without the place of its bytes."""
    return {
        "capture_id": capture_id,
        "report_id": page.report_id,
        "run_id": run_id,
        "source": page.source,
        "source_kind": page.kind,
        "source_uri": page.source_uri,
        "captured_at": captured_at,
        "status": "too_large" if content.data is None else "read",
        "content_type": page.content_type,
        "etag": page.etag,
        "last_modified": content.modified,
        "sha256": content.sha256,
        "bytes": content.size,
        "unchanged": False,
    }
