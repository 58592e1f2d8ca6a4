"""Reports that repeat each other: mirrors and reprints, by MinHash over their texts.

Signatures of texts, and how alike the pairs are that were compared, can be remembered from run to run: then only texts that are new
are read. What is found does not depend on what was remembered.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import polars as pl

from storage.folder import storage_errors, write_bytes_atomically

SHINGLE = 5  # characters
ALIKE = 0.7  # share of common shingles from which one report repeats another (Jaccard)
PERMUTATIONS, BANDS = 128, 32
MAYBE_ALIKE = 0.5  # share of common hashes; five standard deviations below
SEED = 1
LEAST_SHINGLES = 50  # a shorter text says too little
NO_TEXT = re.compile(r"[\W_]+")
READ_AT_ONCE = 2_000  # texts that are read at once
PAIRS_AT_ONCE = 100_000  # pairs of signatures that are held at once, of a kilobyte each
HELD = 256  # texts taken apart that are held at once
# Name of what is remembered; another one after a change of how signatures are made.
MEMORY = f"alike-1-{SHINGLE}-{PERMUTATIONS}-{BANDS}-{SEED}-{LEAST_SHINGLES}.zip"

SIGNATURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "report_id": pl.String,
    "run_id": pl.String,
    "length": pl.Int64,
    "signature": pl.List(pl.UInt32),
    "bands": pl.List(pl.UInt32),
}
PAIRS: dict[str, pl.DataType | type[pl.DataType]] = {"first": pl.String, "second": pl.String, "alike": pl.Float64}
Texts = Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Memory:
    """What is known of texts and pairs.

    Attributes:
        signatures: a row for each report: the run that read it, length of its text, signature and bands; both empty of a short text.
        pairs: reports that may be alike, the first one with the smaller id; `alike` is empty where they were not compared in full.
    """

    signatures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SIGNATURES))
    pairs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAIRS))


def find_duplicates(reports: pl.DataFrame) -> dict[str, tuple[str, float]]:
    """Reports that repeat another one.

    MinHash with bands finds pairs that may be alike; each is then compared in full. Of reports that repeat each other the one that was
    published first is canonical, of those the longest, of those the one with the smallest id.

    Args:
        reports: rows of `reports` with `report_id`, `text`, `published_at`.

    Returns:
        For each report that repeats another: the canonical one and the share of common shingles, 0 to 1.
    """
    texts = dict(reports.select("report_id", "text").iter_rows())
    heads = reports.select("report_id", "published_at", run_id=pl.lit(""))
    return compare(heads, lambda wanted: {report: texts[report] for report in wanted}, Memory())[0]


def compare(
    heads: pl.DataFrame, texts: Texts, memory: Memory, made: pl.DataFrame | None = None
) -> tuple[dict[str, tuple[str, float]], Memory]:
    """Reports that repeat another one, with the help of what is remembered.

    Args:
        heads: rows of `reports` with `report_id`, `run_id`, `published_at`.
        texts: gives texts of reports; it is asked for those that are new or must be compared.
        memory: what is known; a report that another run read since is new.
        made: signatures of new reports, where they were made already (`sign`).

    Returns:
        As `find_duplicates`, and what is known now.
    """
    heads = heads.sort("report_id")
    signatures = memory.signatures.join(heads.select("report_id", "run_id"), on=["report_id", "run_id"])
    new = heads.join(signatures, on="report_id", how="anti").select("report_id", "run_id")
    given = pl.DataFrame(schema=SIGNATURES) if made is None else made.join(new, on=["report_id", "run_id"])
    unsigned = new.join(given, on="report_id", how="anti")
    read = (sign(part, texts(part["report_id"].to_list())) for part in unsigned.iter_slices(READ_AT_ONCE))
    signatures = pl.concat([signatures, given, *read]).sort("report_id")
    fresh = set(new["report_id"])
    standing = pl.lit(True)
    for end in ("first", "second"):
        standing &= pl.col(end).is_in(signatures["report_id"].implode()) & ~pl.col(end).is_in(list(fresh))
    pairs = {(first, second): alike for first, second, alike in memory.pairs.filter(standing).iter_rows()}
    pairs |= dict.fromkeys(_candidates(signatures, fresh))
    lengths = dict(signatures.select("report_id", "length").iter_rows())
    order = {
        report: (published is None, str(published or ""), -lengths[report], report)
        for report, published in heads.select("report_id", "published_at").iter_rows()
    }
    measure = _Measure(pairs, texts)
    parent = {report: report for report in order}
    for first, second in sorted(pairs):
        one, other = _root(parent, first), _root(parent, second)
        # Of a page that stands on a hundred mirrors, each is compared with one of them.
        if one != other and measure(first, second) >= ALIKE:
            low, high = sorted((one, other), key=order.__getitem__)
            parent[high] = low
    found = {}
    for report in sorted({report for pair in pairs for report in pair}):
        canonical = _root(parent, report)
        if canonical != report:
            found[report] = (canonical, round(measure(report, canonical), 3))
    rows = [(first, second, alike) for (first, second), alike in sorted(measure.pairs.items())]
    return found, Memory(signatures, pl.DataFrame(rows, schema=PAIRS, orient="row"))


class _Measure:
    """Share of common shingles of two reports, remembered."""

    def __init__(self, pairs: dict[tuple[str, str], float | None], texts: Texts) -> None:
        self.pairs = dict(pairs)
        # Of pairs that MinHash did not find; they make no reports alike that would not be so without them.
        self._others: dict[tuple[str, str], float] = {}
        self._texts = texts
        self._loaded: Mapping[str, str] | None = None
        self._shingles = lru_cache(maxsize=HELD)(self._taken_apart)

    def __call__(self, one: str, other: str) -> float:
        pair = (one, other) if one < other else (other, one)
        known = self.pairs.get(pair)
        if known is None:
            known = self._others.get(pair)
        if known is None:
            known = _jaccard(self._shingles(one), self._shingles(other))
            if pair in self.pairs:
                self.pairs[pair] = known
            else:
                self._others[pair] = known
        return known

    def _taken_apart(self, report: str) -> set[str]:
        if self._loaded is None:
            self._loaded = self._texts(
                {report for pair, alike in self.pairs.items() if alike is None for report in pair}
            )
        text = self._loaded.get(report)
        return _shingles(self._texts([report])[report] if text is None else text)


def _root(parent: dict[str, str], report: str) -> str:
    while parent[report] != report:
        report = parent[report]
    return report


def sign(reports: pl.DataFrame, texts: Mapping[str, str]) -> pl.DataFrame:
    """Signatures of reports.

    Args:
        reports: rows of `reports` with `report_id`, `run_id`.
        texts: their texts.

    Returns:
        A row of `SIGNATURES` for each.
    """
    from rensa import RMinHash  # a library that runs without new reports need not load

    rows = []
    for report, run_id in reports.select("report_id", "run_id").iter_rows():
        parts = _shingles(texts[report])
        signature: list[int] = []
        if len(parts) >= LEAST_SHINGLES:
            made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
            made.update(list(parts))
            signature = made.digest()
        rows.append((report, run_id, len(texts[report]), signature, _bands(signature)))
    return pl.DataFrame(rows, schema=SIGNATURES, orient="row")


def _bands(signature: list[int]) -> list[int]:
    """A mark of each band: texts that have one in common may be alike."""
    rows = PERMUTATIONS // BANDS
    parts = (signature[at : at + rows] for at in range(0, len(signature), rows))
    return [zlib.crc32(b"".join(number.to_bytes(4, "little") for number in part)) for part in parts]


def _candidates(signatures: pl.DataFrame, fresh: Collection[str]) -> list[tuple[str, str]]:
    """Pairs that MinHash finds alike, or nearly so, at least one of each among the fresh reports; the smaller id first.

    Band by band, and signatures of not too many pairs at once: of a hundred thousand reports some ten million pairs share a band.
    """
    signed = signatures.filter(pl.col("bands").list.len() > 0).sort("report_id").with_row_index("first")
    hashes = signed["signature"].list.to_array(PERMUTATIONS)
    marks = signed.select("first", "bands", fresh=pl.col("report_id").is_in(list(fresh)))
    found = marks.select("first", second="first").clear()
    for band in range(BANDS):
        others = marks.select("fresh", second="first", mark=pl.col("bands").list.get(band))
        mine = others.filter("fresh").select("mark", first="second")
        once = (pl.col("first") < pl.col("second")) | ((pl.col("first") > pl.col("second")) & ~pl.col("fresh"))
        both = (
            mine.join(others, on="mark")
            .filter(once)
            .select(first=pl.min_horizontal("first", "second"), second=pl.max_horizontal("first", "second"))
            .join(found, on=["first", "second"], how="anti")  # texts that are the same share all bands
        )
        alike = [found]
        for pairs in both.iter_slices(PAIRS_AT_ONCE):
            apart = hashes.gather(pairs["first"]) - hashes.gather(pairs["second"])
            alike.append(pairs.filter(apart.arr.count_matches(0) >= MAYBE_ALIKE * PERMUTATIONS))
        found = pl.concat(alike)
    ids = signed["report_id"]
    return list(zip(ids.gather(found["first"]), ids.gather(found["second"]), strict=True))


def _shingles(text: str) -> set[str]:
    bare = NO_TEXT.sub("", text)
    return {bare[at : at + SHINGLE] for at in range(len(bare) - SHINGLE + 1)}


def _jaccard(first: set[str], second: set[str]) -> float:
    common = len(first & second)
    whole = len(first) + len(second) - common
    return common / whole if whole else 0.0


def remembered(folder: Path) -> Memory:
    """What an earlier run remembered; nothing where that is gone or damaged: then it is made anew.

    Args:
        folder: where it is kept.
    """
    try:
        with zipfile.ZipFile(io.BytesIO((folder / MEMORY).read_bytes())) as parts:
            frames = [pl.read_parquet(io.BytesIO(parts.read(name))) for name in ("signatures", "pairs")]
    except (OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, pl.exceptions.PolarsError):
        return Memory()
    same = frames[0].schema == SIGNATURES and frames[1].schema == PAIRS
    return Memory(*frames) if same else Memory()


def remember(folder: Path, memory: Memory) -> None:
    """Keep what is known for the next run. Signatures and pairs are one file: one without the other would be wrong.

    Raises:
        StorageError: it cannot be written.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for name, frame in (("signatures", memory.signatures), ("pairs", memory.pairs)):
            part = io.BytesIO()
            frame.write_parquet(part)
            parts.writestr(name, part.getvalue())
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
        write_bytes_atomically(folder / MEMORY, packed.getvalue())
