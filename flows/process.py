"""One batch of captures to validated tables. The same archive and settings give the same rows.

Workers get places in the archive, not pages, keep the rows in `staging/`, and give back counts and signatures of texts; the run
id is the only thing in the rows that tells one run from another.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from flows.check import SetAside, check_reports, check_row, row_failures
from flows.clean import CleanPage, Line, PageRejected, clean
from flows.clean.text import normalise
from flows.correct import CORRECTION, apply_corrections
from flows.duplicates import sign
from flows.extract import Extract, extract
from flows.extract.figures import Evidence, Figure
from flows.extract.periods import Period
from flows.extract.proposals import proposal_year
from schemas.checks import Outcome
from schemas.corrections import Correction, of_page
from schemas.errors import StorageError
from schemas.ids import make_id
from schemas.labels import KEPT_LABELS
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import Failure, split
from storage.archive import read_capture
from storage.sites import read_version, site_of
from storage.staging import stage

Row = dict[str, Any]
DIGIT = re.compile(r"[0-9０-９]")


@dataclass(frozen=True)
class Capture:
    """What a worker must know of a capture to read it and to make its rows."""

    capture_id: str
    report_id: str
    source: str
    source_uri: str
    content_type: str
    sha256: str
    warc_file: str
    warc_offset: int


@dataclass(frozen=True)
class Batch:
    """Captures that one worker takes, and the settings that their rows depend on.

    Where `keep_going` is set, a capture that the archive does not give back is named in what comes of the batch;
    else it is an error. Where a `place` is given, the rows are kept there until they are committed.
    """

    archive: Path
    sites: Path
    site_lines: str
    run_id: str
    pipeline_version: str
    captures: tuple[Capture, ...]
    corrections: tuple[Correction, ...] = ()
    keep_going: bool = False
    place: Path | None = None


@dataclass
class Processed:
    """Rows that a batch gave, by table, those set aside among them, and what is counted of them.

    Attributes:
        frames: the rows.
        rows: number of rows, by table.
        set_aside: rows in quarantine, by the table that they were for.
        labels: lines by label, also those set aside.
        rules: what was set aside, by rule.
        checks: outcomes of checks, by `passed` and `failed`.
        lost: reports whose captures the archive does not give back, with reasons.
        signatures: of the texts, as `flows.duplicates.sign` makes them; nothing where the rows are those of an earlier run.
    """

    frames: Mapping[str, pl.DataFrame]
    rows: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    lost: dict[str, str] = field(default_factory=dict)
    signatures: pl.DataFrame | None = None

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame]) -> Processed:
        """Frames with their counts."""
        aside = frames["quarantine"]
        of_lines = (json.loads(row)["label"] for row in aside.filter(pl.col("table") == "lines")["row"])
        heights = {name: frames[name].height for name in frames if name != "lines"}
        lines = frames["lines"]["label"].to_list()
        return cls(
            frames,
            Counter(heights | {"lines": len(lines)}),
            Counter(aside["table"].to_list()),
            Counter([*lines, *of_lines]),
            Counter(aside["rule"].to_list()),
            Counter("passed" if passed else "failed" for passed in frames["checks"]["passed"]),
        )

    @property
    def pages_set_aside(self) -> int:
        """Pages of which no report came."""
        return self.set_aside["captures"] + self.set_aside["reports"]

    @property
    def rows_set_aside(self) -> int:
        """Rows of reports that are in quarantine."""
        return sum(self.set_aside[name] for name in EXTRACTED)

    @property
    def numerals(self) -> int:
        """Numerals of the kept text; each is a figure, an ignored numeral or in quarantine."""
        return sum(self.rows[name] + self.set_aside[name] for name in ("figures", "ignored_numerals"))


def process(batch: Batch) -> Processed:
    """Read, clean, extract and validate the captures of one batch.

    Raises:
        StorageError: the archive cannot be read.
    """
    rows: dict[str, list[Row]] = {name: [] for name in (*EXTRACTED, "quarantine")}
    lost: dict[str, str] = {}
    sites = read_version(batch.sites, batch.site_lines)
    corrected: list[tuple[str, Outcome]] = []
    for capture in batch.captures:
        try:
            data = read_capture(batch.archive, capture.warc_file, capture.warc_offset, capture.sha256)
        except StorageError as error:
            if not batch.keep_going:
                raise
            lost[capture.report_id] = str(error)
            continue
        try:
            repeated = sites.get(site_of(capture.source, capture.source_uri), frozenset())
            made = _read(capture, data, repeated)
        except PageRejected as rejected:
            rows["quarantine"].append(quarantined_page(capture, batch.run_id, rejected.rule, rejected.reason))
            continue
        known = of_page(batch.corrections, capture.source, capture.source_uri)
        corrected += [(capture.report_id, outcome) for outcome in apply_corrections(made, known)]
        for name, found in made.items():
            common = {
                "report_id": capture.report_id,
                "run_id": batch.run_id,
                "pipeline_version": batch.pipeline_version,
            }
            rows[name] += [common | row for row in found]
    frames = _validated(rows, batch, corrected)
    done = Processed.of(frames)
    done.lost = lost
    done.signatures = sign(frames["reports"], dict(frames["reports"].select("report_id", "text").iter_rows()))
    if batch.place is not None:
        # A later run must not find what lacks captures.
        place = batch.place.with_name(f"{batch.run_id}-{batch.place.name}") if lost else batch.place
        done.frames = stage(place, frames)
    return done


def _read(capture: Capture, data: bytes, repeated: frozenset[str]) -> dict[str, list[Row]]:
    """Rows of one page by table.

    Raises:
        PageRejected: no report can be read from it; also by an error of ours, which must not stop the other pages.
    """
    try:
        page = clean(data, capture.content_type, repeated)
        extracted = extract(page, capture.source_uri)
        _require_all_digits(page, extracted)
        return page_rows(capture, page, extracted)
    except PageRejected:
        raise
    except Exception as error:
        reason = f"lvzhi fails on this page: {type(error).__name__}: {error}; please report it with the page"
        raise PageRejected("internal_error", reason) from error


def _require_all_digits(page: CleanPage, extracted: Extract) -> None:
    """Count digits twice, in the clean text of the kept lines and in what was quoted from them: none may be lost or come twice.

    Raises:
        PageRejected: rule `numerals_lost`.
    """
    kept = sum(len(DIGIT.findall(line.text)) for line in page.lines if line.label in KEPT_LABELS)
    # A number that stands for several rates is the evidence of a figure for each.
    evidence = {figure.evidence for figure in extracted.figures} | {item.evidence for item in extracted.ignored}
    quoted = sum(len(DIGIT.findall(text)) for item in evidence for text in _clean_quotes(item))
    if kept != quoted:
        reason = f"{kept} digits stand in the text, {quoted} were read; please report it with the page"
        raise PageRejected("numerals_lost", reason)


def _clean_quotes(evidence: Evidence) -> list[str]:
    """A quote without markup inside it: the digits of a reference such as &#12288; are none of the text."""
    return [normalise(quote, 0).text for quote in (evidence.quote, evidence.continued) if quote]


