"""Bytes to characters: which encoding, how many damaged characters."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding

# gb18030 and big5hkscs contain what pages that declare gb2312, gbk or big5 really use.
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs"}
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP or Office file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x7fELF": "a program",
}
COMMON = re.compile(r"[\t\r\n -~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2030]")
REPLACEMENT = "\ufffd"
# A page of which more than this share of the characters is damaged cannot be quoted from.
MAX_DAMAGED = 0.02


class PageRejected(Exception):
    """A page that no report can be read from, by a named rule.

    Args:
        rule: the rule, as it stands in `quarantine`.
        reason: what is wrong and what to do.
    """

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True)
class Decoded:
    """Text of a page, the encoding it was read with, and the number of characters replaced."""

    text: str
    encoding: str
    replaced: int


def decode(data: bytes) -> Decoded:
    """Characters of a page.

    A byte order mark decides; then strict UTF-8; then detection from the bytes, with damaged
    characters replaced by U+FFFD and counted. A charset that the page declares is not asked: it lies
    too often, and detection was right without it.

    Args:
        data: the bytes as read.

    Raises:
        PageRejected: rule `empty`, `binary` or `undecodable`.
    """
    if not data.strip():
        raise PageRejected("empty", "the file holds no text; read the source again, or remove the file")
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _checked(data.removeprefix(bom).decode(encoding, errors="replace"), encoding)
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise PageRejected("binary", f"the file is {what}, not a text or HTML page; convert it to text first")
    try:
        return _checked(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if b"\0" in data[:4096]:
        return _decode_utf16(data)
    detected = detect_encoding(data) or "utf-8"
    tried = dict.fromkeys((SUPERSETS.get(detected, detected), "utf-8", "gb18030", "big5hkscs"))
    best: Decoded | None = None
    for encoding in tried:
        try:
            text = data.decode(encoding, errors="replace")
        except LookupError:
            continue
        candidate = Decoded(text, encoding, text.count(REPLACEMENT))
        if candidate.replaced <= len(text) * MAX_DAMAGED / 4:
            return _checked(text, encoding)
        if best is None or candidate.replaced < best.replaced:
            best = candidate
    if best is None:
        raise PageRejected("undecodable", "no character encoding fits the file; save it as UTF-8")
    return _checked(best.text, best.encoding)


def _decode_utf16(data: bytes) -> Decoded:
    """UTF-16 without a mark: of both byte orders the one that gives more Chinese and ASCII."""
    texts = {encoding: data.decode(encoding, errors="replace") for encoding in ("utf-16-le", "utf-16-be")}
    known = {encoding: len(COMMON.findall(text[:2000])) for encoding, text in texts.items()}
    encoding = max(known, key=lambda name: known[name])
    if known[encoding] < min(len(texts[encoding]), 2000) * 0.8:
        raise PageRejected("binary", "the file holds zero bytes: it is no text; convert it to text first")
    return _checked(texts[encoding], encoding)


def _checked(text: str, encoding: str) -> Decoded:
    """The text, unless too much of it is damaged or is control characters."""
    replaced = text.count(REPLACEMENT)
    control = sum(text.count(chr(c)) for c in range(32) if c not in (9, 10, 12, 13))
    if control > 8 and control > len(text) * 0.005:
        raise PageRejected("binary", f"the file holds {control} control characters: it is no text; convert it first")
    if replaced > max(3, len(text) * MAX_DAMAGED):
        raise PageRejected(
            "undecodable",
            f"{replaced} of {len(text)} characters are damaged as {encoding}; save the page again, as UTF-8",
        )
    return Decoded(text, encoding, replaced)
