"""A headless Chromium that asks nobody for anything, and a page in it that notes whatever happens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A page in the browser, what it wrote to the console, what it asked for, and what it let pop up."""

    page: Page
    folder: Path
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def show(self, document: str) -> str:
        """Open a document, as a file of its own, and return its address."""
        file = self.folder / "page.html"
        file.write_text(document, encoding="utf-8")
        for noted in (self.console, self.requests, self.dialogs):
            noted.clear()
        self.page.goto(file.as_uri(), wait_until="load")
        return file.as_uri()

    def dismiss(self, dialog: Dialog) -> None:
        """Note what popped up, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def printed(self) -> bytes:
        """Return the document as the browser prints it: backgrounds off, as people leave it."""
        return self.page.pdf(prefer_css_page_size=True, print_background=False)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the browser for the tests of this folder."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    assert program, f"none of {', '.join(_PROGRAMS)} is installed: fixtures/machine/tools.sh installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def watched(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Open a page that obeys the document's policy."""
    yield from _watched(browser, tmp_path_factory.mktemp("watched"), obeys=True)


@pytest.fixture(scope="package")
def examined(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Open a page in which scripts of the test may run, against the document's policy."""
    yield from _watched(browser, tmp_path_factory.mktemp("examined"), obeys=False)


def _watched(browser: Browser, folder: Path, *, obeys: bool) -> Iterator[Watched]:
    with browser.new_context(bypass_csp=not obeys) as context:
        one = Watched(page=context.new_page(), folder=folder)
        one.page.on("console", lambda message: one.console.append(message.text))
        one.page.on("pageerror", lambda error: one.console.append(str(error)))
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.on("dialog", lambda dialog: one.dismiss(dialog))
        yield one
