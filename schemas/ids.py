"""Ids: the first 16 hex digits of SHA-256 over what makes a row the same row."""

from __future__ import annotations

import hashlib


def make_id(*parts: object) -> str:
    """Id of a row.

    Args:
        parts: what tells the row from every other one, in order.

    Returns:
        16 hex digits.
    """
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def report_id(source: str, source_uri: str) -> str:
    """Id of a report: stable for a source and its address, so that a page that changed stays the same report."""
    return make_id(source, source_uri)
