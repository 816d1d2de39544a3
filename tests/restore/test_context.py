"""What a drill has read is what was found, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.errors import RestoreFailed
from drtool.record.clock import Clock
from drtool.record.environment import Profile
from drtool.record.journal import DrillLog, Journal
from drtool.record.steps import Phase
from drtool.render.progress import Progress
from drtool.restore.context import RestoreContext, Terms
from drtool.restore.pipeline import Outcome
from drtool.stores import store_for

DUMP = b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\nCREATE TABLE t (a INT);\n"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[RestoreContext]:
    clock = Clock()
    log = DrillLog(tmp_path / "drill.log", clock)
    terms = Terms(disaster_at=datetime.now(UTC), rpo=None, profile=Profile.FAST, image=None)
    journal = Journal(clock=clock, observer=Progress(), log=log)
    yield RestoreContext(terms=terms, journal=journal, sandbox=cast(Any, None))
    log.close()


@pytest.mark.parametrize(("read_bytes", "failures"), [(len(DUMP), 0), (len(DUMP) - 1, 1), (len(DUMP) + 40, 1)])
def test_another_number_of_bytes_than_was_found_is_a_backup_that_changed(
    tmp_path: Path, context: RestoreContext, read_bytes: int, failures: int
) -> None:
    path = tmp_path / "db.sql"
    path.write_bytes(DUMP)
    backup = context.identify(store_for(str(path)), str(path))
    outcome = Outcome(finished=True, statuses={"read": 0, "sink": 0}, read_bytes=read_bytes)
    raised = []
    with context.journal.step(Phase.RESTORE, "restore it") as step:
        try:
            context.note_read(backup, outcome, step)
        except RestoreFailed as error:
            raised.append(error.code)
    assert raised == ["backup-changed"] * failures


def test_a_file_that_was_removed_since_is_asked_of_its_store(
    tmp_path: Path, context: RestoreContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "db.sql"
    path.write_bytes(DUMP)
    backup = context.identify(store_for(str(path)), str(path))
    sandbox = SimpleNamespace(engine=SimpleNamespace(shares_files=True))
    context = replace(context, sandbox=cast(Any, sandbox))
    monkeypatch.setattr("drtool.sandbox.reach.are_seen", lambda *_: True)
    staged = cast(Any, object())
    monkeypatch.setattr("drtool.sandbox.reach.stage", lambda *_, **__: staged)
    (mounted,) = context.within_reach([backup], "db", cast(Any, None))
    assert mounted.mounts[0].source == str(path)
    path.unlink()
    assert context.within_reach([backup], "db", cast(Any, None)) == [staged]
