"""Bytes of an answer, unpacked step by step, so that nothing is unpacked beyond its limit."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli

from flows.fetch.guard import RefusedError

ACCEPTED = "gzip, deflate, br"
STEP = 65_536


class TooLateError(Exception):
    """An answer takes longer than it may."""


class _Unpacker(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """What more bytes unpack to, in steps of at most `STEP` bytes."""
        ...


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip, and deflate with or without the header that the standard asks for."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._object = zlib.decompressobj(wbits)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                out = self._object.decompress(data, STEP)
            except zlib.error:
                if self._begun or self._wbits != zlib.MAX_WBITS:
                    raise
                self._begun = True
                self._object = zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._begun = True
            yield out
            data = self._object.unconsumed_tail
            if self._object.eof and self._object.unused_data and self._wbits > zlib.MAX_WBITS:
                # A gzip file may have several members.
                data = self._object.unused_data
                self._object = zlib.decompressobj(self._wbits)


class _Brotli:
    def __init__(self) -> None:
        self._object = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        out = self._object.process(data, output_buffer_limit=STEP)
        while True:
            yield out
            if self._object.can_accept_more_data() or self._object.is_finished():
                return
            out = self._object.process(b"", output_buffer_limit=STEP)


def read_body(chunks: Iterable[bytes], encoding: str, limit: int, deadline: float) -> tuple[bytes, int]:
    """The bytes of an answer.

    Args:
        chunks: the bytes as they come.
        encoding: its Content-Encoding.
        limit: bytes that it may have, packed as well as unpacked.
        deadline: when it must be there, on the monotonic clock in seconds.

    Returns:
        The bytes unpacked, and the number of bytes that came.

    Raises:
        RefusedError: rule `size`, `unpacked size` or `encoding`.
        TooLateError: the deadline has passed.
        ValueError: the packed bytes are damaged.
    """
    unpacker = _unpacker(encoding)
    out = bytearray()
    came = 0
    for chunk in chunks:
        came += len(chunk)
        if came > limit:
            raise RefusedError("size", f"more than the {limit} bytes that it may have")
        try:
            for piece in unpacker.feed(chunk):
                out += piece
                if len(out) > limit:
                    raise RefusedError("unpacked size", f"{came} bytes unpack to more than the {limit} that they may")
        except (zlib.error, brotli.error) as error:
            raise ValueError(f"the packed bytes are damaged: {error}") from error
        if time.monotonic() > deadline:
            raise TooLateError
    return bytes(out), came


def _unpacker(encoding: str) -> _Unpacker:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
    raise RefusedError("encoding", f"packed as {encoding!r}, which was not asked for")
