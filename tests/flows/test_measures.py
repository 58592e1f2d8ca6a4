"""The choice of a measure: weights of cues, what lowers them, and the look for words that spares searches."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.extract.context import Surroundings
from flows.extract.measures import candidates, choose
from schemas.vocabulary import load_measures
from schemas.vocabulary.measures import cues_for, rows
from schemas.vocabulary.patterns import needed_words

CUES = [cue for measure in load_measures() for cue in measure.cues]
WORDS = sorted({word for cue in CUES for word in re.findall(r"[\u4e00-\u9fff]{2,}", cue.pattern.pattern)})
TEXTS = st.lists(st.sampled_from([*WORDS, "的", "了", "等", "、", ",", "3", "A类", "《", "》"]), max_size=8).map(
    "".join
)


def around(before: str = "", head: str = "", **more: object) -> Surroundings:
    """Surroundings of a number with some words before and behind it."""
    bare = Surroundings(
        low=0,
        high=len(before) + 1 + len(head),
        before=before,
        head=head,
        clause=f"{before}5{head}",
        sentence=before,
        follow=f"5{head}",
        section="",
        behind=before,
        title="",
        whole="",
        borrowed=False,
        part=False,
        adjacent=False,
    )
    return replace(bare, **more)  # type: ignore[arg-type]


@given(st.sampled_from(CUES), TEXTS)
def test_no_text_with_a_cue_in_it_lacks_the_words_that_the_cue_needs(cue, text: str) -> None:  # type: ignore[no-untyped-def]
    if cue.needs and not any(word in text for word in cue.needs):
        assert cue.pattern.search(text) is None


@given(st.sampled_from(CUES), TEXTS)
def test_the_search_with_a_gap_finds_a_cue_where_its_pattern_does(cue, text: str) -> None:  # type: ignore[no-untyped-def]
    assert (cue.find(text) is None) == (cue.pattern.search(text) is None)


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("提案", ["提案"]),
        ("(培训|研修)班", ["培训", "研修"]),
        ("(培训|研修|培育)?(班|营)", ["班", "营"]),
        ("(培训)?", []),
        ("(?:调研|视察)(?!报告)", ["调研", "视察"]),
        (".{0,4}[条件]$", []),
        ("A类|[“(]A[”)]", ["A类", "A"]),
        ("建*设{0,2}案{1,3}", ["案"]),
        ("提案?交", ["提"]),
        ("提(?!交)案", ["提"]),
        ("(委员|)", []),
    ],
)
def test_the_words_that_a_pattern_needs(pattern: str, needs: list[str]) -> None:
    assert needed_words(pattern) == frozenset(needs)


@given(TEXTS, st.sampled_from(["件", "%", ""]))
def test_no_cue_that_is_in_a_text_is_passed_over(text: str, unit: str) -> None:
    for place, index in cues_for(unit):
        possible = set(index.possible(text))
        fits = {cue for cue in CUES if cue.place == place and (not cue.units or unit in cue.units)}
        assert possible <= fits
        assert not [cue for cue in fits - possible if cue.pattern.search(text)]


@given(TEXTS, TEXTS, st.sampled_from(["件", "次", "名", "%", "家", "元", "条", ""]))
def test_the_choice_is_the_heaviest_and_of_equal_ones_the_higher_row(before: str, head: str, unit: str) -> None:
    found = candidates(around(before, head), unit)
    order = [rows()[choice.measure] for choice in found]
    assert order == sorted(set(order))
    choice = choose(around(before, head), unit)
    if not found:
        assert (choice.measure, choice.rule) == ("other", "no_cue")
    else:
        heaviest = max(candidate.weight for candidate in found)
        assert choice == next(candidate for candidate in found if candidate.weight == heaviest)
        assert 0 < choice.confidence <= 1


def test_a_cue_holds_for_its_measure_words_only() -> None:
    for unit in ("件", "人次", "%"):
        for _, index in cues_for(unit):
            possible = index.always.union(*index.by_word.values())
            assert all(not cue.units or unit in cue.units for cue in possible)


def test_words_far_from_the_number_weigh_less() -> None:
    near = next(c for c in candidates(around("召开座谈会"), "次") if c.measure == "meetings.other")
    far = next(c for c in candidates(around("召开座谈会先后"), "次") if c.measure == "meetings.other")
    assert far.weight < near.weight


def test_of_two_nouns_the_one_behind_de_is_counted() -> None:
    assert choose(around("教育问题的提案"), "件").measure.startswith("proposals.")
    assert choose(around("教育问题"), "件").measure == "outcomes.solved"


def test_verbs_of_proposals_and_of_opinion_reports_are_told_apart_by_what_was_named_last() -> None:
    opinions = around("采纳", behind="共立案提案12件。报送社情民意信息30篇,采纳")
    proposals = around("采纳", behind="报送社情民意信息30篇。办理提案,采纳")
    assert choose(opinions, "件").measure == "opinions.adopted"
    assert choose(proposals, "件").measure == "proposals.resolved"


def test_the_headline_says_what_the_report_is_about() -> None:
    bare, told = around("已经解决的"), around("已经解决的", title="关于提案工作情况的报告")
    assert choose(told, "件").measure == "proposals.resolved"
    assert choose(bare, "件").measure != "proposals.resolved"


def test_tenths_are_shares() -> None:
    assert (
        choose(around("委员满意率"), "成").measure == choose(around("委员满意率"), "%").measure == "proposals.satisfied"
    )


def test_the_rule_names_the_cue_that_decided() -> None:
    place, _, pattern = choose(around("召开主席会议"), "次").rule.partition(":")
    assert place == "before"
    assert any(cue.pattern.pattern == pattern and cue.measure == "meetings.chairpersons" for cue in CUES)
