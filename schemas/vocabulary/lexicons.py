"""Words and patterns by which lines and numerals are recognised."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from schemas.errors import VocabularyError

# Characters of a class are counted up to so many: [^,] and \\S begin with almost anything.
MOST_FIRST = 300


class WholePatterns:
    """Many patterns for whole lines. A line meets only those that can begin with its first character, and of those that
    can begin with any, the ones whose literal words stand in it: of a hundred patterns, a handful."""

    def __init__(self, place: str, sources: list[str]) -> None:
        self._place = place
        self._by_first: dict[str, re.Pattern[str]] = {}
        self._begun: list[tuple[frozenset[str], str]] = []
        self._sieved: list[tuple[str, re.Pattern[str]]] = []
        free: list[str] = []
        patterns("lexicons.toml", place, sources)  # or an error that names the one that is none
        for source in sources:
            firsts = first_characters(source)
            if firsts is not None:
                self._begun.append((firsts, source))
            elif word := literal_word(source):
                self._sieved.append((word, patterns("lexicons.toml", place, [source])))
            else:
                free.append(source)
        self._free = patterns("lexicons.toml", place, free or ["(?!)"])
        self._longest = max((_parser.parse(source).getwidth()[1] for source in free), default=0)
        self._firsts = frozenset(char for firsts, _ in self._begun for char in firsts)

    def fullmatch(self, line: str) -> bool:
        """Whether a whole line matches one of the patterns."""
        first = line[:1].lower()
        if not first.isascii():
            first = "0" if first.isdecimal() else " " if first.isspace() else first
        if first in self._firsts:
            if first not in self._by_first:
                fit = [source for firsts, source in self._begun if first in firsts]
                self._by_first[first] = patterns("lexicons.toml", self._place, fit)
            if self._by_first[first].fullmatch(line):
                return True
        for word, pattern in self._sieved:
            if word in line and pattern.fullmatch(line):
                return True
        return len(line) <= self._longest and self._free.fullmatch(line) is not None


def first_characters(source: str) -> frozenset[str] | None:
    """The characters with which a match of a pattern may begin, in lower case; nothing where they are too many to list."""
    found, may_be_empty = _firsts(_parser.parse(source, re.I))
    return None if found is None or may_be_empty else frozenset(char.lower() for char in found)


def _firsts(parsed: Any) -> tuple[set[str] | None, bool]:
    """First characters of a parsed sequence, nothing for any; and whether it may match nothing."""
    found: set[str] = set()
    for code, value in parsed:
        name = str(code)
        if name == "AT" or name.startswith("ASSERT"):
            continue
        own: set[str] | None
        empty = False
        if name == "LITERAL":
            own = {chr(value)}
        elif name == "IN":
            own = _members(value)
        elif name == "BRANCH":
            parts = [_firsts(part) for part in value[1]]
            own = None if any(part is None for part, _ in parts) else {char for part, _ in parts for char in part or ()}
            empty = any(nothing for _, nothing in parts)
        elif name == "SUBPATTERN":
            own, empty = _firsts(value[3])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            own, empty = _firsts(value[2])
            empty = empty or value[0] == 0
        else:
            own = None
        if own is None:
            return None, empty
        found |= own
        if not empty:
            return found, False
    return found, True


def _members(items: Any) -> set[str] | None:
    """Characters of a class; nothing where they are many."""
    found: set[str] = set()
    for code, value in items:
        name = str(code)
        if name == "LITERAL":
            found.add(chr(value))
        elif name == "RANGE" and value[1] - value[0] < MOST_FIRST:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif name == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            found.update("0123456789")
        elif name == "CATEGORY" and str(value) == "CATEGORY_SPACE":
            found.update(" \t\r\n\f\v")
        else:
            return None
    return found


def literal_word(source: str) -> str:
    """The longest run of characters that every match of a pattern holds as they stand; maybe empty."""
    runs = [""]
    for code, value in _parser.parse(source, re.I):
        if str(code) == "LITERAL" and chr(value).lower() == chr(value).upper():
            runs[-1] += chr(value)
        else:
            runs.append("")
    return max(runs, key=len)


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


def words(terms: list[str]) -> re.Pattern[str]:
    """One pattern for literal terms, longest first."""
    alternatives = "|".join(re.escape(term) for term in sorted(set(terms), key=lambda t: (-len(t), t)))
    if not terms or not all(terms):
        return re.compile(alternatives, re.I)
    # One look at a character spares the look at each of the terms: few characters of a text begin one.
    firsts = re.escape("".join(sorted({term[0] for term in terms})))
    return re.compile(f"(?=[{firsts}])(?:{alternatives})", re.I)


def word_search(terms: list[str]) -> re.Pattern[str]:
    """One pattern to search a text for literal terms, longest first.

    Alternatives that begin with a literal character let the search skip from one to the next; a letter has two.
    """
    rests: dict[str, list[str]] = {}
    for term in sorted(set(terms), key=lambda t: (-len(t), t)):
        for first in {term[0].lower(), term[0].upper()}:
            rests.setdefault(first, []).append(re.escape(term[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?i:{'|'.join(own)})" for first, own in rests.items()))


def patterns(file: str, place: str, sources: list[str]) -> re.Pattern[str]:
    """One pattern for several; `file` and `place` are named where one cannot be compiled.

    Raises:
        VocabularyError: a pattern cannot be compiled.
    """
    try:
        return re.compile("|".join(led for source in sources for led in _led(source)))
    except re.error as error:
        for source in sources:
            try:
                re.compile(source)
            except re.error as own:
                raise VocabularyError(f"{file}: {place}: {source!r} is no pattern: {own}") from own
        raise VocabularyError(f"{file}: {place}: the patterns cannot stand together: {error}") from error


# [上下]一章, (他|她)笑道: alternatives for the first character or word, neither repeated nor left out.
BEGINS_WITH_CLASS = re.compile(r"\[([\u4e00-\u9fff]+)\](?![?*+{])(.*)", re.S)
BEGINS_WITH_WORDS = re.compile(
    r"\(([\u4e00-\u9fff]+(?:\|[\u4e00-\u9fff]+)*)\)(?![?*+{])((?:[^|]|\|(?=[^()]*\)))*)", re.S
)


def _led(source: str) -> list[str]:
    """A pattern for any case, in alternatives that begin with a literal character if it does: a search skips to these."""
    if match := BEGINS_WITH_CLASS.fullmatch(source):
        return [led for char in match.group(1) for led in _led(char + match.group(2))]
    if match := BEGINS_WITH_WORDS.fullmatch(source):
        return [led for word in match.group(1).split("|") for led in _led(word + match.group(2))]
    first, rest = source[:1], source[1:]
    parsed = _parser.parse(source, re.I)
    if not parsed or parsed[0] != (_parser.LITERAL, ord(first)) or len(_parser.parse(rest, re.I)) != len(parsed) - 1:
        return [f"(?i:{source})"]
    return [f"{re.escape(char)}(?i:{rest})" for char in sorted({first.lower(), first.upper()})]


def _filled(source: str, meta: dict[str, str]) -> str:
    """A pattern of credits with what stands for names and for what follows a day put in."""
    name = f"(?:[{meta['surnames']}][\u4e00-\u9fff×]{{1,2}}|某某)"
    return source.replace("{name}", name).replace("{behind_day}", f"(?:{meta['behind_day']})")


@cache
def load_lexicons() -> Lexicons:
    """Read lexicons.toml.

    Raises:
        VocabularyError: a list is missing or a pattern cannot be compiled.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("lexicons.toml").read_text(encoding="utf-8"))
    try:
        return Lexicons(
            spam=word_search([term for family in data["spam"]["families"].values() for term in family]),
            spam_plain=frozenset(data["spam"]["plain"]),
            spam_tails=word_search(data["spam"]["tails"]),
            spam_against=word_search(data["spam"]["against"]),
            boilerplate_whole=WholePatterns("boilerplate.whole", data["boilerplate"]["whole"]),
            boilerplate_anywhere=patterns("lexicons.toml", "boilerplate.anywhere", data["boilerplate"]["anywhere"]),
            boilerplate_within=patterns("lexicons.toml", "boilerplate.within", data["boilerplate"]["within"]),
            article_ends=patterns("lexicons.toml", "boilerplate.ends", data["boilerplate"]["ends"]),
            truncated=patterns("lexicons.toml", "boilerplate.truncated", data["boilerplate"]["truncated"]),
            page_header=patterns("lexicons.toml", "boilerplate.page_header", data["boilerplate"]["page_header"]),
            page_marks=patterns("lexicons.toml", "boilerplate.page_marks", data["boilerplate"]["page_marks"]),
            counter_field=patterns("lexicons.toml", "meta.counters", data["meta"]["counters"]),
            bar_words=words(data["boilerplate"]["bar_words"]),
            paging=patterns("lexicons.toml", "boilerplate.paging", data["boilerplate"]["paging"]),
            meta_field=re.compile(
                "(?:" + patterns("lexicons.toml", "meta.fields", data["meta"]["fields"]).pattern + r")\s*[::|丨]", re.I
            ),
            meta_whole=WholePatterns("meta.whole", [_filled(source, data["meta"]) for source in data["meta"]["whole"]]),
            caption_whole=WholePatterns("caption.whole", data["caption"]["whole"]),
            never_report=patterns("lexicons.toml", "report.never", data["report"]["never"]),
            maybe_report=patterns("lexicons.toml", "report.maybe", data["report"]["maybe"]),
            event_field=patterns("lexicons.toml", "report.events", data["report"]["events"]),
            credit_heading=patterns("lexicons.toml", "report.headings", data["report"]["headings"]),
            quantity=patterns("lexicons.toml", "report.quantity", data["report"]["quantity"]),
            section_mark=patterns("lexicons.toml", "report.section", data["report"]["section"]),
            heading_start=patterns("lexicons.toml", "heading.start", data["heading"]["start"]),
            heading_words=words(data["heading"]["words"]),
            item_start=patterns("lexicons.toml", "item.start", data["item"]["start"]),
            article_kept=WholePatterns("article.kept", data["article"]["kept"]),
            courtesy=patterns("lexicons.toml", "address.courtesy", data["address"]["courtesy"]),
            address_whole=patterns("lexicons.toml", "address.whole", data["address"]["whole"]),
            title_words=word_search(data["title"]["words"]),
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
