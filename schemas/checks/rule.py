"""What a rule is: one declaration with the text that the docs show and the tests try, and a function that yields outcomes.

    @report_rule("parts_by_author", "error", "…sentence…", tolerance="…", right="…", wrong="…")
    def parts_by_author(report: ReportView) -> Iterator[Outcome]:
        ...

Every rule is looked up by its name; the docs page, the tests and the command line go over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

ROW, REPORT, DATASET = "row", "report", "dataset"
RINGS = (ROW, REPORT, DATASET)
SEVERITIES = ("error", "warning")


@dataclass(frozen=True)
class Outcome:
    """What one rule says of one subject.

    Attributes:
        passed: whether it holds.
        expected, observed: what should be and what is, in figures or few words.
        message: the same as a sentence for a person.
        figure_ids: the figures that took part.
        report_id: the report, where the rule sees more than one.
        severity: in place of the one that the rule declares.
    """

    passed: bool
    expected: str
    observed: str
    message: str
    figure_ids: tuple[str, ...] = ()
    report_id: str | None = None
    severity: str | None = None


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: unique; `--accept` takes it.
        ring: row, report or dataset.
        severity: error or warning.
        sentence: what must hold.
        scope: where it looks.
        tolerance: what it lets pass, and why.
        right, wrong: text of a report that passes and one that fails; empty for rules that see more than one report.
        check: the function.
    """

    name: str
    ring: str
    severity: str
    sentence: str
    scope: str
    tolerance: str
    check: Callable[..., Any] = field(repr=False)
    right: str = ""
    wrong: str = ""


RULES: dict[str, Rule] = {}


def declare(
    ring: str,
    name: str,
    severity: str,
    sentence: str,
    *,
    scope: str,
    tolerance: str = "none",
    right: str = "",
    wrong: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a rule.

    Raises:
        ValueError: the name is taken, or ring or severity is unknown.
    """
    if name in RULES or ring not in RINGS or severity not in SEVERITIES:
        raise ValueError(f"rule {name!r} ({ring}, {severity}) is declared twice, or its ring or severity is unknown")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        RULES[name] = Rule(name, ring, severity, sentence, scope, tolerance, function, right, wrong)
        return function

    return register


def of_ring(ring: str) -> Iterator[Rule]:
    """The rules of a ring, in the order of their declaration."""
    return (rule for rule in RULES.values() if rule.ring == ring)
