"""Rate, budget and rest by host: one request at a time, a pause from one to the next, none where a host is to be left alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event
from types import MappingProxyType

# A host that fails so many times in a row, each time after all tries, is left for a while.
FAILURES = 3
REST_SECONDS = 1_800.0


class BudgetSpentError(Exception):
    """A host was asked as often as it may be in a run."""


class LeftAloneError(Exception):
    """A host is left alone for a while."""


@dataclass
class _Host:
    working: int = 0
    next_at: float = 0.0
    asked: int = 0
    failures: int = 0
    left_until: float = 0.0


class Pace:
    """Paces the requests to all hosts of a run.

    Args:
        left: hosts that are left alone, with the time (in seconds since 1970) until which.
    """

    def __init__(self, left: dict[str, float] | None = None) -> None:
        self._hosts: dict[str, _Host] = {}
        self._changed = Condition()
        self._stopped = Event()
        for host, until in (left or {}).items():
            self._hosts[host] = _Host(left_until=until)

    @contextmanager
    def turn(self, host: str, *, delay: float, connections: int, budget: int) -> Iterator[None]:
        """Wait until a host may be asked, and hold its place while it is.

        Args:
            host: the host.
            delay: seconds from one request to the next.
            connections: requests at a time.
            budget: requests in a run.

        Raises:
            BudgetSpentError: the budget is spent.
            LeftAloneError: the host is left alone.
        """
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            while state.working >= connections:
                self._changed.wait()
            self._require(state, budget)
            state.working += 1
            state.asked += 1
            # The time is taken at once, so that several waiting ones come one by one.
            now = time.monotonic()
            at = max(now, state.next_at)
            state.next_at = at + delay
        try:
            if at > now:
                self.wait(at - now)
            yield
        finally:
            with self._changed:
                state.working -= 1
                # From the end of a slow answer as well: a host that labours is not asked at once again.
                state.next_at = max(state.next_at, time.monotonic() + delay if connections == 1 else 0.0)
                self._changed.notify_all()

    def _require(self, state: _Host, budget: int) -> None:
        if self._stopped.is_set() or state.left_until > time.time():
            raise LeftAloneError
        if state.asked >= budget:
            raise BudgetSpentError

    def succeeded(self, host: str) -> None:
        """Note that a host answered."""
        with self._changed:
            self._hosts.setdefault(host, _Host()).failures = 0

    def failed(self, host: str) -> bool:
        """Note that a host failed after all tries; whether it is left alone from now on."""
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            state.failures += 1
            if state.failures >= FAILURES:
                state.left_until = max(state.left_until, time.time() + REST_SECONDS)
                return True
            return False

    def leave(self, host: str, seconds: float) -> None:
        """Leave a host alone for seconds, as it asked."""
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            state.left_until = max(state.left_until, time.time() + seconds)

    def wait(self, seconds: float) -> None:
        """Wait before a request is tried again.

        Raises:
            LeftAloneError: the run ends.
        """
        if self._stopped.wait(seconds):
            raise LeftAloneError

    def stop(self) -> None:
        """Leave all hosts alone from now on: the run ends."""
        self._stopped.set()

    @property
    def left(self) -> MappingProxyType[str, float]:
        """Hosts that are left alone, with the time until which."""
        now = time.time()
        with self._changed:
            return MappingProxyType({name: h.left_until for name, h in self._hosts.items() if h.left_until > now})
