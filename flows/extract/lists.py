"""Numbers that 分别 gives out to the things of a list: 办复率、满意率分别为100%和99.2%."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.extract.context import STOP
from flows.extract.numerals import Numeral

LISTED = re.compile(r"\s*[、和及与,]\s*")
CLAUSE_REACH = 120  # characters: a longer clause is no list of names


@dataclass(frozen=True)
class Member:
    """A number of a list `A、B分别为10件、8件`: its place in the list, the length, what it is of, if the sentence names it, and
    the words before 分别."""

    place: int
    length: int
    name: str
    all: str


def respective(text: str, quantities: list[Numeral]) -> dict[int, Member]:
    """Numbers of such lists, by their index.

    Args:
        text: one paragraph, folded.
        quantities: its quantities, in order.
    """
    found: dict[int, Member] = {}
    first = 0
    while first < len(quantities):
        last = first
        while (
            last + 1 < len(quantities)
            and quantities[last + 1].unit == quantities[last].unit
            and LISTED.fullmatch(text, quantities[last].end, quantities[last + 1].start)
        ):
            last += 1
        length = last - first + 1
        if length > 1 and "分别" in (clause := _clause_before(text, quantities[first].start)):
            names = _names(clause, length)
            found |= {first + i: Member(i, length, names[i], clause.rpartition("分别")[0]) for i in range(length)}
        first = last + 1
    return found


def _clause_before(text: str, place: int) -> str:
    """The clause before a place."""
    near = text[max(0, place - CLAUSE_REACH) : place]
    return STOP.split(near[near.rfind("。") + 1 :])[-1]


def _names(clause: str, length: int) -> list[str]:
    """What each number of a list is of, by the words around 分别; empty words where it does not say."""
    before, _, after = clause.rpartition("分别")
    for part in (after, before):
        for parting in (r"、", r"[、和及与]"):
            names = [name.strip() for name in re.split(parting, part)]
            if len(names) == length and all(names):
                of = names[-1].rpartition("的")[2] if "的" in names[-1] else ""
                shared = of or ("率" if names[-1].endswith("率") else "")
                return [name if name.endswith(shared) else name + shared for name in names]
    return [""] * length
