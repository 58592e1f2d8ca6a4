"""One address, as a person would ask for it: robots.txt first, redirects one by one, tries with pauses, a row of the ledger each."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from flows.fetch.client import Answer, Client
from flows.fetch.guard import RefusedError, check_address
from flows.fetch.pace import BudgetSpentError, LeftAloneError, Pace
from flows.fetch.robots import Robots
from flows.fetch.state import State
from schemas.ids import make_id
from schemas.sources import Source

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 5
# What may be otherwise a moment later.
PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)
PASSING_FAULTS = ("timeout", "cut off", "connect", "protocol", "damaged")
TRIES = 3
# A host that asks for a longer pause is left alone for as long; the others go on.
MAX_PAUSE = 120.0


@dataclass(frozen=True)
class Result:
    """What came of an address.

    Attributes:
        outcome: `fetched`, `unchanged`, `refused`, `failed`, or why it was not asked for: `robots`, `left alone`, `budget`.
        rule: the rule or the fault behind it; empty for what was fetched.
        reason: the same in words.
        answer: the last answer.
        address: where the last answer came from.
        passing: whether it may be otherwise in a later run.
    """

    outcome: str
    rule: str = ""
    reason: str = ""
    answer: Answer = field(default_factory=Answer)
    address: str = ""
    passing: bool = False


class Fetcher:
    """Fetches addresses for the sources of one run."""

    def __init__(self, client: Client, pace: Pace, state: State, fetch_id: str) -> None:
        self._client = client
        self._pace = pace
        self._state = state
        self._fetch_id = fetch_id
        self._count = itertools.count()
        self._robots = Robots(state)

    def fetch(
        self,
        source: Source,
        address: str,
        purpose: str,
        headers: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Result:
        """Fetch an address.

        Args:
            source: the source, with its hosts and politeness.
            address: the address.
            purpose: `list`, `page` or `record`.
            headers: validators, or a range.
            limit: bytes that it may have; by its media type if none is given.
        """
        asked, seen = address, {address}
        for _ in range(MAX_REDIRECTS + 1):
            result = self._fetch_one(source, address, asked, purpose, dict(headers or {}), limit)
            if result.outcome != "redirected":
                return result
            address = result.address
            if address in seen:
                return self._stop(source, asked, address, purpose, "redirect loop", "redirects lead in a circle")
            seen.add(address)
        return self._stop(source, asked, address, purpose, "redirects", f"more than {MAX_REDIRECTS} redirects")

    def _stop(self, source: Source, asked: str, address: str, purpose: str, rule: str, reason: str) -> Result:
        """Refuse an address without a request, and log that."""
        answer = Answer(fault=rule, refused=True, reason=reason)
        self._log(source, address, asked, purpose, answer, "refused", rule, robots="not asked")
        return Result("refused", rule, reason, answer, address)

    def _fetch_one(
        self, source: Source, address: str, asked: str, purpose: str, headers: dict[str, str], limit: int | None
    ) -> Result:
        """One address without its redirects."""
        try:
            check_address(address, source.allowed_hosts)
        except RefusedError as error:
            return self._stop(source, asked, address, purpose, error.rule, error.reason)
        host = host_of(address)
        decision, crawl_delay = self._robots.decide(address, lambda robots_txt: self._ask_robots(source, robots_txt))
        if decision != "allowed":
            said = "robots.txt forbids it" if decision == "forbidden" else "robots.txt cannot be reached"
            self._log(source, address, asked, purpose, Answer(reason=said), "refused", "robots", robots=decision)
            return Result("robots", decision, said, address=address, passing=decision == "unreachable")
        return self._try(source, address, asked, host, purpose, headers, crawl_delay, limit)

    def _try(
        self,
        source: Source,
        address: str,
        asked: str,
        host: str,
        purpose: str,
        headers: dict[str, str],
        crawl_delay: float,
        limit: int | None,
    ) -> Result:
        """Ask up to `TRIES` times."""
        polite = source.politeness
        result = Result("failed")
        for attempt in range(1, TRIES + 1):
            try:
                with self._pace.turn(
                    host,
                    delay=max(polite.delay, crawl_delay),
                    connections=polite.connections,
                    budget=polite.budget,
                ):
                    answer = self._client.get(
                        address, headers, seconds=polite.timeout, private=polite.private, limit=limit
                    )
            except BudgetSpentError:
                return Result("budget", "budget", f"{polite.budget} requests to {host} are spent", passing=True)
            except LeftAloneError:
                reason = result.reason or f"{host} is left alone for a while"
                return Result("left alone", result.rule or "left alone", reason, address=address, passing=True)
            result = self._judge(address, answer)
            noted = replace(answer, reason=result.reason)
            self._log(source, address, asked, purpose, noted, result.outcome, result.rule, attempt=attempt)
            if not result.passing:
                self._pace.succeeded(host)
                return result
            pause = pause_of(answer.headers, attempt, polite.backoff)
            if pause > MAX_PAUSE:
                self._pace.leave(host, pause)
                break
            if attempt == TRIES:
                continue
            try:
                self._pace.wait(pause)
            except LeftAloneError:
                break
        else:
            self._pace.failed(host)
        self._state.leave_hosts(dict(self._pace.left))
        return result

    def _judge(self, address: str, answer: Answer) -> Result:
        """What an answer is worth."""
        status = answer.status
        if answer.refused:
            return Result("refused", answer.fault, answer.reason, answer, address)
        if status is not None and status in PASSING_STATUS:
            return Result("failed", f"status {status}", f"HTTP {status}", answer, address, passing=True)
        if answer.fault:
            return Result("failed", answer.fault, answer.reason, answer, address, answer.fault in PASSING_FAULTS)
        if status in REDIRECTS:
            target = answer.headers.get("location", "")
            if not target:
                return Result("failed", "redirect", "a redirect that leads nowhere", answer, address)
            try:
                return Result("redirected", f"status {status}", "", answer, urljoin(address, target).partition("#")[0])
            except ValueError:
                return Result("failed", "redirect", f"a redirect to {target!r}", answer, address)
        if status == 304:
            return Result("unchanged", "", "", answer, address)
        if status in (200, 206):
            return Result("fetched", "", "", answer, address)
        return Result("failed", f"status {status}", f"HTTP {status}", answer, address)

    def _ask_robots(self, source: Source, address: str) -> Answer:
        """Get a robots.txt, over redirects within the hosts of the source."""
        asked = address
        for _ in range(MAX_REDIRECTS + 1):
            try:
                check_address(address, source.allowed_hosts)
            except RefusedError as error:
                return self._stop(source, asked, address, "robots", error.rule, error.reason).answer
            result = self._try(source, address, asked, host_of(address), "robots", {}, 0.0, None)
            if result.outcome in ("left alone", "budget"):
                return Answer(fault=result.outcome)
            if result.outcome != "redirected":
                return result.answer
            address = result.address
        return Answer(status=310, fault="redirects", refused=True)

    def _log(
        self,
        source: Source,
        address: str,
        asked: str,
        purpose: str,
        answer: Answer,
        outcome: str,
        rule: str,
        *,
        robots: str = "",
        attempt: int = 1,
    ) -> None:
        """Add a row to the ledger."""
        now = dt.datetime.now(dt.UTC)
        headers = answer.headers
        self._state.log(
            {
                "request_id": make_id(self._fetch_id, now.isoformat(), next(self._count), address),
                "fetch_id": self._fetch_id,
                "source": source.name,
                "purpose": purpose,
                "address": address,
                "asked_for": asked,
                "host": host_of(address),
                "requested_at": (now - dt.timedelta(seconds=answer.seconds)).isoformat(),
                "seconds": round(answer.seconds, 4),
                "attempt": attempt,
                "robots": robots or ("not asked" if purpose == "robots" else "allowed"),
                "status": answer.status,
                "bytes": answer.came,
                "content_type": headers.get("content-type", ""),
                "etag": headers.get("etag"),
                "last_modified": headers.get("last-modified"),
                "sha256": hashlib.sha256(answer.data).hexdigest() if outcome == "fetched" else None,
                "outcome": outcome,
                "rule": rule,
                "reason": answer.reason,
            }
        )


def host_of(address: str) -> str:
    """Host and port of an address, by which requests are paced; empty where it has none."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def pause_of(headers: Mapping[str, Any], attempt: int, backoff: float) -> float:
    """Seconds to wait before the next try: as the answer asks for, else the back-off, doubled with each try."""
    said = str(headers.get("retry-after", "")).strip()
    if said.isdecimal():
        return float(said)
    try:
        at = email.utils.parsedate_to_datetime(said)
        return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())
    except (ValueError, TypeError):
        return backoff * float(2 ** (attempt - 1))
