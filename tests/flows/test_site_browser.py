"""The site in a real browser: every page at two widths and in both themes, by hand and by keyboard, and with hostile pages."""

from __future__ import annotations

import csv
import html as entities
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.pipeline import run_ingest
from flows.site.build import write_site
from flows.site.texts import said
from flows.submit import in_turn
from storage import ReleaseReader, open_release
from tests import browser as driven
from tests.bench.site import copies
from tests.browser import DESKTOP, PHONE, Watched, watched
from tests.conftest import SAMPLES
from tests.test_shared import SHARED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(driven.chromium() is None, reason="no Chromium here: apt-get install chromium"),
]
SEEDS = SHARED / "seeds"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with driven.browser() as browser:
        yield browser


@pytest.fixture
def seen(opened: Browser) -> Iterator[Watched]:
    with watched(opened) as page:
        yield page


@pytest.fixture(scope="module")
def site(released: ReleaseReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_site(str(released.folder.root), folder, text="full")
    return folder


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of five committees over three years, its second release."""
    root = tmp_path_factory.mktemp("years")
    copies(root / "pages", 15)
    run_ingest(
        [str(path) for path in sorted((root / "pages").iterdir())[:9]],
        root / "data",
        source_name="copies",
        submit=in_turn,
    )
    (root / "pages" / "lost.txt").write_text("您访问的页面不存在", encoding="utf-8")
    run_ingest([str(root / "pages")], root / "data", source_name="copies", submit=in_turn)
    write_site(str(root / "data"), root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SEEDS.is_dir():
        pytest.skip("no real reports beside the project")
    root = tmp_path_factory.mktemp("seeds")
    run_ingest([str(SEEDS)], root / "data", source_name="seeds", submit=in_turn)
    write_site(str(root / "data"), root / "site", text="full")
    return root / "site"


def go(page: Page, path: Path, anchor: str = "") -> None:
    page.goto(path.as_uri() + (f"#{anchor}" if anchor else ""))
    for chart in page.query_selector_all("[data-chart]"):
        chart.wait_for_selector("svg.marks")


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way makes code of text, which the policy of the site stops."""
    for _ in range(400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(condition)


def of_each_kind(site: Path) -> list[Path]:
    """The pages at the top, and of each other kind the largest one."""
    kinds = (
        site.glob("committees/*.html"),
        site.glob("reports/index.html"),
        site.glob("reports/????????????????.html"),
    )
    return [*sorted(site.glob("*.html")), *(max(kind, key=lambda path: path.stat().st_size) for kind in kinds)]


def faults(page: Page) -> list[str]:
    """What axe-core finds that is serious, with the first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:160]} {fault['nodes'][0].get('failureSummary', '')[:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "dark"), (PHONE, "light"), (DESKTOP, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("which", ["site", "years", "seeds"])
def test_every_page_is_whole_and_quiet(
    opened: Browser, request: pytest.FixtureRequest, which: str, size: tuple[int, int], theme: str
) -> None:
    folder: Path = request.getfixturevalue(which)
    wrong = {}
    with watched(opened, size, theme, "zh-CN" if theme == "light" else "en-GB") as seen:
        for path in sorted(folder.rglob("*.html")):
            go(seen.page, path)
            if seen.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                seen.wrong.append("wider than the window")
            if seen.wrong:
                wrong[path.name] = list(seen.wrong)
                seen.wrong.clear()
    assert wrong == {}


@pytest.mark.parametrize(("which", "size", "theme"), [("site", DESKTOP, "light"), ("years", PHONE, "dark")])
def test_axe_finds_nothing_serious(
    opened: Browser, request: pytest.FixtureRequest, which: str, size: tuple[int, int], theme: str
) -> None:
    wrong = {}
    for path in of_each_kind(request.getfixturevalue(which)):
        with watched(opened, size, theme) as seen:
            go(seen.page, path)
            if chosen := seen.page.query_selector("mark > a"):
                chosen.click()
            if found := faults(seen.page):
                wrong[path.name] = found
    assert wrong == {}


def test_all_pages_are_reached_by_clicking_from_the_front(seen: Watched, years: Path) -> None:
    page = seen.page
    go(page, years / "index.html")
    for name in ("reports/index.html", "compare.html", "quality.html", "dictionary.html"):
        page.click(f"nav a[href$='{name}']")
        assert page.url.split("#")[0].endswith(name)
    page.click("nav a[href$='index.html'] >> nth=0")
    page.click("table.grid th[scope=row] a >> nth=0")
    assert "/committees/" in page.url
    page.wait_for_selector("svg.marks")
    page.click("table.matrix td a >> nth=0")
    page.wait_for_selector("mark.chosen")
    assert "/reports/" in page.url
    page.click(".crumbs a")
    assert "/committees/" in page.url
    page.click("a[href*='compare.html']")
    page.wait_for_selector("#ranks tr")
    assert seen.wrong == []


def arithmetic(released: ReleaseReader) -> tuple[str, list[str]]:
    """A report, and the figures of a sum in it."""
    found = released.sql(
        "SELECT report_id, figure_ids FROM checks WHERE rule = 'parts_by_result' ORDER BY check_id LIMIT 1"
    )
    report, ids = found.row(0)
    return report, ids.split()


def test_a_figure_leads_to_its_row_and_its_arithmetic_is_lit(
    seen: Watched, site: Path, released: ReleaseReader
) -> None:
    report, ids = arithmetic(released)
    page = seen.page
    go(page, site / "reports" / f"{report}.html")
    page.click(f"[id='{ids[0]}'] > a")
    assert page.url.endswith(f"#{ids[0]}")
    assert page.get_attribute("tr.chosen", "data-id") == ids[0]
    lit = set(page.eval_on_selector_all("tr.lit", "rows => rows.map(row => row.dataset.id)"))
    assert set(ids[1:]) <= lit
    assert page.locator("mark.lit").count() >= len(ids) - 1
    panel = page.inner_text("#panel")
    row = released.sql(f"SELECT measure, quote, rule FROM figures WHERE figure_id = '{ids[0]}'").row(0, named=True)
    assert row["measure"] in panel
    assert row["quote"] in panel
    assert "parts_by_result" in panel
    page.keyboard.press("Escape")
    assert page.is_hidden("#panel")
    assert page.locator("mark.lit, tr.lit, .chosen").count() == 0
    assert seen.wrong == []


def test_a_row_leads_to_its_characters(seen: Watched, site: Path, released: ReleaseReader) -> None:
    report, _ = arithmetic(released)
    page = seen.page
    go(page, site / "reports" / f"{report}.html")
    row = page.locator("tr[data-id]").last
    name = row.get_attribute("data-id")
    row.locator("td").nth(1).click()
    assert page.evaluate("document.activeElement.dataset.figs").split().count(name) == 1
    box = page.locator(f"[id='{name}']").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= DESKTOP[1]
    assert seen.wrong == []


def test_a_link_to_a_figure_shows_it(seen: Watched, site: Path, released: ReleaseReader) -> None:
    report, ids = arithmetic(released)
    go(seen.page, site / "reports" / f"{report}.html", ids[-1])
    assert seen.page.get_attribute("tr.chosen", "data-id") == ids[-1]
    assert seen.page.is_visible("#panel")


def test_dropped_lines_tell_their_rule_and_can_be_hidden(seen: Watched, site: Path, released: ReleaseReader) -> None:
    report, line, rule = released.sql(
        "SELECT report_id, line_no, rule FROM lines WHERE label = 'boilerplate' ORDER BY report_id, line_no LIMIT 1"
    ).row(0)
    page = seen.page
    go(page, site / "reports" / f"{report}.html")
    dropped = page.locator(f"#L{line}")
    assert dropped.locator("s").evaluate("s => getComputedStyle(s).textDecorationLine") == "line-through"
    assert not dropped.locator(".rule").is_visible()
    dropped.locator("s").focus()
    assert said(f"dropped.{rule}").zh in dropped.locator(".rule").inner_text()
    page.uncheck("#dropped")
    assert not dropped.is_visible()


def test_search_and_families_narrow_the_table_and_mark_the_lines(
    seen: Watched, site: Path, released: ReleaseReader
) -> None:
    report, _ = arithmetic(released)
    page = seen.page
    go(page, site / "reports" / f"{report}.html")
    rows = "tr[data-id]:visible"
    everything = page.locator(rows).count()
    page.click("[data-family=proposals]")
    some = page.locator(rows).count()
    assert 0 < some < everything
    assert page.locator("tr[data-id][data-family=proposals]").count() == some
    assert page.locator("mark.off").count() > 0
    page.click("[data-family=proposals]")
    page.fill("#find", "立案")
    assert 0 < page.locator(rows).count() < everything
    assert page.locator(".lines .hit").count() > 0
    page.press("#find", "Enter")
    assert page.locator(".lines .hit >> nth=0").bounding_box()["y"] < DESKTOP[1]  # type: ignore[index]
    page.fill("#find", "")
    assert page.locator(rows).count() == everything
    assert seen.wrong == []


def test_all_of_it_by_keyboard_alone(seen: Watched, site: Path, released: ReleaseReader) -> None:
    report, _ = arithmetic(released)
    page = seen.page
    go(page, site / "reports" / f"{report}.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    visited: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        visited.append(page.evaluate("document.activeElement.id || document.activeElement.parentElement.tagName"))
        if visited[-1] == "MARK":
            break
    assert "find" in visited
    assert visited[-1] == "MARK"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    assert page.is_visible("#panel")
    chosen = page.get_attribute("tr.chosen", "data-id")
    page.keyboard.press("Escape")
    assert page.is_hidden("#panel")
    page.focus(f"[id='r-{chosen}'] a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.tagName") == "MARK"
    go(page, site / "index.html")
    page.focus("#language")
    before = page.inner_text("h1")
    page.keyboard.press("Enter")
    assert page.inner_text("h1") != before
    assert seen.wrong == []


def test_language_and_colours_are_kept_from_page_to_page(seen: Watched, site: Path) -> None:
    page = seen.page
    go(page, site / "index.html")
    assert "报告" in page.inner_text("nav")
    page.click("#language")
    assert "Reports" in page.inner_text("nav")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != paper
    page.click("nav a[href$='quality.html']")
    assert page.inner_text("h1") == "Data quality"
    assert page.get_attribute("html", "lang") == "en"
    assert page.get_attribute("html", "data-theme") == "dark"


def test_without_scripts_the_tables_and_links_are_there(opened: Browser, site: Path, released: ReleaseReader) -> None:
    report, ids = arithmetic(released)
    context = opened.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "reports" / f"{report}.html").as_uri())
    page.click(f"[id='{ids[0]}'] > a")
    assert page.url.endswith(f"#r-{ids[0]}")
    assert page.is_visible(f"[id='r-{ids[0]}']")
    context.close()


def test_a_chart_shows_each_number_at_its_year_with_gaps_and_leads_to_evidence(seen: Watched, years: Path) -> None:
    page = seen.page
    tried = 0
    for path in sorted((years / "committees").glob("*.html")):
        go(page, path)
        for section in page.query_selector_all(".chart"):
            data = section.eval_on_selector("script", "block => JSON.parse(block.textContent)")
            points = [point for series in data["series"] for point in series["points"]]
            # One symbol a number; a line is parted where years lack one.
            drawn = section.query_selector_all(".mark-symbol.role-mark path")
            assert len(drawn) == len(points)
            for series, line in zip(data["series"], section.query_selector_all(".mark-line path"), strict=True):
                known = [point["year"] for point in series["points"]]
                runs = 1 + sum(b - a > 1 for a, b in pairwise(known))
                assert (line.get_attribute("d") or "").count("M") == runs
            tried += len(points)
    assert tried > 20
    page.locator(".chart .mark-symbol.role-mark path").first.click()
    page.wait_for_selector("mark.chosen")
    assert seen.wrong == []


def test_a_comparison_never_mixes_what_is_unlike(seen: Watched, years: Path) -> None:
    page = seen.page
    go(page, years / "compare.html")
    tried = 0
    for measure in page.eval_on_selector_all("#measure option", "all => all.map(one => one.value)"):
        page.select_option("#measure", measure)
        until(page, f"location.hash.includes('m={measure}')")
        for kind in page.eval_on_selector_all("#kind option", "all => all.map(one => one.value)"):
            page.select_option("#kind", kind)
            until(page, f"new URLSearchParams(location.hash.slice(1)).get('k') === {json.dumps(kind)}")
            unit = kind.split("|")[1]
            told = page.locator("#ranks td.n a").all_inner_texts()
            assert told
            assert all(text.endswith(unit) for text in told)
            tried += len(told)
    assert tried > 50
    page.select_option("#measure", "proposals.filed")
    page.wait_for_selector("#trend svg.marks")
    page.uncheck("#ranks input:checked >> nth=0")
    page.check("#exact")
    assert not page.locator("#ranks td.n a", has_text="≥").count()
    assert seen.wrong == []


def test_what_a_comparison_shows_is_given_as_csv(seen: Watched, years: Path) -> None:
    page = seen.page
    go(page, years / "compare.html", "m=proposals.filed")
    page.wait_for_selector("#trend svg.marks")
    for link, shown in (("#ranks-csv", "#ranks tr"), ("#trend-csv", "#trend .mark-symbol.role-mark path")):
        with page.expect_download() as waiting:
            page.click(link)
        assert waiting.value.suggested_filename.startswith("proposals.filed-")
        text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))
        assert len(rows) == page.locator(shown).count() > 0
        assert {row["measure"] for row in rows} == {"proposals.filed"}
        assert len({(row["unit"], row["statistic"], row["category"]) for row in rows}) == 1
        assert (years / "reports" / f"{rows[0]['report_id']}.html").exists()
    page.evaluate("""() => { const rows = [[Object.keys(lvzhi.committees)[0], 2020, 2020, "count", '=1+1,"x"', "件", -5, "exact", 1, "r", "f"]];
        lvzhi.measured(["proposals.filed", rows]); }""")
    page.dispatch_event("#exact", "change")
    page.wait_for_function("document.querySelectorAll('#ranks tr').length === 1")
    with page.expect_download() as waiting:
        page.click("#ranks-csv")
    (row,) = csv.DictReader(Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines())
    assert (row["category"], row["value"]) == ('\'=1+1,"x"', "-5")
    assert seen.wrong == []


def test_the_list_is_searched_by_title_and_place(seen: Watched, years: Path) -> None:
    page = seen.page
    go(page, years / "reports" / "index.html")
    place = page.inner_text("#all tbody tr td:nth-child(2) a >> nth=0")
    page.fill("#query", place)
    page.wait_for_selector("#found li")
    listed = page.locator("#found li").all_inner_texts()
    assert len(listed) == 3
    assert all(place.removesuffix("市") in text for text in listed)
    page.fill("#query", "没有这样的标题")
    until(page, "document.querySelectorAll('#found li').length === 0")
    page.fill("#query", "")
    assert page.is_visible("#all")
    assert seen.wrong == []


MEAN = (
    "<script>window.hit=1;alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "</script><script>alert(3)</script>",
    '" onmouseover="alert(4)" autofocus onfocus="alert(5)',
    "{{ 7 * 7 }}{% raw %}",
    "<!--<script>",
    "javascript:alert(6)",
    "<svg/onload=alert(7)>",
    "'};alert(8);//",
    "<iframe src=https://example.com/>",
    "<style>@import url(https://example.com/a.css)</style>",
    "<link rel=stylesheet href=https://example.com/a.css>",
    "<base href=https://example.com/>",
    "\u202e\u2028</title><script>alert(9)</script>",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of pages whose titles, lines, classes, topics, works and names of files attack their reader."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "in").mkdir()
    sample = (SAMPLES / "databox.txt").read_text(encoding="utf-8").splitlines()
    names = ["javascript:alert(1).txt", '"><img src=x onerror=alert(1)>.txt', "</script><script>alert(1)<.txt"]
    for name in names:
        lines = [line + MEAN[n % len(MEAN)] for n, line in enumerate(filter(None, sample))]
        (root / "in" / name.replace("/", "⁄")).write_text("\n".join(lines), encoding="utf-8")
    # As a web page, where entities hide what is meant.
    title = f"政协绵阳市委员会2024年工作总结{MEAN[0]}"
    body = "".join(
        f"<p>全年共收到{entities.escape(mean)}提案{100 + n}件，其中{entities.escape(mean)}类提案{20 + n}件，"
        f"围绕“{entities.escape(mean)}”开展专题协商{n + 2}次，印发《{entities.escape(mean)}》。"
        f"第{n + 1}组委员坚持围绕中心、服务大局，认真履行政治协商、民主监督、参政议政职能，深入乡镇街道走访界别群众，听取意见。</p>"
        for n, mean in enumerate(MEAN)
    )
    page = f"<html><head><title>{entities.escape(title)}</title></head><body><h1>{entities.escape(title)}</h1>{body}</body></html>"
    (root / "in" / "page.html").write_text(page, encoding="utf-8")
    (root / "in" / "lost.txt").write_text("404 Not Found " + MEAN[1], encoding="utf-8")
    run_ingest([str(root / "in")], root / "data", source_name="<b onclick=alert(1)>", submit=in_turn)
    run_ingest([str(SAMPLES / "epaper.txt")], root / "data", source_name="more", submit=in_turn)
    for mode in ("full", "evidence"):
        write_site(str(root / "data"), root / mode, text=mode)
    return root


def test_hostile_text_reaches_the_site_and_nothing_of_it_runs(opened: Browser, hostile: Path) -> None:
    reports = open_release(hostile / "data").frame("reports")
    assert reports.height == 5
    everything = "".join(path.read_text(encoding="utf-8") for path in (hostile / "full").rglob("*.html"))
    told = entities.unescape(everything)
    for mean in MEAN:
        assert mean in told
        assert mean not in everything or "<" not in mean
    assert 'href="javascript:' not in everything
    wrong = {}
    for mode in ("full", "evidence"):
        for path in sorted((hostile / mode).rglob("*.html")):
            with watched(opened) as seen:
                page = seen.page
                go(page, path)
                for mark in page.query_selector_all("mark > a")[:4]:
                    mark.hover()
                    mark.click()
                for row in page.query_selector_all("tr[data-id]")[-2:]:
                    row.click()
                if page.query_selector("#query"):
                    page.fill("#query", "alert")
                    page.wait_for_selector("#found li")
                if page.query_selector("#find"):
                    page.fill("#find", "<script>")
                if page.evaluate("window.hit !== undefined"):
                    seen.wrong.append("a script ran")
                if page.query_selector(
                    "main script:not([type='application/json']), main iframe, main style, main img, main base"
                ):
                    seen.wrong.append("an element of a page is an element of the site")
                if seen.wrong:
                    wrong[f"{mode}/{path.name}"] = seen.wrong
    assert wrong == {}
