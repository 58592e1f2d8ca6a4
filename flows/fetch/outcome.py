"""What came of the sources of a run, in counts that add up, and pages that wait to be ingested."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flows.read.fetched import FetchedPage


@dataclass(frozen=True)
class Unreached:
    """A page that was set aside because it could not be fetched, with what went wrong and when."""

    source: str
    source_uri: str
    reason: str
    history: list[dict[str, Any]]


@dataclass
class Fetched:
    """What came of the sources.

    Attributes:
        fetch_id: the fetch, as in `requests`.
        links: links that were found, each once a source.
        passed: those that were not chosen, by rule.
        outcomes: those that were, by what came of them.
        pages: pages that wait to be ingested, also those of a run that was killed.
        unreached: pages that were set aside now.
        told: what a person should know, a line each.
        failed: sources of which nothing could be read, with the reason.
    """

    fetch_id: str = ""
    links: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    pages: list[FetchedPage] = field(default_factory=list)
    unreached: list[Unreached] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def unchanged(self) -> int:
        """Pages that are as they were."""
        return self.outcomes["unchanged"]

    def rows(self) -> list[tuple[str, str]]:
        """What is printed: a name and its counts a row."""
        rows = [("links", _sum(self.links, Counter(chosen=self.outcomes.total()) + self.passed))]
        if self.outcomes:
            rows.append(("chosen", _sum(self.outcomes.total(), self.outcomes)))
        return rows + [("note", line) for line in self.told]


def _sum(whole: int, parts: Counter[str]) -> str:
    return f"{whole} = " + (" + ".join(f"{count} {name}" for name, count in parts.most_common()) or "0")
