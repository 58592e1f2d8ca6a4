"""The command line: what each command prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows.summary import CountMismatch, Summary
from storage import ReleaseReader
from tests.conftest import ROOT, SAMPLES, Command


@pytest.fixture(scope="module")
def data(released: ReleaseReader) -> Path:
    return released.folder.root


def test_status_tells_runs_release_sources_and_quarantine(lvzhi: Command, data: Path) -> None:
    run = lvzhi("status", "--data", data)
    assert run.returncode == 0
    for word in ("last runs", "released", "release 1 of", "figures", "samples", "quarantine is empty"):
        assert word in run.stdout


def test_show_prints_every_line_with_its_label_and_figures_in_place(lvzhi: Command, data: Path) -> None:
    run = lvzhi("show", "databox.txt", "--data", data)
    assert run.returncode == 0
    assert "政协绵阳市委员会" in run.stdout
    assert "proposals.submitted" in run.stdout
    assert "510700" in run.stdout


def test_show_takes_an_id_a_part_of_a_title_and_refuses_what_is_not_one_report(
    lvzhi: Command, data: Path, released: ReleaseReader
) -> None:
    reports = released.frame("reports")
    assert lvzhi("show", reports["report_id"][0], "--data", data).returncode == 0
    assert lvzhi("show", reports["title"][0][:12], "--data", data).returncode == 0
    several = lvzhi("show", ".txt", "--data", data)
    assert several.returncode == 2
    assert "5 reports go by '.txt'" in several.stderr
    assert lvzhi("show", "no such report", "--data", data).returncode == 2


def test_sql_answers_in_the_format_that_is_asked_for(lvzhi: Command, data: Path) -> None:
    query = "SELECT division_code, count(*) AS n FROM reports JOIN figures USING (report_id) GROUP BY 1 ORDER BY 1"
    rows = list(csv.DictReader(io.StringIO(lvzhi("sql", query, "--data", data).stdout)))
    assert len(rows) == 6
    assert rows == [
        {key: str(value) for key, value in row.items()}
        for row in json.loads(lvzhi("sql", query, "--data", data, "--format", "json").stdout)
    ]
    assert "division_code" in lvzhi("sql", query, "--data", data, "--format", "table").stdout


def test_a_wrong_query_is_wrong_usage_with_the_reason(lvzhi: Command, data: Path) -> None:
    run = lvzhi("sql", "SELECT nothing FROM figures", "--data", data)
    assert run.returncode == 2
    assert "nothing" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", [["status"], ["show", "x"], ["sql", "SELECT 1"], ["export", "out"]])
def test_reading_before_anything_was_ingested_says_what_to_do(
    lvzhi: Command, tmp_path: Path, command: list[str]
) -> None:
    run = lvzhi(*command, "--data", tmp_path / "data", cwd=tmp_path)
    assert run.returncode == 1
    assert "lvzhi ingest" in run.stderr
    assert not (tmp_path / "data").exists()


def test_data_and_seeds_are_found_by_settings(lvzhi: Command, tmp_path: Path) -> None:
    env = {"LVZHI_DATA": str(tmp_path / "here"), "LVZHI_SEEDS": str(SAMPLES.parent)}
    assert lvzhi("ingest", cwd=tmp_path, env=env).returncode == 0
    assert (tmp_path / "here" / "releases" / "latest").read_text() == "1\n"


def test_folder_file_and_glob_are_one_source_with_the_same_reports(lvzhi: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "6 read" in lvzhi("ingest", SAMPLES, "--data", data).stdout
    for name in (SAMPLES / "portal.txt", SAMPLES / "*.html", SAMPLES):
        again = lvzhi("ingest", name, "--data", data)
        assert again.returncode == 0
        assert "0 read" in again.stdout
        assert "nothing changed" in again.stdout


def test_files_of_one_name_in_two_folders_are_two_reports(lvzhi: Command, tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / year / "reports").mkdir(parents=True)
        (tmp_path / year / "reports" / "a.txt").write_bytes((SAMPLES / "portal.txt").read_bytes())
        run = lvzhi("ingest", tmp_path / year / "reports", "--data", tmp_path / "data")
        assert "1 read" in run.stdout
    count = lvzhi("sql", "SELECT count(*) AS n FROM reports", "--data", tmp_path / "data")
    assert count.stdout == "n\n2\n"


def test_hidden_files_are_passed_over_and_counted(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "in" / ".cache").mkdir(parents=True)
    (tmp_path / "in" / ".cache" / "x.txt").write_text("x")
    (tmp_path / "in" / "a.txt").write_bytes((SAMPLES / "portal.txt").read_bytes())
    run = lvzhi("ingest", tmp_path / "in", "--data", tmp_path / "data")
    assert run.returncode == 0
    assert "(1 hidden passed over)" in run.stdout


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(data: Path) -> None:
    command = f"{sys.executable} -m flows.cli show databox --data {data} | head -n 1"
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in run.stderr


def test_counts_that_do_not_add_up_fail_the_run() -> None:
    with pytest.raises(CountMismatch, match="numerals: 3 is not 2"):
        Summary(numerals=3, figures=1, ignored=1).check()
    with pytest.raises(CountMismatch, match="files: 2 is not 1"):
        Summary(found=2, read=1).check()
