"""Titled works: their titles and kinds."""

from __future__ import annotations

import pytest

from flows.clean import clean
from flows.extract.context import passages
from flows.extract.documents import Document, extract_documents


def documents(text: str) -> list[Document]:
    page = clean(f"政协宜昌市委员会工作报告\n\n各位委员,现在向大会报告工作。\n\n{text}\n".encode(), "text/plain")
    return extract_documents(passages(page.paragraphs))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("印发《委员履职管理办法》和《年度协商工作计划》。", ["rule", "plan"]),
        ("形成《关于城区停车情况的调研报告》报送市委。", ["report"]),
        ("《关于推进乡村振兴的建议》等12件重点提案。", ["proposal"]),
        ("编发《社情民意》24期,其中《小区充电桩建设亟待规范》等3篇获批示。", ["periodical", "proposal"]),
        ("出版《峡江记忆》、《古城往事》等文史资料2部。", ["book", "book"]),
        ("编印《宜昌文史》第二十辑。", ["book"]),
        ("在《人民政协报》《湖北日报》刊发稿件46篇。", ["periodical", "periodical"]),
        ("拍摄专题片《委员的一天》,制作《指尖议事》短视频20集。", ["programme", "programme"]),
        ("联合市广播电视台推出《有话好说》12期。", ["programme"]),
        ("举办《三峡风光》书画展2场。", ["event"]),
        ("签订《长江流域政协合作协议》。", ["agreement"]),
        ("提出修订《早餐车管理规范》等建议5条。", ["rule"]),
    ],
)
def test_the_words_around_and_in_a_title_say_its_kind(text: str, kinds: list[str]) -> None:
    assert [document.kind for document in documents(text)] == kinds


def test_a_title_in_a_title_belongs_to_the_outer_one() -> None:
    assert [d.title for d in documents("审议《关于〈章程〉实施情况的报告》。")] == ["关于〈章程〉实施情况的报告"]
    assert [d.title for d in documents("审议《关于《章程》实施情况的报告》。")] == ["关于《章程》实施情况的报告"]
