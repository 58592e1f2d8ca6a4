"""Keyword spam that hacked pages carry: whole lines, what hangs on a headline, what is put into a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from flows.clean.lines import Line, squeeze
from schemas.vocabulary import Lexicons

JOINTS = re.compile(r"\s*(?:[-_|]+|\s[,?]|,)\s*|\s+")
KEYWORD_MARK = re.compile(r"[_|]")
LEAST_JOINTS = 2  # between the words of a row of keywords
ROW_PARTS = re.compile(r"[,_|、\s?]+")
SEGMENTS = re.compile(r"[^,。;!?:_|]+")
# What a sentence needs and a string of keywords has not.
GRAMMAR = re.compile(r"[的了在和与及为将对把被]|[。;:!“”《》\d]")
MIN_PARTS, LONGEST_PART = 4, 18
WIDE_PART = 4  # characters: names of people are shorter than keywords


def spam_rule(folded: str, lexicons: Lexicons) -> str:
    """The rule by which a line is spam, or nothing.

    Args:
        folded: the line.
        lexicons: the words.
    """
    hits = [match.group() for match in lexicons.spam.finditer(folded)]
    if not hits:
        return ""
    share = sum(map(len, hits)) / max(1, len(squeeze(folded)))
    opposed = lexicons.spam_against.search(folded) is not None
    if opposed and share < 0.6:
        return ""
    # No sentence is joined by such marks; a table is, but it begins with one.
    joined = KEYWORD_MARK.search(folded) is not None and not folded.startswith("|") and folded[-1] not in "。;"
    if joined or _is_sure(hits, lexicons):
        if len(set(hits)) >= 2 and share >= 0.2 and folded.count("。") <= 1:
            return "keyword_string"
        if share >= 0.5 and _is_sure(hits, lexicons):
            return "keyword_line"
    if len(set(hits)) < 2 and not _is_sure(hits, lexicons):
        return ""
    return "keyword_row" if is_keyword_row(folded) and not lexicons.title_words.search(folded) else ""


def _is_sure(hits: Iterable[str], lexicons: Lexicons) -> bool:
    """Whether some of the words found have no lawful sense."""
    return any(hit.lower() not in lexicons.spam_plain for hit in hits)


def is_keyword_row(folded: str) -> bool:
    """Whether a line is a row of short words without grammar, joined as search engines' keywords are."""
    parts = [part for part in ROW_PARTS.split(folded) if part]
    joined = len(re.findall(r"[,_|]", folded)) >= len(parts) - 1 or folded.endswith("?")
    short = all(2 <= len(part) <= LONGEST_PART for part in parts)
    return len(parts) >= MIN_PARTS and joined and short and not GRAMMAR.search(folded.replace("?", ""))


def label_outside_spam(lines: list[Line], lexicons: Lexicons) -> None:
    """Label spam among the lines outside the article of a web page.

    Args:
        lines: those lines.
        lexicons: the words.
    """
    if lexicons.spam.search("\n".join(line.simplified for line in lines)) is None:
        return
    for line in lines:
        joints = len(ROW_PARTS.findall(line.simplified))
        if joints >= LEAST_JOINTS and (rule := spam_rule(line.folded, lexicons)):
            line.set("spam", rule, 0.9)


def label_outer_rows(lines: list[Line], inside: tuple[int, int], lexicons: Lexicons) -> None:
    """Label rows of keywords above and below the report as spam, also where no word of them is known.

    Args:
        lines: the lines.
        inside: places of the first and the last line of the report.
        lexicons: the words.
    """
    for i, line in enumerate(lines):
        outer = line.rule in ("above_headline", "after_article") or (not line.label and not inside[0] <= i <= inside[1])
        if not outer or not (re.search("[,_]", line.folded) or line.folded.endswith("?")):
            continue
        parts = [part for part in ROW_PARTS.split(line.folded) if part]
        wide = sum(map(len, parts)) >= WIDE_PART * len(parts)
        if wide and is_keyword_row(line.folded) and not lexicons.title_words.search(line.folded):
            line.set("spam", "keyword_row", 0.8)


def free_headline(line: Line, lexicons: Lexicons) -> bool:
    """Cut from a headline what spam was hung on it.

    Returns:
        Whether the line is such a headline: what is left of it has words of headlines.
    """
    if line.width > 100 or not lexicons.title_words.search(line.folded):
        return False
    joints = [(match.start(), match.end()) for match in JOINTS.finditer(line.folded)]
    bounds = [0, *(place for joint in joints for place in joint), len(line.folded)]
    parts = [(bounds[i], bounds[i + 1]) for i in range(0, len(bounds), 2)]
    bad = [_is_spam_part(line.folded[start:end], lexicons) for start, end in parts]
    if not any(bad):
        return False
    best, named = (0, 0), 1
    for is_bad, group in groupby(zip(parts, bad, strict=True), key=lambda pair: pair[1]):
        places = [part for part, _ in group]
        start, end = places[0][0], places[-1][1]
        left = line.folded[start:end]
        found = len({match.group() for match in lexicons.title_words.finditer(left)})
        if not is_bad and found > named and len(squeeze(left)) >= 8:
            best, named = (start, end), found
    if best == (0, 0) or spam_rule(line.folded[slice(*best)], lexicons):
        return False
    line.keep_part(*best)
    return True


def _is_spam_part(part: str, lexicons: Lexicons) -> bool:
    """Whether a part of a headline names an app, a site or a ware."""
    if lexicons.title_words.search(part) or lexicons.spam_against.search(part):
        return False
    hits = [match.group() for match in lexicons.spam.finditer(part)]
    tails = [match.end() for match in lexicons.spam_tails.finditer(part)]
    hung = bool(tails) and tails[-1] == len(part)
    if (hung or _is_sure(hits, lexicons)) and hits and sum(map(len, hits)) >= 0.25 * len(part):
        return True
    return len(tails) >= 2 and tails[-1] == len(part)


def free_sentence(line: Line, lexicons: Lexicons) -> bool:
    """Cut from a line of prose the strings of keywords that were put between its sentences.

    Returns:
        Whether something was cut.
    """
    spans: list[tuple[int, int]] = []
    hits: list[set[str]] = []
    for match in SEGMENTS.finditer(line.folded):
        segment = match.group()
        found = {hit.group() for hit in lexicons.spam.finditer(segment)}
        share = sum(map(len, found)) / len(segment)
        if share < 0.4 or lexicons.spam_against.search(segment):
            continue
        if spans and match.start() <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], match.end())
            hits[-1] |= found
        else:
            spans.append(match.span())
            hits.append(found)
    # The mark behind a string of keywords is its own; the one before it ends the sentence.
    cut = [
        (start, min(end + 1, len(line.folded)))
        for (start, end), found in zip(spans, hits, strict=True)
        if len(found) >= 2 and _is_sure(found, lexicons)
    ]
    if not cut or sum(end - start for start, end in cut) > 0.7 * len(line.folded):
        return False
    line.cut(cut)
    return True
