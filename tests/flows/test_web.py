"""Web pages: blocks, the article among them, its headline and its day, each with a page of the kind."""

from __future__ import annotations

import pytest

from flows.clean import CleanPage, PageRejected, clean
from flows.clean.article import find_article
from flows.clean.headline import first_day
from flows.clean.html import STYLE, is_html, read_html, shallow
from tests.accounting import require_account

P1 = "市政协围绕城市更新开展专题协商，组织委员分组走访三个街道，形成意见建议二十余条，为党委政府科学决策提供了参考。"
P2 = "会议指出，要把协商成果转化为具体举措，建立台账、逐项销号，让群众感受到身边的变化，并适时组织委员开展回头看。"
P3 = "下一步，市政协将继续发挥专门协商机构作用，聚焦教育、医疗、养老等民生问题，推动更多提案落地见效。"
TEXT = [P1, P2, P3]
MENU = "".join(f'<li><a href="/c{i}">{name}</a></li>' for i, name in enumerate(["首页", "政协概况", "政协要闻", "提案工作", "委员风采", "文史资料"] * 4))  # fmt: skip
FOOTER = "<div>主办单位：某市政协办公室　地址：人民路1号　邮编：430000</div><div>某ICP备05000001号</div>"
NEWS = "".join(
    f'<li><a href="/n{i}">市政协召开第{i}次主席会议研究部署重点工作</a> 01-{i:02}</li>' for i in range(1, 13)
)


def read(body: str, head: str = "") -> CleanPage:
    return clean(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "text/html")


def kept(body: str, head: str = "") -> list[str]:
    return [paragraph.text for paragraph in read(body, head).paragraphs]


def paragraphs(tag: str = "p") -> str:
    return "".join(f"<{tag}>　　{text}</{tag}>" for text in TEXT)


# Blocks


def blocks(markup: str) -> list[str]:
    return [block.text for block in read_html(markup).blocks]


def test_blocks_become_lines_in_document_order() -> None:
    markup = """<html><head><title>题</title><style>p{}</style><script>var a='脚本';</script></head>
    <body><ul><li><a href=x>首页</a><li>要闻</ul><div>一<p>甲<b>乙</b>
    丙</p>二<br/>三</div><!-- 注 --><table><tr><td>格1</td><td>格2</td></tr></table>尾</body></html>"""
    assert blocks(markup) == ["首页", "要闻", "一", "甲乙 丙", "二", "三", "格1", "格2", "尾"]
    assert read_html(markup).title == "题"


def test_line_ends_count_in_preformatted_text_only() -> None:
    assert blocks("<pre>一\n二</pre><p>三\n四</p>") == ["一", "二", "三 四"]


def test_entities_and_character_references_are_resolved() -> None:
    assert blocks("<p>提案&nbsp;&lt;3&gt;&#20214;</p>") == ["提案\xa0<3>件"]


UNSEEN = [
    ("<button>{}</button>", "提案312件"),
    ("<textarea>{}</textarea>", "留言 <b> 内容"),
    ("<noscript><style>p{{}}</style><b>{}</b></noscript>", "请开启脚本"),
    ("<select><option>{}</option></select>", "市直单位"),
    ("<svg><title>图标</title><text>{}</text></svg>", "流程"),
]


@pytest.mark.parametrize(("markup", "text"), UNSEEN)
@pytest.mark.parametrize("place", ["<p>全年收到{}，立案。</p>{}", "{}<p>立案285件。</p>{}", "<div>{}</div>{}"])
def test_text_of_buttons_and_fields_is_a_line_and_no_part_of_the_text(markup: str, text: str, place: str) -> None:
    body = around(f"<div class='TRS_Editor'>{paragraphs()}{place.format(markup.format(text), paragraphs())}</div>")
    page = require_account(f"<html><title>题</title><body>{body}</body></html>".encode(), "text/html")
    assert isinstance(page, CleanPage)
    assert [line.raw for line in page.lines if line.rule == "unseen"] == [text]
    assert text not in "".join(paragraph.text for paragraph in page.paragraphs)
    without = kept(body.replace(markup.format(text), ""))
    assert [paragraph.text for paragraph in page.paragraphs] == without


def test_code_and_empty_fields_are_no_lines() -> None:
    spare = "<button> \u200b</button><noscript><img src=a.gif></noscript><svg><path d='M0'/></svg><template>甲</template><script>var a='乙'</script>"
    assert all(line.rule != "unseen" for line in read(around(f"<div>{paragraphs()}{spare}</div>")).lines)


