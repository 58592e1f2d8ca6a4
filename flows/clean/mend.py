"""Damaged GBK, Big5 or UTF-16 to text: one broken byte costs one character, not the rest of its line or page.

In these encodings a byte that is missing or too many shifts all pairs behind it, and the shifted pairs are mostly valid:
a decoder that replaces what is invalid gives rare characters up to the next ASCII sign, and counts one damage. Here
the stretch around a damage is read in the cheapest way: frequent characters cost nothing, rare ones some, a byte
that is skipped, to be U+FFFD, most. In UTF-16 the shift never ends; the place is searched where it begins.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flows.clean.encodings import FREQUENT, USUAL, UTF16, count_usual

REPLACEMENT = "\ufffd"
BLOCK_BYTES = 65_536
CHUNK_BYTES = 128
# A stretch longer than this is not searched, but decoded as it comes: text has some sign of ASCII before.
STRETCH_BYTES = 20_000
# These bytes are a character of their own, whatever stands before them: decoding may be cut in front of them.
SYNC = re.compile(rb"[\x00-\x2f\x3a-\x3f]")
STRETCH = re.compile(rb"[^\x00-\x2f\x3a-\x3f]+|[\x00-\x2f\x3a-\x3f]+")
FREQUENT_COST, HAN_COST, RARE_COST, ODD_COST, CUT_COST, SKIP_COST = 0, 2, 4, 8, 6, 12
IMPOSSIBLE = 1 << 40


def decode_damaged(data: bytes, encoding: str) -> str:
    """Text of a page that does not decode strictly; bytes that are part of no character become U+FFFD.

    Args:
        data: the page.
        encoding: gb18030, big5hkscs, utf-16-le or utf-16-be.
    """
    if encoding in UTF16:
        return _decode_shifted(data, encoding)
    texts = []
    start = 0
    while start < len(data):
        cut = SYNC.search(data, min(start + BLOCK_BYTES, len(data)))
        end = cut.start() if cut else len(data)
        end = max(end, start + 1)
        texts.append(_block(data[start:end], encoding, is_last=end == len(data)))
        start = end
    return "".join(texts)


def _block(block: bytes, encoding: str, is_last: bool) -> str:
    try:
        return block.decode(encoding)
    except UnicodeDecodeError:
        stretches = STRETCH.findall(block)
    texts = [_stretch(stretch, encoding, SKIP_COST) for stretch in stretches[:-1]]
    # Of damages the likeliest is that the file is cut off in its last character.
    return "".join([*texts, _stretch(stretches[-1], encoding, CUT_COST if is_last else SKIP_COST)])


def _stretch(stretch: bytes, encoding: str, last_cost: int) -> str:
    """Text of a stretch; skipping its last byte has a cost of its own."""
    try:
        return stretch.decode(encoding)
    except UnicodeDecodeError:
        if len(stretch) > STRETCH_BYTES or _is_utf8(stretch):
            return stretch.decode(encoding, errors="replace")
    # From the end to the beginning: what the rest costs from each byte on, and the length of the step there.
    size = len(stretch)
    costs = [0] * (size + 5)
    costs[size + 1 :] = [IMPOSSIBLE] * 4
    steps = [1] * size
    lengths = (1, 2, 4) if encoding == "gb18030" else (1, 2)
    for at in range(size - 1, -1, -1):
        best = costs[at + 1] + (last_cost if at == size - 1 else SKIP_COST)
        for length in lengths:
            if at + length > size:
                break
            cost = costs[at + length] + _cost(stretch[at : at + length], encoding)
            if cost <= best:
                best, steps[at] = cost, length
        costs[at] = best
    pieces = []
    at = 0
    while at < size:
        pieces.append(stretch[at : at + steps[at]].decode(encoding, errors="replace")[:1])
        at += steps[at]
    return "".join(pieces)


def _decode_shifted(data: bytes, encoding: str) -> str:
    """Text in UTF-16; where a byte is missing or too many, one is skipped, so that the pairs behind it are right again."""
    texts = []
    start = at = 0
    while at < len(data):
        here, shifted = data[at : at + CHUNK_BYTES], data[at + 1 : at + 1 + CHUNK_BYTES]
        # Nearly nothing is right as it stands, and much is with one byte less.
        usual = count_usual(here, encoding)
        if usual * 8 < len(here) and usual * 4 < count_usual(shifted, encoding):
            at = _shift(data, max(start, at - CHUNK_BYTES), encoding)
            texts += [data[start:at].decode(encoding, errors="replace"), REPLACEMENT]
            start = at = at + 1
        else:
            at += CHUNK_BYTES
    return "".join([*texts, data[start:].decode(encoding, errors="replace")])


def _shift(data: bytes, begin: int, encoding: str) -> int:
    """Where in the two chunks from `begin` on the byte is best skipped: what is usual before it and behind it is most."""
    here = _usual(data[begin : begin + 2 * CHUNK_BYTES], encoding)
    shifted = _usual(data[begin + 1 : begin + 1 + 2 * CHUNK_BYTES], encoding)
    best = found = sum(shifted)
    pairs = 0
    for pair, (before, behind) in enumerate(zip(here, shifted, strict=False), 1):
        found += before - behind
        if found > best:
            best, pairs = found, pair
    return begin + 2 * pairs


def _usual(chunk: bytes, encoding: str) -> list[bool]:
    """For each pair of bytes whether it is a frequent character or an ASCII sign."""
    return [chunk[at : at + 2].decode(encoding, errors="replace") in USUAL for at in range(0, len(chunk), 2)]


@lru_cache(maxsize=65_536)
def _cost(piece: bytes, encoding: str) -> int:
    """Cost of reading some bytes as one character."""
    try:
        text = piece.decode(encoding)
    except UnicodeDecodeError:
        return IMPOSSIBLE
    if len(text) != 1:
        return IMPOSSIBLE
    if text in FREQUENT or text < "\x80":
        return FREQUENT_COST
    if len(piece) == 4 or "\ue000" <= text <= "\uf8ff":
        return ODD_COST
    return HAN_COST if _is_common(text) else RARE_COST


def _is_common(char: str) -> bool:
    """Whether a character is in the first part, that of the commoner characters, of GB 2312 or of Big5."""
    gb, big5 = char.encode("gb2312", errors="ignore"), char.encode("big5", errors="ignore")
    return b"\xb0" <= gb[:1] <= b"\xd7" or b"\xa4" <= big5[:1] <= b"\xc6"


def _is_utf8(stretch: bytes) -> bool:
    """Whether a stretch is text in UTF-8: it is no damage, but of another page, and stays recognisable as it is."""
    try:
        return len(stretch.decode("utf-8")) < len(stretch)
    except UnicodeDecodeError:
        return False