def quarantined_page(capture: Capture, run_id: str, rule: str, reason: str) -> Row:
    """The quarantine row of a whole page."""
    page = {"source": capture.source, "source_uri": capture.source_uri, "sha256": capture.sha256}
    return {
        "quarantine_id": make_id("captures", rule, capture.report_id, capture.sha256),
        "report_id": capture.report_id,
        "run_id": run_id,
        "table": "captures",
        "row": json.dumps(page, ensure_ascii=False),
        "rule": rule,
        "reason": f"{capture.source_uri}: {reason}",
        "capture_id": capture.capture_id or None,
        "line_no": None,
        "resolved_by_run": None,
        "dismissed": None,
    }


def _validated(
    rows: dict[str, list[Row]], batch: Batch, corrected: list[tuple[str, Outcome]]
) -> dict[str, pl.DataFrame]:
    """Frames of valid rows; the others become quarantine rows. Rows of a report without its own row go with it."""
    captures = {capture.report_id: capture for capture in batch.captures}
    frames: dict[str, pl.DataFrame] = {}
    set_aside = list(rows["quarantine"])
    lost: set[str] = set()
    failed: list[SetAside] = []
    for name in EXTRACTED:
        frame = TABLES[name].frame(rows[name])
        valid, failures = split(TABLES[name], frame)
        valid, failures = _with_row_rules(name, rows, valid, failures)
        orphans = [i for i, row in enumerate(rows[name]) if row["report_id"] in lost]
        if orphans:
            valid = valid.filter(~pl.col("report_id").is_in(list(lost)))
            known = {failure.index for failure in failures}
            reason = "the row of its report is in quarantine"
            failures += [Failure(i, "report_quarantined", reason) for i in orphans if i not in known]
        for failure in failures:
            row = rows[name][failure.index]
            set_aside.append(_quarantined_row(name, row, failure, captures[row["report_id"]], batch.run_id))
        failed += [SetAside(name, rows[name][failure.index]["report_id"], failure) for failure in failures]
        if name == "reports":
            lost = {rows[name][failure.index]["report_id"] for failure in failures}
        frames[name] = valid
    frames["quarantine"] = TABLES["quarantine"].frame(set_aside)
    return _checked(frames, rows, failed, corrected, batch.run_id)


