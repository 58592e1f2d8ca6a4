"""Checks in a run: outcomes are rows, errors of the dataset stop the release, quarantine can be replayed and dismissed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import flows.check
from flows.backfill import run_backfill
from flows.diff import release_diff
from flows.gate import Acceptance
from flows.pipeline import run_ingest
from flows.replay import run_dismiss, run_replay
from flows.report_checks import as_markdown, check_release
from flows.submit import in_turn
from schemas.errors import DataError, UsageError
from storage import ReleaseReader, open_release
from storage.tables import Tables
from tests.conftest import GOLD, ROOT, Command

REPORTS = GOLD.parent / "checks"
REAL = ROOT.parent / "shared" / "seeds"
SUMS = {"parts_by_author", "parts_by_result", "parts_by_topic", "shares_add_up", "share_of_proposals"}


def ingest(source: Path, data: Path, **options: object) -> ReleaseReader:
    run_ingest([str(source)], data, source_name="pages", submit=in_turn, **options)  # type: ignore[arg-type]
    return open_release(data)


def folder_of(tmp_path: Path, *names: str) -> Path:
    """A folder with copies of some of the reports."""
    folder = tmp_path / "pages"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes((REPORTS / name).read_bytes())
    return folder


def test_outcomes_of_the_samples_are_rows_and_none_fails(released: ReleaseReader) -> None:
    checks = released.frame("checks")
    assert set(checks["ring"]) == {"row", "report", "dataset"}
    assert checks.filter(~pl.col("passed"))["message"].to_list() == []
    reports = released.frame("reports")
    databox = reports.filter(pl.col("source_uri") == "databox.txt")["report_id"].item()
    assert set(checks.filter(pl.col("report_id") == databox)["rule"]) >= SUMS
    figures = set(released.frame("figures")["figure_id"])
    assert {
        figure for ids in checks.filter(pl.col("ring") == "report")["figure_ids"] for figure in ids.split()
    } <= figures


def test_an_error_in_a_sum_flags_the_report_and_its_rows_stay(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "pucheng_2023.txt")
    path = folder / "pucheng_2023.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("委员提案126件", "委员提案162件"), encoding="utf-8")
    reader = ingest(folder, tmp_path / "data")
    failed = reader.frame("checks").filter(~pl.col("passed"))
    assert {"parts_by_author", "share_of_proposals"} <= set(failed["rule"])
    assert reader.frame("reports")["quality"].to_list() == ["flagged"]
    assert reader.frame("figures").filter(pl.col("value") == 162).height == 1
    findings = check_release(str(tmp_path / "data"))
    assert findings.exit_status == 1
    assert "| error | `parts_by_author` | 1 |" in as_markdown(findings)


def test_a_reread_report_loses_its_earlier_outcomes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "pucheng_2023.txt")
    path = folder / "pucheng_2023.txt"
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace("126件", "162件"), encoding="utf-8")
    assert not ingest(folder, tmp_path / "data").frame("checks")["passed"].all()
    path.write_text(right, encoding="utf-8")
    assert ingest(folder, tmp_path / "data").frame("checks")["passed"].all()


def test_an_error_of_the_dataset_stops_the_release_unless_it_is_accepted(tmp_path: Path, lvzhi: Command) -> None:
    folder = folder_of(tmp_path, "suining_2022.txt")
    path, data = folder / "suining_2022.txt", tmp_path / "data"
    path.write_text(path.read_text(encoding="utf-8").replace("2023-01-18", "2021-01-18"), encoding="utf-8")
    stopped = lvzhi("ingest", folder, "--data", data)
    assert stopped.returncode == 1
    assert "published_after_period" in stopped.stderr
    assert "--accept published_after_period --reason" in stopped.stderr
    assert not (data / "releases" / "latest").exists()
    assert Tables(open_folder(data)).read("reports").is_empty()
    assert lvzhi("ingest", folder, "--data", data, "--accept", "published_after_period").returncode == 2
    assert (
        "no rule 'nonsense'" in lvzhi("ingest", folder, "--data", data, "--accept", "nonsense", "--reason", "x").stderr
    )
    reason = "the page has a wrong date, the office was asked"
    accepted = lvzhi("ingest", folder, "--data", data, "--accept", "published_after_period", "--reason", reason)
    assert accepted.returncode == 0, accepted.stderr
    release = json.loads((data / "releases" / "000001.json").read_text(encoding="utf-8"))
    assert release["accepted"] == [{"rule": "published_after_period", "reason": reason}]
    runs = open_release(data).frame("runs").sort("started_at")
    assert runs["status"].to_list() == ["failed", "released"]
    assert json.loads(runs["parameters"][-1])["reason"] == reason
    check = lvzhi("check", "--data", data)
    assert check.returncode == 0
    assert f"accepted: {reason}" in check.stdout


def open_folder(data: Path):  # type: ignore[no-untyped-def]
    from storage.folder import DataFolder

    return DataFolder(data)


def test_a_source_that_loses_what_it_had_stops_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path, "suining_2022.txt", "suining_2023.txt", "pucheng_2023.txt")
    ingest(folder, tmp_path / "data")
    for path in folder.iterdir():
        path.write_text("政协遂宁市委员会2022年工作报告\n\n全年立案提案312件，召开主席会议12次。\n", encoding="utf-8")
    with pytest.raises(DataError, match="volume_minimum"):
        ingest(folder, tmp_path / "data")
    assert open_release(tmp_path / "data").release.number == 1
    reader = ingest(folder, tmp_path / "data", accept=Acceptance(("volume_minimum",), "the site was cut down"))
    assert reader.release.accepted == [{"rule": "volume_minimum", "reason": "the site was cut down"}]


def test_a_source_of_one_page_may_lose_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "suining_2022.txt")
    ingest(folder, tmp_path / "data")
    (folder / "suining_2022.txt").write_bytes(b"")
    reader = ingest(folder, tmp_path / "data")
    assert reader.release.number == 2
    assert reader.frame("reports").is_empty()
    assert reader.frame("quarantine")["rule"].to_list() == ["empty"]


def test_expectations_of_a_source_are_suggested_and_kept(
    tmp_path: Path, lvzhi: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data, seeds = (
        folder_of(tmp_path, "suining_2022.txt", "pucheng_2023.txt"),
        tmp_path / "data",
        tmp_path / "seeds",
    )
    ingest(folder, data)
    suggested = lvzhi("check", "--suggest", "--data", data).stdout
    assert suggested.startswith('[source."pages"]\nmin_reports = 1\nmax_reports = 4\n')
    seeds.mkdir()
    (seeds / "expectations.toml").write_text(suggested.replace("min_reports = 1", "min_reports = 3"), encoding="utf-8")
    monkeypatch.setenv("LVZHI_SEEDS", str(seeds))
    folder_of(tmp_path, "suining_2023.txt")
    assert ingest(folder, data).frame("reports").height == 3
    (seeds / "expectations.toml").write_text(suggested.replace("min_reports = 1", "min_reports = 9"), encoding="utf-8")
    (folder / "suining_2023.txt").write_bytes((REPORTS / "suining_2023.txt").read_bytes() + "\n会议12次。\n".encode())
    with pytest.raises(DataError, match="at least 9 are expected"):
        ingest(folder, data)


def test_a_reprint_points_to_the_report_that_it_repeats_and_must_agree_with_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "suining_2022.txt", "suining_2023.txt", "suining_2023_reprint.txt")
    path = folder / "suining_2023_reprint.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("主席会议16次", "主席会议61次"), encoding="utf-8")
    reader = ingest(folder, tmp_path / "data")
    reports = {row["source_uri"]: row for row in reader.frame("reports").iter_rows(named=True)}
    assert reports["suining_2023_reprint.txt"]["duplicate_of"] == reports["suining_2023.txt"]["report_id"]
    assert reports["suining_2023.txt"]["duplicate_of"] is None
    assert reports["suining_2022.txt"]["duplicate_of"] is None
    failed = reader.frame("checks").filter(~pl.col("passed"))
    assert set(failed["rule"]) == {"sources_agree", "repeats_agree"}
    assert "61次 stand otherwise there" in " ".join(failed["message"])


def test_a_row_that_fails_a_rule_goes_to_quarantine_and_comes_back_when_the_code_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lvzhi: Command
) -> None:
    folder, data = folder_of(tmp_path, "suining_2022.txt"), tmp_path / "data"
    readings = flows.check.readings

    def misread(quote: str, sentence: str):  # type: ignore[no-untyped-def]
        return () if quote.startswith("348") else readings(quote, sentence)

    with monkeypatch.context() as broken:
        broken.setattr(flows.check, "readings", misread)
        reader = ingest(folder, data)
    quarantine = reader.frame("quarantine")
    assert quarantine["rule"].to_list() == ["figures.value_is_quote"]
    assert reader.frame("figures").filter(pl.col("value") == 348).is_empty()
    row_ring = reader.frame("checks").filter(pl.col("rule") == "figures.value_is_quote")
    assert row_ring["passed"].to_list() == [False]
    assert "figures_complete" not in set(reader.frame("checks").filter(~pl.col("passed"))["rule"])
    check = lvzhi("check", "--data", data)
    assert check.returncode == 1
    assert "figures.value_is_quote (1)" in check.stdout
    assert "1 rows in quarantine" in check.stdout

    replayed = lvzhi("replay", "--rule", "figures.value_is_quote", "--data", data)
    assert replayed.returncode == 0, replayed.stderr
    reader = open_release(data)
    assert reader.frame("figures").filter(pl.col("value") == 348).height == 1
    assert reader.frame("quarantine")["resolved_by_run"].to_list() == [reader.release.run_id]
    assert reader.frame("runs").sort("started_at")["flow"].to_list() == ["ingest", "replay"]
    figures = release_diff(str(data), 1, 2).filter(pl.col("table") == "figures")
    assert set(figures["causes"]) == {"replay"}
    assert lvzhi("check", "--data", data).returncode == 0
    again = lvzhi("replay", "--data", data)
    assert again.returncode == 2
    assert "nothing is open" in again.stderr


def test_what_still_fails_stays_open_after_a_replay(tmp_path: Path) -> None:
    folder, data = folder_of(tmp_path, "suining_2022.txt"), tmp_path / "data"
    (folder / "empty.txt").write_text("", encoding="utf-8")
    ingest(folder, data)
    summary = run_replay(data, submit=in_turn)
    assert not summary.changed
    assert summary.rules == {"empty": 1}
    assert open_release(data).frame("quarantine")["resolved_by_run"].to_list() == [None]


def test_damaged_input_is_dismissed_with_a_reason_and_stays_so(tmp_path: Path, lvzhi: Command) -> None:
    folder, data = folder_of(tmp_path, "suining_2022.txt"), tmp_path / "data"
    (folder / "empty.txt").write_text("", encoding="utf-8")
    ingest(folder, data)
    assert "pages in quarantine: 1 empty" in lvzhi("check", "--data", data).stdout
    with pytest.raises(UsageError, match="--reason"):
        run_dismiss(data, rules=["empty"], reason=" ")
    with pytest.raises(UsageError, match="name what to dismiss"):
        run_dismiss(data, reason="the file is empty at its source")
    assert (
        lvzhi("dismiss", "--rule", "empty", "--reason", "the file is empty at its source", "--data", data).returncode
        == 0
    )
    reader = open_release(data)
    (row,) = reader.frame("quarantine").to_dicts()
    assert row["dismissed"] == "the file is empty at its source"
    assert row["resolved_by_run"] == reader.release.run_id
    assert "quarantine is empty" in lvzhi("status", "--data", data).stdout
    (folder / "suining_2023.txt").write_bytes((REPORTS / "suining_2023.txt").read_bytes())
    assert ingest(folder, data).frame("quarantine")["dismissed"].to_list() == ["the file is empty at its source"]


CORRECTION = """
[[correction]]
source = "pages"
page = "suining_2022.txt"
quote = "348件"
expect = {{ value = {expected} }}
set = {{ value = 384 }}
reason = "two digits are swapped on the page; the printed report has 384"
date = 2024-03-01
"""


def test_a_known_error_of_a_source_is_corrected_while_the_source_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seeds = folder_of(tmp_path, "suining_2022.txt"), tmp_path / "seeds"
    seeds.mkdir()
    monkeypatch.setenv("LVZHI_SEEDS", str(seeds))
    (seeds / "corrections.toml").write_text(CORRECTION.format(expected=348), encoding="utf-8")
    reader = ingest(folder, tmp_path / "data")
    (figure,) = reader.frame("figures").filter(pl.col("quote") == "348件").to_dicts()
    assert figure["value"] == 384
    assert figure["correction"].startswith("two digits are swapped")
    applied = reader.frame("checks").filter(pl.col("rule") == "correction_applies")
    assert applied["passed"].to_list() == [True]
    assert reader.frame("quarantine").is_empty()

    (seeds / "corrections.toml").write_text("", encoding="utf-8")
    assert run_backfill(tmp_path / "data", submit=in_turn).summary.changed
    figures = release_diff(str(tmp_path / "data"), 1, 2).filter(pl.col("table") == "figures")
    assert set(figures["causes"]) == {"correction"}

    (seeds / "corrections.toml").write_text(CORRECTION.format(expected=349), encoding="utf-8")
    path = folder / "suining_2022.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    reader = ingest(folder, tmp_path / "data")
    (outcome,) = reader.frame("checks").filter(pl.col("rule") == "correction_applies").to_dicts()
    assert not outcome["passed"]
    assert outcome["severity"] == "warning"
    assert "the source has mended itself" in outcome["message"]
    assert reader.frame("figures").filter(pl.col("quote") == "348件")["value"].to_list() == [348]


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (CORRECTION.format(expected=348).replace("reason", "because"), "reason"),
        (CORRECTION.format(expected=348).replace("set = { value", "set = { worth"), "worth"),
        (CORRECTION.format(expected=348).replace("set = { value = 384 }", 'set = { quote = "384件" }'), "quote"),
        (CORRECTION.format(expected=348).replace("2024-03-01", '"soon"'), "date"),
        ("[[", "TOML"),
    ],
)
def test_a_wrong_correction_is_named_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, word: str
) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "corrections.toml").write_text(entry, encoding="utf-8")
    monkeypatch.setenv("LVZHI_SEEDS", str(seeds))
    with pytest.raises(UsageError, match=word):
        ingest(folder_of(tmp_path, "suining_2022.txt"), tmp_path / "data")


def test_check_answers_for_programs_and_for_github(tmp_path: Path, lvzhi: Command) -> None:
    folder = folder_of(tmp_path, "pucheng_2023.txt")
    path = folder / "pucheng_2023.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("占立案总数的75%", "占立案总数的57%"), encoding="utf-8")
    ingest(folder, tmp_path / "data")
    run = lvzhi("check", "--format", "json", "--data", tmp_path / "data")
    assert run.returncode == 1
    answer = json.loads(run.stdout)
    failure = next(failure for failure in answer["failures"] if failure["rule"] == "share_of_proposals")
    assert failure["page"] == "pages:pucheng_2023.txt"
    assert (failure["expected"], failure["observed"], failure["severity"]) == ("75%", "57%", "error")
    assert len(failure["figure_ids"]) == 3
    annotations = lvzhi("check", "--format", "github", "--data", tmp_path / "data").stdout.splitlines()
    assert any(line.startswith("::error title=share_of_proposals::pages:pucheng_2023.txt: ") for line in annotations)
    assert all("%" not in line.replace("%25", "") for line in annotations)


def test_check_before_anything_was_ingested_says_what_to_do(lvzhi: Command, tmp_path: Path) -> None:
    for command in (["check"], ["check", "--suggest"], ["replay"], ["dismiss", "--rule", "x", "--reason", "y"]):
        run = lvzhi(*command, "--data", tmp_path / "data")
        assert run.returncode == 1
        assert "lvzhi ingest" in run.stderr


@pytest.mark.skipif(not REAL.is_dir(), reason="no real reports beside the project")
def test_no_rule_fails_on_the_real_reports_and_a_data_box_tries_five(tmp_path: Path) -> None:
    reader = ingest(REAL, tmp_path / "data")
    checks = reader.frame("checks")
    assert checks.filter(~pl.col("passed"))["message"].to_list() == []
    report = reader.frame("reports").filter(pl.col("source_uri").str.starts_with("002_"))["report_id"].item()
    box = reader.frame("figures").filter((pl.col("report_id") == report) & (pl.col("line_no") > 105))
    tried = checks.filter((pl.col("report_id") == report) & (pl.col("ring") == "report") & (pl.col("figure_ids") != ""))
    inside = [
        row["rule"] for row in tried.iter_rows(named=True) if set(row["figure_ids"].split()) <= set(box["figure_id"])
    ]
    assert len(set(inside)) >= 5
    assert set(inside) >= SUMS


@pytest.mark.parametrize(
    ("quote", "value"), [("超过1186**件", 1186.0), ("**336件", 336.0), ("立案**336**件", 336.0), ("1186件", 1186.0)]
)
def test_half_a_pair_of_bold_marks_in_a_quote_is_no_damage(quote: str, value: float) -> None:
    (reading,) = flows.check.readings(quote, quote.replace("**", ""))
    assert (reading.value, reading.unit) == (value, "件")
