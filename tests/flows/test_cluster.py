"""Runs on a real Dask cluster of two worker processes: the rows of a local run, also when one is killed in mid-run."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from flows.backfill import run_backfill
from flows.cluster import scheduler_address, wait_seconds
from flows.pipeline import run_ingest
from flows.submit import in_turn, run_on
from schemas.errors import SourceError, UsageError
from storage import open_release
from tests.conftest import ROOT, Command
from tests.corpus.generate import write
from tests.flows.test_concurrency import tables
from tests.flows.test_prefect import server
from tests.servers import dask_cluster, free_port

__all__ = ["server"]  # a fixture
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Reports for eight batches and more."""
    monkeypatch.setattr("flows.batches.MIN_BATCH_BYTES", 5_000)
    monkeypatch.setattr("flows.batches.MAX_BATCH_BYTES", 12_000)
    return write(tmp_path / "in", 24, seed=2, paragraphs=10)


def test_a_worker_that_is_killed_in_mid_run_changes_no_row(tmp_path: Path, source: Path) -> None:
    run_ingest([str(source)], tmp_path / "local", submit=in_turn)
    with dask_cluster(tmp_path) as (address, worker):
        workers = [worker(), worker()]
        seen: list[int] = []

        def progress(stage: str, done: int, total: int) -> None:
            if stage != "process":
                return
            seen.append(total)
            if done == 1 and workers[0].poll() is None:
                _both_at_work(address)
                os.killpg(workers[0].pid, signal.SIGKILL)
                workers[0].wait()

        with run_on(address) as submit:
            _both_at_work(address)
            summary = run_ingest([str(source)], tmp_path / "data", submit=submit, progress=progress)
        assert workers[0].returncode == -signal.SIGKILL
        assert workers[1].poll() is None
    assert max(seen) >= 8
    assert summary.read == summary.found == 24
    assert tables(tmp_path / "data") == tables(tmp_path / "local")


def _both_at_work(address: str) -> None:
    """Wait until the scheduler knows two workers."""
    from distributed import Client

    with Client(scheduler_address(address), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)


def test_a_backfill_and_the_command_run_there_too(tmp_path: Path, source: Path, lvzhi: Command) -> None:
    data = tmp_path / "data"
    with dask_cluster(tmp_path) as (address, worker):
        worker()
        done = lvzhi("ingest", source, "--data", "data", "--on", address, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        before = tables(data)
        with run_on(address) as submit:
            done_again = run_backfill(data, submit=submit)
    assert (done_again.summary.found, done_again.summary.unchanged) == (24, 24)
    assert tables(data) == before
    assert open_release(data).frame("reports").height == 24


def test_a_worker_with_another_vocabulary_is_refused_also_one_that_comes_later(tmp_path: Path, source: Path) -> None:
    other = tmp_path / "other"
    for package in ("flows", "schemas", "storage"):
        shutil.copytree(ROOT / package, other / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "schemas" / "vocabulary" / "units.toml").open("a", encoding="utf-8") as vocabulary:
        vocabulary.write("\n# another version\n")
    with dask_cluster(tmp_path) as (address, worker):
        first = worker()
        with run_on(address) as submit:
            worker(code=other)
            _both_at_work(address)
            os.killpg(first.pid, signal.SIGKILL)
            with pytest.raises(UsageError, match=r"worker tcp://\S+ has vocabulary \w+ \(here \w+\); install the same"):
                run_ingest([str(source)], tmp_path / "data", submit=submit)
        with pytest.raises(UsageError, match="has vocabulary"), run_on(address):
            pytest.fail("it was not refused")


def test_the_flow_runs_its_tasks_on_the_workers(server: str, tmp_path: Path, source: Path, lvzhi: Command) -> None:
    run_ingest([str(source)], tmp_path / "local", submit=in_turn)
    env = {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    with dask_cluster(tmp_path) as (address, worker):
        worker()
        done = lvzhi("ingest", source, "--data", "data", "--on", address, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        log = (tmp_path / "worker1.log").read_text(encoding="utf-8")
    assert tables(tmp_path / "data") == tables(tmp_path / "local")
    assert "batch of" in log, "no task run on the worker"


def test_a_scheduler_that_goes_ends_the_run_with_a_word(tmp_path: Path, source: Path) -> None:
    from distributed import Client

    with dask_cluster(tmp_path) as (address, worker):
        worker()
        with Client(scheduler_address(address), set_as_default=False) as client:
            scheduler = client.run_on_scheduler(os.getpid)

        def progress(stage: str, done: int, total: int) -> None:
            if stage == "process" and done == 1:
                os.kill(scheduler, signal.SIGKILL)

        with pytest.raises(SourceError, match="the scheduler is gone"), run_on(address) as submit:
            run_ingest([str(source)], tmp_path / "data", submit=submit, progress=progress)
    assert run_ingest([str(source)], tmp_path / "data", submit=in_turn).read == 24


def test_where_nothing_answers_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(SourceError, match="no Dask scheduler answers"), run_on(f"dask://127.0.0.1:{free_port()}"):
        pytest.fail("it was not refused")


def test_without_workers_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVZHI_DASK_WAIT_SECONDS", "1")
    with dask_cluster(tmp_path) as (address, _), pytest.raises(SourceError, match="has no workers"), run_on(address):
        pytest.fail("it was not refused")


@pytest.mark.parametrize(
    "address", ["dask://", "dask://host", "tcp://host:8786", "dask://host:0", "dask://a b:1:2", "x"]
)
def test_other_addresses_are_wrong_usage(address: str) -> None:
    with pytest.raises(UsageError, match="dask://HOST:PORT"):
        scheduler_address(address)


@pytest.mark.parametrize("given", ["abc", "0", "-1", "inf", "nan"])
def test_a_wait_that_is_no_number_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LVZHI_DASK_WAIT_SECONDS", given)
    with pytest.raises(UsageError, match=f"LVZHI_DASK_WAIT_SECONDS='{given}' is no number of seconds"):
        wait_seconds()
