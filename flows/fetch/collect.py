"""The sources of a run: find links, choose, fetch. What was fetched waits in the state until a release has it.

Each source is read in a thread of its own, so that a slow site holds up nobody but itself; requests to one host go through one pace.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from flows.fetch.client import Client
from flows.fetch.fetcher import Fetcher, Result
from flows.fetch.pace import Pace
from flows.fetch.state import ASIDE_FOR, Known, State
from flows.progress import Progress, no_progress
from flows.read.fetched import FetchedPage
from flows.read.kinds import Link, Listed, choose, find_links
from flows.read.kinds.sitemap import MAX_BYTES as MAX_SITEMAP
from flows.read.kinds.warc import http_time, responses
from flows.read.page import MAX_BYTES
from schemas.errors import LvzhiError
from schemas.sources import Source
from schemas.tables import TABLES
from storage.folder import DataFolder
from storage.tables import Tables

CHINA = ZoneInfo("Asia/Shanghai")
SOURCES_AT_ONCE = 8
MAX_WARC = 200_000_000  # a file of others that is fetched as a whole
HISTORY = 20  # failures of a page that are kept
LIST_LIMITS = {"sitemap": MAX_SITEMAP, "warc": MAX_SITEMAP}
CAPTURE_KINDS = {"epaper": "epaper", "warc": "warc"}


@dataclass(frozen=True)
class Unreached:
    """A page that was set aside because it could not be fetched, with what went wrong and when."""

    source: str
    source_uri: str
    reason: str
    history: list[dict[str, Any]]


@dataclass
class Fetched:
    """What came of the sources.

    Attributes:
        fetch_id: the fetch, as in `requests`.
        links: links that were found, each once a source.
        passed: those that were not chosen, by rule.
        outcomes: those that were, by what came of them.
        pages: pages that wait to be ingested, also those of a run that was killed.
        unreached: pages that were set aside now.
        told: what a person should know, a line each.
        failed: sources of which nothing could be read, with the reason.
    """

    fetch_id: str = ""
    links: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    pages: list[FetchedPage] = field(default_factory=list)
    unreached: list[Unreached] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def unchanged(self) -> int:
        """Pages that are as they were."""
        return self.outcomes["unchanged"]

    def rows(self) -> list[tuple[str, str]]:
        """What is printed: a name and its counts a row."""
        rows = [("links", _sum(self.links, Counter(chosen=self.outcomes.total()) + self.passed))]
        if self.outcomes:
            rows.append(("chosen", _sum(self.outcomes.total(), self.outcomes)))
        return rows + [("note", line) for line in self.told]


def _sum(whole: int, parts: Counter[str]) -> str:
    return f"{whole} = " + (" + ".join(f"{count} {name}" for name, count in parts.most_common()) or "0")


class Collector:
    """Reads the sources of one run."""

    def __init__(
        self, state: State, fetch_id: str, client: Client, pace: Pace, progress: Progress = no_progress
    ) -> None:
        self._state = state
        self._fetch_id = fetch_id
        self._fetcher = Fetcher(client, pace, state, fetch_id)
        self._progress = progress
        self._lock = Lock()
        self.fetched = Fetched(fetch_id)

    def read(self, source: Source, today: dt.date) -> None:
        """Find the links of a source, and fetch those that are chosen. An error of ours must not stop the other sources."""
        try:
            reason = self._read(source, today)
        except LvzhiError:
            raise
        except Exception as error:
            reason = (
                f"lvzhi fails on this source: {type(error).__name__}: {error}; please report it with the source file"
            )
        if reason:
            with self._lock:
                self.fetched.failed[source.name] = reason
        self._state.note_source(source.name, reason)

    def _read(self, source: Source, today: dt.date) -> str:
        """Why nothing of a source could be read; empty where it could."""
        looked: list[Result] = []
        links = self._links(source, today, looked)
        # Where the budget does not suffice for all, those that were never read come first.
        links.sort(key=lambda link: self._state.get(source.name, "page", link.page_address).status == "done")
        most = source.expect.maximum
        for link in links[most:]:
            self._pass("above maximum", link)
        chosen = links[:most]
        with self._lock:
            told = self.fetched.told
            if len(links) > most:
                told.append(
                    f"{source.name}: {len(links)} links are chosen, more than the maximum of {most}; see `find`"
                )
            if len(links) < source.expect.minimum:
                told.append(
                    f"{source.name}: {len(links)} reports found, {source.expect.minimum} are the least expected"
                )
        workers = source.politeness.connections
        done = 0
        with ThreadPoolExecutor(workers) as pool:
            for outcome in pool.map(lambda link: self._page(source, link), chosen):
                done += 1
                with self._lock:
                    self.fetched.outcomes[outcome] += 1
                    self._progress(source.name, done, len(chosen))
        bad = [result for result in looked if result.outcome not in ("fetched", "unchanged")]
        return bad[0].reason if bad and len(bad) == len(looked) else ""

    def _pass(self, rule: str, link: Link) -> None:
        with self._lock:
            self.fetched.passed[rule] += 1

    def _links(self, source: Source, today: dt.date, looked: list[Result]) -> list[Link]:
        """Links that are chosen, each once, in the order found."""
        chosen: dict[str, Link] = {}
        met: set[str] = set()

        def look(address: str) -> Listed | None:
            return self._look(source, address, looked)

        for link in find_links(source, look, today):
            key = link.page_address
            if key in met:
                continue
            met.add(key)
            with self._lock:
                self.fetched.links += 1
            if rule := choose(link, source):
                self._pass(rule, link)
            else:
                chosen[key] = link
        return list(chosen.values())

    def _look(self, source: Source, address: str, looked: list[Result]) -> Listed | None:
        """A list page: asked for if it changed, else as it was read last."""
        known = self._state.get(source.name, "list", address)
        kept = self._state.body(known.sha256)
        if known.read_by == self._fetch_id and kept is not None:
            return Listed(known.final, kept, known.content_type)
        headers = _validators(known) if kept is not None else {}
        result = self._fetcher.fetch(source, address, "list", headers, LIST_LIMITS.get(source.kind))
        looked.append(result)
        if result.outcome == "unchanged" and kept is not None:
            self._state.put(replace(known, read_by=self._fetch_id))
            return Listed(known.final, kept, known.content_type)
        if result.outcome != "fetched":
            return None
        fresh = self._answered(known, result)
        self._state.put(replace(fresh, status="done", sha256=self._state.keep(result.answer.data)))
        return Listed(result.address, result.answer.data, fresh.content_type)

    def _answered(self, known: Known, result: Result) -> Known:
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
            read_by=self._fetch_id,
        )

    def _page(self, source: Source, link: Link) -> str:
        """Fetch one page; what came of it."""
        if link.rule == "warc file":
            return self._warc_file(source, link)
        address = link.page_address
        known = self._state.get(source.name, "page", address)
        now = dt.datetime.now(dt.UTC)
        if known.status == "waiting":
            return "fetched"
        if known.read_by == self._fetch_id and known.status == "done":
            return "unchanged"
        if known.next_try and now < known.next_try:
            return "set aside before" if known.status == "aside" else "to be tried later"
        headers = _validators(known) if known.status == "done" else {}
        if link.record:
            if known.status == "done":
                return "unchanged"  # a record of an archive does not change
            first, length = link.record
            headers = {"range": f"bytes={first}-{first + length - 1}"}
        result = self._fetcher.fetch(source, link.address, "record" if link.record else "page", headers)
        if result.outcome == "fetched" and link.record:
            return self._record(source, known, result)
        if result.outcome == "fetched":
            kind = CAPTURE_KINDS.get(source.kind, "web")
            return self._keep(self._answered(replace(known, kind=kind), result), known, result.answer.data)
        if result.outcome == "unchanged":
            self._state.put(replace(known, read_by=self._fetch_id, tries=0, next_try=None, history=[]))
            return "unchanged"
        if result.outcome in ("robots", "left alone", "budget"):
            return {"robots": "robots.txt", "left alone": "host left alone", "budget": "beyond the budget"}[
                result.outcome
            ]
        return self._failed(source, known, result.rule, result.reason, for_good=result.outcome == "refused")

    def _keep(self, fresh: Known, before: Known, data: bytes) -> str:
        """Keep the bytes of a page for the release, unless the last one has them."""
        sha256 = self._state.keep(data)
        same = before.status == "done" and before.sha256 == sha256
        self._state.put(replace(fresh, status="done" if same else "waiting", sha256=sha256))
        return "unchanged" if same else "fetched"

    def _record(self, source: Source, known: Known, result: Result) -> str:
        """Keep the page that a record of a WARC file holds."""
        try:
            found = next(iter(responses(result.answer.data, MAX_BYTES)), None)
        except ValueError as error:
            return self._failed(source, known, "record", str(error), for_good=False)
        if found is None:
            return self._failed(source, known, "record", "the record holds no page", for_good=True)
        fresh = replace(
            self._answered(replace(known, kind="warc"), result),
            etag=found.etag,
            last_modified=found.last_modified,
            content_type=found.content_type,
            fetched_at=found.fetched_at,
        )
        return self._keep(fresh, known, found.data)

    def _warc_file(self, source: Source, link: Link) -> str:
        """Keep the pages of an addressed WARC file."""
        known = self._state.get(source.name, "list", link.address)
        if known.read_by == self._fetch_id:
            return "unchanged"
        headers = _validators(known) if known.status == "done" else {}
        result = self._fetcher.fetch(source, link.address, "record", headers, MAX_WARC)
        if result.outcome != "fetched":
            return "unchanged" if result.outcome == "unchanged" else "failed"
        try:
            for found in responses(result.answer.data, MAX_BYTES):
                page = self._state.get(source.name, "page", found.address)
                inner = Link(found.address, None, None, "warc", page=found.address)
                with self._lock:
                    self.fetched.links += 1
                rule = choose(replace(inner, address=link.address), source)
                if rule or (page.fetched_at and page.fetched_at >= found.fetched_at):
                    self._pass(rule or "older capture", inner)
                    continue
                fresh = self._answered(replace(page, kind="warc"), result)
                fresh = replace(
                    fresh,
                    etag=found.etag,
                    last_modified=found.last_modified,
                    content_type=found.content_type,
                    fetched_at=found.fetched_at,
                    final=found.address,
                )
                outcome = self._keep(fresh, page, found.data)
                with self._lock:
                    self.fetched.outcomes[outcome] += 1
        except ValueError as error:
            with self._lock:
                self.fetched.told.append(f"{source.name}: {link.address}: {error}")
            return "failed"
        self._state.put(replace(self._answered(known, result), status="done"))
        return "file read"

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
            why = f"{reason}; tried in {tries} runs, to be tried again after {ASIDE_FOR.days} days"
            self.fetched.unreached.append(Unreached(source.name, known.address, why, history))
        return "set aside"


def _validators(known: Known) -> dict[str, str]:
    """Headers by which a page that is as it was costs a 304."""
    headers = {}
    if known.etag:
        headers["if-none-match"] = known.etag
    if known.last_modified:
        headers["if-modified-since"] = known.last_modified
    return headers


def collect(
    sources: list[Source],
    folder: DataFolder,
    state: State,
    progress: Progress = no_progress,
    *,
    today: dt.date | None = None,
) -> Fetched:
    """Fetch what is new in some sources; the requests are in the ledger when it returns.

    Args:
        sources: the sources; those of the kind `folder` have nothing to fetch.
        folder: the data folder.
        state: its state of fetching; the caller holds its lock.
        progress: is told source, pages done and total.
        today: the day; in China by default.
    """
    flush(folder, state)  # of a run that was killed
    fetch_id, _ = state.begin()
    day = today or dt.datetime.now(CHINA).date()
    with Client() as client:
        pace = Pace(state.left_hosts())
        collector = Collector(state, fetch_id, client, pace, progress)
        try:
            _in_threads(
                lambda source: collector.read(source, day), [s for s in sources if s.kind != "folder"], pace.stop
            )
        finally:
            flush(folder, state)
    fetched = collector.fetched
    fetched.pages = [_page(known, state.bodies) for known in state.with_status("waiting")]
    fetched.unreached += _recorded(state, fetch_id, fetched.unreached)
    return fetched


def _in_threads(work: Callable[[Source], None], sources: list[Source], stop: Callable[[], None]) -> None:
    """Do the work for each source; where it is interrupted, `stop` ends what is under way."""
    with ThreadPoolExecutor(max(1, min(SOURCES_AT_ONCE, len(sources)))) as pool:
        try:
            for _ in pool.map(work, sources):
                pass
        except BaseException:
            stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _recorded(state: State, fetch_id: str, now: list[Unreached]) -> Iterator[Unreached]:
    """Pages that this fetch set aside before it was killed."""
    met = {(page.source, page.source_uri) for page in now}
    for known in state.with_status("aside"):
        if known.read_by == fetch_id and (known.source, known.address) not in met:
            reason = known.history[-1]["reason"] if known.history else "it could not be fetched"
            yield Unreached(known.source, known.address, reason, known.history)


def _page(known: Known, bodies: Path) -> FetchedPage:
    return FetchedPage(
        source=known.source,
        source_uri=known.address,
        path=bodies / str(known.sha256),
        content_type=known.content_type,
        source_kind=known.kind,
        fetched_at=known.fetched_at or dt.datetime.now(dt.UTC),
        changed_at=http_time(known.last_modified),
        tag=known.etag,
    )


def flush(folder: DataFolder, state: State) -> None:
    """Bring the rows of the ledger to the table `requests`; each once, also where this is cut short."""
    rows = state.logged()
    if not rows:
        return
    typed = [row | {"requested_at": dt.datetime.fromisoformat(row["requested_at"])} for row in rows]
    ids = [row["request_id"] for row in rows]
    Tables(folder).replace("requests", TABLES["requests"].frame(typed), ids, key="request_id")
    state.forget_logged(ids)
