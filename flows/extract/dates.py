"""Which numerals are parts of dates, of times of day, or lengths of time."""

from __future__ import annotations

import re

from flows.extract.reading import Reading
from schemas.vocabulary import load_units

YEAR = re.compile(r"1[89][0-9]{2}|20[0-9]{2}")
FOUR_DIGITS = re.compile(r"[〇零一二三四五六七八九]{4}")
YEAR_AFTER = re.compile(r"\s*[-/至~到]\s*(?:1[89]|20)[0-9]{2}")
ANNIVERSARY_AFTER = re.compile(r"周年|载(?!体)")
AGE_AFTER = re.compile(r"周?岁")
# Measure words that may be read where a month or a day stands.
DAYS = ("", "日", "号")
MONTH_DAY = re.compile(r"(?:月份?|[日号](?!召集|工程|文件|楼|线|院|令))")
DATE_AFTER = re.compile(r"([-/.])[0-9]{1,2}\1[0-9]{1,2}|·[0-9]")
DAY_BEFORE = re.compile(r"[0-9]{4}\s?[-/.]\s?[0-9]{1,2}\s?[-/.]$")
DATE_BEFORE = re.compile(
    r"[0-9]{4}\s?[-/.]\s?$|[0-9]·$|(?<![0-9])(?:19|20)[0-9]{2}\ (?:[0-9]{1,2}\ )?$"
    r"|(?:[0-9一二三四五六七八九十正冬腊]月|大年)初?$|(?:周|星期|礼拜)$"
)
# What the patterns of what stands before end with: most numbers are spared them.
DATE_LAST = frozenset("-/.· 月初年周期拜")
DAY = re.compile(r"(?:19|20)[0-9]{2}(?:\.?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|\.(?:0?[1-9]|1[0-2]))")
RANGE_OF_DAYS = re.compile(r"\s?[-~至到]{1,2}\s?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:月|日|号)")
TIME_AFTER = re.compile(r":[0-9]{2}|[时点](?:[0-9]|[,。许左半至到~-]|$)")
HOUR_BEFORE = re.compile(r"[0-9一二三四五六七八九十][时点]$")
TIME_BEFORE = re.compile(r"[0-9]:$")
# What the patterns of what stands behind begin with: most numbers are spared them.
DAY_FIRST = frozenset("月日号")
DATE_FIRST = frozenset("-/.·")
RANGE_FIRST = frozenset("-~至到")
SPAN_FIRST = frozenset("余多年个天周")
# Around a number that is no part of a time stands none of these, with which all of the patterns here end or begin.
TIMELY_LAST = DATE_LAST | set("纪时点:")
TIMELY_FIRST = DAY_FIRST | DATE_FIRST | RANGE_FIRST | SPAN_FIRST | set("周载岁世年时点:")
SHORTEST_YEAR = 4
SPAN_AFTER = re.compile(r"[余多]?(?:年|个月|天|周(?!边))")


def date_rule(reading: Reading, before: str, after: str) -> str:
    """The rule by which a numeral tells a time, or nothing: `year`, `date`, `time`, `duration`, `anniversary`, `age`.

    Args:
        reading: the numeral as written.
        before, after: what stands around its number.
    """
    number, unit = reading.number, reading.unit
    follows, last = after[:1], before[-1:]
    lasting = unit in load_units().duration
    timely = lasting or follows in TIMELY_FIRST or last in TIMELY_LAST or follows.isspace()
    if not timely and len(number) < SHORTEST_YEAR:
        return ""
    year = len(number) == 4 and YEAR.fullmatch(number)
    if follows in ("周", "载", "岁"):
        if ANNIVERSARY_AFTER.match(after):
            return "anniversary"
        if AGE_AFTER.match(after):
            return "age"
    if (year and follows == "年") or (len(number) == 4 and FOUR_DIGITS.fullmatch(number)):
        return "year"
    if year and ((not unit and not reading.scale) or YEAR_AFTER.match(after)):
        return "year"
    if _is_date(reading, before, after, last):
        return "date"
    if last in ("时", "点") and unit in ("", "分", "分钟", "时") and HOUR_BEFORE.search(before):
        return "time"
    if (follows in (":", "时", "点") and TIME_AFTER.match(after)) or (last == ":" and TIME_BEFORE.search(before)):
        return "time"
    return "duration" if lasting or (follows in SPAN_FIRST and SPAN_AFTER.match(after)) else ""


def _is_date(reading: Reading, before: str, after: str, last: str) -> bool:
    unit, follows = reading.unit, after[:1]
    if after.startswith(("世纪", "年代")) or unit == "年代" or before.endswith("世纪"):
        return True
    may_be_day = follows in DAY_FIRST and unit in DAYS and not reading.before and last not in ("]", "〕")
    if may_be_day and MONTH_DAY.match(after):
        return True
    if (follows in DATE_FIRST and DATE_AFTER.match(after)) or (last in DATE_LAST and DAY_BEFORE.search(before)):
        return True
    if unit:
        return False
    stands_behind = last in DATE_LAST and DATE_BEFORE.search(before)
    if stands_behind or (len(reading.number) >= 6 and DAY.fullmatch(reading.number)):
        return True
    return (follows in RANGE_FIRST or follows.isspace()) and RANGE_OF_DAYS.match(after) is not None
