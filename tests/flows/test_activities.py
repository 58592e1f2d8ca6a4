"""Activities: topics by what introduces them, forms by the words of their clause; a floor against the labels of the samples."""

from __future__ import annotations

import json

import polars as pl
import pytest

from flows.clean import clean
from flows.extract.activities import Activity, extract_activities
from flows.extract.context import passages
from storage import ReleaseReader
from tests.conftest import GOLD

FOUND, FORM = 0.85, 0.95


def activities(text: str) -> list[Activity]:
    page = clean(f"政协宜昌市委员会工作报告\n\n各位委员,现在向大会报告工作。\n\n{text}\n".encode(), "text/plain")
    return extract_activities(passages(page.paragraphs))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # 围绕, 就, 聚焦
        ("就推进数字经济发展召开专题协商会,提出建议12条。", [("special_consultation", "推进数字经济发展")]),
        ("聚焦城区停车难,组织委员开展民主监督。", [("supervision", "城区停车难")]),
        ("围绕“壮大石化产业”“推进绿色转型”召开专题议政性常委会会议。", [("standing_committee", "壮大石化产业"), ("standing_committee", "推进绿色转型")]),
        ("就垃圾分类处置、未来社区建设等议题与群众面对面协商。", [("frontline_consultation", "垃圾分类处置、未来社区建设")]),
        # each topic has the form of its own clause
        (
            "就种业振兴开展专题协商,对粮食生产功能区保护情况进行民主监督。",
            [("special_consultation", "种业振兴"), ("supervision", "粮食生产功能区保护情况")],
        ),
        # the meeting may be named before its topic
        ("市政协召开议政性常委会会议,围绕“加快产业转型”协商议政。", [("standing_committee", "加快产业转型")]),
        # 对…监督, 开展…调研, 视察…建设, a meeting or event named after its topic
        ("对学前教育普惠发展开展专项视察。", [("research", "学前教育普惠发展")]),
        ("组织开展高标准农田建设专题调研。", [("research", "高标准农田建设")]),
        ("统筹开展“河湖长制落实情况”专项民主监督。", [("supervision", "河湖长制落实情况")]),
        ("组织委员视察城市更新重点项目建设情况。", [("research", "城市更新重点项目建设情况")]),
        ("召开“推动中医药传承创新发展”对口协商会。", [("counterpart_consultation", "推动中医药传承创新发展")]),
        ("举办“我和我的祖国”主题征文活动。", [("event", "我和我的祖国")]),
        ("围绕农村供水,提案者与承办单位面对面协商。", [("proposal_consultation", "农村供水")]),
        ("对口协商“棉花目标价格改革”。", [("counterpart_consultation", "棉花目标价格改革")]),
    ],
)  # fmt: skip
def test_topics_are_found_by_what_introduces_them(text: str, told: list[tuple[str, str]]) -> None:
    assert [(activity.form, activity.topic) for activity in activities(text)] == told


@pytest.mark.parametrize(
    "text",
    [
        "围绕中心、服务大局,召开专题协商会6次。",  # the whole work
        "紧扣市委中心工作,深入开展调研。",
        "围绕“四城同建”目标,组织专题调研12项、视察活动16次。",  # a year summed up
        "今年将围绕优化营商环境召开专题协商会。",  # to come
        "开展“百名委员进百村”活动。",  # the name of a programme
        "委员们就地开展服务,就近参加协商。",  # 就 in other words
        "《围绕产业转型开展调研的报告》已经印发。",  # a title
        "提出有针对性、前瞻性的协商意见。",
    ],
)
def test_what_is_no_activity(text: str) -> None:
    assert activities(text) == []


def test_a_date_before_the_topic_is_its_date() -> None:
    (activity,) = activities("2023年7月,就推进淮河经济带建设开展专题协商。")
    assert (activity.date, activity.date_precision) == ("2023-07", "month")


def test_a_topic_that_is_repeated_is_one_activity() -> None:
    assert len(activities("就古城保护召开专题协商会。会后,就古城保护开展调研。")) == 1


def test_topics_and_forms_of_the_samples_are_found_as_well_as_before(released: ReleaseReader) -> None:
    wanted = found = formed = 0
    for path in sorted(GOLD.glob("*.activities.jsonl")):
        file = json.loads((GOLD / f"{path.name.split('.')[0]}.report.json").read_text(encoding="utf-8"))["file"]
        report = released.frame("reports").filter(pl.col("source_uri") == file)["report_id"][0]
        rows = released.frame("activities").filter(pl.col("report_id") == report).to_dicts()
        for label in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if not label.get("required", True):
                continue
            wanted += 1
            match = next((r for r in rows if r["topic"] in label["topic"] or label["topic"] in r["topic"]), None)
            found += match is not None
            formed += match is not None and match["form"] in {label["form"], *label.get("also_form", [])}
    assert found / wanted >= FOUND
    assert formed / found >= FORM
