"""The Prefect flows `backfill` and `maintain`: what keeps a data folder right and small, by hand and at night."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows.backfill import Selection, run_backfill
from flows.gate import Acceptance
from flows.maintain import run_maintain, usage_frame
from flows.tasks import lvzhi_flow, show_release, show_table, show_text, tasks_on
from schemas.errors import StorageError
from storage.folder import data_folder
from storage.maintain import Keep, disk_usage, verify_all


@lvzhi_flow("backfill", "Reports that are in the archive once more, through today's code; ends with one release.")
def backfill(
    data: str = "data",
    since: dt.date | None = None,
    until: dt.date | None = None,
    sources: list[str] = [],  # noqa: B006 - Prefect shows it as a parameter, and it is not changed
    reports: list[str] = [],  # noqa: B006
    rule: str | None = None,
    dry_run: bool = False,
    accept: list[str] = [],  # noqa: B006
    reason: str = "",
    on: str | None = None,
) -> dict[str, Any]:
    """Read reports again from the archive; leaves the artifact `backfill-summary`, dry also `backfill-changes`.

    Args:
        data: the data folder.
        since: only reports whose latest capture is of this day (UTC) or later.
        until: only reports whose latest capture is of this day (UTC) or earlier.
        sources: only reports of these sources; of all if empty.
        reports: only these reports, by id or the beginning of it; all if empty.
        rule: only reports of which this rule gave a row, or set one aside.
        dry_run: commit nothing, and show what would change, and why.
        accept: rules of the dataset that do not stop the release.
        reason: why.
        on: dask://HOST:PORT of a cluster whose workers run the batches; they find the data folder at the same place.

    Returns:
        The counts of the run, and its exit status.

    Raises:
        LvzhiError: as `flows.backfill.run_backfill`.
    """
    chosen = Selection(since, until, tuple(sources), tuple(reports), rule)
    accepted = Acceptance(tuple(accept), reason)
    done = run_backfill(data, chosen, dry_run=dry_run, accept=accepted, submit=tasks_on(on))
    summary = done.summary
    show_text("backfill-summary", summary.markdown(), f"Run {summary.run_id} in {data}{', dry' if dry_run else ''}")
    if done.changes is not None:
        rows = [{name: str(value) for name, value in row.items()} for row in done.changes.to_dicts()]
        show_table("backfill-changes", rows, f"{len(rows)} rows of {data} would differ")
    show_release(summary.release, data)
    return {"rows": summary.rows(), "exit_status": summary.exit_status, "release": summary.release}


@lvzhi_flow("maintain", "Small files together, old releases retired, what nothing needs removed; the archive verified.")
def maintain(
    data: str = "data",
    keep_last: int = 30,
    keep_days: int = 30,
    monthly: bool = True,
    reader_days: int = 7,
    verify: bool = False,
) -> dict[str, Any]:
    """Maintain a data folder; leaves the artifacts `maintain-summary` and `disk-usage`.

    Args:
        data: the data folder; where nothing was ingested yet, nothing is done.
        keep_last: keep so many of the newest releases.
        keep_days: keep releases of so many days.
        monthly: keep the newest release of each month; tagged ones are always kept.
        reader_days: files of a retired release stay so many days for whoever opened it before.
        verify: read every record of the archive and look for every file of the tables; the run fails where one is wrong.

    Returns:
        Number of the release, releases that were retired, files that were removed, and what is wrong.

    Raises:
        StorageError: the archive or a table is damaged, or the data folder cannot be read or written.
    """
    folder = data_folder(data)
    if not (folder.releases / "latest").exists():
        return {"release": None}
    done = run_maintain(data, Keep(keep_last, keep_days, monthly, reader_days))
    problems = verify_all(folder).problems if verify else []
    removed = ", ".join(f"{count} {kind}" for kind, count in done.cleared.files.items()) or "nothing"
    lines = [
        f"- release {done.release}{', made by compaction' if done.compacted else ''}",
        f"- {len(done.cleared.retired)} releases retired",
        f"- removed {removed} ({done.cleared.bytes:,} bytes)",
        f"- {'verified' if verify else 'not verified'}, {len(problems)} problems",
        *(f"  - {problem}" for problem in problems),
    ]
    show_text("maintain-summary", "\n".join(lines), f"Maintenance of {data}")
    show_table("disk-usage", usage_frame(folder, disk_usage(folder)).to_dicts(), f"What takes the space in {data}")
    if problems:
        raise StorageError(f"{data}: {len(problems)} problems: {'; '.join(problems[:5])}; `lvzhi maintain --verify`")
    return {"release": done.release, "retired": done.cleared.retired, "removed": done.cleared.files}
