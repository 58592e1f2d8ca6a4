"""Numerals: what they are worth, and which are no quantities."""

from __future__ import annotations

import cProfile
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.clean.script import to_simplified
from flows.clean.text import WIDTH, fold
from flows.extract.numerals import NUMERAL_CHARS, chinese_value, find_numerals
from flows.extract.reading import NUMBER, SIMPLE
from schemas.labels import IGNORED_RULES
from schemas.vocabulary import load_units

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
    ("争取资金1亿2000万元", "1亿2000万元", 120_000_000, None, "元", "exact"),
    ("惠及4万2000余人", "4万2000余人", 42_000, None, "人", "at_least"),
    ("引资3.5个亿元", "3.5个亿元", 350_000_000, None, "元", "exact"),
    ("装机5万千瓦", "5万千瓦", 50_000, None, "千瓦", "exact"),
    ("修路12千米", "12千米", 12, None, "千米", "exact"),
    ("走访一百二三十户", "一百二三十户", 120, 130, "户", "exact"),
    ("走访十几家企业", "十几家", 10, None, "家", "at_least"),
    ("走访近百家企业", "近百家", 100, None, "家", "about"),
    ("远超20家", "远超20家", 20, None, "家", "at_least"),
    ("会上3名委员发言", "3名", 3, None, "名", "exact"),
    ("举办3场上下联动的活动", "3场", 3, None, "场", "exact"),
    ("组织20人多次调研", "20人", 20, None, "人", "exact"),
    ("近三成提案", "近三成", 3, None, "成", "about"),
    ("三分之二以上委员", "三分之二以上", 0.666667, None, "", "at_least"),
    ("超过1/2的委员", "超过1/2", 0.5, None, "", "at_least"),
    ("超过一半。", "超过一半", 0.5, None, "", "at_least"),
    ("占千分之三", "千分之三", 0.3, None, "%", "exact"),
    ("同比下降两个百分点", "两个百分点", 2, None, "百分点", "exact"),
    ("提高一个百分点", "一个百分点", 1, None, "百分点", "exact"),
    ("增长一倍以上", "一倍以上", 1, None, "倍", "at_least"),
    ("超过立案总数的5%", "5%", 5, None, "%", "at_least"),
    ("约占30%", "30%", 30, None, "%", "about"),
    ("满意率≥95%", "≥95%", 95, None, "%", "at_least"),
    ("满意率>95%", ">95%", 95, None, "%", "at_least"),
    ("同比-5.2%", "5.2%", 5.2, None, "%", "exact"),
    ("同比下降-5.2%", "-5.2%", -5.2, None, "%", "exact"),
    ("走访20人到30人", "20人到30人", 20, 30, "人", "exact"),
    ("投资1万(含)-5万元", "1万(含)-5万元", 10_000, 50_000, "元", "exact"),
    ("投资1-2万元", "1-2万元", 10_000, 20_000, "元", "exact"),
    ("投资三至五万元", "三至五万元", 30_000, 50_000, "元", "exact"),
    ("走访三至五百家", "三至五百家", 300, 500, "家", "exact"),
    ("占百分之三到百分之五", "百分之三到百分之五", 3, 5, "%", "exact"),
    ("10与20个之间", "10与20个之间", 10, 20, "个", "exact"),
    ("12篇(次)", "12篇(次)", 12, None, "篇(次)", "exact"),
    ("12场/次", "12场/次", 12, None, "场/次", "exact"),
    ("捐款三万五元", "三万五元", 35_000, None, "元", "exact"),
    ("捐款五元六角", "五元六角", 5.6, None, "元", "exact"),
    ("长三米九", "三米九", 3.9, None, "米", "exact"),
    ("重三斤半", "三斤半", 3.5, None, "斤", "exact"),
    ("服务两个半小时", "两个半小时", 2.5, None, "小时", "exact"),
    ("捐款¥1,234.5", "¥1,234.5", 1234.5, None, "¥", "exact"),
    ("发放贷款5笔", "5笔", 5, None, "笔", "exact"),
    ("提出3点建议", "3点", 3, None, "点", "exact"),
    ("现场服务3000+", "3000+", 3000, None, "", "at_least"),
    ("气温零下五度", "零下五度", -5, None, "度", "exact"),
    ("三千 九百 六十五件", "三千 九百 六十五件", 3965, None, "件", "exact"),
]

