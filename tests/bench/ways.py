"""The whole way on one core, on two, as a Prefect flow and on a Dask cluster: as ratios in one run.

    python -m tests.bench.ways [--reports 1000] [--paragraphs 44] [--ways turn processes] [--rounds 3]

Reports of 15 KB by default, each way in processes of its own; servers and clusters are up before the clock starts, as they are where runs are
scheduled. Seconds are of the clock on the wall: on a machine with other work they say little. What two cores can give at most is measured beside
it: batches in two processes that share nothing, against the same in one.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from storage import open_release
from storage.digest import content_hash
from tests.conftest import ROOT
from tests.corpus.generate import write
from tests.servers import dask_cluster, prefect_server

WHOLE = """
import json, resource, sys, time
from flows.pipeline import run_ingest
from flows.submit import in_processes, in_turn, run_on

def run(way, source, data, address):
    if way == "flow":
        from flows.ingest import ingest
        began = time.perf_counter()
        ingest([source], data)
        return time.perf_counter() - began
    if way == "dask":
        began = time.perf_counter()
        with run_on(address) as submit:
            run_ingest([source], data, submit=submit)
        return time.perf_counter() - began
    began = time.perf_counter()
    run_ingest([source], data, submit=in_turn if way == "turn" else in_processes)
    return time.perf_counter() - began

if __name__ == "__main__":
    seconds = run(*sys.argv[1:])
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": used[0].ru_maxrss / 1024}))
"""


ALONE = """
import sys, time
from pathlib import Path
from flows.clean import clean
from flows.extract import extract

pages = [path.read_bytes() for path in sorted(Path(sys.argv[1]).rglob("*.txt"))[:100]]
extract(clean(pages[0], "text/plain"))
began = time.perf_counter()
for page in pages * 3:
    extract(clean(page, "text/plain"))
print(time.perf_counter() - began)
"""


def most_of_two(source: Path, env: dict[str, str], rounds: int) -> list[float]:
    """How many times as much two processes do that share nothing, as one: what the machine gives, round by round."""

    def slowest(processes: int) -> float:
        command = [sys.executable, "-c", ALONE, str(source)]
        running = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(processes)
        ]
        return max(float(process.communicate()[0]) for process in running)

    return [2 * slowest(1) / slowest(2) for _ in range(rounds)]


WAYS = {"turn": "one core", "processes": "two processes", "flow": "Prefect flow", "dask": "two Dask workers"}


def show(reports: int, found: dict[str, dict[str, float]], tasks: int | None, ceiling: list[float]) -> None:
    """Print what was measured; ratios are to two processes, or to the first way where they were not measured."""
    first = "processes" if "processes" in found else next(iter(found))
    base = found[first]["seconds"]
    print(f"| {reports} reports | s | reports a second | of {WAYS[first]} | CPU s of the run | peak MB of the run |")
    print("|---|---|---|---|---|---|")
    for way, each in found.items():
        rate = reports / each["seconds"]
        told = f"| {each['seconds']:.1f} | {rate:.1f} | {each['seconds'] / base:.2f} | {each['cpu']:.1f} | {each['megabytes']:.0f} |"
        print(f"| {WAYS[way]} {told}")
    if tasks is not None:
        print(f"\n{tasks} task runs in the flow")
    told = ", ".join(f"{one:.2f}" for one in sorted(ceiling))
    print(f"\ntwo processes that share nothing do {told} times as much as one on this machine")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1_000)
    parser.add_argument("--paragraphs", type=int, default=44)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--rounds", type=int, default=1, help="each way so often, in turns; the fastest counts")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds is at least 1")
    tasks: int | None = None
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        work = Path(folder)
        source = write(work / "in", given.reports, seed=31, paragraphs=given.paragraphs)
        script = work / "way.py"  # spawned processes import it again
        script.write_text(WHOLE, encoding="utf-8")
        (work / "home").mkdir()
        env = {key: value for key, value in os.environ.items() if not key.startswith(("LVZHI_", "PREFECT_"))}
        env |= {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(work / "home"), "NO_PROXY": "127.0.0.1"}
        address = prefect = ""
        if "flow" in given.ways:
            prefect = servers.enter_context(prefect_server(work / "home"))
        if "dask" in given.ways:
            address, worker = servers.enter_context(dask_cluster(work))
            for _ in range(2):
                worker()
        found: dict[str, dict[str, float]] = {}
        hashes = set()
        ceiling = []
        for _ in range(given.rounds):
            ceiling += most_of_two(source, env, 3)
            for way in given.ways:
                data = work / way
                mine = env | ({"PREFECT_API_URL": prefect} if way == "flow" else {})
                command = [sys.executable, str(script), way, str(source), str(data), address]
                done = subprocess.run(command, cwd=ROOT, env=mine, capture_output=True, text=True, check=True)
                seen = json.loads(done.stdout.splitlines()[-1])
                found[way] = min(found.get(way, seen), seen, key=lambda one: one["seconds"])
                hashes.add(content_hash("figures", open_release(data).frame("figures")))
                shutil.rmtree(data)
        ceiling += most_of_two(source, env, 3)
        assert len(hashes) == 1, "the ways give other rows"
        if prefect:
            answer = httpx.post(f"{prefect}/task_runs/count", json={}, timeout=60, trust_env=False)
            tasks = answer.json() // given.rounds
    show(given.reports, found, tasks, ceiling)


if __name__ == "__main__":
    main()
