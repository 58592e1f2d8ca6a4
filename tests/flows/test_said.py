"""What the report itself says is text, though it looks like furniture, a credit or a caption; and what is such stays one."""

from __future__ import annotations

import re

import pytest

from flows.clean import CleanPage, clean
from flows.clean.lines import Line
from flows.extract import extract

HEADLINE = "政协某县委员会2023年工作综述"
LEAD = (
    "县政协常委会围绕全县中心工作认真履行职能,组织委员深入基层开展调研视察,提出一批有分量的意见建议,形成调研报告14篇。"
)
SECOND = "常委会把提案办理摆在重要位置,共收到提案351件,经审查立案298件,交由46家承办单位办理,年内全部办复,委员表示满意。"


def page(*lines: str) -> CleanPage:
    return clean("\n".join(lines).encode("utf-8"), "text/plain")


def web(*blocks: str) -> CleanPage:
    """A web page whose article has the blocks between two paragraphs."""
    text = "".join(f"<p>{block}</p>" for block in (LEAD, *blocks, SECOND))
    markup = f"<html><body><div class='TRS_Editor'><h1>{HEADLINE}</h1>{text}</div></body></html>"
    return clean(markup.encode("utf-8"), "text/html")


def around(*lines: str) -> list[Line]:
    return page(HEADLINE, LEAD, *lines, SECOND).lines[2:-1]


def texts(cleaned: CleanPage) -> list[str]:
    return [paragraph.text for paragraph in cleaned.paragraphs]


SAID = [
    "位置偏僻的山村群众看病难问题得到重视",
    "当前版图变化下的产业协作",
    "当前页岩气开发情况调研",
    "上篇 协商议政成效显著",
    "分享到基层一线的协商经验",
    "扫一扫在线协商平台建成运行",
    "推广扫码反映社情民意做法",
    "引导群众使用小程序",
    "识别群众关注热点",
    "点击量高、群众关注的话题进入协商",
    "老年",
    "字体设计大赛",
    "加强版权所有者权益保护",
    "2022年聚焦乡村振兴开展专题",
    "2022年组织年度专题",
    "改版升级县政协门户网站",
    "办好用好县政协网",
    "满意率>96%,办复率>98%,面商率>99%",
    "今天是界别群众接待日的起点",
    "欢迎来到委员会客厅",
    "发表于省级报刊",
    "群众为委员点个赞",
    "畅通违法和不良信息举报渠道",
    "邀请记者走进委员工作室",
    "接受记者采访",
    "记者见面会",
    "□ 提案工作",
    "○ 经济建设",
    "审核：立案提案265件",
    "名称：重点提案18件",
    "时间：全年9次",
    "时间：3月6日上午9时",
    "来源：委员提案233件",
    "承办单位：46家",
    "☞全年开展协商18次",
    "3200位读者",
    "320人参与",
    "评论3篇在省报发表",
    "更新内容：2022年新增制度6项",
    "(二)由研究室提供",
    "组织会员开展人像拍摄",
    "图书馆藏文史资料",
    "图2所示内容得到采纳",
    "上图书馆建设日程",
    "人民政协报    12",
    "专题    6",
]


@pytest.mark.parametrize("line", SAID)
def test_what_a_report_says_is_text(line: str) -> None:
    assert [(one.label in ("body", "heading"), one.text != "") for one in around(line)] == [(True, True)]


