"""Floors of the score on real reports: `python -m tests.floors SCORE.json` fails below any of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FLOORS = {
    "report.present": 1.00,
    "report.fields": 0.95,
    "lines.kept": 0.99,
    "lines.label": 0.97,
    "lines.joins": 0.97,
    "figures.found": 0.98,
    "figures.bound": 0.98,
    "figures.measure": 0.95,
    "figures.period": 0.97,
    "documents.found": 0.98,
}


def main() -> None:
    """Print each measure with its floor; exit 1 where one is below."""
    score = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    low = [name for name, floor in FLOORS.items() if score.get(name, 0.0) < floor]
    for name, floor in FLOORS.items():
        print(f"{name:18} {score.get(name, 0.0):.4f}  floor {floor:.2f}{'  BELOW' if name in low else ''}")
    sys.exit(1 if low else 0)


if __name__ == "__main__":
    main()
