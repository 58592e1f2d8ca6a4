"""Ring 2: what the words around the numbers say, and whether all of the report was used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.checks.numbers import squeeze
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Row, Stated
from schemas.labels import KEPT_LABELS

DIGIT = re.compile(r"[0-9０-９]")
STOP = re.compile(r"[,;。:!?]")
SHARE_WITHOUT_SIGN = re.compile(
    r"(?:占(?:[^,;。占%\d]|\d+[名位人件](?=委员|提案)){0,14}|[\u4e00-\u9fff]率(?:为|达到?|均为)?)$"
)
# What stands right before a number, and units in which it is never counted: a verb before a noun may be counted in 次.
PEOPLE, THINGS, TIMES = (
    frozenset(["名", "位", "人", "户", "人次"]),
    frozenset(["件", "篇", "条", "份", "项", "部"]),
    frozenset(["次", "场", "期", "场次"]),
)
WRONG_UNITS = (
    (
        re.compile(
            r"(?:委员|收到|征集|提出|提交|共有|形成|立案|交办|审查|个人|联名|集体|类|方面|建设|落实|采纳|解决)[^,;。、]{0,8}提案的?$"
        ),
        PEOPLE | TIMES,
    ),
    (re.compile(r"(?:立案|解决的?|采纳的|计划的?|参考的?|建设类|民生类|[济生化会治态]类)$"), PEOPLE | TIMES),
    (re.compile(r"(?:提案|社情民意信息|建议|报告)$"), PEOPLE - {"人次"}),
    (re.compile(r"(?:委员|专家|代表|群众|干部|人员)$"), THINGS),
    (re.compile(r"(?:召开|举行|举办)[^,;。、]{0,14}(?:会议?|座谈会|协商会|论坛)$"), THINGS | PEOPLE),
    (re.compile(r"占?全体$"), THINGS | TIMES),
)
CHARACTERS = "〇一二三四五六七八九○零"
DIGIT_OF = {char: place for place, char in enumerate(CHARACTERS[:10])} | {"○": 0, "零": 0}
SMALL = "一二三四五六七八九十"
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
YEAR_IN_CHARACTERS = re.compile(rf"[{CHARACTERS}]{{4}}(?=年)")
YEARS_BACK = re.compile(rf"(\d{{1,2}}|[{SMALL}])年(?!代)")
COUNTED = re.compile(r"\d\s*[万余多]?\s*(?:件|篇|次|条|场|期|个|人次|名|%)")
OF_THE_COMMITTEE = re.compile(r"提案|社情民意|协商|调研|视察|建言|履职")
NO_UNIT = re.compile(r"[,，.。;；:：、)）]?$")
PROSE = re.compile(r"[,，。;；].*[,，。;；]")
NEAR = 3  # lines


@declare(
    REPORT,
    "figures_complete",
    "error",
    "Figures are numbered from 1 on without a gap, as many as the report says.",
    scope="report",
    tolerance="rows in quarantine count",
    right="全年立案提案708件。",
    wrong="one row of `figures` is lost",
)
def figures_complete(report: ReportView) -> Iterator[Outcome]:
    """No figure is lost, none comes twice."""
    expected = report.report["n_figures"]
    found = len({figure.ordinal for figure in report.figures}) + report.set_aside
    passed = found - report.set_aside <= expected <= found and len(report.figures) + report.set_aside == found
    more = f" and {report.set_aside} in quarantine" if report.set_aside else ""
    message = f"{expected} figures were read, {len(report.figures)} are in the table{more}"
    yield Outcome(passed, str(expected), str(found), message)


@declare(
    REPORT,
    "digits_accounted",
    "error",
    "Every digit of the kept text stands in a figure or in a numeral that is set aside by a named rule.",
    scope="report",
    tolerance="silent where rows of the report are in quarantine",
    right="全年立案提案708件。",
    wrong="one row of `ignored_numerals` is lost",
)
def digits_accounted(report: ReportView) -> Iterator[Outcome]:
    """Digits of kept lines against digits of quotes."""
    if report.set_aside or report.numerals_aside:
        return
    kept = sum(len(DIGIT.findall(line["text"])) for line in report.lines.values() if line["label"] in KEPT_LABELS)
    # One number may be the evidence of several figures: 办复率、满意率均为100%.
    quotes = {(figure.line_no, figure.start): figure.quote for figure in report.figures}
    quotes |= {(row["line_no"], row["start"]): row["quote"] + row["continued"] for row in report.ignored}
    quoted = sum(len(DIGIT.findall(ENTITY.sub("", quote))) for quote in quotes.values())
    message = f"{kept} digits stand in the text, {quoted} in figures and numerals"
    yield Outcome(kept == quoted, str(kept), str(quoted), message)


ENTITY = re.compile(r"&#\w+;")


@declare(
    REPORT,
    "share_has_sign",
    "warning",
    "A number behind 占 or 率 is a percentage.",
    scope="numerals that are no figures, and counts",
    right="其中集体提案103件，占立案总数的23.1%。",
    wrong="其中集体提案103件，占立案总数的23.1。",
)
def share_has_sign(report: ReportView) -> Iterator[Outcome]:
    """A lost per cent sign."""
    for row in report.ignored:
        if row["rule"] in ("year", "date", "title", "time") or not DIGIT.search(row["quote"]):
            continue
        follows = squeeze(report.lines[row["line_no"]]["raw"][row["end"] :])[:1]
        if not NO_UNIT.match(follows):
            continue
        if SHARE_WITHOUT_SIGN.search(_before(report, row)):
            yield Outcome(
                False, "%", squeeze(row["quote"]), f"{row['quote']} (line {row['line_no']}) has no % behind it"
            )
    for figure in report.figures:
        if figure.place <= 0 or not SHARE_WITHOUT_SIGN.search(figure.words[: figure.place]):
            continue
        if figure.is_count and figure.value <= 100 and figure.unit not in ("位", "名") and "." in figure.quote:
            message = f"{figure} (line {figure.line_no}) stands where a percentage is expected"
            yield Outcome(False, "%", str(figure), message, (figure.figure_id,))
        elif figure.statistic == "share":
            message = f"{figure} (line {figure.line_no}) is a percentage"
            yield Outcome(True, "%", str(figure), message, (figure.figure_id,))


def _before(report: ReportView, row: Row) -> str:
    """What stands before a numeral on its line and on the lines before it of its paragraph."""
    line = report.lines[row["line_no"]]
    above = [
        other["raw"]
        for no, other in report.lines.items()
        if line["line_no"] - NEAR <= no < line["line_no"]
        and line["paragraph"]
        and other["paragraph"] == line["paragraph"]
    ]
    return squeeze("".join(above) + line["raw"][: row["start"]]).replace("，", ",").replace("；", ";")


@declare(
    REPORT,
    "unit_of_what_is_counted",
    "warning",
    "What stands right before a number is not counted in a unit of something else: 立案…件, 委员…名, 召开…会议…次.",
    scope="words between the last stop or figure and the number",
    right="全年召开主席会议12次，立案提案352件。",
    wrong="全年召开主席会议12次，立案提案352名。",
)
def unit_of_what_is_counted(report: ReportView) -> Iterator[Outcome]:
    """A unit that was changed makes another measure of a figure."""
    last: Stated | None = None
    for figure in report.figures:
        floor = last.end if last is not None and last.sentence_no == figure.sentence_no else 0
        last = figure
        if figure.place <= 0 or not figure.is_count or not figure.unit:
            continue
        # What stands in brackets before the number explains the noun: A类(已解决)121件.
        before = figure.words[max(0, floor) : figure.place]
        before = before[max((m.end() for m in STOP.finditer(before)), default=0) :].removeprefix("其中")
        before = re.sub(r"[(（][^()（）]*[)）]$", "", before)
        for noun, wrong in WRONG_UNITS:
            if noun.search(before):
                passed = figure.unit not in wrong
                verb = "may be" if passed else "are not"
                message = f"{before[-20:]}{figure} (line {figure.line_no}): they {verb} counted in {figure.unit}"
                yield Outcome(passed, f"not {' '.join(sorted(wrong))}", figure.unit, message, (figure.figure_id,))
                break


@declare(
    REPORT,
    "period_is_stated",
    "warning",
    "A figure of other years than the report's stands where the text names years.",
    scope="sentence, heading, paragraph",
    right="2022年立案提案320件。2023年立案提案352件。",
    wrong="the period of a figure is 2021, which the text does not name",
)
def period_is_stated(report: ReportView) -> Iterator[Outcome]:
    """A period that nothing in the text gives."""
    own = report.period
    paragraphs: dict[int, str] = {}
    for line in report.lines.values():
        if line["paragraph"]:
            paragraphs[line["paragraph"]] = paragraphs.get(line["paragraph"], "") + line["text"]
    for figure in report.figures:
        if own is None or figure.period in (own, None):
            continue
        words = figure.words + squeeze(figure.section) + squeeze(paragraphs.get(figure.paragraph, ""))
        named = _years_named(words + squeeze(report.report["title"] or ""), own) | set(own)
        if figure.planned:
            named |= set(range(own[1], own[1] + 6))
        passed = set(figure.period or ()) <= named
        years = "–".join(map(str, figure.period or ()))
        verb = "names them" if passed else "does not name them"
        message = f"{figure} (line {figure.line_no}) is said to be of {years}; the text around it {verb}"
        yield Outcome(passed, "–".join(map(str, own)), years, message, (figure.figure_id,))


def _years_named(words: str, own: tuple[int, int]) -> set[int]:
    """Years that a text names, in digits, in characters, or as seen from the report's own."""
    years = {int(year) for year in YEAR.findall(words)}
    years |= {int("".join(str(DIGIT_OF[char]) for char in year)) for year in YEAR_IN_CHARACTERS.findall(words)}
    if re.search(r"比(?:去|上)年|上年度?同|上一年|同比|同期|较(?:去|上)年|前年", words):
        years.add(own[1] - 1)
    if re.search(r"明年|来年|今年|今后|下一步|未来|将", words):
        years |= set(range(own[1], own[1] + 6))
    for many in YEARS_BACK.findall(words):
        count = int(many) if many.isdigit() else SMALL.find(many) + 1
        years |= {own[1] - count + 1, own[1] - count, own[1]}
    if re.search(r"本届|任期|换届|届以来", words):
        years |= set(range(own[1] - 4, own[1] + 1))
    return years


@declare(
    REPORT,
    "dropped_line_counts",
    "warning",
    "No line between lines of the text that is left out states what the committee did.",
    scope="dropped lines between kept ones",
    right="全年立案提案708件。",
    wrong="the line 全年立案提案708件 is taken for boilerplate",
)
def dropped_line_counts(report: ReportView) -> Iterator[Outcome]:
    """A line of the report taken for furniture."""
    lines = [line for line in report.lines.values() if line["label"] != "blank"]
    for at, line in enumerate(lines):
        if line["label"] not in ("boilerplate", "spam", "meta") or not COUNTED.search(line["text"]):
            continue
        above = [other for other in lines[max(0, at - NEAR) : at] if other["label"] in KEPT_LABELS]
        below = [other for other in lines[at + 1 : at + 1 + NEAR] if other["label"] in KEPT_LABELS]
        if not above or not below:
            continue
        parted = above[-1]["paragraph"] == below[0]["paragraph"] and line["label"] == "boilerplate"
        own = OF_THE_COMMITTEE.search(line["text"]) and PROSE.search(line["text"])
        if parted or own:
            message = f"line {line['line_no']} is left out as {line['label']} ({line['rule']}): {line['text'][:60]}"
            yield Outcome(False, "body", line["label"], message)
