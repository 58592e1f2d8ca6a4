"""The checks of the dataset as a run makes them, with what it remembers, find what checks of all tables in full find."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from flows import duplicates
from flows.duplicates import MEMORY, Memory, compare, find_duplicates, remember, remembered
from flows.gate import check_dataset, figures_by_source
from flows.pipeline import run_ingest
from flows.publish import _counted
from flows.run import Run
from flows.submit import in_turn
from schemas.checks import DATASET
from schemas.tables import TABLES
from storage import open_release
from storage.sites import MOST_PAGES, read_version, repeated_lines
from tests.conftest import SAMPLES
from tests.corpus.generate import report, write


def texts(seed: int, count: int) -> pl.DataFrame:
    """Reports of random words, some of which repeat others with a few words changed."""
    chance = random.Random(seed)
    words = [chr(0x4E00 + at) for at in range(3000)]
    rows: list[tuple[str, str, str, dt.date | None]] = []
    for number in range(count):
        if rows and chance.random() < 0.4:
            text = list(chance.choice(rows)[2])
            for _ in range(chance.randrange(12)):
                text[chance.randrange(len(text))] = chance.choice(words)
        else:
            text = chance.choices(words, k=chance.choice((20, 300, 400)))
        published = dt.date(2020, 1, chance.randrange(1, 28)) if chance.random() < 0.7 else None
        rows.append((f"{number:04}", f"run{chance.randrange(3)}", "".join(text), published))
    return pl.DataFrame(rows, schema=["report_id", "run_id", "text", "published_at"], orient="row")


@pytest.mark.parametrize("seed", range(4))
def test_duplicates_with_a_memory_are_those_without(seed: int) -> None:
    chance = random.Random(seed)
    reports = texts(seed, 60)
    memory = Memory()
    asked: list[int] = []
    for _ in range(5):
        # Some reports are gone, some are read anew with another text, the others are as they were.
        standing = reports.sample(fraction=chance.uniform(0.6, 1.0), seed=chance.randrange(100))
        other = texts(chance.randrange(1000), 60).select("report_id", new="text").head(chance.randrange(8))
        standing = standing.join(other, on="report_id", how="left").with_columns(
            text=pl.coalesce("new", "text"),
            run_id=pl.when(pl.col("new").is_null()).then("run_id").otherwise(pl.lit(f"again{chance.random()}")),
        )
        known = dict(standing.select("report_id", "text").iter_rows())

        def give(wanted: object, known: dict[str, str] = known) -> dict[str, str]:
            asked.append(len(set(wanted)))  # type: ignore[call-overload]
            return known

        found, memory = compare(standing, give, memory)
        assert found == find_duplicates(standing)
        assert found
    again, _ = compare(standing, lambda wanted: pytest.fail(f"texts of {wanted} are read again"), memory)
    assert again == found


@pytest.mark.parametrize("at_once", [1, 7, duplicates.PAIRS_AT_ONCE])
def test_pairs_that_may_be_alike_are_those_of_all_pairs(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "PAIRS_AT_ONCE", at_once)
    reports = texts(5, 80)
    signed = duplicates.sign(reports, dict(reports.select("report_id", "text").iter_rows()))
    rows = {row["report_id"]: row for row in signed.to_dicts() if row["bands"]}
    assert 0 < len(rows) < len(reports)
    fresh = set(reports["report_id"][:40])
    wanted = set()
    for one, other in combinations(sorted(rows), 2):
        first, second = rows[one], rows[other]
        together = any(a == b for a, b in zip(first["bands"], second["bands"], strict=True))
        common = sum(a == b for a, b in zip(first["signature"], second["signature"], strict=True))
        if together and common >= duplicates.MAYBE_ALIKE * duplicates.PERMUTATIONS and {one, other} & fresh:
            wanted.add((one, other))
    assert len(wanted) > 5
    found = duplicates._candidates(signed, fresh)
    assert set(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize(("common", "found"), [(63, False), (64, True)])
def test_half_of_the_hashes_in_common_are_enough(common: int, found: bool) -> None:
    first = list(range(128))
    second = [hash_ if at < common else hash_ + 1_000 for at, hash_ in enumerate(first)]
    rows = [(name, "run", 300, hashes, duplicates._bands(hashes)) for name, hashes in (("b", second), ("a", first))]
    signed = pl.DataFrame(rows, schema=duplicates.SIGNATURES, orient="row")
    assert duplicates._candidates(signed, {"b"}) == ([("a", "b")] if found else [])
    assert duplicates._candidates(signed, set()) == []


def test_what_is_remembered_comes_back_and_damage_is_nothing(tmp_path: Path) -> None:
    reports = texts(1, 30)
    known = dict(reports.select("report_id", "text").iter_rows())
    _, memory = compare(reports, lambda wanted: known, Memory())
    remember(tmp_path, memory)
    back = remembered(tmp_path)
    assert back.signatures.equals(memory.signatures)
    assert back.pairs.equals(memory.pairs)
    whole = (tmp_path / MEMORY).read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 5):
        (tmp_path / MEMORY).write_bytes(whole[:cut])
        assert remembered(tmp_path).signatures.is_empty()
    assert remembered(tmp_path / "nowhere").pairs.is_empty()


def test_a_run_over_changes_checks_as_the_full_way_does(tmp_path: Path) -> None:
    source = write(tmp_path / "in", 24, seed=3)
    for path in SAMPLES.glob("*.txt"):
        shutil.copy(path, source)
        shutil.copy(path, source / f"again_{path.name}")
    data = tmp_path / "data"
    run_ingest([str(source)], data, submit=in_turn)
    (source / "again_portal.txt").write_text((SAMPLES / "databox.txt").read_text(encoding="utf-8"), encoding="utf-8")
    (source / "000003.txt").write_bytes(report(3, seed=9).data)
    (source / "new.txt").write_bytes((source / "000000.txt").read_bytes())
    run_ingest([str(source)], data, submit=in_turn)
    reader = open_release(data)
    frames = {name: reader.frame(name) for name in ("reports", "figures", "captures", "quarantine")}
    before = open_release(data, 1).frame("reports")
    full = check_dataset(
        frames,
        reader.release.run_id,
        dt.datetime.now(dt.UTC),
        before=figures_by_source(before),
    )
    stored = reader.frame("checks").filter(pl.col("ring") == DATASET)
    columns = [name for name in TABLES["checks"].schema if name != "run_id"]
    assert Counter(stored.select(columns).rows()) == Counter(TABLES["checks"].frame(full.rows).select(columns).rows())
    assert full.reports.is_empty(), "what a report repeats is not as the full way has it"
    assert frames["reports"]["duplicate_of"].drop_nulls().len() > 3
    assert set(stored["rule"]) > {"repeats_agree", "coverage", "published_after_period"}


def test_lines_of_a_site_are_counted_as_over_all_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few pages to count, and pages that have the same text among the first ones."""
    source = write(tmp_path / "in", 30, seed=3)
    for number in range(12):
        shutil.copy(SAMPLES / "portal.txt", source / f"same{number}.txt")
    data = tmp_path / "data"
    assert MOST_PAGES > 42
    for module in ("storage.sites", "flows.publish"):
        monkeypatch.setattr(f"{module}.MOST_PAGES", 8)
    run_ingest([str(source)], data, submit=in_turn)
    with Run(open_release(data).folder, "ingest", {}) as run:
        pages = run.tables.read("reports", columns=["report_id", "source", "source_uri", "text"])
        lines = run.tables.read("lines", columns=["report_id", "text"])
        version = run.release.site_lines if run.release else ""
        known = {site: sorted(texts) for site, texts in read_version(run.folder.sites, version).items()}
        assert known == repeated_lines(pages, lines)
        counted = _counted(run, pages.select("report_id").with_columns(site=pl.lit("in")))
    assert 8 <= counted["text"].n_unique() <= counted.height <= 42
