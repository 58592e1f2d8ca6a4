"""Consultation, supervision, research and study activities, with topic and date."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.extract.context import Passage

# Forms from the most formal down: where one topic was treated in several, the first that is named counts.
FORMS = (
    (
        "standing_committee",
        r"(?:议政性|专题(?:议政|协商)?)?常委会(?:议|会议|专题|集中)|常委(?:专题)?协商|议政性常委|专题议政",
    ),
    ("sector_consultation", r"界别(?:专题|对口)?协商"),
    ("counterpart_consultation", r"对口协商"),
    ("proposal_consultation", r"提案(?:办理|督办)协商|督办协商|提案协商"),
    ("expert_consultation", r"专家协商"),
    ("frontline_consultation", r"一线协商|有事好商量|协商在一线|基层协商|微协商|议事厅"),
    (
        "supervision",
        r"民主监督|监督性|专项监督|民主评议|监督视察|视察监督|专题监督|监督评议|评议活动|开展[^,。;]{0,8}监督",
    ),
    ("special_consultation", r"专题协商|协商座谈|重点协商|双月协商|月度协商|季度协商|远程协商|专题议政"),
    ("research", r"调研|视察|考察|走访"),
    ("study", r"培训|学习(?!贯彻)|读书活动|宣讲"),
    ("event", r"论坛|展览|征文|书画|仪式|文艺|晚会|讲坛|主题活动"),
    ("other", r"协商|建言|献策|议政|提出(?:建议|意见)"),
)
TOPIC = re.compile(
    r"(?:围绕|就|聚焦|针对|紧扣)(?:着)?(?P<topic>[^。;!?]{4,160}?)(?:等(?:[^,。;、]{0,8}?(?:议题|问题|课题|方面|内容|工作|主题|情况))?)?(?=[,,]?(?:召开|开展|组织|举办|进行|深入|广泛|协商|建言|提出|专题|监督|调研|视察|参加|积极|与|持续|认真|分别|多次|赴|形成|撰写|召集))"
)
QUOTED = re.compile(r"“([^“”]{6,60})”")
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)年(?:(\d{1,2})月(?:(\d{1,2})日)?)?")
TOPIC_END = re.compile(r"(?:等(?:议题|问题|课题|方面|内容)?|的?(?:主题|议题|课题|问题|目标任务|目标))$")


@dataclass(frozen=True)
class Activity:
    """One activity."""

    form: str
    topic: str
    date: str
    date_precision: str
    sentence: str
    line_no: int
    rule: str


def extract_activities(passages: list[Passage]) -> list[Activity]:
    """Activities whose topic is introduced by 围绕, 就, 聚焦 or 针对, in the order of the text."""
    found: list[Activity] = []
    seen: set[str] = set()
    for passage in passages:
        if passage.label != "body" or passage.planning:
            continue
        for match in TOPIC.finditer(passage.folded):
            low, high = passage.sentence(match.start())
            form = _form(passage.folded[match.end() : high]) or _form(passage.folded[low : match.start()])
            if not form:
                continue
            date, precision = _date(passage.folded[low : match.start()])
            for start, end in _topics(passage.folded, *match.span("topic")):
                topic = passage.text(start, end)
                if topic and topic not in seen:
                    seen.add(topic)
                    line_no, _ = passage.mapped.locate(start)
                    found.append(
                        Activity(form, topic, date, precision, passage.text(low, high), line_no, "introduced_topic")
                    )
    return found


def _topics(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places of the topics: each quoted one, or the whole list without its closing words."""
    quoted = [match.span(1) for match in QUOTED.finditer(text, start, end)]
    if quoted and sum(high - low for low, high in quoted) >= 0.6 * (end - start):
        return quoted
    if trailing := TOPIC_END.search(text[start:end]):
        end = start + trailing.start()
    return [(start, end)]


def _form(text: str) -> str:
    for form, pattern in FORMS:
        if re.search(pattern, text):
            return form
    return ""


def _date(text: str) -> tuple[str, str]:
    matches = list(DATE.finditer(text))
    if not matches:
        return "", ""
    year, month, day = matches[-1].groups()
    if not month:
        return year, "year"
    if not day:
        return f"{year}-{int(month):02}", "month"
    return f"{year}-{int(month):02}-{int(day):02}", "day"
