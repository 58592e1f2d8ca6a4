"""The vocabulary is whole: codes, cues, lexicons and places."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from schemas.errors import VocabularyError
from schemas.vocabulary import load_divisions, load_lexicons, load_measures, load_units
from schemas.vocabulary.measures import _cue
from tests.conftest import ROOT

AREACODES = ROOT.parent / "shared" / "divisions" / "areacodes.csv"


def test_measures_have_codes_labels_and_definitions() -> None:
    measures = load_measures()
    assert len(measures) == 61
    assert measures[-1].code == "other"
    for measure in measures:
        assert measure.zh
        assert measure.en
        assert measure.definition.endswith(".")
        assert measure.cues or measure.code == "other"


def test_every_unit_of_a_cue_is_a_measure_word() -> None:
    units = load_units()
    known = units.count | units.measurement | units.currency | {"%", "百分点", "元"}
    unknown = {unit for measure in load_measures() for cue in measure.cues for unit in cue.units} - known
    assert unknown == set()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"cue": "("}, "is no pattern"),
        ({"cue": "a", "place": "somewhere"}, "place 'somewhere' is none of"),
        ({"cue": "a", "weight": 9}, r"weight 9 is not in \(0, 5\]"),
        ({}, "is no pattern"),
    ],
)
def test_a_damaged_cue_is_refused_with_its_measure(entry: dict[str, object], message: str) -> None:
    with pytest.raises(VocabularyError, match=f"proposals.filed: .*{message}"):
        _cue("proposals.filed", entry)


def test_lexicons_load() -> None:
    assert load_lexicons().spam.search("真人娱乐百家乐")


def test_a_name_that_several_places_bear_gives_all_of_them() -> None:
    assert {row.code for row in load_divisions().by_name["朝阳区"]} == {"110105", "220104"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("武汉市", "420100"),
        ("内蒙古自治区", "150000"),
        ("内蒙古", "150000"),
        ("延边州", "222400"),
        ("长沙县", "430121"),
        ("万州区", "500101"),
    ],
)
def test_places_are_found_by_official_and_short_names(name: str, code: str) -> None:
    assert code in {row.code for row in load_divisions().by_name[name]}


def test_places_in_a_text_are_found_once_the_longest_first() -> None:
    assert load_divisions().find("政协成都市青羊区委员会与武汉市政协") == [(2, "成都市"), (5, "青羊区"), (12, "武汉市")]


@pytest.mark.skipif(not AREACODES.exists(), reason="the reference list is not here")
def test_codes_and_names_agree_with_an_independent_list() -> None:
    with AREACODES.open(encoding="utf-8-sig") as file:
        reference = {row["代码"]: row["名称"] for row in csv.DictReader(file) if row["状态"] == "在用"}
    ours = {row.code: row.name for row in load_divisions().rows}
    both = ours.keys() & reference.keys()
    assert {code: ours[code] for code in both if ours[code] != reference[code]} == {}
    mainland = {code for code in reference if code[:2] not in ("71", "81", "82")}
    # Since 2023 four counties and districts were set up that the package does not have yet.
    assert len(mainland - ours.keys()) <= 4
    # Districts without a code of their own in GB/T 2260, such as those of the Daxing'anling prefecture.
    assert len(ours.keys() - reference.keys()) <= 10


def test_no_code_stands_twice() -> None:
    assert max(Counter(row.code for row in load_divisions().rows).values()) == 1
