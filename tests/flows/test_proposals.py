"""One row a report: its own proposals of its own period, by measure."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from flows.extract.figures import Evidence, Figure
from flows.extract.periods import Period
from flows.extract.proposals import main_value, proposal_year
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.tables import TABLES
from schemas.vocabulary import load_measures
from storage import ReleaseReader, open_release

OWN = Period(2023, 2023)


def figure(measure: str, value: float, **facts: object) -> Figure:
    known: dict[str, object] = {
        "measure": measure,
        "statistic": "count",
        "category": "",
        "value": value,
        "value_high": None,
        "unit": "件",
        "bound": "exact",
        "whose": "own",
        "planned": False,
        "period": OWN,
        "section": "",
        "sentence": "收到提案。",
        "evidence": Evidence(1, 0, 1, "1", ""),
        "rule": "test",
        "confidence": 1.0,
    }
    return Figure(**(known | facts))  # type: ignore[arg-type]


def test_there_are_two_columns_for_each_measure_of_proposals() -> None:
    names = [m.code.partition(".")[2] for m in load_measures() if m.code.startswith("proposals.")]
    columns = set(TABLES["proposals"].schema)
    assert {*names, *(f"{name}_share" for name in names)} == set(proposal_year([], OWN))
    assert set(proposal_year([], OWN)) < columns
    assert set(proposal_year([], OWN).values()) == {None}


@pytest.mark.parametrize(
    "facts",
    [
        {"whose": "other"},
        {"planned": True},
        {"period": Period(2022, 2022)},
        {"period": None},
        {"statistic": "change"},
        {"category": "基本满意"},
    ],
)
def test_only_own_results_of_the_own_period_enter(facts: dict[str, object]) -> None:
    assert proposal_year([figure("proposals.filed", 9, **facts)], OWN)["filed"] is None
    both = [figure("proposals.filed", 9, **facts), figure("proposals.filed", 4)]
    assert proposal_year(both, OWN)["filed"] == 4


def test_counts_and_shares_go_to_columns_of_their_own() -> None:
    year = proposal_year([figure("proposals.replied", 96), figure("proposals.replied", 99.5, statistic="share")], OWN)
    assert (year["replied"], year["replied_share"]) == (96, 99.5)


def test_classes_are_added_up_each_once() -> None:
    figures = [
        figure("proposals.topic", 285, category="经济建设"),
        figure("proposals.topic", 253, category="社会建设"),
        figure("proposals.topic", 285, category="经济建设"),
    ]
    assert proposal_year(figures, OWN)["topic"] == 538


def test_a_class_that_is_named_alone_is_no_breakdown() -> None:
    alone = [figure("proposals.topic", 253, category="民生"), figure("proposals.filed", 708)]
    assert proposal_year(alone, OWN)["topic"] is None
    listed = [figure("proposals.topic", 285, category="经济建设"), figure("proposals.topic", 44, category="政治建设")]
    assert proposal_year([*alone, *listed], OWN)["topic"] == 329


@pytest.mark.parametrize(
    ("values", "main"), [([], None), ([12.0, 356.0], 356.0), ([321.0, 356.0, 321.0], 321.0), ([0.0], 0.0)]
)
def test_the_number_stated_most_often_counts_else_the_largest(values: list[float], main: float | None) -> None:
    assert main_value(values) == main


def test_every_report_of_a_release_has_a_row_with_its_place_and_years(released: ReleaseReader) -> None:
    keys = ["report_id", "division_code", "period_start", "period_end"]
    rows = released.frame("proposals")
    assert rows.select(keys).equals(released.frame("reports").select(keys))
    assert rows["filed"].null_count() == 0
    assert (rows["filed"] <= rows["submitted"]).all()
    assert set(rows["n_checks_failed"]) == {0}


def test_a_number_of_the_row_is_a_figure_of_the_report(released: ReleaseReader) -> None:
    figures = released.frame("figures").filter(
        (pl.col("measure") == "proposals.filed") & (pl.col("statistic") == "count")
    )
    stated = set(figures.select("report_id", "value").iter_rows())
    assert set(released.frame("proposals").select("report_id", "filed").iter_rows()) <= stated


def test_a_report_read_anew_has_one_row(tmp_path: Path) -> None:
    page = tmp_path / "in" / "report.txt"
    page.parent.mkdir()
    for filed in (180, 190):
        text = f"政协湖州市委员会2023年工作总结\n2023年,湖州市政协共收到提案211件,立案{filed}件,办复率100%。\n"
        page.write_text(text, encoding="utf-8")
        run_ingest([str(page.parent)], tmp_path / "data", submit=in_turn)
    rows = open_release(tmp_path / "data").frame("proposals")
    assert rows.select("submitted", "filed", "replied_share").rows() == [(211.0, 190.0, 100.0)]
