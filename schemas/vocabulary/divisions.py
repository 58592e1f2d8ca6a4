"""Places with their GB/T 2260 codes, from county level up, of today and of times past.

A code is of its time: 襄樊市 and 襄阳市 are 420600, one until and one from 2010; 巢湖市 was 341400, a prefecture,
until 2011, and is 340181, a county, since. The years are those of `make_divisions.py`: right to about a year.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import NamedTuple

from schemas.errors import VocabularyError

NATIONAL_CODE = "000000"
ETHNIC_SUFFIX = (
    "壮族|回族|维吾尔|藏族|羌族|彝族|苗族|布依族|侗族|白族|傣族|景颇族|傈僳族|哈尼族|土家族|黎族|满族|蒙古族|蒙古|朝鲜族|瑶族|畲族|"
    "仡佬族|水族|纳西族|拉祜族|佤族|怒族|独龙族|普米族|阿昌族|布朗族|基诺族|保安族|东乡族|撒拉族|土族|裕固族|哈萨克族|哈萨克|柯尔克孜|"
    "塔吉克|锡伯族|鄂伦春|鄂温克族|达斡尔族|毛南族|仫佬族|京族|各族|多民族"
)


# Kinds of places, as their names end: what is before it is the name in short.
KIND = re.compile(r"(?:地区|特区|林区|新区|[省市区县州盟旗])$")
# Years of changes are those of published lists, which follow the changes.
SLACK = 1


class Division(NamedTuple):
    """One place: code, official name, level and the code of the place that it belongs to.

    A tuple, for thousands are made at each start.

    Attributes:
        since: the year from which it bears code and name; nothing for before 1981.
        until: the year in which it ceased to; nothing for a place of today.
        spelt: the name in short in Latin letters, as addresses of sites have it.
    """

    code: str
    name: str
    level: str
    parent: str
    since: int | None = None
    until: int | None = None
    spelt: str = ""

    def distance(self, year: int) -> int:
        """Years between a year and those in which the place bore code and name; 0 within them."""
        if self.since and year < self.since:
            return self.since - year
        return max(0, year - self.until) if self.until else 0


@dataclass(frozen=True)
class Divisions:
    """All places, to be asked by name and by code.

    Attributes:
        rows: places of today.
        past: codes and names that places bore.
        customary: short names in use that no rule gives (巴州, 科右前旗), with their codes.
    """

    rows: tuple[Division, ...]
    past: tuple[Division, ...] = ()
    customary: tuple[tuple[str, str], ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Division]:
        """Places by code: as of today, else as they were last."""
        ordered = sorted(self.past, key=lambda row: row.until or 0)
        return {row.code: row for row in (*ordered, *self.rows)}

    @cached_property
    def times(self) -> dict[str, tuple[Division, ...]]:
        """All that a code stands or stood for."""
        found: dict[str, list[Division]] = {}
        for row in (*self.rows, *self.past):
            found.setdefault(row.code, []).append(row)
        return {code: tuple(rows) for code, rows in found.items()}

    def at(self, code: str, year: int) -> Division | None:
        """The place that a code stood for in a year, with its name of then; nothing where there was none."""
        rows = [row for row in self.times.get(code, ()) if not row.distance(year)]
        # In the year of a change both hold: the later one is what it was called at the year's end.
        return max(rows, key=lambda row: (row.until or 9999, -(row.since or 0)), default=None)

    def exists(self, code: str, year: int) -> bool:
        """Whether a code stood for a place in a year, or in the one before or after it: see `SLACK`."""
        return any(row.distance(year) <= SLACK for row in self.times.get(code, ()))

    @cached_property
    def by_name(self) -> dict[str, tuple[Division, ...]]:
        """Places by official name, of today and past, and by the short name of long autonomous ones where it is unique.

        Several counties share a name (朝阳区), so each name gives all places that bear or bore it.
        """
        found: dict[str, list[Division]] = {}
        for row in (*self.rows, *self.past):
            found.setdefault(row.name, []).append(row)
        today = {row.name for row in self.rows}
        for row in (*self.rows, *self.past):
            for short in short_names(row.name):
                if short not in today:
                    found.setdefault(short, []).append(row)
        for short, code in self.customary:
            found.setdefault(short, []).append(self.by_code[code])
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def by_stem(self) -> dict[str, tuple[str, ...]]:
        """Names by what stands before their kind: 武汉 for 武汉市, 大理 for 大理州 and 大理市."""
        found: dict[str, list[str]] = {}
        for name in self.by_name:
            stem = KIND.sub("", name)
            if len(stem) >= 2 and stem != name and "自治" not in name:
                found.setdefault(stem, []).append(name)
        for row in self.rows:
            if row.name.endswith("自治区"):
                shortest = min(short_names(row.name), key=len, default=row.name)
                found.setdefault(shortest, []).append(row.name)
        return {stem: tuple(names) for stem, names in found.items()}

    @cached_property
    def stem_ends(self) -> frozenset[str]:
        """The last two characters of each stem: where a text has none of them, no stem ends."""
        return frozenset(stem[-2:] for stem in self.by_stem)

    @cached_property
    def by_spelling(self) -> dict[str, tuple[Division, ...]]:
        """Places of today by their name in short in Latin letters."""
        found: dict[str, list[Division]] = {}
        for row in self.rows:
            found.setdefault(row.spelt, []).append(row)
        return {spelt: tuple(rows) for spelt, rows in found.items()}

    @cached_property
    def _names(self) -> Names:
        return Names(self.by_name)

    @cached_property
    def _stems(self) -> Names:
        return Names(self.by_stem)

    def find(self, text: str) -> list[tuple[int, str]]:
        """Places named in a text: start and name, the longest at each start, none within another."""
        return self._names.find(text)

    def find_stems(self, text: str) -> list[tuple[int, str]]:
        """Places named in short in a text, as `find`: the stems of names, also where the kind follows."""
        return self._stems.find(text)

    def parents(self, code: str) -> list[Division]:
        """The places above one, nearest first."""
        above = []
        row = self.by_code.get(code)
        while row and row.parent:
            row = self.by_code.get(row.parent)
            if row:
                above.append(row)
        return above


class Names:
    """Names to be found in a text, by how they end: nearly all with 市, 县 or 区, and few other characters are one of these.

    Args:
        names: the names, each of two characters or more.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[-2:], set()).add(len(name))
        self._lengths = {ending: tuple(sizes) for ending, sizes in lengths.items()}
        last_but_one, last = (re.escape("".join(sorted({ending[at] for ending in lengths}))) for at in (0, 1))
        self._ends = re.compile(f"[{last}](?<=[{last_but_one}].)")

    def find(self, text: str) -> list[tuple[int, str]]:
        """Start and name, the longest at each start, none within another."""
        known, lengths = self._names, self._lengths
        named = []
        for match in self._ends.finditer(text):
            end = match.end()
            for length in lengths.get(text[end - 2 : end], ()):
                if length <= end and (name := text[end - length : end]) in known:
                    named.append((end - length, -length, name))
        found: list[tuple[int, str]] = []
        free = 0
        for start, _, name in sorted(named):
            if start >= free:
                found.append((start, name))
                free = start + len(name)
        return found


