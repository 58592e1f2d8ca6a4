"""The archive through today's code: what a backfill changes, and that the tables are what the archive and the code make of them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flows.backfill
import flows.inputs
import flows.process
from flows.backfill import Selection, run_backfill
from flows.gate import Acceptance
from flows.pipeline import run_ingest
from flows.process import Batch, Processed
from flows.rebuild import run_rebuild
from flows.run import RELEASED
from flows.submit import in_turn
from schemas.checks import DATASET, of_ring
from schemas.errors import DataError, StorageError, UsageError
from schemas.tables import EXTRACTED
from storage import open_release
from storage.diff import differences
from storage.digest import content_hash
from storage.folder import DataFolder
from storage.releases import numbers
from storage.tables import Tables
from tests.conftest import SAMPLES, Command

# Pages come and go in these tests as they do not in life.
ANYTHING = Acceptance(tuple(rule.name for rule in of_ring(DATASET)), "a test")


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the run's own comes after it."""


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two sources."""
    base = tmp_path_factory.mktemp("backfill")
    for source, names in (("甲", ("portal.txt", "databox.txt")), ("乙", ("wrapped.txt",))):
        (base / source).mkdir()
        for name in names:
            shutil.copy(SAMPLES / name, base / source)
        run_ingest([str(base / source)], base / "data", source_name=source, submit=in_turn)
    return base / "data"


@pytest.fixture
def data(ingested: Path, tmp_path: Path) -> Path:
    shutil.copytree(ingested, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that reads the confidence of people in another way, under a version of its own."""
    figure = flows.process._figure

    def changed(*args: Any) -> dict[str, Any]:
        row = figure(*args)
        return row | ({"confidence": 0.125} if row["unit"] == "名" else {})

    monkeypatch.setattr(flows.process, "_figure", changed)
    monkeypatch.setattr(flows.inputs, "code_version", lambda: "another")


def hashes(data: Path) -> dict[str, str]:
    reader = open_release(data)
    return {name: content_hash(name, reader.frame(name)) for name in RELEASED}


def backfill(data: Path, **selection: Any) -> Any:
    return run_backfill(data, Selection(**selection), accept=ANYTHING, submit=in_turn)


def test_a_backfill_by_the_same_code_changes_nothing(data: Path) -> None:
    versions = {name: Tables(DataFolder(data)).version(name) for name in RELEASED}
    summary = backfill(data).summary
    assert (summary.found, summary.unchanged, summary.changed) == (3, 3, False)
    assert {name: Tables(DataFolder(data)).version(name) for name in RELEASED} == versions
    assert not list((data / "staging").iterdir())


def test_other_code_replaces_the_reports_that_it_reads_in_another_way(data: Path, other_code: None) -> None:
    before = open_release(data)
    touched = set(before.frame("figures").filter(pl.col("unit") == "名")["report_id"])
    assert 0 < len(touched) < 3
    summary = backfill(data).summary
    assert (summary.read, summary.unchanged) == (len(touched), 3 - len(touched))
    after = open_release(data)
    assert after.release.flow == "backfill"
    changed = after.frame("figures").filter(pl.col("unit") == "名")["confidence"]
    assert changed.unique().to_list() == [0.125]
    rewritten = after.frame("reports").filter(pl.col("run_id") == after.release.run_id)["report_id"]
    assert set(rewritten) == touched
    assert not backfill(data).summary.changed


def test_a_dry_run_commits_nothing_and_tells_what_the_backfill_then_does(data: Path, other_code: None) -> None:
    promised = run_backfill(data, dry_run=True, submit=in_turn)
    assert promised.changes is not None
    assert numbers(DataFolder(data)) == [1, 2]
    assert promised.summary.release == 2
    assert set(promised.changes.filter(pl.col("table") == "figures")["causes"]) == {"code"}
    assert set(promised.changes["causes"]) <= {"code", "others"}
    backfill(data)
    done = pl.concat(differences(open_release(data, 2), open_release(data, 3)))
    assert done.to_dicts() == promised.changes.to_dicts()
    assert done.height


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_backfill_that_ends_first_takes_nothing_from_one_of_the_same_reports(
    data: Path, other_code: None, dry_run: bool
) -> None:
    """Both keep what batches give under the same names."""

    def submit(function: Callable[[Batch], Processed], batches: Iterable[Batch]) -> Iterator[Processed]:
        results = [function(batch) for batch in batches]
        run_backfill(data, accept=ANYTHING, submit=in_turn)
        yield from results

    done = run_backfill(data, dry_run=dry_run, accept=ANYTHING, submit=submit)
    assert done.summary.found == 3
    assert not backfill(data).summary.changed
    assert not list((data / "staging").iterdir())


