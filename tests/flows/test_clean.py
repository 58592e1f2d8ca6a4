"""Cleaning: encodings, HTML blocks, labels and wraps, each with a string of the kind."""

from __future__ import annotations

import pytest

from flows.clean import CleanPage, PageRejected, clean
from flows.extract import extract

BODY = "市政协常委会围绕全市中心工作认真履行职能，组织委员深入基层开展调研视察，提出一批有分量的意见建议，为高质量发展贡献了智慧和力量。"


def page(*lines: str) -> CleanPage:
    return clean("\n".join(lines).encode("utf-8"), "text/plain")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("政协工作报告\r{}\r提案3件。\n", ["政协工作报告", BODY, "提案3件。"]),
        ("政协工作报告\r{}\r提案3件。\r", ["政协工作报告", BODY, "提案3件。"]),
        ("政协工作报告\n{}\r\n提案\r3件。\n", ["政协工作报告", BODY + "\r", "提案\r3件。"]),
        ("政协工作报告\r\n{}\r\n提案3件。", ["政协工作报告\r", BODY + "\r", "提案3件。"]),
    ],
    ids=["old, one new", "old", "stray", "windows"],
)
def test_lines_end_as_their_system_ends_them(text: str, lines: list[str]) -> None:
    assert [line.raw for line in clean(text.format(BODY).encode(), "text/plain").lines] == lines


def labels(*lines: str) -> list[str]:
    return [line.label for line in page(*lines).lines]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"%PDF-1.7 ...", "damaged_pdf"),
        (bytes(range(256)) * 40, "binary"),
        (b"\x81\x20\xff\xfe\x80" * 500, "undecodable"),
        (b"The committee received 3551 proposals last year. " * 20, "not_chinese"),
        ("市議会は昨年、提案を3551件受け付けました。これらはすべて処理されています。".encode() * 5, "not_chinese"),
    ],
    ids=["empty", "blank", "pdf", "binary", "undecodable", "english", "japanese"],
)
def test_what_is_no_chinese_text_is_refused_by_a_rule(data: bytes, rule: str) -> None:
    with pytest.raises(PageRejected) as refused:
        clean(data, "text/plain")
    assert refused.value.rule == rule
    assert len(refused.value.reason) > 20


def test_pinyin_behind_characters_and_bold_marks_are_dropped_with_the_map_kept() -> None:
    (line,) = page(f"政協(xié)**委員會(huì)**{BODY}").lines
    assert line.text.startswith("政协委员会")
    place = line.text.index("委")
    assert line.raw[line.mapped.locate(place)[1]] == "委"


@pytest.mark.parametrize(
    "furniture",
    ["往期阅读", "当前版: 06版 上一版  下一版", "放大 缩小 默认", "首页 > 政协要闻 > 正文", "【打印】【关闭】", "扫一扫在手机打开当前页", "分享到：", "第03版:要闻",
     "（下转第二版）", "首页 政协概况 政协要闻 提案工作 委员风采", "主办单位：市政协办公室 京ICP备12345678号", "上一篇：无 下一篇：无"],
)  # fmt: skip
def test_furniture_is_boilerplate(furniture: str) -> None:
    assert labels("市政协2023年工作回顾", BODY, furniture, BODY)[2] == "boilerplate"


@pytest.mark.parametrize(
    "credit",
    [
        "来源：长江日报",
        "2023-01-06 09:50:35",
        "发布时间：2024-02-01 来源：市政协办公室 浏览次数：12",
        "责任编辑：本网",
        "图片由市政协提供",
        "（本报记者）",
        "归档时间:2023年01月20日",
    ],
)
def test_credit_lines_are_meta(credit: str) -> None:
    assert labels("市政协2023年工作回顾", credit, BODY)[1] == "meta"


@pytest.mark.parametrize(
    "spam",
    [
        "澳门新葡京,百家乐,真人娱乐,注册送彩金",
        "代开发票_增值税票_办证刻章",
        "论文代写|毕业论文|查重",
        "传奇私服 新开传奇 变态传奇",
    ],
)
def test_keyword_strings_are_spam(spam: str) -> None:
    assert labels(spam, "市政协2023年工作回顾", BODY)[0] == "spam"


def test_a_sentence_that_names_gambling_is_no_spam() -> None:
    assert labels("市政协2023年工作回顾", f"围绕打击赌博等违法犯罪开展专题视察，{BODY}")[1] == "body"


def test_lines_broken_in_mid_sentence_are_joined_over_blank_lines() -> None:
    first = "深入践行人民政协为人民的理念，主席会议成员带头走进社区企业，围绕养老托育、老旧小区改造等问题开展协商，广泛听取群众意"
    cleaned = page("市政协2023年工作回顾", first, "", "见，推动一批急难愁盼问题得到解决。", "", BODY)
    assert [paragraph.text for paragraph in cleaned.paragraphs][1:] == [
        first + "见，推动一批急难愁盼问题得到解决。",
        BODY,
    ]


def test_a_narrow_box_is_joined_and_its_headings_are_not() -> None:
    box = [
        "数读 >>>",
        "全年共收到提案**512**件,经",
        "审查立案**468**件,其中委员",
        "提案**351**件,集体提案**117**",
        "件。全部提案已办复。",
        "民生保障",
        BODY,
    ]
    texts = [paragraph.text for paragraph in page("市政协2023年工作回顾", BODY, *box).paragraphs]
    assert texts[2:] == [
        "数读 >>>",
        "全年共收到提案512件,经审查立案468件,其中委员提案351件,集体提案117件。全部提案已办复。",
        "民生保障",
        BODY,
    ]


def test_the_article_list_under_a_newspaper_page_is_no_text() -> None:
    tail = ["上一篇    下一篇", "标题导航", "市政协2023年工作回顾", "全市经济工作会议召开"]
    assert labels("市政协2023年工作回顾", BODY, *tail)[2:] == ["boilerplate"] * 4


def test_every_line_gets_a_label_a_rule_and_a_confidence() -> None:
    for line in page("市政协2023年工作回顾", "", BODY, "■ 标题", "●" + BODY, "\x0c").lines:
        assert line.label
        assert line.rule
        assert 0 < line.confidence <= 1


HOSTILE = [
    "点击进入专题报道" + ">" * 64 + "标题",
    "首页 > " * 40 + "!",
    "大 中 小 " * 60 + "打印",
    "委员、" * 200 + "x",
    "各位委员、" + "委员委员" * 100,
    " " * 20_000 + "1" + " " * 20_000,
    "1" + " " * 20_000 + "件",
    "来源:" * 3000,
    "第" * 20_000,
    "“" * 5000 + "”" * 5000,
    "《" * 5000 + "》" * 5000,
    "打印 | 关闭 | " * 500 + "x",
    "2024-" * 5000,
    "围绕" * 5000,
    "#标签 " * 2000,
]


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:6])
def test_no_line_makes_a_pattern_search_for_ever(line: str) -> None:
    """A pattern that backtracks without end would not end here either."""
    cleaned = page("市政协2023年工作回顾", line, BODY)
    extract(cleaned)
    assert all(line.label for line in cleaned.lines)


def test_the_script_is_that_of_the_text_that_is_kept() -> None:
    odd = "市政协围绕提案办理开展协商活动".encode().decode("gbk", "replace")
    lines = ["市政协2023年工作回顾", BODY, odd, "關於我們 聯繫我們 網站地圖", odd]
    assert page(*lines).script == "simplified"
    assert page("市政協2023年工作回顧", BODY.replace("开展", "開展")).script != "simplified"
