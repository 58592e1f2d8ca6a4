"""How much of what synthetic reports say is read in them, by shape and noise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from flows.clean import clean
from flows.clean.decode import PageRejected
from flows.extract import Extract, extract
from flows.extract.figures import Figure
from tests.corpus.generate import Fact, Report

# Of figures that were found: what of them is compared.
PARTS = ("bound", "statistic", "measure", "category", "period")
FIELDS = ("committee", "division_code", "period", "published_at", "title")


@dataclass
class Score:
    """Counts over some reports."""

    reports: int = 0
    refused: int = 0
    facts: int = 0
    found: int = 0
    extra: int = 0
    right: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of the facts that were found with value and unit."""
        return self.found / self.facts if self.facts else 1.0

    @property
    def precision(self) -> float:
        """Share of the figures that are facts."""
        return self.found / (self.found + self.extra) if self.found + self.extra else 1.0

    def part(self, name: str) -> float:
        """Share of the figures found whose part is right."""
        return self.right[name] / self.found if self.found else 1.0

    def of_report(self, name: str) -> float:
        """Share of the reports whose field is right."""
        return self.fields[name] / self.reports if self.reports else 1.0


@dataclass
class Scored:
    """Scores by group: `all`, each shape, each noise; and what was read otherwise."""

    groups: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    misses: list[str] = field(default_factory=list)


def compare(reports: Iterable[Report]) -> Scored:
    """Read reports, and compare what is found with what they say."""
    scored = Scored()
    for report in reports:
        groups = [scored.groups[name] for name in ("all", f"shape {report.shape}", f"noise {report.noise}")]
        try:
            found: Extract | None = extract(clean(report.data, report.content_type), report.name)
        except PageRejected as refused:
            found = None
            scored.misses.append(f"{report.name} {report.shape}: {refused.rule} {refused.reason}")
        for score in groups:
            score.reports += 1
            score.refused += found is None
            score.facts += len(report.facts)
        if found is not None:
            _compare(report, found, groups, scored.misses)
    return scored


def _compare(report: Report, found: Extract, groups: list[Score], misses: list[str]) -> None:
    said = [(round(fact.value, 3), fact.unit) for fact in report.facts]
    read = [(round(figure.value, 3), figure.unit) for figure in found.figures]
    pairs = [
        (report.facts[block.a + at], found.figures[block.b + at])
        for block in SequenceMatcher(None, said, read, autojunk=False).get_matching_blocks()
        for at in range(block.size)
    ]
    paired = {id(fact) for fact, _ in pairs}, {id(figure) for _, figure in pairs}
    where = f"{report.name} {report.shape} {report.noise}"
    misses += [f"{where}: not found {fact}" for fact in report.facts if id(fact) not in paired[0]]
    misses += [f"{where}: no fact {_told(figure)}" for figure in found.figures if id(figure) not in paired[1]]
    for score in groups:
        score.found += len(pairs)
        score.extra += len(found.figures) - len(pairs)
    for fact, figure in pairs:
        for part in PARTS:
            if getattr(fact, part) == _part(figure, part):
                for score in groups:
                    score.right[part] += 1
            else:
                misses.append(f"{where}: {part} {getattr(fact, part)!r} is {_part(figure, part)!r} in {_told(figure)}")
    for name, right in _fields(report, found).items():
        if right:
            for score in groups:
                score.fields[name] += 1
        else:
            misses.append(f"{where}: {name} of {report.fields} in {found.fields}")


def _part(figure: Figure, name: str) -> object:
    if name == "period":
        return (figure.period.first, figure.period.last) if figure.period else None
    return getattr(figure, name)


def _told(figure: Figure) -> str:
    return f"{figure.evidence.quote} {figure.measure} ({figure.rule}): {figure.sentence}"


def _fields(report: Report, found: Extract) -> dict[str, bool]:
    fields, said = found.fields, report.fields
    period = (fields.period.first, fields.period.last) if fields.period else None
    return {
        "committee": fields.committee == said.committee,
        "division_code": (fields.division.code if fields.division else None) == said.division_code,
        "period": period == said.period,
        "published_at": str(fields.published_at) == said.published_at,
        "title": (fields.title or "").replace(" ", "") == said.title.replace(" ", ""),
    }


def table(scored: Scored) -> str:
    """The scores as a table, in percent."""
    heads = ["group", "reports", "refused", "facts", "recall", "precision", *PARTS, *FIELDS]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, score in sorted(scored.groups.items()):
        shares = [score.recall, score.precision, *map(score.part, PARTS), *map(score.of_report, FIELDS)]
        cells = [name, str(score.reports), str(score.refused), str(score.facts), *(f"{100 * s:.1f}" for s in shares)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


__all__ = ["Fact", "Score", "Scored", "compare", "table"]
