"""The data folder in an object store: the same tables as on a disk, on a real S3 server; servers that lie are found out.

The server is radosgw (see `tests.s3`); without it, or without the library obstore, these tests are skipped.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest
from polars.testing import assert_frame_equal

from flows.maintain import run_maintain
from flows.pipeline import run_ingest
from flows.run import RELEASED
from flows.submit import in_turn
from schemas.errors import StorageError, UsageError
from schemas.tables import EXTRACTED, TABLES
from storage import ReleaseReader, open_release
from storage.doctor import examine
from storage.folder import DataFolder, data_folder
from storage.lease import Lease, is_alive
from storage.maintain import verify_all
from storage.objects import ObjectPath, bucket, object_path
from storage.releases import tag, tags
from tests import s3, web
from tests.conftest import ROOT, SAMPLES, Command
from tests.fetching import write_source
from tests.web import Site, report, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("s3"),  # one server for all
    pytest.mark.skipif(not s3.available(), reason="needs ceph-mon, ceph-osd and radosgw"),
    pytest.mark.skipif(importlib.util.find_spec("obstore") is None, reason="needs obstore"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    """The environment by which clients reach the server."""
    with s3.radosgw() as env, pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        bucket.cache_clear()
        yield env
    bucket.cache_clear()


@pytest.fixture
def place(server: dict[str, str], request: pytest.FixtureRequest) -> str:
    """A data folder of the test's own."""
    return "s3://lvzhi/" + re.sub(r"\W", "-", request.node.name)


def test_the_tables_are_those_of_a_folder(place: str, released: ReleaseReader, tmp_path: Path, lvzhi: Command) -> None:
    assert "6 found = 6 read" in lvzhi("ingest", SAMPLES, "--source", "samples", "--data", place).stdout
    assert "6 unchanged" in lvzhi("ingest", SAMPLES, "--source", "samples", "--data", place).stdout
    reader = open_release(place)
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(reader.frame(name).drop(volatile), released.frame(name).drop(volatile))
        assert reader.dataset(name).count_rows() == reader.frame(name).height
        assert reader.sql(f"SELECT count(*) AS n FROM {name}")["n"].item() == reader.frame(name).height
    assert "3 unchanged" not in lvzhi("backfill", "--data", place).stdout
    assert lvzhi("export", tmp_path / "out", "--data", place).returncode == 0
    assert (tmp_path / "out" / "figures.parquet").is_file()
    assert lvzhi("show", "databox", "--data", place).returncode == 0
    assert lvzhi("status", "--data", place).returncode == 0
    assert verify_all(data_folder(place)).problems == []
    assert not list(data_folder(place).presence.iterdir())


def test_a_changed_page_makes_a_release_and_maintenance_keeps_it(place: str, tmp_path: Path) -> None:
    for name in ("portal.txt", "databox.txt"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / "a.txt").write_bytes((SAMPLES / name).read_bytes())
        run_ingest([str(tmp_path / "in")], place, submit=in_turn)
    tag(data_folder(place), 1, "first")
    assert tags(data_folder(place)) == {"first": 1}
    with pytest.raises(UsageError, match="release 1 has the tag"):
        tag(data_folder(place), 2, "first")
    before = {number: open_release(place, number).frame("figures") for number in (1, 2)}
    run_maintain(place, min_age_hours=0)
    for number, frame in before.items():
        assert_frame_equal(open_release(place, number).frame("figures"), frame)


def test_pages_are_fetched_into_the_store_and_what_is_known_of_sites_stays_on_the_machine(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seeds" / "sources").mkdir(parents=True)
    monkeypatch.setenv("LVZHI_SEEDS", str(tmp_path / "seeds"))
    monkeypatch.setenv("LVZHI_STATE", str(tmp_path / "state"))
    with served(Site({"/a.html": web.tagged(report("武汉市", 2023))})) as site:
        write_source(tmp_path / "seeds", "a", kind="page", addresses=[site.url("/a.html")])
        assert run_ingest(["a"], place, submit=in_turn).read == 1
        assert run_ingest(["a"], place, submit=in_turn).unchanged == 1
        assert ["if-none-match" in asked.headers for asked in site.log if asked.path == "/a.html"] == [False, True]
    reader = open_release(place)
    assert reader.frame("reports")["division_name"].to_list() == ["武汉市"]
    assert sorted(reader.frame("requests")["outcome"]) == ["failed", "fetched", "unchanged"], "robots.txt is not there"
    assert len(list((tmp_path / "state").rglob("state.sqlite"))) == 1


def test_runs_at_once_lose_nothing(place: str, tmp_path: Path) -> None:
    names = sorted(path.name for path in SAMPLES.iterdir())
    parts = [names[:3], names[2:]]
    for number, part in enumerate(parts):
        (tmp_path / str(number)).mkdir()
        for name in part:
            (tmp_path / str(number) / name).write_bytes((SAMPLES / name).read_bytes())
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "ingest", str(tmp_path / str(n)), "--source", "s", "--data", place],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for n in range(len(parts))
    ]
    outputs = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    reader = open_release(place)
    assert reader.frame("captures").height == reader.frame("reports").height == len(names)
    for name in RELEASED:
        assert reader.frame(name).select(TABLES[name].key).is_unique().all()


