"""Three ways to turn a web page into blocks of visible text: which one serves the cleaner, as ratios in one run.

    python -m tests.bench.blocks [FOLDER ...]

Pages are the HTML files below the folders, else those of the samples. For each way: milliseconds of CPU a page, the
best of five rounds, and the share of the text that it finds.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from resiliparse.parse.html import HTMLTree, NodeType

from flows.clean.decode import decode
from flows.clean.html import INLINE, SPACE, UNSEEN, read_html

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 5
LETTERS = re.compile(r"\W+")


def by_selectolax(markup: str) -> list[str]:
    """Ours: lexbor's tree, walked with links, headings and elements noted."""
    return [block.text for block in read_html(markup).blocks]


def by_bs4(markup: str) -> list[str]:
    """beautifulsoup4 on lxml's tree, text only."""
    found: list[str] = []
    pending: list[str] = []
    stack: list[Tag | NavigableString | None] = [BeautifulSoup(markup, "lxml")]
    while stack:
        node = stack.pop()
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):
                pending.append(str(node))
            continue
        if node is not None and node.name in UNSEEN:
            continue
        if node is None or node.name not in INLINE:
            if text := SPACE.sub(" ", "".join(pending)).strip():
                found.append(text)
            pending.clear()
        if node is not None:
            if node.name not in INLINE:
                stack.append(None)
            stack.extend(child for child in reversed(node.contents) if isinstance(child, Tag | NavigableString))
    return found


def by_resiliparse(markup: str) -> list[str]:
    """resiliparse: lexbor's tree too, walked through its own nodes, text only."""
    found: list[str] = []
    pending: list[str] = []

    def flush() -> None:
        if text := SPACE.sub(" ", "".join(pending)).strip():
            found.append(text)
        pending.clear()

    stack = [(HTMLTree.parse(markup).document, False)]
    while stack:
        node, ends = stack.pop()
        if ends:
            flush()
        elif node.type == NodeType.TEXT:
            pending.append(node.text)
        elif node.tag not in UNSEEN:
            if node.type == NodeType.ELEMENT and node.tag not in INLINE:
                flush()
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.child_nodes))
    flush()
    return found


WAYS: dict[str, Callable[[str], list[str]]] = {
    "selectolax (ours, with links and elements)": by_selectolax,
    "resiliparse": by_resiliparse,
    "beautifulsoup4 on lxml": by_bs4,
}


def milliseconds(way: Callable[[str], list[str]], pages: list[str]) -> float:
    """CPU time a page, the best of the rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for page in pages:
            way(page)
        times.append(time.process_time() - began)
    return 1000 * min(times) / len(pages)


def share(way: Callable[[str], list[str]], pages: list[str]) -> float:
    """Letters found, as a share of those that the way that finds most of them finds on each page."""
    found = most = 0
    for page in pages:
        counts = [len(LETTERS.sub("", "".join(other(page)))) for other in WAYS.values()]
        found += len(LETTERS.sub("", "".join(way(page))))
        most += max(counts)
    return found / max(1, most)


def main() -> None:
    """Measure and print."""
    folders = [Path(name) for name in sys.argv[1:]] or [ROOT / "seeds" / "reports"]
    files = sorted(path for folder in folders for path in folder.rglob("*.html"))
    pages = [decode(path.read_bytes()).text for path in files]
    print(f"{len(pages)} pages, {sum(map(len, pages)) / 1e6:.1f} million characters\n")
    print("| way | ms a page | ratio | text found |")
    print("|---|---|---|---|")
    base = milliseconds(by_selectolax, pages)
    for name, way in WAYS.items():
        spent = base if way is by_selectolax else milliseconds(way, pages)
        print(f"| {name} | {spent:.2f} | {spent / base:.2f} | {share(way, pages):.1%} |")


if __name__ == "__main__":
    main()
