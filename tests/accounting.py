"""The law of the cleaner: any bytes are refused by a named rule, or become lines that hold all of their text."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from flows.clean import CleanPage, PageRejected, clean
from flows.clean.decode import decode, is_pdf
from flows.clean.html import is_html
from schemas.labels import KEPT_LABELS, LABELS

# Elements that hold no text of a page, and elements whose text is none of the text around them.
CODE = ["script", "style", "template", "head", "title", "meta", "link"]
SPARE = [
    "noscript",
    "iframe",
    "object",
    "svg",
    "select",
    "textarea",
    "input",
    "button",
    "canvas",
    "video",
    "audio",
    "map",
    "datalist",
]
SPACE = re.compile(r"\s+")
NOTHING = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff*_]*")  # no sign that a reader sees


def require_account(data: bytes, content_type: str) -> CleanPage | str:
    """Clean a page and hold its lines against its decoded text.

    Args:
        data: any bytes.
        content_type: media type.

    Returns:
        The clean page, or the rule by which it was refused.

    Raises:
        AssertionError: text is lost, or a line lacks its label.
    """
    try:
        page = clean(data, content_type)
    except PageRejected as rejected:
        refused = rejected
        page = None
    if page is None:
        assert refused.rule
        assert refused.reason
        return refused.rule
    for line in page.lines:
        assert line.label in LABELS, line
        assert line.rule, line
        assert 0 < line.confidence <= 1, line
        if line.label in KEPT_LABELS and line.text:
            number, start = line.mapped.locate(0)
            assert number == line.no
            assert 0 <= start < len(line.raw)
    if not is_pdf(data):
        _require_whole_text(page, decode(data).text, content_type)
    return page


def outcome(data: bytes, content_type: str) -> str:
    """The rule by which a page was refused, or `read`; its lines account for its text."""
    answer = require_account(data, content_type)
    return answer if isinstance(answer, str) else "read"


def _require_whole_text(page: CleanPage, text: str, content_type: str) -> None:
    raws = [line.raw for line in page.lines]
    if is_html(text, content_type):
        first = page.lines[0].rule == "page_title"
        seen = [line.raw for line in page.lines[first:] if line.rule != "unseen"]
        unseen = [line.raw for line in page.lines[first:] if line.rule == "unseen"]
        assert SPACE.sub("", "".join(seen)) == SPACE.sub("", visible_text(text))
        assert SPACE.sub("", "".join(unseen)) == SPACE.sub("", "".join(spare_texts(text)))
    else:
        assert raws == physical_lines(text)


def physical_lines(text: str) -> list[str]:
    """The lines of a text as an editor shows them: old systems end a line with a carriage return."""
    ends = re.findall(r"\r\n|\r|\n", text)
    returns = ends.count("\r")
    lines = re.split(r"\r(?!\n)|\n" if returns > len(ends) - returns else r"\n", text)
    return lines if lines[-1] else lines[:-1]


def visible_text(markup: str) -> str:
    """The text of a page that a browser shows, read by the parser's own means, not by ours."""
    tree = LexborHTMLParser(markup)
    tree.strip_tags([*CODE, *SPARE])
    return tree.root.text(deep=True, separator="") if tree.root is not None else ""


def spare_texts(markup: str) -> list[str]:
    """The texts of elements that are none of the text around them, each with what stands in it."""
    tree = LexborHTMLParser(markup)
    tree.strip_tags(CODE)
    texts = []
    for node in tree.css(",".join(SPARE)):
        above = node.parent
        while above is not None and above.tag not in SPARE:
            above = above.parent
        text = node.text(deep=True, separator="")
        if above is None and NOTHING.fullmatch(text) is None:
            texts.append(text)
    return texts
