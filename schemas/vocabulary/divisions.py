"""Places with their GB/T 2260 codes, from county level up."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from schemas.errors import VocabularyError

NATIONAL_CODE = "000000"
ETHNIC_SUFFIX = (
    "壮族|回族|维吾尔|藏族|羌族|彝族|苗族|布依族|侗族|白族|傣族|景颇族|傈僳族|哈尼族|土家族|黎族|满族|蒙古族|蒙古|朝鲜族|瑶族|畲族|"
    "仡佬族|水族|纳西族|拉祜族|佤族|怒族|独龙族|普米族|阿昌族|布朗族|基诺族|保安族|东乡族|撒拉族|土族|裕固族|哈萨克族|哈萨克|柯尔克孜|"
    "塔吉克|锡伯族|鄂伦春|鄂温克族|达斡尔族|毛南族|仫佬族|京族|各族|多民族"
)


@dataclass(frozen=True)
class Division:
    """One place: code, official name, level and the code of the place that it belongs to."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class Divisions:
    """All places, to be asked by name."""

    rows: tuple[Division, ...]

    @cached_property
    def by_code(self) -> dict[str, Division]:
        """Places by code."""
        return {row.code: row for row in self.rows}

    @cached_property
    def by_name(self) -> dict[str, tuple[Division, ...]]:
        """Places by official name, and by the short name of long autonomous ones where it is unique.

        Several counties share a name (朝阳区), so each name gives all places that bear it.
        """
        found: dict[str, list[Division]] = {}
        for row in self.rows:
            found.setdefault(row.name, []).append(row)
        for row in self.rows:
            for short in short_names(row.name):
                if short not in found:
                    found.setdefault(short, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def _by_prefix(self) -> dict[str, tuple[str, ...]]:
        """Names by their first two characters, longest first."""
        found: dict[str, list[str]] = {}
        for name in self.by_name:
            found.setdefault(name[:2], []).append(name)
        return {prefix: tuple(sorted(names, key=len, reverse=True)) for prefix, names in found.items()}

    def find(self, text: str) -> list[tuple[int, str]]:
        """Places named in a text: start and name, the longest at each start, none within another."""
        found = []
        place = 0
        while place < len(text) - 1:
            names = self._by_prefix.get(text[place : place + 2], ())
            name = next((name for name in names if text.startswith(name, place)), None)
            if name:
                found.append((place, name))
            place += len(name) if name else 1
        return found

    def parents(self, code: str) -> list[Division]:
        """The places above one, nearest first."""
        above = []
        row = self.by_code.get(code)
        while row and row.parent:
            row = self.by_code.get(row.parent)
            if row:
                above.append(row)
        return above


def short_names(name: str) -> list[str]:
    """Names in use for a place with a long official one: 广西 for 广西壮族自治区, 延边州 for 延边朝鲜族自治州."""
    stem = re.sub(rf"(?:{ETHNIC_SUFFIX})+(?=自治)", "", name)
    if len(stem.split("自治")[0]) < 2:  # 内蒙古 bears its people's name
        stem = name
    shorts = []
    for long, short in (("自治区", "自治区"), ("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")):
        if name.endswith(long) and stem.endswith(long):
            shorts += [stem, stem.removesuffix(long) + short]
            if long == "自治区":
                shorts.append(stem.removesuffix(long))
    if name.endswith("地区"):
        shorts.append(name.removesuffix("地区"))
    return [s for s in dict.fromkeys(shorts) if s != name and len(s) >= 2]


@cache
def load_divisions() -> Divisions:
    """Read divisions.csv.

    Raises:
        VocabularyError: a code is not of six digits or its parent is unknown.
    """
    text = resources.files(__package__).joinpath("divisions.csv").read_text(encoding="utf-8")
    rows = tuple(Division(**row) for row in csv.DictReader(text.splitlines()))
    codes = {row.code for row in rows}
    for row in rows:
        if len(row.code) != 6 or not row.code.isdigit():
            raise VocabularyError(f"divisions.csv: code {row.code!r} of {row.name} is not six digits")
        if row.parent and row.parent not in codes:
            raise VocabularyError(f"divisions.csv: {row.code} {row.name} belongs to unknown {row.parent!r}")
    return Divisions(rows)
