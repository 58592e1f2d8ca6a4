"""PDF: columns in reading order, what an indent and a distance say, and files that give no text."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.clean import PageRejected, clean, pdf
from flows.clean.layout import Glyph, page_lines
from flows.clean.pdf import pdf_lines
from flows.pipeline import run_ingest
from flows.submit import in_turn
from storage import open_release
from tests.pdfs import LOCKED, Text, column, wrap
from tests.pdfs import pdf as make

BODY = "市政协常委会围绕全市中心工作认真履行职能，组织委员深入基层开展调研视察，提出一批有分量的意见建议，为高质量发展贡献了智慧和力量。"
FIRST = wrap(
    "一年来，全年共收到提案351件，经审查立案298件，其中委员提案240件，集体提案58件，办复率达到100%。" + BODY, 14
)
SECOND = wrap("委员读书活动丰富多彩，举办读书沙龙12场，参与委员1200人次，形成读书心得和建议六十余篇。" + BODY, 14)
THIRD = wrap("民主监督更有实效，组织专项监督调研16次，提出监督意见建议八十多条，得到市委书记批示。" + BODY, 14)


def text_of(lines: list[str]) -> list[str]:
    """Lines without the empty ones."""
    return [line for line in lines if line]


@pytest.mark.parametrize("gutter", [10, 16, 40])
def test_columns_are_read_one_after_the_other(gutter: int) -> None:
    texts = [
        item for i, lines in enumerate((FIRST, SECOND, THIRD)) for item in column(lines, 50 + i * (140 + gutter), 700)
    ]
    by_rows = sorted(texts, key=lambda item: (-item.y, item.x))
    for order in (texts, by_rows, by_rows[::-1]):
        assert text_of(pdf_lines(make([order]))) == FIRST + SECOND + THIRD


def test_columns_need_not_share_their_lines() -> None:
    texts = column(FIRST, 50, 700) + column(SECOND, 206, 694, leading=13)
    assert text_of(pdf_lines(make([texts]))) == FIRST + SECOND


def test_a_headline_over_columns_stands_before_them_and_the_foot_behind() -> None:
    head = [
        Text(50, 800, "第3版", 9),
        Text(470, 800, "2024年1月18日", 9),
        Text(150, 750, "政协武汉市委员会工作报告", 24),
    ]
    texts = [
        Text(290, 40, "- 12 -", 9),
        *column(FIRST, 50, 700),
        *column(SECOND, 206, 700),
        *column(THIRD, 362, 700),
        *head,
    ]
    lines = text_of(pdf_lines(make([texts])))
    assert lines == ["第3版 2024年1月18日", "政协武汉市委员会工作报告", *FIRST, *SECOND, *THIRD, "- 12 -"]


def test_two_articles_below_each_other_are_not_mixed() -> None:
    upper = [*column(FIRST, 50, 780), *column(SECOND, 206, 780)]
    lower = [Text(60, 500, "另一篇报道标题文字", 22), *column(THIRD, 50, 460), *column(FIRST, 206, 460)]
    assert text_of(pdf_lines(make([upper + lower]))) == FIRST + SECOND + ["另一篇报道标题文字"] + THIRD + FIRST


def test_a_table_is_read_by_rows() -> None:
    rows = ["提案总数 512件", "委员提案 351件", "集体提案 117件", "并案办理 44件"]
    texts = [Text(50 + 120 * i, 700 - 15 * n, cell) for n, row in enumerate(rows) for i, cell in enumerate(row.split())]
    lines = pdf_lines(make([texts + column(FIRST, 50, 500)]))
    assert text_of(lines)[:4] == rows


def test_a_distance_is_an_empty_line_and_an_indent_two_spaces() -> None:
    lines = [*wrap(BODY, 40), "", "", "一、工作回顾", *wrap("同志们，" + BODY, 40), *wrap("今年以来，" + BODY, 40)]
    expected = [line for i, line in enumerate(lines) if line or lines[i - 1]]
    assert pdf_lines(make([column(lines, 50, 780)])) == expected


def test_pages_follow_each_other_with_their_heads_and_numbers_as_lines() -> None:
    pages = [
        [Text(230, 810, "市政协工作报告", 9), *column(lines, 50, 760), Text(280, 30, f"Page {n}", 9)]
        for n, lines in enumerate((FIRST, SECOND), 1)
    ]
    expected = ["市政协工作报告", *FIRST, "Page 1", "市政协工作报告", *SECOND, "Page 2"]
    assert text_of(pdf_lines(make(pages))) == expected
    labels = {line.raw: line.label for line in clean(make(pages), "application/pdf").lines}
    assert labels["Page 1"] == labels["Page 2"] == "boilerplate"


def test_a_headline_with_letters_apart_is_one_line_without_spaces() -> None:
    title = [Text(150, 780, "政协工作报告", 18, apart=12)]
    assert pdf_lines(make([title + column(FIRST, 50, 700)]))[0] == "政协工作报告"


def test_vertical_text_does_no_harm() -> None:
    vertical = [Text(560 - 20 * i, 700, line) for i, line in enumerate(FIRST)]
    lines = pdf_lines(make([vertical], encoding="UniGB-UCS2-V"))
    assert set("".join(lines)) <= set("".join(FIRST) + " ")
    assert lines


def test_radicals_become_the_characters_they_stand_for() -> None:
    lines = pdf_lines(make([column(wrap("⼈⺠政协⼯作⻓期坚持，" + BODY, 40), 50, 700)]))
    assert lines[0].startswith("\u3000\u3000人民政协工作长期坚持")


def test_a_page_that_is_a_picture_among_others_is_counted() -> None:
    page = clean(make([column(FIRST, 50, 700), [], column(SECOND, 50, 700)], picture=True), "application/pdf")
    assert page.replaced == 1
    assert clean(make([column(FIRST, 50, 700), [], column(SECOND, 50, 700)]), "application/pdf").replaced == 0


WHOLE = make([column(FIRST, 50, 700), column(SECOND, 50, 700)])
REFUSED = {
    "scanned": (make([[], [Text(280, 30, "- 2 -")]], picture=True), "scanned_pdf"),
    "encrypted": (make([column(FIRST, 50, 700)], encrypt=LOCKED), "encrypted_pdf"),
    "header only": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "damaged_pdf"),
    "no pages": (make([]), "damaged_pdf"),
    "garbage": (make([column(wrap(BODY * 4, 40), 50, 700)], encoding="Identity-H"), "unreadable_pdf"),
    "private": (make([column(wrap("\ue012\ue345\uf012政" * 60, 40), 50, 700)]), "unreadable_pdf"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_text_is_refused_by_a_rule_with_a_remedy(name: str) -> None:
    data, rule = REFUSED[name]
    with pytest.raises(PageRejected) as refused:
        clean(data, "application/pdf")
    assert refused.value.rule == rule
    assert ";" in refused.value.reason


@pytest.mark.parametrize("share", [n / 12 for n in range(12)])
def test_a_file_cut_off_anywhere_is_damaged(share: float) -> None:
    with pytest.raises(PageRejected) as refused:
        clean(b"%PDF-1.7" + WHOLE[8 : int(len(WHOLE) * share)], "application/pdf")
    assert refused.value.rule == "damaged_pdf"


def test_too_many_pages_or_characters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(PageRejected, match="2 pages") as refused:
        pdf_lines(WHOLE)
    assert refused.value.rule == "oversized_pdf"
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    monkeypatch.setattr(pdf, "MAX_CHARS", 50)
    with pytest.raises(PageRejected, match="50 characters") as refused:
        pdf_lines(WHOLE)
    assert refused.value.rule == "oversized_pdf"


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/octet-stream"])
def test_a_pdf_is_known_by_its_bytes(content_type: str) -> None:
    page = clean(b"\r\n" * 20 + WHOLE, content_type)
    assert page.encoding == "pdf"
    assert [line.raw for line in page.lines if line.raw] == FIRST + SECOND


def test_a_report_in_pdf_gives_figures_whose_quotes_stand_in_its_lines(tmp_path: Path) -> None:
    title = [Text(120, 760, "政协武汉市第十四届委员会2023年工作报告", 18)]
    source = tmp_path / "in"
    source.mkdir()
    (source / "report.PDF").write_bytes(make([title + column(FIRST, 50, 700) + column(SECOND, 206, 700)]))
    (source / "scan.pdf").write_bytes(make([[]], picture=True))
    summary = run_ingest([str(source)], tmp_path / "data", submit=in_turn)
    assert (summary.read, summary.rules) == (1, {"scanned_pdf": 1})
    reader = open_release(tmp_path / "data")
    (report,) = reader.frame("reports").to_dicts()
    assert (report["encoding"], report["n_replaced"], report["division_name"]) == ("pdf", 0, "武汉市")
    raw = {row["line_no"]: row["raw"] for row in reader.frame("lines").to_dicts()}
    figures = reader.frame("figures").to_dicts()
    for figure in figures:
        assert raw[figure["line_no"]][figure["start"] : figure["end"]] == figure["quote"]
    values = {(figure["value"], figure["unit"]) for figure in figures}
    assert {(351, "件"), (298, "件"), (240, "件"), (58, "件"), (12, "场")} <= values
    assert set(reader.frame("captures")["content_type"]) == {"application/pdf"}


def test_a_damaged_report_is_flagged(tmp_path: Path) -> None:
    title = [Text(120, 760, "政协武汉市第十四届委员会2023年工作报告", 18)]
    source = tmp_path / "in"
    source.mkdir()
    text = "\n".join(["政协武汉市第十四届委员会2023年工作报告", BODY * 3, "全年共收到提案351件。"]).encode("gbk")
    (source / "whole.txt").write_bytes(text)
    (source / "broken.txt").write_bytes(text[:100] + b"\xff" + text[101:])
    (source / "picture.pdf").write_bytes(make([title + column(FIRST, 50, 700), []], picture=True))
    run_ingest([str(source)], tmp_path / "data", submit=in_turn)
    reports = open_release(tmp_path / "data").frame("reports").select("source_uri", "quality", "n_replaced").to_dicts()
    quality = {row["source_uri"]: (row["quality"], row["n_replaced"] > 0) for row in reports}
    assert quality == {
        "whole.txt": ("passed", False),
        "broken.txt": ("flagged", True),
        "picture.pdf": ("flagged", True),
    }


def test_a_page_of_stairs_is_read_in_linear_time() -> None:
    """Each character in a row and a column of its own: what is followed from row to row must not pile up."""
    stairs = [Glyph("政", 20.0 * i, 20.0 * i + 10, -6.0 * i, 10) for i in range(20_000)]
    assert [line.strip() for line in page_lines(stairs) if line] == ["政"] * 20_000
