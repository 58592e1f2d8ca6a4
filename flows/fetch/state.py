"""What is known of addresses and hosts, in an SQLite file of the data folder: it survives a run that is killed.

An address is `pending` (to be fetched), `waiting` (its bytes are here, not yet in a release), `done` (in a release, or a list
page), or `aside` (it failed too often). A fetch is open until the run that it feeds has released: the next run goes on with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from schemas.ids import report_id
from storage.folder import storage_errors

SCHEMA = """
CREATE TABLE IF NOT EXISTS fetches (fetch_id TEXT PRIMARY KEY, started TEXT NOT NULL, finished TEXT);
CREATE TABLE IF NOT EXISTS addresses (
    source TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL, status TEXT NOT NULL, kind TEXT NOT NULL,
    tries INTEGER NOT NULL, next_try TEXT, etag TEXT, last_modified TEXT, sha256 TEXT, content_type TEXT NOT NULL,
    fetched_at TEXT, final TEXT NOT NULL, read_by TEXT NOT NULL, history TEXT NOT NULL,
    PRIMARY KEY (source, role, address)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_status ON addresses (status);
CREATE TABLE IF NOT EXISTS requests (request_id TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, left_until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sources (source TEXT PRIMARY KEY, read_at TEXT, failed_at TEXT, reason TEXT NOT NULL);
"""
# An open fetch that is older is not gone on with: what it read first may have changed.
OPEN_FOR = dt.timedelta(days=1)
# A page that was set aside is tried again after so long.
ASIDE_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class Known:
    """What is known of an address; see the top of this module.

    Attributes:
        kind: kind of the capture that its bytes become: `web`, `epaper`, `warc`.
        final: the address that it was read from at last.
        read_by: the fetch that read it last.
        history: what went wrong with it since it was read last, oldest first.
    """

    source: str
    role: str
    address: str
    status: str = "pending"
    kind: str = "web"
    tries: int = 0
    next_try: dt.datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    content_type: str = ""
    fetched_at: dt.datetime | None = None
    final: str = ""
    read_by: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)


COLUMNS = tuple(Known.__dataclass_fields__)


class State:
    """The state in a folder; made if need be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bodies = folder / "bodies"
        self._lock = RLock()
        with storage_errors(folder):
            self.bodies.mkdir(parents=True, exist_ok=True)
            try:
                self._db = sqlite3.connect(folder / "state.sqlite", check_same_thread=False, isolation_level=None)
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(SCHEMA)
            except sqlite3.Error as error:
                raise OSError(f"the state of fetching is damaged or cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Connection]:
        """The file, for one thread at a time."""
        with self._lock, storage_errors(self.folder):
            try:
                yield self._db
            except sqlite3.Error as error:
                raise OSError(f"the state of fetching cannot be written: {error}") from error

    def begin(self) -> tuple[str, bool]:
        """The fetch that is open, or a new one; and whether it was open."""
        now = dt.datetime.now(dt.UTC)
        with self._cursor() as db:
            row = db.execute(
                "SELECT fetch_id, started FROM fetches WHERE finished IS NULL ORDER BY started DESC"
            ).fetchone()
            if row and now - dt.datetime.fromisoformat(row[1]) < OPEN_FOR:
                return str(row[0]), True
            fetch_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
            db.execute("INSERT INTO fetches VALUES (?, ?, NULL)", (fetch_id, now.isoformat()))
        return fetch_id, False

    def finish(self) -> None:
        """Close all fetches: what waited is in a release now, its bytes are in the archive."""
        with self._cursor() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE addresses SET status = 'done' WHERE status = 'waiting'")
            db.execute("UPDATE fetches SET finished = ? WHERE finished IS NULL", (_now(),))
            # What a run needs to know is the last one; the ledger has all.
            db.execute(
                "DELETE FROM fetches WHERE fetch_id NOT IN (SELECT fetch_id FROM fetches ORDER BY started DESC LIMIT 50)"
            )
            db.execute("COMMIT")
            needed = {row[0] for row in db.execute("SELECT sha256 FROM addresses WHERE role = 'list'")}
        with storage_errors(self.bodies):
            for path in self.bodies.iterdir():
                if path.name not in needed:
                    path.unlink()

    def ask_again(self, here: Collection[str]) -> None:
        """Forget that pages were read which the data folder has no more: they are asked for as if they were new.

        Args:
            here: ids of the reports whose bytes it has.
        """
        with self._cursor() as db:
            read = db.execute(
                "SELECT source, address FROM addresses WHERE role = 'page' AND status = 'done'"
            ).fetchall()
            lost = [(source, address) for source, address in read if report_id(source, address) not in here]
            forget = "UPDATE addresses SET status = 'pending', etag = NULL, last_modified = NULL, fetched_at = NULL, read_by = ''"
            db.executemany(f"{forget} WHERE role = 'page' AND source = ? AND address = ?", lost)
            # A WARC file that did not change would not be looked into.
            sources = sorted({(source,) for source, _ in lost})
            db.executemany(f"{forget} WHERE role = 'list' AND source = ?", sources)

    def get(self, source: str, role: str, address: str) -> Known:
        """What is known of an address; a pending one where it is met for the first time."""
        with self._cursor() as db:
            row = db.execute(
                f"SELECT {', '.join(COLUMNS)} FROM addresses WHERE source = ? AND role = ? AND address = ?",
                (source, role, address),
            ).fetchone()
        return _known(row) if row else Known(source, role, address)

    def with_status(self, status: str) -> list[Known]:
        """Pages of a status, in order of source and address."""
        with self._cursor() as db:
            rows = db.execute(
                f"SELECT {', '.join(COLUMNS)} FROM addresses WHERE status = ? AND role = 'page' ORDER BY source, address",
                (status,),
            ).fetchall()
        return [_known(row) for row in rows]

    def put(self, known: Known) -> None:
        """Note what is known of an address."""
        values = [getattr(known, name) for name in COLUMNS]
        plain = [
            value.isoformat()
            if isinstance(value, dt.datetime)
            else json.dumps(value, ensure_ascii=False)
            if name == "history"
            else value
            for name, value in zip(COLUMNS, values, strict=True)
        ]
        marks = ", ".join("?" * len(COLUMNS))
        with self._cursor() as db:
            db.execute(f"INSERT OR REPLACE INTO addresses ({', '.join(COLUMNS)}) VALUES ({marks})", plain)

    def keep(self, data: bytes) -> str:
        """Keep bytes until they are in the archive; their SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.bodies / sha256
        with storage_errors(self.bodies):
            if not path.exists():
                new = path.with_suffix(f".{secrets.token_hex(4)}.new")
                new.write_bytes(data)
                new.replace(path)
        return sha256

    def body(self, sha256: str | None) -> bytes | None:
        """Bytes that are kept; nothing where they are not."""
        try:
            return (self.bodies / sha256).read_bytes() if sha256 else None
        except FileNotFoundError:
            return None

    def log(self, row: dict[str, Any]) -> None:
        """Add a row to the ledger."""
        with self._cursor() as db:
            db.execute("INSERT INTO requests VALUES (?, ?)", (row["request_id"], json.dumps(row, ensure_ascii=False)))

    def logged(self) -> list[dict[str, Any]]:
        """Rows of the ledger that are not yet in the table `requests`."""
        with self._cursor() as db:
            return [json.loads(row[0]) for row in db.execute("SELECT row FROM requests ORDER BY rowid")]

    def forget_logged(self, ids: Collection[str]) -> None:
        """Forget rows of the ledger that are in the table now."""
        with self._cursor() as db:
            db.executemany("DELETE FROM requests WHERE request_id = ?", [(each,) for each in ids])

    def robots(self, origin: str, age: dt.timedelta) -> str | None:
        """robots.txt of an origin, if it was read within some time."""
        with self._cursor() as db:
            row = db.execute("SELECT text, at FROM robots WHERE origin = ?", (origin,)).fetchone()
        fresh = row and dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(row[1]) < age
        return str(row[0]) if fresh else None

    def put_robots(self, origin: str, text: str) -> None:
        """Keep robots.txt of an origin."""
        with self._cursor() as db:
            db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?)", (origin, text, _now()))

    def left_hosts(self) -> dict[str, float]:
        """Hosts that are left alone, with the time until which."""
        with self._cursor() as db:
            return {row[0]: row[1] for row in db.execute("SELECT host, left_until FROM hosts")}

    def leave_hosts(self, left: dict[str, float]) -> None:
        """Note the hosts that are left alone, and forget all others."""
        with self._cursor() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM hosts")
            db.executemany("INSERT INTO hosts VALUES (?, ?)", list(left.items()))
            db.execute("COMMIT")

    def note_source(self, source: str, reason: str) -> None:
        """Note that a source was read, or why it could not be."""
        with self._cursor() as db:
            db.execute("INSERT OR IGNORE INTO sources VALUES (?, NULL, NULL, '')", (source,))
            column = "failed_at" if reason else "read_at"
            db.execute(f"UPDATE sources SET {column} = ?, reason = ? WHERE source = ?", (_now(), reason, source))

    def sources(self) -> dict[str, tuple[dt.datetime | None, dt.datetime | None, str]]:
        """When each source was read last, when it failed last, and why."""
        with self._cursor() as db:
            rows = db.execute("SELECT source, read_at, failed_at, reason FROM sources").fetchall()
        return {name: (_time(read), _time(failed), reason) for name, read, failed, reason in rows}


def _known(row: tuple[Any, ...]) -> Known:
    values = dict(zip(COLUMNS, row, strict=True))
    values["next_try"], values["fetched_at"] = _time(values["next_try"]), _time(values["fetched_at"])
    values["history"] = json.loads(values["history"])
    return Known(**values)


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
