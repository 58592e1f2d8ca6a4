"""Mutation testing, on one report: `make mutate` does it on all."""

from __future__ import annotations

from tests.bench.mutate import AGAINST_QUOTE, corrupt
from tests.conftest import GOLD


def test_corruptions_of_a_report_are_noticed() -> None:
    paths = tuple(sorted((GOLD.parent / "checks").iterdir()))
    tried, alarms = corrupt((paths[0], paths))
    assert alarms == 0
    assert [m.change for m in tried if m.where == "rows" and m.kind in AGAINST_QUOTE and not m.caught] == []
    for where in ("text", "rows"):
        sums = [mutation for mutation in tried if mutation.in_sum and mutation.where == where]
        assert len(sums) > 50
        assert sum(mutation.caught for mutation in sums) >= 0.9 * len(sums)
