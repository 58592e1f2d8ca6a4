"""Activities: thin still, so a floor holds what is found today against the labels of the samples."""

from __future__ import annotations

import json

import polars as pl

from storage import ReleaseReader
from tests.conftest import GOLD

FOUND, FORM = 0.65, 0.90


def test_topics_and_forms_of_the_samples_are_found_as_well_as_before(released: ReleaseReader) -> None:
    wanted = found = formed = 0
    for path in sorted(GOLD.glob("*.activities.jsonl")):
        file = json.loads((GOLD / f"{path.name.split('.')[0]}.report.json").read_text(encoding="utf-8"))["file"]
        report = released.frame("reports").filter(pl.col("source_uri") == file)["report_id"][0]
        rows = released.frame("activities").filter(pl.col("report_id") == report).to_dicts()
        for label in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if not label.get("required", True):
                continue
            wanted += 1
            match = next((r for r in rows if r["topic"] in label["topic"] or label["topic"] in r["topic"]), None)
            found += match is not None
            formed += match is not None and match["form"] in {label["form"], *label.get("also_form", [])}
    assert found / wanted >= FOUND
    assert formed / found >= FORM
