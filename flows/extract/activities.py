"""Consultation, supervision, research and study activities, with topic and date.

A topic is found by what introduces it: 围绕, 就 or 聚焦 before it, 对 … 开展监督 around it, a verb that takes it as its object
(视察…建设), a meeting or event that is named after it (召开“…”专题协商会). Its form is told by the words between it and the next topic,
or else by those before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from flows.extract.context import Passage

# Forms from the most formal down: where one topic was treated in several, the first that is named counts.
FORMS = tuple(
    (form, re.compile(pattern))
    for form, pattern in (
        (
            "standing_committee",
            r"常委(?:会(?:议|会议|专题|集中)|(?:专题)?协商)|议政性常委|专题议政",
        ),
        ("sector_consultation", r"界别(?:专题|对口)?协商"),
        ("counterpart_consultation", r"对口协商"),
        (
            "proposal_consultation",
            r"提案(?:办理|督办)?协商|督办协商|(?:提案(?:者|人|委员)|承办单位)[^。;]{0,20}(?:协商|面商)",
        ),
        ("expert_consultation", r"专家协商"),
        (
            "frontline_consultation",
            r"一线协商|有事.{0,2}商量|来协商|协商在一线|基层协商|微协商|议事(?!规则|日程)|与群众[^。;]{0,8}协商",
        ),
        (
            "supervision",
            r"民主监督|监督性|专项监督|民主评议|监督视察|视察(?:式)?监督|专题监督|跟踪监督|监督评议|评议|开展[^,。;]{0,8}监督|进行[^,。;]{0,6}监督",
        ),
        ("special_consultation", r"专题协商|协商座谈|重点协商|双月协商|月度协商|季度协商|远程协商|专题议政|协商会"),
        ("research", r"调研|视察|考察|走访|专题研究|课题组"),
        ("study", r"培训|学习(?!贯彻)|读书|宣讲|讲堂|讲坛|研讨班"),
        ("event", r"论坛|(?<![发开施进])展(?!开|示|望|现)|征文|书画|仪式|文艺|晚会|文化节|比赛|活动"),
        ("other", r"协商(?!民主)|建言|献策|献计|议政|提出[^,。;]{0,8}(?:建议|意见)"),
    )
)
WEAK_FORMS = frozenset({"", "other", "event"})

# A run of text without a stop; what stands in quotation marks is one with its commas.
PHRASE = r"(?:“[^“”]{2,60}”|‘[^‘’]{2,60}’|[^,。;!?:“”‘’])"
TAIL = (
    r"(?:情况|工作|建设|项目|发展|工程|管理|治理|保护|落实|改造|改革|振兴|提升|培育|整治|攻坚|融合|服务|安全|环境|问题|水平|"
    r"质量|转型|改善|保障|体系|利用|开发|产业|推广|创新|生态|”)"
)
CLAUSE = re.compile(rf"{PHRASE}+")
INTRODUCER = re.compile(
    r"(?:围绕|聚焦|针对(?!性)|紧扣|紧盯|就(?<![成将造]就)(?!业|地(?!方|铁|质|下)|餐|医(?!疗|院|保|药)|近(?!年)|是|学(?!前|习|生|校)|读(?!书)|诊|坚决|能(?!源)|会(?!议|展)|要(?!素)|可(?!持续|再生)|像|在(?!线|校|建)|有(?!关|色|机)|没|此|深入|必须))(?:着)?"
)
# 对…开展监督, 开展…专项调研, 视察…建设, 召开“…”协商会.
TREATED = re.compile(
    rf"(?<![应针面])对(?P<topic>(?:“[^“”]{{2,60}}”)+|{PHRASE}{{4,60}}?)(?:等)?(?:连续|持续|跟踪|逐一|分别|集中)*(?:开展|进行|组织|实施|跟踪)[^,。;]{{0,8}}(?:监督|评议|视察|调研|考察|协商)"
)
CARRIED_OUT = re.compile(
    rf"(?:开展|组织|进行|统筹开展)(?P<topic>(?!委员|开展|专题|专项|民主|各类|多种|深入|重点|调研|视察|协商)(?:(?:“[^“”]{{4,60}}”)+|{PHRASE}{{2,60}}?{TAIL}))(?:等)?"
    r"(?:系列|专项|联动|专题|课题|重点|跟踪|联合|集中)*(?:民主监督|视察监督|视察|调研|监督|评议|协商|考察)"
)
CONSULTED = re.compile(r"(?:对口|界别|专题|提案办理|提案督办)协商(?P<topic>(?:“[^“”]{4,60}”)+)")
OBJECT = re.compile(
    rf"(?:视察|调研|考察|评议|专题协商|专题监督|跟踪)(?:了)?(?P<topic>(?!活动|报告|成果|课题|组|督|时|中|和(?:视察|调研|考察|协商|监督)|、|议|会|座谈|监督|后|小组|协商|专题|工作|视察|{TAIL}[,。;]){PHRASE}{{4,40}}?{TAIL})(?=[,。;(]|$)"
)
NAMED = re.compile(
    r"(?P<topic>“[^“”]{4,40}”)(?:[^,。;“”]{0,8}?)(?:协商会|常委会|协商座谈会|议政会|主席会议|征文|书画|摄影|展|文化交流|文化节|论坛|讲堂|比赛|学习班|培训班|"
    r"主题活动|联谊活动|文艺|(?:(?<=”)活动)|研讨会)"
)
HELD = re.compile(r"(?:举办|开展|召开|组织|承办|参加|主办|举行|召开的)[^,。;]{0,60}$|^\W{0,4}$")
TITLED_AS = re.compile(r"以(?P<topic>“[^“”]{4,60}”)为(?:题|主题|议题|课题)")
# Of a caption that names no topic: where they went.
PLACE = re.compile(
    r"(?:赴|走进|深入|来到|到|在)(?P<topic>[^,。;:“”、]{4,20}?)(?:开展)?(?:专题)?(?:调研|视察|考察|走访)(?:$|[。(,])"
)
SERVICE = re.compile(r"开展(?P<topic>[^,。;“”\d]{3,14}活动)")  # of a caption
ADVICE = re.compile(rf"为(?P<topic>{PHRASE}{{4,50}}?)(?:积极)?(?:建言献策|献计献策|献计出力|出谋划策|建言资政)")
SET_AS = re.compile(rf"将(?P<topic>{PHRASE}{{4,30}}?)作为[^,。;]{{0,20}}(?:抓手|重点|课题|议题|内容|切入点),")
# The rules that find a topic, each with a sign that stands in all that it finds.
RULES = (
    ("treated_topic", "对", TREATED),
    ("carried_out", "", CARRIED_OUT),
    ("object", "", OBJECT),
    ("object", "协商“", CONSULTED),
    ("named_event", "“", NAMED),
    ("advice", "为", ADVICE),
    ("set_as", "作为", SET_AS),
    ("introduced_topic", "以“", TITLED_AS),
)
# Names of programmes, not of what an event was about.
PROGRAMME = re.compile(r"委员|百名|进[^,]{0,3}[村企社区]|送[^,]{1,3}[、送]|商量|协商|回头看|个一|\d\+|品牌|双月|书香")

# Where a topic ends inside its clause: a verb that opens what was done about it; of those that topics have, too, only as a last
# resort.
STRONG = re.compile(
    r"召开|举行|向(?=[市县区省州旗]委|党委|市政府)|谋(?=良策|实招)|开展|组织(?!化|建设|部|者|振兴)|举办|进行|深入(?=开展|调研|协商|调查|基层|企业|一线|各)|广泛(?=开展|协商|征|听)|积极(?=建言|协商|开展|献|组织|参)|"
    r"认真|分别|多次|先后|形成|撰写|持续(?=开展|跟踪|监督|建言)|跟踪|赴(?!欧|台|港)|建言|献计|献策|提出|协商议政|协商建言|专题(?=协商|调研|议政|视察|监督|研究)|"
    r"联合(?=开展|召开|组织)|与(?=[市区县省]|群众|有关|相关|部门|提案)|面对面|作(?=大会|口头)|综合(?=运用)|精准(?=建言|协商)|召集|参加|"
    r"“[^”]{0,6}(?:商量|协商|议事)[^”]{0,4}”(?=协商|议事|活动)"
)
WEAK = re.compile(r"协商|调研|视察|监督|评议|考察|座谈|议政|履职")
ENDS = re.compile(
    r"(?:等[^,。;、“”]{0,8}?(?:议题|问题|课题|话题|方面|内容|工作|主题|情况|事项|题目)?(?:的)?|的?(?:主题|议题|课题|话题|问题|目标任务|目标))$"
)
# The end of a topic that is the whole work of the committee.
GENERIC = re.compile(
    r"(?:中心|大局|全局|中心工作|部署|任务|主线|主题|目标|要求|职能|要务|驱动|重点|重点工作|工程”?|思路|方针|主业|主责|工作重点|核心|重大|重要事项|重大事项|热点|难点|重大问题|热点难点问题)$"
)
LONGEST_GENERIC = 6  # characters
AFTERWARDS = re.compile(r"(?:履职尽责|履职|建言资政)?,")
SUMMARY = re.compile(
    r"^[^。]{0,16}(?:全年|一年来|五年来|共|累计|各类)|(?:\d+[余多]?[次项场][^。]*){2}|(?:协商|监督|视察|调研|议政)[^,。]{0,6}[、,][^。]{0,30}\d+次"
)
FUTURE = re.compile(r"将(?:紧|围绕|聚焦|以|继续|进一步|重点)|计划(?:围绕|开展)|力争|明年|下一步|拟(?:围绕|就)")
# Words of which every sentence that tells of an activity has one; each begins with a character of its own, to which a
# search can skip.
HINT = re.compile(
    r"协商|监督|调|视|考察|评议|建言|献|走|议[政事]|学习|培训|展|活动|论坛|征文|研究|读书|商量|跟踪|讲|仪式|书画|文|比赛|晚会"
)
QUOTED = re.compile(r"“[^“”]{4,60}”")
TITLES = re.compile(r"《[^《》]*》")
NUMBERED = re.compile(
    r"\s*(?:[●■◆▶★▍•]|\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]{1,3}、|[一二三四五六七八九十]是|\d{1,2}[.、]|0\d\s)"
)
HAPPENED = re.compile(r"召开|举办|报送|\d+[余多]?[次场期件项篇]|展\d")
HEADING = 34  # characters: a numbered line so short is a heading, however it was labelled
LONGEST = 100
REACH = 200  # characters behind and before a topic that may tell its form
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)年(?:(\d{1,2})月(?:(\d{1,2})日)?)?")


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


@dataclass(frozen=True)
class Mention:
    """A topic in a sentence: its place, where its introduction begins, and by which rule it was found."""

    begins: int
    start: int
    end: int
    rule: str


def extract_activities(passages: list[Passage]) -> list[Activity]:
    """Activities of which the topic is named, in the order of the text.

    Args:
        passages: the kept text; time is linear in its length.
    """
    found: list[Activity] = []
    seen: set[str] = set()
    for passage in passages:
        if passage.label not in ("body", "caption") or passage.planning:
            continue
        text = TITLES.sub(_blot, passage.folded) if "《" in passage.folded else passage.folded
        for low, high in passage.sentences():
            if low == 0 and _is_heading(text[:high]):
                continue
            for activity in _of_sentence(passage, text, low, high):
                if activity.topic not in seen:
                    seen.add(activity.topic)
                    found.append(activity)
    return found


def _is_heading(sentence: str) -> bool:
    """Whether a short first sentence is a heading: it has a number or a mark in front and tells of nothing that was held."""
    return len(sentence) <= HEADING and NUMBERED.match(sentence) is not None and HAPPENED.search(sentence) is None


def _of_sentence(passage: Passage, text: str, low: int, high: int) -> list[Activity]:
    """The activities of one sentence."""
    if not HINT.search(text, low, high):
        return []
    mentions = _mentions(text, low, high)
    if not mentions and passage.label == "caption":
        for rule, pattern in (("service", SERVICE), ("place", PLACE)):
            if match := pattern.search(text, low, high):
                mentions = [Mention(match.start(), *match.span("topic"), rule)]
    if not mentions or FUTURE.search(text, low, high):
        return []
    found = []
    for i, mention in enumerate(mentions):
        begin = mentions[i - 1].end if i else low
        stop = mentions[i + 1].begins if i + 1 < len(mentions) else high
        behind = text[mention.end : min(stop, mention.end + REACH)]
        form = _form(
            mention,
            text[max(begin, mention.begins - REACH) : mention.begins],
            text[mention.begins : mention.end],
            behind,
        )
        if not form or _is_generic(text[mention.start : mention.end], behind, mention.rule):
            continue
        near, far = passage.sentence(mention.start)
        date, precision = _date(text[near : mention.start])
        for start, end in _topics(text, mention.start, mention.end):
            topic = passage.text(start, end)
            if len(topic) > 1:
                line_no, _ = passage.mapped.locate(start)
                found.append(Activity(form, topic, date, precision, passage.text(near, far), line_no, mention.rule))
    return found


def _mentions(text: str, low: int, high: int) -> list[Mention]:
    """The topics of a sentence in order; of two that overlap the one whose introduction begins first."""
    found: list[Mention] = []
    sentence = text[low:high]
    quoted = _quoted(text, low, high)
    for match in INTRODUCER.finditer(text, low, high):
        if not _inside(quoted, match.start()) and (end := _topic_end(text, match.end(), high)):
            found.append(Mention(match.start(), match.end(), end, "introduced_topic"))
    for rule, sign, pattern in RULES:
        if sign not in sentence:
            continue
        for match in pattern.finditer(text, low, high):
            topic = match.group("topic")
            if rule == "carried_out" and topic.startswith("“") and PROGRAMME.search(topic):
                continue
            if rule == "named_event" and (
                PROGRAMME.search(topic)
                or not HELD.search(QUOTED.sub(_blot, text[max(low, match.start() - REACH) : match.start()]))
            ):
                continue
            if rule != "named_event" and (INTRODUCER.search(topic) or _inside(quoted, match.start())):
                continue
            found.append(Mention(match.start(), *match.span("topic"), rule))
    chosen: list[Mention] = []
    for mention in sorted(found, key=lambda mention: (mention.begins, -mention.end)):
        if not chosen or mention.begins >= chosen[-1].end:
            chosen.append(mention)
    return chosen


def _quoted(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places of the quotations in a stretch, with their marks."""
    if text.find("“", start, end) < 0:
        return []
    return [match.span() for match in QUOTED.finditer(text, start, end)]


