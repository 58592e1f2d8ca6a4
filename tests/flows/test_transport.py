"""How requests travel: HTTP/2 where a server offers it, and a proxy where one is set; the guards hold all the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from storage import open_release
from tests import web
from tests.fetching import ingest, ledger, told, write_source
from tests.web import Site, report, served


def test_http2_is_spoken_where_a_server_offers_it(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = web.self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    pages = {f"/{n}.html": report("武汉市", 2000 + n, 150 + n) for n in range(6)}
    with web.served_http2(pages, certificate) as (address, asked):
        addresses = [address + path for path in [*pages, "/gone.html"]]
        write_source(seeds, "a", kind="page", addresses=addresses, politeness={"connections": 3})
        assert ingest(tmp_path / "data", "a").read == 6
    assert Counter(asked) == {("2", path): 1 for path in [*pages, "/gone.html", "/robots.txt"]}
    assert told(tmp_path / "data", "/gone.html") == [(404, "failed", "status 404")]
    assert open_release(tmp_path / "data").frame("reports").height == 6


def test_requests_go_through_the_proxy_that_is_set_and_private_targets_are_refused_before(
    seeds: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/page.html"] = web.page(report("武汉市", 2023))
    site.routes["/inward.html"] = web.redirect("http://10.1.2.3/page.html")
    hosts = {"hosts": ["10.1.2.3"]}
    with web.proxy() as (address, asked):
        monkeypatch.setenv("LVZHI_PROXY", address)
        addresses = [site.url("/page.html"), site.url("/inward.html")]
        write_source(seeds, "a", kind="page", addresses=addresses, **hosts)
        assert ingest(tmp_path / "data", "a").read == 1
    assert sorted(asked) == sorted(site.url(path) for path in ("/robots.txt", "/page.html", "/inward.html"))
    assert told(tmp_path / "data", "10.1.2.3/page.html")[-1][1:] == ("refused", "private address")


def test_a_certificate_is_verified_through_the_proxy(
    seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = web.self_signed(tmp_path)
    with web.proxy() as (address, asked), served(Site(), certificate=certificate) as site:
        monkeypatch.setenv("LVZHI_PROXY", address)
        site.routes["/page.html"] = web.page(report("武汉市", 2023))
        write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")], politeness={"tries": 9})
        assert ingest(tmp_path / "one", "a").read == 0
        assert site.log == []
        assert {("failed", "tls")} <= set(ledger(tmp_path / "one").select("outcome", "rule").iter_rows())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ingest(tmp_path / "two", "a").read == 1
    assert set(asked) == {site.address.removeprefix("https://")}


def test_a_proxy_that_is_not_there_is_a_failure_and_nothing_goes_around_it(
    seeds: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/page.html"] = web.page(report("武汉市", 2023))
    write_source(seeds, "a", kind="page", addresses=[site.url("/page.html")])
    monkeypatch.setenv("LVZHI_PROXY", "http://127.0.0.1:9")
    assert ingest(tmp_path / "data", "a").read == 0
    assert site.log == []
