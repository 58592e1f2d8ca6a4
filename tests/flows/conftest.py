"""Fixtures of tests that fetch: a folder of seeds of their own, and a site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web import Site, served


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of seeds of our own."""
    (tmp_path / "seeds" / "sources").mkdir(parents=True)
    monkeypatch.setenv("LVZHI_SEEDS", str(tmp_path / "seeds"))
    for name in ("LVZHI_CONTACT", "LVZHI_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "seeds"


@pytest.fixture
def site() -> Iterator[Site]:
    with served(Site()) as running:
        yield running
