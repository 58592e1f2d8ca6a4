"""`lvzhi clean`: one page as a person reads it, pages in JSON lines for a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import pages
from flows.clean import CleanPage, Decoded, clean_decoded
from flows.pages import clean_file, clean_json_lines
from tests.conftest import SAMPLES, Command

TEXT = "市政协围绕城市更新开展专题协商，组织委员分组走访三个街道，形成意见建议二十余条，为科学决策提供了参考。"
PAGE = (
    "<html><title>市政协召开专题协商会-某市政协网</title><ul><li><a href=/>首页</a></ul><h1>市政协召开专题协商会</h1>"
    f"<p>发布日期：2024年1月5日</p><div class='TRS_Editor'><p>{TEXT}</p></div><p>主办单位：某市政协</p></html>"
)


def test_a_page_is_printed_with_title_and_day(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE.encode("gb18030"))
    run = lvzhi("clean", tmp_path / "a.html")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == ["市政协召开专题协商会", "2024-01-05", "", TEXT]


def test_a_page_may_come_from_standard_input(lvzhi: Command) -> None:
    assert lvzhi("clean", input=PAGE).stdout.splitlines()[-1] == TEXT
    assert "提案" in lvzhi("clean", input=(SAMPLES / "portal.txt").read_text(encoding="utf-8")).stdout


def test_a_text_is_printed_with_the_title_and_the_day_that_its_lines_say(lvzhi: Command, tmp_path: Path) -> None:
    text = f"江城市政协2023年工作综述\n归档时间：2025-02-03\n2024-01-15 来源：江城日报\n{TEXT}\n一、提案工作\n{TEXT[:-1]}和依据。\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    printed = lvzhi("clean", tmp_path / "a.txt").stdout.splitlines()
    assert printed == ["江城市政协2023年工作综述", "2024-01-15", "", TEXT, "一、提案工作", f"{TEXT[:-1]}和依据。"]


def test_a_page_cannot_steer_the_terminal() -> None:
    printed = clean_file("a.html", f"<h1>市政协\x1b]0;x\x07召开会议</h1><p>{TEXT}\x1b[31m\x9b2J</p>".encode())
    assert "\x1b" not in printed
    assert "\x9b" not in printed
    assert TEXT in printed


TITLE = "关于加强提案办理协商工作的若干意见"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (f"<title>{TITLE}</title><h1>{TITLE}</h1><div class=TRS_Editor><p>{TEXT}</p></div>", [TEXT]),
        (f"<title>{TITLE}</title><div><h1>{TITLE}</h1><p>{TEXT}</p><p>{TEXT[:-1]}和依据。</p></div>", [TEXT, f"{TEXT[:-1]}和依据。"]),
        (f"<title>{TITLE}</title><div class=TRS_Editor><p>{TITLE}</p><p>{TEXT}</p></div>", [TITLE, TEXT]),
        (f"<title>{TITLE}</title><h1>{TITLE}</h1><h2>——市政协办公室答问</h2><div class=TRS_Editor><p>{TEXT}</p></div>", ["——市政协办公室答问", TEXT]),
    ],
    ids=["above", "heading", "of the document", "sub-headline"],
)  # fmt: skip
def test_the_text_holds_the_title_only_where_the_document_has_it(page: str, text: list[str]) -> None:
    answer = json.loads(next(clean_json_lines([json.dumps({"html": page})])))
    assert answer["title"].startswith(TITLE)
    assert answer["text"].split("\n") == text


def test_a_fault_with_one_page_costs_no_other_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(decoded: Decoded, content_type: str) -> CleanPage:
        if "fault" in decoded.text:
            raise RuntimeError("out of range")
        return clean_decoded(decoded, content_type)

    monkeypatch.setattr(pages, "clean_decoded", fail)
    asked = [json.dumps({"id": i, "html": html}) for i, html in enumerate(["<p>fault", PAGE])]
    broken, read = (json.loads(answer) for answer in clean_json_lines(asked))
    assert broken["id"] == 0
    assert "RuntimeError: out of range" in broken["error"]
    assert (read["id"], read["text"]) == (1, TEXT)


def test_what_holds_no_article_is_told_by_its_rule(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "list.html").write_text(
        "<ul>" + "<li><a href=x>市政协召开常委会会议</a>" * 30 + "</ul>", encoding="utf-8"
    )
    run = lvzhi("clean", tmp_path / "list.html")
    assert run.returncode == 1
    assert "no_article" in run.stderr
    for arguments in (("clean", tmp_path / "none.html"), ("clean", tmp_path / "none.jsonl", "--jsonl")):
        run = lvzhi(*arguments)
        assert run.returncode == 3
        assert "cannot be read" in run.stderr
        assert "Traceback" not in run.stderr


def test_each_json_line_is_answered_in_order(lvzhi: Command) -> None:
    asked = [
        json.dumps({"id": "a", "html": PAGE}),
        json.dumps({"id": 2, "html": "<ul></ul>"}),
        "{",
        "  ",
        json.dumps({"id": "x"}),
        json.dumps({"id": "é\ud800", "html": f"<p>{TEXT}\ud800"}),
    ]
    run = lvzhi("clean", "--jsonl", input="\n".join(asked) + "\n")
    assert run.returncode == 0, run.stderr
    article, empty, broken, lacking, last = (json.loads(line) for line in run.stdout.splitlines())
    assert article == {
        "id": "a",
        "title": "市政协召开专题协商会",
        "date": "2024-01-05",
        "text": TEXT,
    }
    assert (empty["id"], empty["text"]) == (2, "")
    assert empty["rule"]
    assert "line 3" in broken["error"]
    assert lacking["id"] == "x"
    assert '"html"' in lacking["error"]
    assert "error" in last or TEXT[:20] in last["text"]
