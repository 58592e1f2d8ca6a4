"""HTML to blocks: one block of visible text in document order, with what its markup says of it.

lexbor (selectolax) builds the tree as browsers do: nothing is lost behind a stray `</html>`, and a page takes about a
millisecond.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from schemas.vocabulary import load_markup

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
        "title",
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
        "button",
        "canvas",
        "video",
        "audio",
        "map",
        "datalist",
        "-doctype",
    ]
)
# Of these, what holds no text but code, or is told elsewhere; the text of the rest is of the page, though not of its blocks.
CODES = UNSEEN & {"title", "script", "style", "template", "head", "meta", "link", "-doctype"}
# What a tag is to the walk; one that is not named is a block.
FLOWS, LINK, BLOCK, ASIDE = range(4)
KINDS = dict.fromkeys(INLINE, FLOWS) | dict.fromkeys([*UNSEEN, "-comment"], ASIDE) | {"a": LINK}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
SPACE = re.compile(r"[ \t\r\n\f]+")
SEEN = re.compile(r"[^\s\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff*_]")  # a sign that a reader sees
HIDDEN = re.compile(r"display\s*:\s*none", re.I)
# A page begins with its root, or, where it was cut out of one, with an element, and has tags in most of its lines; tags
# in a few of them are residue in a text. Comments may stand above both.
ABOVE_PAGE = re.compile(r"(?:[\s\ufeff]+|<\?xml\b[^<>]{0,200}\?>)")
BEGINS_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.I)
PAGE_LINE = re.compile(f"^[ \\t]*{BEGINS_PAGE.pattern}", re.I | re.M)
BEGINS_PART = re.compile(
    r"<(?:div|p|table|ul|ol|dl|h[1-6]|section|article|main|center|font|span|br|form|meta|title|link|script|style)\b",
    re.I,
)
CODE = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.I | re.S)
LATEST = 4_000  # characters above the root of a page
SNIFFED = 20_000  # characters from its beginning that show what a text is
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>")
TAG_NAME = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9:]*)")
# Elements without an end tag, and those that the next one of their kind ends.
UNNESTED = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "option",
    ]
)
# Browsers stop at 512 levels. The time that a parser takes by its standard grows with the square of the depth.
MAX_DEPTH = 512
MAX_MARK = 60  # characters of a comment that may be a mark
MAX_NAME = 200  # characters of id and classes that are looked at
DEEP_FROM = 10_000  # tags: with fewer, however nested, the parser takes no longer than it takes for an ordinary page
# Elements of this kind that are left open begin again in each block behind them, as the standard has it: pages of a few
# thousand tags would grow to millions of nodes. They hold no block of their own, and tell nothing of the text.
STYLED = ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
STYLE = re.compile(
    f"<(/?)({'|'.join(''.join(f'[{c}{c.upper()}]' for c in name) for name in STYLED)})(?=[\\s/>])[^<>]*>"
)
MAY_STYLE = re.compile(r"<(?:[bisuBISU][\s/>]|[bBeEtT][iImMtT]|[fFnNcC][oO]|[sS][mMtT])")  # in a third of the time
MOST_COPIES = 250_000  # nodes, of less than half a kilobyte each


@dataclass(slots=True)
class Element:
    """A block element, with what its name and place say of the text in it."""

    parent: int
    tag: str
    name: str  # id and classes, lower case
    hidden: bool = False
    items: list[int] = field(
        default_factory=list
    )  # what stands in it, in order: a block by index, an element by ~index


@dataclass(slots=True)
class Block:
    """A line of visible text.

    Attributes:
        text: as a browser shows it, white space collapsed.
        element: index of the block element that it stands in.
        linked: how many of its characters, white space left out, are text of links.
        level: 1 to 6 in a heading element, else 0.
        marked: whether it stands between the marks that a content system puts around the article.
        broken: whether a line break ends it, not the end of an element.
    """

    text: str
    element: int
    linked: int
    level: int
    marked: bool
    broken: bool = False


@dataclass
class HtmlPage:
    """An HTML page as blocks in document order, the elements they stand in, and what its head says.

    Attributes:
        blocks: the blocks.
        elements: the block elements.
        title: the title element.
        facts: what meta elements state, by name.
        unseen: text of buttons, fields and stand-ins, each with the number of blocks that begin before it.
    """

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    title: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    unseen: list[tuple[int, str]] = field(default_factory=list)


def is_html(text: str, content_type: str) -> bool:
    """Whether a page is HTML, by its media type, or by how it begins and how many of its lines have tags.

    Args:
        text: the decoded page.
        content_type: its media type.
    """
    if content_type in ("text/html", "application/xhtml+xml"):
        return True
    at = _behind_comments(text)
    if BEGINS_PAGE.match(text, at):
        return True
    # Below what a server wrote above it, a page begins with a line of its own.
    begins = BEGINS_PART.match(text, at) or PAGE_LINE.search(text, at, at + LATEST)
    return begins is not None and _is_dense(text[at : at + SNIFFED])


def _behind_comments(text: str) -> int:
    """Where a page begins, behind white space and comments."""
    at = 0
    while True:
        if match := ABOVE_PAGE.match(text, at):
            at = match.end()
        elif text.startswith("<!--", at) and (end := text.find("-->", at)) > 0:
            at = end + 3
        else:
            return at


def _is_dense(text: str) -> bool:
    """Whether at least half of the lines have tags, scripts left out."""
    lines = [line for line in CODE.sub("", text).splitlines() if line.strip()]
    return 2 * sum(TAG.search(line) is not None for line in lines) >= len(lines)


def read_html(markup: str) -> HtmlPage:
    """Read an HTML page.

    White space inside a block is collapsed as a browser does; `br` ends a block, as does a line end in `pre`.

    Args:
        markup: the decoded page.
    """
    tree = LexborHTMLParser(shallow(markup))
    page = HtmlPage()
    _read_head(tree, page)
    if tree.root is not None:
        _Reader(page).read(tree.root)
    return page


def shallow(markup: str) -> str:
    """The page without the tags that nest deeper than browsers follow, or that would multiply; their text stays.

    Args:
        markup: the decoded page.
    """
    tags = markup.count("<")
    if tags * tags > 4 * MOST_COPIES:  # so many copies there may be where half of the tags are left open
        markup = _without_open_styles(markup, MOST_COPIES // tags)
    if tags < DEEP_FROM or not _may_be_deep(markup):
        return markup
    depth = 0
    pieces: list[str] = []
    at = 0
    for match in TAG.finditer(markup):
        closes, name = match.groups()
        if name.lower() in UNNESTED or match.group().endswith("/>"):
            continue
        if closes:
            deep = depth > MAX_DEPTH
            depth -= depth > 0
        else:
            depth += 1
            deep = depth > MAX_DEPTH
        if deep:
            pieces.append(markup[at : match.start()])
            at = match.end()
    return "".join((*pieces, markup[at:])) if pieces else markup


class _Steps(dict[str, int]):
    """How much deeper each tag leads, by its name: what has no end tag, or needs none, nowhere."""

    def __missing__(self, name: str) -> int:
        bare = name.lower().lstrip("/")
        step = self[name] = 0 if bare in UNNESTED else -1 if name[0] == "/" else 1
        return step


def _may_be_deep(markup: str) -> bool:
    """Whether tags may nest deeper than browsers follow: a quick look that takes `<g/>` for one left open."""
    steps = _Steps()
    depths = list(accumulate(map(steps.__getitem__, TAG_NAME.findall(markup)), initial=0))
    return max(depths) - min(depths) > MAX_DEPTH


def _without_open_styles(markup: str, most: int) -> str:
    """The page without the tags of bold and coloured letters, where more than so many of them are open at once."""
    if len(MAY_STYLE.findall(markup)) <= most or _open_at_once(markup) <= most:
        return markup
    opened = dict.fromkeys(STYLED, 0)
    count = 0
    for closes, name in STYLE.findall(markup):
        name = name.lower()
        if not closes:
            opened[name] += 1
            count += 1
            if count > most:
                return STYLE.sub("", markup)
        elif opened[name]:
            opened[name] -= 1
            count -= 1
    return markup


def _open_at_once(markup: str) -> int:
    """At most so many tags of bold and coloured letters are open at once: a quick bound, name by name."""
    names = [name.lower() for name in TAG_NAME.findall(markup)]
    often = Counter(names)
    most = 0
    for name in STYLED:
        if often[name]:
            steps = defaultdict(int, {name: 1, f"/{name}": -1})
            depths = list(accumulate(map(steps.__getitem__, names), initial=0))
            # An end tag too many hides none that was opened: the bound is the way from the lowest to the highest.
            most += min(often[name], max(depths) - min(depths))
    return most


def _read_head(tree: LexborHTMLParser, page: HtmlPage) -> None:
    """Title element and meta elements; of several with one name the first that says something."""
    if (title := tree.css_first("title")) is not None:
        page.title = SPACE.sub(" ", title.text(deep=True)).strip()
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
        content = (attributes.get("content") or "").strip()
        if name and content:
            page.facts.setdefault(name, content)
    if (link := tree.css_first('link[rel="canonical"][href]')) is not None:
        page.facts.setdefault("canonical", link.attributes.get("href") or "")


class _Reader:
    """Walks the tree without recursion: pages nest deeply."""

    def __init__(self, page: HtmlPage) -> None:
        self.page = page
        self.pending: list[str] = []
        self.linked = 0
        self.links: list[bool] = []  # the open `a` elements, and whether they are links
        self.levels: list[int] = []
        self.marked = False
        self.element = -1
        self.pre = 0
        self.marks = load_markup()

    def read(self, root: LexborNode) -> None:
        """All blocks of the tree."""
        node: LexborNode | None = root
        open_nodes: list[tuple[LexborNode, str, int]] = []
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content
                # Between elements there is white space: two of three texts.
                if text and (self.pending or self.pre or not text.isspace()):
                    self.add(text)
            elif (kind := KINDS.get(tag, BLOCK)) == ASIDE:
                self.aside(node, tag)
            else:
                child = node.child
                if kind == BLOCK and self.pending:
                    self.flush(broken=child is None and tag == "br")
                if child is not None:
                    if kind == BLOCK:
                        self.open(node, tag)
                    elif kind == LINK:
                        # Without an address it is an anchor, which old pages leave open around half of their text.
                        self.links.append("href" in node.attributes)
                    open_nodes.append((node, tag, kind))
                    node = child
                    continue
            following = node.next
            while following is None and open_nodes:
                node, tag, kind = open_nodes.pop()
                if kind == BLOCK:
                    self.close(tag)
                elif kind == LINK:
                    self.links.pop()
                following = node.next
            node = following
        self.flush()

    def aside(self, node: LexborNode, tag: str) -> None:
        """Take a comment, or an element whose text is no part of the text around it."""
        if tag == "-comment":
            self.comment(node.comment_content or "")
        elif tag not in CODES:
            self.unseen(node)

    def open(self, node: LexborNode, tag: str) -> None:
        """Enter a block element."""
        attributes = node.attributes
        name, hidden = "", False
        if attributes:
            name = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".strip()[:MAX_NAME].lower()
            style = attributes.get("style")
            hidden = style is not None and HIDDEN.search(style) is not None
        elements = self.page.elements
        if self.element >= 0:
            elements[self.element].items.append(~len(elements))
        elements.append(Element(self.element, tag, name, hidden))
        self.element = len(elements) - 1
        if tag in HEADINGS:
            self.levels.append(HEADINGS[tag])
        elif tag == "pre":
            self.pre += 1

    def close(self, tag: str) -> None:
        """Leave a block element."""
        if self.pending:
            self.flush()
        self.element = self.page.elements[self.element].parent
        if tag in HEADINGS:
            self.levels.pop()
        elif tag == "pre":
            self.pre -= 1

    def unseen(self, node: LexborNode) -> None:
        """Text of an element that is no part of the text around it, as one line."""
        texts: list[str] = []
        inner = node.child
        open_nodes: list[LexborNode] = []
        while inner is not None:
            if inner.tag == "-text":
                texts.append(inner.text_content or "")
            elif inner.tag not in CODES and inner.child is not None:
                open_nodes.append(inner)
                inner = inner.child
                continue
            while inner.next is None and open_nodes:
                inner = open_nodes.pop()
            inner = inner.next
        text = SPACE.sub(" ", " ".join(texts)).strip(" ")
        if SEEN.search(text):
            self.page.unseen.append((len(self.page.blocks) + bool(self.pending), text))

    def comment(self, text: str) -> None:
        """A comment: it may be the mark that a content system puts before or behind the text."""
        if len(text) > MAX_MARK:
            return
        text = text.strip().lower()
        if self.marks.begins.fullmatch(text) or self.marks.ends.fullmatch(text):
            self.flush()
            self.marked = self.marks.begins.fullmatch(text) is not None

    def add(self, text: str) -> None:
        """Text of the block that is being read."""
        if not self.pending and not self.pre and (not text or text.isspace()):
            return
        if self.pre and "\n" in text:
            first, *rest = text.split("\n")
            self.add(first)
            for line in rest:
                self.flush(broken=True)
                self.add(line)
            return
        self.pending.append(text)
        if self.links and self.links[-1]:
            self.linked += len(text) - text.count(" ") - text.count("\n")

    def flush(self, *, broken: bool = False) -> None:
        """End the block.

        Args:
            broken: whether it is a line break that ends it.
        """
        if not self.pending:
            return
        text = "".join(self.pending).strip(" \t\r\n\f")
        if " " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text:
            text = SPACE.sub(" ", text)
        if text and not text.isspace():
            level = self.levels[-1] if self.levels else 0
            self.page.elements[self.element].items.append(len(self.page.blocks))
            self.page.blocks.append(Block(text, self.element, self.linked, level, self.marked, broken))
        self.pending.clear()
        self.linked = 0
