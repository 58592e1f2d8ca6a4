"""Synthetic reports with known facts, for scale and for accuracy at scale.

    python -m tests.corpus.generate --check 500          known figures against extracted ones, by shape and noise
    python -m tests.corpus.generate --out DIR --count 1000 --seed 7

The words are in `phrases.toml`. A report depends on its seed and number only; reports differ as much as real ones do, but for
reprints, which repeat an earlier report in other furniture.
"""

from __future__ import annotations

import argparse
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

from schemas.vocabulary.divisions import Division, load_divisions

SHAPES = ("text", "html", "paper", "columns", "wrapped", "table", "box", "mirror")
NOISES = ("none", "some", "much")
REPRINTED = 0.03  # share of reports that repeat an earlier one
FIGURE = re.compile(r"\[([\w.]+) (\S+) ([\w.-]+)([^\]]*)\]")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
WORD = re.compile(r"\{(\w+)\}")
DIGITS = "零一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
UNITS = "件次篇条家项场名期个辑元人%"


@dataclass(frozen=True)
class Fact:
    """One figure that a report states, as the codebook would label it."""

    measure: str
    statistic: str
    category: str
    value: float
    unit: str
    bound: str
    period: tuple[int, int]


@dataclass(frozen=True)
class Fields:
    """What a report says of itself."""

    committee: str
    division_code: str
    period: tuple[int, int]
    published_at: str
    title: str


@dataclass(frozen=True)
class Report:
    """One synthetic page.

    Attributes:
        name: name of its file.
        data: its bytes.
        content_type: of the file.
        shape, noise, script, encoding: what was done to it.
        fields, facts: what it says, in the order of its text.
        repeats: number of the report that it repeats.
    """

    name: str
    data: bytes
    content_type: str
    shape: str
    noise: str
    script: str
    encoding: str
    fields: Fields
    facts: tuple[Fact, ...]
    repeats: int | None = None


@dataclass
class _Text:
    """A report before it has a shape: lines with their roles, and the facts in them."""

    fields: Fields
    paper: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@cache
def phrases() -> dict[str, Any]:
    """The words and sentences."""
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


@cache
def _places() -> tuple[Division, ...]:
    """Cities and counties of today whose name no other place bears or bore."""
    divisions = load_divisions()
    return tuple(
        row
        for row in divisions.rows
        if row.level in ("prefecture", "county")
        and row.name.endswith(("市", "县", "区"))
        and 3 <= len(row.name) <= 4
        and len(divisions.by_name.get(row.name, ())) == 1
        and not row.since
    )


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def reports(count: int, *, seed: int = 0, paragraphs: int = 14) -> Iterator[Report]:
    """So many reports.

    Args:
        count: how many.
        seed: another seed gives other reports.
        paragraphs: about how many paragraphs a report has; 14 are about 6 KB of UTF-8.
    """
    for number in range(count):
        yield report(number, seed=seed, paragraphs=paragraphs)


def report(number: int, *, seed: int = 0, paragraphs: int = 14) -> Report:
    """The report of a number; see `reports`."""
    chance = random.Random(f"{seed}/{number}")
    repeats = chance.randrange(number) if number and chance.random() < REPRINTED else None
    text = _written(seed, number if repeats is None else repeats, paragraphs)
    shape = SHAPES[number % len(SHAPES)]
    noise = chance.choice(NOISES)
    return _shaped(text, shape, noise, chance, number, repeats)


def write(folder: Path, count: int, *, seed: int = 0, paragraphs: int = 14) -> Path:
    """Write so many reports as files into a new folder."""
    folder.mkdir(parents=True)
    for made in reports(count, seed=seed, paragraphs=paragraphs):
        (folder / made.name).write_bytes(made.data)
    return folder


# What a report says


