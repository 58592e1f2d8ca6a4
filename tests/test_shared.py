"""Real reports, where they lie beside the project: the floors of the score hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Command
from tests.floors import FLOORS

SHARED = ROOT.parent / "shared"


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="no real reports beside the project")
def test_the_score_on_real_reports_is_above_its_floors(lvzhi: Command, tmp_path: Path) -> None:
    assert lvzhi("ingest", SHARED / "seeds", "--data", tmp_path / "data").returncode == 0
    assert lvzhi("export", tmp_path / "out", "--data", tmp_path / "data").returncode == 0
    command = [sys.executable, SHARED / "score.py", tmp_path / "out", SHARED / "gold", "--json"]
    score = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {name: value for name, value in score.items() if value < FLOORS.get(name, 0)} == {}
