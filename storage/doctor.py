"""Whether a place is safe to hold a data folder: reads what it wrote, and of several that write at once one wins.

Some servers of object stores answer that a conditional put succeeded, and keep another one: commits are lost there
without a word. So it is tried, by a race.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from schemas.errors import LvzhiError
from storage.folder import DataFolder, create_atomically, storage_errors, write_atomically
from storage.lease import server_time
from storage.objects import ObjectPath, storage_options

WRITERS = 8
COMMITS = 4
LEAST_FREE = 1_000_000_000  # bytes


@dataclass(frozen=True)
class Finding:
    """What one trial found: its name, whether all is well, and what was seen."""

    trial: str
    passed: bool
    seen: str


def examine(folder: DataFolder, rounds: int = 25) -> Iterator[Finding]:
    """Try a place. What is written goes to a folder of its own, and is removed.

    Args:
        folder: the data folder; it need not exist.
        rounds: races of each kind.
    """
    place = folder.root / f"doctor-{secrets.token_hex(6)}"
    try:
        reached = _finding("written text is read back", partial(_read_back, place))
        yield reached
        if not reached.passed:
            return
        yield _finding(f"of {WRITERS} that create a file one wins", partial(_create_race, place, rounds))
        if isinstance(place, ObjectPath):
            yield _finding(f"of {WRITERS} that replace an object one wins", partial(_swap_race, place, rounds))
            yield _finding("the clock of the server", partial(_clock, place))
        else:
            yield _finding("space", partial(_space, place))
        yield _finding("no commit to a Delta table is lost", partial(_commits, folder, place))
    finally:
        _remove(place)


def _finding(trial: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(trial, True, attempt())
    except (_Wrong, LvzhiError, OSError, DeltaError) as error:
        return Finding(trial, False, str(error).split("\n")[0])


class _Wrong(Exception):
    """A trial found something wrong."""


def _read_back(place: Path) -> str:
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        for text in ("one", "two"):
            write_atomically(place / "text", text)
            if (found := (place / "text").read_text()) != text:
                raise _Wrong(f"wrote {text!r}, read {found!r}")
        names = [path.name for path in place.iterdir()]
        if names != ["text"]:
            raise _Wrong(f"wrote 'text', the list has {names}")
        (place / "text").unlink()
        if (place / "text").exists():
            raise _Wrong("a removed file is still there")
    return "so it is, replaced, listed and removed"


def _race(attempt: Callable[[str], bool]) -> list[str]:
    """Names of those whose attempt succeeded, of several that start together."""
    start = threading.Barrier(WRITERS)

    def run(name: str) -> str:
        start.wait()
        return name if attempt(name) else ""

    with ThreadPoolExecutor(WRITERS) as pool:
        return [name for name in pool.map(run, (secrets.token_hex(4) for _ in range(WRITERS))) if name]


def _judge(winners: list[str], kept: str, number: int) -> None:
    if len(winners) != 1:
        raise _Wrong(f"race {number}: {len(winners)} of {WRITERS} were told that they won; commits can be lost here")
    if winners[0] != kept:
        raise _Wrong(f"race {number}: {winners[0]} was told that it won, {kept} was kept; commits are lost here")


def _create_race(place: Path, rounds: int) -> str:
    for number in range(rounds):
        path = place / f"create-{number}"
        if isinstance(path, ObjectPath):
            winners = _race(partial(_create_object, path))
        else:
            winners = _race(partial(_create_in_own_name, path))
        _judge(winners, path.read_text(), number + 1)
    return f"{rounds} races, one winner each, whose content was kept"


def _create_object(path: ObjectPath, name: str) -> bool:
    return path.create(name.encode())


def _swap_object(path: ObjectPath, etag: str, name: str) -> bool:
    return path.swap(name.encode(), etag)


def _create_in_own_name(path: Path, name: str) -> bool:
    """Threads of one process share its number, by which temporary files are told apart."""
    own = path.with_name(f"{path.name}-{name}")
    create_atomically(own, name)
    try:
        path.hardlink_to(own)
    except FileExistsError:
        return False
    return True


def _swap_race(place: ObjectPath, rounds: int) -> str:
    for number in range(rounds):
        path = place / f"swap-{number}"
        path.create(b"first")
        etag = path.stat().etag
        winners = _race(partial(_swap_object, path, etag))
        _judge(winners, path.read_text(), number + 1)
    return f"{rounds} races, one winner each, whose content was kept"


def _clock(place: ObjectPath) -> str:
    apart = server_time(place / "clock") - time.time()
    return f"{abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} that of this machine; leases go by the server's"


def _space(place: Path) -> str:
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE:
        raise _Wrong(f"{free:,} bytes are free; a run may need more")
    return f"{free:,} bytes are free"


def _commits(folder: DataFolder, place: Path) -> str:
    """Several write to one table at once; each commit that succeeded must be there."""
    options = storage_options() if folder.is_remote else None
    uri = str(place / "table")
    write_deltalake(uri, pl.DataFrame({"writer": ["0"], "row": [0]}).to_arrow(), storage_options=options)
    committed: set[tuple[str, int]] = {("0", 0)}
    refused: list[str] = []

    def write(name: str) -> bool:
        for row in range(COMMITS):
            frame = pl.DataFrame({"writer": [name], "row": [row]})
            try:
                write_deltalake(uri, frame.to_arrow(), mode="append", storage_options=options)
            except CommitFailedError:
                refused.append(name)  # told, so not lost
            else:
                committed.add((name, row))
        return True

    writers = _race(write)
    found = pl.read_delta(DeltaTable(uri, storage_options=options), storage_options=options)
    missing = committed - set(found.select("writer", "row").iter_rows())
    if missing:
        raise _Wrong(f"{len(missing)} of {len(committed)} commits that succeeded are not there; commits are lost here")
    return f"{len(writers)} writers at once, {len(committed)} commits, all there; {len(refused)} were refused"


def _remove(place: Path) -> None:
    if isinstance(place, ObjectPath):
        try:
            for path in list(place.rglob("*")):
                path.unlink()
        except LvzhiError:
            pass  # it could not be reached; that was told
    else:
        shutil.rmtree(place, ignore_errors=True)


def as_json(findings: list[Finding]) -> str:
    """The findings as JSON."""
    return json.dumps([vars(finding) for finding in findings], ensure_ascii=False)
