"""Maintenance: few files, old releases retired by rule, and nothing removed that a kept release or a reader needs."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.maintain import MOST_FILES, run_maintain
from flows.pipeline import run_ingest
from flows.run import RELEASED
from flows.submit import in_turn
from schemas.errors import DataError, StorageError, UsageError
from schemas.tables import TABLES
from storage import open_release
from storage.digest import content_hash
from storage.folder import DataFolder
from storage.maintain import Keep, disk_usage, not_kept, verify_all
from storage.releases import Release, current, numbers, publish, tag
from storage.tables import Tables
from tests.conftest import SAMPLES, Command

ALL = Keep(last=10**6)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one ingest and 120 small releases after it, each with one more row."""
    base = tmp_path_factory.mktemp("many")
    run_ingest([str(SAMPLES / "portal.txt")], base / "data", submit=in_turn)
    folder = DataFolder(base / "data")
    tables = Tables(folder)
    release = current(folder)
    assert release is not None
    row = tables.read("documents").head(1)
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    for number in range(2, 122):
        tables.append("documents", row.with_columns(document_id=pl.lit(f"{number:016x}")))
        if number == 40:
            tables.replace("documents", row, row["report_id"].to_list())
        versions = release.versions | {"documents": tables.version("documents") or 0}
        created = start + dt.timedelta(days=number)
        publish(folder, replace(release, number=number, versions=versions, created_at=created.isoformat()))
    return base / "data"


@pytest.fixture
def data(many: Path, tmp_path: Path) -> Path:
    shutil.copytree(many, tmp_path / "data")
    return tmp_path / "data"


def hashes(data: Path, number: int) -> dict[str, str]:
    reader = open_release(data, number)
    return {name: content_hash(name, reader.frame(name)) for name in RELEASED}


def parquet_files(data: Path, name: str) -> int:
    return len(list((data / "tables" / name).glob("*.parquet")))


def age(data: Path, days: float) -> None:
    """Make all files of the tables and of retired releases older."""
    for path in [*(data / "tables").rglob("*"), *(data / "releases").rglob("*")]:
        when = path.stat().st_mtime - days * 86_400
        os.utime(path, (when, when))


def test_many_small_releases_come_to_few_files_and_those_kept_read_the_same(data: Path) -> None:
    tag(DataFolder(data), 50, "kept")
    before = {number: hashes(data, number) for number in (50, 119, 120, 121)}
    done = run_maintain(data, Keep(last=3, days=0, monthly=False, reader_days=0), min_age_hours=0)
    assert done.compacted
    assert numbers(DataFolder(data)) == [50, 120, 121, 122]
    assert hashes(data, 122) == hashes(data, 121)
    for number in (50, 120, 121):
        assert hashes(data, number) == before[number]
    assert len(open_release(data).files("documents")) <= MOST_FILES
    for _ in range(2):
        run_maintain(data, Keep(last=1, days=0, monthly=False, reader_days=0), min_age_hours=0)
        age(data, 1)
    assert parquet_files(data, "documents") <= 60  # those of the tagged release, of 50 commits, and the current ones
    assert numbers(DataFolder(data)) == [50, 122]
    assert hashes(data, 50) == before[50]
    assert hashes(data, 122) == before[121]
    with pytest.raises(UsageError, match=r"release 120 .* was retired"):
        open_release(data, 120)
    assert verify_all(DataFolder(data)).problems == []


def test_without_kept_releases_files_and_log_are_bounded(data: Path) -> None:
    before = hashes(data, 121)
    for _ in range(3):
        run_maintain(data, Keep(last=1, days=0, monthly=False, reader_days=0), min_age_hours=0)
        age(data, 2)
    for name in RELEASED:
        assert parquet_files(data, name) <= 2 * MOST_FILES
        assert len(list((data / "tables" / name / "_delta_log").iterdir())) <= 30
    assert hashes(data, numbers(DataFolder(data))[-1]) == before


def test_whoever_opened_a_release_before_it_was_retired_reads_on(data: Path) -> None:
    reader = open_release(data, 60)
    before = {name: content_hash(name, reader.frame(name)) for name in RELEASED}
    strict = Keep(last=1, days=0, monthly=False, reader_days=2)
    for _ in range(2):
        run_maintain(data, strict, min_age_hours=0)
        assert {name: content_hash(name, reader.frame(name)) for name in RELEASED} == before
    age(data, 3)
    run_maintain(data, strict, min_age_hours=0)
    assert parquet_files(data, "documents") <= 2 * MOST_FILES
    with pytest.raises(StorageError, match=r"version \d+ is gone"):
        reader.frame("documents")


