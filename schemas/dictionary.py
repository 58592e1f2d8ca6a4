"""The data dictionary, made from the models and the vocabulary."""

from __future__ import annotations

from schemas.tables import TABLES
from schemas.vocabulary import load_measures


def dictionary(release: int | None = None) -> str:
    """Tables, columns and measures as Markdown.

    Args:
        release: number of the release that it goes with.
    """
    parts = ["# Data dictionary", ""]
    if release is not None:
        parts += [f"Of release {release}. Times are UTC, days are dates, text is in simplified script.", ""]
    for spec in TABLES.values():
        parts += [f"## {spec.name}", "", spec.description, "", f"Key: {', '.join(f'`{key}`' for key in spec.key)}.", ""]
        parts += ["| column | type | may be empty | meaning |", "|---|---|---|---|"]
        for column in spec.columns():
            # Measures have a table of their own below.
            listed = column.values if column.name != "measure" else ()
            meaning = column.description + (f" One of {', '.join(f'`{v}`' for v in listed)}." if listed else "")
            parts.append(f"| `{column.name}` | {column.kind} | {'yes' if column.nullable else 'no'} | {meaning} |")
        parts.append("")
    parts += ["## Measures", "", "| code | English | 中文 | what is counted |", "|---|---|---|---|"]
    parts += [f"| `{m.code}` | {m.en} | {m.zh} | {m.definition} |" for m in load_measures()]
    return "\n".join(parts) + "\n"
