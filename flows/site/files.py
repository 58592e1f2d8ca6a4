"""Writing the files of a site: only what changed is made anew, what belongs to no page any more is removed.

`site.json` lists the files that are the site's own, each with a fingerprint of what it was made from. A file that
stands there with the same fingerprint is left as it is; files that it does not list are never touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from schemas.errors import UsageError
from storage.folder import storage_errors, write_atomically

MANIFEST = "site.json"


def fingerprint(*parts: object) -> str:
    """A short digest of what a page is made from."""
    text = json.dumps(parts, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]


class SiteFolder:
    """The folder of a site while it is written.

    Attributes:
        root: the folder.
        written, kept, removed: numbers of files.
    """

    def __init__(self, root: Path) -> None:
        """Open a folder: an empty one, a new one, or one that holds a site.

        Raises:
            UsageError: the folder holds other things.
            StorageError: it cannot be read or made.
        """
        self.root = root
        self.written = self.kept = self.removed = 0
        with storage_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            manifest = root / MANIFEST
            if not manifest.exists() and any(root.iterdir()):
                raise UsageError(f"{root} holds other files and no site; name a new folder, or an empty one")
            self._before: dict[str, str] = _read(manifest) if manifest.exists() else {}
            # What a killed run leaves is known for a site by this.
            write_atomically(manifest, _text(self._before))
        self._now: dict[str, str] = {}

    def current(self, name: str, mark: str) -> bool:
        """Whether a file stands there that was made from the same; then it is kept."""
        if self._before.get(name) == mark and (self.root / name).is_file():
            self._now[name] = mark
            self.kept += 1
            return True
        return False

    def write(self, name: str, content: str | bytes, mark: str | None = None) -> None:
        """Write a file, where its content or its fingerprint is another one.

        Args:
            name: path below the folder.
            content: what is in it.
            mark: fingerprint of what it was made from; of its content if none is given.
        """
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        mark = mark or hashlib.sha256(data).hexdigest()[:20]
        if self.current(name, mark):
            return
        path = self.root / name
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.new")
            temporary.write_bytes(data)
            temporary.replace(path)
        self._now[name] = mark
        self.written += 1

    def made(self, name: str, mark: str, make: Callable[[], str | bytes]) -> None:
        """Write a file that is dear to make, where its fingerprint is another one."""
        if not self.current(name, mark):
            self.write(name, make(), mark)

    def listed(self, prefix: str) -> list[str]:
        """Files of the site before whose names begin with a text, in order."""
        return sorted(name for name in self._before if name.startswith(prefix))

    def own(self, names: Iterable[str]) -> None:
        """Take files that others wrote into the folder for the site's own."""
        self._now.update(dict.fromkeys(names, ""))

    def finish(self) -> None:
        """Remove files of the site before that are no more, and write the list."""
        with storage_errors(self.root):
            for name in self._before.keys() - self._now.keys():
                path = self.root / name
                path.unlink(missing_ok=True)
                self.removed += 1
                if path.parent != self.root and path.parent.is_dir() and not any(path.parent.iterdir()):
                    path.parent.rmdir()
            write_atomically(self.root / MANIFEST, _text(self._now))


def _read(path: Path) -> dict[str, str]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["files"]
        # A list that somebody else wrote must not lead out of the folder.
        return {str(name): str(mark) for name, mark in listed.items() if _inside(str(name))}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no list of a site: {error}; name another folder") from error


def _inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _text(files: dict[str, str]) -> str:
    return json.dumps({"files": dict(sorted(files.items()))}, ensure_ascii=False, indent=0) + "\n"
