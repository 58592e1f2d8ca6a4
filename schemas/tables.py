"""The tables, each declared once: columns, types, checks, key, and the words for the data dictionary.

A model is the contract of a table: validation, the Delta schema and the data dictionary are all made
from it. Descriptions are what a reader of the Parquet file sees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pandera.polars as pa
import polars as pl

from schemas.labels import BOUNDS, FORMS, IGNORED_RULES, KINDS, LABELS, LEVELS, REPORT_KINDS, STATISTICS
from schemas.vocabulary import load_measures

ID = r"^[0-9a-f]{16}$"
SHA256 = r"^[0-9a-f]{64}$"
Timestamp = Annotated[pl.Datetime, "us", "UTC"]


class Table(pa.DataFrameModel):
    """Columns are checked strictly: none missing, none more, none of another type."""

    class Config:
        strict = True
        ordered = True


class Extracted(Table):
    """Columns that every table made from the text of a report begins with."""

    report_id: str = pa.Field(str_matches=ID, description="The report: SHA-256 of source and address, 16 hex digits.")
    run_id: str = pa.Field(str_length={"min_value": 1}, description="The run that wrote the row; see `runs`.")
    pipeline_version: str = pa.Field(str_length={"min_value": 1}, description="Version of the code that made the row.")


class Captures(Table):
    """One fetch or read of a page, with the place of its bytes in the archive."""

    capture_id: str = pa.Field(str_matches=ID, description="The capture: SHA-256 of report, content and time.")
    report_id: str = pa.Field(str_matches=ID, description="The report that the page holds.")
    run_id: str = pa.Field(description="The run that read the page.")
    source: str = pa.Field(str_length={"min_value": 1}, description="Name of the source.")
    source_kind: str = pa.Field(isin=("file", "web", "epaper", "warc"), description="Kind of the source.")
    source_uri: str = pa.Field(
        str_length={"min_value": 1}, description="Address; of a file, its path below the folder that was named."
    )
    captured_at: Timestamp = pa.Field(description="When the bytes were read (UTC).")
    status: str = pa.Field(
        isin=("read", "too_large"), description="`read`, or why the bytes were not kept: `too_large`."
    )
    content_type: str = pa.Field(description="Media type as stated by the source or by the file name.")
    etag: str = pa.Field(nullable=True, description="HTTP ETag of the page, where fetched from the web.")
    last_modified: Timestamp = pa.Field(nullable=True, description="HTTP Last-Modified, or the file's time (UTC).")
    sha256: str = pa.Field(str_matches=SHA256, description="SHA-256 of the bytes.")
    bytes: int = pa.Field(ge=0, description="Length of the page in bytes.")
    warc_file: str = pa.Field(
        nullable=True,
        description="WARC file that holds the bytes: its name below `archive/`, or the place of a file that was not copied.",
    )
    warc_offset: int = pa.Field(nullable=True, ge=0, description="Offset of the record in the WARC file, in bytes.")
    warc_length: int = pa.Field(nullable=True, ge=0, description="Length of the record in the WARC file, in bytes.")
    unchanged: bool = pa.Field(description="True where the content equals the capture before.")


class Dated(Table):
    """Columns of rows that cover years."""

    @pa.dataframe_check(name="period_in_order")
    def period_in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805
        """A period ends after it starts, and has both ends or none."""
        start, end = pl.col("period_start"), pl.col("period_end")
        return data.lazyframe.select(
            pl.when(start.is_null() | end.is_null()).then(start.is_null() & end.is_null()).otherwise(start <= end)
        )


class Reports(Extracted, Dated):
    """One report, from its latest capture."""

    capture_id: str = pa.Field(str_matches=ID, description="The capture that the rows were made from.")
    source: str = pa.Field(str_length={"min_value": 1}, description="Name of the source.")
    source_uri: str = pa.Field(str_length={"min_value": 1}, description="Address of the page in its source.")
    title: str = pa.Field(nullable=True, description="Headline in simplified script, sub-headline after ` ——`.")
    report_kind: str = pa.Field(
        isin=REPORT_KINDS, description="Kind of the report, by its headline: of the committee's work, of proposals …"
    )
    committee: str = pa.Field(
        nullable=True, str_matches=r"^政协.+委员会$", description="The committee, as 政协…委员会 of its place."
    )
    division_code: str = pa.Field(
        nullable=True, str_matches=r"^\d{6}$", description="GB/T 2260 code of the committee's place."
    )
    division_name: str = pa.Field(nullable=True, description="Official name of the place.")
    level: str = pa.Field(nullable=True, isin=LEVELS, description="Administrative level of the committee.")
    term: int = pa.Field(nullable=True, ge=1, le=30, description="Term (届) of the committee.")
    session: int = pa.Field(nullable=True, ge=1, le=12, description="Session (次会议) that received the report.")
    period_start: dt.date = pa.Field(nullable=True, description="First day of the years that the report covers.")
    period_end: dt.date = pa.Field(nullable=True, description="Last day of the years that the report covers.")
    published_at: dt.date = pa.Field(nullable=True, description="Day of publication as stated on the page.")
    archived_at: dt.date = pa.Field(nullable=True, description="Day on which a mirror archived the page, as stated.")
    source_name: str = pa.Field(nullable=True, description="Paper or site that the page names as its source.")
    encoding: str = pa.Field(description="Character encoding that the bytes were decoded with.")
    script: str = pa.Field(isin=("simplified", "traditional", "mixed"), description="Script of the source.")
    text: str = pa.Field(description="Clean text, one paragraph a line, in simplified script.")
    n_lines: int = pa.Field(ge=0, description="Lines of the source.")
    n_dropped: int = pa.Field(ge=0, description="Lines that are not in the text: meta, boilerplate, spam.")
    n_spam: int = pa.Field(ge=0, description="Lines that are spam.")
    n_replaced: int = pa.Field(ge=0, description="Damaged characters replaced when decoding.")
    n_figures: int = pa.Field(ge=0, description="Figures read from the text.")
    duplicate_of: str = pa.Field(
        nullable=True,
        str_matches=ID,
        description="The report that this one repeats: a mirror or a reprint with nearly the same text.",
    )
    truncated: bool = pa.Field(description="True where the page says that the rest of the report is elsewhere.")
    quality: str = pa.Field(
        isin=("passed", "flagged", "quarantined"),
        description="Outcome of the checks; `flagged` where fields are missing, the text breaks off, or characters or digits are damaged.",
    )


class Lines(Extracted):
    """One line of the decoded source, with its label and the rule that gave it."""

    line_no: int = pa.Field(ge=1, description="Number of the line in the source, from 1.")
    raw: str = pa.Field(description="The line as decoded, unchanged.")
    text: str = pa.Field(description="The line in simplified script, without markup.")
    label: str = pa.Field(isin=LABELS, description="What the line is.")
    rule: str = pa.Field(str_length={"min_value": 1}, description="Rule that gave the label.")
    confidence: float = pa.Field(ge=0, le=1, description="Confidence of the rule, 0 to 1.")
    paragraph: int = pa.Field(nullable=True, ge=1, description="Paragraph that a kept line belongs to, from 1.")


class Evidence(Extracted):
    """Columns of rows that point at characters of a raw line."""

    @pa.dataframe_check(name="span_in_order")
    def span_in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805
        """The quote is as long as the span that it stands at."""
        return data.lazyframe.select(pl.col("quote").str.len_chars() == pl.col("end") - pl.col("start"))


class Figures(Evidence, Dated):
    """One quantity that the report states."""

    figure_id: str = pa.Field(str_matches=ID, description="The figure: SHA-256 of report, line and span.")
    ordinal: int = pa.Field(ge=1, description="Place of the figure in its report, from 1.")
    measure: str = pa.Field(isin=tuple(m.code for m in load_measures()), description="What is counted.")
    statistic: str = pa.Field(isin=STATISTICS, description="Absolute quantity, share of a whole, or change.")
    category: str = pa.Field(description="Topic or class of a breakdown, as written; empty for none.")
    value: float = pa.Field(description="The number in base units; the lower end of a range.")
    value_high: float = pa.Field(nullable=True, description="The upper end of a range.")
    unit: str = pa.Field(description="Measure word as written, in simplified script, without 万 and 亿.")
    bound: str = pa.Field(isin=BOUNDS, description="Exact, or the side on which the true value lies.")
    whose: str = pa.Field(isin=("own", "other"), description="Done by this committee, or by somebody else.")
    planned: bool = pa.Field(description="True where the figure is a plan, not a result.")
    period_start: dt.date = pa.Field(nullable=True, description="First day of the years that the figure covers.")
    period_end: dt.date = pa.Field(nullable=True, description="Last day of the years that the figure covers.")
    section: str = pa.Field(description="Heading above the figure; empty for none.")
    sentence: str = pa.Field(str_length={"min_value": 1}, description="The sentence, in simplified script.")
    quote: str = pa.Field(
        str_length={"min_value": 1}, description="Qualifier, number and unit as the raw line has them."
    )
    continued: str = pa.Field(
        description="Rest of the quote, on the lines after, where a line break parts it; else empty."
    )
    line_no: int = pa.Field(ge=1, description="Line on which the quote starts.")
    start: int = pa.Field(ge=0, description="First code point of the quote in the raw line, from 0.")
    end: int = pa.Field(ge=1, description="Code point after the quote's last one in the raw line.")
    rule: str = pa.Field(str_length={"min_value": 1}, description="Rule that gave the measure.")
    confidence: float = pa.Field(ge=0, le=1, description="Confidence of the measure, 0 to 1.")
    correction: str = pa.Field(
        nullable=True,
        description="Why the row is not what the quote says, where a known error of the source is corrected; else empty.",
    )

    @pa.dataframe_check(name="value_is_finite")
    def value_is_finite(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805
        """A value is a number."""
        high = pl.col("value_high")
        return data.lazyframe.select(pl.col("value").is_finite() & (high.is_null() | high.is_finite()))

    @pa.dataframe_check(name="range_in_order")
    def range_in_order(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805
        """The lower end of a range is not above the upper end."""
        high = pl.col("value_high")
        return data.lazyframe.select(high.is_null() | (pl.col("value") <= high))

    @pa.dataframe_check(name="share_within_whole")
    def share_within_whole(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805
        """A percentage of a whole lies between 0 and 100."""
        is_share = (pl.col("statistic") == "share") & (pl.col("unit") == "%")
        return data.lazyframe.select(~is_share | pl.col("value").is_between(0, 100))


class IgnoredNumerals(Evidence):
    """One numeral of the text that is no figure, with the rule that says so."""

    line_no: int = pa.Field(ge=1, description="Line on which the numeral starts.")
    start: int = pa.Field(ge=0, description="First code point of the numeral in the raw line, from 0.")
    end: int = pa.Field(ge=1, description="Code point after its last one in the raw line.")
    quote: str = pa.Field(str_length={"min_value": 1}, description="The numeral as the raw line has it.")
    continued: str = pa.Field(description="Rest of the numeral where a line break parts it; else empty.")
    rule: str = pa.Field(isin=IGNORED_RULES, description="Why it is no figure.")


class Activities(Extracted):
    """One consultation, supervision, research or study activity that the report says was held."""

    activity_id: str = pa.Field(str_matches=ID, description="The activity: SHA-256 of report, line and topic.")
    form: str = pa.Field(isin=FORMS, description="Form of the activity.")
    topic: str = pa.Field(str_length={"min_value": 1}, description="Topic in simplified script.")
    date: str = pa.Field(str_matches=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$", description="ISO date, month or year; or empty.")
    date_precision: str = pa.Field(isin=("", "year", "month", "day"), description="How much of the date is stated.")
    sentence: str = pa.Field(str_length={"min_value": 1}, description="The sentence, in simplified script.")
    line_no: int = pa.Field(ge=1, description="Line on which the topic starts.")
    rule: str = pa.Field(str_length={"min_value": 1}, description="Rule that found the activity.")


class Documents(Extracted):
    """One mention of a titled work 《…》."""

    document_id: str = pa.Field(str_matches=ID, description="The mention: SHA-256 of report, line and span.")
    title: str = pa.Field(str_length={"min_value": 1}, description="Text between the outer marks, simplified script.")
    kind: str = pa.Field(isin=KINDS, description="Kind of the work.")
    sentence: str = pa.Field(str_length={"min_value": 1}, description="The sentence, in simplified script.")
    line_no: int = pa.Field(ge=1, description="Line on which the title starts.")


class ProposalYear(Extracted, Dated):
    """Columns of `proposals` before those of the measures."""

    division_code: str = pa.Field(
        nullable=True, str_matches=r"^\d{6}$", description="GB/T 2260 code of the committee's place."
    )
    period_start: dt.date = pa.Field(nullable=True, description="First day of the years that the report covers.")
    period_end: dt.date = pa.Field(nullable=True, description="Last day of the years that the report covers.")


def _proposals() -> type[Table]:
    """The model of `proposals`: a column for the count and one for the share of each of its measures."""
    columns: dict[str, object] = {}
    for measure in load_measures():
        family, _, name = measure.code.partition(".")
        if family == "proposals":
            said = f"{measure.definition} Empty where the report does not say."
            columns[name] = pa.Field(nullable=True, ge=0, description=f"`{measure.code}`: {said}")
            share = f"Share in percent, of `{measure.code}`."
            columns[f"{name}_share"] = pa.Field(nullable=True, ge=0, le=100, description=share)
    kinds: dict[str, type] = dict.fromkeys(columns, float)
    columns["n_checks_failed"] = pa.Field(
        nullable=True, ge=0, description="Failed checks in which figures of proposals take part."
    )
    doc = "One report's year of proposals: its own results for its own period, no plans, by measure."
    body = {"__doc__": doc, "__module__": __name__, "__annotations__": kinds | {"n_checks_failed": int}, **columns}
    return type("Proposals", (ProposalYear,), body)


Proposals = _proposals()


class Panel(Dated):
    """What a committee states of a period, over all reports: one number for each measure, category and statistic."""

    committee: str = pa.Field(str_matches=r"^政协.+委员会$", description="The committee, as 政协…委员会 of its place.")
    division_code: str = pa.Field(
        nullable=True,
        str_matches=r"^\d{6}$",
        description="GB/T 2260 code of its place: some committees share a name.",
    )
    period_start: dt.date = pa.Field(description="First day of the years that the number covers.")
    period_end: dt.date = pa.Field(description="Last day of the years that the number covers.")
    measure: str = pa.Field(isin=tuple(m.code for m in load_measures()), description="What is counted.")
    category: str = pa.Field(description="Topic or class of a breakdown, as written; empty for none.")
    statistic: str = pa.Field(isin=STATISTICS, description="Absolute quantity, share of a whole, or change.")
    value: float = pa.Field(
        description="The number that most reports state; of one report the one it states most often, else the largest."
    )
    unit: str = pa.Field(description="Measure word that most reports use; figures in others are only in `figures`.")
    bound: str = pa.Field(isin=BOUNDS, description="Exact, or the side on which the true value lies.")
    n_sources: int = pa.Field(ge=1, description="Reports that state a number for this.")
    agree: bool = pa.Field(description="Whether all of these reports state the same number.")
    figure_ids: str = pa.Field(
        str_length={"min_value": 16},
        description="The figures behind it, a space between them: those that state the value first, then others.",
    )


class Checks(Table):
    """One outcome of one check, passed or failed."""

    check_id: str = pa.Field(str_matches=ID, description="The outcome: SHA-256 of rule, subject and place in the list.")
    run_id: str = pa.Field(description="The run that checked.")
    rule: str = pa.Field(str_length={"min_value": 1}, description="The rule; all are explained in schemas/CHECKS.md.")
    ring: str = pa.Field(
        isin=("row", "report", "dataset"), description="What the rule sees: rows, one report, or the whole dataset."
    )
    severity: str = pa.Field(isin=("error", "warning"), description="How bad it is where it fails.")
    report_id: str = pa.Field(nullable=True, str_matches=ID, description="The report; empty where it is not about one.")
    figure_ids: str = pa.Field(description="The figures that took part, a space between them; empty for none.")
    passed: bool = pa.Field(description="Whether the rule holds.")
    expected: str = pa.Field(description="What should be there.")
    observed: str = pa.Field(description="What was found.")
    message: str = pa.Field(str_length={"min_value": 1}, description="The same as a sentence.")


class Quarantine(Table):
    """One row or page set aside, whole, with the rule that it failed."""

    quarantine_id: str = pa.Field(str_matches=ID, description="SHA-256 of table, rule and row.")
    report_id: str = pa.Field(str_matches=ID, description="The report that the row belongs to.")
    run_id: str = pa.Field(description="The run that set it aside.")
    table: str = pa.Field(description="Table that the row was meant for; `captures` for a whole page.")
    row: str = pa.Field(description="The row as JSON.")
    rule: str = pa.Field(str_length={"min_value": 1}, description="Rule that failed.")
    reason: str = pa.Field(str_length={"min_value": 1}, description="What is wrong, and what to do.")
    capture_id: str = pa.Field(nullable=True, str_matches=ID, description="The capture behind the row.")
    line_no: int = pa.Field(nullable=True, ge=1, description="Line of the source, where there is one.")
    resolved_by_run: str = pa.Field(nullable=True, description="The run that settled it; empty while open.")
    dismissed: str = pa.Field(
        nullable=True, description="Why the row can never pass, as a person said; empty where nobody dismissed it."
    )


class Runs(Table):
    """One run of the pipeline, with the counts of its summary."""

    run_id: str = pa.Field(str_length={"min_value": 1}, description="The run: start time and a random part.")
    flow: str = pa.Field(description="What ran: `ingest`, `backfill`, `replay`, `dismiss`, `rebuild` or `maintain`.")
    started_at: Timestamp = pa.Field(description="Start of the run (UTC).")
    ended_at: Timestamp = pa.Field(nullable=True, description="End of the run (UTC); empty while it runs.")
    parameters: str = pa.Field(description="Parameters of the run as JSON.")
    pipeline_version: str = pa.Field(description="Version of the code.")
    inputs: str = pa.Field(
        nullable=True,
        description="What its rows were made with beside their captures, as JSON: versions of code, vocabulary, lines of sites.",
    )
    counts: str = pa.Field(description="Counts in and out of each stage as JSON.")
    release: int = pa.Field(nullable=True, ge=1, description="Release that is current after the run.")
    status: str = pa.Field(
        isin=("running", "released", "unchanged", "failed", "interrupted"), description="How the run ended."
    )


class Requests(Table):
    """One request to a site, or one that a rule refused: the ledger of fetching."""

    request_id: str = pa.Field(str_matches=ID, description="The request: SHA-256 of fetch, time, number and address.")
    fetch_id: str = pa.Field(str_length={"min_value": 1}, description="The fetch; a killed one is gone on with.")
    source: str = pa.Field(str_length={"min_value": 1}, description="Name of the source.")
    purpose: str = pa.Field(
        isin=("robots", "list", "page", "record"),
        description="What for: robots.txt, a page with links, a page, a record of a WARC file.",
    )
    address: str = pa.Field(str_length={"min_value": 1}, description="The address asked.")
    asked_for: str = pa.Field(description="The address from which redirects led here; else the same.")
    host: str = pa.Field(description="Host and port, by which requests are paced.")
    requested_at: Timestamp = pa.Field(description="When it was sent (UTC).")
    seconds: float = pa.Field(ge=0, description="From the request to the last byte.")
    attempt: int = pa.Field(ge=1, description="Number of the try in this run, from 1.")
    robots: str = pa.Field(
        isin=("allowed", "forbidden", "unreachable", "not asked"), description="What robots.txt of the site says."
    )
    status: int = pa.Field(nullable=True, ge=100, le=999, description="Status of HTTP; empty without an answer.")
    bytes: int = pa.Field(ge=0, description="Bytes of the body that came, as sent.")
    content_type: str = pa.Field(description="Media type as the site says it.")
    etag: str = pa.Field(nullable=True, description="ETag of the answer.")
    last_modified: str = pa.Field(nullable=True, description="Last-Modified of the answer, as sent.")
    sha256: str = pa.Field(nullable=True, str_matches=SHA256, description="SHA-256 of the bytes, unpacked.")
    outcome: str = pa.Field(
        isin=("fetched", "unchanged", "redirected", "refused", "failed"), description="What came of it."
    )
    rule: str = pa.Field(description="The rule that refused it, or what failed; the status of a redirect.")
    reason: str = pa.Field(description="The same in words; empty where all went well.")


PLAIN_TYPES = {
    pl.String: "text",
    pl.Int64: "integer",
    pl.Float64: "number",
    pl.Boolean: "true or false",
    pl.Date: "day",
    pl.Datetime: "time (UTC)",
}


@dataclass(frozen=True)
class ColumnSpec:
    """One column for readers: name, type in plain words, whether it may be empty, meaning, values that it may have."""

    name: str
    kind: str
    nullable: bool
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class TableSpec:
    """One table: name, model and key columns."""

    name: str
    model: type[Table]
    key: tuple[str, ...]

    @property
    def description(self) -> str:
        """What one row is, in a sentence."""
        return (self.model.__doc__ or "").strip()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and Polars types, in order."""
        return {name: column.dtype.type for name, column in self.model.to_schema().columns.items()}

    def columns(self) -> Iterator[ColumnSpec]:
        """What a reader must know of each column, in order."""
        for name, column in self.model.to_schema().columns.items():
            listed = next(
                (c.statistics["allowed_values"] for c in column.checks if "allowed_values" in c.statistics), ()
            )
            kind = PLAIN_TYPES[column.dtype.type.base_type()]
            yield ColumnSpec(name, kind, bool(column.nullable), column.description or "", tuple(listed))

    def frame(self, rows: list[dict[str, object]]) -> pl.DataFrame:
        """Rows as a frame of the table's types; a value of another type is an error of ours."""
        return pl.DataFrame(rows, schema=self.schema, orient="row")


TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec("captures", Captures, ("capture_id",)),
        TableSpec("reports", Reports, ("report_id",)),
        TableSpec("lines", Lines, ("report_id", "line_no")),
        TableSpec("figures", Figures, ("figure_id",)),
        TableSpec("ignored_numerals", IgnoredNumerals, ("report_id", "line_no", "start")),
        TableSpec("activities", Activities, ("activity_id",)),
        TableSpec("documents", Documents, ("document_id",)),
        TableSpec("proposals", Proposals, ("report_id",)),
        TableSpec(
            "panel",
            Panel,
            ("committee", "division_code", "period_start", "period_end", "measure", "category", "statistic"),
        ),
        TableSpec("checks", Checks, ("check_id",)),
        TableSpec("quarantine", Quarantine, ("quarantine_id",)),
        TableSpec("runs", Runs, ("run_id",)),
        TableSpec("requests", Requests, ("request_id",)),
    )
}

# Tables whose rows are made from the text of a report, replaced together when the report is read again.
EXTRACTED = ("reports", "lines", "figures", "ignored_numerals", "activities", "documents", "proposals")
