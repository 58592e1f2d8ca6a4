"""What others take for the same input, as ratios in one run: cleaning, script, numbers, writing.

    make bench-peers
    python -m tests.bench.peers --python PYTHON_WITH_PEERS [--pages DIR]

CPU seconds of the best round, each in a process of its own. Pages are those of a folder, by default the 69 that lie beside the project; without them,
web pages that the generator of synthetic reports makes, which have less furniture. Texts are the passages of clean synthetic reports. How well each reads
is measured elsewhere (RESULTS.md).
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from opencc import OpenCC

from flows.clean import PageRejected, clean, clean_decoded
from flows.clean.decode import decode
from flows.clean.script import to_simplified
from flows.extract.context import passages
from flows.extract.numerals import find_numerals
from schemas.tables import TABLES
from storage.columns import arrow_schema
from storage.folder import DataFolder
from storage.tables import Tables
from tests.corpus.generate import reports

ROOT = Path(__file__).parent.parent.parent
PEER = Path(__file__).parent / "peers" / "peer.py"
COUNT, ROUNDS = 24, 5


def ours(work: Callable[[str], object], texts: list[str], rounds: int) -> float:
    """CPU seconds of our own work at best."""
    work(texts[0])
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for text in texts:
            work(text)
        times.append(time.process_time() - began)
    return min(times)


def peer(python: str, work: str, texts: list[str], rounds: int) -> dict[str, Any]:
    """What a peer takes, in its own environment."""
    request = {"work": work, "rounds": rounds, "texts": [base64.b64encode(text.encode()).decode() for text in texts]}
    done = subprocess.run([python, str(PEER)], input=json.dumps(request), capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(
    what: str,
    unit: float,
    label: str,
    ours_takes: float,
    others: dict[str, dict[str, Any]],
) -> None:
    """Print a table: how much each gets done in a CPU second, and our ratio to it."""
    print(f"\n| {what} | {label} a CPU second | ours is |")
    print("|---|---|---|")
    print(f"| ours | {unit / ours_takes:.4g} | |")
    for name, done in others.items():
        rate = unit / done["seconds"]
        print(f"| {name} {done['version']} | {rate:.4g} | {done['seconds'] / ours_takes:.3g} times |")


def web_pages(folder: Path) -> list[str]:
    """Web pages as text."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".htm"))
    if files:
        return [decode(path.read_bytes()).text for path in files]
    made = (report for report in reports(COUNT * 40, seed=21, paragraphs=44) if report.content_type == "text/html")
    return [decode(report.data).text for _, report in zip(range(COUNT), made, strict=False)]


def cleaned(page: str) -> None:
    """Clean a page; some are refused, as they should be."""
    with suppress(PageRejected):
        clean_decoded(decode(page.encode()), "text/html")


def clean_texts() -> list[str]:
    """Passages of clean reports."""
    made = reports(COUNT, seed=22, paragraphs=44)
    pages = (clean(report.data, report.content_type) for report in made)
    return [passage.folded for page in pages for passage in passages(page.paragraphs)]


def writing(rounds: int) -> tuple[float, float, int]:
    """CPU seconds of writing rows of figures as a Delta table and as a plain Parquet file, and how many rows."""
    spec = TABLES["figures"]
    row = dict.fromkeys(spec.schema)
    frame = spec.frame(
        [row | {"report_id": f"{number:032}", "quote": "提案412件", "value": 412.0} for number in range(50_000)]
    )
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            data = DataFolder(Path(folder))
            data.tables.mkdir()
            began = time.process_time()
            Tables(data).append("figures", frame)
            times[0].append(time.process_time() - began)
            began = time.process_time()
            pq.write_table(
                frame.to_arrow().cast(arrow_schema(spec)), Path(folder) / "plain.parquet", compression="zstd"
            )
            times[1].append(time.process_time() - began)
    return min(times[0]), min(times[1]), frame.height


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="a Python that has the peers")
    parser.add_argument("--pages", type=Path, default=ROOT.parent / "shared" / "pages", help="a folder of web pages")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()

    pages = web_pages(given.pages)
    kilobytes = sum(len(page.encode()) for page in pages) / len(pages) / 1000
    took = ours(cleaned, pages, given.rounds)
    names = ("trafilatura", "resiliparse", "readability")
    others = {name: peer(given.python, name, pages, given.rounds) for name in names}
    compare(f"{len(pages)} web pages of {kilobytes:.0f} KB, cleaned", len(pages), "pages", took, others)

    texts = clean_texts()
    simplified = "\n".join(texts)
    traditional = OpenCC("s2t").convert(simplified)
    for name, text in (("traditional", traditional), ("simplified", simplified)):
        size = len(text.encode()) / 1e6
        took = ours(to_simplified, [text], given.rounds)
        others = {"OpenCC (C++)": peer(given.python, "OpenCC (C++)", [text], given.rounds)}
        compare(f"t2s of {name} text", size, "MB", took, others)

    size = sum(len(text.encode()) for text in texts) / 1e3
    took = ours(find_numerals, texts, given.rounds)
    names = ("Microsoft Recognizers", "jieba's tagger")
    others = {name: peer(given.python, name, texts, 1) for name in names}
    compare("numerals with unit and qualifier", size, "kB", took, others)

    table, plain, rows = writing(given.rounds)
    compare(
        f"{rows} rows of figures, written",
        rows,
        "rows",
        table,
        {"pyarrow": {"seconds": plain, "version": "to plain Parquet"}},
    )


if __name__ == "__main__":
    main()
