"""Single pages through the cleaner, for the command line: title, day and text of a file, or of pages in JSON lines."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from flows.clean import CleanPage, Decoded, PageRejected, clean, clean_decoded
from schemas.errors import DataError, SourceError

COLLECT_EVERY = 500  # pages
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
    head = [line for line in (page.headline, page.published) if line]
    return "\n".join([*head, "", text_of(page)] if head else [text_of(page)])


def clean_json_lines(lines: Iterable[str]) -> Iterator[str]:
    """An answer for each line, in order.

    Args:
        lines: JSON objects with `html`, and `id`, which is given back.

    Yields:
        JSON objects with `id`, `title`, `date`, `text`; with `rule` and `reason` where no article can be read from the
        page, and with `error` where the line is no such object. What is not known is null.
    """
    # A page leaves hardly any cycles: they are collected now and then, not while it is read.
    gc.disable()
    try:
        for number, line in enumerate(lines, 1):
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
    if not isinstance(asked, dict) or not isinstance(asked.get("html"), str):
        return answer | {"error": f'line {number} is no object with "html"; write {{"id": …, "html": "<html>…"}}'}
    answer["id"] = asked.get("id")
    try:
        page = clean_decoded(Decoded(asked["html"], "utf-8", 0), "text/html")
    except PageRejected as rejected:
        return answer | {"rule": rejected.rule, "reason": rejected.reason}
    return answer | {"title": page.headline or None, "date": page.published or None, "text": text_of(page)}


def text_of(page: CleanPage) -> str:
    """The kept text of a page, a paragraph a line."""
    return "\n".join(paragraph.text for paragraph in page.paragraphs)
