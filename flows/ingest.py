"""The Prefect flow `ingest`: the pipeline of `flows.pipeline`, with a task for each batch and a run summary.

A batch, not a report, is a task: a task costs more than a report. Tasks wait in threads while the batches
run in processes, and get places in the archive, not pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, cast

# No word to anybody outside; must be set before Prefect is imported.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
# The embedded server takes up to 20 s to start in a new home folder, which is the default time-out.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.gate import Acceptance
from flows.pipeline import run_ingest
from flows.process import Batch, Processed
from flows.report_checks import as_markdown, check_release
from flows.submit import CORES, in_turn, process_pool


@task(name="process batch", task_run_name="batch of {size} from {first}", retries=1, persist_result=False)
def process_batch(work: Callable[[Batch], Processed], batch: Batch, size: int, first: str) -> Processed:
    """Process one batch in this thread, or in the pool that `work` sends it to.

    Args:
        work: what runs the batch.
        batch: the captures.
        size: how many they are, for the name of the task run.
        first: address of the first one, for the same.
    """
    return work(batch)


@flow(
    name="ingest",
    description="Reports from files into the tables of a data folder; ends with a release.",
    task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=CORES)),
    validate_parameters=True,
)
def ingest(
    sources: list[str],
    data: str = "data",
    source_name: str | None = None,
    accept: list[str] = [],  # noqa: B006 - Prefect shows it as a parameter, and it is not changed
    reason: str = "",
    on: str | None = None,
) -> dict[str, Any]:
    """Ingest files, folders or globs; the run summary becomes the artifact `ingest-summary`, that of the checks `check-summary`.

    Args:
        sources: files, folders or globs.
        data: the data folder.
        source_name: name for the source; made from the folder if none is given.
        accept: rules of the dataset that do not stop the release.
        reason: why.
        on: dask://HOST:PORT of the cluster that `flow_on` was given; the tasks run on its workers.

    Returns:
        The counts of the run, as in `runs.counts`, and its exit status.

    Raises:
        LvzhiError: as `flows.pipeline.run_ingest`.
    """
    acceptance = Acceptance(tuple(accept), reason)
    submit = _on_workers if on else _in_tasks
    summary = run_ingest(sources, data, source_name=source_name, accept=acceptance, submit=submit)
    create_markdown_artifact(
        key="ingest-summary", markdown=summary.markdown(), description=f"Run {summary.run_id} into {data}"
    )
    if summary.release is not None:
        create_markdown_artifact(
            key="check-summary",
            markdown=as_markdown(check_release(data)),
            description=f"Checks of release {summary.release} in {data}",
        )
    return {"rows": summary.rows(), "exit_status": summary.exit_status, "release": summary.release}


def flow_on(address: str | None) -> Callable[..., dict[str, Any]]:
    """The flow, with its tasks on the workers of a Dask cluster where an address is given.

    Args:
        address: dask://HOST:PORT, or nothing.

    Raises:
        LvzhiError: as `flows.cluster.on_cluster`, which looks at the cluster before the flow begins.
    """
    if not address:
        return ingest
    from flows.cluster import on_cluster, scheduler_address

    with on_cluster(address):
        from prefect_dask.task_runners import DaskTaskRunner  # after a look whether the extra is installed

    runner = DaskTaskRunner(address=scheduler_address(address))
    return ingest.with_options(task_runner=cast(TaskRunner[PrefectFuture[Any]], runner))


def _on_workers(function: Callable[[Batch], Processed], batches: Iterable[Batch]) -> Iterator[Processed]:
    """Each batch as a task run on a worker, which is asked for its versions first."""
    from flows.cluster import checked, own_versions

    work = partial(checked, own_versions(), function)
    futures = [_submit(work, batch) for batch in batches]
    yield from (future.result() for future in futures)


def _in_tasks(function: Callable[[Batch], Processed], batches: Iterable[Batch]) -> Iterator[Processed]:
    """Each batch as a task run; more than one in a pool of processes."""
    waiting = list(batches)
    if len(waiting) < 2:
        yield from in_turn(lambda batch: _submit(function, batch).result(), waiting)
        return
    with process_pool(len(waiting)) as pool:
        futures = [_submit(lambda batch: pool.submit(function, batch).result(), batch) for batch in waiting]
        yield from (future.result() for future in futures)


def _submit(work: Callable[[Batch], Processed], batch: Batch) -> Any:
    return process_batch.submit(work, batch, len(batch.captures), batch.captures[0].source_uri)
