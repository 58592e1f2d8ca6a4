"""Words and patterns by which lines and numerals are recognised."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from schemas.errors import VocabularyError
from schemas.vocabulary.patterns import WholePatterns, patterns, word_search, words


@dataclass(frozen=True)
class Lexicons:
    """The lexicons, compiled. Each pattern is for `fullmatch` where its name says so, else for `search`."""

    spam: re.Pattern[str]
    spam_plain: frozenset[str]
    spam_tails: re.Pattern[str]
    spam_against: re.Pattern[str]
    boilerplate_whole: WholePatterns
    boilerplate_anywhere: re.Pattern[str]
    boilerplate_within: re.Pattern[str]
    article_ends: re.Pattern[str]
    truncated: re.Pattern[str]
    page_header: re.Pattern[str]
    page_marks: re.Pattern[str]
    bar_words: re.Pattern[str]
    paging: re.Pattern[str]
    counter_field: re.Pattern[str]
    meta_field: re.Pattern[str]
    meta_whole: WholePatterns
    caption_whole: WholePatterns
    never_report: re.Pattern[str]
    maybe_report: re.Pattern[str]
    event_field: re.Pattern[str]
    credit_heading: re.Pattern[str]
    quantity: re.Pattern[str]
    section_mark: re.Pattern[str]
    heading_start: re.Pattern[str]
    heading_words: re.Pattern[str]
    item_start: re.Pattern[str]
    article_kept: WholePatterns
    courtesy: re.Pattern[str]
    address_whole: re.Pattern[str]
    title_words: re.Pattern[str]
    numeral_names: tuple[str, ...]
    slogan_heads: re.Pattern[str]
    token_names: re.Pattern[str]
    error_page: re.Pattern[str]
    paywall: re.Pattern[str]
    fiction: re.Pattern[str]
    other_titles: re.Pattern[str]
    other_openings: re.Pattern[str]
    report_kinds: dict[str, re.Pattern[str]]
    elements: list[str]
    spaced_words: re.Pattern[str]


def _filled(source: str, meta: dict[str, str]) -> str:
    """A pattern of credits with what stands for names and for what follows a day put in."""
    name = f"(?:[{meta['surnames']}][\u4e00-\u9fff×]{{1,2}}|某某)"
    return source.replace("{name}", name).replace("{behind_day}", f"(?:{meta['behind_day']})")


# Fields that are one pattern, and that are patterns for whole lines, with their lists.
ONE_PATTERN = {
    "boilerplate_anywhere": "boilerplate.anywhere",
    "boilerplate_within": "boilerplate.within",
    "article_ends": "boilerplate.ends",
    "truncated": "boilerplate.truncated",
    "page_header": "boilerplate.page_header",
    "page_marks": "boilerplate.page_marks",
    "counter_field": "meta.counters",
    "paging": "boilerplate.paging",
    "never_report": "report.never",
    "maybe_report": "report.maybe",
    "event_field": "report.events",
    "credit_heading": "report.headings",
    "quantity": "report.quantity",
    "section_mark": "report.section",
    "heading_start": "heading.start",
    "item_start": "item.start",
    "courtesy": "address.courtesy",
    "address_whole": "address.whole",
    "error_page": "page.error",
    "paywall": "page.paywall",
    "fiction": "page.fiction",
    "other_titles": "page.other_titles",
    "other_openings": "page.other_openings",
}
WHOLE_LINES = {
    "boilerplate_whole": "boilerplate.whole",
    "caption_whole": "caption.whole",
    "article_kept": "article.kept",
}


def _list(data: dict[str, Any], place: str) -> list[str]:
    section, name = place.split(".")
    sources: list[str] = data[section][name]
    return sources


def _compiled(data: dict[str, Any]) -> dict[str, Any]:
    """The fields that are lists of patterns as they stand."""
    one = {field: patterns("lexicons.toml", place, _list(data, place)) for field, place in ONE_PATTERN.items()}
    return one | {field: WholePatterns(place, _list(data, place)) for field, place in WHOLE_LINES.items()}


@cache
def load_lexicons() -> Lexicons:
    """Read lexicons.toml.

    Raises:
        VocabularyError: a list is missing or a pattern cannot be compiled.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("lexicons.toml").read_text(encoding="utf-8"))
    try:
        return Lexicons(
            **_compiled(data),
            spam=word_search([term for family in data["spam"]["families"].values() for term in family]),
            spam_plain=frozenset(data["spam"]["plain"]),
            spam_tails=word_search(data["spam"]["tails"]),
            spam_against=word_search(data["spam"]["against"]),
            bar_words=words(data["boilerplate"]["bar_words"]),
            meta_field=re.compile(
                "(?:" + patterns("lexicons.toml", "meta.fields", data["meta"]["fields"]).pattern + r")\s*[::|丨]", re.I
            ),
            meta_whole=WholePatterns("meta.whole", [_filled(source, data["meta"]) for source in data["meta"]["whole"]]),
            heading_words=words(data["heading"]["words"]),
            title_words=word_search(data["title"]["words"]),
            numeral_names=tuple(data["numeral"]["names"]),
            slogan_heads=words(data["numeral"]["slogan_heads"]),
            token_names=words(data["numeral"]["tokens"]),
            report_kinds={
                kind: patterns("lexicons.toml", f"page.kinds.{kind}", sources)
                for kind, sources in data["page"]["kinds"].items()
            },
            elements=list(data["markup"]["elements"]),
            spaced_words=words([*data["heading"]["words"], *data["title"]["words"], *data["title"]["spaced"]]),
        )
    except KeyError as missing:
        raise VocabularyError(f"lexicons.toml: list {missing} is missing") from missing
