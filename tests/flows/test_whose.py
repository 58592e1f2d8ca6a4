"""Whose work a number is of."""

from __future__ import annotations

import pytest

from flows.clean import clean
from flows.extract.context import passages
from flows.extract.whose import Committee, committee_of, whose_of

CITY = Committee("宜昌", "市")


@pytest.mark.parametrize(
    ("text", "committee"),
    [
        ("政协宜昌市第七届委员会常务委员会工作报告", Committee("宜昌", "市")),
        ("中国人民政治协商会议恩施土家族苗族自治州委员会\n政协恩施土家族苗族自治州委员会工作报告", Committee("恩施土家族苗族", "州")),
        ("政协内蒙古自治区委员会工作报告", Committee("内蒙古", "自治区")),
        ("区政协开展协商,区政协提出建议,市政协给予指导。", Committee("", "区")),
        ("本报告不说是谁的。", Committee("", "")),
    ],
)  # fmt: skip
def test_the_committee_of_a_report(text: str, committee: Committee) -> None:
    page = clean(f"{text}\n\n各位委员,现在向大会报告工作,请予审议,并请提出意见。\n".encode(), "text/plain")
    assert committee_of(passages(page.paragraphs)) == committee


@pytest.mark.parametrize(
    ("sentence", "measure", "whose"),
    [
        ("市政协召开座谈会", "meetings.other", "own"),
        ("五年来,十四届市政协收到提案", "proposals.submitted", "own"),
        ("全市政协委员捐款", "outcomes.donations", "own"),
        ("各级政协组织建成议事点", "platforms.total", "own"),
        ("宜昌市政协召开座谈会", "meetings.other", "own"),
        ("当阳市政协召开座谈会", "meetings.other", "other"),
        ("夷陵区政协开展协商活动86场,解决问题", "outcomes.solved", "other"),
        ("各县(市、区)政协共收到提案", "proposals.submitted", "other"),
        ("全国政协十三届五次会议共收到提案", "proposals.submitted", "other"),
        ("省政协采用", "opinions.adopted", "own"),
        ("向省政协报送信息", "opinions.submitted", "own"),
        ("市政府投入资金", "outcomes.investment", "other"),
        ("市政府办复提案", "proposals.replied", "own"),
        ("市教育局新增学位5200个,改扩建学校", "outcomes.facilities", "other"),
        ("市教育局新增学位5200个;市政协召开座谈会", "meetings.other", "own"),
        ("推动市教育局新增学位", "outcomes.facilities", "own"),
        ("市人大代表建议", "proposals.replied", "other"),
        ("某集团公司投资", "outcomes.investment", "other"),
        ("全市常住人口", "other", "other"),
        ("打造全域旅游格局", "other", "own"),
    ],
)
def test_the_subject_named_last_says_whose_work_it_is(sentence: str, measure: str, whose: str) -> None:
    assert whose_of(sentence, "", measure, CITY) == whose


def test_under_the_heading_of_another_body_all_is_its_work() -> None:
    assert whose_of("办理提案", "政府工作报告", "proposals.replied", CITY) == "other"
    assert whose_of("办理提案", "提案工作", "proposals.replied", CITY) == "own"


def test_the_district_is_somebody_else_for_the_city_and_itself_for_the_district() -> None:
    assert whose_of("区政协开展协商", "", "activities.consultation", CITY) == "other"
    assert whose_of("区政协开展协商", "", "activities.consultation", Committee("夷陵", "区")) == "own"
