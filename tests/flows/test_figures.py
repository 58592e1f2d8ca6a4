"""Figures: what a number counts, for whom and when, by the structure of its sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.clean import CleanPage, clean
from flows.extract.context import passages
from flows.extract.figures import Figure, IgnoredNumeral, extract_figures
from flows.extract.numerals import find_numerals
from flows.extract.periods import Period

OWN = Period(2023, 2023)
TITLE = "政协宜昌市委员会常务委员会工作报告"
OPENING = "我受常务委员会的委托,向大会报告工作,请予审议,并请列席会议的同志提出意见。"


def page_of(text: str, heading: str = "") -> CleanPage:
    """A report with one paragraph, under a heading if there is one."""
    heading = f"一、{heading}\n" if heading else ""
    return clean(f"{TITLE}\n\n{OPENING}\n\n{heading}{text}\n".encode(), "text/plain")


def read(text: str, heading: str = "") -> tuple[list[Figure], list[IgnoredNumeral]]:
    page = page_of(text, heading)
    return extract_figures(passages(page.paragraphs), page.lines, OWN)


def told(text: str, heading: str = "") -> list[tuple[str, str]]:
    """Quote and measure of each figure."""
    return [(figure.evidence.quote, figure.measure) for figure in read(text, heading)[0]]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        # a list of things, each with its number
        (
            "全年召开全体会议1次、常委会会议6次、主席会议14次、专门委员会会议37次。",
            [
                ("1次", "meetings.plenary"),
                ("6次", "meetings.standing_committee"),
                ("14次", "meetings.chairpersons"),
                ("37次", "meetings.other"),
            ],
        ),
        # the noun nearest to the number is the one that is counted
        ("实地察看学校和培训机构23所。", [("23所", "organisations.involved")]),
        ("走访企业58家,资助贫困家庭147户。", [("58家", "organisations.involved"), ("147户", "activities.outreach")]),
        ("现场协调解决用水、用电等问题8个。", [("8个", "outcomes.solved")]),
        ("化解矛盾纠纷312起。", [("312起", "mediation.cases")]),
        # the noun behind the number
        ("36件重点提案由市领导领衔督办。", [("36件", "proposals.key")]),
        ("形成的12份协商报告获市领导批示9次。", [("12份", "outputs.reports"), ("9次", "outputs.endorsed")]),
        ("督办6组26件重点提案。", [("6组", "proposals.key"), ("26件", "proposals.key")]),
        # 其中 and the subject that goes on
        ("提出对策建议56条,其中31条被市政府采纳。", [("56条", "outputs.suggestions"), ("31条", "outputs.adopted")]),
        ("共提交提案原件187件,其中会后17件。", [("187件", "proposals.submitted"), ("17件", "proposals.submitted")]),
        ("编发信息6期21条。", [("6期", "opinions.submitted"), ("21条", "opinions.submitted")]),
        # classes of how proposals were handled
        (
            "提案均已办复,其中A类(已解决)214件,B类(列入计划)119件,C类(暂难解决)35件。",
            [("214件", "proposals.resolved"), ("119件", "proposals.in_progress"), ("35件", "proposals.deferred")],
        ),
        ("对45件B类提案逐一跟踪。", [("45件", "proposals.in_progress")]),
        # what became of proposals that were not filed
        ("立案281件,转为社情民意信息14件,不予立案12件。", [("281件", "proposals.filed"), ("14件", "proposals.other"), ("12件", "proposals.other")]),
        # a data box, the number first or the number last, columns parted by gaps
        ("微信推送 980篇      采用 212篇", [("980篇", "publicity.posts"), ("212篇", "outputs.adopted")]),
        # measure words that tell by themselves
        ("参加活动的委员达2870余人次。", [("2870余人次", "activities.participants")]),
        ("分解为735件次,其中主办412件次。", [("735件次", "proposals.assignments"), ("412件次", "proposals.assignments")]),
    ],
)  # fmt: skip
def test_the_words_around_a_number_say_what_it_counts(text: str, figures: list[tuple[str, str]]) -> None:
    assert told(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("办复率、满意率分别为100%和99.2%。", [("100%", "proposals.replied"), ("99.2%", "proposals.satisfied")]),
        (
            "已解决、正在解决、留作参考的提案分别占61.2%、28.3%和10.5%。",
            [("61.2%", "proposals.resolved"), ("28.3%", "proposals.in_progress"), ("10.5%", "proposals.deferred")],
        ),
        ("办理态度、办理结果的满意率分别为99.4%、97.8%。", [("99.4%", "proposals.satisfied"), ("97.8%", "proposals.satisfied")]),
        (
            "提案已解决的210件,列入规划的90件,留作参考的20件,分别占65.6%、28.1%、6.3%。",
            [
                ("210件", "proposals.resolved"),
                ("90件", "proposals.in_progress"),
                ("20件", "proposals.deferred"),
                ("65.6%", "proposals.resolved"),
                ("28.1%", "proposals.in_progress"),
                ("6.3%", "proposals.deferred"),
            ],
        ),
        (
            "其中经济类提案42件,民生类提案66件,立案率分别为95.5%和97.1%。",
            [
                ("42件", "proposals.topic"),
                ("66件", "proposals.topic"),
                ("95.5%", "proposals.filed"),
                ("97.1%", "proposals.filed"),
            ],
        ),
    ],
)  # fmt: skip
def test_fenbie_gives_each_number_to_its_thing(text: str, figures: list[tuple[str, str]]) -> None:
    assert told(text) == figures


def test_one_percentage_of_several_rates_is_a_figure_of_each_with_the_same_evidence() -> None:
    figures, _ = read("提案面商率、办复率均达100%,满意率达98.9%。")
    assert [figure.measure for figure in figures] == ["proposals.replied", "proposals.contacted", "proposals.satisfied"]
    assert figures[0].evidence == figures[1].evidence != figures[2].evidence


@pytest.mark.parametrize(
    ("text", "heading", "categories"),
    [
        ("经济类提案297件、占36.6%,社会民生类提案344件。", "", ["经济", "经济", "社会民生"]),
        ("提案中,关于依法治国的有808件,涉及生态环境的提案41件。", "", ["依法治国", "生态环境"]),
        ("围绕经济建设方面提出提案94件,占53.7%。", "", ["经济建设", "经济建设"]),
        ("提案内容涉及工业经济46件、农业农村38件。", "", ["工业经济", "农业农村"]),
        ("共提出提案102件,占总数的31.5%。", "经济建设", ["经济建设", "经济建设"]),
        ("经济建设  214件  39.9%", "提案分类情况", ["经济建设", "经济建设"]),
        ("满意352件,基本满意16件,满意和基本满意率100%。", "提案办理", ["", "基本满意", ""]),
        ("收到提案412件,立案368件。", "", ["", ""]),
    ],
)
def test_classes_are_named_by_the_sentence_or_the_heading(text: str, heading: str, categories: list[str]) -> None:
    assert [figure.category for figure in read(text, heading)[0]] == categories


@pytest.mark.parametrize(
    ("text", "statistics"),
    [
        ("收到提案412件,立案率89.3%。", ["count", "share"]),
        ("委员提案301件,占81.8%,比上年增长5.2%。", ["count", "share", "change"]),
        ("采纳率提高3.2个百分点,采纳率提高到87%。", ["change", "share"]),
        ("委员工作室由6个增加到20个,新增费用增加2万元。", ["count", "count", "change"]),
        ("近三成提案已经落实。", ["share"]),
    ],
)
def test_counts_shares_and_changes_are_told_apart(text: str, statistics: list[str]) -> None:
    assert [figure.statistic for figure in read(text)[0]] == statistics


def test_a_share_carries_the_measure_of_what_is_shared() -> None:
    assert told("立案提案中,委员提案168件,占74.3%;集体提案58件,占25.7%。") == [
        ("168件", "proposals.individual"),
        ("74.3%", "proposals.individual"),
        ("58件", "proposals.collective"),
        ("25.7%", "proposals.collective"),
    ]


def test_a_share_of_the_whole_is_not_one_of_the_figure_in_brackets() -> None:
    figures, _ = read("承办提案214件(含闭会期间重点提案7件),同比增长8.6%。")
    assert figures[2].measure == figures[0].measure != figures[1].measure


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("今年计划组织专题协商6次、民主监督4项,力争满意率达到95%以上。", [True, True, True]),
        ("2024年,将进一步深化协商,召开专题协商会6次。", [True]),
        ("正在解决或列入计划解决的提案69件。", [False]),
        ("列入计划拟解决的提案27件。", [False]),
        ("将26件提案交由12家单位办理。", [False, False]),
    ],
)
def test_plans_are_marked_and_lie_in_the_year_after(text: str, planned: list[bool]) -> None:
    figures, _ = read(text)
    assert [figure.planned for figure in figures] == planned
    assert {figure.period for figure in figures} == {Period(2024, 2024) if planned[0] else OWN}


def numbers(word: str) -> st.SearchStrategy[str]:
    return st.integers(1, 99999).map(lambda number: word.replace("N", str(number)))


# Pieces of sentences with a number each, or with what is no quantity.
PIECES = st.sampled_from([
    "收到提案N件", "立案N件", "立案率N%", "其中委员提案N件", "占N%", "面商率、办复率均达N%", "召开座谈会N次", "提出建议N条", "N条被采纳", "走访企业N家", "捐款N万元",
    "分别为N件、N件", "满意率、办复率分别为N%、N%", "(含重点提案N件)", "N名委员参加", "同比增长N%", "第十四届", "2021年", "“1+4+N”行动", "市教育局新增学位N个", "力争达到N%",
]).flatmap(numbers)  # fmt: skip
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([",", "。", "、", ";", ""])), min_size=1, max_size=14).map(
    lambda pairs: "".join(piece + stop for piece, stop in pairs)
)


@given(TEXTS)
def test_every_numeral_is_one_evidence_of_figures_or_an_ignored_numeral(text: str) -> None:
    page = page_of(text)
    found, ignored = extract_figures(passages(page.paragraphs), page.lines, OWN)
    numerals = sum(len(find_numerals(passage.folded)) for passage in passages(page.paragraphs))
    places = {figure.evidence for figure in found} | {numeral.evidence for numeral in ignored}
    assert len(places) == numerals
    assert len({(figure.evidence, figure.measure) for figure in found}) == len(found)


@given(TEXTS)
def test_a_page_that_is_read_again_gives_the_same_figures(text: str) -> None:
    assert read(text) == read(text)


@given(TEXTS, TEXTS)
def test_what_follows_a_paragraph_changes_none_of_its_figures(first: str, second: str) -> None:
    alone = clean(f"{TITLE}\n\n{OPENING}\n\n本报告由市政协提出:{first}。\n".encode(), "text/plain")
    both = clean(
        f"{TITLE}\n\n{OPENING}\n\n本报告由市政协提出:{first}。\n\n本报告另一段:{second}。\n".encode(), "text/plain"
    )
    before, _ = extract_figures(passages(alone.paragraphs), alone.lines, OWN)
    after, _ = extract_figures(passages(both.paragraphs), both.lines, OWN)
    assert after[: len(before)] == before
