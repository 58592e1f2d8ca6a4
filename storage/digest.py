"""Digests of rows: whether two tables hold the same, without a look at each row."""

from __future__ import annotations

import hashlib

import polars as pl

from schemas.tables import TABLES

# What tells one run from another, and text that holds it.
VOLATILE = {"quarantine": ("run_id", "row", "resolved_by_run", "capture_id", "dismissed")}
OF_THE_RUN = ("run_id", "pipeline_version")


def told(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table without what tells one run from another; of the quarantine only open rows, of the checks not those of the dataset."""
    if name == "quarantine":
        frame = frame.filter(pl.col("resolved_by_run").is_null())
    if name == "checks":
        # Those of the dataset depend on the time, and on the release before.
        frame = frame.filter(pl.col("ring") != "dataset")
    return frame.drop(VOLATILE.get(name, OF_THE_RUN), strict=False)


def report_digests(name: str, frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Number of rows and a digest of them by report; equal in this process where the rows are equal in any order.

    Args:
        name: the table.
        frame: its rows.
    """
    rows = told(name, frame)
    digests = rows.select("report_id", digest=pl.struct(pl.all()).hash())
    # A sum does not depend on the order, and wraps.
    by_report = digests.group_by("report_id").agg(pl.len().alias("rows"), pl.col("digest").implode())
    return {
        report: (count, sum(hashes) & (2**64 - 1))
        for report, count, hashes in by_report.iter_rows()
        if report is not None
    }


def content_hash(name: str, frame: pl.DataFrame) -> str:
    """SHA-256 over the rows of a table in order of its key, without what tells one run from another.

    Args:
        name: the table.
        frame: its rows, in any order.
    """
    rows = told(name, frame).sort(TABLES[name].key)
    return hashlib.sha256(rows.write_ndjson().encode()).hexdigest()
