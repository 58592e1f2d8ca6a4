"""Source files: what is valid, what is said of what is not; how each kind finds links."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.read.kinds import Link, Listed, choose, find_links
from flows.read.kinds.html import day_of
from flows.read.kinds.warc import question
from flows.read.warc import responses
from schemas.errors import SourceFileError, UsageError
from schemas.sources import Source, load_sources, parse_source, pick
from tests.conftest import ROOT

TODAY = dt.date(2024, 1, 20)
SHIPPED = ROOT / "seeds" / "sources"


def source(**settings: Any) -> Source:
    return parse_source({"addresses": ["http://a.example/"]} | settings, Path("a.toml"))


def links(of: Source, pages: dict[str, str | bytes], asked: list[str] | None = None) -> list[Link]:
    """Links that a source finds on pages, by address; `asked` gets the addresses looked at."""

    def look(address: str) -> Listed | None:
        if asked is not None:
            asked.append(address)
        found = pages.get(address)
        if found is None:
            return None
        return Listed(address, found.encode() if isinstance(found, str) else found, "text/html")

    return list(find_links(of, look, TODAY))


def test_the_shipped_sources_are_valid_one_for_each_kind_and_disabled_where_they_have_addresses() -> None:
    shipped = load_sources(SHIPPED)
    assert {s.kind for s in shipped.values()} == {"page", "index", "epaper", "feed", "sitemap", "folder", "warc"}
    assert {s.epaper.family for s in shipped.values() if s.epaper} == {"node", "layout"}
    assert [name for name, s in shipped.items() if s.enabled and s.allowed_hosts] == []
    assert any(s.enabled for s in shipped.values())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kind": "indx"}, "kind"),
        ({"kind": "index", "enbled": True}, "enbled: there is no such setting"),
        ({"kind": "index", "addresses": ["ftp://a.example/"]}, "'ftp://a.example/' is no address"),
        ({"kind": "index", "addresses": ["http://user:secret@a.example/"]}, "must hold no password"),
        ({"kind": "index", "schedule": "61 * * * *"}, "'61 * * * *' is no cron schedule"),
        ({"kind": "index", "places": ["999999"]}, "'999999' is no GB/T 2260 code"),
        ({"kind": "index", "find": {"titles": ["(报告"]}}, "find.titles.0: '(报告' is no pattern"),
        ({"kind": "index", "find": {"since": dt.date(2024, 1, 1), "until": dt.date(2023, 1, 1)}}, "exchange them"),
        ({"kind": "index", "listing": {"items": "li["}}, "'li[' is no CSS selector"),
        ({"kind": "index", "listing": {"pages": "index.html"}}, "has no {n}"),
        ({"kind": "epaper", "addresses": []}, "needs `epaper`"),
        ({"kind": "epaper", "epaper": {"family": "x", "front": "http://a.example/{date:%Y%m%d}/"}}, "family 'x'"),
        ({"kind": "epaper", "epaper": {"family": "node", "front": "http://a.example/{date:%Y}/"}}, "on different days"),
        ({"kind": "folder", "addresses": []}, "needs `path`"),
        ({"kind": "index", "path": "x"}, "`path` is for another kind"),
        ({"kind": "warc", "warc": {"cdx": "http://a.example/cdx"}}, "needs `host`"),
        ({"kind": "index", "politeness": {"private": ["10.0.0.1/8"]}}, "is no network"),
        ({"kind": "index", "expect": {"minimum": 5, "maximum": 2}}, "minimum 5 is above maximum 2"),
        ({"kind": "index", "name": "b"}, "is not that of the file"),
    ],
)
def test_what_is_wrong_in_a_source_file_is_named_with_its_place(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceFileError) as error:
        parse_source({"addresses": ["http://a.example/"]} | settings, Path("a.toml"))
    assert str(error.value).startswith("a.toml: ")
    assert said in str(error.value)


def test_all_that_is_wrong_is_named_at_once_and_files_that_are_no_toml_too(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match=r"kind.*; .*enbled"):
        parse_source({"kind": "indx", "enbled": 1}, Path("a.toml"))
    (tmp_path / "a.toml").write_text("kind = ", encoding="utf-8")
    with pytest.raises(SourceFileError, match="no TOML"):
        load_sources(tmp_path)
    with pytest.raises(UsageError, match="lvzhi sources"):
        pick({}, ["nowhere"])


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("政协武汉市第十四届委员会常务委员会工作报告", ""),
        ("政协武漢市委員會常務委員會工作報告(摘要)", ""),
        ("关于政协绍兴市八届五次会议以来提案工作情况的报告", ""),
        ("市政协常委会 工作报告", ""),
        ("2023年武汉市政府工作报告", "title"),
        ("武汉市人大常委会工作报告", "title of another kind"),
        ("委员热议政协常委会工作报告", "title of another kind"),
        ("市政协召开主席会议", "title"),
        ("", "no title"),
    ],
)
def test_titles_choose(title: str, rule: str) -> None:
    assert choose(Link("http://a.example/1.html", title, None, "index"), source(kind="index")) == rule


@pytest.mark.parametrize(
    ("address", "day", "find", "rule"),
    [
        ("http://b.example/1.html", None, {}, "other host"),
        ("javascript:void(0)", None, {}, "scheme"),
        ("mailto:a@a.example", None, {}, "scheme"),
        ("http://a.example/1.html", dt.date(2019, 1, 2), {"since": dt.date(2020, 1, 1)}, "before since"),
        ("http://a.example/1.html", dt.date(2021, 1, 2), {"until": dt.date(2020, 1, 1)}, "after until"),
        ("http://a.example/1.html", dt.date(2021, 7, 2), {"months": [1, 2]}, "month"),
        ("http://a.example/1.html", dt.date(2021, 2, 2), {"months": [1, 2]}, ""),
        ("http://a.example/1.html", None, {"addresses": [r"/art/\d+"]}, "address"),
        ("http://a.example/art/12", None, {"addresses": [r"/art/\d+"]}, ""),
    ],
)
def test_addresses_and_days_choose(address: str, day: dt.date | None, find: dict[str, Any], rule: str) -> None:
    assert choose(Link(address, "政协常委会工作报告", day, "index"), source(kind="index", find=find)) == rule


@pytest.mark.parametrize(
    ("text", "address", "day"),
    [
        ("[2024-01-15]", "", dt.date(2024, 1, 15)),
        ("2024年1月5日 来源", "", dt.date(2024, 1, 5)),
        ("2024/13/45", "http://a.example/2023/02/03/x.html", dt.date(2023, 2, 3)),
        ("", "http://a.example/202401/t20240117_1234.html", dt.date(2024, 1, 17)),
        ("", "http://a.example/html/2024-01/17/content_5.htm", dt.date(2024, 1, 17)),
        ("", "http://a.example/art/12345678.html", None),
    ],
)
def test_days_beside_links_and_in_addresses(text: str, address: str, day: dt.date | None) -> None:
    assert day_of(text, address) == day


def test_list_pages_lead_on_until_they_are_too_old() -> None:
    def listed(*rows: tuple[str, str, str]) -> str:
        items = "".join(f'<li><a href="{a}" title="{t}">{t[:4]}…</a><span>{d}</span></li>' for a, t, d in rows)
        return f"<html><body><ul class='list'>{items}</ul><a class='next' href='2.html'>下一页</a></body></html>"

    pages: dict[str, str | bytes] = {
        "http://a.example/": listed(("x/1.html", "政协工作报告甲", "2024-01-15"), ("x/2.html", "通知", "2024-01-10")),
        "http://a.example/2.html": listed(("x/3.html", "政协工作报告乙", "2019-01-15")),
        "http://a.example/3.html": listed(("x/4.html", "政协工作报告丙", "2018-01-15")),
    }
    asked: list[str] = []
    settings = {"items": "ul.list li", "date": "span"}
    by_selector = source(kind="index", listing=settings | {"next": "a.next"}, find={"since": dt.date(2020, 1, 1)})
    found = links(by_selector, pages, asked)
    assert next((link.title, link.date) for link in found) == ("政协工作报告甲", dt.date(2024, 1, 15))
    assert [link.address for link in found] == [f"http://a.example/x/{n}.html" for n in (1, 2, 3)]
    assert asked == ["http://a.example/", "http://a.example/2.html"]  # the second is too old: no third
    asked.clear()
    by_number = source(kind="index", listing=settings | {"pages": "{n}.html", "first": 2})
    assert len(links(by_number, pages, asked)) == 4
    assert asked == [f"http://a.example/{p}" for p in ("", "2.html", "3.html", "4.html")]


def test_a_list_page_that_repeats_itself_ends_the_paging() -> None:
    body = "<ul><li><a href='1.html'>政协工作报告</a></li></ul>"
    asked: list[str] = []
    pages: dict[str, str | bytes] = {f"http://a.example/{n}": body for n in ["", *map(str, range(1, 50))]}
    assert len(links(source(kind="index", listing={"pages": "{n}"}), pages, asked)) == 1
    assert len(asked) == 2


def test_feeds_of_both_kinds() -> None:
    rss = """<?xml version="1.0" encoding="GB2312"?><rss version="2.0"><channel><link>http://a.example</link>
        <item><title><![CDATA[市政协工作报告]]></title><link>http://a.example/1.html</link>
        <pubDate>Mon, 15 Jan 2024 08:00:00 +0800</pubDate></item></channel></rss>""".encode("gb2312")
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="/self"/><entry><title>市政协工作报告</title>
        <link rel="edit" href="/edit/2"/><link href="/2.html"/><updated>2024-01-16T00:00:00Z</updated></entry></feed>"""
    both = source(kind="feed", addresses=["http://a.example/rss", "http://a.example/atom", "http://a.example/gone"])
    found = links(both, {"http://a.example/rss": rss, "http://a.example/atom": atom})
    assert [(link.address, link.title, link.date) for link in found] == [
        ("http://a.example/1.html", "市政协工作报告", dt.date(2024, 1, 15)),
        ("http://a.example/2.html", "市政协工作报告", dt.date(2024, 1, 16)),
    ]


