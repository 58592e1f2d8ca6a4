"""Text that comes twice: the last paragraphs again, an abstract and the same lead. Kept once."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby

from flows.clean.lines import Line, squeeze

DIGIT = re.compile(r"[0-9一二三四五六七八九十百千万]")
ABSTRACT = re.compile(r"\s*[【\[](?:摘要|内容摘要|提要|内容提要|导读|编者按)[】\]]")
SIGNS = " ,。、;:?!()[]{}<>《》【】“”‘’·…-—|*_/.\"'"  # that lines begin and end with
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

    Nearly so means that no number is another one. Time is linear in the text: a line is compared with the lines only
    that share clauses with it.

    Args:
        lines: lines without a label are those that may be text.
    """
    content = [line for line in lines if not line.label]
    squeezed = _may_be_same(content)
    sources = _partly_twice(content)
    repeated = _verbatim_runs(squeezed)
    added: set[int] = set()
    seen: dict[str, str] = {}  # shingles of lines that others share clauses with
    whole: dict[str, int] = {}
    dropped = 0
    for i, (line, text) in enumerate(zip(content, squeezed, strict=True)):
        if not text and i not in sources:
            continue
        size = len(line.folded)
        if size >= SHORTEST and i not in repeated and ("," in line.folded or line.sentences > 0):
            long = size >= LONG and len(line.squeezed) >= LONG
            alike = False
            if long and line.width > WIDE and i in sources:
                for source in (content[j].squeezed for j in sorted(sources[i] - added)):
                    seen.update(dict.fromkeys(_shingles(source), source))
                added |= sources[i]
                alike = _is_alike(line.squeezed, seen)
            # A short paragraph may come again elsewhere; its copy stands near it.
            near = text in whole and len(text) >= SHORTEST and (long or i - dropped - whole[text] <= NEAR)
            if near or alike:
                repeated.add(i)
        if i in repeated:
            dropped += 1
        elif text:
            whole.setdefault(text, i - dropped)
            if name := ABSTRACT.match(line.folded):
                whole.setdefault(squeeze(line.folded[name.end() :]), i - dropped)
    for i in repeated:
        content[i].set("boilerplate", "repeated", 0.85)


def _may_be_same(lines: list[Line]) -> list[str]:
    """The squeezed text of each line that may be that of another one too, by its first and its last letter; else nothing."""
    ends = [_ends(line.folded) for line in lines]
    often = Counter(ends)
    return [line.squeezed if often[own] > 1 else "" for line, own in zip(lines, ends, strict=True)]


def _ends(text: str) -> str:
    """The first and the last letter or digit of a text, behind the name of an abstract."""
    if text[:1] in SIGNS and (name := ABSTRACT.match(text)):
        text = text[name.end() :]
    bare = text.strip(SIGNS)
    if bare and not (bare[0].isalnum() and bare[-1].isalnum()):
        bare = squeeze(bare)  # a sign that few lines begin or end with
    return bare[:1] + bare[-1:]


def _partly_twice(lines: list[Line]) -> dict[int, set[int]]:
    """Lines a good part of which came before, clause by clause, with the lines that it came in; in most texts none does."""
    first: dict[str, int] = {}
    found: dict[int, set[int]] = {}
    for i, line in enumerate(lines):
        if line.width >= LONG / 2:
            clauses = [clause for clause in CLAUSES.split(line.folded) if len(clause) >= LEAST_CLAUSE]
            again = [clause for clause in clauses if clause in first]
            if again and sum(map(len, again)) >= LEAST_AGAIN * sum(map(len, clauses)):
                found[i] = {first[clause] for clause in again}
            for clause in clauses:
                first.setdefault(clause, i)
    return found


def _shingles(text: str) -> list[str]:
    return [text[k : k + SHINGLE] for k in range(len(text) - SHINGLE + 1)]


def _is_alike(text: str, seen: dict[str, str]) -> bool:
    """Whether nearly all shingles of a line came before, and what did not says nothing else: no other number, no other
    name, no negation more or less.

    Args:
        text: the line, squeezed.
        seen: shingles that came before, each with the line that it stands in.
    """
    shingles = _shingles(text)
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
