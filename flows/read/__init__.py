"""Read: a source yields pages, uninterpreted. Files and folders here."""

from flows.read.files import Found, Page, find

__all__ = ["Found", "Page", "find"]
