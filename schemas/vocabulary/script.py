"""Traditional words that OpenCC's tables, as its Python package carries them, make wrong simplified ones of."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError

# Marks and letters are left as written, and the package takes them for ends of words.
HAN_ONLY = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")


@cache
def load_script() -> dict[str, str]:
    """Read script.toml.

    Returns:
        Traditional words and characters, with the simplified ones of the same length that they become.

    Raises:
        VocabularyError: the file is damaged, an entry changes the length, is empty or no Chinese, or stands twice.
    """
    return parse_script(resources.files(__package__).joinpath("script.toml").read_text(encoding="utf-8"))


def parse_script(text: str) -> dict[str, str]:
    """Entries of a table such as script.toml: groups of `"traditional" = "simplified"`.

    Args:
        text: the table, in TOML.

    Returns:
        All entries, whatever their group.

    Raises:
        VocabularyError: as for `load_script`.
    """
    try:
        groups = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"script.toml: {error}; mend the line, or remove a second entry of the word") from error
    entries: dict[str, str] = {}
    places: dict[str, str] = {}
    for group, words in groups.items():
        if not isinstance(words, dict):
            raise VocabularyError(f"script.toml: {group} = {words!r} stands in no group; put it under a [heading]")
        for old, new in words.items():
            _check(group, old, new)
            if old in places:
                raise VocabularyError(f"script.toml: [{group}] {old!r} stands in [{places[old]}], too; remove one")
            places[old], entries[old] = group, new
    return entries


def _check(group: str, old: str, new: object) -> None:
    place = f"script.toml: [{group}] {old!r} = {new!r}"
    if not isinstance(new, str):
        raise VocabularyError(f"{place}: the simplified word is no text; put it in quotation marks")
    if not HAN_ONLY.fullmatch(old) or not HAN_ONLY.fullmatch(new):
        raise VocabularyError(f"{place}: a word may hold Chinese characters only; leave out what is none")
    if len(old) != len(new):
        raise VocabularyError(
            f"{place}: {len(old)} characters become {len(new)}; an entry must keep the length, for quotes are found by "
            "their place: cut it to a part that does, or remove it"
        )
