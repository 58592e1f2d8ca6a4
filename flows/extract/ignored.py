"""Why a numeral is no quantity: years and dates, ordinals, names, slogans, levels, turns of phrase.

The rules are asked in this order, the first that fits decides; each is a row of the codebook's list of
what does not count. Numbers in digits are quantities unless a rule says no; numbers in characters are
turns of phrase unless they count something.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from sys import maxsize

from flows.extract.dates import date_rule
from flows.extract.reading import Reading
from flows.extract.terms import Terms
from flows.extract.words import CN
from schemas.vocabulary import load_divisions, load_lexicons, load_units

LONGEST = 20  # digits: what is longer is no number of anything
QUOTED = re.compile(r"“[^“”]{1,24}”|‘[^‘’]{1,24}’|\"[^\"]{1,24}\"")
TITLED = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
# Rules whose numeral is not whole without the word behind it.
KEEPS_UNIT = frozenset({"year", "date", "time", "duration", "anniversary", "age", "indefinite"})
NAMED_BEFORE = re.compile(r"[A-Za-z+×]-?$|[A-Za-z]\.$")
NAMED_AFTER = re.compile(r"\s?[A-Za-z+×]|-[A-Za-z]")
ORDINAL_BEFORE = re.compile(r"(?:第|同比第|排名|位列|位居|No\.?|NO\.?|编号|[〔\[][0-9]{4}[〕\]]|头版|总第|其)\s?$")
SESSION_AFTER = re.compile(r"(?:届|次(?:全体|常委)?会议?(?=[,。;:、)在上精期闭开决选]|$)|中全会|次党代会|次代表大会)")
CONGRESS_AFTER = re.compile(r"大(?=精神|以来|报告|召开|胜利|提出|和|、|,|。|代表|会议|关于|$|部署|战略|主题|闭幕|之)")
LEVEL_AFTER = re.compile(r"(?:级|层级)(?!别|以上)")
# What these two end with: most numbers are spared them.
NAMED_LAST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+×-.")
ORDINAL_LAST = frozenset("第名列居oO.号〕]版其 \u3000")
# What these begin with, likewise.
NAMED_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+×-")
SESSION_FIRST = frozenset("届次中")
ROAD_FIRST = frozenset("国省县次路")
ROAD_AFTER = re.compile(r"(?:国道|省道|县道|次列车|路公交)")
# 15分钟便民生活圈 is a name.
CIRCLE_AFTER = re.compile(r"[\u4e00-\u9fff]{0,6}?圈")
CODE_AFTER = re.compile(r"(?:号(?:文件|令|公告|议案)?|热线|政务服务|便民|专线|平台热线|版(?:权|本)?|频道)")


CLAUSE = 30  # characters before a number that may say that a rule demands it
POINTS_BEFORE = re.compile(r"(?:[加扣减计占]|满分为?|每(?:件|篇|条|次|项|人)[^,;。]{0,8}[得奖给记])$")
DEMANDED_BEFORE = re.compile(
    r"(?:每[^,;。]{0,12}|年内)(?:至少|不少于|不得少于|不低于|应当?|须)[^,;。]{0,10}$"
    r"|(?:一般|原则上)(?:不得?)?(?:超过|少于|低于|多于)?$"
)
DEMANDS = re.compile("[至不应须般则]")  # one of these stands in each of them
LONGEST_NAME = 8  # characters of a name before its numeral
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
SPOKEN_UNITS = frozenset("里角成折克升斤两码尺寸丈毛毫仙元圆兆卡瓦坪铢")
EVENT_UNITS = frozenset({"次", "场", "期", "件", "篇", "份", "部", "场次", "批"})


class Context:
    """What surrounds the numerals of one text: titles, quotations, names.

    Attributes:
        text: the text.
        titles: places of titled works.
        quotes: places of short quotations.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        quoted = "“" in text or "‘" in text or '"' in text
        self.titles = [match.span() for match in TITLED.finditer(text)] if "《" in text else []
        self.quotes = [match.span() for match in QUOTED.finditer(text)] if quoted else []

    def name_end(self, start: int, end: int) -> int:
        """The end of the name in which a place lies; 0 where it lies in none."""
        names = [
            (at, -at - len(name))
            for at, name in _names().around(self.text, start)
            if at + len(name) >= end and at >= start - LONGEST_NAME
        ]
        return -min(names)[1] if names else 0  # the first of them, the longest of those that begin there


