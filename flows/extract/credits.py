"""What the lines around a report say of its publication: day, day of archiving, paper or site."""

from __future__ import annotations

import datetime as dt
import re

from flows.clean.lines import Line

DATE = re.compile(r"((?:19|20)\d\d)\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})")
TODAY = re.compile(r"今天是|欢迎")
ARCHIVED = re.compile(r"归档|存档|收录|快照")
SOURCE = re.compile(r"(?:来源|稿源|转自)\s*[::]\s*([^\s|,()\[\]【】-]{2,24}(?:\s?[A-Za-z]{0,12})?)")
MASTHEAD = re.compile(
    r"([\u4e00-\u9fff]{2,10}(?:日报|晚报|晨报|早报|时报|都市报|商报|政协报|新闻网|政协网|网))\s*[·|]?\s*(?:19|20)\d\d"
)
# The line under the headline of a messenger's article, and a byline that names the paper.
ACCOUNT = re.compile(
    r"([\u4e00-\u9fff]{2,12})\s+(?:19|20)\d\d(?:.{6,20}发表于|年\d{1,2}月\d{1,2}日\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s|$)|-\d{1,2}-\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?$)"
)
# The name that a paper gives to its pages on the web.
EDITION = re.compile(
    r"([\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|时报|都市报|政协报))(?:社)?(?:数字报|电子报|数字版|电子版)"
)
PAPER_OF_REPORTER = re.compile(r"([\u4e00-\u9fff]{2,8}(?:日报|晚报|晨报|时报|都市报|政协报))(?:全媒体)?记者")
NOT_A_SOURCE = re.compile(
    r"^(?:作者|时间|发布|更新|发稿|日期|录入|浏览|字体|点击|编辑|责任|本站|本网|未知|网络|今天)|(?:时间|日期)$"
)


def read_dates(lines: list[Line]) -> tuple[dt.date | None, dt.date | None]:
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


def read_source(lines: list[Line]) -> str | None:
    """Paper or site that a credit line names as the source."""
    for line in lines:
        if line.label in ("meta", "boilerplate") and line.rule != "after_article":
            match = SOURCE.search(line.folded)
            if match and not NOT_A_SOURCE.search(match.group(1)):
                return line.text[match.start(1) : match.end(1)].strip()
            match = (
                MASTHEAD.match(line.folded)
                or ACCOUNT.match(line.folded)
                or EDITION.match(line.folded)
                or PAPER_OF_REPORTER.search(line.folded)
            )
            if match and not NOT_A_SOURCE.search(match.group(1)):
                return line.text[match.start(1) : match.end(1)]
    return None
