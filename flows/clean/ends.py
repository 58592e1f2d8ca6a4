"""Where a report ends: what stands below it is other articles, readers' comments and lists; or that it breaks off."""

from __future__ import annotations

import re
from itertools import accumulate

from flows.clean.lines import Line
from schemas.labels import KEPT_LABELS
from schemas.vocabulary import Lexicons, load_lexicons

ORDINAL = re.compile(
    r"([一二三四五六七八九十]{1,3})、|第([一二三四五六七八九十]{1,3})部分|\(([一二三四五六七八九十]{1,3})\)"
)
NUMERALS = "一二三四五六七八九十"
NUMERAL = re.compile(f"[{NUMERALS}]")
# What the reports speak of all the time: which of two parts of a page is the report.
SUBJECT = re.compile(r"政协|提案|委员|协商|履职|常委会|主席会议|社情民意")
BYLINE = re.compile(r"\d{4}\s*[-/年.]\s*\d{1,2}|来源|记者|作者")
DATELINE = re.compile(
    r"(?:本报|本网|本刊|据|新华社|[\u4e00-\u9fff]{2,8}网)[\u4e00-\u9fff]{0,8}(?:讯|电|消息|报道)[\s,(:]"
)
HEADLINE_WIDTH = (12.0, 60.0)
CUT_OFF = re.compile(r"[(]|全文|未完")
LOOK_AHEAD = 3
NEVER_CUT = ("blank", "boilerplate", "spam")
TURNED = re.compile(r"[(\[【]?\s?(?:上接|紧接|接上)")  # at the top of the page on which an article goes on
NARROW = 8.0  # ems: a line this wide with a comma or a full stop may be prose of a narrow column
TAIL = 60


def label_after_end(lines: list[Line], prose: list[bool], given: list[bool]) -> None:
    """Label everything behind the end of the report.

    A mark ends it only where the report does not go on behind it: no later section of the same numbering, and
    fewer words of its subject than before.

    Args:
        lines: the lines; titles and what tells itself are labelled.
        prose: whether each line is prose without a label, or in columns.
        given: whether each line had its label from the page's structure.
    """
    # Where no line behind a mark could be labelled, the mark need not be found.
    low = max((i for i, line in enumerate(lines) if not (given[i] or line.label in NEVER_CUT)), default=-1)
    at = _end(lines, prose, low)
    if at is None:
        return
    last = max((i for i in range(at, len(lines)) if prose[i]), default=at)
    for i in range(at, len(lines)):
        line = lines[i]
        if given[i] or (i == at and line.label) or line.label in NEVER_CUT:
            continue
        if not line.label or line.label in KEPT_LABELS or i <= last != at:
            line.set("boilerplate", "after_article", 0.8)


def _end(lines: list[Line], prose: list[bool], low: int) -> int | None:
    """Place of the first line behind the report, where a mark at or above place `low` shows one."""
    lexicons = load_lexicons()
    # Most pages have no such mark, and need not be counted.
    headings = {i for i in range(low + 1) if _is_end_heading(lines[i], lexicons)}
    headlines = {i for i in range(low + 1) if _begins_article(lines, prose, i)}
    if not headings and not headlines:
        return None
    subject = [len(SUBJECT.findall(line.folded)) if not line.label or line.pieces else 0 for line in lines]
    before, total = list(accumulate(subject, initial=0)), sum(subject)
    prose_before = list(accumulate(prose, initial=0))
    ordinals = [_ordinals(line) for line in lines]
    following = _following(ordinals)
    turned = _turned(lines, prose)
    first = next((i for i, line in enumerate(lines) if prose[i] or _is_narrow_prose(line)), len(lines))
    seen = [0, 0, 0]
    for i in range(low + 1):
        # A heading such as 热点排行 ends a report also where only short lines follow; another mark needs prose behind it.
        behind = prose_before[-1] > prose_before[i] or not lines[i].label
        if i > first and behind and not turned[i] and not _goes_on(seen, following[i]):
            own, others = before[i], total - before[i]
            most = others <= own if own or others else 2 * prose_before[i] >= prose_before[-1]
            if (most and i in headings) or (others * 2 <= own and i in headlines):
                return i
        for kind, number in enumerate(ordinals[i]):
            seen[kind] = number or seen[kind]
    return None


def _is_narrow_prose(line: Line) -> bool:
    return not line.label and line.width >= NARROW and ("," in line.folded or line.sentences > 0)


