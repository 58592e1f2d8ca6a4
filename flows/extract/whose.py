"""Whose work a number is of: the committee's own, or that of somebody else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flows.extract.context import Passage

# The committee of a report by its full name, and committees by short names: 武汉市政协, 市政协.
FULL_NAME = re.compile(
    r"政协([\u4e00-\u9fff]{1,12}?)(省|自治区|(?<!自治)市|区|自治县|县|自治州|州|盟|旗)(?:第[一二三四五六七八九十\d]+届)?委员会"
)
COMMITTEE_WORD = "政协"
AUTONOMOUS = {"自治州": "州", "自治县": "县"}
# What stands before a short name and is no place: 十四届市政协, 全市政协委员, 五年来,市政协.
NO_PLACE = re.compile(r".*(?:届|年|来|间|后|全|我|本|各|级|部分|原|时|日|月|而|由)$")
SHORT_NAME = re.compile(r"(全国|省|自治区|市|(?<!自治)区|县|州|盟|旗)政协")
# A committee at the beginning of a clause; words in front show that it is spoken to or with, not of.
COMMITTEE = re.compile(
    r"(?!.?[向与和同为对受由经被在以赴到是将]|承办|参加|邀请|联合|会同|配合|协助|接待|推动|指导|聚焦|围绕|组织|牵头|开展|支持|转报|报送|提交|推荐|上报|安排|选派|住)"
    r"(?P<name>[\u4e00-\u9fff]{0,8}?)(?P<level>全国|省|自治区|市|(?<!自治)区|县|州|盟|旗)政协"
    r"(?!及|和|、|[^,;。]{0,4}(?:采用|采纳|录用|转化|批示|刊用|选用|表彰|评为|领导|主席|提案))"
)
LOWER = re.compile(
    r"(?:在[^,。;]{1,10}下,)?(?:各(?!级)[^,;。]{0,6}|[县市区旗、(]{2,}\)?|[^,;。]{0,4}基层|兄弟)政协|[^,;。]{0,6}政协工委"
)
# Somebody else at the beginning of a clause.
OTHERS = re.compile(
    r"(?:(?:去年|今年|全年|20\d\d年)[,]?)?"
    r"(?![^,;。]{0,6}(?:推动|助推|促成|督促|协调))"
    r"(?!走访|调研|深入|视察|考察|联合|会同|邀请|组织|推动|协调|助推|促成|帮助|督促|建议|支持|服务|联系|召开|开展|围绕|聚焦)"
    r"(?:"
    r"(?:全?[市省区县州旗盟]|自治[区州县]|国家)?(?:人民)?(?:政府(?!工作报告)|法院|检察院|人大|总工会|妇联(?!界)|团[市县区省]委)"
    r"|[\u4e00-\u9fff]{0,6}[市县区省州旗]委、[市县区省州旗]?政府"
    r"|(?:(?!政协)[\u4e00-\u9fff]){1,8}(?:(?<![格大全布结开破])局|(?<![客事])厅|卫健委|发改委|公司|集团)"
    r"|[^,;。]{0,10}(?:人大)?代表(?:共|之家|联络站|建议|议案|提出)"
    r"|(?:公司|企业)?职工(?:代表)?提案|职代会"
    r"|全[市省县区州旗](?:常住|户籍|总|规模以上|地区|生产|经济|财政|一般公共|共有(?!政协|委员)(?=[^,;。]{0,8}(?:企|户|人口|村|所)))"
    r"|(?:地区生产总值|一般公共预算|城镇|居民人均|规模以上)|[^,;。]{0,8}(?:常住人口|区人口|湖面面积|总人口|辖区面积)"
    r")"
)
# Of these one stands in each of them, and in few clauses else.
OTHERS_SIGNS = re.compile(
    "政府|法院|检察院|人大|工会|妇联|团[市县区省]委|局|厅|卫健委|发改委|公司|集团|代表|职工|职代会|"
    "全[市省区县州旗]|地区生产|公共预算|城镇|居民|规模以上|人口|面积"
)
# Words at the beginning of a clause that name the committee itself.
OURS = re.compile(
    r"(?!参加|邀请|联系|办理|覆盖|惠及|吸引|走访|慰问|培训|表彰|自治|人大).{0,8}(?:政协|委员(?!会|企业)|我[们市县区省州旗盟]|(?<!人大)常委会|主席|专委会|界别|课题组|调研组|视察组)"
)
OTHER_REPORTS = re.compile(r"(?:政府|法院|检察院|人大常委会)工作报告|代表建议|人大代表|职工代表|工会工作|团委工作")
# Whose proposals and suggestions are none of the committee.
REPRESENTATIVES = re.compile(r"代表|人大|职工|公司")
LAST_MARK = re.compile(r"(?s:.*)([,。;!?:])")
# Families of which a number is the committee's, whoever handles or adopts what it counts.
OUTPUT = ("proposals.", "opinions.", "outputs.")


class Committee(NamedTuple):
    """The committee that a report is of, by its place and level; empty where the text does not say."""

    name: str
    level: str


def committee_of(passages: list[Passage]) -> Committee:
    """The committee of a report: the one that is named in full first, or else the level that is named most often.

    Args:
        passages: the kept text.
    """
    for passage in passages:
        if match := FULL_NAME.search(passage.folded):
            return Committee(match.group(1), AUTONOMOUS.get(match.group(2), match.group(2)))
    levels = Counter(match for passage in passages for match in _short_names(passage.folded))
    return Committee("", levels.most_common(1)[0][0] if levels else "")


def _short_names(text: str) -> list[str]:
    """The levels of the committees that a text names in short."""
    return SHORT_NAME.findall(text) if COMMITTEE_WORD in text else []


def whose_of(sentence: str, section: str, measure: str, own: Committee) -> str:
    """Whose work a number is of, by who is named last at the beginning of a clause before it.

    Args:
        sentence: the sentence up to the number, folded.
        section: the heading above.
        measure: what it counts.
        own: the committee that the report is of.

    Returns:
        `own` or `other`.
    """
    for clause in _clauses_back(sentence):
        if named := _named(clause, own):
            ours = named == "others" and measure.startswith(OUTPUT) and not REPRESENTATIVES.search(clause)
            return "own" if ours or named == "own" else "other"
    return "other" if OTHER_REPORTS.search(section) or OTHER_REPORTS.match(sentence) else "own"


def _clauses_back(sentence: str) -> Iterator[str]:
    """The clauses of a sentence behind its last semicolon, the last one first."""
    end = len(sentence)
    while mark := LAST_MARK.match(sentence, 0, end):
        yield sentence[mark.end() : end]
        if mark[1] == ";":
            return
        end = mark.start(1)
    yield sentence[:end]


@lru_cache(maxsize=64)  # the numbers of a sentence ask for the same clauses
def _named(clause: str, own: Committee) -> str:
    """Who is named at the beginning of a clause: `own`, `other` for another committee, `others`; empty for nobody."""
    if COMMITTEE_WORD in clause:
        if lower := LOWER.match(clause):
            together = not lower.group().startswith("各") and own.level and own.level in lower.group()
            return "own" if together else "other"
        if committee := COMMITTEE.match(clause):
            return "own" if _is_same(committee, own) else "other"
    if OTHERS_SIGNS.search(clause) and OTHERS.match(clause):
        return "others"
    return "own" if OURS.match(clause) else ""


def _is_same(committee: re.Match[str], own: Committee) -> bool:
    """Whether a committee that is named in short is the one of the report, or cannot be told from it."""
    name = NO_PLACE.sub("", committee.group("name"))
    if own.level and committee.group("level") != own.level:
        return False
    return not (own.name and name) or name.endswith(own.name[:2]) or own.name.startswith(name)
