"""Headline and day of publication of a web page: what its head says, held against the blocks around the article."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from flows.clean.html import Block, HtmlPage
from flows.clean.lines import squeeze

# What sites put between the headline and their own name in the title element.
SEPARATOR = re.compile(r"\s*(?:[_|丨｜]+|\s[-–—]+\s?|[-–—]+\s|--+|——+|<|>|»|›|-(?=[^-]{2,16}$))\s*")
SUB = re.compile(r"\s*[-—–―]{1,3}\s*\S")
DASHED = re.compile(r"\s*(?:[—―–]{1,3}|--)\s*\w")
TITLE_FACTS = ("articletitle", "og:title", "twitter:title", "title", "dc.title", "headline")
DATE_FACTS = (
    "pubdate", "publishdate", "article:published_time", "og:published_time", "bytedance:published_time", "datepublished", "publish_time",
    "publishtime", "pubtime", "og:release_date", "weibo:article:create_at", "dc.date", "dcterms.created", "firstpublishedtime",
    "article:published", "_pubtime", "sailthru.date", "date", "parsely-pub-date", "publication_date",
)  # fmt: skip
SITE_FACTS = ("sitename", "og:site_name", "application-name")
SCRIPTED_DATE = re.compile(
    r'["\'](?:datePublished|pubDate|publish_?[tT]ime|pubtime|ptime|create_?[tT]ime|release_?[dD]ate)["\']\s*:\s*["\']?\s*(20\d\d-\d\d?-\d\d?)'
)
DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})(?!\d)")
AMERICAN_DAY = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(20\d\d)(?!\d)")
ADDRESS_DAY = re.compile(r"/(20\d\d)[-/]?(\d\d)[-/]?(\d\d)/|/t(20\d\d)(\d\d)(\d\d)_")
DATED = re.compile(r"发布|时间|日期|来源|发表|更新|作者|记者|\d{1,2}[:：]\d{2}")
NOT_PUBLISHED = re.compile(r"今天是|欢迎|归档|存档|成文|印发|有效期|截止|实施")
# How the name of a site ends; a title that is no longer than this says nothing else.
SITE_NAME = re.compile(
    r"(?:网|网站|报|数字报|电子报|电子版|数字版|门户|频道|论坛|政府|委员会|局|厅|在线|客户端|平台|首页|主页|欢迎您?|访问.*)$"
)
NAVIGATION = re.compile(r">|»|首页|上一|下一|放大|缩小|打印|版\s|\d版|^第|PDF|^.{1,8}[:：]$|登录|\|")
PROSE = re.compile(r"[。！？；]\s*$|.{40}", re.S)
ABOVE = 8  # blocks above the first prose among which a headline is looked for that nothing states
TITLE_FIELDS = frozenset(("标题", "名称", "信息名称", "文件名称", "公文标题"))
TITLE_NAME = re.compile(r"tit|headline|\bbt\d?\b|\bzt\b|\bh1\b|topic|subject|biaoti")
FIELD = re.compile(
    r"^(?:来源|作者|发布|时间|日期|责任|编辑|字号|浏览|点击|当前位置|您的位置|首页|文号|索引号|发文|实施|上网|公布|成文|主题|公开)|^\W*(?:19|20)\d\d\W"
)
BEFORE = 60  # blocks above the article among which the headline is looked for
NEAR = 12  # blocks around the article that may hold its date and credits


@dataclass
class Headline:
    """The headline as text, and the blocks that it stands in; no block where only the head of the page has it.

    Attributes:
        text: in one line; a sub-headline after ` ——` where the head of the page states it, too.
        blocks: of the headline itself.
        sub: of the sub-headline.
    """

    text: str = ""
    blocks: tuple[int, ...] = ()
    sub: tuple[int, ...] = ()


def _headline(page: HtmlPage, start: int, count: int) -> Headline:
    """The headline that stands in blocks one behind the other."""
    blocks = range(start, start + count)
    at = next((i for i in blocks[1:] if SUB.match(page.blocks[i].text)), start + count)
    text = "".join(page.blocks[i].text for i in range(start, at))
    sub = "".join(page.blocks[i].text for i in range(at, start + count)).lstrip("-—–― ")
    return Headline(f"{text} ——{sub}" if sub else text, tuple(range(start, at)), tuple(range(at, start + count)))


def find_headline(page: HtmlPage, article: list[int]) -> Headline:
    """The headline of a page.

    Args:
        page: the page.
        article: blocks of its article in order; may be empty.
    """
    names = [name for key in TITLE_FACTS if not is_site_name(name := page.facts.get(key, ""))]
    stated = [squeeze(name) for name in (page.title, *names) if not is_site_name(name)]
    first = article[0] if article else len(page.blocks)
    best, found = 2.0, Headline()
    squeezed: dict[int, str] = {}
    for i in range(max(0, first - BEFORE), min(len(page.blocks), first + 6)):
        block = page.blocks[i]
        if i > first and len(block.text) > 90:
            break
        for count in (1, 2, 3):
            score = _score(page, i, count, first, stated, squeezed)
            if score > best:
                best, found = score, _headline(page, i, count)
            if score == 0:
                break
    if found.text:
        return _with_sub(page, found)
    return Headline(_from_head(page, names)) if stated else _above(page, article)


def _with_sub(page: HtmlPage, found: Headline) -> Headline:
    """The headline with the sub-headline right below it, which the head of a page seldom states."""
    below = found.blocks[-1] + 1
    if found.sub or below >= len(page.blocks):
        return found
    block = page.blocks[below]
    sub = block.text.strip()
    if not DASHED.match(sub) or not 6 <= len(sub) <= 60 or block.linked or sub.endswith(("。", "；")):
        return found
    return Headline(found.text, found.blocks, (below,))


def is_site_name(title: str) -> bool:
    """Whether a title is empty or names the site only, as on many old pages."""
    squeezed = squeeze(title)
    if len(squeezed) < 2:
        return True
    return len(squeezed) <= 24 and not SEPARATOR.search(title.strip()) and SITE_NAME.search(squeezed) is not None


def _above(page: HtmlPage, article: list[int]) -> Headline:
    """The headline of a page whose head does not state it: the top of the short blocks above the first prose."""
    first = article[0] if article else 0
    prose = next((i for i in article if PROSE.search(page.blocks[i].text)), first + ABOVE)
    found: list[int] = []
    for i in range(min(prose, first + ABOVE, len(page.blocks)) - 1, max(-1, first - 1 - ABOVE), -1):
        block = page.blocks[i]
        text = block.text.strip()
        if NAVIGATION.search(text) and i < first:
            break
        if block.linked:
            continue
        if FIELD.search(text) or DATED.search(text) or DAY.search(text):
            if found and i < first:
                break
            continue
        if len(text) <= 60 and not is_site_name(text) and not text.endswith(("。", "；", "，", "：")):
            found.append(i)
    if not found:
        return Headline()
    named = [i for i in found if page.blocks[i].level or TITLE_NAME.search(page.elements[page.blocks[i].element].name)]
    start = max(named, default=min((i for i in found if i >= first), default=min(found)))
    alike = [i for i in found if _alike(page, i, start)]
    while named and start - 1 in alike:
        start -= 1
    return _headline(page, start, 2 if start + 1 in alike else 1)


def _alike(page: HtmlPage, i: int, j: int) -> bool:
    """Whether two blocks stand in elements of one tag and name."""
    one, other = page.elements[page.blocks[i].element], page.elements[page.blocks[j].element]
    return (one.tag, one.name) == (other.tag, other.name)


def _score(page: HtmlPage, i: int, count: int, first: int, stated: list[str], known: dict[int, str]) -> float:
    """How much blocks look like the headline; 0 where they cannot be. What was squeezed is kept in `known`."""
    blocks = page.blocks[i : i + count]
    if len(blocks) < count or len(blocks[-1].text) > 100:
        return 0.0
    for at in range(i, i + count):
        if at not in known:
            known[at] = squeeze(page.blocks[at].text)
    squeezed = "".join(known[at] for at in range(i, i + count))
    if not 4 <= len(squeezed) <= 90 or FIELD.search(blocks[0].text):
        return 0.0
    score = max((_likeness(squeezed, name) for name in stated), default=0.0)
    if count > 1 and not score:
        return 0.0
    element = page.elements[blocks[0].element]
    above = page.elements[element.parent].name if element.parent >= 0 else ""
    score += {1: 3.0, 2: 2.0, 3: 1.5}.get(blocks[0].level, 0.0)
    score += 3.0 if i and squeeze(page.blocks[i - 1].text) in TITLE_FIELDS else 0.0
    score += 1.5 if TITLE_NAME.search(element.name) else 0.7 if TITLE_NAME.search(above) else 0.0
    score -= 3.0 if any(block.linked > 0.5 * len(block.text) for block in blocks) else 0.0
    return score - 0.05 * abs(first - i)


def _likeness(squeezed: str, name: str) -> float:
    """How much of a title stated in the head is this text, up to 6."""
    if squeezed == name:
        return 6.0
    if squeezed in name:
        return (5.0 if name.startswith(squeezed) else 3.5) * min(1.0, len(squeezed) / max(8.0, 0.5 * len(name)))
    if name in squeezed and len(name) >= 8:
        return 4.0 * len(name) / len(squeezed)
    return 0.0


def _from_head(page: HtmlPage, names: list[str]) -> str:
    """The title that the head states, without the name of the site."""
    sites = [squeeze(page.facts[name]) for name in SITE_FACTS if name in page.facts]
    for name in (*names, page.title):
        parts = [part for part in SEPARATOR.split(name) if part.strip() and squeeze(part) not in sites]
        if parts:
            return parts[0].strip() if len(parts[0]) >= 6 else max(parts, key=len).strip()
    return ""


def find_date(page: HtmlPage, article: list[int], headline: Headline, markup: str) -> str:
    """Day of publication as YYYY-MM-DD, or nothing.

    Args:
        page: the page.
        article: blocks of its article in order; may be empty.
        headline: its headline.
        markup: the decoded page, for dates that only a script states.
    """
    for name in DATE_FACTS:
        if day := first_day(page.facts.get(name, "")):
            return day
    if day := _near(page.blocks, article, headline):
        return day
    if match := SCRIPTED_DATE.search(markup):
        return first_day(match.group(1))
    if match := ADDRESS_DAY.search(page.facts.get("canonical", "") + page.facts.get("og:url", "")):
        return first_day("-".join(group for group in match.groups() if group))
    return ""


def _near(blocks: list[Block], article: list[int], headline: Headline) -> str:
    """The date that stands nearest: under the headline, above it, behind the article."""
    if not blocks:
        return ""
    first, last = (article[0], article[-1]) if article else (0, 0)
    start = headline.blocks[0] if headline.blocks else max(0, first - NEAR)
    zones = (
        range(start, min(len(blocks), max(first, start) + 4)),
        range(max(0, start - NEAR), start),
        range(last + 1, min(len(blocks), last + 1 + NEAR)),
        range(max(0, last - 3), last + 1),
    )
    for dated in (True, False):
        for zone in zones if dated else (*zones[:3], range(start)):
            for i in zone:
                text = blocks[i].text
                if i and blocks[i - 1].text.rstrip().endswith((":", "：")):  # a table of fields: name and value
                    text = blocks[i - 1].text + text
                if len(text) > 160 or (dated and not DATED.search(text)) or NOT_PUBLISHED.search(text):
                    continue
                if day := first_day(text):
                    return day
    return ""


def first_day(text: str) -> str:
    """The first day that a text states, as YYYY-MM-DD, or nothing."""
    found = [match.groups() for match in DAY.finditer(text)]
    found += [(year, month, day) for month, day, year in AMERICAN_DAY.findall(text)]
    for groups in found:
        try:
            return dt.date(*map(int, groups)).isoformat()
        except ValueError:
            continue
    return ""
