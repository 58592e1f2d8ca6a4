"""A real browser for the tests of the site: Chromium of the system, away from the network; and pictures for the README."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATHS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP, PHONE = (1280, 860), (390, 844)
PICTURES = {
    "front.png": ("index.html", "light", None),
    "report.png": ("reports/{report}.html", "light", "{figure}"),
}


def chromium() -> str | None:
    """Path of Chromium; nothing where there is none."""
    known = [path for path in PATHS if Path(path).exists()]
    return known[0] if known else shutil.which("chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Watched:
    """A page, and whatever it did that it should not.

    Attributes:
        page: the page.
        wrong: errors of the console, dialogs, and requests that leave the site.
    """

    page: Page
    wrong: list[str] = field(default_factory=list)


@contextmanager
def watched(
    opened: Browser, size: tuple[int, int] = DESKTOP, theme: str = "light", language: str = "zh-CN"
) -> Iterator[Watched]:
    """A new page of a new reader, of which every error, dialog and foreign request is noted."""
    context = opened.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    seen = Watched(page)
    page.on(
        "console",
        lambda told: seen.wrong.append(f"{told.type}: {told.text}") if told.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: seen.wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (seen.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith(("file:", "data:")) else seen.wrong.append(f"request: {sent.url}"),
    )
    page.on("popup", lambda popup: seen.wrong.append(f"window: {popup.url}"))
    try:
        yield seen
    finally:
        context.close()


def pictures(target: Path) -> None:
    """Write the pictures of the README: of a site over the sample reports."""
    from flows.pipeline import run_ingest
    from flows.site.build import write_site
    from flows.submit import in_turn
    from storage import open_release
    from tests.conftest import SAMPLES

    with tempfile.TemporaryDirectory() as place, browser() as opened:
        root = Path(place)
        run_ingest([str(SAMPLES)], root / "data", source_name="samples", submit=in_turn)
        write_site(str(root / "data"), root / "site", text="full")
        figures = open_release(root / "data").sql(
            "SELECT figure_id, figures.report_id FROM figures JOIN checks ON contains(figure_ids, figure_id) "
            "WHERE checks.rule = 'parts_by_result' AND measure = 'proposals.resolved' ORDER BY 1 LIMIT 1"
        )
        figure, report = figures.row(0)
        target.mkdir(parents=True, exist_ok=True)
        for name, (path, theme, anchor) in PICTURES.items():
            with watched(opened, (1280, 800), theme, "en-GB") as seen:
                address = (root / "site" / path.format(report=report)).as_uri()
                seen.page.goto(f"{address}#{anchor.format(figure=figure)}" if anchor else address)
                seen.page.wait_for_timeout(300)
                seen.page.screenshot(path=str(target / name))
            print(f"{target / name}: {(target / name).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    pictures(Path(sys.argv[1]))
