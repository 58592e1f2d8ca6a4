"""Settings that come from the environment."""

from __future__ import annotations

import os

from schemas.errors import UsageError


def seconds_of(name: str, default: float) -> float:
    """Seconds that a variable of the environment names.

    Args:
        name: the variable.
        default: what holds where it is not set.

    Raises:
        UsageError: it is no number above zero.
    """
    given = os.environ.get(name, "").strip()
    try:
        seconds = float(given) if given else default
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"{name}={given!r} is no number of seconds; set one above 0, or unset it for {default:g}")
    return seconds