def test_a_feed_reads_no_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("http://a.example/secret", encoding="utf-8")
    feed = f"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>
        <rss><channel><item><title>t</title><link>&x;</link></item></channel></rss>"""
    of = source(kind="feed")
    assert [link for link in links(of, {"http://a.example/": feed}) if "secret" in link.address] == []


def test_sitemaps_within_sitemaps_plain_and_packed() -> None:
    index = """<sitemapindex><sitemap><loc>http://a.example/new.xml.gz</loc><lastmod>2024-01-10</lastmod></sitemap>
        <sitemap><loc>http://a.example/old.xml</loc><lastmod>2012-01-10</lastmod></sitemap></sitemapindex>"""
    inner = gzip.compress(
        b"<urlset><url><loc>http://a.example/c/2024-01-15/7.shtml</loc><lastmod>2024-03-01</lastmod></url></urlset>"
    )
    asked: list[str] = []
    of = source(kind="sitemap", find={"since": dt.date(2020, 1, 1), "untitled": True})
    (found,) = links(of, {"http://a.example/": index, "http://a.example/new.xml.gz": inner}, asked)
    assert (found.address, found.date) == ("http://a.example/c/2024-01-15/7.shtml", dt.date(2024, 1, 15))
    assert asked == ["http://a.example/", "http://a.example/new.xml.gz"]
    assert choose(found, of) == ""


