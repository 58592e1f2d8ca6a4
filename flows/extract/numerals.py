"""Every numeral of a text: its value, unit and bound, or the rule by which it is no quantity.

Read in the order in which the text passes: one pattern finds each numeral with its qualifiers and its
measure word; `_ignored` asks the rules that make it a year, a name, an ordinal; what is left is a quantity.
All is read on folded text (simplified script, ASCII punctuation and digits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from schemas.vocabulary import load_divisions, load_lexicons, load_units
from schemas.vocabulary.lexicons import words

DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "廿": 20, "卅": 30}
CN = "〇零一二两三四五六七八九十百千万亿廿卅"
NUMERAL_CHARS = re.compile(rf"[0-9{CN}]")
# What a numeral multiplied by these stays: 15.57万, 3千万, 4.2亿.
MULTIPLIER = r"(?:[十百千]?万亿?|[十百千]?亿|[百千])"
QUOTED = re.compile(r"“([^“”]{1,24})”|‘([^‘’]{1,24})’|\"([^\"]{1,24})\"")
TITLED = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
CENTURY = re.compile(r"世纪")


@dataclass(frozen=True)
class Numeral:
    """One numeral in its text.

    Attributes:
        start, end: place of number, qualifiers and measure word, in code points.
        number_start, number_end: place of the number alone.
        value: number in base units; of a range the lower end.
        high: upper end of a range, or nothing.
        bound: `exact`, `at_least`, `about` or `at_most`.
        unit: measure word without 万 and 亿; `%` for every way to write per cent.
        ignored: the rule by which it is no quantity; empty for a quantity.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    value: float
    high: float | None
    bound: str
    unit: str
    ignored: str = ""


@cache
def _pattern() -> re.Pattern[str]:
    units = load_units()
    # Grouped by commas; single digits set apart by spaces, as bad converters do; plain.
    arabic = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|(?<!\d)\d(?:\ \d){1,5}(?!\ ?\d)(?=\s?[\u4e00-\u9fff%])|\d+(?:\ ?\.\d+)?"
    number = rf"(?:{arabic}|[{CN}]+(?:点[{CN}]+)?)"
    measure = words([*(units.count | units.measurement | units.currency) - {"万"}]).pattern
    duration = words([*units.duration | units.age]).pattern
    return re.compile(
        rf"""
        (?P<before>(?<![附最邻节签预契邀履违相制赶远])(?:{_alternatives(units.before)}))?\s*
        (?P<percent>百分之|千分之)?
        (?P<number>{number})
        (?:\s*(?P<scale>{MULTIPLIER})(?![{CN}]))?
        (?:\s*[-~至到]\s*(?P<high>{number})(?:\s*(?P<high_scale>{MULTIPLIER})(?![{CN}]))?)?
        \s*(?P<infix>{_alternatives(units.infix)})?
        \s*(?P<late_scale>(?<=[余多来])(?:{MULTIPLIER}))?
        (?P<infix2>(?<=万|亿)(?:{_alternatives(units.infix)}))?
        \s*(?P<unit>个?百分点|[%‰]|(?:{duration})|(?:{measure})(?:\((?:{measure}|系列|项目)\))?)?
        (?P<late>多|余)?(?P<after>{_alternatives(units.after)})?
        """,
        re.VERBOSE,
    )


def _alternatives(terms: dict[str, str]) -> str:
    return words(list(terms)).pattern


def find_numerals(text: str) -> list[Numeral]:
    """All numerals of a text, in order, each with its value and what it is.

    Every digit and every Chinese numeral character of the text lies in exactly one of them.

    Args:
        text: one paragraph, folded; time is linear in its length.
    """
    context = _Context(text)
    found: list[Numeral] = []
    place = 0
    while (match := _pattern().search(text, place)) is not None:
        found.append(_read(match, context))
        place = found[-1].end
    return found


