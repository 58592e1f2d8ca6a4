"""Texts of the interface in both languages, as data: `texts.toml`, and the names of measures from the vocabulary."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from markupsafe import Markup

from schemas.errors import VocabularyError
from schemas.vocabulary import load_measures


class Said(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def __html__(self) -> str:
        """Both languages, of which the style sheet shows one."""
        return _html(self)


@lru_cache(maxsize=4096)
def _html(said: Said) -> str:
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(*said)


@cache
def load_texts() -> dict[str, Said]:
    """Read texts.toml: texts by `section.name`.

    Raises:
        VocabularyError: a text lacks a language.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("texts.toml").read_text(encoding="utf-8"))
    found: dict[str, Said] = {}
    for section, texts in data.items():
        for name, pair in texts.items():
            if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) and text for text in pair):
                raise VocabularyError(f"texts.toml: {section}.{name} must be a Chinese and an English text")
            found[f"{section}.{name}"] = Said(*pair)
    for measure in load_measures():
        found[f"measure.{measure.code}"] = Said(measure.zh, measure.en)
    return found


def said(key: str, **values: object) -> Said:
    """A text, with values put in for names in braces.

    Raises:
        VocabularyError: there is no such text.
    """
    text = load_texts().get(key)
    if text is None:
        raise VocabularyError(f"texts.toml has no text {key}")
    if not values:
        return text
    return Said(*(version.format(**values) for version in text))


def label(section: str, name: str) -> Said:
    """A label of the tables in both languages; as it is where the texts do not name it."""
    return load_texts().get(f"{section}.{name}") or Said(name, name)