def test_links_and_headings_are_known() -> None:
    heading, link, anchor = read_html("<h2>甲</h2><p><a href=x>乙丙</a>丁</p><p><a name=top>戊</a></p>").blocks
    assert (heading.level, heading.linked) == (2, 0)
    assert (link.level, link.linked) == (0, 2)
    assert anchor.linked == 0


@pytest.mark.parametrize("name", ["div", "ul><li", "table><tr><td", "b", "font", "blockquote"])
def test_deeply_nested_pages_keep_their_text(name: str) -> None:
    """A hundred thousand levels: the parser alone would take a minute, and a walk by recursion would fail."""
    found = "".join(blocks(f"<{name}>" * 100_000 + P1))
    assert found == P1


@pytest.mark.parametrize("tag", ["<font color=#{:06x}>", "<B id=b{}>", "</b><strong title={}>", "<u/x{}>"])
def test_letters_left_coloured_do_not_multiply(tag: str) -> None:
    """Each of them begins again in every paragraph below: four thousand of them would be eight million nodes."""
    markup = "".join(f"<p>{tag.format(i)}{P1}" for i in range(4000))
    assert blocks(markup) == [P1] * 4000
    assert STYLE.search(shallow(markup)) is None


def test_letters_that_are_coloured_and_closed_keep_their_tags() -> None:
    markup = f"<p><font color=red>{P1}</font><b>{P2}</b><strong>{P3}</strong></p>" * 2000
    assert shallow(markup) == markup
    few = "<p><b>" * 20 + f"<p>{P1}" * 1000
    assert shallow(few) == few


REPORT = "政协工作报告\n各位委员：\n全年收到提案312件。\n二、协商议政\n召开协商会12次。\n"


@pytest.mark.parametrize(
    "markup",
    [
        "<!DOCTYPE html><html>",
        "  <div>政协</div>",
        "\ufeff<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'>\n<html>",
        f"<!-- 页面 - 开始 --><!--enpcontent-->\n<div><p>{P1}</p></div>",
        f"<body>\n{REPORT}",
        "<div>\n<script>\n" + "var a = 1;\n" * 50 + f"</script>\n<p>{P1}</p>\n</div>",
        f"Warning: include() failed\n<html><head>\n<title>政协</title>\n</head><body>\n<p>{P1}</p>\n</body></html>",
        f"<title>政协</title>\n<p>{P1}</p>",
    ],
    ids=["doctype", "part", "xhtml", "comments", "root", "script", "warning", "title"],
)
def test_a_web_page_is_known_by_how_it_begins(markup: str) -> None:
    assert is_html(markup, "text/plain")
    assert is_html("政协", "text/html")


@pytest.mark.parametrize(
    "text",
    [
        '政协工作报告\n<tr id="1">提案<br/>工作</p>',
        f"<center>\n{REPORT}",
        f"<p>\n{REPORT}</p>",
        f"{REPORT}<noframes><body></noframes>\n{REPORT}",
        f"{REPORT}<html>\n{REPORT}",
        f"<!-- 正文\n{REPORT}",
        "政协工作报告：全年收到提案312件。<body>",
        f"{REPORT}<body>",
        f"<!-- 正文 -->\n{REPORT}",
        "<<关于提案工作的报告>>\n提案312件。",
        "<",
        "",
    ],
)
def test_text_with_residue_of_tags_is_no_web_page(text: str) -> None:
    assert not is_html(text, "text/plain")


@pytest.mark.parametrize("residue", ["<center>\n", "<div>\n"])
def test_a_text_that_begins_with_a_tag_keeps_its_lines(residue: str) -> None:
    page = clean(f"{residue}{REPORT}<noframes><body></noframes>\n三、下一步工作\n".encode(), "text/plain")
    assert [line.text for line in page.lines if line.text] == [*REPORT.split("\n")[:-1], "三、下一步工作"]


# The article


def around(article: str) -> str:
    """The article in the middle of menus, news lists and a footer."""
    return f'<div class="top"><ul>{MENU}</ul></div>{article}<div class="news"><ul>{NEWS}</ul></div>{FOOTER}'


