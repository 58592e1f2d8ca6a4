"""From a figure back to its raw characters."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from flows.explain import explain, show_explanation
from flows.extract.measures import choose
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import UsageError
from storage import ReleaseReader, open_release
from tests.conftest import Command


def some(released: ReleaseReader, step: int) -> list[str]:
    return released.frame("figures").sort("figure_id")["figure_id"].to_list()[::step]


def test_figures_are_found_again_in_the_archived_page_as_the_row_has_them(released: ReleaseReader) -> None:
    for name in some(released, 12):
        told = explain(released, name)
        assert told.numeral is not None
        assert told.around is not None
        read = (told.numeral.value, told.numeral.high, told.numeral.unit, told.numeral.bound)
        assert read == tuple(told.figure[field] for field in ("value", "value_high", "unit", "bound"))
        assert told.line["raw"][told.figure["start"] : told.figure["end"]] == told.figure["quote"]


def test_competing_measures_stand_with_their_weights_the_heaviest_first(released: ReleaseReader) -> None:
    several = 0
    for name in some(released, 12):
        told = explain(released, name)
        assert told.numeral is not None
        assert told.around is not None
        weights = [choice.weight for choice in told.choices]
        assert weights == sorted(weights, reverse=True)
        several += len(weights) > 1
        if told.choices:
            assert told.choices[0] == choose(told.around, told.numeral.unit)
    assert several


def test_what_is_printed_names_every_step(released: ReleaseReader, capsys: pytest.CaptureFixture[str]) -> None:
    row = (
        released.frame("figures")
        .filter((pl.col("measure") == "proposals.filed") & pl.col("rule").str.contains(":"))
        .row(0, named=True)
    )
    show_explanation(row["figure_id"], str(released.folder.root), None)
    printed = capsys.readouterr().out
    page = released.frame("reports").filter(pl.col("report_id") == row["report_id"])["source_uri"].item()
    for word in (row["figure_id"], page, f"⟦{row['quote']}⟧", row["sentence"], row["rule"], row["measure"], "←"):
        assert word in printed
    assert f"line {row['line_no']}, characters {row['start']} to {row['end']}" in printed


@pytest.mark.parametrize(("name", "message"), [("none", "no figure goes by 'none'"), ("", "no figure goes by ''")])
def test_an_unknown_figure_is_named_with_the_remedy(released: ReleaseReader, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain(released, name)


def test_the_beginning_of_an_id_is_enough_where_one_figure_has_it(released: ReleaseReader) -> None:
    whole = released.frame("figures")["figure_id"][0]
    assert explain(released, whole[:12]).figure["figure_id"] == whole
    shared = next(digit for digit in "0123456789abcdef" if sum(n.startswith(digit) for n in some(released, 1)) > 1)
    with pytest.raises(UsageError, match=f"figures go by '{shared}'; name one of:"):
        explain(released, shared)


def test_the_command_answers_and_ends_with_2_for_a_figure_that_is_not_there(
    released: ReleaseReader, lvzhi: Command
) -> None:
    name = released.frame("figures")["figure_id"][0]
    answer = lvzhi("explain", name, "--data", released.folder.root)
    assert (answer.returncode, answer.stdout.startswith(f"figure {name}\n")) == (0, True)
    missing = lvzhi("explain", "zzz", "--data", released.folder.root)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "no figure goes by 'zzz'" in missing.stderr


def test_a_row_of_code_that_read_otherwise_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "in" / "report.txt"
    page.parent.mkdir()
    text = "政协湖州市委员会2023年工作总结\n2023年,湖州市政协共收到提案211件,立案195件,办复率100%。\n"
    page.write_text(text, encoding="utf-8")
    run_ingest([str(page.parent)], tmp_path / "data", submit=in_turn)
    reader = open_release(tmp_path / "data")
    name = reader.frame("figures")["figure_id"][0]
    assert explain(reader, name).numeral is not None
    monkeypatch.setattr("flows.explain.find_numerals", lambda text: [])
    told = explain(reader, name)
    assert (told.numeral, told.choices) == (None, [])


def test_a_page_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "in" / "report.txt"
    page.parent.mkdir()
    text = "政协湖州市委员会2023年工作总结\n2023年,湖州市政协共收到提案211件\x1b[31m,立案195件,办复率100%。\n"
    page.write_text(text, encoding="utf-8")
    run_ingest([str(page.parent)], tmp_path / "data", submit=in_turn)
    name = open_release(tmp_path / "data").frame("figures")["figure_id"][0]
    show_explanation(name, str(tmp_path / "data"), None)
    assert "\x1b[31m" not in capsys.readouterr().out
