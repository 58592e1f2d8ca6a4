"""Scrapy on the pages of tests/bench/fetch.py: writes each to a file, as our fetcher does. Run with Scrapy's own environment."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess


class Pages(scrapy.Spider):
    """Fetches numbered pages and keeps their bytes."""

    name = "pages"

    async def start(self):
        for number in range(int(sys.argv[2])):
            yield scrapy.Request(f"{sys.argv[1]}/{number}.html", callback=self.parse)

    def parse(self, response):
        (Path(sys.argv[3]) / hashlib.sha256(response.body).hexdigest()).write_bytes(response.body)


if __name__ == "__main__":
    settings = {"LOG_ENABLED": False, "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False}
    settings |= {
        "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[4]),
        "COOKIES_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    process.crawl(Pages)
    began = time.perf_counter()
    process.start()
    taken = time.perf_counter() - began
    print(json.dumps({"seconds": taken, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
