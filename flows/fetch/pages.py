"""One chosen page: asked for if it may have changed, kept until a release has it, set aside where it fails too often."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from threading import Lock

from flows.fetch.fetcher import Fetcher, Result
from flows.fetch.outcome import Fetched, Unreached
from flows.fetch.state import ASIDE_FOR, Known, State
from flows.read.kinds import Link, choose_page
from flows.read.page import MAX_BYTES
from flows.read.warc import Response, responses
from schemas.sources import Source

MAX_WARC = 200_000_000  # a file of others that is fetched as a whole
HISTORY = 20  # failures of a page that are kept
CAPTURE_KINDS = {"epaper": "epaper", "warc": "warc"}
# Why a page was not asked for, as the summary counts it.
NOT_ASKED = {"robots": "robots.txt", "left alone": "host left alone", "budget": "beyond the budget"}


class Pages:
    """Fetches the pages of one run.

    Args:
        state: what is known of them.
        fetch_id: the fetch.
        fetcher: asks for addresses.
        fetched: takes the counts; its lock is held while they change.
        lock: that lock.
    """

    def __init__(self, state: State, fetch_id: str, fetcher: Fetcher, fetched: Fetched, lock: Lock) -> None:
        self._state = state
        self._fetch_id = fetch_id
        self._fetcher = fetcher
        self._fetched = fetched
        self._lock = lock

    def fetch(self, source: Source, link: Link) -> str:
        """Fetch one page; what came of it."""
        if link.rule == "warc file":
            return self._warc_file(source, link)
        known = self._state.get(source.name, "page", link.page_address)
        if settled := self._settled(known, link):
            return settled
        headers = _record_range(link) if link.record else (validators(known) if known.status == "done" else {})
        result = self._fetcher.fetch(source, link.address, "record" if link.record else "page", headers)
        if result.outcome == "fetched" and link.record:
            return self._record(source, known, result)
        if result.outcome == "fetched":
            kind = CAPTURE_KINDS.get(source.kind, "web")
            return self._keep(answered(replace(known, kind=kind), result, self._fetch_id), known, result.answer.data)
        if result.outcome == "unchanged":
            self._state.put(replace(known, read_by=self._fetch_id, tries=0, next_try=None, history=[]))
            return "unchanged"
        if result.outcome in NOT_ASKED:
            return NOT_ASKED[result.outcome]
        return self._failed(source, known, result.rule, result.reason, for_good=result.outcome == "refused")

    def _settled(self, known: Known, link: Link) -> str:
        """What came of a page that need not be asked for now; empty where it must be."""
        if known.status == "waiting":
            return "fetched"
        # A record of an archive does not change.
        if known.status == "done" and (link.record or known.read_by == self._fetch_id):
            return "unchanged"
        if known.next_try and dt.datetime.now(dt.UTC) < known.next_try:
            return "set aside before" if known.status == "aside" else "to be tried later"
        return ""

    def _keep(self, fresh: Known, before: Known, data: bytes) -> str:
        """Keep the bytes of a page for the release, unless the last one has them."""
        sha256 = self._state.keep(data)
        same = before.status == "done" and before.sha256 == sha256
        self._state.put(replace(fresh, status="done" if same else "waiting", sha256=sha256))
        return "unchanged" if same else "fetched"

    def _keep_record(self, known: Known, result: Result, found: Response) -> str:
        """Keep a page that stands in a WARC file, with what the file says of it."""
        fresh = replace(
            answered(replace(known, kind="warc"), result, self._fetch_id),
            etag=found.etag,
            last_modified=found.last_modified,
            content_type=found.content_type,
            fetched_at=found.fetched_at,
            final=found.address,
        )
        return self._keep(fresh, known, found.data)

    def _record(self, source: Source, known: Known, result: Result) -> str:
        """Keep the page that a record of a WARC file holds."""
        try:
            found = next(iter(responses(result.answer.data, MAX_BYTES)), None)
        except ValueError as error:
            return self._failed(source, known, "record", str(error), for_good=False)
        if found is None:
            return self._failed(source, known, "record", "the record holds no page", for_good=True)
        return self._keep_record(known, result, found)

    def _warc_file(self, source: Source, link: Link) -> str:
        """Keep the pages of an addressed WARC file."""
        known = self._state.get(source.name, "list", link.address)
        if known.read_by == self._fetch_id:
            return "unchanged"
        headers = validators(known) if known.status == "done" else {}
        result = self._fetcher.fetch(source, link.address, "record", headers, MAX_WARC)
        if result.outcome != "fetched":
            return "unchanged" if result.outcome == "unchanged" else "failed"
        try:
            for found in responses(result.answer.data, MAX_BYTES):
                self._page_of_file(source, result, found)
        except ValueError as error:
            with self._lock:
                self._fetched.told.append(f"{source.name}: {link.address}: {error}")
            return "failed"
        self._state.put(replace(answered(known, result, self._fetch_id), status="done"))
        return "file read"

    def _page_of_file(self, source: Source, result: Result, found: Response) -> None:
        """Keep one page of a WARC file, if it is chosen and not older than what is here."""
        before = self._state.get(source.name, "page", found.address)
        rule = choose_page(Link(found.address, None, None, "warc"), source)
        if not rule and before.fetched_at and before.fetched_at >= found.fetched_at:
            rule = "older capture"
        outcome = "" if rule else self._keep_record(before, result, found)
        with self._lock:
            self._fetched.links += 1
            self._fetched.passed.update([rule] if rule else [])
            self._fetched.outcomes.update([outcome] if outcome else [])

    def _failed(self, source: Source, known: Known, rule: str, reason: str, *, for_good: bool) -> str:
        """Note a failure; after as many runs as the source says, or for good, the page is set aside."""
        now = dt.datetime.now(dt.UTC)
        tries = known.tries + (known.read_by != self._fetch_id)
        note = {"at": now.isoformat(timespec="seconds"), "rule": rule, "reason": reason, "fetch": self._fetch_id}
        history = [*known.history, note][-HISTORY:]
        if known.status == "done":
            # The report stays as it was read last.
            self._state.put(replace(known, tries=tries, history=history))
            return "failed, kept as read before"
        aside = for_good or tries >= source.politeness.tries
        self._state.put(
            replace(
                known,
                status="aside" if aside else "pending",
                tries=tries,
                history=history,
                next_try=now + ASIDE_FOR if aside else None,
                read_by=self._fetch_id,
            )
        )
        if not aside:
            return "failed, to be tried again"
        with self._lock:
            runs = "one run" if tries == 1 else f"{tries} runs"
            why = f"{reason}; tried in {runs}, to be tried again after {ASIDE_FOR.days} days"
            self._fetched.unreached.append(Unreached(source.name, known.address, why, history))
        return "set aside"


def answered(known: Known, result: Result, fetch_id: str) -> Known:
    """What is known of an address after an answer to a fetch."""
    headers = result.answer.headers
    return replace(
        known,
        tries=0,
        next_try=None,
        history=[],
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        content_type=headers.get("content-type", "").split(";")[0].strip().lower() or "application/octet-stream",
        fetched_at=dt.datetime.now(dt.UTC),
        final=result.address,
        read_by=fetch_id,
    )


def validators(known: Known) -> dict[str, str]:
    """Headers by which a page that is as it was costs a 304."""
    headers = {}
    if known.etag:
        headers["if-none-match"] = known.etag
    if known.last_modified:
        headers["if-modified-since"] = known.last_modified
    return headers


def _record_range(link: Link) -> dict[str, str]:
    """Header that asks for one record of a WARC file."""
    assert link.record is not None
    first, length = link.record
    return {"range": f"bytes={first}-{first + length - 1}"}
