"""Where a number stands: its sentence, its clause, what is before and behind it, the heading above."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.clean import Paragraph
from flows.clean.text import MappedText, fold

SENTENCE_END = re.compile(r"[。!?]+[”’)》]*")
STOP = re.compile(r"[,;。:!?]")
# Words that carry no measure: behind them the clause before tells what is counted.
CONNECTORS = re.compile(r"(?:其中|分别|共计|共|总计|合计|累计|约|有|为|达到|达|是|了|的|等|均|各|另外|、|\s|[(])+")
# 占提案总数的 names the whole, not what is counted.
WHOLE = re.compile(r"占[^,;。]{0,18}$")


@dataclass(frozen=True)
class Passage:
    """One paragraph of the kept text with the heading above it.

    Attributes:
        paragraph: number of the paragraph.
        label: its label.
        mapped: its text with the map to raw lines.
        folded: its text for the rules.
        section: heading above, folded; empty for none.
        planning: whether the section speaks of the time to come.
    """

    paragraph: int
    label: str
    mapped: MappedText
    folded: str
    section: str
    planning: bool

    def sentence(self, place: int) -> tuple[int, int]:
        """Start and end of the sentence around a place."""
        start = 0
        for match in SENTENCE_END.finditer(self.folded):
            if match.end() > place:
                return start, match.end()
            start = match.end()
        return start, len(self.folded)

    def text(self, start: int, end: int) -> str:
        """Clean text of a span, without white space at its ends."""
        return self.mapped.text[start:end].strip()


@dataclass(frozen=True)
class Surroundings:
    """The words around one number, by place; see `schemas.vocabulary.Cue`."""

    before: str
    head: str
    clause: str
    sentence: str
    follow: str
    section: str
    context: str
    whole: str

    def window(self, place: str) -> tuple[str, ...]:
        """The texts in which a cue of this place is looked for."""
        if place == "near":
            return (self.before, self.head)
        return (str(getattr(self, place)),)


PLANNING = re.compile(r"(?:今后|下一步|明年|来年|未来|展望|(?:工作|任务)?(?:安排|打算|部署|思路|计划|建议)|20\d\d年(?:主要|重点)?(?:工作|任务)(?!回顾|总结|情况|报告|综述))")
NUMBERED = re.compile(r"\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]、|\d+[、.]")


def passages(paragraphs: list[Paragraph]) -> list[Passage]:
    """Paragraphs with their headings, in order. Headlines are passages, too: they state numbers."""
    found: list[Passage] = []
    section, planning = "", False
    for paragraph in paragraphs:
        folded = fold(paragraph.text)
        if paragraph.label == "heading":
            if not (planning and NUMBERED.match(folded)):
                planning = PLANNING.search(folded) is not None
            section = folded.strip(" ■◆>:*")
        found.append(
            Passage(paragraph.no, paragraph.label, paragraph.mapped, folded, section, planning and paragraph.label != "title")
        )
    return found


def surroundings(passage: Passage, start: int, end: int, figure_before: int, numeral_after: int) -> Surroundings:
    """The words around the number at `start` to `end`.

    Args:
        passage: its paragraph.
        start, end: its place there.
        figure_before: end of the figure before it, or 0.
        numeral_after: start of the next figure, or the end of the text.
    """
    text = passage.folded
    low, high = passage.sentence(start)
    floor = max(low, figure_before)
    stops = [match.end() for match in STOP.finditer(text, floor, start)]
    left = stops[-1] if stops else floor
    before, whole = text[left:start], ""
    if match := WHOLE.search(before):
        before, whole = before[: match.start()], match.group()
    if not CONNECTORS.sub("", before) and len(stops) >= 1 and not whole:
        left = stops[-2] if len(stops) > 1 else floor
        before = text[left:start].rstrip(",;:")
    ahead = STOP.search(text, end)
    right = min(numeral_after, ahead.start() if ahead else high, high)
    return Surroundings(
        before=before,
        head=text[end:right],
        clause=text[left : ahead.start() if ahead else high],
        sentence=text[low:start],
        follow=text[end:high],
        section=passage.section,
        context=passage.section + " " + text[max(0, low - 120) : high],
        whole=whole,
    )
