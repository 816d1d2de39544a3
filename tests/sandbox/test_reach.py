"""What the engine would mount is held against what was looked at, by size and time of change."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox.reach import are_seen, bind
from drtool.stores import StoredObject, store_for

CHANGED = datetime(2026, 11, 24, 3, 0, 0, 123456, UTC)


class _Engine:
    """An engine that says the same of each file that it would mount, or raises."""

    def __init__(self, *answers: tuple[int, datetime] | Exception) -> None:
        self.answers = answers

    def look(self, _image: object, _mounts: object, _paths: object) -> list[tuple[int, datetime]]:
        for answer in self.answers:
            if isinstance(answer, Exception):
                raise answer
        return [answer for answer in self.answers if not isinstance(answer, Exception)]


@pytest.fixture
def found(tmp_path: Path) -> StoredObject:
    path = tmp_path / "db.sql"
    path.write_bytes(b"SELECT 1;\n")
    nanoseconds = int(CHANGED.timestamp()) * 10**9 + 123456789
    os.utime(path, ns=(nanoseconds, nanoseconds))
    return store_for(str(path)).stat(str(path))


def seen(found: StoredObject, *answers: tuple[int, datetime] | Exception) -> bool:
    mounted = bind(found)
    assert mounted is not None
    return are_seen(cast(Any, _Engine(*answers)), cast(Any, None), [found], [mounted])


def test_the_very_file_is_seen_and_another_of_its_path_is_not(found: StoredObject) -> None:
    assert seen(found, (10, CHANGED))
    assert not seen(found, (11, CHANGED))
    assert not seen(found, (10, CHANGED + timedelta(microseconds=1)))


def test_where_nothing_lies_for_the_engine_it_is_not_seen_and_a_lost_engine_says_nothing(found: StoredObject) -> None:
    assert not seen(found, Unverifiable("engine-refused", "There is no such path"))
    with pytest.raises(Unverifiable, match="stopped answering"):
        seen(found, Unverifiable("engine-lost", "The Docker engine stopped answering"))


def test_what_was_removed_meanwhile_is_not_seen(found: StoredObject) -> None:
    mounted = bind(found)
    assert mounted is not None
    Path(found.location).unlink()
    assert not are_seen(cast(Any, _Engine((10, CHANGED))), cast(Any, None), [found], [mounted])