def _inside(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a place lies in one of the spans, which are in order and do not overlap."""
    at = bisect_right(spans, (start, maxsize)) - 1
    return at >= 0 and end <= spans[at][1]


@cache
def _names() -> Terms:
    """Names with Chinese numerals in them: from the lexicon, and of places (十堰市, 四川省, 二七区)."""
    numeral = re.compile(f"[{CN}]")
    places: set[str] = set()
    for row in load_divisions().rows:
        if numeral.search(row.name):
            places.add(row.name)
            stem = re.sub(r"(?:省|市|区|县|自治州|自治县|特区|地区)$", "", row.name)
            if len(stem) >= 2 and not numeral.fullmatch(stem[-1]):
                places.add(stem)
    return Terms(places.union(load_lexicons().numeral_names))


def ignored_rule(reading: Reading, context: Context) -> str:
    """The rule by which a numeral is no quantity, or nothing.

    Args:
        reading: the numeral as written.
        context: what surrounds the numerals of the text.
    """
    text, number, unit = context.text, reading.number, reading.unit
    start, stop = reading.begin, reading.stop
    before, after = text[max(0, start - 12) : start], text[stop : stop + 16]
    if context.titles and _inside(context.titles, start, stop):
        return "title"
    if rule := date_rule(reading, before, after):
        return rule
    if len(number) > LONGEST and number[0] not in CN:
        return "code"
    digits = number[0] not in CN and number != "半"
    if digits and (before.endswith("*") or (before.endswith("?") and number[0] == "0")):
        return "damaged"
    last, follows = before[-1:], after[:1]
    may_go_on = not unit and (follows in NAMED_FIRST or follows.isspace())
    goes_on = may_go_on and reading.scale != "k" and reading.infix != "+" and NAMED_AFTER.match(after)
    if goes_on or (last in NAMED_LAST and _is_named(before, unit)):
        return "name"
    if last in ORDINAL_LAST and ORDINAL_BEFORE.search(before):
        return "ordinal"
    floor = max(0, start - CLAUSE)
    if (unit == "分" or DEMANDS.search(text, floor, start)) and _is_norm(text[floor:start], unit):
        return "norm"
    if digits:
        return _arabic_rule(context, reading, before, after)
    named = context.name_end(start, stop)
    if named and not (unit and (reading.qualified or stop < named < reading.end)):  # 近百家企业, 三公里
        return "name"
    if follows in ("级", "层") and LEVEL_AFTER.match(after):
        return "level"
    return _chinese_rule(context, reading, before, after)


def _is_norm(clause: str, unit: str) -> bool:
    """Whether a number is what a rule demands or gives points for: 每年至少提交1件, 每件加5分. Nothing was done yet.

    Args:
        clause: the clause before the number.
        unit: its measure word.
    """
    return (POINTS_BEFORE if unit == "分" else DEMANDED_BEFORE).search(clause) is not None


def _is_named(before: str, unit: str) -> bool:
    """Whether a number goes on a name of letters and digits: B2C, 1+4+N; a share with its sign does not: +5%."""
    if unit in POINTS and SIGN_BEFORE.search(before):
        return False
    return bool(NAMED_BEFORE.search(before) or PLUS_BEFORE.search(before))


def _arabic_rule(context: Context, reading: Reading, before: str, after: str) -> str:
    """Rules for numbers in digits: names in quotation marks, codes, numbers without a measure word."""
    number, unit = reading.number, reading.unit
    if reading.begin == 0 and LIST_NUMBER.fullmatch(number) and after.startswith(" "):
        return "ordinal"
    if after[:1] in ROAD_FIRST and ROAD_AFTER.match(after):
        return "code"
    if unit == "分钟" and CIRCLE_AFTER.match(context.text, reading.end):
        return "name"
    if unit in ("", "号", "版") and CODE_AFTER.match(after):
        return "code"
    if context.quotes and _inside(context.quotes, reading.begin, reading.stop):
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
    number, unit, follows = reading.number, reading.unit, after[:1]
    if reading.kind in ("percent", "fraction"):
        return ""
    if follows == "次" and SITTING_BEFORE.search(before):
        return "ordinal"
    session = follows in SESSION_FIRST and SESSION_AFTER.match(after)
    if session and (SESSION_BEFORE.search(before) or follows == "届" or "中全会" in after[:3]):
        return "ordinal"
    if follows == "大" and reading.value > 6 and CONGRESS_AFTER.match(after):
        return "ordinal"
    if context.quotes and _inside(context.quotes, reading.begin, reading.stop):
        return "slogan"
    if before[-1:] in VAGUE and number[0] in "十百千万亿":
        return "vague"
    if not reading.qualified and not number.strip("百千万亿"):
        return "word"
    return _counted_rule(context, reading, before) if unit else _without_unit(context, reading)


def _without_unit(context: Context, reading: Reading) -> str:
    """Rule for numbers in characters without a measure word: a scale or a qualifier makes them quantities."""
    if reading.scale:
        return ""
    if not reading.qualified:
        return "word"
    large = reading.value >= 10 and CLOSES.match(context.text, reading.end) is not None
    return "" if large or reading.kind == "half" else "word"


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
    if reading.value > 1 and (unit not in SPOKEN_UNITS or (len(number) > 1 and unit in units.currency)):
        return ""
    return "" if closes else "word"
