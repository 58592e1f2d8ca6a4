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
        # Neighbours in words: a place with none of them on either side is in no word.
        self.pairs = frozenset(word[i : i + 2] for word in self._words for i in range(len(word) - 1))
        self._first = {char: sorted(lengths, reverse=True) for char, lengths in first.items()}
        self._last = {char: sorted(lengths, reverse=True) for char, lengths in last.items()}

    def at(self, text: str, place: int) -> str:
        """The longest word that begins at a place, or nothing."""
        for length in self._first.get(text[place : place + 1], ()):
            if (word := text[place : place + length]) in self._words:
                return word
        return ""

    def before(self, text: str, place: int) -> str:
        """The longest word that ends before a place, or nothing."""
        if place:
            for length in self._last.get(text[place - 1], ()):
                if length <= place and (word := text[place - length : place]) in self._words:
                    return word
        return ""
