"""The flow on a real Prefect server: the same tables as the direct run, a task for a batch, a summary artifact."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from polars.testing import assert_frame_equal

from schemas.tables import EXTRACTED
from storage import ReleaseReader, open_release
from tests.conftest import ROOT, SAMPLES, Command

pytestmark = pytest.mark.xdist_group("prefect")  # one server for all


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server of our own, with a home of its own."""
    home = tmp_path_factory.mktemp("prefect")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    env |= {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        address = f"http://127.0.0.1:{port}/api"
        try:
            _wait_for(address, process, home / "server.log")
            yield address
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        try:
            if httpx.get(f"{address}/health", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.5)
    pytest.fail(f"no Prefect server after two minutes: {log.read_text()}")


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """What the server answers; it is asked again while SQLite, under several runs at once, has it answer 503."""
    for _ in range(60):
        answer = httpx.request(method, url, json=body, timeout=60, trust_env=False)
        if answer.status_code < 500:
            break
        time.sleep(1)
    assert answer.is_success, f"{answer.status_code}: {answer.text}"
    return answer.json()


def post(server: str, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    return list(ask("POST", f"{server}/{path}", body))


def test_the_flow_writes_the_same_tables_as_the_direct_run(
    server: str, lvzhi: Command, tmp_path: Path, released: ReleaseReader
) -> None:
    data = tmp_path / "data"
    env = {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    run = lvzhi("ingest", SAMPLES, "--data", data, "--source", "samples", env=env)
    assert run.returncode == 0, run.stderr
    assert "6 found = 6 read" in run.stdout
    flowed = open_release(data)
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(flowed.frame(name).drop(volatile), released.frame(name).drop(volatile))

    (flow_run,) = post(server, "flow_runs/filter", {})
    assert flow_run["state"]["type"] == "COMPLETED"
    assert flow_run["parameters"]["sources"] == [str(SAMPLES)]
    assert len(post(server, "task_runs/filter", {})) == 1
    (artifact,) = post(server, "artifacts/filter", {"artifacts": {"key": {"any_": ["ingest-summary"]}}})
    assert "6 found = 6 read + 0 unchanged + 0 quarantined" in artifact["data"]
    assert flowed.release.run_id in artifact["description"]


def test_several_batches_are_several_tasks_with_the_same_rows(
    server: str, tmp_path: Path, released: ReleaseReader
) -> None:
    before = len(post(server, "task_runs/filter", {}))
    script = (
        "import flows.pipeline as p; p.MAX_BATCH_BYTES = 4000\n"
        "from flows.ingest import ingest\n"
        f"if __name__ == '__main__': ingest([{str(SAMPLES)!r}], {str(tmp_path / 'data')!r}, 'samples')\n"
    )
    (tmp_path / "run.py").write_text(script)
    env = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    run = subprocess.run(
        [sys.executable, tmp_path / "run.py"], env=env, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    flowed = open_release(tmp_path / "data")
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(flowed.frame(name).drop(volatile), released.frame(name).drop(volatile))
    assert len(post(server, "task_runs/filter", {})) - before > 1


def test_a_server_that_does_not_answer_is_named(lvzhi: Command, tmp_path: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path / "home")}
    run = lvzhi("ingest", SAMPLES, "--data", tmp_path / "data", env=env)
    assert run.returncode == 3
    assert "PREFECT_API_URL=http://127.0.0.1:9/api" in run.stderr
    assert not (tmp_path / "data").exists()


@contextmanager
def served(server: str, folder: Path, cron: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`deploy/serve.py` on the samples while the block runs, and its log."""
    env = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(folder / "home"), "NO_PROXY": "127.0.0.1"}
    serve = [sys.executable, ROOT / "deploy" / "serve.py", SAMPLES, "--data", folder / "data", "--cron", cron]
    path = folder / "serve.log"
    with path.open("w") as log:
        process = subprocess.Popen(serve, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process, path
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def until(process: subprocess.Popen[bytes], log: Path, look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something; fails after two and a half minutes, or when the process ended."""
    for _ in range(150):
        if found := look():
            return found
        assert process.poll() is None, log.read_text()
        time.sleep(1)
    pytest.fail(f"nothing after two and a half minutes: {log.read_text()}")


def test_the_served_deployment_has_its_schedule_and_runs_by_hand(server: str, tmp_path: Path) -> None:
    with served(server, tmp_path, "0 6 * * *") as (process, log):
        (deployment,) = until(process, log, lambda: post(server, "deployments/filter", {}))
        assert [schedule["schedule"]["cron"] for schedule in deployment["schedules"]] == ["0 6 * * *"]
        create = f"{server}/deployments/{deployment['id']}/create_flow_run"
        run = ask("POST", create, {})["id"]

        def ended() -> str:
            state = str(ask("GET", f"{server}/flow_runs/{run}")["state"]["type"])
            return state if state in ("COMPLETED", "FAILED", "CRASHED") else ""

        assert until(process, log, ended) == "COMPLETED", log.read_text()
    assert open_release(tmp_path / "data").frame("reports").height == len(list(SAMPLES.iterdir()))


def test_a_schedule_makes_runs_by_itself(server: str, tmp_path: Path) -> None:
    completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    with served(server, tmp_path, "* * * * *") as (process, log):
        until(process, log, lambda: [r for r in post(server, "flow_runs/filter", completed) if r["auto_scheduled"]])
    assert open_release(tmp_path / "data").frame("reports").height == len(list(SAMPLES.iterdir()))