@pytest.mark.parametrize(
    "article",
    [
        f"<div class='TRS_Editor'>{paragraphs()}</div>",
        f"<div id='zoom'>{paragraphs('div')}</div>",
        f"<!--enpcontent-->{paragraphs()}<!--/enpcontent-->",
        f"<table><tr><td><table><tr><td>{'<br><br>'.join(TEXT)}</td></tr></table></td></tr></table>",
        f"<div>{paragraphs()}</div>",
        "".join(f"<p>{text}" for text in TEXT),
        f"<div class='nav'><form>{paragraphs()}</form></div>",
        f"<div><section><p>{P1}</p></section><section><p>{P2}</p></section><section><p>{P3}</p></section></div>",
        f"<div style='width:600px'><font size=3>{'<br>'.join(TEXT)}</font></div>",
    ],
    ids=["trs", "zoom", "marks", "tables", "plain", "unclosed", "misnamed", "sections", "font"],
)
def test_the_article_is_found_among_furniture(article: str) -> None:
    assert kept(around(article)) == TEXT


def test_a_stray_end_of_the_page_ends_nothing() -> None:
    markup = f"<html><body><ul>{MENU}</ul></body></html><div>{paragraphs()}</div>{FOOTER}</body></html>"
    assert [p.text for p in clean(markup.encode(), "text/html").paragraphs] == TEXT


def test_links_inside_a_sentence_stay_and_a_list_of_links_goes() -> None:
    linked = P2.replace("协商成果", "<a href=/x>协商成果</a>")
    related = "<ul>" + "".join(f"<li><a href=/{i}>市政协开展提案督办调研活动之{i}</a></li>" for i in range(5)) + "</ul>"
    assert kept(around(f"<div class='TRS_Editor'><p>{P1}</p><p>{linked}</p>{related}<p>{P3}</p></div>")) == TEXT


def test_a_short_notice_is_an_article() -> None:
    notice = "<div class='v_news_content'><p>各科室：</p><p>元旦放假一天，请做好值班安排。</p><p>市政协办公室</p><p>2023年12月28日</p></div>"
    assert kept(around(notice)) == ["各科室：", "元旦放假一天，请做好值班安排。", "市政协办公室", "2023年12月28日"]


CALL = ["各专委会：", "定于5月8日下午3时集中走访。", "集合地点：办公楼东门。"]


@pytest.mark.parametrize(
    ("headline", "above", "texts"),
    [
        ("关于集中走访委员企业的通知", "<h1>{}</h1>", CALL),
        ("关于集中走访委员企业的通知", "<div class=bt>{}</div>", CALL),
        ("第九届委员名单", "<h1>{}</h1>", ["丁一　于洋　马超　王建国　方圆　田野　白雪　石磊　朱江　刘洋　孙立"]),
        (
            "五一假期值班表",
            "<h1>{}</h1>",
            ["5月1日", "张卫国", "5月2日", "赵立新", "5月3日", "钱学勤", "5月4日", "孙宏图"],
        ),
    ],
    ids=["notice", "no h1", "names", "table"],
)
def test_a_few_words_below_a_headline_are_an_article(headline: str, above: str, texts: list[str]) -> None:
    body = f"<div>{above.format(headline)}<div>{''.join(f'<p>{text}</p>' for text in texts)}</div></div>"
    page = read(around(body), f"<title>{headline}-某市政协网</title>")
    assert page.headline == headline
    outside = {line.raw for line in page.lines if line.rule == "outside_article"}
    assert outside.isdisjoint(texts)
    assert "首页" in outside


@pytest.mark.parametrize(
    ("headline", "below"),
    [
        ("某市政协网", "<p>欢迎您。本网站每日更新政协要闻、提案工作与委员风采。</p>"),
        ("政协要闻动态列表", f"<p>以下为本栏目的全部要闻，请点击查看。</p><ul>{NEWS}</ul>"),
        ("政协要闻动态列表", "<p>市政协召开主席会议</p><p>市政协开展视察活动</p><p>市政协举行读书会</p>"),
        ("抱歉，出了一点问题", "<p>您访问的页面不存在，请检查网址后再试一次。</p>"),
        ("市政协委员履职管理", f"<p>首页</p>{FOOTER}"),
    ],
    ids=["site", "list", "headlines", "error", "furniture"],
)
def test_a_few_words_below_a_headline_may_be_none(headline: str, below: str) -> None:
    with pytest.raises(PageRejected) as rejected:
        read(f"<div><h1>{headline}</h1>{below}</div>", f"<title>{headline}</title>")
    assert rejected.value.rule == "no_article"


