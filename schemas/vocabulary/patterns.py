"""Many words or patterns as one, and what can be told of a pattern by looking at it: so a text meets few of them."""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from schemas.errors import VocabularyError

# Characters of a class are counted up to so many: [^,] and \\S begin with almost anything.
MOST_FIRST = 300
# Parts of a pattern as the vocabulary writes them.
QUANTIFIER = re.compile(r"[*+?]\??|\{(\d*),?\d*\}\??")
NAMED_GROUP = re.compile(r"\?(?:P<\w+>|[:=!]|<[=!])")
ESCAPED = re.compile(r"\\.")
CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
# [上下]一章, (他|她)笑道: alternatives for the first character or word, neither repeated nor left out.
BEGINS_WITH_CLASS = re.compile(r"\[([\u4e00-\u9fff]+)\](?![?*+{])(.*)", re.S)
BEGINS_WITH_WORDS = re.compile(
    r"\(([\u4e00-\u9fff]+(?:\|[\u4e00-\u9fff]+)*)\)(?![?*+{])((?:[^|]|\|(?=[^()]*\)))*)", re.S
)


def words(terms: list[str]) -> re.Pattern[str]:
    """One pattern for literal terms, longest first."""
    alternatives = "|".join(re.escape(term) for term in sorted(set(terms), key=lambda t: (-len(t), t)))
    if not terms or not all(terms):
        return re.compile(alternatives, re.I)
    # One look at a character spares the look at each of the terms: few characters of a text begin one.
    firsts = re.escape("".join(sorted({term[0] for term in terms})))
    return re.compile(f"(?=[{firsts}])(?:{alternatives})", re.I)


