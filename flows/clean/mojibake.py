"""Lines that were read in a wrong encoding and saved so: 鏀垮崗 stands for 政协.

Such a line is labelled, not repaired: bytes were lost on the way, and a repair would be a guess.
"""

from __future__ import annotations

import re

from flows.clean.encodings import FREQUENT

# U+FFFD in UTF-8 is 锟斤拷 when read as GBK and 嚙踝蕭 when read as Big5; some compilers fill memory with 烫 and 屯.
FILLED = re.compile("锟斤|斤拷锟|嚙踝蕭|烫烫烫|屯屯屯屯|\ufffd\ufffd\ufffd")
# A Han character in UTF-8 has three bytes from E4 to E9, 80 to BF, 80 to BF. Read as GBK or Big5, the first two of every
# other character make one of these; most of them are rare in real text.
FIRST_TWO = re.compile(
    "["
    + "".join(
        bytes((first, second)).decode(encoding, errors="ignore")
        for encoding, lowest in (("gb18030", 0x80), ("big5hkscs", 0xA1))
        for first in range(0xE4, 0xEA)
        for second in range(lowest, 0xC0)
    )
    + "]"
)
# Bytes of a Chinese encoding read one by one, as Western European letters.
WESTERN = {bytes((byte,)).decode("cp1252", errors="ignore") or chr(byte): byte for byte in range(0x80, 0x100)}
WESTERN |= {chr(byte): byte for byte in range(0x80, 0x100)}
LETTERS = "[" + "".join(WESTERN) + "]"
WESTERN_PAIR = re.compile(f"[\u00b0-\u00f7]{LETTERS}(?:{LETTERS}{{2}}|.{{0,4}}[\u00b0-\u00f7]{LETTERS})")
CHINESE = re.compile("[\u4e00-\u9fff\u3001-\u3011\uff01-\uff1f]")
# Letters that pairs of GBK bytes are in UTF-8, among damaged ones; none stands in Chinese text but those of pinyin.
STRAY = re.compile("[\u0180-\u01cc\u01dd-\u02ba\u02bc-\u02c5\u0370-\u0390\u0400-\u040f\u0450-\u07ff]")
MOST = 0.5


def may_hold_mojibake(text: str) -> bool:
    """Whether a text has any of the signs without which none of its lines is mojibake: one look at a whole page."""
    signs = (FILLED, FIRST_TWO, WESTERN_PAIR)
    return not text.isascii() and ("\ufffd" in text or any(sign.search(text) for sign in signs))


def is_mojibake(text: str) -> bool:
    """Whether a line is text in a wrong encoding, at least for the most part.

    These are UTF-8 read as GBK, Big5 or Windows-1252, GBK read as Windows-1252 or UTF-8, and what such readings leave:
    锟斤拷, 烫烫烫, rows of U+FFFD. A single U+FFFD makes a line damaged, not this.

    Args:
        text: a line as decoded. Time is linear in its length, and short for real text.
    """
    if text.isascii():
        return False
    if FILLED.search(text):
        return True
    if FIRST_TWO.search(text) and (_was_utf8(text, "gb18030") or _was_utf8(text, "big5hkscs")):
        return True
    if "\ufffd" in text and _is_riddled(text):
        return True
    return bool(WESTERN_PAIR.search(text)) and _was_western(text)


def _was_utf8(text: str, encoding: str) -> bool:
    """Whether the bytes of a text in an encoding are Chinese text in UTF-8."""
    # The euro sign is the byte 80 where Windows read the page; what was lost is one byte or two.
    saved = b"\x80".join(part.encode(encoding, errors="ignore") for part in text.replace("\ufffd", "").split("\u20ac"))
    return _is_chinese(saved.decode("utf-8", errors="ignore"), 3, saved)


def _was_western(text: str) -> bool:
    """Whether letters of Western Europe are the bytes of Chinese text."""
    saved = bytes(ord(char) if char < "\x80" else WESTERN.get(char, 0x0A) for char in text)
    wide = sum(char > "\x7f" for char in text)
    return sum(char in WESTERN for char in text) >= wide * MOST and (
        _is_chinese(saved.decode("utf-8", errors="ignore"), 3, saved)
        or _is_chinese(saved.decode("gb18030", errors="ignore"), 2, saved)
    )


def _is_chinese(read: str, size: int, saved: bytes) -> bool:
    """Whether most bytes beyond ASCII are Chinese characters of a size, and enough of these are frequent ones."""
    wide = len(saved) - len(saved.decode("ascii", errors="ignore"))
    chinese = CHINESE.findall(read)
    frequent = sum(map(FREQUENT.__contains__, chinese))
    return len(chinese) >= 2 and len(chinese) * size > wide * MOST and frequent * 3 >= len(chinese)


def _is_riddled(text: str) -> bool:
    """Whether most characters beyond ASCII are damaged or strays between damaged ones."""
    wide = sum(char > "\x7f" for char in text)
    damaged = text.count("\ufffd")
    return damaged >= 3 and damaged + len(STRAY.findall(text)) > wide * MOST
