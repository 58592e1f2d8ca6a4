"""Text that comes twice: the last paragraphs again, an abstract and the same lead. Kept once."""

from __future__ import annotations

import re
from itertools import groupby

from flows.clean.lines import Line, squeeze

DIGIT = re.compile(r"[0-9一二三四五六七八九十百千万]")
ABSTRACT = re.compile(r"\s*[【\[](?:摘要|内容摘要|提要|内容提要|导读|编者按)[】\]]")
NEGATION = re.compile(r"[不未无非没]")
NAME_END = re.compile(r"[省市区县州盟旗镇乡村局院]")  # behind one character that is another one: 东区, 西区
SHORTEST = 24  # characters: a shorter line may come twice in a list
WIDE = 90.0  # ems: what is not verbatim and narrower may be a caption, or a number of a data box stated again
SHINGLE = 8
CLAUSES = re.compile(r"[,。;:!?、\s]")
LEAST_CLAUSE = 8  # characters of a clause that hardly comes twice by chance
LEAST_AGAIN = 0.3  # share of a line in clauses that come again; what is alike has nearly all of them
ALIKE = 0.92  # share of a line's shingles that must have come before
LONG = 100  # characters: so long a paragraph is not written twice
NEAR = 4  # paragraphs of text from the first to its copy
RUN = 40  # characters: so much verbatim in a row is a copy, though each line of it is short


def label_repeats(lines: list[Line]) -> None:
    """Label prose that repeats earlier prose, verbatim or nearly so.

    Nearly so means that no number is another one. Time is linear in the text: each shingle is looked up once.

    Args:
        lines: lines without a label are those that may be text.
    """
    content = [line for line in lines if not line.label]
    squeezed = [line.squeezed for line in content]
    seen: dict[str, str] = {}
    whole: dict[str, int] = {}
    dropped = 0
    repeated = _verbatim_runs(squeezed)
    likely = _partly_twice(content)
    alone = not repeated and not likely and len(set(squeezed)) == len(squeezed)
    if alone and not any(ABSTRACT.match(line.folded) for line in content):
        return
    for i, (line, text) in enumerate(zip(content, squeezed, strict=True)):
        if not text:
            continue
        # Only what is long enough to be told by them has shingles.
        long = len(text) >= LONG
        shingles = [text[k : k + SHINGLE] for k in range(len(text) - SHINGLE + 1)] if long and likely else []
        if len(text) >= SHORTEST and ("," in line.folded or line.sentences > 0):
            alike = long and line.width > WIDE and _is_alike(text, shingles, seen)
            # A short paragraph may come again elsewhere; its copy stands near it.
            near = text in whole and (long or i - dropped - whole[text] <= NEAR)
            if near or alike:
                repeated.add(i)
        if i in repeated:
            dropped += 1
        else:
            seen.update(dict.fromkeys(shingles, text))
            whole.setdefault(text, i - dropped)
            if name := ABSTRACT.match(line.folded):
                whole.setdefault(squeeze(line.folded[name.end() :]), i - dropped)
    for i in repeated:
        content[i].set("boilerplate", "repeated", 0.85)


def _partly_twice(lines: list[Line]) -> bool:
    """Whether a good part of some long line comes again, clause by clause: else no line repeats others nearly so."""
    seen: set[str] = set()
    for line in lines:
        if line.width >= LONG / 2:
            clauses = [clause for clause in CLAUSES.split(line.folded) if len(clause) >= LEAST_CLAUSE]
            again = seen.intersection(clauses)
            if again and sum(map(len, again)) >= LEAST_AGAIN * sum(map(len, clauses)):
                return True
            seen.update(clauses)
    return False


def _is_alike(text: str, shingles: list[str], seen: dict[str, str]) -> bool:
    """Whether nearly all shingles of a line came before, and what did not says nothing else: no other number, no other
    name, no negation more or less.

    Args:
        text: the line, squeezed.
        shingles: its shingles in order.
        seen: shingles that came before, each with the last line that it stands in.
    """
    if seen.keys().isdisjoint(shingles):
        return False
    new = [k for k, shingle in enumerate(shingles) if shingle not in seen]
    if len(new) > (1 - ALIKE) * len(shingles) or any(DIGIT.search(shingles[k]) for k in new):
        return False
    runs = [[k for _, k in group] for _, group in groupby(enumerate(new), key=lambda pair: pair[1] - pair[0])]
    return not any(_differs(text, run[0], run[-1], shingles, seen) for run in runs)


def _differs(text: str, first: int, last: int, shingles: list[str], seen: dict[str, str]) -> bool:
    """Whether a run of new shingles says something else than the line that has those around it."""
    before, behind = first - 1, last + 1
    own = text[first + SHINGLE - 1 if first else 0 : behind if behind < len(shingles) else len(text)]
    earlier = seen[shingles[before if before >= 0 else behind]]
    start = earlier.find(shingles[before]) + SHINGLE if before >= 0 else 0
    end = earlier.find(shingles[behind], max(0, start - SHINGLE)) if behind < len(shingles) else len(earlier)
    if end < 0:
        return True  # what stands around the difference stands in two lines
    other = earlier[start:end]
    if NEGATION.search(own) or NEGATION.search(other):
        return True
    return bool(own and other) and (min(len(own), len(other)) > 1 or NAME_END.match(text, behind) is not None)


def _verbatim_runs(squeezed: list[str]) -> set[int]:
    """Places of lines in a row that came before in the same order."""
    first: dict[str, int] = {}
    copies: set[int] = set()
    run: list[int] = []
    expected = -1
    for i, text in enumerate(squeezed):
        at = first.get(text, -1) if text else -1
        if at < 0 or (run and at != expected):
            _close(run, squeezed, copies)
            run = []
        if at >= 0:
            run.append(i)
            expected = at + 1
        elif text:
            first[text] = i
    _close(run, squeezed, copies)
    return copies


def _close(run: list[int], squeezed: list[str], copies: set[int]) -> None:
    if len(run) >= 3 and sum(len(squeezed[i]) for i in run) >= RUN:
        copies.update(run)
