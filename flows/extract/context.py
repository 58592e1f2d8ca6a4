"""Where a number stands: its sentence, its clause, what is before and behind it, the heading above."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flows.clean import Paragraph
from flows.clean.text import MappedText, fold

# A search skips to the characters that a pattern begins with where it begins with one class or with alternatives that each
# begin with a character of their own; not with a look-behind, an option, a repetition or a group. So are patterns written
# here that are looked for in all of the text.
SENTENCE_END = re.compile(r"[。!?][。!?]*[”’)》]*")
# A wide gap parts the columns of a data box.
STOP = re.compile(r"[,;。:!?\s](?:(?<=[,;。:!?])|(?<=\S\s)\s+(?=\S))")
LAST_STOP = re.compile(rf"(?s:.*){STOP.pattern}")
SHARES = ("%", "‰", "成")
REACH = 300  # characters: what is farther away says nothing of a number, however long the sentence
LOOK_BACK = 120  # characters before a sentence that may name what it goes on to count
# What stands in title marks, or at length in quotation marks, is a topic, not what is counted.
QUOTED = re.compile(r"(?<=“)[^“”]{9,}(?=”)|(?<=《)[^《》]*(?=》)")
# A head that goes on a list belongs to the next number; a verb begins another statement.
NEXT_ITEM = re.compile(r"[、和及(]|与(?!.{0,6}(?:面商|见面|沟通|座谈|协商))")
NEXT_VERB = re.compile(r"(?<=.)(?:开展|召开|举办|组织|形成|提出|提交)|(?<!^)、")
PASSIVE = re.compile(r"被|获|得到|受到")
# Words that carry no measure: behind them the clause before tells what is counted.
CONNECTORS = re.compile(
    r"(?:其中|分别|共计|共|总计|合计|累计|年均|平均|每年|约|有|为|达到|达|是|了|的|等|均|各|另外|、|\s|[(])+"
)
# 占提案总数的 names the whole, not what is counted.
WHOLE = re.compile(r"占[^,;。]{0,18}$")
PART = re.compile(r"其中|含|括")
# 由去年的85%提高到90%: what comes before 由 names what is measured.
FROM = re.compile(r"(?:由|从)[^,;。]{0,14}$")
# What a passage speaks of; the last one named before a number is what its verbs are about.
SUBJECT = re.compile(r"提案|承办单位|社情民意|信息(?!化|技术|产业|网络|员)|专报")
OF_PROPOSALS = ("提案", "承办单位")
SECTION_NUMBER = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}(?:[、.]|是(?=\S{4})|[章节篇]|部分)|\([一二三四五六七八九十\d]+\)|\d{1,2}[、.\s]+|[①-⑳]|[■◆▶●★▍])\s*"
)


@dataclass
class Passage:
    """One paragraph of the kept text with the heading above it.

    Attributes:
        paragraph: number of the paragraph.
        label: its label.
        mapped: its text with the map to raw lines.
        folded: its text for the rules.
        ends: where its sentences end; of the last one where a mark ends it.
        section: heading above, folded; empty for none.
        bare_section: the heading without its number.
        planning: whether the section speaks of the time to come.
        preceding: end of the paragraph before, folded.
        title: headline of the report, folded; empty for none.
    """

    paragraph: int
    label: str
    mapped: MappedText
    folded: str
    ends: list[int]
    section: str
    bare_section: str
    planning: bool
    preceding: str
    title: str

    def sentence(self, place: int) -> tuple[int, int]:
        """Start and end of the sentence around a place, no farther than `REACH` from it."""
        ends = self.ends
        at = bisect_right(ends, place)
        start = ends[at - 1] if at else 0
        end = ends[at] if at < len(ends) else len(self.folded)
        return max(start, place - REACH), min(end, place + REACH)

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of each sentence, however long it is."""
        last = [] if self.ends and self.ends[-1] == len(self.folded) else [len(self.folded)]
        return zip([0, *self.ends], self.ends + last, strict=False)

    def text(self, start: int, end: int) -> str:
        """Clean text of a span, without white space at its ends."""
        return self.mapped.text[start:end].strip()


@dataclass
class Surroundings:
    """The words around one number, by place; see `schemas.vocabulary.Cue`.

    Attributes:
        low, high: start and end of the sentence in its paragraph.
        before, head, clause, sentence, follow, section: the places.
        behind: what the paragraph, or the one before it, says before the number.
        title: headline of the report.
        whole: what a share is a share of.
        borrowed: whether `before` is from the clause before.
        part: whether 其中 or 含 stands before it.
        adjacent: whether it follows another figure at once.
    """

    low: int
    high: int
    before: str
    head: str
    clause: str
    sentence: str
    follow: str
    section: str
    behind: str
    title: str
    whole: str
    borrowed: bool
    part: bool
    adjacent: bool

    @cached_property
    def context(self) -> str:
        """All that may mention what a number in this place is about."""
        return f"{self.title} {self.section} {self.behind}{self.follow}"

    @cached_property
    def subject(self) -> str:
        """`proposals` or `opinions`, whichever was named last; empty for none."""
        return _subject(self.behind) or _subject(self.section) or _subject(self.title)