# Some words set a short block of a web page outside its article.
@pytest.mark.parametrize("line", [line for line in SAID if not re.search("扫一扫|版权|不良信息|承办", line)])
def test_what_a_report_says_is_text_on_a_web_page(line: str) -> None:
    kept = texts(web(line))
    assert any(line.split()[0] in text for text in kept), kept


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("浏览次数：312次", "boilerplate"),
        ("点击：1126次", "boilerplate"),
        ("字数：1200", "boilerplate"),
        ("第3版 要闻", "boilerplate"),
        ("第3版：要闻", "boilerplate"),
        ("共有12条评论", "boilerplate"),
        ("查看全部36条评论>>", "boilerplate"),
        ("我要评论（8）", "boilerplate"),
        ("您是第 40321 位访客", "boilerplate"),
        ("当前位置：首页 > 政协要闻 > 正文", "boilerplate"),
        ("您的位置 首页 > 要闻", "boilerplate"),
        ("上一篇：我县12家企业上榜", "boilerplate"),
        ("~~~去年全县新增就业1.2万人", "boilerplate"),
        ("扫码阅读电子报", "boilerplate"),
        ("请扫码关注“某某发布”", "boilerplate"),
        ("扫一扫用手机看", "boilerplate"),
        ("长按识别二维码，看更多报道！", "boilerplate"),
        ("点击上方蓝字关注我们", "boilerplate"),
        ("分享 收藏 点赞12 评论0", "boilerplate"),
        ("欢迎访问某县政协网！今天是2023年2月7日 星期二", "boilerplate"),
        ("某县人民政府门户网站", "boilerplate"),
        ("聚焦2023某县两会专题", "boilerplate"),
        ("版权所有：政协某县委员会", "boilerplate"),
        ("主办：政协某县委员会办公室 地址：某县人民路8号3楼2户", "boilerplate"),
        ("附件：1.提案目录(298件).doc", "boilerplate"),
        ("来源：某某日报 2024年1月5日", "meta"),
        ("日期：2013-12-26 来源：某某报 浏览：1187次 字号：[大 中 小]", "meta"),
        ("发布时间：2009年5月14日 发布人：办公室 已有 211 人浏览", "meta"),
        ("某某政协 2025年01月03日 17:30 某省", "meta"),
        ("某某政协 2024-01-05 18:06 发表于某省", "meta"),
        ("□ 本报记者 孙某某", "meta"),
        ("□李珈 刘沙沙 刘艳", "meta"),
        ("某某日报全媒体记者", "meta"),
        ("本报记者王某某发自省城", "meta"),
        ("记者王强", "meta"),
        ("记者 张某 通讯员 李某", "meta"),
        ("(记者 李某)", "meta"),
        ("图片由县政协提供", "meta"),
        ("县政协办公室供稿", "meta"),
        ("时间：2022-11-24 05:30 来源：县政协", "meta"),
        ("图为委员视察12个社区。", "caption"),
        ("▲委员们在社区走访 记者王强 摄", "caption"),
        ("委员在林间调研 李某/摄", "caption"),
        ("(某某供图)▲委员视察大桥(县政协供图)", "caption"),
        ("图1：委员调研乡村民宿", "caption"),
    ],
)
def test_what_looks_alike_and_is_furniture_stays_so(line: str, label: str) -> None:
    assert around(line)[0].label == label


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("围绕办好提案、改进作风等议题广泛听取意见,先后邀请各界别群众、市民和", "记者代表旁听会议"),
        ("常委会形成的协商报告、视察报告和专项建议,经主席会议审议后及时报送到", "中共某县委办公室"),
        ("县政协十一届二次会议在各方面的支持下经过精心筹备,已经于", "2023年4月12日"),
        ("委员的履职故事、协商活动、提案办理情况,按照要求已经全部登上", "县政协门户网站"),
    ],
)
def test_a_piece_of_a_sentence_is_joined_and_is_no_credit(first: str, second: str) -> None:
    assert first + second in texts(page(HEADLINE, LEAD, first, second, "后全部公开。", SECOND))[2]


@pytest.mark.parametrize("credit", ["2023年4月12日", "政协某县委员会办公室", "县政协办公室供稿", "□ 本报记者 孙某某"])
def test_a_credit_behind_the_text_stays_one(credit: str) -> None:
    assert page(HEADLINE, LEAD, SECOND, credit).lines[-1].label == "meta"


def test_a_credit_below_a_lead_without_a_full_stop_stays_one() -> None:
    lead = "一年来县政协围绕中心服务大局,认真履行职能,为全县高质量发展贡献智慧和力量"
    assert page(HEADLINE, lead, "本报记者王某某", LEAD, SECOND).lines[2].label == "meta"


def test_offices_in_a_list_are_text() -> None:
    lines = page(HEADLINE, LEAD, "先进承办单位", "县委办公室", "县政协办公室", "县教育局", SECOND).lines[2:-1]
    assert {line.label for line in lines} <= {"heading", "body"}


def test_days_of_a_chronicle_are_its_headings() -> None:
    days = [
        "2023年1月12日",
        "县政协召开党组会议,研究年度工作要点。",
        "2023年2月20日",
        "县政协召开主席会议,听取提案审查情况。",
    ]
    lines = page(HEADLINE, LEAD, *days).lines[2:]
    assert [line.label for line in lines] == ["heading", "body", "heading", "body"]


def test_keywords_as_headings_are_kept_and_those_of_a_page_are_not() -> None:
    sections = ["关键词：凝聚共识", LEAD.replace("14", "15"), "关键词：建言资政", SECOND.replace("351", "352")]
    assert [line.label for line in page(HEADLINE, LEAD, *sections).lines[2::2]] == ["heading", "heading"]
    assert page(HEADLINE, "关键词：政协 委员 提案", LEAD, SECOND).lines[1].label == "meta"


def test_a_quote_over_a_piece_that_looks_like_furniture_is_whole() -> None:
    lines = [
        "委员们走村入户听取各方面的意见,对于交通不便、",
        "位置偏远的乡镇提出改进客运服务的建议27条,并在有关部门参加的",
        "协商会上作了发言,得到采纳。",
    ]
    cleaned = page(HEADLINE, LEAD, *lines, SECOND)
    assert "".join(lines) in texts(cleaned)
    assert "27条" in [figure.evidence.quote for figure in extract(cleaned).figures]


@pytest.mark.parametrize(
    "header", ["某某日报    2023年1月5日    04", "政协专刊    Page 12", "第 3 版    要闻    责编:某某"]
)
def test_a_number_beside_a_day_or_a_mark_of_a_page_is_one_of_a_page(header: str) -> None:
    assert around(header)[0].label == "boilerplate"


