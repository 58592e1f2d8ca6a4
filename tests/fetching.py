"""What tests of fetching share: source files for sites of this machine, and what the ledger says of a run."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from flows.pipeline import run_ingest
from flows.submit import in_turn
from flows.summary import Summary
from tests.web import Site

LOCAL = ["127.0.0.1/32"]
QUICK = {"delay": 0, "backoff": 0.05, "private": LOCAL}


def write_source(seeds: Path, name: str, **settings: Any) -> None:
    """A source file; polite to nobody but this machine."""
    settings.setdefault("politeness", {})
    settings["politeness"] = QUICK | settings["politeness"]
    tables = {key: value for key, value in settings.items() if isinstance(value, dict)}
    lines = [f"{key} = {_toml(value)}" for key, value in settings.items() if key not in tables]
    for key, table in tables.items():
        lines += [f"[{key}]", *(f"{inner} = {_toml(value)}" for inner, value in table.items())]
    (seeds / "sources" / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")


def _toml(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)


def ingest(data: Path, *names: str) -> Summary:
    return run_ingest(list(names), data, submit=in_turn)


def ledger(data: Path) -> pl.DataFrame:
    from storage.folder import data_folder
    from storage.tables import Tables

    return Tables(data_folder(data)).read("requests").sort("requested_at")


def told(data: Path, path: str) -> list[tuple[int | None, str, str]]:
    """Status, outcome and rule of each request for a path."""
    rows = ledger(data).filter(pl.col("address").str.ends_with(path))
    return list(rows.select("status", "outcome", "rule").iter_rows())


def require_ledger_is_the_log(data: Path, *sites: Site) -> None:
    """Each request that came is in the ledger, and each in the ledger that was sent came."""
    sent = ledger(data).filter(pl.col("status").is_not_null() | (pl.col("outcome") == "failed"))
    logged = Counter(sent["address"].to_list())
    came = Counter(site.url(asked.path) for site in sites for asked in site.log)
    assert logged == came
