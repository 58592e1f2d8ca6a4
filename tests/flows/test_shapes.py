"""Shapes of real pages: spam, residue, hidden digits, columns, copies, furniture, ends. Strings are ours."""

from __future__ import annotations

import contextlib

import pytest

from flows.clean import CleanPage, PageRejected, clean
from flows.clean.label import label_lines
from flows.clean.lines import Line, make_lines
from flows.extract import Extract, extract
from flows.extract.numerals import find_numerals
from flows.process import _require_all_digits

HEADLINE = "政协某县委员会2023年工作综述"
LEAD = (
    "县政协常委会围绕全县中心工作认真履行职能,组织委员深入基层开展调研视察,提出一批有分量的意见建议,形成调研报告14篇。"
)
SECOND = "常委会把提案办理摆在重要位置,共收到提案351件,经审查立案298件,交由46家承办单位办理,年内全部办复,委员表示满意。"
THIRD = "过去一年的成绩来之不易,是中共县委坚强领导的结果,也是广大政协委员和各族各界人士团结奋斗的结果,值得倍加珍惜。"


def page(*lines: str) -> CleanPage:
    return clean("\n".join(lines).encode("utf-8"), "text/plain")


def around(*lines: str) -> list[Line]:
    """The lines as they are labelled between a headline with a lead and a second paragraph."""
    return page(HEADLINE, LEAD, *lines, SECOND).lines[2:-1]


def below(*lines: str) -> list[tuple[str, str]]:
    """Labels and rules of lines below a report."""
    return [(line.label, line.rule) for line in page(HEADLINE, LEAD, SECOND, *lines).lines[3:]]


def read(*lines: str) -> Extract:
    cleaned = page(HEADLINE, LEAD, *lines)
    extracted = extract(cleaned)
    _require_all_digits(cleaned, extracted)
    return extracted


def texts(cleaned: CleanPage) -> list[str]:
    return [paragraph.text for paragraph in cleaned.paragraphs]


def faithful(line: Line) -> None:
    """Every clean character that is not a reference or simplified stands where the map says."""
    for place, char in enumerate(line.text):
        raw = line.raw[line.mapped.locate(place)[1]]
        assert raw in (char, "&") or raw.isspace() or char == " "


# 1. Keyword spam


@pytest.mark.parametrize(
    "spam",
    [
        "金莎棋牌下载,万豪彩票注册,云顶百家乐官网,大满贯老虎机 ?",
        "代开发票_代开增值税票_电子发票代开公司",
        "论文代写 毕业论文 查重降重 期刊代发论文",
        "新开传奇私服|单职业传奇|变态传奇手游下载",
        "时时彩走势图 幸运飞艇开奖 快三计划软件",
        "代办学历证,办假证,刻章,驾驶证办理",
        "某某娱乐平台注册送彩金,某某棋牌app下载",
    ],
)
def test_strings_of_keywords_are_spam_above_and_below(spam: str) -> None:
    lines = page(spam, HEADLINE, LEAD, SECOND, spam).lines
    assert [lines[0].label, lines[-1].label] == ["spam", "spam"]


@pytest.mark.parametrize(
    "row",
    [
        "蓝鲸影音网站,九色鹿短片合集,桃花岛论坛入口,夜来香视频大全 ?",
        "云海资源站_星河下载园_飞鸟论坛区_快播影视城_幻想电影院",
    ],
)
def test_rows_of_unknown_keywords_outside_the_report_are_spam(row: str) -> None:
    lines = page(row, HEADLINE, LEAD, SECOND, row).lines
    assert [lines[0].label, lines[-1].label] == ["spam", "spam"]


@pytest.mark.parametrize(
    "prose",
    [
        "围绕打击网络赌博、整治棋牌室等问题开展民主监督,提出意见建议12条,推动查处案件8起。",
        "视察福利彩票公益金使用情况,提出建议6条。",
        "就规范论文发表、治理学术不端提出社情民意信息3篇。",
        "协商解决群众办证难、办证慢问题。",
    ],
)
def test_sentences_that_name_such_things_are_kept(prose: str) -> None:
    (line,) = around(prose)
    assert line.label == "body"
    assert line.text == prose


def test_names_of_people_in_a_row_are_no_spam() -> None:
    assert page(HEADLINE, LEAD, SECOND, "张三,李四,王五,赵六,孙七").lines[-1].label != "spam"


@pytest.mark.parametrize(
    "headline",
    [
        f"{HEADLINE}-万亿彩票APP下载",
        f"{HEADLINE}_澳门百家乐_注册送彩金",
        f"{HEADLINE}-星空体育官网下载",
        f"百家乐在线|{HEADLINE}",
    ],
)
def test_an_app_hung_on_the_headline_does_not_enter_the_title(headline: str) -> None:
    cleaned = page(headline, LEAD, SECOND)
    assert cleaned.lines[0].label == "title"
    assert extract(cleaned).fields.title == HEADLINE


def test_a_headline_with_a_dash_of_its_own_stays_whole() -> None:
    headline = "协商议事在线-政协某县委员会2023年履职平台建设工作综述"
    assert extract(page(headline, LEAD, SECOND)).fields.title == headline


def test_a_string_of_lotteries_inside_a_letter_is_cut_and_its_digits_are_no_figures() -> None:
    inside = "各位委员提出的建议已经收悉。北京赛车pk10开奖直播,重庆时时彩走势图,经研究答复如下,同意建设社区食堂3家。"
    (line,) = around(inside)
    assert line.label == "body"
    assert line.text == "各位委员提出的建议已经收悉。经研究答复如下,同意建设社区食堂3家。"
    quotes = [figure.evidence.quote for figure in read(inside).figures]
    assert "3家" in quotes
    assert not any("10" in quote for quote in quotes)


