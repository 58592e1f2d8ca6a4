"""All pages of a site, in order; of a report only what changed since the site was written before."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import chain
from pathlib import Path

from flows import PIPELINE_VERSION
from flows.progress import Progress, no_progress
from flows.site.changes import changes_since
from flows.site.charts import chart_script, chart_version
from flows.site.committee import files as committee_files
from flows.site.compare import compare_files
from flows.site.dictionary import dictionary_page, downloads
from flows.site.evidence import evidence_page
from flows.site.files import SiteFolder, fingerprint
from flows.site.front import front_page, province_pages
from flows.site.listing import listing_files
from flows.site.pages import as_script
from flows.site.quality import quality_page
from flows.site.reading import Dataset, Row, read, rows_of_reports
from flows.site.texts import load_texts
from storage import open_release
from storage.republish import EVIDENCE
from storage.workspace import Workspace

ASSETS = ("style.css", "first.js", "common.js", "report.js", "charts.js", "search.js", "compare.js")
CHARTS = "assets/vega.js"


def write_site(
    data: str,
    target: Path,
    *,
    release: int | str | None = None,
    text: str = EVIDENCE,
    mutations: Path | None = None,
    progress: Progress = no_progress,
) -> SiteFolder:
    """Write the site of a release.

    Args:
        data: the data folder.
        target: folder to write to: new, empty, or one that holds a site.
        release: number or tag of the release; the current one if none is given.
        text: how much of the reports' text is shown, one of `storage.republish.TEXT_MODES`.
        mutations: what `make mutate` wrote, for the page on quality.
        progress: is told stage, number done and total.

    Returns:
        The folder, with the numbers of files written, kept and removed.

    Raises:
        DataError: nothing was ever ingested there.
        UsageError: there is no such release, or the folder holds other things.
        StorageError: something cannot be read or written.
    """
    reader = open_release(data, release)
    folder = SiteFolder(target)
    with Workspace() as desk:
        dataset = read(reader, desk)
        # What takes most memory comes first, while little else is held.
        files = downloads(folder, dataset, text)
        changes = changes_since(dataset)
        _assets(folder, dataset)
        folder.write("index.html", front_page(dataset, changes))
        folder.write("quality.html", quality_page(dataset, changes, mutations))
        pages = chain(
            province_pages(dataset).items(), listing_files(dataset), committee_files(dataset), compare_files(dataset)
        )
        for name, content in pages:
            folder.write(name, content)
        _reports(folder, dataset, text, progress)
        folder.write("dictionary.html", dictionary_page(dataset, files, folder.root, text))
    folder.finish()
    return folder


def _assets(folder: SiteFolder, dataset: Dataset) -> None:
    static = resources.files(__package__).joinpath("static")
    for name in ASSETS:
        folder.write(f"assets/{name}", static.joinpath(name).read_bytes())
    folder.made(CHARTS, chart_version(), chart_script)
    texts = {key: list(pair) for key, pair in load_texts().items()}
    folder.write("assets/texts.js", as_script("window.lvzhi = ", {"texts": texts, "release": dataset.stamp}))


def _reports(folder: SiteFolder, dataset: Dataset, text: str, progress: Progress) -> None:
    """The evidence pages: lines are read of those alone of which something changed."""
    marks = dict.fromkeys(dataset.reports, "")
    marks |= {report: _mark(dataset, report, checks, text) for report, checks in dataset.checks.groups("page")}
    marks |= {report: _mark(dataset, report, [], text) for report, mark in marks.items() if not mark}
    stale = [report for report, mark in marks.items() if not folder.current(f"reports/{report}.html", mark)]
    for done, (report, rows) in enumerate(rows_of_reports(dataset, stale), 1):
        folder.write(f"reports/{report}.html", evidence_page(dataset, report, rows, text), marks[report])
        progress("reports", done, len(stale))


def _mark(dataset: Dataset, report: str, checks: list[Row], text: str) -> str:
    """What the page of a report is made from: its row names the run that wrote all of its rows, together."""
    row = dataset.reports[report]
    told = [list(check.values()) for check in checks]
    original = dataset.reports.get(row["duplicate_of"] or "", {}).get("title")
    return fingerprint(site_version(), text, row, original, told)


@cache
def site_version() -> str:
    """Version of all that makes pages: code, templates, texts."""
    digest = sha256(PIPELINE_VERSION.encode())
    package = resources.files(__package__)
    for folder in (package, package.joinpath("templates")):
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.is_file():
                digest.update(entry.read_bytes())
    return digest.hexdigest()[:16]
