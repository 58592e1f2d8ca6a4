"""Gold labels of the samples, and how rows are held against them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Gold:
    """The labels of one sample, in the order of the text."""

    report: Row
    lines: list[Row]
    figures: list[Row]
    documents: list[Row]


def load(folder: Path, stem: str) -> Gold:
    """Read the labels of one sample."""

    def rows(kind: str) -> list[Row]:
        text = (folder / f"{stem}.{kind}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line]

    report = json.loads((folder / f"{stem}.report.json").read_text(encoding="utf-8"))
    return Gold(report, rows("lines"), rows("figures"), rows("documents"))


def allowed(gold: Row, field: str, also: str = "also") -> set[Any]:
    """Values that the label allows for a field."""
    return {gold.get(field) or "", *gold.get(also, [])}


def pair_figures(gold: list[Row], found: list[Row]) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Figures that stand on the same line with the same value and unit; those missed; those too many.

    Optional ones are neither missed nor too many.
    """
    left = list(found)
    pairs, missed = [], []
    for label in sorted(gold, key=lambda g: not g.get("required", True)):
        key = (label["line_no"], label["unit"], label["value"])
        match = next((row for row in left if (row["line_no"], row["unit"], row["value"]) == key), None)
        if match is not None:
            left.remove(match)
        if not label.get("required", True):
            continue
        if match is None:
            missed.append(label)
        else:
            pairs.append((label, match))
    return pairs, missed, left
