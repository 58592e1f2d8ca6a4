"""The site as files: what stands in them, what is left out, what is written anew."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from flows.pipeline import run_ingest
from flows.site import charts as site_charts
from flows.site.build import write_site
from flows.site.chinese import (
    aside_said,
    column_said,
    load_chinese,
    measure_said,
    outcome_said,
    rule_said,
    table_said,
)
from flows.site.committee import as_csv, charts, panel_rows
from flows.site.evidence import Mark, _pieces
from flows.site.files import SiteFolder
from flows.site.pages import as_data, as_script, web_address
from flows.site.reading import read
from flows.site.texts import load_texts
from flows.submit import in_turn
from schemas.checks import RULES
from schemas.corrections import CORRECTION
from schemas.errors import UsageError
from schemas.tables import PLAIN_TYPES, TABLES
from schemas.vocabulary import load_measures
from storage import ReleaseReader, open_release
from storage.diff import CAUSES
from storage.export import export
from storage.republish import LEFT_OUT, evidence_spans, masked
from storage.workspace import Workspace
from tests.bench.site import copies
from tests.conftest import ROOT, SAMPLES, Command

FLOWS = ("ingest", "backfill", "replay", "dismiss", "rebuild", "maintain")
LIMIT = 300_000  # bytes of an evidence page


@pytest.fixture(scope="module", autouse=True)
def _light_script() -> object:
    """The script of the charts takes seconds to bundle, and only browsers need it."""
    patch = pytest.MonkeyPatch()
    patch.setattr("flows.site.build.chart_script", lambda: "// charts")
    yield
    patch.undo()


@pytest.fixture(scope="module")
def site(released: ReleaseReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(str(released.folder.root), folder, text="full")
    return folder


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five committees over three years, in two releases, and a page that is no report."""
    root = tmp_path_factory.mktemp("years")
    copies(root / "pages", 15)
    pages = sorted(str(path) for path in (root / "pages").iterdir())
    run_ingest(pages[:10], root / "data", source_name="copies", submit=in_turn)
    (root / "pages" / "lost.txt").write_text("您访问的页面不存在", encoding="utf-8")
    run_ingest([str(root / "pages")], root / "data", source_name="copies", submit=in_turn)
    return root / "data"


def html(path: Path) -> LexborHTMLParser:
    return LexborHTMLParser(path.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_all_links_within_the_site_lead_to_something(site: Path) -> None:
    parsed = {path: html(path) for path in pages(site)}
    ids = {path: {node.attributes["id"] for node in tree.css("[id]")} for path, tree in parsed.items()}
    checked = 0
    for path, tree in parsed.items():
        for node in tree.css("[href], [src]"):
            target = node.attributes.get("href") or node.attributes.get("src") or ""
            if target.startswith(("http://", "https://", "data:,")):
                continue
            name, _, anchor = target.partition("#")
            place = (path.parent / name).resolve() if name else path
            assert place.is_file(), (path.name, target)
            if anchor and place.suffix == ".html" and "=" not in anchor:
                assert anchor in ids[place], (path.name, target)
            checked += 1
    assert checked > 500


def test_no_page_has_two_elements_of_one_id(site: Path) -> None:
    for path in pages(site):
        found = [node.attributes["id"] for node in html(path).css("[id]")]
        assert len(found) == len(set(found)), path.name


def test_nothing_in_a_page_is_inline_or_from_elsewhere_and_a_policy_forbids_it(site: Path) -> None:
    for path in pages(site):
        tree = html(path)
        policy = tree.css_first('meta[http-equiv="Content-Security-Policy"]')
        assert policy is not None
        said = policy.attributes["content"] or ""
        assert "default-src 'none'" in said
        assert "unsafe" not in said
        assert not tree.css("style, [style], iframe, object, embed, base")
        for script in tree.css("script"):
            assert script.attributes.get("src") or script.attributes.get("type") == "application/json"
        for node in tree.css("*"):
            assert not [name for name in node.attributes if name.startswith("on")]
        for node in tree.css("script[src], link[href], img[src]"):
            address = node.attributes.get("src") or node.attributes.get("href") or ""
            assert "//" not in address


def test_every_line_stands_on_the_page_as_it_came_in(site: Path, released: ReleaseReader) -> None:
    lines = released.frame("lines").filter(pl.col("label") != "blank")
    for (report,), rows in lines.group_by("report_id"):
        tree = html(site / "reports" / f"{report}.html")
        for line_no, raw, label in rows.select("line_no", "raw", "label").iter_rows():
            shown = tree.css_first(f"#L{line_no} .raw")
            assert shown is not None
            for extra in shown.css(".join, .rule"):
                extra.decompose()
            assert shown.text().replace("\n", "") == raw.replace("\n", ""), (report, line_no)
            assert (shown.css_first("s") is not None) == (label in ("meta", "boilerplate", "spam"))


def test_every_figure_and_ignored_numeral_is_marked_at_its_place(site: Path, released: ReleaseReader) -> None:
    for report in released.frame("reports")["report_id"]:
        tree = html(site / "reports" / f"{report}.html")
        own = pl.col("report_id") == report
        for row in released.frame("figures").filter(own).iter_rows(named=True):
            mark = tree.css_first(f"[id='{row['figure_id']}']")
            assert mark is not None
            of_figure = [
                a for a in tree.css("mark > a") if row["figure_id"] in (a.attributes["data-figs"] or "").split()
            ]
            assert "".join(a.text() for a in of_figure).startswith(row["quote"])
            assert tree.css_first(f"[id='r-{row['figure_id']}'] td") is not None
        marked = {node.text() for node in tree.css(".ignored")}
        for row in released.frame("ignored_numerals").filter(own).iter_rows(named=True):
            assert any(row["quote"] in text or text in row["quote"] for text in marked)


marks = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans()), max_size=6)