@pytest.mark.parametrize(
    ("family", "front", "layout", "article", "pdf"),
    [
        (
            "node",
            "html/{date:%Y-%m}/{date:%d}/node_1.htm",
            "node_{n}.htm",
            "content_{n}.htm?div=-1",
            "../../../page/1.pdf",
        ),
        (
            "layout",
            "pc/layout/{date:%Y%m}/{date:%d}/node_01.html",
            "node_0{n}.html",
            "../../../content/202401/20/content_{n}.html",
            "../../../attachment/1.pdf",
        ),
    ],
)
def test_newspapers_by_day(family: str, front: str, layout: str, article: str, pdf: str) -> None:
    address = f"http://a.example/{front}"
    paper = {"family": family, "front": address, "days": 2, "pdf": True}
    of = source(kind="epaper", addresses=[], epaper=paper)
    first = address.format(date=TODAY)
    body = (
        f"<map><area href='{article.format(n=11)}' alt=''/></map><a href='{layout.format(n=1)}'>01版</a>"
        f"<a href='{layout.format(n=2)}'>02版</a><a href='http://a.example/other/node_9.htm'>往期</a>"
        f"<a href='{article.format(n=11)}'>市政协常委会工作报告</a><a href='{article.format(n=12)}'>天气</a><a href='{pdf}'>PDF</a>"
    )
    second = f"<a href='{article.format(n=13)}'>广告</a><a href='{pdf}'>PDF</a><a href='{layout.format(n=1)}'>01版</a>"
    asked: list[str] = []
    second_address = first.rpartition("/")[0] + "/" + layout.format(n=2)
    found = links(of, {first: body, second_address: second}, asked)
    yesterday = address.format(date=TODAY - dt.timedelta(days=1))
    assert asked == [first, second_address, yesterday]
    assert [(link.title, choose(link, of)) for link in found] == [
        ("市政协常委会工作报告", ""),
        ("天气", "title"),
        (None, ""),  # the PDF of the page with the report
        ("广告", "title"),
    ]
    assert found[2].address.endswith(".pdf")
    assert {link.date for link in found} == {TODAY}


