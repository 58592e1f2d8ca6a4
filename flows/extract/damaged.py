"""Numbers of which digits are hidden, eaten or replaced: `1**件`, `占**.*%`, `?00多位`, `立案□□件`, `机9X3K`.

They must not become figures: what is left of a number is another number. Read on folded text.
"""

from __future__ import annotations

import re
from functools import cache

from schemas.vocabulary import load_lexicons, load_units
from schemas.vocabulary.patterns import words

Place = tuple[int, int]

# Signs that stand for digits: asterisks, boxes, circles, crosses, characters that could not be decoded.
RUN = re.compile(r"[0-9.?*×xX□█○◯\ufffd]+")
HIDING = frozenset("*×xX□█○◯\ufffd")
# Boxes and damaged characters stand for nothing else than a character that is gone.
SURE = frozenset("□█\ufffd")
LETTER = re.compile(r"[A-Za-z]")
LETTERS = re.compile(r"[A-Z]+")
FIRST_DIGIT = re.compile(r"[0-9]")
TIMES = re.compile(r"\d+(?:\.\d+)?(?:[×xX*]\d+(?:\.\d+)?)+")
LONGEST = 24
# Without any of these a text has no such number; most texts have none.
SIGN = re.compile(r"[?*×xX□█○◯\ufffdA-Za-z.]")
MARKED = re.compile(r"[?*×xX□█○◯\ufffd]|(?<![0-9])\.|\.(?![0-9])|[A-Za-z][0-9]|[0-9][A-Za-z]")
TOKEN = re.compile(r"[A-Za-z0-9]+")
SWITCH = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
# A share without its number, and a decimal without its whole: 占%, 立案率为.5%.
EATEN = re.compile(r"(?:占(?:比|总数的?)?|率(?:为|达到?|均为)?|达到?|增长)\.?%")


@cache
def _behind() -> re.Pattern[str]:
    """What follows a hidden number: a multiplier, a qualifier and a measure word; whether the word ends there."""
    units = load_units()
    measure = words([*units.count | units.measurement | units.currency]).pattern
    return re.compile(
        rf"\s?(?P<scale>[百千万亿]{{1,2}})?[余多]?\s?(?:%|‰|{measure})(?P<ends>(?![\u4e00-\u9fff])|(?=[以左]))?"
    )


def damaged_places(text: str) -> list[Place]:
    """Places of numbers that are not whole, each with its measure word, in order.

    Args:
        text: one paragraph, folded; time is linear in its length.
    """
    if not SIGN.search(text) or not MARKED.search(text):
        return []
    found = [place for match in RUN.finditer(text) if (place := _place(text, *match.span()))]
    found += [match.span() for match in TOKEN.finditer(text) if _is_random(match.group())]
    places: list[Place] = []
    for start, end in sorted(found):
        if not places or start >= places[-1][1]:
            places.append((start, end))
    return places


def _place(text: str, start: int, end: int) -> Place | None:
    """The hidden number in a run of digits and signs, or nothing: from its first digit on, if one is left."""
    if end - start > LONGEST or LETTER.match(text, max(0, start - 1), start):
        return None
    if start == 0:  # a bullet
        start = end - len(text[start:end].lstrip("□○◯*"))
    behind = _behind().match(text, end)
    run = text[start:end]
    bare = run.lstrip("?")
    if bare != run:  # the end of a question, unless what follows is no beginning of a number
        hides = bare[:1] == "0" or (len(run) - len(bare) >= 2 and behind is not None)
        start, run = (start, run) if hides else (end - len(bare), bare)
    else:
        hides = False
    if not run or (not hides and not _hides(text, start, end, behind)):
        return None
    first = FIRST_DIGIT.search(text, start, end)
    return first.start() if first else start, behind.end("scale") if behind and behind.group("scale") else end


def _hides(text: str, start: int, end: int, behind: re.Match[str] | None) -> bool:
    """Whether signs in a run stand for digits, or a point for those beside it."""
    run = text[start:end]
    if run.isdigit() or TIMES.fullmatch(run):
        return False
    digits = FIRST_DIGIT.search(run) is not None
    signs = HIDING.intersection(run)
    if behind is None:
        return bool(signs & SURE) and digits and start > 0
    if not signs:
        eaten = run[0] == "." and digits and not text[max(0, start - 3) : start].rstrip()[-1:].isdigit()
        return ("?" in run and digits) or eaten or (run[-1] == "." and text[end] in "%‰")
    if digits:
        return True
    alone = start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "、,:(")
    return not alone and (behind.group("ends") is not None or len(run) >= 2 or bool(signs & SURE))


def _is_random(token: str) -> bool:
    """Whether a token of letters and digits is none that people write: it goes to and fro between them.

    A name may do so with the same letters each time: 5A4A, 4K8K, B1B2.
    """
    digits = {char for char in token if char.isdigit()}
    letters = LETTERS.findall(token.upper())
    if len(letters) > 1 and len(set(letters)) == 1:
        return False
    return (
        4 <= len(token) <= LONGEST
        and len(SWITCH.findall(token)) >= 3
        and digits != {"2"}  # B2B2C: the two is a word
        and not load_lexicons().token_names.fullmatch(token)
    )


def is_eaten(text: str) -> bool:
    """Whether a share stands in a text of which the whole number is gone, so that nothing of it is a numeral."""
    return "%" in text and EATEN.search(text) is not None
