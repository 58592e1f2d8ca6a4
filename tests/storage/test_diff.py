"""What changed between two releases, and why: the causes are those that made the change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flows.inputs
import flows.process
from flows.backfill import run_backfill
from flows.diff import counts, release_diff
from flows.pipeline import run_ingest
from flows.replay import run_dismiss
from flows.submit import in_turn
from schemas.tables import TABLES
from storage import open_release
from storage.diff import CHANGES, compare
from tests.conftest import SAMPLES


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("portal.txt", "databox.txt"):
        shutil.copy(SAMPLES / name, folder)
    return folder


def ingest(source: Path) -> str:
    data = source.parent / "data"
    run_ingest([str(source)], data, source_name="s", submit=in_turn)
    return str(data)


def told_of(changes: pl.DataFrame) -> pl.DataFrame:
    """Changes without those of tables that compare reports with each other: any other report may be behind them."""
    return changes.filter(~pl.col("table").is_in(["checks", "panel"]))


def causes(data: str, before: int, after: int) -> dict[str, set[str]]:
    """Causes by report."""
    changes = told_of(release_diff(data, before, after))
    found: dict[str, set[str]] = {}
    for report, cause in changes.select("report_id", "causes").iter_rows():
        found.setdefault(report, set()).add(cause)
    return found


def other_code(patch: pytest.MonkeyPatch, name: str = "code_version") -> None:
    figure = flows.process._figure

    def changed(*args: Any) -> dict[str, Any]:
        row = figure(*args)
        return row | ({"confidence": row["confidence"] / 2} if row["unit"] == "件" else {})

    patch.setattr(flows.process, "_figure", changed)
    patch.setattr(flows.inputs, name, lambda: f"another {name}")


def test_a_page_that_is_new_or_changed_is_a_change_of_the_source(source: Path) -> None:
    data = ingest(source)
    text = (source / "portal.txt").read_text(encoding="utf-8")
    (source / "portal.txt").write_text(text.replace("提案", "议案", 1), encoding="utf-8")
    shutil.copy(SAMPLES / "wrapped.txt", source)
    ingest(source)
    assert all(found == {"source"} for found in causes(data, 1, 2).values())
    assert len(causes(data, 1, 2)) == 2
    changes = told_of(release_diff(data, 1, 2))
    assert set(changes.filter(pl.col("table") == "captures")["change"]) == {"added"}
    line = changes.filter((pl.col("table") == "lines") & (pl.col("change") == "changed")).row(0, named=True)
    assert set(json.loads(line["after"])) == set(line["columns"].split(", ")) == {"raw", "text"}
    back = told_of(release_diff(data, 2, 1))
    assert set(back.filter(pl.col("table") == "captures")["change"]) == {"removed"}
    assert back.height == changes.height


@pytest.mark.parametrize(("version", "cause"), [("code_version", "code"), ("vocabulary_version", "vocabulary")])
def test_other_code_and_other_vocabulary_are_told_apart(
    source: Path, monkeypatch: pytest.MonkeyPatch, version: str, cause: str
) -> None:
    data = ingest(source)
    other_code(monkeypatch, version)
    run_backfill(data, submit=in_turn)
    changes = told_of(release_diff(data, 1, 2))
    assert set(changes["table"]) == {"figures"}
    assert set(changes["columns"]) == {"confidence"}
    assert set(changes["causes"]) == {cause}


def test_each_row_has_the_causes_of_the_releases_that_changed_it(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source changed a page, then the code changed some rows of both: over both releases no row has a cause that is not its own."""
    data = ingest(source)
    text = (source / "portal.txt").read_text(encoding="utf-8")
    (source / "portal.txt").write_text(text + "\n全年视察调研17次。\n", encoding="utf-8")
    ingest(source)
    other_code(monkeypatch)
    run_backfill(data, submit=in_turn)
    steps = [told_of(release_diff(data, 1, 2)), told_of(release_diff(data, 2, 3))]
    expected: dict[tuple[str, str], set[str]] = {}
    for step in steps:
        for table, key, cause in step.select("table", "key", "causes").iter_rows():
            expected.setdefault((table, key), set()).add(cause)
    whole = told_of(release_diff(data, 1, 3))
    told = {
        (table, key): set(cause.split(", ")) for table, key, cause in whole.select("table", "key", "causes").iter_rows()
    }
    assert told == expected
    assert {"source", "code"} in told.values() or {"source"} in told.values()
    assert {"code"} in told.values()
    by_table = counts(whole)
    assert by_table["rows"].sum() == whole.height


