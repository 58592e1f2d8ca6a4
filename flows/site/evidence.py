"""The page of a report: its raw lines with every figure and ignored numeral marked, and the table of its figures.

Places come from the tables; nothing is searched for in the text again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flows.site.chinese import outcome_said
from flows.site.pages import page, web_address
from flows.site.reading import Dataset, ReportRows, Row
from schemas.labels import KEPT_LABELS
from storage.republish import EVIDENCE, FULL, NONE, evidence_spans

TEMPLATE = "report.html"


@dataclass(frozen=True)
class Mark:
    """A span of a raw line: a figure, the rest of one behind a line break, or an ignored numeral.

    Attributes:
        start, end: code points in the raw line.
        figures: rows of the figures; empty for an ignored numeral.
        rule: rule of the ignored numeral.
        rest: whether it goes on from the line before.
    """

    start: int
    end: int
    figures: tuple[Row, ...] = ()
    rule: str = ""
    rest: bool = False


@dataclass(frozen=True)
class Piece:
    """Characters of a line that carry the same marks.

    Attributes:
        text: the characters.
        figures: figures that they belong to, the innermost first.
        starts: ids of the figures that begin here.
        rule: rule of the ignored numeral that they belong to; empty for none.
    """

    text: str
    figures: tuple[Row, ...]
    starts: tuple[str, ...]
    rule: str


@dataclass(frozen=True)
class Shown:
    """One raw line as it is shown.

    Attributes:
        row: the row of `lines`.
        parts: pieces of each span that is shown; characters between two spans are left out.
        cut_before, cut_after: whether characters before and after are left out.
        joined: whether the next line of the paragraph goes on with it.
    """

    row: Row
    parts: list[list[Piece]]
    cut_before: bool
    cut_after: bool
    joined: bool

    @property
    def kept(self) -> bool:
        """Whether the line is in the text of the report."""
        return self.row["label"] in KEPT_LABELS


@dataclass(frozen=True)
class LeftOut:
    """Lines that are not shown: first and last number, and how many of each label."""

    first: int
    last: int
    labels: dict[str, int]


def evidence_page(dataset: Dataset, report: str, rows: ReportRows, mode: str) -> str:
    """The page of a report as HTML.

    Args:
        dataset: the release.
        report: id of the report.
        rows: what was read from it.
        mode: how much of its text is shown, one of `storage.republish.TEXT_MODES`.
    """
    row = dataset.reports[report]
    families = Counter(family(figure["measure"]) for figure in rows.figures)
    values = {
        "report": row,
        "committee": dataset.committees.get(row["slug"]),
        "source": web_address(row["source_uri"]),
        "original": dataset.reports.get(row["duplicate_of"] or ""),
        "mode": mode,
        "lines": [] if mode == NONE else list(_shown(rows, mode)),
        "figures": rows.figures,
        "family": family,
        "families": families,
        "labels": Counter(line["label"] for line in rows.lines),
        "ignored": Counter(numeral["rule"] for numeral in rows.ignored),
        "activities": _in_order(rows.activities, "topic", rows.lines),
        "documents": _in_order(rows.documents, "title", rows.lines),
        "checks": _checks(rows, report),
        "outcomes": _outcomes(rows.checks),
    }
    return page(TEMPLATE, 1, "reports", values)


def _in_order(rows: Sequence[Row], column: str, lines: Sequence[Row]) -> list[Row]:
    """Rows in the order in which the text has them: those of one line by where their words stand in it."""
    raws = {line["line_no"]: line["raw"] for line in lines}
    return sorted(rows, key=lambda row: (row["line_no"], _where(row[column], raws.get(row["line_no"], ""))))


def _where(words: str, raw: str) -> int:
    """Where words begin in a line that may be in other script or part them; behind it where nothing of them is found."""
    parts = (words, words[1:5], words[:3])
    return next((at for part in parts if (at := raw.find(part)) >= 0), len(raw))


def family(measure: str) -> str:
    """Family of a measure: what stands before the point."""
    return measure.partition(".")[0]


def _outcomes(checks: Sequence[Row]) -> dict[str, Counter[str]]:
    """Outcomes of the checks by figure: passed, error, warning."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for check in checks:
        for figure in check["figure_ids"].split():
            found[figure]["passed" if check["passed"] else check["severity"]] += 1
    return found


