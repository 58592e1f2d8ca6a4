"""What the tests share: the samples, one release made from them, and the command line as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from flows.pipeline import run_ingest
from flows.submit import in_turn
from storage import ReleaseReader, open_release

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "seeds" / "reports"
GOLD = ROOT / "tests" / "corpus" / "samples"
# No example has a deadline: how long it takes says nothing on a busy machine.
settings.register_profile("lvzhi", deadline=None, print_blob=True)
settings.load_profile("lvzhi")

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> ReleaseReader:
    """A release of the samples. Read only: tests that write make a folder of their own."""
    data = tmp_path_factory.mktemp("released")
    run_ingest([str(SAMPLES)], data, source_name="samples", submit=in_turn)
    return open_release(data)


@pytest.fixture(scope="session")
def lvzhi() -> Command:
    """Run the command line in a process of its own, away from settings of whoever runs the tests."""

    def run(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("LVZHI_", "PREFECT_"))}
        env = clean | options.pop("env", {})  # type: ignore[operator]
        command = [sys.executable, "-m", "flows.cli", *map(str, args)]
        return subprocess.run(
            command, capture_output=True, text=True, env=env, cwd=options.pop("cwd", ROOT), timeout=300, **options
        )  # type: ignore[call-overload, no-any-return]

    return run
