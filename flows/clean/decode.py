"""Bytes to characters: which encoding, how many damaged characters."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from resiliparse.parse.encoding import detect_encoding

from flows.clean.encodings import MULTIBYTE, SUPERSETS, UTF16, likely_encoding
from flows.clean.mend import REPLACEMENT, decode_damaged
from flows.clean.mojibake import is_mojibake

# UTF-32 first: its mark begins with the one of UTF-16.
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
MAGIC = {
    b"PK\x03\x04": "a ZIP or Office file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x7fELF": "a program",
}
CONTROL = bytes(c for c in range(32) if c not in (9, 10, 12, 13))
NO_CONTROL = bytes(c for c in range(256) if c not in CONTROL)
CONTROL_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
# A page of which more than this share of the characters is damaged cannot be quoted from.
MAX_DAMAGED = 0.02
# One byte too many in a character of UTF-8 makes this many of it; a short page is not refused for that.
ONE_BYTE = 4
# Unless the damage is one part of it, such as a section in another encoding: lines of no more than this share.
MAX_LOST = 0.4
PART = re.compile(r"[^\n\r<>]+")


PDF = b"%PDF-"
# Readers take a file for a PDF if its header stands within the first 1024 bytes (ISO 32000-1, annex H, note 13).
PDF_WITHIN = 1_024


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

    A byte order mark decides, unless the bytes behind it say otherwise; then strict UTF-8; then the encoding in which
    the bytes are Chinese text, with damaged characters replaced by U+FFFD and counted. A charset that the page declares
    decides only between encodings that fit equally well: it lies too often.

    Args:
        data: the bytes as read.

    Raises:
        PageRejected: rule `empty`, `binary` or `undecodable`.
    """
    if not data or data.isspace():
        raise PageRejected("empty", "the file holds no text; read the source again, or remove the file")
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise PageRejected("binary", f"the file is {what}, not a text or HTML page; convert it to text first")
    for bom, encoding in BOMS:
        if data.startswith(bom):
            data = data.removeprefix(bom)
            if encoding != "utf-8":
                return _decode_as(data, encoding)
            break
    # Text without ASCII signs may be valid UTF-8 as UTF-16 only where it has zero bytes.
    if b"\0" not in data:
        try:
            return _checked(data, data.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            pass
    return _decode_as(data, likely_encoding(data) or _foreign_encoding(data))


def _decode_as(data: bytes, encoding: str) -> Decoded:
    """Characters of a page in an encoding; what is damaged is mended as far as the encoding needs it."""
    if encoding not in (*MULTIBYTE[1:], *UTF16):
        return _checked(data, data.decode(encoding, errors="replace"), encoding)
    if encoding not in UTF16:
        try:
            return _checked(data, data.decode(encoding), encoding)
        except UnicodeDecodeError:
            # Bytes that are no text at all are not worth mending.
            _checked(data, data.decode(encoding, errors="replace"), encoding)
    return _checked(data, decode_damaged(data, encoding), encoding)


def _foreign_encoding(data: bytes) -> str:
    """The encoding of a page that is not Chinese in any, so that it is refused for what it is."""
    detected = detect_encoding(data) or "utf-8"
    detected = SUPERSETS.get(detected, detected)
    damaged: dict[str, int] = {}
    for encoding in dict.fromkeys((detected, "utf-8", "gb18030", "big5hkscs")):
        try:
            damaged[encoding] = data.decode(encoding, errors="replace").count(REPLACEMENT)
        except LookupError:
            continue
    return min(damaged, key=lambda encoding: damaged[encoding])


def _checked(data: bytes, text: str, encoding: str) -> Decoded:
    """The text, unless too much of it is damaged or is control characters."""
    wide = encoding in UTF16 or encoding.startswith("utf-32")
    control = len(CONTROL_TEXT.findall(text)) if wide else len(data.translate(None, delete=NO_CONTROL))
    if control > 8 and control > len(text) * 0.005:
        raise PageRejected("binary", f"the file holds {control} control characters: it is no text; convert it first")
    replaced = text.count(REPLACEMENT)
    if replaced > max(ONE_BYTE, len(text) * MAX_DAMAGED) and not _is_damaged_in_part(text):
        raise PageRejected(
            "undecodable",
            f"{replaced} of {len(text)} characters are damaged as {encoding}; save the page again, as UTF-8",
        )
    return Decoded(text, encoding, replaced)


def _is_damaged_in_part(text: str) -> bool:
    """Whether the damage is in lines that are lost altogether, and most of the text is not."""
    lost = kept = damaged = 0
    for part in PART.findall(text):
        if REPLACEMENT in part and is_mojibake(part):
            lost += len(part)
        else:
            kept += len(part)
            damaged += part.count(REPLACEMENT)
    return lost <= (lost + kept) * MAX_LOST and damaged <= max(ONE_BYTE, kept * MAX_DAMAGED)


def is_pdf(data: bytes) -> bool:
    """Whether a page is a PDF, by its first bytes."""
    return PDF in data[:PDF_WITHIN]
