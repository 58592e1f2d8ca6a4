"""What a page is: a report of a CPPCC committee, a neighbour of one, or something else that is set aside by a rule."""

from __future__ import annotations

import re

from flows.clean import PageRejected
from flows.clean.lines import Line
from flows.extract.context import Passage
from schemas.vocabulary import load_lexicons

COMMITTEE_WORDS = ("政协", "政治协商会议")
PROPOSAL_WORD = "提案"  # other bodies report on those of the committee
MEMBER_WORD = re.compile(r"委员(?!会)")
LISTED = re.compile(r".{6,80}?\s*[\[(]?(?:\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{2}-\d{2})[\])]?")
NUMBER = re.compile(r"[一二三四五六七八九十百千\d]+")
STOP = re.compile(r"[。!?]")
LITTLE = 160  # characters of prose: a page with more has something to read
LEAST_LISTED = 6
LEAST_FICTION = 3
LONG = 800  # characters: a report so long names its committee more than once


def require_report(passages: list[Passage], lines: list[Line], title: str) -> None:
    """Refuse pages that hold no report of a CPPCC committee.

    Args:
        passages: the kept text.
        lines: all lines of the page, labelled.
        title: the headline, folded; empty where there is none.

    Raises:
        PageRejected: rule `error_page`, `paywall`, `list_page`, `fiction` or `not_cppcc`.
    """
    lexicons = load_lexicons()
    prose = sum(len(passage.folded) for passage in passages if passage.ends)
    if prose <= LITTLE:
        _require_article(lines, prose)
    body = "\n".join(passage.folded for passage in passages)
    if len({NUMBER.sub("", match.group()) for match in lexicons.fiction.finditer(body)}) >= LEAST_FICTION:
        raise PageRejected("fiction", "the text has the words of a novel; it is no report")
    named = sum(body.count(word) for word in COMMITTEE_WORDS)
    if not named:
        raise PageRejected("not_cppcc", "the text names no CPPCC committee (政协); it is no report of one")
    if PROPOSAL_WORD in title or any(word in title for word in COMMITTEE_WORDS):
        return
    match = lexicons.other_titles.search(title)
    if not match and MEMBER_WORD.search(title):
        return
    if match := match or lexicons.other_openings.search(body):
        raise PageRejected(
            "not_cppcc", f"{match.group()!r}: the report is one of another body, not of a CPPCC committee"
        )
    if named == 1 and len(body) > LONG:
        raise PageRejected(
            "not_cppcc", "the text names a CPPCC committee (政协) only in passing; it is no report of one"
        )


def _require_article(lines: list[Line], prose: int) -> None:
    """Refuse pages with hardly any prose that say why.

    Raises:
        PageRejected: rule `error_page`, `paywall` or `list_page`.
    """
    lexicons = load_lexicons()
    lines = [line for line in lines if line.rule != "outside_article"]
    short = [line.folded for line in lines if line.folded and line.width <= 120]
    if any(lexicons.error_page.search(text) for text in short):
        raise PageRejected("error_page", "the page says that the article is not there; read it again or remove it")
    if any(lexicons.paywall.search(text) for text in short):
        raise PageRejected("paywall", "the page asks to log in or to pay; read it with access or remove it")
    listed = sum(LISTED.fullmatch(text) is not None and not STOP.search(text) for text in short)
    if listed >= LEAST_LISTED:
        reason = f"the page lists {listed} dated headlines and has {prose} characters of prose; read the articles"
        raise PageRejected("list_page", reason)


def kind_of(title: str, passages: list[Passage]) -> str:
    """Kind of a report, by its headline, or else by how its text begins; one of `REPORT_KINDS`.

    Args:
        title: the headline, folded.
        passages: the kept text.
    """
    opening = "".join(passage.folded for passage in passages[:4])[:300]
    for text in (title, opening):
        for kind, pattern in load_lexicons().report_kinds.items():
            if pattern.search(text):
                return kind
    return "other"