def test_a_page_without_an_article_says_what_it_holds_instead() -> None:
    for body, reason in ((f"<ul>{NEWS}</ul>{FOOTER}", "lists and links"), ("<h1>要闻</h1><p>暂无</p>", "4 characters")):
        with pytest.raises(PageRejected) as rejected:
            read(body)
        assert rejected.value.rule == "no_article"
        assert reason in rejected.value.reason


def test_words_of_page_furniture_in_a_sentence_of_a_report_are_text() -> None:
    short = ["各提案承办单位高度重视。", "各提案承办单位、各提案者："]
    body = "".join(f"<p>{text}</p>" for text in [P1, *short, P2])
    assert kept(around(f"<div>{body}<p>某市政协办公室主办</p></div>")) == [P1, *short, P2]


def test_the_end_of_a_document_and_its_attachments_are_text() -> None:
    end = "<p>附件：重点提案目录</p><p>某市人民政府办公室</p><p>二〇二三年五月四日</p>"
    assert kept(around(f"<div class='TRS_Editor'>{paragraphs()}{end}</div>"))[-3:] == ["附件：重点提案目录", "某市人民政府办公室", "二〇二三年五月四日"]  # fmt: skip


@pytest.mark.parametrize("name", ["", " class='TRS_Editor'"], ids=["densest", "known"])
@pytest.mark.parametrize(
    "links",
    [
        "<p>附件：<a href=a.doc>提案目录</a></p>",
        "<p><a href=a.doc>附件1：重点提案目录</a></p><p><a href=b.doc>附件2：优秀提案名单</a></p>",
        "<ul><li><a href=b.pdf>优秀提案名单.pdf</a></li><li><a href=c.xls>办理情况.xls</a></li></ul>",
    ],
    ids=["field", "rows", "files"],
)
def test_links_to_attachments_behind_the_text_are_text(links: str, name: str) -> None:
    found = kept(around(f"<div{name}>{paragraphs()}{links}</div>"))
    assert found == [*TEXT, *blocks(links)]


@pytest.mark.parametrize("name", ["", " class='TRS_Editor'"], ids=["densest", "known"])
@pytest.mark.parametrize(
    "links",
    [
        "<p>相关：<a href=/a>提案目录</a></p>",
        "<ul><li><a href=b.pdf>名单.pdf</a></li><li><a href=/n>政协要闻</a></li></ul>",
    ],
    ids=["field", "mixed"],
)
def test_other_links_behind_the_text_are_none(links: str, name: str) -> None:
    assert "政协要闻" not in kept(around(f"<div{name}>{paragraphs()}{links}</div>"))
    assert "相关：提案目录" not in kept(around(f"<div{name}>{paragraphs()}{links}</div>"))


def test_questions_of_an_interview_are_text() -> None:
    body = f"<p>{P1}</p><p>记者：提案办理有哪些新做法？</p><p>答：{P2}</p>"
    assert kept(around(f"<div class='TRS_Editor'>{body}</div>")) == [P1, "记者：提案办理有哪些新做法？", f"答：{P2}"]


def test_tables_are_text_of_the_article() -> None:
    rows = "".join(f"<tr><td>{day}</td><td>放假</td></tr>" for day in ["元旦", "春节", "清明节", "劳动节"])
    found = kept(around(f"<div id='zoom'><p>{P1}</p><table>{rows}</table></div>"))
    assert found == [P1, *[text for day in ["元旦", "春节", "清明节", "劳动节"] for text in (day, "放假")]]


CELLS = "<table><tr><td>提案</td><td>312件</td></tr><tr><td>立案</td><td>285件</td></tr></table>"


@pytest.mark.parametrize(
    ("article", "text"),
    [
        (f"<div><p>现通报如下。</p><p>{P1}</p><p>立案285件。</p><p>特此通报。</p></div>", ["现通报如下。", P1, "立案285件。", "特此通报。"]),
        (f"<div><p>{P1}</p>{CELLS}</div>", [P1, "提案", "312件", "立案", "285件"]),
        (f"<ul><li>{P1}</li><li>立案285件。</li></ul>", [P1, "立案285件。"]),
        (f"<table><tr><td>{P1}</td></tr><tr><td>立案285件。</td></tr></table>", [P1, "立案285件。"]),
        (f"<div><div><span>{P1}</span></div><div>立案285件。</div></div>", [P1, "立案285件。"]),
        (f"<section><section><section>{P1}</section></section></section><section><p>立案285件。</p></section>", [P1, "立案285件。"]),
    ],
    ids=["paragraphs", "table", "list", "cells", "div", "sections"],
)  # fmt: skip
def test_one_long_paragraph_keeps_the_short_ones_beside_it(article: str, text: list[str]) -> None:
    assert kept(around(f"<div>{article}</div>")) == text


