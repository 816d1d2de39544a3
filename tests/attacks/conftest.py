"""What the attacks share: drills that are begun before they are asked for, two at a time."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from drtool.keys.signing import make_site_key
from tests.attacks.attack import Attack, Drilled, Input
from tests.e2e.conftest import engine, shared_bench, shop
from tests.e2e.workbench import Ran, Workbench
from tests.evidence.builder import Site
from tests.evidence.conftest import drtool, evidence, untouched

__all__ = ["drtool", "engine", "evidence", "shared_bench", "shop", "untouched"]


@pytest.fixture(scope="module")
def supplies() -> Mapping[str, bytes]:
    """What lies in the folder of each attack besides: a module may have made it."""
    return {}


@pytest.fixture(scope="module")
def drilled(
    request: pytest.FixtureRequest, shared_bench: Workbench, supplies: Mapping[str, bytes]
) -> Iterator[Drilled]:
    """Drill the attacks of a module that are asked for, and their twins, each once, all into one reports folder."""
    numbers = itertools.count(1)
    made = time.time()

    def drill(given: Input, number: int) -> Ran:
        folder = shared_bench.folder / f"attack-{number}"
        folder.mkdir()
        for name, content in supplies.items():
            (folder / name).write_bytes(content)
            os.utime(folder / name, (made, made))
        return shared_bench.drtool(*given.lay_out(folder))

    asked = [attack for item in request.session.items if item.path == request.path and (attack := _attack_of(item))]
    with ThreadPoolExecutor(2) as pool:
        drills: dict[Input, Future[Ran]] = {}
        for given in itertools.chain.from_iterable((attack.bad, attack.twin) for attack in asked):
            if given not in drills:
                drills[given] = pool.submit(drill, given, next(numbers))
        yield lambda given: drills[given].result()


def _attack_of(item: pytest.Item) -> Attack | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("attack") if callspec else None


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with a key of its own and no drills yet, as the tests of evidence have it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Site(reports=tmp_path / "reports", config=tmp_path / "config", key=make_site_key())
