"""Which hits of the patterns are none: the report itself says what they found, in a sentence, a heading or a data box."""

from __future__ import annotations

import re
from collections import Counter

from flows.clean.lines import Line
from flows.clean.reflow import continues
from schemas.vocabulary import Lexicons

FURNITURE_RULES = frozenset(["furniture", "furniture_row", "furniture_words"])
CREDIT_RULES = frozenset(["credit_line", "credit_fields"])
RULES = FURNITURE_RULES | CREDIT_RULES | {"credit"}
NEAR = 3  # lines of the text on each side that show how it is wrapped
FAR = 12  # lines on each side among which they are looked for
SPOKEN = re.compile(r"[\u4e00-\u9fff\d“《][^\s:|丨/<>\[\]#@_]+")  # as prose is written: no signs but its own
HAN_PAIR = re.compile(r"[\u4e00-\u9fff].*[\u4e00-\u9fff]|^[完赞]$")
WIDE_SENTENCE = 16.0  # ems: a shorter one may be a call to the reader
LISTED = re.compile(r"[^,。;:!?]{2,20}(?:局|办|委|部|处|室|会|院|校|司|厅|社|站|科|府|团)")
NAME_OF_FIELD = re.compile(r"[^:丨|\d\s]{2,6}(?=\s*[:丨|])")


def free_said(lines: list[Line], given: list[bool], lexicons: Lexicons) -> None:
    """Take the label from lines that patterns took for furniture, credits or captions, and that the report itself says.

    Such are lines that hold a quantity, end a sentence or begin a section; pieces of a sentence that the line above
    leaves open; names in a list; credits that head text again and again. What no report says is never freed.

    Args:
        lines: the lines, labelled by patterns.
        given: whether each line had its label from the page's structure.
        lexicons: the words.
    """
    hits = [i for i, line in enumerate(lines) if line.rule in RULES and not given[i]]
    headings = _headings(lines, hits, lexicons)
    for i in hits:
        line = lines[i]
        if i in headings or (
            not lexicons.never_report.match(line.folded)
            and (_is_text(line, lexicons) or _goes_on(lines, i, lexicons) or _is_listed(lines, i))
        ):
            line.set("", "", 0.0)


def _is_text(line: Line, lexicons: Lexicons) -> bool:
    """Whether a line says by itself that it is text."""
    folded = line.folded
    if lexicons.section_mark.match(folded):
        return True
    if line.label == "caption":
        return False
    if lexicons.quantity.search(folded) or lexicons.event_field.fullmatch(folded):
        return True
    return line.ends and ("," in folded or line.width >= WIDE_SENTENCE)


def _goes_on(lines: list[Line], at: int, lexicons: Lexicons) -> bool:
    """Whether a line that may be a piece of a sentence goes on with one of the text above, or is gone on with below."""
    line = lines[at]
    if not (SPOKEN.fullmatch(line.folded) and HAN_PAIR.search(line.folded)):
        return False
    if not lexicons.maybe_report.fullmatch(line.folded):
        return False
    above = _near(lines, range(at - 1, max(-1, at - FAR), -1))[::-1]
    if not any("," in other.folded or other.sentences for other in above):
        return False  # the head of a page, whose short lines fill no column
    near = [*above, line, *_near(lines, range(at + 1, min(len(lines), at + FAR)))]
    place = len(above)
    if continues(near[place - 1], line, near, place - 1):
        return True
    return line.label != "caption" and place + 1 < len(near) and continues(line, near[place + 1], near, place)


def _near(lines: list[Line], places: range) -> list[Line]:
    """The first lines without a label, or of text, at some places."""
    found: list[Line] = []
    for place in places:
        if not lines[place].label:
            found.append(lines[place])
            if len(found) == NEAR:
                break
    return found


def _is_listed(lines: list[Line], at: int) -> bool:
    """Whether the name of an office stands in a list of such names."""
    if lines[at].rule != "credit_line" or not LISTED.fullmatch(lines[at].folded):
        return False
    for places in (range(at - 1, max(-1, at - FAR), -1), range(at + 1, min(len(lines), at + FAR))):
        other = next((lines[place] for place in places if lines[place].label != "blank"), None)
        if other is not None and other.label in ("", "meta") and not other.links and LISTED.fullmatch(other.folded):
            return True
    return False


def _headings(lines: list[Line], hits: list[int], lexicons: Lexicons) -> set[int]:
    """Places of credits of one kind that stand above text more than once, behind the beginning of the text."""
    kinds: dict[int, str] = {}
    begun = -1
    for i in hits:
        line = lines[i]
        if line.rule in CREDIT_RULES and lexicons.credit_heading.fullmatch(line.folded):
            if begun < 0:
                begun = next((j for j, other in enumerate(lines) if not other.label and other.prose), len(lines))
            below = next((other for other in lines[i + 1 : i + 3] if other.label != "blank"), None)
            if i > begun and below is not None and not below.label and (below.sentences or "," in below.folded):
                name = NAME_OF_FIELD.match(line.folded)
                kinds[i] = name.group() if name else "day"
    often = Counter(kinds.values())
    return {i for i, kind in kinds.items() if often[kind] >= 2}
