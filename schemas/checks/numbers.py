"""What a written number leaves open: the range of true values that it may stand for, from rounding and qualifiers."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

MARKS = re.compile(r"[*\s]")
NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?")
SCALES = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "萬": 4, "億": 8}
SCALED = re.compile(rf"\d\s*([{''.join(SCALES)}]+)")
OVER = re.compile(r"[余餘多來来]")
# Floats of decimals differ by less than this where the decimals are equal.
SLACK = 1e-9
HALF = 0.5


@dataclass(frozen=True)
class Span:
    """All values from `low` to `high`, both included."""

    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        """Sums of a value of the one and a value of the other."""
        return Span(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span) -> Span:
        """Differences of a value of the one and a value of the other."""
        return Span(self.low - other.high, self.high - other.low)

    def percent_of(self, whole: Span) -> Span:
        """What per cent a value of this is of a value of the whole; the whole is above 0."""
        low = self.low / whole.high * 100 if whole.high else math.inf
        high = self.high / whole.low * 100 if whole.low > 0 else math.inf
        return Span(low, high)

    def meets(self, other: Span) -> bool:
        """Whether a value may be one of both."""
        slack = SLACK * max(1.0, abs(self.low), abs(other.low))
        return self.low <= other.high + slack and other.low <= self.high + slack

    @property
    def sharp(self) -> bool:
        """Whether it is one value."""
        return self.low == self.high

    def __str__(self) -> str:
        if self.sharp:
            return plain(self.low)
        high = "" if math.isinf(self.high) else plain(self.high)
        return f"{plain(self.low)}–{high}"


def plain(value: float) -> str:
    """A number as a person writes it."""
    return f"{value:.10g}" if abs(value) < 1e15 else f"{value:g}"


def total(spans: Iterable[Span]) -> Span:
    """Sum of spans."""
    return reduce(add, spans, Span(0.0, 0.0))


def squeeze(text: str) -> str:
    """Text without width, bold marks and white space, in which numbers can be looked for."""
    return MARKS.sub("", unicodedata.normalize("NFKC", text))


def digits_of(quote: str) -> str:
    """The number of a quote in digits, as written; empty where it is written in characters."""
    match = NUMBER.search(squeeze(quote))
    return match.group() if match else ""


def last_digit(quote: str, value: float) -> float:
    """What one step of the last digit that is written is worth: 0.1 of 80.9%, 100 of 15.57万, 1 of 708.

    Args:
        quote: the number as the source writes it.
        value: its value, for a number in characters.
    """
    text = squeeze(quote)
    match = NUMBER.search(text)
    if match is None:
        written = f"{value:.10g}"
        return 10.0 ** -len(written.partition(".")[2])
    scaled = SCALED.search(text)
    scale = sum(SCALES[char] for char in scaled.group(1)) if scaled else 0
    return float(f"1e{scale - len(match.group(1) or '')}")


def span_of(value: float, high: float | None, bound: str, unit: str, quote: str) -> Span:
    """The true values that a figure may stand for.

    A count in whole digits is exact; one in 万 or 亿, and a percentage, is rounded or cut at its last digit. 余 and 多
    add less than one step of the last digit above 0 (660余: below 670), 近 and 约 leave half a step above and a whole one below.

    Args:
        value, high: the value, and the upper end of a range.
        bound: what the qualifier says.
        unit: measure word.
        quote: the number as written.
    """
    if high is not None:
        return Span(value, high)
    step = last_digit(quote, value)
    if bound == "exact":
        return Span(value - HALF * step, value + step) if step != 1 or unit in ("%", "‰", "成") else Span(value, value)
    round_step = max(step, _zeros(value))
    if bound == "at_least":
        return Span(value, value + round_step if OVER.search(squeeze(quote)) else math.inf)
    if bound == "at_most":
        return Span(0.0, value)
    return Span(value - round_step, value + HALF * round_step)


def _zeros(value: float) -> float:
    """Power of ten of the last digit above 0: 100 of 1600, 10 of 660."""
    if value <= 0 or not float(value).is_integer():
        return 0.0
    whole = int(value)
    return float(10 ** (len(str(whole)) - len(str(whole).rstrip("0"))))
