"""Reports that repeat each other: mirrors and reprints, by MinHash over their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

SHINGLE = 5  # characters
ALIKE = 0.7  # share of common shingles from which one report repeats another (Jaccard)
PERMUTATIONS, BANDS = 128, 32
MAYBE_ALIKE = 0.5  # share of common hashes; five standard deviations below
SEED = 1
LEAST_SHINGLES = 50  # a shorter text says too little
NO_TEXT = re.compile(r"[\W_]+")


def find_duplicates(reports: pl.DataFrame) -> dict[str, tuple[str, float]]:
    """Reports that repeat another one.

    MinHash with bands finds pairs that may be alike; each is then compared in full. Of reports that repeat each other the one that was
    published first is canonical, of those the longest, of those the one with the smallest id.

    Args:
        reports: rows of `reports` with `report_id`, `text`, `published_at`.

    Returns:
        For each report that repeats another: the canonical one and the share of common shingles, 0 to 1.
    """
    rows = reports.select("report_id", "text", "published_at").sort("report_id").rows()
    shingles = {report: _shingles(text) for report, text, _ in rows}
    order = {report: (published is None, str(published or ""), -len(text), report) for report, text, published in rows}
    parent = {report: report for report in shingles}
    for first, second in _candidates(shingles):
        one, other = _root(parent, first), _root(parent, second)
        # Of a page that stands on a hundred mirrors, each is compared with one of them.
        if one != other and _jaccard(shingles[first], shingles[second]) >= ALIKE:
            low, high = sorted((one, other), key=order.__getitem__)
            parent[high] = low
    found = {}
    for report in shingles:
        canonical = _root(parent, report)
        if canonical != report:
            found[report] = (canonical, round(_jaccard(shingles[report], shingles[canonical]), 3))
    return found


def _root(parent: dict[str, str], report: str) -> str:
    while parent[report] != report:
        report = parent[report]
    return report


def _candidates(shingles: dict[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Pairs of reports that MinHash finds alike, or nearly so."""
    from rensa import RMinHash, RMinHashLSH  # a library that runs of one report need not load

    long = [report for report, parts in shingles.items() if len(parts) >= LEAST_SHINGLES]
    index = RMinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS, num_bands=BANDS)
    signatures: list[RMinHash] = []
    for number, report in enumerate(long):
        signature = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        signature.update(list(shingles[report]))
        for other in sorted(index.query(signature)):
            if signature.jaccard(signatures[other]) >= MAYBE_ALIKE:
                yield long[other], report
        index.insert(number, signature)
        signatures.append(signature)


def _shingles(text: str) -> frozenset[str]:
    bare = NO_TEXT.sub("", text)
    return frozenset(bare[at : at + SHINGLE] for at in range(len(bare) - SHINGLE + 1))


def _jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    common = len(first & second)
    whole = len(first) + len(second) - common
    return common / whole if whole else 0.0
