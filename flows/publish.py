"""The end of a run: what it made is brought up to what others released meanwhile, committed to all tables, checked and released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import polars as pl

from flows.capture import Captured, Known
from flows.gate import check_tables
from flows.panel import FIGURE_COLUMNS, REPORT_COLUMNS, make_panel
from flows.process import Batch, Processed, process
from flows.run import RELEASED, Run
from flows.seeds import seeds_folder
from flows.summary import Summary
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import split
from storage.sites import MOST_PAGES, lines_mark, read_version, repeated_lines, site_of, write_version
from storage.tables import Frames

# Files of a table; more of them are put into few with the next commit.
MOST_FILES = 50
# Tables that are committed to at once: most of a small commit is waiting, of a large one (reports) each table takes memory.
COMMITS, LARGE_COMMITS, SMALL_COMMIT = 4, 2, 500
# Pages whose lines are counted at once, and reports of which the panel is made at once.
PAGES_AT_ONCE, REPORTS_AT_ONCE = 2_000, 10_000
# Rules by which pages are set aside before they are in the archive: no replay of the archive settles them.
SOURCE_RULES = ("unreadable", "too_large", "unreachable")


@dataclass
class Work:
    """What a run is about to commit.

    Attributes:
        captured: pages and captures; of a replay only captures.
        batches: the captures in batches.
        results: what each batch gave.
        known: what was known of the reports when the work began, by report id.
    """

    captured: Captured
    batches: list[Batch]
    results: list[Processed]
    known: dict[str, Known]


def commit(run: Run, work: Work, summary: Summary) -> Summary:
    """Commit and release what was done, one run at a time, and log the end of the run.

    Args:
        run: the run.
        work: what it made.
        summary: its counts so far.

    Raises:
        DataError: errors of the dataset stop the release.
        StorageError: the data folder cannot be written; what was released before stands.
    """
    with run.committing():
        _reconcile(run, work)
        _count(work, summary)
        summary.check()
        captured = work.captured
        if work.batches or captured.capture_rows or captured.quarantine_rows or captured.recovered:
            _publish(run, work.results, captured, summary)
        summary.release = run.release.number if run.release else None
        run.log("released" if summary.changed else "unchanged", summary)
    return summary


def _reconcile(run: Run, work: Work) -> None:
    """Bring the work up to what others released since it began.

    A page that another run captured meanwhile with the same content is unchanged; with other content, the later
    capture counts. Where the lines that its site repeats are others now, a page is read again.
    """
    now = run.known()
    captured = work.captured
    mine = {row["report_id"]: row["captured_at"] for row in captured.capture_rows}
    done = {row["report_id"]: (row["capture_id"], row["sha256"]) for row in captured.capture_rows}
    done |= {c.report_id: (c.capture_id, c.sha256) for batch in work.batches for c in batch.captures}
    gone: set[str] = set()
    for report, (capture_id, sha256) in done.items():
        latest = now.get(report)
        if latest is None or latest.capture_id in (capture_id, getattr(work.known.get(report), "capture_id", "")):
            continue
        if report in mine and latest.sha256 != sha256:
            if latest.captured_at < mine[report]:
                continue
            captured.overtaken.add(report)
        else:
            captured.capture_rows = [row for row in captured.capture_rows if row["report_id"] != report]
        captured.quarantine_rows = [row for row in captured.quarantine_rows if row["report_id"] != report]
        captured.replayed.discard(report)
        captured.unchanged += 1
        gone.add(report)
    before, after = (read_version(run.folder.sites, v) for v in (run.site_lines, run.released_lines))
    run.site_lines = run.released_lines
    for number, batch in enumerate(work.batches):
        kept = [capture for capture in batch.captures if capture.report_id not in gone]
        sites = {site_of(capture.source, capture.source_uri) for capture in kept}
        same = all(lines_mark(before, site) == lines_mark(after, site) for site in sites)
        if len(kept) < len(batch.captures) or not same:
            work.batches[number] = run.batch(kept, number)
            work.results[number] = process(work.batches[number])


def _count(work: Work, summary: Summary) -> None:
    for result in work.results:
        summary.read += result.rows["reports"]
        summary.quarantined += result.pages_set_aside
        summary.labels += result.labels
        summary.numerals += result.numerals
        summary.lines += result.rows["lines"]
        summary.figures += result.rows["figures"]
        summary.ignored += result.rows["ignored_numerals"]
        summary.numerals_quarantined += result.set_aside["figures"] + result.set_aside["ignored_numerals"]
        summary.lines_quarantined += result.set_aside["lines"]
        summary.rows_quarantined += result.rows_set_aside
        summary.rules += result.rules
        summary.checks += result.checks
    captured = work.captured
    summary.unchanged, summary.known_bad = captured.unchanged, captured.known_bad
    summary.quarantined += len(captured.quarantine_rows)
    summary.rules.update(row["rule"] for row in captured.quarantine_rows)


def _publish(run: Run, results: list[Processed], captured: Captured, summary: Summary) -> None:
    """Commit all tables, then make the release current."""
    captures, failures = split(TABLES["captures"], TABLES["captures"].frame(captured.capture_rows))
    if failures:
        raise RuntimeError(f"row of captures fails {failures[0].rule}: {failures[0].reason}")
    reread = sorted(captured.reread())
    of_pages = TABLES["quarantine"].frame(captured.quarantine_rows)
    set_aside = pl.concat([of_pages, *(result.frames["quarantine"] for result in results)])
    quarantine, changed = settled(run, set_aside, reread, captured.recovered)
    if not (captures.height or changed or (reread and run.flow == "backfill")):
        return
    rows = {name: Frames(name, [result.frames for result in results]) for name in (*EXTRACTED, "checks")}
    committed = _commit_tables(run, captures, rows, quarantine, reread) | {"quarantine": set_aside.height}
    summary.committed = committed
    signed = [result.signatures for result in results if result.signatures is not None]
    summary.checks += _check_dataset(run, committed, pl.concat(signed) if signed else None)
    # After the check, which tells what a report repeats: a copy is no second source.
    committed["panel"] = _publish_panel(run)
    for name in RELEASED:
        run.tables.compact(name, MOST_FILES)
    run.publish(summary, _count_lines(run, captured), summary.checks)


def _commit_tables(
    run: Run, captures: pl.DataFrame, rows: Mapping[str, Frames], quarantine: pl.DataFrame, reread: list[str]
) -> dict[str, int]:
    """Commit what was read to all tables, and say how many rows each took."""
    commits: dict[str, Callable[[], int]] = {"captures": lambda: run.tables.append("captures", captures)}
    if reread:
        commits |= {name: partial(run.tables.replace, name, rows[name], reread) for name in rows}
    commits["quarantine"] = lambda: run.tables.replace("quarantine", quarantine, list(set(quarantine["report_id"])))
    at_once = COMMITS if len(reread) <= SMALL_COMMIT else LARGE_COMMITS
    return dict.fromkeys(("captures", *rows), 0) | _commit_all(commits, at_once)


def _check_dataset(run: Run, committed: dict[str, int], signatures: pl.DataFrame | None) -> Counter[str]:
    """Outcomes of ring 3 over the tables as this run leaves them.

    Raises:
        DataError: it finds errors that are not accepted.
    """
    versions = run.release.versions if run.release else {}
    checked = check_tables(
        run.folder, run.tables, versions, run.run_id, run.started_at, seeds_folder(), run.accept, signatures
    )
    committed["checks"] += len(checked.rows)
    run.accepted = checked.accepted
    return Counter("passed" if row["passed"] else "failed" for row in checked.rows)


def _publish_panel(run: Run) -> int:
    """Make the panel of the reports as they now are, and commit the rows of the committees for which it changed."""
    reports = run.tables.read("reports", columns=REPORT_COLUMNS).filter(pl.col("committee").is_not_null())
    figures = run.tables.read("figures", columns=FIGURE_COLUMNS)
    standing = run.tables.read("panel")
    rows, changed = [standing.clear()], sorted(set(standing["committee"]) - set(reports["committee"]))
    for part in _committees(reports):
        made, failures = split(TABLES["panel"], make_panel(part, figures.join(part, on="report_id", how="semi")))
        if failures:
            raise RuntimeError(f"row of panel fails {failures[0].rule}: {failures[0].reason}")
        both = pl.concat([made, standing.join(part, on="committee", how="semi")])
        others = both.filter(~both.is_duplicated())["committee"].unique()
        rows.append(made.filter(pl.col("committee").is_in(others.implode())))
        changed += others.to_list()
    return run.tables.replace("panel", pl.concat(rows), changed, key="committee")


def _committees(reports: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Reports in parts of which each has all those of its committees, and not many: what is sorted for a panel takes memory."""
    return _whole_groups(reports, "committee", pl.len(), REPORTS_AT_ONCE)