def test_reports_are_selected_by_source_id_day_and_rule(data: Path, other_code: None) -> None:
    reports = open_release(data).frame("reports")
    ours = reports.filter(pl.col("source") == "乙")["report_id"].to_list()
    today = open_release(data).frame("captures")["captured_at"].dt.date().max()
    assert isinstance(today, dt.date)
    assert backfill(data, sources=("乙",)).summary.found == 1
    assert backfill(data, reports=(ours[0][:9],)).summary.found == 1
    assert backfill(data, since=today - dt.timedelta(1), until=today).summary.found == 3
    assert backfill(data, sources=("甲",), since=today - dt.timedelta(1)).summary.found == 2
    rules = open_release(data).frame("figures").group_by("rule").agg(pl.col("report_id").n_unique())
    rule, count = rules.sort("report_id", "rule").row(0)
    assert backfill(data, rule=rule).summary.found == count
    for nothing in ({"sources": ("丙",)}, {"until": today - dt.timedelta(2)}, {"rule": "none"}, {"reports": ("x",)}):
        with pytest.raises(UsageError, match="no report is selected by"):
            backfill(data, **nothing)


def test_without_a_release_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="run `lvzhi ingest` first"):
        backfill(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_backfill_that_was_stopped_goes_on_where_it_was(
    data: Path, other_code: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.backfill, "BATCH_BYTES", 1)
    seen: list[str] = []

    def stops(after: int) -> Callable[..., Iterator[Processed]]:
        def submit(function: Callable[[Batch], Processed], batches: list[Batch]) -> Iterator[Processed]:
            for number, batch in enumerate(batches):
                if number == after:
                    raise KeyboardInterrupt
                seen.extend(capture.report_id for capture in batch.captures)
                yield function(batch)

        return submit

    with pytest.raises(KeyboardInterrupt):
        run_backfill(data, submit=stops(2))
    assert len(seen) == 2
    assert numbers(DataFolder(data)) == [1, 2]
    assert run_backfill(data, submit=stops(9)).summary.changed
    assert len(seen) == len(set(seen)) == 3
    reader = open_release(data)
    assert set(reader.frame("figures").filter(pl.col("confidence") == 0.125)["run_id"]) == {reader.release.run_id}
    assert reader.frame("runs").sort("started_at")["status"].to_list()[-2:] == ["interrupted", "released"]


def test_a_page_that_was_captured_again_meanwhile_keeps_its_later_rows(
    data: Path, tmp_path: Path, other_code: None
) -> None:
    """An ingest ends while the backfill is at work on the capture before."""
    source = tmp_path / "甲"
    source.mkdir()
    shutil.copy(SAMPLES / "databox.txt", source / "portal.txt")

    def slow(function: Callable[[Batch], Processed], batches: list[Batch]) -> Iterator[Processed]:
        results = [function(batch) for batch in batches]
        run_ingest([str(source)], data, source_name="甲", submit=in_turn)
        yield from results

    summary = run_backfill(data, submit=slow).summary
    assert summary.found == summary.read + summary.unchanged
    reader = open_release(data)
    report = reader.frame("reports").filter(pl.col("source_uri") == "portal.txt").row(0, named=True)
    latest = reader.frame("captures").filter(pl.col("report_id") == report["report_id"]).sort("captured_at")
    assert report["capture_id"] == latest["capture_id"][-1]
    assert latest.height == 2
    assert_as_rebuilt(data, tmp_path)


def test_a_folder_that_lost_its_tables_is_made_anew_from_its_archive(data: Path) -> None:
    before = hashes(data)
    with pytest.raises(UsageError, match="has its tables"):
        run_rebuild(data, submit=in_turn)
    shutil.rmtree(data / "tables")
    shutil.rmtree(data / "releases")
    archive = sorted(path.name for path in (data / "archive").iterdir())
    summary, damaged = run_rebuild(data, submit=in_turn)
    assert (summary.read, damaged) == (3, {})
    assert hashes(data) == before
    assert sorted(path.name for path in (data / "archive").iterdir()) == archive


def test_an_ingest_into_a_folder_that_lost_its_tables_leaves_its_archive(data: Path, tmp_path: Path) -> None:
    shutil.rmtree(data / "tables")
    shutil.rmtree(data / "releases")
    archive = {path.name for path in (data / "archive").iterdir()}
    run_ingest([str(SAMPLES / "epaper.txt")], data, submit=in_turn)
    assert archive <= {path.name for path in (data / "archive").iterdir()}


def test_a_torn_archive_is_rebuilt_but_for_the_torn_record(data: Path) -> None:
    shutil.rmtree(data / "tables")
    shutil.rmtree(data / "releases")
    torn = min((data / "archive").iterdir())
    torn.write_bytes(torn.read_bytes()[:-30])
    summary, damaged = run_rebuild(data, submit=in_turn)
    assert list(damaged) == [torn.name]
    assert summary.read == 2


def test_a_capture_that_the_archive_lost_is_named_and_its_report_keeps_its_rows(data: Path, other_code: None) -> None:
    before = hashes(data)
    for path in (data / "archive").iterdir():
        path.write_bytes(b"\0" * path.stat().st_size)
    summary = backfill(data).summary
    assert (summary.lost, summary.read, summary.unchanged, summary.exit_status) == (3, 0, 0, 1)
    assert "3 not readable in the archive" in dict(summary.rows())["files"]
    assert hashes(data) == before


def test_backfill_and_diff_on_the_command_line(lvzhi: Command, data: Path) -> None:
    assert "3 found = 0 read + 3 unchanged" in lvzhi("backfill", "--data", data).stdout
    assert lvzhi("backfill", "--dry-run", "--data", data).stdout == "nothing differs\n"
    wrong = lvzhi("backfill", "--source", "丙", "--data", data)
    assert wrong.returncode == 2
    assert "丙" in wrong.stderr
    assert lvzhi("backfill", "--since", "yesterday", "--data", data).returncode == 2
    text = lvzhi("diff", "1", "2", "--data", data)
    assert "reports           1 added because of source (1)" in text.stdout
    assert lvzhi("diff", "2", "2", "--data", data).stdout == "nothing differs\n"
    rows = pl.read_csv(lvzhi("diff", "1", "2", "--data", data, "--format", "csv", "--table", "figures").stdout.encode())
    assert set(rows["change"]) == {"added"}
    assert lvzhi("diff", "1", "3", "--data", data).returncode == 2
    assert lvzhi("diff", "1", "2", "--data", data, "--table", "figure").returncode == 2


# The proof: whatever arrives in whatever order, whatever fails and is done again, the tables are those that the archive alone gives.

PAGES = {f"{i}.txt": name for i, name in enumerate(("portal.txt", "mirror.txt", "wrapped.txt", "portal_gb18030.html"))}
TEXTS = {
    name: [data, data.replace("提案".encode(), "议案".encode(), 1), data + "\n视察3次。".encode(), b"no report", b""]
    for name, data in ((name, (SAMPLES / name).read_bytes()) for name in PAGES.values())
}
MOMENTS = ("captures", "reports", "figures", "quarantine", "publish")
steps = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(sorted(PAGES)), st.integers(0, 4)),
    st.tuples(st.just("remove"), st.sampled_from(sorted(PAGES)), st.just(0)),
    st.tuples(st.just("ingest"), st.sampled_from(["", *MOMENTS]), st.just(0)),
    st.tuples(st.just("backfill"), st.sampled_from(["", *MOMENTS]), st.just(0)),
)


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=3, max_size=8))
def test_the_tables_are_what_the_archive_and_the_code_make_of_them(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, str, int]]
) -> None:
    base = tmp_path_factory.mktemp("history")
    source, data = base / "in", base / "data"
    source.mkdir()
    for step, argument, number in [("write", "0.txt", 0), ("ingest", "", 0), *history, ("ingest", "", 0)]:
        if step == "write":
            (source / argument).write_bytes(TEXTS[PAGES[argument]][number])
        elif step == "remove":
            (source / argument).unlink(missing_ok=True)
        elif any(source.iterdir()):
            with killed_at(argument):
                if step == "ingest":
                    run_ingest([str(source)], data, source_name="s", accept=ANYTHING, submit=in_turn)
                else:
                    backfill(data)
    assert_as_rebuilt(data, base)


