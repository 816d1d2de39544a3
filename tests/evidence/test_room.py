"""Room for the evidence is there before a drill begins, and nothing is left of it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from drtool.errors import Unverifiable
from drtool.evidence import room
from drtool.evidence.room import Room


def used_bytes(room: Room) -> int:
    return os.fstat(room._file.fileno()).st_blocks * 512


def test_it_is_taken_on_the_disk_and_has_no_name(tmp_path: Path) -> None:
    held = Room(tmp_path / "reports")
    assert used_bytes(held) >= room.ROOM_BYTES
    assert list((tmp_path / "reports").iterdir()) == []
    held.release()


def test_where_the_file_system_cannot_set_it_aside_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    held = Room(tmp_path)
    assert used_bytes(held) >= room.ROOM_BYTES
    monkeypatch.delattr(os, "posix_fallocate")
    assert used_bytes(Room(tmp_path)) >= room.ROOM_BYTES


@pytest.mark.parametrize(
    ("number", "mend"),
    [(errno.ENOSPC, "Make room on the disk"), (errno.EDQUOT, "Make room"), (errno.EROFS, "--reports")],
)
def test_where_there_is_none_the_drill_does_not_begin(
    number: int, mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with pytest.raises(Unverifiable) as refused:
        Room(tmp_path)
    assert refused.value.code == "reports-unwritable"
    assert mend in refused.value.mend