def test_lines_that_a_site_repeats_are_a_cause(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for year in range(2015, 2020):
        body = f"{year}年，市政协组织委员开展视察调研{year % 97}次，提出意见建议{year % 89}条，立案提案{year % 83}件。"
        (folder / f"{year}.txt").write_text(
            f"政协云城市委员会{year}年工作综述\n{body}\n云城市融媒体矩阵荣誉出品\n", encoding="utf-8"
        )
    data = ingest(folder)
    run_backfill(data, submit=in_turn)
    changes = told_of(release_diff(data, 1, 2))
    assert set(changes["causes"]) == {"site_lines"}
    assert set(changes["table"]) == {"reports", "lines"}


def test_a_page_that_goes_to_quarantine_and_comes_back(source: Path) -> None:
    data = ingest(source)
    good = (source / "portal.txt").read_bytes()
    (source / "portal.txt").write_text("not a report", encoding="utf-8")
    ingest(source)
    changes = told_of(release_diff(data, 1, 2))
    by_table = {(row["table"], row["change"]) for row in changes.iter_rows(named=True)}
    assert ("reports", "removed") in by_table
    assert ("quarantine", "added") in by_table
    assert set(changes["causes"]) == {"source"}
    (source / "portal.txt").write_bytes(good)
    ingest(source)
    assert set(told_of(release_diff(data, 2, 3))["causes"]) == {"source"}
    # The captures of the page between remain, all else is as it was.
    assert set(told_of(release_diff(data, 1, 3))["table"]) == {"captures", "quarantine"}
    assert set(told_of(release_diff(data, 1, 3))["causes"]) == {"source"}


def test_a_row_that_a_person_settled_is_a_dismissal(source: Path) -> None:
    (source / "odd.txt").write_text("not a report", encoding="utf-8")
    data = ingest(source)
    ids = open_release(data).frame("quarantine")["quarantine_id"].to_list()
    run_dismiss(data, ids=ids, reason="no report")
    changes = told_of(release_diff(data, 1, 2))
    assert set(changes["table"]) == {"quarantine"}
    assert set(changes["causes"]) == {"dismissal"}


def test_rows_of_an_earlier_lvzhi_have_an_unrecorded_cause(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("flows.run.as_json", lambda versions: None)
        data = ingest(source)
    other_code(monkeypatch)
    run_backfill(data, submit=in_turn)
    assert set(told_of(release_diff(data, 1, 2))["causes"]) == {"unrecorded"}


def test_a_change_without_any_recorded_difference_is_called_unexplained(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that changed while its version did not: an error that must show."""
    data = ingest(source)
    other_code(monkeypatch)
    monkeypatch.setattr(flows.inputs, "code_version", code_version)
    run_backfill(data, submit=in_turn)
    assert set(told_of(release_diff(data, 1, 2))["causes"]) == {"unexplained"}


code_version = flows.inputs.code_version

rows = st.lists(
    st.fixed_dictionaries(
        {
            "report_id": st.sampled_from(["a" * 16, "b" * 16]),
            "run_id": st.sampled_from(["r1", "r2"]),
            "pipeline_version": st.just("1"),
            "document_id": st.integers(0, 5).map(lambda n: f"{n:016}"),
            "title": st.sampled_from(["甲", "乙", ""]),
            "kind": st.just("law"),
            "sentence": st.just("句"),
            "line_no": st.integers(1, 2),
        }
    ),
    unique_by=lambda row: row["document_id"],
    max_size=6,
)


@settings(max_examples=60)
@given(rows, rows)
def test_a_diff_is_all_that_turns_one_table_into_the_other(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    spec = TABLES["documents"]
    changes = compare(spec, spec.frame(before), spec.frame(after))
    assert changes.columns == [name for name in CHANGES if name != "causes"]
    patched = {row["document_id"]: told(row) for row in before}
    for row in changes.iter_rows(named=True):
        key = json.loads(row["key"])["document_id"]
        if row["change"] == "removed":
            del patched[key]
        else:
            patched[key] = patched.get(key, {"document_id": key}) | json.loads(row["after"])
        if row["change"] == "changed":
            was = {name: value for row_ in before if row_["document_id"] == key for name, value in told(row_).items()}
            assert json.loads(row["before"]) == {name: was[name] for name in json.loads(row["before"])}
    assert patched == {row["document_id"]: told(row) for row in after}
    assert compare(spec, spec.frame(after), spec.frame(after)).is_empty()


def told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("run_id", "pipeline_version")}
