"""Words and patterns by which lines and numerals are recognised."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError

# Groups and classes of a pattern, innermost first: what is left has its outer alternatives only.
OUTER = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)")


class WholePatterns:
    """Many patterns for whole lines. Of those that begin with a character as it stands, only the ones with the line's own
    first character are tried: of a hundred patterns, a line meets a dozen."""

    def __init__(self, place: str, sources: list[str]) -> None:
        patterns("lexicons.toml", place, sources)  # each can be compiled
        self._place = place
        self._sources = sources
        self._by_first: dict[str, re.Pattern[str]] = {}

    def fullmatch(self, line: str) -> re.Match[str] | None:
        """The match of a whole line with one of the patterns."""
        first = line[:1].lower()
        if first not in self._by_first:
            firsts = [first_characters(source) for source in self._sources]
            fit = [source for source, own in zip(self._sources, firsts, strict=True) if own is None or first in own]
            # Characters that begin no pattern share one.
            shared = "" if all(own is None or first not in own for own in firsts) else first
            if shared not in self._by_first:
                self._by_first[shared] = patterns("lexicons.toml", self._place, fit)
            self._by_first[first] = self._by_first[shared]
        return self._by_first[first].fullmatch(line)


def first_characters(source: str) -> frozenset[str] | None:
    """The characters with which a pattern may begin, in lower case; nothing where that cannot be told from its beginning."""
    if "|" in OUTER.sub("", source):
        return None
    if source[:1].isalnum() and source[1:2] not in ("?", "*", "{", "+"):
        return frozenset(source[0].lower())
    if match := BEGINS_WITH_CLASS.match(source):
        return frozenset(match.group(1).lower())
    if match := BEGINS_WITH_GROUP.match(source):
        return frozenset(word[0].lower() for word in match.group(1).split("|"))
    return None


@dataclass(frozen=True)
class Lexicons:
    """The lexicons, compiled. Each pattern is for `fullmatch` where its name says so, else for `search`."""

    spam: re.Pattern[str]
    spam_tails: re.Pattern[str]
    spam_against: re.Pattern[str]
    boilerplate_whole: WholePatterns
    boilerplate_anywhere: re.Pattern[str]
    article_ends: re.Pattern[str]
    truncated: re.Pattern[str]
    page_header: re.Pattern[str]
    page_marks: re.Pattern[str]
    bar_words: re.Pattern[str]
    counter_field: re.Pattern[str]
    meta_field: re.Pattern[str]
    meta_whole: WholePatterns
    caption_whole: re.Pattern[str]
    heading_start: re.Pattern[str]
    heading_words: re.Pattern[str]
    item_start: re.Pattern[str]
    article_kept: re.Pattern[str]
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


BEGINS_WITH_CLASS = re.compile(r"\[([^\]\\^-]+)\](?![?*{])")
BEGINS_WITH_GROUP = re.compile(r"\(([^()\[\]\\.?*|+{]+(?:\|[^()\[\]\\.?*|+{]+)*)\)(?![?*{])")


def words(terms: list[str]) -> re.Pattern[str]:
    """One pattern for literal terms, longest first."""
    alternatives = "|".join(re.escape(term) for term in sorted(set(terms), key=lambda t: (-len(t), t)))
    if not terms or not all(terms):
        return re.compile(alternatives, re.I)
    # One look at a character spares the look at each of the terms: few characters of a text begin one.
    firsts = re.escape("".join(sorted({term[0] for term in terms})))
    return re.compile(f"(?=[{firsts}])(?:{alternatives})", re.I)


def patterns(file: str, place: str, sources: list[str]) -> re.Pattern[str]:
    """One pattern for several; `file` and `place` are named where one cannot be compiled.

    Raises:
        VocabularyError: a pattern cannot be compiled.
    """
    for source in sources:
        try:
            re.compile(source)
        except re.error as error:
            raise VocabularyError(f"{file}: {place}: {source!r} is no pattern: {error}") from error
    return re.compile("|".join(f"(?:{source})" for source in sources), re.I)


@cache
def load_lexicons() -> Lexicons:
    """Read lexicons.toml.

    Raises:
        VocabularyError: a list is missing or a pattern cannot be compiled.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("lexicons.toml").read_text(encoding="utf-8"))
    try:
        return Lexicons(
            spam=words([term for family in data["spam"]["families"].values() for term in family]),
            spam_tails=words(data["spam"]["tails"]),
            spam_against=words(data["spam"]["against"]),
            boilerplate_whole=WholePatterns("boilerplate.whole", data["boilerplate"]["whole"]),
            boilerplate_anywhere=patterns("lexicons.toml", "boilerplate.anywhere", data["boilerplate"]["anywhere"]),
            article_ends=patterns("lexicons.toml", "boilerplate.ends", data["boilerplate"]["ends"]),
            truncated=patterns("lexicons.toml", "boilerplate.truncated", data["boilerplate"]["truncated"]),
            page_header=patterns("lexicons.toml", "boilerplate.page_header", data["boilerplate"]["page_header"]),
            page_marks=patterns("lexicons.toml", "boilerplate.page_marks", data["boilerplate"]["page_marks"]),
            counter_field=patterns("lexicons.toml", "meta.counters", data["meta"]["counters"]),
            bar_words=words(data["boilerplate"]["bar_words"]),
            meta_field=re.compile(
                "(?:" + patterns("lexicons.toml", "meta.fields", data["meta"]["fields"]).pattern + r")\s*[::|丨]", re.I
            ),
            meta_whole=WholePatterns("meta.whole", data["meta"]["whole"]),
            caption_whole=patterns("lexicons.toml", "caption.whole", data["caption"]["whole"]),
            heading_start=patterns("lexicons.toml", "heading.start", data["heading"]["start"]),
            heading_words=words(data["heading"]["words"]),
            item_start=patterns("lexicons.toml", "item.start", data["item"]["start"]),
            article_kept=patterns("lexicons.toml", "article.kept", data["article"]["kept"]),
            courtesy=patterns("lexicons.toml", "address.courtesy", data["address"]["courtesy"]),
            address_whole=patterns("lexicons.toml", "address.whole", data["address"]["whole"]),
            title_words=words(data["title"]["words"]),
            numeral_names=tuple(data["numeral"]["names"]),
            slogan_heads=words(data["numeral"]["slogan_heads"]),
            token_names=words(data["numeral"]["tokens"]),
            error_page=patterns("lexicons.toml", "page.error", data["page"]["error"]),
            paywall=patterns("lexicons.toml", "page.paywall", data["page"]["paywall"]),
            fiction=patterns("lexicons.toml", "page.fiction", data["page"]["fiction"]),
            other_titles=patterns("lexicons.toml", "page.other_titles", data["page"]["other_titles"]),
            other_openings=patterns("lexicons.toml", "page.other_openings", data["page"]["other_openings"]),
            report_kinds={
                kind: patterns("lexicons.toml", f"page.kinds.{kind}", sources)
                for kind, sources in data["page"]["kinds"].items()
            },
            elements=list(data["markup"]["elements"]),
            spaced_words=words([*data["heading"]["words"], *data["title"]["words"], *data["title"]["spaced"]]),
        )
    except KeyError as missing:
        raise VocabularyError(f"lexicons.toml: list {missing} is missing") from missing
