"""Synthetic reports: what they say is known, and most of it is read; floors stand well below what is measured."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.corpus.accuracy import Scored, compare, table
from tests.corpus.generate import NOISES, SHAPES, Report, _digits, report, reports

COUNT = 32


@pytest.fixture(scope="module")
def made() -> list[Report]:
    return list(reports(COUNT, seed=5))


@pytest.fixture(scope="module")
def scored(made: list[Report]) -> Scored:
    return compare(made)


def test_a_report_depends_on_its_seed_and_number_only(made: list[Report]) -> None:
    assert report(17, seed=5) == made[17]
    assert report(17, seed=6).data != made[17].data


def test_all_shapes_noises_scripts_and_encodings_occur() -> None:
    many = list(reports(120, seed=1))
    assert {made.shape for made in many} == set(SHAPES)
    assert {made.noise for made in many} == set(NOISES)
    assert {made.script for made in many} == {"simplified", "traditional"}
    assert {made.encoding for made in many} == {"utf-8", "utf-8-sig", "gb18030"}
    assert any(made.repeats is not None for made in many)
    for one in many:
        one.data.decode(one.encoding)


def test_reports_are_no_copies_of_each_other_but_for_reprints() -> None:
    from flows.duplicates import ALIKE, _jaccard, _shingles

    many = list(reports(60, seed=1))
    texts = [_shingles(one.data.decode(one.encoding)) for one in many if one.script == "simplified"]
    whole = [one for one in many if one.script == "simplified"]
    alike = {
        (first, second): _jaccard(texts[first], texts[second])
        for second in range(len(texts))
        for first in range(second)
        if whole[second].repeats is None and whole[first].repeats is None
    }
    assert max(alike.values()) < ALIKE / 2


def test_reports_are_read(scored: Scored) -> None:
    everything = scored.groups["all"]
    told = table(scored)
    assert everything.refused == 0, told
    assert everything.facts > 15 * COUNT
    assert min(everything.recall, everything.precision) >= 0.95, told
    assert all(everything.part(part) >= 0.95 for part in ("bound", "statistic", "period")), told
    assert everything.part("measure") >= 0.85, told
    assert all(everything.of_report(name) >= 0.85 for name in everything.fields), told


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_is_read_much_worse(scored: Scored, shape: str) -> None:
    score = scored.groups[f"shape {shape}"]
    assert min(score.recall, score.precision) >= 0.9, table(scored)


def test_a_fact_that_is_not_in_the_text_is_missed() -> None:
    one = report(0, seed=5)
    wrong = type(one)(**vars(one) | {"facts": (*one.facts, one.facts[0]), "data": one.data})
    score = compare([wrong]).groups["all"]
    assert score.found == len(one.facts) < score.facts


def test_noise_changes_signs_of_digits_and_nothing_else() -> None:
    import random

    changed = _digits("收到提案312件,立案298件", "much", random.Random(1))
    assert changed != "收到提案312件,立案298件"
    kept = changed.translate(str.maketrans("０１２３４５６７８９", "0123456789")).replace("*", "").replace(" ", "")
    assert kept == "收到提案312件,立案298件"
    assert Counter(_digits("第14届", "much", random.Random(1))) == Counter("第14届")
