"""Fetching from a real server that plays sites with faults: the ledger says what came of each request, the server's log is the judge."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import brotli
import polars as pl
import pytest

from flows.fetch.client import Client, user_agent
from flows.fetch.guard import GuardedBackend, RefusedError, is_public
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import SourceError, UsageError
from storage import open_release
from tests import web
from tests.conftest import ROOT, SAMPLES, Command
from tests.fetching import LOCAL, ingest, ledger, require_ledger_is_the_log, told, write_source
from tests.web import Site, report, served

# ---- four sites -----------------------------------------------------------------------------------------------------


def portal() -> Site:
    """A portal in GBK with paging, newest first."""
    site = Site()
    rows = [
        ("/zx/2024/t20240118_1.html", "政协武汉市委员会常务委员会工作报告", "2024-01-18", report("武汉市", 2023)),
        ("/zx/2024/t20240110_2.html", "市政协召开党组会议", "2024-01-10", ""),
        ("/zx/2023/t20230112_3.html", "政协武汉市委员会常务委员会工作报告", "2023-01-12", report("武汉市", 2022, 298)),
        ("/zx/2014/t20140112_4.html", "政协武汉市委员会常务委员会工作报告", "2014-01-12", ""),
    ]
    for number, listed in enumerate((rows[:2], rows[2:3], rows[3:])):
        items = "".join(f"<li><a href='{a}'>{t}</a><span>{d}</span></li>" for a, t, d, _ in listed)
        body = f"<html><meta charset=gbk><body><ul class='list'>{items}</ul></body></html>"
        name = "/zx/index.html" if not number else f"/zx/index_{number}.html"
        site.routes[name] = web.tagged(body.encode("gbk"))
    for address, _, _, body in rows:
        site.routes[address] = web.tagged(body.encode("gbk"))
    return site


def newspaper(layout: str, other: str, article: str, content: str, place: str) -> Site:
    """An issue of two pages with one report."""
    site = Site()
    title = f"政协{place}委员会常务委员会工作报告"
    links = f"<a href='{article}_1.htm'>{title}</a><a href='{article}_2.htm'>天气预报</a>"
    front = f"<a href='{Path(layout).name}'>01</a><a href='{other}'>02</a>{links}"
    site.routes[layout] = web.tagged(front)
    site.routes[str(Path(layout).parent / other)] = web.tagged("<a>没有文章</a>")
    day = dt.datetime(2024, 1, 18, tzinfo=dt.UTC)
    site.routes[f"{content}_1.htm"] = web.dated(report(place, 2023, 177), day)
    site.routes[f"{content}_2.htm"] = web.page("晴")
    return site


def feed() -> Site:
    site = Site()
    entry = "<item><title>{}</title><link>{}</link><pubDate>Thu, 18 Jan 2024 08:00:00 +0800</pubDate></item>"
    items = entry.format("政协南昌市委员会常务委员会工作报告", "/a/1.html") + entry.format("体育新闻", "/a/2.html")
    site.routes["/rss.xml"] = web.tagged(f"<rss><channel>{items}</channel></rss>")
    site.routes["/a/1.html"] = web.tagged(report("南昌市", 2023, 401))
    return site


def write_four(seeds: Path, sites: list[Site]) -> None:
    since = {"since": dt.date(2020, 1, 1), "until": dt.date(2024, 12, 31)}
    first, node, layout, last = (site.address for site in sites)
    listing = {"items": "ul.list li", "date": "span", "pages": "index_{n}.html"}
    write_source(seeds, "portal", kind="index", addresses=[f"{first}/zx/index.html"], listing=listing, find=since)
    days = (dt.date.today() - dt.date(2024, 1, 17)).days + 1
    only = {"since": dt.date(2024, 1, 18), "until": dt.date(2024, 1, 18)}
    front = node + "/html/{date:%Y-%m}/{date:%d}/node_1.htm"
    write_source(seeds, "node", kind="epaper", find=only, epaper={"family": "node", "front": front, "days": days})
    front = layout + "/pc/layout/{date:%Y%m}/{date:%d}/node_01.html"
    write_source(seeds, "layout", kind="epaper", find=only, epaper={"family": "layout", "front": front, "days": days})
    write_source(seeds, "feed", kind="feed", addresses=[f"{last}/rss.xml"], find=since)


def four_sites() -> list[Site]:
    node = newspaper("/html/2024-01/18/node_1.htm", "node_2.htm", "content", "/html/2024-01/18/content", "绍兴市")
    article = "../../../content/202401/18/content"
    layout = newspaper(
        "/pc/layout/202401/18/node_01.html", "node_02.html", article, "/pc/content/202401/18/content", "长沙市"
    )
    return [portal(), node, layout, feed()]


def test_four_sites_give_their_reports_and_a_second_run_costs_304s(seeds: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ExitStack() as stack:
        sites = [stack.enter_context(served(site)) for site in four_sites()]
        write_four(seeds, sites)
        summary = ingest(data)
        assert summary.rules == {}
        assert summary.read == 5
        reports = open_release(data).frame("reports")
        places = Counter(zip(reports["source"], reports["division_name"], strict=True))
        assert places == {
            ("portal", "武汉市"): 2,
            ("node", "绍兴市"): 1,
            ("layout", "长沙市"): 1,
            ("feed", "南昌市"): 1,
        }
        kinds = set(open_release(data).frame("captures").select("source", "source_kind").iter_rows())
        assert kinds == {("portal", "web"), ("feed", "web"), ("node", "epaper"), ("layout", "epaper")}
        assert dict(summary.fetching)["links"].startswith("10 = 5 chosen + ")
        assert "4 title" in dict(summary.fetching)["links"]
        require_ledger_is_the_log(data, *sites)
        for site in sites:
            assert max(Counter(asked.path for asked in site.log).values()) == 1, "nothing twice"
        assert "/zx/2014/t20140112_4.html" not in sites[0].asked(), "too old"
        before = [len(site.log) for site in sites]

        again = ingest(data)
        assert (again.read, again.unchanged, again.changed) == (0, 5, False)
        for site, count in zip(sites, before, strict=True):
            assert all("if-none-match" in a.headers or "if-modified-since" in a.headers for a in site.log[count:])
        later = ledger(data).filter(pl.col("fetch_id") == ledger(data)["fetch_id"].max())
        assert set(later["status"]) == {304}
        assert set(later["purpose"]) == {"list", "page"}, "robots.txt is read once a day"
        require_ledger_is_the_log(data, *sites)


# ---- faults ---------------------------------------------------------------------------------------------------------

GOOD = report("武汉市", 2023)
FAULTS: dict[str, tuple[web.Route, list[tuple[int | None, str, str]]]] = {
    "fine": (web.page(GOOD), [(200, "fetched", "")]),
    "slow but in time": (web.slow(0.3, web.page(GOOD)), [(200, "fetched", "")]),
    "never done": (web.dripping(60), [(200, "failed", "timeout")] * 3),
    "cut off": (web.cut_off(GOOD), [(200, "failed", "cut off")] * 3),
    "cut off once": (
        web.then(web.cut_off(GOOD), 1, web.page(GOOD)),
        [(200, "failed", "cut off"), (200, "fetched", "")],
    ),
    "wrong length": (
        web.page(GOOD, content_length=len(GOOD) + 5_000, connection="close"),
        [(200, "failed", "cut off")] * 3,
    ),
    "429 with Retry-After": (
        web.then(web.status(429, retry_after=1), 1, web.page(GOOD)),
        [(429, "failed", "status 429"), (200, "fetched", "")],
    ),
    "503 twice": (
        web.then(web.status(503), 2, web.page(GOOD)),
        [(503, "failed", "status 503")] * 2 + [(200, "fetched", "")],
    ),
    "gone": (web.status(404), [(404, "failed", "status 404")]),
    "to nowhere": (lambda handler, n: handler.answer(302), [(302, "failed", "redirect")]),
    "to a file": (web.redirect("file:///etc/passwd"), [(302, "redirected", "status 302"), (None, "refused", "scheme")]),
    "to another host": (
        web.redirect("http://b.example/"),
        [(302, "redirected", "status 302"), (None, "refused", "host")],
    ),
    "gzip bomb": (web.gzip_bomb(), [(200, "refused", "unpacked size")]),
    "brotli bomb": (
        web.page(brotli.compress(bytes(300_000_000), quality=5), content_encoding="br"),
        [(200, "refused", "unpacked size")],
    ),
    "broken gzip": (web.page(b"\x1f\x8b no gzip", content_encoding="gzip"), [(200, "failed", "damaged")] * 3),
    "unknown packing": (web.page(b"x", content_encoding="zstd"), [(200, "refused", "encoding")]),
    "too long by its length": (web.page("", content_length=9_000_000, connection="close"), [(200, "refused", "size")]),
    "packed with brotli": (web.page(brotli.compress(GOOD.encode()), content_encoding="br"), [(200, "fetched", "")]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_outcome_in_the_ledger(name: str, seeds: Path, site: Site, tmp_path: Path) -> None:
    route, expected = FAULTS[name]
    site.routes["/page.html"] = route
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")], politeness={"timeout": 2.0})
    summary = ingest(tmp_path / "data", "a")
    rows = ledger(tmp_path / "data").filter(pl.col("asked_for") == site.url("/page.html"))
    assert list(rows.select("status", "outcome", "rule").iter_rows()) == expected
    require_ledger_is_the_log(tmp_path / "data", site)
    fetched = expected[-1][1] == "fetched"
    assert summary.read == fetched
    assert rows.filter(pl.col("outcome") == "failed")["reason"].str.len_chars().min() != 0
    if fetched:
        (capture,) = open_release(tmp_path / "data").frame("captures").to_dicts()
        assert capture["bytes"] == len(GOOD.encode()), "nothing lost"


def test_a_pause_that_is_asked_for_is_kept_and_a_long_one_leaves_the_host(
    seeds: Path, site: Site, tmp_path: Path
) -> None:
    site.routes["/1.html"] = web.then(web.status(429, retry_after=1), 1, web.page(GOOD))
    site.routes["/2.html"] = web.status(503, retry_after=3600)
    site.routes["/3.html"] = web.page(GOOD)
    write_source(seeds, "a", kind="page", addresses=[site.url(f"/{n}.html") for n in (1, 2, 3)])
    for _ in range(2):
        summary = ingest(tmp_path / "data", "a")
        assert site.asked() == ["/1.html", "/1.html", "/2.html"], "also in a later run within the hour"
    first, second = (asked.at for asked in site.log if asked.path == "/1.html")
    assert second - first >= 1.0
    assert "3 host left alone" in dict(summary.fetching)["chosen"]


def test_a_host_that_fails_is_left_and_the_others_go_on(seeds: Path, site: Site, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
        addresses = [f"{dead}/{n}.html" for n in range(9)] + [site.url("/fine.html")]
        site.routes["/fine.html"] = web.page(GOOD)
        write_source(seeds, "a", kind="page", addresses=addresses)
        summary = ingest(tmp_path / "data", "a")
    assert summary.read == 1
    asked = ledger(tmp_path / "data").filter(pl.col("address").str.starts_with(dead))
    assert asked.filter(pl.col("outcome") == "failed").height <= 9, "three times with three tries"


def test_redirects_lead_on_but_not_in_circles_nor_for_ever(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes["/old.html"] = web.redirect("/new.html", 301)
    site.routes["/new.html"] = web.page(GOOD)
    site.routes["/circle.html"] = web.redirect("/circle2.html")
    site.routes["/circle2.html"] = web.redirect("/circle.html")
    for n in range(20):
        site.routes[f"/{n}.html"] = web.redirect(f"/{n + 1}.html")
    names = ("old", "circle", "0")
    write_source(seeds, "a", kind="page", addresses=[site.url(f"/{name}.html") for name in names])
    summary = ingest(tmp_path / "data", "a")
    assert summary.read == 1
    assert open_release(tmp_path / "data").frame("captures")["source_uri"].to_list() == [site.url("/old.html")]
    refused = ledger(tmp_path / "data").filter(pl.col("outcome") == "refused")
    assert set(refused["rule"]) == {"redirect loop", "redirects"}
    assert len(site.asked("/circle.html")) == 1
    assert "/6.html" not in site.asked()
    assert summary.rules == {"unreachable": 2}


def test_a_redirect_to_a_private_address_is_refused(seeds: Path, site: Site, tmp_path: Path) -> None:
    with served(Site({"/secret.html": web.page(GOOD)}), host="127.0.0.2") as inner:
        site.routes["/page.html"] = web.redirect(inner.url("/secret.html"))
        write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")], hosts=["127.0.0.2"])
        ingest(tmp_path / "data", "a")
        assert inner.log == []
    assert "private address" in set(ledger(tmp_path / "data")["rule"])


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1", "ff02::1", "fe80::1%eth0", "2001:db8::1"],
)  # fmt: skip
def test_addresses_that_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "114.114.114.114", "64:ff9b::808:808"])
def test_addresses_that_are_public(ip: str) -> None:
    assert is_public(ip)


def test_a_name_is_resolved_once_and_the_checked_address_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers otherwise the second time (rebinding) is not asked a second time."""
    port = int(site.address.rpartition(":")[2])
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *args: Any, **options: Any) -> Any:
        if host != "rebound.example":
            return real(host, *args, **options)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.9", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    stream = GuardedBackend(LOCAL).connect_tcp("rebound.example", port, timeout=5)
    assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
    stream.close()
    assert asked == ["rebound.example"]
    with pytest.raises(RefusedError, match=r"127\.0\.0\.9"):
        GuardedBackend(LOCAL).connect_tcp("rebound.example", port, timeout=5)


