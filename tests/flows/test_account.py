"""Any bytes, and any page made of what pages are made of, are accounted for: refused by a rule, or kept as lines whole."""

from __future__ import annotations

import string

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from flows.clean import CleanPage, clean
from flows.extract import extract
from tests.accounting import outcome, require_account

PROSE = "市政协围绕城市更新开展专题协商，组织委员走访三个街道，提出意见建议27条，立案提案135件。"
# What pages are made of, and what breaks them.
PIECES = [
    PROSE, "政协", "提案", "3", "件", "。", "，", " ", "\n", "\r\n", "\t", "\u3000", "\u00a0", "\x00", "\x0b", "\x1c", "\u200b", "\ufeff", "\ufffd", "𠮷",
    "<p>", "</p>", "<div>", "</div>", "<div class='nav'>", "<div id='zoom'>", "<ul><li>", "</ul>", "<a href=x>", "</a>", "<table><tr><td>", "</td></tr></table>",
    "<br>", "<pre>", "</pre>", "<h1>", "</h1>", "<title>", "</title>", "</html>", "</body>", "<body>", "<html>", "<script>", "</script>", "<style>", "<svg><title>",
    "</svg>", "<template>", "<select><option>", "</select>", "<textarea>", "<noscript>", "</noscript>", "<frameset>", "<math><mi>", "<!--", "-->", "<!--enpcontent-->",
    "<!--/enpcontent-->", "<![CDATA[", "]]>", "<?xml?>", "&", "&amp;", "&nbsp;", "&#20214;", "&#0;", "&#x110000;", "&lt;p&gt;", "<", ">", "\"", "'", "=", "相关新闻", "来源：本网 2024-01-05",
    "|", "**", "《", "》", "“", "”", "（下转二版）", "提案***件", "协(xié)", "代开发票", "彩票投注", "     ", "2012110日",
]  # fmt: skip
pages = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
encodings = st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-8-sig", "big5hkscs"])


@given(st.binary(max_size=600), st.sampled_from(["text/plain", "text/html", "application/pdf", ""]))
@example(b"%PDF-1.4", "text/plain")
@example(b"<html><plaintext>\xb2\xe2", "text/html")
def test_any_bytes_are_accounted_for(data: bytes, content_type: str) -> None:
    event(outcome(data, content_type))


@given(pages, encodings, st.sampled_from(["text/plain", "text/html"]))
@example(f"<p>{PROSE}</p><svg><title>{PROSE}</title></svg>", "utf-8", "text/html")
@example(f"{PROSE}<frameset>{PROSE}", "utf-8", "text/html")
def test_any_page_is_accounted_for(page: str, encoding: str, content_type: str) -> None:
    event(outcome(page.encode(encoding, errors="ignore"), content_type))


@given(st.text(alphabet=string.printable + "政协提案协商會議〇一二，。　《》“”（）", max_size=300))
def test_any_text_is_accounted_for(text: str) -> None:
    event(outcome(text.encode(), "text/plain"))


def read(markup: str, content_type: str = "text/html") -> CleanPage:
    page = require_account(markup.encode(), content_type)
    assert isinstance(page, CleanPage)
    return page


def test_a_line_of_ten_megabytes_is_one_line() -> None:
    page = read("市政协工作报告\n" + PROSE * (10_000_000 // len(PROSE.encode())), "text/plain")
    assert len(page.lines) == 2


@pytest.mark.slow
def test_two_hundred_thousand_short_lines_are_lines() -> None:
    page = read("市政协工作报告\n" + "\n".join(f"开展调研{i}次" for i in range(200_000)), "text/plain")
    assert len(page.lines) == 200_001


@pytest.mark.parametrize("tag", ["div", "table><tr><td", "ul><li", "span", "blockquote><p"])
def test_a_hundred_thousand_levels_of_nesting_keep_the_text(tag: str) -> None:
    names = [name.strip("><") for name in tag.split("><")][::-1]
    page = clean(
        f"{f'<{tag}>' * 100_000}{PROSE * 3}{''.join(f'</{n}>' for n in names) * 100_000}".encode(), "text/html"
    )
    assert "".join(line.raw for line in page.lines) == PROSE * 3


def test_a_bomb_of_entities_is_text() -> None:
    page = read("<p>" + PROSE + "&amp;&#20214;&nbsp;&lt;" * 300_000)
    assert len("".join(line.raw for line in page.lines)) > 900_000


@pytest.mark.parametrize(
    "page",
    [
        "<a " * 200_000,
        "<" * 500_000,
        "<!-- x -->" * 100_000,
        f"<p class='{'a ' * 500_000}'>",
        f"<p style='{'display: ' * 200_000}'>",
        "<script>" + '"pubDate":' * 100_000 + "</script>",
        "<h1>市政协工作报告</h1>" * 30_000,
        "<li><a href=x>政协要闻动态消息</a>" * 40_000,
        "".join(f"<div class='c{i} nav'>{PROSE}</div>" for i in range(10_000)),
        "<b><font><p>" * 20_000,
        "&" + "a" * 2_000_000,
        "（下转二版）" * 100_000,
        "*" * 300_000,
        "《" * 200_000,
    ],
    ids=range(14),
)
def test_hostile_pages_end(page: str) -> None:
    """A pattern or a walk that takes the square of the length would not end here."""
    require_account(f"<html><title>市政协工作报告</title><p>{PROSE * 5}</p>{page}".encode(), "text/html")


def test_hostile_text_reaches_the_extraction() -> None:
    extract(read("政协武汉市委员会工作报告\n" + PROSE * 3 + "\n" + "3件" * 20_000 + "\n" + "第" * 20_000, "text/plain"))
