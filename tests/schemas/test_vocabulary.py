"""The vocabulary is whole: codes, cues, lexicons and places."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import VocabularyError
from schemas.vocabulary import divisions, load_divisions, load_lexicons, load_measures, load_units
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
    today = {row.code for row in load_divisions().by_name["朝阳区"] if not row.until}
    assert today == {"110105", "220104"}


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


PLACES = ["市南区", "海南省", "南海区", "海南", "广西", "成都市", "市", "区委", "南", "海", "和"]


@given(st.lists(st.sampled_from(PLACES), max_size=9).map("".join))
def test_places_are_those_that_a_reader_finds_who_goes_from_left_to_right(text: str) -> None:
    names, found, place = load_divisions().by_name, [], 0
    while place < len(text):
        ends = [end for end in range(len(text), place, -1) if text[place:end] in names]
        if ends:
            found.append((place, text[place : ends[0]]))
        place = ends[0] if ends else place + 1
    assert load_divisions().find(text) == found


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


@pytest.mark.skipif(not AREACODES.exists(), reason="the reference list is not here")
def test_years_of_codes_and_names_agree_with_an_independent_list() -> None:
    spans: dict[tuple[str, str], list[int]] = {}
    with AREACODES.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            span = spans.setdefault((row["代码"], row["名称"]), [])
            span += [int(row["启用时间"]), int(row["变更/弃用时间"] or 9999)]
    ours = [row for row in (*load_divisions().rows, *load_divisions().past) if (row.until or 9999) >= 2005]
    both = [(row, spans[row.code, row.name]) for row in ours if (row.code, row.name) in spans]
    assert len(both) > 3600
    # The lists took some changes over years late.
    differ = [row for row, span in both if abs((row.until or 9999) - max(span)) > 1]
    differ += [row for row, span in both if min(span) > 2004 and abs((row.since or 1981) - min(span)) > 1]
    assert len(differ) <= 15
    unknown = {row.name for row in ours} - {name for _, name in spans}
    # Names that a list misprints for some years, and places that are no divisions.
    assert len(unknown) <= 20
    recent = {name for (code, name), span in spans.items() if max(span) > 2004 and code[:2] not in ("71", "81", "82")}
    assert len(recent - {row.name for row in ours}) <= 6


def test_no_code_stands_twice() -> None:
    assert max(Counter(row.code for row in load_divisions().rows).values()) == 1


@pytest.mark.parametrize(
    ("code", "year", "name"),
    [
        ("420600", 2009, "襄樊市"),
        ("420600", 2010, "襄阳市"),
        ("530800", 2006, "思茅市"),
        ("530800", 2024, "普洱市"),
        ("341400", 2009, "巢湖市"),
        ("341400", 2015, None),
        ("510224", 1990, "江北县"),
        ("999999", 2020, None),
    ],
)
def test_a_code_stands_for_the_place_of_its_year(code: str, year: int, name: str | None) -> None:
    found = load_divisions().at(code, year)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("code", "year", "there"),
    [
        ("341400", 2009, True),
        ("341400", 2015, False),
        ("340181", 2009, False),
        ("340181", 2024, True),
        ("421088", 2020, True),
        ("371200", 2021, False),
        ("000000", 1999, True),
        ("123456", 2020, False),
    ],
)
def test_a_code_exists_in_its_years(code: str, year: int, there: bool) -> None:
    assert divisions.exists(code, year) is there


def test_customary_short_names_are_nobody_elses() -> None:
    for short, code in load_divisions().customary:
        assert {row.code for row in load_divisions().by_name[short] if not row.until} == {code}


@pytest.mark.parametrize(("spelt", "names"), [("yichun", {"伊春市", "宜春市"}), ("kunshan", {"昆山市"})])
def test_places_go_by_their_spelling(spelt: str, names: set[str]) -> None:
    assert {row.name for row in load_divisions().by_spelling[spelt]} == names