# 2. Residue of markup


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('<tr id="x7">收到提案351件', "收到提案351件"),
        ("<noframes><noframes>收到提案351件</noframes>", "收到提案351件"),
        ("收到</span>提案351件</p>", "收到提案351件"),
        ("工作取得成效br />下一步继续努力", "工作取得成效下一步继续努力"),
        ("收到提案&nbsp;351&nbsp;件&#12288;", "收到提案351件"),
        ("&nbsp;&nbsp;&nbsp;&nbsp;收到提案351件", "收到提案351件"),
        ("凝心聚力&nbsp;&nbsp;奋楫笃行", "凝心聚力 奋楫笃行"),
        ("围绕&ldquo;十四五&rdquo;规划", "围绕“十四五”规划"),
        ("/enpproperty-->收到提案351件", "收到提案351件"),
        ('收到提案351件<td style="width:30', "收到提案351件"),
    ],
)
def test_residue_of_markup_is_no_text(raw: str, text: str) -> None:
    (line,) = around(raw)
    assert line.text == text
    faithful(line)
    assert line.raw == raw


@pytest.mark.parametrize(
    "raw", ['<tr id="x9"><td>', "</span>", "<hr />", "&nbsp;&nbsp;", "/enpproperty-->", "<!--content-->"]
)
def test_a_line_of_nothing_but_markup_is_furniture(raw: str) -> None:
    (line,) = around(raw)
    assert (line.label, line.rule) == ("boilerplate", "markup")


@pytest.mark.parametrize("raw", ["满意率>95%的提案", "<加强协商>的建议", "研发A&B平台", "调研-->协商-->监督"])
def test_signs_that_are_no_markup_stay(raw: str) -> None:
    assert around(raw)[0].text == raw


def test_digits_of_references_are_not_asked_for() -> None:
    assert "351件" in [
        figure.evidence.quote for figure in read("&#12288;&#12288;共收到提案351件,<b id=9>办复</b>。").figures
    ]


# 3. Glosses and doubled marks


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("政協(xié)委員會(huì )提(ti)案", "政协委员会提案"),
        ("政府和社会资本合作(ppp)项目", "政府和社会资本合作(ppp)项目"),
        ("首席执行官(ceo)", "首席执行官(ceo)"),
        ("深入调研,,形成报告,。", "深入调研,形成报告。"),
        ("深入调研，，形成报告。，随后", "深入调研，形成报告。随后"),
        ("投入1,200万元", "投入1,200万元"),
    ],
)
def test_glosses_and_doubled_commas_are_dropped(raw: str, text: str) -> None:
    assert around(raw)[0].text == text


# 4., 5. Damaged numbers


@pytest.mark.parametrize(
    "text",
    [
        "提案***件,占**.*%",
        "立案1**件",
        "立案件,立案率为%",
        "组织?00多位委员",
        "立案□□件",
        "收到×件,",
        "提交提案XX件",
        "办复率9?.%",
        "占.5%",
        "机9X3K,而是",
        "机4K8X9,而是",
        "立案3\ufffd5件",
        "近1**万件",
    ],
)
def test_hidden_digits_are_never_a_figure_and_flag_the_report(text: str) -> None:
    extracted = read(f"一年来,{text}得到好评。")
    assert [figure.evidence.quote for figure in extracted.figures] == ["14篇"]
    assert extracted.damaged


@pytest.mark.parametrize("text", ["?00多位委员", "立案1**件", "近1**万件", "立案1?5件", "□□件提案□□件"])
def test_a_hidden_number_is_one_ignored_numeral(text: str) -> None:
    assert [numeral.ignored for numeral in find_numerals(text)] == ["damaged"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("能不能办?20名委员作答", [20]),
        ("立案**298**件,办复**298**件", [298, 298]),
        ("建成7×24小时服务站3个", [3]),
        ("XX市政协召开会议3次", [3]),
        ("满意率99.5%,提升0.5个百分点", [99.5, 0.5]),
        ("新增5A4A级景区8家,建成4K8K频道2套", [8, 2]),
        ("B1B2层停车位310个,G60G15高速出口3处", [310, 3]),
        ("建设5G基站12个,引进B2B2C平台2家", [12, 2]),
        ("□20件提案", [20]),
    ],
)
def test_whole_numbers_near_such_signs_stay_figures(text: str, values: list[float]) -> None:
    extracted = read(text)
    assert [figure.value for figure in extracted.figures][1:] == values
    assert not extracted.damaged


def test_bold_that_a_wrap_breaks_is_no_hidden_number() -> None:
    assert [figure.value for figure in read("全年收到提案**5", "12**件,全部办复。").figures][1:] == [512]


# 6. Glued dates, words set wide


def test_a_date_without_its_signs_is_one_date() -> None:
    assert [(n.start, n.end, n.ignored) for n in find_numerals("于2012110日召开")] == [(1, 9, "date")]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("工 作 报 告", "工作报告"),
        ("　政　协　某　县　委　员　会", "政协某县委员会"),
        ("回　顾", "回顾"),
        ("二、主 要 工 作 情 况", "二、主要工作情况"),
        ("□ 张 三 李 四", "□ 张 三 李 四"),
        ("张 三", "张 三"),
        ("东　南　西　北", "东 南 西 北"),
        ("教育　卫生　文化　体育", "教育 卫生 文化 体育"),
    ],
)
def test_words_set_wide_are_closed_up_and_names_are_not(raw: str, text: str) -> None:
    (line,) = around(raw)
    assert line.text == text


