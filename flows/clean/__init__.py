"""Clean: bytes to labelled lines and paragraphs. A pure function of bytes and media type.

decode   bytes to characters: encodings which one, mend what is damaged, mojibake what was read wrongly before
pdf      the text layer of a PDF to lines: layout in which order
html     HTML to lines
lines    the model of a line
text     clean text with a map back to raw characters
script   traditional script to simplified
label    one label for each line
reflow   wrapped lines joined to paragraphs
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.clean.decode import PageRejected, decode
from flows.clean.html import html_lines, is_html
from flows.clean.label import label_lines
from flows.clean.lines import Line, make_lines, split_lines
from flows.clean.pdf import decode_pdf, is_pdf
from flows.clean.reflow import Paragraph, paragraphs
from flows.clean.script import HAN, script_of


@dataclass(frozen=True)
class CleanPage:
    """A page taken apart: all of its lines with labels, and the paragraphs of its kept text."""

    lines: list[Line]
    paragraphs: list[Paragraph]
    encoding: str
    replaced: int
    script: str


def clean(data: bytes, content_type: str) -> CleanPage:
    """Take a page apart.

    Args:
        data: its bytes.
        content_type: its media type, such as `text/plain` or `text/html`.

    Raises:
        PageRejected: the bytes hold no text (rules `empty`, `binary`, `undecodable`), or no Chinese
            one (`not_chinese`); or a PDF gives none (rules of `pdf_lines`).
    """
    decoded = decode_pdf(data) if is_pdf(data) else decode(data)
    if decoded.encoding != "pdf" and is_html(data, content_type):
        raws, titled = html_lines(decoded.text)
        lines = make_lines(raws)
        if titled:
            lines[0].set("boilerplate", "page_title", 0.9)
    else:
        lines = split_lines(decoded.text)
    _require_chinese("".join(line.text for line in lines))
    label_lines(lines)
    han = sum(len(HAN.findall(line.raw)) for line in lines)
    script = script_of(han, sum(line.traditional for line in lines))
    return CleanPage(lines, paragraphs(lines), decoded.encoding, decoded.replaced, script)


def _require_chinese(text: str) -> None:
    """Refuse text in another language: too few Han characters, or many kana or hangul."""
    letters = sum(char.isalpha() for char in text)
    han = len(HAN.findall(text))
    foreign = sum("\u3041" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3" for char in text)
    if han < 20 or han < letters * 0.3 or foreign > letters * 0.1:
        raise PageRejected(
            "not_chinese", f"{han} of {letters} letters are Chinese characters; only Chinese reports are read"
        )


__all__ = ["CleanPage", "Line", "PageRejected", "Paragraph", "clean"]
