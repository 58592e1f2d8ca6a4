"""From a figure in the table back to the characters it was read from, step by step.

The page is read from the archive and cleaned anew, with the lines of its site that the run knew; so the words
around the number are those that the rules saw. Where today's code reads another thing, that is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import click
import polars as pl
from rich.text import Text

from flows import PIPELINE_VERSION
from flows.clean import CleanPage, clean
from flows.extract.context import Passage, Surroundings, passages, surroundings
from flows.extract.figures import locate
from flows.extract.measures import Choice, candidates
from flows.extract.numerals import Numeral, find_numerals
from flows.show import CONTROL, PipeConsole
from schemas.errors import UsageError
from storage import ReleaseReader, open_release
from storage.archive import read_capture
from storage.sites import read_version, site_of

Row = dict[str, Any]
REACH = 60  # characters of a line before and after the quote


@dataclass(frozen=True)
class Explanation:
    """What is known of a figure.

    Attributes:
        figure, report, capture, line: its rows of the release.
        numeral: the number as the rules read it today; nothing where they find none there.
        clean: its characters in the clean text.
        around: the words around it.
        choices: measures that cues speak for, the heaviest first.
    """

    figure: Row
    report: Row
    capture: Row
    line: Row
    numeral: Numeral | None
    clean: str
    around: Surroundings | None
    choices: list[Choice]


def explain(reader: ReleaseReader, name: str) -> Explanation:
    """Trace a figure.

    Args:
        reader: the release.
        name: id of the figure, or the beginning of one.

    Raises:
        UsageError: no figure, or more than one, goes by the name.
        StorageError: the archive cannot be read.
    """
    figure = _find(reader, name)
    own = pl.col("report_id") == figure["report_id"]
    report = reader.frame("reports").filter(own).row(0, named=True)
    line = reader.frame("lines").filter(own & (pl.col("line_no") == figure["line_no"])).row(0, named=True)
    capture = reader.frame("captures").filter(pl.col("capture_id") == report["capture_id"]).row(0, named=True)
    found = _numeral(_page(reader, figure["run_id"], _archived(reader, capture)), figure)
    if found is None:
        return Explanation(figure, report, capture, line, None, "", None, [])
    numeral, written, around = found
    choices = sorted(candidates(around, numeral.unit), key=lambda choice: -choice.weight)
    return Explanation(figure, report, capture, line, numeral, written, around, choices)


def _find(reader: ReleaseReader, name: str) -> Row:
    figures = reader.frame("figures")
    found = figures.filter(pl.col("figure_id").str.starts_with(name)) if name else figures.clear()
    if found.is_empty():
        raise UsageError(f"no figure goes by {name!r}; `lvzhi sql 'SELECT figure_id, quote FROM figures'` lists them")
    if found.height > 1:
        listed = "".join(f"\n  {row['figure_id']}  {row['quote']}" for row in found.head(10).iter_rows(named=True))
        raise UsageError(f"{found.height} figures go by {name!r}; name one of:{listed}")
    return found.row(0, named=True)


def _archived(reader: ReleaseReader, capture: Row) -> Row:
    """The capture that holds the bytes: the same page may have been read again, unchanged, and is archived once."""
    if capture["warc_file"] is not None:
        return capture
    same = reader.frame("captures").filter((pl.col("sha256") == capture["sha256"]) & pl.col("warc_file").is_not_null())
    if same.is_empty():
        raise UsageError(f"the bytes of capture {capture['capture_id']} are in no archive file of this release")
    return same.row(0, named=True)


def _page(reader: ReleaseReader, run_id: str, capture: Row) -> CleanPage:
    """The page as it was cleaned: with the lines that its site was known to repeat when the figure was read."""
    data = read_capture(reader.folder.archive, capture["warc_file"], capture["warc_offset"], capture["sha256"])
    run = reader.frame("runs").filter(pl.col("run_id") == run_id)["parameters"].to_list()
    version = json.loads(run[0]).get("site_lines", "") if run else ""
    repeated = read_version(reader.folder.sites, version).get(site_of(capture["source"], capture["source_uri"]))
    return clean(data, capture["content_type"], repeated or frozenset())


def _numeral(page: CleanPage, figure: Row) -> tuple[Numeral, str, Surroundings] | None:
    """The number at the place of the figure, its characters, and what stands around it."""
    place = (figure["line_no"], figure["start"], figure["end"])
    for passage in passages(page.paragraphs):
        quantities = [numeral for numeral in find_numerals(passage.folded) if not numeral.ignored]
        for i, numeral in enumerate(quantities):
            evidence = locate(passage, numeral.start, numeral.end, page.lines)
            if (evidence.line_no, evidence.start, evidence.end) == place:
                return numeral, passage.folded[numeral.start : numeral.end], _around(passage, quantities, i)
    return None


def _around(passage: Passage, quantities: list[Numeral], i: int) -> Surroundings:
    before = quantities[i - 1].end if i else 0
    after = quantities[i + 1].start if i + 1 < len(quantities) else len(passage.folded)
    return surroundings(passage, quantities[i].start, quantities[i].end, before, after)


def show_explanation(name: str, data: str, number: int | str | None, file_format: str = "text") -> None:
    """Print the way of a figure from the raw characters to the row.

    Args:
        name: id of the figure, or the beginning of one.
        data: the data folder.
        number: release; the current one if none is given.
        file_format: `text` or `json`.

    Raises:
        UsageError: no figure, or more than one, goes by the name.
    """
    reader = open_release(data, number)
    told = explain(reader, name)
    if file_format == "json":
        click.echo(json.dumps(_as_data(told), ensure_ascii=False, default=str))
        return
    console = PipeConsole(highlight=False, soft_wrap=True)
    for title, facts in _chapters(told):
        console.print(Text(title, style="bold"))
        for label, value in facts:
            console.print(Text(f"{label:>14}  "), _marked(value) if label == "raw" else Text(_safe(value)), sep="")


def _as_data(told: Explanation) -> Row:
    """The explanation for programs: the rows as they stand, and what today's code reads in the same place."""
    numeral, around = told.numeral, told.around
    reading = None
    if numeral is not None and around is not None:
        reading = {
            "text": told.clean,
            "value": numeral.value,
            "value_high": numeral.high,
            "unit": numeral.unit,
            "bound": numeral.bound,
            "before": around.before,
            "after": around.head,
        }
    cues = [{"measure": choice.measure, "rule": choice.rule, "weight": choice.weight} for choice in told.choices]
    report = {name: value for name, value in told.report.items() if name != "text"}
    return {
        "figure": told.figure,
        "report": report,
        "capture": told.capture,
        "line": told.line,
        "reading": reading,
        "cues": cues,
    }