def word_search(terms: list[str]) -> re.Pattern[str]:
    """One pattern to search a text for literal terms, longest first.

    Alternatives that begin with a literal character let the search skip from one to the next; a letter has two.
    """
    rests: dict[str, list[str]] = {}
    for term in sorted(set(terms), key=lambda t: (-len(t), t)):
        for first in {term[0].lower(), term[0].upper()}:
            rests.setdefault(first, []).append(re.escape(term[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?i:{'|'.join(own)})" for first, own in rests.items()))


def patterns(file: str, place: str, sources: list[str]) -> re.Pattern[str]:
    """One pattern for several; `file` and `place` are named where one cannot be compiled.

    Raises:
        VocabularyError: a pattern cannot be compiled.
    """
    try:
        return re.compile("|".join(led for source in sources for led in _led(source)))
    except re.error as error:
        for source in sources:
            try:
                re.compile(source)
            except re.error as own:
                raise VocabularyError(f"{file}: {place}: {source!r} is no pattern: {own}") from own
        raise VocabularyError(f"{file}: {place}: the patterns cannot stand together: {error}") from error


def _led(source: str) -> list[str]:
    """A pattern for any case, in alternatives that begin with a literal character if it does: a search skips to these."""
    if match := BEGINS_WITH_CLASS.fullmatch(source):
        return [led for char in match.group(1) for led in _led(char + match.group(2))]
    if match := BEGINS_WITH_WORDS.fullmatch(source):
        return [led for word in match.group(1).split("|") for led in _led(word + match.group(2))]
    first, rest = source[:1], source[1:]
    parsed = _parser.parse(source, re.I)
    if not parsed or parsed[0] != (_parser.LITERAL, ord(first)) or len(_parser.parse(rest, re.I)) != len(parsed) - 1:
        return [f"(?i:{source})"]
    return [f"{re.escape(char)}(?i:{rest})" for char in sorted({first.lower(), first.upper()})]


class WholePatterns:
    """Many patterns for whole lines. A line meets only those that can begin with its first character, and of those that
    can begin with any, the ones whose literal words stand in it: of a hundred patterns, a handful."""

    def __init__(self, place: str, sources: list[str]) -> None:
        self._place = place
        self._by_first: dict[str, re.Pattern[str]] = {}
        self._begun: list[tuple[frozenset[str], str]] = []
        self._sieved: list[tuple[str, re.Pattern[str]]] = []
        free: list[str] = []
        patterns("lexicons.toml", place, sources)  # or an error that names the one that is none
        for source in sources:
            firsts = first_characters(source)
            if firsts is not None:
                self._begun.append((firsts, source))
            elif word := literal_word(source):
                self._sieved.append((word, patterns("lexicons.toml", place, [source])))
            else:
                free.append(source)
        self._free = patterns("lexicons.toml", place, free or ["(?!)"])
        self._longest = max((_parser.parse(source).getwidth()[1] for source in free), default=0)
        self._firsts = frozenset(char for firsts, _ in self._begun for char in firsts)

    def fullmatch(self, line: str) -> bool:
        """Whether a whole line matches one of the patterns."""
        first = line[:1].lower()
        if not first.isascii():
            first = "0" if first.isdecimal() else " " if first.isspace() else first
        if first in self._firsts:
            if first not in self._by_first:
                fit = [source for firsts, source in self._begun if first in firsts]
                self._by_first[first] = patterns("lexicons.toml", self._place, fit)
            if self._by_first[first].fullmatch(line):
                return True
        for word, pattern in self._sieved:
            if word in line and pattern.fullmatch(line):
                return True
        return len(line) <= self._longest and self._free.fullmatch(line) is not None


def first_characters(source: str) -> frozenset[str] | None:
    """The characters with which a match of a pattern may begin, in lower case; nothing where they are too many to list."""
    found, may_be_empty = _firsts(_parser.parse(source, re.I))
    return None if found is None or may_be_empty else frozenset(char.lower() for char in found)


def _firsts(parsed: Any) -> tuple[set[str] | None, bool]:
    """First characters of a parsed sequence, nothing for any; and whether it may match nothing."""
    found: set[str] = set()
    for code, value in parsed:
        name = str(code)
        if name == "AT" or name.startswith("ASSERT"):
            continue
        own: set[str] | None
        empty = False
        if name == "LITERAL":
            own = {chr(value)}
        elif name == "IN":
            own = _members(value)
        elif name == "BRANCH":
            parts = [_firsts(part) for part in value[1]]
            own = None if any(part is None for part, _ in parts) else {char for part, _ in parts for char in part or ()}
            empty = any(nothing for _, nothing in parts)
        elif name == "SUBPATTERN":
            own, empty = _firsts(value[3])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            own, empty = _firsts(value[2])
            empty = empty or value[0] == 0
        else:
            own = None
        if own is None:
            return None, empty
        found |= own
        if not empty:
            return found, False
    return found, True


def _members(items: Any) -> set[str] | None:
    """Characters of a class; nothing where they are many."""
    found: set[str] = set()
    for code, value in items:
        name = str(code)
        if name == "LITERAL":
            found.add(chr(value))
        elif name == "RANGE" and value[1] - value[0] < MOST_FIRST:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif name == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            found.update("0123456789")
        elif name == "CATEGORY" and str(value) == "CATEGORY_SPACE":
            found.update(" \t\r\n\f\v")
        else:
            return None
    return found


def literal_word(source: str) -> str:
    """The longest run of characters that every match of a pattern holds as they stand; maybe empty."""
    runs = [""]
    for code, value in _parser.parse(source, re.I):
        if str(code) == "LITERAL" and chr(value).lower() == chr(value).upper():
            runs[-1] += chr(value)
        else:
            runs.append("")
    return max(runs, key=len)


def needed_words(source: str) -> frozenset[str]:
    """Words of one or two characters of which every text with the pattern in it has at least one; empty where that cannot be
    told.

    A look for these words spares the search for most patterns. Knows the syntax that the vocabulary uses: groups,
    alternatives, classes, quantifiers, look-arounds.

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
    """Needs of one alternative: of its parts and of the pairs of characters in it those that texts have most seldom."""
    best: frozenset[str] = frozenset()
    before = ""
    while at < len(source) and source[at] not in "|)":
        start = at
        needs, at = _part(source, at)
        literal = source[start] if needs and at == start + 1 else ""
        if match := QUANTIFIER.match(source, at):
            at, literal = match.end(), ""
            if match.group()[0] in "*?" or match.group(1) in ("", "0"):
                needs = frozenset()
        if before and literal:
            needs = frozenset({before + literal})
        before = literal
        if needs and (not best or _frequency(needs) < _frequency(best)):
            best = needs
    return best, at


def _frequency(needs: frozenset[str]) -> int:
    """How often texts have one of some words, roughly: a character stands in many words, a pair in few."""
    return sum(1 if len(word) > 1 else 6 for word in needs)


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
