"""The model of a line: its text, its shape, and in the end its label."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flows.clean.markup import BOLD_LEFT_OPEN
from flows.clean.script import count_changed, to_simplified
from flows.clean.text import MappedText, fold, normalise, strip

INDENT = re.compile(r"[ \t\u3000\u00a0\u2002\u2003]{2,}|\u3000|(?:&(?:nbsp|emsp|ensp|#160|#12288);\s?){2}")
# A sentence ends with a full stop, question or exclamation mark, maybe behind it closing marks.
ENDS = re.compile(r"[。!?…][”’\")\]》>]*$")
# A colon, a semicolon or a dash end a line too, where it was not the column that ended it.
PAUSES = re.compile(r"(?:[;:]|--)[”’\")\]》>]*$")
SENTENCE_END = re.compile(r"[。!?;]")
OPENING, CLOSING = "“《([<{", "”》)]>}"


@dataclass(eq=False)
class Line:
    """One line of the source.

    Attributes:
        no: number from 1.
        raw: as decoded.
        mapped: clean text with its map.
        folded: clean text for the rules, as long as `mapped.text`.
        traditional: how many of its characters are in traditional script.
        label, rule, confidence: what the line is; empty until labelled.
        paragraph: number of its paragraph, for kept lines.
        pieces: its text in each newspaper column, where it runs across several.
        breaks_off: whether it ended with words that say that the rest is elsewhere.
    """

    no: int
    raw: str
    mapped: MappedText
    folded: str
    traditional: int = 0
    label: str = ""
    rule: str = ""
    confidence: float = 0.0
    paragraph: int | None = None
    pieces: list[MappedText] = field(default_factory=list)
    breaks_off: bool = False
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.width = em_width(self.folded)

    @property
    def text(self) -> str:
        """The clean text."""
        return self.mapped.text

    @property
    def indented(self) -> bool:
        """Whether the raw line begins like a paragraph in print."""
        return INDENT.match(self.raw) is not None

    @property
    def ends(self) -> bool:
        """Whether the line ends a sentence."""
        return ENDS.search(self.folded) is not None

    @property
    def pauses(self) -> bool:
        """Whether the line ends with a mark behind which an item of its own may begin."""
        return PAUSES.search(self.folded) is not None

    @property
    def sentences(self) -> int:
        """How many sentence marks stand in the line."""
        return len(SENTENCE_END.findall(self.folded))

    def cut(self, spans: list[tuple[int, int]]) -> None:
        """Take spans out of the clean text; the raw line keeps them."""
        self.mapped = strip(self.mapped.replaced([(start, end, "") for start, end in spans]))
        self.folded = fold(self.mapped.text)
        self.width = em_width(self.folded)

    def keep_part(self, start: int, end: int) -> None:
        """Take all but one span out of the clean text."""
        self.cut([(0, start), (end, len(self.folded))])

    def piece(self, column: int) -> Line:
        """The piece in one column as a line of its own, of the same number."""
        mapped = self.pieces[column]
        return Line(self.no, self.raw[mapped.runs[0].start :], mapped, fold(mapped.text), 0, self.label, self.rule)

    def set(self, label: str, rule: str, confidence: float) -> None:
        """Give the line its label."""
        self.label, self.rule, self.confidence = label, rule, confidence


def em_width(text: str) -> float:
    """Width of folded text in ems: an ASCII character counts one half."""
    return sum(0.5 if char < "\u0100" and char not in ",;:!?()" else 1.0 for char in text)


def unbalanced(text: str) -> int:
    """How many quotation marks, title marks or brackets are opened and not closed in the text."""
    depth = 0
    for char in text:
        if char in OPENING:
            depth += 1
        elif char in CLOSING and depth:
            depth -= 1
    return depth


def split_lines(text: str) -> list[Line]:
    """Physical lines of a text: split at line feeds, none after a final one; at carriage returns where it has no others."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    raws = text.split("\n")
    if raws and not raws[-1]:
        raws.pop()
    return make_lines(raws)


def make_lines(raws: list[str]) -> list[Line]:
    """Lines, numbered from 1, not yet labelled."""
    lines: list[Line] = []
    bold_open = False
    for no, raw in enumerate(raws, 1):
        simplified = to_simplified(raw)
        mapped = normalise(simplified, no, bold_open=bold_open)
        if raw.strip():
            bold_open = BOLD_LEFT_OPEN.search(raw) is not None
        lines.append(Line(no, raw, mapped, fold(mapped.text), count_changed(raw, simplified)))
    return lines