def test_a_headline_set_wide_is_read_as_one() -> None:
    cleaned = page("政 协 某 县 委 员 会 工 作 报 告", LEAD, SECOND)
    assert extract(cleaned).fields.title == "政协某县委员会工作报告"


# 7., 8. Columns, pages, wraps

COLUMNS = [
    "    一年来,县政协常委会认真履      协商会议12次,提出意见建议      员工作室24个,接待群众1200",
    "职尽责,共收到提案351件,经审      86条,被采纳41条。委员们深       多人次,解决问题89个。",
    "查立案298件,立案率为84.9%,       入社区企业调研视察,形成报        新的一年,县政协将继续围",
    "办复率100%,全年共召开专题        告14篇。县政协还建立委           绕中心,服务大局,再创佳绩。",
]


def test_newspaper_columns_are_read_one_after_the_other() -> None:
    cleaned = page(HEADLINE, "", *COLUMNS)
    assert texts(cleaned)[1] == (
        "一年来,县政协常委会认真履职尽责,共收到提案351件,经审查立案298件,立案率为84.9%,办复率100%,"
        "全年共召开专题协商会议12次,提出意见建议86条,被采纳41条。委员们深入社区企业调研视察,形成报告14篇。"
        "县政协还建立委员工作室24个,接待群众1200多人次,解决问题89个。"
    )
    assert {(line.label, line.rule) for line in cleaned.lines[2:]} == {("body", "columns")}
    extracted = extract(cleaned)
    _require_all_digits(cleaned, extracted)
    (figure,) = [figure for figure in extracted.figures if figure.value == 1200]
    assert (figure.evidence.line_no, figure.evidence.quote, figure.evidence.continued) == (3, "1200", "多人次")


def test_a_table_of_short_cells_is_no_columns() -> None:
    rows = [
        "姓名      单位        职务",
        "张三      教育局      局长",
        "李四      财政局      科长",
        "王五      水利局      主任",
    ]
    cleaned = page(HEADLINE, LEAD, *rows, SECOND)
    assert texts(cleaned)[2:6] == rows


@pytest.mark.parametrize("number", ["Page 12", "- 12 -", "— 12 —", "第 3 页 共 9 页", "第3页/共9页", "第3页"])
def test_page_numbers_are_furniture_and_the_sentence_goes_on_over_them(number: str) -> None:
    cut = LEAD.index("调研")
    cleaned = page(HEADLINE, LEAD[:cut], "", number, "", LEAD[cut:], SECOND)
    assert texts(cleaned)[1] == LEAD


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("一年来,县政协常委会共收到提案4", "3件,全部提案已经办复,委员表示满意。"),
        ("提案办理质量稳步提升,委员满意率为34", ".2%,比上年有所提高,成效明显。"),
        ("召开专题协商会,围绕贯彻落实“", "十四五”规划建言献策,形成的建议得到采纳。"),
        ("召开专题协商会,围绕贯彻落实“十四五", "”规划建言献策,形成的建议得到采纳。"),
        ("编辑出版的文史资料受到读者广泛欢迎,其中《", "我与政协》一书收录文章三十篇,影响广泛。"),
        ("深入践行人民政协为人民的理念,主席会议成员带头走进社区企业,广泛听取群众意", "见,推动问题解决。"),
    ],
)
@pytest.mark.parametrize("gap", [[], [""]])
def test_a_wrap_anywhere_is_joined(first: str, second: str, gap: list[str]) -> None:
    assert texts(page(HEADLINE, LEAD, first, *gap, second, SECOND))[2] == first + second


def test_two_numbers_are_never_joined_to_one() -> None:
    assert "委员总数 241" in texts(page(HEADLINE, LEAD, "委员总数 241", "5 期培训", SECOND))


# 9. What comes twice


def test_the_last_paragraphs_printed_twice_are_kept_once() -> None:
    lines = page(HEADLINE, LEAD, SECOND, THIRD, SECOND, THIRD).lines
    assert [(line.label, line.rule) for line in lines[4:]] == [("boilerplate", "repeated")] * 2


def test_an_abstract_and_the_same_lead_are_kept_once() -> None:
    assert page(HEADLINE, LEAD, "", LEAD, SECOND).lines[3].rule == "repeated"


def test_a_wrapped_passage_printed_twice_is_kept_once() -> None:
    wrapped = [
        "过去一年成绩来之不易,是县委坚",
        "强领导的结果,也是广大委员团结",
        "奋斗的结果,值得我们倍加珍惜和",
        "长期坚持。",
    ]
    lines = page(HEADLINE, LEAD, *wrapped, *wrapped).lines
    assert {line.rule for line in lines[6:]} == {"repeated"}


@pytest.mark.parametrize("item", ["一是加强学习。", "二是强化责任,狠抓落实。", "各位委员:", "办复率100%"])
def test_short_items_that_recur_are_kept(item: str) -> None:
    lines = page(HEADLINE, LEAD, item, SECOND, item, THIRD).lines
    assert [lines[2].label, lines[4].label] == [lines[2].label] * 2
    assert lines[4].label in ("body", "heading")


def test_paragraphs_that_differ_in_their_numbers_are_both_kept() -> None:
    first = "县政协提案委员会组织委员开展专题视察、民主评议和协商座谈,就优化营商环境、改善人居环境、发展特色产业、加强基层治理等课题提出意见建议,全年收到提案351件。"
    cleaned = page(HEADLINE, LEAD, first, SECOND, first.replace("351", "298"))
    assert cleaned.lines[-1].paragraph


# 10. Pipe tables


