"""What each stage costs, per MB and per report, and the whole way for 100 and 1,000 reports (10,000 with --large).

    python -m tests.bench.stages [--large] [--keep]

CPU seconds of synthetic reports. `--keep` adds the figures to `tests/bench/history.jsonl`; each run prints its ratio to the last line there.
What is kept is relative to a yardstick, a loop of plain Python that is timed beside the stages, so that lines of different machines can be
compared roughly; nothing fails on them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.capture import capture_pages
from flows.clean import clean_decoded
from flows.clean.decode import decode
from flows.clean.label import label_lines
from flows.clean.lines import split_lines
from flows.clean.reflow import paragraphs
from flows.clean.script import to_simplified
from flows.clean.web import read_web_page
from flows.extract import extract
from flows.extract.context import passages
from flows.extract.figures import extract_figures
from flows.extract.numerals import find_numerals
from flows.extract.periods import Period
from flows.process import process
from flows.progress import no_progress
from flows.publish import Work, commit
from flows.read import find
from flows.run import Run
from flows.summary import Summary
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage import open_release
from storage.folder import DataFolder
from tests.corpus.generate import reports, write

ROOT = Path(__file__).parent.parent.parent
HISTORY = Path(__file__).parent / "history.jsonl"
REPORTS, ROUNDS = 40, 3
WHOLE = """
import resource, sys, time
from flows.pipeline import run_ingest
from flows.submit import in_processes
if __name__ == "__main__":
    began = time.perf_counter()
    run_ingest([sys.argv[1]], sys.argv[2], submit=in_processes)
    took = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(took, sum(one.ru_utime + one.ru_stime for one in used), used[0].ru_maxrss, used[1].ru_maxrss)
"""


def yardstick() -> None:
    """A loop of plain Python, of patterns and dictionaries as the stages use them."""
    counts: Counter[str] = Counter()
    for number in range(3000):
        counts.update(re.findall(r"[\u4e00-\u9fff]{2}|\d+", f"全年共收到提案{number}件,审查立案{number // 2}件" * 3))


def best(work: Callable[[], object]) -> float:
    """CPU seconds of work at best."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def stages(folder: Path) -> tuple[dict[str, float], int]:
    """CPU seconds of each stage for so many reports, and their bytes."""
    made = list(reports(REPORTS, seed=11))
    source = write(folder / "in", REPORTS, seed=11)
    decoded = [decode(one.data) for one in made]
    web = [one.content_type == "text/html" for one in made]

    def lines() -> list[Any]:
        pairs = zip(decoded, web, strict=True)
        return [read_web_page(text.text).lines if html else split_lines(text.text) for text, html in pairs]

    pages = [clean_decoded(text, one.content_type) for text, one in zip(decoded, made, strict=True)]
    texts = [passages(page.paragraphs) for page in pages]
    found = {
        "read": best(lambda: [path.read_bytes() for path in source.iterdir()]),
        "decode": best(lambda: [decode(one.data) for one in made]),
        "lines": best(lines),
    }
    # Lines are put into simplified script as they are made, and labelled once: so new lines each time, without their cost.
    found["label"] = best(lambda: [label_lines(page) for page in lines()]) - found["lines"]
    found["script"] = best(lambda: [to_simplified(text.text) for text in decoded])
    found["lines"] -= found["script"]
    found["reflow"] = best(lambda: [paragraphs(page.lines) for page in pages])
    found["numerals"] = best(lambda: [find_numerals(one.folded) for text in texts for one in text])
    pairs = list(zip(texts, pages, strict=True))
    whole = best(lambda: [extract_figures(text, page.lines, Period(2023, 2023)) for text, page in pairs])
    found["figures"] = whole - found["numerals"]
    found["all of extraction"] = best(lambda: [extract(page) for page in pages])
    found |= _stored(folder, source)
    return {name: max(0.0, seconds) for name, seconds in found.items()}, sum(len(one.data) for one in made)


