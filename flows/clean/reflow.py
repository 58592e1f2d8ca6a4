"""Which line continues the sentence of the line before it, and paragraphs made of such lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.clean.columns import in_reading_order
from flows.clean.lines import Line
from flows.clean.markup import BOLD_LEFT_OPEN, is_table_row
from flows.clean.text import MappedText
from schemas.labels import KEPT_LABELS
from schemas.vocabulary import load_lexicons

LONG = 60.0  # ems: a line this wide that ends no sentence was cut by a column or a page
NEARBY = 3  # lines on each side that show the width of the column
COLUMN = 45.0  # ems: the widest newspaper or data box column
FULL = 0.75  # share of the column's width from which a line counts as full
PROSE = 28.0  # ems: a line this wide with a comma and without a space is no heading
# A heading by itself, below a line that has lost its full stop.
YEARLY_HEADING = re.compile(
    r"(?:19|20)\d\d年?[度的]?(?:主要|重点)?工作的?(?:回顾|总结|安排|打算|任务|意见|建议|要点|思路|展望)"
)
YEAR_ALONE = re.compile(r"[12]\d{3}年?")
UNIT_FIRST = re.compile(r"[次万亿余多个件元名家场篇条%分]")
QUANTITY_FIRST = re.compile(r"[\d.,]+\s*[万亿%]?[余多]?[\u4e00-\u9fff]{0,2}\s")
NUMBERED_HEADING = re.compile(r"0\d\s+\S{2,14}")
QUANTITY_ALONE = re.compile(
    r"(?![12]\d{3}年?$)[\d.,]+\s*[万亿%]?[余多]?[\u4e00-\u9fff]{0,3}(?:以上)?(?:\([↑↓+-]?[\d.]+%?\))?"
)
QUANTITY_LAST = re.compile(r"\d\s*[万亿]?[余多]?(?:[\u4e00-\u9fff]{1,2}|%|万)$")
# The rest of a number: its decimals, or its last digits and a measure word.
DECIMALS_FIRST = re.compile(r"\.\d+\s?[%‰万亿个]")
DIGITS_AND_UNIT_FIRST = re.compile(r"\d{1,3}(?:\.\d+)?\s?[万亿余多]{0,2}[次件条篇个项名位人户家场期%元字册部]")
BOLD_CLOSED = re.compile(r"\s{0,8}[\d.,]{1,12}\*\*")
NUMBER_LAST = re.compile(r"(?<![\d.\s])\d{1,3}$")
NARROWEST = 8.0  # ems: a narrower line is a cell, not a line of prose
TABLE_ROW = re.compile(r"\S\s{2,}\S+(?:\s\S+)*\s{2,}\S")
OPENS_WITH = re.compile(r"[,。、;:!?”》)\]%]")
STOPS_INSIDE = re.compile(r"[。!?;](?!$)")


@dataclass
class Paragraph:
    """Lines that belong together, as one text.

    Attributes:
        no: number from 1.
        label: label of its lines.
        mapped: the joined text with its map to the raw lines.
    """

    no: int
    label: str
    mapped: MappedText

    @property
    def text(self) -> str:
        """The joined clean text."""
        return self.mapped.text


def continues(line: Line, following: Line, content: list[Line], at: int) -> bool:
    """Whether `following` goes on with the sentence that `line` leaves unfinished.

    Args:
        line: a line of the text, not blank.
        following: the next one, blank lines and furniture left out.
        content: all such lines.
        at: place of `line` among them.
    """
    if line.shape and following.shape and following.shape.indented is not None:
        # In a column with indents the next paragraph is indented: a full stop at the right edge ends none.
        if following.shape.indented:
            return False
        if line.ends and line.shape.fills and following.shape.fills:
            return True
    if not line.folded or (line.ends and not line.unbalanced):
        return False
    if line.cell or following.cell or is_table_row(line.raw) or is_table_row(following.raw):
        return False
    if following.folded[:1] and OPENS_WITH.match(following.folded):
        return True
    lexicons = load_lexicons()
    if lexicons.item_start.match(following.folded) or lexicons.heading_start.match(following.folded):
        return False
    if YEARLY_HEADING.fullmatch(following.folded):
        return False
    if line.folded[-1] in ",、":
        return True
    if line.unbalanced and len(line.folded) >= 8:
        return True
    if line.ends or following.folded.startswith("--"):  # an item, or a sub-headline
        return False
    if line.shape and following.shape and following.no <= line.no and following.shape.indented is False:
        return True  # the next column goes on where this one was full
    if line.folded[-1].isdigit() and (UNIT_FIRST.match(following.folded) or _number_goes_on(line, following)):
        return True
    if line.folded[-1].isdigit() and following.folded[:1].isdigit():
        return False  # two numbers
    if TABLE_ROW.search(line.folded) and TABLE_ROW.search(following.folded):
        return False
    if not line.closed and QUANTITY_ALONE.fullmatch(following.folded) and line.width <= COLUMN / 2 and not line.pauses:
        return True
    if following.indented and not line.indented:
        return False  # a paragraph begins
    if NUMBERED_HEADING.fullmatch(line.folded) or _is_entry(line, following, content, at):
        return False
    if not line.pauses and _breaks_off(line):
        return True
    return not line.closed and _fills_column(content, at)


def _number_goes_on(line: Line, following: Line) -> bool:
    """Whether the second line begins with the rest of the number that the first one ends with: 34 and .2%, 4 and 3件."""
    bold = BOLD_LEFT_OPEN.search(line.raw) and BOLD_CLOSED.match(following.raw)
    if bold or DECIMALS_FIRST.match(following.folded):
        return True
    runs_into = NUMBER_LAST.search(line.folded) is not None and DIGITS_AND_UNIT_FIRST.match(following.folded)
    return bool(runs_into) and line.width >= NARROWEST and (following.width >= NARROWEST or following.ends)


def _is_entry(line: Line, following: Line, content: list[Line], at: int) -> bool:
    """Whether the line is an entry of a data box: a quantity at its end or its beginning, among others without full stops."""
    if UNIT_FIRST.match(following.folded):
        return False
    if QUANTITY_LAST.search(line.folded) and QUANTITY_LAST.search(following.folded):
        return True
    near = content[max(0, at - NEARBY) : at + NEARBY + 1]
    if any("。" in other.folded for other in near):
        return False
    listed = QUANTITY_FIRST.match(line.folded) and QUANTITY_FIRST.match(following.folded)
    return bool(listed or QUANTITY_LAST.search(line.folded))


def _breaks_off(line: Line) -> bool:
    """Whether the line, which ends no sentence, is prose by its length and its punctuation."""
    if line.width >= LONG or (STOPS_INSIDE.search(line.folded) and line.width >= 10):
        return True
    return line.width >= PROSE and "," in line.folded and " " not in line.folded


def _fills_column(content: list[Line], at: int) -> bool:
    """Whether the line is as wide as a narrow column that the lines before or after it show."""
    behind, ahead = content[max(0, at - NEARBY) : at + 2], content[at : at + NEARBY + 1]
    return any(_is_full(content[at], near) for near in (behind, ahead))


def _is_full(line: Line, near: list[Line]) -> bool:
    widths = sorted(other.width for other in near)
    unfinished = sum(not (other.ends or other.pauses) for other in near)
    if len(near) < NEARBY or widths[-1] > COLUMN or unfinished < 2:
        return False
    return line.width >= max(8, FULL * widths[-2])


def paragraphs(lines: list[Line]) -> list[Paragraph]:
    """Number the paragraphs of the kept lines, and join their texts.

    Args:
        lines: all lines of a page, labelled; `paragraph` of the kept ones is set, of a line in columns to
            that of its first piece.

    Returns:
        The paragraphs in order.
    """
    by_no = {line.no: line for line in lines}
    kept = in_reading_order([line for line in lines if line.label in KEPT_LABELS])
    groups: list[list[Line]] = []
    for i, line in enumerate(kept):
        if not (i and _same_paragraph(kept, i - 1)):
            groups.append([])
        groups[-1].append(line)
        own = by_no[line.no]
        own.paragraph = own.paragraph or len(groups)
    return [
        Paragraph(no, group[0].label, group[0].mapped if len(group) == 1 else MappedText.join(x.mapped for x in group))
        for no, group in enumerate(groups, 1)
    ]


def _same_paragraph(kept: list[Line], at: int) -> bool:
    """Whether the kept line at a place and the one after it are one paragraph."""
    line, following = kept[at], kept[at + 1]
    if line.label != following.label:
        return False
    if line.label == "body":
        return continues(line, following, kept, at)
    if line.label == "heading":
        return YEAR_ALONE.fullmatch(line.folded) is not None
    if line.label == "caption":
        return following.rule == "dated_line_goes_on"
    return line.rule == "headline_begins"
