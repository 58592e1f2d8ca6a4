"""What is lost or damaged is named, read again where it can be, and takes nothing else with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from flows.pipeline import run_ingest
from flows.rebuild import run_rebuild
from flows.releases import release_list, tag_release
from flows.run import Run
from flows.submit import in_turn
from schemas.errors import StorageError, UsageError
from storage import open_release
from storage.archive import read_capture, read_index
from storage.digest import content_hash
from storage.folder import DataFolder
from storage.maintain import verify_all
from storage.releases import find
from tests.conftest import SAMPLES


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("portal.txt", "databox.txt", "wrapped.txt"):
        if (SAMPLES / name).exists():
            shutil.copy(SAMPLES / name, folder)
    return folder


@pytest.fixture
def data(source: Path, tmp_path: Path) -> Path:
    run_ingest([str(source)], tmp_path / "data", source_name="s", submit=in_turn)
    return tmp_path / "data"


def archived(data: Path) -> list[Path]:
    return sorted((data / "archive").iterdir())


def flip(path: Path, offset: int) -> None:
    """Two other bytes in a file."""
    content = bytearray(path.read_bytes())
    content[offset] ^= 0xFF
    content[offset + 1] ^= 0xFF
    path.write_bytes(content)


def test_a_pointer_that_is_gone_stops_all_and_costs_nothing(source: Path, data: Path) -> None:
    (data / "releases" / "latest").unlink()
    before = (data / "releases" / "000001.json").read_bytes()
    (source / "portal.txt").write_text("政协二〇二四年工作报告\n收到提案7件。", encoding="utf-8")
    for action in (lambda: run_ingest([str(source)], data, submit=in_turn), lambda: open_release(data)):
        with pytest.raises(StorageError, match="releases up to 1; write the number"):
            action()
    assert (data / "releases" / "000001.json").read_bytes() == before
    (data / "releases" / "latest").write_text("1\n")
    assert open_release(data).frame("reports").height == len(list(source.iterdir()))


def test_records_behind_a_damaged_one_are_read(data: Path) -> None:
    (path,) = archived(data)
    captures = open_release(data).frame("captures").sort("warc_offset")
    first = captures.row(0, named=True)
    flip(path, first["warc_offset"] + first["warc_length"] // 2)
    index = read_index(data / "archive")
    assert {row["capture_id"] for row in index.rows} == set(captures["capture_id"][1:])
    assert list(index.damaged) == [path.name]
    verified = verify_all(DataFolder(data))
    assert verified.lost == [first["capture_id"]]
    assert verified.records == captures.height  # and the one about the file, without the damaged one


def test_what_the_archive_lost_is_archived_again_from_its_source(source: Path, data: Path) -> None:
    for path in archived(data):
        path.unlink()
    summary = run_ingest([str(source)], data, source_name="s", submit=in_turn)
    assert (summary.read, summary.unchanged) == (len(list(source.iterdir())), 0)
    reports = open_release(data).frame("reports")
    captures = open_release(data).frame("captures")
    assert reports.height == summary.read
    latest = captures.filter(pl.col("capture_id").is_in(reports["capture_id"].to_list()))
    for row in latest.iter_rows(named=True):
        assert read_capture(data / "archive", row["warc_file"], row["warc_offset"], row["sha256"])
    assert not run_ingest([str(source)], data, source_name="s", submit=in_turn).changed


def test_bytes_that_are_damaged_are_not_referred_to(source: Path, data: Path, tmp_path: Path) -> None:
    (path,) = archived(data)
    for row in open_release(data).frame("captures").iter_rows(named=True):
        flip(path, row["warc_offset"] + row["warc_length"] // 2)
    other = tmp_path / "mirror"
    shutil.copytree(source, other)
    summary = run_ingest([str(other)], data, source_name="mirror", submit=in_turn)
    assert summary.read == len(list(other.iterdir()))


def test_a_rebuild_tells_what_is_lost_and_makes_the_rest(source: Path, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "mirror"
    shutil.copytree(source, other)
    (other / "own.txt").write_text(
        (source / "portal.txt").read_text(encoding="utf-8") + "\n开展视察7次。\n", encoding="utf-8"
    )
    (first,) = archived(data)  # before the next run: of two in one second either may come first by name
    run_ingest([str(other)], data, source_name="mirror", submit=in_turn)
    first.unlink()
    for name in ("releases", "tables"):
        shutil.rmtree(data / name)
    summary, _ = run_rebuild(data, submit=in_turn)
    assert (summary.read, summary.lost) == (1, len(list(source.iterdir())))
    assert open_release(data).frame("reports")["source_uri"].to_list() == ["own.txt"]
    run_ingest([str(source)], data, source_name="s", submit=in_turn)
    run_ingest([str(other)], data, source_name="mirror", submit=in_turn)
    assert open_release(data).frame("reports").height == len(list(source.iterdir())) + len(list(other.iterdir()))


def test_a_rebuild_removes_nothing_from_the_archive(source: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the run that wrote it was killed behind its release, before it was logged."""
    (source / "portal.txt").write_text(
        (source / "portal.txt").read_text(encoding="utf-8") + "\n开展视察7次。\n", encoding="utf-8"
    )

    def killed(self: Run, *args: object) -> None:
        if args[0] != "running":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        log = Run.log
        patch.setattr(Run, "log", lambda self, *args: log(self, *args) if args[0] == "running" else killed(self, *args))
        patch.setattr(Run, "_fail", lambda self, error: None)
        with pytest.raises(KeyboardInterrupt):
            run_ingest([str(source)], data, source_name="s", submit=in_turn)
    assert open_release(data).release.number == 2
    want = content_hash("reports", open_release(data).frame("reports"))
    files = archived(data)
    shutil.move(data / "releases", data.parent / "away")
    run_rebuild(data, submit=in_turn)
    assert archived(data) == files
    assert content_hash("reports", open_release(data).frame("reports")) == want


def test_a_damaged_release_is_named_beside_the_others(source: Path, data: Path) -> None:
    (source / "portal.txt").write_text(
        (source / "portal.txt").read_text(encoding="utf-8") + "\n开展视察7次。\n", encoding="utf-8"
    )
    run_ingest([str(source)], data, source_name="s", submit=in_turn)
    (data / "releases" / "000001.json").write_text("{", encoding="utf-8")
    listed = release_list(DataFolder(data))
    assert listed["release"].to_list() == [1, 2]
    assert "is damaged" in listed["note"][0]
    assert [problem for problem in verify_all(DataFolder(data)).problems if "000001.json is damaged" in problem]


@pytest.mark.parametrize("name", ["²", "③", "٣", "-1", "0", "1.0"])
def test_what_is_no_number_of_a_release_is_none(data: Path, name: str) -> None:
    with pytest.raises(UsageError):
        find(DataFolder(data), name)


def test_a_tag_may_look_like_no_number(data: Path) -> None:
    tag_release(str(data), "1", "第二版²", move=False, remove=False)
    found = find(DataFolder(data), "第二版²")
    assert found is not None
    assert found.number == 1