def _stored(folder: Path, source: Path) -> dict[str, float]:
    """CPU seconds of validation, and of the commit with the checks of the dataset."""
    with Run(DataFolder(folder / "data"), "ingest", {}) as run:
        pages = find([str(source)]).pages
        captured = capture_pages(run.folder, run.run_id, pages, {}, no_progress)
        batches = run.batches(captured.captures)
        results = [process(batch) for batch in batches]
        rows = {name: [row for one in results for row in one.frames[name].to_dicts()] for name in EXTRACTED}
        validate = best(lambda: [split(TABLES[name], TABLES[name].frame(rows[name])) for name in EXTRACTED])
        began = time.process_time()
        commit(run, Work(captured, batches, results, {}), Summary(run_id=run.run_id, found=len(pages)))
        return {"validate": validate, "commit": time.process_time() - began}


def whole_way(folder: Path, count: int) -> dict[str, float]:
    """The whole way for so many reports in a process of its own, then a run without changes and one over one report more."""
    source = write(folder / f"in{count}", count, seed=12)
    runs = {}
    for name in ("first", "unchanged", "one more"):
        if name == "one more":
            write(folder / f"more{count}", 1, seed=13)
            (folder / f"more{count}" / "000000.txt").rename(source / "more.txt")
        script = folder / "whole.py"  # spawned processes import it again
        script.write_text(WHOLE, encoding="utf-8")
        command = [sys.executable, str(script), str(source), str(folder / f"data{count}")]
        env = {"PYTHONPATH": str(ROOT), "PATH": ""}
        printed = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
        wall, cpu, peak, worker = map(float, printed.split())
        runs[name] = {"wall": wall, "cpu": cpu, "peak": peak / 1024, "worker": worker / 1024}
    assert open_release(folder / f"data{count}").frame("reports").height == count + 1
    first = runs["first"]
    return {
        "CPU ms a report": 1000 * first["cpu"] / count,
        "wall ms a report": 1000 * first["wall"] / count,
        "peak MB": first["peak"],
        "peak MB of a worker": first["worker"],
        "run without changes, share of the first (CPU)": runs["unchanged"]["cpu"] / first["cpu"],
        "run over one report more, against one without changes (CPU)": runs["one more"]["cpu"]
        / runs["unchanged"]["cpu"],
        "peak MB with one report more": runs["one more"]["peak"],
    }


def _last() -> dict[str, float]:
    if not HISTORY.exists():
        return {}
    lines = HISTORY.read_text(encoding="utf-8").splitlines()
    return dict(json.loads(lines[-1])["relative"]) if lines else {}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="10,000 reports, too")
    parser.add_argument("--small", action="store_true", help="the stages and 100 reports only")
    parser.add_argument("--keep", action="store_true", help="add a line to the history")
    given = parser.parse_args()
    unit = best(yardstick)
    with tempfile.TemporaryDirectory() as work:
        costs, size = stages(Path(work))
        unit = min(unit, best(yardstick))
        before = _last()
        relative = {name: round(seconds / REPORTS / unit, 6) for name, seconds in costs.items()}
        print("| stage | ms a MB | ms a report | against the last line of the history |")
        print("|---|---|---|---|")
        for name, seconds in costs.items():
            ratio = f"{relative[name] / before[name]:.2f}" if before.get(name) else ""
            print(f"| {name} | {1e9 * seconds / size:.1f} | {1000 * seconds / REPORTS:.3f} | {ratio} |")
        counts = [100] if given.small else [100, 1_000, *([10_000] if given.large else [])]
        results = {count: whole_way(Path(work), count) for count in counts}
        print("\n| the whole way | " + " | ".join(f"{count} reports" for count in counts) + " |")
        print("|---" * (len(counts) + 1) + "|")
        for name in results[counts[0]]:
            print(f"| {name} | " + " | ".join(f"{results[count][name]:.3g}" for count in counts) + " |")
    if given.keep:
        day = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
        kept = {"day": day, "python": platform.python_version(), "machine": platform.machine(), "relative": relative}
        with HISTORY.open("a", encoding="utf-8") as history:
            history.write(json.dumps(kept) + "\n")


if __name__ == "__main__":
    main()
