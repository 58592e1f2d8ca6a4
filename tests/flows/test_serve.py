"""`lvzhi serve` on real servers: a run fires by itself, its worker is killed, the next one completes; Ctrl-C ends all."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage import open_release
from tests import web
from tests.conftest import ROOT
from tests.flows.test_prefect import post, until
from tests.web import Site, report, served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
PAGES = 12


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own; its address for Prefect."""
    programs = POSTGRES[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="lvzhi-pg-"))
    user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
    if user:
        shutil.chown(folder, user)
    port, data = free_port(), folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "lvzhi", "-A", "trust"], user=user, check=True, capture_output=True
    )
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, user=user, stdout=log, stderr=log)
    try:
        ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
        for _ in range(120):
            if subprocess.run(ready, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)
        create = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "lvzhi", "prefect"]
        subprocess.run(create, check=True, capture_output=True)
        yield f"postgresql+asyncpg://lvzhi@127.0.0.1:{port}/prefect"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they did."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    listed = [int(child) for child in children.read_text().split()] if children.exists() else []
    return listed + [below for child in listed for below in descendants(child)]


@contextmanager
def serving(folder: Path, env: dict[str, str], port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`lvzhi serve` while the block runs, and its log."""
    path = folder / f"serve-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "flows.cli", "serve", "--data", str(folder / "data"), "--port", str(port)]
    with path.open("w") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process, path
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=120)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_schedule_fires_a_worker_is_killed_and_the_next_run_completes(database: str, tmp_path: Path) -> None:
    if database == "postgresql" and not POSTGRES:
        pytest.skip("no PostgreSQL on this machine")
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LVZHI_"))}
    env |= {"PREFECT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "LVZHI_SEEDS": str(tmp_path / "seeds")}
    env |= {"NO_PROXY": "127.0.0.1", "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    site = Site({f"/{n}.html": web.slow(0.5, web.tagged(report("武汉市", 2000 + n, 150 + n))) for n in range(PAGES)})
    (tmp_path / "seeds" / "sources").mkdir(parents=True)
    with served(site), postgres() if database == "postgresql" else _nothing() as address:
        if address:
            env["PREFECT_API_DATABASE_CONNECTION_URL"] = address
        listed = ", ".join(f'"{site.url(path)}"' for path in site.routes)
        (tmp_path / "seeds" / "sources" / "town.toml").write_text(
            f'kind = "page"\naddresses = [{listed}]\nschedule = "* * * * *"\n'
            '[politeness]\ndelay = 0\nprivate = ["127.0.0.1/32"]\n',
            encoding="utf-8",
        )
        with serving(tmp_path, env, port) as (process, log):
            until(process, log, lambda: len(site.asked()) >= 3)
            # The worker and its run die at once; the Prefect server, in a session of its own, is ended as a person would.
            started = descendants(process.pid)
            (server,) = [pid for pid in started if b"server" in Path(f"/proc/{pid}/cmdline").read_bytes()][:1]
            for pid in [process.pid, *(pid for pid in started if pid not in [server, *descendants(server)])]:
                os.kill(pid, signal.SIGKILL)
            process.wait()
            before = len(site.asked())
            os.killpg(server, signal.SIGTERM)
            _wait_until_gone(port)
        assert before < PAGES
        with serving(tmp_path, env, port) as (process, log):
            completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
            done = until(process, log, lambda: _up(api) and post(api, "flow_runs/filter", completed))
            assert done[0]["auto_scheduled"]
            crashed = post(api, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["CRASHED"]}}}})
            assert [run["state"]["message"] for run in crashed] == [
                "its worker is gone; the next run goes on where it was"
            ]
            keys = {artifact["key"] for artifact in post(api, "artifacts/filter", {})}
            assert keys >= {"ingest-summary", "freshness"}
            (automation,) = post(api, "automations/filter", {})
            assert automation["enabled"]
            (deployment,) = [d for d in post(api, "deployments/filter", {}) if d["name"] == "town"]
            assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
            shown = deployment["parameter_openapi_schema"]["properties"]
            assert all(shown[name].get("description") for name in ("sources", "data", "source_name"))
        assert process.returncode == 0, "Ctrl-C ends it cleanly"
        _wait_until_gone(port)
        fetched = Counter(asked.path for asked in site.log if "if-none-match" not in asked.headers)
        assert set(fetched) == {"/robots.txt", *site.routes}, "nothing lost"
        assert sum(count - 1 for count in fetched.values()) <= 1, "nothing twice, but what was under way"
    assert open_release(tmp_path / "data").frame("reports").height == PAGES


@contextmanager
def _nothing() -> Iterator[str]:
    yield ""


def _up(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _wait_until_gone(port: int) -> None:
    for _ in range(120):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.5)
    pytest.fail("the Prefect server is still there")
