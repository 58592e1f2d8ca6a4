"""Text in the form in which numerals are read: one script, one width, one form for each sign, one set of numerals.

The pipeline hands over text that is so already; a text as a page has it is read just as well. Characters are
replaced one for one; bold marks and invisible characters are left out, and the way back is kept.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flows.clean.markup import INVISIBLE
from flows.clean.script import to_simplified
from flows.clean.text import FOLD, WIDTH, WIDTH_TABLE, fold

# A pair of bold marks around something with a number; asterisks that stand for digits are none: 1**件, **件,占25%**.
BOLD = re.compile(
    r"(?<![0-9*])(\*\*)(?=[^*\n]{0,79}[0-9〇零一二三四五六七八九十百千万亿])(?![\s*%‰件个次条篇项名位人户家场期])[^*\n]{1,80}(?<!\s)(\*\*)(?![0-9*])"
)
# Numerals as on cheques. Some of them are words by themselves (队伍, 大陆, 收拾, 参加): those count beside a scale only.
FINANCIAL = str.maketrans("壹贰叁参肆伍陆柒捌玖拾佰仟圜", "一二三三四五六七八九十百千圆")
CHEQUE = re.compile(
    r"(?<![队入退大登着内水收捡])(?:零?[壹贰叁参肆伍陆柒捌玖一二两三四五六七八九]?[拾佰仟百千万亿]{1,3}){1,12}"
    r"(?:(?<=[拾佰仟])[壹贰叁参肆伍陆柒捌玖]|零[壹贰叁参肆伍陆柒捌玖])?"
    r"|[壹贰叁肆伍陆柒捌玖](?=[元圆角])|(?<=[元圆角零])[壹贰叁肆伍陆柒捌玖](?=分)|(?<=[0-9])[拾佰仟]"
)
SIGNS = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟]")
DIGITS = frozenset("0123456789")
# A circle between numerals is a zero: 二○一八年.
CIRCLE = re.compile(r"(?<=[一二三四五六七八九〇])[○◯](?=[一二三四五六七八九〇○◯])")
# Without any of these a text in simplified script is read as it is.
ODD = re.compile(
    f"[{re.escape(''.join(chr(code) for code in WIDTH | FOLD))}{INVISIBLE.pattern[1:-1]}{SIGNS.pattern[1:-1]}○◯*]"
)


class PlainText(NamedTuple):
    """A text to read numerals in; `kept` has the place of each of its characters in the text as it was."""

    text: str
    kept: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place of a span in the text as it was."""
        return (start, end) if self.kept is None else (self.kept[start], self.kept[end - 1] + 1)


def plain(text: str) -> PlainText:
    """The text as numerals are read; time is linear in its length."""
    read = to_simplified(text)
    if not ODD.search(read):
        return PlainText(read, None)
    read = fold(read.translate(WIDTH_TABLE))
    if SIGNS.search(read):
        read = _without_financial(read)
    if "○" in read or "◯" in read:
        read = CIRCLE.sub("〇", read)
    dropped = [match.span() for match in INVISIBLE.finditer(read)]
    if "**" in read:
        dropped += [match.span(mark) for match in BOLD.finditer(read) for mark in (1, 2)]
    if not dropped:
        return PlainText(read, None)
    gone = {place for start, end in dropped for place in range(start, end)}
    kept = [place for place in range(len(read)) if place not in gone]
    return PlainText("".join(read[place] for place in kept), kept)


def _without_financial(text: str) -> str:
    """Numerals as on cheques in the common ones; a sign by itself is one where the text is nothing else."""
    if SIGNS.fullmatch(text.strip()):
        return text.translate(FINANCIAL)
    return CHEQUE.sub(_common, text)


def _common(match: re.Match[str]) -> str:
    found = match.group()
    return (
        found
        if found == "拾" and match.string[match.start() - 1 : match.start()] not in DIGITS
        else found.translate(FINANCIAL)
    )
