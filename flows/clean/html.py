"""HTML to lines: one block of visible text in document order is one line."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

# Elements whose text flows in the line around them; every other element starts a block of its own.
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "nobr",
        "o:p",
    ]
)
# Elements without text that a reader sees.
UNSEEN = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "meta",
        "link",
        "iframe",
        "object",
        "svg",
        "select",
        "textarea",
        "input",
    ]
)
SPACE = re.compile(r"[ \t\r\n\f]+")
LOOKS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|div|p|table|br)\b", re.I)


def is_html(data: bytes, content_type: str) -> bool:
    """Whether a page is HTML, by its media type or its first 4 KB."""
    return content_type in ("text/html", "application/xhtml+xml") or bool(LOOKS_HTML.search(data[:4096]))


def html_lines(markup: str) -> tuple[list[str], bool]:
    """Lines of an HTML page: the title element first, then each block with text.

    White space inside a block is collapsed as a browser does; `br` ends a line.

    Args:
        markup: the decoded page.

    Returns:
        The lines, and whether the first one is the title element.
    """
    soup = BeautifulSoup(markup, "lxml")
    lines: list[str] = []
    if soup.title and (title := SPACE.sub(" ", soup.title.get_text()).strip()):
        lines.append(title)
    titled = bool(lines)
    pending: list[str] = []

    def flush() -> None:
        text = SPACE.sub(" ", "".join(pending)).strip(" ")
        if text.strip():
            lines.append(text)
        pending.clear()

    # A stack of what is still to be read; None marks the end of a block. No recursion: pages nest deeply.
    stack: list[Tag | NavigableString | None] = [soup]
    while stack:
        node = stack.pop()
        if node is None:
            flush()
        elif isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):
                pending.append(str(node))
        elif node.name in UNSEEN:
            continue
        elif node.name == "br":
            flush()
        else:
            if node.name not in INLINE:
                flush()
                stack.append(None)
            stack.extend(child for child in reversed(node.contents) if isinstance(child, (Tag, NavigableString)))
    flush()
    return lines, titled
