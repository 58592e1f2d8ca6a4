"""Captures in batches of about equal bytes, and what comes of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from flows.process import Batch, Capture, Processed, process
from flows.progress import Progress
from flows.submit import Submit

# A batch is worth a hand-over between processes and the validation of seven tables, which costs a third of a second however few
# rows there are; and there are several batches for each core.
MIN_BATCH_BYTES, MAX_BATCH_BYTES = 600_000, 4_000_000
BATCHES_PER_CORE = 4


def in_batches(captures: list[tuple[Capture, int]]) -> Iterator[list[Capture]]:
    """Captures in batches.

    Args:
        captures: each with its length in bytes.
    """
    share = sum(size for _, size in captures) // (BATCHES_PER_CORE * (os.cpu_count() or 1))
    full = min(MAX_BATCH_BYTES, max(MIN_BATCH_BYTES, share))
    batch: list[Capture] = []
    weight = 0
    for capture, size in captures:
        batch.append(capture)
        weight += size
        if weight >= full:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def process_all(batches: Iterable[Batch], submit: Submit[Batch, Processed], progress: Progress) -> list[Processed]:
    """What each batch gives, in their order.

    Args:
        batches: the batches.
        submit: runs them.
        progress: is told how many are done.
    """
    waiting = list(batches)
    results = []
    progress("process", 0, len(waiting))
    for done, result in enumerate(submit(process, waiting), 1):
        results.append(result)
        progress("process", done, len(waiting))
    return results
