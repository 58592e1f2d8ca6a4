"""Which of many words stands at a place of a text, or ends there; the longest one.

A look into a set for each length that a word of this first character has: an alternation of some hundred
words in a pattern tries them one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


class Terms:
    """Words to be found at a place.

    Args:
        words: the words; none is empty.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        first: dict[str, set[int]] = defaultdict(set)
        last: dict[str, set[int]] = defaultdict(set)
        for word in self._words:
            first[word[0]].add(len(word))
            last[word[-1]].add(len(word))
        # The words by two neighbours in them, each with the place of these.
        self._by_pair: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for word in self._words:
            for i in range(len(word) - 1):
                self._by_pair[word[i : i + 2]].append((i, word))
        self._first = {char: sorted(lengths, reverse=True) for char, lengths in first.items()}
        self._last = {char: sorted(lengths, reverse=True) for char, lengths in last.items()}

    def at(self, text: str, place: int) -> str:
        """The longest word that begins at a place, or nothing."""
        for length in self._first.get(text[place : place + 1], ()):
            if (word := text[place : place + length]) in self._words:
                return word
        return ""

    def around(self, text: str, place: int) -> list[tuple[int, str]]:
        """Start and word of the words of two characters or more in which a place lies, in no order; one may stand twice."""
        by_pair = self._by_pair
        return [
            (at - i, word)
            for at in (place - 1, place)
            for i, word in by_pair.get(text[at : at + 2], ())
            if at >= i and text.startswith(word, at - i)
        ]

    def before(self, text: str, place: int) -> str:
        """The longest word that ends before a place, or nothing."""
        if place:
            for length in self._last.get(text[place - 1], ()):
                if length <= place and (word := text[place - length : place]) in self._words:
                    return word
        return ""