@given(st.text(max_size=40), marks)
def test_pieces_of_a_line_are_the_line_whatever_marks_cross_each_other(
    raw: str, spans: list[tuple[int, int, bool]]
) -> None:
    placed = []
    for number, (start, length, is_figure) in enumerate(spans):
        if start + length <= len(raw):
            figures = ({"figure_id": str(number), "measure": "other"},) if is_figure else ()
            placed.append(Mark(start, start + length, figures, "" if is_figure else "year"))
    pieces = list(_pieces(raw, 0, len(raw), placed))
    assert "".join(piece.text for piece in pieces) == raw
    starts = [name for piece in pieces for name in piece.starts]
    assert sorted(starts) == sorted(figure["figure_id"] for mark in placed for figure in mark.figures)


lines_of_text = st.lists(st.text("一二三四,。！？ 12件", max_size=20), min_size=1, max_size=5)


@given(lines_of_text, st.data())
def test_a_sentence_is_shown_whole_and_what_is_left_out_keeps_the_places(raws: list[str], data: st.DataObject) -> None:
    lines = [
        {"line_no": n, "raw": raw, "paragraph": data.draw(st.sampled_from([None, 1]))} for n, raw in enumerate(raws, 1)
    ]
    line = data.draw(st.sampled_from(lines))
    start = data.draw(st.integers(0, max(0, len(line["raw"]) - 1)))
    figure = {"line_no": line["line_no"], "start": start, "end": min(len(line["raw"]), start + 2)}
    spans = evidence_spans(lines, [figure])
    if line["paragraph"] is None:
        assert spans == {}
        return
    shown = spans[line["line_no"]]
    assert any(low <= figure["start"] and figure["end"] <= high for low, high in shown)
    for row in lines:
        cut = masked(row["raw"], spans.get(row["line_no"], []))
        assert len(cut) == len(row["raw"])
        assert all(a in (b, LEFT_OUT) for a, b in zip(cut, row["raw"], strict=True))
    stops = [place for place in range(shown[0][0], figure["start"]) if line["raw"][place] in "。！？"]
    assert not stops


TWO_LINES = [
    {"line_no": 1, "raw": "开头一句。全年收到提案12", "paragraph": 1},
    {"line_no": 2, "raw": "件，办结10件。末尾一句。", "paragraph": 1},
    {"line_no": 3, "raw": "没有数字的一段。", "paragraph": 2},
]


