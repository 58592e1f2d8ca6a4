"""Validation: all failures are seen, a failing row is set aside whole, the rest goes on."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from schemas.tables import TABLES
from schemas.validate import SchemaMismatch, split
from storage import ReleaseReader

FIGURES = TABLES["figures"]


def damaged(released: ReleaseReader, **values: object) -> pl.DataFrame:
    """The figures of the samples, some values of the third row replaced."""
    rows = released.frame("figures").to_dicts()
    rows[2] |= values
    return FIGURES.frame(rows)


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_the_samples_pass(released: ReleaseReader, name: str) -> None:
    rows = released.frame(name)
    valid, failures = split(TABLES[name], rows)
    assert valid.height == rows.height
    assert failures == []


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"measure": "proposals.invented"}, "figures.measure.isin"),
        ({"unit": None}, "figures.unit.not_nullable"),
        ({"bound": "perhaps"}, "figures.bound.isin"),
        ({"figure_id": "xyz"}, "figures.figure_id.str_matches"),
        ({"end": 1, "start": 90}, "figures.span_in_order"),
        ({"value": 120.0, "unit": "%", "statistic": "share"}, "figures.share_within_whole"),
        ({"value": 9.0, "value_high": 3.0}, "figures.range_in_order"),
        ({"value": float("inf")}, "figures.value_is_finite"),
        ({"value": float("nan")}, "figures.value.not_nullable"),
        ({"line_no": 0}, "figures.line_no.greater_than_or_equal_to"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else v,
)
def test_a_bad_row_fails_by_its_rule_and_the_others_pass(
    released: ReleaseReader, values: dict[str, object], rule: str
) -> None:
    rows = damaged(released, **values)
    valid, failures = split(FIGURES, rows)
    assert valid.height == rows.height - 1
    (failure,) = failures
    assert failure.index == 2
    assert failure.rule == rule


def test_all_faults_of_a_row_are_told(released: ReleaseReader) -> None:
    _, (failure,) = split(FIGURES, damaged(released, measure="nothing", bound="perhaps"))
    assert "measure is 'nothing'" in failure.reason
    assert "bound is 'perhaps'" in failure.reason


def test_of_rows_with_one_key_the_last_is_valid(released: ReleaseReader) -> None:
    rows = released.frame("figures").head(3)
    valid, failures = split(FIGURES, pl.concat([rows, rows.head(1)]))
    assert valid.height == 3
    assert [(failure.index, failure.rule) for failure in failures] == [(0, "duplicate_key")]


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.drop("unit"),
        lambda f: f.with_columns(pl.lit(1).alias("more")),
        lambda f: f.with_columns(pl.col("value").cast(pl.String)),
    ],
    ids=["missing", "unknown", "type"],
)
def test_wrong_columns_are_an_error_of_the_code(released: ReleaseReader, change: object) -> None:
    with pytest.raises(SchemaMismatch, match="table figures"):
        split(FIGURES, change(released.frame("figures")))  # type: ignore[operator]


def test_a_period_has_both_ends_in_order(released: ReleaseReader) -> None:
    rows = released.frame("reports").to_dicts()
    rows[0] |= {"period_start": dt.date(2024, 1, 1), "period_end": dt.date(2023, 12, 31)}
    rows[1] |= {"period_start": None}
    _, failures = split(TABLES["reports"], TABLES["reports"].frame(rows))
    assert [failure.rule for failure in failures] == ["reports.period_in_order"] * 2
