"""The model of a line: its text, its shape, and in the end its label."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from flows.clean.markup import BOLD_LEFT_OPEN
from flows.clean.script import to_simplified
from flows.clean.text import SPECIAL, MappedText, Run, fold, normalise, strip

INDENT = re.compile(r"[ \t\u3000\u00a0\u2002\u2003]{2,}|\u3000|(?:&(?:nbsp|emsp|ensp|#160|#12288);\s?){2}")
# A sentence ends with a full stop, question or exclamation mark, maybe behind it closing marks.
ENDS = ("。", "!", "?", "…")
# A colon, a semicolon or a dash end a line too, where it was not the column that ended it.
PAUSES = (";", ":", "--")
CLOSING = '”’")]》>'
# Characters of Latin-1 count half an em, but for the folded punctuation, which was full-width in print.
WIDE_LATIN = b"!(),:;?"
LONE_RETURN = re.compile(r"\r(?!\n)")
SQUEEZE = re.compile(r"[\s\W_]+")
PROSE_WIDTH = 40.0  # ems: a line this wide with a sentence mark is prose, not a headline or a link
SENTENCE_ENDS = "。!?;"
OPENING = "“《([<{"
BRACKET = re.compile(r"[“《(\[<{”》)\]>}]")


@dataclass(frozen=True)
class ColumnPiece:
    """The text of a line in one newspaper column, and how it stands there.

    Attributes:
        mapped: its text with its map.
        indented: whether a paragraph begins with it; nothing where the column does not tell.
        fills: whether it reaches the right edge of the column.
    """

    mapped: MappedText
    indented: bool | None = None
    fills: bool = False


T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - a decorator
    """A property that is made when it is first asked for. `functools.cached_property` takes a lock each time, up to
    Python 3.11, which is most of what such small properties cost."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self.make = make
        self.name = make.__name__

    @overload
    def __get__(self, line: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, line: object, owner: type) -> T: ...

    def __get__(self, line: object | None, owner: type) -> once[T] | T:
        """What was made, for this line and from now on."""
        if line is None:
            return self
        value = line.__dict__[self.name] = self.make(line)
        return value


class Line:
    """One line of the source. What is made of its text is made when it is first asked for: most lines of a web page are not.

    Attributes:
        no: number from 1.
        raw: as decoded.
        simplified: the same in simplified script, of the same length.
        level: 1 to 6 where the markup calls it a heading, else 0.
        links: share of its characters that are text of links.
        closed: whether the markup ends a paragraph with it.
        bold_open: whether the line before it left bold letters open.
        inside: whether it stands in the article of a web page.
        cell: whether it is a cell of a table of a web page, beside others.
        near: whether it stands outside the article of a web page, but so near that it may say when and by whom.
        label, rule, confidence: what the line is; empty until labelled.
        paragraph: number of its paragraph, for kept lines.
        pieces: its text in each newspaper column, where it runs across several.
        block: number of the block of columns that it belongs to, from 1, or 0.
        shape: of a line that is one piece of another one: that piece.
        breaks_off: whether it ended with words that say that the rest is elsewhere.
    """

    # What most lines have stands in the class: a web page has hundreds of lines that are only counted.
    level: int = 0
    links: float = 0.0
    closed: bool = False
    bold_open: bool = False
    inside: bool = False
    cell: bool = False
    near: bool = False
    label: str = ""
    rule: str = ""
    confidence: float = 0.0
    paragraph: int | None = None
    pieces: Sequence[ColumnPiece] = ()
    block: int = 0
    shape: ColumnPiece | None = None
    breaks_off: bool = False

    def __init__(self, no: int, raw: str, simplified: str) -> None:
        self.no = no
        self.raw = raw
        self.simplified = simplified

    def __repr__(self) -> str:
        return f"Line({self.no}, {self.raw!r}, label={self.label!r}, rule={self.rule!r})"

    @once
    def mapped(self) -> MappedText:
        """Clean text with its map."""
        return normalise(self.simplified, self.no, bold_open=self.bold_open)

    @once
    def folded(self) -> str:
        """Clean text for the rules, as long as `mapped.text`."""
        return fold(self.mapped.text)

    @once
    def width(self) -> float:
        """Width in ems."""
        return em_width(self.folded)

    @property
    def text(self) -> str:
        """The clean text."""
        return self.mapped.text

    @once
    def indented(self) -> bool:
        """Whether the raw line, or the piece in its column, begins like a paragraph in print."""
        if self.shape is not None:
            return bool(self.shape.indented)
        return INDENT.match(self.raw) is not None

    @once
    def ends(self) -> bool:
        """Whether the line ends a sentence."""
        return self.folded.rstrip(CLOSING).endswith(ENDS)

    @once
    def pauses(self) -> bool:
        """Whether the line ends with a mark behind which an item of its own may begin."""
        return self.folded.rstrip(CLOSING).endswith(PAUSES)

    @once
    def sentences(self) -> int:
        """How many sentence marks stand in the line."""
        return sum(map(self.folded.count, SENTENCE_ENDS))

    @once
    def prose(self) -> bool:
        """Whether the line is wide enough for prose and has its marks."""
        return self.width >= PROSE_WIDTH and (self.sentences > 0 or self.folded.count(",") >= 2)

    @once
    def unbalanced(self) -> int:
        """How many marks and brackets are opened and not closed in the line."""
        return unbalanced(self.folded)

    @once
    def squeezed(self) -> str:
        """Letters, digits and characters of the folded text."""
        return squeeze(self.folded)

    def cut(self, spans: list[tuple[int, int]]) -> None:
        """Take spans out of the clean text; the raw line keeps them."""
        mapped = strip(self.mapped.replaced([(start, end, "") for start, end in spans]))
        for name in MADE:
            vars(self).pop(name, None)
        self.mapped = mapped

    def keep_part(self, start: int, end: int) -> None:
        """Take all but one span out of the clean text."""
        self.cut([(0, start), (end, len(self.folded))])

    def piece(self, column: int) -> Line:
        """The piece in one column as a line of its own, of the same number."""
        shape = self.pieces[column]
        mapped, start = shape.mapped, shape.mapped.runs[0].start
        piece = Line(self.no, self.raw[start:], self.simplified[start:])
        piece.label, piece.rule, piece.shape = self.label, self.rule, shape
        piece.mapped = mapped
        return piece

    def set(self, label: str, rule: str, confidence: float) -> None:
        """Give the line its label."""
        self.label, self.rule, self.confidence = label, rule, confidence


