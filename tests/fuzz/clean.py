"""Fuzzing of the cleaner, guided by coverage; runs until it is ended, or for the seconds named.

    make fuzz SECONDS=600

Findings are written to the folder in which it runs; a finding becomes a test with the bytes that showed it.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["flows.clean", "flows.extract"]):
    from tests.accounting import require_account

MEDIA_TYPES = ("text/plain", "text/html", "application/pdf", "")


def test_one_input(data: bytes) -> None:
    """One input of the fuzzer: its first byte chooses the media type."""
    if data:
        require_account(data[1:], MEDIA_TYPES[data[0] % len(MEDIA_TYPES)])


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
