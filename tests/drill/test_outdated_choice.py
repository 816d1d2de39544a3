"""What was taken for the newest by the time of a copy is told by its own record, once it is restored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.drill.recording import conclude
from drtool.record.backups import BackupRead, Candidate, Choice
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal
from drtool.record.recovery import Evidence
from drtool.render.progress import Progress

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _journal(folder: Path, finished: timedelta, other: timedelta, size: int, *, by_name: bool) -> Journal:
    clock = Clock()
    journal = Journal(clock=clock, observer=Progress(), log=DrillLog(folder / "drill.log", clock))
    newest = (
        Candidate(location="/b/db-2.sql", size_bytes=10, modified_at=AT),
        Candidate(location="/b/db-1.sql", size_bytes=size, modified_at=AT - other),
    )
    journal.choices.append(
        Choice(pattern="/b/*", considered=2, chosen="/b/db-2.sql", why="", newest=newest, by_name=by_name)
    )
    journal.backup(
        BackupRead(
            resource="db",
            location="/b/db-2.sql",
            size_bytes=10,
            modified_at=AT,
            sha256=None,
            version_id=None,
            lock_state=None,
            format="",
            compression="",
            server_version=None,
        )
    )
    for rank, at in ((3, AT - finished), (4, AT)):
        journal.recovery_point(
            Evidence(resource="db", rank=rank, source="", recovery_point=at - HOUR, latest=at, detail="")
        )
    return journal


@pytest.mark.parametrize(
    ("finished", "other", "size", "by_name", "is_a_guess"),
    [
        (48 * HOUR, HOUR, 9, False, True),  # the other was written after this one was finished
        (2 * HOUR, 24 * HOUR, 9, False, False),  # each comes two hours late, in its turn
        (9 * HOUR, HOUR, 9, False, False),  # the job uploads by day what it made at night
        (48 * HOUR, HOUR, 10, False, False),  # the same again and again
        (48 * HOUR, HOUR, 9, True, False),
    ],
)
def test_one_that_was_finished_before_another_was_written_may_not_be_the_newest(
    finished: timedelta, other: timedelta, size: int, by_name: bool, is_a_guess: bool, tmp_path: Path
) -> None:
    journal = _journal(tmp_path, finished, other, size, by_name=by_name)
    conclude(journal)
    journal.log.close()
    assert [one.code for one in journal.findings if one.code == "newest-unknown"] == ["newest-unknown"] * is_a_guess
    assert journal.choices[0].is_a_guess is is_a_guess
