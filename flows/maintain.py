"""Maintenance of a data folder as a run: compaction, retention, clearing up; verification; what takes the space."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import click
import polars as pl

from flows.run import RELEASED, Run
from flows.show import show_frame
from flows.summary import Summary
from storage.archive import Verified
from storage.folder import DataFolder, data_folder
from storage.maintain import Cleared, Keep, Usage, clear, disk_usage, not_kept, verify_all
from storage.releases import require
from storage.tables import UNRELEASED

# Files that a table may have after maintenance.
MOST_FILES = 4


@dataclass
class Maintained:
    """What maintenance did: number of the current release, whether it was made by this, and what was cleared up."""

    release: int
    compacted: bool
    cleared: Cleared = field(default_factory=Cleared)


def run_maintain(data: str | Path, keep: Keep | None = None, *, min_age_hours: float = 1) -> Maintained:
    """Put small files together, retire releases, and remove what no kept release and no reader needs.

    Args:
        data: the data folder.
        keep: which releases are kept.
        min_age_hours: files younger than this stay, whatever they are.

    Raises:
        DataError: there is no release.
        StorageError: the data folder cannot be read or written.
    """
    rule = keep or Keep()
    folder = _existing(data)
    with Run(folder, "maintain", {"keep": str(rule)}) as run:
        summary = Summary(run_id=run.run_id)
        with run.committing():
            before = require(folder)
            compacted = [run.tables.compact(name, MOST_FILES) for name in RELEASED]
            for name in UNRELEASED:
                run.tables.compact(name, MOST_FILES)
            summary.release = before.number
            if any(compacted):
                run.publish(summary, before.site_lines, before.checks)
            done = clear(folder, rule, dt.datetime.now(dt.UTC), min_age_hours=min_age_hours)
            run.log("released" if summary.changed else "unchanged", summary)
    return Maintained(summary.release, summary.changed, done)


def show_maintenance(data: str, keep: Keep, *, dry_run: bool, file_format: str | None) -> None:
    """Run maintenance, or say what it would retire, and print what takes the space.

    Raises:
        DataError: there is no release.
    """
    folder = _existing(data)
    if dry_run:
        gone = [str(release.number) for release in not_kept(folder, keep, dt.datetime.now(dt.UTC))]
        click.echo(f"would retire {len(gone)} releases{': ' if gone else ''}{', '.join(gone)}", err=True)
    else:
        done = run_maintain(data, keep)
        told = ", ".join(f"{count} {kind}" for kind, count in done.cleared.files.items()) or "nothing"
        made = ", made by compaction" if done.compacted else ""
        click.echo(
            f"release {done.release}{made}; {len(done.cleared.retired)} releases retired; removed {told} "
            f"({done.cleared.bytes:,} bytes)",
            err=True,
        )
    show_frame(usage_frame(folder, disk_usage(folder)), file_format)


def usage_frame(folder: DataFolder, usage: list[Usage]) -> pl.DataFrame:
    """The disk report: files and bytes by part, their sum, and what is free."""
    rows = [(part.part, part.files, part.bytes) for part in usage]
    rows.append(("all", sum(part.files for part in usage), sum(part.bytes for part in usage)))
    if not folder.is_remote:
        rows.append(("free on the disk", 0, shutil.disk_usage(folder.root).free))
    return pl.DataFrame(rows, schema={"part": pl.String, "files": pl.Int64, "bytes": pl.Int64}, orient="row")


def show_verification(data: str) -> bool:
    """Verify archive and tables, and print what is wrong.

    Returns:
        Whether all is well.

    Raises:
        DataError: there is no release.
    """
    found: Verified = verify_all(_existing(data))
    for problem in found.problems:
        click.echo(f"lvzhi: {problem}", err=True)
    click.echo(
        f"{found.files} files with {found.records} records, {found.captures} captures; "
        f"{len(found.problems)} problems, {len(found.lost)} captures lost"
    )
    return not found.problems


def _existing(data: str | Path) -> DataFolder:
    folder = data_folder(data)
    require(folder)
    return folder
