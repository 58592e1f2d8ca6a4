"""The flow on a real Prefect server: the same tables as the direct run, a task for a batch, a summary artifact."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from polars.testing import assert_frame_equal

from schemas.tables import EXTRACTED
from storage import ReleaseReader, open_release
from tests import web
from tests.conftest import ROOT, SAMPLES, Command
from tests.servers import prefect_server
from tests.web import Site

pytestmark = pytest.mark.xdist_group("prefect")  # one server for all


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prefect_server(tmp_path_factory.mktemp("prefect")) as address:
        yield address


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """What the server answers; it is asked again while SQLite, under several runs at once, has it answer 503."""
    for _ in range(60):
        answer = httpx.request(method, url, json=body, timeout=60, trust_env=False)
        if answer.status_code < 500:
            break
        time.sleep(1)
    assert answer.is_success, f"{answer.status_code}: {answer.text}"
    return answer.json()


def post(server: str, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    return list(ask("POST", f"{server}/{path}", body))


def test_the_flow_writes_the_same_tables_as_the_direct_run(
    server: str, lvzhi: Command, tmp_path: Path, released: ReleaseReader
) -> None:
    data = tmp_path / "data"
    env = {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    run = lvzhi("ingest", SAMPLES, "--data", data, "--source", "samples", env=env)
    assert run.returncode == 0, run.stderr
    assert "6 found = 6 read" in run.stdout
    flowed = open_release(data)
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(flowed.frame(name).drop(volatile), released.frame(name).drop(volatile))

    (flow_run,) = post(server, "flow_runs/filter", {})
    assert flow_run["state"]["type"] == "COMPLETED"
    assert flow_run["parameters"]["sources"] == [str(SAMPLES)]
    assert len(post(server, "task_runs/filter", {})) == 1
    (artifact,) = post(server, "artifacts/filter", {"artifacts": {"key": {"any_": ["ingest-summary"]}}})
    assert "6 found = 6 read + 0 unchanged + 0 quarantined" in artifact["data"]
    assert flowed.release.run_id in artifact["description"]


def test_several_batches_are_several_tasks_with_the_same_rows(
    server: str, tmp_path: Path, released: ReleaseReader
) -> None:
    before = len(post(server, "task_runs/filter", {}))
    script = (
        "import flows.batches as p; p.MAX_BATCH_BYTES = 4000\n"
        "from flows.ingest import ingest\n"
        f"if __name__ == '__main__': ingest([{str(SAMPLES)!r}], {str(tmp_path / 'data')!r}, 'samples')\n"
    )
    (tmp_path / "run.py").write_text(script)
    env = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    run = subprocess.run(
        [sys.executable, tmp_path / "run.py"], env=env, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    flowed = open_release(tmp_path / "data")
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(flowed.frame(name).drop(volatile), released.frame(name).drop(volatile))
    assert len(post(server, "task_runs/filter", {})) - before > 1


def test_a_server_that_does_not_answer_is_named(lvzhi: Command, tmp_path: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path / "home")}
    run = lvzhi("ingest", SAMPLES, "--data", tmp_path / "data", env=env)
    assert run.returncode == 3
    assert "PREFECT_API_URL=http://127.0.0.1:9/api" in run.stderr
    assert not (tmp_path / "data").exists()


def in_prefect(server: str, folder: Path, script: str) -> str:
    """What a script prints that works with the server."""
    env = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(folder / "home"), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout


ZOMBIE = """
import json, sys, time, uuid
from datetime import datetime, UTC
import httpx
from prefect import get_client
from prefect.states import Pending, Running
from flows.deployments import deployments, ensure_zombie_automation
by_hand, = [made for made in deployments([], "data") if made.name == "by-hand" and made.flow_name == "ingest"]
deployment = by_hand.apply()
ensure_zombie_automation("a sign in four seconds", 4)
ensure_zombie_automation("a sign in four seconds", 4)
with get_client(sync_client=True) as client:
    def begin():
        run = client.create_flow_run_from_deployment(deployment)
        client.set_flow_run_state(run.id, Pending())
        if state(run.id) == "PENDING":  # a worker starts no other one
            client.set_flow_run_state(run.id, Running())
        return run.id
    def state(run):
        return client.read_flow_run(run).state.type.value
    first = begin()
    second = begin()
    said = [state(first), state(second)]
    sign = {"id": str(uuid.uuid4()), "occurred": datetime.now(UTC).isoformat(), "event": "prefect.flow-run.heartbeat"}
    sign["resource"] = {"prefect.resource.id": f"prefect.flow-run.{first}"}
    httpx.post(ADDRESS + "/events", json=[sign], timeout=30, trust_env=False).raise_for_status()
    for _ in range(240):
        if state(first) != "RUNNING":
            break
        time.sleep(0.5)
    said += [state(first), state(begin())]
