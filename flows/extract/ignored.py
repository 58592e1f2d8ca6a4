"""Why a numeral is no quantity: years and dates, ordinals, names, slogans, levels, turns of phrase.

The rules are asked in this order, the first that fits decides; each is a row of the codebook's list of
what does not count. Numbers in digits are quantities unless a rule says no; numbers in characters are
turns of phrase unless they count something.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property

from flows.extract.reading import CN, Reading
from schemas.vocabulary import load_divisions, load_lexicons, load_units
from schemas.vocabulary.lexicons import words

LONGEST = 20  # digits: what is longer is no number of anything
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


LETTERS = ("k", "K", "M", "G")
ANNIVERSARY_AFTER = re.compile(r"周年|载(?!体)")
AGE_AFTER = re.compile(r"周?岁")
FOUR_DIGITS = re.compile(r"[〇零一二三四五六七八九]{4}")
DAYS = ("", "日", "号")
YEAR_AFTER = re.compile(r"\s*[-/至~到]\s*(?:1[89]|20)[0-9]{2}")
DATE_AFTER = re.compile(r"([-/.])[0-9]{1,2}\1[0-9]{1,2}|·[0-9]")
DAY_BEFORE = re.compile(r"[0-9]{4}\s?[-/.]\s?[0-9]{1,2}\s?[-/.]$")
DATE_BEFORE = re.compile(
    r"[0-9]{4}\s?[-/.]\s?$|[0-9]·$|(?<![0-9])(?:19|20)[0-9]{2}\ (?:[0-9]{1,2}\ )?$"
    r"|(?:[0-9一二三四五六七八九十正冬腊]月|大年)初?$|(?:周|星期|礼拜)$"
)
DAY = re.compile(r"(?:19|20)[0-9]{2}(?:\.?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|\.(?:0?[1-9]|1[0-2]))")
RANGE_OF_DAYS = re.compile(r"\s?[-~至到]{1,2}\s?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:月|日|号)")
TIME_AFTER = re.compile(r":[0-9]{2}|[时点](?:[0-9]|[,。许左半至到~-]|$)")
HOUR_BEFORE = re.compile(r"[0-9一二三四五六七八九十][时点]$")
TIME_BEFORE = re.compile(r"[0-9]:$")
SPAN_AFTER = re.compile(r"[余多]?(?:年|个月|天|周(?!边))")
SIGN_BEFORE = re.compile(r"(?:^|[^0-9A-Za-z])[+]$")
PLUS_BEFORE = re.compile(r"[0-9][+]$")
LIST_NUMBER = re.compile(r"0[0-9]")
LISTED_BEFORE = re.compile(r"(?:^|[(。;\n])\s?$")
LISTED_AFTER = re.compile(r"[)、.](?![0-9])")
BRACKET_BEFORE = re.compile(r"[〔\[(]$")
BRACKET_AFTER = re.compile(r"[〕\])]")
COUNTED_BEFORE = re.compile(
    r"(?:共|计|达|为|总数|合计|约|量|数|提案|立案|办结|办复|委员|信息|建议)[:]?\s{0,2}(?:\*\*)?$"
)
FRACTION_AFTER = re.compile(r"[的以多强弱左]")
SITTING_BEFORE = re.compile(r"届(?:人大|政协|党代会)?\s?$")
SESSION_BEFORE = re.compile(rf"[届{CN}]$")
VAGUE = ("数", "几", "上", "好")
CLOSES = re.compile(r"[,。;、)!:]|$|\s|[的之](?!一)|以|左右")
EACH = re.compile(r"[每同第逐这那某]$")
EACH_OR_SO = re.compile(r"[每同第逐这那某另一有是]$")
SPENT = re.compile(r"(?:花费?|价|卖|售|付|赔|罚|费|要|钱)了?(?:你|我|他)?$")
TIMES_BEFORE = re.compile(r"翻了?$")
SHARE_BEFORE = re.compile(r"(?:占[^,;。]{0,8}|[率比例达为至到长升降加少高低了])$")
POINTS = frozenset({"%", "‰", "百分点"})
# Measure words that large numbers form names with.
NAMING_UNITS = frozenset({"大", "代", "度", "号", "界", "国"})
# Measures that Chinese numerals form words and names with: 八里湖, 八角, 一成不变.
SPOKEN_UNITS = frozenset("里角成折克升斤两码尺寸丈毛毫仙元圆兆伏卡瓦")
EVENT_UNITS = frozenset({"次", "场", "期", "件", "篇", "份", "部", "场次", "批"})


class Context:
    """What surrounds the numerals of one text: titles, quotations, names; each looked for when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def titles(self) -> list[tuple[int, int]]:
        """Places of titled works."""
        return [match.span() for match in TITLED.finditer(self.text)] if "《" in self.text else []

    @cached_property
    def quotes(self) -> list[tuple[int, int]]:
        """Places of short quotations."""
        return [match.span() for match in QUOTED.finditer(self.text)]

    @cached_property
    def names(self) -> list[tuple[int, int]]:
        """Places of names with Chinese numerals in them."""
        return [match.span() for match in _names().finditer(self.text)]

    def inside(self, spans: list[tuple[int, int]], start: int, end: int) -> bool:
        """Whether a place lies in one of the spans, which are in order and do not overlap."""
        return self.end_of(spans, start, end) > 0

    def end_of(self, spans: list[tuple[int, int]], start: int, end: int) -> int:
        """The end of the span in which a place lies; 0 where it lies in none."""
        at = bisect_right(spans, (start, len(self.text))) - 1
        return spans[at][1] if at >= 0 and spans[at][0] <= start and end <= spans[at][1] else 0


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


