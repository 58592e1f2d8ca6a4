"""`lvzhi sources`: list, try, add; and the path in seeds/sources/README.md, followed on a newspaper of this machine."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas.sources import load_source
from storage import open_release
from tests import web
from tests.conftest import ROOT, Command
from tests.web import Site, report, served

GUIDE = (ROOT / "seeds" / "sources" / "README.md").read_text(encoding="utf-8")
TODAY = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
TITLE = "政协武汉市委员会常务委员会工作报告"


def newspaper() -> Site:
    folder = f"/html/{TODAY:%Y-%m}/{TODAY:%d}"
    site = Site()
    site.routes[f"{folder}/node_1.htm"] = web.page(
        f"<title>某城日报</title><a href='node_2.htm'>02版</a><a href='content_1.htm'>{TITLE}</a><a href='content_2.htm'>天气</a>"
    )
    site.routes[f"{folder}/node_2.htm"] = web.page("<a href='node_1.htm'>01版</a>")
    site.routes[f"{folder}/content_1.htm"] = web.tagged(report("武汉市", TODAY.year - 1))
    return site


def test_the_guide_leads_to_a_report(tmp_path: Path) -> None:
    """All commands of the guide, in order, with the address of a paper on this machine and a longer reach back."""
    commands = re.findall(r"^ {7}(\S.*)$", GUIDE.partition("## What stands")[0], re.M)
    assert [line.split()[0] for line in commands] == ["export", "lvzhi", "lvzhi", "sed", "lvzhi", "lvzhi"]
    seeds = tmp_path / "seeds" / "sources"
    seeds.mkdir(parents=True)
    with served(newspaper()) as site:
        script = "\n".join(commands)
        assert "http://paper.example/html/2024-01/18/node_1.htm" in script
        address = site.url(f"/html/{TODAY:%Y-%m}/{TODAY:%d}/node_1.htm")
        script = script.replace("http://paper.example/html/2024-01/18/node_1.htm", f"{address} --private 127.0.0.1/32")
        script = script.replace(
            "sed -i", "sed -i 's/^delay = 5/delay = 0/; s/^days = 14/days = 2/' seeds/sources/my-city.toml\nsed -i"
        )
        alias = f'lvzhi() {{ {shlex.quote(sys.executable)} -m flows.cli "$@"; }}\nset -e\n'
        # The politeness of five seconds is for others than this machine.
        quick = script.replace(
            "lvzhi sources test", "sed -i 's/^delay = 5/delay = 0/' seeds/sources/my-city.toml\nlvzhi sources test"
        )
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
        run = subprocess.run(
            ["bash", "-c", alias + quick], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300
        )
        assert run.returncode == 0, run.stdout + run.stderr
        agents = {asked.headers["user-agent"] for asked in site.log}
    assert "my-city.toml: a source of the kind epaper, not yet enabled" in run.stdout
    assert f"+ {TODAY:%Y-%m-%d}  {TITLE}" in run.stdout
    assert "天气  title" in run.stdout
    assert "1 found = 1 read" in run.stdout
    assert re.search(r"my-city\s+epaper\s+yes .* fresh", run.stdout)
    assert all(agent.endswith("(+you@example.org)") for agent in agents)
    assert open_release(tmp_path / "data").frame("reports")["division_name"].to_list() == ["武汉市"]


def test_the_guide_names_all_settings() -> None:
    from schemas.sources import EPaper, Find, Listing, Politeness, Source, Warc

    for model in (Source, Find, Listing, EPaper, Warc, Politeness):
        for name in model.model_fields.keys() - {"name", "about", "path", "first", "max_layouts"}:
            assert name in GUIDE, name


LIST = "".join(f"<li><a href='{n}.html'>{TITLE}{n}</a><span>2024-01-1{n}</span></li>" for n in range(9))
PAGES = {
    "/list": (
        f"<div id='nav'><li><a href='/x'>首页</a></li></div><ul class='news list'>{LIST}</ul><a href='2'>下一页</a>",
        "index",
    ),
    "/trs": (f"<ul class='news'>{LIST}</ul><script>createPageHTML(9, 0, 'index', 'shtml');</script>", "index"),
    "/rss": ("<?xml version='1.0'?><rss><channel/></rss>", "feed"),
    "/map": ("<urlset><url><loc>/1</loc></url></urlset>", "sitemap"),
    "/report": (report("武汉市", 2023), "page"),
    "/pc/layout/202401/18/node_01.html": ("<a href='node_02.html'>02</a>", "epaper"),
    "/html/2024-01/18/node_1.htm": ("<a href='node_2.htm'>02</a>", "epaper"),
}


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_first_version_has_the_kind_of_the_site(path: str, lvzhi: Command, tmp_path: Path) -> None:
    body, kind = PAGES[path]
    with served(Site({path: web.page(body)})) as site:
        env = {"LVZHI_SEEDS": str(tmp_path)}
        run = lvzhi("sources", "add", site.url(path), "--name", "a", "--private", "127.0.0.1/32", env=env)
        assert run.returncode == 0, run.stderr
        again = lvzhi("sources", "add", site.url(path), "--name", "a", "--private", "127.0.0.1/32", env=env)
    assert again.returncode == 2
    made = load_source(tmp_path / "sources" / "a.toml")
    assert (made.kind, made.enabled) == (kind, False)
    if path == "/list":
        assert made.listing.items == "ul.news.list > li"
        assert "下一页" in made.listing.next
    if path == "/trs":
        assert made.listing.pages == "index_{n}.shtml"
    if made.epaper:
        day = dt.date(2024, 1, 18)
        assert made.epaper.front.format(date=day) == site.url(path)
        assert made.epaper.family == ("layout" if "layout" in path else "node")


def test_a_site_that_cannot_be_read_gives_no_file(lvzhi: Command, tmp_path: Path) -> None:
    with served(Site()) as site:
        env = {"LVZHI_SEEDS": str(tmp_path)}
        run = lvzhi("sources", "add", site.url("/gone"), "--private", "127.0.0.1/32", env=env)
    assert run.returncode == 3
    assert "HTTP 404" in run.stderr
    assert lvzhi("sources", "add", "http://a.example/", env=env).returncode == 2
    assert not (tmp_path / "sources").exists()


def test_a_trial_says_what_a_wrong_page_is(lvzhi: Command, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    with served(Site({"/a.html": web.page("<p>今日天气晴,最高气温12度。</p>")})) as site:
        text = f'kind = "page"\naddresses = ["{site.url("/a.html")}"]\n[politeness]\ndelay = 0\nprivate = ["127.0.0.1/32"]\n'
        (tmp_path / "sources" / "a.toml").write_text(text, encoding="utf-8")
        assert tomllib.loads(text)
        run = lvzhi("sources", "test", "a", env={"LVZHI_SEEDS": str(tmp_path)})
    assert run.returncode == 1
    assert "quarantine" in run.stdout
    assert lvzhi("sources", "test", "b", env={"LVZHI_SEEDS": str(tmp_path)}).returncode == 2
