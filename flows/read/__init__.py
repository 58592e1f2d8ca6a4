"""Read: a source yields pages, uninterpreted. Files and folders, WARC files of others."""

from flows.read.files import Found, find
from flows.read.page import Page

__all__ = ["Found", "Page", "find"]
