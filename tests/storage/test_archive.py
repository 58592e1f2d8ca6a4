"""The archive gives back every byte, by file and offset, and says when it cannot."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import StorageError
from storage import ReleaseReader, open_release
from storage.archive import ArchiveWriter, Place, read_capture, read_index, verify
from storage.folder import DataFolder
from tests.conftest import SAMPLES

WHEN = "2024-01-31T08:00:00Z"


RUN = "20240131T080000Z-abcdef"


def write(folder: DataFolder, *pages: bytes, roll_bytes: int = 10**9) -> list[Place]:
    folder.archive.mkdir(parents=True, exist_ok=True)
    places = []
    with ArchiveWriter(folder, RUN, roll_bytes=roll_bytes) as archive:
        for i, page in enumerate(pages):
            row = {"capture_id": str(i), "report_id": str(i), "sha256": hashlib.sha256(page).hexdigest()}
            place = archive.write(
                source="s", source_uri=f"页 {i}.txt", captured_at=WHEN, content_type="text/plain", data=page, row=row
            )
            assert place is not None
            places.append(place)
        archive.flush()
    return places


def records(path: Path) -> list[tuple[str, bytes]]:
    with path.open("rb") as file:
        return [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(file, check_digests="raise")]


def test_each_capture_is_read_back_by_its_offset(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    pages = [b"", b"\x00\xff" * 5000, "政协".encode(), b"x" * 3_000_000]
    for page, (name, offset, _) in reversed(list(zip(pages, write(folder, *pages), strict=True))):
        assert read_capture(folder.archive, name, offset, hashlib.sha256(page).hexdigest()) == page


def test_the_file_is_a_web_archive_that_others_read(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    ((name, _, _), _) = write(folder, b"one", b"two")
    with (folder.archive / name).open("rb") as file:
        found = [
            (r.rec_type, r.rec_headers["WARC-Date"], r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert found[0][0] == "warcinfo"
    assert found[1:] == [("resource", WHEN, b"one"), ("resource", WHEN, b"two")]


def test_a_capture_names_where_its_bytes_stand(released: ReleaseReader) -> None:
    for row in released.frame("captures").iter_rows(named=True):
        data = read_capture(released.folder.archive, row["warc_file"], row["warc_offset"], row["sha256"])
        assert data == (SAMPLES / row["source_uri"]).read_bytes()
        assert len(data) == row["bytes"]


@pytest.mark.parametrize("damage", ["missing", "torn", "changed", "offset"])
def test_a_damaged_archive_is_named_and_not_believed(tmp_path: Path, damage: str) -> None:
    folder = DataFolder(tmp_path)
    page = "政协工作报告".encode() * 50
    ((name, offset, _),) = write(folder, page)
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


def captures(places: list[Place], pages: list[bytes]) -> list[dict[str, object]]:
    """Rows of `captures`, as far as the archive is concerned."""
    return [
        {
            "capture_id": str(i),
            "source_uri": f"页 {i}.txt",
            "sha256": hashlib.sha256(page).hexdigest(),
            "warc_file": place.file,
            "warc_offset": place.offset,
        }
        for i, (place, page) in enumerate(zip(places, pages, strict=True))
    ]


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    pages = [bytes([i]) * 50 + random.Random(i).randbytes(2_000) for i in range(7)]
    places = write(folder, *pages, roll_bytes=5_000)
    files = sorted(path.name for path in folder.archive.iterdir())
    assert files == [*(f"{RUN}-0000{i}.warc.gz" for i in (1, 2, 3)), f"{RUN}.warc.gz"]
    assert {place.file for place in places} == set(files)
    for row, page in zip(captures(places, pages), pages, strict=True):
        assert read_capture(folder.archive, row["warc_file"], row["warc_offset"], row["sha256"]) == page  # type: ignore[arg-type]
    assert all(records(folder.archive / name)[0][0] == "warcinfo" for name in files)


def test_the_same_bytes_are_kept_once_and_revisited(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    one, two, again = write(folder, b"one" * 900, b"two", b"one" * 900)
    assert again == one != two
    path = folder.archive / one.file
    assert [kind for kind, _ in records(path)] == ["warcinfo", "resource", "resource", "revisit"]
    with path.open("rb") as file:
        headers = [record.rec_headers for record in ArchiveIterator(file)]
    assert headers[3]["WARC-Refers-To-Target-URI"] == headers[1]["WARC-Target-URI"]
    assert headers[3]["WARC-Payload-Digest"] == headers[1]["WARC-Payload-Digest"]


def test_the_archive_tells_the_captures_by_itself(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    pages = [b"one", b"two", b"one"]
    places = write(folder, *pages)
    index = read_index(folder.archive)
    assert not index.damaged
    for row, place, page in zip(index.rows, places, pages, strict=True):
        assert (row["warc_file"], row["warc_offset"], row["warc_length"]) == place
        assert row["sha256"] == hashlib.sha256(page).hexdigest()
    size = (folder.archive / places[1].file).stat().st_size
    assert places[1].offset + places[1].length < size


def test_every_record_is_verified_and_damage_is_named(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    pages = [random.Random(i).randbytes(3_000) for i in range(6)]
    places = write(folder, *pages, roll_bytes=6_000)
    rows = captures(places, pages)
    whole = verify(folder.archive, rows)
    assert (whole.files, whole.captures, whole.problems, whole.lost) == (3, 6, [], [])
    assert whole.records == 6 + 3

    path = folder.archive / places[2].file
    assert places[3].file == places[2].file
    data = bytearray(path.read_bytes())
    data[places[2].offset + places[2].length // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    (folder.archive / places[5].file).unlink()
    damaged = verify(folder.archive, rows)
    assert damaged.lost == ["2", "4", "5"]
    assert all(any(place.file in problem for problem in damaged.problems) for place in (places[2], places[5]))
    # What stands behind the damage is still read.
    assert read_capture(folder.archive, places[3].file, places[3].offset, rows[3]["sha256"]) == pages[3]  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_no_damage_of_a_byte_is_taken_for_a_page(
    tmp_path_factory: pytest.TempPathFactory, where: float, change: int
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("damage"))
    pages = ["政协工作报告".encode() * 50, b"another page"]
    places = write(folder, *pages)
    rows = captures(places, pages)
    path = folder.archive / places[0].file
    content = bytearray(path.read_bytes())
    content[places[0].offset + int(where * (len(content) - places[0].offset))] ^= change
    path.write_bytes(bytes(content))
    lost = set(verify(folder.archive, rows).lost)
    for row, page in zip(rows, pages, strict=True):
        if row["capture_id"] not in lost:
            assert read_capture(folder.archive, row["warc_file"], row["warc_offset"], row["sha256"]) == page  # type: ignore[arg-type]


def test_a_page_that_returns_to_what_it_was_is_revisited(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("portal.txt", "mirror.txt", "portal.txt"):
        (source / "a.txt").write_bytes((SAMPLES / name).read_bytes())
        run_ingest([str(source)], tmp_path / "data", submit=in_turn)
    (source / "b.txt").write_bytes((SAMPLES / "portal.txt").read_bytes())
    run_ingest([str(source)], tmp_path / "data", submit=in_turn)
    reader = open_release(tmp_path / "data")
    rows = reader.frame("captures").sort("captured_at")
    assert rows.height == 4
    assert rows.select("warc_file", "warc_offset").n_unique() == 2
    assert rows["sha256"][0] == rows["sha256"][2] == rows["sha256"][3]
    kinds = [kind for path in sorted((tmp_path / "data" / "archive").iterdir()) for kind, _ in records(path)]
    assert kinds.count("resource") == kinds.count("revisit") == 2
    assert verify(reader.folder.archive, rows.to_dicts()).lost == []
