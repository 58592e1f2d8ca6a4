"""Messages: to a webhook of this machine; one that does not take them makes nothing fail."""

from __future__ import annotations

import json

import pytest

from flows.notify import notify
from tests import web
from tests.web import Site, served


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LVZHI_WEBHOOK", "LVZHI_NOTIFY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_a_message_is_posted_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Site({"/hook": web.page("")})) as site:
        monkeypatch.setenv("LVZHI_WEBHOOK", site.url("/hook"))
        assert notify("wuhan is stale\n武汉")
    (asked,) = site.log
    assert json.loads(asked.body) == {"text": "wuhan is stale\n武汉"}
    assert asked.headers["content-type"] == "application/json"


def test_a_webhook_that_fails_is_told_without_its_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with served(Site({"/hook/secret": web.status(500)})) as site:
        monkeypatch.setenv("LVZHI_WEBHOOK", site.url("/hook/secret"))
        assert not notify("a")
        assert len(site.log) == 1
    assert "HTTP 500" in caplog.text
    for address in (site.url("/hook/secret"), "no address with a secret", "http://["):
        monkeypatch.setenv("LVZHI_WEBHOOK", address)
        assert not notify("a")
    assert "LVZHI_WEBHOOK" in caplog.text
    assert "secret" not in caplog.text


def test_nothing_is_sent_where_nothing_is_set() -> None:
    assert not notify("a")
