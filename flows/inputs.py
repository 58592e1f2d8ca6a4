"""What the rows of a run are made with, beside their captures: versions of code, vocabulary, corrections and statistics of sites.

Each run records them, each row names its run: so that a diff can say why a row changed without guessing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import flows
import schemas
from flows.seeds import seeds_folder
from schemas.corrections import FILE

# Libraries that decide what is read from a page.
READERS = ("lxml", "opencc-python-reimplemented", "pypdfium2", "resiliparse", "selectolax")
# Modules that make rows of pages; the others move them.
MAKERS = ("clean", "extract", "check.py", "correct.py", "duplicates.py", "gate.py", "panel.py", "process.py")
DATA = (".toml", ".csv")


def inputs(site_lines: str) -> dict[str, str]:
    """Versions of all that a run makes rows with, beside the captures.

    Args:
        site_lines: version of the lines that sites repeat.
    """
    return {
        "code": code_version(),
        "vocabulary": vocabulary_version(),
        "corrections": corrections_version(),
        "site_lines": site_lines,
    }


@cache
def code_version() -> str:
    """Mark of the code that makes rows, and of the libraries that read pages: 16 hex digits."""
    libraries = [f"{name} {importlib.metadata.version(name)}" for name in READERS]
    files = [path for name in MAKERS for path in _below(_root(flows) / name, (".py",))]
    return _mark([*files, *_below(_root(schemas), (".py",))], libraries)


@cache
def vocabulary_version() -> str:
    """Mark of the data files of the vocabulary: 16 hex digits."""
    return _mark(_below(_root(schemas) / "vocabulary", DATA))


def corrections_version() -> str:
    """Mark of the corrections of the seeds; empty where there are none."""
    path = seeds_folder() / FILE
    return _mark([path]) if path.is_file() else ""


def as_json(versions: Mapping[str, str]) -> str:
    """The versions as `runs` keeps them."""
    return json.dumps(dict(versions), sort_keys=True)


def _root(package: object) -> Path:
    return Path(str(package.__file__)).parent  # type: ignore[attr-defined]


def _below(place: Path, suffixes: tuple[str, ...]) -> list[Path]:
    found = [place] if place.is_file() else place.rglob("*")
    return sorted(path for path in found if path.suffix in suffixes)


def _mark(files: Iterable[Path], words: Iterable[str] = ()) -> str:
    """16 hex digits over names and contents of files; line ends count as one."""
    total = hashlib.sha256("\n".join(words).encode())
    for path in files:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(path.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()[:16]
