"""Why a numeral is no quantity: years and dates, ordinals, names, slogans, levels, turns of phrase.

The rules are asked in this order, the first that fits decides; each is a row of the codebook's list of
what does not count. Numbers in digits are quantities unless a rule says no; numbers in characters are
turns of phrase unless they count something.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from schemas.vocabulary import load_divisions, load_lexicons, load_units
from schemas.vocabulary.lexicons import words

CN = "〇零一二两三四五六七八九十百千万亿廿卅"
LONGEST = 20  # characters: what is longer is no number of anything
QUOTED = re.compile(r"“([^“”]{1,24})”|‘([^‘’]{1,24})’|\"([^\"]{1,24})\"")
TITLED = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
# Rules whose numeral is not whole without the word behind it.
KEEPS_UNIT = frozenset({"year", "date", "time", "duration", "anniversary", "age", "indefinite"})
YEAR = re.compile(r"(?:1[89]\d\d|20\d\d)")
MONTH_DAY = re.compile(r"(?:月份?|[日号](?!召集|工程|文件|楼|线|院|令))")
NAMED_BEFORE = re.compile(r"[A-Za-z+×]-?$|[A-Za-z]\.$")
NAMED_AFTER = re.compile(r"\s?[A-Za-z+×]|-[A-Za-z]")
ORDINAL_BEFORE = re.compile(r"(?:第|同比第|排名|位列|位居|No\.?|NO\.?|编号|〔\d{4}〕|头版|总第|其)\s?$")
SESSION_AFTER = re.compile(r"(?:届|次(?:全体|常委)?会议?(?=[,。;:、)在上精期闭开决选]|$)|中全会|次党代会|次代表大会)")
CONGRESS_AFTER = re.compile(r"大(?=精神|以来|报告|召开|胜利|提出|和|、|,|。|代表|会议|关于|$|部署|战略|主题|闭幕|之)")
LEVEL_AFTER = re.compile(r"(?:级|层级)(?!别|以上)")
DURATION_BEFORE = re.compile(r"(?:连续|历时|为期|近|过去|未来|今后|最近|前|后|每|长达|任期|时隔|超过|已有)$")
ROAD_AFTER = re.compile(r"(?:国道|省道|县道|次列车|路公交)")
CODE_AFTER = re.compile(r"(?:号(?:文件|令|公告|议案)?|热线|政务服务|便民|专线|平台热线|版(?:权|本)?|频道)")


class Context:
    """What surrounds the numerals of one text: titles, quotations, names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.titles = [match.span() for match in TITLED.finditer(text)]
        self.quotes = [match.span() for match in QUOTED.finditer(text)]
        self.names = [match.span() for match in _names().finditer(text)]

    def inside(self, spans: list[tuple[int, int]], start: int, end: int) -> bool:
        """Whether a place lies in one of the spans, which are in order and do not overlap."""
        at = bisect_right(spans, (start, len(self.text))) - 1
        return at >= 0 and spans[at][0] <= start and end <= spans[at][1]


@cache
def _names() -> re.Pattern[str]:
    """Names with Chinese numerals in them: from the lexicon, and of places (十堰市, 四川省, 二七区)."""
    numeral = re.compile(f"[{CN}]")
    places: set[str] = set()
    for row in load_divisions().rows:
        if numeral.search(row.name):
            places.add(row.name)
            stem = re.sub(r"(?:省|市|区|县|自治州|自治县|特区|地区)$", "", row.name)
            if len(stem) >= 2 and not numeral.fullmatch(stem[-1]):
                places.add(stem)
    return words([*places, *load_lexicons().numeral_names])


def ignored_rule(match: re.Match[str], context: Context, value: float, unit: str) -> str:
    """The rule by which a numeral is no quantity, or nothing.

    Args:
        match: match of the pattern of `numerals`, with its groups.
        context: what surrounds the numerals of the text.
        value: value of the number.
        unit: its measure word.
    """
    text, number = context.text, match.group("number")
    start, stop = match.span("number")
    before, after = text[max(0, start - 12) : start], text[stop : stop + 16]
    if context.inside(context.titles, start, stop):
        return "title"
    if rule := _date_rule(match, before, after, number, unit):
        return rule
    if len(number) > LONGEST:
        return "code"
    if number[0].isdigit() and (before.endswith("*") or (before.endswith("?") and number[0] == "0")):
        return "damaged"
    if NAMED_BEFORE.search(before) or (NAMED_AFTER.match(after) and not unit) or re.search(r"\d[+]$", before):
        return "name"
    if ORDINAL_BEFORE.search(before):
        return "ordinal"
    if context.inside(context.names, start, stop):
        return "name"
    if LEVEL_AFTER.match(after) and not number[0].isdigit():
        return "level"
    if number[0].isdigit():
        return _arabic_rule(context, match, before, after, unit)
    return _chinese_rule(context, match, before, after, value, unit)


