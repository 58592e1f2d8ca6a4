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


# Headline, words of the text, year, code: what the name means in its year and place.
PLACES = [
    (
        "市政协第十四届二次会议以来提案办理工作情况",
        "各位代表:受市政协委托。成都市人大常委会、成都市政府、成都市政协。",
        2023,
        "510100",
    ),
    ("海淀区政协召开年度总结会", "北京市海淀区政协2020年收到提案。", 2020, "110108"),
    ("关于全国两会精神的学习 桂林市政协2022年工作总结", "全国政协十三届五次会议。桂林市政协学习。", 2022, "450300"),
    ("永州市冷水滩区政协2015年工作综述", "区政协收到提案", 2015, "431103"),
    ("区政协工作总结", "2014年,在中共宝鸡市金台区委领导下,区政协收到提案", 2014, "610303"),
    ("石景山政协2019年工作要点回顾", "石景山区政协收到提案", 2019, "110107"),
    ("县政协2020年度工作汇报", "霍邱县是农业大县。县政协收到提案", 2020, "341522"),
    ("政协第九届全南县委员会常务委员会工作报告", "县政协收到提案", 2016, "360729"),
    ("政协海东市第二届委员会", "市政协收到提案", 2018, "630200"),
    ("海东地区政协联络处工作总结", "地区政协收到提案。互助县、民和县政协参加", 2011, "632100"),
    ("福田区政协2008年工作总结", "深圳市福田区", 2008, "440304"),
    ("政协安徽省六安市委员会工作总结", "市政协收到", 2012, "341500"),
    ("政协上海市静安区委员会2014", "静安区政协", 2014, "310106"),
    ("闸北区政协2012年工作总结", "闸北区政协收到提案", 2012, "310108"),
    ("政协贵州省铜仁地区工作委员会2010年总结", "地区政协工委", 2010, "522200"),
    ("铜仁市政协2013年工作总结", "铜仁市政协收到提案。碧江区、万山区", 2013, "520600"),
    ("铜仁市政协2009年工作总结", "铜仁市政协收到提案", 2009, "522201"),
    ("政协香格里拉县2012年工作总结", "县政协", 2012, "533421"),
    ("香格里拉市政协2018年工作总结", "市政协", 2018, "533401"),
    ("中甸县政协1999年工作总结", "县政协", 1999, "533421"),
    ("肃州区政协2019", "酒泉市肃州区政协", 2019, "620902"),
    ("酒泉市政协(县级)2000年工作", "酒泉市政协收到", 2000, "622102"),
    ("河北区政协2017年工作总结", "天津市河北区政协收到提案", 2017, "120105"),
    ("省政协2019年提案工作", "河北省政协收到提案。在天津市、北京市协同", 2019, "130000"),
    ("自治区政协2021年度工作情况", "宁夏回族自治区政协收到", 2021, "640000"),
    ("西藏自治区政协2021", "拉萨市政协等。自治区政协收到", 2021, "540000"),
    ("兵团第一师阿拉尔市政协2020年工作", "阿拉尔市政协收到提案", 2020, "659002"),
    ("市政协2018年工作综述", "三亚市崖州区、天涯区;海南省政协;三亚市政协收到提案", 2018, "460200"),
    ("县(市)政协工作交流 南丰县政协", "南丰县政协2015年", 2015, "361023"),
    ("政协牟定县委员会", "牟定县政协;楚雄州政协", 2019, "532323"),
    ("楚雄市政协2019年总结", "楚雄市政协;楚雄州政协视察", 2019, "532301"),
    ("雨花区政协2019", "长沙市雨花区政协", 2019, "430111"),
    pytest.param(
        "镇江新区政协工委工作总结",
        "镇江市政协支持。新区政协工委",
        2019,
        "",
        marks=pytest.mark.xfail(strict=True, reason="a zone is no place"),
    ),
    ("江苏省无锡市锡山区政协", "锡山区", 2019, "320205"),
    ("锡山市政协1999年工作总结", "锡山市政协", 1999, "320283"),
    ("清远市清新县政协", "清新县政协", 2010, "441827"),
    ("铁西区政协2010年工作总结", "沈阳铁西老工业基地。铁西区政协", 2010, "210106"),
    ("向阳区政协2010", "佳木斯市向阳区政协", 2010, "230803"),
    ("潮州市湘桥区", "湘桥区政协收到提案", 2010, "445102"),
    ("五指山市政协2015年工作报告", "市政协", 2015, "469001"),
    ("乐东县政协2015年工作报告", "县政协", 2015, "469027"),
]


@pytest.mark.parametrize(("title", "body", "year", "code"), PLACES)
def test_a_name_is_the_place_of_its_year_and_surroundings(title: str, body: str, year: int, code: str) -> None:
    found = find_committee(Clues(title, body, year=year))
    assert (found.division.code if found and found.division else "") == code
