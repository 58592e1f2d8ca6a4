"""`lvzhi serve`: a Prefect server, the deployments of all sources, and a worker that runs what falls due; Ctrl-C ends all.

1. server       the one of PREFECT_API_URL; without it one of our own, on SQLite, or on PostgreSQL where
                PREFECT_API_DATABASE_CONNECTION_URL says so
2. left runs    runs of an earlier worker that was killed are closed, so that they hold no slot
3. zombies      an automation closes runs whose heartbeat stops
4. deployments  `ingest/NAME` for each enabled source by its schedule, `maintain/nightly`; by hand the others and `backfill`
5. worker       one run at a time; a run that falls due while the same one is at work is cancelled
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from flows.gather import sources_folder
from flows.seeds import SETTING, seeds_folder
from schemas.errors import SourceError
from schemas.sources import load_sources

# Seconds between signs of life of a run; three that are missed in a row make it a zombie.
HEARTBEAT_SECONDS = 30
# A new database under load takes minutes; a server that ended is told at once.
START_SECONDS = 300
# No word to anybody outside.
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
ZOMBIES = "lvzhi: runs without a sign of life"


def serve_all(data: str, host: str, port: int) -> None:
    """Serve until a signal ends it.

    Args:
        data: the data folder.
        host, port: where a server of our own listens.

    Raises:
        SourceError: no server answers.
        SourceFileError: a source file is wrong.
    """
    sources = list(load_sources(sources_folder()).values())
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", str(HEARTBEAT_SECONDS))
    os.environ.update(QUIET)
    # Runs are in folders of Prefect's choice, so that paths must not depend on where they are.
    os.environ[SETTING] = str(seeds_folder().absolute())
    with _server(host, port):
        from prefect import serve

        from flows.deployments import close_left_runs, deployments, ensure_zombie_automation

        made = deployments(sources, _absolute(data))
        close_left_runs([f"{deployment.flow_name}/{deployment.name}" for deployment in made])
        ensure_zombie_automation(ZOMBIES, HEARTBEAT_SECONDS)
        signal.signal(signal.SIGTERM, _interrupt)
        with contextlib.suppress(KeyboardInterrupt):
            serve(*made, limit=1, pause_on_shutdown=False)


def _absolute(data: str) -> str:
    """A data folder as runs find it from wherever they are."""
    return data if "://" in data else str(Path(data).absolute())


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _server(host: str, port: int) -> Iterator[None]:
    """A Prefect server while the block runs; PREFECT_API_URL is set within it."""
    if address := os.environ.get("PREFECT_API_URL"):
        _wait_for(address, None)
        yield
        return
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
    # A session of its own: Ctrl-C reaches this process alone, which ends runs first and the server last.
    process = subprocess.Popen(command, start_new_session=True)
    try:
        address = f"http://{host}:{port}/api"
        _wait_for(address, process)
        os.environ["PREFECT_API_URL"] = address
        yield
    finally:
        _end(process)


def _wait_for(address: str, process: subprocess.Popen[bytes] | None) -> None:
    """Wait until a server answers.

    Raises:
        SourceError: it does not.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address.rstrip('/')}/health", timeout=5, trust_env=False).is_success:
                return
        if process is not None and process.poll() is not None:
            raise SourceError(
                f"the Prefect server ended with status {process.returncode}; see above, or use another --port"
            )
        time.sleep(0.5)
    raise SourceError(f"no Prefect server answers at {address} after {START_SECONDS} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and all that it started."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