print(json.dumps(said))
"""


@pytest.mark.slow
def test_a_run_without_a_sign_of_life_is_closed_and_the_next_one_has_its_place(server: str, tmp_path: Path) -> None:
    """One writer: a second run is cancelled. When the heartbeat of the first stops, it is closed, and a third may run."""
    script = ZOMBIE.replace("ADDRESS", repr(server))
    assert json.loads(in_prefect(server, tmp_path, script)) == ["RUNNING", "CANCELLED", "CRASHED", "RUNNING"]
    automations = [each["name"] for each in post(server, "automations/filter", {})]
    assert automations.count("a sign in four seconds") == 1


def test_a_block_of_prefect_sends_messages(server: str, tmp_path: Path) -> None:
    """Secrets of chat and mail services are kept in blocks; here one that posts to a server of this machine."""
    with web.served(Site({"/hook": web.page("")})) as site:
        script = (
            "import os\n"
            "from prefect.blocks.notifications import CustomWebhookNotificationBlock as Block\n"
            "from flows.notify import notify\n"
            f"block = Block(name='ops', url={site.url('/hook')!r}, json_data={{'said': '{{{{body}}}}'}})\n"
            "block.save('ops')\n"
            "os.environ['LVZHI_NOTIFY'] = 'custom-webhook/ops'\n"
            "print(notify('wuhan is stale'))\n"
            "os.environ['LVZHI_NOTIFY'] = 'custom-webhook/another'\n"
            "print(notify('wuhan is stale'))\n"
        )
        assert in_prefect(server, tmp_path, script).split() == ["True", "False"]
    assert [json.loads(asked.body) for asked in site.log] == [{"said": "wuhan is stale"}]


@contextmanager
def served(server: str, folder: Path, cron: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`lvzhi serve` with the samples as its source while the block runs, and its log."""
    (folder / "seeds" / "sources").mkdir(parents=True)
    text = f'kind = "folder"\npath = "{SAMPLES}"\nschedule = "{cron}"\n'
    (folder / "seeds" / "sources" / "samples.toml").write_text(text, encoding="utf-8")
    env = os.environ | {"PREFECT_API_URL": server, "PREFECT_HOME": str(folder / "home"), "NO_PROXY": "127.0.0.1"}
    env |= {"LVZHI_SEEDS": str(folder / "seeds"), "LVZHI_SITE": "https://site.example/"}
    command = [sys.executable, "-m", "flows.cli", "serve", "--data", str(folder / "data")]
    path = folder / "serve.log"
    with path.open("w") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process, path
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def until(process: subprocess.Popen[bytes], log: Path, look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it finds something; fails after six minutes, or when the process ended."""
    for _ in range(360):
        if found := look():
            return found
        assert process.poll() is None, log.read_text()
        time.sleep(1)
    pytest.fail(f"nothing after six minutes: {log.read_text()}")


EXPECTED = {
    "ingest/samples": ["0 6 * * *"],
    "ingest/by-hand": [],
    "backfill/by-hand": [],
    "maintain/nightly": ["0 3 * * *"],
    "maintain/monthly": ["0 4 1 * *"],
}


def listed(server: str) -> dict[str, Any]:
    """Deployments by flow and name."""
    made = post(server, "deployments/filter", {})  # first: a flow comes before its deployment
    flows = {flow["id"]: flow["name"] for flow in post(server, "flows/filter", {})}
    return {f"{flows[each['flow_id']]}/{each['name']}": each for each in made}


@pytest.mark.slow
def test_the_served_deployments_have_schedules_and_forms_and_run_by_hand(server: str, tmp_path: Path) -> None:
    with served(server, tmp_path, "0 6 * * *") as (process, log):
        made = until(process, log, lambda: listed(server).keys() >= EXPECTED.keys() and listed(server))
        assert {name: [s["schedule"]["cron"] for s in made[name]["schedules"]] for name in EXPECTED} == EXPECTED
        for name in EXPECTED:
            shown = made[name]["parameter_openapi_schema"]["properties"]
            assert all(field.get("description") for field in shown.values()), name

        def run(name: str, **parameters: Any) -> None:
            create = f"{server}/deployments/{made[name]['id']}/create_flow_run"
            begun = ask("POST", create, {"parameters": made[name]["parameters"] | parameters})["id"]

            def ended() -> str:
                state = str(ask("GET", f"{server}/flow_runs/{begun}")["state"]["type"])
                return state if state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else ""

            assert until(process, log, ended) == "COMPLETED", log.read_text()

        run("maintain/nightly")
        assert not (tmp_path / "data").exists(), "where nothing was ingested, nothing is maintained"
        run("ingest/samples")
        run("backfill/by-hand", dry_run=True, since="2020-01-01")
        run("maintain/monthly", keep_last=5)
        artifacts = {artifact["key"] for artifact in post(server, "artifacts/filter", {})}
        assert artifacts >= {"ingest-summary", "check-summary", "freshness", "site"}
        assert artifacts >= {"backfill-summary", "backfill-changes", "maintain-summary", "disk-usage"}
    reader = open_release(tmp_path / "data")
    assert reader.frame("reports").height == len(list(SAMPLES.iterdir()))
    assert reader.frame("runs").sort("started_at")["flow"].to_list() == ["ingest", "backfill", "maintain"]


@pytest.mark.slow
def test_a_schedule_makes_runs_by_itself(server: str, tmp_path: Path) -> None:
    completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    with served(server, tmp_path, "* * * * *") as (process, log):
        until(process, log, lambda: [r for r in post(server, "flow_runs/filter", completed) if r["auto_scheduled"]])
    assert open_release(tmp_path / "data").frame("reports").height == len(list(SAMPLES.iterdir()))
