"""Sources: one TOML file a site in `seeds/sources/`, validated when loaded.

A file says where the reports of a site are, how they are found, when it is read and how politely. It holds no secrets.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.errors import SourceFileError, UsageError
from schemas.vocabulary import load_divisions
from schemas.vocabulary.discovery import load_discovery

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is no address of a page; write http:// or https://, host and path")
    if parts.username or parts.password:
        raise ValueError("an address must hold no password; set a proxy or a header by environment")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no pattern: {error}") from error
    return value


def _cron(value: str) -> str:
    try:
        CronSim(value, dt.datetime(2024, 1, 1))
    except CronSimError as error:
        raise ValueError(f"{value!r} is no cron schedule ({error}); write minute, hour, day, month, weekday") from error
    return value


def _place(value: str) -> str:
    if not load_divisions().by_code.get(value):
        raise ValueError(f"{value!r} is no GB/T 2260 code; look it up in schemas/vocabulary/divisions.csv")
    return value


def _front(value: str) -> str:
    _address(value)
    try:
        days = {value.format(date=dt.date(2024, month, day)) for month, day in ((1, 2), (1, 3), (2, 2))}
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            f"{value!r} is no format of an address: {error}; write {{date:%Y-%m}} for the month"
        ) from error
    if len(days) < 3:
        raise ValueError(
            f"{value!r} is the same on different days; write {{date:%Y-%m/%d}} where the address has the day"
        )
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no network ({error}); write it as 10.0.0.0/8") from error
    return value


Address = Annotated[str, AfterValidator(_address)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class _Part(BaseModel):
    """A part of a source file: unknown words are errors, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Find(_Part):
    """Which links are reports.

    Attributes:
        titles, not_titles: patterns of titles that are wanted, and of those that are not.
        addresses: patterns of addresses; empty for any.
        since, until: first and last day of publication; a link without a day passes.
        months: months of publication; empty for any.
        untitled: whether links without a title (in most sitemaps) are taken by address and day alone.
    """

    titles: list[Pattern] = Field(default_factory=lambda: list(load_discovery().wanted), min_length=1)
    not_titles: list[Pattern] = Field(default_factory=lambda: list(load_discovery().unwanted))
    addresses: list[Pattern] = []
    since: dt.date | None = None
    until: dt.date | None = None
    months: list[Annotated[int, Field(ge=1, le=12)]] = []
    untitled: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Find:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since {self.since} is after until {self.until}; exchange them")
        return self


class Listing(_Part):
    """How a list page is read: CSS selectors.

    Attributes:
        items: what holds one link each.
        link: the link in it.
        title: what holds the title; empty for the link itself.
        date: what holds the day; empty to look in all of the item.
        next: the link to the next list page; empty for none.
        pages: address of further list pages, a format of `n`; empty for none.
        first: the first `n`.
        max_pages: list pages that are read at most.
    """

    items: str = "li"
    link: str = "a[href]"
    title: str = ""
    date: str = ""
    next: str = ""
    pages: str = ""
    first: int = 1
    max_pages: int = Field(default=20, ge=1, le=1000)

    @model_validator(mode="after")
    def _selectors(self) -> Listing:
        import soupsieve

        for name in ("items", "link", "title", "date", "next"):
            try:
                soupsieve.compile(getattr(self, name) or "a")
            except soupsieve.SelectorSyntaxError as error:
                raise ValueError(
                    f"{name}: {getattr(self, name)!r} is no CSS selector: {str(error).splitlines()[0]}"
                ) from error
        if self.next and self.pages:
            raise ValueError("either `next` (a selector) or `pages` (a format) leads to the next list page; remove one")
        if self.pages and "{n}" not in self.pages:
            raise ValueError(f"pages: {self.pages!r} has no {{n}} for the number of the page")
        return self


class EPaper(_Part):
    """A newspaper e-edition.

    Attributes:
        family: its family in discovery.toml.
        front: address of the first page of an issue, a format of `date`.
        days: days back from today that are looked at.
        pdf: whether the PDF of a newspaper page with a report is fetched, too.
        max_layouts: newspaper pages of an issue that are read at most.
    """

    family: str
    front: Annotated[str, AfterValidator(_front)]
    days: int = Field(default=14, ge=1, le=4000)
    pdf: bool = False
    max_layouts: int = Field(default=60, ge=1, le=400)

    @model_validator(mode="after")
    def _known_family(self) -> EPaper:
        if self.family not in load_discovery().epapers:
            known = ", ".join(load_discovery().epapers)
            raise ValueError(f"family {self.family!r} is unknown; the families are {known}")
        return self


class Warc(_Part):
    """WARC files, local or addressed, or an index that is asked where the pages of a host are.

    Attributes:
        files: paths or globs below the folder of the source file, or addresses.
        cdx: address of a CDX server.
        host: host whose pages are looked up.
        records: what the file names of the index stand below.
        since, until: days of capture.
    """

    files: list[str] = []
    cdx: Address | None = None
    host: str = ""
    records: Address | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    @model_validator(mode="after")
    def _complete(self) -> Warc:
        if bool(self.files) == bool(self.cdx):
            raise ValueError("name either `files`, or `cdx` with `host` and `records`")
        if self.cdx and not (self.host and self.records):
            raise ValueError("a look-up needs `host` (whose pages) and `records` (where the WARC files stand)")
        return self


