"""Texts to rows for the tests of the checks."""

from __future__ import annotations

from typing import Any

from flows.check import report_outcomes
from flows.clean import clean
from flows.extract import extract
from flows.process import Capture, page_rows
from schemas.checks import Outcome
from schemas.ids import report_id

Rows = dict[str, list[dict[str, Any]]]
OPENING = "2023年，市政协常委会认真履行职能。"


def rows_of(text: str, place: str = "遂宁市", year: int = 2023, name: str = "page.txt") -> Rows:
    """Rows of a small report with this text in its body."""
    data = f"政协{place}委员会{year}年工作报告\n\n{OPENING.replace('2023', str(year))}{text}\n".encode()
    page = clean(data, "text/plain")
    capture = Capture("0" * 16, report_id("tests", name), "tests", name, "text/plain", "0" * 64, "", 0)
    common = {"report_id": capture.report_id, "run_id": "run", "pipeline_version": "0"}
    return {table: [common | row for row in rows] for table, rows in page_rows(capture, page, extract(page)).items()}


def outcomes_of(rows: Rows, rule: str) -> list[Outcome]:
    """What one rule of ring 2 says of the rows of a report."""
    found = report_outcomes(rows["reports"][0], rows["figures"], rows["lines"], rows["ignored_numerals"])
    return [outcome for declared, outcome in found if declared.name == rule]
