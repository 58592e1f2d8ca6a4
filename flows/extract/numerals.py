"""Every numeral of a text: its value, unit and bound, or the rule by which it is no quantity.

Read in the order in which the text passes: one pattern finds each numeral with its qualifiers and its
measure word; `ignored` has the rules that make it a year, a name, an ordinal; what is left is a quantity.
All is read on folded text (simplified script, ASCII punctuation and digits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flows.extract.damaged import damaged_places
from flows.extract.ignored import CN, KEEPS_UNIT, LONGEST, Context, ignored_rule
from schemas.vocabulary import load_units
from schemas.vocabulary.lexicons import words

DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "廿": 20, "卅": 30}
NUMERAL_CHARS = re.compile(rf"[0-9{CN}]")
# What a numeral multiplied by these stays: 15.57万, 3千万, 4.2亿.
MULTIPLIER = r"(?:[十百千]?万亿?|[十百千]?亿|[百千])"


@dataclass(frozen=True)
class Numeral:
    """One numeral in its text.

    Attributes:
        start, end: place of number, qualifiers and measure word, in code points.
        value: number in base units; of a range the lower end.
        high: upper end of a range, or nothing.
        bound: `exact`, `at_least`, `about` or `at_most`.
        unit: measure word without 万 and 亿; `%` for every way to write per cent.
        ignored: the rule by which it is no quantity; empty for a quantity.
    """

    start: int
    end: int
    value: float
    high: float | None
    bound: str
    unit: str
    ignored: str = ""


@cache
def _pattern() -> re.Pattern[str]:
    units = load_units()
    # Grouped by commas or spaces; single digits set apart by spaces, as bad converters do; plain.
    arabic = (
        r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"
        r"|(?<!\d)\d{1,3}(?:\ \d{3})+(?!\d)(?=\s?[\u4e00-\u9fff%])"
        r"|(?<!\d)\d(?:\ \d){1,5}(?!\ ?\d)(?=\s?[\u4e00-\u9fff%])"
        r"|\d+(?:\ ?\.\d+)?"
    )
    number = rf"(?:{arabic}|[{CN}]+(?:点[〇零一二三四五六七八九]+)?)"
    measure = words([*(units.count | units.measurement | units.currency) - {"万"}]).pattern
    duration = words([*units.duration | units.age]).pattern
    return re.compile(
        rf"""
        (?:(?P<before>(?<![附最邻节签预契邀履违相制赶远以])(?:{_alternatives(units.before)}))\s{{0,2}})?
        (?P<percent>百分之|千分之)?
        (?P<number>{number})
        (?:\s{{0,2}}(?P<scale>{MULTIPLIER})(?![{CN}]))?
        (?:\s{{0,2}}%?\s{{0,2}}[-~至到]\s{{0,2}}(?P<high>{number})(?:\s{{0,2}}(?P<high_scale>{MULTIPLIER})(?![{CN}]))?)?
        \s{{0,2}}(?P<infix>{_alternatives(units.infix)})?
        \s{{0,2}}(?P<late_scale>(?<=[余多来+])(?:{MULTIPLIER}))?
        (?P<infix2>(?<=万|亿)(?:{_alternatives(units.infix)}))?
        \s{{0,2}}(?P<unit>个?百分点|[%‰]|(?:{duration})|(?:{measure})(?:\((?:{measure}|系列|项目)\))?)?
        (?P<late>多|余)?(?P<after>{_alternatives(units.after)})?
        """,
        re.VERBOSE,
    )


def _alternatives(terms: dict[str, str]) -> str:
    return words(list(terms)).pattern


def find_numerals(text: str) -> list[Numeral]:
    """All numerals of a text, in order, each with its value and what it is.

    Every digit and every Chinese numeral character of the text lies in exactly one of them; a number of which
    digits are hidden is one numeral, ignored.

    Args:
        text: one paragraph, folded; time is linear in its length.
    """
    context = Context(text)
    found: list[Numeral] = []
    place = 0
    for start, end in [*damaged_places(text), (len(text), 0)]:
        while (match := _pattern().search(text, place, start)) is not None:
            found.append(_read(match, context))
            place = found[-1].end
        if end:
            found.append(Numeral(start, _trimmed(text, end), 0.0, None, "exact", "", "damaged"))
            place = end
    return found


def chinese_value(numeral: str) -> float:
    """Value of a Chinese numeral: 一百三十, 两千零五, 二〇二四, 一亿二千万.

    Args:
        numeral: characters of 〇一二…九十百千万亿.
    """
    if all(char in DIGITS for char in numeral):
        return float("".join(str(DIGITS[char]) for char in numeral))
    total = 0
    *upper, last = numeral.split("亿")
    for part in upper:
        total = (total + _below_yi(part) or 1) * 100_000_000
    return float(total + _below_yi(last))


def _below_yi(numeral: str) -> int:
    total = 0
    *upper, last = numeral.split("万")
    for part in upper:
        total = (total + _below_wan(part) or 1) * 10_000
    return total + _below_wan(last)


def _below_wan(numeral: str) -> int:
    total = digit = 0
    seen = False
    for char in numeral:
        if char in DIGITS:
            digit, seen = DIGITS[char], True
        elif char in "廿卅":
            total += SCALES[char]
        else:
            total += (digit if seen else 1) * SCALES[char]
            digit, seen = 0, False
    return total + digit


def _number(text: str, scale: str | None) -> float:
    if len(text) > LONGEST:
        return 0.0
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


def _read(match: re.Match[str], context: Context) -> Numeral:
    """The numeral of one match, its span cut to what belongs to it."""
    group, text = match.group, context.text
    low, high = _range(group("number"))
    scale = "".join(filter(None, (group("scale"), group("late_scale"))))
    value, top, end = _number(low, scale), _number(high, scale) if high else None, match.end()
    if group("high") and not high:
        if _is_range(match, text):
            upper_scale = (group("high_scale") or "") + (group("late_scale") or "")
            value, top = _number(low, group("scale") or upper_scale), _number(group("high"), upper_scale)
        else:  # a dash between two numbers that are no range: the second is read by itself
            end = match.end("scale") if group("scale") else match.end("number")
    whole = end == match.end()
    unit = _unit(match) if whole else ""
    start = match.start("percent") if group("percent") else match.start("number")
    rule = ignored_rule(match, context, value, unit)
    if rule:
        bare_end = match.end("number")
        if rule not in KEEPS_UNIT and not NUMERAL_CHARS.search(text[bare_end:end]):
            end = bare_end
        return Numeral(start, _trimmed(text, end), value, top, "exact", unit, rule)
    start = match.start("before") if group("before") else start
    return Numeral(start, _trimmed(text, end), value, top, _bound(match, whole), unit)


def _trimmed(text: str, end: int) -> int:
    """The end of a span without the spaces before it."""
    while text[end - 1] == " ":
        end -= 1
    return end


def _bound(match: re.Match[str], whole: bool) -> str:
    """The bound that the qualifiers before, in and after the number give; the first that gives one decides."""
    units = load_units()
    bounds = [units.before.get(match.group("before") or "")]
    if whole:
        infix = match.group("infix") or match.group("infix2") or match.group("late")
        bounds += [units.infix.get(infix or ""), units.after.get(match.group("after") or "")]
    return next((bound for bound in bounds if bound), "exact")


def _range(number: str) -> tuple[str, str | None]:
    """Both ends of a numeral such as 七八十, 十七八, 三五 or 两三; of any other one itself."""
    pair = re.fullmatch(r"(十?)([一二两三四五六七八九])([一二三四五六七八九])([十百千万亿]*)", number)
    if pair and 0 < DIGITS[pair[3]] - DIGITS[pair[2]] <= 2:
        return pair[1] + pair[2] + pair[4], pair[1] + pair[3] + pair[4]
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
