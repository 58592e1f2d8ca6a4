"""Bad input and bad disks: a clear message with path and remedy, the exit status of the design, nothing lost."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.clean import CleanPage, clean
from flows.extract import Extract, extract
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.tables import EXTRACTED, TABLES
from storage import ReleaseReader, open_release
from tests.conftest import ROOT, SAMPLES, Command
from tests.pdfs import LOCKED, pdf

GOOD = SAMPLES / "portal.txt"

BAD = {
    "empty.txt": (b"", "empty"),
    "binary.txt": (bytes(range(256)) * 64, "binary"),
    "paper.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "damaged_pdf"),
    "scan.pdf": (pdf([[]], picture=True), "scanned_pdf"),
    "locked.pdf": (pdf([[]], encrypt=LOCKED), "encrypted_pdf"),
    "english.txt": (b"The committee received 3551 proposals last year.\n" * 40, "not_chinese"),
    "undecodable.txt": (b"\x81\x20\xff\xfe\x80\x20" * 700, "undecodable"),
    "novel.txt": (("那年冬天，他第三次来到江边，风雪正紧，渡口空无一人。" * 30).encode(), "not_cppcc"),
}  # fmt: skip


def no_release_lost(data: Path) -> ReleaseReader:
    """The current release, after all of its tables were read and counted."""
    reader = open_release(data)
    for name, rows in reader.release.rows.items():
        assert reader.frame(name).height == rows
    return reader


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_set_aside_by_its_rule_and_the_good_one_is_read(
    lvzhi: Command, tmp_path: Path, name: str
) -> None:
    content, rule = BAD[name]
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    (source / name).write_bytes(content)
    shutil.copy(GOOD, source)
    run = lvzhi("ingest", source, "--data", data)
    assert run.returncode == 1, run.stderr
    assert "2 found = 1 read + 0 unchanged + 1 quarantined" in run.stdout
    assert f"1 {rule}" in run.stdout
    reader = no_release_lost(data)
    (row,) = reader.frame("quarantine").to_dicts()
    assert row["rule"] == rule
    assert name in row["reason"]
    assert ";" in row["reason"]
    assert reader.frame("captures").filter(pl.col("capture_id") == row["capture_id"])["bytes"].item() == len(content)
    again = lvzhi("ingest", source, "--data", data)
    assert again.returncode == 0
    assert "2 unchanged" in again.stdout
    assert "1 of the unchanged are in quarantine" in again.stdout


def test_a_file_that_was_mended_leaves_quarantine_with_the_run_that_settled_it(lvzhi: Command, tmp_path: Path) -> None:
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    report = source / "report.txt"
    report.write_bytes(b"")
    assert lvzhi("ingest", source, "--data", data).returncode == 1
    shutil.copy(GOOD, report)
    assert lvzhi("ingest", source, "--data", data).returncode == 0
    reader = no_release_lost(data)
    (row,) = reader.frame("quarantine").to_dicts()
    assert row["resolved_by_run"] == reader.release.run_id
    assert reader.frame("reports").height == 1
    assert reader.frame("captures").height == 2


def test_a_report_that_turned_bad_loses_its_rows_but_not_its_history(lvzhi: Command, tmp_path: Path) -> None:
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    report = source / "report.txt"
    shutil.copy(GOOD, report)
    assert lvzhi("ingest", source, "--data", data).returncode == 0
    report.write_bytes(b"")
    assert lvzhi("ingest", source, "--data", data).returncode == 1
    reader = no_release_lost(data)
    assert reader.frame("reports").is_empty()
    assert open_release(data, 1).frame("figures").height > 0


def test_fifty_megabytes_in_one_line_are_set_aside_at_once(lvzhi: Command, tmp_path: Path) -> None:
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    shutil.copy(GOOD, source)
    with (source / "long.txt").open("wb") as file:
        file.write("市政协收到提案1件，".encode() * (50_000_000 // 28))
    run = lvzhi("ingest", source, "--data", data)
    assert run.returncode == 1
    assert "1 too_large" in run.stdout
    (row,) = no_release_lost(data).frame("quarantine").to_dicts()
    assert re.search(r"long\.txt: \d+ bytes, .* split the file", row["reason"])


def test_a_long_line_below_the_limit_is_read(lvzhi: Command, tmp_path: Path) -> None:
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    (source / "line.txt").write_text("市政协工作回顾\n" + "市政协收到提案12件，" * 3_000, encoding="utf-8")
    assert lvzhi("ingest", source, "--data", data).returncode == 0
    assert no_release_lost(data).frame("figures").height == 3_000


def test_a_folder_without_files_says_so(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    run = lvzhi("ingest", tmp_path / "in", "--data", tmp_path / "data")
    assert run.returncode == 1
    assert str(tmp_path / "in") in run.stderr
    assert "put reports there" in run.stderr


@pytest.mark.parametrize("name", ["nowhere", "nowhere/*.txt"])
def test_a_path_that_does_not_exist_says_so(lvzhi: Command, tmp_path: Path, name: str) -> None:
    run = lvzhi("ingest", tmp_path / name, "--data", tmp_path / "data")
    assert run.returncode == 3
    assert str(tmp_path / name) in run.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_option_is_wrong_usage(lvzhi: Command, tmp_path: Path) -> None:
    assert lvzhi("ingest", "--no-such-option").returncode == 2
    assert lvzhi("no-such-command").returncode == 2


def test_a_data_folder_that_is_a_file_says_so(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    run = lvzhi("ingest", GOOD, "--data", tmp_path / "data")
    assert run.returncode == 3
    assert "not a folder" in run.stderr
    assert (tmp_path / "data").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the read-only disk below stands for it")
def test_a_data_folder_without_write_permission_says_so(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o555)
    run = lvzhi("ingest", GOOD, "--data", tmp_path / "data")
    assert run.returncode == 3
    assert "no permission" in run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act for another user")
def test_another_user_without_write_permission_is_told_so(tmp_path: Path) -> None:
    """As root: the same command as a user who owns nothing there."""
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    script = (
        "import os, sys; from flows.cli import main; os.setgid(65534); os.setuid(65534); "
        f"sys.argv = ['lvzhi', 'ingest', {str(tmp_path / 'in.txt')!r}, '--data', {str(data)!r}]; main()"
    )
    shutil.copy(GOOD, tmp_path / "in.txt")
    # Modules are loaded before the user changes: the folder of the tests may be closed to others.
    preload = "import flows.pipeline, flows.progress, storage, deltalake, bs4, lxml.etree, opencc; "
    run = subprocess.run(
        [sys.executable, "-c", preload + script], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert run.returncode == 3, run.stderr
    assert "no permission to write" in run.stderr
    assert str(data) in run.stderr


def _mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True)
    if mount.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 kB."""
    yield from _mounted(tmp_path / "small", "size=700k")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that can be made read-only."""
    yield from _mounted(tmp_path / "disk", "size=50m")


def test_a_read_only_disk_is_named_and_what_stands_there_stays_readable(
    lvzhi: Command, disk: Path, tmp_path: Path
) -> None:
    data = disk / "data"
    assert lvzhi("ingest", GOOD, "--data", data).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    run = lvzhi("ingest", SAMPLES, "--data", data)
    assert run.returncode == 3
    assert "read-only" in run.stderr
    assert str(data) in run.stderr
    assert lvzhi("export", tmp_path / "out", "--data", data).returncode == 0
    assert no_release_lost(data).frame("reports").height == 1


def test_a_full_disk_in_mid_run_loses_nothing_and_the_next_run_completes(
    lvzhi: Command, small_disk: Path, tmp_path: Path, released: ReleaseReader
) -> None:
    data = small_disk / "data"
    assert lvzhi("ingest", GOOD, "--data", data, "--source", "samples").returncode == 0
    before = {name: no_release_lost(data).frame(name) for name in EXTRACTED}
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free
    failures = 0
    for left in (8_000, 40_000, 90_000):  # full while archiving, while committing, while releasing
        filler.write_bytes(b"x" * max(0, free - left))
        run = lvzhi("ingest", SAMPLES, "--data", data, "--source", "samples")
        if run.returncode != 0:
            failures += 1
            assert run.returncode == 3, run.stdout + run.stderr
            assert "is full" in run.stderr
            assert "free some space" in run.stderr
        reader = no_release_lost(data)
        if run.returncode != 0:
            for name in EXTRACTED:
                assert_frame_equal(reader.frame(name), before[name])
        filler.unlink()
        if run.returncode == 0:
            break
    assert failures >= 1
    assert lvzhi("ingest", SAMPLES, "--data", data, "--source", "samples").returncode == 0
    assert_same_rows(no_release_lost(data), released)


def assert_same_rows(one: ReleaseReader, other: ReleaseReader) -> None:
    """Equal rows but for the runs that made them."""
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(one.frame(name).drop(volatile), other.frame(name).drop(volatile))


def test_a_run_that_is_killed_at_any_moment_is_done_anew_by_the_next(
    lvzhi: Command, tmp_path: Path, released: ReleaseReader
) -> None:
    data = tmp_path / "data"
    assert lvzhi("ingest", GOOD, "--data", data, "--source", "samples").returncode == 0
    command = [sys.executable, "-m", "flows.cli", "ingest", str(SAMPLES), "--data", str(data), "--source", "samples"]
    killed = 0
    for tenths in range(8, 26, 2):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(tenths / 10)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        no_release_lost(data)
        if process.returncode == 0:
            break
    assert killed >= 1
    assert lvzhi("ingest", SAMPLES, "--data", data, "--source", "samples").returncode == 0
    reader = no_release_lost(data)
    assert_same_rows(reader, released)
    assert reader.frame("captures")["report_id"].is_unique().all()
    assert {path.name for path in (data / "archive").iterdir()} == set(reader.frame("captures")["warc_file"])
    statuses = set(reader.frame("runs")["status"])
    assert "running" not in statuses
    assert statuses <= {"released", "unchanged", "interrupted"}


def test_two_runs_at_once_do_not_mix(tmp_path: Path, lvzhi: Command) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-m", "flows.cli", "ingest", str(SAMPLES), "--data", str(data)]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ends = [(run.communicate(timeout=120), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0, 0], ends
    assert no_release_lost(data).frame("reports").height == len(list(SAMPLES.iterdir()))
    for name, spec in TABLES.items():
        rows = open_release(data).frame(name)
        assert rows.select(spec.key).is_unique().all() or name == "runs"


def test_an_error_of_ours_on_one_page_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(page: object) -> None:
        raise RuntimeError("a rule of ours")

    def fail_on_portal(data: bytes, content_type: str, repeated: frozenset[str]) -> object:
        page = clean(data, content_type, repeated)
        return fail(page) if "绍兴" in page.paragraphs[0].text else page

    monkeypatch.setattr("flows.process.clean", fail_on_portal)
    summary = run_ingest([str(SAMPLES)], tmp_path / "data", submit=in_turn)
    assert (summary.read, summary.quarantined, summary.exit_status) == (5, 1, 1)
    (row,) = no_release_lost(tmp_path / "data").frame("quarantine").to_dicts()
    assert row["rule"] == "internal_error"
    assert "RuntimeError: a rule of ours" in row["reason"]


def test_digits_that_no_row_holds_set_the_page_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(page: CleanPage, address: str) -> Extract:
        found = extract(page, address)
        return dataclasses.replace(found, ignored=[])

    monkeypatch.setattr("flows.process.extract", lose)
    summary = run_ingest([str(GOOD)], tmp_path / "data", submit=in_turn)
    assert summary.rules == {"numerals_lost": 1}


def test_a_row_that_fails_its_model_is_set_aside_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(page: CleanPage, address: str) -> Extract:
        found = extract(page, address)
        return dataclasses.replace(found, figures=[found.figures[0]._replace(bound="perhaps"), *found.figures[1:]])

    monkeypatch.setattr("flows.process.extract", spoil)
    summary = run_ingest([str(GOOD)], tmp_path / "data", submit=in_turn)
    assert summary.exit_status == 1
    assert summary.numerals == summary.figures + summary.ignored + 1
    reader = no_release_lost(tmp_path / "data")
    (row,) = reader.frame("quarantine").to_dicts()
    assert (row["table"], row["rule"]) == ("figures", "figures.bound.isin")
    assert '"bound": "perhaps"' in row["row"]
    assert reader.frame("figures").height == summary.figures


def test_rows_of_a_report_that_fails_its_model_go_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(page: CleanPage, address: str) -> Extract:
        found = extract(page, address)
        return dataclasses.replace(found, fields=dataclasses.replace(found.fields, term=99))

    monkeypatch.setattr("flows.process.extract", spoil)
    summary = run_ingest([str(GOOD)], tmp_path / "data", submit=in_turn)
    assert (summary.read, summary.quarantined) == (0, 1)
    reader = no_release_lost(tmp_path / "data")
    assert all(reader.frame(name).is_empty() for name in EXTRACTED)
    rules = reader.frame("quarantine")["rule"].value_counts().to_dicts()
    assert {row["rule"] for row in rules} == {"reports.term.less_than_or_equal_to", "report_quarantined"}


def test_names_of_files_need_not_be_utf8(lvzhi: Command, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("武汉.txt".encode("gbk"), b"a b'\"\n.txt", "报告 2024.txt".encode()):
        Path(os.fsdecode(bytes(source) + b"/" + name)).write_bytes(GOOD.read_bytes())
    run = lvzhi("ingest", source, "--data", tmp_path / "data")
    assert run.returncode == 0, run.stderr
    uris = set(no_release_lost(tmp_path / "data").frame("reports")["source_uri"])
    assert uris == {"\\xce人.txt", "a b'\"\n.txt", "报告 2024.txt"}


def test_pipes_dangling_links_and_loops_are_set_aside_or_followed_once(lvzhi: Command, tmp_path: Path) -> None:
    source, other, data = tmp_path / "in", tmp_path / "other", tmp_path / "data"
    source.mkdir()
    other.mkdir()
    shutil.copy(GOOD, other)
    os.mkfifo(source / "pipe.txt")
    (source / "gone.txt").symlink_to(source / "nowhere")
    (source / "linked").symlink_to(other)
    (other / "up").symlink_to(source)
    run = lvzhi("ingest", source, "--data", data)
    assert run.returncode == 1, run.stderr
    assert "3 found = 1 read + 0 unchanged + 2 quarantined" in run.stdout
    assert no_release_lost(data).frame("quarantine")["rule"].to_list() == ["unreadable"] * 2


def test_a_file_that_comes_back_settles_that_it_could_not_be_read(lvzhi: Command, tmp_path: Path) -> None:
    source, data = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    shutil.copy(GOOD, source)
    assert lvzhi("ingest", source, "--data", data).returncode == 0
    away = tmp_path / "away.txt"
    (source / GOOD.name).rename(away)
    (source / GOOD.name).symlink_to(tmp_path / "nowhere")
    assert lvzhi("ingest", source, "--data", data).returncode == 1
    reader = no_release_lost(data)
    assert reader.frame("reports").height == 1
    assert reader.frame("quarantine")["resolved_by_run"].to_list() == [None]
    again = lvzhi("ingest", source, "--data", data)
    assert "nothing changed" in again.stdout
    (source / GOOD.name).unlink()
    away.rename(source / GOOD.name)
    assert lvzhi("ingest", source, "--data", data).returncode == 0
    reader = no_release_lost(data)
    assert reader.frame("quarantine")["resolved_by_run"].to_list() == [reader.release.run_id]
    assert "nothing changed" in lvzhi("ingest", source, "--data", data).stdout


def test_two_files_that_would_be_one_report_are_refused(lvzhi: Command, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(GOOD, tmp_path / folder / "same.txt")
    run = lvzhi("ingest", tmp_path / "a", tmp_path / "b", "--source", "x", "--data", tmp_path / "data")
    assert run.returncode == 2
    assert "would be one report" in run.stderr


def test_an_address_that_is_no_object_store_is_refused_before_anything_is_made(lvzhi: Command, tmp_path: Path) -> None:
    for command in (["ingest", str(GOOD)], ["status"], ["sql", "SELECT 1"]):
        run = lvzhi(*command, "--data", "ftp://host/data", cwd=tmp_path)
        assert run.returncode == 2
        assert "ftp://host/data" in run.stderr
    assert not list(tmp_path.iterdir())


def test_workers_end_with_the_run_that_started_them(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for i in range(300):
        (source / f"{i}.txt").write_bytes(GOOD.read_bytes() + f"\n第{i}页。".encode())
    command = [sys.executable, "-m", "flows.cli", "ingest", str(source), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    workers: set[int] = set()
    while process.poll() is None and not workers:
        workers = set(_workers_of(process.pid))
        time.sleep(0.05)
    assert workers, "the run ended before it had workers"
    time.sleep(1.5)
    process.kill()
    process.wait()
    for _ in range(100):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            break
        time.sleep(0.1)
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]


def _workers_of(parent: int) -> Iterator[int]:
    """Processes of the pool, as Linux lists them."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
            command = path.with_name("cmdline").read_text()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == parent and "spawn_main" in command:
            yield int(path.parent.name)


def test_a_folder_that_cannot_be_listed_is_set_aside_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may list everything, so the operating system's answer is played."""
    source = tmp_path / "in"
    (source / "closed").mkdir(parents=True)
    shutil.copy(GOOD, source)
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    summary = run_ingest([str(source)], tmp_path / "data", submit=in_turn)
    assert (summary.read, summary.quarantined) == (1, 1)
    (row,) = no_release_lost(tmp_path / "data").frame("quarantine").to_dicts()
    assert row["rule"] == "unreadable"
    assert "closed" in row["reason"]
    assert "cannot be listed" in row["reason"]


def test_a_table_that_is_gone_stops_the_run_and_the_archive_stays(lvzhi: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert lvzhi("ingest", GOOD, "--data", data).returncode == 0
    archived = sorted((data / "archive").iterdir())
    shutil.rmtree(data / "tables")
    refused = lvzhi("ingest", GOOD, "--data", data)
    assert refused.returncode == 3
    assert "the table is gone" in refused.stderr
    assert sorted((data / "archive").iterdir()) == archived
    shutil.rmtree(data / "releases")
    assert lvzhi("ingest", GOOD, "--data", data).returncode == 0
    assert set(archived) < set((data / "archive").iterdir())
