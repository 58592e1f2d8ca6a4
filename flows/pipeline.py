"""A whole run: find, archive, process, publish, release.

    1. find      the files of the sources, and what is new on sites (`flows.gather`)
    2. capture   those that are new or changed since their last capture go to the archive
    3. process   batches of captures to validated rows, wherever `submit` runs them
    4. publish   rows of the reports that were read replace their earlier ones, table by table; the panel is made anew
    5. release   names the versions that belong together; it becomes current last

Runs work beside each other up to step 3. Steps 4 and 5 are made one run at a time, after a look at what others released
meanwhile: what they did already is dropped, what depends on it is done again. So the tables are those of one run after the other.

A run that was killed left no release: the next one takes its commits back and does the work anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from flows.batches import process_all
from flows.capture import Captured, capture_pages
from flows.gate import Acceptance
from flows.gather import gathered, resolve
from flows.process import Batch, Capture, Processed, quarantined_page
from flows.progress import Progress, no_progress
from flows.publish import Work, commit
from flows.read import Found
from flows.run import Run
from flows.submit import Submit, in_processes
from flows.summary import Summary
from schemas.ids import report_id
from storage.archive import Place, Stored, target_uri
from storage.folder import data_folder

if TYPE_CHECKING:
    from flows.fetch.outcome import Fetched


def run_ingest(
    sources: list[str],
    data: str | Path,
    *,
    source_name: str | None = None,
    accept: Acceptance = Acceptance(),  # noqa: B008 - it cannot change
    submit: Submit[Batch, Processed] = in_processes,
    progress: Progress = no_progress,
    private: bool = False,
) -> Summary:
    """Ingest files, and what is new on sites, into a data folder.

    Args:
        sources: files, folders, globs, addresses or names of sources; all enabled sources if empty.
        data: the data folder; made if need be.
        source_name: name for the source, in place of the one made from the folder.
        accept: errors of the dataset that do not stop the release.
        submit: runs the batches.
        progress: is told stage, number done and total.
        private: whether addresses among the sources may be of the own network.

    Returns:
        The counts, added up.

    Raises:
        SourceError: a source does not exist, or none of those that were named can be reached.
        DataError: there are no files, or errors of the dataset stop the release.
        UsageError: the data folder is no folder of this machine, or two files would be one report.
        StorageError: the data folder cannot be written; what was released before stands.
    """
    folder = data_folder(data)
    wanted = resolve(sources, private=private)
    parameters: dict[str, object] = {"sources": sources, "source_name": source_name}
    with gathered(wanted, folder, source_name, progress) as (found, fetched):
        if fetched is not None:
            parameters["fetch"] = fetched.fetch_id
        with Run(folder, "ingest", parameters, accept) as run:
            return _ingest(run, found, submit, progress, fetched)


def _ingest(
    run: Run, found: Found, submit: Submit[Batch, Processed], progress: Progress, fetched: Fetched | None
) -> Summary:
    """Do the work; see the top of this module."""
    summary = Summary(run_id=run.run_id, found=len(found.pages), hidden=found.hidden, own=found.own)
    summary.passed = found.passed
    known = run.known()
    stored = _stored(run)
    captured = capture_pages(run.folder, run.run_id, found.pages, known, progress, stored)
    if fetched is not None:
        _add_fetched(run, fetched, captured, summary)
    batches = run.batches(captured.captures)
    work = Work(captured, batches, process_all(batches, submit, progress), known)
    return commit(run, work, summary)


def _add_fetched(run: Run, fetched: Fetched, captured: Captured, summary: Summary) -> None:
    """Add what fetching says of pages that gave no bytes: they are as they were, or could not be reached."""
    for page in fetched.unreached:
        nowhere = Capture("", report_id(page.source, page.source_uri), page.source, page.source_uri, "", "", "", 0)
        row = quarantined_page(nowhere, run.run_id, "unreachable", page.reason)
        told = json.loads(row["row"]) | {"history": page.history}
        captured.quarantine_rows.append(row | {"row": json.dumps(told, ensure_ascii=False)})
    captured.unchanged += fetched.unchanged
    summary.found += len(fetched.unreached) + fetched.unchanged
    summary.fetching, summary.sources_failed = fetched.rows(), dict(fetched.failed)


def _stored(run: Run) -> dict[str, Stored]:
    """What the archive has, by digest: the first capture of each content."""
    if run.release is None:
        return {}
    columns = ["sha256", "source", "source_uri", "captured_at", "warc_file", "warc_offset", "warc_length"]
    there = run.captures().select(columns)
    kept = there.filter(pl.col("warc_file").is_not_null()).sort("captured_at").unique("sha256", keep="first")
    return {
        sha256: Stored(Place(file, offset, length or 0), target_uri(source, uri), f"{at:%Y-%m-%dT%H:%M:%SZ}")
        for sha256, source, uri, at, file, offset, length in kept.iter_rows()
    }