class _Context:
    """What surrounds the numerals of one text: titles, quotations, names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.titles = [match.span() for match in TITLED.finditer(text)]
        self.quotes = [match.span() for match in QUOTED.finditer(text)]
        self.names = [match.span() for match in _names().finditer(text)]

    def inside(self, spans: list[tuple[int, int]], start: int, end: int) -> bool:
        """Whether a place lies in one of the spans."""
        return any(low <= start and end <= high for low, high in spans)


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


def chinese_value(numeral: str) -> float:
    """Value of a Chinese numeral: 一百三十, 两千零五, 二〇二四, 三万五千.

    Args:
        numeral: characters of 〇一二…九十百千万亿.
    """
    if all(char in DIGITS for char in numeral):
        return float("".join(str(DIGITS[char]) for char in numeral))
    total = section = digit = 0
    seen = False
    for char in numeral:
        if char in DIGITS:
            digit, seen = DIGITS[char], True
        elif char in "廿卅":
            section += SCALES[char]
        elif SCALES[char] < 10_000:
            section += (digit if seen else 1) * SCALES[char]
            digit, seen = 0, False
        else:
            total = (total + section + digit or 1) * SCALES[char]
            section, digit, seen = 0, 0, False
    return float(total + section + digit)


def _number(text: str, scale: str | None) -> float:
    if text[0].isdigit():
        value = float(text.replace(",", "").replace(" ", ""))
    elif "点" in text:
        whole, _, fraction = text.partition("点")
        value = float(f"{int(chinese_value(whole))}." + "".join(str(DIGITS.get(char, 0)) for char in fraction))
    else:
        value = chinese_value(text)
    for char in scale or "":
        value *= SCALES[char]
    return round(value, 6)


def _read(match: re.Match[str], context: _Context) -> Numeral:
    """The numeral of one match, its span cut to what belongs to it."""
    text = context.text
    group = match.group
    number = group("number")
    low, high = _range(number)
    scale = "".join(filter(None, (group("scale"), group("late_scale"))))
    value = _number(low, scale)
    top = _number(high, scale) if high else None
    end = match.end()
    if group("high") and not high:
        if _is_range(match, text):
            own = group("high_scale") or ""
            top = _number(group("high"), own + (group("late_scale") or ""))
            value = _number(low, (group("scale") or "") or own)
        else:  # a dash between two numbers that are no range: read them one by one
            end = match.end("scale") if group("scale") else match.end("number")
    units = load_units()
    qualifiers = (
        units.before.get(group("before") or ""),
        units.infix.get(group("infix") or group("infix2") or ("多" if group("late") else "")),
        units.after.get(group("after") or ""),
    )
    bound = next((bound for bound in qualifiers if bound), "exact")
    unit = _unit(match)
    if end != match.end():
        unit, bound = "", units.before.get(group("before") or "", "exact")
    elif unit == "" and match.end("number") < end and not (scale or group("infix") or group("after") or top is not None):
        end = match.end("number")
    start = match.start("before") if group("before") else match.start("percent") if group("percent") else match.start("number")
    ignored = _ignored(match, context, value, unit, end)
    if ignored:
        start = match.start("number")
        bound = "exact"
    while end > start and text[end - 1] == " ":
        end -= 1
    return Numeral(start, end, match.start("number"), match.end("number"), value, top, bound, unit, ignored)


def _range(number: str) -> tuple[str, str | None]:
    """Both ends of a numeral such as 七八十, 三五 or 两三; of any other one itself."""
    pair = re.fullmatch(rf"([{CN[2:11]}])([{CN[2:11]}])([十百千万亿]*)", number)
    if pair and 0 < chinese_value(pair[2]) - chinese_value(pair[1]) <= 2 and (pair[3] or chinese_value(pair[1]) < 9):
        return pair[1] + pair[3], pair[2] + pair[3]
    return number, None


def _is_range(match: re.Match[str], text: str) -> bool:
    """Whether two numbers with a dash between them are the ends of a range."""
    low, high = match.group("number"), match.group("high")
    if low[0].isdigit() != high[0].isdigit() or (match.start() and text[match.start("number") - 1] in "-+/"):
        return False
    same = _number(high, match.group("high_scale")) > _number(low, match.group("scale") or match.group("high_scale"))
    return same and bool(match.group("unit"))


def _unit(match: re.Match[str]) -> str:
    unit = match.group("unit") or ""
    if match.group("percent"):
        return "%" if match.group("percent") == "百分之" else "‰"
    return "百分点" if unit.endswith("百分点") else unit


YEAR = re.compile(r"(?:1[89]\d\d|20\d\d)")
MONTH_DAY = re.compile(r"(?:月份?|[日号](?!召集|工程|文件|楼|线|院|令))")
NAMED_BEFORE = re.compile(r"[A-Za-z+×]-?$|[A-Za-z]\.$")
NAMED_AFTER = re.compile(r"\s?[A-Za-z+×]|-[A-Za-z]")
ORDINAL_BEFORE = re.compile(r"(?:第|同比第|排名|位列|位居|No\.?|NO\.?|编号|〔\d{4}〕|头版|总第|其)\s?$")
SESSION_AFTER = re.compile(r"(?:届|次(?:全体|常委)?会议?(?=[,。;:、)在上精期闭开决选]|$)|中全会|次党代会|次代表大会)")
CONGRESS_AFTER = re.compile(r"大(?=精神|以来|报告|召开|胜利|提出|和|、|,|。|代表|会议|关于|$|部署|战略|主题|闭幕|之)")
LEVEL_AFTER = re.compile(r"(?:级|层级)(?!别|以上)")
DURATION_BEFORE = re.compile(r"(?:连续|历时|为期|近|过去|未来|今后|最近|前|后|每|长达|任期|时隔|超过|已有)$")
CODE_AFTER = re.compile(r"(?:号(?:文件|令|公告|议案)?|热线|政务服务|便民|专线|平台热线|版(?:权|本)?|频道)")


def _ignored(match: re.Match[str], context: _Context, value: float, unit: str, end: int) -> str:
    """The rule by which the numeral is no quantity, or nothing."""
    text, number = context.text, match.group("number")
    start, stop = match.span("number")
    before, after = text[max(0, start - 12) : start], text[stop : stop + 16]
    if context.inside(context.titles, start, stop):
        return "title"
    if rule := _ignored_date(match, before, after, number, unit):
        return rule
    if re.search(r"[*?×]\s?$", before) and not before.endswith("**") and "*" in before[-2:]:
        return "damaged"
    if NAMED_BEFORE.search(before) or NAMED_AFTER.match(after) and not unit or re.search(r"\d[+]$", before):
        return "name"
    if ORDINAL_BEFORE.search(before):
        return "ordinal"
    if context.inside(context.names, start, stop):
        return "name"
    if LEVEL_AFTER.match(after) and not number[0].isdigit():
        return "level"
    if number[0].isdigit():
        return _ignored_arabic(context, match, before, after, unit)
    return _ignored_chinese(context, match, before, after, value, unit)


def _ignored_date(match: re.Match[str], before: str, after: str, number: str, unit: str) -> str:
    if re.match(r"(?:周年|载(?!体))", after):
        return "anniversary"
    if re.match(r"周?岁", after):
        return "age"
    if re.match(r"年(?:以上|多|余)?", after) and YEAR.fullmatch(number) or re.fullmatch(r"[〇零一二三四五六七八九]{4}", number):
        return "year"
    if YEAR.fullmatch(number) and not match.group("unit") and not match.group("scale"):
        return "year"
    if CENTURY.match(after) or re.search(r"世纪$", before):
        return "date"
    if YEAR.fullmatch(number) and re.match(r"\s*[-/至~到]\s*(?:1[89]|20)\d\d", after):
        return "year"
    if MONTH_DAY.match(after) and not match.group("before") or re.match(r"[-/.]\d{1,2}[-/.]\d{1,2}", after):
        return "date"
    if re.search(r"\d{4}\s?[-/.]\s?(?:\d{1,2}\s?[-/.])?$", before) and not unit:
        return "date"
    if re.match(r":\d\d", after) or re.search(r"\d:$", before) or re.match(r"[时点](?:\d|[,。许左半]|$)", after):
        return "time"
    if unit == "年代" or re.match(r"年代", after):
        return "date"
    return "duration" if unit in load_units().duration or re.match(r"[余多]?(?:年|个月|天|周(?!边))", after) else ""


def _ignored_arabic(context: _Context, match: re.Match[str], before: str, after: str, unit: str) -> str:
    """Rules for numbers in digits: names in quotation marks, codes, numbers without a measure word."""
    start, stop = match.span("number")
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
    counted = re.search(r"(?:共|计|达|为|总数|合计|约|量|数|提案|立案|办结|办复|委员|信息|建议)[:]?\s?(?:\*\*)?$", before)
    digits = len(match.group("number"))
    if digits >= 7 and not qualified:
        return "code"
    return "" if qualified or counted else "bare"


def _ignored_chinese(context: _Context, match: re.Match[str], before: str, after: str, value: float, unit: str) -> str:
    """Rules for numbers in characters: most are turns of phrase."""
    start, stop = match.span("number")
    number = match.group("number")
    qualified = bool(match.group("before") or match.group("infix") or match.group("infix2") or match.group("after"))
    if match.group("percent"):
        return ""
    if re.search(r"届\s?$", before) and after[:1] == "次":
        return "ordinal"
    if SESSION_AFTER.match(after) and (re.search(rf"[届{CN}]$|届$", before) or after[0] == "届" or "中全会" in after[:3]):
        return "ordinal"
    if CONGRESS_AFTER.match(after) and value > 6:
        return "ordinal"
    if context.inside(context.quotes, start, stop):
        return "slogan"
    if all(char in "百千万亿" for char in number) and not qualified:
        return "word"
    if not unit and not match.group("scale") and not qualified:
        return "word"
    if re.search(r"[数几上]$", before) and number[0] in "十百千万亿":
        return "vague"
    if qualified and unit and unit not in load_units().duration:
        return ""
    large = len(number) >= 2 and value >= 20 and unit not in ("大", "代", "度", "号", "界", "国")
    if unit in load_units().count and large and not re.search(r"[每第]$", before):
        return ""
    if unit not in load_units().counted_in_words:
        return "" if unit in load_units().currency | load_units().measurement and value >= 2 else "word"
    rest = context.text[match.end() : match.end() + 6]
    closes = re.match(r"[,。;、)!]|$", rest) is not None
    if value == 1:
        return "" if closes and not re.search(r"[每同第逐这那某另一有是]$", before) and unit in EVENT_UNITS else "indefinite"
    if re.search(r"[每同第逐这那某]$", before):
        return "indefinite"
    if unit in ("个", "项", "条") and load_lexicons().slogan_heads.match(rest):
        return "slogan"
    return ""


EVENT_UNITS = frozenset({"次", "场", "期", "件", "篇", "份", "部", "场次", "批"})
