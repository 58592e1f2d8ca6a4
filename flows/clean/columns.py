"""Newspaper columns side by side on one line, as text dumps of pages in print have them.

A physical line stays one line with one label; its pieces, each with its own map, are read column by column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.clean.lines import ColumnPiece, Line, em_width
from flows.clean.text import MappedText, strip

GUTTER = re.compile(r"\s{2,}")
LEAST_LINES = 4  # lines that must share their gutters
MOST_COLUMNS = 4
LEAST_WIDTH = 8.0  # ems of a column: narrower ones are cells of a table
DRIFT = 2.5  # ems by which the start of a column may move: dumps set Chinese characters at odd widths
FULL = 0.8  # share of the width of its column from which a piece fills it
MOSTLY = 0.6  # share of the pieces that must fill their column
PROSE_MARKS = re.compile(r"[,。;]")
STOPS = re.compile(r"[。!?][”’\")\]》>]*$")
OVERHANG = 1.1  # of the width of the first column: up to here a line without a gutter may be a piece of that column
# Ems from the left edge of a column: up to the first a piece stands at the edge; between the others it is indented, by
# spaces of half an em or of a whole one. A column with any other distance is set too unevenly to tell.
EDGE, INDENTS = 0.7, ((0.8, 1.3), (1.7, 2.4))


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
        lines: all lines of a page; labelled ones and blank ones belong to no block, blank ones interrupt none. A line
            without a gutter right below others may be a piece of their first column, where the others are empty.
    """
    block: list[tuple[Line, list[Piece]]] = []
    blocks, width = 0, 0.0
    for line in lines:
        if not line.raw.strip():
            continue
        gutters = not line.label and "  " in _on_paper(line)
        below = bool(width) and not line.label and line.no == block[-1][0].no + 1
        pieces = _pieces(line) if gutters or below else []
        if (gutters and len(pieces) <= MOST_COLUMNS) or (len(pieces) == 1 and pieces[0].width <= OVERHANG * width):
            block.append((line, pieces))
            width = max(width, pieces[0].width) if len(pieces) > 1 else width
        else:
            blocks += bool(block) and _settle(block, blocks + 1)
            block, width = [], 0.0
    _settle(block, blocks + 1)


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


def _settle(block: list[tuple[Line, list[Piece]]], number: int) -> bool:
    """Divide a block by the gutters that its fullest lines share, if it is prose in columns.

    Returns:
        Whether it is.
    """
    count = max((len(pieces) for _, pieces in block), default=0)
    fullest = [pieces for _, pieces in block if len(pieces) == count]
    # Below the other columns the longest one goes on alone.
    alone = next((i for i, (_, pieces) in enumerate(reversed(block)) if len(pieces) > 1), 0)
    if count < 2 or len(fullest) < LEAST_LINES or len(fullest) < MOSTLY * (len(block) - alone):
        return False
    lefts = [sorted(pieces[c].left for pieces in fullest)[len(fullest) // 2] for c in range(count)]
    rows: list[list[Piece | None]] = []
    for i, (_, pieces) in enumerate(block):
        row = _row(pieces, lefts)
        if row is None and i >= len(block) - alone:
            break
        if row is None:
            return False
        rows.append(row)
    shaped: list[list[ColumnPiece]] = [[] for _ in rows]
    for c, left in enumerate(lefts):
        column = [piece for row in rows if (piece := row[c]) is not None]
        widest = max(piece.left - left + piece.width for piece in column)
        fills = [piece.left - left + piece.width >= FULL * widest for piece in column]
        excused = sum(full or STOPS.search(piece.folded) is not None for full, piece in zip(fills, column, strict=True))
        if widest < LEAST_WIDTH or excused < MOSTLY * len(column):
            return False
        indents = _indents(column, left)
        found = iter(zip(column, fills, indents, strict=True))
        for row, pieces_of_line in zip(rows, shaped, strict=True):
            if row[c] is None:
                pieces_of_line.append(ColumnPiece(MappedText()))
            else:
                piece, full, indented = next(found)
                pieces_of_line.append(ColumnPiece(piece.mapped, indented, full))
    if not any(PROSE_MARKS.search(piece.folded) for row in rows for piece in row if piece):
        return False
    for (line, _), pieces_of_line in zip(block, shaped, strict=False):
        line.pieces, line.block = pieces_of_line, number
        line.set("body", "columns", 0.8)
    return True


def _indents(column: list[Piece], left: float) -> list[bool | None]:
    """Whether each piece of a column is indented; nothing known where the column has no even edge, or no indents."""
    indents = []
    for piece in column:
        at = piece.left - left
        indented = any(low <= at <= high for low, high in INDENTS)
        if not indented and abs(at) > EDGE:
            return [None] * len(column)
        indents.append(indented)
    return [*indents] if any(indents) else [None] * len(column)


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
        if block and line.block != block[0].block:
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
            if line.pieces[c].mapped.text:
                found.append(line.piece(c))
    return found
