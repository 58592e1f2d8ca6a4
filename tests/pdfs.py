"""Small PDF files made by hand: Chinese text without an embedded font, at places that a test gives.

A page is a list of texts with their places; the origin is the lower left corner, lengths are points (1/72 inch). The
font is one of those that every reader must know (ISO 32000-1, 9.7.5.2), so that nothing is embedded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842


@dataclass(frozen=True)
class Text:
    """One piece of text: its left edge, baseline, characters, size, and the space between these.

    It has two characters or more, and no two are equal: without a font at hand PDFium knows no height of them, and
    takes what is alike for the same.
    """

    x: float
    y: float
    text: str
    size: float = 10
    apart: float = 0


def column(lines: Iterable[str], x: float, top: float, size: float = 10, leading: float = 15) -> list[Text]:
    """Lines of a column below each other; full-width spaces at the beginning of a line move it to the right."""
    placed = []
    for i, line in enumerate(lines):
        text = line.lstrip("\u3000")
        if text:
            placed.append(Text(x + (len(line) - len(text)) * size, top - i * leading, text, size))
    return placed


def wrap(text: str, width: int) -> list[str]:
    """A paragraph as lines of a column: indented by two characters, as wide as a number of them."""
    text = "\u3000\u3000" + text
    return [text[i : i + width] for i in range(0, len(text), width)]


def pdf(pages: list[list[Text]], encoding: str = "UniGB-UCS2-H", picture: bool = False, encrypt: str = "") -> bytes:
    """A PDF file.

    Args:
        pages: the texts of each page.
        encoding: the character map of the font; `Identity-H` gives glyphs that stand for no character.
        picture: whether each page shows a picture.
        encrypt: an encryption dictionary, for files that need a password.
    """
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /{encoding} /DescendantFonts [4 0 R] >>".encode(),
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -120 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    image = len(objects) + 2 * len(pages) + 1
    for texts in pages:
        drawn = f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im Do Q\n" if picture else ""
        for item in texts:
            hexed = item.text.encode("utf-16-be").hex()
            drawn += f"BT /F {item.size} Tf {item.apart} Tc 1 0 0 1 {item.x} {item.y} Tm <{hexed}> Tj ET\n"
        content = len(objects) + 2
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {content} 0 R "
            f"/Resources << /Font << /F 3 0 R >> /XObject << /Im {image} 0 R >> >> >>".encode()
        )
        objects.append(_stream("/Filter /FlateDecode", zlib.compress(drawn.encode())))
    objects.append(
        _stream("/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0\xff\xff\0")
    )  # fmt: skip
    return _file(objects, encrypt)


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(objects: list[bytes], encrypt: str) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    secret = (
        f"/Encrypt {encrypt} /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
        if encrypt
        else ""
    )
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {secret}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


# Standard security, 40 bits, with keys that belong to no password a reader would try.
LOCKED = f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <{'5a' * 32}> /U <{'a5' * 32}> >>"