def _inside(spans: list[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, (place, place)) - 1
    return at >= 0 and spans[at][0] < place < spans[at][1]


def _blot(match: re.Match[str]) -> str:
    return "＿" * len(match.group())


def _topic_end(text: str, start: int, high: int) -> int:
    """End of a topic that is introduced: at the verb that follows, or at the end of its clause; 0 for none."""
    clause = CLAUSE.match(text, start, min(high, start + LONGEST))
    if clause is None:
        return 0
    end = clause.end()
    quoted = [(low, high - 1) for low, high in _quoted(text, start, end)]
    for pattern, least in ((STRONG, 2), (WEAK, 4)):
        for verb in pattern.finditer(text, start + least, end):
            if not _inside(quoted, verb.start()):
                return verb.start()
    return end if text[end : end + 1] in (",", "。") and end - start >= 3 else 0


def _form(mention: Mention, before: str, topic: str, behind: str) -> str:
    """Form of an activity, by the words behind its topic, else around it, else before it."""
    if mention.rule == "object":
        behind = topic[: mention.start - mention.begins] + behind
    form = _first_form(behind)
    if form not in WEAK_FORMS:
        return form
    if mention.rule in ("treated_topic", "carried_out"):
        return form or "other"
    if mention.rule in ("named_event", "service"):
        return form if form in ("study", "standing_committee", "special_consultation") else "event"
    if mention.rule == "place":
        return "research"
    if mention.rule == "advice":
        return form or "other"
    earlier = _first_form(before)
    return earlier if earlier not in WEAK_FORMS else ("other" if form == "event" else form) or earlier


def _first_form(text: str) -> str:
    for form, pattern in FORMS:
        if pattern.search(text):
            return form
    return ""


def _is_generic(topic: str, behind: str, rule: str) -> bool:
    """Whether a topic is the committee's whole work, or what follows sums up a year."""
    if rule != "introduced_topic":
        return False
    bare = ENDS.sub("", topic)
    return (
        GENERIC.search(bare[-LONGEST_GENERIC:]) is not None
        or GENERIC.search(topic.removesuffix("的主题")[-LONGEST_GENERIC:]) is not None
        or (AFTERWARDS.match(behind) is not None and "”" not in topic and SUMMARY.search(behind) is not None)
    )


def _topics(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places of the topics: each quoted one, or the whole list without its closing words."""
    quoted = [(low + 1, high - 1) for low, high in _quoted(text, start, end)]
    if quoted and sum(high - low for low, high in quoted) >= 0.6 * (end - start):
        return quoted
    if trailing := ENDS.search(text[start:end]):
        end = start + trailing.start()
    return [(start, end)]


def _date(text: str) -> tuple[str, str]:
    matches = list(DATE.finditer(text)) if "年" in text else []
    if not matches:
        return "", ""
    year, month, day = matches[-1].groups()
    if not month:
        return year, "year"
    if not day:
        return f"{year}-{int(month):02}", "month"
    return f"{year}-{int(month):02}-{int(day):02}", "day"
