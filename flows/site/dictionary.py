"""The data dictionary: what tables, columns and measures mean, with examples of the release, and files to download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.site.chinese import column_said, measure_said, table_said
from flows.site.files import SiteFolder, fingerprint
from flows.site.pages import page
from flows.site.reading import Dataset, Row
from schemas.tables import TABLES
from schemas.vocabulary import load_measures
from storage.export import export
from storage.republish import NONE

# What readers ask for; the raw lines and the books of the pipeline stay with `lvzhi export`.
OFFERED = ("reports", "figures", "activities", "documents", "proposals", "panel", "checks")
FORMATS = ("parquet", "csv")
LONGEST = 160  # characters of an example
DOWNLOADS = "download"


def downloads(folder: SiteFolder, dataset: Dataset, text: str) -> list[str]:
    """Write the tables as plain files, where the release or the rule of texts is another one.

    Returns:
        Names of the files below the folder of the site.
    """
    mark = fingerprint(dataset.reader.release.number, dataset.reader.release.run_id, text, OFFERED)
    done = f"{DOWNLOADS}/made.txt"
    known = folder.listed(f"{DOWNLOADS}/")
    if folder.current(done, mark) and all((folder.root / name).is_file() for name in known):
        folder.own(known)
        return [name for name in known if name != done]
    names = []
    for file_format in FORMATS:
        place = folder.root / DOWNLOADS / file_format
        written = export(dataset.reader, place, file_format, tables=OFFERED, text=text, desk=dataset.desk)
        names += [path.relative_to(folder.root).as_posix() for path in written]
    folder.own(names)
    folder.write(done, f"release {dataset.reader.release.number}, text {text}\n", mark)
    return sorted(names)


def dictionary_page(dataset: Dataset, files: Sequence[str], root: Path, text: str) -> str:
    """The page as HTML.

    Args:
        dataset: the release.
        files: names of the files to download.
        root: the folder of the site.
        text: how much of the reports' text is shown.
    """
    counts = dict(dataset.desk.frame("SELECT measure, count(*) FROM figures GROUP BY measure").iter_rows())
    values = {
        "files": [
            {"name": name, "label": name.partition("/")[2], "size": _size((root / name).stat().st_size)}
            for name in files
        ],
        "tables": [_table(dataset, name) for name in TABLES],
        "measures": [(measure, measure_said(measure)) for measure in load_measures()],
        "counts": counts,
        "examples": {} if text == NONE else _examples(dataset),
    }
    return page("dictionary.html", 0, "dictionary", values)


def _table(dataset: Dataset, name: str) -> dict[str, Any]:
    spec = TABLES[name]
    columns = [
        {
            "name": c.name,
            "kind": c.kind,
            "nullable": c.nullable,
            "description": column_said(name, c),
            "values": () if c.name == "measure" else c.values,
        }
        for c in spec.columns()
    ]
    return {
        "name": name,
        "description": table_said(name),
        "key": spec.key,
        "columns": columns,
        "rows": dataset.reader.release.rows.get(name),
    }


# Of each measure the figure that its rule is surest of, with a sentence that is soon read.
EXAMPLES = f"""
    SELECT measure, figure_id, report_id, sentence FROM figures WHERE length(sentence) <= {LONGEST}
    QUALIFY row_number() OVER (PARTITION BY measure ORDER BY round(confidence * 10) DESC, length(sentence), figure_id) = 1"""


def _examples(dataset: Dataset) -> dict[str, Row]:
    """An example of each measure."""
    return {row["measure"]: row for row in dataset.desk.frame(EXAMPLES).iter_rows(named=True)}


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
