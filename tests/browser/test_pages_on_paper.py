"""A report on paper: three A4 pages at most, the answer on the first, by the browser and as `show --pdf` makes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drtool.record.model import DrillRecord
from drtool.render.index import index
from drtool.render.page import page
from drtool.render.pdf import pdf
from tests.browser import shown
from tests.browser.conftest import Watched
from tests.browser.paper import Paper
from tests.render import audits, records

REAL = {"passed": shown.real_passed, "failed": shown.real_failed}
WAYS = ("browser", "show --pdf")

# The labels that reach below the entry that they belong to.
_HANGING = """() => [...document.querySelectorAll('.facts:not(.details) dt, .lines dt')]
    .filter((one) => one.getBoundingClientRect().bottom > one.parentElement.getBoundingClientRect().bottom + 1)
    .map((one) => one.textContent)"""

Printer = Callable[[str], Paper]


_printed: dict[tuple[str, str], Paper] = {}  # several tests look at the same paper


@pytest.fixture(params=WAYS)
def printed(request: pytest.FixtureRequest, watched: Watched) -> Printer:
    """Return what prints a document, one way and the other."""

    def on_paper(document: str) -> Paper:
        key = (request.param, document)
        if key not in _printed:
            watched.show(document)
            content = watched.printed() if request.param == "browser" else pdf(document.encode())
            _printed[key] = Paper(content)
        return _printed[key]

    return on_paper


@pytest.mark.parametrize("make", REAL.values(), ids=REAL.keys())
def test_a_drill_prints_on_three_pages_at_most_with_the_whole_answer_on_the_first(
    make: Callable[[], DrillRecord], printed: Printer
) -> None:
    record = make()
    paper = printed(page(record))
    assert paper.pages <= 3
    assert paper.is_a4
    first = paper.texts[0]
    for part in (
        record.scenario,
        record.verdict.capitalize(),
        "Recovery time (RTO)",
        "Recovery point (RPO)",
        "What was restored",
        "What was lost",
        "all that was compared" if make is shown.real_passed else "80 missing, 3 changed",
        "Who and when",
        "Findings",
    ):
        assert part in first, part
    assert "Sign-off" in paper.texts[-1]
    assert f"1 / {paper.pages}" in first


@pytest.mark.parametrize("make", REAL.values(), ids=REAL.keys())
def test_nothing_on_paper_is_smaller_than_8_points_but_for_digests(
    make: Callable[[], DrillRecord], printed: Printer
) -> None:
    runs = printed(page(make())).runs
    assert len(runs) > 100
    small = [one for one in runs if one.points < 7.95 and "Mono" not in one.font]
    assert small == []
    assert min(one.points for one in runs) >= 6.95


@pytest.mark.parametrize("make", REAL.values(), ids=REAL.keys())
def test_no_heading_stands_alone_at_the_foot_of_a_page(make: Callable[[], DrillRecord], printed: Printer) -> None:
    paper = printed(page(make()))
    headings = ("Checks", "Losses in rows and files", "Evidence for the recovery point", "Backups read", "Environment")
    for text in paper.texts:
        end = text.removesuffix(f"{paper.texts.index(text) + 1} / {paper.pages}").strip()
        assert not end.endswith(headings)


@pytest.mark.parametrize("make", [shown.real_failed, records.interrupted], ids=["failed", "interrupted"])
def test_no_label_hangs_into_what_follows_it(make: Callable[[], DrillRecord], watched: Watched) -> None:
    watched.show(page(make()))
    watched.page.set_viewport_size({"width": 695, "height": 900})  # 184 mm, which an A4 page has between its margins
    watched.page.emulate_media(media="print")
    hanging = watched.page.evaluate(_HANGING)
    watched.page.emulate_media(media="null")
    assert hanging == []


def test_an_unsigned_drill_says_so_on_every_page(printed: Printer) -> None:
    paper = printed(page(shown.REPORTS["unsigned"]()))
    assert paper.pages <= 3
    assert all("UNSIGNED" in text for text in paper.texts)


@pytest.mark.long
def test_hostile_names_print_and_lie_within_the_page(printed: Printer) -> None:
    paper = printed(page(shown.named(shown.NAMES["html"] + shown.NAMES["200 characters"][:100])))
    assert paper.is_a4
    assert any("Sign-off" in text for text in paper.texts)
    assert min(one.points for one in paper.runs if "Mono" not in one.font) >= 7.95, "the browser made it smaller to fit"


@pytest.mark.parametrize("make", [audits.clean, audits.every_kind], ids=["healthy", "tampered"])
def test_the_index_prints_with_its_answer_on_the_first_page(make: Callable[[], object], watched: Watched) -> None:
    watched.show(index(make(), reports="."))  # type: ignore[arg-type]
    paper = Paper(watched.printed())
    assert paper.is_a4
    assert "Ledger head" in paper.texts[0]
    assert "Audit" in paper.texts[0]
