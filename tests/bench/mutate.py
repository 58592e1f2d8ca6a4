"""Mutation testing of the data: correct reports are corrupted one figure at a time; what do the checks notice?

    make mutate

Once in the text of the page, where quote and value then agree with each other and only arithmetic can tell, and once in the extracted
rows, where the quote contradicts them. The reports: the samples, those in tests/corpus/checks, and those of ../shared/seeds where they are.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from flows.check import report_outcomes, row_failures
from flows.clean import CleanPage, PageRejected, clean
from flows.clean.reflow import paragraphs
from flows.extract import extract
from flows.gate import figures_by_source, suggest
from flows.process import Capture, page_rows
from flows.submit import in_processes
from schemas.checks import DATASET, RULES, of_ring
from schemas.checks.dataset import DatasetView
from schemas.ids import make_id, report_id
from schemas.tables import EXTRACTED, TABLES
from schemas.validate import Failure, split
from schemas.vocabulary import load_measures

ROOT = Path(__file__).parent.parent.parent
FOLDERS = (ROOT / "seeds" / "reports", ROOT / "tests" / "corpus" / "checks", ROOT.parent / "shared" / "seeds")
SUMS = frozenset(
    [
        "parts_by_author",
        "parts_by_result",
        "parts_by_topic",
        "shares_add_up",
        "share_of_proposals",
        "share_of_stated_whole",
        "rate_of_whole",
        "all_means_all",
        "growth_between_years",
    ]
)
ROW_RING, REPORT_RING, REFUSED = "row", "report", "refused"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
OTHER_UNIT = {
    "件": "次",
    "次": "件",
    "篇": "场",
    "条": "件",
    "场": "篇",
    "期": "件",
    "个": "次",
    "名": "件",
    "人次": "件",
}

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Alarms = dict[tuple[Any, ...], str]


@dataclass(frozen=True)
class Page:
    """A page and what was read from it."""

    name: str
    data: bytes
    text: str
    encoding: str
    rows: Rows
    alarms: Alarms
    in_sums: frozenset[str]

    @property
    def figures(self) -> list[Row]:
        """Its figures."""
        return self.rows["figures"]


@dataclass(frozen=True)
class Mutation:
    """One corruption and what noticed it.

    Attributes:
        where: `text` or `rows`.
        kind: kind of corruption.
        page, subject: the page, and what was corrupted.
        change: what it became.
        in_sum: whether the figure takes part in a sum or a share.
        rings: which rings noticed, each with its rules.
    """

    where: str
    kind: str
    page: str
    subject: str
    change: str
    in_sum: bool
    rings: dict[str, set[str]] = field(default_factory=dict)

    @property
    def caught(self) -> bool:
        """Whether rings 1 or 2, which need nothing but this page, noticed it, or the page is refused."""
        return any(ring != DATASET for ring in self.rings)


@dataclass(frozen=True)
class Attempt:
    """A corruption that is not judged yet: the rows that it gives, or the rule by which the page is refused."""

    where: str
    kind: str
    subject: str
    change: str
    in_sum: bool
    rows: Rows
    refused: str = ""


def main() -> None:
    """Corrupt all, print the table; exit 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write the table there, too")
    parser.add_argument("--misses", action="store_true", help="list every corruption of a sum or share that is missed")
    parser.add_argument("folders", type=Path, nargs="*", help="in place of those folders")
    options = parser.parse_args()
    folders = options.folders or FOLDERS
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    tried: list[Mutation] = []
    false = 0
    for found, alarms in in_processes(corrupt, [(path, tuple(paths)) for path in paths]):
        tried += found
        false += alarms
    tried += in_dataset([read(path) for path in paths])
    text = table(tried, len(paths), false)
    print(text)
    if options.misses:
        for mutation in tried:
            if mutation.in_sum and not mutation.caught:
                print(f"{mutation.where} {mutation.kind} {mutation.page}: {mutation.subject} -> {mutation.change}")
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    sys.exit(0 if goals_met(tried, len(paths), false) else 1)


