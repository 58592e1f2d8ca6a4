"""Mentions of titled works 《…》 and their kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.extract.context import Passage
from flows.extract.ignored import TITLED

# Other titles of the same list: 《…》、《…》和.
LIST = r"(?:《[^《》]*》[、和及与]?)*"
# A kind by the words after the title, by the last words of the title, by the words before it; the first that fits wins.
MADE_RULE = re.compile(rf"(?:修订|修改|制定|出台|颁布|实施)(?:完善)?(?:了)?{LIST}$")
AFTER = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "programme",
            r"^(?:等)?(?:系列|专题|主题|大型|电视|广播|网络)*(?:短视频|微视频|视频|宣传片|微电影|纪录片|专题片|系列片|音频|栏目|节目|专栏|访谈|频道|公益广告)",
        ),
        (
            "event",
            r"^(?:等)?(?:主题|系列|大型)*(?:书画|图片|摄影|美术|成果|作品|书法)*(?:展(?!示|现|开)|演出|晚会|开幕|巡展)",
        ),
        (
            "book",
            rf"^{LIST}(?:等)?(?:第[一二三四五六七八九十百\d]+[辑卷集册]|(?:共|各)?[一二两三四五六七八九十\d]+余?[部本册辑卷套]|一书|(?:专题|文史|地方)*(?:文史资料|史料|文史|专辑|书籍|图书|丛书|著作|画册|专著|系列丛书)|"
            r"(?:的)?(?:编纂|编撰|编写|编印|出版|付印|付梓|面世|公开出版|正式出版))",
        ),
        (
            "periodical",
            r"^(?:等)?(?:杂志|报(?!送|告|道|请|经|市|省|区|县)|刊物|会刊|内刊|期刊|简报|(?:共|各)?\d+余?期|头版|整版|专版|媒体|中央媒体|报刊|报纸)",
        ),
        (
            "proposal",
            r"^(?:等)?(?:\d+余?[件篇条份])?(?:的)?(?:重点|优秀|集体|委员)?(?:提案|发言|建议|信息|社情民意|大会发言|口头发言|书面发言)",
        ),
        ("report", r"^(?:等)?(?:\d+余?[件篇条份])?(?:的)?(?:综合|调研|协商|专题|视察|监督)?报告"),
    )
)
ENDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "proposal",
            r"(?:的?提案|建议案|的?建议|社情民意|建言)$|(?:亟待|亟需|亟须|急需|应当?|值得|需要?)[^,]{0,10}(?:解决|重视|加强|关注|规范|警惕|完善|破解)$|(?:不容忽视|堪忧|担忧)$",
        ),
        ("plan", r"(?:规划|方案|计划|要点|纲要|行动计划|工作安排)(?:\(.*\))?$"),
        ("agreement", r"(?:协定|协议|备忘录|合同|公约|倡议|协议书|意向书)$"),
        ("event", r"(?:展|展览|影展|晚会|音乐会|演出)$"),
        ("report", r"(?:报告|通报|白皮书|蓝皮书|综述|总结)$"),
        (
            "periodical",
            r"(?:日报|晚报|晨报|时报|商报|都市报|政协报|周刊|月刊|杂志|内参|简报|参阅件|专报|快报|信息|资料|通讯|要情|专刊|动态|摘报|参考|之声|反映)$",
        ),
        (
            "rule",
            r"(?:办法|条例|意见|措施|机制|制度|规定|规则|细则|规程|法|章程|通知|决定|标准|守则|准则|清单|指引|若干规定|举措|政策|通则|指南|导则|规范|决议|批复|\d+条)(?:\(.*\))?$",
        ),
        (
            "book",
            r"(?:手册|简史|史|志|集|读本|大全|汇编|丛书|图志|选编|录|史话|纪事|纪实|文史|记忆|往事|春秋|画册|图典|词典|年鉴)$",
        ),
        ("other", r"(?:选题|目录|题目)$"),
    )
)
BEFORE = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("other", r"(?:选题|目录|参考题目)[^,。;《]{0,4}$"),
        ("periodical", rf"\d+余?期{LIST}$"),
        (
            "programme",
            rf"(?:节目|栏目|专栏|专题片|视频|纪录片|制播|制作|拍摄|摄制|录制|开播|播出|推出|开设|开办|合办|联办)[^,。;《]{{0,8}}{LIST}$",
        ),
        ("event", rf"(?:举办|举行|承办|主办|观看)[^,。;《]{{0,6}}{LIST}$"),
        (
            "book",
            rf"(?:出版|编写|编纂|编撰|编印|撰写|编辑|征编|编著|编修|征集出版|完成|付梓)(?:发行)?(?:了)?(?:文史资料|专辑|图书|丛书)?[^,。;《]{{0,4}}{LIST}(?:[^,。;《》]{{0,6}}[、和]{LIST})?$",
        ),
        ("rule", rf"(?:出台|修订|制定|印发|颁布|完善|落实)(?:了|实施)?{LIST}$"),
        ("periodical", r"(?:在|被|《[^》]*报》|编发|刊发于)[^,。;《]{0,6}$"),
        ("proposal", r"(?:提案|提交|报送|提出|发言|反映|作了|信息|的|其中)[^,。;《]{0,8}(?:《[^》]*》[、和及]?)*$"),
    )
)
BROADCAST = re.compile(r"(?:电视台|广播|频道|频率|融媒体)[^,。;《]{0,12}$")


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
        if "《" not in passage.folded:
            continue
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
    """Kind of a work, by the words around and in its title."""
    if MADE_RULE.search(before) and _first(ENDS, title) == "rule":
        return "rule"
    kind = _first(AFTER, after)
    if kind == "periodical" and BROADCAST.search(before):
        return "programme"
    return kind or _first(ENDS, title) or _first(BEFORE, before) or "other"


def _first(table: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    return next((kind for kind, pattern in table if pattern.search(text)), "")
