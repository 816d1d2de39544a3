"""A restore is held to its disk limit, whatever else happens to the disk meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox.container import Container
from drtool.sandbox.disk_watch import DiskWatch

MIB = 1024  # in KiB
LIMIT_BYTES = 100 * 2**20


class Measured:
    """A container whose folder has grown to so many KiB whenever it is measured."""

    def __init__(self, *used_kib: int) -> None:
        self._used_kib: Iterator[int] = iter(used_kib)

    def why_stopped(self) -> None:
        return None

    def talk(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        return [(str(next(self._used_kib)), "")]


def watch(*used_kib: int) -> DiskWatch:
    return DiskWatch(cast(Container, Measured(*used_kib)), "/restored", LIMIT_BYTES)


def test_what_the_restore_takes_counts_though_others_make_room_meanwhile() -> None:
    disk = watch(0, 150 * MIB)
    disk.look(10_000 * MIB)
    disk.look(12_000 * MIB)  # somebody else has freed 2 GiB and more
    with pytest.raises(Unverifiable) as caught:
        disk.look(11_850 * MIB)
    assert caught.value.code == "disk-limit"


def test_in_the_end_the_folder_itself_is_measured() -> None:
    disk = watch(0, 150 * MIB)
    disk.look(10_000 * MIB)
    disk.look(10_000 * MIB)
    with pytest.raises(Unverifiable) as caught:
        disk.measure()
    assert caught.value.code == "disk-limit"


def test_what_others_take_is_not_held_against_the_restore() -> None:
    disk = watch(0, 50 * MIB, 50 * MIB)
    disk.look(10_000 * MIB)
    disk.look(5_000 * MIB)
    assert disk.measure() == 50 * MIB


def test_without_a_limit_nothing_is_measured() -> None:
    assert DiskWatch(cast(Container, Measured()), "/restored").measure() == 0
