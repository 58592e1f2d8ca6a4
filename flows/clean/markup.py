"""What stands in the characters of a line and is none of its text: residue of markup, glosses, doubled commas.

Each function gives spans of the line with what is read in their place: nothing, or one character that stands
where the span begins. Time is linear in the line: every repetition has a bound or ends where it began.
"""

from __future__ import annotations

import html
import re
from functools import cache

from schemas.vocabulary import load_lexicons, load_units
from schemas.vocabulary.patterns import words

# Start, end, and what is read in place of what stands there.
Span = tuple[int, int, str]

HAN = "\u4e00-\u9fff"
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜêńňɡ"
# A gloss without tone marks is one only where it is a syllable: (ti), but not (ppp).
SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|[aeiouv])"
)
GLOSS = rf"(?<=[{HAN}].)\s?(?:[a-z]{{0,5}}[{TONED}][a-z{TONED}]{{0,5}}|{SYLLABLE})\s{{0,2}}[)）]"
SPACE_REFERENCE = r"&(?:amp;)?(?:nbsp|ensp|emsp|thinsp|zwnj|zwj|#0{0,3}(?:160|819[45]|8203|12288|65279)|#x0{0,3}(?:a0|200[23b]|3000|feff));?"
SIGN_REFERENCE = re.compile(r"&(?:amp;)?((?:[a-z]{2,6}|#\d{2,5}|#x[0-9a-f]{2,4});)", re.I)
# Signs that a reference may stand for. A digit or a letter would have no place of its own in the source.
SIGNS = frozenset('“”‘’—–…·•"&<>«»×、。《》〈〉')
GOES_ON = r"(?:下转|上接|紧接|转|接)第?\s{0,2}[\dA-Z一二三四五六七八九十]{1,4}\s{0,2}版[^()（）【】\[\]]{0,8}[)）】\]]"
# Of two marks in a row the comma goes; of two full stops, the first.
DOUBLED = re.compile(
    r"(?=[,，、。])(?:[,，、](?=\s?[,，、。;；:：!！?？])|(?<=[。;；!！?？])[,，、]|(?<!。)。(?=。(?!。)))"
)
BAR = re.compile(r"\s{0,40}[|｜](?:\s{0,40}[|｜])*\s{0,40}")
BOLD = re.compile(r"(?<!\*)\*\*(?!\*)")
BOLD_LEFT_OPEN = re.compile(r"(?<!\*)\*\*[\d.,]{1,12}\s{0,2}$")
SPACED = re.compile(rf"(?<![{HAN}〇])[{HAN}〇0-9](?: {{1,3}}[{HAN}〇0-9](?![{HAN}〇0-9]))+")
LONG_SPACED = 4  # characters: so many set apart, with a known word among them, are a spaced line


OPENED = re.compile(r"[(（【\[]")
BRACKETED = re.compile(rf"[(（【\[](?:{GLOSS}|{GOES_ON})")


@cache
def _residue() -> re.Pattern[str]:
    """Tags, whole or broken, ends of comments, references for spaces."""
    names = words(load_lexicons().elements).pattern
    tag = rf"</?(?:{names}|[a-z]\w{{0,9}}:\w{{1,20}})(?:[\s/][^<>]{{0,300}})?(?:>|$)"
    broken = rf"(?<![A-Za-z0-9<&])(?:/(?:{names})\s{{0,2}}>|(?:{names})\s{{0,2}}/>|(?:br|span|div|td|tr|font|strong)>)"
    comment = r"<!--[^-]{0,200}(?:-(?!->)[^-]{0,200}){0,20}-->|<!--|(?<![A-Za-z])/?[A-Za-z]{3,20}-->|^\s{0,8}-->"
    return re.compile(f"(?P<space>(?:{SPACE_REFERENCE}\\s?)+)|(?:{tag}|{broken}|{comment})", re.I)


@cache
def _unit_behind() -> re.Pattern[str]:
    measure = words([*load_units().count]).pattern
    return re.compile(rf"[.%]|[余多万亿]{{0,2}}(?:{measure})(?P<goes_on>(?=[{HAN}]))?")


def residue(text: str, *, bold_open: bool = False) -> list[Span]:
    """Spans of a line that are no text.

    Args:
        text: the line in simplified script, of normal width.
        bold_open: whether the line before left a bold number open.
    """
    spans = [(*match.span(), "") for match in INVISIBLE.finditer(text)]
    if "<" in text or ">" in text or "&" in text:
        spans += [*_marks(text), *_references(text)]
    for match in BRACKETED.finditer(text) if OPENED.search(text) else ():
        if match.end() - match.start() < len(text.strip()):
            spans.append((*match.span(), ""))
    if "**" in text:
        spans += _bold(text, bold_open)
    return sorted(spans)


def _marks(text: str) -> list[Span]:
    spans = []
    for match in _residue().finditer(text):
        start, end = match.span()
        between = match.group("space") and text[start - 1 : start].isalpha() and text[end : end + 1].isalpha()
        spans.append((start, end, " " if between else ""))
    return spans


def _references(text: str) -> list[Span]:
    spans = []
    for match in SIGN_REFERENCE.finditer(text):
        sign = html.unescape("&" + match.group(1).lower())
        if sign in SIGNS:
            spans.append((*match.span(), sign))
    return spans


def _bold(text: str, is_open: bool) -> list[Span]:
    """Markdown's bold marks; two asterisks that stand for digits before a measure word are none."""
    marks = [match.start() for match in BOLD.finditer(text)]
    spans: list[Span] = []
    for place in marks:
        if not is_open and place and not text[place - 1].isspace():
            behind = _unit_behind().match(text, place + 2)
            if behind and (behind.group("goes_on") is None or text[place - 1].isdigit()):
                continue
        is_open = not is_open
        spans.append((place, place + 2, ""))
    return spans


def doubled(text: str) -> list[Span]:
    """Commas before or behind another mark."""
    return [(*match.span(), "") for match in DOUBLED.finditer(text)]


def is_table_row(text: str) -> bool:
    """Whether a line is a row of a table in Markdown, with a bar at each end."""
    bare = text.strip()
    return len(bare) > 2 and bare[0] in "|｜" and bare[-1] in "|｜" and any(char.isalnum() for char in bare)


def bars(text: str) -> list[Span]:
    """Bars between the cells of a table row; one between two numbers stays, for they would be read as one."""
    if not is_table_row(text):
        return []
    spans: list[Span] = []
    for match in BAR.finditer(text):
        start, end = match.span()
        if text[start - 1 : start].isdigit() and text[end : end + 1].isdigit():
            continue
        spans.append((start, end, " " if start and end < len(text) else ""))
    return spans


def spaced(text: str) -> list[Span]:
    """Spaces between the characters of words set wide: 工 作 报 告. A name of two characters stays as it is."""
    if " " not in text:
        return []
    known = load_lexicons().spaced_words
    spans: list[Span] = []
    for match in SPACED.finditer(text):
        glued = match.group().replace(" ", "")
        whole = known.fullmatch(glued) is not None
        if whole or (len(glued) >= LONG_SPACED and known.search(glued)):
            start = match.start()
            spans += [(start + gap.start(), start + gap.end(), "") for gap in re.finditer(" +", match.group())]
    return spans
