"""The years that a figure covers."""

from __future__ import annotations

import re
from typing import NamedTuple

from flows.extract.numerals import chinese_value

NUMBER = r"(?:(?<!\d)\d{1,2}|[一二三四五六七八九十两]{1,3})"
# What precedes is looked at behind the first digits: so the search goes from one of them to the next.
YEAR = re.compile(r"((?:19|20)(?<!\d\d\d)\d\d)年(?!度(?!,|内|共|全|工作))")
RUNNING = re.compile(rf"((?:19|20)(?<!\d\d\d)\d\d)年(?:起|开始)[^,。;]{{0,2}}连续({NUMBER})年")
YEARS = re.compile(r"((?:19|20)(?<!\d\d\d)\d\d)年?\s*[-至~到]\s*((?:19|20)\d\d)年?")
SINCE = re.compile(
    r"((?:19|20)(?<!\d\d\d)\d\d)年(?:\d{1,2}月)?(?:份)?(?:以来|起(?![^,。;]{0,2}连续)|开始(?![^,。;]{0,2}连续))"
)
# 由2021年的85%提高到: the year is that of the number which something rose from.
ROSE_FROM = re.compile(
    r"(?:由|从|较|比)[^,;。]{0,8}年的?[^,;。]{1,12}?(?:升至|提高到|提高至|上升到|上升至|增加到|增至|降到|降至|下降到|扩大到|提升到|提升至)[^,;。]{0,4}$"
)
YEAR_BEFORE = re.compile(r"(?:由|从)(?:去年|上年|上一年)(?:同期)?的?[^,;。]{0,4}$")
SPAN = re.compile(rf"(?:过去|近|这|最近|前)({NUMBER})年|({NUMBER})年(?:来|间|以来|中|里)")
SPAN_SIGN = re.compile(r"年(?<=[\d一二三四五六七八九十两]年)(?<!\d\d\d年)")  # in each of them
BEFORE_SIGN = 5  # characters: 过去十二三
AS_OF = re.compile(r"(?:截至|截止到?)[^,。;]{0,6}(?:19|20)\d\d年[^,。;]{0,8}|到(?:19|20)\d\d年(?:\d+月)?底")
WORDS_YEAR = re.compile(r"[〇○零一二三四五六七八九][〇○零一二三四五六七八九]{3}(?=年)")
BEHIND_WORDS = re.compile(r"年(?<=[〇○零一二三四五六七八九]{4}年)")  # a search for one character, which most texts lack
NOT_WHEN = re.compile(r"《[^》]*》|“[^”]{1,24}”")
LAST_YEAR = re.compile(r"去年|上年|上一年")
# What names a year and is not when the thing was done, each with a search for what stands in it.
NOT_ITS_OWN = ((re.compile("[《“]"), NOT_WHEN), (re.compile("[升降增提扩]"), ROSE_FROM))


class Period(NamedTuple):
    """First and last year, both included."""

    first: int
    last: int


def period_of(sentence: str, own: Period | None, planned: bool) -> Period | None:
    """The years of a figure, from what its sentence says before it.

    Args:
        sentence: the sentence up to the number, folded.
        own: period of the report.
        planned: whether the figure stands in a plan.

    Returns:
        The stated years, else the report's own; nothing where neither is known.
    """
    in_digits = "19" in sentence or "20" in sentence
    if "年" not in sentence and not (in_digits and YEARS.search(sentence)):
        return Period(own.last + 1, own.last + 1) if planned and own else own
    text = year_digits(sentence)
    for names, pattern in NOT_ITS_OWN:
        if names.search(text):
            text = pattern.sub(_blot, text)
    if own and YEAR_BEFORE.search(text):
        return Period(own.last - 1, own.last - 1)
    text = AS_OF.sub(_blot, text) if "截" in text or "底" in text else text
    stated: list[tuple[int, Period]] = []
    in_digits = "19" in text or "20" in text
    if in_digits:
        for match in YEARS.finditer(text):
            stated.append((match.end(), Period(int(match.group(1)), int(match.group(2)))))
        for match in YEAR.finditer(text):
            stated.append((match.end(), Period(int(match.group(1)), int(match.group(1)))))
    if own and in_digits:
        for match in RUNNING.finditer(text):
            first = int(match.group(1))
            stated.append((match.end(), Period(first, max(first, min(own.last, first + _count(match.group(2)) - 1)))))
        for match in SINCE.finditer(text):
            if stated and text[: match.start()].endswith(("自", "从")) and any(at < match.start() for at, _ in stated):
                stated = [(at, period) for at, period in stated if not match.start() <= at <= match.end()]
                continue
            stated.append((match.end(), Period(int(match.group(1)), max(own.last, int(match.group(1))))))
    if own:
        if sign := SPAN_SIGN.search(text):
            first = max(0, sign.start() - BEFORE_SIGN)
            stated += [(match.end(), _span(match, own)) for match in SPAN.finditer(text, first)]
        for match in LAST_YEAR.finditer(text):
            stated.append((match.end(), Period(own.last, own.last)))
        stated = [
            (at, period) for at, period in stated if own.first - 15 <= period.first <= period.last <= own.last + 2
        ]
    if stated:
        return max(stated, key=lambda pair: pair[0])[1]
    if planned and own:
        return Period(own.last + 1, own.last + 1)
    return own


def _blot(match: re.Match[str]) -> str:
    return "＿" * len(match.group())


def _span(match: re.Match[str], own: Period) -> Period:
    years = _count(match.group(1) or match.group(2))
    if years == own.last - own.first + 1 or not 1 <= years <= 15:
        return own
    return Period(own.last - years + 1, own.last)


def _count(written: str) -> int:
    return int(written) if written.isdigit() else int(chinese_value(written))


def year_digits(text: str) -> str:
    """The text with years in characters (二〇二四年) written in digits, of the same length."""
    if not BEHIND_WORDS.search(text):
        return text
    return WORDS_YEAR.sub(
        lambda match: "".join(str("零一二三四五六七八九".find(c) if c not in "〇○" else 0) for c in match.group()), text
    )