def test_what_a_killed_run_wrote_is_removed_but_nothing_young(data: Path) -> None:
    stray = data / "tables" / "documents" / "part-stray.parquet"
    half = data / "releases" / ".latest.1.new"
    for path in (stray, half):
        path.write_bytes(b"half")
    run_maintain(data, ALL)
    assert stray.exists()
    assert half.exists()
    age(data, 1)
    run_maintain(data, ALL)
    assert not stray.exists()
    assert not half.exists()
    assert len(numbers(DataFolder(data))) >= 121


def test_the_next_run_works_on_compacted_tables(data: Path, tmp_path: Path) -> None:
    run_maintain(data, Keep(last=1, days=0, monthly=False, reader_days=0), min_age_hours=0)
    summary = run_ingest([str(SAMPLES / "databox.txt")], data, submit=in_turn)
    assert summary.read == 1
    reader = open_release(data)
    assert reader.frame("reports").height == 2
    for name in RELEASED:
        assert reader.frame(name).select(TABLES[name].key).is_unique().all()


def test_missing_and_changed_files_are_named(data: Path) -> None:
    first, second = (Path(uri) for uri in open_release(data).files("lines") + open_release(data).files("figures"))
    first.unlink()
    second.write_bytes(second.read_bytes() + b"x")
    (log,) = (data / "tables" / "reports" / "_delta_log").glob("*.json")
    log.write_text("{")
    problems = "\n".join(verify_all(DataFolder(data)).problems)
    assert f"{first.name}: missing; release" in problems
    assert second.name in problems
    assert "reports: version 0" in problems


def test_the_disk_report_adds_up(data: Path) -> None:
    for _ in range(2):
        usage = disk_usage(DataFolder(data))
        whole = [path for path in data.rglob("*") if path.is_file() and path.name != "lock"]
        assert sum(part.files for part in usage) == len(whole)
        assert sum(part.bytes for part in usage) == sum(path.stat().st_size for path in whole)
        run_maintain(data, ALL)


def test_maintain_on_the_command_line(lvzhi: Command, data: Path, tmp_path: Path) -> None:
    dry = lvzhi("maintain", "--dry-run", "--keep-last", "2", "--keep-days", "0", "--data", data)
    assert "would retire 115 releases" in dry.stderr  # all but the last two and the newest of four months
    assert len(numbers(DataFolder(data))) == 121
    done = lvzhi("maintain", "--keep-last", "2", "--keep-days", "0", "--no-monthly", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "releases retired" in done.stderr
    assert pl.read_csv(done.stdout.encode())["part"].to_list()[-1] == "free on the disk"
    assert lvzhi("maintain", "--verify", "--data", data).returncode == 0
    next((data / "archive").iterdir()).unlink()
    broken = lvzhi("maintain", "--verify", "--data", data)
    assert broken.returncode == 1
    assert "1 captures lost" in broken.stdout
    nothing = lvzhi("maintain", "--data", tmp_path / "none")
    assert nothing.returncode == 1
    assert "lvzhi ingest" in nothing.stderr


def test_maintenance_before_anything_was_ingested_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="run `lvzhi ingest` first"):
        run_maintain(tmp_path / "data")
    assert not (tmp_path / "data").exists()


NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@settings(max_examples=60)
@example(ages=[100, 50], last=3, days=0, monthly=False, tagged=set())  # fewer than the rule keeps: all stay
@given(
    ages=st.lists(st.integers(0, 400), min_size=1, max_size=12),
    last=st.integers(0, 4),
    days=st.integers(0, 90),
    monthly=st.booleans(),
    tagged=st.sets(st.integers(1, 12), max_size=3),
)
def test_a_release_is_kept_by_exactly_these_rules(
    tmp_path_factory: pytest.TempPathFactory, ages: list[int], last: int, days: int, monthly: bool, tagged: set[int]
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("rules"))
    folder.releases.mkdir()
    made = sorted(NOW - dt.timedelta(days=old, hours=1) for old in ages)
    for number, when in enumerate(made, 1):
        publish(folder, Release(number, "run", when.isoformat(), "1", {}, {}))
    for number in tagged & set(range(1, len(made) + 1)):
        tag(folder, number, f"t{number}")
    gone = {release.number for release in not_kept(folder, Keep(last, days, monthly), NOW)}
    for number, when in enumerate(made, 1):
        newest = all((later.year, later.month) != (when.year, when.month) for later in made[number:])
        kept = (
            number == len(made)
            or number in tagged
            or number > len(made) - last
            or when >= NOW - dt.timedelta(days=days)
            or (monthly and newest)
        )
        assert kept == (number not in gone)
