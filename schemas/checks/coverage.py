"""What became of each committee's report of each year: read, set aside, not read, not fetched, or never published."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from schemas.vocabulary.divisions import load_divisions

if TYPE_CHECKING:
    from schemas.checks.dataset import DatasetView

# From the best to the worst that is known.
STATES = ("accepted", "quarantined", "unparsed", "unfetched", "unpublished")
# Rules by which pages are set aside before anything of them is seen.
UNSEEN = ("unreadable", "too_large", "unreachable")
YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d{3})")
# What the ledger says of an address that gave its bytes, or gave them before.
CAME = ("fetched", "unchanged", "redirected")
States = dict[tuple[str, str, int], tuple[str, str]]


def coverage_states(dataset: DatasetView) -> States:
    """State of each committee and year, with what explains it, by code, name and year."""
    found = _Found(dataset.speaks_for)
    found.add_reports(dataset.reports)
    found.add_set_aside(dataset.quarantine, dataset.captures)
    found.close(found.last)
    found.add_asked(dataset)
    return {(code, found.names[code], year): state for (code, year), state in found.states.items()}


class _Found:
    """States as they are found; of several the best one holds.

    Args:
        speaks_for: codes of the places that sources speak for.
    """

    def __init__(self, speaks_for: Mapping[str, tuple[str, ...]]) -> None:
        self.states: dict[tuple[str, int], tuple[str, str]] = {}
        self.names: dict[str, str] = {}
        self._homes: dict[str, set[str]] = defaultdict(set)
        self._speaks_for = speaks_for

    @property
    def last(self) -> int:
        """The last year of which anything is known."""
        return max((year for _, year in self.states), default=0)

    def put(self, code: str, year: int, state: str, why: str = "") -> None:
        """Add a state of a committee's year."""
        held = self.states.get((code, year))
        if held is None or STATES.index(state) < STATES.index(held[0]):
            self.states[code, year] = (state, why)

    def add_reports(self, reports: pl.DataFrame) -> None:
        """Years that reports cover; which committee a source and a site have reports of."""
        for row in reports.filter(pl.col("division_code").is_not_null()).iter_rows(named=True):
            code = row["division_code"]
            self.names[code] = row["division_name"] or code
            self._homes[row["source"]].add(code)
            self._homes[site(row["source"], row["source_uri"])].add(code)
            if row["period_end"] is not None:
                for year in range(row["period_start"].year, row["period_end"].year + 1):
                    self.put(code, year, "quarantined" if row["quality"] == "quarantined" else "accepted")

    def add_set_aside(self, quarantine: pl.DataFrame, captures: pl.DataFrame) -> None:
        """Pages from which no report is read, by the year in their address, or the one before they were captured."""
        columns = ["report_id", "source", "source_uri", "captured_at"]
        captured = {row[0]: row[1:] for row in captures.select(columns).iter_rows()}
        of_pages = pl.col("table").is_in(["captures", "reports"])
        for row in quarantine.filter(pl.col("resolved_by_run").is_null() & of_pages).iter_rows(named=True):
            state = "quarantined" if row["table"] == "reports" else "unparsed"
            if row["rule"] in UNSEEN:
                state = "unfetched"
            source, uri, when = captured.get(row["report_id"], _place(row["row"]))
            self._put_page(source, uri, when, state, f" ({row['rule']}: {row['reason'][:80]})")

    def _put_page(self, source: str, uri: str, when: dt.datetime | None, state: str, why: str) -> None:
        codes = self._homes[site(source, uri)] or self._homes[source] or set(self._speaks_for.get(source, ()))
        years = {int(year) for year in YEAR.findall(uri)} or ({when.year - 1} if when else set())
        if len(codes) == 1:
            (code,) = codes
            self._name(code)
            for year in years:
                self.put(code, year, state, why)

    def add_asked(self, dataset: DatasetView) -> None:
        """What the ledger of requests says: pages that were never got, and places of sources without a report."""
        if dataset.requests is None or dataset.requests.is_empty():
            return
        subject = ["source", "purpose", "asked_for"]
        latest = dataset.requests.sort("requested_at").unique(subject, keep="last", maintain_order=True)
        got = set(dataset.captures.select("source", "source_uri").iter_rows())
        self._add_missed(latest.filter(pl.col("purpose") == "page"), got)
        for (source,), lists in latest.filter(pl.col("purpose") == "list").group_by("source", maintain_order=True):
            self._add_places(str(source), lists.to_dicts())

    def _add_missed(self, pages: pl.DataFrame, got: set[tuple[str, str]]) -> None:
        """Pages that were asked for last without success, and never got before."""
        for row in pages.filter(~pl.col("outcome").is_in(CAME)).iter_rows(named=True):
            if (row["source"], row["asked_for"]) not in got:
                why = f" ({row['rule'] or row['outcome']}: {row['asked_for'][:80]})"
                self._put_page(row["source"], row["asked_for"], row["requested_at"], "unfetched", why)

    def _add_places(self, source: str, lists: list[dict[str, Any]]) -> None:
        """Places of a source, up to the year before it was asked: where no list page can be read, that one is not fetched."""
        due = max(row["requested_at"] for row in lists).year - 1
        reached = any(row["outcome"] in CAME for row in lists)
        for code in self._speaks_for.get(source, ()):
            self._name(code)
            if not reached:
                self.put(code, due, "unfetched", f" ({source} cannot be read: {lists[-1]['reason']})")
            self.close(due, code)

    def _name(self, code: str) -> None:
        if code not in self.names:
            place = load_divisions().by_code.get(code)
            self.names[code] = place.name if place else code

    def close(self, last: int, only: str = "") -> None:
        """Years up to the last one of which nothing is known: no page was found, so nothing was published."""
        for code in [only] if only else list(self.names):
            first = min((year for other, year in self.states if other == code), default=last)
            for year in range(first, last + 1):
                self.put(code, year, "unpublished", ", no page was found")


def site(source: str, uri: str) -> str:
    """Host of an address on the web, else the source."""
    match = re.match(r"\w+://([^/]+)", uri)
    return match.group(1).lower() if match else source


def _place(row: str) -> tuple[str, str, None]:
    """Source and address of a page that was never captured, as its quarantine row has them."""
    found = {name: re.search(rf'"{name}": "([^"]*)"', row) for name in ("source", "source_uri")}
    return *(match.group(1) if match else "" for match in found.values()), None  # type: ignore[return-value]