def test_a_sentence_over_a_line_break_is_shown_on_both_lines() -> None:
    spans = evidence_spans(TWO_LINES, [{"line_no": 1, "start": 11, "end": 13}])
    assert [TWO_LINES[no - 1]["raw"][low:high] for no, parts in spans.items() for low, high in parts] == [
        "全年收到提案12",
        "件，办结10件。",
    ]


@pytest.mark.parametrize("mode", ["evidence", "none"])
def test_text_that_is_left_out_is_nowhere_in_the_site(released: ReleaseReader, tmp_path: Path, mode: str) -> None:
    write_site(str(released.folder.root), tmp_path, text=mode)
    written = "".join(
        path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.suffix in (".html", ".js", ".csv")
    )
    figures = released.frame("figures")
    told = "".join(figures["sentence"]) + "".join(figures["section"]) + "".join(released.frame("activities")["topic"])
    silent = [
        sentence
        for text in released.frame("reports")["text"]
        for paragraph in text.split("\n")[2:]
        for sentence in re.split("(?<=。)", paragraph)
        if len(sentence) > 25 and sentence not in told and not any(q in sentence for q in figures["quote"])
    ]
    assert len(silent) > 10
    for sentence in silent:
        assert sentence not in written
    shown = sum(sentence in written for sentence in figures["sentence"].unique())
    assert (shown > 0) == (mode == "evidence")
    assert json.loads((tmp_path / "site.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("mode", ["full", "evidence", "none"])
def test_an_export_follows_the_same_rule_and_quotes_stay_in_place(
    released: ReleaseReader, tmp_path: Path, mode: str
) -> None:
    export(released, tmp_path, "parquet", text=mode)
    lines = pl.read_parquet(tmp_path / "lines.parquet")
    whole = released.frame("lines")
    assert lines["raw"].str.len_chars().to_list() == whole["raw"].str.len_chars().to_list()
    assert (lines["raw"].to_list() == whole["raw"].to_list()) == (mode == "full")
    assert (pl.read_parquet(tmp_path / "reports.parquet")["text"].str.len_chars().sum() > 0) == (mode == "full")
    figures = pl.read_parquet(tmp_path / "figures.parquet")
    assert (figures["sentence"].str.len_chars().sum() > 0) == (mode != "none")
    raws = {(report, no): raw for report, no, raw in lines.select("report_id", "line_no", "raw").iter_rows()}
    for row in figures.iter_rows(named=True):
        at_place = raws[row["report_id"], row["line_no"]][row["start"] : row["end"]]
        assert at_place == (LEFT_OUT * len(row["quote"]) if mode == "none" else row["quote"])


def test_a_second_writing_writes_nothing_and_a_new_report_only_what_it_changes(tmp_path: Path) -> None:
    data, target, inbox = tmp_path / "data", tmp_path / "site", tmp_path / "in"
    inbox.mkdir()
    for name in ("databox.txt", "epaper.txt"):
        (inbox / name).write_bytes((SAMPLES / name).read_bytes())
    run_ingest([str(inbox)], data, source_name="s", submit=in_turn)
    write_site(str(data), target)
    again = write_site(str(data), target)
    assert (again.written, again.removed) == (0, 0)
    before = {path: path.stat().st_mtime_ns for path in (target / "reports").glob("????????????????.html")}
    (inbox / "mirror.txt").write_bytes((SAMPLES / "mirror.txt").read_bytes())
    run_ingest([str(inbox)], data, source_name="s", submit=in_turn)
    write_site(str(data), target)
    after = {path: path.stat().st_mtime_ns for path in (target / "reports").glob("????????????????.html")}
    assert {path: after[path] for path in before} == before
    assert len(after) == 3


def test_another_rule_for_texts_writes_the_pages_of_reports_anew(released: ReleaseReader, tmp_path: Path) -> None:
    write_site(str(released.folder.root), tmp_path, text="full")
    changed = write_site(str(released.folder.root), tmp_path, text="none")
    assert changed.written >= released.frame("reports").height
    assert 'class="lines"' not in "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "reports").iterdir())


def test_files_that_are_not_of_the_site_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("a")
    with pytest.raises(UsageError, match="holds other files"):
        SiteFolder(tmp_path / "mine")
    outside = tmp_path / "outside.txt"
    outside.write_text("a")
    target = tmp_path / "site"
    target.mkdir()
    (target / "site.json").write_text(json.dumps({"files": {"../outside.txt": "", str(outside): "", "old.html": ""}}))
    (target / "old.html").write_text("a")
    (target / "mine.txt").write_text("a")
    folder = SiteFolder(target)
    folder.write("index.html", "new")
    folder.finish()
    assert outside.exists()
    assert (target / "mine.txt").exists()
    assert not (target / "old.html").exists()
    assert (target / "index.html").read_text() == "new"


def test_a_site_that_was_not_finished_is_finished_by_the_next_writing(tmp_path: Path) -> None:
    SiteFolder(tmp_path).write("a.html", "half")
    folder = SiteFolder(tmp_path)
    folder.write("b.html", "whole")
    folder.finish()
    assert (tmp_path / "b.html").exists()


@pytest.mark.parametrize(
    ("uri", "link"),
    [
        ("https://www.example.cn/a.html", "https://www.example.cn/a.html"),
        ("HTTP://example.cn/", "HTTP://example.cn/"),
        ("javascript:alert(1)", ""),
        (" javascript:alert(1)", ""),
        ("data:text/html,<script>", ""),
        ("https://a\n.cn", ""),
        ("file:///etc/passwd", ""),
        ("2024/a.txt", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_addresses_of_the_web_are_links(uri: str | None, link: str) -> None:
    assert web_address(uri) == link


@given(st.text())
def test_no_text_breaks_out_of_a_block_of_data_or_a_script(text: str) -> None:
    block = str(as_data([text]))
    assert "<" not in block
    assert json.loads(block) == [text]
    script = as_script("lvzhi.rows", [text])
    assert "<" not in script
    assert "\u2028" not in script
    assert json.loads(script.removeprefix("lvzhi.rows(").removesuffix(");\n")) == [text]


def test_a_chart_holds_one_unit_and_single_years_and_its_csv_the_same_numbers(years: Path) -> None:
    seen = 0
    with Workspace() as desk:
        dataset = read(open_release(years), desk)
        panel = [(dataset.committees[slug], rows) for slug, rows in panel_rows(dataset)]
    assert [committee.slug for committee, _ in panel] == list(dataset.committees)
    for committee, rows in panel:
        for chart in charts(committee, rows):
            points = [row for series in chart.series.values() for row in series.values()]
            assert {row["unit"] for row in points} == {chart.unit}
            assert all(row["period_start"].year == row["period_end"].year for row in points)
            assert chart.years == list(range(chart.years[0], chart.years[-1] + 1))
            told = list(csv.DictReader(chart.csv().removeprefix("\ufeff").splitlines()))
            assert sorted(float(row["value"]) for row in told) == sorted(row["value"] for row in points)
            seen += 1
    assert seen > 4


def test_text_that_a_spreadsheet_would_run_is_quoted_in_csv() -> None:
    row = dict.fromkeys(
        (
            "committee",
            "division_code",
            "period_start",
            "period_end",
            "measure",
            "statistic",
            "unit",
            "bound",
            "figure_ids",
        ),
        "x",
    ) | {"category": "=1+1", "value": -5.0, "n_sources": 1, "agree": True}
    told = next(csv.DictReader(as_csv([row]).removeprefix("\ufeff").splitlines()))
    assert told["category"] == "'=1+1"
    assert told["value"] == "-5.0"


def test_the_quality_page_tells_quarantine_history_and_what_changed(years: Path, tmp_path: Path) -> None:
    write_site(str(years), tmp_path, mutations=ROOT / "tests" / "bench" / "MUTATIONS.md")
    text = (tmp_path / "quality.html").read_text(encoding="utf-8")
    assert "lost.txt" in text
    assert 'href="reports/' in text or "✕" not in text
    tree = LexborHTMLParser(text)
    assert len(tree.css("section[aria-labelledby=history] tbody tr")) == 2
    assert tree.css("section[aria-labelledby=diff] tbody tr")
    assert "digit changed" in text
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    new = html(tmp_path / "index.html").css("section[aria-labelledby=new-head] .list li")
    assert len(new) == 5
    assert "来源更新" in front


def test_a_mutations_file_that_is_not_there_is_wrong_usage(years: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="make mutate"):
        write_site(str(years), tmp_path / "site", mutations=tmp_path / "none.md")


def test_many_committees_are_shown_by_province(years: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.site.front.LISTED", 2)
    monkeypatch.setattr("flows.site.listing.PER_PAGE", 4)
    write_site(str(years), tmp_path)
    assert list((tmp_path / "places").iterdir())
    assert html(tmp_path / "index.html").css("a[href^='places/']")
    assert (tmp_path / "reports" / "page-2.html").exists()
    test_all_links_within_the_site_lead_to_something(tmp_path)


def test_pages_of_reports_stay_small(site: Path) -> None:
    assert max(path.stat().st_size for path in (site / "reports").iterdir()) < LIMIT


def test_all_that_tables_and_rules_say_of_themselves_is_there_in_chinese() -> None:
    told = [table_said(name) for name in TABLES]
    told += [column_said(name, column) for name, spec in TABLES.items() for column in spec.columns()]
    told += [measure_said(measure) for measure in load_measures()]
    rules = {rule.name for rule in (*RULES.values(), CORRECTION)}
    rules |= {f"{spec.name}.{check.name}" for spec in TABLES.values() for check in spec.model.to_schema().checks}
    found = [rule_said(name) for name in sorted(rules)]
    told += [rule for rule in found if rule is not None]
    assert len(told) > 250
    assert None not in found
    assert not [text for text in told if not re.search("[\u4e00-\u9fff]", text.zh) or not text.en]
    chinese = load_chinese()
    assert set(chinese["rule"]) == rules
    assert set(chinese["definition"]) == {measure.code for measure in load_measures()}
    for name, columns in chinese["column_of"].items():
        assert set(columns) <= set(TABLES[name].schema), name


def test_every_rule_that_sets_a_page_aside_or_drops_a_line_has_a_label() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for part in ("clean", "extract")
        for path in (ROOT / "flows" / part).glob("*.py")
    ) + (ROOT / "flows" / "process.py").read_text(encoding="utf-8")
    aside = set(re.findall(r'PageRejected\(\s*"([a-z_]+)"', code)) | {
        "unreadable",
        "unreachable",
        "too_large",
        "duplicate_key",
    }
    dropped = set(re.findall(r'set\("(?:meta|boilerplate|spam)", "([a-z_]+)"', code)) | {
        "keyword_string",
        "keyword_line",
    }
    assert len(aside) > 15
    assert len(dropped) > 12
    texts = load_texts()
    assert {f"aside.{rule}" for rule in aside} <= texts.keys()
    assert {f"dropped.{rule}" for rule in dropped} <= texts.keys()
    assert "legible" in aside_said("figures.legible.isin").zh
    assert aside_said("figures.value_is_quote") == rule_said("figures.value_is_quote")
    for words in ("cause", "flow", "type"):
        known = {"cause": CAUSES, "flow": FLOWS, "type": PLAIN_TYPES.values()}[words]
        assert {f"{words}.{name}" for name in known} <= texts.keys()


@pytest.mark.parametrize(
    ("expected", "observed", "passed", "chinese"),
    [
        ("at most 385", "412", False, "应为：至多 385；实为：412。"),
        ("0 rows fail", "0 of 47 fail", True, "（47 行都成立）"),
        ("2022 or later", "2021", False, "应为：2022 年或以后；实为：2021。"),
        ("", "", False, "应为：—；实为：—。"),
    ],
)
def test_an_outcome_is_told_in_chinese_by_its_rule(expected: str, observed: str, passed: bool, chinese: str) -> None:
    check = {"rule": "part_within_whole", "passed": passed, "expected": expected, "observed": observed, "message": "so"}
    told = outcome_said(check)
    assert told.zh.startswith("“其中”所指的部分")
    assert told.zh.endswith(chinese)
    assert told.en == "so"
    assert outcome_said(check | {"rule": "of a later version"}).zh == "so"


def test_all_texts_that_scripts_ask_for_are_there() -> None:
    asked = set()
    for script in (ROOT / "flows" / "site" / "static").glob("*.js"):
        asked |= set(
            re.findall(r'(?:say|both|fact)\((?:facts, )?"([a-z]+\.[a-z_]+)"', script.read_text(encoding="utf-8"))
        )
    assert len(asked) > 15
    assert asked <= load_texts().keys()


def test_the_chart_library_has_no_way_to_run_made_code() -> None:
    script = site_charts.chart_script()
    assert "expressionInterpreter" in script
    assert len(script) < 800_000


def test_the_command_writes_a_site_and_says_where(lvzhi: Command, released: ReleaseReader, tmp_path: Path) -> None:
    run = lvzhi("site", tmp_path / "site", "--data", released.folder.root, "--text", "none")
    assert run.returncode == 0
    assert (tmp_path / "site" / "index.html").as_uri() in run.stdout
    assert lvzhi("site", "--data", released.folder.root).returncode == 2


def test_the_site_is_served_with_its_policy_on_this_machine_alone(site: Path, released: ReleaseReader) -> None:
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        "site",
        str(site),
        "--data",
        str(released.folder.root),
        "--serve",
        "--port",
        "0",
    ]
    with subprocess.Popen([*command, "--text", "full"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(
                match[0] for line in process.stdout if (match := re.search(r"http://127\.0\.0\.1:\d+/", line))
            )
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                assert "履职" in answer.read().decode()
        finally:
            process.terminate()


def test_check_and_diff_answer_in_json(lvzhi: Command, years: Path) -> None:
    checked = json.loads(lvzhi("check", "--data", years, "--format", "json").stdout)
    assert checked["release"] == 2
    assert checked["passed"] > 100
    rows = json.loads(lvzhi("diff", "1", "2", "--data", years, "--format", "json", "--table", "reports").stdout)
    assert [row["change"] for row in rows] == ["added"] * 5
    assert {row["causes"] for row in rows} == {"source"}


def test_a_diff_is_a_table_on_a_terminal_and_plain_in_a_pipe(lvzhi: Command, years: Path) -> None:
    plain = lvzhi("diff", "1", "2", "--data", years, "--table", "reports").stdout
    assert plain.startswith("reports           5 added because of source (5)\n")
    assert "\x1b" not in plain
    told = on_terminal("diff", "1", "2", "--data", str(years), "--limit", "1")
    assert re.search("table.+added.+removed.+changed.+because of", told)
    assert re.search(r"reports[^\n]+5[^\n]+source \(5\)", told)
    assert "\x1b[32m" in told
    assert "… and 4 more" in told


def on_terminal(*arguments: str) -> str:
    """What a command prints where its output is a terminal."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "flows.cli", *arguments]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, cwd=ROOT, stdout=follower, env=environment):
        os.close(follower)
        parts = []
        # Linux ends a terminal whose other side is closed by an error.
        with contextlib.suppress(OSError):
            while part := os.read(leader, 65536):
                parts.append(part)
    os.close(leader)
    return b"".join(parts).decode()


def test_status_show_and_explain_answer_in_json(lvzhi: Command, released: ReleaseReader) -> None:
    data = released.folder.root
    status = json.loads(lvzhi("status", "--data", data, "--format", "json").stdout)
    assert status["release"]["number"] == 1
    assert {row["source"] for row in status["sources"]} == {"samples"}
    shown = json.loads(lvzhi("show", "databox.txt", "--data", data, "--format", "json").stdout)
    assert shown["report"]["division_code"] == "510700"
    assert len(shown["figures"]) == shown["report"]["n_figures"]
    figure = shown["figures"][0]
    told = json.loads(lvzhi("explain", figure["figure_id"], "--data", data, "--format", "json").stdout)
    assert told["figure"]["quote"] == figure["quote"]
    assert told["reading"]["value"] == figure["value"]
    assert told["line"]["raw"][figure["start"] : figure["end"]] == figure["quote"]
