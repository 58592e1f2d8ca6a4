"""Capture: read and archive the pages that are new or changed since their last capture.

The bytes of a page are in the archive before anything is made of them; what is processed later is read from
there, so a run from the sources and a replay of the archive go the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from flows.process import Capture, quarantined_page
from flows.progress import Progress
from flows.read import Page
from schemas.ids import make_id
from storage.archive import ArchiveWriter
from storage.folder import DataFolder
from storage.tables import Tables


class UnreadablePage(Exception):
    """The file of a page cannot be read."""


@dataclass(frozen=True)
class Known:
    """What the current release knows of a page: digest of its latest capture, whether it is in quarantine, and why."""

    sha256: str
    bad: bool
    unreadable: bool


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
    """

    captures: list[tuple[Capture, int]] = field(default_factory=list)
    capture_rows: list[dict[str, Any]] = field(default_factory=list)
    quarantine_rows: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    known_bad: int = 0
    recovered: list[str] = field(default_factory=list)


def known_pages(tables: Tables) -> dict[str, Known]:
    """Latest capture of each report, by report id, from the tables as they stand."""
    captures = tables.read("captures", columns=["report_id", "captured_at", "sha256"])
    latest = captures.sort("captured_at").unique("report_id", keep="last")
    quarantine = tables.read("quarantine", columns=["report_id", "table", "rule", "resolved_by_run"])
    bad = quarantine.filter((pl.col("table") == "captures") & pl.col("resolved_by_run").is_null())
    unreadable = set(bad.filter(pl.col("rule") == "unreadable")["report_id"])
    set_aside = set(bad["report_id"]) - unreadable
    return {
        report: Known(sha256, report in set_aside, report in unreadable)
        for report, sha256 in latest.select("report_id", "sha256").iter_rows()
    }


def capture_pages(
    folder: DataFolder, run_id: str, pages: list[Page], known: dict[str, Known], progress: Progress
) -> Captured:
    """Read all pages, and archive those that are new or changed.

    Args:
        folder: the data folder.
        run_id: the run, which names the archive file.
        pages: the pages.
        known: what is known of them, by report id.
        progress: is told stage, number done and total.

    Raises:
        StorageError: the archive cannot be written.
    """
    captured = Captured()
    with ArchiveWriter(folder, run_id) as archive:
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
    if before and before.sha256 == content.sha256:
        captured.unchanged += 1
        captured.known_bad += before.bad
        if before.unreadable:
            captured.recovered.append(page.report_id)
        return
    now = page.captured_at or dt.datetime.now(dt.UTC)
    warc_file: str | None = None
    warc_offset: int | None = None
    if content.data is not None:
        warc_file, warc_offset = archive.write(
            source=page.source,
            source_uri=page.source_uri,
            captured_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            content_type=page.content_type,
            data=content.data,
        )
    capture = Capture(
        capture_id=make_id(page.report_id, content.sha256, now.isoformat()),
        report_id=page.report_id,
        source=page.source,
        source_uri=page.source_uri,
        content_type=page.content_type,
        sha256=content.sha256,
        warc_file=warc_file or "",
        warc_offset=warc_offset or 0,
    )
    row = _row(capture, run_id, now, content, warc_file, warc_offset)
    captured.capture_rows.append(row | {"source_kind": page.kind, "etag": page.etag})
    if content.data is None:
        reason = f"{content.size} bytes, more than the {page.max_bytes} that a page may have; split the file"
        captured.quarantine_rows.append(quarantined_page(capture, run_id, "too_large", reason))
    else:
        captured.captures.append((capture, content.size))


def _row(
    capture: Capture,
    run_id: str,
    captured_at: dt.datetime,
    content: _Content,
    warc_file: str | None,
    warc_offset: int | None,
) -> dict[str, Any]:
    """The row of a capture."""
    return {
        "capture_id": capture.capture_id,
        "report_id": capture.report_id,
        "run_id": run_id,
        "source": capture.source,
        "source_kind": "file",
        "source_uri": capture.source_uri,
        "captured_at": captured_at,
        "status": "too_large" if content.data is None else "read",
        "content_type": capture.content_type,
        "etag": None,
        "last_modified": content.modified,
        "sha256": content.sha256,
        "bytes": content.size,
        "warc_file": warc_file,
        "warc_offset": warc_offset,
        "unchanged": False,
    }
