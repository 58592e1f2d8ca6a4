"""Ring 1: one row by itself, or beside the lines that it was read from. A row that fails goes to quarantine whole.

Types, codes, ranges and the order of dates are checks of the pandera models in `schemas.tables`; here stand the rules that need more than
the row. A rule answers with what is wrong, or with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.checks.numbers import digits_of, plain, squeeze
from schemas.checks.rule import ROW, declare
from schemas.labels import KEPT_LABELS
from schemas.vocabulary import load_divisions, load_measures
from schemas.vocabulary.measures import PLACES

Row = Mapping[str, Any]
# Measure words of what can be counted only whole.
WHOLE_THINGS = frozenset(
    [
        "件",
        "次",
        "篇",
        "个",
        "名",
        "位",
        "人",
        "户",
        "家",
        "场",
        "期",
        "份",
        "条",
        "项",
        "人次",
        "件次",
        "场次",
        "批",
        "部",
        "册",
        "本",
        "所",
        "处",
        "座",
        "辆",
        "支",
        "组",
        "类",
        "起",
        "轮",
    ]
)
# 余 and 多 follow a number of tens at least: 20余次, 5万余人次.
AFTER_A_DIGIT = re.compile(r"(?<![\d.,])\d(?:余|多)")
PERCENT = frozenset(("%", "‰", "成", "折"))
SHARE_UNITS = PERCENT | {"倍", "百分点"}


@dataclass(frozen=True)
class Reading:
    """A number as it is read again: value, upper end of a range, measure word, and bound where it tells one."""

    value: float
    high: float | None
    unit: str
    bound: str | None


@dataclass(frozen=True)
class RowContext:
    """What stands beside a row.

    Attributes:
        lines: lines of the report by number.
        figures: its figures by ordinal.
        readings: reads the number of a quote, by itself and in its sentence: all ways to read it.
    """

    lines: Mapping[int, Row]
    figures: Mapping[int, Row]
    readings: Callable[[str, str], Sequence[Reading]]


def _quoted(row: Row, context: RowContext) -> str | None:
    """Both evidence tables: the quote against the raw line."""
    line = context.lines.get(row["line_no"])
    if line is None:
        return f"there is no line {row['line_no']}"
    if line["raw"][row["start"] : row["end"]] != row["quote"]:
        return f"line {row['line_no']} has {line['raw'][row['start'] : row['end']]!r} there, not {row['quote']!r}"
    if line["label"] not in KEPT_LABELS:
        return f"line {row['line_no']} is {line['label']}, no text of the report"
    rest = row["continued"]
    if rest and not _stands_in_lines(rest, row["line_no"], context.lines):
        return f"the rest of the quote, {rest!r}, stands on no other line"
    return None


def _stands_in_lines(rest: str, line_no: int, lines: Mapping[int, Row]) -> bool:
    """Whether the rest of a quote stands on other kept lines, whole or in two pieces."""
    others = [line["raw"] for no, line in lines.items() if no != line_no and line["label"] in KEPT_LABELS]
    if any(rest in raw for raw in others):
        return True
    cuts = range(1, len(rest))
    return any(any(rest[:cut] in raw for raw in others) and any(rest[cut:] in raw for raw in others) for cut in cuts)


@declare(
    ROW,
    "figures.quote_is_raw",
    "error",
    "The quote stands in the raw line, at its place, and the line is text of the report.",
    scope="the figure and its line",
    right="全年立案提案708件。",
    wrong='quote = "718件"',
)
def figure_quote_is_raw(row: Row, context: RowContext) -> str | None:
    """The quote of a figure."""
    return _quoted(row, context)


@declare(
    ROW,
    "ignored_numerals.quote_is_raw",
    "error",
    "The numeral stands in the raw line, at its place, and the line is text of the report.",
    scope="the numeral and its line",
    right="2023年,全年立案提案708件。",
    wrong='quote = "2024年"',
)
def numeral_quote_is_raw(row: Row, context: RowContext) -> str | None:
    """The quote of a numeral that is no figure."""
    return _quoted(row, context)


@declare(
    ROW,
    "figures.value_is_quote",
    "error",
    "Value, upper end, unit and bound are what is read from the quote again.",
    scope="the figure, by itself and in its sentence",
    right="全年立案提案708件。",
    wrong="value = 718.0",
)
def value_is_quote(row: Row, context: RowContext) -> str | None:
    """The number read once more."""
    if row.get("correction"):
        return None  # the value is that of the correction; the quote stays what the source has
    quote = row["quote"] + row["continued"]
    found = context.readings(quote, row["sentence"])
    for reading in found:
        same = (reading.value, reading.high, reading.unit) == (row["value"], row["value_high"], row["unit"])
        if same and reading.bound in (None, row["bound"]):
            return None
    if not found:
        return f"{quote!r} holds no number"
    first = found[0]
    read = f"{plain(first.value)} {first.unit} ({first.bound or row['bound']})"
    return f"{quote!r} reads {read}, the row has {plain(row['value'])} {row['unit']} ({row['bound']})"


@declare(
    ROW,
    "figures.quote_in_sentence",
    "error",
    "The digits of the quote stand in the sentence.",
    scope="the figure",
    right="全年立案提案708件。",
    wrong='sentence = "全年召开主席会议12次。"',
)
def quote_in_sentence(row: Row, context: RowContext) -> str | None:
    """Quote and sentence belong together."""
    digits = digits_of(row["quote"]).rstrip(".,")
    return (
        None if digits in squeeze(row["sentence"]) else f"{row['quote']!r} does not stand in {row['sentence'][:40]!r}"
    )


@cache
def _units() -> dict[str, frozenset[str] | None]:
    """Measure words of each measure by its cues; nothing where a cue takes any."""
    return {
        measure.code: None
        if measure.code == "other" or any(not cue.units for cue in measure.cues)
        else frozenset().union(*(cue.units for cue in measure.cues))
        for measure in load_measures()
    }


@declare(
    ROW,
    "figures.unit_fits_measure",
    "error",
    "A measure has a unit in which it can be counted: 件 for proposals; a share is in %, ‰, 成.",
    scope="the figure; units are those of the measure's cues in the vocabulary",
    right="全年立案提案708件。",
    wrong='unit = "元"',
)
def unit_fits_measure(row: Row, context: RowContext) -> str | None:
    """Measure, statistic and unit fit each other."""
    unit = re.sub(r"\(.*\)$", "", row["unit"])
    if row["statistic"] == "share":
        return None if unit in SHARE_UNITS else f"a share in {unit!r}"
    if row["statistic"] == "count" and unit in PERCENT:
        return f"a count in {unit!r}"
    allowed = _units().get(row["measure"])
    fits = row["statistic"] != "count" or allowed is None or unit in allowed or row["rule"] == "of_figure_before"
    return None if fits else f"{row['measure']} in {unit!r}, expected one of {' '.join(sorted(allowed or ()))}"


@declare(
    ROW,
    "figures.whole_things",
    "error",
    "What comes only whole is counted in whole numbers.",
    scope="the figure",
    tolerance="averages (人均, 平均, 每)",
    right="全年立案提案708件。",
    wrong="value = 70.8",
)
def whole_things(row: Row, context: RowContext) -> str | None:
    """No half proposals."""
    if row["statistic"] != "count" or row["unit"] not in WHOLE_THINGS or re.search(r"人均|平均|均|每", row["sentence"]):
        return None
    broken = [value for value in (row["value"], row["value_high"]) if value is not None and value != int(value)]
    return f"{plain(broken[0])} {row['unit']}" if broken else None


@declare(
    ROW,
    "figures.tens_before_more",
    "error",
    "余 and 多 stand behind tens at least: 20余次, not 2余次.",
    scope="the figure",
    right="组织委员视察20余次。",
    wrong='quote = "2余次"',
)
def tens_before_more(row: Row, context: RowContext) -> str | None:
    """A lost zero or 万 before 余."""
    return f"{row['quote']!r}: a number is damaged" if AFTER_A_DIGIT.search(squeeze(row["quote"])) else None


def _before(row: Row, context: RowContext) -> list[str]:
    """Measures of the figures before one in its sentence, nearest first."""
    found: list[str] = []
    ordinal = row["ordinal"] - 1
    while (other := context.figures.get(ordinal)) is not None and other["sentence"] == row["sentence"]:
        found.append(other["measure"])
        ordinal -= 1
    return found


@cache
def _measures_of_cues() -> dict[str, frozenset[str]]:
    """Measures by the name that their cues have in `figures.rule`."""
    found: dict[str, set[str]] = {}
    for measure in load_measures():
        for cue in measure.cues:
            found.setdefault(f"{cue.place}:{cue.pattern.pattern}", set()).add(measure.code)
    return {name: frozenset(codes) for name, codes in found.items()}


@declare(
    ROW,
    "figures.measure_of_rule",
    "error",
    "The measure is the one that the rule of the figure gives, or that of a figure before it.",
    scope="the figure and those before it in its sentence",
    right="全年立案提案708件。",
    wrong='measure = "opinions.submitted"',
)
def measure_of_rule(row: Row, context: RowContext) -> str | None:
    """Measure and rule belong together."""
    if row["rule"] == "of_figure_before":
        before = _before(row, context)
        fits = not before or row["measure"] in before
        return None if fits else f"{row['measure']} behind figures of {', '.join(before)}"
    if row["rule"].partition(":")[0] not in PLACES:
        return None
    measures = _measures_of_cues().get(row["rule"])
    fits = measures is None or row["measure"] in measures
    return None if fits else f"{row['measure']}, but its rule is one of {' '.join(sorted(measures or ()))}"


@declare(
    ROW,
    "figures.category_is_written",
    "error",
    "The category stands in the sentence or the heading.",
    scope="the figure",
    right="经济建设类提案84件。",
    wrong='category = "文化建设"',
)
def category_is_written(row: Row, context: RowContext) -> str | None:
    """A class as written."""
    category = squeeze(row["category"])
    written = category in squeeze(row["sentence"]) or category in squeeze(row["section"])
    return None if written else f"{row['category']!r} stands neither in the sentence nor in the heading"


@declare(
    ROW,
    "reports.division_in_year",
    "error",
    "The code of the place exists in the last year of the period.",
    scope="the report",
    right="全年立案提案708件。",
    wrong='division_code = "999999"',
)
def division_in_year(row: Row, context: RowContext) -> str | None:
    """A code of GB/T 2260."""
    if row["division_code"] is None or row["period_end"] is None:
        return None
    year = row["period_end"].year
    return None if _exists(row["division_code"], year) else f"{row['division_code']} is no place in {year}"


def _exists(code: str, year: int) -> bool:
    """Whether a code stands for a place in a year."""
    return code == "000000" or code in load_divisions().by_code
