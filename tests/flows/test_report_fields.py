"""Whose report it is, of which term and years, and where it was published."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from flows.clean import clean
from flows.extract import extract
from flows.extract.committee import Clues, find_committee
from flows.extract.report import ReportFields
from flows.extract.sessions import read_session, read_term
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "corpus" / "report_fields.toml").read_text(encoding="utf-8")
)["case"]
FIELDS = ("committee", "code", "term", "session", "period", "published", "archived", "source")


def read(fields: ReportFields) -> dict[str, Any]:
    period = fields.period
    years = "" if period is None else "/".join(str(year) for year in sorted({period.first, period.last}))
    return {
        "committee": fields.committee or "",
        "code": fields.division.code if fields.division else "",
        "term": fields.term or 0,
        "session": fields.session or 0,
        "period": years,
        "published": str(fields.published_at or ""),
        "archived": str(fields.archived_at or ""),
        "source": fields.source_name or "",
    }


def params() -> list[Any]:
    found = []
    for case in CASES:
        for field in FIELDS:
            if field in case:
                marks = [pytest.mark.xfail(strict=True)] if case.get("known") == field else []
                found.append(pytest.param(case, field, id=f"{case['name']}: {field}", marks=marks))
    return found


@pytest.mark.parametrize(("case", "field"), params())
def test_fields_are_those_that_a_person_reads(case: dict[str, Any], field: str) -> None:
    page = clean(case["text"].encode(), "text/plain")
    assert read(extract(page, case.get("uri", "")).fields)[field] == case[field]


def test_the_cases_cover_all_levels_and_twenty_years() -> None:
    codes = {case["code"] for case in CASES if case["code"]}
    assert {len(code.rstrip("0")) > 4 for code in codes} == {True, False}
    years = {int(case["period"][-4:]) for case in CASES if case["period"]}
    assert min(years) <= 2006
    assert max(years) >= 2024
    assert len({code[:2] for code in codes}) >= 25


def test_one_name_is_another_place_in_another_year() -> None:
    def code(year: int) -> str:
        found = find_committee(Clues("巢湖市政协工作总结", "市政协收到提案。", year=year))
        assert found is not None
        assert found.division is not None
        return found.division.code

    assert (code(2008), code(2019)) == ("341400", "340181")


def test_a_place_that_the_page_leaves_open_has_a_committee_and_no_code() -> None:
    found = find_committee(Clues("鼓楼区政协工作总结", "区政协收到提案。", year=2019))
    assert found is not None
    assert (found.name, found.division) == ("政协鼓楼区委员会", None)


@pytest.mark.parametrize(
    "clues",
    [
        Clues("提案工作的几点思考", "提案是政协履职的重要方式,政协委员要写好提案。"),
        Clues("市政协工作综述", "市政协收到提案。"),
        Clues("市政协工作综述", "市政协收到提案。", address="http://www.example.com/gongzuo/index.html"),
        Clues("新疆生产建设兵团工作综述", "兵团机关收到政协提案,第八师办理。"),
    ],
)
def test_nothing_is_guessed_where_no_committee_is_named(clues: Clues) -> None:
    assert find_committee(clues) is None


def test_a_spelling_of_two_cities_needs_the_text_to_tell_them_apart() -> None:
    address = "http://www.yichun.gov.cn/zx/"
    assert find_committee(Clues("市政协工作综述", "市政协收到提案。", address=address)) is None
    told = find_committee(Clues("市政协工作综述", "市政协围绕伊春林区收到提案。", address=address))
    assert told is not None
    assert told.division is not None
    assert told.division.code == "230700"


def test_a_site_line_tells_the_committee_but_not_a_list_of_links() -> None:
    one = ("版权所有 湖州市政协办公室",)
    many = ("湖州市政协 嘉兴市政协 绍兴市政协",)
    found = find_committee(Clues("市政协工作综述", "市政协收到提案。", furniture=one))
    assert found is not None
    assert found.name == "政协湖州市委员会"
    assert find_committee(Clues("市政协工作综述", "市政协收到提案。", furniture=many)) is None


@pytest.mark.parametrize(
    ("title", "body", "national", "term"),
    [
        ("", "政协第十四届全国委员会第二次会议。政协武汉市第十三届委员会收到提案。", False, 13),
        ("", "中国人民政治协商会议第十四届全国委员会收到提案。", True, 14),
        ("", "党的二十届三中全会以来,市政协收到提案。", False, None),
        ("市政协十三届常委会工作报告", "十四届市政协一次会议", False, 13),
    ],
)
def test_the_term_is_the_committees_own(title: str, body: str, national: bool, term: int | None) -> None:
    assert read_term(title, body, national=national) == term


@pytest.mark.parametrize(
    ("title", "body", "session"),
    [
        ("九届一次会议以来提案工作情况的报告", "2023年2月1日在政协湖州市第九届委员会第二次会议上", 2),
        ("工作报告", "在政协嘉鱼县第十届委员会第一次会议上", 1),
        ("工作报告", "在政协嘉鱼县第十届委员会第三次会议上", None),
        ("九届三次会议提案办理情况", "", None),
    ],
)
def test_the_session_is_the_one_that_the_report_was_given_at(title: str, body: str, session: int | None) -> None:
    assert read_session(title, body, 9) == session
