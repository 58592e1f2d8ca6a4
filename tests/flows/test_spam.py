"""Words of spam in their lawful sense are text; beside sure ones, and in rows of keywords, they are not."""

from __future__ import annotations

import pytest

from flows.clean import CleanPage, clean
from flows.extract import extract
from schemas.vocabulary import load_lexicons

HEADLINE = "政协某县委员会2023年工作综述"
LEAD = "县政协常委会围绕全县中心工作认真履行职能,组织各界人士深入基层走访,形成一批有分量的成果,共14篇。"


def page(*lines: str) -> CleanPage:
    return clean("\n".join(lines).encode("utf-8"), "text/plain")


@pytest.mark.parametrize(
    "line",
    [
        "推动解决群众关心的事,驾驶证、学历证、学位证网上办理,全年办理9万件,群众叫好。",
        "丰富机关文体生活,灯谜竞猜、棋牌比赛,参加干部210人次,气氛热烈。",
        "加快三产融合步伐,加快3个园区建设,引进企业16家。",
        "全县建有码头4个,无码头的乡镇设渡口7处。",
        "东北亚博览会期间接待客商320人次。",
        "体育彩票、福利彩票公益金支出公开透明。",
        "办证难",
        "毕业论文查重",
        "棋牌、书法、摄影、太极",
        "开发票、办证一次办结",
    ],
)
def test_lawful_senses_are_text(line: str) -> None:
    (told,) = page(HEADLINE, LEAD, line, LEAD.replace("14", "15")).lines[2:-1]
    assert (told.label in ("body", "heading"), told.text) == (True, line)


@pytest.mark.parametrize(
    "line",
    [
        "驾驶证,毕业证,学位证,代办证件,刻章",
        "网上棋牌游戏送58彩金|手游下载入口|论文查重",
        "棋牌_彩票_开奖_走势图_捕鱼",
        "代开发票,驾驶证办理,毕业证",
        "百家乐 棋牌 彩票 下注",
    ],
)
@pytest.mark.parametrize("place", [0, -1])
def test_rows_of_keywords_and_what_stands_beside_sure_words_is_spam(line: str, place: int) -> None:
    assert page(line, HEADLINE, LEAD, LEAD.replace("14", "15"), line).lines[place].label == "spam"


@pytest.mark.parametrize("headline", ["优化办证服务-某县政协提案工作综述", "彩票公益金使用_某县政协视察工作综述"])
def test_a_headline_keeps_words_in_their_lawful_sense(headline: str) -> None:
    assert extract(page(headline, LEAD, LEAD.replace("14", "15"))).fields.title == headline


def test_plain_words_are_words_of_the_families() -> None:
    lexicons = load_lexicons()
    assert {word for word in lexicons.spam_plain if not lexicons.spam.search(word)} == set()