def _with_row_rules(
    name: str, rows: dict[str, list[Row]], valid: pl.DataFrame, failures: list[Failure]
) -> tuple[pl.DataFrame, list[Failure]]:
    """What is left of the valid rows of a table after the rules that look at other tables, too; and all failures."""
    known = {failure.index for failure in failures}
    more = [failure for failure in row_failures(name, rows) if failure.index not in known]
    if not more:
        return valid, failures
    known |= {failure.index for failure in more}
    keep = [index not in known for index in range(len(rows[name]))]
    return TABLES[name].frame([row for row, kept in zip(rows[name], keep, strict=True) if kept]), failures + more


def _checked(
    frames: dict[str, pl.DataFrame],
    rows: dict[str, list[Row]],
    failed: list[SetAside],
    corrected: list[tuple[str, Outcome]],
    run_id: str,
) -> dict[str, pl.DataFrame]:
    """The frames with the outcomes of the checks as rows; a report that fails one is flagged."""
    valid = {name: frames[name].to_dicts() for name in EXTRACTED}
    made = check_reports(rows, valid, failed, run_id)
    made += [check_row(CORRECTION, outcome, report, run_id, n) for n, (report, outcome) in enumerate(corrected)]
    checks = TABLES["checks"].frame(made)
    wrong = checks.filter(~pl.col("passed"))["report_id"].unique().to_list()
    flagged = pl.col("report_id").is_in(wrong) & (pl.col("quality") == "passed")
    reports = frames["reports"].with_columns(
        quality=pl.when(flagged).then(pl.lit("flagged")).otherwise(pl.col("quality"))
    )
    counts = _failed_of_proposals(checks, frames["figures"])
    proposals = frames["proposals"].with_columns(
        n_checks_failed=pl.col("report_id").replace_strict(counts, default=0, return_dtype=pl.Int64)
    )
    return frames | {"reports": reports, "proposals": proposals, "checks": checks}


def _failed_of_proposals(checks: pl.DataFrame, figures: pl.DataFrame) -> dict[str, int]:
    """For each report how many failed checks a figure of proposals took part in."""
    proposals = set(figures.filter(pl.col("measure").str.starts_with("proposals."))["figure_id"])
    failed = checks.filter(~pl.col("passed")).select("report_id", "figure_ids").rows()
    return Counter(report for report, ids in failed if not proposals.isdisjoint(ids.split()))


def _quarantined_row(name: str, row: Row, failure: Failure, capture: Capture, run_id: str) -> Row:
    text = json.dumps(row, ensure_ascii=False, default=str)
    stable = {key: value for key, value in row.items() if key not in ("run_id", "capture_id")}
    return {
        "quarantine_id": make_id(name, failure.rule, json.dumps(stable, ensure_ascii=False, default=str)),
        "report_id": capture.report_id,
        "run_id": run_id,
        "table": name,
        "row": text,
        "rule": failure.rule,
        "reason": f"{capture.source_uri}: {failure.reason}",
        "capture_id": capture.capture_id,
        "line_no": row.get("line_no"),
        "resolved_by_run": None,
        "dismissed": None,
    }


