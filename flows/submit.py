"""The ways to run batches: in this process, or in a pool of processes.

A `Submit` takes a function and its inputs and yields the results in the order of the inputs. The pipeline
knows nothing else of how its work is run.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
Submit = Callable[[Callable[[T], R], Iterable[T]], Iterator[R]]


def in_turn(function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
    """One after the other, in this process."""
    yield from map(function, inputs)


def in_processes(function: Callable[[T], R], inputs: Iterable[T]) -> Iterator[R]:
    """In as many processes as there are cores; a single input is not worth the start of one.

    Processes are spawned, not forked: deltalake does not survive a fork.
    """
    waiting = list(inputs)
    workers = min(len(waiting), os.cpu_count() or 1)
    if workers < 2:
        yield from in_turn(function, waiting)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(function, waiting)
