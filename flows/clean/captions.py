"""Captions of pictures: dated lines in a row, lines with a mark, lines that say again what the text says."""

from __future__ import annotations

import re
from collections import Counter

from flows.clean.lines import Line
from flows.clean.reflow import continues
from flows.clean.repeats import label_repeats

PROSE_BODY = 60.0  # ems: lines whose words captions repeat
FULL_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
TIMED = re.compile(r"(?:(?:去年|今年|\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|去年|今年),")
MARKED_CAPTION = re.compile(r"[△▲▽▼]\s?[^\s△▲▽▼]")
SCENE = re.compile(r"委员.{0,16}(?:视察|调研|考察|走访|慰问|座谈|参观|督查|监督)")
SCENE_WIDTH = 40.0
GRAM = 4
PROBES, PROBE = 3, 6  # places of a line that are looked up in the text, and characters of each
MOST_PROBED, MOST_SEARCHED = 300, 100_000  # lines, and characters of prose, for which that is quicker
SHORTEST = 14  # characters of a caption that the text says again
QUANTITY = re.compile(r"\d[\d.]*\s*[万亿]?[余多]?[次件条篇个项名位人户家场期%元字册部]")


def _grams(text: str) -> set[str]:
    return {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}


def _dated_lines(content: list[Line], indented: bool) -> tuple[list[Line], list[Line]]:
    """Lines above the text that begin with a day, and those that such a line goes on in."""
    dated: list[Line] = []
    wrapped: list[Line] = []
    for line in content:
        if FULL_DATE.match(line.folded) and line.width <= 120 and not (indented and line.indented):
            dated.append(line)
        elif dated and not dated[-1].ends and line.ends and line.width <= dated[-1].width / 2:
            wrapped.append(line)
        else:
            break
    return dated, wrapped


def label_captions(lines: list[Line]) -> None:
    """Dated lines in a row between headline and body, and lines that repeat the body."""
    content = [line for line in lines if not line.label]
    prose = [line for line in content if line.width > PROSE_BODY]
    indented = sum(line.indented for line in prose) >= 0.7 * len(prose) > 0
    dated, wrapped = _dated_lines(content, indented)
    first = dated[0] if len(dated) == 1 < len(content) and content[1].width > PROSE_BODY else None
    scene = first is not None and first.width <= SCENE_WIDTH and SCENE.search(first.folded) is not None
    if len(dated) >= 2 or (dated and indented and len(content) > 1) or scene:
        for line in dated:
            line.set("caption", "dated_lines", 0.9)
        for line in wrapped:
            line.set("caption", "dated_line_goes_on", 0.9)
    for line in content if indented else []:
        if not line.indented and not line.label and not line.ends and TIMED.match(line.folded):
            line.set("caption", "timed_line", 0.8)
    _label_marked_captions(lines, content)
    label_repeats(lines)
    _label_said_again(content, [line for line in prose if not line.label], indented)


def _label_said_again(content: list[Line], prose: list[Line], indented: bool) -> None:
    """Lines that say what the prose says elsewhere."""
    likely = [line for line in content if _may_repeat(line, indented)] if prose else []
    # In a page whose paragraphs are indented, a line that is not stands out already.
    enough = 0.4 if indented else 0.8
    if len(likely) <= MOST_PROBED and sum(len(line.folded) for line in prose) <= MOST_SEARCHED:
        said = _said_by_search(likely, prose, enough)
    else:
        said = _said_by_count(likely, prose, enough)
    before: Line | None = None
    for i, line in enumerate(content if said else []):
        previous, before = before, line if not line.label else before
        if line.no not in said or line.label:
            continue
        if previous is not None and continues(previous, line, content, i - 1):
            continue
        if i + 1 < len(content) and continues(line, content[i + 1], content, i):
            continue
        line.set("caption", "repeats_body", 0.8)


def _said_by_search(lines: list[Line], prose: list[Line], enough: float) -> set[int]:
    """Numbers of the lines of which enough stands elsewhere in the prose, looked up gram by gram: quick for a few lines."""
    lines = _partly_in(lines, prose)
    text = "\n".join(line.squeezed for line in prose) if lines else ""
    found = set()
    for line in lines:
        squeezed = line.squeezed
        if len(squeezed) < SHORTEST:
            continue
        # A wide line stands in the prose itself.
        own = squeezed if line.width > PROSE_BODY else ""
        grams = _grams(squeezed)
        missed, most = 0, len(grams) - enough * len(grams)
        for gram in grams:
            if gram not in text or (own and text.count(gram) <= own.count(gram)):
                missed += 1
                if missed > most:
                    break
        else:
            found.add(line.no)
    return found


def _said_by_count(lines: list[Line], prose: list[Line], enough: float) -> set[int]:
    """The same by counting the grams of all prose, which is linear in lines and text."""
    grams = {line.no: _grams(line.squeezed) for line in lines if len(line.squeezed) >= SHORTEST}
    wanted = set().union(*grams.values())
    said: Counter[str] = Counter()
    for line in prose:
        said.update(wanted.intersection(_grams(line.squeezed)))
    wide = {line.no for line in lines if line.width > PROSE_BODY}
    return {no for no, own in grams.items() if sum(said[gram] > (no in wide) for gram in own) >= enough * len(own)}


def _may_repeat(line: Line, indented: bool) -> bool:
    """Whether a line may be a caption: by its width, by its indent where the paragraphs have one; a sentence that the
    markup ends as a paragraph is one."""
    if line.label or not 14 <= line.width <= 90 or (line.inside and line.closed and line.ends):
        return False
    return not (indented and line.indented)


def _partly_in(lines: list[Line], prose: list[Line]) -> list[Line]:
    """Those of the lines of which some part stands in other prose: a look at a few places spares counting the whole text."""
    text = "\n".join(line.folded for line in prose)
    found = []
    for line in lines:
        folded = line.folded
        own = 1 if line.width > PROSE_BODY else 0
        step = max(1, (len(folded) - PROBE) // PROBES)
        for place in range(0, len(folded) - PROBE + 1, step):
            if text.count(folded[place : place + PROBE]) > own:
                found.append(line)
                break
    return found


def _label_marked_captions(lines: list[Line], content: list[Line]) -> None:
    """Lines with a mark of pictures that are no list, and lines that the caption below them says again."""
    marked = [MARKED_CAPTION.match(line.folded) is not None for line in content]
    for i, line in enumerate(content):
        if not marked[i] or line.label or (i and marked[i - 1]) or (i + 1 < len(content) and marked[i + 1]):
            continue
        if not (line.ends or line.pauses or line.width > PROSE_BODY or QUANTITY.search(line.folded)):
            line.set("caption", "marked_line", 0.8)
    below: Line | None = None
    for line in reversed(lines):
        if not line.label and below is not None and below.label == "caption":
            squeezed = line.squeezed
            if len(squeezed) >= 8 and squeezed in below.squeezed:
                line.set("caption", "repeats_caption", 0.85)
        below = below if line.label == "blank" else line
