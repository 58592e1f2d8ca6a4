"""Progress on standard error: nothing in the first two seconds, nothing where it is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flows.pipeline import Progress, no_progress

QUIET_SECONDS = 2.0


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A function that shows stage, number done and total as a bar."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    tasks = {}
    began = time.monotonic()

    def show(stage: str, done: int, total: int) -> None:
        if time.monotonic() - began < QUIET_SECONDS:
            return
        if not bars.live.is_started:
            bars.start()
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    try:
        yield show
    finally:
        if bars.live.is_started:
            bars.stop()
