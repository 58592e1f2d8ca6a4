"""Which addresses may be asked: schemes, hosts, and no target in the own network, also after its name is resolved."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

import httpcore
import httpx

SCHEMES = ("http", "https")
# Prefixes in which an address of version 4 is written as one of version 6 (RFC 6052, RFC 8215).
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


class RefusedError(Exception):
    """An address that is not asked, by a named rule.

    Args:
        rule: the rule, as it stands in `requests`.
        reason: what is wrong.
    """

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


def check_address(address: str, hosts: Collection[str]) -> None:
    """Refuse an address that a source may not ask, as far as it can be told without resolving its name.

    Args:
        address: the address.
        hosts: hosts that may be asked, in small letters.

    Raises:
        RefusedError: rule `scheme` or `host`.
    """
    try:
        parts = httpx.URL(address)
        urlsplit(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedError("address", f"{address!r} is no address: {error}") from error
    if parts.scheme not in SCHEMES:
        raise RefusedError("scheme", f"{address}: only http and https are asked")
    if parts.host.lower() not in hosts:
        raise RefusedError("host", f"{address}: the source may not ask {parts.host}; name it under `hosts`")
    if parts.userinfo:
        raise RefusedError("userinfo", f"{parts.host}: addresses with a password are not asked")


def is_public(ip: str) -> bool:
    """Whether a numeric address is one of the public network, also one of version 4 that is written as version 6."""
    parsed = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed.teredo:
            inner = parsed.teredo[1]
        if inner is None and any(parsed in net for net in NAT64):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if parsed.is_site_local:
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def resolve(host: str, port: int, private: Iterable[str] = ()) -> list[str]:
    """Numeric addresses of a host, all public.

    Args:
        host: the host.
        port: the port.
        private: networks that are not public and may be asked all the same.

    Raises:
        RefusedError: rule `private address`, where one of them may not be asked.
        httpcore.ConnectError: the name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
    ips = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    networks = [ipaddress.ip_network(network) for network in private]
    for ip in ips:
        if not is_public(ip) and not any(ipaddress.ip_address(ip.partition("%")[0]) in network for network in networks):
            raise RefusedError("private address", f"{host} is {ip}, in a network that is not public; see `private`")
    return ips


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the very address that was checked, so that a name cannot change in between.

    Args:
        private: networks that are not public and may be asked all the same.
    """

    def __init__(self, private: Iterable[str] = ()) -> None:
        super().__init__()
        self._private = tuple(private)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the addresses of a host.

        Raises:
            RefusedError: the host is in a network that is not public.
            httpcore.ConnectError: none of them answers.
        """
        ips = resolve(host, port, self._private)
        for ip in ips[:-1]:
            try:
                return super().connect_tcp(ip, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return super().connect_tcp(ips[-1], port, timeout, local_address, socket_options)
