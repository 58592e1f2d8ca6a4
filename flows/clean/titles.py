"""The headline of a page of lines: which it is, what belongs to it, and what stands above it."""

from __future__ import annotations

import re

from flows.clean.lines import Line, squeeze, unbalanced
from schemas.vocabulary import Lexicons

SUBHEADLINE = re.compile(r"-{1,2}")
COLUMN_NAME = re.compile(r"【[^】]{2,12}】(?=\S{5})")  # 【两会特稿】 before a headline
ORIGINAL_TITLE = re.compile(r"原(标题|题)\s*[::]")
NAMES = re.compile(r"[\u4e00-\u9fff]\s*[\u4e00-\u9fff]{1,3}(\s+[\u4e00-\u9fff]{2,4}){0,5}")
COMMITTEE_LINE = re.compile(r"(?:中国人民政治协商会议|政协)(?:.{0,30}委员会)?")
HEADLINE_GOES_ON = re.compile(r"(?:.{2,20}委员会|常务委员会|关于|工作|提案).{0,40}报告?")
# The name of a body, and what its report is about: a headline that is parted there, maybe by a blank line.
BODY_LINE = re.compile(r".{0,12}?(?:政协|政治协商会议)(?:.{0,30}(?:委员会|常委会|党组|办公室))?")
ABOUT = re.compile(r"(?:关于|常务委员会|提案工作|工作报告).{0,60}(?:报告|情况|总结|通报)(?:\(.{0,8}\))?|工作报告")
EXTRACT = re.compile(r"\((?:摘要|摘登|节选|选登|全文|要点|讨论稿|审议稿|草案|书面)\)")
OCCASION = re.compile(r"\(.{0,24}在.{2,40}会议?上.{0,8}\)")


def label_title(lines: list[Line], lexicons: Lexicons) -> None:
    """Find the headline above the first prose, label what belongs to it and what stands above it."""
    head: list[Line] = []
    for line in lines:
        if line.label and line.rule != "columns":
            continue
        if (line.label or line.prose) and not SUBHEADLINE.match(line.folded):
            break
        head.append(line)
    page_title = squeeze(lines[0].folded) if lines and lines[0].rule == "page_title" else ""
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
        _label_headline_parts(lines, head, at)
        for line in head[:at]:
            if not line.label and not SUBHEADLINE.match(line.folded):
                line.set("boilerplate", "above_headline", 0.8)
        head = head[at + 1 :]
    begins = "".join(line.folded for line in lines if line.rule == "headline_begins")
    whole = squeeze(begins + headline.folded)
    in_zone = True
    for line in head:
        if line.label:
            continue
        squeezed = line.squeezed
        if ORIGINAL_TITLE.match(line.folded):
            line.set("title", "original_headline", 0.95)
        elif in_zone and (
            SUBHEADLINE.match(line.folded) or OCCASION.fullmatch(line.folded) or EXTRACT.fullmatch(line.folded)
        ):
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


def _label_headline_parts(lines: list[Line], head: list[Line], at: int) -> None:
    """A headline that names the committee is often broken behind it: the parts are one headline."""
    above = head[at - 1] if at else None
    named = above and above.no == head[at].no - 1 and COMMITTEE_LINE.fullmatch(above.folded)
    if above and (named or _is_parted(lines, above, head[at])):
        above.set("title", "headline_begins", 0.9)
    elif at + 1 < len(head):
        following = head[at + 1]
        beside = following.no == head[at].no + 1 and COMMITTEE_LINE.fullmatch(head[at].folded)
        if (beside and HEADLINE_GOES_ON.fullmatch(following.squeezed)) or _is_parted(lines, head[at], following):
            head[at].rule = "headline_begins"
            following.set("title", "headline", 0.9)


def _is_parted(lines: list[Line], first: Line, second: Line) -> bool:
    """Whether two lines with nothing or blank lines between them are a body and what its report is about."""
    if not BODY_LINE.fullmatch(first.folded) or not ABOUT.fullmatch("".join(second.folded.split())):
        return False
    return all(line.label == "blank" for line in lines if first.no < line.no < second.no)


def _title_score(head: list[Line], i: int, lexicons: Lexicons, page_title: str) -> float:
    """How much the line looks like the headline; above 2 it may be one."""
    line = head[i]
    folded, squeezed = line.folded, line.squeezed
    if len(squeezed) < 5 or line.width > 75 or SUBHEADLINE.match(folded) or re.search(r"[。;,、:]$|^\(.*\)$", folded):
        return 0.0
    column = COLUMN_NAME.match(folded)
    start = folded[column.end() :] if column else folded
    if (
        ORIGINAL_TITLE.match(folded)
        or lexicons.heading_start.match(start)
        or lexicons.item_start.match(start)
        or lexicons.address_whole.fullmatch(folded)
    ):
        return 0.0
    score = min(3.0, 1.5 * len({m.group() for m in lexicons.title_words.finditer(folded)}))
    score += 1.0 if 8 <= len(squeezed) <= 60 else 0.0
    score += 1.5 if re.search(r"\S\s+\S", folded) or "--" in folded or re.search(r"[12]\d{3}年", folded) else 0.0
    if i + 1 < len(head) and SUBHEADLINE.match(head[i + 1].folded):
        score += 3.0
    near = head[i + 1 : i + 4]
    score += 1.5 if any(other.squeezed == squeezed for other in near) else 0.0
    originals = (other.folded[match.end() :] for other in near if (match := ORIGINAL_TITLE.match(other.folded)))
    score += 4.0 if any(squeeze(original).startswith(squeezed) for original in originals) else 0.0
    score -= 2.0 if unbalanced(folded) else 0.0  # a quotation goes on in the next line
    score += 4.0 if page_title and len(squeezed) >= 6 and (squeezed in page_title or page_title in squeezed) else 0.0
    return score - 0.3 * i