@pytest.mark.parametrize(
    "beside",
    ["<p><a href=/a>立案情况</a></p>", "<p>某ICP备05000001号</p>", "<p>地址：人民路1号</p>", f"<ul>{NEWS}</ul>"],
    ids=["link", "license", "address", "list"],
)
def test_links_and_furniture_beside_one_long_paragraph_stay_outside(beside: str) -> None:
    found = kept(f"<div><h1>市政协召开协商会</h1><p>{P1}</p><p>立案285件。</p>{beside}</div>")
    assert found == ["市政协召开协商会", P1, "立案285件。"]


COMMENTS = "".join(f"<div class=item><b>网友{i}</b><p>说得很实在，我们小区前年也改造过，希望以后多听听老人的意见，多装几部电梯，谢谢。</p></div>" for i in range(9))  # fmt: skip
SECOND = "".join(f"<p>另一个城市的代表在会上介绍了经验，今年投入资金{i}000万元用于改造，惠及群众{i}万人次，效果很好。</p>" for i in range(1, 9))  # fmt: skip


@pytest.mark.parametrize(
    "after",
    [
        f"<div class='comments'>{COMMENTS}</div>",
        f"<div><h3>网友评论（9）</h3>{COMMENTS}</div>",
        f"<section class='related'><h3>相关推荐</h3>{SECOND}</section>",
        f"<div><h4>热点排行</h4>{SECOND}</div>",
        f"<aside>{SECOND}</aside>",
        f"<div style='display:none'>{SECOND}</div>",
        f"<div><p>版权声明：凡本网注明来源的作品，版权均属本网所有，未经授权不得转载。</p>{FOOTER}</div>",
    ],
    ids=["named", "headed", "related", "ranking", "aside", "hidden", "copyright"],
)
def test_what_follows_an_article_is_no_part_of_it_even_if_it_is_longer(after: str) -> None:
    head = "<title>市政协召开专题协商会</title>"
    assert kept(around(f"<div><h1>市政协召开专题协商会</h1>{paragraphs()}</div>{after}"), head)[1:] == TEXT


REPLIES = "<br>".join(
    f"{i}楼 网友{i}<br>说得很实在，我们小区前年也改造过，希望以后多听听老人的意见。" for i in range(1, 4)
)
LINKS = "<br>".join(f"<a href=/{i}>市政协开展提案督办调研活动之{i}</a>" for i in range(5))


@pytest.mark.parametrize("heading", ["特别提示：", "郑重声明", "回复：", "特别说明", "热点"])
@pytest.mark.parametrize("parts", ["{}<br>", "<p>{}</p>", "<h3>{}</h3>"], ids=["br", "p", "h3"])
def test_a_heading_with_text_below_it_ends_no_article(heading: str, parts: str) -> None:
    below = ["您好！截止时间为3月5日。", "共征集建议120条，涉及居民328户。", "欢迎参加。"]
    body = "".join(parts.format(text) for text in [P1, P2, heading, *below])
    assert kept(around(f"<div class='TRS_Editor'>{body}</div>")) == [P1, P2, heading, *below]


@pytest.mark.parametrize(
    ("heading", "below"),
    [
        ("相关阅读", f"{P3}"),
        ("上一篇：协商在一线", f"{P3}"),
        ("网友评论", f"{P3}"),
        ("回复（3）", f"{P3}"),
        ("回复", REPLIES),
        ("热点", LINKS),
        ("郑重声明", "凡本网注明来源的作品，版权均属本网所有，未经授权不得转载。"),
    ],
)
def test_a_heading_of_what_follows_ends_the_article(heading: str, below: str) -> None:
    assert kept(around(f"<div class='TRS_Editor'>{P1}<br>{P2}<br>{heading}<br>{below}</div>")) == [P1, P2]


