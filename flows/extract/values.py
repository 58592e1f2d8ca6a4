"""What a number is worth as it is written: in digits, in Chinese characters, in both."""

from __future__ import annotations

CHINESE_DIGITS = "零一二三四五六七八九"
DIGITS = {char: n for n, char in enumerate(CHINESE_DIGITS)} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "廿": 20, "卅": 30, "卌": 40}
SCALES |= {"兆": 1_000_000_000_000, "k": 1000, "K": 1000, "M": 1_000_000, "G": 1_000_000_000}
TENS = "廿卅卌"  # they are twenty, thirty and forty, and multiply nothing
# Digits and characters: what is longer is no number of anything.
LONGEST = 40


def chinese_value(numeral: str) -> float:
    """Value of a Chinese numeral: 一百三十, 两千零五, 二〇二四, 一亿二千万, 四十九兆.

    Args:
        numeral: characters of 〇一二…九十百千万亿兆廿卅卌; digits may stand for some of them (1亿2千3百万).
    """
    if len(numeral) == 1:  # most of them
        return float(DIGITS.get(numeral) or SCALES.get(numeral, 0))
    return float(_above(numeral, "兆亿万"))


def number_value(number: str, scale: str = "") -> float:
    """Value of a number with what multiplies it: `1,234`, `15.57` with 万, 六点五 with 亿, 九十 with nothing.

    Args:
        number: digits, grouped by commas or spaces or not, or Chinese numerals; with a decimal part or without.
        scale: characters of 十百千万亿兆 and kKMG behind it.

    Returns:
        The value in base units; 0 for what is too long to be a number of anything.
    """
    if not number.isdigit():
        number = number.replace(",", "").replace(" ", "")
    if len(number) > LONGEST:
        return 0.0
    if number[0] in "0123456789." and "点" not in number:
        return scaled(float(number), scale)
    whole, point, fraction = number.partition("点") if "点" in number else number.partition(".")
    value = _whole_value(whole)
    if point:
        digits = fraction.rstrip("十百千万亿")  # 二十点一万
        value = float(f"{int(value)}." + "".join(str(DIGITS.get(char, char)) for char in digits))
        scale = fraction[len(digits) :] + scale
    return scaled(value, scale)


def scaled(value: float, scale: str) -> float:
    """A value multiplied by scales: 15.57 and 万 are 155700."""
    for char in scale:
        value *= SCALES[char]
    return round(value, 6) if scale else value


def oral_value(numeral: str) -> float | None:
    """Value of a numeral of which the last scale is left out, as one speaks: 三万五 is 35000, 一百二 is 120.

    Returns:
        The value; nothing where no scale is left out.
    """
    if len(numeral) < 2 or numeral[-1] not in DIGITS or numeral[-2] not in "百千万亿" or numeral[-1] in "〇零两":
        return None
    return chinese_value(numeral[:-1]) + DIGITS[numeral[-1]] * SCALES[numeral[-2]] / 10


def _whole_value(number: str) -> float:
    if not number:
        return 0.0
    return float(number) if number.isdigit() else chinese_value(number)


def _above(numeral: str, scales: str) -> int:
    """Value of a numeral that the first of the scales parts, each part by the next ones."""
    if not scales:
        return _below_wan(numeral)
    total = 0
    *upper, last = numeral.split(scales[0])
    for part in upper:
        spoken = oral_value(part)  # 百二万
        worth = _above(part, scales[1:]) if spoken is None else int(spoken)
        total = (total + worth or 1) * SCALES[scales[0]]
    return total + _above(last, scales[1:])


def _below_wan(numeral: str) -> int:
    if all(char in DIGITS for char in numeral):  # 二〇二四
        return int("".join(str(DIGITS[char]) for char in numeral) or "0")
    total = digit = 0
    for char in numeral:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in "0123456789":  # 2千3百
            digit = digit * 10 + int(char)
        elif char in TENS:
            total += SCALES[char]
        else:
            total += (digit or 1) * SCALES[char]
            digit = 0
    return total + digit
