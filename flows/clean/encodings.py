"""Which encoding a page is in: the one in which most of its bytes are characters that Chinese texts are made of.

A wrong reading of Chinese bytes is often valid: GBK and Big5 give characters to nearly every pair of bytes. It is
valid with rare characters, though, and four of five characters of a text are among the 500 most frequent ones. So
every encoding is tried on a sample, and the share of bytes that became frequent characters tells. What a page declares
decides only where that tells nothing.
"""

from __future__ import annotations

import codecs
import re

# The most frequent characters of modern Chinese, and those of committees' reports; then their traditional forms.
FREQUENT = frozenset(
    "○〇一七万三上下不与专且世业东两个中为主举么义之九也习乡书了争事二于云五些交产人亿什今从他代以们件任份企众优会"
    "传但位住体何余作你使侨便促保信候做像儿先光克党入全八公六共关兴其养内再军农决凝几出分切则创利别到制前力办加务动"
    "助化北区医十千升协南即却原去县参又及双反发取受变口只召可台史司各合同名后向听告员命和品商四回因团困围国在地场坚"
    "基堂声处复外多大天太央头女她好如委子学它安完宗定实家察对导将小少尔就尽层届展履山州工己已市师带席常平年并应度座"
    "建开式张强当形彻很得德心必态思急性总情想愁意感慧成我或战所手才打扶批把护报拉持指振据接控推提播撰改攻放政效教数"
    "文料斯新方族无日时明是智更最月有服望期本术机权村条来果查样格案次正此死比民气水求没治法活派济海深清港满澳点热然"
    "爱物特献率王环现理生用由电界疗疫白百的监目直相盼省看真眼着督知研确示社神种科程空立第等答策管篇类系约纳线组织经"
    "结绕给统续绿编网美群老考者而职联聚能脱自至色营落行街表被西要见观规视觉解计认让议记讲许论设评识话该说调谈象责质"
    "贫贯资走起足路身转边达过运近还这进通道那部都采里重量金针镇长门问间队防际院难集零非面革项领题香马高"
    "並來個們傳僑億優兒內兩別則創動務區協卻參員問啟國圍團堅報場學實將專對導屆層師帶幾張強後從復徹愛態應戰採據數於時"
    "書會東條業樣機權氣決沒滿濟為無熱營爭爾獻現環產當療發盡監眾確種約納組結給統經綠網線編縣總織繞續義習聯聲職聽脫臺"
    "與興舉萬處術衛裏裡見規視覺觀計記設許評話該認說調談論講識議護變讓貧貫責資質軍轉辦農這進運過達還邊鄉醫針鎮長門開"
    "間關隊際雙難雲電項領頭題類養餘體麼點黨"
    "，。、；：！？（）《》“”「」"
)
USUAL = FREQUENT | set("\t\r\n") | set(map(chr, range(0x20, 0x7F)))
# Names that pages declare, and the encoding that holds all that such pages really use.
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
MULTIBYTE = ("utf-8", "gb18030", "big5hkscs")
UTF16 = ("utf-16-le", "utf-16-be")
SAMPLE_BYTES = 65_536
PIECE_BYTES = 2_048
# Bytes that are a character of their own in every one of MULTIBYTE, whatever stands before them, end a piece.
PIECE = re.compile(rb"[\x80-\xff][^\x00-\x2f\x3a-\x3f]{0,%d}" % (PIECE_BYTES - 1))
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,20})""", re.I)
DECLARED_WITHIN = 4_096
# Shares that differ by less tell nothing.
TIE = 0.1
# Below this share of frequent characters no reading is Chinese text.
CHINESE = 0.2
# Above this one, UTF-16 need not be tried, unless there are zero bytes.
SURE = 0.5


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page says it is in, as its superset; none if it says nothing or a name unknown to Python.

    Args:
        data: the page; the first 4 KB are looked at.
    """
    if not (match := DECLARED.search(data[:DECLARED_WITHIN])):
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None
    return SUPERSETS.get(name, name)


def likely_encoding(data: bytes) -> str | None:
    """The encoding in which a page is Chinese text.

    Args:
        data: the page, without byte order mark.

    Returns:
        One of utf-8, gb18030, big5hkscs, utf-16-le and utf-16-be; none if the page is Chinese in none of them.
    """
    pieces = sample(data)
    shares = {encoding: _share(pieces, encoding) for encoding in MULTIBYTE}
    if b"\0" in data or max(shares.values()) < SURE:
        encoding, share = _share_utf16(data)
        shares[encoding] = share
    best = max(shares.values())
    tied = [encoding for encoding, share in shares.items() if share > best - TIE]
    if len(tied) > 1:
        tied = [encoding for encoding in tied if encoding not in UTF16 or best >= CHINESE] or tied
        # Of readings that are as good as each other, those without a damaged character; of these the declared one.
        tied = [encoding for encoding in tied if _is_strict(data, encoding)] or tied
        declared = declared_encoding(data)
        if declared in tied:
            return declared
    return tied[0] if best >= CHINESE else None


def sample(data: bytes) -> list[bytes]:
    """Pieces of a page that begin with a byte of a Chinese character, evenly from all of it, at most 64 KB."""
    pieces = PIECE.findall(data)
    total = sum(map(len, pieces))
    return pieces[:: total // SAMPLE_BYTES + 1]


def _share(pieces: list[bytes], encoding: str) -> float:
    """Share of the bytes beyond ASCII that are frequent characters in an encoding."""
    text = b"\n".join(pieces).decode(encoding, errors="replace")
    wide = sum(len(piece) - len(piece.decode("ascii", errors="ignore")) for piece in pieces)
    return sum(map(FREQUENT.__contains__, text)) * (3 if encoding == "utf-8" else 2) / max(1, wide)


def _share_utf16(data: bytes) -> tuple[str, float]:
    """The likelier byte order, and the share of the pairs of bytes that are usual characters in it.

    Pieces may be shifted by a byte that is missing before them. As ASCII then looks like the other byte order, Chinese
    characters tell which it is.
    """
    step = max(SAMPLE_BYTES // 8, len(data) // 16 * 2)
    pieces = [data[at : at + SAMPLE_BYTES // 8] for at in range(0, len(data), step)]
    found: list[tuple[int, int, str]] = []
    for encoding in UTF16:
        counts = [max(_counts(piece, encoding), _counts(piece[1:], encoding)) for piece in pieces]
        found.append((sum(han for han, _ in counts), sum(usual for _, usual in counts), encoding))
    _, usual, encoding = max(found)
    return encoding, usual / max(1, sum(map(len, pieces)) / 2)


def _counts(piece: bytes, encoding: str) -> tuple[int, int]:
    """How many characters of some bytes are frequent in Chinese texts, and how many are that or ASCII."""
    text = piece.decode(encoding, errors="replace")
    return sum(map(FREQUENT.__contains__, text)), sum(map(USUAL.__contains__, text))


def count_usual(piece: bytes, encoding: str) -> int:
    """How many characters of some bytes are frequent in Chinese texts, or ASCII signs."""
    return sum(map(USUAL.__contains__, piece.decode(encoding, errors="replace")))


def _is_strict(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
