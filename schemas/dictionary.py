"""The data dictionary, made from the models and the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.tables import TABLES
from schemas.vocabulary import load_measures

EXAMPLE_LENGTH = 60  # characters


def dictionary(release: int | None = None, examples: Mapping[str, Mapping[str, object]] | None = None) -> str:
    """Tables, columns and measures as Markdown.

    Args:
        release: number of the release that it goes with.
        examples: a value for each column, by table.
    """
    parts = ["# Data dictionary", ""]
    if release is not None:
        parts += [f"Of release {release}. Times are UTC, days are dates, text is in simplified script.", ""]
    for spec in TABLES.values():
        parts += [f"## {spec.name}", "", spec.description, "", f"Key: {', '.join(f'`{key}`' for key in spec.key)}.", ""]
        shown = (examples or {}).get(spec.name, {})
        parts += ["| column | type | may be empty | meaning | for example |", "|---|---|---|---|---|"]
        for column in spec.columns():
            # Measures have a table of their own below.
            listed = column.values if column.name != "measure" else ()
            meaning = column.description + (f" One of {', '.join(f'`{v}`' for v in listed)}." if listed else "")
            empty = "yes" if column.nullable else "no"
            example = _example(shown.get(column.name))
            parts.append(f"| `{column.name}` | {column.kind} | {empty} | {meaning} | {example} |")
        parts.append("")
    parts += ["## Measures", "", "| code | English | 中文 | what is counted |", "|---|---|---|---|"]
    parts += [f"| `{m.code}` | {m.en} | {m.zh} | {m.definition} |" for m in load_measures()]
    return "\n".join(parts) + "\n"


def _example(value: object) -> str:
    """A value in a cell of a Markdown table: on one line, cut where it is long, with nothing that Markdown or HTML reads."""
    if value is None or value == "":
        return ""
    text = " ".join(str(value).split())
    cut = text if len(text) <= EXAMPLE_LENGTH else text[:EXAMPLE_LENGTH] + "…"
    return "".join(f"&#{ord(letter)};" if letter in "|`<>&*_[]\\" else letter for letter in cut)
