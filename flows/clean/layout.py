"""Characters with boxes to lines in reading order: the layout of a printed page, such as a newspaper's.

A page is cut by what is white in it. Its rows, from top to bottom, are one group as long as they leave the same strip
white; text on both sides of such a strip stands in columns, which are read from left to right, each cut further by
itself. A headline over two columns covers the strip, so it begins a new group, and stands before them.

All lengths are in points, y grows upwards. Text that runs from top to bottom is not joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

# All in ems, the size of the text at the place.
HEADLINE = 1.4  # of the size of the text around: larger lines are headlines
APART = 0.8  # characters further apart than this are not one run
SPACE = 0.45  # a gap wider by this than those between the other characters is a space
WORD_SPACE = 0.18  # the same between letters
GUTTER = 0.8  # the narrowest white strip between two columns
CELLS = 5.0  # columns narrower than this are cells of a table, which is read by rows
INDENT = (1.4, 2.6)
# In leadings: rows further apart begin a new block.
BLOCK = 1.5
BAND = 3.0  # ems: rows further below belong to other columns, or are the foot of the page
ROWS = 3  # rows on each side from which a white strip is taken for one between columns
STRIPS = 32  # white strips followed down a page, the widest
DEPTH = 12  # columns within columns
INDENTED, BLANK = "\u3000\u3000", ""


class Glyph(NamedTuple):
    """One character: its box, its baseline and the size of its font."""

    char: str
    left: float
    right: float
    baseline: float
    size: float


@dataclass(frozen=True)
class Run:
    """Characters side by side on one baseline."""

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    baseline: float
    size: float

    @classmethod
    def of(cls, glyphs: Iterable[Glyph]) -> Run:
        """The run of some characters of one row."""
        ordered = tuple(sorted(glyphs, key=lambda glyph: glyph.left))
        middle = len(ordered) // 2
        size = sorted([glyph.size for glyph in ordered])[middle]
        baseline = sorted([glyph.baseline for glyph in ordered])[middle]
        return cls(ordered, ordered[0].left, max([glyph.right for glyph in ordered]), baseline, size)

    @property
    def text(self) -> str:
        """Its characters, with a space where a gap is wider than usual in it; bold print drawn twice counts once."""
        gaps = [after.left - before.right for before, after in pairwise(self.glyphs)]
        # The letters of a headline may stand apart, all alike.
        usual = max(0.0, sorted(gaps)[len(gaps) // 4]) if len(gaps) > 2 else 0.0
        pieces: list[str] = []
        last: Glyph | None = None
        for glyph in self.glyphs:
            if last and glyph.char == last.char and glyph.left - last.left < 0.25 * glyph.size:
                continue
            narrow = last and last.char.isascii() and glyph.char.isascii() and (last.char + glyph.char).isalpha()
            if last and glyph.left - last.right > usual + (WORD_SPACE if narrow else SPACE) * self.size:
                pieces.append(" ")
            pieces.append(glyph.char)
            last = glyph
        return "".join(pieces)


Rows = list[list[Run]]
White = list[tuple[float, float]]


def page_lines(glyphs: list[Glyph]) -> list[str]:
    """Lines of a page in reading order.

    Args:
        glyphs: its characters, without white space, in the order of the file.

    Returns:
        One line for each row of each column; two full-width spaces before one that is indented like the first of a
        paragraph; an empty line where the distance to the line above is clearly larger than usual.
    """
    return _read(_runs(glyphs), DEPTH)


def _runs(glyphs: list[Glyph]) -> list[Run]:
    """Characters that follow each other in the file and on the page."""
    groups: list[list[Glyph]] = []
    for glyph in glyphs:
        last = groups[-1][-1] if groups else None
        if (
            last
            and abs(glyph.baseline - last.baseline) < 0.3 * last.size
            and -0.5 * last.size < glyph.left - last.right < APART * min(glyph.size, last.size)
        ):
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return [Run.of(group) for group in groups]


def _read(runs: list[Run], depth: int) -> list[str]:
    """Lines of a part of a page."""
    lines: list[str] = []
    above: Rows = []
    for rows, columns in _parts(runs, depth):
        if above and _is_apart(above, rows):
            lines.append(BLANK)
        if columns:
            for column in columns:
                lines += _read(column, depth - 1)
        else:
            lines += _plain_lines(rows)
        above = rows
    return lines


def _parts(runs: list[Run], depth: int) -> list[tuple[Rows, list[list[Run]]]]:
    """Rows in columns, with the columns, and rows without, as many as follow each other."""
    if not runs:
        return []
    parts: list[tuple[Rows, list[list[Run]]]] = []
    for rows in _groups(_rows(runs)):
        columns = _columns(rows) if depth else []
        if parts and not columns and not parts[-1][1]:
            parts[-1][0].extend(rows)
        else:
            parts.append((rows, columns))
    return parts


def _rows(runs: list[Run]) -> Rows:
    """Runs from top to bottom; those beside each other are one row."""
    rows: Rows = []
    low = 0.0
    for run in sorted(runs, key=lambda run: (-run.baseline, run.left)):
        top = run.baseline + 0.6 * run.size
        if rows and top > low + 0.1 * run.size:
            rows[-1].append(run)
            low = min(low, run.baseline)
        else:
            rows.append([run])
            low = run.baseline
    return rows


def _groups(rows: Rows) -> list[Rows]:
    """Rows that leave a strip white in common, and rows that leave none."""
    runs = [run for row in rows for run in row]
    box = min(run.left for run in runs), max(run.right for run in runs)
    body = median(run.size for run in runs)
    groups: list[Rows] = []
    common: White = []
    low = float("inf")
    for row in rows:
        high = max(run.baseline + run.size for run in row)
        if low - high > BAND * max(body, min(run.size for run in row)):
            common = []
        low = min(run.baseline for run in row)
        white = [] if _is_headline(row, body) else _white(row, *box)
        gutter = GUTTER * min(run.size for run in row)
        shared = _shared(common, white, gutter)
        if groups and shared:
            groups[-1].append(row)
            common = shared
        else:
            groups.append([row])
            common = white
    return groups


def _shared(one: White, other: White, gutter: float) -> White:
    """Strips that are white in both, as wide as a gutter; each list runs from left to right."""
    shared: White = []
    i = j = 0
    while i < len(one) and j < len(other):
        left, right = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if right - left >= gutter:
            shared.append((left, right))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    # No page has more columns; what is kept for each row must not grow with their number.
    widest = sorted(shared, key=lambda strip: strip[0] - strip[1])[:STRIPS]
    return sorted(widest)


def _is_headline(row: list[Run], body: float) -> bool:
    """Whether a row is one large line with nothing beside it: it belongs to all columns below, also if it is short."""
    if min(run.size for run in row) < HEADLINE * body:
        return False
    ordered = sorted(row, key=lambda run: run.left)
    return all(after.left - before.right < 3 * before.size for before, after in pairwise(ordered))


def _white(row: list[Run], left: float, right: float) -> White:
    """Strips of a row without ink, between two edges."""
    white: White = []
    at = left
    for run in sorted(row, key=lambda run: run.left):
        if run.left > at:
            white.append((at, run.left))
        at = max(at, run.right)
    return [*white, (at, right)] if right > at else white


def _columns(rows: Rows) -> list[list[Run]]:
    """Runs of each column, from left to right; none if the rows do not stand in columns."""
    runs = sorted((run for row in rows for run in row), key=lambda run: run.left)
    gutter = GUTTER * median(run.size for run in runs)
    columns: list[list[Run]] = []
    right = float("-inf")
    for run in runs:
        if run.left - right >= gutter:
            columns.append([])
        columns[-1].append(run)
        right = max(right, run.right)
    if len(columns) < 2:
        return []
    filled = [
        column
        for column in columns
        if len({round(run.baseline) for run in column}) >= ROWS
        and max(run.right for run in column) - min(run.left for run in column) >= CELLS * column[0].size
        and median(run.right - run.left for run in column) >= CELLS * column[0].size
    ]
    # A number or a mark beside one column of text is no column.
    return columns if len(filled) >= 2 else []


def _plain_lines(rows: Rows) -> list[str]:
    """Lines of rows that stand in one column."""
    parts = [part for row in rows for part in _baselines(row)]
    edges = _edges(parts)
    leading = _leading(parts)
    lines: list[str] = []
    for i, run in enumerate(parts):
        if i and parts[i - 1].baseline - run.baseline > BLOCK * max(leading, 1.2 * min(run.size, parts[i - 1].size)):
            lines.append(BLANK)
        indent = (run.left - edges[round(run.size)]) / run.size
        lines.append((INDENTED if INDENT[0] <= indent <= INDENT[1] else "") + run.text)
    return lines


def _edges(parts: list[Run]) -> dict[int, float]:
    """The left edge of the lines of each size: where at least two of them begin, or the one furthest left."""
    lefts: dict[int, list[float]] = defaultdict(list)
    for run in parts:
        lefts[round(run.size)].append(run.left)
    edges = {}
    for size, places in lefts.items():
        places.sort()
        edges[size] = next((one for one, other in pairwise(places) if other - one < 0.3 * size), places[0])
    return edges


def _leading(parts: list[Run]) -> float:
    """The usual distance of two lines; none for fewer than three."""
    distances = [before.baseline - after.baseline for before, after in pairwise(parts)]
    return median(distances) if len(distances) > 1 else 0.0


def _is_apart(above: Rows, below: Rows) -> bool:
    """Whether rows begin a new block by their distance to those above."""
    last = min((run for row in above for run in row), key=lambda run: run.baseline)
    first = max((run for row in below for run in row), key=lambda run: run.baseline)
    return last.baseline - first.baseline > BLOCK * 1.4 * min(last.size, first.size)


def _baselines(row: list[Run]) -> list[Run]:
    """Lines of one row: runs on nearly the same baseline, joined."""
    joined: list[list[Run]] = []
    for run in sorted(row, key=lambda run: -run.baseline):
        if joined and abs(joined[-1][0].baseline - run.baseline) < 0.5 * max(run.size, joined[-1][0].size):
            joined[-1].append(run)
        else:
            joined.append([run])
    return [Run.of(glyph for run in line for glyph in run.glyphs) for line in joined]