def ignored_rule(reading: Reading, context: Context) -> str:
    """The rule by which a numeral is no quantity, or nothing.

    Args:
        reading: the numeral as written.
        context: what surrounds the numerals of the text.
    """
    text, number, unit = context.text, reading.number, reading.unit
    start, stop = reading.begin, reading.stop
    before, after = text[max(0, start - 12) : start], text[stop : stop + 16]
    if context.inside(context.titles, start, stop):
        return "title"
    if rule := _date_rule(reading, before, after):
        return rule
    if len(number) > LONGEST and number[0] not in CN:
        return "code"
    digits = number[0] not in CN and number != "半"
    if digits and (before.endswith("*") or (before.endswith("?") and number[0] == "0")):
        return "damaged"
    goes_on = not unit and reading.scale != "k" and reading.infix != "+" and NAMED_AFTER.match(after)
    signed = unit in POINTS and SIGN_BEFORE.search(before)
    if goes_on or (NAMED_BEFORE.search(before) and not signed) or PLUS_BEFORE.search(before):
        return "name"
    if ORDINAL_BEFORE.search(before):
        return "ordinal"
    if digits:
        return _arabic_rule(context, reading, before, after)
    named = context.end_of(context.names, start, stop)
    if named and not (unit and (reading.qualified or stop < named < reading.end)):  # 近百家企业, 三公里
        return "name"
    if LEVEL_AFTER.match(after):
        return "level"
    return _chinese_rule(context, reading, before, after)


def _date_rule(reading: Reading, before: str, after: str) -> str:
    number, unit = reading.number, reading.unit
    follows, year = after[:1], YEAR.fullmatch(number)
    if follows in ("周", "载", "岁"):
        if ANNIVERSARY_AFTER.match(after):
            return "anniversary"
        if AGE_AFTER.match(after):
            return "age"
    if (year and follows == "年") or FOUR_DIGITS.fullmatch(number):
        return "year"
    if year and ((not unit and not reading.scale) or YEAR_AFTER.match(after)):
        return "year"
    if after.startswith("世纪") or before.endswith("世纪"):
        return "date"
    if (
        unit in DAYS and follows in ("月", "日", "号") and not reading.before and MONTH_DAY.match(after)
    ) or DATE_AFTER.match(after):
        return "date"
    if DAY_BEFORE.search(before):
        return "date"
    if not unit and (DATE_BEFORE.search(before) or DAY.fullmatch(number) or RANGE_OF_DAYS.match(after)):
        return "date"
    if unit in ("", "分", "分钟", "时") and HOUR_BEFORE.search(before):
        return "time"
    if (follows in (":", "时", "点") and TIME_AFTER.match(after)) or TIME_BEFORE.search(before):
        return "time"
    if unit == "年代" or after.startswith("年代"):
        return "date"
    return "duration" if unit in load_units().duration or SPAN_AFTER.match(after) else ""


