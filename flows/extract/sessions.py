"""Term (届) of a committee, and the session (次会议) at which a report was given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from flows.extract.numerals import chinese_value

CN_NUMBER = r"[一二三四五六七八九十]{1,3}|\d{1,2}"
TERM = re.compile(
    rf"委员会?第?({CN_NUMBER})届|第({CN_NUMBER})届(?:[\u4e00-\u9fff]{{0,12}}政协)?(?:全国)?(?:委员会|常委会|常务委员会|全体)|"
    rf"({CN_NUMBER})届(?=[\u4e00-\u9fff]{{0,6}}政协)|(?:政协|政治协商会议)[\u4e00-\u9fff]{{0,8}}?第?({CN_NUMBER})届(?!全国)"
)
SESSION_TERM = re.compile(
    rf"(?<!全国)(?<!省)(?:政协|(?<=[。;,\s(])|^|[市县区省旗州盟])({CN_NUMBER})届({CN_NUMBER})次(?:全体)?(?:会议|全会)"
)
PARTY = re.compile(r"党代会|市委|省委|县委|区委|州委|盟委|旗委|中央|中共|人大|人民代表|全国政协|党代表|省政协")
PLENUM = re.compile(r"[一二三四五六七八九]?中全会")
# What a report is given at; since or of a session before is what it reports of.
SESSION = re.compile(
    rf"({CN_NUMBER})届(?:[\u4e00-\u9fff]{{0,12}}?委员会)?第?({CN_NUMBER})次(?:全体)?会议(?!以来|期间|后|提案|交办|立案|闭幕后)"
)
OPENING = 500
# Characters before and behind 届 that a term may take up, with what is looked at around it.
BEFORE_TERM, BEHIND_TERM = 24, 32
MOST_TERMS, MOST_SESSIONS = 30, 12


def read_term(title: str, body: str, *, national: bool) -> int | None:
    """Term of the committee: from the headline, else what the text names most.

    Args:
        title: headline, folded.
        body: kept text, folded.
        national: whether the report is the national committee's; else its terms are somebody else's.
    """
    for text in (title, body):
        votes: Counter[int] = Counter()
        for pattern in (TERM, SESSION_TERM):
            for match in _by_term(pattern, text):
                before = text[max(0, match.start() - 6) : match.start()]
                foreign = PARTY.search(before) or "全国" in match.group()
                number = next((int_of(group) for group in match.groups() if group), 0)
                if (foreign and not national) or PLENUM.match(text, match.end()):
                    continue
                if 1 <= number <= MOST_TERMS:
                    votes[number] += 1
        if votes:
            return max(votes, key=lambda term: (votes[term], -term))
    return None


def _by_term(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern, sought only around 届, which each of them has in it."""
    stretches: list[tuple[int, int]] = []
    place = text.find("届")
    while place >= 0:
        start, end = max(0, place - BEFORE_TERM), place + BEHIND_TERM
        if stretches and start <= stretches[-1][1]:
            start, _ = stretches.pop()
        stretches.append((start, end))
        place = text.find("届", place + 1)
    for start, end in stretches:
        yield from pattern.finditer(text, start, end)


def read_session(title: str, body: str, term: int | None) -> int | None:
    """Session at which the report was given, where it is named with the term, or as the first one of the next."""
    if term is None:
        return None
    for text in (title, body[:OPENING]):
        for match in SESSION.finditer(text):
            of, session = int_of(match.group(1)), int_of(match.group(2))
            if 1 <= session <= MOST_SESSIONS and (of == term or (of == term + 1 and session == 1)):
                return session
    return None


def int_of(number: str) -> int:
    """A number in digits or Chinese characters."""
    return int(number) if number.isdigit() else int(chinese_value(number))
