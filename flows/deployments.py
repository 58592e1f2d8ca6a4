"""The Prefect deployments, and what keeps killed runs from holding their place.

ingest/NAME       a source, by its schedule
ingest/by-hand    what is named
backfill/by-hand  the archive through today's code
maintain/nightly  compaction, retention
maintain/monthly  the same, and the whole archive is read and verified
"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from prefect import get_client
from prefect.automations import Automation
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.schedules import Cron
from prefect.states import Crashed

from flows.ingest import ingest
from flows.upkeep import backfill, maintain
from schemas.sources import Source

TIME_ZONE = "Asia/Shanghai"
# One run at a time for each deployment; one that falls due while another is at work is cancelled: the next one does its work.
ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
MISSED = 3
NIGHTLY, MONTHLY = "0 3 * * *", "0 4 1 * *"


def deployments(sources: list[Source], data: str) -> list[RunnerDeployment]:
    """All deployments.

    Args:
        sources: the sources; those that are not enabled have no schedule and run by hand.
        data: the data folder, absolute.
    """
    made = [
        ingest.to_deployment(
            name=source.name,
            schedule=Cron(source.schedule, timezone=TIME_ZONE) if source.enabled else None,
            concurrency_limit=ONE,
            parameters={"sources": [source.name], "data": data, "source_name": None},
            description=f"{source.about or source.name} ({source.kind})",
            tags=["lvzhi", source.kind],
        )
        for source in sources
    ]
    by_hand = ingest.to_deployment(
        name="by-hand",
        concurrency_limit=ONE,
        parameters={"sources": [], "data": data, "source_name": None},
        description="Files, addresses or sources that are named; all enabled sources if none is.",
        tags=["lvzhi"],
    )
    again = backfill.to_deployment(
        name="by-hand",
        concurrency_limit=ONE,
        parameters={"data": data},
        description="Reports that are in the archive, through today's code; with `dry_run` it shows what would change.",
        tags=["lvzhi"],
    )
    maintenance = [
        maintain.to_deployment(
            name=name,
            schedule=Cron(cron, timezone=TIME_ZONE),
            concurrency_limit=ONE,
            parameters={"data": data, "verify": verify},
            description=f"Small files together, old releases retired{', the archive verified' if verify else ''}.",
            tags=["lvzhi"],
        )
        for name, cron, verify in (("nightly", NIGHTLY, False), ("monthly", MONTHLY, True))
    ]
    return cast(list[RunnerDeployment], [*made, by_hand, again, *maintenance])


def close_left_runs(names: list[str]) -> int:
    """Close runs of a worker that was killed: this one starts, so nobody works on them. Returns how many.

    Args:
        names: deployments, as flow/name.
    """
    own = {name.rpartition("/")[2] for name in names}
    working = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=working))),
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=sorted(own))),
        )
        for run in runs:
            state: State[Any] = Crashed(message="its worker is gone; the next run goes on where it was")
            client.set_flow_run_state(run.id, state, force=True)
    return len(runs)


def ensure_zombie_automation(name: str, heartbeat_seconds: int) -> None:
    """See that runs whose heartbeat stops are closed, so that they do not hold their place.

    Args:
        name: name of the automation; one that is there already is left as it is.
        heartbeat_seconds: seconds between two signs of life.
    """
    try:
        cast(Automation, Automation.read(name=name))
        return
    except ValueError:
        pass
    ended = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
    automation = Automation(
        name=name,
        description="A run that gave no sign of life is closed; the next one goes on where it was.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *ended},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=dt.timedelta(seconds=MISSED * heartbeat_seconds),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, name="Crashed", message="no sign of life; it was killed", force=False
            )
        ],
    )
    cast(Automation, automation.create())