def _is_turn(line: Line) -> bool:
    return "接" in line.simplified and TURNED.match(line.folded) is not None


def _turned(lines: list[Line], prose: list[bool]) -> list[bool]:
    """Whether the next prose from each line on stands below a note that it goes on from another page."""
    turned, ahead = [False] * len(lines), False
    for i in range(len(lines) - 1, -1, -1):
        ahead = not prose[i] and (ahead or _is_turn(lines[i]))
        turned[i] = ahead
    return turned


def _is_end_heading(line: Line, lexicons: Lexicons) -> bool:
    """Whether the line is a mark that ends an article."""
    if line.label not in ("", "boilerplate", "meta") or line.width > 60:
        return False
    bare = line.folded.strip("【】[]<>()-*#| ")
    return bool(bare) and lexicons.article_ends.fullmatch(bare) is not None


def _begins_article(lines: list[Line], prose: list[bool], at: int) -> bool:
    """Whether a line is the headline of another article: behind a full stop, before a byline or dateline and prose."""
    line = lines[at]
    if line.label or prose[at] or line.ends or not HEADLINE_WIDTH[0] <= line.width <= HEADLINE_WIDTH[1]:
        return False
    behind = [j for j in range(at - 1, max(-1, at - 6), -1) if lines[j].label != "blank"]
    if not behind or not lines[behind[0]].ends:
        return False
    bylined = False
    ahead = [j for j in range(at + 1, min(len(lines), at + 8)) if lines[j].label != "blank"][:LOOK_AHEAD]
    for j in ahead:
        if prose[j]:
            return bylined or DATELINE.match(lines[j].folded) is not None
        bylined = bylined or (lines[j].label == "meta" and BYLINE.search(lines[j].folded) is not None)
    return False


def _ordinals(line: Line) -> tuple[int, int, int]:
    """Numbers of the sections that a line begins, by the kind of their mark; 0 for none."""
    # Most lines of a web page are read for nothing else: those without a numeral need not be.
    if not NUMERAL.search(line.simplified):
        return (0, 0, 0)
    match = ORDINAL.match(line.folded)
    if not match:
        return (0, 0, 0)
    one, two, three = (_number(group) for group in match.groups())
    return (one, two, three)


def _number(numeral: str | None) -> int:
    if not numeral:
        return 0
    tens, _, ones = numeral.rpartition("十")
    if "十" not in numeral:
        return NUMERALS.index(numeral[0]) + 1
    return (NUMERALS.index(tens[0]) + 1 if tens else 1) * 10 + (NUMERALS.index(ones[0]) + 1 if ones else 0)


def _following(ordinals: list[tuple[int, int, int]]) -> list[list[int]]:
    """For each line the next number of each kind, at it or behind it."""
    following = [[0, 0, 0] for _ in ordinals]
    ahead = [0, 0, 0]
    for i in range(len(ordinals) - 1, -1, -1):
        ahead = [number or ahead[kind] for kind, number in enumerate(ordinals[i])]
        following[i] = ahead
    return following


def _goes_on(seen: list[int], following: list[int]) -> bool:
    """Whether a numbering that has begun goes on."""
    return any(now and then == now + 1 for now, then in zip(seen, following, strict=True))


def is_truncated(lines: list[Line]) -> bool:
    """Whether the page says that the rest of the report is elsewhere."""
    return any(line.rule == "truncated" or (line.breaks_off and line.label in KEPT_LABELS) for line in lines)


def label_truncated(line: Line, lexicons: Lexicons) -> bool:
    """Label a line that says that the report breaks off; cut such words from the end of prose.

    Returns:
        Whether the line says so.
    """
    if line.width <= TAIL:
        text = line.folded.strip(" .…<>[]【】")
        if lexicons.truncated.fullmatch(text) or lexicons.truncated.fullmatch(text.strip("()")):
            line.set("boilerplate", "truncated", 0.9)
            return True
    return False


def cut_truncated(line: Line, lexicons: Lexicons) -> None:
    """Cut from the end of a kept line words that say that the report breaks off."""
    low = max(0, len(line.folded) - TAIL)
    if not CUT_OFF.search(line.folded, low):
        return
    for match in lexicons.truncated.finditer(line.folded, low):
        plain = match.group()[0] == "(" or "全文" in match.group() or "未完" in match.group()
        if plain and match.start() and match.end() >= len(line.folded) - 2:
            line.cut([(match.start(), len(line.folded))])
            line.breaks_off = True
            return
