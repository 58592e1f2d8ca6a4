"""The words around numbers: measure words, qualifiers, signs of money; and how to find them at a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flows.extract.terms import Terms
from schemas.vocabulary import Units, load_units

CN = "〇零一二两三四五六七八九十百千万亿廿卅卌"
DIGIT = "[一二三四五六七八九]"
# What goes on from a Chinese numeral besides qualifiers and measure words: 一百, 零下3度, 一又三分之二, 三点五, 一半.
SPREADS = CN + "0123456789下又分份点半个兆kKMG"


@dataclass(frozen=True)
class Vocabulary:
    """The words of units.toml, to be found at a place.

    Attributes:
        units: the words by kind.
        measure: measure words, and words that begin like one.
        before, infix, after: qualifiers.
        money: names and signs of money before the number.
        larger: measure words with 个 before them.
        divided: measure words that a half may follow: 三斤半.
        simple: measure words that nothing but another measure word can go on from.
        parted: measure words that a part of the number may follow, or that change its value.
        alone: a Chinese numeral of one character with nothing around it that qualifiers, measure words or longer
            numerals end or begin with.
        leads: characters of which one stands right before a number that has a qualifier or a sign before it.
        multiplies: characters that a scale or a qualifier within a number begins with.
        ends: characters that a qualifier behind a measure word begins with.
    """

    units: Units
    measure: Terms
    before: Terms
    infix: Terms
    after: Terms
    money: Terms
    larger: frozenset[str]
    divided: frozenset[str]
    simple: frozenset[str]
    parted: frozenset[str]
    alone: re.Pattern[str]
    leads: frozenset[str]
    multiplies: frozenset[str]
    ends: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The words around numbers; read once."""
    units = load_units()
    known = units.count | units.measurement | units.currency | units.duration | units.age | {"%", "‰", "百分点"}
    larger = frozenset(f"个{unit}" for unit in ("百分点", "基点", "小时", "钟头", "加仑", "比特币"))
    measure = (known | larger | units.no_unit) - {"万"}
    divided = units.measurement | units.currency | {"年", "个", "块"}
    leads = {word[-1] for word in (*units.before, *units.currency_before)} | set("负-比")
    goes_on = {word[0] for word in (*measure, *units.infix, *units.after)} | set(SPREADS)
    return Vocabulary(
        units=units,
        measure=Terms(measure),
        before=Terms(units.before),
        infix=Terms(units.infix),
        after=Terms(units.after),
        money=Terms(units.currency_before),
        larger=larger,
        divided=divided,
        simple=frozenset(word for word in known if not word[-1].isascii()) - larger - {"个", "两"},
        parted=divided | units.smaller.keys() | {"折"},
        alone=re.compile(rf"(?<![\s{_members(leads)}])[{CN}](?![\s{_members(goes_on)}])"),
        leads=frozenset(leads),
        multiplies=frozenset(word[0] for word in units.infix) | set("十百千万亿个kKMG"),
        ends=frozenset(word[0] for word in units.after) | set("多余 "),
    )


def _members(characters: set[str]) -> str:
    """Characters as they stand in a class of a pattern."""
    return re.escape("".join(sorted(characters)))


def is_metric(text: str, place: int) -> bool:
    """Whether a scale begins a measure word: 三千克, 12千米."""
    return vocabulary().measure.at(text, place) != ""


def skipped(text: str, place: int) -> int:
    """A place behind up to two spaces."""
    if text[place : place + 1].isspace():
        place += 1
        if text[place : place + 1].isspace():
            place += 1
    return place


def skipped_back(text: str, place: int) -> int:
    """A place before up to two spaces."""
    if text[place - 1 : place].isspace():
        place -= 1
        if text[place - 1 : place].isspace():
            place -= 1
    return place
