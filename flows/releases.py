"""What the command line shows and changes of releases: the list, tags, notes."""

from __future__ import annotations

import polars as pl

from flows.show import show_frame
from schemas.errors import StorageError, UsageError
from storage import releases
from storage.folder import DataFolder, data_folder
from storage.releases import require

COLUMNS = {
    "release": pl.Int64,
    "created_at": pl.String,
    "flow": pl.String,
    "run_id": pl.String,
    "reports": pl.Int64,
    "figures": pl.Int64,
    "quarantine": pl.Int64,
    "tags": pl.String,
    "note": pl.String,
}


def show_releases(data: str, file_format: str | None) -> None:
    """Print the releases that are kept, the current one last.

    Raises:
        DataError: nothing was ever ingested there.
    """
    folder = data_folder(data)
    require(folder)
    show_frame(release_list(folder), file_format)


def release_list(folder: DataFolder) -> pl.DataFrame:
    """The releases that are kept, a row each, the current one last; of a damaged one only its number, and what is wrong."""
    tags: dict[int, list[str]] = {}
    for name, number in releases.tags(folder).items():
        tags.setdefault(number, []).append(name)
    rows = []
    for number in releases.numbers(folder):
        try:
            release = releases.load(folder, number)
        except StorageError as error:
            rows.append({"release": number, "tags": ", ".join(tags.get(number, [])), "note": str(error)})
            continue
        counts = {name: release.rows.get(name, 0) for name in ("reports", "figures", "quarantine")}
        rows.append(
            {
                "release": number,
                "created_at": release.created_at[:19],
                "flow": release.flow,
                "run_id": release.run_id,
                **counts,
                "tags": ", ".join(tags.get(number, [])),
                "note": releases.note(folder, number),
            }
        )
    return pl.DataFrame(rows, schema=COLUMNS)


def tag_release(data: str, release: str, name: str, *, move: bool, remove: bool) -> str:
    """Set, move or remove a tag, and say so.

    Raises:
        DataError: there is no release.
        UsageError: there is no such release or tag, or the tag is another release's.
    """
    folder = data_folder(data)
    require(folder, release)
    with folder.committing():  # maintenance must not retire the release meanwhile
        number = require(folder, release).number
        if remove:
            if releases.tags(folder).get(name) != number:
                raise UsageError(f"release {number} has no tag {name!r}; `lvzhi releases` lists them")
            releases.untag(folder, name)
            return f"release {number} is no longer tagged {name}"
        releases.tag(folder, number, name, move=move)
    return f"release {number} is tagged {name}"


def note_release(data: str, release: str, text: str | None) -> str:
    """Set or read a note.

    Raises:
        DataError: there is no release.
        UsageError: there is no such release.
    """
    folder = data_folder(data)
    number = require(folder, release).number
    if text is not None:
        releases.write_note(folder, number, text)
    return f"release {number}: {releases.note(folder, number) or 'no note'}"
