"""Pages in a real browser: silent, asking for nothing, whole at every width, and accessible."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from drtool.host.plain import printable
from drtool.render.index import index
from drtool.render.page import page
from tests.browser import shown
from tests.browser.conftest import Watched

WIDTHS = (390, 800, 1400)

# What sticks out of the window, and what of a cell, an entry or a paragraph sticks out of that.
_STICKS_OUT = """() => {
    const root = document.documentElement, found = [];
    if (root.scrollWidth > root.clientWidth) found.push(`the page, by ${root.scrollWidth - root.clientWidth} px`);
    for (const one of document.querySelectorAll('h1, h2, h3, p, li, td, th, dt, dd, pre, figure')) {
        if (getComputedStyle(one).display === 'inline' || one.matches('.unseen, .watermark, .scale')) continue;
        if (one.closest('thead') && getComputedStyle(one.closest('thead')).position === 'absolute') continue;
        if (one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
            found.push(`${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`);
    }
    return found;
}"""


def _report(name: str) -> str:
    return page(shown.REPORTS[name]())


def _index(name: str) -> str:
    return index(shown.AUDITS[name](), reports=".")


REPORTS: dict[str, Callable[[], str]] = {f"report: {name}": partial(_report, name) for name in shown.REPORTS}
INDEXES: dict[str, Callable[[], str]] = {f"index: {name}": partial(_index, name) for name in shown.AUDITS}
DOCUMENTS = REPORTS | INDEXES
every_document = pytest.mark.parametrize("make", DOCUMENTS.values(), ids=DOCUMENTS.keys())
every_name = pytest.mark.parametrize("name", shown.NAMES.values(), ids=shown.NAMES.keys())


@every_document
def test_page_is_silent_asks_for_nothing_and_is_whole_at_every_width(make: Callable[[], str], watched: Watched) -> None:
    address = watched.show(make())
    for width in WIDTHS:
        assert _sticks_out(watched, width) == [], width
    assert (watched.console, watched.requests, watched.dialogs) == ([], [address], [])
    assert "<" not in watched.page.title().split(", drill of")[-1]


@every_document
def test_axe_finds_no_violation(make: Callable[[], str], examined: Watched) -> None:
    examined.show(make())
    for width in (WIDTHS[0], WIDTHS[-1]):
        examined.page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(examined.page).response["violations"]
        assert [_in_short(one) for one in found] == [], width


@every_name
def test_hostile_names_are_written_as_the_text_that_they_are(name: str, watched: Watched) -> None:
    address = watched.show(page(shown.named(name)))
    for width in WIDTHS:
        assert _sticks_out(watched, width) == [], width
    assert (watched.console, watched.requests, watched.dialogs) == ([], [address], [])
    seen = watched.page
    assert seen.locator("img, script, [onerror], [onmouseover]").count() == 0
    for place in ("h1", "#checks ~ table tbody th", ".findings .code", "#losses ~ table tbody th"):
        assert printable(name) in (seen.locator(place).last.text_content() or ""), place
    assert seen.locator("main > section").count() == 17, "every section stands by itself"


@every_name
def test_hostile_names_do_the_index_no_harm(name: str, watched: Watched) -> None:
    address = watched.show(index(shown.audited(name), reports="."))
    for width in WIDTHS:
        assert _sticks_out(watched, width) == [], width
    assert (watched.console, watched.requests, watched.dialogs) == ([], [address], [])
    assert watched.page.locator("img, script, [onerror], [onmouseover]").count() == 0


def _sticks_out(watched: Watched, width: int) -> list[str]:
    watched.page.set_viewport_size({"width": width, "height": 900})
    found: list[str] = watched.page.evaluate(_STICKS_OUT)
    return found


def _in_short(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {violation['help']}: {[node['target'] for node in violation['nodes']][:3]}"
