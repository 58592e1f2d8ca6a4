"""Script: as OpenCC's Python package converts, but for our own entries, and always of the same length."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.clean.conversion import Converter
from flows.clean.script import count_changed, make_converter, read_table, script_of, to_simplified
from schemas.vocabulary import load_divisions, load_script
from tests.conftest import ROOT

SAMPLES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds" / "reports").glob("*.txt"))]
PACKAGE = opencc.OpenCC("t2s")
TABLES = Path(opencc.__file__).parent / "dictionary"
TO_TRADITIONAL = [opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]


@cache
def bare() -> Converter:
    """A converter without entries of our own."""
    return make_converter({})


@cache
def package_table(name: str) -> dict[str, str]:
    """A table of the package, with all of its choices."""
    text = (TABLES / name).read_text(encoding="utf-8")
    return dict(line.strip().split("\t") for line in text.splitlines())


@cache
def extended_package() -> opencc.OpenCC:
    """The package with our entries put into its tables."""
    package = opencc.OpenCC("t2s")
    entries = package_table("TSPhrases.txt") | package_table("TSCharacters.txt") | load_script()
    phrases = {old: new for old, new in entries.items() if len(old) > 1}
    characters = {old: new for old, new in entries.items() if len(old) == 1}
    package._dict_chain_data = [[(max(map(len, phrases)), 2, phrases), (1, 1, characters)]]
    return package


PHRASES = sorted(package_table("TSPhrases.txt"))
# Phrases that overlap: each followed by the rest of another one that begins within it.
OVERLAPPING = sorted(
    first[:cut] + second
    for first in PHRASES
    for second in PHRASES
    for cut in range(1, len(first))
    if second.startswith(first[cut:]) and len(second) > len(first) - cut
)
TRADITIONAL = "\n".join(TO_TRADITIONAL[0].convert(sample) for sample in SAMPLES)
SIMPLIFIED = "\n".join(SAMPLES)


@st.composite
def excerpts(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(1, 12))]


MIXTURES = st.lists(
    st.one_of(
        st.sampled_from(PHRASES),
        st.sampled_from(OVERLAPPING),
        st.sampled_from(PHRASES).map(lambda phrase: phrase[: len(phrase) // 2 + 1]),
        st.sampled_from(sorted(package_table("TSCharacters.txt"))),
        excerpts(TRADITIONAL),
        excerpts(SIMPLIFIED),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)


@given(MIXTURES)
@settings(max_examples=400)
def test_without_our_entries_any_mixture_becomes_what_the_package_makes_of_it(text: str) -> None:
    assert bare().convert(text) == PACKAGE.convert(text)


@pytest.mark.parametrize("text", [TRADITIONAL, SIMPLIFIED, "".join(PHRASES), "".join(OVERLAPPING)])
def test_without_our_entries_whole_texts_become_what_the_package_makes_of_them(text: str) -> None:
    assert bare().convert(text) == PACKAGE.convert(text)


def test_of_overlapping_phrases_the_longest_holds_wherever_it_begins() -> None:
    converter = Converter({}, {"甲乙": "12", "乙丙丁": "345", "丁戊": "67", "戊己": "89"})
    assert converter.convert("甲乙丙丁戊己") == "甲34589"
    assert converter.convert("甲乙丙") == "12丙"
    assert converter.convert("丁戊己丁戊") == "67己67"


@given(st.lists(st.one_of(MIXTURES, st.sampled_from(sorted(load_script()))), max_size=6).map("".join))
@settings(max_examples=200)
def test_with_our_entries_any_mixture_becomes_what_the_package_makes_of_it_with_them(text: str) -> None:
    assert to_simplified(text) == extended_package().convert(text)


@given(st.one_of(MIXTURES, st.text()))
@settings(max_examples=200)
def test_length_is_kept(text: str) -> None:
    assert len(to_simplified(text)) == len(text)


def test_changed_characters_are_counted() -> None:
    assert count_changed("圍繞中心", to_simplified("圍繞中心")) == 2
    assert count_changed("中心", to_simplified("中心")) == 0


# Words that the package gets wrong and current OpenCC right.
MENDED = """
楊聯陞 杨联陞|步步高陞 步步高升|跳樑小醜 跳梁小丑|幺麼小丑 幺麽小丑|覆盤難照 覆盘难照|沈厚 沉厚|彆強 别强|愛麗捨宮 爱丽舍宫
乾安縣 乾安县|乾安鎮 乾安镇|乾縣 乾县|乾州 乾州|乾元縣 乾元县|乾佑縣 乾佑县|乾闥婆 乾闼婆|乾斷食 干断食|乾紅 干红|龍眼乾 龙眼干
團圞月 团𪢮月|殢云尤雨 𣨼云尤雨|稽覈 稽核|貍貓 狸猫|甲冑 甲胄|擡頭 抬头|擡高身價 抬高身价|慰藉着受伤 慰藉着受伤|相剋 相克
剋架 剋架|昇華 升华|畢昇 毕昇|王彥昇 王彦昇|李昇勳 李昇勋|氾濫 泛滥|氾勝之 氾胜之|氾水 氾水|甦 甦|甦醒 苏醒|心肺復甦術 心肺复苏术
楊甦棣 杨甦棣|祕密 秘密|吳祕 吴祕|祕丕笈 祕丕笈|束脩 束脩|脩飾 修饰|蒐索 搜索|秋蒐於紅 秋蒐于红|毫釐 毫厘|年釐 年釐
廿二史箚記 廿二史札记|目劄 目劄|扞格 扞格|扞衛 捍卫|張鈞甯 张钧甯|甯采臣 甯采臣|袷袢 袷袢|袷衣 夹衣|玉谿生 玉溪生|谿工 谿工|樠谿 𣗊溪
九逕山 九迳山|赤石逕 赤石迳|大相逕庭 大相径庭|身坏命终 身坏命终|製坏 制坯|麪坏兒 面坯儿|遶芳甸 绕芳甸|幷州 并州|魏徵 魏徵
批覆 批复|發覆 发覆|沈澱物 沉淀物|死氣沈沈 死气沉沉|意志消沈 意志消沉|英哩 英里|拚命 拼命|煽風搧火 煽风扇火|小舖 小铺
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("pair", MENDED.split("|"))
def test_words_become_what_current_opencc_makes_of_them(pair: str) -> None:
    traditional, simplified = pair.split(" ")
    assert to_simplified(traditional) == simplified


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("圍繞復雜形勢", "围绕复杂形势"),
        ("乾隆年間", "乾隆年间"),
        ("著名委員", "著名委员"),
        ("遊艇與游艇", "游艇与游艇"),
        ("關于于都縣", "关于于都县"),
        ("衞生健康", "卫生健康"),
        ("没有繁體", "没有繁体"),
        ("", ""),
        ("3551 items", "3551 items"),
    ],
)
def test_machine_made_and_regional_forms_become_simplified(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified


@pytest.mark.parametrize(
    "word", ["机器一坏就停", "打坏", "沈醉委员", "沈静", "沈阳市", "像山一样", "哩哩啦啦", "咖哩", "覆盖"]
)
def test_simplified_words_and_names_are_no_entries_of_ours(word: str) -> None:
    assert to_simplified(word) == word


def forms(name: str) -> set[str]:
    """Traditional forms of a name: by the package's words, and by characters that know no word."""
    table = package_table("STCharacters.txt")
    choices = [table.get(char, char).split(" ") for char in name]
    by_first = "".join(choice[0] for choice in choices)
    by_others = {
        by_first[:place] + other + by_first[place + 1 :]
        for place, choice in enumerate(choices)
        for other in (*choice, name[place])
    }
    found = {by_first, *by_others, *(converter.convert(name) for converter in TO_TRADITIONAL)}
    # Hong Kong's own forms, in use where the package writes others.
    return found | {form.translate(str.maketrans("衛敘臺檯", "衞敍台枱")) for form in found}


def test_every_place_comes_back_from_each_traditional_form_of_its_name() -> None:
    names = sorted({row.name for row in load_divisions().rows})
    assert len(names) > 2900
    wrong = {(form, to_simplified(form)) for name in names for form in forms(name) if to_simplified(form) != name}
    assert wrong == set()


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("慈谿市", "慈溪市"),
        ("竹谿縣", "竹溪县"),
        ("濬縣", "浚县"),
        ("澂江市", "澄江市"),
        ("政協乾安縣委員會", "政协乾安县委员会"),
    ],
)
def test_places_come_back_from_forms_that_current_opencc_writes(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified


def test_no_place_changes_that_is_simplified() -> None:
    assert [row.name for row in load_divisions().rows if to_simplified(row.name) != row.name] == []


def test_none_of_our_entries_is_needless() -> None:
    entries = load_script()
    for old, new in entries.items():
        if bare().convert(old) == new:
            # It is there for one of our characters or shorter words, which would change it.
            within = {word: became for word, became in entries.items() if word in old and word != old}
            assert make_converter(within).convert(old) != new, old


def test_an_entry_of_the_package_that_changes_the_length_is_converted_by_characters() -> None:
    table = read_table("滑鼠\t鼠标\n電腦\t计算机 电脑\n電\t电\n腦\t脑\n軟體\t软件 软体\n㬎\t日头\n")
    assert table == {"滑鼠": "鼠标", "電": "电", "腦": "脑", "軟體": "软件"}
    characters = {old: new for old, new in table.items() if len(old) == 1}
    phrases = {old: new for old, new in table.items() if len(old) > 1}
    assert Converter(characters, phrases).convert("電腦滑鼠㬎") == "电脑鼠标㬎"


@pytest.mark.parametrize(
    ("characters", "phrases"),
    [({}, {"電腦": "计算机"}), ({"電": ""}, {}), ({"電腦": "电脑"}, {}), ({}, {"電": "电"}), ({}, {"": ""})],
)
def test_a_table_that_would_change_the_length_makes_no_converter(
    characters: dict[str, str], phrases: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"another length|the other table"):
        Converter(characters, phrases)


def test_characters_above_the_basic_plane_are_converted() -> None:
    assert bare().convert("𡞵") == PACKAGE.convert("𡞵") != "𡞵"
    assert bare().convert("\U0001f600") == "\U0001f600"


@pytest.mark.parametrize("unit", OVERLAPPING[:: len(OVERLAPPING) // 3])
def test_two_megabytes_of_overlapping_phrases_come_to_an_end(unit: str) -> None:
    """A search that began anew for each phrase would not end here."""
    text = (unit * (700_000 // len(unit) + 1))[:700_000]
    assert len(to_simplified(text)) == len(text)


@pytest.mark.parametrize(
    ("han", "changed", "script"),
    [
        (0, 0, "simplified"),
        (1000, 3, "simplified"),
        (1000, 4, "mixed"),
        (1000, 99, "mixed"),
        (1000, 100, "traditional"),
    ],
)
def test_the_share_of_changed_characters_tells_the_script(han: int, changed: int, script: str) -> None:
    assert script_of(han, changed) == script