def short_names(name: str) -> list[str]:
    """Names in use for a place with a long official one: 广西 for 广西壮族自治区, 延边州 for 延边朝鲜族自治州."""
    if "自治" not in name:
        return []
    stem = re.sub(rf"(?:{ETHNIC_SUFFIX})+(?=自治)", "", name)
    if len(stem.split("自治")[0]) < 2:  # 内蒙古 bears its people's name
        stem = name
    shorts = []
    for long, short in (("自治区", "自治区"), ("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")):
        if name.endswith(long) and stem.endswith(long):
            shorts += [stem, stem.removesuffix(long) + short]
            if long == "自治区":
                shorts.append(stem.removesuffix(long))
    return [s for s in dict.fromkeys(shorts) if s != name and len(s) >= 2]


@cache
def load_divisions() -> Divisions:
    """Read divisions.csv and short_names.csv.

    Raises:
        VocabularyError: a code is not of six digits, it or a parent is unknown, or a year is none.
    """
    rows = tuple(_read(*line) for line in _lines("divisions.csv", Division._fields))
    customary = tuple((short, code) for short, code in _lines("short_names.csv", ("short", "code")))
    codes = {row.code for row in rows}
    for row in rows:
        if row.parent and row.parent not in codes:
            raise VocabularyError(f"divisions.csv: {row.code} {row.name} belongs to unknown {row.parent!r}")
    for short, code in customary:
        if code not in codes:
            raise VocabularyError(f"short_names.csv: {short} stands for unknown {code!r}")
    today, past = (tuple(row for row in rows if bool(row.until) == gone) for gone in (False, True))
    return Divisions(today, past, customary)


def _lines(name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    lines = csv.reader(text.splitlines())
    if (header := next(lines)) != list(columns):
        raise VocabularyError(f"{name}: columns are {header}, expected {list(columns)}")
    return lines


def _read(code: str, name: str, level: str, parent: str, since: str, until: str, spelt: str) -> Division:
    if len(code) != 6 or not code.isdigit():
        raise VocabularyError(f"divisions.csv: code {code!r} of {name} is not six digits")
    for year in (since, until):
        if year and not (len(year) == 4 and year.isdigit()):
            raise VocabularyError(f"divisions.csv: {code} {name}: {year!r} is no year")
    return Division(code, name, level, parent, int(since) if since else None, int(until) if until else None, spelt)


def exists(code: str, year: int) -> bool:
    """Whether a code stood for a place in a year; the years of changes are known to about one.

    Args:
        code: six digits; 000000 stands for the whole country.
        year: a year since 1980.
    """
    return code == NATIONAL_CODE or load_divisions().exists(code, year)