def test_cells_of_a_pipe_table_are_body_and_its_rules_furniture() -> None:
    table = ["| 项目 | 数量 |", "|---|:---:|", "| 收到提案 | **512**件 |", "|", "| 立案 | 468 |"]
    cleaned = page(HEADLINE, LEAD, *table, SECOND)
    assert [line.label for line in cleaned.lines[2:7]] == ["body", "boilerplate", "body", "boilerplate", "body"]
    figures = {figure.evidence.quote: figure.measure for figure in read(*table).figures}
    assert figures["**512**件"] == "proposals.submitted"
    assert "468" in figures


def test_numbers_of_two_cells_are_not_one() -> None:
    assert [figure.value for figure in read("|提案数|512|468件|").figures][-1] == 468


def test_a_data_box_of_narrow_bold_lines_is_kept() -> None:
    cleaned = page(HEADLINE, LEAD, "数读", "立案提案", "**468**", "件", "调研报告", "**14**", "篇", SECOND)
    assert all(line.label in ("body", "heading") for line in cleaned.lines[2:])


# 11., 12., 13. Furniture


@pytest.mark.parametrize(
    "line",
    [
        "往期阅读", "当前版: 03版 上一版 下一版", "上一篇  下一篇", "放大 缩小 默认", "放大+ 缩小- 默认o", "标题导航", "第A03版:两会特刊", "字数:1234",
        "字数:2345 版次:03", "展开通版", "(下转二版)", "~~~第02版:要闻", "2023年01月12日 星期四 第A03版", "当前位置:首页 > 政协要闻 > 正文", "首页>>工作报告>>正文",
        "[大][中][小]", "【字体:大 中 小】", "打印", "关闭", "点击:[]", "点击:[ ]次", "{{ pvCount }}", "浏览:{{pvCount}} 次", "分享到:", "听全文", "扫一扫在手机打开当前页",
        "上一条:县政协召开会议", "主办:某县政协办公室", "承办:某县信息中心", "版权所有:某县政协", "京ICP备12345678号-1", "地址:某县人民路8号", "地址:某县人民路8号 邮编:437000 电话:0700-0000000",
        "网站标识码:4212000001", "您是第 12345 位访问者", "今日访问量:123 总访问量:45678", "点击上方蓝字关注我们", "点击“阅读原文”查看更多", "预览时标签不可点", "在看", "点赞 分享 收藏",
        "点个在看你最好看", "微信扫一扫关注该公众号", "继续滑动看下一个", "轻触阅读原文", "640.jpg", "微信图片_20230112101010.jpg", "[图片]", "我要纠错", "返回上一页", "PDF下载",
    ],
)  # fmt: skip
def test_furniture_of_papers_portals_and_wechat_is_no_text(line: str) -> None:
    assert around(line)[0].label == "boilerplate"


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑:某某",
        "编辑:甲某 审核:乙某",
        "来源:某某日报",
        "来源丨某某政协",
        "一审:甲某 二审:乙某 三审:丙某",
        "编审:某某",
        "排版:某某",
        "录入:admin",
    ],
)
def test_credits_are_meta(line: str) -> None:
    assert around(line)[0].label == "meta"


@pytest.mark.parametrize(
    "line",
    [
        "“急难愁盼”关注民生",
        "关注民生 建言献策",
        "分享发展成果",
        "打印店小微企业走访",
        "点击率不等于满意率",
        "扫一扫就能议事",
        "第三版块 协商议政",
        "推荐优秀提案",
        "评论员文章3篇",
        "点亮“微心愿”",
        "协商在线",
        "一期工程",
    ],
)
def test_headings_with_such_words_are_kept(line: str) -> None:
    assert around(line)[0].label in ("heading", "body")


@pytest.mark.parametrize("note", ["(下转二版)", "（下转第2版）", "(上接第一版)"])
def test_a_note_in_mid_sentence_is_cut_and_the_sentence_joined(note: str) -> None:
    cut = LEAD.index("调研")
    assert texts(page(HEADLINE, LEAD[:cut] + note, LEAD[cut:], SECOND))[1] == LEAD
    assert texts(page(HEADLINE, LEAD[:cut] + note + LEAD[cut:], SECOND))[1] == LEAD


# 14. Below the report

OTHER = "某某集团昨日发布年报,全年营业收入达到35亿元,同比增长12%,新开门店120家,计划明年继续扩大规模,引起市场广泛关注。"


@pytest.mark.parametrize(
    "mark", ["相关新闻", "延伸阅读", "热点排行", "网友评论", "【猜你喜欢】", "责任编辑:某某", "推荐阅读"]
)
def test_prose_behind_the_end_of_the_report_is_none_of_it(mark: str) -> None:
    assert below(mark, "某某集团发布年报", OTHER)[1:] == [("boilerplate", "after_article")] * 2


def test_rankings_with_figures_of_their_own_are_no_text() -> None:
    assert below("热点排行", "1 某公司营收增长35%", "2 某地房价下降12%") == [("boilerplate", "after_article")] * 3


def test_a_second_article_is_known_by_its_headline_and_byline() -> None:
    assert (
        below("某某集团发布年度业绩报告", "来源:某某商报 2023-01-12", OTHER) == [("boilerplate", "after_article")] * 3
    )


@pytest.mark.parametrize(
    "box",
    [
        ["责任编辑:某某"],
        ["相关链接", "协商民主是实践全过程人民民主的重要形式。"],
        ["图为委员在社区视察养老服务设施。(某某 摄)"],
        ["数读", "提案351件"],
    ],
)
def test_a_report_that_goes_on_behind_a_box_is_not_cut(box: list[str]) -> None:
    lines = page(HEADLINE, "一、强化理论武装", LEAD, *box, "二、提升提案质量", SECOND, THIRD).lines
    assert [line.label for line in lines[-3:]] == ["heading", "body", "body"]


