"""Pages a second from a server of this machine with politeness off: our fetcher, a plain httpx loop, Scrapy; in one run.

    python -m tests.bench.fetch [--pages 1000] [--rounds 5] [--scrapy PYTHON-WITH-SCRAPY]

Each gets the same pages and writes each to a file. Ours also reads robots.txt, checks every address, writes a row of the ledger and the
state of each page; it runs in a process of its own, as the others do, so that memory is its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import resource
import statistics
import subprocess
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PAGES, ROUNDS = 1000, 5


def play(pages: int, told: Connection) -> None:
    """The server, in a process of its own."""
    from tests.web import Site, page, report, served

    site = Site(
        {f"/{n}.html": page(report("武汉市", 2000 + n % 24, 100 + n) + "<p>" + "政协" * 5_000) for n in range(pages)}
    )
    with served(site):
        told.send(site.address)
        told.recv()


def ours(address: str, pages: int, folder: Path, connections: int, told: Connection) -> None:
    """Our fetcher, with the state and ledger of a run."""
    from flows.fetch.client import Client
    from flows.fetch.collect import Collector
    from flows.fetch.pace import Pace
    from flows.fetch.state import State
    from schemas.sources import Politeness, Source

    polite = Politeness(delay=0, connections=connections, budget=10 * pages, private=["127.0.0.1/32"])
    addresses = [f"{address}/{n}.html" for n in range(pages)]
    source = Source(name="bench", kind="page", addresses=addresses, politeness=polite, expect={"maximum": 10 * pages})
    memory: list[float] = []

    def watch(stage: str, done: int, total: int) -> None:
        if done in (pages // 10, pages // 2, pages):
            memory.append(_resident())

    state = State(folder)
    with Client() as client:
        collector = Collector(state, "bench", client, Pace(), watch)
        began = time.perf_counter()
        import datetime as dt

        collector.read(source, dt.date(2024, 1, 1))
        taken = time.perf_counter() - began
    assert len(list(state.bodies.iterdir())) == pages, "nothing lost"
    assert len(state.logged()) == pages + 1, "each request is in the ledger"
    state.close()
    told.send({"seconds": taken, "megabytes": memory[-1], "memory": memory})


def plain(address: str, pages: int, folder: Path, connections: int, told: Connection) -> None:
    """What anybody would write."""
    import httpx

    with httpx.Client() as client:
        began = time.perf_counter()
        for number in range(pages):
            data = client.get(f"{address}/{number}.html").content
            (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
        taken = time.perf_counter() - began
    told.send({"seconds": taken, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


def scrapy(python: str, address: str, pages: int, folder: Path, connections: int) -> dict[str, Any]:
    """Scrapy, in its own environment."""
    spider = Path(__file__).parent / "scrapy" / "spider.py"
    command = [python, str(spider), address, str(pages), str(folder), str(connections)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _resident() -> float:
    """Memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def in_process(work: Any, *arguments: Any) -> Any:
    """What a function sends from a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(*arguments, there))
    process.start()
    there.close()  # so that the end of a process that failed is the end of the wait
    answer = here.recv()
    process.join()
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--scrapy", help="a Python that has Scrapy")
    arguments = parser.parse_args()
    runs = {"httpx loop": (plain, 1), "ours, 1 connection": (ours, 1), "ours, 8 connections": (ours, 8)}
    found: dict[str, list[dict[str, Any]]] = {}
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=play, args=(arguments.pages, there))
    server.start()
    address = here.recv()
    try:
        for _ in range(arguments.rounds):
            for name, (work, connections) in runs.items():
                with tempfile.TemporaryDirectory() as folder:
                    done = in_process(work, address, arguments.pages, Path(folder), connections)
                found.setdefault(name, []).append(done)
            # As many as Scrapy has by default; with one it waits for most of the time.
            for connections in (8,) if arguments.scrapy else ():
                with tempfile.TemporaryDirectory() as folder:
                    done = scrapy(arguments.scrapy, address, arguments.pages, Path(folder), connections)
                    assert len(list(Path(folder).iterdir())) == arguments.pages
                found.setdefault(f"Scrapy, {connections} connections", []).append(done)
    finally:
        here.send("end")
        server.join()
    base = statistics.median(each["seconds"] for each in found["httpx loop"])
    for name, each in found.items():
        seconds = statistics.median(one["seconds"] for one in each)
        megabytes = statistics.median(one["megabytes"] for one in each)
        print(
            f"{name:<24} {arguments.pages / seconds:7.0f} pages/s  {base / seconds:5.2f} of the loop  {megabytes:5.0f} MB"
        )
    memory = [f"{value:.0f}" for value in found["ours, 1 connection"][-1]["memory"]]
    print(f"memory of ours after a tenth, half, all of the pages: {', '.join(memory)} MB")


if __name__ == "__main__":
    main()
