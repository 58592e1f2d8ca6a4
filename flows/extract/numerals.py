"""Every numeral of a text: its value, unit and bound, or the rule by which it is no quantity.

`plain` makes the text one of simplified script and ASCII signs, `reading` reads each numeral with its qualifiers
and its measure word, here two of them become one range; `ignored` has the rules that make a numeral a year, a
name, an ordinal; what is left is a quantity.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flows.extract.damaged import damaged_places
from flows.extract.ignored import KEEPS_UNIT, Context, ignored_rule
from flows.extract.plain import plain
from flows.extract.reading import BEGINNING, NUMERAL_CHARS, Reading, read_at
from flows.extract.values import chinese_value, scaled
from flows.extract.words import CN, vocabulary

# What joins the ends of a range: 3-5个, 3至5个, 1万(含)-5万元; 10与20之间.
JOINS = re.compile(
    r"\s{0,2}(?:\(不?含\)\s?)?(?:(?P<dash>-{1,2})|[~至到]|(?P<both>[与和]))\s{0,2}(?=[0-9.百两" + CN + r"])"
)
JOINING = frozenset("-~至到与和( \u3000")
BETWEEN = re.compile(r"\s?之?间")
YEARS = re.compile(r"(?:1[89]|20)[0-9]{2}")
SINGLE = re.compile(r"[一二两三四五六七八九]")
CHANGES = ("从", "由", "自")


class Numeral(NamedTuple):
    """One numeral in its text.

    Attributes:
        start, end: place of number, qualifiers and measure word, in code points.
        value: number in base units; of a range the lower end. A percentage keeps its number (百分之九十 is 90), and so
            do 成 and 折; another fraction is its value (四分之三 is 0.75), with the measure word, if one follows.
        high: upper end of a range, or nothing.
        bound: `exact`, `at_least`, `about` or `at_most`.
        unit: measure word as written, in simplified script, without 万 and 亿; `%` for every way to write per cent.
        ignored: the rule by which it is no quantity; empty for a quantity.
        text: the numeral as written.
    """

    start: int
    end: int
    value: float
    high: float | None
    bound: str
    unit: str
    ignored: str = ""
    text: str = ""

    @property
    def low(self) -> float:
        """The lower end of a range; of other numerals their value."""
        return self.value


def find_numerals(text: str) -> list[Numeral]:
    """All numerals of a text, in order, each with its value and what it is.

    Every digit and every Chinese numeral character of the text lies in exactly one of them; a number of which
    digits are hidden is one numeral, ignored.

    Args:
        text: one paragraph, as a page has it or folded; time is linear in its length.

    Returns:
        The numerals, with their places in `text`.
    """
    read = plain(text)
    context: Context | None = None
    found: list[Numeral] = []
    place = 0
    for start, end in [*damaged_places(read.text), (len(read.text), 0)]:
        while (match := BEGINNING.search(read.text, place, start)) is not None:
            reading = _read(read.text, match.start(), place, start)
            if reading is None:
                place = match.end()
                continue
            context = context or Context(read.text)
            rule = ignored_rule(reading, context)
            place = _end(reading, rule, read.text)
            first, last = read.span(reading.start if rule else reading.front, place)
            bound = _bound(reading) if reading.qualified else "exact"
            found.append(Numeral(first, last, reading.value, reading.high, bound, reading.unit, rule, text[first:last]))
        if end:
            place = end
            whole = read.span(start, _trimmed(read.text, end))
            found.append(Numeral(*whole, 0.0, None, "exact", "", "damaged", text[slice(*whole)]))
    return found


def _read(text: str, place: int, floor: int, limit: int) -> Reading | None:
    """The numeral that begins at a place; two with a dash between them that are the ends of a range are one."""
    low = read_at(text, place, floor, limit)
    if low is None or text[low.end : low.end + 1] not in JOINING or low.infix or low.after or low.high is not None:
        return low
    match = JOINS.match(text, low.end, limit)
    if match is None:
        return low
    high = read_at(text, match.end(), match.end(), limit)
    if high is None or high.high is not None or not _is_range(text, low, high, match):
        return low
    end = high.end
    if match["both"]:
        if high.unit == "间":
            high.unit = ""
        elif (between := BETWEEN.match(text, end, limit)) is not None:
            end = between.end()
        else:
            return low
    value = _lower_end(low, high)
    if value >= high.value:
        return low
    low.end, low.value, low.high, low.unit = end, value, high.value, high.unit or low.unit
    low.infix, low.after, low.scale = high.infix, high.after, low.scale or high.scale
    return low


def _is_range(text: str, low: Reading, high: Reading, match: re.Match[str]) -> bool:
    """Whether two numerals with a dash between them may be the ends of a range; their order is not asked."""
    digits = low.number[0] not in CN
    if digits != (high.number[0] not in CN) or text[max(0, low.start - 1) : low.start] in ("-", "+", "/"):
        return False
    years = YEARS.fullmatch(low.number) or YEARS.fullmatch(high.number)
    if low.unit:
        per_cent = low.kind == "percent" and high.unit in ("", "%")
        same = low.unit == high.unit and not years and not text.endswith(CHANGES, 0, low.front)
        return per_cent or same or (low.unit == "%" and high.unit == "%")
    if high.unit or match["both"]:
        return True
    return not years and (bool(high.scale) or (not match["dash"] and (len(high.number) > 1 or low.qualified)))


def _lower_end(low: Reading, high: Reading) -> float:
    """Value of the lower end, which takes over the scale of the upper one: 1-2万人, 三至五万元, 三到五百家."""
    if low.scale or low.kind:
        return low.value
    if high.scale:
        mantissa = high.value / scaled(1, high.scale)
        return scaled(low.value, high.scale) if low.value < mantissa else low.value
    if SINGLE.fullmatch(low.number) and len(high.number) == 2 and SINGLE.match(high.number):
        first, scale = chinese_value(high.number[0]), high.number[1]
        if scale in "百千万亿" and 0 < first - low.value <= 3:
            return scaled(low.value, scale)
    return low.value


def _end(reading: Reading, rule: str, text: str) -> int:
    """The end of a numeral: of a quantity behind its measure word and qualifiers, of most others behind the number."""
    end = reading.end
    if rule and end > reading.stop and rule not in KEEPS_UNIT and not NUMERAL_CHARS.search(text, reading.stop, end):
        end = reading.stop
    return _trimmed(text, end)


def _trimmed(text: str, end: int) -> int:
    """The end of a span without the spaces before it."""
    while text[end - 1] == " ":
        end -= 1
    return end


def _bound(reading: Reading) -> str:
    """The bound that the qualifiers before, in and after the number give; the first that gives one decides."""
    units = vocabulary().units
    return (
        units.before.get(reading.before) or units.infix.get(reading.infix) or units.after.get(reading.after) or "exact"
    )


__all__ = ["CN", "NUMERAL_CHARS", "Numeral", "chinese_value", "find_numerals"]
