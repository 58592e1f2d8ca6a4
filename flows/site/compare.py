"""Committees side by side: one measure at a time, of which one script holds all numbers.

What cannot be compared is kept apart: a choice is a statistic, a class, a unit and a length of period together; bounds
are shown with each number, and what a limit leaves open is said of its rank.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from flows.site.committee import BY_COMMITTEE, BY_KEY, PANEL
from flows.site.pages import as_script, page
from flows.site.reading import Dataset, Row
from schemas.vocabulary import load_measures

DEFAULT = "proposals.filed"


def compare_files(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Name and content of the page, of a script for each measure, and of one with the names of the committees."""
    slugs = {(c.code, c.name): slug for slug, c in dataset.committees.items()}
    kept = dataset.desk.keep(f"{PANEL} ORDER BY p.measure, {BY_COMMITTEE}, {BY_KEY}")
    counts: dict[str, int] = {}
    told: dict[str, int] = {}
    for code, rows in kept.groups("measure"):
        records = [
            _record(slug, row) for row in rows if (slug := slugs.get((row["division_code"] or "", row["committee"])))
        ]
        if records:
            counts[code], told[code] = len(records), len({record[0] for record in records})
            yield f"compare/{code}.js", as_script("lvzhi.measured", [code, records])
    names = {c.slug: [c.short, c.province] for c in dataset.committees.values()}
    yield "compare/committees.js", as_script("lvzhi.committees = ", names)
    yield "compare.html", page("compare.html", 0, "compare", {"groups": _groups(counts), "chosen": _default(told)})


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


def _groups(counts: Mapping[str, int]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Measures with the number of their rows, by family."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for code in (measure.code for measure in load_measures() if measure.code in counts):
        found[code.partition(".")[0]].append((code, counts[code]))
    return list(found.items())


def _default(committees: Mapping[str, int]) -> str:
    """The measure that is shown first: that of filed proposals, else the one with the most committees."""
    if DEFAULT in committees or not committees:
        return DEFAULT if committees else ""
    return Counter(committees).most_common(1)[0][0]