@lru_cache(maxsize=64)
def _written(seed: int, number: int, paragraphs: int) -> _Text:
    """Text and facts of a report."""
    chance = random.Random(f"text/{seed}/{number}")
    place = chance.choice(_places())
    year = chance.randrange(2016, 2025)
    published = f"{year + 1}-{chance.randrange(1, 4):02}-{chance.randrange(1, 29):02}"
    committee = f"政协{place.name}委员会"
    author = _Author(chance, place, year, committee)
    slogan = f"{author.words('{image}{motion}')} {author.words('{image}{motion}')}"
    title = f"{slogan} ——{committee}{year}年{chance.choice(['履职综述', '工作综述', '履职纪实', '工作回眸'])}"
    fields = Fields(committee, place.code, (year, year), published, title)
    text = _Text(fields, place.name.rstrip("市县区") + chance.choice(phrases()["pools"]["paper"]))
    text.lines += [("title", slogan), ("subtitle", title.partition(" ——")[2])]
    text.lines.append(("body", author.sentence(chance.choice(phrases()["prose"]["openings"]))))
    groups = list(phrases()["figures"])
    chosen = ["proposals", *chance.sample(groups[1:], min(len(groups) - 1, chance.randrange(6, 11)))]
    for at in range(max(paragraphs, len(chosen) + 2)):
        if at % 4 == 0:
            text.lines.append(("heading", author.sentence(chance.choice(phrases()["prose"]["headings"]))))
        subject = chosen[at] if at < len(chosen) else chance.choice(groups[3:])
        text.lines.append(("body", _paragraph(author, subject, first=at < len(chosen))))
    text.lines.append(("body", author.sentence(chance.choice(phrases()["prose"]["closings"]))))
    text.facts = author.facts
    return text


def _paragraph(author: _Author, subject: str, *, first: bool) -> str:
    """Prose around one or two sentences on a subject; a subject that was met before gives no more figures."""
    prose = phrases()["prose"]["sentences"]
    chance = author.chance
    parts = [author.sentence(chance.choice(prose))]
    if first:
        known = phrases()["figures"][subject]
        several = 1 if subject in ("proposals", "topics") else chance.choice((1, 1, 2))
        parts += [author.sentence(sentence) for sentence in chance.sample(known, min(several, len(known)))]
    else:
        parts.append(author.sentence(chance.choice(prose)))
    if chance.random() < 0.7:
        parts.append(author.sentence(chance.choice(prose)))
    return "".join(parts)


class _Author:
    """Fills in sentences, and keeps the facts."""

    def __init__(self, chance: random.Random, place: Division, year: int, committee: str) -> None:
        self.chance = chance
        self.year = year
        self.facts: list[Fact] = []
        self._own = {"place": place.name.rstrip("市县区") if len(place.name) > 2 else place.name, "year": str(year)}
        self._own |= {"committee": committee, "area": place.name[-1]}
        self._values = _proposals(chance)

    def words(self, text: str) -> str:
        """Words of the pools in place of their names, no word twice in a sentence."""
        used: set[str] = set()

        def word(match: re.Match[str]) -> str:
            name = match[1]
            if name in self._own:
                return self._own[name]
            left = [item for item in phrases()["pools"][name] if item not in used]
            used.add(chosen := self.chance.choice(left))
            return str(chosen)

        return WORD.sub(word, text)

    def sentence(self, text: str) -> str:
        """A sentence with its words and figures."""
        return FIGURE.sub(self._figure, self.words(text))

    def _figure(self, match: re.Match[str]) -> str:
        measure, unit, given, rest = match.groups()
        flags = rest.split()
        value = self._value(given, flags)
        bound = self._bound(flags)
        category = next((flag[1:] for flag in flags if flag.startswith("#")), "")
        statistic = "share" if "share" in flags else "count"
        first = self.year - 4 if "five" in flags else self.year
        said, value = _number(value, flags, self.chance)
        self.facts.append(Fact(measure, statistic, category, value, unit, bound[0], (first, self.year)))
        return bound[1].format(said, unit)

    def _value(self, given: str, flags: list[str]) -> float:
        if given in self._values:
            return self._values[given]
        low, _, high = given.partition("-")
        if not high:
            return float(low)
        if "." in given:
            return round(self.chance.uniform(float(low), float(high)), 1)
        value = self.chance.randrange(int(low), int(high) + 1)
        if "w" in flags:
            return value // 1000 * 1000
        if "y" in flags:
            return value // 10_000_000 * 10_000_000
        return value

    def _bound(self, flags: list[str]) -> tuple[str, str]:
        """Kind of a qualifier, and how it stands around number and unit."""
        if "~" not in flags or self.chance.random() < 0.5:
            return "exact", "{}{}"
        kinds = [
            ("at_least", "{}余{}"),
            ("at_least", "{}多{}"),
            ("at_least", "超过{}{}"),
            ("about", "近{}{}"),
            ("about", "约{}{}"),
        ]
        return self.chance.choice(kinds)


