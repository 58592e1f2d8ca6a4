"""Numerals: what they are worth, and which are no quantities."""

from __future__ import annotations

import pytest

from flows.clean.text import fold
from flows.extract.numerals import chinese_value, find_numerals

# text, quote, value, upper end, unit, bound
QUANTITIES = [
    ("收到提案3551件", "3551件", 3551, None, "件", "exact"),
    ("捐款近4亿元", "近4亿元", 400_000_000, None, "元", "about"),
    ("惠及居民15.57万户", "15.57万户", 155_700, None, "户", "exact"),
    ("占80.9%", "80.9%", 80.9, None, "%", "exact"),
    ("满意率达百分之九十六点六", "百分之九十六点六", 96.6, None, "%", "exact"),
    ("发言占70%以上", "70%以上", 70, None, "%", "at_least"),
    ("开展20余次活动", "20余次", 20, None, "次", "at_least"),
    ("浏览量突破60万人次", "突破60万人次", 600_000, None, "人次", "at_least"),
    ("捐款捐物3900多万元", "3900多万元", 39_000_000, None, "元", "at_least"),
    ("争取资金220余万元", "220余万元", 2_200_000, None, "元", "at_least"),
    ("参与12万余人", "12万余人", 120_000, None, "人", "at_least"),
    ("约３２０万元", "约320万元".replace("320", "３２０"), 3_200_000, None, "元", "about"),
    ("近百名委员", "近百名", 100, None, "名", "about"),
    ("不到2万人次", "不到2万人次", 20_000, None, "人次", "at_most"),
    ("召开四次推进会", "四次", 4, None, "次", "exact"),
    ("八项履职要求", "八项", 8, None, "项", "exact"),
    ("审查立案一百三十余件", "一百三十余件", 130, None, "件", "at_least"),
    ("阅读1,024 条", "1,024 条", 1024, None, "条", "exact"),
    ("投入160 多万元", "160 多万元", 1_600_000, None, "元", "at_least"),
    ("每月3—5个议题", "3—5个", 3, 5, "个", "exact"),
    ("走访七八十家", "七八十家", 70, 80, "家", "exact"),
    ("走访八九家", "八九家", 8, 9, "家", "exact"),
    ("走访八九十家", "八九十家", 80, 90, "家", "exact"),
    ("走访十七八家", "十七八家", 17, 18, "家", "exact"),
    ("服务1000+人次", "1000+人次", 1000, None, "人次", "at_least"),
    ("提案1 024件", "1 024件", 1024, None, "件", "exact"),
    ("引资六点五亿元", "六点五亿元", 650_000_000, None, "元", "exact"),
    ("满意度98.5分", "98.5分", 98.5, None, "分", "exact"),
    ("占80%—85%", "80%—85%", 80, 85, "%", "exact"),
    ("主席会议十一次、", "十一次", 11, None, "次", "exact"),
    ("提高3.2个百分点", "3.2个百分点", 3.2, None, "百分点", "exact"),
    ("办理4.5万件(次)", "4.5万件(次)", 45_000, None, "件(次)", "exact"),
    ("惠及附近447户", "447户", 447, None, "户", "exact"),
    ("集中签约13个项目", "13个", 13, None, "个", "exact"),
    ("5度深入调研", "5度", 5, None, "度", "exact"),
    ("主席会议十次,", "十次", 10, None, "次", "exact"),
    ("全体会议一次,", "一次", 1, None, "次", "exact"),
    ("征求意见6 3 条", "6 3 条", 63, None, "条", "exact"),
]

# text, numeral, rule
IGNORED = [
    ("2024年工作回顾", "2024年", "year"),
    ("二〇二四年", "二〇二四年", "year"),
    ("武汉论坛2024", "2024", "year"),
    ("1月8日开幕", "8日", "date"),
    ("2023-01-06", "01", "date"),
    ("09:50:35", "50", "time"),
    ("上午9时30分", "30分", "time"),
    ("228国道改造", "228", "code"),
    ("20世纪七八十年代", "20世纪", "date"),
    ("成立75周年", "75周年", "anniversary"),
    ("第十四届委员会", "十四", "ordinal"),
    ("十四届三次会议以来", "三", "ordinal"),
    ("中共二十大精神", "二十", "ordinal"),
    ("加快5G建设", "5", "name"),
    ("“1+4+N”体系", "4", "name"),
    ("“十四五”规划", "十四五", "slogan"),
    ("“323”攻坚行动", "323", "slogan"),
    ("省市区三级联动", "三", "level"),
    ("连续五年", "五年", "duration"),
    ("历时3个月", "3个月", "duration"),
    ("《关于2023年第12号提案的答复》", "12", "title"),
    ("12345热线", "12345", "code"),
    ("政协十堰市委员会", "十", "name"),
    ("九三学社", "九三", "name"),
    ("融入长三角", "三", "name"),
    ("一个个善行", "一个", "indefinite"),
    ("统一思想", "一", "word"),
    ("数十万群众", "十万", "vague"),
    ("提案***5件", "5", "damaged"),
]


@pytest.mark.parametrize(("text", "quote", "value", "high", "unit", "bound"), QUANTITIES, ids=lambda v: str(v))
def test_quantities_have_value_unit_and_bound(
    text: str, quote: str, value: float, high: float | None, unit: str, bound: str
) -> None:
    (found,) = [numeral for numeral in find_numerals(_folded(text)) if not numeral.ignored]
    assert text[found.start : found.end] == quote
    assert (found.value, found.high, found.unit, found.bound) == (value, high, unit, bound)


@pytest.mark.parametrize(("text", "quote", "rule"), IGNORED, ids=lambda v: str(v))
def test_numerals_that_are_no_quantities_are_ignored_by_rule(text: str, quote: str, rule: str) -> None:
    found = {text[numeral.start : numeral.end]: numeral.ignored for numeral in find_numerals(_folded(text))}
    assert found[quote] == rule
    assert all(found.values())


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百三十", 130),
        ("两千零五", 2005),
        ("三万五千", 35_000),
        ("一亿二千万", 120_000_000),
        ("廿", 20),
    ],
)
def test_chinese_numerals_have_their_value(numeral: str, value: float) -> None:
    assert chinese_value(numeral) == value


def test_time_is_linear_in_the_text() -> None:
    """A long run of digits or numerals is one numeral, not one for each of its ends."""
    assert len(find_numerals("1" * 50_000)) == 1
    assert len(find_numerals("一" * 50_000)) == 1
    assert find_numerals(" " * 50_000) == []


def _folded(text: str) -> str:
    return fold(text).translate({0xFF10 + i: 0x30 + i for i in range(10)})
