"""How much of a report's text may be republished: all of it, the sentences that hold figures, or none.

The reports belong to their publishers. The site and the export follow the same rule, which stands here: a sentence goes
from one full stop to the next within its paragraph, also over line breaks; characters that are left out of a raw line
are replaced one by one, so that places in the line still hold.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

Row = Mapping[str, Any]
Spans = dict[int, list[tuple[int, int]]]

FULL, EVIDENCE, NONE = "full", "evidence", "none"
TEXT_MODES = (FULL, EVIDENCE, NONE)
SENTENCE_ENDS = frozenset("。！？!?")
LEFT_OUT = "░"
# Columns of quarantined rows that hold text of the page.
TEXTS = ("raw", "text", "sentence")


def evidence_spans(lines: Sequence[Row], figures: Sequence[Row]) -> Spans:
    """The parts of a report's raw lines that are sentences with figures.

    Args:
        lines: rows of `lines` of one report, in order.
        figures: its rows of `figures`.

    Returns:
        By line number the spans that are shown, in code points, in order, apart from each other.
    """
    paragraphs: dict[int, list[Row]] = defaultdict(list)
    place: dict[int, tuple[int, int]] = {}
    for line in lines:
        if line["paragraph"] is not None:
            place[line["line_no"]] = (line["paragraph"], len(paragraphs[line["paragraph"]]))
            paragraphs[line["paragraph"]].append(line)
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for figure in figures:
        if figure["line_no"] in place:
            number, at = place[figure["line_no"]]
            for line_no, start, end in _sentence(paragraphs[number], at, figure["start"], figure["end"]):
                found[line_no].add((start, end))
    return {line_no: _merged(spans) for line_no, spans in found.items()}


def _sentence(paragraph: list[Row], at: int, start: int, end: int) -> list[tuple[int, int, int]]:
    """Line numbers and spans of the sentence around a span of a line."""
    first, low = at, _after_last_end(paragraph[at]["raw"][:start])
    while low is None and first > 0:
        first -= 1
        low = _after_last_end(paragraph[first]["raw"])
        if low == len(paragraph[first]["raw"].rstrip()):
            first, low = first + 1, 0
    last, high = at, _first_end(paragraph[at]["raw"], end)
    while high is None and last + 1 < len(paragraph):
        last += 1
        high = _first_end(paragraph[last]["raw"], 0)
    spans = []
    for index in range(first, last + 1):
        raw = paragraph[index]["raw"]
        begin = (low or 0) if index == first else 0
        stop = high if index == last and high is not None else len(raw)
        spans.append((int(paragraph[index]["line_no"]), begin, stop))
    return spans


def _after_last_end(raw: str) -> int | None:
    return next((index + 1 for index in range(len(raw) - 1, -1, -1) if raw[index] in SENTENCE_ENDS), None)


def _first_end(raw: str, start: int) -> int | None:
    return next((index + 1 for index in range(start, len(raw)) if raw[index] in SENTENCE_ENDS), None)


def _merged(spans: set[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def masked(raw: str, spans: Sequence[tuple[int, int]]) -> str:
    """A raw line in which all but some spans is replaced, a character for a character."""
    parts, at = [], 0
    for start, end in spans:
        parts += [LEFT_OUT * (start - at), raw[start:end]]
        at = end
    return "".join(parts) + LEFT_OUT * (len(raw) - at)


def restricted(name: str, frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table with no more text of the reports than a mode allows.

    Args:
        name: the table.
        frame: its rows.
        mode: one of `TEXT_MODES`.
        figures: rows of `figures` of the same reports, by which sentences are told.

    Returns:
        The same rows and columns; text that is left out is empty, in `lines.raw` replaced by `LEFT_OUT`.
    """
    if mode == FULL or name not in RESTRICT:
        return frame
    return RESTRICT[name](frame, mode, figures)


def _reports(frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(text=pl.lit(""))


def _lines(frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    own: dict[str, list[Row]] = defaultdict(list)
    if mode == EVIDENCE:
        for row in figures.select("report_id", "line_no", "start", "end", "sentence").iter_rows(named=True):
            own[row["report_id"]].append(row)
    raws: list[str] = []
    texts: list[str] = []
    for (report,), rows in frame.group_by("report_id", maintain_order=True):
        listed = rows.select("line_no", "raw", "paragraph").rows(named=True)
        spans = evidence_spans(listed, own[str(report)])
        sentences: dict[int, dict[str, None]] = defaultdict(dict)
        for figure in own[str(report)]:
            sentences[figure["line_no"]][figure["sentence"]] = None
        raws += [masked(row["raw"], spans.get(row["line_no"], [])) for row in listed]
        texts += [" ".join(sentences.get(row["line_no"], ())) for row in listed]
    return frame.with_columns(raw=pl.Series(raws, dtype=pl.String), text=pl.Series(texts, dtype=pl.String))


def _figures(frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    return frame if mode == EVIDENCE else frame.with_columns(sentence=pl.lit(""))


def _sentences(frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    """Sentences of other tables stay where a figure stands in the same one."""
    if mode == NONE:
        return frame.with_columns(sentence=pl.lit(""))
    shown = figures.select("report_id", "sentence").unique().with_columns(shown=pl.lit(True))
    joined = frame.join(shown, on=["report_id", "sentence"], how="left", maintain_order="left")
    kept = pl.when(pl.col("shown").is_not_null()).then(pl.col("sentence")).otherwise(pl.lit(""))
    return joined.with_columns(sentence=kept).select(frame.columns)


def _quarantine(frame: pl.DataFrame, mode: str, figures: pl.DataFrame) -> pl.DataFrame:
    rows = [_without_texts(table, row, mode) for table, row in frame.select("table", "row").iter_rows()]
    return frame.with_columns(row=pl.Series(rows, dtype=pl.String))


def _without_texts(table: str, row: str, mode: str) -> str:
    if table == "figures" and mode == EVIDENCE:
        return row
    content = json.loads(row)
    kept = {name: "" if name in TEXTS else value for name, value in content.items()}
    return row if kept == content else json.dumps(kept, ensure_ascii=False)


RESTRICT = {
    "reports": _reports,
    "lines": _lines,
    "figures": _figures,
    "activities": _sentences,
    "documents": _sentences,
    "quarantine": _quarantine,
}
