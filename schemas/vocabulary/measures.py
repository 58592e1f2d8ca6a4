"""The measures: what can be counted, and the cues by which a sentence says so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError

PLACES = ("head", "before", "near", "clause", "sentence", "follow", "section")


@dataclass(frozen=True)
class Cue:
    """Words that speak for a measure when they stand in a given place around the number.

    Attributes:
        pattern: the words.
        place: `head` what follows the number, up to the next stop; `before` what stands between the last
            stop or figure and the number; `near` either; `clause` its clause; `sentence` the sentence up to
            it; `follow` the rest of the sentence; `section` the heading above.
        weight: 5 decides alone, 1 is a hint.
        units: measure words that the cue holds for; empty for all.
        context: what the sentence, the text before it or the heading above must mention besides.
    """

    pattern: re.Pattern[str]
    place: str
    weight: float
    units: frozenset[str]
    context: re.Pattern[str] | None


@dataclass(frozen=True)
class Measure:
    """One measure: code, labels in both languages, definition, and its cues."""

    code: str
    zh: str
    en: str
    definition: str
    cues: tuple[Cue, ...]


def _cue(code: str, entry: dict[str, object]) -> Cue:
    place, weight = str(entry.get("place", "near")), entry.get("weight", 1.0)
    if place not in PLACES:
        raise VocabularyError(f"measures.toml: {code}: place {place!r} is none of {', '.join(PLACES)}")
    if not isinstance(weight, (int, float)) or not 0 < weight <= 5:
        raise VocabularyError(f"measures.toml: {code}: weight {weight!r} is not in (0, 5]")
    try:
        pattern = re.compile(str(entry["cue"]))
        context = re.compile(str(entry["with"])) if "with" in entry else None
    except (re.error, KeyError) as error:
        raise VocabularyError(f"measures.toml: {code}: cue {entry.get('cue')!r} is no pattern: {error}") from error
    units = entry.get("units", [])
    if not isinstance(units, list):
        raise VocabularyError(f"measures.toml: {code}: units {units!r} is no list")
    return Cue(pattern, place, float(weight), frozenset(units), context)


@cache
def load_measures() -> tuple[Measure, ...]:
    """Read measures.toml, in the order in which the higher row wins a tie.

    Raises:
        VocabularyError: a code stands twice, or a cue is damaged.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("measures.toml").read_text(encoding="utf-8"))
    measures: dict[str, Measure] = {}
    for entry in data["measure"]:
        code = entry["code"]
        if code in measures:
            raise VocabularyError(f"measures.toml: {code} stands twice")
        cues = tuple(_cue(code, cue) for cue in entry.get("cues", []))
        measures[code] = Measure(code, entry["zh"], entry["en"], entry["definition"], cues)
    return tuple(measures.values())
