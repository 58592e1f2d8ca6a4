"""What the markup of a page says of the text in it: marks, containers, words in ids and classes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError
from schemas.vocabulary.lexicons import patterns, words


@dataclass(frozen=True)
class Markup:
    """The lists of markup.toml, compiled.

    Attributes:
        begins, ends: comments around the text of an article, whole, in lower case.
        known: ids and classes of elements around the text of an article.
        unlikely: parts of ids and classes of elements around something else.
        plain: those of them that hardly ever lie.
        furniture: words of page furniture.
        hosts: those of them that are words of reports, too.
        attachments: beginnings of links that belong to the text.
        tails: headings of what follows an article, whole.
        vague_tails: headings that may also stand in an article, whole.
        comments: beginnings of comments, and the buttons below one.
        lists: words of headlines below which no sentence stands.
    """

    begins: re.Pattern[str]
    ends: re.Pattern[str]
    known: frozenset[str]
    unlikely: re.Pattern[str]
    plain: re.Pattern[str]
    furniture: re.Pattern[str]
    hosts: frozenset[str]
    attachments: re.Pattern[str]
    tails: re.Pattern[str]
    vague_tails: re.Pattern[str]
    comments: re.Pattern[str]
    lists: re.Pattern[str]


@cache
def load_markup() -> Markup:
    """Read markup.toml.

    Raises:
        VocabularyError: a list is missing or a pattern cannot be compiled.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("markup.toml").read_text(encoding="utf-8"))
    try:
        return Markup(
            begins=patterns("markup.toml", "marks.begins", data["marks"]["begins"]),
            ends=patterns("markup.toml", "marks.ends", data["marks"]["ends"]),
            known=frozenset(data["containers"]["known"]),
            unlikely=patterns("markup.toml", "containers.unlikely", data["containers"]["unlikely"]),
            plain=patterns("markup.toml", "containers.plain", data["containers"]["plain"]),
            furniture=words(data["text"]["furniture"]),
            tails=patterns("markup.toml", "text.tails", data["text"]["tails"]),
            hosts=frozenset(data["text"]["hosts"]),
            vague_tails=patterns("markup.toml", "text.vague_tails", data["text"]["vague_tails"]),
            comments=patterns("markup.toml", "text.comments", data["text"]["comments"]),
            lists=patterns("markup.toml", "text.lists", data["text"]["lists"]),
            attachments=patterns("markup.toml", "text.attachments", [data["text"]["attachments"]]),
        )
    except KeyError as missing:
        raise VocabularyError(f"markup.toml: list {missing} is missing") from missing