def _proposals(chance: random.Random) -> dict[str, float]:
    """Numbers of proposals that add up."""
    submitted = chance.randrange(120, 900)
    filed = submitted - chance.randrange(5, submitted // 6)
    collective = filed * chance.randrange(15, 40) // 100
    resolved = filed * chance.randrange(60, 85) // 100
    deferred = (filed - resolved) * chance.randrange(10, 50) // 100
    topic1, topic2 = filed * chance.randrange(25, 40) // 100, filed * chance.randrange(25, 40) // 100
    found: dict[str, float] = {
        "submitted": submitted,
        "filed": filed,
        "individual": filed - collective,
        "collective": collective,
        "resolved": resolved,
        "deferred": deferred,
        "in_progress": filed - resolved - deferred,
        "topic1": topic1,
        "topic2": topic2,
        "topic3": filed - topic1 - topic2,
    }
    found["filed_rate"] = round(100 * filed / submitted, 1)
    found["individual_rate"] = round(100 * found["individual"] / filed, 1)
    found["collective_rate"] = round(100 * collective / filed, 1)
    return found


def _number(value: float, flags: list[str], chance: random.Random) -> tuple[str, float]:
    """A number as it is written, and what that is."""
    if "y" in flags and value >= 100_000_000:
        return f"{value / 100_000_000:.1f}".removesuffix(".0") + "亿", round(value / 100_000_000, 1) * 100_000_000
    if ("w" in flags or "y" in flags) and value >= 10_000:
        return f"{value / 10_000:.1f}".removesuffix(".0") + "万", round(value / 10_000, 1) * 10_000
    if "c" in flags and value < 10 and chance.random() < 0.5:
        return "两" if value == 2 else DIGITS[int(value)], value
    return f"{value:.1f}".removesuffix(".0"), value


# What it looks like


def _shaped(text: _Text, shape: str, noise: str, chance: random.Random, number: int, repeats: int | None) -> Report:
    make: dict[str, Callable[[_Text, str, random.Random], list[str]]] = {
        "text": _as_text,
        "html": _as_html,
        "paper": _as_paper,
        "columns": _as_columns,
        "wrapped": _as_wrapped,
        "table": _as_table,
        "box": _as_box,
        "mirror": _as_mirror,
    }
    page = "\n".join(make[shape](text, noise, chance)) + "\n"
    facts = list(text.facts)
    if shape in ("table", "box"):
        facts += _boxed(text)
    script = "traditional" if shape == "mirror" else "simplified"
    if script == "traditional":
        page = _traditional().convert(page)
    encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030"))
    if shape == "html":
        page = page.replace("CHARSET", "gb2312" if encoding == "gb18030" else "utf-8")
    suffix, content_type = (".html", "text/html") if shape == "html" else (".txt", "text/plain")
    name = f"{number:06}{suffix}"
    data = page.encode(encoding)
    return Report(name, data, content_type, shape, noise, script, encoding, text.fields, tuple(facts), repeats)


def _digits(line: str, noise: str, chance: random.Random) -> str:
    """Digits as copying and typesetting leave them: wide, bold, set apart."""
    if noise == "none":
        return line
    odds = 0.15 if noise == "some" else 0.4

    def changed(match: re.Match[str]) -> str:
        if chance.random() > odds:
            return match[0]
        way = chance.randrange(3)
        if way == 0:
            return match[0].translate(WIDE)
        return f"**{match[0]}**" if way == 1 else f" {match[0]} "

    return re.sub(rf"(?<![\d.A-Za-z+])\d+(?=[{UNITS}])", changed, line)


def _above(text: _Text, noise: str, chance: random.Random) -> list[str]:
    if noise == "none":
        return []
    furniture = phrases()["furniture"]
    lines = chance.sample(furniture["above"], 1 if noise == "some" else 4)
    if noise == "much":
        lines.insert(0, chance.choice(furniture["spam"]))
    return lines


def _below(noise: str, chance: random.Random) -> list[str]:
    furniture = phrases()["furniture"]
    return chance.sample(furniture["below"], {"none": 0, "some": 2, "much": 5}[noise])


def _as_text(text: _Text, noise: str, chance: random.Random) -> list[str]:
    title = text.fields.title.replace(" ——", "——")
    lines = [*_above(text, noise, chance), title, "", f"来源:{text.paper}  发布时间:{text.fields.published_at}", ""]
    for role, line in text.lines[2:]:
        lines += [("■ " if role == "heading" else "") + _digits(line, noise, chance), ""]
    return lines + _below(noise, chance)


def _as_html(text: _Text, noise: str, chance: random.Random) -> list[str]:
    lines = [
        "<!DOCTYPE html>",
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=CHARSET">',
        f"<title>{text.lines[0][1]}_{text.paper}网</title>",
        "<style>body{font-size:14px}</style></head><body>",
    ]
    if noise != "none":
        lines += [
            '<ul class="nav">',
            *(f'<li><a href="/">{line}</a></li>' for line in _above(text, noise, chance)),
            "</ul>",
        ]
    lines += ['<div class="article">', f"<h1>{text.lines[0][1]}</h1>", f'<h2 class="sub">——{text.lines[1][1]}</h2>']
    published = text.fields.published_at
    lines.append(f'<div class="info"><span>来源:{text.paper}</span>&nbsp;<span>发布时间:{published} 09:12</span></div>')
    lines.append('<div class="content" id="zoom">')
    odds = {"none": 0.0, "some": 0.3, "much": 0.8}[noise]
    for role, line in text.lines[2:]:
        if role == "heading":
            lines.append(f"<p><strong>{line}</strong></p>")
            continue
        marked = NUMBER.sub(lambda match: _spanned(match[0], odds, chance), line)
        lines.append(f'<p style="text-indent:2em">  {marked}</p>')
    lines.append("</div></div>")
    lines += [f'<div class="foot"><a href="/">{line}</a></div>' for line in _below(noise, chance)]
    return [*lines, "</body></html>"]


def _spanned(number: str, odds: float, chance: random.Random) -> str:
    return f'<span lang="EN-US">{number}</span>' if chance.random() < odds else number


def _as_paper(text: _Text, noise: str, chance: random.Random) -> list[str]:
    furniture = phrases()["furniture"]
    year, month, day = text.fields.published_at.split("-")
    lines = [
        furniture["paper_above"][0],
        "当前版: 03版",
        *furniture["paper_above"][1:],
        f"{year}年{month}月{day}日",
        "",
    ]
    lines += [text.lines[0][1], "", f"——{text.lines[1][1]}"]
    if noise == "much":
        lines.append(f"{text.fields.period[1]}年{chance.randrange(3, 12)}月,{_Caption(chance)}")
    lines += ["  □本报记者", ""]
    for _, line in text.lines[2:]:
        lines += [f"  {_digits(line, noise, chance)}", ""]
    return [*lines, *furniture["paper_below"], text.lines[0][1]]


class _Caption(str):
    """A picture's caption without figures."""

    def __new__(cls, chance: random.Random) -> _Caption:
        author = random.Random(chance.random())
        text = author.choice(phrases()["prose"]["captions"])
        return str.__new__(cls, WORD.sub(lambda match: author.choice(phrases()["pools"][match[1]]), text))


def _as_columns(text: _Text, noise: str, chance: random.Random) -> list[str]:
    """Narrow lines with blank ones between, as copied from a newspaper."""
    width = {"none": 24, "some": 18, "much": 15}[noise]
    return _narrow(text, noise, chance, width, "")


def _as_wrapped(text: _Text, noise: str, chance: random.Random) -> list[str]:
    return _narrow(text, "none", chance, {"none": 78, "some": 62, "much": 41}[noise], "")


def _narrow(text: _Text, noise: str, chance: random.Random, width: int, indent: str) -> list[str]:
    lines = ["", text.lines[0][1], "", f"——{text.lines[1][1]}", "", f"来源:{text.paper} {text.fields.published_at}", ""]
    for _, line in text.lines[2:]:
        for part in _wrapped(_digits(line, noise, chance).replace(" ", ""), width):
            lines += [indent + part, ""]
    return lines


def _wrapped(line: str, width: int) -> list[str]:
    """A line in parts of about so many characters; none begins with a stop, none breaks in a number or its marks."""
    parts = []
    while len(line) > width:
        at = width
        while at > 1 and (
            line[at] in ",。;:、》”)%" or (line[at] in DIGITS_AND_MARKS and line[at - 1] in DIGITS_AND_MARKS)
        ):
            at -= 1
        parts.append(line[:at])
        line = line[at:]
    return [*parts, line] if line else parts


DIGITS_AND_MARKS = "0123456789０１２３４５６７８９.*"


def _as_table(text: _Text, noise: str, chance: random.Random) -> list[str]:
    lines = _as_text(text, noise, chance)
    rows = [f"| {_NAMES[fact.measure]} | {fact.value:g}{fact.unit} |" for fact in _boxed(text)]
    at = len(lines) - len(_below(noise, random.Random(0)))
    return [*lines[:at], "| 项目 | 数量 |", "|---|---|", *rows, "", *lines[at:]]


def _as_box(text: _Text, noise: str, chance: random.Random) -> list[str]:
    lines = _as_text(text, noise, chance)
    at = len(lines) - len(_below(noise, random.Random(0)))
    box = ["数读", ""]
    for fact in _boxed(text):
        box += [f"{_NAMES[fact.measure]}**{fact.value:g}**{fact.unit}", ""]
    return [*lines[:at], *box, *lines[at:]]


_NAMES = {
    "proposals.submitted": "收到提案",
    "proposals.filed": "立案提案",
    "outputs.reports": "调研报告",
    "meetings.chairpersons": "主席会议",
    "opinions.submitted": "编报社情民意信息",
    "meetings.standing_committee": "常委会会议",
}


def _boxed(text: _Text) -> list[Fact]:
    """Facts that a table or box at the end states again."""
    chosen: dict[str, Fact] = {}
    for fact in text.facts:
        if fact.measure in _NAMES and fact.statistic == "count" and fact.bound == "exact":
            chosen.setdefault(fact.measure, fact)
    return list(chosen.values())


def _as_mirror(text: _Text, noise: str, chance: random.Random) -> list[str]:
    furniture = phrases()["furniture"]
    lines = [chance.choice(furniture["spam"]), ""] if noise == "much" else []
    lines += [text.lines[0][1], f"——{text.lines[1][1]}"]
    lines += [
        "  • 听全文",
        f"  • {text.fields.published_at} 08:20:16",
        f"  • 来源: {text.paper}",
        "  • 分享到",
        "  • -",
        "",
    ]
    for _, line in text.lines[2:]:
        lines += [f"  {line}", ""]
    return [*lines, "扫一扫在手机打开当前页", "相关新闻", "-"]


def main() -> None:
    """Write reports, or compare what is read in them with what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paragraphs", type=int, default=14)
    parser.add_argument("--check", type=int, metavar="N", help="read N reports and compare")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="print N sentences that were read otherwise")
    parser.add_argument("--out", type=Path, help="a new folder for the reports")
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    if given.check:
        from tests.corpus.accuracy import compare, table

        scored = compare(reports(given.check, seed=given.seed, paragraphs=given.paragraphs))
        print(table(scored))
        for miss in scored.misses[: given.misses]:
            print(miss)
    elif given.out:
        write(given.out, given.count, seed=given.seed, paragraphs=given.paragraphs)
    else:
        parser.error("say --check N or --out DIR")


if __name__ == "__main__":
    main()