def corrupt(job: tuple[Path, tuple[Path, ...]]) -> tuple[list[Mutation], int]:
    """All corruptions of one page, and whether the page raises an alarm as it is."""
    path, paths = job
    page = read(path)
    at = paths.index(path)
    neighbour = read(paths[(at + 1) % len(paths)])
    tried = list(decided(page, [*in_text(page, neighbour), *in_rows(page, neighbour)]))
    return tried, int(bool(page.alarms))


def read(path: Path) -> Page:
    """A page as it is."""
    data = path.read_bytes()
    cleaned = clean(data, _type(path.name))
    rows = _rows(path.name, data, cleaned)
    alarms, in_sums = judge(rows)
    encoding = cleaned.encoding
    return Page(path.name, data, data.decode(encoding), encoding, rows, alarms, frozenset(in_sums))


def _type(name: str) -> str:
    return "text/html" if name.endswith(".html") else "text/plain"


def _rows(name: str, data: bytes, page: CleanPage) -> Rows:
    """Rows by table of a cleaned page, with their common columns."""
    capture = Capture("0" * 16, report_id("mutate", name), "mutate", name, _type(name), "0" * 64, "", 0)
    common = {"report_id": capture.report_id, "run_id": "run", "pipeline_version": "0"}
    return {table: [common | row for row in rows] for table, rows in page_rows(capture, page, extract(page)).items()}


def judge(rows: Rows, models: Alarms | None = None) -> tuple[Alarms, set[str]]:
    """What rings 1 and 2 say of the rows of one report: alarms, and the figures that take part in sums and shares that hold.

    Args:
        rows: rows by table.
        models: what the models of the tables say of them, by place, where that is known already.
    """
    alarms: Alarms = {}
    valid = dict(rows)
    for name in EXTRACTED:
        found = {f.index: f.rule for f in _model_failures(name, rows[name])} if models is None else models.get(name, {})
        found = {failure.index: failure.rule for failure in row_failures(name, rows)} | found
        valid[name] = [row for index, row in enumerate(rows[name]) if index not in found]
        for index, rule in found.items():
            row = rows[name][index]
            alarms[ROW_RING, rule, row.get("line_no"), row.get("start")] = rule
    in_sums: set[str] = set()
    for report in valid["reports"]:
        aside = [len(rows[name]) - len(valid[name]) for name in ("figures", "ignored_numerals")]
        outcomes = report_outcomes(report, valid["figures"], valid["lines"], valid["ignored_numerals"], *aside)
        for rule, outcome in outcomes:
            if not outcome.passed:
                alarms[REPORT_RING, rule.name, outcome.message] = rule.name
            elif rule.name in SUMS:
                in_sums.update(outcome.figure_ids)
    return alarms, in_sums


def _model_failures(name: str, rows: list[Row]) -> list[Failure]:
    return split(TABLES[name], TABLES[name].frame(rows))[1]


def decided(page: Page, tried: list[Attempt]) -> Iterator[Mutation]:
    """What the rings say of each attempt.

    The models look at the figures of all attempts at once, which takes a hundredth of the time; ids are changed so that rows of one
    attempt are not taken for rows of another one.
    """
    rows = [
        row | {"figure_id": make_id(at, row["figure_id"])}
        for at, attempt in enumerate(tried)
        for row in attempt.rows.get("figures", [])
    ]
    places = [(at, place) for at, a in enumerate(tried) for place in range(len(a.rows.get("figures", [])))]
    second = SecondPage(page)
    models: list[dict[str, dict[int, str]]] = [{"figures": {}} for _ in tried]
    for failure in _model_failures("figures", rows):
        at, place = places[failure.index]
        models[at]["figures"][place] = failure.rule
    for at, attempt in enumerate(tried):
        rings = {REFUSED: {attempt.refused}} if attempt.refused else noticed(page, judge(attempt.rows, models[at])[0])
        if attempt.where == "text" and not attempt.refused and (rules := second.notices(attempt.rows)):
            rings[DATASET] = rules
        yield Mutation(attempt.where, attempt.kind, page.name, attempt.subject, attempt.change, attempt.in_sum, rings)


