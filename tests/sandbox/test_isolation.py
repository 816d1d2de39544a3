"""A sandbox is proved to be isolated by what it met when it tried to get out; where it could not try, nothing is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox import isolation
from drtool.sandbox.container import Container

CONTAINED = ("no answer", "unreachable", "unreachable", "lo ")


def attempts(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[bool]:
    """Return of each attempt whether it was contained, where the program says this."""
    monkeypatch.setattr(isolation, "_host_address", lambda _: "172.17.0.1")
    talk = SimpleNamespace(lines=lambda: iter(answers))
    container: Any = SimpleNamespace(engine=None, talk=lambda *_, **__: talk)
    return [found.contained for found in isolation.probe(cast(Container, container), "db")]


def test_attempts_that_lead_nowhere_prove_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert attempts(monkeypatch, *CONTAINED) == [True] * 4


@pytest.mark.parametrize(
    ("number", "met"),
    [(0, "found an address"), (1, "connected"), (1, "refused"), (2, "timed out"), (2, "refused"), (3, "eth0 lo ")],
)
def test_an_attempt_that_leads_out_shows(monkeypatch: pytest.MonkeyPatch, number: int, met: str) -> None:
    answers = [*CONTAINED[:number], met, *CONTAINED[number + 1 :]]
    assert attempts(monkeypatch, *answers) == [position != number for position in range(4)]


@pytest.mark.parametrize("answers", [(), CONTAINED[:3], ("", *CONTAINED[1:]), (*CONTAINED[:3], " ")])
def test_an_attempt_that_could_not_be_made_is_none_that_got_out(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...]
) -> None:
    with pytest.raises(Unverifiable) as caught:
        attempts(monkeypatch, *answers)
    assert caught.value.code == "isolation-unproved"
