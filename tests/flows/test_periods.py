"""The years that a figure covers, from what its sentence says before it."""

from __future__ import annotations

import pytest

from flows.extract.periods import Period, period_of

YEAR, TERM = Period(2023, 2023), Period(2017, 2021)


@pytest.mark.parametrize(
    ("sentence", "own", "years"),
    [
        ("全年召开党组会议", YEAR, (2023, 2023)),
        ("2021年已完成老旧小区改造", TERM, (2021, 2021)),
        ("五年来,共收到提案", TERM, (2017, 2021)),
        ("五年来,共收到提案", Period(2021, 2021), (2017, 2021)),
        ("过去三年,开展调研", YEAR, (2021, 2023)),
        ("近3年开展调研", YEAR, (2021, 2023)),
        ("去年共收集信息", YEAR, (2023, 2023)),
        ("2019年至2021年共投入", YEAR, (2019, 2021)),
        ("2015年起连续三年跟踪评议", TERM, (2015, 2017)),
        ("二〇二二年以来协商", YEAR, (2022, 2023)),
        ("2023年10月,市政协将自2022年以来的探索固化为制度,形成", YEAR, (2023, 2023)),
        ("截至2023年11月底,办复", YEAR, (2023, 2023)),
        ("编印《2015年文史资料》", YEAR, (2023, 2023)),
        ("作为重点工作之一2018年以来,召开", YEAR, (2018, 2023)),
        ("近3十年来,召开", YEAR, (2014, 2023)),
        ("2023年至2020年,召开", YEAR, (2020, 2020)),
        ("自2016年起,县政协累计选派", Period(2019, 2019), (2016, 2019)),
        ("满意率由2017年的", TERM, (2017, 2017)),
        ("满意率由2017年的96.1%提高到2021年的", TERM, (2021, 2021)),
        ("集体提案占比由2023年的20.4%升至", Period(2024, 2024), (2024, 2024)),
        ("采纳率由上年的", YEAR, (2022, 2022)),
        ("采纳率由上年的78%提高到", YEAR, (2023, 2023)),
        ("比上年增长", YEAR, (2023, 2023)),
        ("2025年起连续3年", YEAR, (2025, 2025)),
    ],
)
def test_the_sentence_or_else_the_report_gives_the_years(sentence: str, own: Period, years: tuple[int, int]) -> None:
    found = period_of(sentence, own, planned=False)
    assert found is not None
    assert found.first <= found.last
    assert (found.first, found.last) == years


def test_a_plan_is_for_the_year_after() -> None:
    assert period_of("拟开展", YEAR, planned=True) == Period(2024, 2024)
    assert period_of("今年拟开展", YEAR, planned=True) == Period(2024, 2024)
    assert period_of("2025年拟开展", Period(2024, 2024), planned=True) == Period(2025, 2025)
    assert period_of("拟开展", None, planned=True) is None


def test_a_report_without_a_period_gives_none() -> None:
    assert period_of("共召开", None, planned=False) is None
