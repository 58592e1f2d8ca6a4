"""What a page says of itself: headline, committee, place, term, years, publication, source.

committee    whose report it is
sessions     term and session
years        the years that it covers
credits      dates and source
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flows.clean.lines import Line
from flows.clean.text import fold
from flows.extract.committee import NATION, Clues, find_committee
from flows.extract.context import Passage
from flows.extract.credits import read_dates, read_source
from flows.extract.kind import kind_of
from flows.extract.periods import Period, year_digits
from flows.extract.sessions import read_session, read_term
from flows.extract.years import read_years
from schemas.vocabulary import Division

HEADLINES = ("headline_begins", "headline", "sub_headline")  # rules of the lines that make the headline


@dataclass(frozen=True)
class ReportFields:
    """What a page says of itself; fields as in `schemas.tables.Reports`."""

    title: str | None
    committee: str | None
    division: Division | None
    term: int | None
    session: int | None
    period: Period | None
    published_at: dt.date | None
    archived_at: dt.date | None
    source_name: str | None
    report_kind: str


def read_fields(
    passages: list[Passage], lines: list[Line], headline: str = "", stated: str = "", address: str = ""
) -> ReportFields:
    """Read the fields of a report.

    Args:
        passages: its kept text.
        lines: all of its lines, labelled.
        headline: as the head of a web page states it, for a page without a line for it.
        stated: day of publication as the head of a web page states it, for a page without a line for it.
        address: of the page, for a report that names its place nowhere else.
    """
    title = read_title(lines) or headline or None
    head = year_digits(fold(title or ""))
    body = year_digits("\n".join(passage.folded for passage in passages))
    published, archived = read_dates(lines)
    published = published or (dt.date.fromisoformat(stated) if stated else None)
    period = read_years(head, body, passages, published)
    committee = find_committee(_clues(head, body, lines, address, period, published))
    division = committee.division if committee else None
    term = read_term(head, body, national=division == NATION)
    return ReportFields(
        title=title,
        committee=committee.name if committee else None,
        division=division,
        term=term,
        session=read_session(head, body, term),
        period=period,
        published_at=published,
        archived_at=archived,
        source_name=read_source(lines),
        report_kind=kind_of(head, passages),
    )


def _clues(
    title: str, body: str, lines: list[Line], address: str, period: Period | None, published: dt.date | None
) -> Clues:
    """All that may tell whose report it is."""
    year = period.last if period else published.year if published else None
    meta = "\n".join(line.folded for line in lines if line.label == "meta")
    furniture = tuple(line.folded for line in lines if line.label == "boilerplate")
    return Clues(title, body, meta, furniture, address, year)


def read_title(lines: list[Line]) -> str | None:
    """The headline in one line, its sub-headline after ` ——`; nothing where there is no headline."""
    lines = [line for line in lines if line.rule in HEADLINES]
    begins = "".join(line.text for line in lines if line.rule == "headline_begins")
    headline = next((line.text for line in lines if line.rule == "headline"), None)
    if headline is None:
        return None
    subs = [line for line in lines if line.rule == "sub_headline" and not line.folded.startswith("(")]
    sub = subs[0].text.lstrip("-—–― ").strip() if subs else ""
    whole = begins + headline.strip()
    return f"{whole} ——{sub}" if sub and sub not in whole else whole
