"""One label for each line, by named rules, from the surest to the vaguest.

    1. patterns   blank, spam, boilerplate, meta: lines that tell what they are by themselves
    2. title      the headline, its sub-headline and repeats; short lines above it are navigation
    3. tail       short lines behind the article, once navigation has begun, are navigation
    4. captions   dated lines in a row, lines that repeat the body
    5. headings   short lines that end no sentence and are no part of one; the rest is body

Rules look at kinds of text: no rule knows a place, a year, a site or a file.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from flows.clean.captions import QUANTITY, label_captions
from flows.clean.columns import find_columns
from flows.clean.ends import SUBJECT, cut_truncated, label_after_end, label_truncated
from flows.clean.lines import CLOSING, Line, fold_together
from flows.clean.markup import is_table_row
from flows.clean.mojibake import is_mojibake, may_hold_mojibake
from flows.clean.reflow import continues
from flows.clean.said import free_said
from flows.clean.spam import free_headline, free_sentence, label_outer_rows, label_outside_spam, spam_rule
from flows.clean.titles import label_title
from schemas.vocabulary import Lexicons, load_lexicons

HEADING_WIDTH = 42.0
# What each of the patterns of credits needs.
CREDIT_SIGN = re.compile(r"[\d:|丨/□■◇○●摄图供源编者记社讯室会协院处中心年〇]")
FURNITURE_INSIDE = 40.0  # ems: furniture in the article of a web page is no wider
PROSE_INSIDE = 60.0  # ems: so wide and ended a line in the article of a web page is prose
# 办复率100%:打通堵点 - a rate before a colon, and a phrase behind it.
RATE_HEADING = re.compile(r"[\u4e00-\u9fff]{2,10}[\d.]+[%\u4e00-\u9fff]{0,3}:[^\d,]{4,24}")
DATED_ITEM = re.compile(r"\d{1,2}月\d{1,2}日\s")
FIELD_MARKS = re.compile(r"[:|丨]")
FIELD_MARK = re.compile(r"\s*[::|丨]$")
STOPS = re.compile(r"[,。;!?]")
FULL_STOPS = re.compile(r"[。!?]")
STOP_INSIDE = re.compile(r"[。;](?=.)")
WIDE_GAP = re.compile(r"\s{2,}")
PARTS = re.compile(r"[\s|【】\[\]/·>»]+")
LEADING_DATE = re.compile(r"\d{4}\s*[-/年.]\s*\d{1,2}\s*[-/月.]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
NUMBER_ABOVE = re.compile(r"0\d|PART\s*[.·]?\s*\d{1,2}", re.I)  # decoration above a heading
FIRST_PERSON = re.compile(r"(?:现在,?)?我(?:受|代表|们|向|谨)")
WORD = re.compile(r"\w")  # a rule or a bar is furniture, but begins no navigation
NAVIGATION = frozenset(["furniture", "furniture_row", "furniture_words", "counters", "after_article"])
MOST_REPEATED = 0.25  # share of a text, by width, that may be furniture of its site
NUMBER_OF_PAGE = re.compile(r"\d{1,4}|\.{2,3}|…+")
# White space, marks of emphasis and characters that no reader sees.
BLANK = "*_ \t\r\n\f\v\x1c\x1d\x1e\x1f\x85\u3000\u00a0\u2002\u2003\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e"


def label_lines(lines: list[Line], repeated: frozenset[str] = frozenset()) -> None:
    """Label all lines of one page in place.

    Args:
        lines: the lines in order; one that has a label from the page's structure keeps it.
        repeated: clean texts of lines that the site repeats on many pages.
    """
    lexicons = load_lexicons()
    fold_together([line for line in lines if line.rule not in ("outside_article", "unseen")])
    for line in lines:
        if line.label and not line.raw.strip(BLANK):
            line.set("blank", "blank", 1.0)
        elif line.near and not _label_credits(line, lexicons):
            line.set("boilerplate", "outside_article", 0.9)
    # What lies outside the article of a web page is settled, and tells nothing of what lies in it.
    label_outside_spam([line for line in lines if line.rule == "outside_article"], lexicons)
    lines = [line for line in lines if line.rule not in ("outside_article", "unseen")]
    given = [bool(line.label) for line in lines]
    # One look at the whole page spares most pages a look at each line.
    odd = may_hold_mojibake("\n".join(line.raw for line in lines))
    text = "\n".join(line.folded for line in lines)
    named = lexicons.spam.search(text) is not None
    furnished = lexicons.boilerplate_anywhere.search(text) is not None
    begun = False
    kept: list[Line] = []
    for line in lines:
        begun = begun or (line.inside and line.sentences > 0)
        if begun and line.inside and lexicons.article_kept.fullmatch(line.folded):
            kept.append(line)
        else:
            _label_by_pattern(line, lexicons, odd=odd, named=named, furnished=furnished)
    free_said(lines, given, lexicons)
    if not any(line.inside for line in lines):
        find_columns(lines)
    label_title(lines, lexicons)
    label_after_end(lines, [_is_text(line) for line in lines], given)
    _label_tail(lines, lexicons)
    _label_site_lines(lines, repeated, lexicons)
    label_outer_rows(lines, _inside(lines), lexicons)
    label_captions(lines)
    _label_document_end(lines, kept)
    _label_rest(lines, lexicons)


def _label_document_end(lines: list[Line], kept: list[Line]) -> None:
    """What ends a document behind its last prose, who and when, is no heading."""
    last = max((line.no for line in lines if not line.label and line.ends), default=0)
    for line in kept:
        if not line.label and line.no > last and not line.level:
            line.set("body", "document_end", 0.8)


def _label_site_lines(lines: list[Line], repeated: frozenset[str], lexicons: Lexicons) -> None:
    """What a site repeats is furniture at the edges of a page; in the midst of a text it may be a heading.

    It is never much of the text, no sentence and no quantity.
    """
    content = [line for line in lines if not line.label] if repeated else []
    left = MOST_REPEATED * sum(line.width for line in content)
    for edge in (content, content[::-1]):
        for line in edge:
            if line.label or line.text not in repeated or lexicons.courtesy.search(line.folded):
                break
            if line.width > left or line.prose or line.ends or lexicons.quantity.search(line.folded):
                break
            left -= line.width
            line.set("boilerplate", "site_repeats", 0.8)


def _inside(lines: list[Line]) -> tuple[int, int]:
    """Places of the headline, or the first prose, and of the last prose."""
    prose = [i for i, line in enumerate(lines) if _is_text(line)]
    first = next((i for i, line in enumerate(lines) if line.label == "title"), prose[0] if prose else 0)
    return first, prose[-1] if prose else len(lines)


def _label_by_pattern(line: Line, lexicons: Lexicons, *, odd: bool, named: bool, furnished: bool) -> None:
    """Label a line that tells what it is by itself.

    Args:
        line: the line.
        lexicons: the words.
        odd: whether some line of the page may be mojibake.
        named: whether some line of the page has a word of spam.
        furnished: whether some line of the page has words that stand in furniture only.
    """
    if not line.raw.strip(BLANK):
        line.set("blank", "blank", 1.0)
        return
    if line.label:
        return
    if not line.folded.strip("*_ "):
        line.set("boilerplate", "markup", 0.95)
        return
    if odd and is_mojibake(line.raw):
        line.set("boilerplate", "mojibake", 0.9)  # text in a wrong encoding has no words that could be read
        return
    named = named and lexicons.spam.search(line.folded) is not None
    if named or (not line.inside and lexicons.spam_tails.search(line.folded)):
        free_headline(line, lexicons)
    if named and (rule := spam_rule(line.folded, lexicons)):
        line.set("spam", rule, 0.95)
        return
    if not named and line.inside and line.width >= PROSE_INSIDE and line.ends:
        return  # prose of an article, for which no pattern was made
    if label_truncated(line, lexicons):
        return
    if named:
        free_sentence(line, lexicons)
    cut_truncated(line, lexicons)
    if line.inside and line.width > FURNITURE_INSIDE:
        _label_credits(line, lexicons)
        return
    folded = line.folded
    if line.width <= 100 and lexicons.boilerplate_whole.fullmatch(folded.strip("【】[]<>()•· ")):
        line.set("boilerplate", "furniture", 0.95)
    elif line.width <= 100 and _is_furniture_row(folded, lexicons):
        line.set("boilerplate", "furniture_row", 0.9)
    elif line.width <= 100 and "  " in folded and _is_page_header(folded, lexicons):
        line.set("boilerplate", "page_header", 0.9)
    elif furnished and _has_furniture_words(line, lexicons):
        line.set("boilerplate", "furniture_words", 0.9)
    elif line.width <= 130 and lexicons.caption_whole.fullmatch(folded) and not _is_photo_credit(line):
        line.set("caption", "credit", 0.9)
    else:
        _label_credits(line, lexicons)


def _has_furniture_words(line: Line, lexicons: Lexicons) -> bool:
    """Whether a line has words that stand in furniture only: a short one some, a longer one several."""
    if line.width > 200:
        return False
    found = len(lexicons.boilerplate_anywhere.findall(line.folded))
    return found >= 2 or (found == 1 and line.width <= 60 and line.sentences == 0)


def _is_photo_credit(line: Line) -> bool:
    """Whether a line says only by whom a picture is."""
    return line.folded.startswith("(") and line.width <= 16


def _label_credits(line: Line, lexicons: Lexicons) -> bool:
    """Label a line that says when, where and by whom the text was published; whether it is one."""
    if not CREDIT_SIGN.search(line.folded):
        return False
    if line.width <= 60 and lexicons.meta_whole.fullmatch(line.folded.strip("【】[]")):
        line.set("meta", "credit_line", 0.9)
    elif line.width <= 120 and (fields := _fields(line.folded, lexicons)):
        if all(lexicons.counter_field.fullmatch(FIELD_MARK.sub("", name)) for name in fields):
            line.set("boilerplate", "counters", 0.9)
        else:
            line.set("meta", "credit_fields", 0.9)
    return line.label == "meta"


def _is_furniture_row(folded: str, lexicons: Lexicons) -> bool:
    """Whether a line is a row of buttons or links: each of its parts is furniture, or it is a bar of short words."""
    if not PARTS.search(folded) or STOPS.search(folded):
        return False
    parts = [part for part in PARTS.split(folded) if part]
    if len(parts) < 2:
        return False
    if any(lexicons.paging.fullmatch(part) for part in parts):
        parts = [part for part in parts if not NUMBER_OF_PAGE.fullmatch(part)]
    if all(lexicons.boilerplate_whole.fullmatch(part) for part in parts):
        return True
    short = all(2 <= len(part) <= 6 for part in parts)
    return len(parts) >= 4 and short and any(lexicons.bar_words.search(part) for part in parts)


def _is_page_header(folded: str, lexicons: Lexicons) -> bool:
    """Whether a line runs along the top or the foot of a printed page: paper, day, page, set apart by wide gaps."""
    parts = WIDE_GAP.split(folded)
    # A number alone is one of a page only beside a day: else it is a cell.
    if len(parts) < 2 or not any(lexicons.page_marks.search(part) or LEADING_DATE.fullmatch(part) for part in parts):
        return False
    if len(parts) == 2 and LEADING_DATE.fullmatch(parts[1]):
        return False  # a paper and its day: a credit
    return all(lexicons.page_header.fullmatch(part) for part in parts)


def _fields(folded: str, lexicons: Lexicons) -> list[str]:
    """Names of the fields such as 来源: and 发布时间: that a line is made of, maybe behind a date; else nothing."""
    if not FIELD_MARKS.search(folded):
        return []
    fields = list(lexicons.meta_field.finditer(folded))
    if not fields or FULL_STOPS.search(folded):
        return []
    lead = LEADING_DATE.sub("", folded[: fields[0].start()])
    buttons = [part for part in PARTS.split(lead) if part and not lexicons.boilerplate_whole.fullmatch(part)]
    if "".join(buttons).strip("-*•([") or (len(fields) < 2 and len(folded) - fields[0].end() > 40):
        return []
    return [match.group() for match in fields]


def _is_text(line: Line) -> bool:
    """Whether the line is prose of the report, as far as is known."""
    return line.rule == "columns" or (not line.label and line.prose)


def _label_tail(lines: list[Line], lexicons: Lexicons) -> None:
    """Behind the last prose, short lines that follow navigation are navigation, too; sentences of the report are not."""
    last = max((i for i, line in enumerate(lines) if _is_text(line)), default=-1)
    titles = {line.squeezed for line in lines if line.label == "title"}
    tail = [line for line in lines[last + 1 :] if line.label != "blank"] if last >= 0 else []
    begun = False
    for line, below in zip_longest(tail, tail[1:]):
        if line.label:
            begun = begun or _begins_navigation(line, lexicons)
        elif line.squeezed in titles:
            line.set("boilerplate", "after_article", 0.8)
        elif begun and _is_sentence(line, lexicons):
            begun = False
        elif begun and not (below and not below.label and _is_sentence(below, lexicons)):
            line.set("boilerplate", "after_article", 0.8)


def _begins_navigation(line: Line, lexicons: Lexicons) -> bool:
    """Whether what follows a line is navigation: buttons and links do, pictures and numbers of pages stand in texts, too."""
    if line.rule not in NAVIGATION or not WORD.search(line.folded):
        return False
    return lexicons.boilerplate_within.fullmatch(line.folded) is None


def _is_sentence(line: Line, lexicons: Lexicons) -> bool:
    """Whether a short line behind the text says something of the report; in the article of a web page a quantity
    without a link is enough."""
    counted = lexicons.quantity.search(line.folded) is not None
    if line.inside and not line.links and counted:
        return True
    return line.folded.rstrip(CLOSING).endswith("。") and (counted or SUBJECT.search(line.folded) is not None)


def _label_rest(lines: list[Line], lexicons: Lexicons) -> None:
    """What is left is heading or body."""
    content = [line for line in lines if not line.label]
    numbered = _numbered_above(lines)
    joined_before = False
    for i, line in enumerate(content):
        if line.no in numbered and line.width <= HEADING_WIDTH and not line.ends and not line.pauses:
            line.set("heading", "number_above", 0.9)
            joined_before = False
            continue
        joins_next = i + 1 < len(content) and continues(line, content[i + 1], content, i)
        if joins_next and content[i + 1].no in numbered:
            joins_next = False
        if joined_before or joins_next:
            line.set("body", "wrapped_prose", 0.9)
        elif line.cell or is_table_row(line.raw):
            line.set("body", "table_row", 0.9)
        elif rule := _heading_rule(line, lexicons):
            line.set("heading", rule, 0.85)
        else:
            line.set("body", "prose", 0.9 if line.ends else 0.7)
        joined_before = joins_next


def _is_clause(folded: str) -> bool:
    """Whether a short line without a full stop at its end is text: a speech, a sentence inside, a list of things."""
    return folded.count("、") >= 3 or bool(FIRST_PERSON.match(folded) or STOP_INSIDE.search(folded))


def _numbered_above(lines: list[Line]) -> set[int]:
    """Numbers of the lines above which a section's number stands alone, as decoration."""
    found: set[int] = set()
    above: Line | None = None
    for line in lines:
        if line.label == "blank":
            continue
        if not line.label and above and above.label == "boilerplate" and NUMBER_ABOVE.fullmatch(above.folded):
            found.add(line.no)
        above = line
    return found


def _heading_rule(line: Line, lexicons: Lexicons) -> str:
    """The rule by which a line is a section heading, or nothing."""
    folded = line.folded
    if line.width > HEADING_WIDTH or lexicons.address_whole.fullmatch(folded) or DATED_ITEM.match(folded):
        return ""
    if folded.startswith("--"):
        return ""  # an item, or who said it
    marked = lexicons.heading_start.match(folded)
    if folded.endswith(":") and not marked:
        return "heading_words" if line.width <= 12 and lexicons.heading_words.search(folded) else ""
    if not line.ends:
        if RATE_HEADING.fullmatch(folded):
            return "rate_heading"
        if not marked and _is_clause(folded):
            return ""
        if QUANTITY.search(folded) and not (marked and (folded[0].isdigit() or folded[0] in "一二三四五六七八九十(第")):
            return ""
        return "marked_heading" if marked else "short_line"
    if marked and line.sentences == 1 and folded[-1] in "。" and folded.count(",") <= 2:
        return "marked_sentence" if line.width <= 30 else ""
    return ""
