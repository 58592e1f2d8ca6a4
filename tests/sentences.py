"""Labelled sentences (`corpus/sentences`), what the rules read in them, and how the two agree.

python -m tests.sentences [PARTITION ...] [--misses]
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.clean.lines import make_lines
from flows.clean.reflow import paragraphs
from flows.extract.activities import extract_activities
from flows.extract.context import passages
from flows.extract.documents import extract_documents
from flows.extract.figures import Figure, IgnoredNumeral, extract_figures
from flows.extract.periods import Period

FOLDER = Path(__file__).parent / "corpus" / "sentences"
PARTITIONS = ("development", "evaluation", "no_figure", "neighbours", "bugs", "known_failures")
FIELDS = ("value", "unit", "bound", "statistic", "measure", "category", "period", "whose", "planned")
Row = dict[str, Any]


def load(partition: str) -> list[Row]:
    """The sentences of one partition."""
    text = (FOLDER / f"{partition}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@dataclass
class Reading:
    """What the rules read in one sentence."""

    figures: list[Figure]
    ignored: list[IgnoredNumeral]
    activities: list[Any]
    documents: list[Any]
    start: int


def read(sentence: Row) -> Reading:
    """Read a sentence as the body of a report, below its heading and what stands before it."""
    context = sentence["context"]
    parts = [("heading", context["heading"]), ("body", context["before"]), ("body", sentence["text"])]
    given = [(label, text) for label, text in parts if text]
    lines = make_lines([text for _, text in given])
    for line, (label, _) in zip(lines, given, strict=True):
        line.set(label, "given", 1.0)
        line.closed = True
    texts = passages(paragraphs(lines))
    own = _period(context["period"])
    figures, ignored = extract_figures(texts, lines, own)
    last = len(lines)
    return Reading(
        [figure for figure in figures if figure.evidence.line_no == last],
        [numeral for numeral in ignored if numeral.evidence.line_no == last],
        [activity for activity in extract_activities(texts) if activity.line_no == last],
        [document for document in extract_documents(texts) if document.line_no == last],
        last,
    )


def _period(text: str) -> Period | None:
    if not text:
        return None
    first, _, last = text.partition("/")
    return Period(int(first), int(last or first))


def found_field(figure: Figure, name: str) -> Any:
    """A field of a figure, written as the labels write it."""
    if name != "period":
        return getattr(figure, name)
    period = figure.period
    if period is None:
        return ""
    return str(period.first) if period.first == period.last else f"{period.first}/{period.last}"


def agrees(label: Row, figure: Figure, name: str, *, lenient: bool = True) -> bool:
    """Whether one field is as labelled, or as it may be read as well."""
    got = found_field(figure, name)
    if name in ("value", "unit"):
        pairs = [(label["value"], label["unit"]), *map(tuple, label.get("also_value", []))]
        place = 0 if name == "value" else 1
        return any(_same(got, pair[place]) for pair in pairs)
    allowed = [label[name]]
    if lenient:
        allowed += label.get("also", []) if name == "measure" else label.get(f"also_{name}", [])
    return got in allowed


def _same(got: Any, wanted: Any) -> bool:
    return abs(got - wanted) <= 1e-3 * max(1.0, abs(wanted)) if isinstance(wanted, int | float) else bool(got == wanted)


def pair(sentence: Row, reading: Reading) -> tuple[list[tuple[Row, Figure]], list[Row], list[Figure]]:
    """Labels with the figures that stand in their place; those missed; those too many. Optional ones are neither."""
    left = list(reading.figures)
    pairs: list[tuple[Row, Figure]] = []
    missed: list[Row] = []
    for label in sorted(sentence["figures"], key=lambda row: not row["required"]):
        start, end = label["at"], label["at"] + len(label["quote"])
        here = [f for f in left if f.evidence.start < end and start < f.evidence.end]
        if not here:
            if label["required"]:
                missed.append(label)
            continue
        # Of several in one place the one that agrees in most fields.
        best = max(here, key=lambda f: sum(agrees(label, f, name) for name in FIELDS))
        left.remove(best)
        if label["required"]:
            pairs.append((label, best))
    return pairs, missed, left


@dataclass
class Sums:
    """How often labels and readings agree, over a partition."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, ok: bool, miss: str = "") -> None:
        """Count one comparison."""
        self.right[name] += ok
        self.of[name] += 1
        if not ok and miss:
            self.misses.append(f"{name}: {miss}")

    def share(self, name: str) -> float:
        """Share that agrees; of nothing, all."""
        return self.right[name] / self.of[name] if self.of[name] else 1.0

    def f1(self) -> float:
        """Harmonic mean of precision and recall of the figures found."""
        missed, extra, found = self.of["missed"], self.of["extra"], self.of["found"]
        return 2 * found / (2 * found + missed + extra) if found + missed + extra else 1.0


def score(sentences: list[Row]) -> Sums:
    """Hold the readings of sentences against their labels."""
    sums = Sums()
    for sentence in sentences:
        reading = read(sentence)
        pairs, missed, extra = pair(sentence, reading)
        for label in missed:
            sums.add("missed", False, f"{sentence['id']} {label['quote']}")
        for figure in extra:
            sums.add("extra", False, f"{sentence['id']} {figure.evidence.quote} {figure.measure}")
        for label, figure in pairs:
            sums.add("found", True)
            for name in FIELDS:
                miss = f"{sentence['id']} {label['quote']}: {label[name]!r}, read {found_field(figure, name)!r}"
                sums.add(name, agrees(label, figure, name), miss)
            sums.add("measure.strict", agrees(label, figure, "measure", lenient=False))
            families = {measure.partition(".")[0] for measure in [label["measure"], *label["also"]]}
            sums.add("family", figure.measure.partition(".")[0] in families)
            sums.add("all", all(agrees(label, figure, name) for name in FIELDS))
        for label in sentence["ignored"]:
            start, end = label["at"], label["at"] + len(label["quote"])
            here = [n for n in reading.ignored if n.evidence.start < end and start < n.evidence.end]
            got = here[0].rule if here else "figure"
            sums.add(
                "ignored.rule", got == label["rule"], f"{sentence['id']} {label['quote']}: {label['rule']}, read {got}"
            )
    return sums


def is_right(sentence: Row) -> bool:
    """Whether a sentence is read as labelled, in all fields of all figures."""
    pairs, missed, extra = pair(sentence, read(sentence))
    return not missed and not extra and all(agrees(label, f, name) for label, f in pairs for name in FIELDS)


def main() -> None:
    """Print the sums of partitions, and with --misses each disagreement."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or [p for p in PARTITIONS if load(p)]
    for name in names:
        sums = score(load(name))
        print(f"{name}: found F1 {sums.f1():.3f} ({sums.of['missed']} missed, {sums.of['extra']} too many)")
        for measure in (*FIELDS, "measure.strict", "family", "all", "ignored.rule"):
            if sums.of[measure]:
                print(f"  {measure:15} {sums.share(measure):.3f} of {sums.of[measure]}")
        if "--misses" in sys.argv:
            print("\n".join(f"    {miss}" for miss in sums.misses))


if __name__ == "__main__":
    main()
