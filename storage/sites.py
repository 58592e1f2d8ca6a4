"""Lines that a site repeats on many of its pages: its furniture, in named versions in the data folder.

A version is a file that is named by its content and never changes. A batch gets the name of the version that the
current release has, so that the same captures and the same version give the same rows; what the batch adds to the
statistics counts from the next run on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from schemas.errors import StorageError
from schemas.vocabulary import load_lexicons
from storage.folder import DataFolder, storage_errors, write_atomically

# A line is furniture of a site that has it on so many of its pages, and on this share of them.
LEAST_PAGES, LEAST_SHARE = 4, 0.5
MOST_PAGES = 500  # pages of a site that are counted
LENGTHS = (
    2,
    40,
)  # characters of a line that is counted: a longer one is text, as is one with a full stop or a quantity
STOP = "[。！？；!?;]"
PROSE = 40  # characters: pages that share more than half of their lines so long are copies

Sites = Mapping[str, frozenset[str]]


def site_of(source: str, source_uri: str) -> str:
    """The site of a page: the host of its address, or its source where it has no address on the web."""
    return urlsplit(source_uri).netloc.lower() if "://" in source_uri else source


def repeated_lines(reports: pl.DataFrame, lines: pl.DataFrame) -> dict[str, list[str]]:
    """Lines by site that stand on many of its pages, and that may be furniture: short, no sentence, without a quantity.

    Pages with the same text, or with most of their prose in common, count as one.

    Args:
        reports: rows of `reports` with `report_id`, `source`, `source_uri`, `text`.
        lines: rows of `lines` of these reports with `report_id`, `text`.

    Returns:
        Clean texts of lines, sorted, by site; only sites that have such lines.
    """
    sites = [site_of(*row) for row in reports.select("source", "source_uri").iter_rows()]
    pages = reports.select("report_id", "text").with_columns(site=pl.Series(sites, dtype=pl.String))
    pages = pages.sort("report_id").unique(["site", "text"], keep="first", maintain_order=True)
    pages = pages.group_by("site", maintain_order=True).head(MOST_PAGES).select("site", "report_id")
    pages = pages.join(_copies(pages, lines), on="report_id", how="anti")
    totals = pages.group_by("site").agg(pl.len().alias("pages"))
    short = pl.col("text").str.len_chars().is_between(*LENGTHS) & ~pl.col("text").str.contains(STOP)
    told = lines.filter(short).unique(["report_id", "text"])
    counts = told.join(pages, on="report_id").group_by("site", "text").agg(pl.len().alias("found"))
    counts = counts.join(totals, on="site").filter(
        (pl.col("found") >= LEAST_PAGES) & (pl.col("found") >= LEAST_SHARE * pl.col("pages"))
    )
    by_site: dict[str, list[str]] = {}
    quantity = load_lexicons().quantity
    for site, text in counts.select("site", "text").sort("site", "text").iter_rows():
        if quantity.search(text) is None:
            by_site.setdefault(site, []).append(text)
    return by_site


def lines_mark(sites: Sites, site: str) -> str:
    """Mark of the lines that a site repeats; empty where it has none."""
    lines = sites.get(site)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16] if lines else ""


def _copies(pages: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Pages of which most of the prose stands on an earlier page of the same site, as one column `report_id`."""
    prose = lines.filter(pl.col("text").str.len_chars() > PROSE).unique(["report_id", "text"])
    prose = prose.join(pages, on="report_id").with_columns(
        again=pl.col("report_id") != pl.col("report_id").min().over("site", "text")
    )
    shares = prose.group_by("report_id").agg(pl.col("again").mean())
    return shares.filter(pl.col("again") > 0.5).select("report_id")


def write_version(folder: DataFolder, sites: Mapping[str, list[str]]) -> str:
    """Keep a version of the statistics.

    Args:
        folder: the data folder.
        sites: lines by site.

    Returns:
        Its name; empty where there are no lines.
    """
    if not sites:
        return ""
    text = json.dumps({site: sorted(lines) for site, lines in sorted(sites.items())}, ensure_ascii=False, indent=0)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    with storage_errors(folder.sites):
        folder.sites.mkdir(exist_ok=True)
        path = folder.sites / f"{version}.json"
        if not path.exists():
            write_atomically(path, text + "\n")
    return version


@lru_cache(maxsize=4)
def read_version(sites: Path, version: str) -> Sites:
    """A version of the statistics.

    Args:
        sites: folder of the versions.
        version: its name; the empty one has no lines.

    Raises:
        StorageError: the file is missing or damaged.
    """
    if not version:
        return {}
    path = sites / f"{version}.json"
    with storage_errors(path):
        text = path.read_text(encoding="utf-8")
    try:
        return {site: frozenset(lines) for site, lines in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise StorageError(f"{path} is damaged: {error}; restore it from a backup") from error