class killed_at:  # noqa: N801 - used as a word
    """Kill what runs inside at its next commit of a table, and let it take nothing back."""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        if not self.moment:
            return
        replace, append = Tables.replace, Tables.append

        def dying(function: Callable[..., int]) -> Callable[..., int]:
            def call(tables: Tables, name: str, *args: Any, **kwargs: Any) -> int:
                if name == self.moment:
                    raise Killed
                return function(tables, name, *args, **kwargs)

            return call

        def die(*args: object) -> None:
            raise Killed

        self.patch.setattr(Tables, "replace", dying(replace))
        self.patch.setattr(Tables, "append", dying(append))
        self.patch.setattr("flows.run.Run._fail", lambda *args: None)
        if self.moment == "publish":
            self.patch.setattr("flows.run.publish", die)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self.patch.undo()
        return kind is Killed


def settle(data: Path) -> None:
    """Backfill until nothing changes: what a site repeats is counted anew with each release."""
    for _ in range(6):
        if not backfill(data).summary.changed:
            return
    pytest.fail("six backfills, one after the other, each changed something")


def assert_as_rebuilt(data: Path, base: Path) -> None:
    settle(data)
    rebuilt = base / "rebuilt"
    shutil.copytree(data / "archive", rebuilt / "archive")
    run_rebuild(rebuilt, accept=ANYTHING, submit=in_turn)
    settle(rebuilt)
    assert hashes(data) == hashes(rebuilt)
    for name in EXTRACTED:
        assert open_release(data).frame(name).height == open_release(rebuilt).frame(name).height


def test_a_full_disk_in_a_backfill_leaves_the_release(
    data: Path, other_code: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def full(*args: object, **kwargs: object) -> None:
            raise StorageError("the disk is full")

        patch.setattr(Tables, "append", full)
        patch.setattr("flows.run.publish", full)
        with pytest.raises(StorageError):
            backfill(data)
    assert numbers(DataFolder(data)) == [1, 2]
    assert backfill(data).summary.changed