BOX = ["提案工作", "全年共收到提案233件,立案198件。"]


@pytest.mark.parametrize(
    "between", ["01", "PART 02", "图片", "IMG_2022.jpg", "- 4 -", "第A3版：要闻", "(下转二版)", "锟斤拷锟斤拷"]
)
def test_short_lines_behind_a_picture_or_a_number_are_text(between: str) -> None:
    lines = page(HEADLINE, LEAD, between, *BOX, between, "协商议政", "召开协商会8次,提出建议27条").lines
    assert [line.label for line in lines[3:5]] == ["heading", "body"]
    assert [line.label in ("heading", "body") for line in lines[6:]] == [True, True]


@pytest.mark.parametrize("between", ["图片", "IMG_2022.jpg", "分享到：", "打印 | 关闭"])
def test_short_paragraphs_of_an_article_behind_it_are_text(between: str) -> None:
    blocks = "".join(f"<p>{block}</p>" for block in (LEAD, SECOND, between, *BOX))
    markup = f"<html><body><div class='TRS_Editor'><h1>{HEADLINE}</h1>{blocks}</div></body></html>"
    kept = texts(clean(markup.encode("utf-8"), "text/html"))
    assert kept[-2:] == BOX


@pytest.mark.parametrize("button", ["上一篇  下一篇", "标题导航", "分享到：微信 微博", "点击上方蓝字关注我们"])
def test_a_sentence_of_the_report_behind_buttons_is_text_and_headlines_are_not(button: str) -> None:
    lines = page(HEADLINE, LEAD, button, *BOX, "图片").lines
    assert [line.label for line in lines[3:5]] == ["heading", "body"]
    links = ["全县经济工作会议召开", "县政协全会收到提案388件", "我县新增就业1.2万人"]
    assert {line.rule for line in page(HEADLINE, LEAD, button, *links).lines[3:]} == {"after_article"}


def test_what_a_site_repeats_is_no_sentence_and_no_quantity_and_not_much() -> None:
    lines = ["某县云端矩阵", *BOX, LEAD, SECOND, "矩阵荣誉出品"]
    cleaned = clean("\n".join(lines).encode("utf-8"), "text/plain", frozenset(lines))
    assert [line.rule == "site_repeats" for line in cleaned.lines] == [True, True, False, False, False, True]
    short = [
        "新春寄语",
        "携手同行",
        "共创未来",
        "再续华章",
        "县政协召开会议,听取各界委员意见,推动解决群众急难愁盼问题。",
    ]
    kept = clean("\n".join(short).encode("utf-8"), "text/plain", frozenset(short[:4]))
    assert sum(line.rule == "site_repeats" for line in kept.lines) <= 2


@pytest.mark.parametrize(
    "row", ["上一页 1 2 3 下一页 共3页", "首页 上一页 1 2 ... 9 下一页 尾页", "[1] [2] [3] 下一页", "第1页 1 2 3 末页"]
)
def test_a_paging_bar_is_furniture(row: str) -> None:
    assert around(row)[0].label == "boilerplate"


@pytest.mark.parametrize("row", ["提案 1 2 3", "1 2 3", "下一步 3 项"])
def test_numbers_beside_other_words_are_no_paging_bar(row: str) -> None:
    assert around(row)[0].label in ("body", "heading")


def test_cells_of_a_table_are_body_and_headings_in_a_layout_are_not() -> None:
    table = "<table><tr><th>类别</th><th>件数</th></tr><tr><td>经济建设</td><td><p>120</p></td></tr></table>"
    markup = f"<div class='TRS_Editor'><h1>{HEADLINE}</h1><p>{LEAD}</p>{table}<p>{SECOND}</p></div>"
    cells = clean(f"<html><body>{markup}</body></html>".encode(), "text/html").lines[2:-1]
    assert [(line.text, line.label, line.rule) for line in cells] == [
        (text, "body", "table_row") for text in ("类别", "件数", "经济建设", "120")
    ]
    cell = f"<h1>{HEADLINE}</h1><p>{LEAD}</p><p>一、提案工作</p><p>{SECOND}</p>"
    layout = f"<html><body><table><tr><td>栏目</td><td class='TRS_Editor'>{cell}</td></tr></table></body></html>"
    lines = clean(layout.encode(), "text/html").lines
    assert [line.label for line in lines if line.text == "一、提案工作"] == ["heading"]


def test_who_and_when_at_the_end_of_a_document_is_no_heading() -> None:
    blocks = "".join(f"<p>{block}</p>" for block in (LEAD, "市政协办公室", SECOND, "某县政协办公室", "2024年1月15日"))
    markup = f"<html><body><div class='TRS_Editor'><h1>{HEADLINE}</h1>{blocks}</div></body></html>"
    lines = clean(markup.encode(), "text/html").lines
    assert [(line.label, line.rule) for line in lines[-2:]] == [("body", "document_end")] * 2
    assert lines[2].rule != "document_end"
