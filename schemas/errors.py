"""Errors that a user can do something about, each with the exit status of the command line.

    LvzhiError
    ├── UsageError         2  the command was called wrongly
    ├── DataError          1  there is nothing to work on, or it is damaged
    ├── SourceError        3  a source, or a server that was asked for, is not there
    ├── StorageError       3  the data folder cannot be read or written
    ├── VocabularyError    1  a file of the vocabulary is damaged
    └── SourceFileError    2  a file in seeds/sources is wrong

A message names the value, the place and the remedy.
"""

from __future__ import annotations


class LvzhiError(Exception):
    """An error with a message for the user and an exit status."""

    exit_status = 1


class UsageError(LvzhiError):
    """The command was called wrongly."""

    exit_status = 2


class DataError(LvzhiError):
    """There is nothing to work on, or it is damaged."""


class SourceError(LvzhiError):
    """A source, or a server that was asked for, is not there."""

    exit_status = 3


class StorageError(LvzhiError):
    """The data folder cannot be read or written."""

    exit_status = 3


class VocabularyError(LvzhiError):
    """A file of the vocabulary is damaged."""


class SourceFileError(LvzhiError):
    """A file in seeds/sources is wrong."""

    exit_status = 2
