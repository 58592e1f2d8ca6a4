"""WARC files of others as a source: their pages are read where they are, and everything else in them is counted."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.pipeline import run_ingest
from flows.rebuild import run_rebuild
from flows.submit import in_turn
from schemas.errors import DataError, SourceError
from storage import open_release
from tests.conftest import SAMPLES, Command

PAGE = (SAMPLES / "portal_gb18030.html").read_bytes()
URI = "http://www.example.gov.cn/zx/1.html"


def crawl(path: Path, *records: tuple[str, str, str, bytes, str], packed: bool = True) -> Path:
    """A WARC file of responses: address, time, status, body, content type."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a crawler"}))
        for uri, date, status, body, kind in records:
            request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_record(writer.create_warc_record(uri, "request", http_headers=request))
            content = gzip.compress(body)
            headers = [("Content-Type", kind), ("Content-Encoding", "gzip"), ("Content-Length", str(len(content)))]
            headers += [("Last-Modified", "Wed, 31 Jan 2024 08:00:00 GMT"), ("ETag", '"1"')]
            response = writer.create_warc_record(
                uri,
                "response",
                payload=io.BytesIO(content),
                http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": date},
            )
            writer.write_record(response)
    return path


def ingest(path: Path, data: Path, **options: str) -> object:
    return run_ingest([str(path)], data, submit=in_turn, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("packed", [True, False])
def test_pages_are_read_in_place_and_the_rest_is_counted(tmp_path: Path, packed: bool) -> None:
    html = "text/html; charset=gb2312"
    path = crawl(
        tmp_path / ("a.warc.gz" if packed else "a.warc"),
        (URI, "2024-02-01T00:00:00Z", "200 OK", PAGE, html),
        (URI + "?2", "2024-02-01T00:00:00Z", "404 Not Found", b"none", html),
        ("http://www.example.gov.cn/a.jpg", "2024-02-01T00:00:00Z", "200 OK", b"\xff\xd8", "image/jpeg"),
        packed=packed,
    )
    summary = run_ingest([str(path)], tmp_path / "data", submit=in_turn)
    assert (summary.found, summary.read) == (1, 1)
    assert summary.passed == {
        "warcinfo records": 1,
        "request records": 3,
        "responses with status 404": 1,
        "pages of type image/jpeg": 1,
    }
    reader = open_release(tmp_path / "data")
    row = reader.frame("captures").row(0, named=True)
    assert (row["source"], row["source_uri"], row["source_kind"]) == ("www.example.gov.cn", URI, "warc")
    assert (row["warc_file"], row["etag"], row["bytes"]) == (str(path.resolve()), '"1"', len(PAGE))
    assert f"{row['captured_at']:%Y-%m-%d} {row['last_modified']:%Y-%m-%d %H}" == "2024-02-01 2024-01-31 08"
    archived = sum(file.stat().st_size for file in (tmp_path / "data" / "archive").iterdir())
    assert archived < path.stat().st_size
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.html").write_bytes(PAGE)
    run_ingest([str(folder)], tmp_path / "other", submit=in_turn)
    columns = ["measure", "value", "unit", "quote", "line_no"]
    assert reader.frame("figures", columns).equals(open_release(tmp_path / "other").frame("figures", columns))


def test_the_latest_capture_counts_whatever_comes_first(tmp_path: Path) -> None:
    new = PAGE.replace("提案".encode("gb18030"), "议案".encode("gb18030"))
    later = (URI, "2024-03-01T00:00:00Z", "200 OK", new, "text/html")
    earlier = (URI, "2024-02-01T00:00:00Z", "200 OK", PAGE, "text/html")
    both = run_ingest([str(crawl(tmp_path / "both.warc.gz", later, earlier))], tmp_path / "both", submit=in_turn)
    assert both.passed["older captures"] == 1
    text = open_release(tmp_path / "both").frame("reports")["text"][0]
    assert "议案" in text
    for number, record in enumerate((later, earlier, earlier, later)):
        run_ingest([str(crawl(tmp_path / f"{number}.warc.gz", record))], tmp_path / "data", submit=in_turn)
        reader = open_release(tmp_path / "data")
        assert reader.frame("reports")["text"].to_list() == [text]
    assert reader.frame("captures").height == 2
    assert reader.release.number == 2


def test_a_folder_of_crawls_and_files_is_one_source_each_page_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes((SAMPLES / "portal.txt").read_bytes())
    for number, day in ((1, "02"), (2, "01")):
        crawl(folder / f"{number}.warc.gz", (URI, f"2024-02-{day}T00:00:00Z", "200 OK", PAGE, "text/html"))
    summary = run_ingest([str(folder)], tmp_path / "data", source_name="s", submit=in_turn)
    assert (summary.found, summary.read, summary.passed["older captures"]) == (2, 2, 1)
    captures = open_release(tmp_path / "data").frame("captures")
    assert captures.filter(pl.col("source_kind") == "warc")["captured_at"].dt.day().to_list() == [2]


def test_the_tables_are_made_anew_as_long_as_the_crawl_stands(tmp_path: Path) -> None:
    path = crawl(tmp_path / "a.warc.gz", (URI, "2024-02-01T00:00:00Z", "200 OK", PAGE, "text/html"))
    data = tmp_path / "data"
    ingest(path, data)
    figures = open_release(data).frame("figures")
    for name in ("tables", "releases"):
        (data / name).rename(tmp_path / name)
    run_rebuild(data, submit=in_turn)
    assert open_release(data).frame("figures").drop("run_id").equals(figures.drop("run_id"))


@pytest.mark.parametrize("damage", ["text", "one member"])
def test_a_file_that_is_no_warc_file_is_named_with_the_remedy(tmp_path: Path, damage: str) -> None:
    path = crawl(
        tmp_path / "a.warc.gz", *[(f"{URI}?{i}", "2024-02-01T00:00:00Z", "200 OK", PAGE, "text/html") for i in range(3)]
    )
    data = path.read_bytes()
    if damage == "text":
        path.write_bytes(b"no archive at all" * 99)
    else:
        path.write_bytes(gzip.compress(gzip.decompress(data)))
    with pytest.raises((SourceError, DataError), match=r"a\.warc\.gz"):
        ingest(path, tmp_path / "data")


@pytest.mark.parametrize("damage", ["torn", "changed"])
def test_a_damaged_record_is_counted_and_the_others_are_read(tmp_path: Path, damage: str) -> None:
    responses = [(f"{URI}?{i}", "2024-02-01T00:00:00Z", "200 OK", PAGE, "text/html") for i in range(2)]
    path = crawl(tmp_path / "a.warc", *responses, packed=False)
    data = path.read_bytes()
    path.write_bytes(data[:-300] if damage == "torn" else data[:-300] + b"\0" * 100 + data[-200:])
    summary = run_ingest([str(path)], tmp_path / "data", submit=in_turn)
    assert (summary.read, summary.passed["damaged records"]) == (1, 1)


def test_a_bomb_is_set_aside_not_unpacked(tmp_path: Path, lvzhi: Command) -> None:
    path = crawl(tmp_path / "a.warc.gz", (URI, "2024-02-01T00:00:00Z", "200 OK", b" " * 60_000_000, "text/html"))
    run = lvzhi("ingest", path, "--data", tmp_path / "data")
    assert run.returncode == 1
    assert "1 too_large" in run.stdout
