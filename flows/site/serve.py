"""The site on this machine: a small server for one reader, on the loopback address alone."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flows.site.pages import POLICY
from schemas.errors import SourceError

HOST = "127.0.0.1"
HEADERS = {
    # A meta element cannot say the last part.
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Handler(SimpleHTTPRequestHandler):
    """Files of the site, with the security policy as headers, too."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
        ".json": "application/json; charset=utf-8",
    }

    def end_headers(self) -> None:
        """Add the headers of every answer."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: one reader knows what is asked for."""


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of the site that listens, and answers once it is told to serve.

    Args:
        folder: the site.
        port: where; any free one for 0.

    Raises:
        SourceError: the port is taken.
    """
    try:
        return ThreadingHTTPServer((HOST, port), partial(Handler, directory=str(folder)))
    except OSError as error:
        raise SourceError(f"port {port} cannot be used: {error.strerror}; name another one with --port") from error
