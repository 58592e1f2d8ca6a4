"""Time of the extraction from clean pages: by stage, and as the text grows.

    python -m tests.bench.extract

Milliseconds of CPU for 15 KB of kept text, the best of fifteen rounds: on a busy machine that is the one least disturbed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

from flows.clean import CleanPage, clean
from flows.clean.text import fold
from flows.extract import extract
from flows.extract.activities import extract_activities
from flows.extract.context import Passage, passages
from flows.extract.documents import extract_documents
from flows.extract.figures import extract_figures
from flows.extract.kind import require_report
from flows.extract.numerals import find_numerals
from flows.extract.periods import Period
from flows.extract.report import read_fields, read_title

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 15
REPORT = 15_000  # bytes of UTF-8
OWN = Period(2023, 2023)
HEAD = "政协宜昌市委员会常务委员会工作报告\n（2024年1月8日）\n\n我受常务委员会的委托，向大会报告工作，请予审议。\n\n"
DENSE = (
    "一年来，共收到提案412件，立案368件，立案率89.3%；召开专题协商会6次，组织委员视察13次，提出建议56条，其中31条被采纳。"
    "围绕乡村振兴开展民主监督，走访企业58家，捐款捐物1260万元，惠及群众1.3万人。"
)
PLACES = [
    "宜都",
    "枝江",
    "当阳",
    "远安",
    "兴山",
    "秭归",
    "长阳",
    "五峰",
    "夷陵",
    "西陵",
    "伍家岗",
    "点军",
    "猇亭",
    "荆门",
    "襄阳",
]
SPARSE = "常委会坚持把协商民主贯穿履职全过程，团结引导社会各界人士坚定信心、凝聚共识，为推动高质量发展贡献智慧和力量。"


def best(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that work takes at best."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * min(times)


def sample_pages() -> list[CleanPage]:
    """The sample reports that are text."""
    return [clean(path.read_bytes(), "text/plain") for path in sorted((ROOT / "seeds" / "reports").glob("*.txt"))]


def size(pages: list[CleanPage]) -> int:
    """Bytes of UTF-8 of the kept text."""
    return sum(len(paragraph.text.encode()) for page in pages for paragraph in page.paragraphs)


def made(sentences: str, length: int) -> CleanPage:
    """A report of one kind of sentence, about so many bytes long, in paragraphs."""
    times = max(1, length // len(sentences.encode()))
    # No paragraph is like another one: what repeats is taken for furniture.
    names = product(PLACES, PLACES, PLACES)
    paragraphs = [f"{''.join(name)}等地。{sentences}" for name, _ in zip(names, range(times), strict=False)]
    return clean((HEAD + "\n\n".join(paragraphs)).encode(), "text/plain")


def stages(pages: list[CleanPage]) -> dict[str, Callable[[], object]]:
    """The parts of the extraction, each for all pages."""
    texts: list[list[Passage]] = [passages(page.paragraphs) for page in pages]
    pairs = list(zip(texts, pages, strict=True))
    return {
        "all": lambda: [extract(page) for page in pages],
        "passages": lambda: [passages(page.paragraphs) for page in pages],
        "kind": lambda: [require_report(text, page.lines, fold(read_title(page.lines) or "")) for text, page in pairs],
        "fields": lambda: [read_fields(text, page.lines, page.headline, page.published) for text, page in pairs],
        "numerals alone": lambda: [find_numerals(passage.folded) for text in texts for passage in text],
        "figures with numerals": lambda: [extract_figures(text, page.lines, OWN) for text, page in pairs],
        "activities": lambda: [extract_activities(text) for text in texts],
        "documents": lambda: [extract_documents(text) for text in texts],
    }


def main() -> None:
    """Measure and print."""
    pages = sample_pages()
    scale = REPORT / size(pages)
    print("| stage | ms for 15 KB of the samples |")
    print("|---|---|")
    for name, work in stages(pages).items():
        print(f"| {name} | {scale * best(work):.2f} |")
    print("\n| made report | 15 KB, ms | 2x | 4x | 8x |")
    print("|---|---|---|---|---|")
    for name, sentences in (("ten numbers in 400 bytes", DENSE), ("no numbers", SPARSE)):
        times = []
        for factor in (1, 2, 4, 8):
            page = made(sentences, factor * REPORT)
            times.append(best(lambda page=page: extract(page)))  # type: ignore[misc]
        growth = " | ".join(f"{later / times[0]:.1f}" for later in times[1:])
        print(f"| {name} | {times[0]:.1f} | {growth} |")


if __name__ == "__main__":
    main()
