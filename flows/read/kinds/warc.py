"""Records in WARC files of others, looked up by host and day of capture in a CDX index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin

import orjson

from flows.read.kinds.link import Link, Look
from flows.read.warc import READ_TYPES
from schemas.sources import Source, Warc


def links(source: Source, look: Look, today: dt.date) -> Iterator[Link]:
    """Records of addressed WARC files, or those that the index names: of each page the latest capture."""
    warc = source.warc
    assert warc is not None
    for name in warc.files:
        if "://" in name:
            yield Link(name, None, None, "warc file", certain=True)
    if warc.cdx is None:
        return
    page = look(question(warc))
    if page is None:
        return
    latest: dict[str, dict[str, str]] = {}
    for line in page.data.splitlines():
        entry = _entry(line)
        if entry and entry.get("mime", "") in READ_TYPES:
            before = latest.get(entry["url"])
            if before is None or before["timestamp"] < entry["timestamp"]:
                latest[entry["url"]] = entry
    for entry in latest.values():
        place = urljoin(str(warc.records), entry["filename"])
        captured = dt.datetime.strptime(entry["timestamp"][:8], "%Y%m%d").date()
        span = (int(entry["offset"]), int(entry["length"]))
        yield Link(place, None, captured, "cdx", span, page=entry["url"])


def question(warc: Warc) -> str:
    """The address by which a CDX server is asked for the pages of a host."""
    asked = {"url": f"{warc.host}/*", "output": "json", "filter": "=status:200"}
    for name, day in (("from", warc.since), ("to", warc.until)):
        if day:
            asked[name] = f"{day:%Y%m%d}"
    return f"{warc.cdx}?{urlencode(asked)}"


def _entry(line: bytes) -> dict[str, str] | None:
    """A line of the index; nothing where it is none."""
    try:
        entry = orjson.loads(line)
        said = {name: str(entry[name]) for name in ("url", "timestamp", "filename", "offset", "length")}
        if entry.get("status", "200") != "200" or not (said["offset"] + said["length"]).isdecimal():
            return None
        dt.datetime.strptime(said["timestamp"][:8], "%Y%m%d")
        return said | {"mime": str(entry.get("mime", ""))}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        return None
