"""One request: HTTP/1.1 or 2, TLS verified, no redirects, no cookies, limits on size and time."""

from __future__ import annotations

import importlib.metadata
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from types import TracebackType
from typing import cast

import httpcore
import httpx

from flows.fetch.body import ACCEPTED, TooLateError, read_body
from flows.fetch.guard import GuardedBackend, RefusedError, resolve
from flows.read.page import max_bytes
from schemas.errors import UsageError

# Seconds that a connection may take, and that no byte may come.
CONNECT_SECONDS, SILENT_SECONDS = 15.0, 30.0
FAULTS = (RefusedError, TooLateError, httpx.HTTPError, httpcore.ConnectError, ValueError, OSError)
CONTACT, PROXY = "LVZHI_CONTACT", "LVZHI_PROXY"


@dataclass(frozen=True)
class Answer:
    """An answer, or what went wrong instead.

    Attributes:
        status: status of HTTP; nothing where there was no answer.
        headers: its headers, names in small letters.
        data: its bytes, unpacked; empty where they are of no use.
        came: bytes that came.
        seconds: time that it took.
        fault: what went wrong: `timeout`, `cut off`, `connect`, `tls`, `damaged`, `protocol`; or the rule by which it was refused.
        refused: whether it was.
        reason: what went wrong, in words.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""
    came: int = 0
    seconds: float = 0.0
    fault: str = ""
    refused: bool = False
    reason: str = ""


@dataclass
class _Came:
    """What has come of an answer so far."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    bytes: int = 0


class Client:
    """Sends requests. Connections are kept and reused, apart by the networks that they may go to."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, ...], httpx.HTTPTransport] = {}
        self._lock = Lock()
        self._proxy = os.environ.get(PROXY) or None
        self._agent = user_agent()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports.values():
            transport.close()

    def get(
        self,
        address: str,
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float = 60.0,
        private: Sequence[str] = (),
        limit: int | None = None,
    ) -> Answer:
        """Ask for an address, once.

        Args:
            address: the address.
            headers: further headers.
            seconds: time that it may take, from the request to the last byte.
            private: networks that are not public and may be asked all the same.
            limit: bytes that the answer may have; by its media type if none is given.
        """
        began = time.monotonic()
        request = httpx.Request(
            "GET",
            address,
            headers={
                "user-agent": self._agent,
                "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf,*/*;q=0.5",
                "accept-language": "zh-CN,zh;q=0.9,zh-TW;q=0.6,en;q=0.3",
                "accept-encoding": ACCEPTED,
                **(headers or {}),
            },
            extensions={"timeout": _timeouts(seconds)},
        )
        came = _Came()
        fault, refused, reason = "", False, ""
        try:
            self._ask(request, tuple(private), limit, began + seconds, came)
        except FAULTS as error:
            fault, refused, reason = _explain(error, time.monotonic() - began)
        data = b"" if fault else came.data
        taken = time.monotonic() - began
        return Answer(came.status, came.headers, data, came.bytes, taken, fault, refused, reason)

    def _ask(
        self, request: httpx.Request, private: tuple[str, ...], limit: int | None, deadline: float, came: _Came
    ) -> None:
        """Send a request, and note what comes as it comes: a status counts also where the body is cut off."""
        if self._proxy:
            # The proxy resolves the name again: a name that changes in between is its to refuse.
            resolve(request.url.host, request.url.port or 443, private)
        response = self._transport(private).handle_request(request)
        try:
            came.status = response.status_code
            came.headers = {name.lower(): value for name, value in response.headers.items()}
            most = limit or max_bytes(came.headers.get("content-type", "").split(";")[0].strip().lower())
            length = came.headers.get("content-length", "")
            if length.isdecimal() and int(length) > most:
                raise RefusedError("size", f"{length} bytes, more than the {most} that it may have")
            chunks = cast(httpx.SyncByteStream, response.stream)
            came.data, came.bytes = read_body(chunks, came.headers.get("content-encoding", ""), most, deadline)
        finally:
            response.close()

    def _transport(self, private: tuple[str, ...]) -> httpx.HTTPTransport:
        with self._lock:
            if private not in self._transports:
                self._transports[private] = _Transport(private, self._proxy)
            return self._transports[private]


class _Transport(httpx.HTTPTransport):
    """httpx's transport over connections to checked addresses."""

    def __init__(self, private: tuple[str, ...], proxy: str | None) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30)
        # HTTP/2 is spoken where a server offers it in its TLS handshake.
        super().__init__(http2=True, limits=limits, proxy=proxy)
        if proxy is None:
            # httpx has no parameter for the backend of the network; httpcore, beneath it, has.
            self._pool.close()
            self._pool = httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(),
                max_connections=limits.max_connections,
                max_keepalive_connections=limits.max_keepalive_connections,
                keepalive_expiry=limits.keepalive_expiry,
                http1=True,
                http2=True,
                network_backend=GuardedBackend(private),
            )


def _explain(error: Exception, seconds: float) -> tuple[str, bool, str]:
    """Fault, whether it is a refusal, and what went wrong in words."""
    match error:
        case RefusedError():
            return error.rule, True, error.reason
        case TooLateError() | httpx.TimeoutException():
            return "timeout", False, f"not there after {seconds:.0f} s"
        case httpx.ConnectError():
            is_tls = "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper()
            return "tls" if is_tls else "connect", False, str(error)
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return "cut off", False, str(error)
        case ValueError():
            return "damaged", False, str(error)
    return "protocol", False, f"{type(error).__name__}: {error}"


def _timeouts(seconds: float) -> dict[str, float]:
    connect, silent = min(CONNECT_SECONDS, seconds), min(SILENT_SECONDS, seconds)
    return {"connect": connect, "read": silent, "write": silent, "pool": seconds}


def user_agent() -> str:
    """Who asks: the program and, where the setting has one, a contact."""
    contact = " ".join(os.environ.get(CONTACT, "").split())
    return f"lvzhi/{importlib.metadata.version('lvzhi')}" + (f" (+{contact})" if contact else "")


def require_contact() -> None:
    """Ask nobody outside without saying who asks.

    Raises:
        UsageError: no contact is set.
    """
    if not os.environ.get(CONTACT, "").strip():
        raise UsageError(
            f"set {CONTACT} to an address (mail or web) at which the sites that are fetched can reach you; it is sent "
            "with each request"
        )