def noticed(page: Page, alarms: Alarms) -> dict[str, set[str]]:
    """Rings that say more than they say of the page as it is."""
    rings: dict[str, set[str]] = defaultdict(set)
    for key, rule in alarms.items():
        if key not in page.alarms:
            rings[key[0]].add(rule)
    return dict(rings)


class SecondPage:
    """Ring 3 where the same report stands on a second page, uncorrupted: a mirror, a newspaper."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._reports = TABLES["reports"].frame(page.rows["reports"])
        self._figures = TABLES["figures"].frame(page.figures)
        self._as_it_is = self._failures(page.rows)

    def notices(self, rows: Rows) -> set[str]:
        """Rules that fail for the two pages, and do not for the page and itself."""
        return self._failures(rows) - self._as_it_is

    def _failures(self, rows: Rows) -> set[str]:
        other = [row | {"report_id": "f" * 16} for row in rows["reports"]]
        figures = [
            row | {"report_id": "f" * 16, "figure_id": make_id("second", row["figure_id"])} for row in rows["figures"]
        ]
        view = DatasetView(
            pl.concat([self._reports, TABLES["reports"].frame(other)]),
            pl.concat([self._figures, TABLES["figures"].frame(figures)]),
            TABLES["captures"].frame([]),
            TABLES["quarantine"].frame([]),
            dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            duplicates={"f" * 16: (self._page.rows["reports"][0]["report_id"], 1.0)},
        )
        rules = [rule for rule in of_ring(DATASET) if rule.name != "coverage"]
        return {rule.name for rule in rules if any(not outcome.passed for outcome in rule.check(view))}


# --- in the text -----------------------------------------------------------------------------------------------


def in_text(page: Page, neighbour: Page) -> Iterator[Attempt]:
    """Corruptions of the characters of the page."""
    for at, figure in enumerate(page.figures):
        chance = random.Random(figure["figure_id"])
        following = page.figures[at + 1] if at + 1 < len(page.figures) else None
        for kind, change in TEXT_KINDS.items():
            new = change(figure["quote"], figure, chance)
            if new is not None and new != figure["quote"]:
                yield from _tried_text(page, kind, figure, {_span(figure): new})
        if following is not None and following["value"] != figure["value"]:
            mine, other = NUMBER.search(figure["quote"]), NUMBER.search(following["quote"])
            if mine and other:
                swapped = {
                    _span(figure): _with(figure["quote"], mine, other.group()),
                    _span(following): _with(following["quote"], other, mine.group()),
                }
                yield from _tried_text(page, "two values exchanged", figure, swapped, following)
        foreign = next(
            (f for f in neighbour.figures if f["measure"] == figure["measure"] and f["value"] != figure["value"]), None
        )
        mine, other = NUMBER.search(figure["quote"]), NUMBER.search(foreign["quote"]) if foreign else None
        if mine and other:
            mixed = {_span(figure): _with(figure["quote"], mine, other.group())}
            yield from _tried_text(page, "figure of a neighbouring report", figure, mixed)
    yield from _years_shifted(page)
    yield from _lines_dropped(page)


def _span(figure: Row) -> tuple[int, int, int]:
    return figure["line_no"], figure["start"], figure["end"]


def _with(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _tried_text(
    page: Page, kind: str, figure: Row, changes: dict[tuple[int, int, int], str], also: Row | None = None
) -> Iterator[Attempt]:
    """The page with some spans of its lines replaced, read anew."""
    data = _changed(page, changes)
    if data is None:
        return
    in_sum = figure["figure_id"] in page.in_sums or (also is not None and also["figure_id"] in page.in_sums)
    subject, change = f"line {figure['line_no']} {figure['quote']}", " ".join(changes.values())
    try:
        rows = _rows(page.name, data, clean(data, _type(page.name)))
    except PageRejected as rejected:
        yield Attempt("text", kind, subject, change, in_sum, {}, rejected.rule)
        return
    values = [(f["value"], f["unit"], f["measure"]) for f in rows["figures"]]
    if values == [(f["value"], f["unit"], f["measure"]) for f in page.figures]:
        return  # 0612 for 612: nothing is corrupted
    yield Attempt("text", kind, subject, change, in_sum, rows)


def _changed(page: Page, changes: dict[tuple[int, int, int], str]) -> bytes | None:
    """Bytes of the page with spans replaced; of a web page only where the quote stands once in its source."""
    if page.name.endswith(".html"):
        text = page.text
        raws = {line["line_no"]: line["raw"] for line in page.rows["lines"]}
        for (no, start, end), new in changes.items():
            quote = raws[no][start:end]
            if text.count(quote) != 1:
                return None
            text = text.replace(quote, new)
        return text.encode(page.encoding)
    lines = page.text.split("\n")
    for (no, start, end), new in sorted(changes.items(), reverse=True):
        lines[no - 1] = lines[no - 1][:start] + new + lines[no - 1][end:]
    return "\n".join(lines).encode(page.encoding)


def _digit_changed(quote: str, figure: Row, chance: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char.isdigit()]
    if not places:
        return None
    at = chance.choice(places)
    return quote[:at] + str((int(quote[at]) + chance.randint(1, 9)) % 10) + quote[at + 1 :]


def _digit_dropped(quote: str, figure: Row, chance: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char.isdigit()]
    if len(places) < 2:
        return None
    at = chance.choice(places)
    return quote[:at] + quote[at + 1 :]


def _digit_doubled(quote: str, figure: Row, chance: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char.isdigit()]
    if not places:
        return None
    at = chance.choice(places)
    return quote[: at + 1] + quote[at:]


def _digits_swapped(quote: str, figure: Row, chance: random.Random) -> str | None:
    pairs = [i for i in range(len(quote) - 1) if quote[i : i + 2].isdigit() and quote[i] != quote[i + 1]]
    if not pairs:
        return None
    at = chance.choice(pairs)
    return quote[:at] + quote[at + 1] + quote[at] + quote[at + 2 :]


def _decimal_moved(quote: str, figure: Row, chance: random.Random) -> str | None:
    match = re.search(r"(\d+)\.(\d)(\d*)", quote)
    if match is None:
        return None
    moved = match.group(1)[:-1] + "." + match.group(1)[-1] + match.group(2) + match.group(3)
    right = match.group(1) + match.group(2) + (f".{match.group(3)}" if match.group(3) else "")
    return _with(quote, match, right if moved.startswith(".") or chance.random() < 0.5 else moved)


def _scale_lost(quote: str, figure: Row, chance: random.Random) -> str | None:
    return re.sub(r"[万亿萬億]", "", quote) if re.search(r"\d\s*[余多]?[万亿萬億]", quote) else None


def _percent_lost(quote: str, figure: Row, chance: random.Random) -> str | None:
    return quote.replace("%", "").replace("％", "") if re.search(r"\d[%％]", quote) else None


def _unit_changed(quote: str, figure: Row, chance: random.Random) -> str | None:
    unit = figure["unit"]
    return quote[: -len(unit)] + OTHER_UNIT[unit] if unit in OTHER_UNIT and quote.endswith(unit) else None


TEXT_KINDS: dict[str, Callable[[str, Row, random.Random], str | None]] = {
    "digit changed": _digit_changed,
    "digit dropped": _digit_dropped,
    "digit doubled": _digit_doubled,
    "digits swapped": _digits_swapped,
    "decimal point moved": _decimal_moved,
    "万 or 亿 lost": _scale_lost,
    "% lost": _percent_lost,
    "unit changed": _unit_changed,
}


def _years_shifted(page: Page) -> Iterator[Attempt]:
    """A year before a figure, in its line, one less."""
    done = set()
    for figure in page.figures:
        line = next(line for line in page.rows["lines"] if line["line_no"] == figure["line_no"])
        matches = [m for m in re.finditer(r"(?<!\d)20\d\d(?=年)", line["raw"]) if m.end() <= figure["start"]]
        if matches and (figure["line_no"], matches[-1].start()) not in done:
            done.add((figure["line_no"], matches[-1].start()))
            year = matches[-1]
            span = (figure["line_no"], year.start(), year.end())
            yield from _tried_year(page, figure, span, str(int(year.group()) - 1))


def _tried_year(page: Page, figure: Row, span: tuple[int, int, int], year: str) -> Iterator[Attempt]:
    data = _changed(page, {span: year})
    if data is None:
        return
    rows = _rows(page.name, data, clean(data, _type(page.name)))
    before = {f["ordinal"]: (f["period_start"], f["period_end"]) for f in page.figures}
    moved = [f for f in rows["figures"] if before.get(f["ordinal"]) != (f["period_start"], f["period_end"])]
    if moved:
        in_sum = any(
            f["ordinal"] == m["ordinal"] and f["figure_id"] in page.in_sums for m in moved for f in page.figures
        )
        subject = f"line {figure['line_no']}, {len(moved)} figures"
        yield Attempt("text", "period shifted by a year", subject, year, in_sum, rows)


def _lines_dropped(page: Page) -> Iterator[Attempt]:
    """A line with figures taken for boilerplate."""
    for no in sorted({figure["line_no"] for figure in page.figures}):
        cleaned = clean(page.data, _type(page.name))
        for line in cleaned.lines:
            line.paragraph = None
            if line.no == no:
                line.set("boilerplate", "mutation", 0.5)
        left = CleanPage(cleaned.lines, paragraphs(cleaned.lines), cleaned.encoding, cleaned.replaced, cleaned.script)
        mine = [figure for figure in page.figures if figure["line_no"] == no]
        in_sum = any(figure["figure_id"] in page.in_sums for figure in mine)
        subject = f"line {no}, {len(mine)} figures"
        try:
            rows = _rows(page.name, page.data, left)
        except PageRejected as rejected:
            yield Attempt("text", "line taken for boilerplate", subject, "", in_sum, {}, rejected.rule)
            continue
        yield Attempt("text", "line taken for boilerplate", subject, "", in_sum, rows)


# --- in the rows -----------------------------------------------------------------------------------------------


def in_rows(page: Page, neighbour: Page) -> Iterator[Attempt]:
    """Corruptions of the extracted rows; the text stays as it is."""
    yield from _places_changed(page)
    for at, figure in enumerate(page.figures):
        chance = random.Random(figure["figure_id"])
        following = page.figures[at + 1] if at + 1 < len(page.figures) else None
        for kind, columns in _row_changes(figure, following, chance):
            figures = [figure | columns if row is figure else row for row in page.figures]
            if kind == "two values exchanged" and following is not None:
                figures = [row | {"value": figure["value"]} if row is following else row for row in figures]
            if kind == "category exchanged" and following is not None:
                figures = [row | {"category": figure["category"]} if row is following else row for row in figures]
            if kind == "measure exchanged" and following is not None:
                figures = [row | {"measure": figure["measure"]} if row is following else row for row in figures]
            yield _tried_rows(page, kind, figure, {"figures": figures}, str(columns))
        yield _tried_rows(page, "row lost", figure, {"figures": [row for row in page.figures if row is not figure]}, "")
        yield _tried_rows(page, "row doubled", figure, {"figures": [*page.figures, figure]}, "")
        if following is not None and following["sentence"] != figure["sentence"]:
            other = figure | {"sentence": following["sentence"]}
            figures = [other if row is figure else row for row in page.figures]
            yield _tried_rows(page, "sentence exchanged", figure, {"figures": figures}, following["sentence"][:20])
        label = {"label": "boilerplate"}
        lines = [line | label if line["line_no"] == figure["line_no"] else line for line in page.rows["lines"]]
        yield _tried_rows(page, "line taken for boilerplate", figure, {"lines": lines}, "")
        if at < len(neighbour.figures):
            foreign = neighbour.figures[at] | {"report_id": figure["report_id"], "ordinal": figure["ordinal"]}
            figures = [foreign if row is figure else row for row in page.figures]
            yield _tried_rows(page, "figure of a neighbouring report", figure, {"figures": figures}, foreign["quote"])


def _places_changed(page: Page) -> Iterator[Attempt]:
    """A digit changed in the code of the report's place."""
    report = page.rows["reports"][0]
    code = report["division_code"] or ""
    for at in range(len(code)):
        wrong = code[:at] + str((int(code[at]) + 5) % 10) + code[at + 1 :]
        reports = [report | {"division_code": wrong}]
        yield Attempt("rows", "code of the place changed", code, wrong, False, page.rows | {"reports": reports})


