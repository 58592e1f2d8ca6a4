"""Text that comes twice: the last paragraphs again, an abstract and the same lead. Kept once."""

from __future__ import annotations

import re

from flows.clean.lines import Line, squeeze

DIGIT = re.compile(r"[0-9一二三四五六七八九十百千万]")
ABSTRACT = re.compile(r"\s*[【\[](?:摘要|内容摘要|提要|内容提要|导读|编者按)[】\]]")
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
    seen: set[str] = set()
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
            alike = long and line.width > WIDE and _is_alike(shingles, seen)
            # A short paragraph may come again elsewhere; its copy stands near it.
            near = text in whole and (long or i - dropped - whole[text] <= NEAR)
            if near or alike:
                repeated.add(i)
        if i in repeated:
            dropped += 1
        else:
            seen.update(shingles)
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


def _is_alike(shingles: list[str], seen: set[str]) -> bool:
    """Whether nearly all shingles of a line came before, and no other number stands in those that did not."""
    if seen.isdisjoint(shingles):
        return False
    new = [shingle for shingle in shingles if shingle not in seen]
    return len(new) <= (1 - ALIKE) * len(shingles) and not any(DIGIT.search(shingle) for shingle in new)


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
