"""Each case of the field, and its twin, is judged for what it is, and docs/field.md says of them what is expected."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from tests.e2e.conftest import made_once
from tests.e2e.workbench import Workbench
from tests.field.case import Case, Tried, got
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


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.number)
def test_what_people_have_is_judged_for_what_it_is(
    shared_bench: Workbench, case: Case, request: pytest.FixtureRequest
) -> None:
    def command(tried: Tried, name: str) -> list[str]:
        folder = shared_bench.folder / name
        folder.mkdir()
        if tried.held:
            tried.held.lay_out(request.getfixturevalue("made"), folder)
        return tried.given.lay_out(folder)

    commands = command(case.tried, case.number), command(case.twin, f"{case.number}-twin")
    with ThreadPoolExecutor(2) as pool:
        drills = [pool.submit(shared_bench.drtool, *one) for one in commands]
    wrong = []
    for tried, drilled, name in zip((case.tried, case.twin), drills, (case.number, f"{case.number} twin"), strict=True):
        ran = drilled.result()
        mistake = tried.wrong(ran)
        if mistake:
            wrong.append(f"{name}, {tried.what}: {mistake}\n{ran.stderr}")
        note(request.node, ALL.index(case), name, tried.what, tried.expected, got(ran), mistake or "yes")
    assert not wrong, "\n".join(wrong)


def test_no_two_cases_have_the_same_number() -> None:
    assert [number for number, times in Counter(case.number for case in ALL).items() if times > 1] == []


def test_a_case_and_its_twin_are_expected_to_be_judged_otherwise() -> None:
    alike = [case.number for case in ALL if (case.tried.code, case.tried.told) == (case.twin.code, case.twin.told)]
    assert alike == []


def test_page_says_what_is_expected() -> None:
    assert _PAGE.read_text(encoding="utf-8") == page(), "make field writes it anew"
