"""What robots.txt of a site allows, after RFC 9309: what is not there forbids nothing, what cannot be reached forbids all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from protego import Protego

from flows.fetch.client import Answer
from flows.fetch.state import State

# Agents in robots.txt are compared with the name of the program.
AGENT = "lvzhi"
FRESH = dt.timedelta(days=1)
MAX_BYTES = 512_000
# A longer delay is no delay but a refusal; the host is asked as seldom as this.
MAX_DELAY = 300.0
FORBIDDEN = "User-agent: *\nDisallow: /\n"


class Robots:
    """Decides whether addresses may be asked. The file of each site is read once a day.

    Args:
        state: keeps the files.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._read: dict[str, tuple[Protego, bool]] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def decide(self, address: str, ask: Callable[[str], Answer]) -> tuple[str, float]:
        """Whether an address may be asked.

        Args:
            address: the address.
            ask: gets the address of a robots.txt.

        Returns:
            `allowed`, `forbidden` or `unreachable`; and the crawl-delay in seconds.
        """
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            lock = self._locks.setdefault(origin, Lock())
        with lock:
            rules, reached = self._read.get(origin) or self._load(origin, ask)
        if not reached:
            return "unreachable", 0.0
        delay = min(float(rules.crawl_delay(AGENT) or 0.0), MAX_DELAY)
        return ("allowed" if rules.can_fetch(address, AGENT) else "forbidden"), delay

    def _load(self, origin: str, ask: Callable[[str], Answer]) -> tuple[Protego, bool]:
        text, reached = self._state.robots(origin, FRESH), True
        if text is None:
            answer = ask(f"{origin}/robots.txt")
            if answer.status == 200 and not answer.fault:
                text = answer.data[:MAX_BYTES].decode("utf-8", "replace")
            elif answer.refused or (answer.status is not None and 300 <= answer.status < 500 and answer.status != 429):
                text = ""
            else:
                text, reached = FORBIDDEN, False
            if reached:
                self._state.put_robots(origin, text)
        self._read[origin] = (Protego.parse(text), reached)
        return self._read[origin]
