"""Cases from public test suites for numbers, money, measures and dates in Chinese; skipped where they are not at hand.

A case passes when each expected value is found. Where the text gives a measure word the numeral must be a quantity;
numbers without one, ordinals, years and dates are no quantities of a report: there the ignored numerals are read, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from flows.extract.numerals import Numeral, find_numerals
from tests.conftest import ROOT

CASES = ROOT.parent / "shared" / "cases"
FLOOR = 0.95
# Suites, and whether their numerals must be quantities.
SUITES = {
    "duckling_numeral": False,
    "duckling_unit": True,
    "jionlp_money_extract": True,
    "ms_currency": True,
    "ms_dimension": True,
    "ms_numberrange": False,
    "ms_ordinal": False,
    "wetext_itn_simple": False,
    "wetext_tn_digits": False,
}
DATES = ("jionlp_date_daygrain", "jionlp_time_extract")
DATE_RULES = {"year", "date", "time", "duration", "ordinal"}

PAIRS = "a pair or a dozen is the measure word as written: 5 对, not 10"
ORAL = "oral numbers are read only before a measure word"
CANTONESE = "Cantonese: no number, or no scale, before the measure word"
# Cases that are left out, with the reason.
LEFT_OUT = {
    **dict.fromkeys(("一對", "一雙", "五對", "五雙", "五打", "八打"), PAIRS),
    **dict.fromkeys(("千一", "萬九", "x等于一百七", "这是一个大于等于一百小于等于三百一的数"), ORAL),
    **dict.fromkeys(("個半", "個九", "港幣三個一毫四", "米九", "米九左右", "米六到三米九", "十份十一"), CANTONESE),
    "8'": "the sign for feet is a quotation mark",
    "还有20万次以上来观影的呀？": "the suite expects a tenth of what the text says",
    "在下面的价格中选一个，$20，300美圆, ￥300, ok?": "a comma between digits, of either width, groups them",
    "10日元5日本銭": "parts of a yen are no money any more",
    "我们有 202107211321363588510367 美元": "a number of more than twenty digits is a code",
    "一位是最小的存储单位": "一位 counts bits only for who knows that",
}
DATES_LEFT_OUT = {
    "是一个十一点的事": "the hour of day is told by what follows it, and nothing does",
    "廿一": "a day without its month",
    "十一": "a festival, named by its date",
    "09-01": "month and day without a sign of either",
}
# What one of our measure words is in the unit of the suite, where the suite converts.
WORTH: dict[str, dict[str, float]] = {
    "Cent": {"角": 10, "毛": 10, "毫": 10},
    "Gram": {"斤": 500, "公斤": 1000, "千克": 1000, "kg": 1000, "毫克": 0.001, "mg": 0.001, "两": 50},
    "Kilobit": {"比特": 0.001},
    "Kilobyte": {"字节": 0.001},
    "Millilitre": {"茶匙": 5, "汤匙": 15},
}


@dataclass(frozen=True)
class Case:
    """One line of a suite."""

    text: str
    expect: list[dict[str, Any]]

    def missed(self, strict: bool) -> list[str]:
        """The expected values that are not found."""
        found = [numeral for numeral in find_numerals(self.text) if not (strict and numeral.ignored)]
        return [item["text"] for item in self.expect if not _is_found(item, found)]


def _is_found(item: dict[str, Any], found: list[Numeral]) -> bool:
    value = item["value"]
    if value is None:  # the suite gives the span only
        return any(numeral.text in item["text"] or item["text"] in numeral.text for numeral in found)
    wanted = [end for end in (value if isinstance(value, list) else [value]) if end is not None]
    worth = WORTH.get(item["unit"], {})
    ends = [end * worth.get(n.unit, 1) for n in found for end in (n.low, n.high) if end is not None]
    return all(any(end == pytest.approx(want, rel=1e-6) for end in ends) for want in wanted)


def _cases(suite: str) -> Iterator[Case]:
    for line in (CASES / f"{suite}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["text"] not in (DATES_LEFT_OUT if suite in DATES else LEFT_OUT):
            yield Case(row["text"], row["expect"])


needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")


@needs_cases
@pytest.mark.parametrize("suite", SUITES)
def test_values_of_a_suite_are_found(suite: str) -> None:
    cases = list(_cases(suite))
    missed = {case.text: wrong for case in cases if (wrong := case.missed(SUITES[suite]))}
    assert len(missed) <= (1 - FLOOR) * len(cases), missed


@needs_cases
def test_values_of_all_suites_are_found() -> None:
    cases = [(case, strict) for suite, strict in SUITES.items() for case in _cases(suite)]
    missed = [case.text for case, strict in cases if case.missed(strict)]
    assert len(missed) <= (1 - FLOOR) * len(cases), missed


@needs_cases
@pytest.mark.parametrize("suite", DATES)
def test_no_part_of_a_date_is_a_quantity(suite: str) -> None:
    wrong = []
    cases = [case for case in _cases(suite) if case.expect]
    for case in cases:
        inside = [n for n in find_numerals(case.text) if any(_overlap(n, item["text"]) for item in case.expect)]
        if not all(numeral.ignored in DATE_RULES for numeral in inside):
            wrong.append(case.text)
    assert len(wrong) <= (1 - FLOOR) * len(cases), wrong


def _overlap(numeral: Numeral, span: str) -> bool:
    return numeral.text in span or span in numeral.text


@needs_cases
def test_each_case_left_out_stands_in_a_suite() -> None:
    for left_out, suites in ((LEFT_OUT, SUITES), (DATES_LEFT_OUT, DATES)):
        lines = [line for suite in suites for line in (CASES / f"{suite}.jsonl").read_text("utf-8").splitlines()]
        assert set(left_out) <= {json.loads(line)["text"] for line in lines}
