"""The labelled sentences are sound: each label can be found in its text and is a label of the codebook."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from schemas.labels import BOUNDS, FORMS, IGNORED_RULES, KINDS, STATISTICS
from schemas.vocabulary import load_measures
from tests.conftest import ROOT

SENTENCES = ROOT / "tests" / "corpus" / "sentences"
SMALLEST = {"development": 180, "evaluation": 180, "no_figure": 50, "neighbours": 40, "bugs": 0, "known_failures": 0}
MEASURES = frozenset(measure.code for measure in load_measures())
SIMPLE = re.compile(r"[^\d]{0,3}([\d,]+(?:\.\d+)?)[余多餘]?([万亿萬億]?)[余多餘]?(?!\d)")
POWERS = {"": 1, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
PERIOD = re.compile(r"(20\d\d)(?:/(20\d\d))?")
KEYS = {"id", "text", "context", "figures", "ignored"}
FIGURE_KEYS = {
    "quote", "at", "value", "high", "unit", "bound", "statistic", "measure", "also", "category", "period", "whose", "planned", "required",
}  # fmt: skip
ALSO_KEYS = {"also_category", "also_period", "also_statistic", "also_whose", "also_bound", "also_value"}

Row = dict[str, Any]


def read(partition: str) -> list[Row]:
    lines = (SENTENCES / f"{partition}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def labels(kind: str) -> Iterator[tuple[Row, Row]]:
    """Each label of a kind, with its sentence."""
    for partition in SMALLEST:
        for row in read(partition):
            for label in row.get(kind, []):
                yield row, label


def plain(quote: str) -> str:
    """The quote in ASCII digits, without marks and spaces."""
    return re.sub(r"[*\s]", "", unicodedata.normalize("NFKC", quote))


@pytest.mark.parametrize("partition", SMALLEST)
def test_a_partition_is_large_enough_and_its_rows_are_whole(partition: str) -> None:
    rows = read(partition)
    assert len(rows) >= SMALLEST[partition]
    for row in rows:
        assert KEYS <= set(row) <= KEYS | {"activities", "documents"}, row["id"]
        assert set(row["context"]) == {"heading", "committee", "period", "before"}, row["id"]
        assert re.fullmatch(r"(政协.+委员会)?", row["context"]["committee"]), row["id"]
        assert PERIOD.fullmatch(row["context"]["period"]), row["id"]


def test_ids_and_texts_stand_once() -> None:
    rows = [row for partition in SMALLEST for row in read(partition)]
    for key in ("id", "text"):
        assert [value for value, times in Counter(row[key] for row in rows).items() if times > 1] == []


@pytest.mark.parametrize("kind", ["figures", "ignored"])
def test_a_quote_stands_where_it_says(kind: str) -> None:
    for row, label in labels(kind):
        at = label["at"]
        assert row["text"][at : at + len(label["quote"])] == label["quote"], (row["id"], label["quote"])


def test_quotes_overlap_only_where_one_number_stands_for_several() -> None:
    for partition in SMALLEST:
        for row in read(partition):
            spans = {(label["at"], label["at"] + len(label["quote"])) for label in row["figures"] + row["ignored"]}
            ordered = sorted(spans)
            assert all(a[1] <= b[0] for a, b in pairwise(ordered)), row["id"]
            same = Counter((label["at"], label["measure"]) for label in row["figures"])
            assert set(same.values()) <= {1}, row["id"]


def test_figures_bear_labels_of_the_codebook() -> None:
    for row, figure in labels("figures"):
        place = (row["id"], figure["quote"])
        assert FIGURE_KEYS <= set(figure) <= FIGURE_KEYS | ALSO_KEYS, place
        assert {figure["measure"], *figure["also"]} <= MEASURES, place
        assert figure["measure"] not in figure["also"], place
        assert {figure["bound"], *figure.get("also_bound", [])} <= set(BOUNDS), place
        assert {figure["statistic"], *figure.get("also_statistic", [])} <= set(STATISTICS), place
        assert {figure["whose"], *figure.get("also_whose", [])} <= {"own", "other"}, place
        assert all(PERIOD.fullmatch(period) for period in (figure["period"], *figure.get("also_period", []))), place
        assert isinstance(figure["planned"], bool), place
        assert isinstance(figure["required"], bool), place
        assert figure["high"] is None or figure["high"] > figure["value"], place


def test_a_plain_number_has_the_value_that_a_reader_computes() -> None:
    checked = 0
    for row, figure in labels("figures"):
        match = SIMPLE.match(plain(figure["quote"]))
        if match is None or "/" in figure["quote"] or figure["high"] is not None:
            continue
        value = float(match[1].replace(",", "")) * POWERS[match[2]]
        assert figure["value"] == pytest.approx(value), (row["id"], figure["quote"])
        checked += 1
    assert checked > 1000


def test_a_percentage_is_no_count() -> None:
    for row, figure in labels("figures"):
        if figure["unit"] in ("%", "百分点"):
            assert figure["statistic"] in ("share", "change"), (row["id"], figure["quote"])


def test_ignored_numerals_bear_a_rule() -> None:
    for row, label in labels("ignored"):
        assert set(label) == {"quote", "at", "rule"}, row["id"]
        assert label["rule"] in IGNORED_RULES, (row["id"], label["quote"])


def test_mentions_stand_in_their_text_and_bear_labels_of_the_codebook() -> None:
    for row, activity in labels("activities"):
        assert activity["topic"] in row["text"], row["id"]
        assert {activity["form"], *activity.get("also_form", [])} <= set(FORMS), row["id"]
        assert re.fullmatch(r"(\d{4}(-\d\d){0,2})?", activity["date"]), row["id"]
    for row, document in labels("documents"):
        assert f"《{document['title']}》" in row["text"], row["id"]
        assert {document["kind"], *document.get("also_kind", [])} <= set(KINDS), row["id"]


def test_sentences_without_figures_have_none_that_is_required() -> None:
    assert [row["id"] for row in read("no_figure") if any(figure["required"] for figure in row["figures"])] == []


def test_neighbours_have_figures_of_others() -> None:
    for row in read("neighbours"):
        whose = {who for figure in row["figures"] for who in (figure["whose"], *figure.get("also_whose", []))}
        assert "other" in whose, row["id"]


def test_each_measure_is_labelled_four_times_at_least() -> None:
    counted = Counter(figure["measure"] for _, figure in labels("figures"))
    assert {code: counted[code] for code in MEASURES if counted[code] < 4} == {}
