"""Laws: offsets map back, numerals are conserved, replay gives the same rows, any bytes are accounted for."""

from __future__ import annotations

import re
import string
from pathlib import Path

import polars as pl
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows.clean import PageRejected, clean
from flows.clean.decode import decode
from flows.clean.html import is_html
from flows.clean.lines import make_lines
from flows.clean.script import to_simplified
from flows.clean.text import WIDTH, fold
from flows.extract import extract
from flows.extract.numerals import NUMERAL_CHARS, find_numerals
from flows.pipeline import run_ingest
from flows.submit import in_processes, in_turn
from schemas.labels import KEPT_LABELS
from schemas.tables import EXTRACTED
from storage import ReleaseReader, open_release
from tests.accounting import physical_lines
from tests.conftest import ROOT, SAMPLES

DIGIT = re.compile(r"[0-9０-９]")
SHARED = ROOT.parent / "shared" / "seeds"
PAGES = [*sorted(SAMPLES.iterdir()), *(sorted(SHARED.glob("*.txt")) if SHARED.is_dir() else [])]

# Words of which such reports are made, numbers in all their dresses, and what breaks them.
WORDS = [
    "政协", "提案", "提出", "立案", "市委", "十堰市", "三亚", "九三学社", "委员", "活动", "座谈会", "调研", "社情民意", "，", "。", "、", "；", "：",
    "件", "次", "人次", "万元", "%", "余", "多", "近", "超过", "以上", "第", "届", "年", "月", "日", "“", "”", "《", "》", "（", "）", "**", " ", "　",
    "1", "23", "456", "7,890", "３４", "5.6", "2024", "一", "三", "十", "百", "千", "万", "亿", "两", "二〇二四", "百分之", "—", "-", "至", "到", "\n", "\n\n",
    "協商", "復雜", "為", "於", "G", "+", "N", "■", "●", "(一)", "数读",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=80).map("".join)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_quote_stands_where_the_row_says(path: Path) -> None:
    page = clean(path.read_bytes(), "text/html" if path.suffix == ".html" else "text/plain")
    found = extract(page)
    for evidence in [item.evidence for item in (*found.figures, *found.ignored)]:
        assert page.lines[evidence.line_no - 1].raw[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_digit_of_the_kept_lines_is_in_a_figure_or_an_ignored_numeral(path: Path) -> None:
    page = clean(path.read_bytes(), "text/html" if path.suffix == ".html" else "text/plain")
    found = extract(page)
    kept = "".join(line.raw for line in page.lines if line.label in KEPT_LABELS)
    quoted = "".join(item.evidence.quote + item.evidence.continued for item in (*found.figures, *found.ignored))
    assert len(DIGIT.findall(kept)) == len(DIGIT.findall(quoted))


@given(texts)
@example("百分之十堰市")
def test_each_numeral_character_lies_in_exactly_one_numeral(text: str) -> None:
    folded = fold(text.replace("\n", ""))
    covered = [place for numeral in find_numerals(folded) for place in range(numeral.start, numeral.end)]
    assert len(covered) == len(set(covered))
    numerals = {match.start() for match in NUMERAL_CHARS.finditer(folded)}
    assert numerals <= set(covered)


@given(texts)
def test_a_quantity_read_again_from_its_own_words_has_the_same_value(text: str) -> None:
    folded = fold(text.replace("\n", "").replace("**", ""))  # a bold mark is one of a pair
    for numeral in find_numerals(folded):
        if numeral.ignored:
            continue
        again = find_numerals(folded[numeral.start : numeral.end])
        assert again[0].value == numeral.value
        assert again[0].unit == numeral.unit


@given(texts)
def test_clean_characters_map_back_to_the_raw_ones(text: str) -> None:
    for line in make_lines(text.split("\n")):
        for place, char in enumerate(line.text):
            line_no, offset = line.mapped.locate(place)
            assert line_no == line.no
            assert to_simplified(line.raw)[offset].translate(WIDTH) == char


@given(texts)
def test_all_numerals_of_a_page_become_rows_and_quotes_stand_in_their_lines(text: str) -> None:
    filler = "政协武汉市委员会常务委员会工作报告。市政协围绕中心工作认真履行职能为全市发展作出新的贡献。\n"
    page = clean((filler + text).encode("utf-8"), "text/plain")
    found = extract(page)
    kept = "".join(line.raw for line in page.lines if line.label in KEPT_LABELS)
    items = [item.evidence for item in (*found.figures, *found.ignored)]
    assert len(DIGIT.findall(kept)) == len(DIGIT.findall("".join(item.quote + item.continued for item in items)))
    for item in items:
        assert page.lines[item.line_no - 1].raw[item.start : item.end] == item.quote


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(alphabet=string.printable + "政协提案协商會議〇一二，。　", max_size=400).map(str.encode),
    )
)
def test_any_bytes_are_refused_by_a_rule_or_kept_as_lines_whole(data: bytes) -> None:
    try:
        page = clean(data, "text/plain")
    except PageRejected as rejected:
        event(rejected.rule)
        return
    raws = [line.raw for line in page.lines]
    if not is_html(decode(data).text, "text/plain"):
        assert raws == physical_lines(decode(data).text)
    assert all(line.label for line in page.lines)


def test_the_same_input_gives_the_same_rows_in_any_process_and_order(tmp_path: Path, released: ReleaseReader) -> None:
    inputs = [str(path) for path in sorted(SAMPLES.iterdir(), reverse=True)]
    run_ingest(inputs, tmp_path / "data", source_name="samples", submit=in_processes)
    again = open_release(tmp_path / "data")
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(released.frame(name).drop(volatile), again.frame(name).drop(volatile))


def test_figures_and_ignored_numerals_never_overlap(released: ReleaseReader) -> None:
    spans = pl.concat(
        [
            released.frame(name).select("report_id", "line_no", "start", "end")
            for name in ("figures", "ignored_numerals")
        ]
    )
    ordered = spans.sort("report_id", "line_no", "start")
    overlap = ordered.filter(pl.col("start") < pl.col("end").shift(1).over("report_id", "line_no"))
    assert overlap.is_empty()


def test_one_batch_and_many_give_the_same_rows(
    tmp_path: Path, released: ReleaseReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.batches.MAX_BATCH_BYTES", 1)
    run_ingest([str(SAMPLES)], tmp_path / "data", source_name="samples", submit=in_turn)
    again = open_release(tmp_path / "data")
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(released.frame(name).drop(volatile), again.frame(name).drop(volatile))
