"""Lines that a site repeats: counted by site, kept in named versions, an input of the pure step."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.errors import StorageError
from schemas.tables import EXTRACTED
from storage import open_release
from storage.folder import data_folder
from storage.releases import current
from storage.sites import read_version, repeated_lines, site_of, write_version

PROSE = "年，市政协围绕中心工作认真履职，组织委员开展视察调研{n}次，提出意见建议{n}条，立案提案{m}件，为高质量发展贡献力量。"
# Furniture that no lexicon knows, at both edges of each page.
ABOVE, BELOW = "智慧云城市客户端矩阵", "云城市融媒体矩阵荣誉出品"


def report(year: int, *, above: str = ABOVE, below: str = BELOW) -> str:
    body = "\n".join(f"{year}{PROSE.format(n=year % 97 + i, m=year % 89 + 3 * i)}" for i in range(3))
    return f"政协云城市委员会{year}年工作综述\n{above}\n{body}\n{below}\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "云城"
    folder.mkdir()
    for year in range(2015, 2020):
        (folder / f"{year}.txt").write_text(report(year), encoding="utf-8")
    return folder


def labels(data: Path, year: int) -> dict[str, str]:
    reader = open_release(data)
    reports = reader.frame("reports").filter(pl.col("source_uri").str.contains(str(year)))
    lines = reader.frame("lines").filter(pl.col("report_id").is_in(reports["report_id"].to_list()))
    return dict(zip(lines["text"], lines["rule"], strict=True))


def test_the_site_is_the_host_or_the_source() -> None:
    assert site_of("news", "https://WWW.Example.cn/a.html") == "www.example.cn"
    assert site_of("folder", "2020/a.txt") == "folder"


def test_what_a_site_repeats_is_furniture_from_the_next_run_on(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_ingest([str(source)], data, submit=in_turn)
    assert labels(data, 2015)[BELOW] != "site_repeats"
    (source / "2020.txt").write_text(report(2020), encoding="utf-8")
    run_ingest([str(source)], data, submit=in_turn)
    told = labels(data, 2020)
    assert (told[ABOVE], told[BELOW]) == ("site_repeats", "site_repeats")
    assert labels(data, 2015)[BELOW] != "site_repeats"  # read before the site was known


def test_what_is_repeated_in_the_midst_of_a_text_stays(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_ingest([str(source)], data, submit=in_turn)
    (source / "2020.txt").write_text(report(2020).replace("件，为", f"件。\n{BELOW}\n为", 1), encoding="utf-8")
    run_ingest([str(source)], data, submit=in_turn)
    reader = open_release(data)
    lines = reader.frame("lines").filter(pl.col("text") == BELOW, pl.col("run_id") == reader.release.run_id)
    assert [rule == "site_repeats" for rule in lines.sort("line_no")["rule"]] == [False, True]


def test_the_same_version_gives_the_same_rows(source: Path, tmp_path: Path) -> None:
    """Two data folders with one history; and the release names the version by which the next run tells furniture."""
    frames = []
    for name in ("one", "other"):
        data = tmp_path / name
        (source / "2020.txt").unlink(missing_ok=True)
        run_ingest([str(source)], data, submit=in_turn)
        release = current(data_folder(data))
        assert release is not None
        (repeated,) = read_version(data_folder(data).sites, release.site_lines).values()
        assert {ABOVE, BELOW} <= repeated
        (source / "2020.txt").write_text(report(2020), encoding="utf-8")
        run_ingest([str(source)], data, submit=in_turn)
        reader = open_release(data)
        runs = reader.frame("runs").sort("started_at")
        assert [json.loads(row)["site_lines"] for row in runs["parameters"]] == ["", release.site_lines]
        frames.append({name: reader.frame(name) for name in EXTRACTED})
    for name in EXTRACTED:
        volatile = ["run_id", *(["capture_id"] if name == "reports" else [])]
        assert_frame_equal(frames[0][name].drop(volatile), frames[1][name].drop(volatile))


def frames(texts: list[list[str]], source: str = "s") -> tuple[pl.DataFrame, pl.DataFrame]:
    reports = [{"report_id": f"r{i:02}", "source": source, "source_uri": "a", "text": "".join(t)} for i, t in enumerate(texts)]  # fmt: skip
    lines = [{"report_id": f"r{i:02}", "text": line} for i, text in enumerate(texts) for line in text]
    return pl.DataFrame(reports), pl.DataFrame(lines)


def test_a_line_counts_once_a_page_and_a_page_once() -> None:
    several = [["页脚文字", "页脚文字", f"第{i}篇"] for i in range(3)]
    assert repeated_lines(*frames(several)) == {}  # on three pages
    assert repeated_lines(*frames([*several, several[0], several[0]])) == {}  # the same page under other addresses
    assert repeated_lines(*frames([*several, ["页脚文字", "第四篇"]])) == {"s": ["页脚文字"]}
    others = [[f"别的{i}"] for i in range(5)]
    assert repeated_lines(*frames([*several, ["页脚文字", "第四篇"], *others])) == {}  # on less than half of them


SENTENCE = "一年来，在市委领导下，全体委员围绕中心工作履行职能，各项工作都取得了新的成效，受到各方面好评。"


@pytest.mark.parametrize("line", ["工作取得新成效。", "全年立案198件"])
def test_what_may_be_text_is_never_furniture(line: str) -> None:
    assert repeated_lines(*frames([["页脚文字", line, f"第{i}篇"] for i in range(6)])) == {"s": ["页脚文字"]}


def test_copies_of_a_page_count_as_one() -> None:
    copies = [["第一节标题", SENTENCE, SENTENCE[9:] * 2, f"第{i}次转载的说明"] for i in range(6)]
    assert repeated_lines(*frames(copies)) == {}
    others = [["第一节标题", f"{i}" + SENTENCE, f"{i}" + SENTENCE[9:] * 2] for i in range(3)]
    assert repeated_lines(*frames([*copies, *others])) == {"s": ["第一节标题"]}


def test_versions_are_named_by_content_and_never_change(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    version = write_version(folder, {"b": ["二", "一"], "a": ["三"]})
    assert version == write_version(folder, {"a": ["三"], "b": ["一", "二"]})
    assert read_version(folder.sites, version) == {"a": {"三"}, "b": {"一", "二"}}
    assert write_version(folder, {}) == ""
    assert read_version(folder.sites, "") == {}


def test_a_missing_or_damaged_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="0123456789abcdef"):
        read_version(tmp_path, "0123456789abcdef")
    (tmp_path / "fedc.json").write_text("[1]")
    with pytest.raises(StorageError, match="damaged"):
        read_version(tmp_path, "fedc")


def test_tables_of_an_earlier_lvzhi_take_new_columns(source: Path, tmp_path: Path) -> None:
    """A column that the stored table lacks is empty for its old rows, and read so."""
    from deltalake import write_deltalake

    data = tmp_path / "data"
    run_ingest([str(source)], data, submit=in_turn)
    place = data / "tables" / "reports"
    old = pl.read_delta(str(place)).drop("truncated")
    write_deltalake(str(place), old.to_arrow(), mode="overwrite", schema_mode="overwrite")
    release = data / "releases" / "000001.json"
    named = json.loads(release.read_text())
    named["versions"]["reports"] += 1
    release.write_text(json.dumps(named))
    assert open_release(data).frame("reports")["truncated"].null_count() == old.height
    (source / "2020.txt").write_text(report(2020), encoding="utf-8")
    run_ingest([str(source)], data, submit=in_turn)
    assert open_release(data).frame("reports")["truncated"].null_count() == old.height
