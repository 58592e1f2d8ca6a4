"""Extract: clean text to rows. A pure function of the clean page.

context      a number's sentence, clause and heading
numerals     every numeral: value, unit, bound, or why it is no quantity
measures     what a number counts
periods      the years that it covers
figures      figures and ignored numerals, with their place in the raw lines
report       what the page says of itself
activities   what was held
documents    titled works
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.clean import CleanPage, PageRejected
from flows.extract.activities import Activity, extract_activities
from flows.extract.context import passages
from flows.extract.documents import Document, extract_documents
from flows.extract.figures import Figure, IgnoredNumeral, extract_figures
from flows.extract.report import COMMITTEE_WORD, ReportFields, read_fields


@dataclass(frozen=True)
class Extract:
    """All that was read from one page."""

    fields: ReportFields
    figures: list[Figure]
    ignored: list[IgnoredNumeral]
    activities: list[Activity]
    documents: list[Document]


def extract(page: CleanPage) -> Extract:
    """Read a clean page.

    Raises:
        PageRejected: the text names no CPPCC committee (rule `not_cppcc`).
    """
    texts = passages(page.paragraphs)
    if not any(COMMITTEE_WORD.search(text.folded) for text in texts):
        raise PageRejected("not_cppcc", "the text names no CPPCC committee (政协); it is no report of one")
    fields = read_fields(texts, page.lines, page.headline, page.published)
    figures, ignored = extract_figures(texts, page.lines, fields.period)
    return Extract(fields, figures, ignored, extract_activities(texts), extract_documents(texts))


__all__ = ["Extract", "extract"]