MADE = [name for name, value in vars(Line).items() if isinstance(value, once)]


def em_width(text: str) -> float:
    """Width of folded text in ems: an ASCII character counts one half."""
    return len(text) - 0.5 * len(text.encode("latin-1", "ignore").translate(None, WIDE_LATIN))


def squeeze(text: str) -> str:
    """Letters, digits and characters only."""
    return SQUEEZE.sub("", text)


def unbalanced(text: str) -> int:
    """How many quotation marks, title marks or brackets are opened and not closed in the text."""
    depth = 0
    for char in BRACKET.findall(text):
        if char in OPENING:
            depth += 1
        elif depth:
            depth -= 1
    return depth


def fold_together(lines: list[Line]) -> None:
    """Make the folded text of many lines, in a third of the time that it takes line by line.

    Args:
        lines: the lines; what was made of one already stays.
    """
    bare = [line.simplified.strip() for line in lines]
    for line, text, folded in zip(lines, bare, fold("\n".join(bare)).split("\n"), strict=True):
        made = vars(line)
        if "mapped" not in made and not line.bold_open and SPECIAL.search(text) is None:
            start = len(line.simplified) - len(line.simplified.lstrip())
            made["mapped"] = MappedText(text, [Run(0, line.no, start)] if text else [])
            made["folded"] = folded


def split_lines(text: str) -> list[Line]:
    """Physical lines of a text: split at line feeds, none after a final one; at carriage returns alone, too, where there
    are more of them, as in files of old systems."""
    if "\r" in text and text.count("\r") - text.count("\r\n") > text.count("\n"):
        text = LONE_RETURN.sub("\n", text)
    raws = text.split("\n")
    if raws and not raws[-1]:
        raws.pop()
    return make_lines(raws)


def make_lines(raws: list[str]) -> list[Line]:
    """Lines, numbered from 1, not yet labelled.

    Args:
        raws: the lines; none holds a line feed.
    """
    text = "\n".join(raws)
    simplified = to_simplified(text).split("\n") if raws else []
    if "**" not in text:
        return [Line(no, raw, own) for no, (raw, own) in enumerate(zip(raws, simplified, strict=True), 1)]
    lines: list[Line] = []
    bold_open = False
    for no, (raw, own) in enumerate(zip(raws, simplified, strict=True), 1):
        line = Line(no, raw, own)
        if bold_open:
            line.bold_open = True
        lines.append(line)
        if raw and not raw.isspace():
            bold_open = "**" in raw and BOLD_LEFT_OPEN.search(raw) is not None
    return lines
