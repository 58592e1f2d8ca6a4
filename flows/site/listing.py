"""All reports in pages, and a search over them that loads little.

The index maps pairs of neighbouring characters to reports, in many small scripts, of which a search loads those of its
own pairs; rows of reports lie in scripts of their own. So a site of any size is searched from a disk, without a server.
"""

from __future__ import annotations

import datetime as dt
import zlib
from array import array
from collections.abc import Iterator
from itertools import pairwise

from flows.site.pages import as_script, page, years
from flows.site.reading import Dataset, Row

PER_PAGE = 100


def listing_files(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Name and content of the pages, and of the scripts of the index."""
    reports = sorted(
        dataset.reports.values(),
        key=lambda row: (-(row["period_end"] or dt.date.min).toordinal(), row["division_code"] or "", row["report_id"]),
    )
    parts = [reports[first : first + PER_PAGE] for first in range(0, len(reports), PER_PAGE)] or [[]]
    shards = _shards(len(reports))
    for number, part in enumerate(parts, 1):
        values = {
            "reports": part,
            "committees": dataset.committees,
            "total": len(reports),
            "number": number,
            "pages": [(n, page_name(n)) for n in _near(number, len(parts))],
            "last": len(parts),
            "shards": shards,
            "per_page": PER_PAGE,
        }
        yield f"reports/{page_name(number)}", page("listing.html", 1, "reports", values)
        rows = [_record(row) for row in part]
        yield f"search/rows-{number - 1}.js", as_script("lvzhi.rows", [number - 1, rows])
    for shard, pairs in enumerate(_index(reports, shards)):
        told = {pair: held.tolist() for pair, held in sorted(pairs.items())}
        yield f"search/{shard}.js", as_script("lvzhi.pairs", [shard, told])


def page_name(number: int) -> str:
    """Name of a page of the list."""
    return "index.html" if number == 1 else f"page-{number}.html"


def _near(number: int, last: int) -> list[int]:
    return [n for n in range(1, last + 1) if n in (1, last) or abs(n - number) <= 2]


def _record(row: Row) -> list[str]:
    state = {"passed": "accepted"}.get(row["quality"], row["quality"])
    title = row["title"] or row["source_uri"]
    return [row["report_id"], title, row["division_name"] or "", years(row), state]


def _shards(reports: int) -> int:
    """Number of scripts of the index: few for few reports, and seldom another number."""
    return 4 if reports <= 200 else 64 if reports <= 4_000 else 512


def shard_of(pair: str, shards: int) -> int:
    """Script that holds a pair of characters; the page computes the same."""
    return zlib.crc32(pair.encode("utf-8", "replace")) % shards


def words_of(row: Row) -> str:
    """What a report is found by."""
    parts = (
        row["title"],
        row["committee"],
        row["division_name"],
        row["division_code"],
        row["source_uri"],
        row["source_name"],
    )
    return "\n".join(part for part in (*parts, years(row)) if part).lower()


def _index(reports: list[Row], shards: int) -> list[dict[str, array[int]]]:
    """Numbers of reports by pair of characters, by script; four bytes a number."""
    found: list[dict[str, array[int]]] = [{} for _ in range(shards)]
    for number, row in enumerate(reports):
        pairs = {a + b for a, b in pairwise(words_of(row)) if not (a + b).isspace() and "\n" not in (a, b)}
        for pair in pairs:
            found[shard_of(pair, shards)].setdefault(pair, array("I")).append(number)
    return found
