"""A real S3 server for the tests: radosgw of Ceph on this machine, in memory, on loopback.

    apt-get install --no-install-recommends ceph-mon ceph-osd radosgw
    python -m tests.s3     # starts it, prints how to reach it, until Ctrl-C

One monitor, one storage daemon that keeps its objects in memory, one gateway; all files in a temporary folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
CONFIG = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{v2},v1:127.0.0.1:{v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {home}/keyring
run dir = {home}
admin socket = {home}/$name.asok
pid file = {home}/$name.pid
log file = {home}/$name.log
mon data = {home}/mon
osd data = {home}/osd
rgw data = {home}/rgw
osd objectstore = memstore
memstore device bytes = 2147483648
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 2000
mon cluster log file = {home}/cluster.log
"""


def available() -> bool:
    """Whether the programs are installed."""
    return all(shutil.which(name) for name in PROGRAMS)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for listening in sockets:
        listening.bind(("127.0.0.1", 0))
    ports = [int(listening.getsockname()[1]) for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


@contextmanager
def radosgw() -> Iterator[dict[str, str]]:
    """The server while the block runs: the environment by which clients reach it; the bucket `lvzhi` is there."""
    with tempfile.TemporaryDirectory(prefix="lvzhi-s3-") as folder:
        home = Path(folder)
        started: list[subprocess.Popen[bytes]] = []
        try:
            yield _start(home, started)
        finally:
            for process in reversed(started):
                process.terminate()
            for process in reversed(started):
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _start(home: Path, started: list[subprocess.Popen[bytes]]) -> dict[str, str]:
    v2, v1, port = free_ports(3)
    fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
    config = home / "ceph.conf"
    config.write_text(CONFIG.format(fsid=fsid, v2=v2, v1=v1, home=home))
    for name in ("mon", "osd", "rgw"):
        (home / name).mkdir()

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def daemon(*command: str) -> None:
        with (home / f"{command[0]}.out").open("wb") as log:
            started.append(subprocess.Popen([*command, "-f", "-c", str(config)], cwd=home, stdout=log, stderr=log))

    caps = {
        "mon.": ("mon=allow *",),
        "client.admin": ("mon=allow *", "osd=allow *", "mgr=allow *"),
        "osd.0": ("mon=allow profile osd", "osd=allow *"),
        "client.rgw": ("mon=allow rwx", "osd=allow rwx"),
    }
    run("ceph-authtool", "--create-keyring", "keyring")
    for name, allowed in caps.items():
        words = [word for cap in allowed for word in ("--cap", *cap.split("=", 1))]
        run("ceph-authtool", "keyring", "--gen-key", "-n", name, *words)
    address = f"[v2:127.0.0.1:{v2},v1:127.0.0.1:{v1}]"
    run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, "monmap")
    run("ceph-mon", "-c", str(config), "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
    daemon("ceph-mon", "-i", "a")
    run("ceph", "-c", str(config), "--connect-timeout", "60", "osd", "new", osd)
    run("ceph-osd", "-c", str(config), "-i", "0", "--mkfs", "--osd-uuid", osd)
    daemon("ceph-osd", "-i", "0")
    key, secret = secrets.token_hex(10), secrets.token_hex(20)
    user = ("user", "create", "--uid", "lvzhi", "--display-name", "lvzhi", "--access-key", key, "--secret-key", secret)
    run("radosgw-admin", "-c", str(config), "-n", "client.rgw", *user)
    daemon("radosgw", "-n", "client.rgw", f"--rgw_frontends=beast endpoint=127.0.0.1:{port}")
    endpoint = f"http://127.0.0.1:{port}"
    _wait_for(endpoint, started[-1])
    env = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }
    make_bucket(env, "lvzhi")
    return env


def _wait_for(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            httpx.get(endpoint, timeout=5, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.5)
        else:
            return
        if process.poll() is not None:
            break
    raise RuntimeError(f"no S3 server at {endpoint}")


def make_bucket(env: dict[str, str], name: str) -> None:
    """Make a bucket; Arrow can, the other libraries cannot."""
    from pyarrow.fs import S3FileSystem

    S3FileSystem(
        access_key=env["AWS_ACCESS_KEY_ID"],
        secret_key=env["AWS_SECRET_ACCESS_KEY"],
        endpoint_override=env["AWS_ENDPOINT_URL"].partition("://")[2],
        scheme="http",
        region=env["AWS_REGION"],
        allow_bucket_creation=True,
    ).create_dir(name)


def main() -> None:
    """Start the server, and say how to reach it."""
    began = time.monotonic()
    with radosgw() as env:
        print("".join(f"export {name}={value}\n" for name, value in env.items()), end="", flush=True)
        print(f"# s3://lvzhi, after {time.monotonic() - began:.0f} s; Ctrl-C ends it; pid {os.getpid()}", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