def test_a_credit_above_most_of_the_report_is_not_its_end() -> None:
    lines = page(HEADLINE, "责任编辑:某某", LEAD, SECOND, THIRD).lines
    assert [line.label for line in lines] == ["title", "meta", "body", "body", "body"]


# 15. Cut-off reports


@pytest.mark.parametrize(
    "note", ["(未完,全文共3500字,下期续)", "（未完待续）", "余下全文", "点击阅读全文", "展开全文", "登录后查看全文"]
)
def test_a_report_that_breaks_off_says_so(note: str) -> None:
    alone, behind = page(HEADLINE, LEAD, SECOND, note), page(HEADLINE, LEAD, SECOND + note)
    assert alone.truncated
    assert alone.lines[-1].label == "boilerplate"
    if note[0] in "(（":
        assert behind.truncated
        assert behind.lines[-1].text == SECOND


@pytest.mark.parametrize("end", ["(略高于上年)", "（略有提高）", "(未完成的转入下年)", "(待续建)"])
def test_brackets_with_such_words_in_another_sense_are_text(end: str) -> None:
    lines = page(HEADLINE, LEAD, SECOND[:-1] + end, THIRD)
    assert not lines.truncated
    assert lines.lines[2].text.endswith(end)


@pytest.mark.parametrize("end", ["(略)", "(以下略)", "（未完待续）", "(待续,见下期)"])
def test_brackets_that_say_that_the_rest_is_left_out(end: str) -> None:
    assert page(HEADLINE, LEAD, SECOND + end).truncated


@pytest.mark.parametrize("note", ["阅读原文", "全文如下:", "工作尚未完成,仍需努力。", "剩余20%正在办理。"])
def test_a_whole_report_does_not(note: str) -> None:
    assert not page(HEADLINE, LEAD, note, SECOND).truncated


# 16. Other pages


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("not_cppcc", ["某县人民代表大会常务委员会工作报告", "各位代表:我受县人大常委会委托,向大会报告工作,请予审议,并请政协委员和列席人员提出意见。" + THIRD.replace("政协", "")]),
        ("not_cppcc", ["政府工作报告", "各位代表:现在,我代表县人民政府向大会报告工作,请予审议,并请各位政协委员提出意见。一年来新建学校12所。"]),
        ("not_cppcc", ["某县人民法院工作报告", "一年来,县人民法院受理案件3551件,审结3400件。请予审议,并请政协委员提出意见。"]),
        ("not_cppcc", ["全县经济工作会议召开", "会议总结了全年经济工作,部署了下一年任务,强调要稳中求进,推动高质量发展,增进民生福祉。"]),
        ("error_page", ["某县政协门户网站", "404", "抱歉,您访问的页面不存在或已被删除", "5秒后返回首页", "某县政协主办"]),
        ("paywall", ["某县政协2023年工作综述", "本文为付费内容,请登录后继续阅读", "用户名:", "密码:", "忘记密码"]),
        ("list_page", ["政协要闻", *[f"县政协召开第{n}次主席会议 2023-01-{10 + n}" for n in range(1, 9)]]),
        ("fiction", ["第十二章 政协工作报告", "上一章 目录 下一章 加入书签", LEAD, "“主席,提案351件都办完了。”他笑道。", "求月票,求推荐票"]),
    ],
)  # fmt: skip
def test_other_pages_are_set_aside_by_the_rule_that_says_so(rule: str, lines: list[str]) -> None:
    with pytest.raises(PageRejected) as refused:
        extract(page(*lines))
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("headline", "kind"),
    [
        ("政协某县第十届委员会常务委员会工作报告", "work_report"),
        ("关于县政协十届二次会议以来提案工作情况的报告", "proposal_report"),
        ("某县人民政府办公室关于2022年政协提案办理情况的通报", "notice"),
        ("关于征集县政协十届三次会议提案的通知", "notice"),
        ("县政协十届三次会议开幕", "news"),
    ],
)
def test_reports_and_their_neighbours_are_typed(headline: str, kind: str) -> None:
    assert extract(page(headline, LEAD, SECOND)).fields.report_kind == kind


WORK = "一年来忠实履行宪法法律赋予的职责,受理各类案件1234件,办结1189件,主动接受政协民主监督,邀请政协委员视察36人次。"


@pytest.mark.parametrize(
    "headline",
    [
        "某县人民检察院2023年履职情况报告",
        "某县法院2023年履职回顾",
        "某县人大代表2023年履职工作报告",
        "某县人大常委会委员履职报告",
        "某县公安局2023年工作总结",
    ],
)
def test_reports_of_other_bodies_that_name_a_committee_are_refused(headline: str) -> None:
    with pytest.raises(PageRejected) as refused:
        extract(page(headline, WORK, WORK.replace("一年来", "五年来")))
    assert refused.value.rule == "not_cppcc"


@pytest.mark.parametrize(
    "headline",
    [
        "某县人民法院关于2023年提案办理情况的报告",
        "某县政协视察检察院工作情况报告",
        "某县委员履职情况综述",
        "人大代表建议和政协提案办理工作总结",
        "协商在基层履职为人民",
    ],
)
def test_neighbours_of_reports_are_read(headline: str) -> None:
    assert extract(page(headline, LEAD, SECOND, THIRD)).figures


def test_a_charter_with_chapters_is_no_novel() -> None:
    assert extract(page(HEADLINE, LEAD, "第一章 总则", SECOND, "第二章 职责", THIRD, "第三章 附则")).fields


# 17. Pages of e-papers, letters of WeChat, samples of essay sites

