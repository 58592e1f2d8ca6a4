"""Measure words and the qualifiers of numbers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError


@dataclass(frozen=True)
class Units:
    """Measure words by kind, and qualifiers by the bound that they give."""

    count: frozenset[str]
    measurement: frozenset[str]
    currency: frozenset[str]
    duration: frozenset[str]
    age: frozenset[str]
    counted_in_words: frozenset[str]
    before: dict[str, str]
    infix: dict[str, str]
    after: dict[str, str]


@cache
def load_units() -> Units:
    """Read units.toml.

    Raises:
        VocabularyError: a list is missing, or one qualifier has two bounds.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))
    bounds: dict[str, dict[str, str]] = {"before": {}, "infix": {}, "after": {}}
    try:
        for entry in data["qualifier"]:
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
            before=bounds["before"],
            infix=bounds["infix"],
            after=bounds["after"],
        )
    except KeyError as missing:
        raise VocabularyError(f"units.toml: list {missing} is missing") from missing
