"""The measure word behind a number, and what follows it and belongs to the number: 三块二, 两个半小时."""

from __future__ import annotations

import re

from flows.extract.values import number_value
from flows.extract.words import DIGIT, skipped, vocabulary

# What follows a measure word and belongs to the number: 五元三角, 三块二, 三米九, 三斤半, 两个半小时.
PART = re.compile(r"又?零?(?P<number>[0-9]{1,4}|[一二三四五六七八九十]{1,3})")
HANGING = r"(?![\u4e00-\u9fff0-9%])|(?=[左以多到至前后之])"
LAST_DIGIT = re.compile(rf"(?P<zero>零)?(?P<digits>{DIGIT}{{1,2}}|[0-9]{{2}})(?:{HANGING})")
HALF = re.compile(rf"半(?:{HANGING}|(?=的))")
HALF_OF = re.compile(r"个半(?P<unit>小时|钟头|月|年|学期|世纪|星期)")
# A letter is a measure word where no word goes on from it: 5m, but not 5g基站.
LETTER_ENDS = re.compile(r"(?![A-Za-z0-9\u4e00-\u9fff])|(?=[的以左多到至长宽高深厚重])")
POINT = re.compile(r"点(?=(?:主要|具体)?(?:意见|建议|要求|希望|体会|启示|思考|做法|看法|举措|措施))")
LIANG_ENDS = re.compile(r"(?![\u4e00-\u9fff])|(?=[的重多半左以银黄白])")


def read_unit(text: str, end: int, limit: int, *, spoken: bool = False) -> tuple[str, int]:
    """The measure word behind a number and its end; nothing where none follows.

    Args:
        text: plain text.
        end: end of the number.
        limit: where reading ends.
        spoken: whether the number is 半: behind that no further half follows 个.
    """
    place = skipped(text, end) if text[end : end + 1].isspace() else end
    known = vocabulary()
    word = known.measure.at(text, place)
    if not word:
        return ("点", place + 1) if POINT.match(text, place, limit) else ("", end)
    stop = place + len(word)
    if word in known.units.no_unit or stop > limit:
        return "", end
    if word in known.simple and text[stop : stop + 1] not in ("(", "/"):
        return word, stop
    if word[-1].isascii() and word[-1].isalpha():
        if text[stop : stop + 1].isascii() and text[stop : stop + 1].isalnum():
            return "", end
        if len(word) == 1 and not LETTER_ENDS.match(text, stop):
            return "", end
    if word == "两" and not LIANG_ENDS.match(text, stop):
        return "", end
    if word == "个" and not spoken and (match := HALF_OF.match(text, place)):
        return "半" + match["unit"], match.end()
    if word in known.larger:
        return word[1:], stop
    if text[stop : stop + 1] in ("(", "/"):
        return _compound(text, word, stop)
    return word, stop


def _compound(text: str, word: str, stop: int) -> tuple[str, int]:
    """A measure word with another one: 件(次), 项(条), 件(系列), 场/次."""
    known = vocabulary()
    other = known.measure.at(text, stop + 1) or next(
        (name for name in ("系列", "项目") if text.startswith(name, stop + 1)), ""
    )
    end = stop + 1 + len(other)
    if not other or other in known.units.no_unit or word not in known.units.count:
        return word, stop
    if text[stop] == "(":
        return (text[stop - len(word) : end + 1], end + 1) if text[end : end + 1] == ")" else (word, stop)
    return (f"{word}/{other}", end) if other in known.units.count else (word, stop)


def read_tail(text: str, value: float, unit: str, end: int, limit: int, chinese: bool) -> tuple[float, str, int]:
    """What follows a measure word and belongs to the number, added to it: 五元三角, 三块二, 三斤半, 两个半小时.

    Args:
        text: plain text.
        value: value of the number.
        unit: its measure word; with 半 in front where half a one follows.
        end: end of the measure word.
        limit: where reading ends.
        chinese: whether the number is written in Chinese characters.

    Returns:
        Value, measure word and end of all of it.
    """
    if unit[0] == "半":
        return value + 0.5, unit[1:], end
    units = vocabulary().units
    smaller = units.smaller.get(unit)
    worth = 1.0
    if smaller is not None:
        while (match := PART.match(text, end, limit)) and (part := _smaller(text, match.end(), smaller, worth)):
            value, worth, end = (
                value + number_value(match["number"]) * smaller[part],
                smaller[part],
                match.end() + len(part),
            )
        last = LAST_DIGIT.match(text, end, limit) if chinese or unit == "米" else None
        if last:
            digits = ("0" if last["zero"] else "") + last["digits"]
            value, end = value + worth * number_value("零点" + digits), last.end()
    if unit in vocabulary().divided and text[end : end + 1] == "半" and HALF.match(text, end, limit):
        value, end = value + 0.5, end + 1
    if unit == "折" and 10 <= value < 100:  # 八五折
        value /= 10
    return value, unit, end


def _smaller(text: str, place: int, smaller: dict[str, float], worth: float) -> str:
    """The part of a unit at a place, if it is smaller than the one before."""
    found = [part for part in smaller if text.startswith(part, place) and smaller[part] < worth]
    return max(found, key=len, default="")
