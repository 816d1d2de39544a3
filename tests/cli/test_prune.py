"""What `drtool prune` says of what it found, and by which exit code."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from drtool.cli import cli, prune
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import Leftover

GONE = Leftover(drill_id="d-1", name="volume a")
HELD = Leftover(drill_id="d-1", name="b", refused="volume is in use - [0a1b]")


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([], 0, "nothing was left behind"),
        ([GONE], 0, "removed volume a of drill d-1"),
        ([HELD, GONE], 3, "removed volume a of drill d-1"),
        ([HELD], 3, ""),
    ],
)
def test_what_could_not_be_removed_is_named_and_is_no_success(
    found: list[Leftover], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "connect", lambda: None)
    monkeypatch.setattr(prune, "reap", lambda *_, **__: found)
    monkeypatch.setattr(prune, "left_alone", lambda _: {"d-1": "2026-11-24T09:00:00Z"} if found else {})
    ran = CliRunner().invoke(cli, ["prune"], standalone_mode=False)
    assert (ran.return_value, ran.stdout.strip()) == (code, said), ran.output
    assert ("could not remove b of drill d-1: volume is in use - [0a1b]." in ran.stderr) is (HELD in found)
    ran = CliRunner().invoke(cli, ["prune", "--json"], standalone_mode=False)
    assert (ran.return_value, [one["refused"] for one in json.loads(ran.stdout)]) == (
        code,
        [one.refused for one in found],
    )
