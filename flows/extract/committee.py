"""Whose report it is: the committee, by the places that headline, text, credits and address name.

1. mentions   places in the text, each with how strongly its surroundings say that its committee speaks
2. kinds      what the text calls the committee where it leaves the name out: 市政协, 区政协
3. votes      the name that has most of both; where there is none, names in short, also of the address
4. resolve    of places that share the name the one whose time and superior places fit, or none
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from flows.clean.script import to_simplified
from flows.clean.text import fold
from schemas.vocabulary import Division, load_divisions
from schemas.vocabulary.divisions import KIND, NATIONAL_CODE

CN_NUMBER = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
NATIONAL_NAME = "全国"
NATION = Division(NATIONAL_CODE, NATIONAL_NAME, "national", "")
# The committee itself: not its members, leaders, offices or newspaper, whom every report names.
NATIONAL = re.compile(
    rf"(?:政协|政治协商会议)(?:第{CN_NUMBER}届)?全国委员会(?!委员|副?主席|领导|办公厅)|全国政协(?!委员|常委(?!会)|副?主席|领导|办公厅|网|机关|系统|调研组|专委|精神|采用|转报)"
)
OPENING = 600  # characters in which a report says whose it is
# What follows the name of the committee that speaks, and what precedes it.
IS_COMMITTEE = re.compile(r"人民政协|政协")
HAS_COMMITTEE = re.compile(rf"(?:第?{CN_NUMBER}届)?委员会|第{CN_NUMBER}届")
AFTER_COMMITTEE = re.compile(r"(?:政协|政治协商会议)(?:[\u4e00-\u9fff]{2,8}[省市州盟区])?\s?$")
PEOPLE = re.compile(r"(?:人民)?政协(?:原|老)?(?:副?主席|委员(?!会)|领导|党组书记)")
PARTY = re.compile(r"委(?!员)|(?:党委|人民政府|政府)")
TERM = re.compile(rf"第?{CN_NUMBER}届")
# A neighbour: who is visited or comes along is not who reports.
VISITED = re.compile(r"(?:赴|与|同|邀请|兄弟|借鉴|来自)$")
VISITOR = re.compile(
    r"(?:人民)?政协[^,。;、]{0,6}?(?:考察团|考察组|一行|来|回访|表示|参加|参观|作(?:了)?(?:经验|典型)?(?:交流|发言)|积极(?:配合|协助)|协助|协同)"
)
# Districts whose names are common words; 和县 behind the name of another kind is "and county".
COMMON = re.compile(r"(?:[老新中]?城|市?郊|矿|东|西|南|北|中|新|新市|市中|城[东西南北中])区")
AND_COUNTY = re.compile(r"[省市区县州旗盟全各、]$")
ANOTHER_WORD = re.compile(r"市场|区[域间别块]|县域|旗[帜下舰]|盟[友员约]|州际")
CORPS = "生产建设兵团"  # bears the region's name, and has no committee
COMMITTEE_WORD = re.compile("政协")  # a search for plain words is much faster than one for either of two
PEOPLES = "人民"
# 市政协 with nothing before it that names or lists; sought behind 政协, which is rarer than 市.
MEMBERS_BEHIND = re.compile(r"委员(?!会)")
KINDS = frozenset("省市区县州旗盟")
BARE_KIND = re.compile(r"(?<![省市区县州旗盟各和、级])(自治区|地区|[省市区县州旗盟])$")
LETTERS = re.compile(r"[a-z]{4,}")
AFFIXES = re.compile(r"^(?:zx|www)|(?:zx|zhengxie|cppcc|shi|xian|news|daily|ribao|rb|gov|zxw)$")
SITE_AFFIXES = ("政协", "日报", "晚报", "新闻", "政府", "广播")
ENOUGH = 3  # evidence that a name in short needs where the full one stands nowhere
# Level of a place of which a name in short may stand for several: the highest.
LEVELS = {"national": 0, "province": 1, "prefecture": 2, "county": 3}


@dataclass(frozen=True)
class Committee:
    """A committee: its name, and its place where it is known which of that name."""

    name: str
    division: Division | None


@dataclass(frozen=True)
class Mention:
    """A place in a text; `names` are those that it may stand for, `within` the place named right before it."""

    start: int
    end: int
    names: tuple[str, ...]
    strength: float
    within: str


@dataclass(frozen=True)
class Clues:
    """What is known of a page, folded.

    Attributes:
        title: the headline.
        body: the kept text.
        credits: lines that state source and author.
        furniture: lines of the site around the report.
        address: of the page.
        year: the last year that the report covers, or that of its publication.
    """

    title: str
    body: str
    credits: str = ""
    furniture: tuple[str, ...] = ()
    address: str = ""
    year: int | None = None

    @cached_property
    def named_address(self) -> str:
        """The address with the Chinese in it readable."""
        return fold(to_simplified(unquote(self.address)))

    @cached_property
    def mentions(self) -> tuple[tuple[str, int, list[Mention]], ...]:
        """The texts in which places are looked for, what a mention there counts, and the mentions."""
        opening, rest = self.body[:OPENING], self.body[OPENING:]
        texts = ((self.title, 6), (opening, 3), (rest, 1), (self.credits, 2), (self.named_address, 2))
        return tuple((text, weight, _mentions(text)) for text, weight in texts)

    def count(self, words: Iterable[str]) -> float:
        """How often words stand in all of it; more where a page says who it is."""
        texts = ((self.title, 3), (self.body, 1), (self.credits, 3), (self.named_address, 3))
        return sum(weight * text.count(word) for word in set(words) for text, weight in texts)


def find_committee(clues: Clues) -> Committee | None:
    """The committee that the page is a report of, or nothing where none is named."""
    if _is_national(clues):
        return Committee("政协全国委员会", NATION)
    votes, within = _votes(clues)
    kinds = _kinds(clues)
    name = _favourite(votes, kinds)
    if name is None or (kinds and kind_of_place(name) != _first(kinds) and votes[name] < ENOUGH * _first_weight(kinds)):
        name = _in_short(clues, kinds) or name
    if name is None:
        return None
    division = _resolve(name, within.get(name, Counter()), clues)
    return Committee(f"政协{division.name if division else name}委员会", division)


def kind_of_place(name: str) -> str:
    """What a place is by its name, as a text calls it that leaves the name out: 市, 区, 自治区, 地区 …"""
    return next((kind for kind in ("自治区", "地区") if name.endswith(kind)), name[-1])


def _is_national(clues: Clues) -> bool:
    """Whether headline, or else the opening, names the national committee as the one that speaks."""
    if NATIONAL.search(clues.title):
        return not _speaks(clues.mentions[0][2])
    title, _, named = clues.mentions[0]
    if any(_bare_kinds(title, named)) or not NATIONAL.search(clues.body[:OPENING]):
        return False
    return not any(_speaks(mentions) for _, _, mentions in clues.mentions[:2])


def _speaks(mentions: list[Mention]) -> bool:
    return any(mention.strength >= 4 for mention in mentions)


def _votes(clues: Clues) -> tuple[dict[str, float], dict[str, Counter[str]]]:
    """Votes for names of places, and for each name the places that it was said to lie in."""
    votes: dict[str, float] = {}
    within: dict[str, Counter[str]] = {}
    for _, weight, mentions in clues.mentions:
        for mention in mentions:
            for name in mention.names:
                votes[name] = votes.get(name, 0) + weight * mention.strength * _timeliness(name, clues.year)
                above = within.setdefault(name, Counter())
                if mention.within:
                    above[mention.within] += 1
    if max(votes.values(), default=0) < ENOUGH:
        # A site's own line names its committee; one that names several is a list of links.
        for line in clues.furniture:
            mentions = _mentions(line)
            if len(mentions) == 1 and mentions[0].strength >= 5:
                for name in mentions[0].names:
                    votes[name] = votes.get(name, 0) + 5
                    within.setdefault(name, Counter())
    return votes, within


def _timeliness(name: str, year: int | None) -> float:
    """1 for a name borne in the year or near it, less for one of another time."""
    if year is None:
        return 1.0
    return 1.0 if min(row.distance(year) for row in load_divisions().by_name[name]) <= 2 else 0.25


def _mentions(text: str) -> list[Mention]:
    """Places named in a text, in full or, before 政协, in short."""
    full = list(_full_names(text))
    return full + list(_short_names(text, full))


def _full_names(text: str) -> Iterator[Mention]:
    divisions = load_divisions()
    last = (0, "")
    places = [(start, name) for start, name in divisions.find(text) if _is_place(text, start, name)]
    for (start, name), (next_start, next_name) in zip(places, [*places, (-1, "")][1:], strict=True):
        end = start + len(name)
        within = (
            last[1] if last[0] == start and last[1] and _lies_in(name, last[1]) else _stem_before(text, start, name)
        )
        last = (end, name)
        if next_start == end and _lies_in(next_name, name):
            continue  # 成都市青羊区: the district's committee is meant
        strength = _strength(text, start, end)
        if COMMON.fullmatch(name) and not within and strength < 5:
            continue
        yield Mention(start, end, (name,), strength, within)


def _is_place(text: str, start: int, name: str) -> bool:
    """Whether the characters of a name are one here, not parts of other words."""
    end = start + len(name)
    if ANOTHER_WORD.match(text, end - 1) or text.startswith(CORPS, end):
        return False
    return not (name == "和县" and AND_COUNTY.search(text[max(0, start - 1) : start]))


def _short_names(text: str, full: list[Mention]) -> Iterator[Mention]:
    """Names in short right before 政协 (昆山政协), where no full name stands."""
    by_stem, stem_ends = load_divisions().by_stem, load_divisions().stem_ends
    taken = {mention.end for mention in full}
    for end, _ in _committee_words(text):
        if text[end - 2 : end] not in stem_ends:
            continue
        for size in range(min(8, end), 1, -1):
            stem = text[end - size : end]
            if stem in by_stem and end not in taken:
                within = _stem_before(text, end - size, *by_stem[stem])
                strength = min(4.0, _strength(text, end - size, end))
                yield Mention(end - size, end, by_stem[stem], strength, within)
                break


def _committee_words(text: str) -> Iterator[tuple[int, int]]:
    """Places of 政协 and 人民政协 in a text."""
    for match in COMMITTEE_WORD.finditer(text):
        start, end = match.span()
        yield (start - len(PEOPLES) if text.endswith(PEOPLES, 0, start) else start), end


def _stem_before(text: str, start: int, *names: str) -> str:
    """A superior place of one of the names that stands in short right before it: 武汉江岸, 徐州鼓楼区."""
    by_stem = load_divisions().by_stem
    for size in (2, 3, 4):
        for above in by_stem.get(text[max(0, start - size) : start], ()):
            if any(_lies_in(name, above) for name in names):
                return above
    return ""


def _strength(text: str, start: int, end: int) -> float:
    """How strongly the words around a place say that its committee speaks: 8 in its full name, 1 for a mere mention."""
    before, after = text[max(0, start - 14) : start], text[end : end + 14]
    if AFTER_COMMITTEE.search(before):
        return 8 if HAS_COMMITTEE.match(after) else 5
    if IS_COMMITTEE.match(after):
        if VISITED.search(before) or VISITOR.match(after):
            return 1
        return 3 if PEOPLE.match(after) else 5
    if PARTY.match(after):
        return 4 if before.endswith("中共") else 2
    return 3 if TERM.match(after) else 1


def _lies_in(name: str, above: str) -> bool:
    """Whether a place of the first name belongs, or belonged, to one of the second."""
    divisions = load_divisions()
    uppers = {row.code for row in divisions.by_name[above]}
    return any(parent.code in uppers for row in divisions.by_name[name] for parent in divisions.parents(row.code))


def _kinds(clues: Clues) -> Counter[str]:
    """What the text calls its committee without a name, most often its own: 市政协."""
    kinds: Counter[str] = Counter()
    for text, weight, mentions in clues.mentions[:3]:
        for kind in _bare_kinds(text, mentions):
            kinds[kind] += weight
    return kinds


def _bare_kinds(text: str, mentions: list[Mention]) -> Iterator[str]:
    named = {mention.end for mention in mentions}
    for end, behind in _committee_words(text):
        if text[end - 1 : end] not in KINDS or end in named or MEMBERS_BEHIND.match(text, behind):
            continue
        if kind := BARE_KIND.search(text[max(0, end - 4) : end]):
            yield kind.group(1)


def _first(kinds: Counter[str]) -> str:
    return kinds.most_common(1)[0][0]


def _first_weight(kinds: Counter[str]) -> int:
    return kinds.most_common(1)[0][1]


def _favourite(votes: dict[str, float], kinds: Counter[str]) -> str | None:
    """The name with most votes, which count double where the text calls its committee by that kind only."""
    total = sum(kinds.values()) or 1
    return max(
        votes,
        key=lambda name: (votes[name] * (1 + kinds[kind_of_place(name)] / total), -_level(name), len(name), name),
        default=None,
    )


def _level(name: str) -> int:
    return min(LEVELS[row.level] for row in load_divisions().by_name[name])


def _in_short(clues: Clues, kinds: Counter[str]) -> str | None:
    """A place of the kind that the text speaks of, named in short only, or spelt in the address; the clearest one."""
    if not kinds:
        return None
    kind = _first(kinds)
    found: Counter[str] = Counter()
    divisions = load_divisions()
    for text, weight in ((clues.title, 1), (clues.body, 1), (clues.credits, 3), (clues.named_address, 3)):
        for start, stem in divisions.find_stems(text):
            around = 2 if text[start + len(stem) :].startswith(SITE_AFFIXES) else 1
            for name in divisions.by_stem[stem]:
                if kind_of_place(name) == kind:
                    found[name] += weight * around
    for word in LETTERS.findall(clues.address.lower()):
        for row in divisions.by_spelling.get(AFFIXES.sub("", word), ()):
            if kind_of_place(row.name) == kind:
                found[row.name] += ENOUGH
    timely = {name: int(count * _timeliness(name, clues.year)) for name, count in found.items()}
    first, second = [*sorted(timely.values(), reverse=True), 0, 0][:2]
    return max(timely, key=lambda name: timely[name]) if first >= ENOUGH and first > second else None


def _resolve(name: str, within: Counter[str], clues: Clues) -> Division | None:
    """The place of a name: of those of its time the one whose superior places the page names; nothing where that is open."""
    rows = _of_time(load_divisions().by_name[name], clues.year)
    if len(rows) == 1:
        return rows[0]
    support = {row: _support(row, within, clues) for row in rows}
    first, second = sorted(support.values(), reverse=True)[:2]
    if first > second:
        return max(rows, key=lambda row: support[row])
    levels = sorted(rows, key=lambda row: LEVELS[row.level])
    return levels[0] if levels[0].level != levels[1].level else None


def _of_time(rows: tuple[Division, ...], year: int | None) -> list[Division]:
    """Those that bore the name in the year, or nearest to it; without a year those of today, or the last ones."""
    if year is None:
        latest = max(row.until or 9999 for row in rows)
        return [row for row in rows if (row.until or 9999) == latest]
    nearest = min(row.distance(year) for row in rows)
    near = [row for row in rows if row.distance(year) == nearest]
    # In the year of a change the report, given at its end, is of the later one.
    return [row for row in near if row.until != year] or near


def _support(row: Division, within: Counter[str], clues: Clues) -> float:
    """How much the page says of the places above one."""
    divisions = load_divisions()
    total = 0.0
    for upper in divisions.parents(row.code):
        names = {row.name for row in divisions.times[upper.code]}
        shorts = {KIND.sub("", name) for name in names}
        total += 10 * sum(within[name] for name in names) + clues.count(short for short in shorts if len(short) > 1)
    return total
