"""A report as the arithmetic sees it: what is stated, in which sentence and paragraph, in the order of the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from schemas.checks.numbers import Span, digits_of, span_of, squeeze

Row = Mapping[str, Any]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Stated:
    """One figure with its place in the text; fields as in `schemas.tables.Figures`.

    Attributes:
        span: the true values that it may stand for.
        sentence_no, paragraph: which sentence and paragraph it stands in.
        place, end: of its number in `words`; -1 where it cannot be told.
        words: the sentence without white space.
    """

    figure_id: str
    ordinal: int
    measure: str
    statistic: str
    category: str
    value: float
    unit: str
    bound: str
    own: bool
    planned: bool
    period: tuple[int, int] | None
    section: str
    quote: str
    line_no: int
    start: int
    span: Span
    sentence_no: int
    paragraph: int
    words: str
    place: int = -1
    end: int = -1

    @property
    def key(self) -> Key:
        """What is counted, of which class, and how."""
        return self.measure, self.category, self.statistic

    @property
    def is_count(self) -> bool:
        """Whether it is an absolute quantity."""
        return self.statistic == "count"

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage of a whole."""
        return self.statistic == "share" and self.unit == "%"

    def __str__(self) -> str:
        return squeeze(self.quote)


@dataclass(frozen=True)
class ReportView:
    """One report: its row, its figures in order, its lines and the numerals that are no figures.

    Attributes:
        set_aside, numerals_aside: how many figures, and numerals that are none, are in quarantine.
    """

    report: Row
    figures: tuple[Stated, ...]
    lines: Mapping[int, Row]
    ignored: tuple[Row, ...]
    set_aside: int = 0
    numerals_aside: int = 0

    @property
    def period(self) -> tuple[int, int] | None:
        """Years that the report covers."""
        return years_of(self.report)

    @cached_property
    def results(self) -> tuple[Stated, ...]:
        """Figures of what the committee itself has done: no plans, nothing of others."""
        return tuple(figure for figure in self.figures if figure.own and not figure.planned)

    def sentences(self) -> Iterator[list[Stated]]:
        """Results by sentence, in order."""
        yield from _grouped(self.results, "sentence_no")

    def paragraphs(self) -> Iterator[list[Stated]]:
        """Results by paragraph, in order."""
        yield from _grouped(self.results, "paragraph")

    def wholes(self, near: Stated, measures: Iterable[str], unit: str) -> list[list[Stated]]:
        """Counts of some measures that a figure may be a part of, by scope: its sentence, its paragraph, the report.

        Args:
            near: the figure.
            measures: what the whole may count.
            unit: its measure word.
        """
        wanted = frozenset(measures)
        found = [
            other
            for other in self.figures
            if other.is_count
            and other.measure in wanted
            and other.unit == unit
            and not other.category
            and not other.planned
        ]
        same_years = [other for other in found if other.period == near.period]
        scopes = [
            [other for other in found if other.sentence_no == near.sentence_no],
            [other for other in same_years if other.paragraph == near.paragraph],
            same_years,
        ]
        return [scope for scope in scopes if scope]


def view_of(
    report: Row,
    figures: Iterable[Row],
    lines: Iterable[Row],
    ignored: Iterable[Row],
    set_aside: int = 0,
    numerals_aside: int = 0,
) -> ReportView:
    """A report of its rows.

    Args:
        report, figures, lines, ignored: rows of the tables `reports`, `figures`, `lines`, `ignored_numerals`.
        set_aside, numerals_aside: rows of `figures` and `ignored_numerals` of it that are in quarantine.
    """
    by_no = {line["line_no"]: line for line in lines}
    stated: list[Stated] = []
    sentence, sentence_no, paragraph, place = "", 0, -1, 0
    words = ""
    for row in sorted(figures, key=lambda row: row["ordinal"]):
        own = (by_no.get(row["line_no"]) or {}).get("paragraph") or 0
        if row["sentence"] != sentence or own < paragraph or own > paragraph + 1:
            sentence, sentence_no, place = row["sentence"], sentence_no + 1, 0
            words = squeeze(sentence).replace("，", ",")
        paragraph = own
        figure = _stated(row, sentence_no, paragraph, words)
        at, end = _place(figure, place)
        place = max(place, end)
        stated.append(replace(figure, place=at, end=end))
    return ReportView(report, tuple(stated), by_no, tuple(ignored), set_aside, numerals_aside)


def years_of(row: Row) -> tuple[int, int] | None:
    """First and last year of a row with a period."""
    if row["period_start"] is None or row["period_end"] is None:
        return None
    return row["period_start"].year, row["period_end"].year


def _stated(row: Row, sentence_no: int, paragraph: int, words: str) -> Stated:
    quote = row["quote"] + row["continued"]
    return Stated(
        figure_id=row["figure_id"],
        ordinal=row["ordinal"],
        measure=row["measure"],
        statistic=row["statistic"],
        category=row["category"],
        value=row["value"],
        unit=row["unit"],
        bound=row["bound"],
        own=row["whose"] == "own",
        planned=row["planned"],
        period=years_of(row),
        section=row["section"],
        quote=quote,
        line_no=row["line_no"],
        start=row["start"],
        span=span_of(row["value"], row["value_high"], row["bound"], row["unit"], quote),
        sentence_no=sentence_no,
        paragraph=paragraph,
        words=words,
    )


def _place(figure: Stated, after: int) -> tuple[int, int]:
    """Start and end of the number of a figure in its sentence, behind the figure before it."""
    digits = digits_of(figure.quote)
    written = digits or squeeze(figure.quote)
    at = figure.words.find(written, after)
    while digits and at > 0 and figure.words[at - 1].isdigit():
        at = figure.words.find(written, at + 1)
    return (at, at + len(written)) if at >= 0 else (-1, -1)


def _grouped(figures: Iterable[Stated], name: str) -> Iterator[list[Stated]]:
    groups: dict[int, list[Stated]] = defaultdict(list)
    for figure in figures:
        groups[getattr(figure, name)].append(figure)
    yield from groups.values()