def _arabic_rule(context: Context, reading: Reading, before: str, after: str) -> str:
    """Rules for numbers in digits: names in quotation marks, codes, numbers without a measure word."""
    number, unit = reading.number, reading.unit
    if reading.begin == 0 and LIST_NUMBER.fullmatch(number) and after.startswith(" "):
        return "ordinal"
    if ROAD_AFTER.match(after):
        return "code"
    if unit in ("", "号", "版") and CODE_AFTER.match(after):
        return "code"
    if context.inside(context.quotes, reading.begin, reading.stop):
        return "slogan"
    if unit:
        return ""
    if LISTED_AFTER.match(after) and LISTED_BEFORE.search(before):
        return "ordinal"
    if BRACKET_BEFORE.search(before) and BRACKET_AFTER.match(after):
        return "ordinal"
    qualified = reading.qualified or bool(reading.scale)
    if len(number) >= 7 and not qualified:
        return "code"
    whole = reading.kind == "fraction" and FRACTION_AFTER.match(after)
    return "" if qualified or whole or COUNTED_BEFORE.search(before) else "bare"


def _chinese_rule(context: Context, reading: Reading, before: str, after: str) -> str:
    """Rules for numbers in characters: most are turns of phrase."""
    number, unit, value = reading.number, reading.unit, reading.value
    if reading.kind in ("percent", "fraction"):
        return ""
    if after[:1] == "次" and SITTING_BEFORE.search(before):
        return "ordinal"
    if SESSION_AFTER.match(after) and (SESSION_BEFORE.search(before) or after[0] == "届" or "中全会" in after[:3]):
        return "ordinal"
    if value > 6 and CONGRESS_AFTER.match(after):
        return "ordinal"
    if context.inside(context.quotes, reading.begin, reading.stop):
        return "slogan"
    if before[-1:] in VAGUE and number[0] in "十百千万亿":
        return "vague"
    if not reading.qualified and all(char in "百千万亿" for char in number):
        return "word"
    return _counted_rule(context, reading, before) if unit else _without_unit(context, reading)


def _without_unit(context: Context, reading: Reading) -> str:
    """Rule for numbers in characters without a measure word: a scale or a qualifier makes them quantities."""
    closes = CLOSES.match(context.text, reading.end) is not None
    large = closes and reading.value >= 10
    return "" if reading.scale or (reading.qualified and (large or reading.kind == "half")) else "word"


def _counted_rule(context: Context, reading: Reading, before: str) -> str:
    """Rules for numbers in characters with a measure word."""
    units, unit, number = load_units(), reading.unit, reading.number
    if reading.qualified:
        return ""
    rest = context.text[reading.end : reading.end + 6]
    closes = CLOSES.match(rest) is not None
    if not before and not rest.strip():  # a text that is nothing else: a cell of a table
        return ""
    large = len(number) >= 2 and reading.value >= 20 and unit not in NAMING_UNITS
    if unit in units.count and large and before[-1:] not in ("每", "第"):
        return ""
    if unit not in units.counted_in_words:
        return _measured_rule(reading, before, closes)
    if reading.value <= 1:
        return "" if closes and unit in EVENT_UNITS and not EACH_OR_SO.search(before) else "indefinite"
    if EACH.search(before):
        return "indefinite"
    if unit in ("个", "项", "条") and load_lexicons().slogan_heads.match(rest):
        return "slogan"
    return ""


def _measured_rule(reading: Reading, before: str, closes: bool) -> str:
    """Rules for measures and money in characters, and for measure words that form words with them: 八里湖, 八角."""
    units, unit, number = load_units(), reading.unit, reading.number
    if unit in POINTS or reading.value < 0 or (unit == "番" and TIMES_BEFORE.search(before)):
        return ""
    if unit == "块" and (SPENT.search(before) or reading.value % 1):
        return ""
    if unit not in units.currency and unit not in units.measurement:
        return "word"
    if EACH.search(before):
        return "indefinite"
    if unit == "成":
        return "" if SHARE_BEFORE.search(before) else "word"
    if reading.value > 1 and (unit not in SPOKEN_UNITS or len(number) > 1):
        return ""
    return "" if closes or (len(unit) > 1 and reading.value >= 1) else "word"