def test_days_that_cannot_be_chosen_are_not_asked_for() -> None:
    paper = {"family": "node", "front": "http://a.example/{date:%Y-%m/%d}/node_1.htm", "days": 400}
    find = {"months": [1], "since": dt.date(2023, 12, 1), "until": dt.date(2024, 1, 18)}
    asked: list[str] = []
    links(source(kind="epaper", addresses=[], epaper=paper, find=find), {}, asked)
    assert len(asked) == 18
    assert asked[0] == "http://a.example/2024-01/18/node_1.htm"


def test_records_are_looked_up_by_host_and_day() -> None:
    of = source(
        kind="warc",
        addresses=[],
        warc={
            "cdx": "http://a.example/CC-index",
            "host": "www.x.example",
            "records": "http://data.example/",
            "since": dt.date(2024, 1, 1),
        },
        find={"addresses": [r"\.html$"], "untitled": True},
    )
    assert of.warc is not None
    asked = question(of.warc)
    assert asked == "http://a.example/CC-index?url=www.x.example%2F%2A&output=json&filter=%3Dstatus%3A200&from=20240101"
    row = '{{"url": "http://www.x.example/{}", "timestamp": "{}", "mime": "{}", "status": "200", "filename": "c/1.warc.gz", "offset": "{}", "length": "9"}}'
    lines = [
        row.format("1.html", "20240105000000", "text/html", 10),
        row.format("1.html", "20240205000000", "text/html", 20),
        row.format("1.png", "20240205000000", "image/png", 30),
        "no JSON",
        '{"url": "http://www.x.example/2.html"}',
    ]
    (link,) = links(of, {asked: "\n".join(lines)})
    assert (link.address, link.record, link.page_address) == (
        "http://data.example/c/1.warc.gz",
        (20, 9),
        "http://www.x.example/1.html",
    )
    assert choose(link, of) == ""


def test_pages_of_a_warc_file_and_of_what_is_none() -> None:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    for code, media in (("200 OK", "text/html"), ("404 Not Found", "text/html"), ("200 OK", "image/png")):
        headers = StatusAndHeaders(code, [("Content-Type", media), ("ETag", '"x"')], protocol="HTTP/1.1")
        address = "http://www.x.example/1.html"
        writer.write_record(writer.create_warc_record(address, "response", io.BytesIO(b"page"), http_headers=headers))
    (found,) = responses(file.getvalue(), 100)
    assert (found.address, found.data, found.etag) == ("http://www.x.example/1.html", b"page", '"x"')
    with pytest.raises(ValueError, match="no record"):
        list(responses(b"not a WARC file at all", 100))