# Text as a page has it, quote, value, unit, bound.
RAW = [
    ("捐款參萬肆仟元", "參萬肆仟元", 34_000, "元", "exact"),
    ("捐款壹拾贰万叁仟元整", "壹拾贰万叁仟元整", 123_000, "元整", "exact"),
    ("提案一百三十餘件", "一百三十餘件", 130, "件", "at_least"),
    ("引資兩億元", "兩億元", 200_000_000, "元", "exact"),
    ("收到提案３５１件", "３５１件", 351, "件", "exact"),
    ("占８０．９％", "８０．９％", 80.9, "%", "exact"),
    ("收到提案**351**件", "351**件", 351, "件", "exact"),
    ("投入**160** 多万元", "160** 多万元", 1_600_000, "元", "at_least"),
    ("收到提案351\u200b件", "351\u200b件", 351, "件", "exact"),
    ("走访３—５个（家）", "３—５个（家）", 3, "个(家)", "exact"),
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
    ("行程1999.08至今", "1999.08", "date"),
    ("20240307开幕", "20240307", "date"),
    ("腊月18", "18", "date"),
    ("每周三下午", "三", "date"),
    ("5·26疫情", "26", "date"),
    ("历时半年", "半年", "duration"),
    ("下午5点到会", "5", "time"),
    ("加快5g基站建设", "5", "name"),
    ("八里湖新区", "八", "word"),
    ("五角大楼", "五", "word"),
    ("一成不变", "一", "word"),
    ("政发〔2019〕4号", "4", "ordinal"),
    ("提交提案每件加5分", "5", "norm"),
    ("满分100分", "100", "norm"),
    ("委员每年至少提交1件提案", "1", "norm"),
    ("字数一般不超过1500字", "1500", "norm"),
    ("10列入规划", "10", "bare"),
    ("达202107211321363588510367", "202107211321363588510367", "code"),
    ("三万五", "三万五", "word"),
    ("建设15分钟生活圈", "15", "name"),
    ("十三五期间", "十三五", "word"),
]


@pytest.mark.parametrize(("text", "quote", "value", "high", "unit", "bound"), QUANTITIES, ids=lambda v: str(v))
def test_quantities_have_value_unit_and_bound(
    text: str, quote: str, value: float, high: float | None, unit: str, bound: str
) -> None:
    (found,) = [numeral for numeral in find_numerals(_folded(text)) if not numeral.ignored]
    assert text[found.start : found.end] == quote
    assert (found.value, found.high, found.unit, found.bound) == (value, high, unit, bound)


@pytest.mark.parametrize(("text", "quote", "value", "unit", "bound"), RAW, ids=lambda v: str(v))
def test_text_is_read_as_a_page_has_it(text: str, quote: str, value: float, unit: str, bound: str) -> None:
    (found,) = [numeral for numeral in find_numerals(text) if not numeral.ignored]
    assert (found.text, found.value, found.low, found.unit, found.bound) == (quote, value, value, unit, bound)
    assert text[found.start : found.end] == quote


def test_a_pair_of_bold_marks_is_none_where_asterisks_stand_for_digits() -> None:
    assert {numeral.ignored for numeral in find_numerals("立案1**件,办复2**件")} == {"damaged"}


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
        ("卅四", 34),
        ("两千零十二", 2012),
        ("百二万", 1_200_000),
        ("一万亿", 1e12),
        ("一亿亿", 1e16),
        ("四十九兆九千五百九十二亿", 49_959_200_000_000),
        ("二〇二四", 2024),
    ],
)
def test_chinese_numerals_have_their_value(numeral: str, value: float) -> None:
    assert chinese_value(numeral) == value


DIGITS = "零一二三四五六七八九"


