"""Committees side by side: one measure at a time, of which one script holds all numbers.

What cannot be compared is kept apart: a choice is a statistic, a class, a unit and a length of period together; bounds
are shown with each number, and what a limit leaves open is said of its rank.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from flows.site.pages import as_script, page
from flows.site.reading import Dataset, Row
from schemas.vocabulary import load_measures

DEFAULT = "proposals.filed"


def compare_files(dataset: Dataset, rows: dict[str, list[Row]]) -> Iterator[tuple[str, str]]:
    """Name and content of the page, of a script for each measure, and of one with the names of the committees."""
    by_measure: dict[str, list[list[object]]] = defaultdict(list)
    for slug in dataset.committees:
        for row in rows.get(slug, []):
            by_measure[row["measure"]].append(_record(slug, row))
    codes = [measure.code for measure in load_measures() if measure.code in by_measure]
    yield (
        "compare.html",
        page("compare.html", 0, "compare", {"groups": _groups(codes, by_measure), "chosen": _default(by_measure)}),
    )
    names = {c.slug: [c.short, c.province] for c in dataset.committees.values()}
    yield "compare/committees.js", as_script("lvzhi.committees = ", names)
    for code in codes:
        yield f"compare/{code}.js", as_script("lvzhi.measured", [code, by_measure[code]])


def _record(slug: str, row: Row) -> list[object]:
    first, last = row["period_start"].year, row["period_end"].year
    return [
        slug,
        first,
        last,
        row["statistic"],
        row["category"],
        row["unit"],
        row["value"],
        row["bound"],
        int(row["agree"]),
        row["report"],
        row["figure"],
    ]


def _groups(codes: list[str], by_measure: dict[str, list[list[object]]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Measures with the number of their rows, by family."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for code in codes:
        found[code.partition(".")[0]].append((code, len(by_measure[code])))
    return list(found.items())


def _default(by_measure: dict[str, list[list[object]]]) -> str:
    """The measure that is shown first: that of filed proposals, else the one with the most committees."""
    if DEFAULT in by_measure or not by_measure:
        return DEFAULT if by_measure else ""
    counted = Counter({code: len({row[0] for row in rows}) for code, rows in by_measure.items()})
    return counted.most_common(1)[0][0]
