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

from flows.clean.columns import find_columns
from flows.clean.ends import cut_truncated, label_after_end, label_truncated
from flows.clean.lines import SENTENCE_END, Line
from flows.clean.markup import is_table_row
from flows.clean.mojibake import is_mojibake
from flows.clean.reflow import continues
from flows.clean.repeats import label_repeats
from flows.clean.spam import free_headline, free_sentence, label_outer_rows, spam_rule
from schemas.vocabulary import Lexicons, load_lexicons

PROSE_WIDTH = 40.0  # ems: a line this wide with a sentence mark is prose, not a headline or a link
HEADING_WIDTH = 42.0
PROSE_BODY = 60.0  # ems: lines whose words captions repeat
FULL_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
SUBHEADLINE = re.compile(r"-{1,2}")
ORIGINAL_TITLE = re.compile(r"原(标题|题)\s*[::]")
NAMES = re.compile(r"[\u4e00-\u9fff]\s*[\u4e00-\u9fff]{1,3}(\s+[\u4e00-\u9fff]{2,4}){0,5}")
QUANTITY = re.compile(r"\d[\d.]*\s*[万亿]?[余多]?[次件条篇个项名位人户家场期%元字册部]")
TIMED = re.compile(r"(?:(?:去年|今年|\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|去年|今年),")
# 办复率100%:打通堵点 - a rate before a colon, and a phrase behind it.
RATE_HEADING = re.compile(r"[\u4e00-\u9fff]{2,10}[\d.]+[%\u4e00-\u9fff]{0,3}:[^\d,]{4,24}")
DATED_ITEM = re.compile(r"\d{1,2}月\d{1,2}日\s")
PARTS = re.compile(r"[\s|【】\[\]/·>»]+")
LEADING_DATE = re.compile(r"\d{4}\s*[-/年.]\s*\d{1,2}\s*[-/月.]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
COMMITTEE_LINE = re.compile(r"(?:中国人民政治协商会议|政协)(?:.{0,30}委员会)?")
HEADLINE_GOES_ON = re.compile(r"(?:.{2,20}委员会|常务委员会|关于|工作|提案).{0,40}报告?")
OCCASION = re.compile(r"\(.{0,24}在.{2,40}会议?上.{0,8}\)")
SQUEEZE = re.compile(r"[\s\W_]+")
GRAM = 4
WORD = re.compile(r"\w")  # a rule or a bar is furniture, but begins no navigation
# White space, marks of emphasis and characters that no reader sees.
BLANK = "*_ \t\r\n\f\v\x1c\x1d\x1e\x1f\x85\u3000\u00a0\u2002\u2003\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e"


def label_lines(lines: list[Line], repeated: frozenset[str] = frozenset()) -> None:
    """Label all lines of one page in place.

    Args:
        lines: the lines in order; one that has a label from the page's structure keeps it.
        repeated: clean texts of lines that the site repeats on many pages.
    """
    lexicons = load_lexicons()
    for line in lines:
        if line.near and not _label_credits(line, lexicons):
            line.set("boilerplate", "outside_article", 0.9)
    # What lies outside the article of a web page is settled, and tells nothing of what lies in it.
    lines = [line for line in lines if line.rule != "outside_article"]
    given = [bool(line.label) for line in lines]
    begun = False
    for line in lines:
        begun = begun or (line.inside and line.sentences > 0)
        if not (begun and line.inside and lexicons.article_kept.fullmatch(line.folded)):
            _label_by_pattern(line, lexicons)
    find_columns(lines)
    _label_title(lines, lexicons)
    label_after_end(lines, [_is_text(line) for line in lines], given)
    _label_tail(lines)
    _label_site_lines(lines, repeated, lexicons)
    label_outer_rows(lines, _inside(lines), lexicons)
    _label_captions(lines)
    _label_rest(lines, lexicons)


def _label_site_lines(lines: list[Line], repeated: frozenset[str], lexicons: Lexicons) -> None:
    """What a site repeats is furniture at the edges of a page; in the midst of a text it may be a heading."""
    content = _open(lines) if repeated else []
    for edge in (content, content[::-1]):
        for line in edge:
            if line.label or line.text not in repeated or lexicons.courtesy.search(line.folded):
                break
            line.set("boilerplate", "site_repeats", 0.8)


def _inside(lines: list[Line]) -> tuple[int, int]:
    """Places of the headline, or the first prose, and of the last prose."""
    prose = [i for i, line in enumerate(lines) if _is_text(line)]
    first = next((i for i, line in enumerate(lines) if line.label == "title"), prose[0] if prose else 0)
    return first, prose[-1] if prose else len(lines)


def _open(lines: list[Line]) -> list[Line]:
    """Lines without a label, in order."""
    return [line for line in lines if not line.label]


def _label_by_pattern(line: Line, lexicons: Lexicons) -> None:
    if not line.raw.strip(BLANK):
        line.set("blank", "blank", 1.0)
        return
    if line.label:
        return
    if not line.folded.strip("*_ "):
        line.set("boilerplate", "markup", 0.95)
        return
    if is_mojibake(line.raw):
        line.set("boilerplate", "mojibake", 0.9)  # text in a wrong encoding has no words that could be read
        return
    named = lexicons.spam.search(line.folded) is not None
    if named or lexicons.spam_tails.search(line.folded):
        free_headline(line, lexicons)
    if named and (rule := spam_rule(line.folded, lexicons)):
        line.set("spam", rule, 0.95)
        return
    if label_truncated(line, lexicons):
        return
    if named:
        free_sentence(line, lexicons)
    cut_truncated(line, lexicons)
    folded = line.folded
    if line.width <= 100 and lexicons.boilerplate_whole.fullmatch(folded.strip("【】[]<>()")):
        line.set("boilerplate", "furniture", 0.95)
    elif line.width <= 100 and _is_furniture_row(folded, lexicons):
        line.set("boilerplate", "furniture_row", 0.9)
    elif (line.width <= 60 and line.sentences == 0 and lexicons.boilerplate_anywhere.search(folded)) or (
        line.width <= 200 and len(lexicons.boilerplate_anywhere.findall(folded)) >= 2
    ):
        line.set("boilerplate", "furniture_words", 0.9)
    elif line.width <= 130 and lexicons.caption_whole.fullmatch(folded):
        line.set("caption", "credit", 0.9)
    else:
        _label_credits(line, lexicons)


def _label_credits(line: Line, lexicons: Lexicons) -> bool:
    """Label a line that says when, where and by whom the text was published; whether it is one."""
    if line.width <= 60 and lexicons.meta_whole.fullmatch(line.folded.strip("【】[]")):
        line.set("meta", "credit_line", 0.9)
    elif line.width <= 120 and _is_field_row(line.folded, lexicons):
        line.set("meta", "credit_fields", 0.9)
    return line.label == "meta"


def _is_furniture_row(folded: str, lexicons: Lexicons) -> bool:
    """Whether a line is a row of buttons or links: each of its parts is furniture, or it is a bar of short words."""
    parts = [part for part in PARTS.split(folded) if part]
    if len(parts) < 2 or re.search(r"[,。;!?]", folded):
        return False
    if all(lexicons.boilerplate_whole.fullmatch(part) for part in parts):
        return True
    short = all(2 <= len(part) <= 6 for part in parts)
    return len(parts) >= 4 and short and any(lexicons.bar_words.search(part) for part in parts)


def _is_field_row(folded: str, lexicons: Lexicons) -> bool:
    """Whether a line is made of fields such as 来源: and 发布时间:, maybe behind a date."""
    fields = list(lexicons.meta_field.finditer(folded))
    if not fields or re.search(r"[。!?]", folded):
        return False
    lead = LEADING_DATE.sub("", folded[: fields[0].start()])
    buttons = [part for part in PARTS.split(lead) if part and not lexicons.boilerplate_whole.fullmatch(part)]
    return not "".join(buttons).strip("-*•([") and (len(fields) >= 2 or len(folded) - fields[0].end() <= 40)


def _squeezed(text: str) -> str:
    return SQUEEZE.sub("", text)


def _is_prose(line: Line) -> bool:
    return line.width >= PROSE_WIDTH and (line.sentences > 0 or line.folded.count(",") >= 2)


def _is_text(line: Line) -> bool:
    """Whether the line is prose of the report, as far as is known."""
    return line.rule == "columns" or (not line.label and _is_prose(line))


def _label_title(lines: list[Line], lexicons: Lexicons) -> None:
    """Find the headline above the first prose, label what belongs to it and what stands above it."""
    head: list[Line] = []
    for line in lines:
        if line.label and line.rule != "columns":
            continue
        if (line.label or _is_prose(line)) and not SUBHEADLINE.match(line.folded):
            break
        head.append(line)
    page_title = _squeezed(lines[0].folded) if lines and lines[0].rule == "page_title" else ""
    headline = next((line for line in lines if line.rule == "headline"), None)
    if headline is None:
        scored = [
            (score, -i) for i, line in enumerate(head) if (score := _title_score(head, i, lexicons, page_title)) > 2
        ]
        if not scored:
            return
        at = -max(scored)[1]
        headline = head[at]
        headline.set("title", "headline", 0.9)
        _label_headline_parts(head, at)
        for line in head[:at]:
            if not line.label and not SUBHEADLINE.match(line.folded):
                line.set("boilerplate", "above_headline", 0.8)
        head = head[at + 1 :]
    begins = "".join(line.folded for line in lines if line.rule == "headline_begins")
    whole = _squeezed(begins + headline.folded)
    in_zone = True
    for line in head:
        if line.label:
            continue
        squeezed = _squeezed(line.folded)
        if ORIGINAL_TITLE.match(line.folded):
            line.set("title", "original_headline", 0.95)
        elif in_zone and (SUBHEADLINE.match(line.folded) or OCCASION.fullmatch(line.folded)):
            line.set("title", "sub_headline", 0.95)
        elif squeezed == whole or (in_zone and len(squeezed) >= 4 and (squeezed in whole or whole in squeezed)):
            line.set("title", "headline_repeated", 0.9)
        elif lexicons.address_whole.fullmatch(line.folded):
            line.set("body", "address", 0.9)
            in_zone = False
        elif (
            in_zone
            and NAMES.fullmatch(line.folded)
            and len(squeezed) <= 4
            and not lexicons.heading_words.search(squeezed)
        ):
            line.set("meta", "byline", 0.7)
        else:
            in_zone = False


def _label_headline_parts(head: list[Line], at: int) -> None:
    """A headline that names the committee is often broken behind it: the parts are one headline."""
    if at and head[at - 1].no == head[at].no - 1 and COMMITTEE_LINE.fullmatch(head[at - 1].folded):
        head[at - 1].set("title", "headline_begins", 0.9)
    elif COMMITTEE_LINE.fullmatch(head[at].folded) and at + 1 < len(head):
        following = head[at + 1]
        if following.no == head[at].no + 1 and HEADLINE_GOES_ON.fullmatch(_squeezed(following.folded)):
            head[at].rule = "headline_begins"
            following.set("title", "headline", 0.9)


def _title_score(head: list[Line], i: int, lexicons: Lexicons, page_title: str) -> float:
    """How much the line looks like the headline; above 2 it may be one."""
    line = head[i]
    folded, squeezed = line.folded, _squeezed(line.folded)
    if len(squeezed) < 5 or line.width > 75 or SUBHEADLINE.match(folded) or re.search(r"[。;,、:]$|^\(.*\)$", folded):
        return 0.0
    if (
        lexicons.heading_start.match(folded)
        or lexicons.item_start.match(folded)
        or lexicons.address_whole.fullmatch(folded)
    ):
        return 0.0
    score = min(3.0, 1.5 * len({m.group() for m in lexicons.title_words.finditer(folded)}))
    score += 1.0 if 8 <= len(squeezed) <= 60 else 0.0
    score += 1.5 if re.search(r"\S\s+\S", folded) or "--" in folded or re.search(r"[12]\d{3}年", folded) else 0.0
    if i + 1 < len(head) and SUBHEADLINE.match(head[i + 1].folded):
        score += 3.0
    score += 1.5 if any(_squeezed(other.folded) == squeezed for other in head[i + 1 : i + 4]) else 0.0
    score += 4.0 if page_title and len(squeezed) >= 6 and (squeezed in page_title or page_title in squeezed) else 0.0
    return score - 0.3 * i


def _label_tail(lines: list[Line]) -> None:
    """Behind the last prose, short lines that follow navigation are navigation, too."""
    last = max((i for i, line in enumerate(lines) if _is_text(line)), default=-1)
    titles = {_squeezed(line.folded) for line in lines if line.label == "title"}
    begun = False
    for line in lines[last + 1 :] if last >= 0 else []:
        if line.label in ("boilerplate", "meta"):
            begun = begun or (line.label == "boilerplate" and WORD.search(line.folded) is not None)
        elif not line.label and (begun or _squeezed(line.folded) in titles):
            line.set("boilerplate", "after_article", 0.8)


def _grams(text: str) -> set[str]:
    return {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}


def _label_captions(lines: list[Line]) -> None:
    """Dated lines in a row between headline and body, and lines that repeat the body."""
    content = _open(lines)
    prose = [line for line in content if line.width > PROSE_BODY]
    indented = sum(line.indented for line in prose) >= 0.7 * len(prose) > 0
    dated: list[Line] = []
    for line in content:
        if not (FULL_DATE.match(line.folded) and line.width <= 120 and not (indented and line.indented)):
            break
        dated.append(line)
    if len(dated) >= 2 or (dated and indented and len(content) > 1):
        for line in dated:
            line.set("caption", "dated_lines", 0.9)
    for line in content:
        if indented and not line.indented and not line.label and not line.ends and TIMED.match(line.folded):
            line.set("caption", "timed_line", 0.8)
    label_repeats(lines)
    prose = [line for line in prose if not line.label]
    body_grams: dict[str, int] = {}
    for line in prose:
        for gram in _grams(_squeezed(line.folded)):
            body_grams[gram] = body_grams.get(gram, 0) + 1
    before: Line | None = None
    for i, line in enumerate(content):
        previous, before = before, line if not line.label else before
        if line.label or not 14 <= line.width <= 90 or (indented and line.indented):
            continue
        if previous is not None and continues(previous, line, content, i - 1):
            continue
        if i + 1 < len(content) and continues(line, content[i + 1], content, i):
            continue
        squeezed = _squeezed(line.folded)
        grams = _grams(squeezed)
        own = 1 if line.width > PROSE_BODY else 0
        # In a page whose paragraphs are indented, a line that is not stands out already.
        enough = 0.4 if indented else 0.8
        if len(squeezed) >= 14 and sum(body_grams.get(g, 0) > own for g in grams) >= enough * len(grams):
            line.set("caption", "repeats_body", 0.8)


def _label_rest(lines: list[Line], lexicons: Lexicons) -> None:
    """What is left is heading or body."""
    content = [line for line in lines if not line.label]
    joined_before = False
    for i, line in enumerate(content):
        joins_next = i + 1 < len(content) and continues(line, content[i + 1], content, i)
        if joined_before or joins_next:
            line.set("body", "wrapped_prose", 0.9)
        elif is_table_row(line.raw):
            line.set("body", "table_row", 0.9)
        elif rule := _heading_rule(line, lexicons):
            line.set("heading", rule, 0.85)
        else:
            line.set("body", "prose", 0.9 if line.ends else 0.7)
        joined_before = joins_next


def _heading_rule(line: Line, lexicons: Lexicons) -> str:
    """The rule by which a line is a section heading, or nothing."""
    folded = line.folded
    if line.width > HEADING_WIDTH or lexicons.address_whole.fullmatch(folded) or DATED_ITEM.match(folded):
        return ""
    marked = lexicons.heading_start.match(folded)
    if folded.endswith(":") and not marked:
        return "heading_words" if line.width <= 12 and lexicons.heading_words.search(folded) else ""
    if not line.ends:
        if RATE_HEADING.fullmatch(folded):
            return "rate_heading"
        if QUANTITY.search(folded) and not (marked and (folded[0].isdigit() or folded[0] in "一二三四五六七八九十(第")):
            return ""
        return "marked_heading" if marked else "short_line"
    if marked and len(SENTENCE_END.findall(folded)) == 1 and folded[-1] in "。" and folded.count(",") <= 2:
        return "marked_sentence" if line.width <= 30 else ""
    return ""
