"""`lvzhi clean`: one page as a person reads it, pages in JSON lines for a program."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert run.stdout.splitlines() == ["市政协召开专题协商会", "2024-01-05", "", "市政协召开专题协商会", TEXT]


def test_a_page_may_come_from_standard_input(lvzhi: Command) -> None:
    assert lvzhi("clean", input=PAGE).stdout.splitlines()[-1] == TEXT
    assert "提案" in lvzhi("clean", input=(SAMPLES / "portal.txt").read_text(encoding="utf-8")).stdout


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
        "text": f"市政协召开专题协商会\n{TEXT}",
    }
    assert (empty["id"], empty["text"]) == (2, "")
    assert empty["rule"]
    assert "line 3" in broken["error"]
    assert '"html"' in lacking["error"]
    assert "error" in last or TEXT[:20] in last["text"]
