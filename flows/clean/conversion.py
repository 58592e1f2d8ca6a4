"""Text converted by a table of characters and a table of phrases, none of which changes its length.

What is converted is defined by OpenCC's Python package: the longest phrase anywhere in the text is taken first,
of several that long the one furthest left, then the next longest in what is left over, and in the end single
characters. That takes a search of the text for each length. Here the phrases are found in one pass from left to right,
which gives the same wherever no two phrases overlap; where they do, that stretch alone is read in the package's order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

# Single characters above this make a character class slow: it holds a bit map for those below, a list for the others.
BIT_MAPPED = 0xFFFF
ABOVE = "\U00010000-\U0010ffff"
NOTHING = "(?!)"


class Converter:
    """Converts text with two tables; calls are independent of each other, and linear in the text.

    Args:
        characters: characters and what each becomes.
        phrases: phrases of two characters and more, and what each becomes in place of its characters.

    Raises:
        ValueError: an entry is empty, changes the length, or stands in the wrong table.
    """

    def __init__(self, characters: Mapping[str, str], phrases: Mapping[str, str]) -> None:
        _check(characters, phrases)
        self._phrases = dict(phrases)
        self._lengths = sorted({len(phrase) for phrase in phrases}, reverse=True)
        self._phrase = re.compile(_any_of(phrases))
        # Two character classes skip most of a text much faster than the pattern of all phrases would.
        firsts, seconds = _class_of({phrase[0] for phrase in phrases}), _class_of({phrase[1] for phrase in phrases})
        self._beginning = re.compile(f"{firsts.pattern}(?={seconds.pattern})")
        self._overlaps = _overlaps(phrases)
        # A list is twice as fast here as a dict: a character that is no key costs a dict an exception.
        self._characters = list(range(max((ord(char) for char in characters), default=-1) + 1))
        for old, new in characters.items():
            self._characters[ord(old)] = ord(new)
        single = {old for old, new in characters.items() if old != new}
        # A phrase that holds such a character needs no other mark to be found by.
        unmarked = [pair for pair in phrases.items() if single.isdisjoint(pair[0])]
        others = {old for pair in unmarked for old, new in zip(*pair, strict=True) if old != new}
        self._single, self._changing = _class_of(single), _class_of(single | others)

    def convert(self, text: str) -> str:
        """The text converted, of the same length.

        Args:
            text: any text. One without a character that an entry changes is given back after one search.
        """
        if not self._changing.search(text):
            return text
        converted = text.translate(self._characters) if self._single.search(text) else text
        pieces: list[str] = []
        place = 0
        for beginning in self._beginning.finditer(text):
            start = beginning.start()
            if start < place or not (match := self._phrase.match(text, start)):
                continue
            phrase, end = match[0], match.end()
            overlapping = self._overlaps.get(phrase)
            if overlapping and text.startswith(overlapping, end):
                end = self._end_of_overlap(text, start, end)
                new = self._in_order_of_length(text[start:end], converted[start:end])
            else:
                new = self._phrases[phrase]
            pieces += converted[place:start], new
            place = end
        pieces.append(converted[place:])
        return "".join(pieces)

    def _end_of_overlap(self, text: str, start: int, end: int) -> int:
        """Where phrases end of which each overlaps the one before; the first stands from `start` to `end`."""
        place = start + 1
        while place < end:
            if match := self._phrase.match(text, place):
                end = max(end, match.end())
            place += 1
        return end

    def _in_order_of_length(self, text: str, converted: str) -> str:
        """A stretch of overlapping phrases, the longest of them taken first.

        Args:
            text: the stretch.
            converted: the same with its characters converted one by one.
        """
        pieces = list(converted)
        left_over = [(0, len(text))]
        for length in self._lengths:
            remaining = []
            for start, end in left_over:
                place = start
                while place + length <= end:
                    if new := self._phrases.get(text[place : place + length]):
                        pieces[place : place + length] = new
                        remaining.append((start, place))
                        start = place = place + length
                    else:
                        place += 1
                remaining.append((start, end))
            left_over = remaining
        return "".join(pieces)


def _check(characters: Mapping[str, str], phrases: Mapping[str, str]) -> None:
    """Refuse what would not keep the length, or would never be looked up."""
    for table, entries in (("characters", characters), ("phrases", phrases)):
        for old, new in entries.items():
            if len(old) != len(new):
                raise ValueError(f"{table}: {old!r} becomes {new!r}, which has another length: leave the entry out")
            if (len(old) == 1) != (table == "characters") or not old:
                raise ValueError(
                    f"{table}: {old!r} has {len(old)} characters: it belongs to the other table, or to none"
                )


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern that finds the longest phrase at a place.

    Phrases stand under their first characters, so that few of them are tried.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
        by_first[phrase[0]].append(re.escape(phrase[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_first.items()) or NOTHING


def _overlaps(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each phrase what may follow it so that another phrase begins within and ends behind it."""
    rests: dict[str, set[str]] = defaultdict(set)
    for phrase in phrases:
        for cut in range(1, len(phrase)):
            rests[phrase[:cut]].add(phrase[cut:])
    found = {
        phrase: {rest for cut in range(1, len(phrase)) for rest in rests.get(phrase[cut:], ())} for phrase in phrases
    }
    return {phrase: tuple(sorted(following)) for phrase, following in found.items() if following}


def _class_of(characters: set[str]) -> re.Pattern[str]:
    """A pattern that finds any of the characters; where some are above the bit map, any that is."""
    below = sorted(char for char in characters if ord(char) <= BIT_MAPPED)
    above = any(ord(char) > BIT_MAPPED for char in characters)
    members = re.escape("".join(below)) + (ABOVE if above else "")
    return re.compile(f"[{members}]" if members else NOTHING)


__all__ = ["Converter"]
