"""The page that explains every rule, made from the rules themselves.

python -m schemas.checks.page > schemas/CHECKS.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from schemas.checks import DATASET, REPORT, ROW, Rule, of_ring
from schemas.corrections import CORRECTION
from schemas.tables import TABLES, TableSpec

HEAD = """\
# Checks

Made from the rules by `make checks-page`; do not edit it by hand.

Each outcome, passed or failed, is a row of the table `checks` with what was expected, what was observed and a sentence. `lvzhi check` runs
all of them on a release. How much they notice is measured by `make mutate`: see [MUTATIONS](../tests/bench/MUTATIONS.md).

A rule is one declaration beside its function in `schemas/checks/` (`report.py` and `wording.py` for one report, `row.py` for rows,
`dataset.py` for all reports) with its name, what must hold, scope, tolerance, and an example that passes and one that fails; both are
tried by `tests/schemas/test_checks.py`.
"""
RINGS = {
    ROW: (
        "Ring 1: rows",
        "A row that fails goes to quarantine whole; the rest of the report goes on. `lvzhi replay` tries it again with today's code, "
        "`lvzhi dismiss` settles what can never pass. The example that fails is the row of the first text with the columns named.",
    ),
    REPORT: (
        "Ring 2: one report",
        "What the prose states must agree with itself. A report that fails is flagged (`reports.quality`), its rows stay. Parts and wholes "
        "are taken from the nearest scope; where more than one reading is possible, the rule says nothing.",
    ),
    DATASET: (
        "Ring 3: all reports",
        "Checked before each release. An error stops it, unless `--accept RULE --reason TEXT` is given; rule and reason are kept with the "
        "release. Expectations of sources stand in `seeds/expectations.toml`; `lvzhi check --suggest` prints some.",
    ),
}


def page() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for ring, (title, text) in RINGS.items():
        parts += [f"## {title}", "", text, ""]
        if ring == ROW:
            parts += [*_models(), ""]
        for rule in of_ring(ring):
            parts += [*_rule(rule), ""]
        if ring == REPORT:
            parts += [*_rule(CORRECTION), ""]
    return "\n".join(parts).rstrip() + "\n"


def _models() -> Iterator[str]:
    """What the models of the tables check across columns; types, codes and ranges stand in the data dictionary."""
    yield "The models of the tables check types, codes and ranges of each column (see the data dictionary), that keys are unique, and:"
    yield ""
    for spec in TABLES.values():
        for name, law in _laws(spec):
            yield f"- `{spec.name}.{name}`: {law}"


def _laws(spec: TableSpec) -> Iterator[tuple[str, str]]:
    for check in spec.model.to_schema().checks:
        name = str(check.name)
        yield name, str(getattr(spec.model, name).__doc__ or "").strip()


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### `{rule.name}`"
    yield ""
    yield f"{rule.sentence} ({rule.severity})"
    yield ""
    yield f"- scope: {rule.scope}"
    yield f"- tolerance: {rule.tolerance}"
    yield f"- passes: {rule.right}"
    yield f"- fails: {rule.wrong}"


if __name__ == "__main__":
    sys.stdout.write(page())
