"""A few rounds of the crash test; `make crash` does many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.pipeline import run_ingest
from flows.submit import in_turn
from storage import open_release
from storage.digest import content_hash
from tests.conftest import SAMPLES
from tests.crash import crash


@pytest.mark.slow
def test_after_every_crash_all_that_was_released_stands() -> None:
    done = crash(6, seed=1)
    assert sum(done.values()) == 6


@pytest.mark.parametrize("half", ["", "{", '{"commitInfo":{}}\n{"add"', "\x00" * 40, "[]"])
@pytest.mark.parametrize("name", ["figures", "runs"])
def test_a_log_entry_that_was_not_written_to_its_end_is_removed_by_the_next_run(
    tmp_path: Path, name: str, half: str
) -> None:
    data = tmp_path / "data"
    run_ingest([str(SAMPLES / "portal.txt")], data, submit=in_turn)
    before = content_hash("figures", open_release(data).frame("figures"))
    log = data / "tables" / name / "_delta_log"
    last = max(int(path.stem) for path in log.glob("*.json"))
    (log / f"{last + 1:020}.json").write_text(half)
    assert content_hash("figures", open_release(data).frame("figures")) == before
    assert run_ingest([str(SAMPLES / "databox.txt")], data, submit=in_turn).changed
    assert open_release(data).frame("reports").height == 2
    for entry in log.glob("*.json"):
        assert all(json.loads(line) for line in entry.read_text().splitlines())
