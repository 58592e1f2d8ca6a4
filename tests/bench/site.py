"""Time and size of a site over many reports, and what a second writing costs: copies of the samples with other years and places.

python -m tests.bench.site [REPORTS]
"""

from __future__ import annotations

import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from flows.pipeline import run_ingest
from flows.site.build import write_site
from schemas.vocabulary.divisions import load_divisions
from tests.conftest import SAMPLES

PLACES = {"databox": "绵阳", "epaper": "潍坊", "mirror": "泉州", "portal": "绍兴", "wrapped": "桂林"}
HEAD = 12  # lines that hold headline and credits
YEAR = re.compile(r"20[12]\d")
NUMBER = re.compile(r"(?<![\d.年月])(\d{2,4})(?=件|篇|次|场|条)")


def copies(folder: Path, count: int) -> None:
    """Write copies of the samples with other places, years and numbers, each of half the lines, so that none repeats another."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [
        row.name.removesuffix("市") for row in load_divisions().rows if row.level == "prefecture" and len(row.name) == 3
    ]
    texts = {name: (SAMPLES / f"{name}.txt").read_text(encoding="utf-8") for name in PLACES}
    for number in range(count):
        name = list(PLACES)[number % len(PLACES)]
        shift, place = (
            number // len(PLACES) % 6,
            names[number // (6 * len(PLACES)) * len(PLACES) + number % len(PLACES)],
        )
        chosen = random.Random(number)
        head, *body = texts[name].splitlines(keepends=True)
        text = head + "".join(line for n, line in enumerate(body) if n < HEAD or "件" in line or chosen.random() < 0.5)
        text = text.replace(PLACES[name], place)
        text = YEAR.sub(lambda year, by=shift: str(int(year[0]) - by), text)  # type: ignore[misc]
        text = NUMBER.sub(lambda told, by=shift: str(int(told[1]) + by * (int(told[1]) // 9)), text)  # type: ignore[misc]
        (folder / f"{place}-{name}-{shift}.txt").write_text(text, encoding="utf-8")


def main(count: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        copies(root / "pages", count)
        run_ingest([str(root / "pages")], root / "data", source_name="copies")
        for turn in ("first", "again"):
            start = time.perf_counter()
            folder = write_site(str(root / "data"), root / "site")
            took = time.perf_counter() - start
            print(f"{turn}: {took:.1f} s, {folder.written} files written, {folder.kept} kept")
        files = [path for path in (root / "site").rglob("*") if path.is_file()]
        pages = [path.stat().st_size for path in files if path.match("reports/*.html")]
        print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
        print(
            f"largest page of a report: {max(pages) / 1e3:.0f} kB; index.html: {(root / 'site/index.html').stat().st_size / 1e3:.0f} kB"
        )
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
