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
    ("theirs", "ours", "taken"),
    [("", "", True), ("a", "a", True), ("a", "b", False), ("", "b", False), ("a", "", True)],
)
@pytest.mark.parametrize("expired", [False, True])
def test_who_has_a_scope_leaves_what_is_not_of_it_and_who_has_none_takes_all(
    monkeypatch: pytest.MonkeyPatch, theirs: str, ours: str, taken: bool, expired: bool
) -> None:
    found = made(monkeypatch, theirs, expired=expired)
    use(monkeypatch, ours)
    assert is_leftover(found, kept_too=False) is taken