def _checks(rows: ReportRows, report: str) -> list[Row]:
    """Checks of the page, failed ones first; figures of other reports lead to their pages."""
    told = []
    for check in rows.checks:
        owners = rows.owners.get(check["check_id"], {})
        ids = [figure for figure in check["figure_ids"].split() if figure in owners]
        own = [figure for figure in ids if owners[figure] == report]
        others = [(figure, owners[figure]) for figure in ids if owners[figure] != report]
        told.append(
            check | {"own": own, "others": others, "told": outcome_said(check), "aside": check["passed"] and not ids}
        )
    return sorted(told, key=lambda check: (check["passed"], check["severity"], not check["own"]))


def _shown(rows: ReportRows, mode: str) -> Iterator[Shown | LeftOut]:
    """The lines of the page in order; those that are not shown together as one."""
    marks = _marks(rows)
    spans = evidence_spans(rows.lines, rows.figures) if mode == EVIDENCE else {}
    waiting: list[Row] = []
    for index, line in enumerate(rows.lines):
        whole = [(0, len(line["raw"]))]
        shown = whole if mode == FULL else spans.get(line["line_no"], [])
        if not shown:
            waiting.append(line)
            continue
        if waiting:
            yield _left_out(waiting)
            waiting = []
        parts = [list(_pieces(line["raw"], start, end, marks.get(line["line_no"], []))) for start, end in shown]
        cut_after = bool(line["raw"][shown[-1][1] :].strip())
        yield Shown(
            line,
            parts,
            bool(line["raw"][: shown[0][0]].strip()),
            cut_after,
            _is_joined(rows.lines, index) and not cut_after,
        )
    if waiting:
        yield _left_out(waiting)


def _left_out(lines: Sequence[Row]) -> LeftOut:
    labels = Counter(line["label"] for line in lines if line["label"] != "blank")
    return LeftOut(lines[0]["line_no"], lines[-1]["line_no"], dict(labels.most_common()))


def _is_joined(lines: Sequence[Row], index: int) -> bool:
    """Whether a kept line and the next kept one belong to one paragraph."""
    paragraph = lines[index]["paragraph"]
    if paragraph is None:
        return False
    following = next((line for line in lines[index + 1 :] if line["paragraph"] is not None), None)
    return following is not None and following["paragraph"] == paragraph


def _marks(rows: ReportRows) -> dict[int, list[Mark]]:
    """Marks by line; figures of one place (a percentage for several rates) are one mark."""
    found: dict[int, list[Mark]] = defaultdict(list)
    kept = [line for line in rows.lines if line["paragraph"] is not None]
    at = {line["line_no"]: index for index, line in enumerate(kept)}
    places: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for figure in rows.figures:
        places[figure["line_no"], figure["start"], figure["end"]].append(figure)
    for (line_no, start, end), figures in places.items():
        found[line_no].append(Mark(start, end, tuple(figures)))
        for number, low, high in _rest(figures[0]["continued"], kept, at.get(line_no)):
            found[number].append(Mark(low, high, tuple(figures), rest=True))
    for numeral in rows.ignored:
        found[numeral["line_no"]].append(Mark(numeral["start"], numeral["end"], rule=numeral["rule"]))
        for number, low, high in _rest(numeral["continued"], kept, at.get(numeral["line_no"])):
            found[number].append(Mark(low, high, rule=numeral["rule"], rest=True))
    return found


def _rest(continued: str, kept: Sequence[Row], at: int | None) -> Iterator[tuple[int, int, int]]:
    """Places of the rest of a quote: it goes on where the next lines of the paragraph begin."""
    index = None if at is None else at + 1
    while continued and index is not None and index < len(kept):
        raw = kept[index]["raw"]
        low = len(raw) - len(raw.lstrip())
        length = next(
            (n for n in range(min(len(continued), len(raw) - low), 0, -1) if raw[low:].startswith(continued[:n])), 0
        )
        if not length:
            return
        yield kept[index]["line_no"], low, low + length
        continued = continued[length:]
        index += 1


def _pieces(raw: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    """The characters of a span, parted wherever a mark begins or ends: marks may lie in or across each other."""
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    edges = {start, end}
    for mark in inside:
        edges |= {max(mark.start, start), min(mark.end, end)}
    for low, high in pairwise(sorted(edges)):
        over = sorted((m for m in inside if m.start <= low and high <= m.end), key=lambda m: m.end - m.start)
        figures = tuple(figure for mark in over for figure in mark.figures)
        starts = tuple(f["figure_id"] for m in over if m.start == low and not m.rest for f in m.figures)
        rule = next((mark.rule for mark in over if mark.rule), "") if not figures else ""
        yield Piece(raw[low:high], figures, starts, rule)


__all__ = ["evidence_page", "family"]
