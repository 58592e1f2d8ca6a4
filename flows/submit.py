"""The ways to run batches: in this process, in a pool of processes, or on a cluster (`flows.cluster`).

A `Submit` takes a function and its inputs and yields the results in the order of the inputs. The pipeline
knows nothing else of how its work is run.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
CORES = os.cpu_count() or 1
Submit = Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]


@contextmanager
def run_on(address: str | None) -> Iterator[Submit[Any, Any]]:
    """The way to run batches that an address names: a pool of processes where none is given.

    Args:
        address: dask://HOST:PORT, or nothing.

    Raises:
        LvzhiError: as `flows.cluster.on_cluster`.
    """
    if not address:
        yield in_processes
        return
    from flows.cluster import on_cluster  # a library of its own, and half a second

    with on_cluster(address) as submit:
        yield submit


def in_turn(function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
    """One after the other, in this process."""
    yield from map(function, inputs)


def in_processes(function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
    """In as many processes as there are cores; a single input is not worth the start of one."""
    waiting = list(inputs)
    if min(len(waiting), CORES) < 2:
        yield from in_turn(function, waiting)
        return
    with process_pool(len(waiting)) as pool:
        try:
            yield from pool.map(function, waiting)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def process_pool(inputs: int) -> ProcessPoolExecutor:
    """A pool of processes, no more than there are cores or inputs.

    They are spawned, not forked: deltalake does not survive a fork.
    """
    return ProcessPoolExecutor(
        min(inputs, CORES), mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """End this worker when the run that started it is gone, also if it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
