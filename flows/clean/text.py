"""Text that knows where each of its characters stood in the source, and folding for the rules.

`normalise` makes the clean text of one raw line in simplified script: width of digits and letters, markup
and invisible characters. What is dropped breaks the text into runs; within a run clean and raw characters
stand side by side, so a map is a short list of runs, not one entry a character.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flows.clean.markup import HAN, INVISIBLE, Span, bars, doubled, residue, spaced

# Full-width digits, letters and the signs within numbers; punctuation stays as written.
WIDTH = {0xFF10 + i: 0x30 + i for i in range(10)}
WIDTH |= {0xFF21 + i: 0x41 + i for i in range(26)} | {0xFF41 + i: 0x61 + i for i in range(26)}
WIDTH |= {ord("％"): ord("%"), ord("．"): ord("."), ord("＋"): ord("+"), ord("\u00a0"): ord(" "), ord("\t"): ord(" ")}
WIDTH |= {ord("\r"): ord(" "), ord("\u3000"): ord(" "), ord("\u2002"): ord(" "), ord("\u2003"): ord(" ")}
# What the rules read: one form for each sign. Length is kept, so that places hold in the text itself.
FOLD = {
    ord(char): target
    for target, chars in {
        ",": "，﹐",
        ";": "；﹔",
        ":": "：﹕",
        "?": "？﹖",
        "!": "！﹗",
        "(": "（",
        ")": "）",
        "[": "［〔",
        "]": "］〕",
        "{": "｛",
        "}": "｝",
        "<": "＜〈",
        ">": "＞〉",
        "/": "／",
        "-": "－﹣–—―‐‑",
        "~": "～∼",
        "、": "﹑",
        "|": "｜",
        "*": "＊",
        "“": "「『﹁﹃‟",
        "”": "」』﹂﹄",
        "·": "•・‧∙",
    }.items()
    for char in chars
}


def _table(changed: dict[int, str] | dict[int, int]) -> list[int]:
    """A table for `str.translate`: as a list, for a character that a dict does not hold costs an exception."""
    table = list(range(0x10000))
    for old, new in changed.items():
        table[old] = ord(new) if isinstance(new, str) else new
    return table


# Without any of these a line is clean text already: most lines are. A search looks at each character once, for the
# pattern begins with all that they begin with.
ALWAYS = f"{re.escape(''.join(chr(code) for code in WIDTH))}{INVISIBLE.pattern[1:-1]}<>&*|｜"
SPECIAL = re.compile(
    f"[{ALWAYS},，、。;；!！?？(（\\[【 ](?:(?<=[{ALWAYS}])|(?<=[,，、。])\\s?[,，、。;；:：!！?？]|(?<=[;；!！?？])[,，、]|"
    f"(?<=[(（\\[【])(?:[^\u4e00-\u9fff]|[下上紧转接])|(?<= )[{HAN}〇0-9](?![{HAN}〇0-9]))"
)
WIDTH_TABLE, FOLD_TABLE = _table(WIDTH), _table(FOLD)


COMMON = [(mark, FOLD[ord(mark)]) for mark in "，：；？！（）"]
RARE = re.compile(f"[{re.escape(''.join(chr(code) for code in FOLD if chr(code) not in dict(COMMON)))}]")


def fold(text: str) -> str:
    """Text with one form for each punctuation mark, of the same length."""
    if RARE.search(text):
        return text.translate(FOLD_TABLE)
    for mark, folded in COMMON:  # three times as fast
        text = text.replace(mark, folded)
    return text


class Run(NamedTuple):
    """Clean characters from `at` on stand in raw line `line_no` from `start` on, one for one."""

    at: int
    line_no: int
    start: int


@dataclass
class MappedText:
    """Clean text with a map back to the raw lines."""

    text: str = ""
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def join(cls, parts: Iterable[MappedText]) -> MappedText:
        """Texts one behind the other, as one text."""
        texts, runs, length = [], [], 0
        for part in parts:
            texts.append(part.text)
            runs += [Run(run.at + length, run.line_no, run.start) for run in part.runs]
            length += len(part.text)
        return cls("".join(texts), runs)

    def locate(self, place: int) -> tuple[int, int]:
        """Line number and offset in the raw line of one clean character."""
        run = self.runs[bisect_right(self.runs, place, key=lambda r: r.at) - 1]
        return run.line_no, run.start + place - run.at

    def part(self, start: int, end: int) -> MappedText:
        """The text from `start` to `end`, with its map."""
        if start >= end:
            return MappedText()
        if len(self.runs) == 1:
            run = self.runs[0]
            return MappedText(self.text[start:end], [Run(0, run.line_no, run.start + start - run.at)])
        first = bisect_right(self.runs, start, key=lambda r: r.at) - 1
        runs = []
        for run in self.runs[first : bisect_left(self.runs, end, key=lambda r: r.at)]:
            skipped = max(0, start - run.at)
            runs.append(Run(run.at + skipped - start, run.line_no, run.start + skipped))
        return MappedText(self.text[start:end], runs)

    def replaced(self, spans: Sequence[Span]) -> MappedText:
        """The text with some spans left out, or read as one character.

        Args:
            spans: start, end and what is read there, in order; one that begins inside another is passed over.
        """
        if not spans:
            return self
        pieces, place = [], 0
        for start, end, instead in spans:
            if start < place:
                continue
            pieces.append(self.part(place, start))
            if instead:
                pieces.append(MappedText(instead, self.part(start, start + 1).runs))
            place = end
        pieces.append(self.part(place, len(self.text)))
        return MappedText.join(pieces)

    def spans(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Raw places of clean characters `start` to `end`: line number, start and end for each line."""
        found: list[tuple[int, int, int]] = []
        first = bisect_right(self.runs, start, key=lambda r: r.at) - 1
        for i in range(first, len(self.runs)):
            run = self.runs[i]
            if run.at >= end:
                break
            stop = self.runs[i + 1].at if i + 1 < len(self.runs) else len(self.text)
            low, high = max(start, run.at) - run.at + run.start, min(end, stop) - run.at + run.start
            if found and found[-1][0] == run.line_no:
                found[-1] = (run.line_no, found[-1][1], high)
            else:
                found.append((run.line_no, low, high))
        return found


def normalise(simplified: str, line_no: int, *, bold_open: bool = False) -> MappedText:
    """Clean text of one raw line, white space at its ends removed.

    Args:
        simplified: the line in simplified script, as long as the raw one.
        line_no: its number, for the map.
        bold_open: whether the line before left a bold number open.
    """
    bare = simplified.strip()
    if not bold_open and SPECIAL.search(bare) is None:
        return MappedText(bare, [Run(0, line_no, len(simplified) - len(simplified.lstrip()))] if bare else [])
    text = simplified.translate(WIDTH_TABLE)
    mapped = MappedText(text, [Run(0, line_no, 0)]).replaced(residue(text, bold_open=bold_open))
    mapped = mapped.replaced(doubled(mapped.text))
    mapped = mapped.replaced(bars(mapped.text))
    return strip(mapped.replaced(spaced(mapped.text)))


def strip(mapped: MappedText) -> MappedText:
    """The text without white space at its ends."""
    stripped = mapped.text.strip()
    if len(stripped) == len(mapped.text):
        return mapped
    left = len(mapped.text) - len(mapped.text.lstrip())
    return mapped.part(left, left + len(stripped))
