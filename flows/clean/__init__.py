"""Clean: bytes to labelled lines and paragraphs. A pure function of bytes, media type and the lines that the site repeats.

decode   bytes to characters: encodings which one, mend what is damaged, mojibake what was read wrongly before
pdf      the text layer of a PDF to lines: layout in which order
html     a web page to blocks; article which of them are the text, headline what it is called and when it came; web makes lines of them
lines    the model of a line
text     clean text with a map back to raw characters
script   traditional script to simplified
markup   residue of markup, glosses and doubled marks in a line
label    one label for each line; titles, captions, spam, columns, repeats and ends have rules of their subject,
         and said takes back what patterns took for furniture and the report itself says
reflow   wrapped lines joined to paragraphs
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.clean.decode import Decoded, PageRejected, decode, is_pdf
from flows.clean.ends import is_truncated
from flows.clean.html import is_html
from flows.clean.label import label_lines
from flows.clean.lines import Line, split_lines
from flows.clean.reflow import Paragraph, paragraphs
from flows.clean.script import HAN, count_changed, script_of
from flows.clean.web import read_web_page
from schemas.labels import KEPT_LABELS

LETTERS = re.compile(r"[^\W\d_]+")
FOREIGN = re.compile(r"[\u3041-\u30ff\uac00-\ud7a3]+")  # kana and hangul


@dataclass(frozen=True)
class CleanPage:
    """A page taken apart: all of its lines with labels, and the paragraphs of its kept text."""

    lines: list[Line]
    paragraphs: list[Paragraph]
    encoding: str
    replaced: int
    script: str
    headline: str = ""
    published: str = ""

    @property
    def truncated(self) -> bool:
        """Whether the page says that the rest of the text is elsewhere."""
        return is_truncated(self.lines)


def clean(data: bytes, content_type: str, repeated: frozenset[str] = frozenset()) -> CleanPage:
    """Take a page apart.

    Args:
        data: its bytes.
        content_type: its media type, such as `text/plain` or `text/html`.
        repeated: clean texts of lines that its site repeats on many pages.

    Raises:
        PageRejected: the bytes hold no text (rules `empty`, `binary`, `undecodable`), or no Chinese
            one (`not_chinese`); or a PDF gives none (rules of `pdf_lines`).
    """
    return clean_decoded(_decode_pdf(data) if is_pdf(data) else decode(data), content_type, repeated)


def clean_decoded(decoded: Decoded, content_type: str, repeated: frozenset[str] = frozenset()) -> CleanPage:
    """Take a page apart whose bytes were decoded already.

    Args:
        decoded: its text.
        content_type: its media type.
        repeated: clean texts of lines that its site repeats on many pages.

    Raises:
        PageRejected: the text is not Chinese (`not_chinese`), or a web page has no article (`no_article`).
    """
    headline = published = ""
    if decoded.encoding != "pdf" and is_html(decoded.text, content_type):
        page = read_web_page(decoded.text)
        lines, headline, published = page.lines, page.headline, page.published
        if not page.article.blocks:
            raise PageRejected("no_article", page.article.reason)
    else:
        lines = split_lines(decoded.text)
    # What a page is, its text says; the furniture around it may be in another language.
    own = [line for line in lines if line.inside] or lines
    text = "".join(line.raw for line in own)
    han = sum(map(len, HAN.findall(text)))
    _require_chinese(text, han)
    label_lines(lines, repeated)
    # Furniture, spam and mojibake tell nothing of the script of the report.
    own = [line for line in own if line.label in KEPT_LABELS] or own
    changed = sum(count_changed(line.raw, line.simplified) for line in own)
    han = sum(sum(map(len, HAN.findall(line.raw))) for line in own) if changed else 0
    script = script_of(han, changed)
    return CleanPage(lines, paragraphs(lines), decoded.encoding, decoded.replaced, script, headline, published)


def _decode_pdf(data: bytes) -> Decoded:
    """Text of a PDF; its library is loaded with the first one."""
    from flows.clean.pdf import decode_pdf

    return decode_pdf(data)


def _require_chinese(text: str, han: int) -> None:
    """Refuse text in another language: too few Han characters (`han` of them), or many kana or hangul."""
    if han >= max(20, 0.3 * len(text)) and FOREIGN.search(text) is None:
        return  # whatever the other characters are
    letters, foreign = (sum(map(len, kind.findall(text))) for kind in (LETTERS, FOREIGN))
    if han < 20 or han < letters * 0.3 or foreign > letters * 0.1:
        raise PageRejected(
            "not_chinese", f"{han} of {letters} letters are Chinese characters; only Chinese reports are read"
        )


__all__ = ["CleanPage", "Decoded", "Line", "PageRejected", "Paragraph", "clean", "clean_decoded"]
