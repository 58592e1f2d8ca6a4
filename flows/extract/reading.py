"""One numeral as it is written: qualifier, number, what multiplies it, measure word, what follows that.

A numeral is read from its first character on, in the order of the text: `scales` reads what multiplies the number, `units`
the measure word, `words` knows what may stand around it. Whether it is a quantity is asked in `ignored`.
All is read on plain text (simplified script, ASCII punctuation and digits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.extract.scales import read_infix, read_scale
from flows.extract.units import LIANG_ENDS, read_tail, read_unit
from flows.extract.values import DIGITS, LONGEST, chinese_value, number_value, oral_value, scaled
from flows.extract.words import CN, DIGIT, is_metric, skipped_back, vocabulary

NUMERAL_CHARS = re.compile(rf"[0-9{CN}]")
# Where a numeral may begin: at a numeral character, at a half, at a point if digits follow and none are before it.
BEGINNING = re.compile(rf"[0-9{CN}半.]")
POINT_FIRST = re.compile(r"(?<![\w.])\.(?=[0-9])")
ARABIC = (
    # Grouped by commas or spaces; single digits set apart by spaces, as bad converters do; plain.
    r"[0-9]{1,3}(?:,[0-9]{3}){1,8}(?![0-9])(?:\.[0-9]+)?"
    r"|(?<![0-9])[0-9]{1,3}(?:\ [0-9]{3}){1,6}(?![0-9])(?=\s?[\u4e00-\u9fff%]|$)"
    r"|(?<![0-9])[0-9](?:\ [0-9]){1,5}(?!\ ?[0-9])(?=\s?[\u4e00-\u9fff%]|$)"
    rf"|[0-9]{{1,4}}点(?:[0-9]{{1,4}}|{DIGIT}{{1,4}})(?=[万亿度])"
    r"|[0-9]+(?:\ ?\.[0-9]+)?|\.[0-9]+"
)
# Spaces within a Chinese numeral stand between its parts: 三千 九百 六十五.
BETWEEN = rf"(?:(?<=[亿万])|(?<=千)(?=\ {{1,2}}{DIGIT}百)|(?<=百)(?=\ {{1,2}}{DIGIT}十))\ {{1,2}}"
CHINESE = (
    rf"(?:[{CN}]{{1,12}}兆(?={DIGIT}[千百十]|[元圆美日])[{CN}]*|[{CN}]+(?:{BETWEEN}{DIGIT}[千百十][{CN}]*){{0,4}})"
    r"(?:点(?:[〇零一二三四五六七八九]+(?![十刻钟])[百千万亿]*|[0-9]+(?![0-9分刻:])))?"
)
NUMBER = re.compile(
    rf"""
    (?P<cold>零下)?
    (?:
        (?:(?P<whole>[{CN}]{{1,6}}|[0-9]{{1,4}})又)?(?P<under>[{CN}]{{1,6}}|[0-9]{{1,4}})分之
        |(?P<percent>百分)(?=百|{DIGIT}?十)
        |(?:(?P<also>[{CN}]{{1,6}})又)?(?P<parts>{DIGIT}|(?<=又)十)[分份]  # 四分一升
            (?=[一二三](?:[公毫]?升|加仑|汤匙|茶匙|公?斤|公?里|(?![\u4e00-\u9fff])))
    )?
    (?:
        (?:(?P<besides>[0-9]{{1,4}})又)?(?P<over>(?<![0-9./-])[0-9]{{1,2}}/[0-9]{{1,3}}(?![0-9./-]|\s?[年月日号版页期]))
        |(?P<number>{ARABIC}|{CHINESE})
    )
    """,
    re.VERBOSE,
)
# A number that stands by itself, as most do: behind it nothing of what `NUMBER` reads can follow.
SIMPLE = re.compile(rf"[0-9]+(?:\.[0-9]+)?(?![0-9,./\ 又分点])|[{CN}]+(?![{CN}\ 兆又分份点下])")
# 七八十, 十七八, 三五, 一百二三十: both ends of a range.
PAIR = re.compile(rf"([{CN}]*[十百千万亿])?([一二两三四五六七八九])([一二两三四五六七八九])([十百千万亿]*)")
NO_HALF = "上下前后大小多过夜参各对折减"
# 多 and 余 behind a measure word: 2倍多, but not 20人多次.
LATE = re.compile(r"[多余](?:(?![\u4e00-\u9fff])|(?=[的来前后以之高长宽深远左]|小时|钟头|星期|月|世纪))")
COMPARED = re.compile(r"\s?(?:(?P<more>[大高多])|[小低少])")
# Before a share in thousandths: it is a percentage.
RATED = re.compile(r"(?:占(?:比|总数的?)?|[率比幅例为达到增长升降减少高低了]|提高|下降)$")
# A qualifier before the whole that a share is one of: 超过立案总数的5%.
OF_WHOLE = re.compile(r"(?P<word>超过|不到|不足|接近|约占|低于|高于)(?:占|了)?[^,;。:、0-9]{1,10}的$")
MINUS = re.compile(r"(?:^|[(:\s为是达至到降增长约])-$")


@dataclass(slots=True)
class Reading:
    """A numeral as written.

    Attributes:
        front: where it begins, with its qualifier.
        start: where it begins without that: with 百分之, with a sign of money, with a minus.
        begin, stop: the place of the number itself.
        end: behind its measure word and qualifiers.
        number: the number itself, as written.
        value: in base units; of a range the lower end.
        high: upper end of a range, or nothing.
        unit: measure word; `%` for every way to write per cent.
        before, infix, after: qualifiers.
        scale: what multiplies the number: 万, 亿 ….
        kind: `percent`, `fraction`, `half`, or nothing for other numbers.
    """

    front: int
    start: int
    begin: int
    stop: int
    end: int
    number: str
    value: float
    high: float | None = None
    unit: str = ""
    before: str = ""
    infix: str = ""
    after: str = ""
    scale: str = ""
    kind: str = ""

    @property
    def qualified(self) -> bool:
        """Whether a qualifier stands with it."""
        return bool(self.before or self.infix or self.after)


def read_at(text: str, place: int, floor: int, limit: int) -> Reading | None:
    """The numeral that begins at a place, or nothing: a 半 that is part of a word.

    Args:
        text: plain text.
        place: where `BEGINNING` was found.
        floor: end of the numeral before: no qualifier is looked for before it.
        limit: where reading ends.
    """
    first = text[place]
    if vocabulary().alone.match(text, place):  # as most are that are parts of words: 统一
        return Reading(place, place, place, place + 1, place + 1, first, chinese_value(first))
    if first == "." and not POINT_FIRST.match(text, place):
        return None
    if first == "半":
        reading = _half(text, place, limit)
    elif match := SIMPLE.match(text, place, limit):
        reading = _amount(text, place, match[0], match.end(), limit)
    elif match := NUMBER.match(text, place, limit):
        reading = _amount(text, place, match["over"] or match["number"], match.end(), limit, match)
    else:
        reading = None
    return _with_before(text, reading, floor) if reading else None


def _half(text: str, place: int, limit: int) -> Reading | None:
    """半公升, 半个: a half of what follows."""
    unit, end = read_unit(text, place + 1, limit, spoken=True)
    if not unit or text[place - 1 : place] in set(NO_HALF) or end == place + 1:
        return None
    return Reading(place, place, place, place + 1, end, "半", 0.5, unit=unit, kind="half")


def _amount(text: str, start: int, number: str, end: int, limit: int, match: re.Match[str] | None = None) -> Reading:
    """Number, scale, qualifiers within, measure word, qualifiers behind, in this order.

    The number ends at `end`; what is read begins at `start`, before it where it is part of a share or below zero: then
    `match` has the parts.
    """
    known, begin, chinese = vocabulary(), end - len(number), number[0] in CN
    if chinese and len(number) > 1 and start == begin and _begins_unit(text, end):
        number, end = number[:-1], end - 1
    stop, follows = end, text[end : end + 1]
    if follows == "半" and number in ("一", "1") and start == begin and not read_unit(text, end + 1, limit)[0]:
        return _one_half(text, start, end, number)
    scale = infix = late = ""
    value: float | None = None
    if follows in known.multiplies or follows.isspace():
        scale, end, value = read_scale(text, number, end, limit, chinese)
        infix, late, end = read_infix(text, end, limit)
    compared, place = _compared(text, start, end) if text[start - 1 : start] in ("比", " ") else ("", end)
    unit, end = ("", place) if compared else read_unit(text, end, limit)
    value, high = (scaled(value, late), None) if value is not None else _values(number, scale + late, unit)
    kind, after = "", compared
    if match is not None and (start < begin or match["over"]):
        value, high, unit, kind = _shared(match, text, value, high, unit)
    if unit and high is None and not kind:
        if unit in known.parted or unit[0] == "半":
            value, unit, end = read_tail(text, value, unit, end, limit, chinese)
        value = round(value, 6)
    if not compared and text[end : end + 1] in known.ends:
        infix, after, end = _behind(text, infix, end)
    if match is not None and match["cold"]:
        value, high = -value, None
    return Reading(start, start, begin, stop, end, number, value, high, unit, "", infix, after, scale + late, kind)


def _one_half(text: str, start: int, stop: int, number: str) -> Reading:
    """一半, 一半以上: half of something."""
    after, end = _after(text, stop + (2 if text.startswith("半半", stop) else 1))
    return Reading(start, start, start, stop, end, number, 0.5, after=after, kind="half")


def _compared(text: str, start: int, end: int) -> tuple[str, int]:
    """What 比三十大 and 比170低 say, 以上 and 以下, and its end; nothing where no number is compared with."""
    word = COMPARED.match(text, end) if text[max(0, start - 3) : start].rstrip().endswith("比") else None
    return ("", end) if word is None else ("以上" if word["more"] else "以下", word.end())


def _begins_unit(text: str, end: int) -> bool:
    """Whether the last character of a Chinese numeral begins the measure word: 三千克, 三十两, but not 三十两件."""
    if text[end - 1] == "两":
        return LIANG_ENDS.match(text, end) is not None and not vocabulary().measure.at(text, end)
    return text[end - 1] in "百千" and is_metric(text, end - 1)


def _values(number: str, scale: str, unit: str) -> tuple[float, float | None]:
    """Value of a number, and its upper end where it is a range: 七八十, 十七八, 三五, 两三."""
    if not scale and number.isdigit() and len(number) <= LONGEST:
        return float(number), None
    if "/" in number:
        over, under = number.split("/")
        return (round(int(over) / int(under), 6) if int(under) else 0.0), None
    if number[0] not in CN or len(number) == 1:
        return number_value(number, scale), None
    if len(number) <= LONGEST and (pair := PAIR.fullmatch(number)):
        step = DIGITS[pair[3]] - DIGITS[pair[2]]
        head = pair[1] or ""
        if (step == 1 or (pair[2], pair[3]) == ("三", "五")) and (pair[4] or not head or head[-1] == "十"):
            return number_value(head + pair[2] + pair[4], scale), number_value(head + pair[3] + pair[4], scale)
    oral = oral_value(number) if unit and not scale else None
    return (oral if oral is not None else number_value(number, scale)), None


def _shared(
    match: re.Match[str], text: str, value: float, high: float | None, unit: str
) -> tuple[float, float | None, str, str]:
    """Value, upper end, unit and kind where the number is part of a share: 百分之九十, 四分之三, 1/2."""
    under = "百" if match["percent"] else match["under"] or match["parts"] or ""
    if match["over"]:
        return value + number_value(match["besides"] or "0"), None, unit, "fraction"
    if not under:
        return value, high, unit, ""
    whole = match["whole"] or match["also"]
    if under == "百" and not whole:
        return value, high, "%", "percent"
    parts = number_value(under)
    if (
        under in ("千", "万")
        and not whole
        and not unit
        and RATED.search(text, max(0, match.start() - 6), match.start())
    ):
        return round(value * 100 / parts, 6), high and round(high * 100 / parts, 6), "%", "percent"
    added = number_value(whole) if whole else 0.0
    return (round(added + value / parts, 6) if parts else 0.0), None, unit, "fraction"


def _behind(text: str, infix: str, end: int) -> tuple[str, str, int]:
    """Qualifiers behind the measure word, and their end: 2倍多, 20次以上."""
    if text[end : end + 1] in ("多", "余") and (match := LATE.match(text, end)):
        infix, end = infix or match[0], match.end()
    after, end = _after(text, end)
    return infix, after, end


def _after(text: str, end: int) -> tuple[str, int]:
    known = vocabulary()
    place = end + (text[end : end + 1] == " ")
    word = known.after.at(text, place)
    return (word, place + len(word)) if known.units.after.get(word) else ("", end)


def _with_before(text: str, reading: Reading, floor: int) -> Reading:
    """The reading with what stands before its number: minus, sign of money, qualifier."""
    known, start = vocabulary(), reading.start
    sign = text[start - 1 : start]
    if not (sign in known.leads or sign.isspace() or sign == "的"):
        return reading
    if start <= floor:
        sign = ""
    if sign == "负" or (sign == "-" and _is_minus(text, reading, max(floor, start - 3))):
        start, reading.value = start - 1, -reading.value
    place = skipped_back(text, start)
    if not reading.unit and (money := known.money.before(text, place)) and place - len(money) >= floor:
        start, reading.unit = place - len(money), money
        place = skipped_back(text, start)
    reading.start = reading.front = start
    word = known.before.before(text, place)
    if word and known.units.before[word] and place - len(word) >= floor and not _is_bracket(text, word, reading, place):
        reading.before = word
        if not word.endswith("占"):  # it tells what the share is one of
            reading.front = place - len(word)
    elif (
        reading.unit == "%"
        and text[place - 1 : place] == "的"
        and (of := OF_WHOLE.search(text, max(floor, place - 16), place))
    ):
        reading.before = of["word"]
    return reading


def _is_bracket(text: str, word: str, reading: Reading, place: int) -> bool:
    """Whether a sign for less or more is a bracket or an arrow between links: <意见>20条."""
    if word == ">":
        return (
            not reading.unit
            or "<" in text[max(0, place - 30) : place - 1]
            or not text[max(0, place - 2) : place - 1].isalnum()
        )
    return word == "<" and (not reading.unit or ">" in text[reading.end : reading.end + 30])


def _is_minus(text: str, reading: Reading, floor: int) -> bool:
    """Whether a dash before a number makes it negative, and is no dash between words or before an item of a list."""
    stands_alone = bool(reading.unit) or reading.end == len(text)
    return stands_alone and MINUS.search(text, floor, reading.start) is not None
