"""Batches on the workers of a Dask cluster: one of the ways of `flows.submit`.

A worker gets places in the archive, reads them there, keeps the rows in `staging/` and answers with counts and signatures; the run that asked commits. A worker that is lost
costs the batches that it had: the scheduler gives them to others. Workers with another version of code or vocabulary are refused,
also those that come later, for their rows would be others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from flows.inputs import code_version, vocabulary_version
from flows.submit import Submit
from schemas.errors import SourceError, UsageError
from schemas.settings import seconds_of

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")
ADDRESS = re.compile(r"dask://(\[[^\]]+\]|[^/:@]+):(\d{1,5})/?")
# Batches under way for each thread of the workers: one at work, one waiting. What is done waits with the worker until it is fetched.
AHEAD = 2
CONNECT_SECONDS = 20
# Seconds for which a run waits for a first worker, and for another one when all are lost.
WAIT, WAIT_SECONDS = "LVZHI_DASK_WAIT_SECONDS", 60

Versions = tuple[str, str]


def wait_seconds() -> float:
    """For how long a run waits for workers.

    Raises:
        UsageError: the setting is no number.
    """
    return seconds_of(WAIT, WAIT_SECONDS)


def scheduler_address(address: str) -> str:
    """The scheduler's own address.

    Args:
        address: as on the command line, dask://HOST:PORT.

    Raises:
        UsageError: it is no such address.
    """
    match = ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[2]) < 65536:
        raise UsageError(f"{address!r} is no place to run on; name a Dask scheduler, dask://HOST:PORT")
    return f"tcp://{match[1]}:{match[2]}"


@contextmanager
def on_cluster(address: str) -> Iterator[Submit[Any, Any]]:
    """A connection to a cluster, as a way to run batches.

    Args:
        address: dask://HOST:PORT of its scheduler.

    Raises:
        UsageError: no such address, `lvzhi[dask]` is not installed, or workers have other versions.
        SourceError: no scheduler answers, or it has no workers.
    """
    place = scheduler_address(address)
    client = _connect(place)
    try:
        require_same_versions(client)
        yield partial(_in_cluster, client)
    finally:
        client.close(timeout=CONNECT_SECONDS)


def _connect(place: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(f"{error}; a Dask cluster needs lvzhi[dask] (pip install 'lvzhi[dask]')") from error
    try:
        client = Client(place, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise SourceError(f"no Dask scheduler answers at {place}: {error}; start one with `dask scheduler`") from error
    try:
        client.wait_for_workers(1, timeout=wait_seconds())
    except TimeoutError as error:
        client.close()
        raise SourceError(f"the scheduler at {place} has no workers; start some with `dask worker {place}`") from error
    return client


def own_versions() -> Versions:
    """Versions of code and vocabulary of this process."""
    return code_version(), vocabulary_version()


def require_same_versions(client: Client) -> None:
    """Ask all workers for their versions.

    Raises:
        UsageError: a worker has others, or has no lvzhi.
    """
    ours = own_versions()
    for worker, theirs in sorted(client.run(own_versions, on_error="return").items()):
        if isinstance(theirs, BaseException):
            raise UsageError(f"worker {worker} cannot run lvzhi: {theirs}; install the same lvzhi there") from theirs
        if tuple(theirs) != ours:
            raise UsageError(_told(worker, ours, tuple(theirs)))


def _told(worker: str, ours: Versions, theirs: Versions) -> str:
    names = ("code", "vocabulary")
    other = [f"{name} {b} (here {a})" for name, a, b in zip(names, ours, theirs, strict=True) if a != b]
    return f"worker {worker} has {' and '.join(other)}; install the same lvzhi and libraries there, and start it again"


def checked(versions: Versions, function: Callable[[T], R], given: T) -> R:
    """Run a function on a worker, if that has the versions of the run.

    Raises:
        UsageError: it has others.
    """
    if own_versions() != versions:
        from distributed import get_worker

        raise UsageError(_told(get_worker().address, versions, own_versions()))
    return function(given)


def _in_cluster(client: Client, function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
    """Results in the order of the inputs; some inputs are ahead of what was asked for, never all.

    Raises:
        SourceError: workers are lost with a batch again and again, all of them are gone, or the scheduler is.
    """
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    work = partial(checked, own_versions(), function)
    waiting = iter(enumerate(inputs))
    futures: dict[int, Future[Any]] = {}
    asked = 0

    def send(number: int) -> None:
        for at, given in islice(waiting, max(0, number)):
            # Not pure: a batch is run, not looked up by its hash; it is the same function of the archive all the same.
            futures[at] = client.submit(work, given, pure=False, retries=0)

    try:
        send(_threads(client) * AHEAD)
        while futures:
            yield _result(client, futures[asked])
            del futures[asked]
            asked += 1
            send(_threads(client) * AHEAD - len(futures))
    except KilledWorker as error:
        raise SourceError(
            f"batch {asked + 1} ended several workers: {error}; give them more memory, or run without --on"
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise SourceError(
            f"the scheduler is gone: {error}; start it and its workers, and run again: nothing of this run is released"
        ) from error
    finally:
        with suppress(CancelledError, OSError):  # closed, or not answered in time
            client.cancel(list(futures.values()))


def _threads(client: Client) -> int:
    return max(1, sum(_workers(client).values()))


def _workers(client: Client) -> dict[str, int]:
    """Threads of each worker.

    Raises:
        CommClosedError: the scheduler does not answer.
    """
    from distributed.comm.core import CommClosedError

    try:
        return {worker: int(threads) for worker, threads in client.nthreads().items()}
    except OSError as error:  # it tries for a while to connect again
        raise CommClosedError(str(error)) from error


def _result(client: Client, future: Future[Any]) -> Any:
    """What a batch gives; an error where all workers are gone and none comes.

    Raises:
        SourceError: there are no workers.
    """
    while True:
        try:
            return future.result(timeout=wait_seconds())
        except TimeoutError as error:
            if future.status == "error":
                raise  # its own time-out
            if not _workers(client):
                raise SourceError(
                    f"all workers are gone, and none came within {wait_seconds():g} s; start some and run again"
                ) from error
