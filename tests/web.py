"""A real web server on this machine that plays sites, with all that goes wrong on them; its log says what was asked."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import ipaddress
import select
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    at: float
    connection: int
    body: bytes = b""


Route = Callable[["Handler", int], None]  # answers; is told how often its path was asked before


@dataclass
class Site:
    """One site: routes by path, and the log of requests."""

    routes: dict[str, Route] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    address: str = ""

    def url(self, path: str) -> str:
        return self.address + path

    def asked(self, path: str | None = None) -> list[str]:
        """Paths in the order of the requests, but robots.txt; of one path if it is named."""
        return [a.path for a in self.log if (a.path == path if path else a.path != "/robots.txt")]


class Handler(BaseHTTPRequestHandler):
    """Answers by the routes of its site."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is sent in one piece, else each waits for an acknowledgement
    site: Site

    def do_GET(self) -> None:
        before = self.site.counts[self.path]
        self.site.counts[self.path] += 1
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.site.log.append(Asked(self.path, headers, time.monotonic(), self.client_address[1], body))
        route = self.site.routes.get(self.path.partition("?")[0], status(404))
        try:
            route(self, before)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the name that the library calls

    def answer(self, code: int, body: bytes = b"", **headers: Any) -> None:
        self.send_response(code)
        said = {"content_type": "text/html", "content_length": len(body)} | headers
        for name, value in said.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the log of the site has it."""


def page(body: str | bytes, encoding: str = "utf-8", **headers: Any) -> Route:
    data = body if isinstance(body, bytes) else body.encode(encoding)
    return lambda handler, n: handler.answer(200, data, **headers)


def tagged(body: str | bytes) -> Route:
    """A page with an ETag, that answers 304 where it is known."""
    data = body if isinstance(body, bytes) else body.encode()
    tag = f'"{hashlib.sha256(data).hexdigest()[:12]}"'

    def route(handler: Handler, n: int) -> None:
        if handler.headers.get("if-none-match") == tag:
            handler.answer(304, content_type=None, content_length=None, etag=tag)
        else:
            handler.answer(200, data, etag=tag)

    return route


def dated(body: str, at: dt.datetime) -> Route:
    """A page with Last-Modified, that answers 304 where it is known."""
    said = at.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def route(handler: Handler, n: int) -> None:
        if handler.headers.get("if-modified-since") == said:
            handler.answer(304, content_type=None, content_length=None)
        else:
            handler.answer(200, body.encode(), last_modified=said)

    return route


def status(code: int, **headers: Any) -> Route:
    return lambda handler, n: handler.answer(code, b"no", **headers)


def redirect(target: str, code: int = 302) -> Route:
    return lambda handler, n: handler.answer(code, location=target)


def then(first: Route, times: int, after: Route) -> Route:
    """One answer for some times, then another one."""
    return lambda handler, n: (first if n < times else after)(handler, n)


def changing(*bodies: str) -> Route:
    """Another body with each request; the last one from then on."""
    return lambda handler, n: page(bodies[min(n, len(bodies) - 1)])(handler, n)


def slow(seconds: float, route: Route) -> Route:
    def wait(handler: Handler, n: int) -> None:
        time.sleep(seconds)
        route(handler, n)

    return wait


def dripping(seconds: float, pause: float = 0.1) -> Route:
    """A page that comes byte by byte and takes its time."""

    def route(handler: Handler, n: int) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/html")
        handler.send_header("connection", "close")
        handler.end_headers()
        for _ in range(int(seconds / pause)):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(pause)
        handler.close_connection = True

    return route


def cut_off(body: str, share: float = 0.5) -> Route:
    """A page that ends in mid-body: its length promises more."""

    def route(handler: Handler, n: int) -> None:
        data = body.encode()
        handler.send_response(200)
        handler.send_header("content-type", "text/html")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: int(len(data) * share)])
        handler.close_connection = True

    return route


def gzip_bomb(megabytes: int = 300) -> Route:
    data = gzip.compress(bytes(1_000_000) * megabytes)
    return page(data, content_encoding="gzip")


@contextmanager
def served(site: Site, *, host: str = "127.0.0.1", certificate: Path | None = None) -> Iterator[Site]:
    """The site at an address of its own while the block runs; over TLS with a certificate (and its key in one file)."""
    handler = type("SiteHandler", (Handler,), {"site": site})
    server = ThreadingHTTPServer((host, 0), handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    site.address = f"{scheme}://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Proxy(BaseHTTPRequestHandler):
    """Passes on what it is asked for: an address of http as it is, of https through a tunnel."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        host, _, rest = self.path.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port or 80)), timeout=10) as server:
            kept = [f"{k}: {v}" for k, v in self.headers.items() if not k.lower().startswith(("proxy-", "connection"))]
            lines = [f"GET /{rest} HTTP/1.1", *kept, "Connection: close", "", ""]
            server.sendall("\r\n".join(lines).encode())
            while data := server.recv(65_536):
                self.wfile.write(data)
        self.close_connection = True

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        name, _, port = self.path.partition(":")
        with socket.create_connection((name, int(port)), timeout=10) as server:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: server, server: self.connection}
            while ready := select.select(list(ends), [], [], 10)[0]:
                for end in ready:
                    if not (data := end.recv(65_536)):
                        self.close_connection = True
                        return
                    ends[end].sendall(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy at an address of its own while the block runs, and what it was asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Proxy", (_Proxy,), {"asked": asked}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def served_http2(pages: dict[str, str], certificate: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Pages over TLS from a server that offers HTTP/2; its address, and version and path of each request."""
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    asked: list[tuple[str, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        asked.append((scope["http_version"], scope["path"]))
        body = pages.get(scope["path"])
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 404 if body is None else 200, "headers": headers})
        await send({"type": "http.response.body", "body": (body or "").encode()})

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile = config.keyfile = str(certificate)
    config.errorlog = None
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()
    running = threading.Thread(
        target=lambda: loop.run_until_complete(serve(app, config, shutdown_trigger=ended.wait)), daemon=True
    )
    running.start()
    for _ in range(500):
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.02)
    try:
        yield f"https://127.0.0.1:{port}", asked
    finally:
        loop.call_soon_threadsafe(ended.set)
        running.join(timeout=30)
        loop.close()


def self_signed(folder: Path) -> Path:
    """A certificate that nobody vouches for, with its key in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def report(place: str, year: int, filed: int = 312) -> str:
    """A page with a work report of a committee of a place."""
    title = f"政协{place}委员会常务委员会工作报告"
    text = [
        f"{year}年,政协{place}委员会常务委员会在中共{place}委的领导下,团结带领全体委员,认真履行职能,取得了新的成绩。",
        f"一年来,共收到提案{filed + 45}件,经审查立案{filed}件,办复率达到100%。",
        f"围绕优化营商环境组织委员开展专题调研{filed % 17 + 3}次,召开协商座谈会{filed % 7 + 4}次,形成调研报告{filed % 5 + 2}份。",
        f"收集社情民意信息{filed * 2}条,其中{filed % 40 + 11}条得到市领导批示,为推动高质量发展作出了积极贡献。",
    ]
    body = "".join(f"<p>{line}</p>" for line in text)
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p>发布时间:{year + 1}-01-18</p><div class='article'>{body}</div></body></html>"
    )
