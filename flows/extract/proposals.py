"""A report's year of proposals in one row: what it states as its own result for its own period, by measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flows.extract.figures import Figure
from flows.extract.periods import Period
from schemas.vocabulary import load_measures

FAMILY = "proposals."
# Counted by class: the sum over the classes of one list is the measure's number.
BY_CLASS = "proposals.topic"


def proposal_year(figures: Iterable[Figure], own: Period | None) -> dict[str, float | None]:
    """Counts and shares of the measures of proposals; nothing for what the report does not state.

    Args:
        figures: all figures of the report.
        own: its period. Figures of other years, plans and figures of others do not enter.

    Returns:
        By column of the table `proposals`: `filed`, `filed_share` …; shares in percent.
    """
    stated: dict[tuple[str, str, str], list[Figure]] = {}
    listed: list[list[Figure]] = [[]]
    for figure in figures:
        if figure.whose == "own" and not figure.planned and figure.period == own and figure.statistic != "change":
            stated.setdefault((figure.measure, figure.statistic, figure.category), []).append(figure)
            if figure.measure == BY_CLASS and figure.category and figure.statistic == "count":
                listed[-1].append(figure)
        if figure.measure != BY_CLASS and listed[-1]:
            listed.append([])
    row: dict[str, float | None] = {}
    for measure in load_measures():
        if measure.code.startswith(FAMILY):
            name = measure.code.removeprefix(FAMILY)
            row[name] = _by_class(listed) if measure.code == BY_CLASS else _said(stated, measure.code, "count")
            row[f"{name}_share"] = _said(stated, measure.code, "share")
    return row


def _said(stated: dict[tuple[str, str, str], list[Figure]], measure: str, statistic: str) -> float | None:
    """The number that the report gives for a measure as a whole, without a class."""
    return main_value(figure.value for figure in stated.get((measure, statistic, ""), []))


def _by_class(listed: list[list[Figure]]) -> float | None:
    """The sum over the longest list of classes; nothing without a list: a class named alone is no breakdown."""
    lists = [{figure.category: figure.value for figure in figures} for figures in listed]
    longest = max(lists, key=len)
    return sum(longest.values()) if len(longest) > 1 else None


def main_value(values: Iterable[float]) -> float | None:
    """Of several numbers for one thing the one stated most often; of those the largest, for a part is less than its whole."""
    counts = Counter(values)
    return max(counts, key=lambda value: (counts[value], value), default=None)