def _chapters(told: Explanation) -> list[tuple[str, list[tuple[str, str]]]]:
    """All that is printed, by step."""
    figure, report, capture, line = told.figure, told.report, told.capture, told.line
    steps = [
        (
            f"figure {figure['figure_id']}",
            [
                ("quote", figure["quote"] + (f" … {figure['continued']}" if figure["continued"] else "")),
                ("value", _value(figure)),
                ("measure", " · ".join(filter(None, (figure["measure"], figure["statistic"], figure["category"])))),
                ("period", _years(figure)),
                ("whose", figure["whose"] + (", planned" if figure["planned"] else "")),
            ],
        ),
        (
            "1 the page",
            [
                ("address", f"{report['source']}: {report['source_uri']}"),
                ("title", report["title"] or ""),
                ("committee", f"{report['committee'] or ''} {report['division_code'] or ''}".strip()),
                ("archive", f"{capture['warc_file']} at byte {capture['warc_offset']}, sha256 {capture['sha256']}"),
                ("encoding", report["encoding"]),
            ],
        ),
        (
            f"2 line {line['line_no']}, characters {figure['start']} to {figure['end']}",
            [
                ("raw", _excerpt(line["raw"], figure["start"], figure["end"])),
                ("label", f"{line['label']}, by the rule {line['rule']} ({line['confidence']:.2f})"),
                ("paragraph", str(line["paragraph"])),
            ],
        ),
        ("3 the sentence", [("section", figure["section"]), ("sentence", figure["sentence"])]),
        ("4 the number", _reading(told)),
        ("5 what it counts", _cues(told)),
    ]
    return [(title, [(label, value) for label, value in facts if value]) for title, facts in steps]


def _reading(told: Explanation) -> list[tuple[str, str]]:
    numeral, around = told.numeral, told.around
    if numeral is None or around is None:
        return [("", f"today's code ({PIPELINE_VERSION}) finds no quantity there; the row is of {_version(told)}")]
    read = {"value": numeral.value, "value_high": numeral.high, "unit": numeral.unit, "bound": numeral.bound}
    differs = [name for name, value in read.items() if value != told.figure[name]]
    facts = [
        ("read as", f"{told.clean} = {_value(read)}"),
        ("before", around.before),
        ("after", around.head),
        ("share of", around.whole),
    ]
    if differs:
        facts.append(("", f"other than in the row of {_version(told)}: {', '.join(differs)}"))
    return facts


def _cues(told: Explanation) -> list[tuple[str, str]]:
    """The rule that decided, and the measures that cues speak for with their weights."""
    figure = told.figure
    facts = [("decided by", f"{figure['rule']}  → {figure['measure']} ({figure['confidence']:.2f})")]
    facts += [
        (f"{choice.weight:.2f}", f"{choice.measure}  by {choice.rule}{'  ←' if choice.rule == figure['rule'] else ''}")
        for choice in told.choices
    ]
    if not told.choices:
        facts.append(("", "no cue speaks for a measure"))
    return facts


def _version(told: Explanation) -> str:
    return f"version {told.figure['pipeline_version']}"


def _value(row: Row) -> str:
    high = f" to {row['value_high']:,.10g}" if row["value_high"] is not None else ""
    return f"{row['value']:,.10g}{high} {row['unit']} ({row['bound']})"


def _years(row: Row) -> str:
    if row["period_start"] is None:
        return ""
    return " to ".join(str(year) for year in sorted({row["period_start"].year, row["period_end"].year}))


def _excerpt(raw: str, start: int, end: int) -> str:
    """The raw line around the quote, which stands between ⟦ and ⟧."""
    low, high = max(0, start - REACH), min(len(raw), end + REACH)
    before, after = ("…" if low else "") + raw[low:start], raw[end:high] + ("…" if high < len(raw) else "")
    return f"{before}⟦{raw[start:end]}⟧{after}"


def _marked(excerpt: str) -> Text:
    text = Text(_safe(excerpt))
    text.stylize("bold green", excerpt.index("⟦"), excerpt.rindex("⟧") + 1)
    return text


def _safe(text: str) -> str:
    """Text that cannot steer the terminal: pages may hold anything."""
    return text.translate(CONTROL)
