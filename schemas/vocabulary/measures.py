"""The measures: what can be counted, and the cues by which a sentence says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError
from schemas.vocabulary.patterns import needed_words

PLACES = ("head", "before", "near", "clause", "sentence", "follow", "section")
# What a cue lets stand between its words and the number: [^,;。]{0,8}$ at its end.
TAIL = re.compile(r"(?:\[\^[^\]]*\]|\.)\{0,\d+\}\$$")


@dataclass(frozen=True, eq=False)
class Cue:
    """Words that speak for a measure when they stand in a given place around the number.

    Attributes:
        measure: code of the measure.
        pattern: the words as the vocabulary has them.
        find: the search for them; its match has, where the vocabulary lets something stand between them and the number, that
            as group `gap`, and the words as `words`.
        gapped: whether it has these groups.
        place: `head` what follows the number, up to the next stop; `before` what stands between the last
            stop or figure and the number; `near` either; `clause` its clause; `sentence` the sentence up to
            it; `follow` the rest of the sentence; `section` the heading above.
        weight: 5 decides alone, 1 is a hint.
        units: measure words that the cue holds for; empty for all.
        context: what the sentence, the text before it or the heading above must mention besides.
        needs: words of which a text must have one, or the pattern is not in it; empty where that cannot be told.
        family: of its measure: `proposals`.
        row: its place among the cues of its measure.
    """

    measure: str
    pattern: re.Pattern[str]
    find: Callable[[str], re.Match[str] | None]
    gapped: bool
    place: str
    weight: float
    units: frozenset[str]
    context: re.Pattern[str] | None
    needs: frozenset[str]
    family: str
    row: int


@dataclass(frozen=True)
class Measure:
    """One measure: code, labels in both languages, definition, and its cues."""

    code: str
    zh: str
    en: str
    definition: str
    cues: tuple[Cue, ...]


def _cue(code: str, entry: dict[str, object], row: int = 0) -> Cue:
    place, weight = str(entry.get("place", "near")), entry.get("weight", 1.0)
    if place not in PLACES:
        raise VocabularyError(f"measures.toml: {code}: place {place!r} is none of {', '.join(PLACES)}")
    if not isinstance(weight, (int, float)) or not 0 < weight <= 5:
        raise VocabularyError(f"measures.toml: {code}: weight {weight!r} is not in (0, 5]")
    try:
        source = str(entry["cue"])
        pattern = re.compile(source)
        gapped = TAIL.search(source) is not None
        find = re.compile(_with_gap(source)).match if gapped else pattern.search
        context = re.compile(str(entry["with"])) if "with" in entry else None
    except (re.error, KeyError) as error:
        raise VocabularyError(f"measures.toml: {code}: cue {entry.get('cue')!r} is no pattern: {error}") from error
    units = entry.get("units", [])
    if not isinstance(units, list):
        raise VocabularyError(f"measures.toml: {code}: units {units!r} is no list")
    needs, family = needed_words(source), code.partition(".")[0]
    return Cue(code, pattern, find, gapped, place, float(weight), frozenset(units), context, needs, family, row)


def _with_gap(source: str) -> str:
    """The pattern for its last place in a text, with its words as group `words`, and what follows them as `gap`."""
    tail = TAIL.search(source)
    if not tail:
        return source
    words = source[: tail.start()]
    anchored = words.startswith("^")
    return rf"{'' if anchored else '(?s:.*)'}(?P<words>{words})(?P<gap>{source[tail.start() : -1]})$"


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
        cues = tuple(_cue(code, cue, row) for row, cue in enumerate(entry.get("cues", [])))
        measures[code] = Measure(code, entry["zh"], entry["en"], entry["definition"], cues)
    return tuple(measures.values())


class CueIndex:
    """Cues of one place, by the words that a text must have one of.

    Args:
        cues: the cues.
    """

    def __init__(self, cues: list[Cue]) -> None:
        self.always = frozenset(cue for cue in cues if not cue.needs)
        self.by_word = {word: frozenset(cue for cue in cues if word in cue.needs) for cue in cues for word in cue.needs}
        self._by_first: dict[str, list[str]] = {}
        for word in self.by_word:
            self._by_first.setdefault(word[0], []).append(word)

    def possible(self, text: str) -> frozenset[Cue]:
        """The cues that may be in a text."""
        known, by_first = self.by_word, self._by_first
        if len(text) < len(known):  # the fewer are gone through: characters of the text, or words
            found = [known[word] for char in text if char in by_first for word in by_first[char] if word in text]
        else:
            found = [cues for word, cues in known.items() if word in text]
        return self.always.union(*found) if found else self.always


@cache
def cues_for(unit: str) -> tuple[tuple[str, CueIndex], ...]:
    """The cues that hold for a measure word, for each place that has some.

    Args:
        unit: the measure word; empty for a number without one.
    """
    found = []
    for place in PLACES:
        cues = [cue for cue in _cues() if cue.place == place and (not cue.units or unit in cue.units)]
        if cues:
            found.append((place, CueIndex(cues)))
    return tuple(found)


@cache
def _cues() -> tuple[Cue, ...]:
    return tuple(cue for measure in load_measures() for cue in measure.cues)


@cache
def rows() -> dict[str, int]:
    """Row of each measure in the vocabulary: of equally heavy ones the higher row wins."""
    return {measure.code: row for row, measure in enumerate(load_measures())}
