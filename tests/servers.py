"""Servers for tests and benchmarks, each a process of this machine: Prefect, and a Dask cluster."""

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

import httpx

from tests.conftest import ROOT

Start = Callable[..., "subprocess.Popen[bytes]"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """Address of a Prefect server of our own, with a home of its own."""
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    env |= {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        address = f"http://127.0.0.1:{port}/api"
        try:
            _wait_for_prefect(address, process, home / "server.log")
            yield address
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def _wait_for_prefect(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        try:
            if httpx.get(f"{address}/health", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.5)
    raise AssertionError(f"no Prefect server after two minutes: {log.read_text()}")


@contextmanager
def dask_cluster(folder: Path) -> Iterator[tuple[str, Start]]:
    """A scheduler, with its address and a function that starts a worker."""
    started: list[subprocess.Popen[bytes]] = []
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LVZHI_", "PREFECT_"))}

    def start(module: str, *arguments: str, code: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{module}", *arguments]
        log = (folder / f"{module}{len(started)}.log").open("w")
        with log:
            process = subprocess.Popen(
                command, cwd=code, env=env | {"PYTHONPATH": str(code)}, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    def worker(code: Path = ROOT) -> subprocess.Popen[bytes]:
        # Without a nanny, which would start another one in place of the one that is killed.
        place = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        return start("worker", f"tcp://127.0.0.1:{port}", *place, "--local-directory", str(folder), code=code)

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        _wait_for_scheduler(port)
        yield f"dask://127.0.0.1:{port}", worker
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)


def _wait_for_scheduler(port: int) -> None:
    for _ in range(240):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise AssertionError("no scheduler after two minutes")
