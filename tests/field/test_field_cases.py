"""Each case of the field, and its twin, is judged for what it is, and docs/field.md says of them what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from _pytest.mark import ParameterSet

from tests.e2e.conftest import made_once
from tests.e2e.workbench import Workbench
from tests.field.case import Tried, got
from tests.field.cases import ALL
from tests.field.held import make
from tests.field.page import page
from tests.field.table import note

_PAGE = Path(__file__).parents[2] / "docs" / "field.md"


@pytest.fixture(scope="session")
def made(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the databases that cases compare with their baselines, once for all workers."""
    del engine
    held = [tried.held for case in ALL for tried in (case.tried, case.twin) if tried.held]
    return made_once(tmp_path_factory, "field", lambda into: make(held, into))


def _each() -> Iterator[ParameterSet]:
    """Yield each case and each twin; one of the two is long, of one case the twin and of the next the case."""
    for place, case in enumerate(ALL):
        for twin, tried in enumerate((case.tried, case.twin)):
            name = f"{case.number}{' twin' if twin else ''}"
            marks = () if (place + twin) % 2 == 0 else pytest.mark.long
            yield pytest.param(place, name, tried, id=name.replace(" ", "-"), marks=marks)


@pytest.mark.parametrize(("place", "name", "tried"), [*_each()])
def test_what_people_have_is_judged_for_what_it_is(
    shared_bench: Workbench, place: int, name: str, tried: Tried, request: pytest.FixtureRequest
) -> None:
    folder = shared_bench.folder / name.replace(" ", "-")
    folder.mkdir()
    if tried.held:
        tried.held.lay_out(request.getfixturevalue("made"), folder)
    ran = shared_bench.drtool(*tried.given.lay_out(folder))
    mistake = tried.wrong(ran)
    note(request.node, place, name, tried.what, tried.expected, got(ran), mistake or "yes")
    assert not mistake, f"{name}, {tried.what}: {mistake}\n{ran.stderr}"


def test_no_two_cases_have_the_same_number() -> None:
    assert [number for number, times in Counter(case.number for case in ALL).items() if times > 1] == []


def test_a_case_and_its_twin_are_expected_to_be_judged_otherwise() -> None:
    alike = [case.number for case in ALL if (case.tried.code, case.tried.told) == (case.twin.code, case.twin.told)]
    assert alike == []


def test_page_says_what_is_expected() -> None:
    assert _PAGE.read_text(encoding="utf-8") == page(), "make field writes it anew"
