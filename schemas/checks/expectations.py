"""What is expected of a source: fewest and most reports and figures, and how old its latest capture may be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from schemas.errors import UsageError

FILE = "expectations.toml"


@dataclass(frozen=True)
class Expectation:
    """Bounds for one source; none for what is not expected. A minimum that is missed stops a release, a maximum warns."""

    min_reports: int | None = None
    max_reports: int | None = None
    min_figures: int | None = None
    max_figures: int | None = None
    max_age_days: int | None = None


def load_expectations(seeds: Path) -> dict[str, Expectation]:
    """Expectations by source, from `expectations.toml` in the folder of the seeds; none where there is no such file.

    Raises:
        UsageError: the file is no TOML, names an unknown bound, or a bound is no number above 0.
    """
    path = seeds / FILE
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    known = {field.name for field in fields(Expectation)}
    found = {}
    for source, bounds in data.get("source", {}).items():
        for name, value in bounds.items():
            if name not in known:
                raise UsageError(f"{path}: source {source!r}: {name!r} is none of {', '.join(sorted(known))}")
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise UsageError(f"{path}: source {source!r}: {name} is {value!r}, a whole number is needed")
        found[source] = Expectation(**bounds)
    return found


def as_toml(expectations: Mapping[str, Expectation]) -> str:
    """Expectations as the text of `expectations.toml`."""
    parts = []
    for source, expected in sorted(expectations.items()):
        bounds = [f"{name} = {value}" for name, value in asdict(expected).items() if value is not None]
        quoted = '"' + source.replace("\\", "\\\\").replace('"', '\\"') + '"'
        parts.append("\n".join([f"[source.{quoted}]", *bounds]))
    return "\n\n".join(parts) + "\n"
