"""What multiplies a number: 万 and 亿, numbers in steps (3万5千), and the qualifier between them (220余万)."""

from __future__ import annotations

import re

from flows.extract.values import chinese_value, scaled
from flows.extract.words import CN, is_metric, skipped, vocabulary

# What a number multiplied by these stays: 15.57万, 3千万, 4.2亿, 3个亿, 20k.
# A scale that begins a measure word multiplies nothing: 5万千瓦.
METRIC = "千[瓦米克卡焦帕伏赫字比]|百帕"
MULTIPLIER = r"(?:[十百千]?万亿?|[十百千]?亿|[百千])"
SCALE = re.compile(
    rf"\s{{0,2}}(?:个(?=亿))?(?P<scale>{MULTIPLIER}(?:(?![{CN}])|(?={METRIC})))|(?P<letter>[kKMG])(?![A-Za-z0-9])"
)
LATE_SCALE = re.compile(rf"(?:个(?=亿))?(?P<scale>{MULTIPLIER})(?:(?![{CN}])|(?={METRIC}))")
# A number in steps: 3万5千, 1亿2000万.
HEAD = re.compile(r"[千百]?[万亿]|[千百]")
STEPPING = frozenset("0123456789零一二两三四五六七八九")
PLACE = "(?:[0-9]{1,8}|[一二两三四五六七八九])"
BELOW_WAN = rf"(?:零?{PLACE}千)?(?:零?{PLACE}百)?(?:零?{PLACE}十)?"
STEPS = re.compile(rf"(?:{BELOW_WAN}{PLACE}?亿)?(?:零?{BELOW_WAN}{PLACE}?万)?{BELOW_WAN}(?P<rest>零?{PLACE})?(?![0-9])")


def read_scale(text: str, number: str, end: int, limit: int, chinese: bool) -> tuple[str, int, float | None]:
    """What multiplies a number, where that ends, and the value of a number in steps.

    Args:
        text: plain text.
        number: the number as written.
        end: its end.
        limit: where reading ends.
        chinese: whether it is written in Chinese characters.
    """
    if not chinese and "." not in number and (steps := _steps(text, number, end, limit)):
        return steps
    match = SCALE.match(text, end, limit)
    if match is None or (chinese and match["letter"]):
        return "", end, None
    if match["scale"] and is_metric(text, match.end() - 1):
        if len(match["scale"]) == 1:
            return "", end, None
        return match["scale"][:-1], match.end() - 1, None
    if match["letter"] == "G" and "." not in number:  # 5G
        return "", end, None
    return match["scale"] or match["letter"], match.end(), None


def _steps(text: str, number: str, end: int, limit: int) -> tuple[str, int, float | None] | None:
    """A number in steps, each below the one before: 3万5千, 1亿2000万, 4万2000余人."""
    head = HEAD.match(text, end, limit)
    if head is None or text[head.end() : head.end() + 1] not in STEPPING:
        return None
    match = STEPS.match(text, end - len(number), limit)
    if match is None or match.end() <= head.end():
        return None
    stop = match.end()
    if match["rest"] and not _is_last_step(text, match):
        stop = match.start("rest")
    return (head[0], stop, chinese_value(match.string[match.start() : stop])) if stop > head.end() else None


def _is_last_step(text: str, match: re.Match[str]) -> bool:
    """Whether digits behind the last scale belong to the number: 4万2000余人, 1百23, but not 3万2024年."""
    digits = match["rest"].removeprefix("零")
    zeros = len(str(int(scaled(1, text[match.start("rest") - 1])))) - 1
    if not digits[0].isdigit() or len(digits) > zeros:
        return False
    word = vocabulary().measure.at(text, match.end() + (text[match.end() : match.end() + 1] in ("余", "多")))
    units = vocabulary().units
    counts = word in units.count or word in units.measurement or word in units.currency
    return (counts and len(digits) > 1) or (not word and len(digits) == zeros)


def read_infix(text: str, end: int, limit: int) -> tuple[str, str, int]:
    """The qualifier within a number, the scale behind it, and their end: 220余万, 十几万多亿.

    Args:
        text: plain text.
        end: end of the number, and of its scale if it has one.
        limit: where reading ends.
    """
    infix = late = ""
    words, bounds = vocabulary().infix, vocabulary().units.infix
    for _ in range(2):
        place = skipped(text, end)
        word = words.at(text, place)
        if not bounds.get(word) or place + len(word) > limit:
            break
        behind = text[place + len(word) : place + len(word) + 1]
        if (word == "+" and behind.isalnum() and behind.isascii()) or (
            word in "几数" and text[place - 1] not in "十百千万亿"
        ):
            break
        infix, end = infix or word, place + len(word)
        match = LATE_SCALE.match(text, end, limit)
        if match is None:
            break
        late, end = late + match["scale"], match.end()
    return infix, late, end
