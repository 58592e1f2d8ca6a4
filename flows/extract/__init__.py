"""Extract: clean text to rows. A pure function of the clean page.

context      a number's sentence, clause and heading
numerals     every numeral: value, unit, bound, or why it is no quantity
measures     what a number counts
periods      the years that it covers
figures      figures and ignored numerals, with their place in the raw lines
kind         whether it is a report of a CPPCC committee, and of which kind
damaged      numbers of which digits are hidden
report       what the page says of itself; its parts: committee, sessions, years, credits
activities   what was held
documents    titled works
proposals    a report's year of proposals in one row
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.clean import CleanPage
from flows.clean.text import fold
from flows.extract.activities import Activity, extract_activities
from flows.extract.context import passages
from flows.extract.damaged import is_damaged
from flows.extract.documents import Document, extract_documents
from flows.extract.figures import Figure, IgnoredNumeral, extract_figures
from flows.extract.kind import require_report
from flows.extract.report import ReportFields, read_fields, read_title


@dataclass(frozen=True)
class Extract:
    """All that was read from one page; `damaged` says that numbers in it were hidden or lost."""

    fields: ReportFields
    figures: list[Figure]
    ignored: list[IgnoredNumeral]
    activities: list[Activity]
    documents: list[Document]
    damaged: bool


def extract(page: CleanPage, address: str = "") -> Extract:
    """Read a clean page.

    Args:
        page: the page.
        address: where it was read from, for a report that names its place nowhere else.

    Raises:
        PageRejected: the page holds no report of a CPPCC committee; see `flows.extract.kind`.
    """
    texts = passages(page.paragraphs)
    require_report(texts, page.lines, fold(read_title(page.lines) or page.headline))
    fields = read_fields(texts, page.lines, page.headline, page.published, address)
    figures, ignored = extract_figures(texts, page.lines, fields.period)
    damaged = any(numeral.rule == "damaged" for numeral in ignored) or any(is_damaged(text.folded) for text in texts)
    return Extract(fields, figures, ignored, extract_activities(texts), extract_documents(texts), damaged)


__all__ = ["Extract", "extract"]
