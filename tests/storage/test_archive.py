"""The archive gives back every byte, by file and offset, and says when it cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from schemas.errors import StorageError
from storage import ReleaseReader
from storage.archive import ArchiveWriter, read_capture
from storage.folder import DataFolder
from tests.conftest import SAMPLES

WHEN = "2024-01-31T08:00:00Z"


def write(folder: DataFolder, *pages: bytes) -> list[tuple[str, int]]:
    folder.archive.mkdir(parents=True)
    with ArchiveWriter(folder, "run") as archive:
        places = [
            archive.write(source="s", source_uri=f"页 {i}.txt", captured_at=WHEN, content_type="text/plain", data=page)
            for i, page in enumerate(pages)
        ]
        archive.flush()
    return places


def test_each_capture_is_read_back_by_its_offset(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    pages = [b"", b"\x00\xff" * 5000, "政协".encode(), b"x" * 3_000_000]
    for page, (name, offset) in reversed(list(zip(pages, write(folder, *pages), strict=True))):
        assert read_capture(folder.archive, name, offset, hashlib.sha256(page).hexdigest()) == page


def test_the_file_is_a_web_archive_that_others_read(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    ((name, _), _) = write(folder, b"one", b"two")
    with (folder.archive / name).open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers["WARC-Date"], r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert records == [("resource", WHEN, b"one"), ("resource", WHEN, b"two")]


def test_a_capture_names_where_its_bytes_stand(released: ReleaseReader) -> None:
    for row in released.frame("captures").iter_rows(named=True):
        data = read_capture(released.folder.archive, row["warc_file"], row["warc_offset"], row["sha256"])
        assert data == (SAMPLES / row["source_uri"]).read_bytes()
        assert len(data) == row["bytes"]


@pytest.mark.parametrize("damage", ["missing", "torn", "changed", "offset"])
def test_a_damaged_archive_is_named_and_not_believed(tmp_path: Path, damage: str) -> None:
    folder = DataFolder(tmp_path)
    page = "政协工作报告".encode() * 50
    ((name, offset),) = write(folder, page)
    path = folder.archive / name
    if damage == "missing":
        path.unlink()
    elif damage == "torn":
        path.write_bytes(path.read_bytes()[:-40])
    elif damage == "changed":
        other = DataFolder(tmp_path / "other")
        write(other, b"something else")
        path.write_bytes((other.archive / name).read_bytes())
    else:
        offset += 3
    with pytest.raises(StorageError, match=name):
        read_capture(folder.archive, name, offset, hashlib.sha256(page).hexdigest())