def in_words(number: int) -> str:
    """A whole number below 10^12 as it is written in Chinese characters."""
    for worth, word in ((100_000_000, "亿"), (10_000, "万")):
        if number >= worth:
            rest = number % worth
            zero = "零" if rest and rest < worth // 10 else ""
            return in_words(number // worth) + word + zero + (in_words(rest) if rest else "")
    text = ""
    gap = False
    for worth, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // worth % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + word
            gap = False
        else:
            gap = True
    return text or "零"


@given(st.integers(0, 10**12 - 1))
@example(10_010_000)
@example(200_000_003)
def test_a_number_in_words_has_its_value_in_either_script(number: int) -> None:
    assert chinese_value(in_words(number)) == number
    traditional = in_words(number).translate(str.maketrans("万亿", "萬億"))
    (found,) = find_numerals(f"共{traditional}件")
    assert (found.value, found.unit) == (number, "件")


@given(st.integers(1, 10**9), st.sampled_from(["", "余", "多"]), st.sampled_from(["件", "人次", "元", "平方米"]))
def test_digits_are_read_alike_in_all_their_dresses(number: int, infix: str, unit: str) -> None:
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for digits in (str(number), f"{number:,}", f"**{number}**", wide):
        (found,) = find_numerals(f"共{digits}{infix}{unit}。")
        assert (found.value, found.unit, found.bound) == (number, unit, "at_least" if infix else "exact")


# What reports are made of, as pages have it: both scripts, all dresses of numbers, signs, qualifiers.
PIECES = [
    *"0123456789.,%/:-+*~()《》“”〇零一二三四五六七八九十百千万亿廿两半第年月日时点分之又比约近超余多几来个件次元角米斤两克里成倍折块度届大号周上下",
    "百分之", "万元", "人次", "百分点", "以上", "以下", "负", "零下", "人民币", "$", "兆", "壹", "贰", "拾", "佰", "陆", "參", "萬", "億", "餘", "兩", "點", "３", "％", "，", "。",
    " ", "\u3000", "\n", "\u200b", "**", "—", "km", "k", "G", "2024", "12,345", "5.6", "十堰市", "九三学社", "提案", "□", "○", "?",
]  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(mixtures)
@example("1/")
@example("一又分之")
@example("3万4百5")
def test_every_numeral_character_lies_in_exactly_one_numeral(text: str) -> None:
    found = find_numerals(text)
    covered = [place for numeral in found for place in range(numeral.start, numeral.end)]
    assert len(covered) == len(set(covered))
    characters = to_simplified(text).translate(WIDTH)
    assert {match.start() for match in NUMERAL_CHARS.finditer(characters)} <= set(covered)
    for numeral in found:
        assert numeral.text == text[numeral.start : numeral.end]
        assert math.isfinite(numeral.value)
        assert numeral.high is None or numeral.low < numeral.high
        assert numeral.ignored in {"", *IGNORED_RULES}


@given(mixtures)
def test_folded_text_is_read_like_the_text_itself(text: str) -> None:
    folded = fold(to_simplified(text).translate(WIDTH))
    read, again = find_numerals(text), find_numerals(folded)
    assert [numeral._replace(text="") for numeral in read] == [numeral._replace(text="") for numeral in again]


def test_parts_of_units_are_units() -> None:
    units = load_units()
    known = units.count | units.measurement | units.currency
    assert set(units.smaller) <= known
    assert {part for parts in units.smaller.values() for part in parts} <= known | {"钱"}


def test_time_is_linear_in_the_text() -> None:
    """A long run of digits or numerals is one numeral, not one for each of its ends."""
    assert len(find_numerals("1" * 50_000)) == 1
    assert len(find_numerals("一" * 50_000)) == 1
    assert find_numerals(" " * 50_000) == []


@pytest.mark.parametrize("piece", ["1 ", "111 ", "1,111,", "1-", "一到", "1万", "三千 ", "五分之", "一又", "1/", "零", "亿", "《1", "“一", "**1", "负", "超过", "3元", "百分", "1.", "○一"])  # fmt: skip
def test_work_is_linear_in_the_text(piece: str) -> None:
    """Twice the text takes at most two and a half times the calls of the text itself."""
    assert calls(piece * 1000) <= 2.5 * calls(piece * 500) + 1000


def calls(text: str) -> int:
    """How many functions are called to read a text."""
    profile = cProfile.Profile()
    profile.runcall(find_numerals, text)
    return sum(entry.callcount for entry in profile.getstats())


def _folded(text: str) -> str:
    return fold(text).translate({0xFF10 + i: 0x30 + i for i in range(10)})


PARTS = [*"0135二三十百千万亿兆零两半又分份点下之升.,/ 年件", "分之", "百分", "零下", "1,234", " 500"]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=8).map("".join))
def test_a_number_that_stands_by_itself_is_read_as_by_the_pattern_of_all_numbers(text: str) -> None:
    if simple := SIMPLE.match(text):
        whole = NUMBER.match(text)
        assert whole is not None
        assert (whole["number"], whole.span("number")) == (simple[0], whole.span())