LEFT = [
    "  一年来，县政协常委会认",
    "真履职尽责，共收到提案三",
    "百件，已经全部办复完毕。",
    "召开各类协商会议十二次。",
    "聚力协商议政",
    "  围绕产业发展召开专题",
    "协商会，提出意见建议八十",
    "余条，支持界别委员更主动",
]
RIGHT = [
    "履职。建成委员工作室多个，",
    "接待群众一千二百余人次。",
    "着力自身建设",
    "  修订常委会工作规则等",
    "制度九项，举办培训班两期，",
    "培训各级委员共三百余人。",
    "  新的一年，县政协将继",
    "续凝心聚力，再创佳绩。",
]


def side_by_side(left: list[str], right: list[str]) -> list[str]:
    """Two columns as a dump has them: the second one begins at the same place, a character of Chinese two wide."""
    return [
        one + " " * (32 - sum(1 if char == " " else 2 for char in one)) + other
        for one, other in zip(left, right, strict=True)
    ]


def test_in_columns_with_indents_a_full_stop_at_the_edge_ends_no_paragraph() -> None:
    assert texts(page(HEADLINE, "", *side_by_side(LEFT, RIGHT)))[1:] == [
        "一年来，县政协常委会认真履职尽责，共收到提案三百件，已经全部办复完毕。召开各类协商会议十二次。",
        "聚力协商议政",
        "围绕产业发展召开专题协商会，提出意见建议八十余条，支持界别委员更主动履职。建成委员工作室多个，接待群众一千二百余人次。",
        "着力自身建设",
        "修订常委会工作规则等制度九项，举办培训班两期，培训各级委员共三百余人。",
        "新的一年，县政协将继续凝心聚力，再创佳绩。",
    ]


def test_the_longest_column_goes_on_alone_below_the_others() -> None:
    cleaned = page(HEADLINE, "", *COLUMNS, "又一行第一栏的文字接着往下写")
    assert {line.rule for line in cleaned.lines[2:]} == {"columns"}
    assert any("召开专题又一行第一栏的文字接着往下写" in text for text in texts(cleaned))


def test_columns_of_two_pages_are_not_read_across() -> None:
    header = "某某日报    2023年1月5日  星期四    责编:某某    第 4 版"
    cleaned = page(HEADLINE, "", *COLUMNS, "", header, "Page 2 / 2", "", *COLUMNS)
    assert [line.rule for line in cleaned.lines[7:9]] == ["page_header", "furniture"]
    assert "查立案298件" in texts(cleaned)[1]
    assert [text.count("一年来") for text in texts(cleaned) if "一年来" in text] == [1, 1]


@pytest.mark.parametrize(
    "header",
    ["政协专刊        PDF 文本层  Page 13", "某某时报      2015.2.4  星期三       05", "第 3 版    要闻    责编:某某"],
)
def test_the_head_of_a_printed_page_is_furniture(header: str) -> None:
    assert around(header)[0].label == "boilerplate"


@pytest.mark.parametrize("line", ["提案办理  委员风采", "专题协商会  12 次", "2023年  政协履职", "教育局  第3版块"])
def test_words_set_apart_that_name_no_page_are_text(line: str) -> None:
    assert around(line)[0].label in ("body", "heading")


TURN = "县政协认真做好提案办理工作,收到提案351件,立案298件,提案答复率百分之百,常委会形成的调研报告报送后,建议被"


@pytest.mark.parametrize("note", ["(上接A2版)", "（上接第二版）", "[紧接1版]"])
def test_an_article_that_goes_on_from_another_page_has_not_ended(note: str) -> None:
    cleaned = page(HEADLINE, LEAD, TURN, "上一篇    下一篇", "第A3版:要闻", note, "采纳。" + THIRD)
    assert cleaned.lines[-1].label == "body"
    assert texts(cleaned)[-1] == TURN + "采纳。" + THIRD


def test_without_such_a_note_the_next_article_is_none_of_it() -> None:
    assert below("上一篇    下一篇", "第A3版:要闻", OTHER)[-1] == ("boilerplate", "after_article")


def test_prose_of_narrow_lines_ends_at_the_credit_behind_it() -> None:
    narrow = ["县政协召开协商会12次,", "提出意见建议86条,为全县", "振兴凝聚了力量。"]
    cleaned = page(HEADLINE, *narrow, "责任编辑:某某", "", "某集团助农增收显成效", OTHER)
    assert [line.label for line in cleaned.lines[-2:]] == ["boilerplate"] * 2
    assert "".join(texts(cleaned)[1:]) == "".join(narrow)


@pytest.mark.parametrize("line", ["2022年01月08日 某某日报", "2022-01-08 某某晚报 记者 某某", "2012110日"])
def test_a_day_with_its_paper_is_meta(line: str) -> None:
    assert around(line)[0].label == "meta"


@pytest.mark.parametrize("line", ["2022年1月8日 市政协委员走访企业", "2022年政协工作"])
def test_a_day_with_what_happened_is_kept(line: str) -> None:
    assert around(line)[0].label in ("body", "heading", "caption")


@pytest.mark.parametrize(
    "raw",
    ["<!--enpproperty <articleid>88</articleid><date>2022-01-08 00:00</date>/enpproperty-->", "<!-- a-b <p>c</p> -->"],
)
def test_a_comment_with_tags_is_no_text(raw: str) -> None:
    assert around(raw)[0].rule == "markup"


@pytest.mark.parametrize("number", ["01", "PART 02"])
def test_a_number_above_a_heading_is_decoration_and_the_heading_stays_one(number: str) -> None:
    lines = ["召开协商会议**12**次,提出建议", number, "协商资政 服务大局", "围绕产业发展等议题召开会", "议**6**次"]
    cleaned = page(HEADLINE, LEAD, *[line for text in lines for line in (text, "")], SECOND)
    labels = {line.folded: line.label for line in cleaned.lines if line.folded}
    assert labels[number] == "boilerplate"
    assert labels["协商资政 服务大局"] == "heading"
    assert "召开协商会议12次,提出建议" in texts(cleaned)


