"""What a page says of itself: committee, place, term, period, publication, source."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from flows.clean.lines import Line
from flows.clean.text import fold
from flows.extract.context import Passage
from flows.extract.kind import kind_of
from flows.extract.numerals import chinese_value
from flows.extract.periods import Period, year_digits
from schemas.vocabulary import Division, load_divisions
from schemas.vocabulary.divisions import NATIONAL_CODE

CN_NUMBER = r"[一二三四五六七八九十]{1,3}|\d{1,2}"
NATIONAL = re.compile(r"(?:政协|政治协商会议)(?:第(?:" + CN_NUMBER + r")届)?全国委员会|全国政协(?:常委会|十)")
TERM = re.compile(
    rf"委员会?第?({CN_NUMBER})届|第({CN_NUMBER})届(?:[\u4e00-\u9fff]{{0,12}}政协)?(?:委员会|常委会|常务委员会|全体)|"
    rf"({CN_NUMBER})届(?=[\u4e00-\u9fff]{{0,6}}政协)|政协[\u4e00-\u9fff]{{0,8}}?第?({CN_NUMBER})届"
)
SESSION_TERM = re.compile(
    rf"(?<!全国)(?<!省)(?:政协|(?<=[。;,\s(])|^|[市县区省旗州])({CN_NUMBER})届({CN_NUMBER})次(?:全体)?(?:会议|全会)"
)
SESSION = re.compile(rf"第?({CN_NUMBER})次(?:全体)?会议")
PARTY = re.compile(r"党代会|市委|省委|县委|区委|中央|中共|人大|人民代表|全国政协|党代表|省政协")
YEAR = r"(?<!\d)((?:19|20)\d\d)"
RANGE_TITLE = re.compile(YEAR + r"年?\s*[-至~到]\s*((?:19|20)\d\d)")
FIVE_YEARS = re.compile(r"(?:过去|这|近)五年|五年来|五年工作|五年(?:的)?(?:履职|历程)|任期的五年|本届政协|届满|五年间")
REVIEW = re.compile(
    YEAR
    + r"年(?:度)?(?:的)?(?:[\u4e00-\u9fff]{0,10}?)(?:工作回顾|工作总结|回顾|工作情况|履职|亮点|主要工作|工作综述|综述|成绩单|提案|工作报告|回眸)"
)
PLAN = re.compile(
    YEAR
    + r"年(?:度)?(?:的)?(?:主要|重点|工作)?(?:工作)?(?:安排|打算|任务|部署|思路|计划|建议|展望|将如何|是[\u4e00-\u9fff“”、,]{0,24}(?:开局|关键|重要|之)年)"
)
THIS_YEAR = re.compile(YEAR + r"年(?:,|以来|\d{0,2}月?,?(?:市|县|区|省|全)|全年|度,)")
DATE = re.compile(r"((?:19|20)\d\d)\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})")
TODAY = re.compile(r"今天是|欢迎")
ARCHIVED = re.compile(r"归档|存档|收录")
SOURCE = re.compile(r"(?:来源|稿源|转自)\s*[::]\s*([^\s|,()\[\]【】]{2,24}(?:\s?[A-Za-z]{0,12})?)")
MASTHEAD = re.compile(
    r"([\u4e00-\u9fff]{2,10}(?:日报|晚报|晨报|早报|时报|都市报|商报|政协报|新闻网|政协网|网))\s*[·|]?\s*(?:19|20)\d\d"
)
# The line under the headline of a WeChat article, and a byline that names the paper.
ACCOUNT = re.compile(
    r"([\u4e00-\u9fff]{2,12})\s+(?:19|20)\d\d(?:.{6,20}发表于|年\d{1,2}月\d{1,2}日\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s|$))"
)
# The name that a paper gives to its pages on the web.
EDITION = re.compile(
    r"([\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|时报|都市报|政协报))(?:社)?(?:数字报|电子报|数字版|电子版)"
)
PAPER_OF_REPORTER = re.compile(r"([\u4e00-\u9fff]{2,8}(?:日报|晚报|晨报|时报|都市报|政协报))(?:全媒体)?记者")
# 政协武汉市, and 政协成都市青羊区 with the city before the district.
AFTER_COMMITTEE = re.compile(r"(?:政协|政治协商会议)(?:[\u4e00-\u9fff]{2,6}[省市州盟])?\s?$")
NOT_A_SOURCE = re.compile(r"^(?:作者|时间|发布|浏览|字体|日期|点击|编辑|责任|本站|本网|未知|网络)")


@dataclass(frozen=True)
class ReportFields:
    """What a page says of itself; fields as in `schemas.tables.Reports`."""

    title: str | None
    committee: str | None
    division: Division | None
    term: int | None
    session: int | None
    period: Period | None
    published_at: dt.date | None
    archived_at: dt.date | None
    source_name: str | None
    report_kind: str


def read_fields(passages: list[Passage], lines: list[Line], headline: str = "", stated: str = "") -> ReportFields:
    """Read the fields of a report.

    Args:
        passages: its kept text.
        lines: all of its lines, labelled.
        headline: as the head of a web page states it, for a page without a line for it.
        stated: day of publication as the head of a web page states it, for a page without a line for it.
    """
    title = read_title(lines) or headline or None
    head = year_digits(fold(title or ""))
    body = year_digits("\n".join(passage.folded for passage in passages))
    division = _division(head, body)
    published, archived = _dates(lines)
    published = published or (dt.date.fromisoformat(stated) if stated else None)
    term = _term(head, body)
    return ReportFields(
        title=title,
        committee=_committee(division),
        division=division,
        term=term,
        session=_session(head, body, term),
        period=_period(head, body, passages, published),
        published_at=published,
        archived_at=archived,
        source_name=_source(lines),
        report_kind=kind_of(head, passages),
    )


def read_title(lines: list[Line]) -> str | None:
    """The headline in one line, its sub-headline after ` ——`; nothing where there is no headline."""
    begins = "".join(line.text for line in lines if line.rule == "headline_begins")
    headline = next((line.text for line in lines if line.rule == "headline"), None)
    if headline is None:
        return None
    subs = [line for line in lines if line.rule == "sub_headline" and not line.folded.startswith("(")]
    sub = subs[0].text.lstrip("-—–― ").strip() if subs else ""
    whole = begins + headline.strip()
    return f"{whole} ——{sub}" if sub and sub not in whole else whole


def _division(title: str, body: str) -> Division | None:
    """The place whose committee the report is about: the one that headline and text name most."""
    votes: Counter[str] = Counter()
    for text, weight in ((title, 6), (body[:600], 2), (body, 1)):
        for name, strength in _mentions(text):
            votes[name] += weight * strength
    if NATIONAL.search(title) or (not votes and NATIONAL.search(body[:600])):
        return Division(NATIONAL_CODE, "全国", "national", "")
    if not votes:
        return None
    name = max(votes, key=lambda n: (votes[n], len(n)))
    return _resolve(name, title + "\n" + body)


def _mentions(text: str) -> list[tuple[str, int]]:
    """Names of places, each with how strongly its surroundings say that its committee is meant."""
    found = []
    places = load_divisions().find(text)
    for (start, name), (next_start, next_name) in zip(places, [*places, (-1, "")][1:], strict=True):
        end = start + len(name)
        if next_start == end and _lies_in(next_name, name):
            continue  # 成都市青羊区: the district's committee is meant
        before, after = text[max(0, start - 12) : start], text[end : end + 12]
        if re.match(rf"(?:第(?:{CN_NUMBER})届)?委员会", after) and AFTER_COMMITTEE.search(before):
            found.append((name, 8))
        elif re.match(r"(?:政协|人民政协)", after) or AFTER_COMMITTEE.search(before):
            found.append((name, 5))
        elif re.match(r"委(?!员)", after) and re.search(r"中共$", before):
            found.append((name, 4))
        elif re.match(rf"(?:第?(?:{CN_NUMBER})届)", after):
            found.append((name, 3))
        else:
            found.append((name, 1))
    return found


def _lies_in(name: str, above: str) -> bool:
    """Whether a place of the first name belongs to one of the second."""
    divisions = load_divisions()
    uppers = {row.code for row in divisions.by_name[above]}
    return any(parent.code in uppers for row in divisions.by_name[name] for parent in divisions.parents(row.code))


def _resolve(name: str, text: str) -> Division:
    """The place of a name; of several that bear it, the one whose province or prefecture the text names."""
    divisions = load_divisions()
    order = {"province": 0, "prefecture": 1, "county": 2}

    def support(row: Division) -> tuple[int, int]:
        above = divisions.parents(row.code)
        named = sum(text.count(parent.name) + text.count(parent.name.rstrip("省市")) for parent in above)
        return named, -order[row.level]

    return max(divisions.by_name[name], key=support)


def _committee(division: Division | None) -> str | None:
    if division is None:
        return None
    return "政协全国委员会" if division.code == NATIONAL_CODE else f"政协{division.name}委员会"


def _int(number: str) -> int:
    return int(number) if number.isdigit() else int(chinese_value(number))


def _term(title: str, body: str) -> int | None:
    """Term (届) of the committee: from the headline, else what the text names most."""
    for text in (title, body):
        votes: Counter[int] = Counter()
        for pattern in (TERM, SESSION_TERM):
            for match in pattern.finditer(text):
                if PARTY.search(text[max(0, match.start() - 6) : match.start()]) or "全国" in match.group():
                    continue
                number = next((group for group in match.groups() if group), None)
                if (
                    number
                    and 1 <= _int(number) <= 30
                    and not re.match(r"[一二三四五六七八九]?中全会", text[match.end() : match.end() + 4])
                ):
                    votes[_int(number)] += 1
        if votes:
            return max(votes, key=lambda term: (votes[term], -term))
    return None


def _session(title: str, body: str, term: int | None) -> int | None:
    """Session (次会议) at which the report was given, where it is named with the term."""
    if term is None:
        return None
    for text in (title, body[:400]):
        for match in re.finditer(rf"({CN_NUMBER})届(?:委员会)?第?({CN_NUMBER})次(?:全体)?会议", text):
            if _int(match.group(1)) == term and 1 <= _int(match.group(2)) <= 12:
                return _int(match.group(2))
    return None


def _period(title: str, body: str, passages: list[Passage], published: dt.date | None) -> Period | None:
    """The years that the report covers: stated in headline or headings, else reckoned from plan and date."""
    if match := RANGE_TITLE.search(title):
        return Period(int(match.group(1)), int(match.group(2)))
    headings = "\n".join(passage.folded for passage in passages if passage.label in ("heading", "title"))
    last = _last_year(title, headings, body, published)
    if last is None:
        return None
    of_one_year = re.search(r"(?:19|20)\d\d年(?!\d{1,2}月)", title)
    five = FIVE_YEARS.search(title) or (len(FIVE_YEARS.findall(body)) >= 2 and not of_one_year)
    return Period(last - 4, last) if five else Period(last, last)


def _last_year(title: str, headings: str, body: str, published: dt.date | None) -> int | None:
    if match := REVIEW.search(title):
        return int(match.group(1))
    if match := PLAN.search(title):
        return int(match.group(1)) - 1
    years = re.findall(r"(?<!\d)((?:19|20)\d\d)(?:年|(?=\D*(?:工作|履职|回顾)))", title)
    if years:
        stated = int(years[-1])
        # 2024年1月在…会议上: the day of the session, not the year of the report.
        day = re.search(rf"{stated}年(\d{{1,2}})月", title)
        return stated - 1 if day and int(day.group(1)) <= 4 else stated
    votes: Counter[int] = Counter()
    for pattern, text, weight, shift in (
        (REVIEW, headings, 6, 0),
        (PLAN, headings, 5, -1),
        (PLAN, body, 3, -1),
        (REVIEW, body, 2, 0),
        (THIS_YEAR, body, 2, 0),
    ):
        for match in pattern.finditer(text):
            votes[int(match.group(1)) + shift] += weight
    if published:
        votes[published.year - (1 if published.month <= 6 else 0)] += 4
    if not votes:
        for match in re.finditer(YEAR + "年", body):
            votes[int(match.group(1))] += 1
    return max(votes, key=lambda year: (votes[year], year)) if votes else None


def _dates(lines: list[Line]) -> tuple[dt.date | None, dt.date | None]:
    """Day of publication and day of archiving, from the credit lines."""
    published = issued = archived = None
    for line in lines:
        if line.label not in ("meta", "boilerplate") or line.rule in ("after_article", "page_title"):
            continue
        for match in DATE.finditer(line.folded):
            try:
                day = dt.date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
            except ValueError:
                continue
            if ARCHIVED.search(line.folded[: match.start()]):
                archived = archived or day
            elif line.label == "meta":
                published = published or day
            elif re.search(r"日期|时间|星期", line.folded) and not TODAY.search(line.folded):
                issued = issued or day
    return published or issued, archived


def _source(lines: list[Line]) -> str | None:
    """Paper or site that a credit line names as the source."""
    for line in lines:
        if line.label in ("meta", "boilerplate") and line.rule != "after_article":
            match = SOURCE.search(line.folded)
            if match and not NOT_A_SOURCE.match(match.group(1)):
                return line.text[match.start(1) : match.end(1)].strip()
            if (
                match := MASTHEAD.match(line.folded)
                or ACCOUNT.match(line.folded)
                or EDITION.match(line.folded)
                or PAPER_OF_REPORTER.search(line.folded)
            ):
                return line.text[match.start(1) : match.end(1)]
    return None
