"""The counts of a run. They add up, or the run fails: nothing is dropped silently."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from schemas.labels import LABELS


class CountMismatch(Exception):
    """Counts that must be equal are not: an error of the code."""


@dataclass
class Summary:
    """What went into a run and what came out of it.

    Attributes:
        found: files found; each is read, unchanged or quarantined.
        hidden: hidden files, passed over.
        own: files of the data folder among the sources, passed over.
        passed: records of WARC files that hold no page, passed over, by reason.
        lost: captures that the archive does not give back; their reports keep their rows.
        labels: lines by label; each is a row or in quarantine.
        numerals: numerals of the kept text; each is a figure, an ignored numeral or a row in quarantine.
        committed: rows committed by table.
        rules: pages and rows set aside by this run, by rule.
        checks: outcomes of the checks of what was read, by `passed` and `failed`.
        release: number of the release that is current now.
        changed: whether this run made it.
        fetching: what came of fetching, a name and its counts a row.
        sources_failed: sources that could not be read, with the reason.
    """

    run_id: str = ""
    found: int = 0
    hidden: int = 0
    own: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    read: int = 0
    unchanged: int = 0
    quarantined: int = 0
    known_bad: int = 0
    lost: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    numerals: int = 0
    figures: int = 0
    ignored: int = 0
    numerals_quarantined: int = 0
    lines_quarantined: int = 0
    rows_quarantined: int = 0
    committed: dict[str, int] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    release: int | None = None
    changed: bool = False
    fetching: list[tuple[str, str]] = field(default_factory=list)
    sources_failed: dict[str, str] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """1 where this run set something aside or missed it, 3 where a source could not be read, else 0."""
        if self.quarantined or self.rows_quarantined or self.lost:
            return 1
        return 3 if self.sources_failed else 0

    def check(self) -> None:
        """Add the counts up.

        Raises:
            CountMismatch: a sum does not hold.
        """
        sums = (
            ("files", self.found, self.read + self.unchanged + self.quarantined + self.lost),
            ("numerals", self.numerals, self.figures + self.ignored + self.numerals_quarantined),
            ("lines", sum(self.labels.values()), self.lines + self.lines_quarantined),
        )
        for what, whole, parts in sums:
            if whole != parts:
                raise CountMismatch(f"{what}: {whole} is not {parts}; please report this with the input")

    def as_json(self) -> str:
        """All counts as JSON."""
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True)

    def rows(self) -> list[tuple[str, str]]:
        """What is printed: a name and its counts a row."""
        files = f"{self.found} found = {self.read} read + {self.unchanged} unchanged + {self.quarantined} quarantined"
        if self.lost:
            files += f" + {self.lost} not readable in the archive (lvzhi maintain --verify)"
        if self.hidden:
            files += f"  ({self.hidden} hidden passed over)"
        if self.own:
            files += f"  ({self.own} of the data folder passed over)"
        if self.passed:
            told = ", ".join(f"{count} {reason}" for reason, count in self.passed.most_common())
            files += f"  (passed over in WARC files: {told})"
        if self.known_bad:
            files += f"  ({self.known_bad} of the unchanged are in quarantine)"
        rows = [*self.fetching, ("files", files)]
        if self.labels:
            parts = " + ".join(f"{self.labels[label]} {label}" for label in LABELS if self.labels[label])
            rows.append(("lines", f"{sum(self.labels.values())} = {parts}"))
            numerals = f"{self.numerals} = {self.figures} figures + {self.ignored} ignored"
            if self.numerals_quarantined:
                numerals += f" + {self.numerals_quarantined} quarantined"
            rows.append(("numerals", numerals))
        if self.committed:
            parts = " + ".join(f"{count} {name}" for name, count in self.committed.items())
            rows.append(("rows", f"{sum(self.committed.values())} committed = {parts}"))
        if self.checks:
            outcomes = f"{self.checks['passed']} passed + {self.checks['failed']} failed"
            rows.append(("checks", f"{sum(self.checks.values())} = {outcomes}  (lvzhi check)"))
        if self.rules:
            rows.append(("set aside", ", ".join(f"{count} {rule}" for rule, count in sorted(self.rules.items()))))
        rows += [("not read", f"{name}: {reason}") for name, reason in sorted(self.sources_failed.items())]
        release = "none yet" if self.release is None else str(self.release)
        rows.append(("release", release if self.changed else f"{release}, nothing changed"))
        return rows

    def markdown(self) -> str:
        """The summary as a Markdown table."""
        lines = ["| | |", "|---|---|", *(f"| {name} | {counts} |" for name, counts in self.rows())]
        return "\n".join(lines) + "\n"
