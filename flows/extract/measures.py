"""What a number counts: the measure whose cues around it weigh most."""

from __future__ import annotations

import re
from typing import NamedTuple

from flows.extract.context import CONNECTORS, Surroundings
from schemas.vocabulary.measures import Cue, cues_for, rows

# A second cue for the same measure confirms the first by this share of its weight.
CONFIRMS = 0.1
MOST_CONFIRMED = 0.3
BORROWED = 0.5
# What a cue loses by each character between its words and the number.
FAR = 0.05
# What a cue for proposals loses where opinion reports were named last, and the other way round.
OFF_SUBJECT = 1.0
# Characters before a number that cues of a place may reach over.
REACHES = {"before": 60, "sentence": 140}
SUBJECTS = {"proposals": re.compile(r"提案|建议案"), "opinions": re.compile(r"社情民意|信息")}
# What a cue loses by another noun between its words and the number: of 问题的提案5件, 提案 is counted.
NEARER_NOUN = 1.0
NOUN = re.compile(
    r"的(?:重点|集体|委员|相关|有关)?(?:提案|社情民意|信息|建议|意见|报告|企业|委员|座谈会|资金|文章|项目)"
    r"|^(?:项目|资金|制度|规则)|等(?:制度|办法|规定|文件)"
)
STRONG = 5.0
SHARES = {"成": "%", "‰": "%"}
BASE_UNIT = re.compile(r"\(.*\)$")
TOPIC = re.compile(r"([\u4e00-\u9fff、]{2,20}?)(?:类|方面|领域|问题)?(?:提出|提交|形成)?的?提案")
TOPIC_FIELD = re.compile(r"([\u4e00-\u9fff]{2,10}?)(?:类|方面|领域)(?:的)?(?:提案)?(?:共|有|为|计)?$")
TOPIC_ABOUT = re.compile(
    r"(?:涉及|有关|关于|属于)([\u4e00-\u9fff、]{2,14}?)(?:等)?(?:问题|工作|方面|内容)?的(?:提案)?(?:共|有|为|计|各)*$"
)
TOPIC_NAMED = re.compile(r"(?:涉及|关于|有关)([\u4e00-\u9fff]{2,10})$")
TOPIC_LISTED = re.compile(r"([\u4e00-\u9fff、]{2,14}建设)(?:的|方面|各)?(?:提案)?(?:共|有|为|计|各)*$")
LEADING_VERB = re.compile(r"^.*?(?:办理|收到|提出|提交|形成|立案|其中|关于|涉及|有关|督办|征集|围绕|聚焦)(?:了|的)?")


class Choice(NamedTuple):
    """A measure with its weight, and the cue that decided."""

    measure: str
    weight: float
    rule: str

    @property
    def confidence(self) -> float:
        """Weight as a number from 0 to 1."""
        return min(1.0, round(self.weight / STRONG, 2))


NOTHING = Choice("other", 0.5, "no_cue")


def choose(around: Surroundings, unit: str) -> Choice:
    """The measure for a number.

    Args:
        around: the words around it.
        unit: its measure word.

    Returns:
        The heaviest measure; of equally heavy ones the higher row of the vocabulary; `other` without cue.
    """
    fired = _fired(around, unit)
    if not fired:
        return NOTHING
    row = rows()
    code = max(fired, key=lambda code: (fired[code].weight, -row[code])) if len(fired) > 1 else next(iter(fired))
    return fired[code].choice(code)


def candidates(around: Surroundings, unit: str) -> list[Choice]:
    """All measures that a cue speaks for, in the order of the vocabulary."""
    fired = _fired(around, unit)
    return [fired[code].choice(code) for code in sorted(fired, key=rows().__getitem__)]


class Fired:
    """The cues that fired for one measure: the heaviest, of equal ones the first, and how many others confirm it."""

    __slots__ = ("best", "confirming", "cue")

    def __init__(self, best: float, cue: Cue) -> None:
        self.best, self.cue, self.confirming = best, cue, 0

    def add(self, weight: float, cue: Cue) -> None:
        """Take one more cue."""
        self.confirming += 1
        if weight > self.best or (weight == self.best and cue.row < self.cue.row):
            self.best, self.cue = weight, cue

    @property
    def weight(self) -> float:
        """Weight of the measure."""
        return self.best + min(CONFIRMS * self.confirming, MOST_CONFIRMED) if self.confirming else self.best

    def choice(self, code: str) -> Choice:
        """The measure with its weight and the cue that decided."""
        return Choice(code, self.weight, f"{self.cue.place}:{self.cue.pattern.pattern}")


def _fired(around: Surroundings, unit: str) -> dict[str, Fired]:
    """Measures that a cue speaks for."""
    fired: dict[str, Fired] = {}
    base = BASE_UNIT.sub("", unit) if "(" in unit else unit
    for place, index in cues_for(SHARES.get(base, base)):
        near = place == "near"
        first, second = (around.before, around.head) if near else (getattr(around, place), "")
        if place in REACHES:
            first = first[-REACHES[place] :]
        for cue in index.possible(first + second):
            match = cue.find(first) or (cue.find(second) if near else None)
            if match is None or (cue.context is not None and not cue.context.search(around.context)):
                continue
            weight = _weight(cue, match, around)
            if cue.measure in fired:
                fired[cue.measure].add(weight, cue)
            else:
                fired[cue.measure] = Fired(weight, cue)
    return fired


def _weight(cue: Cue, match: re.Match[str], around: Surroundings) -> float:
    """Weight of a cue that fired; less for words that are far from the number, that another noun parts from it, that stand in
    another clause, or where something else is spoken of."""
    weight = cue.weight
    if cue.family in SUBJECTS and around.subject not in ("", cue.family):
        words = match["words"] if cue.gapped else match.group()
        if not SUBJECTS[cue.family].search(words):
            weight -= OFF_SUBJECT
    if around.borrowed and cue.place == "before":
        weight -= BORROWED
    if cue.gapped and cue.place in ("before", "near") and (gap := match["gap"]):
        weight -= FAR * len(CONNECTORS.sub("", gap)) + (NEARER_NOUN if NOUN.search(gap) else 0.0)
    return weight


def category_of(measure: str, around: Surroundings) -> str:
    """The class of a breakdown by topic or kind, as the sentence or the heading names it; or nothing."""
    if measure == "proposals.satisfied" and re.search(
        r"(?<!满意和)(?<!满意或)(?<!满意、)(?<!满意与)基本满意[^,;。]*$", around.before
    ):
        return "基本满意"
    if measure != "proposals.topic":
        return ""
    for text in (around.head, around.before):
        for pattern in (TOPIC, TOPIC_FIELD, TOPIC_ABOUT, TOPIC_NAMED, TOPIC_LISTED):
            if match := pattern.search(text):
                topic = LEADING_VERB.sub("", match.group(1)).removesuffix("等").lstrip("、")
                if len(CONNECTORS.sub("", topic)) >= 2:
                    return re.split(r"等", topic)[-1] or topic
    return around.section if len(around.section) <= 8 else ""
