"""How a link is taken for a report before it is read: patterns of titles and days, families of e-papers."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schemas.errors import VocabularyError


@dataclass(frozen=True)
class Family:
    """A family of newspaper e-editions: patterns of the names of its pages.

    Attributes:
        layout, article, pdf: patterns of the last part of an address, whole.
        front: first page of an issue below the paper's address, a format of `date`.
    """

    layout: re.Pattern[str]
    article: re.Pattern[str]
    pdf: re.Pattern[str]
    front: str


@dataclass(frozen=True)
class Discovery:
    """The lists of discovery.toml.

    Attributes:
        wanted, unwanted: patterns of titles.
        text_dates, address_dates: patterns of days beside a link, and in its address.
        epapers: families by name.
    """

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    text_dates: tuple[re.Pattern[str], ...]
    address_dates: tuple[re.Pattern[str], ...]
    epapers: dict[str, Family]


@cache
def load_discovery() -> Discovery:
    """Read discovery.toml.

    Raises:
        VocabularyError: a list is missing or a pattern cannot be compiled.
    """
    data = tomllib.loads(resources.files(__package__).joinpath("discovery.toml").read_text(encoding="utf-8"))
    try:
        families = {
            name: Family(
                **{part: re.compile(entry[part], re.I) for part in ("layout", "article", "pdf")}, front=entry["front"]
            )
            for name, entry in data["epapers"].items()
        }
        for pattern in (*data["titles"]["wanted"], *data["titles"]["unwanted"]):
            re.compile(pattern)
        return Discovery(
            wanted=tuple(data["titles"]["wanted"]),
            unwanted=tuple(data["titles"]["unwanted"]),
            text_dates=tuple(re.compile(pattern) for pattern in data["dates"]["text"]),
            address_dates=tuple(re.compile(pattern) for pattern in data["dates"]["address"]),
            epapers=families,
        )
    except KeyError as missing:
        raise VocabularyError(f"discovery.toml: {missing} is missing") from missing
    except re.error as error:
        raise VocabularyError(f"discovery.toml: {error.pattern!r} is no pattern: {error}") from error
