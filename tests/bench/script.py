"""Speed of the conversion to simplified script, against OpenCC's Python package, as ratios in one run.

    python -m tests.bench.script

Megabytes of UTF-8 in a second, the best of five rounds: on a busy machine that is the one least disturbed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import opencc

from flows.clean.script import make_converter, to_simplified
from schemas.vocabulary import load_script

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 5
PAGE = 20_000  # characters
LINE = 60


def speed(convert: Callable[[str], str], texts: list[str]) -> float:
    """Megabytes of UTF-8 that are converted in a second."""
    size = sum(len(text.encode()) for text in texts)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts:
            convert(text)
        times.append(time.perf_counter() - began)
    return size / min(times) / 1e6


def pages() -> dict[str, str]:
    """A page of the samples in each script, and one that is simplified but for a character."""
    package = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")
    samples = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds" / "reports").glob("*.txt")))
    simplified = "".join(char for char in package[0].convert(samples) if to_simplified(char) == char)
    simplified = (simplified * (PAGE // len(simplified) + 1))[:PAGE]
    traditional = package[1].convert(simplified)
    return {
        "traditional": traditional,
        "simplified": simplified,
        "simplified, one character not": "圍" + simplified[1:],
    }


def main() -> None:
    """Measure and print."""
    package = opencc.OpenCC("t2s").convert
    began = time.perf_counter()
    make_converter(load_script())
    print(f"tables read and compiled in {1000 * (time.perf_counter() - began):.0f} ms\n")
    print("| text | package, MB/s | ours, MB/s | ratio |")
    print("|---|---|---|---|")
    for name, page in pages().items():
        lines = [page[place : place + LINE] for place in range(0, len(page), LINE)]
        for shape, texts in ((f"a page of {PAGE} characters", [page] * 3), (f"lines of {LINE} characters", lines)):
            theirs, ours = speed(package, texts), speed(to_simplified, texts)
            print(f"| {name}, {shape} | {theirs:.1f} | {ours:.0f} | {ours / theirs:.0f} |")


if __name__ == "__main__":
    main()
