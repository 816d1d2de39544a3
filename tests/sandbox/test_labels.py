"""What belongs to whom in an engine that several share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drtool.host.owner import Owner
from drtool.sandbox.labels import OWNER, is_leftover, labels

DEAD = {OWNER: str(Owner(Owner.this_process().host, 1, 0.0, "an earlier boot"))}


def made(monkeypatch: pytest.MonkeyPatch, scope: str, *, expired: bool = False) -> dict[str, str]:
    """Return the labels of what a drill of a scope has made, whose process is gone."""
    use(monkeypatch, scope)
    return labels("one", time_limit=timedelta(days=-2 if expired else 1), kept=False) | DEAD


def use(monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    if scope:
        monkeypatch.setenv("DRTOOL_SCOPE", scope)
    else:
        monkeypatch.delenv("DRTOOL_SCOPE", raising=False)


@pytest.mark.parametrize(
    ("theirs", "ours", "by_a_drill", "by_prune"),
    [
        ("", "", True, True),
        ("a", "a", True, True),
        ("a", "b", False, False),
        ("", "b", False, False),
        ("a", "", False, True),
    ],
)
def test_drills_leave_what_is_of_another_scope_and_pruning_without_one_takes_all(
    monkeypatch: pytest.MonkeyPatch, theirs: str, ours: str, by_a_drill: bool, by_prune: bool
) -> None:
    found = made(monkeypatch, theirs)
    use(monkeypatch, ours)
    assert is_leftover(found, kept_too=False) is by_a_drill
    assert is_leftover(found, kept_too=False, others_too=True) is by_prune


@pytest.mark.parametrize("ours", ["", "a", "b"])
def test_what_has_expired_is_anybodys_to_take(monkeypatch: pytest.MonkeyPatch, ours: str) -> None:
    found = made(monkeypatch, "a", expired=True)
    use(monkeypatch, ours)
    assert is_leftover(found, kept_too=False)
