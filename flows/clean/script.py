"""Traditional script to simplified."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import opencc

# Share of Han characters that conversion changes, above which a text counts as traditional, and below
# which as simplified. Real traditional text has 25 to 40 per cent.
TRADITIONAL, SIMPLIFIED = 0.1, 0.003
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _traditional() -> re.Pattern[str]:
    """All characters that a table can change: a text without them need not be converted."""
    folder = Path(opencc.__file__).parent / "dictionary"
    changing: set[str] = set()
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            source, _, targets = line.partition("\t")
            target = targets.split()[0] if targets.split() else source
            if len(target) == len(source):
                changing.update(old for old, new in zip(source, target, strict=True) if old != new)
            else:
                changing.update(source)
    return re.compile("[" + re.escape("".join(sorted(changing))) + "]")


def to_simplified(text: str) -> str:
    """Text in simplified script, of the same length.

    Args:
        text: text in either script, or mixed.

    Returns:
        The text converted with OpenCC's t2s tables. Where a phrase would change the length, its
        characters are converted one by one, so that offsets hold.
    """
    if not _traditional().search(text):
        return text
    converted: str = _converter().convert(text)
    if len(converted) == len(text):
        return converted
    pieces = (_converter().convert(char) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, pieces, strict=True))


def count_changed(raw: str, simplified: str) -> int:
    """How many characters conversion changed; both texts are of one length."""
    return 0 if raw == simplified else sum(a != b for a, b in zip(raw, simplified, strict=True))


def script_of(han: int, changed: int) -> str:
    """Script of a text, from the share of its Han characters that conversion changed.

    Args:
        han: its Han characters.
        changed: those of them that changed.
    """
    if changed <= han * SIMPLIFIED:
        return "simplified"
    return "traditional" if changed >= han * TRADITIONAL else "mixed"


__all__ = ["count_changed", "script_of", "to_simplified"]
