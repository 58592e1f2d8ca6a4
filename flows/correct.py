"""Apply known corrections to the rows of a report, before they are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.checks import Outcome
from schemas.corrections import CORRECTION, Correction

Row = dict[str, Any]


def apply_corrections(made: dict[str, list[Row]], corrections: Sequence[Correction]) -> list[Outcome]:
    """Correct rows in place.

    Args:
        made: rows of one report by table.
        corrections: those of this report.

    Returns:
        One outcome a correction: applied, or not what was expected.
    """
    return [_apply(made, correction) for correction in corrections]


def _apply(made: dict[str, list[Row]], correction: Correction) -> Outcome:
    rows = [row for row in made[correction.table] if _is_meant(row, correction)]
    expected = _told(correction.expect)
    if len(rows) != 1:
        message = f"{correction.where}: {len(rows)} rows stand there, one is expected; look at the page, then at the correction"
        return Outcome(False, expected, f"{len(rows)} rows", message)
    row = rows[0]
    observed = _told(tuple((name, row[name]) for name, _ in correction.expect))
    ids = (row["figure_id"],) if "figure_id" in row else ()
    if any(row[name] != value for name, value in correction.expect):
        message = f"{correction.where}: {observed} where the correction expects {expected}; the source has mended itself, remove it"
        return Outcome(False, expected, observed, message, ids)
    row.update(correction.put)
    if correction.table == "figures":
        row.update(rule="correction", correction=correction.reason)
    message = (
        f"{correction.where}: {_told(correction.put)} in place of {observed}: {correction.reason} ({correction.date})"
    )
    return Outcome(True, expected, observed, message, ids)


def _is_meant(row: Mapping[str, Any], correction: Correction) -> bool:
    if correction.table == "reports":
        return True
    return row["quote"] == correction.quote and correction.line in (None, row["line_no"])


def _told(values: Sequence[tuple[str, Any]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values)


__all__ = ["CORRECTION", "apply_corrections"]
