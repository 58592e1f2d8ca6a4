"""Single pages through the cleaner, for the command line: title, day and text of a file, or of pages in JSON lines."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from flows.clean import CleanPage, Decoded, PageRejected, Paragraph, clean, clean_decoded
from flows.clean.headline import first_day
from flows.clean.lines import squeeze
from flows.extract.report import read_title
from schemas.errors import DataError, SourceError

COLLECT_EVERY = 500  # pages
ARCHIVED = re.compile("归档|存档|收录")
# Signs that could steer a terminal; line feeds and tabs stay.
CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "\ufffd")
MEDIA_TYPES = {".html": "text/html", ".htm": "text/html", ".shtml": "text/html", ".xhtml": "text/html"}


def clean_file(path: str, data: bytes | None = None) -> str:
    """Title, day and text of one page, as a person reads them.

    Args:
        path: the file; its suffix says whether it is HTML.
        data: its bytes, where they were read already.

    Raises:
        SourceError: the file cannot be read.
        DataError: no article can be read from it; the rule is named.
    """
    if data is None:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    try:
        page = clean(data, MEDIA_TYPES.get(Path(path).suffix.lower(), "text/plain"))
    except PageRejected as rejected:
        raise DataError(f"{path}: {rejected.rule}: {rejected.reason}") from rejected
    headline, published = _head(page)
    head = [line for line in (headline, published) if line]
    text = text_of(page, headline)
    return "\n".join([*head, "", text] if head else [text]).translate(CONTROL)


def clean_json_lines(lines: Iterable[str]) -> Iterator[str]:
    """An answer for each line, in order.

    Args:
        lines: JSON objects with `html`, and `id`, which is given back.

    Yields:
        JSON objects with `id`, `title`, `date`, `text`, in which the headline of the page does not stand again; with `rule` and `reason`
        where no article can be read from the page, and with `error` where the line is no such object, or the page
        cannot be read for another reason. What is not known is null. A blank line has no answer.
    """
    # A page leaves hardly any cycles: they are collected now and then, not while it is read.
    gc.disable()
    try:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            yield orjson.dumps(_answer(line, number)).decode()
            if number % COLLECT_EVERY == 0:
                gc.collect()
    finally:
        gc.enable()


def _answer(line: str, number: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": None, "title": None, "date": None, "text": ""}
    try:
        asked = orjson.loads(line)
    except ValueError as error:
        return answer | {"error": f"line {number} is no JSON: {error}"}
    if isinstance(asked, dict):
        answer["id"] = asked.get("id")
    if not isinstance(asked, dict) or not isinstance(asked.get("html"), str):
        return answer | {"error": f'line {number} is no object with "html"; write {{"id": …, "html": "<html>…"}}'}
    try:
        page = clean_decoded(Decoded(asked["html"], "utf-8", 0), "text/html")
        headline, published = _head(page)
        return answer | {
            "title": headline or None,
            "date": published or None,
            "text": text_of(page, headline, own=True),
        }
    except PageRejected as rejected:
        return answer | {"rule": rejected.rule, "reason": rejected.reason}
    except Exception as error:  # a fault of ours with one page costs no other its answer
        return answer | {
            "error": f"line {number} cannot be read: {type(error).__name__}: {error}; please report the page"
        }


def _head(page: CleanPage) -> tuple[str, str]:
    """Headline and day of publication: as a web page states them, else as its lines do."""
    headline = page.headline or read_title(page.lines) or ""
    days = (first_day(line.text) for line in page.lines if line.label == "meta" and not ARCHIVED.search(line.text))
    return headline, page.published or next(filter(None, days), "")


def text_of(page: CleanPage, headline: str = "", *, own: bool = False) -> str:
    """The kept text of a page, a paragraph a line.

    Args:
        page: the page.
        headline: what is told beside the text and left out of it.
        own: whether it stays where a document has it in its own text.
    """
    told = squeeze(headline)
    return "\n".join(
        paragraph.text
        for paragraph in page.paragraphs
        if paragraph.label != "title" or squeeze(paragraph.text) not in told or (own and _is_own(page, paragraph))
    )


def _is_own(page: CleanPage, paragraph: Paragraph) -> bool:
    """Whether a headline is written in the text of the article, as documents have it, and is no heading of the page."""
    line = page.lines[paragraph.mapped.runs[0].line_no - 1]
    return line.inside and not line.level
