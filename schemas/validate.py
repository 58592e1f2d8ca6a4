"""Validation that splits: rows that pass go on, rows that fail are kept with the verdict of each rule."""

from __future__ import annotations

from dataclasses import dataclass

import pandera.polars as pa
import polars as pl

from schemas.tables import TableSpec


class SchemaMismatch(Exception):
    """The frame has other columns or types than its table: an error of the code, not of a row."""


@dataclass(frozen=True)
class Failure:
    """A row that failed, by its place in the frame, with the first rule and all reasons."""

    index: int
    rule: str
    reason: str


def split(spec: TableSpec, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Failure]]:
    """Valid rows, and the failures of the others.

    Args:
        spec: the table.
        frame: its rows, with exactly the columns of the table.

    Returns:
        The rows that pass all checks, in order, and one `Failure` for each other row. Of rows with
        the same key the last one is valid, the others fail with the rule `duplicate_key`.

    Raises:
        SchemaMismatch: a column is missing, unknown or of another type.
    """
    found: dict[int, list[tuple[str, str]]] = {}
    for index in _repeated_keys(spec, frame):
        found.setdefault(index, []).append(("duplicate_key", f"a later row has the same {', '.join(spec.key)}"))
    try:
        spec.model.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.iter_rows(named=True):
            if case["index"] is None:
                raise SchemaMismatch(
                    f"table {spec.name}: {case['column']}: {case['check']}: {case['failure_case']}"
                ) from errors
            rule, reason = _verdict(spec, case, frame.row(case["index"], named=True))
            found.setdefault(case["index"], []).append((rule, reason))
    if not found:
        return frame, []
    failures = [
        Failure(index, verdicts[0][0], "; ".join(reason for _, reason in verdicts))
        for index, verdicts in sorted(found.items())
    ]
    keep = pl.Series([i not in found for i in range(frame.height)], dtype=pl.Boolean)
    return frame.filter(keep), failures


def _repeated_keys(spec: TableSpec, frame: pl.DataFrame) -> list[int]:
    """Places of rows whose key comes again further down."""
    last = frame.select(~pl.struct(spec.key).is_last_distinct()).to_series()
    return [i for i, repeated in enumerate(last) if repeated]


def _verdict(spec: TableSpec, case: dict[str, object], row: dict[str, object]) -> tuple[str, str]:
    """Name of the rule, and a sentence that names column, value and expectation."""
    check = str(case["check"])
    name = check.split("(")[0]
    if case["schema_context"] == "DataFrameSchema":
        law = str(getattr(spec.model, name).__doc__ or name).strip().rstrip(".")
        place = f" (line {row['line_no']}, {row['quote']!r})" if "quote" in row else ""
        return f"{spec.name}.{name}", f"not so: {law}{place}; look at the source, then report the rule or the page"
    return f"{spec.name}.{case['column']}.{name}", f"{case['column']} is {case['failure_case']!r}, expected {check}"