PLANNING = re.compile(
    r"(?:今后|下一步|明年|来年|未来|展望|(?:工作|任务|总体|主要)(?:的)?(?:安排|打算|部署|思路|计划|建议|要求)|20\d\d年(?:主要|重点)?(?:工作|任务)(?!回顾|总结|情况|报告|综述))"
)
NUMBERED = re.compile(r"\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]、|\d+[、.]")


def passages(paragraphs: list[Paragraph]) -> list[Passage]:
    """Paragraphs with their headings, in order. Headlines are passages, too: they state numbers."""
    found: list[Passage] = []
    section, bare, planning, preceding = "", "", False, ""
    title = " ".join(fold(paragraph.text) for paragraph in paragraphs if paragraph.label == "title")
    for paragraph in paragraphs:
        folded = fold(paragraph.text)
        if paragraph.label == "heading":
            if not (planning and NUMBERED.match(folded)):
                planning = PLANNING.search(folded) is not None
            section = folded.strip(" ■◆>:*")
            bare = SECTION_NUMBER.sub("", section)
        ends = [match.end() for match in SENTENCE_END.finditer(folded)]
        no, label, mapped = paragraph.no, paragraph.label, paragraph.mapped
        found.append(Passage(no, label, mapped, folded, ends, section, bare, planning, preceding, title))
        if paragraph.label == "body":
            preceding = folded[-LOOK_BACK:]
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
    is_share = text.endswith(SHARES, start, end)
    left, before, whole, borrowed = _before(text, floor, start, is_share=is_share)
    if figure_before > low and before.rstrip().endswith(("、", "和")):
        before = ""
    noun = end
    while noun < high and text[noun].isspace() and not before.strip():  # a data box with the number in front
        noun += 1
    ahead = STOP.search(text, noun, max(noun, high))
    stop = ahead.start() if ahead else high
    head = _head(text[noun : min(numeral_after, stop)], to_next=numeral_after <= stop)
    if (head[:1] == " " and before.strip()) or (is_share and head[:1] != "的" and text[left:start].strip()):
        head = ""
    behind = f"{passage.preceding if low < LOOK_BACK else ''} {text[max(0, low - LOOK_BACK) : start]}"
    return Surroundings(
        low=low,
        high=high,
        before=_mask(before).rstrip(" :"),
        head=head,
        clause=text[left:stop],
        sentence=text[low:start],
        follow=text[end:high],
        section=passage.bare_section,
        behind=behind,
        title=passage.title,
        whole=whole,
        borrowed=borrowed,
        part=PART.search(text, floor, start) is not None,
        adjacent=0 < figure_before == start,
    )


def _before(text: str, floor: int, start: int, *, is_share: bool) -> tuple[int, str, str, bool]:
    """What stands before a number: where its clause begins, the words in it, what a share is one of, and whether the words
    are those of the clause before, for there are none in its own."""
    stop = LAST_STOP.match(text, floor, start)
    left = stop.end() if stop else floor
    before, whole = text[left:start], ""
    if is_share and (match := WHOLE.search(before)):
        before, whole = before[: match.start()], match.group()
    if is_share and (match := FROM.search(before)) and match.start():
        before = before[: match.start()]
    if not stop or whole or (before and not CONNECTORS.fullmatch(before)):
        return left, before, whole, False
    *earlier, last = (match.end() for match in STOP.finditer(text, floor, start))
    left = earlier[-1] if earlier else floor
    return left, text[left : last - 1], "", True


def _head(words: str, *, to_next: bool) -> str:
    """The noun phrase at the beginning of the words behind a number; `to_next`: they go on to the next number."""
    if NEXT_ITEM.match(words):
        return ""
    if PASSIVE.match(words) or not (match := NEXT_VERB.search(words)) or (match.group() == "、" and not to_next):
        return words
    return words[: match.start()]


def _subject(text: str) -> str:
    """Which subject a text names last; empty for none."""
    found = SUBJECT.findall(text)
    return ("proposals" if found[-1] in OF_PROPOSALS else "opinions") if found else ""


def _mask(text: str) -> str:
    """The text with what stands in quotation or title marks blotted out, of the same length."""
    if "“" not in text and "《" not in text:
        return text
    return QUOTED.sub(lambda match: "＿" * len(match.group()), text)