def _date_rule(match: re.Match[str], before: str, after: str, number: str, unit: str) -> str:
    if re.match(r"(?:周年|载(?!体))", after):
        return "anniversary"
    if re.match(r"周?岁", after):
        return "age"
    if (re.match(r"年(?:以上|多|余)?", after) and YEAR.fullmatch(number)) or re.fullmatch(
        r"[〇零一二三四五六七八九]{4}", number
    ):
        return "year"
    if YEAR.fullmatch(number) and not match.group("unit") and not match.group("scale"):
        return "year"
    if after.startswith("世纪") or re.search(r"世纪$", before):
        return "date"
    if YEAR.fullmatch(number) and re.match(r"\s*[-/至~到]\s*(?:1[89]|20)\d\d", after):
        return "year"
    if (MONTH_DAY.match(after) and not match.group("before")) or re.match(r"[-/.]\d{1,2}[-/.]\d{1,2}", after):
        return "date"
    if re.search(r"\d{4}\s?[-/.]\s?(?:\d{1,2}\s?[-/.])?$", before) and not unit:
        return "date"
    if unit in ("分", "分钟", "时") and re.search(r"[时点]$", before):
        return "time"
    if re.match(r":\d\d", after) or re.search(r"\d:$", before) or re.match(r"[时点](?:\d|[,。许左半]|$)", after):
        return "time"
    if unit == "年代" or re.match(r"年代", after):
        return "date"
    return "duration" if unit in load_units().duration or re.match(r"[余多]?(?:年|个月|天|周(?!边))", after) else ""


def _arabic_rule(context: Context, match: re.Match[str], before: str, after: str, unit: str) -> str:
    """Rules for numbers in digits: names in quotation marks, codes, numbers without a measure word."""
    start, stop = match.span("number")
    if start == 0 and re.match(r"0\d$", match.group("number")) and after.startswith(" "):
        return "ordinal"
    if ROAD_AFTER.match(after):
        return "code"
    if CODE_AFTER.match(after) and (unit in ("", "号", "版")):
        return "code"
    if context.inside(context.quotes, start, stop):
        return "slogan"
    if unit:
        return ""
    if re.match(r"[)、.](?!\d)", after) and re.search(r"(?:^|[(。;\n])\s?$", before):
        return "ordinal"
    if re.search(r"[〔\[(]$", before) and re.match(r"[〕\])]", after):
        return "ordinal"
    qualified = match.group("before") or match.group("infix") or match.group("after") or match.group("scale")
    counted = re.search(
        r"(?:共|计|达|为|总数|合计|约|量|数|提案|立案|办结|办复|委员|信息|建议)[:]?\s{0,2}(?:\*\*)?$", before
    )
    digits = len(match.group("number"))
    if digits >= 7 and not qualified:
        return "code"
    return "" if qualified or counted else "bare"


def _chinese_rule(context: Context, match: re.Match[str], before: str, after: str, value: float, unit: str) -> str:
    """Rules for numbers in characters: most are turns of phrase."""
    start, stop = match.span("number")
    number = match.group("number")
    qualified = bool(match.group("before") or match.group("infix") or match.group("infix2") or match.group("after"))
    if match.group("percent"):
        return ""
    if re.search(r"届(?:人大|政协|党代会)?\s?$", before) and after[:1] == "次":
        return "ordinal"
    if SESSION_AFTER.match(after) and (
        re.search(rf"[届{CN}]$|届$", before) or after[0] == "届" or "中全会" in after[:3]
    ):
        return "ordinal"
    if CONGRESS_AFTER.match(after) and value > 6:
        return "ordinal"
    if context.inside(context.quotes, start, stop):
        return "slogan"
    if re.search(r"[数几上好]$", before) and number[0] in "十百千万亿":
        return "vague"
    if all(char in "百千万亿" for char in number) and not qualified:
        return "word"
    if not unit and not match.group("scale") and not qualified:
        return "word"
    if qualified and unit and unit not in load_units().duration:
        return ""
    large = len(number) >= 2 and value >= 20 and unit not in ("大", "代", "度", "号", "界", "国")
    if unit in load_units().count and large and not re.search(r"[每第]$", before):
        return ""
    if unit not in load_units().counted_in_words:
        measured = unit in load_units().currency | load_units().measurement and unit not in SPOKEN_UNITS
        return "" if measured and value >= 2 else "word"
    rest = context.text[match.end() : match.end() + 6]
    closes = re.match(r"[,。;、)!]|$", rest) is not None
    if value == 1:
        return (
            ""
            if closes and not re.search(r"[每同第逐这那某另一有是]$", before) and unit in EVENT_UNITS
            else "indefinite"
        )
    if re.search(r"[每同第逐这那某]$", before):
        return "indefinite"
    if unit in ("个", "项", "条") and load_lexicons().slogan_heads.match(rest):
        return "slogan"
    return ""


# Measures that Chinese numerals form words and names with: 八里湖, 八角, 一成不变.
SPOKEN_UNITS = frozenset({"里", "角", "成", "折", "克", "升", "斤"})
EVENT_UNITS = frozenset({"次", "场", "期", "件", "篇", "份", "部", "场次", "批"})