def page_rows(capture: Capture, page: CleanPage, extracted: Extract) -> dict[str, list[Row]]:
    """Rows of one report by table, without the common columns."""
    report_id = capture.report_id
    return {
        "reports": [_report(capture, page, extracted)],
        "lines": [_line(line) for line in page.lines],
        "figures": _figures(report_id, extracted.figures),
        "ignored_numerals": [{"rule": item.rule, **item.evidence._asdict()} for item in extracted.ignored],
        "activities": [
            {"activity_id": make_id(report_id, activity.line_no, activity.topic), **vars(activity)}
            for activity in extracted.activities
        ],
        "documents": [
            {
                "document_id": make_id(report_id, document.line_no, document.start),
                "title": document.title,
                "kind": document.kind,
                "sentence": document.sentence,
                "line_no": document.line_no,
            }
            for document in extracted.documents
        ],
        "proposals": [_proposals(extracted)],
    }


def _proposals(extracted: Extract) -> Row:
    fields = extracted.fields
    return {
        "division_code": fields.division.code if fields.division else None,
        **_period(fields.period),
        **proposal_year(extracted.figures, fields.period),
        "n_checks_failed": 0,  # until they were made
    }


def _report(capture: Capture, page: CleanPage, extracted: Extract) -> Row:
    fields = extracted.fields
    division = fields.division
    dropped = [line for line in page.lines if line.label in ("meta", "boilerplate", "spam")]
    incomplete = division is None or fields.period is None or fields.title is None
    return {
        "capture_id": capture.capture_id,
        "source": capture.source,
        "source_uri": capture.source_uri,
        "title": fields.title,
        "report_kind": fields.report_kind,
        "committee": fields.committee,
        "division_code": division.code if division else None,
        "division_name": division.name if division else None,
        "level": division.level if division else None,
        "term": fields.term,
        "session": fields.session,
        **_period(fields.period),
        "published_at": fields.published_at,
        "archived_at": fields.archived_at,
        "source_name": fields.source_name,
        "encoding": page.encoding,
        "script": page.script,
        "text": "\n".join(paragraph.text for paragraph in page.paragraphs),
        "n_lines": len(page.lines),
        "n_dropped": len(dropped),
        "n_spam": sum(line.label == "spam" for line in dropped),
        "n_replaced": page.replaced,
        "n_figures": len(extracted.figures),
        "duplicate_of": None,
        "truncated": page.truncated,
        "quality": "flagged" if page.replaced or page.truncated or extracted.damaged or incomplete else "passed",
    }


def _line(line: Line) -> Row:
    return {
        "line_no": line.no,
        "raw": line.raw,
        "text": line.text,
        "label": line.label,
        "rule": line.rule,
        "confidence": line.confidence,
        "paragraph": line.paragraph,
    }


def _figures(report_id: str, figures: list[Figure]) -> list[Row]:
    """Rows of figures. Of those that share their evidence all but the first have their measure in their id."""
    rows: list[Row] = []
    seen: set[Evidence] = set()
    for ordinal, figure in enumerate(figures, 1):
        shared = (figure.measure,) if figure.evidence in seen else ()
        seen.add(figure.evidence)
        rows.append(_figure(report_id, ordinal, figure, shared))
    return rows


def _figure(report_id: str, ordinal: int, figure: Figure, shared: tuple[str, ...]) -> Row:
    evidence = figure.evidence
    read = {name: value for name, value in figure._asdict().items() if name not in ("evidence", "period")}
    return {
        "figure_id": make_id(report_id, evidence.line_no, evidence.start, evidence.end, *shared),
        "ordinal": ordinal,
        **read,
        **_period(figure.period),
        **evidence._asdict(),
        "correction": None,
    }


def _period(period: Period | None) -> Row:
    """First and last day of the years of a period."""
    if period is None:
        return {"period_start": None, "period_end": None}
    return {"period_start": dt.date(period.first, 1, 1), "period_end": dt.date(period.last, 12, 31)}