@pytest.mark.parametrize("line", ["24", "351", "10件"])
def test_a_number_of_a_data_box_is_kept(line: str) -> None:
    assert around("提案", line)[1].label in ("body", "heading")


@pytest.mark.parametrize(
    "line", ["↑↑↑", "▼ ▼ ▼", "向上滑动阅览", "上下滑动查看", "您正在浏览第1页,共2页  [1] [2] 下一页"]
)
def test_arrows_and_hints_to_scroll_are_furniture(line: str) -> None:
    assert around(line)[0].label == "boilerplate"


def test_a_line_with_the_mark_of_a_picture_is_its_caption() -> None:
    assert around("△ 委员在某镇开展协商议事活动")[0].label == "caption"


@pytest.mark.parametrize(
    "lines", [["▲ 强化理论武装", "▲ 提升提案质量"], ["△ 全年收到提案351件"], ["▲ 委员走进社区,听取意见。"]]
)
def test_items_with_such_a_mark_are_kept_as_text(lines: list[str]) -> None:
    assert all(line.label in ("body", "heading") for line in around(*lines))


@pytest.mark.parametrize("gap", [[], [""]])
@pytest.mark.parametrize(
    "body", ["政协某县第八届委员会提案委员会", "某县政协提案委员会", "中国人民政治协商会议某县委员会"]
)
def test_a_headline_parted_behind_the_name_of_the_body_is_one(body: str, gap: list[str]) -> None:
    subject = "关于八届三次会议以来提案工作情况的报告"
    cleaned = page(body, *gap, subject, "", "(2024年1月16日)", LEAD, SECOND)
    assert texts(cleaned)[0] == body + subject
    assert extract(cleaned).fields.title == body + subject


def test_the_name_of_the_site_is_no_part_of_the_headline() -> None:
    assert extract(page("某县政协", "", HEADLINE, LEAD, SECOND)).fields.title == HEADLINE


def test_a_short_headline_with_a_sub_headline_and_its_original_is_found_above_narrow_lines() -> None:
    narrow = ["2016年,县政协坚持“协商在决策之前", "和决策实施之中”的要求,组织委员视察", "13次,召开协商会27次。"]
    cleaned = page("某某日报数字报", "春潮起大地", "--某县政协2016年履职综述", "原标题:春潮起大地", "", *narrow)
    assert extract(cleaned).fields.title == "春潮起大地 ——某县政协2016年履职综述"
    assert [line.label for line in cleaned.lines[1:4]] == ["title"] * 3
    assert texts(cleaned)[-1] == "".join(narrow)
    assert extract(cleaned).fields.source_name == "某某日报"


@pytest.mark.parametrize("note", ["(摘要)", "（节选）"])
def test_what_part_of_the_report_it_is_belongs_to_the_headline(note: str) -> None:
    cleaned = page(HEADLINE, note, "", LEAD, SECOND)
    assert cleaned.lines[1].label == "title"
    assert extract(cleaned).fields.title == HEADLINE


def test_the_sub_headline_of_a_web_page_is_part_of_its_headline() -> None:
    prose = "".join(f"<p>{text}</p>" for text in (LEAD, SECOND, THIRD))
    markup = f"<html><body><h1>春潮起大地</h1><h2>——某县政协2023年履职纪实</h2>{prose}</body></html>"
    cleaned = clean(markup.encode(), "text/html")
    assert [(line.label, line.rule) for line in cleaned.lines[:2]] == [("title", "headline"), ("title", "sub_headline")]
    assert extract(cleaned).fields.title == "春潮起大地 ——某县政协2023年履职纪实"


@pytest.mark.parametrize("mark", ["【范文二】乡镇工作总结", "您可能还喜欢:", "猜你喜欢"])
def test_a_second_sample_and_what_one_may_like_are_none_of_it(mark: str) -> None:
    assert below(mark, "某某集团发布年报", OTHER) == [("boilerplate", "after_article")] * 3


def test_items_that_begin_with_a_dash_are_text_of_their_own() -> None:
    items = ["——更加注重学习,提升本领;", "——更加注重协商,服务大局;", "——更加注重民生,促进和谐。"]
    lines = page(HEADLINE, LEAD, *items, SECOND)
    assert [line.label for line in lines.lines[2:5]] == ["body"] * 3
    assert texts(lines)[2:5] == items


def test_a_title_that_is_broken_before_its_dash_is_joined() -> None:
    first, second = LEAD[:-1] + ",一篇《幸福家园", "——某县政协协商小记》在报上刊发,获得二等奖。"
    assert first + second in texts(page(HEADLINE, first, second, SECOND))


@pytest.mark.parametrize(
    "line", ["字号:[大] [中] [小]  点击:[]  打印本页", "浏览次数:  次  [关闭窗口]", "阅读 | 字号:大"]
)
def test_rows_that_only_count_readers_are_furniture(line: str) -> None:
    assert around(line)[0].label == "boilerplate"


def test_a_row_that_also_names_the_source_is_meta() -> None:
    assert around("来源:某某政协网  浏览次数:103  字号:[大] [中] [小]")[0].label == "meta"


def test_a_dated_scene_above_the_lead_is_a_caption() -> None:
    wide = LEAD + SECOND
    lines = page(HEADLINE, "2023年4月18日,市政协组织委员视察大桥建设。", wide, THIRD).lines
    assert [line.label for line in lines[1:]] == ["caption", "body", "body"]


