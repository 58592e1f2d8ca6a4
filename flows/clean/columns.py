"""Newspaper columns side by side on one line, as text dumps of pages in print have them.

A physical line stays one line with one label; its pieces, each with its own map, are read column by column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.clean.lines import Line, em_width
from flows.clean.text import MappedText, strip

GUTTER = re.compile(r"\s{2,}")
LEAST_LINES = 4  # lines that must share their gutters
MOST_COLUMNS = 4
LEAST_WIDTH = 8.0  # ems of a column: narrower ones are cells of a table
DRIFT = 2.5  # ems by which the start of a column may move: dumps set Chinese characters at odd widths
FULL = 0.8  # share of the width of its column from which a piece fills it
MOSTLY = 0.6  # share of the pieces that must fill their column
PROSE_MARKS = re.compile(r"[,。;]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a line without a gutter: where it starts on paper, in ems, and its text."""

    left: float
    mapped: MappedText
    folded: str

    @property
    def width(self) -> float:
        """Its width in ems."""
        return em_width(self.folded)


def find_columns(lines: list[Line]) -> None:
    """Give the lines of each block of columns their pieces, one for each column, empty ones included.

    Args:
        lines: all lines of a page; labelled ones and blank ones belong to no block, blank ones interrupt none.
    """
    block: list[tuple[Line, list[Piece]]] = []
    for line in lines:
        if not line.raw.strip():
            continue
        pieces = _pieces(line) if not line.label and "  " in _on_paper(line) else []
        if not pieces or len(pieces) > MOST_COLUMNS:
            _settle(block)
            block = []
        else:
            block.append((line, pieces))
    _settle(block)


def _on_paper(line: Line) -> str:
    """The line with its indent, which the clean text has not."""
    return line.raw.replace("\t", "  ").replace("\u3000", "  ").rstrip()


def _pieces(line: Line) -> list[Piece]:
    indent = line.raw[: len(line.raw) - len(line.raw.lstrip())]
    at = em_width(indent.replace("\u3000", "  ").replace("\t", "  "))
    pieces, place = [], 0
    for match in [*GUTTER.finditer(line.folded), None]:
        end = match.start() if match else len(line.folded)
        folded = line.folded[place:end]
        pieces.append(Piece(at, strip(line.mapped.part(place, end)), folded.strip()))
        if match:
            at += em_width(folded) + em_width(match.group())
            place = match.end()
    return pieces


def _settle(block: list[tuple[Line, list[Piece]]]) -> None:
    """Divide a block by the gutters that its fullest lines share, if it is prose in columns."""
    count = max((len(pieces) for _, pieces in block), default=0)
    fullest = [pieces for _, pieces in block if len(pieces) == count]
    if count < 2 or len(fullest) < LEAST_LINES or len(fullest) < MOSTLY * len(block):
        return
    lefts = [sorted(pieces[c].left for pieces in fullest)[len(fullest) // 2] for c in range(count)]
    rows: list[list[Piece | None]] = []
    for _, pieces in block:
        row = _row(pieces, lefts)
        if row is None:
            return
        rows.append(row)
    for c in range(count):
        column = [piece for row in rows if (piece := row[c]) is not None]
        widest = max(piece.width for piece in column)
        full = sum(piece.width >= FULL * widest for piece in column)
        if widest < LEAST_WIDTH or full < MOSTLY * len(column):
            return
    if not any(PROSE_MARKS.search(piece.folded) for row in rows for piece in row if piece):
        return
    for (line, _), row in zip(block, rows, strict=True):
        line.pieces = [piece.mapped if piece else MappedText() for piece in row]
        line.set("body", "columns", 0.8)


def _row(pieces: list[Piece], lefts: list[float]) -> list[Piece | None] | None:
    """The pieces of one line by column; nothing where one of them starts in no column."""
    row: list[Piece | None] = [None] * len(lefts)
    for piece in pieces:
        c = min(range(len(lefts)), key=lambda c: abs(lefts[c] - piece.left))
        if abs(lefts[c] - piece.left) > DRIFT or row[c] is not None:
            return None
        row[c] = piece
    return row


def in_reading_order(kept: list[Line]) -> list[Line]:
    """The kept lines, those in columns taken apart: a line for each piece, column by column.

    Args:
        kept: kept lines in order.

    Returns:
        The lines as they are read. A piece has the number and the label of its line.
    """
    ordered: list[Line] = []
    block: list[Line] = []
    for line in kept:
        if block and len(line.pieces) != len(block[0].pieces):
            ordered += _column_by_column(block)
            block = []
        if line.pieces:
            block.append(line)
        else:
            ordered.append(line)
    return ordered + _column_by_column(block)


def _column_by_column(block: list[Line]) -> list[Line]:
    """The pieces of lines in columns, as lines."""
    found = []
    for c in range(len(block[0].pieces) if block else 0):
        for line in block:
            if line.pieces[c].text:
                found.append(line.piece(c))
    return found
