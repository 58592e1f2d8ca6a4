"""Times what others do, in the environment that `requirements.lock` makes; reads one request as JSON, prints one answer.

A request names the work and the texts or pages; the answer has the CPU seconds of the best round, the version, and how much was given back.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

Work = Callable[[str], Any]


def readability(html: str) -> str:
    from readability import Document

    return str(Document(html).summary())


def trafilatura(html: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_tables=True) or ""


def resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True))


def opencc() -> Work:
    from opencc import OpenCC

    return OpenCC("t2s").convert


def recognizers() -> Work:
    """Numbers, percentages and money: all that says something of a number with its unit in Chinese there."""
    from recognizers_number import NumberRecognizer
    from recognizers_number_with_unit import NumberWithUnitRecognizer
    from recognizers_text import Culture

    numbers = NumberRecognizer(Culture.Chinese)
    units = NumberWithUnitRecognizer(Culture.Chinese)
    models = [numbers.get_number_model(), numbers.get_percentage_model(), units.get_currency_model()]
    return lambda text: [found for model in models for found in model.parse(text)]


def jieba() -> Work:
    import logging

    from jieba import posseg, setLogLevel

    setLogLevel(logging.ERROR)
    posseg.lcut("提案")  # its dictionary is read once
    return lambda text: [word for word, kind in posseg.cut(text) if kind in ("m", "q")]


WORKS: dict[str, tuple[str, Callable[[], Work]]] = {
    "trafilatura": ("trafilatura", lambda: trafilatura),
    "resiliparse": ("resiliparse", lambda: resiliparse),
    "readability": ("readability-lxml", lambda: readability),
    "OpenCC (C++)": ("opencc", opencc),
    "Microsoft Recognizers": ("recognizers-text-suite", recognizers),
    "jieba's tagger": ("jieba", jieba),
}


def main() -> None:
    request = json.load(sys.stdin)
    package, make = WORKS[request["work"]]
    texts = [base64.b64decode(text).decode() for text in request["texts"]]
    work = make()
    work(texts[0])
    times = []
    for _ in range(request["rounds"]):
        began = time.process_time()
        given = [work(text) for text in texts]
        times.append(time.process_time() - began)
    print(json.dumps({"seconds": min(times), "version": version(package), "given": sum(map(len, given))}))


if __name__ == "__main__":
    main()
