"""Ring 2: what the words around the numbers say, and whether all of the report was used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from schemas.checks.numbers import squeeze
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated
from schemas.labels import KEPT_LABELS
from schemas.vocabulary import Cue, load_measures

DIGIT = re.compile(r"[0-9０-９]")
STOP = re.compile(r"[,;。:!?]")
SHARE_WITHOUT_SIGN = re.compile(r"(?:占[^,;。占%\d]{0,14}|[\u4e00-\u9fff]率(?:为|达到?|均为)?)$")
PROPOSALS = re.compile(r"提案|立案")
SURE = 4.0  # weight from which a cue that ends at the number says what is counted
YEAR_WORDS = re.compile(r"(?:19|20)\d\d|[一二三四五六七八九十两\d]+年|去年|上年|上一年|明年|来年|今年|今后|下一步|同期|届|[〇○零一二三四五六七八九]{4}")
COUNTED = re.compile(r"\d\s*[万余多]?\s*(?:件|篇|次|条|场|期|个|人次|名|%)")
OF_THE_COMMITTEE = re.compile(r"提案|社情民意|协商|调研|视察|建言|履职")
PROSE = re.compile(r"[,，。;；].*[,，。;；]")
NEAR = 3  # lines


@declare(
    REPORT,
    "figures_complete",
    "error",
    "Figures are numbered from 1 on without a gap, as many as the report says.",
    scope="report",
    tolerance="rows in quarantine count",
)
def figures_complete(report: ReportView) -> Iterator[Outcome]:
    """No figure is lost, none comes twice."""
    expected = report.report["n_figures"]
    found = len({figure.ordinal for figure in report.figures}) + report.set_aside
    passed = expected == found == len(report.figures) + report.set_aside
    more = f" and {report.set_aside} in quarantine" if report.set_aside else ""
    message = f"{expected} figures were read, {len(report.figures)} are in the table{more}"
    yield Outcome(passed, str(expected), str(found), message)


@declare(
    REPORT,
    "digits_accounted",
    "error",
    "Every digit of the kept text stands in a figure or in a numeral that is set aside by a named rule.",
    scope="report",
    tolerance="silent where rows of the report are in quarantine",
)
def digits_accounted(report: ReportView) -> Iterator[Outcome]:
    """Digits of kept lines against digits of quotes."""
    if report.set_aside or report.numerals_aside:
        return
    kept = sum(len(DIGIT.findall(line["text"])) for line in report.lines.values() if line["label"] in KEPT_LABELS)
    quotes = [figure.quote for figure in report.figures]
    quotes += [row["quote"] + row["continued"] for row in report.ignored]
    quoted = sum(len(DIGIT.findall(ENTITY.sub("", quote))) for quote in quotes)
    message = f"{kept} digits stand in the text, {quoted} in figures and numerals"
    yield Outcome(kept == quoted, str(kept), str(quoted), message)


ENTITY = re.compile(r"&#\w+;")


@declare(
    REPORT,
    "share_has_sign",
    "warning",
    "A number behind 占 or 率 is a percentage.",
    scope="numerals that are no figures, and counts",
    right="其中集体提案103件，占立案总数的23.1%。",
    wrong="其中集体提案103件，占立案总数的23.1。",
)
def share_has_sign(report: ReportView) -> Iterator[Outcome]:
    """A lost per cent sign."""
    for row in report.ignored:
        line = report.lines.get(row["line_no"])
        if row["rule"] != "bare" or line is None or not DIGIT.search(row["quote"]):
            continue
        if SHARE_WITHOUT_SIGN.search(squeeze(line["raw"][: row["start"]])):
            yield Outcome(False, "%", squeeze(row["quote"]), f"{row['quote']} (line {row['line_no']}) has no % behind it")
    for figure in report.figures:
        if figure.place <= 0 or not SHARE_WITHOUT_SIGN.search(figure.words[: figure.place]):
            continue
        if figure.is_count and figure.value <= 100 and figure.unit not in ("位", "名") and "." in figure.quote:
            message = f"{figure} (line {figure.line_no}) stands where a percentage is expected"
            yield Outcome(False, "%", str(figure), message, (figure.figure_id,))
        elif figure.statistic == "share":
            message = f"{figure} (line {figure.line_no}) is a percentage"
            yield Outcome(True, "%", str(figure), message, (figure.figure_id,))


@declare(
    REPORT,
    "unit_of_what_is_counted",
    "warning",
    "Behind words that count proposals stands a unit of proposals: 立案…件.",
    scope="words between the last stop or figure and the number; cues and units of the vocabulary",
    right="全年召开主席会议12次，立案提案352件。",
    wrong="全年召开主席会议12次，立案提案352处。",
)
def unit_of_what_is_counted(report: ReportView) -> Iterator[Outcome]:
    """A unit that was changed makes another measure of a figure."""
    last: Stated | None = None
    for figure in report.figures:
        floor = last.end if last is not None and last.sentence_no == figure.sentence_no else 0
        last = figure
        if figure.place <= 0 or not figure.is_count or not figure.unit:
            continue
        before = figure.words[max(0, floor) : figure.place]
        before = before[max((m.end() for m in STOP.finditer(before)), default=0) :]
        sure = [cue for cue in _sure_cues() if cue.pattern.search(before)] if PROPOSALS.search(before) else []
        fits = any(figure.unit in cue.units for cue in sure)
        if not sure or (figure.measure != "other" and not fits):
            continue
        units = " ".join(sorted(max(sure, key=lambda cue: cue.weight).units))
        message = f"{before}{figure} (line {figure.line_no}): proposals are counted in {units}"
        yield Outcome(fits, units, figure.unit, message, (figure.figure_id,))


@cache
def _sure_cues() -> tuple[Cue, ...]:
    """Cues right before a number that say by themselves that it counts proposals."""
    return tuple(
        cue
        for measure in load_measures()
        for cue in measure.cues
        if measure.code.startswith("proposals.") and measure.code != "proposals.handlers"
        if cue.place == "before" and cue.units and cue.context is None and cue.weight >= SURE
    )


@declare(
    REPORT,
    "period_is_stated",
    "warning",
    "A figure of other years than the report's stands where the text names years.",
    scope="sentence, heading, paragraph",
)
def period_is_stated(report: ReportView) -> Iterator[Outcome]:
    """A period that nothing in the text gives."""
    own = report.period
    paragraphs: dict[int, str] = {}
    for line in report.lines.values():
        if line["paragraph"]:
            paragraphs[line["paragraph"]] = paragraphs.get(line["paragraph"], "") + line["text"]
    for figure in report.figures:
        if figure.period in (own, None):
            continue
        words = figure.words + squeeze(figure.section) + paragraphs.get(figure.paragraph, "")
        passed = figure.planned or bool(YEAR_WORDS.search(words.replace(str(figure), "")))
        years = "–".join(map(str, figure.period or ()))
        verb = "names" if passed else "names no"
        message = f"{figure} (line {figure.line_no}) is said to be of {years}; the text around it {verb} years"
        yield Outcome(passed, "–".join(map(str, own or ())), years, message, (figure.figure_id,))


@declare(
    REPORT,
    "dropped_line_counts",
    "warning",
    "No line between lines of the text that is left out states what the committee did.",
    scope="dropped lines between kept ones",
)
def dropped_line_counts(report: ReportView) -> Iterator[Outcome]:
    """A line of the report taken for furniture."""
    kept = {no for no, line in report.lines.items() if line["label"] == "body"}
    for no, line in report.lines.items():
        if line["label"] not in ("boilerplate", "spam", "meta"):
            continue
        inside = any(no - NEAR <= other < no for other in kept) and any(no < other <= no + NEAR for other in kept)
        text = line["text"]
        if inside and COUNTED.search(text) and OF_THE_COMMITTEE.search(text) and PROSE.search(text):
            message = f"line {no} is left out as {line['label']} ({line['rule']}): {text[:60]}"
            yield Outcome(False, "body", line["label"], message)


