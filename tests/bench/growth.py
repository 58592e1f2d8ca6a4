"""How the time of the cleaner grows with the size of hostile pages: at one, two and four times the size.

    python -m tests.bench.growth

CPU seconds, and the growth from twice to four times; 2 is linear.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flows.clean import PageRejected, clean

PROSE = "市政协围绕城市更新开展专题协商，组织委员走访三个街道，提出意见建议27条，立案提案135件。"
HEAD = "市政协工作报告\n"
MEGABYTE = 1_000_000 // len(PROSE.encode())

PAGES: dict[str, tuple[str, Callable[[int], str]]] = {
    "one line, 2.5 / 5 / 10 MB": ("text/plain", lambda k: HEAD + PROSE * (5 * k * MEGABYTE // 2)),
    "50 / 100 / 200 thousand short lines": ("text/plain", lambda k: HEAD + "\n".join(f"调研{i}次" for i in range(50_000 * k))),
    "blank lines between prose": ("text/plain", lambda k: HEAD + (PROSE + "\n" * 40) * 1000 * k),
    "25 / 50 / 100 thousand nested div": ("text/html", lambda k: "<div>" * 25_000 * k + PROSE * 5 + "</div>" * 25_000 * k),
    "coloured letters left open": ("text/html", lambda k: "".join(f"<p><font color=#{i:06x}>{PROSE}" for i in range(1000 * k))),
    "bold letters left open behind ends of others": ("text/html", lambda k: "</b>" * 1000 * k + "".join(f"<p><B id={i}>{PROSE}" for i in range(1000 * k))),
    "nested tables": ("text/html", lambda k: "<table><tr><td>" * 25_000 * k + PROSE * 5),
    "nested lists, prose at each level": ("text/html", lambda k: f"<ul><li>{PROSE}" * 2_500 * k),
    "entities": ("text/html", lambda k: "<p>" + PROSE * 5 + "&amp;&#20214;&nbsp;" * 100_000 * k),
    "one entity without an end": ("text/html", lambda k: "<p>" + PROSE * 50_000 + "&" + "a" * 1_000_000 * k),
    "paragraphs": ("text/html", lambda k: f"<p>{PROSE}</p>" * 2_500 * k),
    "links": ("text/html", lambda k: f"<p>{PROSE * 5}</p>" + "<li><a href=x>政协要闻动态消息</a></li>" * 20_000 * k),
    "comments": ("text/html", lambda k: f"<p>{PROSE * 5}</p>" + "<!-- x -->" * 100_000 * k),
    "tags that never end": ("text/html", lambda k: f"<p>{PROSE * 5}</p>" + "<a " * 100_000 * k),
    "a long class": ("text/html", lambda k: f"<p class='{'nav ' * 250_000 * k}'>{PROSE * 5}</p>"),
}  # fmt: skip


def seconds(page: str, content_type: str) -> float:
    """CPU time of one page."""
    data = page.encode()
    began = time.process_time()
    try:
        clean(data, content_type)
    except PageRejected as rejected:
        print(f"<!-- {rejected.rule} -->")
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    clean((HEAD + PROSE).encode(), "text/plain")
    clean(f"<html><p>{PROSE * 3}".encode(), "text/html")
    print("| page | 1× | 2× | 4× | growth 2× to 4× |")
    print("|---|---|---|---|---|")
    for name, (content_type, make) in PAGES.items():
        times = [seconds(make(size), content_type) for size in (1, 2, 4)]
        print(f"| {name} | {times[0]:.2f} | {times[1]:.2f} | {times[2]:.2f} | {times[2] / times[1]:.1f} |")


if __name__ == "__main__":
    main()