def test_a_disclaimer_in_the_container_of_a_short_article_costs_it_nothing() -> None:
    disclaimer = (
        "<p>特别声明</p><p>以上内容不代表本站观点和立场，著作权归作者所有，未经授权不得转载，侵权请联系我们。</p>"
    )
    assert kept(around(f"<div class='TRS_Editor'><p>{P1}</p>{disclaimer}</div>")) == [P1]
    with pytest.raises(PageRejected):
        read(around(f"<div class='TRS_Editor'>{disclaimer}</div>"))


def test_a_second_article_under_a_headline_of_its_own_is_cut_off() -> None:
    body = f"<div><h1 class='tit'>市政协召开会议</h1>{paragraphs()}<h1 class='tit'>他市经验</h1>{SECOND}</div>"
    assert kept(around(body), "<title>市政协召开会议</title>")[1:] == TEXT


DAY = "<p>2024-01-06　来源：本网</p>"


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>市政协召开会议</h1>{paragraphs()}</article><article><h1>他市经验</h1>{SECOND}</article>",
        f"<div class=n><h2>市政协召开会议</h2>{paragraphs()}</div><div class=n><h2>他市经验</h2>{SECOND}</div>",
        f"<div class=n><div><h2>市政协召开会议</h2></div>{paragraphs()}</div><div class=n><div><h2>他市经验</h2></div>{SECOND}</div>",
        f"<div><h3>市政协召开会议</h3>{DAY}{paragraphs()}<h3>他市经验</h3>{DAY}{SECOND}</div>",
    ],
    ids=["articles", "divs", "wrapped", "byline"],
)
@pytest.mark.parametrize("head", ["<title>市政协召开会议</title>", ""], ids=["stated", "not stated"])
def test_a_second_article_is_known_by_its_element_or_its_byline(body: str, head: str) -> None:
    found = read(around(f"<div>{body}</div>"), head)
    assert [p.text for p in found.paragraphs if p.label == "body"] == TEXT


@pytest.mark.parametrize(
    ("before", "between", "behind"),
    [
        ("<h2 class=t>{}</h2>", "<h2 class=t>{}</h2>", ""),
        ("<h1 class=t>{}</h1>", "<h1 class=t>{}</h1>", ""),
        ("<div class=t><h2>{}</h2></div>", "<div class=t><h2>{}</h2></div>", ""),
        ("<section><h2>{}</h2>", "</section><section><h2>{}</h2>", "</section>"),
        ("<div><h2>{}</h2>", "</div><div><h2>{}</h2>", "</div>"),
        ("<article><h1>{}</h1>", "<h1>{}</h1>", "</article>"),
    ],
    ids=["h2", "h1", "wrapped", "sections", "divs", "article"],
)
@pytest.mark.parametrize(
    "headings", [("一、提案工作", "二、下一步"), ("提案工作", "协商议政")], ids=["marked", "plain"]
)
def test_sections_that_look_like_the_headline_are_text(
    before: str, between: str, behind: str, headings: tuple[str, str]
) -> None:
    one, two = (between.format(heading) for heading in headings)
    body = f"<div>{before.format('市政协召开会议')}<p>{P1}</p>{one}<p>{P2}</p>{two}<p>{P3}</p>{behind}</div>"
    found = kept(around(body), "<title>市政协召开会议</title>")
    assert found == ["市政协召开会议", P1, headings[0], P2, headings[1], P3]


@pytest.mark.parametrize(
    "body",
    [
        f"<ul>{MENU}</ul><ul>{NEWS}</ul>{FOOTER}",
        "<div>" + "".join(f"<div class=card><h3><a href=/{i}>市政协召开提案办理协商会议</a></h3><p>{P1}</p></div>" for i in range(8)) + "</div>",
        "<table>" + "".join(f"<tr><td><a href=/{i}>某市政协第{i}次常委会会议召开</a></td><td>2024-01-{i}</td></tr>" for i in range(10, 30)) + "</table>",
        "",
    ],
    ids=["home", "cards", "table", "empty"],
)  # fmt: skip
def test_lists_of_links_hold_no_article(body: str) -> None:
    assert find_article(read_html(f"<html><body>{body}</body></html>")).blocks == []
    if body:
        with pytest.raises(PageRejected) as rejected:
            read(body)
        assert rejected.value.rule == "no_article"


