"""PDF to lines: the text layer only, in reading order."""

from __future__ import annotations

import ctypes
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from flows.clean.decode import Decoded, PageRejected
from flows.clean.encodings import FREQUENT
from flows.clean.layout import Glyph, page_lines
from flows.clean.mend import REPLACEMENT
from flows.clean.script import HAN

# The place of the table of objects stands at the end; behind it some servers add a few bytes.
END, END_WITHIN = b"startxref", 4_096
MAX_PAGES = 2_000
MAX_CHARS = 1_500_000
# Fewer characters a page than this are a stamp or a page number on a picture.
SCANNED_CHARS = 20
# A text layer with more glyphs than this that stand for no known character, or with fewer frequent characters, is garbage.
MAX_UNKNOWN = 0.2
MIN_FREQUENT = 0.25
# PDFium is not thread-safe.
LOCK = threading.Lock()
# Glyphs that programs map to a radical instead of the character; Unicode decomposes the others by itself.
RADICALS = dict(
    zip("⺠⻄⻅⻆⻉⻊⻋⻓⻔⻘⻚⻛⻜⻝⻢⻥⻦⻨⻩⻬⻮⻰⻳", "民西见角贝足车长门青页风飞食马鱼鸟麦黄齐齿龙龟", strict=True)
)
# Private use, and characters so rare that a wrong map gave them.
ODD = re.compile("[\ue000-\uf8ff\u3400-\u4dbf\U00020000-\U0003ffff]")
COMPATIBLE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def decode_pdf(data: bytes) -> Decoded:
    """Text of a PDF, its encoding named `pdf`, with the number of characters and pages that could not be read.

    Raises:
        PageRejected: see `pdf_lines`.
    """
    text = "\n".join(pdf_lines(data))
    return Decoded(text, "pdf", text.count(REPLACEMENT))


def pdf_lines(data: bytes) -> list[str]:
    """Lines of the text layer of a PDF, page by page in reading order.

    A character without a known meaning is U+FFFD; a page that is a picture, among pages with text, is one line U+FFFD:
    what could not be read is counted. Nothing stands for a blank page. Radicals and compatibility characters are the ordinary ones.

    Args:
        data: the file.

    Raises:
        PageRejected: rule `encrypted_pdf`, `damaged_pdf`, `oversized_pdf`, `scanned_pdf` or `unreadable_pdf`.
    """
    if END not in data[-END_WITHIN:]:
        # PDFium would open most of these, and show empty pages for what is gone.
        raise PageRejected("damaged_pdf", "the PDF is cut off: its end is missing; get the file again")
    pages = _pages(data)
    total = sum(map(len, pages))
    if total < SCANNED_CHARS * len(pages) and sum(len(page) < SCANNED_CHARS for page in pages) * 2 > len(pages):
        raise PageRejected(
            "scanned_pdf",
            f"{total} characters on {len(pages)} pages: the text is pictures or outlines; recognise it (OCR) first",
        )
    _require_text(pages, total)
    return [line for page in pages for line in page_lines(page)]


def _require_text(pages: list[list[Glyph]], total: int) -> None:
    """Refuse a text layer that is garbage."""
    chars = "".join(glyph.char for page in pages for glyph in page)
    unknown = chars.count(REPLACEMENT) + len(ODD.findall(chars))
    han = "".join(HAN.findall(chars))
    frequent = sum(map(FREQUENT.__contains__, han))
    if unknown > total * MAX_UNKNOWN or (len(han) >= 30 and frequent < len(han) * MIN_FREQUENT):
        raise PageRejected(
            "unreadable_pdf",
            f"{unknown} of {total} glyphs stand for no character of a text, {frequent} of {len(han)} Chinese ones are usual: its "
            "fonts lack the map to characters; recognise the pages (OCR), or get the text another way",
        )


def _pages(data: bytes) -> list[list[Glyph]]:
    """Characters of each page."""
    pages: list[list[Glyph]] = []
    left = MAX_CHARS
    with LOCK, _opened(data) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise PageRejected("oversized_pdf", f"{count} pages, more than {MAX_PAGES}; split the file")
        for number in range(count):
            pages.append(_glyphs(document, number, left))
            left -= len(pages[-1])
    return pages


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium's code may be that of an earlier file.
        if b"/Encrypt" in data and error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise PageRejected(
                "encrypted_pdf", "the PDF is encrypted with a password; save a copy without one"
            ) from error
        raise PageRejected(
            "damaged_pdf", "the PDF is damaged or cut off: it cannot be opened; get the file again"
        ) from error
    try:
        if not len(document):
            raise PageRejected("damaged_pdf", "the PDF has no pages; get the file again")
        yield document
    finally:
        document.close()


def _glyphs(document: pypdfium2.PdfDocument, number: int, left: int) -> list[Glyph]:
    """Characters of a page that leave ink, in the order of the file."""
    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise PageRejected(
            "damaged_pdf", f"page {number + 1} of {len(document)} of the PDF is damaged; get the file again"
        ) from error
    try:
        count = text.count_chars()
        # PDFium adds spaces and ends of lines of its own.
        if count > 2 * left:
            raise PageRejected("oversized_pdf", f"more than {MAX_CHARS} characters; split the file")
        glyphs = _placed(text.raw, count, page.get_rotation())
        if not glyphs and pdfium.FPDFPage_CountObjects(page.raw):
            return [Glyph(REPLACEMENT, 0, 1, 0, 1)]
        return glyphs
    finally:
        text.close()
        page.close()


def _placed(text: object, count: int, rotation: int) -> list[Glyph]:
    """Characters with their places as a reader sees the page, turned by its rotation."""
    glyphs: list[Glyph] = []
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    to_box, to_x, to_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        char = _character(code)
        if not char or not pdfium.FPDFText_GetLooseCharBox(text, index, to_box):
            continue
        pdfium.FPDFText_GetCharOrigin(text, index, to_x, to_y)
        near, far, base, size = box.left, box.right, y.value, box.top - box.bottom
        if rotation == 90:
            near, far, base, size = box.bottom, box.top, -x.value, box.right - box.left
        elif rotation == 180:
            near, far, base = -box.right, -box.left, -y.value
        elif rotation == 270:
            near, far, base, size = -box.top, -box.bottom, x.value, box.right - box.left
        if size > 0:
            glyphs.append(Glyph(char, near, far, base, size))
    return glyphs


@lru_cache(maxsize=32_768)
def _character(code: int) -> str:
    """The character of a code: none for white space and signs without ink, U+FFFD for an unknown one."""
    if code == 0x02:  # how PDFium marks the hyphen of a word that goes on in the next line
        return "-"
    if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return REPLACEMENT
    char = chr(code)
    if char.isspace() or code < 0x20 or 0x7F <= code < 0xA0:
        return ""
    if COMPATIBLE.match(char):
        plain = RADICALS.get(char) or unicodedata.normalize("NFKC", char)
        return plain if len(plain) == 1 else char
    return char
