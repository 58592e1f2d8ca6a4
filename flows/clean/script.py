"""Traditional script to simplified, and which of them a text is in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from flows.clean.conversion import Converter
from schemas.vocabulary import load_script

# Share of Han characters that conversion changes, above which a text counts as traditional, and below
# which as simplified. Real traditional text has 25 to 40 per cent.
TRADITIONAL, SIMPLIFIED = 0.1, 0.003
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")  # a run of Han characters


def to_simplified(text: str) -> str:
    """Text in simplified script, of the same length.

    Args:
        text: text in either script, or mixed.

    Returns:
        The text converted with OpenCC's t2s tables and, before them, the entries of script.toml. The tables are
        read at the first call.

    Raises:
        VocabularyError: script.toml is damaged.
    """
    return _converter().convert(text)


@cache
def _converter() -> Converter:
    return make_converter(load_script())


def make_converter(overlay: Mapping[str, str]) -> Converter:
    """A converter with OpenCC's t2s tables, as its Python package carries them, and entries of our own.

    Args:
        overlay: characters and phrases with what each becomes; where the package has an entry for one, this holds.
    """
    tables = resources.files("opencc") / "dictionary"
    entries: dict[str, str] = {}
    for name in ("TSPhrases.txt", "TSCharacters.txt"):
        entries |= read_table((tables / name).read_text(encoding="utf-8"))
    entries |= overlay
    characters = {old: new for old, new in entries.items() if len(old) == 1}
    return Converter(characters, {old: new for old, new in entries.items() if len(old) > 1})


def read_table(text: str) -> dict[str, str]:
    """Entries of a table of OpenCC: in each line a word, a tab, and what it may become, the first choice first.

    Args:
        text: the table.

    Returns:
        Words with their first choice. An entry that changes the length is left out, so that offsets hold: its
        characters are converted by themselves. Today's tables have none.
    """
    entries = {}
    for line in text.split("\n"):
        old, _, choices = line.strip().partition("\t")
        new = choices.split(" ")[0]
        if old and len(old) == len(new):
            entries[old] = new
    return entries


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


__all__ = ["HAN", "count_changed", "make_converter", "script_of", "to_simplified"]