def _row_changes(figure: Row, following: Row | None, chance: random.Random) -> Iterator[tuple[str, Row]]:
    written = f"{figure['value']:.10g}"
    for kind in ("digit changed", "digit dropped", "digit doubled", "digits swapped", "decimal point moved"):
        new = TEXT_KINDS[kind](written, figure, chance)
        if new is not None and float(new) != figure["value"]:
            yield kind, {"value": float(new)}
    if following is not None and following["value"] != figure["value"]:
        yield "two values exchanged", {"value": following["value"]}
    if re.search(r"[万亿萬億]", figure["quote"]):
        yield "万 or 亿 lost", {"value": figure["value"] / 10_000}
    if figure["unit"] == "%":
        yield "% lost", {"unit": ""}
    if figure["unit"] in OTHER_UNIT:
        yield "unit changed", {"unit": OTHER_UNIT[figure["unit"]]}
    if following is not None and following["measure"] != figure["measure"]:
        yield "measure exchanged", {"measure": following["measure"]}
    else:
        codes = [measure.code for measure in load_measures() if measure.code != figure["measure"]]
        yield "measure changed", {"measure": chance.choice(codes)}
    if following is not None and following["category"] != figure["category"]:
        yield "category exchanged", {"category": following["category"]}
    if figure["period_start"] is not None:
        shifted = {name: _year_before(figure[name]) for name in ("period_start", "period_end")}
        yield "period shifted by a year", shifted


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)


