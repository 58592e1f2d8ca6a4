"""What the flows have of Prefect: how a flow is made, a task for each batch, artifacts.

A batch, not a report, is a task: a task costs more than a report. Tasks wait in threads while the batches
run in processes, and get places in the archive, not pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

# No word to anybody outside; must be set before Prefect is imported.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
# The embedded server takes up to 20 s to start in a new home folder, which is the default time-out.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import Flow, flow, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import FlowRun, State
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.notify import notify
from flows.process import Batch, Processed
from flows.report_checks import as_markdown, recorded_findings
from flows.submit import CORES, Submit, in_turn, process_pool

P = ParamSpec("P")
R = TypeVar("R")
# Address at which the pages of `lvzhi site` are published; each run links to it.
SITE = "LVZHI_SITE"
# A table in the UI is for a look; all rows are in the data folder.
MOST_ROWS = 200


def lvzhi_flow(name: str, description: str) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """A decorator that makes a flow: tried twice, and told of where it fails.

    Args:
        name: its name.
        description: what it does, as the UI shows it.
    """
    return flow(
        name=name,
        description=description,
        retries=1,
        retry_delay_seconds=10,
        on_failure=[_tell],
        on_crashed=[_tell],
        task_runner=cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=CORES)),
        validate_parameters=True,
    )


def _tell(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tell that a run failed."""
    notify(f"lvzhi {flow.name}: run {flow_run.name} {str(state.name).lower()}: {state.message}")


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


def in_tasks(function: Callable[[Batch], Processed], batches: Iterable[Batch]) -> Iterator[Processed]:
    """Each batch as a task run; more than one in a pool of processes. A `Submit` of `flows.submit`."""
    waiting = list(batches)
    if len(waiting) < 2:
        yield from in_turn(lambda batch: _submit(function, batch).result(), waiting)
        return
    with process_pool(len(waiting)) as pool:
        futures = [_submit(lambda batch: pool.submit(function, batch).result(), batch) for batch in waiting]
        yield from (future.result() for future in futures)


def tasks_on(address: str | None) -> Submit[Batch, Processed]:
    """The way in which the batches of a flow run: in processes of this machine, or as task runs on the workers of a cluster.

    Args:
        address: dask://HOST:PORT, or nothing.

    Raises:
        LvzhiError: as `flows.cluster.on_cluster`, which looks at the cluster first.
    """
    if not address:
        return in_tasks
    from flows import cluster  # a library of its own

    with cluster.on_cluster(address):
        return partial(_on_workers, cluster.scheduler_address(address))


def _on_workers(address: str, function: Callable[[Batch], Processed], batches: Iterable[Batch]) -> Iterator[Processed]:
    """Each batch as a task run on a worker, which is asked for its versions first."""
    from prefect_dask.task_runners import DaskTaskRunner

    from flows.cluster import checked, own_versions

    work = partial(checked, own_versions(), function)
    with DaskTaskRunner(address=address) as runner:
        futures = [runner.submit(process_batch, _parameters(work, batch)) for batch in batches]
        yield from (future.result() for future in futures)


def _submit(work: Callable[[Batch], Processed], batch: Batch) -> Any:
    return process_batch.submit(**_parameters(work, batch))


def _parameters(work: Callable[[Batch], Processed], batch: Batch) -> dict[str, Any]:
    return {"work": work, "batch": batch, "size": len(batch.captures), "first": batch.captures[0].source_uri}


def show_text(key: str, markdown: str, description: str) -> None:
    """Leave a text with the run, as the artifact `key`."""
    create_markdown_artifact(key=key, markdown=markdown, description=description)


def show_table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """Leave the first rows of a table with the run, as the artifact `key`."""
    create_table_artifact(key=key, table=rows[:MOST_ROWS], description=description)


def show_release(release: int | None, data: str) -> None:
    """Leave the checks of the current release with the run, and a link to its pages where they are published."""
    if release is None:
        return
    checks = as_markdown(recorded_findings(data))
    show_text("check-summary", checks, f"Checks of release {release} in {data}")
    if site := os.environ.get(SITE, ""):
        create_link_artifact(key="site", link=site, description=f"Pages of the data in {data}")
