"""The command line: what each command prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.summary import CountMismatch, Summary
from storage import ReleaseReader, open_release
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


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM figures JOIN reports USING (report_id)",
        "SELECT ended_at - started_at AS took FROM runs",
        "SELECT histogram(statistic) AS h, list(DISTINCT unit) AS l, {'a': 1} AS s FROM figures",
        "SELECT 'a'::BLOB AS b, 1.5::DECIMAL(4,2) AS d, DATE '2024-01-01' AS day, NULL AS n",
        "SELECT 1 AS a, 2 AS a, 3 AS a_1",
    ],
)
@pytest.mark.parametrize("file_format", ["csv", "json", "table"])
def test_every_answer_of_sql_can_be_printed(lvzhi: Command, data: Path, query: str, file_format: str) -> None:
    run = lvzhi("sql", query, "--data", data, "--format", file_format)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
    if file_format == "json":
        assert json.loads(run.stdout)


def test_a_table_too_wide_for_the_terminal_is_printed_record_by_record(lvzhi: Command, data: Path) -> None:
    run = lvzhi("sql", "SELECT * FROM figures LIMIT 2", "--data", data, "--format", "table")
    assert run.stdout.count(" measure  ") == 2
    assert len(run.stdout.splitlines()) < 120


def test_the_data_folder_is_no_source_of_itself(lvzhi: Command, tmp_path: Path) -> None:
    for path in SAMPLES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for data in ("data", "."):
        first = lvzhi("ingest", tmp_path, "--data", tmp_path / data)
        assert first.returncode == 0, first.stdout
        assert "6 found = 6 read" in first.stdout
        again = lvzhi("ingest", tmp_path, "--data", tmp_path / data)
        assert "6 unchanged" in again.stdout
        assert "of the data folder passed over" in again.stdout
        assert "nothing changed" in again.stdout
        if data == "data":
            shutil.rmtree(tmp_path / data)


def test_without_a_source_and_without_seeds_it_says_what_to_name(lvzhi: Command, tmp_path: Path) -> None:
    run = lvzhi("ingest", cwd=tmp_path)
    assert run.returncode == 2
    assert "name a file, a folder, a glob, an address or a source" in run.stderr


def test_what_a_page_holds_cannot_steer_the_terminal(lvzhi: Command, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    text = (SAMPLES / "portal.txt").read_text(encoding="utf-8").replace("提案", "\x1b[31m提案", 1)
    (source / "a\x1b[31m.txt").write_text(text, encoding="utf-8")
    assert lvzhi("ingest", source, "--data", tmp_path / "data").returncode == 0
    assert "\x1b" not in lvzhi("show", "a", "--data", tmp_path / "data").stdout


@pytest.mark.slow
def test_interrupting_a_run_ends_it_with_a_word_and_the_next_completes(tmp_path: Path, lvzhi: Command) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for i in range(300):
        (source / f"{i}.txt").write_bytes((SAMPLES / "portal.txt").read_bytes() + f"\n第{i}页。".encode())
    command = [sys.executable, "-m", "flows.cli", "ingest", str(source), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    archive = tmp_path / "data" / "archive"
    while process.poll() is None and not (archive.is_dir() and list(archive.iterdir())):
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in message
    assert lvzhi("ingest", source, "--data", tmp_path / "data").returncode == 0
    statuses = open_release(tmp_path / "data").frame("runs").sort("started_at")["status"].to_list()
    assert statuses == ["interrupted", "released"]
