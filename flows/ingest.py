"""The Prefect flow `ingest`: the pipeline of `flows.pipeline`, with a task for each batch and what it did as artifacts."""

from __future__ import annotations

from typing import Any

from flows.gate import Acceptance
from flows.notify import notify
from flows.pipeline import run_ingest
from flows.tasks import lvzhi_flow, show_release, show_table, show_text, tasks_on


@lvzhi_flow("ingest", "Reports from files and sites into the tables of a data folder; ends with a release.")
def ingest(
    sources: list[str],
    data: str = "data",
    source_name: str | None = None,
    private: bool = False,
    accept: list[str] = [],  # noqa: B006 - Prefect shows it as a parameter, and it is not changed
    reason: str = "",
    on: str | None = None,
) -> dict[str, Any]:
    """Ingest sources; leaves the artifacts `ingest-summary`, `check-summary` and `freshness`.
    Where LVZHI_SITE names the address of the site, a link to it is the artifact `site`.

    Args:
        sources: names of sources, addresses, files, folders or globs; empty for all enabled sources.
        data: the data folder.
        source_name: name for the source of files; made from the folder if none is given.
        private: whether addresses among the sources may be of the own network.
        accept: rules of the dataset that do not stop the release.
        reason: why.
        on: dask://HOST:PORT of a cluster whose workers run the batches; they find the data folder at the same place.

    Returns:
        The counts of the run, as in `runs.counts`, and its exit status.

    Raises:
        LvzhiError: as `flows.pipeline.run_ingest`.
    """
    accepted = Acceptance(tuple(accept), reason)
    summary = run_ingest(sources, data, source_name=source_name, private=private, accept=accepted, submit=tasks_on(on))
    show_text("ingest-summary", summary.markdown(), f"Run {summary.run_id} into {data}")
    show_release(summary.release, data)
    stale = _freshness(data)
    if summary.sources_failed or stale:
        failed = [f"{name} could not be read: {reason}" for name, reason in sorted(summary.sources_failed.items())]
        notify("\n".join(["lvzhi ingest", *failed, *stale]))
    return {"rows": summary.rows(), "exit_status": summary.exit_status, "release": summary.release}


def _freshness(data: str) -> list[str]:
    """Show when each source was read last; what is to be told of those that are stale."""
    from flows.gather import sources_folder
    from flows.sources import freshness
    from schemas.sources import load_sources

    sources = load_sources(sources_folder())
    if not sources:
        return []
    fresh = freshness(list(sources.values()), data)
    rows = [
        {
            "source": name,
            "enabled": sources[name].enabled,
            "read": read and read.isoformat(timespec="seconds"),
            "state": state,
        }
        for name, (read, state) in fresh.items()
    ]
    show_table("freshness", rows, f"Sources of {data}: when each was read last")
    return [f"{name} is stale" for name, (_, state) in fresh.items() if state == "stale"]