def test_numbers_that_stand_for_private_addresses_are_refused(seeds: Path, tmp_path: Path, site: Site) -> None:
    port = site.address.rpartition(":")[2]
    with Client() as client:
        for host in ("2130706433", "0x7f.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
            answer = client.get(f"http://{host}:{port}/", seconds=5)
            assert answer.refused or answer.fault == "connect", host
    assert site.log == []


def test_a_certificate_that_does_not_verify(seeds: Path, tmp_path: Path) -> None:
    with served(Site({"/page.html": web.page(GOOD)}), certificate=web.self_signed(tmp_path)) as site:
        write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
        summary = ingest(tmp_path / "data", "a")
        assert site.log == []
    assert summary.read == 0
    assert {("failed", "tls")} <= set(ledger(tmp_path / "data").select("outcome", "rule").iter_rows())


# ---- politeness -----------------------------------------------------------------------------------------------------


def test_robots_txt_forbids_and_delays(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes["/robots.txt"] = web.page(
        "User-agent: *\nDisallow: /inner/\nCrawl-delay: 0.4\n", content_type="text/plain"
    )
    site.routes |= {f"/{n}.html": web.page(report("武汉市", 2020 + n)) for n in range(3)}
    addresses = [site.url("/inner/x.html"), *(site.url(f"/{n}.html") for n in range(3))]
    write_source(seeds, "a", kind="page", addresses=addresses, politeness={"connections": 4})
    summary = ingest(tmp_path / "data", "a")
    assert sorted(site.asked()) == ["/0.html", "/1.html", "/2.html"]
    assert "1 robots.txt" in dict(summary.fetching)["chosen"]
    assert told(tmp_path / "data", "/inner/x.html") == [(None, "refused", "robots")]
    times = sorted(asked.at for asked in site.log if asked.path != "/robots.txt")
    assert all(later - earlier >= 0.35 for earlier, later in itertools.pairwise(times))
    assert [asked.path for asked in site.log].count("/robots.txt") == 1


@pytest.mark.parametrize(("route", "read"), [(web.status(404), 1), (web.status(403), 1), (web.status(500), 0)])
def test_a_robots_txt_that_is_missing_allows_one_that_cannot_be_read_forbids(
    route: web.Route, read: int, seeds: Path, site: Site, tmp_path: Path
) -> None:
    site.routes |= {"/robots.txt": route, "/page.html": web.page(GOOD)}
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
    assert ingest(tmp_path / "data", "a").read == read
    assert len(site.asked()) == read


def test_one_connection_at_a_time_a_rate_and_a_budget(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes |= {f"/{n}.html": web.slow(0.05, web.page(report("武汉市", 2000 + n))) for n in range(8)}
    addresses = [site.url(f"/{n}.html") for n in range(8)]
    write_source(seeds, "a", kind="page", addresses=addresses, politeness={"delay": 0.2, "budget": 5})
    summary = ingest(tmp_path / "data", "a")
    assert len(site.log) == 5, "with robots.txt"
    assert "4 beyond the budget" in dict(summary.fetching)["chosen"]
    times = [asked.at for asked in site.log]
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(times))
    assert len({asked.connection for asked in site.log}) == 1
    assert ingest(tmp_path / "data", "a").read == 4, "those that were never read come first"


def test_who_asks_says_so_keeps_no_cookies_and_names_a_contact(
    seeds: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/1.html"] = web.page(GOOD, set_cookie="id=1; Path=/")
    site.routes["/2.html"] = web.page(report("武汉市", 2022))
    write_source(seeds, "a", kind="page", addresses=[site.url("/1.html"), site.url("/2.html")])
    monkeypatch.setenv("LVZHI_CONTACT", "reports@a.example")
    ingest(tmp_path / "data", "a")
    assert {asked.headers["user-agent"] for asked in site.log} == {user_agent()}
    assert user_agent().endswith("(+reports@a.example)")
    assert not any("cookie" in asked.headers for asked in site.log)
    monkeypatch.delenv("LVZHI_CONTACT")
    with pytest.raises(UsageError, match="LVZHI_CONTACT"):
        ingest(tmp_path / "data", "http://a.example/1.html")


def test_forty_thousand_links_are_counted_and_one_is_read(seeds: Path, site: Site, tmp_path: Path) -> None:
    links = "".join(f"<li><a href='/n/{n}.html'>新闻{n}</a></li>" for n in range(40_000))
    body = f"<ul>{links}<li><a href='/r.html'>政协武汉市委员会常务委员会工作报告</a></li></ul>"
    site.routes |= {"/": web.page(body), "/r.html": web.page(GOOD)}
    write_source(seeds, "a", kind="index", addresses=[site.url("/")])
    summary = ingest(tmp_path / "data", "a")
    assert dict(summary.fetching)["links"] == "40001 = 40000 title + 1 chosen"
    assert site.asked() == ["/", "/r.html"]


def test_progress_is_told_by_host_over_all_sources_that_ask_it(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes |= {f"/{n}.html": web.page(report("武汉市", 2000 + n)) for n in range(5)}
    for name, numbers in (("a", range(3)), ("b", range(3, 5))):
        write_source(seeds, name, kind="page", addresses=[site.url(f"/{n}.html") for n in numbers])
    told: list[tuple[str, int, int]] = []
    run_ingest(["a", "b"], tmp_path / "data", submit=in_turn, progress=lambda *step: told.append(step))
    host = site.address.removeprefix("http://")
    steps = [(done, total) for stage, done, total in told if stage == host]
    assert [done for done, _ in steps] == [1, 2, 3, 4, 5]
    assert steps[-1] == (5, 5)


def test_more_links_than_the_maximum_are_not_fetched_and_too_few_are_told(
    seeds: Path, site: Site, tmp_path: Path
) -> None:
    title = "政协武汉市委员会常务委员会工作报告"
    site.routes["/"] = web.page("".join(f"<li><a href='/{n}.html'>{title}{n}</a></li>" for n in range(9)))
    site.routes |= {f"/{n}.html": web.page(report("武汉市", 2000 + n)) for n in range(9)}
    write_source(seeds, "a", kind="index", addresses=[site.url("/")], expect={"maximum": 3})
    write_source(seeds, "b", kind="index", addresses=[site.url("/")], find={"titles": ["无"]}, expect={"minimum": 1})
    summary = ingest(tmp_path / "data", "a", "b")
    assert summary.read == 3
    notes = [line for name, line in summary.fetching if name == "note"]
    assert sorted(notes) == [
        "a: 9 links are chosen, more than the maximum of 3; see `find`",
        "b: 0 reports found, 1 are the least expected",
    ]


# ---- nothing twice, nothing lost ------------------------------------------------------------------------------------


def test_content_that_changes_is_a_new_capture_of_the_same_report(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes["/page.html"] = web.changing(GOOD, report("武汉市", 2023, 333))
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
    for expected in (1, 1, 0):
        assert ingest(tmp_path / "data", "a").read == expected
    release = open_release(tmp_path / "data")
    assert (release.frame("captures").height, release.frame("reports").height) == (2, 1)
    assert "333件" in release.frame("reports")["text"][0]


def test_a_page_that_fails_is_tried_in_later_runs_set_aside_and_settled_when_it_comes(
    seeds: Path, site: Site, tmp_path: Path
) -> None:
    site.routes["/page.html"] = web.status(404)
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")], politeness={"tries": 2})
    data = tmp_path / "data"
    assert ingest(data, "a").rules == {}
    assert ingest(data, "a").rules == {"unreachable": 1}
    (row,) = open_release(data).frame("quarantine").to_dicts()
    assert [note["rule"] for note in json.loads(row["row"])["history"]] == ["status 404", "status 404"]
    assert "tried in 2 runs" in row["reason"]
    assert len(site.asked()) == 2
    ingest(data, "a")
    assert len(site.asked()) == 2, "it is left alone for a month"

    site.routes["/page.html"] = web.page(GOOD)
    import sqlite3

    with sqlite3.connect(data / "fetch" / "state.sqlite") as db:
        db.execute("UPDATE addresses SET next_try = '2020-01-01T00:00:00+00:00'")
    assert ingest(data, "a").read == 1
    (row,) = open_release(data).frame("quarantine").to_dicts()
    assert row["resolved_by_run"] == open_release(data).release.run_id


def test_a_page_that_is_gone_keeps_its_report(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes["/page.html"] = web.then(web.page(GOOD), 1, web.status(410))
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")], politeness={"tries": 1})
    ingest(tmp_path / "data", "a")
    summary = ingest(tmp_path / "data", "a")
    assert "1 failed, kept as read before" in dict(summary.fetching)["chosen"]
    assert open_release(tmp_path / "data").frame("reports").height == 1
    assert open_release(tmp_path / "data").frame("quarantine").height == 0


def test_a_source_that_cannot_be_reached_is_named_and_the_others_are_read(
    seeds: Path, site: Site, tmp_path: Path, lvzhi: Command
) -> None:
    site.routes |= {
        "/": web.status(403),
        "/rss": web.page(f"<item><title>政协工作报告</title><link>{site.url('/1')}</link></item>"),
    }
    site.routes["/1"] = web.page(GOOD)
    write_source(seeds, "a", kind="index", addresses=[site.url("/")])
    write_source(seeds, "b", kind="feed", addresses=[site.url("/rss")])
    with pytest.raises(SourceError, match="a: HTTP 403"):
        ingest(tmp_path / "none", "a")
    run = lvzhi("ingest", "--data", tmp_path / "data", env={"LVZHI_SEEDS": str(seeds)})
    assert run.returncode == 3
    assert "not read   a: HTTP 403" in run.stdout
    assert "1 found = 1 read" in run.stdout


def test_files_folders_and_sources_in_one_run(seeds: Path, site: Site, tmp_path: Path) -> None:
    write_source(seeds, "samples", kind="folder", path=str(SAMPLES))
    site.routes["/page.html"] = web.page(GOOD)
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
    file = tmp_path / "one.txt"
    file.write_text((SAMPLES / "portal.txt").read_text(encoding="utf-8"), encoding="utf-8")
    assert ingest(tmp_path / "data", "samples", "a", str(file)).read == 8
    assert set(open_release(tmp_path / "data").frame("reports")["source"]) >= {"samples", "a"}


def test_what_the_archive_lost_is_asked_for_again(seeds: Path, site: Site, tmp_path: Path) -> None:
    """A site that says 304 must not keep a page from being archived anew; the others cost their 304."""
    for n in range(2):
        site.routes[f"/{n}.html"] = web.tagged(report("武汉市", 2020 + n))
        write_source(seeds, f"s{n}", kind="page", addresses=[site.url(f"/{n}.html")])
    data = tmp_path / "data"
    assert ingest(data, "s0").read == 1
    (lost,) = (data / "archive").iterdir()
    assert ingest(data, "s1").read == 1
    lost.unlink()
    site.log.clear()
    assert ingest(data, "s0", "s1").read == 1
    asked = {asked.path: "if-none-match" in asked.headers for asked in site.log}
    assert asked == {"/0.html": False, "/1.html": True}
    assert open_release(data).frame("captures").height == 3
    assert ingest(data, "s0", "s1").unchanged == 2


def test_a_page_that_could_not_be_fetched_is_told_in_the_coverage(seeds: Path, site: Site, tmp_path: Path) -> None:
    site.routes |= {"/2022/a.html": web.page(report("武汉市", 2022)), "/2023/a.html": web.status(404)}
    addresses = [site.url(path) for path in site.routes]
    write_source(seeds, "a", kind="page", addresses=addresses, places=["420100"])
    write_source(seeds, "b", kind="index", addresses=["http://127.0.0.1:9/"], places=["420600"])
    ingest(tmp_path / "data", "a", "b")
    checks = open_release(tmp_path / "data").frame("checks").filter(pl.col("rule") == "coverage")
    states = [message.partition(" (")[0] + message.partition(")")[2][:18] for message in checks["message"]]
    last = dt.datetime.now(dt.UTC).year - 1
    assert {"武汉市 2022: accepted", "武汉市 2023: unfetched", f"襄阳市 {last}: unfetched"} <= {
        state.rstrip(" (") for state in states
    }


# ---- killed ---------------------------------------------------------------------------------------------------------


def test_a_killed_run_is_gone_on_with_where_it_was(seeds: Path, site: Site, tmp_path: Path) -> None:
    pages = {f"/{n}.html": report("武汉市", 1990 + n, 200 + n) for n in range(30)}
    title = "政协武汉市委员会常务委员会工作报告"
    site.routes["/"] = web.page("".join(f"<li><a href='{path}'>{title}{path[1:3]}</a></li>" for path in pages))
    site.routes |= {path: web.slow(0.05, web.page(body)) for path, body in pages.items()}
    write_source(seeds, "a", kind="index", addresses=[site.url("/")])
    data = tmp_path / "data"
    command = [sys.executable, "-m", "flows.cli", "ingest", "a", "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"LVZHI_SEEDS": str(seeds)})
    deadline = time.monotonic() + 120
    while len(site.asked()) < 12 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed_after = len(site.asked())
    assert 12 <= killed_after < 31
    summary = ingest(data, "a")
    assert summary.read == 30
    asked = Counter(site.asked())
    assert set(asked) == {"/", *pages}, "nothing lost"
    twice = [path for path, count in asked.items() if count > 1]
    assert len(twice) <= 1, "but the one that was under way nothing is asked for twice"
    assert [asked.path for asked in site.log].count("/robots.txt") == 1
    assert ledger(data)["fetch_id"].n_unique() == 1
    unlogged = len(site.log) - ledger(data).height
    assert unlogged in (0, 1), "the one that was under way when it was killed"


def test_a_run_that_fails_behind_the_fetch_asks_for_nothing_again(
    seeds: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/page.html"] = web.page(GOOD)
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
    with monkeypatch.context() as broken:
        broken.setattr("flows.run.publish", lambda *args: (_ for _ in ()).throw(RuntimeError("killed here")))
        with pytest.raises(RuntimeError, match="killed here"):
            ingest(tmp_path / "data", "a")
    assert ingest(tmp_path / "data", "a").read == 1
    assert site.asked() == ["/page.html"]
    assert list((tmp_path / "data" / "fetch" / "bodies").iterdir()) == [], "what is archived is not kept twice"


def test_records_of_warc_files_over_the_web(seeds: Path, site: Site, tmp_path: Path) -> None:
    import io

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    file, places = io.BytesIO(), []
    writer = WARCWriter(file, gzip=True)
    for year in (2021, 2022):
        begin = file.tell()
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        body = io.BytesIO(report("武汉市", year).encode())
        record = writer.create_warc_record(f"http://www.x.example/{year}.html", "response", body, http_headers=headers)
        writer.write_record(record)
        places.append((year, begin, file.tell() - begin))
    whole = file.getvalue()

    def ranged(handler: web.Handler, n: int) -> None:
        first, _, last = handler.headers["range"].removeprefix("bytes=").partition("-")
        handler.answer(206, whole[int(first) : int(last) + 1], content_type="application/warc")

    line = '{{"url": "http://www.x.example/{}.html", "timestamp": "20240105000000", "mime": "text/html", "status": "200", "filename": "c.warc.gz", "offset": "{}", "length": "{}"}}'
    site.routes |= {
        "/cdx": web.page("\n".join(line.format(*place) for place in places), content_type="text/plain"),
        "/c.warc.gz": ranged,
        "/whole.warc.gz": web.page(whole, content_type="application/warc"),
    }
    looked_up = {"cdx": site.url("/cdx"), "host": "www.x.example", "records": site.url("/")}
    write_source(seeds, "cc", kind="warc", warc=looked_up, find={"untitled": True})
    write_source(seeds, "whole", kind="warc", warc={"files": [site.url("/whole.warc.gz")]}, find={"untitled": True})
    assert ingest(tmp_path / "data", "cc").read == 2
    captures = open_release(tmp_path / "data").frame("captures")
    assert set(captures.select("source_uri", "source_kind").iter_rows()) == {
        (f"http://www.x.example/{year}.html", "warc") for year in (2021, 2022)
    }
    assert ingest(tmp_path / "data", "whole").read == 2
    assert ingest(tmp_path / "data", "cc", "whole").read == 0
