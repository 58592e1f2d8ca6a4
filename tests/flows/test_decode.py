"""Encodings: which one a page is in, what damage costs, and lines that were read in a wrong one before."""

from __future__ import annotations

import json
import random

import opencc
import pytest

from flows.clean import clean
from flows.clean.decode import PageRejected, decode
from flows.clean.mojibake import is_mojibake
from tests.conftest import GOLD, SAMPLES

BODY = "市政协常委会围绕全市中心工作认真履行职能，组织委员深入基层开展调研视察，提出一批有分量的意见建议，为高质量发展贡献了智慧和力量。"
REPORT = f"政协工作回顾\n{BODY}\n全年共收到提案351件，立案298件，办复率100%。\n{BODY}"
ENCODINGS = {
    "simplified": ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
    "traditional": ["utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "big5hkscs", "utf-16-le", "utf-16-be"],
}
CASES = [(script, encoding) for script, encodings in ENCODINGS.items() for encoding in encodings]
TO_TRADITIONAL = opencc.OpenCC("s2t")
DECLARED = [None, "utf-8", "gb2312", "big5", "utf-16", "iso-8859-1", "no-such-charset"]


def text_in(script: str, text: str = REPORT) -> str:
    converted: str = (
        text if script == "simplified" else TO_TRADITIONAL.convert(text).replace("，", ",").replace("爲", "為")
    )
    return converted


def html(text: str, charset: str | None, head: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return f"<html><head>{meta}{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(("script", "encoding"), CASES)
def test_text_is_read_in_every_encoding(script: str, encoding: str) -> None:
    text = text_in(script)
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.replaced) == (text, 0)


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize(("script", "encoding"), CASES)
def test_a_missing_or_lying_declaration_changes_nothing(script: str, encoding: str, declared: str | None) -> None:
    page = html(text_in(script), declared)
    assert decode(page.encode(encoding)).text == page


@pytest.mark.parametrize(("script", "encoding"), CASES)
def test_a_long_head_of_ascii_does_not_hide_the_encoding(script: str, encoding: str) -> None:
    page = html(text_in(script), None, "<script>" + "function f(){return 'a'};" * 8_000 + "</script>")
    assert decode(page.encode(encoding)).text == page


@pytest.mark.parametrize("declared", [None, "gbk", "big5", "utf-8"])
@pytest.mark.parametrize(("script", "encoding"), [("simplified", "gb2312"), ("traditional", "big5"), ("traditional", "gbk")])  # fmt: skip
@pytest.mark.parametrize("snippet", ["政协委员", "提案办理情况", "常委会工作报告", "社情民意信息反映及时"])
def test_a_short_page_is_read_too(snippet: str, script: str, encoding: str, declared: str | None) -> None:
    page = f"<p>{text_in(script, snippet)}</p>" + (f"<!-- charset={declared} -->" if declared else "")
    assert decode(page.encode(encoding)).text == page


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_the_declaration_decides_where_the_bytes_do_not(encoding: str) -> None:
    """Two rare characters: the same bytes are rare ones in the other encoding, too."""
    page = f"<meta charset={encoding}>龜齋"
    assert decode(page.encode(encoding)).text == page


def test_characters_of_four_bytes_and_of_hong_kong_are_read() -> None:
    gb18030, hkscs = f"委员㑇䶮、𠮷野、\u3400。{BODY}", f"委員住喺深水埗，啲嘢嘅價錢。{text_in('traditional')}"
    assert decode(gb18030.encode("gb18030")).text == gb18030
    assert decode(hkscs.encode("big5hkscs")).text == hkscs


@pytest.mark.parametrize("damage", ["overwritten", "missing", "added"])
@pytest.mark.parametrize(("script", "encoding"), CASES)
def test_one_broken_byte_costs_few_characters_wherever_it_is(script: str, encoding: str, damage: str) -> None:
    if encoding == "utf-32":
        pytest.skip("only a byte order mark tells it, and nothing in it is known to be shifted")
    if damage != "overwritten" and script == "traditional" and encoding in ("gbk", "gb18030", "big5", "big5hkscs"):
        pytest.skip("pairs that are shifted are mostly valid there; see the next test")
    text = text_in(script)
    data = text.encode(encoding)
    for place in range(40, len(data) - 40, 37):
        behind = place if damage == "added" else place + 1
        broken = data[:place] + (b"" if damage == "missing" else b"\xff") + data[behind:]
        found = decode(broken).text
        start = next(i for i, pair in enumerate(zip(found, text, strict=False)) if pair[0] != pair[1])
        left = len(text) - start - 6
        assert found[-left:] == text[-left:], (place, found)


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_a_missing_byte_in_traditional_text_costs_no_more_than_its_line(encoding: str) -> None:
    text = text_in("traditional")
    data = text.encode(encoding)
    for place in range(40, len(data) - 40, 37):
        lines = decode(data[:place] + data[place + 1 :]).text.split("\n")
        assert len(lines) >= text.count("\n")
        assert sum(line not in lines for line in set(text.split("\n"))) <= 2


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be"])
def test_a_truncated_last_character_is_one_replacement(encoding: str) -> None:
    decoded = decode((REPORT.rstrip("。") + "案").encode(encoding)[:-1])
    assert decoded.text == REPORT.rstrip("。") + "\ufffd"
    assert decoded.replaced == 1


@pytest.mark.parametrize(("main", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_section_in_another_encoding_is_told_by_its_lines_and_the_rest_is_read(main: str, other: str) -> None:
    section = "提案委员会全年共收到社情民意信息。\n办理情况总体较好。\n"
    data = (REPORT + "\n").encode(main) + section.encode(other) + (REPORT * 3).encode(main)
    decoded = decode(data)
    assert decoded.encoding == main
    assert decoded.text.startswith(REPORT + "\n")
    assert decoded.text.endswith("\n" + (REPORT * 3).split("\n", 1)[1])
    assert [i for i, line in enumerate(decoded.text.split("\n")) if is_mojibake(line)] == [4, 5]


def test_a_page_that_is_mostly_lost_is_refused() -> None:
    with pytest.raises(PageRejected) as refused:
        decode(REPORT.encode("utf-8") + (BODY * 4).encode("gbk"))
    assert refused.value.rule == "undecodable"


def test_a_mark_that_lies_does_not_decide() -> None:
    decoded = decode(b"\xef\xbb\xbf" + REPORT.encode("gbk"))
    assert (decoded.text, decoded.encoding) == (REPORT, "gb18030")


def test_zero_bytes_in_text_are_no_utf16() -> None:
    data = REPORT.encode("gbk").replace(b"\n", b"\0\n")
    assert decode(data).text == REPORT.replace("\n", "\0\n")


def test_damage_is_counted_on_the_page() -> None:
    page = clean((REPORT * 4).encode("gbk")[:-1], "text/plain")
    assert page.replaced == 1


MISREADINGS = {
    "utf-8 as gbk": lambda text: text.encode().decode("gb18030", errors="replace"),
    "utf-8 as gbk, lost bytes as ?": lambda text: text.encode().decode("gbk", errors="replace").replace("\ufffd", "?"),
    "utf-8 as windows-1252": lambda text: "".join(
        bytes((byte,)).decode("cp1252", errors="ignore") or chr(byte) for byte in text.encode()
    ),
    "gbk as latin-1": lambda text: text.encode("gb18030").decode("latin-1"),
    "gbk as utf-8": lambda text: text.encode("gb18030").decode("utf-8", errors="replace"),
    "gbk as utf-8 as gbk": lambda text: text.encode("gb18030").decode("utf-8", errors="replace").encode().decode("gb18030", errors="replace"),
}  # fmt: skip


def sample_lines() -> list[str]:
    """Lines of the sample reports in both scripts, and strings of what a person read in them."""
    texts = [path.read_bytes() for path in sorted(SAMPLES.iterdir())]
    lines = [line for data in texts for line in decode(data).text.split("\n")]
    for path in sorted(GOLD.iterdir()):
        for row in path.read_text(encoding="utf-8").splitlines():
            lines += [str(value) for value in json.loads(row).values()] if row.startswith('{"') else []
    return lines + [text_in("traditional", line) for line in lines]


def test_no_line_of_the_samples_is_taken_for_mojibake() -> None:
    lines = sample_lines()
    assert len(lines) > 500
    assert [line for line in lines if is_mojibake(line)] == []


@pytest.mark.parametrize("script", ["simplified", "traditional"])
def test_rare_names_and_letters_are_no_mojibake(script: str) -> None:
    """Names of one to three characters, all the rare ones of GB 2312 among them."""
    rare = [
        bytes((high, low)).decode("gb2312", errors="ignore") for high in range(0xD8, 0xF8) for low in range(0xA1, 0xFF)
    ]
    rare = [text_in(script, char) for char in rare if char]
    chance = random.Random(7)
    for _ in range(3_000):
        names = ["".join(chance.sample(rare, chance.randint(1, 3))) for _ in range(chance.randint(1, 12))]
        assert not is_mojibake(" ".join(names)), names
        assert not is_mojibake("委员" + "、".join(names)), names
    for line in (
        "政協(xié)委員會(huì)",
        "××市××区",
        "±0.5℃ 25° ²³ · é à ü",
        "Ａ１ ㈠ ① Ⅲ",
        "村屯屯通公路",
        "火锅烫,一烫再烫",
        "�政协委员会",
    ):
        assert not is_mojibake(line), line


@pytest.mark.parametrize("kind", MISREADINGS)
def test_lines_read_in_a_wrong_encoding_are_told(kind: str) -> None:
    lines = [line for line in sample_lines() if sum("\u4e00" <= char <= "\u9fff" for char in line) >= 8]
    found = sum(is_mojibake(MISREADINGS[kind](line)) for line in lines)
    assert found >= len(lines) * 0.95


@pytest.mark.parametrize(
    "line", ["鏀垮崗", "锟斤拷锟斤拷锟斤拷351锟斤拷", "烫烫烫烫", "委员\ufffd\ufffd\ufffd", "嚙踝蕭嚙踝蕭"]
)
def test_what_a_misreading_leaves_is_told(line: str) -> None:
    assert is_mojibake(line)
