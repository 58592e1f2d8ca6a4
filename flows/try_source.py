"""Look at a source without a data folder: what it would find, and what one of its pages would give; a first version of its file."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from flows.clean import PageRejected, clean
from flows.extract import extract
from flows.fetch.client import Client
from flows.fetch.collect import CHINA, LIST_LIMITS
from flows.fetch.fetcher import Fetcher, Result
from flows.fetch.pace import Pace
from flows.fetch.state import State
from flows.read.kinds import Link, Listed, choose, find_links
from flows.read.kinds.html import address_of, base_of, day_in, day_of, soup_of, text_of
from flows.read.warc import responses
from schemas.errors import SourceError, UsageError
from schemas.sources import Politeness, Source
from schemas.vocabulary.discovery import load_discovery

# A trial is no run: it looks at so many list pages, and for so many days that have no issue.
MAX_LOOKS = 5
ROW_TAGS = ("li", "tr", "dd", "dt", "p", "div", "article")
NEXT = re.compile(r"^(下一?[页頁]|下页|后一页|next|>|›|»)$", re.I)
# The script by which a common system for portals writes the links to further list pages.
NUMBERED = re.compile(r"createPageHTML\(\s*\d+\s*,\s*\d+\s*,\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']")


@dataclass
class Trial:
    """What a look at a source found.

    Attributes:
        looked: list pages with what came of them.
        links: links with the rule by which each is passed over, empty where it is chosen.
        page: the page that was read, and what came of it.
        said: what would come out of it, a name and a value each.
    """

    looked: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[Link, str]] = field(default_factory=list)
    page: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rules(self) -> Counter[str]:
        """Links by rule."""
        return Counter(rule or "chosen" for _, rule in self.links)


class _EnoughError(Exception):
    """A trial has looked at as many list pages as it may."""


@contextmanager
def _fetcher() -> Iterator[Fetcher]:
    with tempfile.TemporaryDirectory() as folder, Client() as client:
        state = State(Path(folder))
        try:
            yield Fetcher(client, Pace(), state, "trial")
        finally:
            state.close()


def try_source(source: Source) -> Trial:
    """Look at the first list pages of a source, and read the first page that it would choose.

    Args:
        source: the source; of the kind `folder` nothing is fetched.
    """
    trial = Trial()
    with _fetcher() as fetcher:

        def look(address: str) -> Listed | None:
            if len(trial.looked) >= MAX_LOOKS:
                raise _EnoughError
            result = fetcher.fetch(source, address, "list", limit=LIST_LIMITS.get(source.kind))
            trial.looked.append((address, _came(result)))
            if result.outcome != "fetched":
                return None
            return Listed(result.address, result.answer.data, result.answer.headers.get("content-type", ""))

        try:
            for link in find_links(source, look, dt.datetime.now(CHINA).date()):
                trial.links.append((link, choose(link, source)))
        except _EnoughError:
            pass
        chosen = next((link for link, rule in trial.links if not rule), None)
        if chosen is not None:
            _read(trial, source, chosen, fetcher)
    return trial


def _read(trial: Trial, source: Source, link: Link, fetcher: Fetcher) -> None:
    """Fetch a page and say what would come out of it."""
    headers = {"range": f"bytes={link.record[0]}-{sum(link.record) - 1}"} if link.record else {}
    result = fetcher.fetch(source, link.address, "page", headers)
    trial.page = f"{link.page_address}: {_came(result)}"
    if result.outcome != "fetched":
        return
    data, media = result.answer.data, result.answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if source.kind == "warc":
        found = next(responses(data, len(data) * 100), None)
        data, media = (found.data, found.content_type) if found else (b"", media)
    try:
        page = clean(data, media or "text/html")
        rows = extract(page, link.page_address)
    except PageRejected as rejected:
        trial.said.append(("quarantine", f"{rejected.rule}: {rejected.reason}"))
        return
    fields = rows.fields
    period = f"{fields.period.first}-{fields.period.last}" if fields.period else "?"
    trial.said += [
        ("title", fields.title or "?"),
        ("committee", fields.committee or "?"),
        ("place", f"{fields.division.name} {fields.division.code}" if fields.division else "?"),
        ("years", period),
        ("text", f"{page.encoding}, {page.script}, {len(page.lines)} lines, {len(page.paragraphs)} paragraphs"),
        ("numerals", f"{len(rows.figures)} figures, {len(rows.ignored)} ignored"),
        *(("figure", f"{f.evidence.quote}  {f.measure}") for f in rows.figures[:5]),
    ]


def _came(result: Result) -> str:
    answer = result.answer
    if result.outcome == "fetched":
        return f"HTTP {answer.status}, {len(answer.data)} bytes"
    return f"{result.outcome}: {result.reason}"


def draft(address: str, name: str = "", private: list[str] | None = None) -> tuple[str, str]:
    """A first version of the file of a source, by a look at its site.

    Args:
        address: a list page, a feed, a sitemap, a page of an e-paper, or a report.
        name: name of the source; made from the host if empty.
        private: networks that are not public and may be asked all the same.

    Returns:
        Name of the source, and its file.

    Raises:
        UsageError: the address is none.
        SourceError: it cannot be read.
    """
    from pydantic import ValidationError

    name = name or _name(address)
    try:
        polite = Politeness(private=private or [])
        source = Source(name=name, kind="page", addresses=[address], politeness=polite)
    except ValidationError as error:
        raise UsageError(f"{address}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error
    with _fetcher() as fetcher:
        result = fetcher.fetch(source, address, "list")
    if result.outcome != "fetched":
        raise SourceError(f"{address} cannot be read: {result.reason}; look at it in a browser, then try again")
    page = Listed(result.address, result.answer.data, result.answer.headers.get("content-type", ""))
    kind, settings = _guess(page)
    lines = [
        "# A first version, by a look at the site: see `lvzhi sources test`, mend what is wrong, then enable it.",
        f'kind = "{kind}"',
        f'about = "{_title(page)}"',
        "enabled = false",
        *([] if kind == "epaper" else [f'addresses = ["{result.address}"]']),
        'schedule = "0 6 * * *"',
        *settings,
        "",
        "[politeness]",
        "delay = 5",
        *([f"private = {private}".replace("'", '"')] if private else []),
        "",
        "[expect]",
        "minimum = 0",
        "maximum = 100",
    ]
    return name, "\n".join(lines) + "\n"


def _name(address: str) -> str:
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-") or "site"


def _title(page: Listed) -> str:
    soup = soup_of(page)
    return re.sub(r'["\\\x00-\x1f]', " ", text_of(soup.find("title") if isinstance(soup.find("title"), Tag) else None))[
        :80
    ]


def _guess(page: Listed) -> tuple[str, list[str]]:
    """Kind of a source, and the settings that belong to it."""
    head = page.data[:2_000].lower()
    if b"<rss" in head or b"<feed" in head or b"<rdf" in head:
        return "feed", []
    if b"<urlset" in head or b"<sitemapindex" in head:
        return "sitemap", ["", "[find]", "untitled = true"]
    if paper := _epaper(page.address):
        family, front = paper
        return "epaper", ["", "[epaper]", f'family = "{family}"', f'front = "{front}"', "days = 14"]
    soup = soup_of(page)
    items = _items(soup, base_of(soup, page))
    if not items:
        return "page", []
    settings = ["", "[listing]", f"items = '{items}'"]
    numbered = NUMBERED.search(page.data.decode("latin-1"))
    following = next(
        (a for a in soup.find_all("a", href=True) if NEXT.match(text_of(a if isinstance(a, Tag) else None))), None
    )
    if numbered:
        settings.append(f'pages = "{numbered[1]}_{{n}}.{numbered[2]}"')
    elif following is not None:
        settings.append(f"next = 'a:-soup-contains(\"{text_of(following if isinstance(following, Tag) else None)}\")'")
    return "index", settings


def _epaper(address: str) -> tuple[str, str] | None:
    """Family of an e-paper and the format of its first pages, by the address of one of them."""
    folder, _, last = urlsplit(address).path.rpartition("/")
    day = re.search(r"(?P<y>20\d\d)(?P<s>[-/]?)(?P<m>\d\d)(?P<t>[-/])(?P<d>\d\d)$", folder)
    if day is None or day_in(f"{day['y']}-{day['m']}-{day['d']}", load_discovery().text_dates) is None:
        return None
    for name, family in load_discovery().epapers.items():
        if family.layout.fullmatch(last) and ("/layout/" in folder) == ("layout" in family.front):
            stamp = f"{{date:%Y{day['s']}%m{day['t']}%d}}"
            begin = address[: address.index(folder)] + folder[: day.start()]
            return name, f"{begin}{stamp}/{last}"
    return None


def _items(soup: BeautifulSoup, base: str) -> str:
    """Selector of the rows of the list on a page: the place where most links with a day stand, else where most links do."""
    rows: Counter[str] = Counter()
    for link in soup.find_all("a", href=True):
        if not isinstance(link, Tag) or not address_of(link, base).startswith("http"):
            continue
        row = link.find_parent(ROW_TAGS)
        if row is not None and isinstance(row.parent, Tag):
            dated = day_of(text_of(row), address_of(link, base)) is not None
            rows[f"{_selector(row.parent)} > {row.name}"] += 10 if dated else 1
    (selector, weight), *_ = rows.most_common(1) or [("", 0)]
    return selector if weight >= 5 else ""


def _selector(tag: Tag) -> str:
    """Selector of an element by its id or classes."""
    if tag.get("id") and re.fullmatch(r"[A-Za-z][\w-]*", str(tag["id"])):
        return f"{tag.name}#{tag['id']}"
    classes = tag.get_attribute_list("class")
    return tag.name + "".join(f".{name}" for name in classes if name and re.fullmatch(r"[A-Za-z][\w-]*", name))
