"""The panel: one number for each committee, period, measure, category and statistic, over all reports."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows import publish
from flows.panel import FIGURE_COLUMNS, KEY, REPORT_COLUMNS, make_panel
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.tables import TABLES
from schemas.validate import split
from storage import ReleaseReader, open_release
from storage.folder import DataFolder
from storage.tables import Tables

Row = dict[str, Any]


def report(n: int, **facts: object) -> Row:
    known = {"report_id": f"{n:016x}", "committee": "政协湖州市委员会", "division_code": "330500", "duplicate_of": None}
    return known | facts


def figure(n: int, report_no: int, value: float, **facts: object) -> Row:
    known = {
        "figure_id": f"{n:016x}",
        "report_id": f"{report_no:016x}",
        "ordinal": n,
        "measure": "proposals.filed",
        "statistic": "count",
        "category": "",
        "value": float(value),
        "unit": "件",
        "bound": "exact",
        "whose": "own",
        "planned": False,
        "period_start": dt.date(2023, 1, 1),
        "period_end": dt.date(2023, 12, 31),
    }
    return known | facts


def panel(reports: list[Row], figures: list[Row]) -> pl.DataFrame:
    schemas = {
        name: {c: TABLES[name].schema[c] for c in columns}
        for name, columns in (("reports", REPORT_COLUMNS), ("figures", FIGURE_COLUMNS))
    }
    return make_panel(
        pl.DataFrame(reports, schema=schemas["reports"], orient="row"),
        pl.DataFrame(figures, schema=schemas["figures"], orient="row"),
    )


def test_reports_that_agree_are_sources_of_one_row() -> None:
    row = panel([report(1), report(2)], [figure(1, 1, 306), figure(2, 2, 306)]).row(0, named=True)
    assert (row["value"], row["n_sources"], row["agree"]) == (306, 2, True)
    assert row["figure_ids"] == f"{1:016x} {2:016x}"


def test_of_reports_that_differ_most_decide_and_the_others_are_named_last() -> None:
    figures = [figure(1, 1, 400), figure(2, 2, 306), figure(3, 3, 306)]
    row = panel([report(1), report(2), report(3)], figures).row(0, named=True)
    assert (row["value"], row["n_sources"], row["agree"]) == (306, 3, False)
    assert row["figure_ids"].split(" ") == [f"{n:016x}" for n in (2, 3, 1)]


def test_an_exact_number_outweighs_a_rounded_one() -> None:
    figures = [figure(1, 1, 400, bound="about"), figure(2, 2, 387)]
    row = panel([report(1), report(2)], figures).row(0, named=True)
    assert (row["value"], row["bound"]) == (387, "exact")


def test_one_report_is_one_source_however_often_it_states_numbers() -> None:
    row = panel([report(1)], [figure(1, 1, 12), figure(2, 1, 306)]).row(0, named=True)
    assert (row["value"], row["n_sources"], row["agree"]) == (306, 1, True)


def test_a_copy_of_a_report_is_no_second_source() -> None:
    copy = report(2, duplicate_of=f"{1:016x}")
    assert panel([report(1), copy], [figure(1, 1, 306), figure(2, 2, 306)])["n_sources"].to_list() == [1]


@pytest.mark.parametrize(
    ("reports", "facts"),
    [
        ([report(1)], {"whose": "other"}),
        ([report(1)], {"planned": True}),
        ([report(1)], {"period_start": None, "period_end": None}),
        ([report(1, committee=None, division_code=None)], {}),
    ],
)
def test_plans_others_and_what_has_no_committee_or_years_stay_out(reports: list[Row], facts: Row) -> None:
    assert panel(reports, [figure(1, 1, 306, **facts)]).is_empty()


def test_committees_that_share_a_name_are_told_apart_by_place() -> None:
    same = [report(n, committee="政协鼓楼区委员会", division_code=code) for n, code in ((1, "320106"), (2, "320302"))]
    rows = panel(
        [*same, report(3, committee="政协鼓楼区委员会", division_code=None)], [figure(n, n, n) for n in (1, 2, 3)]
    )
    assert sorted(rows["value"]) == [1, 2, 3]


def test_numbers_in_another_unit_are_not_compared() -> None:
    figures = [figure(1, 1, 30), figure(2, 2, 30), figure(3, 2, 900, unit="元")]
    row = panel([report(1), report(2)], figures).row(0, named=True)
    assert (row["value"], row["unit"], row["agree"]) == (30, "件", True)


numbers = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from([1.0, 2.0, 3.0]),
        st.sampled_from(["proposals.filed", "proposals.replied"]),
        st.sampled_from(["件", "条"]),
        st.sampled_from(["exact", "about", "at_least"]),
        st.sampled_from([2022, 2023]),
    ),
    max_size=12,
)


@given(numbers, st.randoms(use_true_random=False))
def test_the_panel_is_valid_and_knows_no_order(stated: list[tuple[Any, ...]], random: Any) -> None:
    figures = [
        figure(
            n,
            of,
            value,
            measure=measure,
            unit=unit,
            bound=bound,
            period_start=dt.date(year, 1, 1),
            period_end=dt.date(year, 12, 31),
        )
        for n, (of, value, measure, unit, bound, year) in enumerate(stated, 1)
    ]
    reports = [report(n, committee=f"政协{'甲乙'[n % 2]}市委员会", division_code=None) for n in range(1, 5)]
    rows = panel(reports, figures)
    assert split(TABLES["panel"], rows)[1] == []
    known = {row["figure_id"]: row for row in figures}
    for row in rows.iter_rows(named=True):
        behind = [known[name] for name in row["figure_ids"].split(" ")]
        assert behind[0]["value"] == row["value"]
        assert {figure["measure"] for figure in behind} == {row["measure"]}
        assert row["n_sources"] == len({figure["report_id"] for figure in behind})
        assert row["agree"] or row["n_sources"] > 1
    random.shuffle(figures)
    random.shuffle(reports)
    assert_frame_equal(panel(reports, figures), rows)


def test_every_own_figure_of_a_known_year_is_behind_a_row_or_in_another_unit(released: ReleaseReader) -> None:
    rows = released.frame("panel")
    behind = set(" ".join(rows["figure_ids"]).split(" "))
    figures = released.frame("figures").filter(
        (pl.col("whose") == "own") & ~pl.col("planned") & pl.col("period_start").is_not_null()
    )
    joined = figures.join(released.frame("reports").select("report_id", "committee", "division_code"), on="report_id")
    out = joined.filter(~pl.col("figure_id").is_in(list(behind)))
    assert behind <= set(figures["figure_id"])
    other_unit = out.join(rows.select(*KEY, pl.col("unit").alias("kept")), on=KEY, nulls_equal=True)
    assert other_unit.height == out.height
    assert (other_unit["unit"] != other_unit["kept"]).all()


TEXT = "政协湖州市委员会2023年工作总结\n2023年,湖州市政协共收到提案211件,立案{filed}件,办复率100%。\n"
ELSEWHERE = "政协嘉兴市委员会2023年工作总结\n2023年,嘉兴市政协共收到提案311件,立案290件,办复率100%。\n"


def ingest(folder: Path, data: Path) -> pl.DataFrame:
    run_ingest([str(folder)], data, submit=in_turn)
    return open_release(data).frame("panel")


def test_runs_one_by_one_give_the_panel_of_a_single_run(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    texts = {"a.txt": TEXT.format(filed=180), "b.txt": TEXT.format(filed=190), "c.txt": ELSEWHERE}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        stepwise = ingest(folder, tmp_path / "steps")
    assert_frame_equal(stepwise, ingest(folder, tmp_path / "whole"))
    filed = stepwise.filter((pl.col("measure") == "proposals.filed") & (pl.col("division_code") == "330500"))
    assert filed.select("value", "n_sources", "agree").rows() == [(190.0, 2, False)]


def test_a_report_that_changed_takes_its_old_numbers_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT.format(filed=180), encoding="utf-8")
    ingest(folder, tmp_path / "data")
    (folder / "a.txt").write_text(ELSEWHERE, encoding="utf-8")
    assert set(ingest(folder, tmp_path / "data")["committee"]) == {"政协嘉兴市委员会"}


def test_a_panel_that_stays_the_same_is_not_committed(tmp_path: Path) -> None:
    folder, data = tmp_path / "in", tmp_path / "data"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT.format(filed=180), encoding="utf-8")
    ingest(folder, data)
    version = Tables(DataFolder(data)).version("panel")
    (folder / "a.txt").write_text(TEXT.format(filed=180) + "\n", encoding="utf-8")
    ingest(folder, data)
    assert open_release(data).release.number == 2
    assert Tables(DataFolder(data)).version("panel") == version


def test_committees_taken_one_by_one_give_the_panel_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of all figures at once is what a large dataset has no memory for."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in {"a.txt": TEXT.format(filed=180), "b.txt": TEXT.format(filed=190), "c.txt": ELSEWHERE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    whole = ingest(folder, tmp_path / "whole")
    assert whole["committee"].n_unique() == 2
    monkeypatch.setattr(publish, "REPORTS_AT_ONCE", 1)
    made: list[int] = []

    def counted(reports: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
        made.append(reports["committee"].n_unique())
        return make_panel(reports, figures)

    monkeypatch.setattr(publish, "make_panel", counted)
    parts = tmp_path / "parts"
    assert_frame_equal(ingest(folder, parts), whole)
    assert made == [1, 1]
    (folder / "c.txt").write_text(TEXT.format(filed=200), encoding="utf-8")
    left = ingest(folder, parts)
    assert set(left["committee"]) == {"政协湖州市委员会"}
    assert_frame_equal(ingest(folder, tmp_path / "again"), left)