def _tried_rows(page: Page, kind: str, figure: Row, changed: Rows, change: str) -> Attempt:
    subject = f"line {figure['line_no']} {figure['quote']} {figure['measure']}"
    in_sum = figure["figure_id"] in page.in_sums
    return Attempt("rows", kind, subject, change, in_sum, page.rows | changed)


# --- in the dataset --------------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def in_dataset(pages: list[Page]) -> Iterator[Mutation]:
    """Corruptions that only all reports together can tell: pages that are gone, not read, too many, too old, or wrongly dated."""
    rows = [row | {"source_uri": _address(row)} for page in pages for row in page.rows["reports"]]
    reports = TABLES["reports"].frame(rows)
    figures = TABLES["figures"].frame([row for page in pages for row in page.figures])
    captures = TABLES["captures"].frame([_capture(row) for row in reports.iter_rows(named=True)])
    quarantine = TABLES["quarantine"].frame([])
    expected = suggest([{"mutate": (reports.height, int(reports["n_figures"].sum()))}], captures)
    whole = DatasetView(reports, figures, captures, quarantine, NOW, expected, figures_by_source(reports))
    before = _failed(whole)
    half = reports.head(reports.height // 2)
    own = pl.col("report_id").is_in(half["report_id"].to_list())
    lost = replace(whole, reports=half, figures=figures.filter(own))
    yield _in_dataset("half of the reports of a source lost", lost, before)
    twice = reports.with_columns(pl.col("report_id").str.reverse())
    yield _in_dataset("every report of a source twice", replace(whole, reports=pl.concat([reports, twice])), before)
    yield _in_dataset("a source that stopped two years ago", replace(whole, now=NOW + dt.timedelta(days=730)), before)
    for page in pages:
        report = page.rows["reports"][0]
        others = pl.col("report_id") != report["report_id"]
        if report["published_at"] is not None and report["period_end"] is not None:
            early = report["period_end"].replace(year=report["period_end"].year - 1)
            day = pl.when(others).then(pl.col("published_at")).otherwise(pl.lit(early))
            wrong = replace(whole, reports=reports.with_columns(published_at=day))
            yield _in_dataset("day of publication wrong", wrong, before, page.name)
        if _has_other_years(report, reports):
            unread = TABLES["quarantine"].frame([_refused(report)])
            left = replace(whole, reports=reports.filter(others), figures=figures.filter(others), quarantine=unread)
            left = replace(left, expectations={}, before={})
            yield _in_dataset("page no longer read", left, before, page.name)


def _address(report: Row) -> str:
    """An address at a site that the committee has for itself."""
    year = report["period_end"].year if report["period_end"] else ""
    return f"https://{report['division_code']}.example/{year}/{report['source_uri']}"


def _capture(report: Row) -> Row:
    known = {name: report[name] for name in ("capture_id", "report_id", "run_id", "source", "source_uri")}
    empty: Row = dict.fromkeys(TABLES["captures"].schema)
    return empty | known | {"captured_at": NOW - dt.timedelta(days=30)}


def _has_other_years(report: Row, reports: pl.DataFrame) -> bool:
    """Whether this report alone covers its year, while the committee has others."""
    same = reports.filter(pl.col("division_code") == report["division_code"])
    return same.height > 1 and same.filter(pl.col("period_end") == report["period_end"]).height == 1


def _refused(report: Row) -> Row:
    empty: Row = dict.fromkeys(TABLES["quarantine"].schema)
    return empty | {
        "quarantine_id": "0" * 16,
        "report_id": report["report_id"],
        "run_id": "run",
        "table": "captures",
        "row": "{}",
        "rule": "no_report",
        "reason": "the page holds no report",
    }


def _failed(view: DatasetView) -> set[tuple[str, str]]:
    rules = of_ring(DATASET)
    return {(rule.name, outcome.message) for rule in rules for outcome in rule.check(view) if not outcome.passed}


def _in_dataset(kind: str, view: DatasetView, before: set[tuple[str, str]], page: str = "all pages") -> Mutation:
    rules = {rule for rule, _ in _failed(view) - before}
    return Mutation("dataset", kind, page, "", "", False, {DATASET: rules} if rules else {})


# --- the table -------------------------------------------------------------------------------------------------

# Kinds of corrupted rows that contradict the quote; the others contradict the rule, the text around, or nothing but the arithmetic.
AGAINST_QUOTE = frozenset(
    [
        "digit changed",
        "digit dropped",
        "digit doubled",
        "digits swapped",
        "decimal point moved",
        "two values exchanged",
        "万 or 亿 lost",
        "% lost",
        "unit changed",
        "line taken for boilerplate",
        "figure of a neighbouring report",
    ]
)


def share(part: int, whole: int) -> str:
    """A share in per cent, or a dash."""
    return f"{100 * part / whole:.1f}%" if whole else "–"


def table(tried: list[Mutation], pages: int, false: int) -> str:
    """The results as Markdown."""
    lines = [
        "# What the checks notice",
        "",
        "Made by `make mutate`; see `tests/bench/mutate.py` for what is done, `schemas/CHECKS.md` for the rules.",
        "",
    ]
    lines += [f"{len(tried)} corruptions of {pages} correct reports, of which {false} raise an alarm as they are.", ""]
    for where, title in (("text", "In the text of the page"), ("rows", "In the extracted rows")):
        found = [mutation for mutation in tried if mutation.where == where]
        lines += [f"## {title}", "", *_kinds(found, where), ""]
    lines += ["## In the whole dataset", "", "| corruption | tried | caught by ring 3 |", "|---|---|---|"]
    kinds: dict[str, list[Mutation]] = defaultdict(list)
    for mutation in tried:
        if mutation.where == "dataset":
            kinds[mutation.kind].append(mutation)
    for kind, some in kinds.items():
        lines.append(f"| {kind} | {len(some)} | {share(sum(bool(m.rings) for m in some), len(some))} |")
    lines.append("")
    rules = Counter((ring, rule) for mutation in tried for ring, names in mutation.rings.items() for rule in names)
    lines += ["## By rule", "", "Corruptions that each rule notices; several rules notice one.", ""]
    lines += ["| ring | rule | corruptions |", "|---|---|---|"]
    lines += [
        f"| {ring} | `{rule}` | {count} |"
        for (ring, rule), count in sorted(rules.items(), key=lambda i: (i[0][0], -i[1], i[0]))
    ]
    idle = [rule.name for rule in RULES.values() if rule.name not in {rule for _, rule in rules}]
    lines += ["", f"Notice nothing here: {', '.join(f'`{name}`' for name in idle) or 'none'}."]
    lines += ["", "## Missed in sums and shares", "", *_misses(tried)]
    return "\n".join(lines) + "\n"


def _kinds(found: list[Mutation], where: str) -> list[str]:
    second = " with a second page (ring 3) |" if where == "text" else ""
    lines = [
        f"| corruption | tried | caught | by ring 1 | by ring 2 |{second} in sums and shares: tried | caught |",
        "|---|---|---|---|---|---|---|" + ("---|" if second else ""),
    ]
    by_kind: dict[str, list[Mutation]] = defaultdict(list)
    for mutation in found:
        by_kind[mutation.kind].append(mutation)
    for kind, some in [*by_kind.items(), ("**all**", found)]:
        rings = Counter(ring for mutation in some for ring in mutation.rings)
        sums = [mutation for mutation in some if mutation.in_sum]
        cells = [kind, str(len(some)), share(sum(mutation.caught for mutation in some), len(some))]
        cells += [share(rings[ROW_RING], len(some)), share(rings[REPORT_RING], len(some))]
        cells += [share(sum(bool(mutation.rings) for mutation in some), len(some))] if second else []
        cells += [str(len(sums)), share(sum(mutation.caught for mutation in sums), len(sums))]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


# Why arithmetic cannot see some corruptions; what is not named here is a miss to be mended.
REASONS = {
    ("text", "two values exchanged"): "two parts of one sum, stated without shares, add up either way round",
    ("text", "unit changed"): "the words before the number name nothing that its unit could contradict",
    (
        "text",
        "line taken for boilerplate",
    ): "the lines above and below stand in other paragraphs, and the line alone states nothing of the committee",
    ("text", "period shifted by a year"): "the year is stated once, and the sums hold in any year",
    ("rows", "period shifted by a year"): "the text around names that year, too",
    ("rows", "category exchanged"): "both classes stand in one sentence, without shares",
}


def _misses(tried: list[Mutation]) -> list[str]:
    missed: dict[tuple[str, str], list[Mutation]] = defaultdict(list)
    for mutation in tried:
        if mutation.in_sum and not mutation.caught:
            missed[mutation.where, mutation.kind].append(mutation)
    lines = ["| where | corruption | missed | why | for example |", "|---|---|---|---|---|"]
    for (where, kind), some in sorted(missed.items(), key=lambda item: -len(item[1])):
        why = REASONS.get(
            (where, kind),
            "what it became agrees within rounding or with another whole, or is read as no number of the sum",
        )
        example = f"{some[0].page} {some[0].subject} → {some[0].change}".replace("|", "\\|").replace("*", "")
        lines.append(f"| {where} | {kind} | {len(some)} | {why} | {example} |")
    return lines


def goals_met(tried: list[Mutation], pages: int, false: int) -> bool:
    """All that contradicts a quote, nine tenths of what takes part in a sum or share, an alarm on at most one report in a hundred."""
    quotes = [m for m in tried if m.where == "rows" and m.kind in AGAINST_QUOTE]
    for where in ("text", "rows"):
        sums = [m for m in tried if m.in_sum and m.where == where]
        if sum(m.caught for m in sums) < 0.9 * len(sums):
            return False
    return all(m.caught for m in quotes) and false <= 0.01 * pages


if __name__ == "__main__":
    main()
