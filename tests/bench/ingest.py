"""Speed of `lvzhi ingest`, as ratios in one run: against importing its libraries, and a run without changes.

    make bench

Wall time of whole processes, medians of seven; on a busy machine the ratios hold, the seconds do not.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 7
IMPORTS = "import click, polars, pandera.polars, pyarrow, deltalake, warcio, bs4, lxml.etree, opencc"


def seconds(*command: str) -> float:
    """Wall time of one process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    first, again, imports = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            ingest = ("-m", "flows.cli", "ingest", "seeds/reports", "--data", str(Path(folder) / "data"))
            first.append(seconds(*ingest))
            again.append(seconds(*ingest))
        imports.append(seconds("-c", IMPORTS))
    base = statistics.median(imports)
    print("| what | median | against importing the libraries |")
    print("|---|---|---|")
    for name, times in (
        ("import of the libraries alone", imports),
        ("ingest of six samples", first),
        ("the same again, unchanged", again),
    ):
        median = statistics.median(times)
        print(f"| {name} | {median:.2f} s | {median / base:.2f} |")


if __name__ == "__main__":
    main()
