"""The years that a report covers: one, or those of a term."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from flows.extract.context import Passage
from flows.extract.periods import Period

# What precedes is looked at behind the first digits: so the search goes from one of them to the next.
YEAR = r"((?:19|20)(?<!\d\d\d)\d\d)"
STATED_YEAR = re.compile(YEAR + "年")
RANGE_TITLE = re.compile(YEAR + r"年?\s*[-至~到]\s*((?:19|20)\d\d)")
FIVE_YEARS = re.compile(
    r"过去五年|这五年|近五年|五年来|五年工作|五年(?:的)?(?:履职|历程)|任期的五年|本届政协|届满|五年间"
)
REVIEW = re.compile(
    YEAR
    + r"年(?:度)?(?:的)?(?:[\u4e00-\u9fff]{0,10}?)(?:工作回顾|工作总结|回顾|工作情况|履职|亮点|主要工作|工作综述|综述|成绩单|提案|工作报告|回眸)"
)
# 报告2009年工作: what the speaker says he reports.
REPORTED = re.compile(rf"(?:报告|汇报|总结|回顾){YEAR}年(?:度)?(?:以来)?(?:的)?(?:主要)?工作")
PLAN = re.compile(
    YEAR
    + r"年(?:度)?(?:的)?(?:主要|重点|工作)?(?:工作)?(?:安排|打算|任务|部署|思路|计划|建议|展望|将如何|是[\u4e00-\u9fff“”、,]{0,24}(?:开局|关键|重要|之)年)"
)
THIS_YEAR = re.compile(YEAR + r"年(?:,|以来|\d{0,2}月?,?(?:市|县|区|省|全)|全年|度,)")
# The day on which it was given: 2010年1月25日在…会议上.
SESSION_DAY = re.compile(YEAR + r"年(\d{1,2})月(?:\d{1,2}日)?,?(?:在|于)?[^。;\n]{0,30}(?:次会议|全会|全体会议|大会)")
OPENING = 500  # characters in which the day of the session stands
LAST_OF_SEASON = 6  # sessions of spring look back on the year before


def read_years(title: str, body: str, passages: list[Passage], published: dt.date | None) -> Period | None:
    """The years that the report covers: stated in headline or headings, else reckoned from plan, session and date.

    Args:
        title: headline, folded, years in digits.
        body: kept text, the same.
        passages: its paragraphs.
        published: day of publication, where stated.
    """
    if match := RANGE_TITLE.search(title):
        return Period(int(match.group(1)), int(match.group(2)))
    headings = "\n".join(passage.folded for passage in passages if passage.label in ("heading", "title"))
    last = _last_year(title, headings, body, published)
    of_one_year = re.search(r"(?:19|20)\d\d年(?!\d{1,2}月)", title)
    five = FIVE_YEARS.search(title) or (not of_one_year and len(FIVE_YEARS.findall(body)) >= 2)
    if five and not of_one_year:
        last = _last_of_term(passages, published, last)
    if last is None:
        return None
    return Period(last - 4, last) if five else Period(last, last)


def _last_of_term(passages: list[Passage], published: dt.date | None, last: int | None) -> int | None:
    """The latest year that the text tells of: of five years' work any may be named, the last one with its results."""
    told = "\n".join(passage.folded for passage in passages if not passage.planning)
    if SESSION_DAY.search(told[:OPENING]) or published:
        return last
    years = [int(year) for year in re.findall(YEAR + r"年(?!\d{1,2}月\d{1,2}日)", told)]
    return max(years, default=last)


def _last_year(title: str, headings: str, body: str, published: dt.date | None) -> int | None:
    if match := REVIEW.search(title):
        return int(match.group(1))
    if match := PLAN.search(title):
        return int(match.group(1)) - 1
    # 2024年1月在…会议上: the day of the session, not the year of the report.
    years = re.findall(YEAR + r"(?:年(?!\d{1,2}月)|(?=[^\d年]\D*(?:工作|履职|回顾)))", title)
    if years:
        return int(years[-1])
    votes = _year_votes(title, headings, body, published)
    if not votes:
        votes.update(int(match.group(1)) for match in STATED_YEAR.finditer(body))
    return max(votes, key=lambda year: (votes[year], year)) if votes else None


def _year_votes(title: str, headings: str, body: str, published: dt.date | None) -> Counter[int]:
    votes: Counter[int] = Counter()
    for match in REPORTED.finditer(body):
        votes[int(match.group(1))] += 6
    for text, patterns in (
        (headings, ((REVIEW, 6, 0), (PLAN, 5, -1))),
        (body, ((PLAN, 3, -1), (REVIEW, 2, 0), (THIS_YEAR, 2, 0))),
    ):
        for year in STATED_YEAR.finditer(text):  # each of the patterns begins so
            for pattern, weight, shift in patterns:
                if pattern.match(text, year.start()):
                    votes[int(year.group(1)) + shift] += weight
    if session := SESSION_DAY.search(title) or SESSION_DAY.search(body[:OPENING]):
        votes[_year_before(int(session.group(1)), int(session.group(2)))] += 5
    if published:
        votes[_year_before(published.year, published.month)] += 4
    return votes


def _year_before(year: int, month: int) -> int:
    """The year that is looked back on in a month."""
    return year - 1 if month <= LAST_OF_SEASON else year