def test_every_block_is_a_line_with_a_label_and_a_rule() -> None:
    page = read(around(f"<div>{paragraphs()}</div>"), "<title>题</title>")
    assert [line.raw for line in page.lines[1:]] == blocks(around(f"<div>{paragraphs()}</div>"))
    assert all(line.label and line.rule for line in page.lines)


# Headline and day


@pytest.mark.parametrize(
    ("head", "above", "headline"),
    [
        ("<title>市政协召开专题协商会-某市政协网</title>", "<h1>市政协召开专题协商会</h1>", "市政协召开专题协商会"),
        ("<title>市政协召开专题协商会_某某新闻网</title>", "", "市政协召开专题协商会"),
        ("<title>某市政协</title>", "<h1>市政协召开专题协商会</h1>", "市政协召开专题协商会"),
        ("<title>某市政协网</title>", "<div class=title>市政协召开专题协商会</div>", "市政协召开专题协商会"),
        ("<title>欢迎访问</title>", "<table><tr><td>市政协召开专题协商会</td></tr><tr><td>2024-01-05　来源：本网</td></tr></table>", "市政协召开专题协商会"),
        ("", "<table><tr><td>标　题：</td><td>市政协召开专题协商会</td></tr></table>", "市政协召开专题协商会"),
        ("<meta name=ArticleTitle content=市政协召开专题协商会><title>某市政协网</title>", "<div>市政协召开专题协商会</div>", "市政协召开专题协商会"),
        ("<title>协商为民办实事聚力同心谱新篇</title>", "<h2>协商为民办实事<br>聚力同心谱新篇</h2>", "协商为民办实事聚力同心谱新篇"),
        ("<title>协商为民——市政协履职综述</title>", "<h1>协商为民</h1><h2>——市政协履职综述</h2>", "协商为民 ——市政协履职综述"),
    ],
    ids=["h1", "head only", "h1 only", "class", "table", "field", "meta", "two lines", "sub-headline"],
)  # fmt: skip
def test_the_headline_is_found(head: str, above: str, headline: str) -> None:
    page = read(around(f"<div>{above}<div class='TRS_Editor'>{paragraphs()}</div></div>"), head)
    assert page.headline == headline


@pytest.mark.parametrize(
    ("head", "above", "below"),
    [
        ("<meta name=PubDate content='2024-01-05 09:30'>", "", ""),
        ("<meta property='article:published_time' content='2024-01-05T09:30:00+08:00'>", "<p>时间：2023-12-01</p>", ""),
        ("", "<p>发布日期：2024年1月5日　浏览：33次</p>", ""),
        ("", "<p>2024/1/5 09:30 来源：本报</p>", "<p>2023-02-02</p>"),
        ("", "", "<p>发布时间：2024.01.05</p>"),
        ("", "<table><tr><td>成文日期：</td><td>2023年12月20日</td></tr><tr><td>发布日期：</td><td>2024年1月5日</td></tr></table>", ""),
        ('<script type="application/ld+json">{"datePublished": "2024-01-05T08:00:00"}</script>', "", ""),
        ('<link rel=canonical href="http://www.example.cn/2024-01/05/c_1.htm">', "", ""),
        ("", "<p>今天是2025年3月3日</p><p>来源：某网 1/5/2024 9:23:57 AM</p>", ""),
    ],
    ids=["meta", "property", "field", "credits", "below", "table", "script", "address", "american"],
)  # fmt: skip
def test_the_day_of_publication_is_found(head: str, above: str, below: str) -> None:
    body = f"<h1>市政协召开专题协商会</h1>{above}<div class='TRS_Editor'>{paragraphs()}</div>{below}"
    assert read(around(f"<div>{body}</div>"), head).published == "2024-01-05"


def test_a_day_that_is_none_is_no_day() -> None:
    assert first_day("2024-13-01") == ""
    assert first_day("2024-02-30 2024-03-01") == "2024-03-01"
    assert first_day("电话 2024-010-12345") == ""


def test_headline_and_day_of_the_head_reach_the_report() -> None:
    from flows.extract import extract

    head = "<title>政协武汉市委员会2023年工作综述-某新闻网</title><meta name=PubDate content='2024-01-05'>"
    fields = extract(read(around(f"<div class='TRS_Editor'>{paragraphs()}</div>"), head)).fields
    assert fields.title == "政协武汉市委员会2023年工作综述"
    assert str(fields.published_at) == "2024-01-05"
