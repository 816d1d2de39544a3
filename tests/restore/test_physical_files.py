"""What is read of a physical backup's files is whole, or known not to be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.restore.physical.files import PhysicalFiles
from drtool.sandbox.container import Stopped
from drtool.sandbox.sandbox import Limits

SAID = [("checkpoints", "backup_type = full-backuped"), ("accounts", ""), ("done", "")]


def files(said: list[tuple[str, str]], stopped: Stopped | None) -> PhysicalFiles:
    container = SimpleNamespace(talk=lambda *_, **__: said, why_stopped=lambda: stopped)
    made = PhysicalFiles(cast(Any, None), "db", "volume", [], limits=Limits(memory_bytes=1 << 30))
    made.container = cast(Any, container)
    return made


def test_what_a_backup_says_of_itself_is_read() -> None:
    facts = files(SAID, None).facts(0)
    assert facts.checkpoints == {"backup_type": "full-backuped"}
    assert facts.has_accounts
    assert not files([("done", "")], None).facts(0).checkpoints, "one that says nothing is not one that was not read"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_where_the_container_was_killed_meanwhile_nothing_is_held_against_the_backup(count: int) -> None:
    with pytest.raises(Unverifiable) as refused:
        files(SAID[:count], Stopped.KILLED).facts(0)
    assert refused.value.code == "restore-cut-short"