class Politeness(_Part):
    """How a site is asked.

    Attributes:
        delay: seconds from one request to the next; a longer crawl-delay in robots.txt counts.
        connections: requests at a time.
        budget: requests a run and host.
        timeout: seconds that one request may take.
        backoff: seconds before a second try; doubled with each further one.
        tries: runs in which a page that fails is tried, before it is set aside.
        private: networks that are not public and may be asked all the same, such as 10.0.0.0/8.
    """

    delay: float = Field(default=3.0, ge=0, le=3600)
    connections: int = Field(default=1, ge=1, le=16)
    budget: int = Field(default=500, ge=1)
    timeout: float = Field(default=60.0, gt=0, le=3600)
    backoff: float = Field(default=2.0, ge=0, le=600)
    tries: int = Field(default=5, ge=1, le=100)
    private: list[Annotated[str, AfterValidator(_network)]] = []


class Expect(_Part):
    """How many reports a run should find: fewer than `minimum` is told, beyond `maximum` none are fetched."""

    minimum: int = Field(default=0, ge=0)
    maximum: int = Field(default=1000, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Expect:
        if self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        return self


class Source(_Part):
    """One source.

    Attributes:
        name: its name, that of its file.
        kind: how its reports are found.
        about: what it is, in a sentence.
        enabled: whether it is read when no source is named.
        addresses: where to begin; of the kind `page` the reports themselves.
        hosts: hosts that may be asked beside those of its addresses.
        path: folder or glob of the kind `folder`, below the folder of the source file.
        places: GB/T 2260 codes of the places that it speaks for.
        languages: languages of its pages.
        schedule: when it is read, as cron in China's time.
        stale_days: days without a successful read after which it is reported as stale.
    """

    name: str
    kind: Literal["page", "index", "epaper", "feed", "sitemap", "folder", "warc"]
    about: str = ""
    enabled: bool = True
    addresses: list[Address] = []
    hosts: list[str] = []
    path: str = ""
    places: list[Annotated[str, AfterValidator(_place)]] = []
    languages: list[Literal["zh-Hans", "zh-Hant", "bo", "ug", "mn", "kk", "ko", "za", "ii"]] = ["zh-Hans"]
    schedule: Annotated[str, AfterValidator(_cron)] = "0 6 * * *"
    stale_days: int = Field(default=400, ge=1)
    find: Find = Find()
    listing: Listing = Listing()
    epaper: EPaper | None = None
    warc: Warc | None = None
    politeness: Politeness = Politeness()
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _complete(self) -> Source:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name {self.name!r} must be of small letters, digits, - _ and .")
        needs = {"folder": "path", "epaper": "epaper", "warc": "warc"}.get(self.kind, "addresses")
        if not getattr(self, needs):
            raise ValueError(f"a source of the kind {self.kind} needs `{needs}`")
        for part in ("path", "epaper", "warc"):
            if getattr(self, part) and part != needs:
                raise ValueError(f"`{part}` is for another kind than {self.kind}; remove it")
        return self

    @cached_property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts that may be asked, in small letters."""
        begin: list[str] = [*self.addresses]
        if self.epaper:
            begin.append(self.epaper.front)
        if self.warc:
            begin += [
                str(name) for name in (*self.warc.files, self.warc.cdx, self.warc.records) if name and "://" in name
            ]
        return frozenset(host.lower() for host in (*(urlsplit(a).hostname or "" for a in begin), *self.hosts))


def parse_source(data: dict[str, Any], path: Path) -> Source:
    """A source from the data of its file.

    Raises:
        SourceFileError: something in it is wrong; all that is wrong is named.
    """
    try:
        source = Source.model_validate({"name": path.stem} | data)
    except ValidationError as error:
        wrong = "; ".join(_explain(problem) for problem in error.errors(include_url=False))
        raise SourceFileError(f"{path}: {wrong}") from error
    if source.name != path.stem:
        raise SourceFileError(f"{path}: name {source.name!r} is not that of the file; rename one of them")
    return source


def _explain(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    said = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        said = "there is no such setting; check its spelling"
    return f"{place}: {said}" if place else said


def load_source(path: Path) -> Source:
    """Read one source file.

    Raises:
        SourceFileError: it cannot be read, or something in it is wrong.
    """
    try:
        return parse_source(tomllib.loads(path.read_text(encoding="utf-8")), path)
    except tomllib.TOMLDecodeError as error:
        raise SourceFileError(f"{path}: no TOML: {error}; see toml.io") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourceFileError(f"{path} cannot be read: {error}") from error


def load_sources(folder: Path) -> dict[str, Source]:
    """All sources of a folder by name; none where there is no folder.

    Raises:
        SourceFileError: a file is wrong.
    """
    return {path.stem: load_source(path) for path in sorted(folder.glob("*.toml"))}


def pick(sources: dict[str, Source], names: Iterable[str]) -> list[Source]:
    """Sources by name.

    Raises:
        UsageError: there is none of a name.
    """
    picked = []
    for name in names:
        if name not in sources:
            raise UsageError(f"there is no source {name!r}; `lvzhi sources` lists them")
        picked.append(sources[name])
    return picked
