"""Leases in an object store: one holder at a time, and a holder that is gone loses it after a time.

A lease is an object that its holder writes anew again and again, each time on the condition that it is still the one
that it wrote last. Ages are taken by the clock of the server alone. On a disk, locks of the operating system do this better:
they end with their process.
"""

from __future__ import annotations

import json
import secrets
import threading
import time

from schemas.errors import StorageError
from schemas.settings import seconds_of
from storage.objects import ObjectPath

# A holder that has not been heard of for so many seconds is gone; it writes four times as often.
LEASE, LEASE_SECONDS = "LVZHI_LEASE_SECONDS", 60
POLL_SECONDS = 0.5


class Lease:
    """A lease that is held, or tried for."""

    def __init__(self, path: ObjectPath, *, seconds: float | None = None) -> None:
        self._path = path
        self._seconds = seconds or seconds_of(LEASE, LEASE_SECONDS)
        self._name = secrets.token_hex(8)
        self._count = 0
        self._etag = ""
        self._lost = False
        self._stop = threading.Event()
        self._beat: threading.Thread | None = None

    def acquire(self, wait_seconds: float) -> bool:
        """Try until it is held or the time is over.

        Returns:
            Whether it is held.
        """
        end = time.monotonic() + wait_seconds
        while not self._take():
            if time.monotonic() >= end:
                return False
            time.sleep(POLL_SECONDS)
        self._beat = threading.Thread(target=self._keep, daemon=True)
        self._beat.start()
        return True

    def _take(self) -> bool:
        """Take it if it is free, or its holder is gone."""
        if self._path.create(self._content()):
            self._etag = self._path.stat().etag
            return True
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        if server_time(self._path) - found.st_mtime <= self._seconds:
            return False
        return self._swap(found.etag)

    def _swap(self, etag: str) -> bool:
        if not self._path.swap(self._content(), etag):
            return False
        self._etag = self._path.stat().etag
        return self._is_ours()

    def _content(self) -> bytes:
        """Never the same twice, so that each has a mark of its own."""
        self._count += 1
        return json.dumps({"holder": self._name, "count": self._count}).encode()

    def _is_ours(self) -> bool:
        try:
            return bool(json.loads(self._path.read_bytes())["holder"] == self._name)
        except (FileNotFoundError, ValueError, KeyError):
            return False

    def _keep(self) -> None:
        """Write it anew until it is given back or lost."""
        while not self._stop.wait(self._seconds / 4):
            try:
                if not self._swap(self._etag):
                    self._lost = True
                    return
            except StorageError:
                continue  # the server may be back before the time is over

    def require(self) -> None:
        """Make sure that it is still held.

        Raises:
            StorageError: it was lost.
        """
        if self._lost or not self._is_ours():
            raise StorageError(
                f"{self._path}: this run was not heard of for {self._seconds:.0f} s, and another one took its place; run again"
            )

    def release(self) -> None:
        """Give it back."""
        self._stop.set()
        if self._beat is not None:
            self._beat.join()
        if not self._lost and self._is_ours():
            self._path.unlink()


def is_alive(path: ObjectPath, *, seconds: float | None = None) -> bool:
    """Whether somebody holds a lease."""
    try:
        changed = path.stat().st_mtime
    except FileNotFoundError:
        return False
    return server_time(path) - changed <= (seconds or seconds_of(LEASE, LEASE_SECONDS))


def server_time(path: ObjectPath) -> float:
    """Seconds by the clock of the server: it stamps what is written."""
    probe = path.parent / f".clock-{secrets.token_hex(8)}"
    probe.write_bytes(b"")
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink()
