"""Floors of the scores on real reports and on real pages: fails below any of them.

python -m tests.floors SCORE.json           # of score.py
python -m tests.floors --pages RESULT.json  # of bench_pages.py --json, our own rows
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

FLOORS = {
    "report.present": 1.00,
    "report.fields": 0.97,
    "lines.kept": 0.99,
    "lines.label": 0.97,
    "lines.joins": 0.97,
    "figures.found": 0.99,
    "figures.bound": 0.99,
    "figures.measure": 0.95,
    "figures.family": 0.96,
    "figures.period": 0.97,
    "figures.category": 0.97,
    "figures.statistic": 0.97,
    "figures.strict": 0.90,
    "activities.found": 0.85,
    "activities.form": 0.90,
    "documents.found": 0.99,
    "documents.kind": 0.90,
}


CORE = ("gov", "govdoc", "paper", "epaper")
PAGE_FLOORS = {"text.all": 0.93, "text.core": 0.985, "headline": 0.90, "date": 0.90, "index.empty": 0.75}


def page_scores(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Means over pages: character 5-grams (F1) of all and of core groups, headlines and days, index pages without text.

    Args:
        rows: one a page, as bench_pages.py writes them.
    """
    texts = [row for row in rows if "f" in row]
    index = [row["chars"] < 100 for row in rows if row["group"] == "index"]
    return {
        "text.all": fmean(row["f"] for row in texts),
        "text.core": fmean(row["f"] for row in texts if row["group"] in CORE),
        "headline": fmean(row["title"] == 2 for row in texts if "title" in row),
        "date": fmean(row["date"] for row in texts if "date" in row),
        "index.empty": fmean(index),
    }


def main() -> None:
    """Print each measure with its floor; exit 1 where one is below."""
    answer = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    score, floors = (page_scores(answer[0]["rows"]), PAGE_FLOORS) if sys.argv[1] == "--pages" else (answer, FLOORS)
    low = [name for name, floor in floors.items() if score.get(name, 0.0) < floor]
    for name, floor in floors.items():
        print(f"{name:18} {score.get(name, 0.0):.4f}  floor {floor:.3f}{'  BELOW' if name in low else ''}")
    sys.exit(1 if low else 0)


if __name__ == "__main__":
    main()
