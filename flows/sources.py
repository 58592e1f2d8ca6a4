"""What is known of sources: when each was read last, and whether it is stale or fails."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from flows.fetch.state import State
from storage.folder import data_folder

if TYPE_CHECKING:
    from schemas.sources import Source


def freshness(sources: list[Source], data: str | Path) -> dict[str, tuple[dt.datetime | None, str]]:
    """When each source was read last, and its state: `fresh`, `stale`, `failing: …`, `never read`, or empty if it is not enabled.

    Args:
        sources: the sources; of the kind `folder` nothing is kept.
        data: the data folder; it need not exist.
    """
    folder = data_folder(data).fetch
    kept: dict[str, tuple[dt.datetime | None, dt.datetime | None, str]] = {}
    if (folder / "state.sqlite").exists():
        state = State(folder)
        try:
            kept = state.sources()
        finally:
            state.close()
    now = dt.datetime.now(dt.UTC)
    found = {}
    for source in sources:
        read, failed, reason = kept.get(source.name, (None, None, ""))
        if not source.enabled or source.kind == "folder":
            said = ""
        elif failed and (read is None or failed > read):
            said = f"failing: {reason}"
        elif read is None:
            said = "never read"
        else:
            said = "stale" if now - read > dt.timedelta(days=source.stale_days) else "fresh"
        found[source.name] = (read, said)
    return found
