"""Measure words and the qualifiers of numbers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError

PLACES = ("before", "infix", "after")


@dataclass(frozen=True)
class Units:
    """Measure words by kind, and qualifiers by the bound that they give.

    Attributes:
        count, measurement, currency, duration, age: measure words.
        counted_in_words: those that count things where the number is written in Chinese characters.
        currency_before: names and signs of money that stand before the number.
        no_unit: words that begin like a measure word and are none.
        before, infix, after: qualifiers, by where they stand; an empty bound for words that only look like one.
        smaller: the parts of a unit, and what each is worth in it: 角 is 0.1 元.
    """

    count: frozenset[str]
    measurement: frozenset[str]
    currency: frozenset[str]
    duration: frozenset[str]
    age: frozenset[str]
    counted_in_words: frozenset[str]
    currency_before: frozenset[str]
    no_unit: frozenset[str]
    before: dict[str, str]
    infix: dict[str, str]
    after: dict[str, str]
    smaller: dict[str, dict[str, float]]


@cache
def load_units() -> Units:
    """Read units.toml.

    Raises:
        VocabularyError: a list is missing, or one qualifier has two bounds.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))
    bounds: dict[str, dict[str, str]] = {place: {} for place in PLACES}
    try:
        for entry in [*data["qualifier"], data["qualifier_like"] | {"bound": ""}]:
            for place, found in bounds.items():
                for word in entry[place]:
                    if word in found:
                        raise VocabularyError(f"units.toml: qualifier {word!r} ({place}) stands under two bounds")
                    found[word] = entry["bound"]
        return Units(
            count=frozenset(data["count"]),
            measurement=frozenset(data["measurement"]),
            currency=frozenset(data["currency"]),
            duration=frozenset(data["duration"]),
            age=frozenset(data["age"]),
            counted_in_words=frozenset(data["counted_in_words"]),
            currency_before=frozenset(data["currency_before"]),
            no_unit=frozenset(data["no_unit"]),
            before=bounds["before"],
            infix=bounds["infix"],
            after=bounds["after"],
            smaller={unit: dict(parts) for unit, parts in data["smaller"].items()},
        )
    except KeyError as missing:
        raise VocabularyError(f"units.toml: list {missing} is missing") from missing
