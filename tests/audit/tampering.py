"""What the tests of tampering share.

Each manipulation gets a copy of five drills' evidence: the third failed, the last is of another scenario. Those who
tamper do not have the site's key, unless the manipulation says so; they may well know how the ledger is chained.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import pace
from tests.evidence.builder import FIRST_DRILL_AT, Site
from tests.evidence.conftest import Run

FAILED_DRILL = 2
LAST = 4

Manipulation = Callable[[Site], None]


class Manipulations:
    """A family of manipulations, each with the code of the problem that must name it."""

    def __init__(self) -> None:
        self._known: list[tuple[str, Manipulation]] = []

    def __call__(self, code: str) -> Callable[[Manipulation], Manipulation]:
        """Enter a manipulation."""

        def enter(manipulation: Manipulation) -> Manipulation:
            self._known.append((code, manipulation))
            return manipulation

        return enter

    def each(self) -> pytest.MarkDecorator:
        """Run a test with each of them."""
        ids = [manipulation.__name__ for _, manipulation in self._known]
        return pytest.mark.parametrize(("code", "manipulate"), self._known, ids=ids)


def assert_named(
    code: str, manipulate: Manipulation, evidence: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Assert that an audit fails after a manipulation, soon, and names it in words for people."""
    config = evidence.reports.parent / "config"  # a copy, because some manipulations change what is pinned
    shutil.copytree(evidence.config, config)
    evidence.config = config
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    evidence.now = FIRST_DRILL_AT + timedelta(days=10)
    manipulate(evidence)
    began = time.monotonic()
    ended = drtool("audit", evidence.reports, "--json")
    assert time.monotonic() - began < pace.seconds(5.0)
    assert ended.code == 1, ended.errors
    assert code in ended.codes
    for problem in ended.result["problems"]:
        assert problem["sentence"].startswith(problem["file"])
        assert problem["sentence"].endswith(".")
        assert problem["sentence"].isprintable()
        assert problem["sentence"].isascii()
    assert drtool("audit", evidence.reports).code == 1