def _whole_groups(rows: pl.DataFrame, key: str, weight: pl.Expr, at_once: int) -> Iterator[pl.DataFrame]:
    """Rows in parts that divide no group, in the order of the key.

    Args:
        rows: the rows.
        key: the column that names their groups.
        weight: what a group counts, over its rows.
        at_once: what a part counts about; no group is divided, also a larger one.
    """
    groups = rows.group_by(key).agg(weight=weight).sort(key)
    part = ((groups["weight"].cum_sum() - 1) // at_once).alias("part")
    joined = rows.join(groups.select(key, part), on=key, maintain_order="left")
    yield from joined.partition_by("part", include_key=False, maintain_order=True)


def settled(run: Run, set_aside: pl.DataFrame, reread: list[str], recovered: list[str]) -> tuple[pl.DataFrame, bool]:
    """Quarantine rows of all reports that this run has to do with.

    Args:
        set_aside: rows of this run.
        reread: reports read anew: their earlier rows are settled, unless they recur.
        recovered: reports that could not be read before and are unchanged now: that row is settled.

    Returns:
        The new rows and the earlier ones, and whether they differ from those that stand.
    """
    new = set_aside.unique("quarantine_id", keep="first", maintain_order=True)
    reports = [*new["report_id"], *reread, *recovered]
    earlier = run.tables.read("quarantine").filter(pl.col("report_id").is_in(reports))
    recurs = pl.col("quarantine_id").is_in(new["quarantine_id"].to_list())
    again = pl.col("report_id").is_in(recovered) & (pl.col("rule") == "unreadable")
    settled = pl.col("resolved_by_run").is_null() & (pl.col("report_id").is_in(reread) | again)
    if run.flow != "ingest":
        settled &= ~pl.col("rule").is_in(SOURCE_RULES)
    kept = earlier.filter(~recurs)
    # What a person dismissed stays dismissed where it recurs.
    dismissed = earlier.filter(recurs & pl.col("dismissed").is_not_null())
    new = new.filter(~pl.col("quarantine_id").is_in(dismissed["quarantine_id"].to_list()))
    kept = pl.concat([kept, dismissed])
    closed = kept.with_columns(
        resolved_by_run=pl.when(settled).then(pl.lit(run.run_id)).otherwise(pl.col("resolved_by_run"))
    )
    standing = set(earlier.filter(pl.col("resolved_by_run").is_null())["quarantine_id"])
    changed = not set(new["quarantine_id"]) <= standing or kept.select(settled.any()).item() is True
    return pl.concat([closed, new]), changed


def _count_lines(run: Run, captured: Captured) -> str:
    """Name of the version of the lines that sites repeat, with the pages of this run counted."""
    touched = {site_of(capture.source, capture.source_uri) for capture, _ in captured.captures}
    touched |= {site_of(row["source"], row["source_uri"]) for row in captured.capture_rows}
    pages = run.tables.read("reports", columns=["report_id", "source", "source_uri"])
    sites = [site_of(*row) for row in pages.select("source", "source_uri").iter_rows()]
    pages = pages.with_columns(site=pl.Series(sites, dtype=pl.String)).filter(pl.col("site").is_in(list(touched)))
    before = read_version(run.folder.sites, run.site_lines)
    counted = {site: sorted(texts) for site, texts in before.items() if site not in touched}
    for some in _parts(pages):
        reports = _counted(run, some)
        chosen = pl.col("report_id").is_in(reports["report_id"].implode())
        counted |= repeated_lines(reports, run.tables.read("lines", columns=["report_id", "text"], where=chosen))
    return write_version(run.folder, counted)


def _parts(pages: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Pages in parts of which each has all pages of its sites, and not many that are counted: their lines are held at once."""
    return _whole_groups(pages, "site", pl.min_horizontal(pl.len(), MOST_PAGES), PAGES_AT_ONCE)


def _counted(run: Run, pages: pl.DataFrame) -> pl.DataFrame:
    """Rows of `reports` of the pages whose lines are counted: of each site the first, as many as count or all, no text twice."""
    columns = ["report_id", "source", "source_uri", "text"]
    most = MOST_PAGES
    while True:
        first = pages.sort("report_id").group_by("site").head(most)
        ids = first["report_id"].implode()
        reports = run.tables.read("reports", columns=columns, where=pl.col("report_id").is_in(ids))
        texts = reports.join(pages.select("report_id", "site"), on="report_id").unique(["site", "text"])
        found = texts.group_by("site").agg(pl.len().alias("texts"))
        short = pages.group_by("site").agg(pl.len().alias("pages")).join(found, on="site", how="left")
        if short.filter((pl.col("texts") < MOST_PAGES) & (pl.col("pages") > most)).is_empty():
            return reports
        most *= 2


def _commit_all(commits: Mapping[str, Callable[[], int]], at_once: int) -> dict[str, int]:
    """Commit to several tables, so many at once. No reader sees them before the release."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        waiting = {name: pool.submit(commit) for name, commit in commits.items()}
    return {name: commit.result() for name, commit in waiting.items()}
