"""The sources of a run: find links, choose, fetch. What was fetched waits in the state until a release has it.

Each source is read in a thread of its own, so that a slow site holds up nobody but itself; requests to one host go through one pace.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from flows.fetch.client import Client
from flows.fetch.fetcher import Fetcher, Result, host_of
from flows.fetch.outcome import Fetched, Unreached
from flows.fetch.pace import Pace
from flows.fetch.pages import Pages, answered, validators
from flows.fetch.state import Known, State
from flows.progress import Progress, no_progress
from flows.read.fetched import FetchedPage
from flows.read.kinds import Link, Listed, choose, find_links
from flows.read.kinds.sitemap import MAX_BYTES as MAX_SITEMAP
from flows.read.warc import http_time
from schemas.errors import LvzhiError
from schemas.sources import Source
from schemas.tables import TABLES
from storage.folder import DataFolder
from storage.tables import Tables

CHINA = ZoneInfo("Asia/Shanghai")
SOURCES_AT_ONCE = 8
LIST_LIMITS = {"sitemap": MAX_SITEMAP, "warc": MAX_SITEMAP}


class Collector:
    """Reads the sources of one run."""

    def __init__(
        self, state: State, fetch_id: str, client: Client, pace: Pace, progress: Progress = no_progress
    ) -> None:
        self._state = state
        self._fetch_id = fetch_id
        self._fetcher = Fetcher(client, pace, state, fetch_id)
        self._lock = Lock()
        self.fetched = Fetched(fetch_id)
        self._pages = Pages(state, fetch_id, self._fetcher, self.fetched, self._lock)
        self._hosts = _HostProgress(progress)

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
        self._tell_numbers(source, len(links))
        # Where the budget does not suffice for all, those that were never read come first.
        links.sort(key=lambda link: self._state.get(source.name, "page", link.page_address).status == "done")
        most = source.expect.maximum
        for _ in links[most:]:
            self._pass("above maximum")
        chosen = links[:most]
        self._hosts.expect(chosen)
        with ThreadPoolExecutor(source.politeness.connections) as pool:
            for link, outcome in zip(
                chosen, pool.map(lambda link: self._pages.fetch(source, link), chosen), strict=True
            ):
                with self._lock:
                    self.fetched.outcomes[outcome] += 1
                self._hosts.done(link)
        bad = [result for result in looked if result.outcome not in ("fetched", "unchanged")]
        return bad[0].reason if bad and len(bad) == len(looked) else ""

    def _tell_numbers(self, source: Source, found: int) -> None:
        """Tell where fewer or more reports are found than the source should have."""
        expect = source.expect
        told = []
        if found > expect.maximum:
            told.append(
                f"{source.name}: {found} links are chosen, more than the maximum of {expect.maximum}; see `find`"
            )
        if found < expect.minimum:
            told.append(f"{source.name}: {found} reports found, {expect.minimum} are the least expected")
        with self._lock:
            self.fetched.told += told

    def _pass(self, rule: str) -> None:
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
                self._pass(rule)
            else:
                chosen[key] = link
        return list(chosen.values())

    def _look(self, source: Source, address: str, looked: list[Result]) -> Listed | None:
        """A list page: asked for if it changed, else as it was read last."""
        known = self._state.get(source.name, "list", address)
        kept = self._state.body(known.sha256)
        if known.read_by == self._fetch_id and kept is not None:
            return Listed(known.final, kept, known.content_type)
        headers = validators(known) if kept is not None else {}
        result = self._fetcher.fetch(source, address, "list", headers, LIST_LIMITS.get(source.kind))
        looked.append(result)
        if result.outcome == "unchanged" and kept is not None:
            self._state.put(replace(known, read_by=self._fetch_id))
            return Listed(known.final, kept, known.content_type)
        if result.outcome != "fetched":
            return None
        fresh = answered(known, result, self._fetch_id)
        self._state.put(replace(fresh, status="done", sha256=self._state.keep(result.answer.data)))
        return Listed(result.address, result.answer.data, fresh.content_type)


class _HostProgress:
    """Pages that were fetched and that are expected, by host over all sources that ask it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done: Counter[str] = Counter()
        self._expected: Counter[str] = Counter()
        self._lock = Lock()

    def expect(self, links: list[Link]) -> None:
        """Add pages to be fetched."""
        with self._lock:
            self._expected.update(host_of(link.address) for link in links)

    def done(self, link: Link) -> None:
        """Count one as done."""
        host = host_of(link.address)
        with self._lock:
            self._done[host] += 1
            self._progress(host, self._done[host], self._expected[host])


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
    with folder.committing():  # for a moment: maintenance puts the files of the table together
        Tables(folder).replace("requests", TABLES["requests"].frame(typed), ids, key="request_id")
    state.forget_logged(ids)
