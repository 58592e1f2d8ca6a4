"""The rules: each passes what is right and fails what is wrong, by the example that it declares."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.check import row_failures
from schemas.checks import DATASET, REPORT, ROW, RULES, Rule, of_ring
from schemas.checks.coverage import coverage_states
from schemas.checks.dataset import DatasetView
from schemas.checks.expectations import Expectation, as_toml, load_expectations
from schemas.checks.numbers import Span, last_digit, span_of
from schemas.checks.page import page
from schemas.checks.rule import declare
from schemas.errors import UsageError
from schemas.tables import TABLES
from tests.checking import Rows, outcomes_of, rows_of
from tests.conftest import ROOT

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
WRITTEN = [
    rule for rule in of_ring(REPORT) if "row" not in rule.wrong and "," not in rule.wrong and "line" not in rule.wrong
]


@pytest.mark.parametrize("rule", WRITTEN, ids=lambda rule: rule.name)
def test_a_rule_of_one_report_passes_its_right_text_and_fails_its_wrong_one(rule: Rule) -> None:
    right, wrong = outcomes_of(rows_of(rule.right), rule.name), outcomes_of(rows_of(rule.wrong), rule.name)
    assert right
    assert [outcome.message for outcome in right if not outcome.passed] == []
    assert any(not outcome.passed for outcome in wrong)


@pytest.mark.parametrize("rule", WRITTEN, ids=lambda rule: rule.name)
def test_a_right_text_fails_no_rule_at_all(rule: Rule) -> None:
    rows = rows_of(rule.right)
    assert [o.message for other in of_ring(REPORT) for o in outcomes_of(rows, other.name) if not o.passed] == []


@pytest.mark.parametrize("rule", list(of_ring(ROW)), ids=lambda rule: rule.name)
def test_a_rule_of_rows_passes_its_right_row_and_fails_its_wrong_one(rule: Rule) -> None:
    table = rule.name.partition(".")[0]
    rows = rows_of(rule.right)
    assert row_failures(table, rows) == []
    rows[table][-1] |= tomllib.loads(rule.wrong)
    verdicts = [rule.check(row, context(rows)) for row in rows[table]]
    assert any(verdicts)
    assert [failure.index for failure in row_failures(table, rows)] == [len(rows[table]) - 1]


def context(rows: Rows) -> Any:
    from flows.check import readings
    from schemas.checks.row import RowContext

    lines = {line["line_no"]: line for line in rows["lines"]}
    return RowContext(lines, {figure["ordinal"]: figure for figure in rows["figures"]}, readings)


def test_every_rule_is_explained_and_the_page_of_the_docs_is_made_from_the_rules() -> None:
    for rule in RULES.values():
        assert rule.sentence.endswith(".")
        assert rule.right
        assert rule.wrong
        assert rule.check.__doc__
    assert (ROOT / "schemas" / "CHECKS.md").read_text(encoding="utf-8") == page()


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="parts_by_author"):
        declare(REPORT, "parts_by_author", "error", "Again.", scope="report")


# --- what a number leaves open ---


@pytest.mark.parametrize(
    ("value", "bound", "unit", "quote", "span"),
    [
        (708.0, "exact", "件", "**708**件", (708, 708)),
        (155700.0, "exact", "户", "15.57万户", (155650, 155800)),
        (80.9, "exact", "%", "80.9%", (80.85, 81.0)),
        (42.0, "exact", "%", "**42%**", (41.5, 43)),
        (660.0, "at_least", "条", "660余条", (660, 670)),
        (70.0, "at_least", "%", "70%以上", (70, math.inf)),
        (1600.0, "about", "篇", "近1600篇", (1500, 1650)),
        (30.0, "at_most", "天", "不到30天", (0, 30)),
        (312.0, "exact", "件", "三百一十二件", (312, 312)),
        (99.0, "at_least", "%", "超過百分之九十九", (99, math.inf)),
    ],
)
def test_a_number_leaves_open_what_its_last_digit_and_its_qualifier_say(
    value: float, bound: str, unit: str, quote: str, span: tuple[float, float]
) -> None:
    found = span_of(value, None, bound, unit, quote)
    assert (found.low, found.high) == pytest.approx(span)


@given(st.integers(1, 5000), st.integers(0, 5000), st.integers(0, 2), st.booleans())
def test_a_share_that_is_rounded_or_cut_is_the_part_over_the_whole(
    whole: int, part: int, digits: int, cut: bool
) -> None:
    part = min(part, whole)
    exact = part * 100 / whole
    steps = exact * 10**digits
    stated = (math.floor(steps) if cut else round(steps)) / 10**digits
    share = span_of(stated, None, "exact", "%", f"{stated:.{digits}f}%")
    assert Span(part, part).percent_of(Span(whole, whole)).meets(share)


@given(st.integers(100, 5000), st.integers(1, 99), st.integers(1, 2))
def test_a_share_that_is_off_by_more_than_its_last_digit_is_not(whole: int, part: int, digits: int) -> None:
    exact = part * 100 / whole
    stated = round(exact + 2 / 10**digits, digits)
    share = span_of(stated, None, "exact", "%", f"{stated:.{digits}f}%")
    assert not Span(part, part).percent_of(Span(whole, whole)).meets(share)


def test_the_last_digit_of_a_number_in_ten_thousands_is_worth_as_much() -> None:
    assert last_digit("15.57万户", 155700) == pytest.approx(100)
    assert last_digit("５万余人次", 50000) == pytest.approx(10000)
    assert last_digit("百分之九十九点五", 99.5) == pytest.approx(0.1)


# --- near misses: what looks like an error and is none ---


@pytest.mark.parametrize(
    "text",
    [
        "立案提案189件，其中民生类62件、经济类48件、文化类20件等。",
        "立案281件。截至10月底，除3件经提案者同意延期外均已办复，所提问题已经解决的193件，列入计划的69件，留作参考的16件，分别占办复提案的69.4%、24.8%、5.8%。",
        "五年共收到提案2486件，立案2167件，其中委员提案1788件、集体提案379件，集体提案占比由2017年的14.2%升到2021年的21.5%。",
        "提案立案214件（含闭会期间提案7件）。已经解决的149件，列入计划的58件，留作参考的7件。",
        "立案提案226件。提案人表示满意的219件、基本满意的7件，满意率96.9%。",
        "32名委员走访企业。342名委员参加述职。",
        "立案提案312件，重点提案8件，8件重点提案办复率100%。",
        "编印《三门潮》4期，撰写宣传稿件230篇，其中省级以上媒体刊登46篇、期刊4期。",
        "参加培训的委员130余名，占委员总数的六成。",
        "办理实绩纳入考核，占2分，立案提案12件。",
        "走访委员3次，联系群众3.8万户，视察重点提案5次。",
    ],
)
def test_a_correct_text_raises_no_alarm(text: str) -> None:
    rows = rows_of(text)
    assert [o.message for rule in of_ring(REPORT) for o in outcomes_of(rows, rule.name) if not o.passed] == []
    assert row_failures("figures", rows) == []


# --- rules of one report without a text of their own ---


def test_a_lost_figure_and_a_lost_numeral_are_noticed() -> None:
    rows = rows_of("收到提案396件，立案352件。")
    assert all(o.passed for name in ("figures_complete", "digits_accounted") for o in outcomes_of(rows, name))
    assert not outcomes_of(rows | {"figures": rows["figures"][1:]}, "figures_complete")[0].passed
    assert not outcomes_of(rows | {"figures": [*rows["figures"], rows["figures"][0]]}, "figures_complete")[0].passed
    assert not outcomes_of(rows | {"ignored_numerals": []}, "digits_accounted")[0].passed


def test_a_number_that_is_the_evidence_of_two_figures_is_counted_once() -> None:
    rows = rows_of("立案提案352件，办复率、满意率均为100%。")
    last = rows["figures"][-1]
    rows["figures"].append(
        last | {"figure_id": "a" * 16, "ordinal": last["ordinal"] + 1, "measure": "proposals.satisfied"}
    )
    assert all(outcome.passed for outcome in outcomes_of(rows, "digits_accounted"))


def test_a_period_that_the_text_does_not_name_is_noticed() -> None:
    rows = rows_of("2022年立案提案320件。2023年立案提案352件。")
    assert all(outcome.passed for outcome in outcomes_of(rows, "period_is_stated"))
    rows["figures"][1] |= {"period_start": dt.date(2021, 1, 1), "period_end": dt.date(2021, 12, 31)}
    assert [outcome.observed for outcome in outcomes_of(rows, "period_is_stated") if not outcome.passed] == [
        "2021–2021"
    ]


def test_a_line_of_the_report_taken_for_furniture_is_noticed() -> None:
    rows = rows_of(
        "召开主席会议12次。\n\n全年收到提案396件，立案352件，交62个单位办理。\n\n举办委员培训班3期，完成全年计划。"
    )
    assert outcomes_of(rows, "dropped_line_counts") == []
    line = next(line for line in rows["lines"] if "396" in line["raw"])
    line |= {"label": "boilerplate", "rule": "navigation", "paragraph": None}
    assert [outcome.passed for outcome in outcomes_of(rows, "dropped_line_counts")] == [False]


# --- the whole dataset ---


def dataset(*pages: Rows, **more: Any) -> DatasetView:
    """Reports of several pages as one dataset."""
    frames = {
        name: pl.concat([TABLES[name].frame([]), *(TABLES[name].frame(rows[name]) for rows in pages)])
        for name in ("reports", "figures")
    }
    empty = {name: TABLES[name].frame([]) for name in ("captures", "quarantine")}
    return replace(DatasetView(**frames, **empty, now=NOW), **more)


def verdicts(view: DatasetView, name: str) -> list[tuple[bool, str, str]]:
    return [(outcome.passed, outcome.expected, outcome.observed) for outcome in RULES[name].check(view)]


def test_pages_on_one_committee_and_year_agree_or_the_odd_one_is_named() -> None:
    one, two, odd = (
        rows_of(f"全年立案提案{count}件。", name=name) for count, name in ((336, "a"), (336, "b"), (363, "c"))
    )
    assert verdicts(dataset(one, two), "sources_agree") == [(True, "336", "336")]
    assert verdicts(dataset(one, odd), "sources_agree") == [(False, "one number", "336 363")] or verdicts(
        dataset(one, odd), "sources_agree"
    ) == [(False, "one number", "363 336")]
    (outcome,) = RULES["sources_agree"].check(dataset(one, two, odd))
    assert not outcome.passed
    assert outcome.report_id == odd["reports"][0]["report_id"]
    assert "tests:c differs" in outcome.message
    elsewhere = rows_of("全年立案提案363件。", place="绵阳市", name="d")
    assert verdicts(dataset(one, elsewhere), "sources_agree") == []


def test_a_jump_against_the_own_history_is_noticed() -> None:
    pages = [
        rows_of(f"全年立案提案{count}件。", year=2020 + at, name=str(at))
        for at, count in enumerate((312, 330, 336, 36))
    ]
    assert [passed for passed, *_ in verdicts(dataset(*pages), "year_to_year")] == [True, True, False]
    assert all(passed for passed, *_ in verdicts(dataset(*pages[:3]), "year_to_year"))


def test_growth_is_held_against_the_report_of_the_year_before() -> None:
    before = rows_of("全年立案提案312件。", year=2022, name="before")
    right = rows_of("立案提案336件，比上年增加24件。", name="right")
    wrong = rows_of("立案提案336件，比上年增加42件。", name="wrong")
    assert verdicts(dataset(before, right), "growth_across_reports") == [(True, "24件", "24件")]
    assert verdicts(dataset(before, wrong), "growth_across_reports") == [(False, "24件", "42件")]


def test_a_report_is_not_published_before_its_period() -> None:
    rows = rows_of("全年立案提案312件。")
    for day, passed in ((dt.date(2024, 1, 22), True), (dt.date(2023, 12, 28), True), (dt.date(2022, 3, 1), False)):
        rows["reports"][0]["published_at"] = day
        assert [verdict[0] for verdict in verdicts(dataset(rows), "published_after_period")] == [passed]


def test_coverage_tells_what_is_missing_from_what_was_never_published() -> None:
    pages = [rows_of("全年立案提案312件。", year=year, name=f"{year}.txt") for year in (2019, 2023)]
    quarantine = [
        {
            "quarantine_id": f"{at:016}",
            "report_id": f"{at:016}",
            "run_id": "run",
            "table": table,
            "row": f'{{"source": "tests", "source_uri": "{year}/a.txt"}}',
            "rule": rule,
            "reason": "it is so",
            "capture_id": None,
            "line_no": None,
            "resolved_by_run": None,
            "dismissed": None,
        }
        for at, (table, year, rule) in enumerate(
            (
                ("captures", 2020, "no_report"),
                ("captures", 2021, "unreadable"),
                ("reports", 2018, "reports.term.less_than"),
            )
        )
    ]
    view = dataset(*pages, quarantine=TABLES["quarantine"].frame(quarantine))
    states = {year: state for (_, _, year), (state, _) in coverage_states(view).items()}
    assert states == {
        2018: "quarantined",
        2019: "accepted",
        2020: "unparsed",
        2021: "unfetched",
        2022: "unpublished",
        2023: "accepted",
    }
    failed = [observed for passed, _, observed in verdicts(view, "coverage") if not passed]
    assert failed == ["quarantined", "unparsed", "unfetched"]


def test_coverage_takes_from_the_ledger_what_could_not_be_fetched_and_what_was_not_there() -> None:
    pages = [rows_of("全年立案提案312件。", year=year, name=f"{year}.txt") for year in (2019, 2021)]
    code = pages[0]["reports"][0]["division_code"]
    other, third = "420600", "420700"
    asked = [
        ("town", "page", "http://a.example/2020/1.html", "refused", "robots"),
        ("town", "page", "http://a.example/2021/1.html", "failed", "timeout"),
        ("silent", "list", "http://b.example/", "failed", "status 503"),
        ("empty", "list", "http://c.example/", "fetched", ""),
        ("empty", "page", "http://c.example/2018/gone.html", "failed", "status 404"),
        ("empty", "page", "http://c.example/2018/gone.html", "fetched", ""),
        ("nowhere", "list", "http://d.example/", "failed", "connect"),
    ]
    rows = [
        dict.fromkeys(TABLES["requests"].schema)
        | {"request_id": f"{at:016}", "source": source, "purpose": purpose, "asked_for": address, "outcome": outcome}
        | {"rule": rule, "reason": rule, "requested_at": NOW - dt.timedelta(days=9 - at)}
        for at, (source, purpose, address, outcome, rule) in enumerate(asked)
    ]
    places = {"town": (code,), "silent": (other,), "empty": (third,)}
    view = dataset(*pages, requests=TABLES["requests"].frame(rows), speaks_for=places)
    due = NOW.year - 1
    states = {(found, year): state for (found, _, year), (state, _) in coverage_states(view).items()}
    assert states == {
        (code, 2019): "accepted",
        (code, 2020): "unfetched",
        (code, 2021): "accepted",
        (other, due): "unfetched",
        (third, due): "unpublished",
    }
    assert {name for _, name, _ in coverage_states(view)} >= {"襄阳市", "鄂州市"}


def test_volume_and_freshness_are_held_against_what_is_expected() -> None:
    rows = rows_of("全年立案提案312件。")
    fits = {"tests": Expectation(1, 2, 1, 5, 400)}
    low, high = {"tests": Expectation(min_reports=2)}, {"tests": Expectation(max_figures=0)}
    capture = dict.fromkeys(TABLES["captures"].schema) | {"source": "tests", "captured_at": NOW - dt.timedelta(days=30)}
    captures = TABLES["captures"].frame([capture])
    names = ("volume_minimum", "volume_maximum", "freshness")
    view = dataset(rows, captures=captures, expectations=fits)
    assert all(passed for name in names for passed, *_ in verdicts(view, name))
    assert verdicts(replace(view, expectations=low), "volume_minimum") == [(False, "at least 2", "1")]
    assert verdicts(replace(view, expectations=high), "volume_maximum") == [(False, "at most 0", "1")]
    stale = {"tests": Expectation(max_age_days=10), "gone": Expectation(max_age_days=10)}
    assert verdicts(replace(view, expectations=stale), "freshness") == [
        (False, "at most 10 days", "never"),
        (False, "at most 10 days", "30 days ago"),
    ]
    assert verdicts(replace(view, before={"tests": 40}), "volume_minimum")[-1] == (False, "at least 20", "1")


def test_a_repeat_with_another_number_is_noticed() -> None:
    first, same, other = (
        rows_of(f"全年立案提案{count}件。", name=name) for count, name in ((336, "a"), (336, "b"), (363, "c"))
    )
    canonical = (first["reports"][0]["report_id"], 0.98)
    for page_, passed in ((same, True), (other, False)):
        view = dataset(first, page_, duplicates={page_["reports"][0]["report_id"]: canonical})
        assert [verdict[0] for verdict in verdicts(view, "repeats_agree")] == [passed]


def test_expectations_are_read_and_a_wrong_entry_is_named(tmp_path: Any) -> None:
    assert load_expectations(tmp_path) == {}
    expected = {'市政协 "官网"': Expectation(9, 16, 400, 800, 400)}
    (tmp_path / "expectations.toml").write_text(as_toml(expected), encoding="utf-8")
    assert load_expectations(tmp_path) == expected
    for text, word in (
        ("[source.a]\nmin_pages = 1", "min_pages"),
        ("[source.a]\nmin_reports = -1", "-1"),
        ("[", "TOML"),
    ):
        (tmp_path / "expectations.toml").write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=word):
            load_expectations(tmp_path)


def test_all_rules_of_the_dataset_run_on_an_empty_one() -> None:
    assert all(list(rule.check(dataset())) == [] for rule in of_ring(DATASET))
