"""The measures: what can be counted, and the cues by which a sentence says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError

PLACES = ("head", "before", "near", "clause", "sentence", "follow", "section")
# What a cue lets stand between its words and the number: [^,;。]{0,8}$ at its end.
TAIL = re.compile(r"(?:\[\^[^\]]*\]|\.)\{0,\d+\}\$$")
QUANTIFIER = re.compile(r"[*+?]\??|\{(\d*),?\d*\}\??")
NAMED_GROUP = re.compile(r"\?(?:P<\w+>|[:=!]|<[=!])")
ESCAPED = re.compile(r"\\.")
CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


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
        needs: characters of which a text must have one, or the pattern is not in it; empty where that cannot be told.
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
    needs = needed_characters(source)
    return Cue(code, pattern, find, gapped, place, float(weight), frozenset(units), context, needs)


def _with_gap(source: str) -> str:
    """The pattern for its last place in a text, with its words as group `words`, and what follows them as `gap`."""
    tail = TAIL.search(source)
    if not tail:
        return source
    words = source[: tail.start()]
    anchored = words.startswith("^")
    return rf"{'' if anchored else '(?s:.*)'}(?P<words>{words})(?P<gap>{source[tail.start() : -1]})$"


def needed_characters(source: str) -> frozenset[str]:
    """Characters of which every text with the pattern in it has at least one; empty where that cannot be told.

    A look at the characters of a text spares the search for most patterns. Knows the syntax that the vocabulary uses:
    groups, alternatives, classes, quantifiers, look-arounds.

    Args:
        source: a pattern that can be compiled.
    """
    needs, end = _alternatives(source, 0)
    return needs if end == len(source) else frozenset()


def _alternatives(source: str, at: int) -> tuple[frozenset[str], int]:
    """Needs of the alternatives from a place to the end of their group; and that end."""
    branches = []
    while True:
        needs, at = _sequence(source, at)
        branches.append(needs)
        if source[at : at + 1] != "|":
            break
        at += 1
    return (frozenset().union(*branches) if all(branches) else frozenset()), at


def _sequence(source: str, at: int) -> tuple[frozenset[str], int]:
    """Needs of one alternative: those of the part that needs the fewest characters."""
    best: frozenset[str] = frozenset()
    while at < len(source) and source[at] not in "|)":
        needs, at = _part(source, at)
        if match := QUANTIFIER.match(source, at):
            at = match.end()
            if match.group()[0] in "*?" or match.group(1) in ("", "0"):
                needs = frozenset()
        if needs and (not best or len(needs) < len(best)):
            best = needs
    return best, at


def _part(source: str, at: int) -> tuple[frozenset[str], int]:
    """Needs of one group, class, sign or character."""
    if source[at] == "(":
        marks = NAMED_GROUP.match(source, at + 1)
        needs, end = _alternatives(source, marks.end() if marks else at + 1)
        looks = marks is not None and marks.group() not in ("?:",) and not marks.group().startswith("?P")
        return (frozenset() if looks else needs), end + 1
    if match := CLASS.match(source, at) or ESCAPED.match(source, at):
        return frozenset(), match.end()
    return (frozenset() if source[at] in ".^$" else frozenset(source[at])), at + 1


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


@dataclass(frozen=True)
class CueIndex:
    """Cues of one place, by the characters that a text must have one of.

    Attributes:
        always: cues that need none.
        by_character: cues by each of the characters that they need, in the order of the characters; the keys of a dict, which
            holds each once.
    """

    always: tuple[Cue, ...]
    by_character: dict[str, dict[Cue, None]]

    def possible(self, text: str) -> Iterable[Cue]:
        """The cues that may be in a text, each once."""
        cues = self.by_character
        if len(text) < len(cues):  # of text and characters the fewer are looked up in the other
            characters = sorted(cues.keys() & set(text))
        else:
            characters = [character for character in cues if character in text]
        if not characters:
            return self.always
        if len(characters) == 1 and not self.always:
            return cues[characters[0]]
        found = dict.fromkeys(self.always)
        for character in characters:
            found.update(cues[character])
        return found


@cache
def cues_for(unit: str) -> tuple[tuple[str, CueIndex], ...]:
    """The cues that hold for a measure word, for each place that has some.

    Args:
        unit: the measure word; empty for a number without one.
    """
    found = []
    for place in PLACES:
        always: list[Cue] = []
        by_character: dict[str, dict[Cue, None]] = {}
        for measure in load_measures():
            for cue in measure.cues:
                if cue.place != place or (cue.units and unit not in cue.units):
                    continue
                if not cue.needs:
                    always.append(cue)
                for character in cue.needs:
                    by_character.setdefault(character, {})[cue] = None
        if always or by_character:
            found.append((place, CueIndex(tuple(always), dict(sorted(by_character.items())))))
    return tuple(found)


@cache
def rows() -> dict[str, int]:
    """Row of each measure in the vocabulary: of equally heavy ones the higher row wins."""
    return {measure.code: row for row, measure in enumerate(load_measures())}
