"""Mentions of titled works 《…》 and their kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.extract.context import Passage
from flows.extract.ignored import TITLED

# A kind by the last words of the title, then by the words before or after it; the first that fits wins.
ENDS = (
    ("proposal", r"(?:的?提案|建议案|的?建议|社情民意|建言)$"),
    ("plan", r"(?:规划|方案|计划|要点|纲要|行动计划)(?:\(.*\))?$"),
    ("agreement", r"(?:协定|协议|备忘录|合同|公约)$"),
    ("event", r"(?:展|展览|影展|晚会|音乐会|演出)$"),
    ("report", r"(?:报告|通报|白皮书|蓝皮书|综述|总结)$"),
    (
        "periodical",
        r"(?:日报|晚报|晨报|时报|政协报|周刊|月刊|杂志|内参|简报|参阅件|专报|快报|信息|资料|通讯|要情|专刊|动态)$",
    ),
    (
        "rule",
        r"(?:办法|条例|意见|措施|机制|制度|规定|规则|细则|规程|法|章程|通知|决定|标准|守则|准则|清单|指引|若干规定|举措|政策|通则)(?:\(.*\))?$",
    ),
    ("book", r"(?:手册|简史|史|志|集|读本|大全|汇编|丛书|图志|选编|录|史话|纪事|纪实)$"),
)
AFTER = (
    ("programme", r"^(?:等)?(?:电视|广播)?(?:栏目|节目|专栏|访谈|专题片|纪录片|频道)"),
    ("periodical", r"^(?:杂志|报|刊物|内刊|期刊|\d+期|头版|整版|专版)"),
    ("event", r"^(?:展览?|演出|开幕|巡展)"),
    (
        "proposal",
        r"^(?:等)?(?:\d+[件篇条份])?(?:的)?(?:重点)?(?:提案|发言|建议|信息|社情民意|大会发言|口头发言|书面发言)",
    ),
    ("report", r"^(?:等)?(?:\d+[件篇条份])?(?:的)?(?:综合|调研|协商|专题|视察)?报告"),
    ("book", r"^(?:等)?(?:文史)?(?:专辑|书籍|图书|丛书|著作|画册|专著)|^(?:一书|等书|等\d+[部本册]|出版|\d+[部本册])"),
)
BEFORE = (
    ("programme", r"(?:节目|栏目|专栏|制播|开设|开办|播出)[^,。;]{0,6}$"),
    ("book", r"(?:出版|编写|编纂|编撰|编印|撰写|编辑出版)(?:了)?(?:《[^》]*》[、和及]?)*$"),
    ("periodical", r"(?:在|被|《[^》]*报》|编发|编辑|刊发于|编印)[^,。;《]{0,6}$"),
    ("proposal", r"(?:提案|提交|报送|提出|发言|反映|作了|信息|的|其中)[^,。;《]{0,8}(?:《[^》]*》[、和及]?)*$"),
)


@dataclass(frozen=True)
class Document:
    """One mention of a titled work."""

    title: str
    kind: str
    sentence: str
    line_no: int
    start: int


def extract_documents(passages: list[Passage]) -> list[Document]:
    """Titled works in the order of the text; nested titles belong to the outer one."""
    found = []
    for passage in passages:
        for match in TITLED.finditer(passage.folded):
            low, high = passage.sentence(match.start())
            title = passage.text(match.start() + 1, match.end() - 1)
            if not title:
                continue
            line_no, start = passage.mapped.locate(match.start() + 1)
            kind = _kind(passage.folded[low : match.start()], match.group()[1:-1], passage.folded[match.end() : high])
            found.append(Document(title, kind, passage.text(low, high), line_no, start))
    return found


def _kind(before: str, title: str, after: str) -> str:
    for table, text in ((AFTER, after), (ENDS, title)):
        for kind, pattern in table:
            if re.search(pattern, text):
                return kind
    for kind, pattern in BEFORE:
        if re.search(pattern, before):
            return kind
    return "other"
