"""Whose work a number is of: the committee's own, or that of somebody else."""

from __future__ import annotations

import re
from collections import Counter

from flows.extract.context import Passage

# Somebody else at the beginning of a clause.
OTHERS = re.compile(
    r"(?:(?:去年|今年|全年|20\d\d年)[,]?)?(?!走访|调研|深入|视察|考察|联合|会同|邀请|组织|推动|协调|助推|促成|帮助|督促|建议|支持|服务|联系|召开|开展)"
    r"(?:全?[市省区县州旗]|自治区|国家)?(?:人民)?"
    r"(?:政府(?!工作报告)|法院|检察院|人大|(?:(?!政协)[\u4e00-\u9fff]){1,6}(?:(?<![格大全布结开破])局|(?<![客事])厅|卫健委|发改委|公司|集团))"
)
# A committee at the beginning of a clause by its place and level; that of another level works for itself.
COMMITTEE = re.compile(
    r"(?!.?[向与和同为对受由经被在以赴到是]|承办|参加|邀请|联合|会同|配合|协助|接待|推动|指导|聚焦|围绕|组织|牵头|开展|支持|转报|报送|提交|推荐|上报)"
    r"(?:[\u4e00-\u9fff]{0,8}?)(?P<level>全国|省|自治区|市|(?<!自治)区|县|州|旗)政协(?!及|和|、|[^,;。]{0,4}(?:采用|采纳|录用|转化|批示|刊用|选用|表彰|评为|领导|主席|提案|委员))"
)
LEVELS = re.compile(r"(全国|省|自治区|市|(?<!自治)区|县|州|旗)政协")
# Words at the beginning of a clause that name the committee itself.
OURS = re.compile(r".{0,8}(?:政协|委员(?!会)|我们|(?<!人大)常委会|主席|专委会|界别|提案)")
CLAUSE = re.compile(r"[,。!?]")
# Families of which a number is the committee's, whoever handles or adopts what it counts.
OUTPUT = ("proposals.", "opinions.", "outputs.")


def level_of(passages: list[Passage]) -> str:
    """Level of the committee that a report is of: the one that it names most often, as in 市政协; empty for none.

    Args:
        passages: the kept text.
    """
    levels = Counter(match for passage in passages for match in LEVELS.findall(passage.folded))
    return levels.most_common(1)[0][0] if levels else ""


def whose_of(sentence: str, measure: str, level: str) -> str:
    """Whose work a number is of, by who is named last at the beginning of a clause before it.

    Args:
        sentence: the sentence up to the number, folded.
        measure: what it counts.
        level: level of the committee that the report is of.

    Returns:
        `own` or `other`.
    """
    whose = "own"
    for clause in CLAUSE.split(sentence[sentence.rfind(";") + 1 :]):
        committee = COMMITTEE.match(clause)
        if committee:
            whose = "own" if committee.group("level") == level else "other"
        elif OTHERS.match(clause):
            whose = "own" if measure.startswith(OUTPUT) and "人大" not in clause else "other"
        elif OURS.match(clause):
            whose = "own"
    return whose
