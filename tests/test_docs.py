"""The docs are true: commands and snippets run, figures are those of the samples."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from flows.cli import main
from schemas.tables import TABLES
from storage import ReleaseReader
from storage.export import export
from tests.conftest import ROOT, Command

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_summary_in_the_readme_is_what_a_run_prints(lvzhi: Command, tmp_path: Path) -> None:
    printed = lvzhi("ingest", "seeds/reports", "--source", "samples", "--data", tmp_path / "data").stdout
    shown = re.search(r"```\n(files .*?)```", README, re.S)
    assert shown
    for line in shown.group(1).splitlines():
        assert line.removesuffix(" + …") in printed


def test_the_readme_names_all_commands_and_tables() -> None:
    for name in main.commands:
        assert f"lvzhi {name} " in README
    for name in TABLES:
        assert f"`{name}`" in README


@pytest.mark.parametrize("snippet", re.findall(r"```python\n(.*?)```", README, re.S))
def test_snippets_run(snippet: str, released: ReleaseReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(released, tmp_path / "out", "parquet")
    (tmp_path / "data").symlink_to(released.folder.root)
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, "README", "exec"), {})


def test_links_and_paths_exist() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "deploy/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), (page, target)
        for path in re.findall(r"`((?:flows|schemas|storage|tests|seeds|deploy)/[\w./]*)`", text):
            assert (ROOT / path).exists(), (page, path)


def test_make_lists_its_targets() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("install", "ingest", "test", "lint", "bench"):
        assert f"make {target} " in listed