def test_the_same_caption_above_and_below_a_picture() -> None:
    lines = page(
        HEADLINE, LEAD, "江边,委员们开展生态修复视察。", "▲江边,委员们开展生态修复视察。(办公室供图)", SECOND
    ).lines
    assert [line.label for line in lines[2:4]] == ["caption"] * 2


def test_an_abstract_and_the_lead_it_was_taken_from() -> None:
    lines = page(HEADLINE, "【摘要】" + LEAD, "", LEAD, SECOND, THIRD).lines
    assert [line.label for line in lines[1:4:2]] == ["body", "boilerplate"]


@pytest.mark.parametrize(
    "line", ["共同富裕、枫桥经验、黄酒产业、浙东运河、宋韵文化", "我受常务委员会的委托,向大会报告工作,请予审议"]
)
def test_a_list_of_words_and_a_speech_are_no_headings(line: str) -> None:
    assert around(line)[0].label == "body"


def test_a_heading_of_a_year_is_one_below_a_line_without_a_full_stop_and_may_be_the_headline() -> None:
    speech = "我受政协某县委员会常务委员会的委托,向大会报告一年来的工作情况,请予审议"
    lines = page(HEADLINE, speech, "2017年工作回顾", LEAD).lines
    assert [line.label for line in lines[1:3]] == ["body", "heading"]
    assert extract(page("2017年工作总结", LEAD, SECOND)).fields.title == "2017年工作总结"


# Labels from the page's structure, and time


def test_a_line_that_has_a_label_keeps_it() -> None:
    lines = make_lines([HEADLINE, LEAD, "", "澳门百家乐,注册送彩金,老虎机下载", SECOND, SECOND, "来源:某某日报"])
    for line in lines[2:6]:
        line.set("boilerplate", "outside_article", 0.9)
    label_lines(lines)
    assert [line.rule for line in lines[2:6]] == ["blank", "keyword_string", *["outside_article"] * 2]


LARGE = 60_000
HOSTILE = [
    "<" * LARGE, "<p " * (LARGE // 3), "</" * (LARGE // 2), "&nbsp;" * (LARGE // 6), "&" * LARGE, "<!--" * (LARGE // 4), "a-->" * (LARGE // 4), "**" * (LARGE // 2) + "件",
    "**件" * (LARGE // 3), "?" * LARGE, "1?" * (LARGE // 2), "×" * LARGE + "件", "a1" * (LARGE // 2), "工 " * (LARGE // 2), "工 作 " * (LARGE // 4), ",," * (LARGE // 2), "。" * LARGE,
    "| " * (LARGE // 2), "|" + " " * LARGE + "x|", "(下转" * (LARGE // 3), "(未完" * (LARGE // 3), "彩票," * (LARGE // 3), "彩票 " * (LARGE // 3), "政协-" * (LARGE // 3), "甲  " * (LARGE // 3), "(xi" * (LARGE // 3),
    "<!--a-" * (LARGE // 6), "第1版  " * (LARGE // 5), "、" * LARGE, "政协" * (LARGE // 2) + "关于", "△" * LARGE, "--" * (LARGE // 2), "0" * LARGE + "  1", "请" * LARGE, "我受" * (LARGE // 2), "第一" * (LARGE // 2), "提案" * (LARGE // 2),
]  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:6])
def test_long_hostile_lines_end(line: str) -> None:
    """At this length a pattern that looks at each place from each other one would need minutes."""
    with contextlib.suppress(PageRejected):
        extract(page(HEADLINE, line, LEAD))


@pytest.mark.parametrize(
    "unit", [LEAD, "<p ", "(提", "工 ", "1?"], ids=["prose", "tags", "brackets", "spaced", "digits"]
)
def test_a_line_of_a_megabyte_is_cleaned(unit: str) -> None:
    with contextlib.suppress(PageRejected):
        page(HEADLINE, LEAD, unit * (1_000_000 // len(unit)))


@pytest.mark.parametrize(
    "unit",
    [
        ["甲乙丙"],
        [LEAD],
        ["上一篇"],
        ["一、甲", LEAD],
        ["甲  乙  丙"],
        ["相关新闻", LEAD],
        ["1"],
        ["| 甲 | 乙 |"],
        ["《"],
    ],
    ids=lambda unit: unit[0][:4],
)
def test_pages_of_many_lines_end(unit: list[str]) -> None:
    page(HEADLINE, LEAD, *unit * (6_000 // len(unit)))


CASE = (
    "区政协坚持党的全面领导,围绕中心任务组织委员深入企业、社区、乡村开展调查研究,形成调研成果并报送党委政府,得到主要领导批示"
    "肯定,有关部门逐条研究并且落实到位;扎实开展民主监督,推动解决了一批群众急难愁盼问题,委员对办理结果表示满意,做法在全省推广。"
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("东湖" + CASE, "西山" + CASE),
        (CASE, CASE.replace("表示满意", "表示不满意")),
        (CASE.replace("表示满意", "表示不满意"), CASE),
        ("东" + CASE, "西" + CASE),
        (CASE, CASE.replace("全省", "柳河")),
    ],
)
def test_paragraphs_that_differ_in_a_name_or_a_negation_are_both_kept(first: str, second: str) -> None:
    assert [line.label for line in page(HEADLINE, first, SECOND, second, THIRD).lines[1:4:2]] == ["body", "body"]


@pytest.mark.parametrize(
    "copy",
    [
        CASE.replace("并且", "并"),
        "本报讯" + CASE,
        CASE.replace("落实到位", "落实"),
        CASE.replace("企业、社区", "企业和社区"),
    ],
)
def test_a_paragraph_with_other_wording_that_says_the_same_is_kept_once(copy: str) -> None:
    assert page(HEADLINE, CASE, SECOND, copy, THIRD).lines[3].rule == "repeated"