def test_after_a_killed_run_the_next_one_completes(place: str, lvzhi: Command) -> None:
    env = {"LVZHI_LEASE_SECONDS": "4"}
    command = [sys.executable, "-m", "flows.cli", "ingest", str(SAMPLES), "--source", "s", "--data", place]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL)
    folder = data_folder(place)
    while not (folder.tables / "reports").is_dir() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert lvzhi("ingest", SAMPLES, "--source", "s", "--data", place, env=env).returncode == 0
    reader = open_release(place)
    assert reader.frame("reports").height == reader.frame("captures").height == len(list(SAMPLES.iterdir()))
    assert reader.frame("runs").sort("started_at")["status"].to_list()[-1] in ("released", "unchanged")


def test_a_lease_has_one_holder_and_is_taken_from_one_that_is_gone(place: str) -> None:
    path = cast(ObjectPath, object_path(place + "/lease"))
    first, second = Lease(path, seconds=2), Lease(path, seconds=2)
    assert first.acquire(0)
    assert is_alive(path, seconds=2)
    assert not second.acquire(3)  # longer than the lease lasts: the first one is heard of
    first.require()
    first._stop.set()  # it stands still, as a stopped process does
    assert second.acquire(20)
    second.require()
    with pytest.raises(StorageError, match="another one took its place"):
        first.require()
    first.release()
    second.require()
    second.release()
    assert not path.exists()
    assert not is_alive(path, seconds=2)


def test_of_many_that_try_at_once_one_holds_the_lease(place: str) -> None:
    path = cast(ObjectPath, object_path(place + "/lease"))
    leases = [Lease(path) for _ in range(6)]
    held: list[bool] = []
    threads = [threading.Thread(target=lambda lease=lease: held.append(lease.acquire(0))) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held.count(True) == 1
    for lease in leases:
        lease.release()


def test_a_path_does_what_a_path_does(place: str) -> None:
    root = object_path(place)
    path = root / "a" / "b.txt"
    path.write_bytes("甲乙".encode())
    assert str(path) == place + "/a/b.txt"
    assert (path.name, path.stem, path.parent) == ("b.txt", "b", root / "a")
    assert path.read_text() == "甲乙"
    assert path.stat().st_size == 6
    assert [str(found) for found in root.iterdir()] == [str(root / "a")]
    assert list(root.rglob("*.txt")) == [path]
    assert (root / "a").is_dir()
    assert not (root / "a").is_file()
    with path.open("rb") as file:
        file.seek(3)
        assert file.read() == "乙".encode()
    copied = pickle.loads(pickle.dumps(path))
    assert copied == path
    assert copied.read_text() == "甲乙"
    path.unlink()
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        path.read_bytes()
    with pytest.raises(TypeError, match="not on a disk"):
        os.fspath(path)


class Lying(BaseHTTPRequestHandler):
    """A gateway that says yes to conditional puts that were refused, as some servers do."""

    protocol_version = "HTTP/1.1"
    upstream = ""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        data = response.read()
        status = 200 if self.command == "PUT" and response.status == 412 else response.status
        self.send_response(status)
        for name, value in response.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if status != response.status:
            self.send_header("ETag", '"0"')
        if self.command == "HEAD":
            self.send_header("Content-Length", response.getheader("Content-Length") or "0")
            data = b""
        elif status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815 - names that http.server asks for

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def lying(server: dict[str, str]) -> Iterator[str]:
    """Address of the gateway while the block runs."""
    handler = type("Handler", (Lying,), {"upstream": server["AWS_ENDPOINT_URL"].partition("://")[2]})
    gateway = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=gateway.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{gateway.server_address[1]}"
    finally:
        gateway.shutdown()
        thread.join()
        gateway.server_close()


def test_the_doctor_trusts_a_server_that_keeps_its_word(place: str, lvzhi: Command) -> None:
    run = lvzhi("doctor", "--data", place, "--rounds", "5")
    assert run.returncode == 0, run.stdout
    assert "is safe" in run.stdout
    assert not list(object_path(place).rglob("*"))


def test_the_doctor_finds_a_server_that_loses_commits(
    place: str, server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with lying(server) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        bucket.cache_clear()
        findings = {finding.trial: finding for finding in examine(data_folder(place), rounds=3)}
    bucket.cache_clear()
    assert findings["written text is read back"].passed
    wrong = [finding for finding in findings.values() if not finding.passed]
    assert {finding.trial.split(" that ")[-1] for finding in wrong} >= {
        "create a file one wins",
        "replace an object one wins",
    }
    assert all("commits can be lost here" in f.seen or "commits are lost here" in f.seen for f in wrong)


def test_the_doctor_looks_at_a_folder_too(tmp_path: Path) -> None:
    findings = list(examine(DataFolder(tmp_path / "data"), rounds=3))
    assert all(finding.passed for finding in findings), findings
    assert not list((tmp_path / "data").iterdir())


def test_a_server_that_does_not_answer_is_named(server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    bucket.cache_clear()
    with pytest.raises(StorageError, match=r"s3://lvzhi/x/releases/latest cannot be reached: .*credentials"):
        open_release("s3://lvzhi/x")
    bucket.cache_clear()
