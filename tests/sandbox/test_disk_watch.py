"""A sandbox is held to its disk limit and leaves the disk its reserve, whatever else happens to it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox import disk_watch
from drtool.sandbox.disk_watch import DiskWatch

MIB = 1024  # in KiB
GIB = 1024 * MIB
LIMIT_BYTES = 100 * 2**20
PLENTY = 10_000_000


class Said:
    """What a script says, or why nobody hears it."""

    def __init__(self, *lines: str, fails: bool = False) -> None:
        self._lines, self._fails = lines, fails

    def lines(self) -> Iterator[str]:
        yield from self._lines
        if self._fails:
            raise Unverifiable("sandbox-lost", "The sandbox went away")


class Measured:
    """A container in which one script after another says this; it runs until it is halted or has said all."""

    def __init__(self, *said: Said, ends: bool = False) -> None:
        self.said = list(said)
        self.why: list[Unverifiable] = []
        self.ends = ends

    def talk(self, script: str, *arguments: str, doing: str, given: bytes = b"") -> Said:
        return self.said.pop(0)

    def runs(self) -> bool:
        return not self.why and bool(self.said or not self.ends)

    def halt(self, why: Unverifiable) -> None:
        self.why.append(why)

    @property
    def halted_for(self) -> list[str]:
        return [why.code for why in self.why]


@pytest.fixture(autouse=True)
def nothing_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done beside is done at once."""
    monkeypatch.setattr(disk_watch, "_beside", lambda work: work())


def watch(*used_kib: int) -> tuple[Measured, DiskWatch]:
    """Return a container whose folder has grown to so many KiB whenever it is measured, and its watch."""
    container = Measured(*(Said(str(used)) for used in used_kib))
    disk = DiskWatch(container, "/restored", LIMIT_BYTES)
    disk.begin()
    return container, disk


def look(disk: DiskWatch, *free_kib: int) -> None:
    for free in free_kib:
        disk.look(free, PLENTY, PLENTY)


def test_what_the_restore_takes_counts_though_others_make_room_meanwhile() -> None:
    container, disk = watch(0, 150 * MIB)
    look(disk, 10_000 * MIB, 12_000 * MIB)  # somebody else has freed 2 GiB and more
    assert container.halted_for == []
    look(disk, 11_850 * MIB)
    assert container.halted_for == ["disk-limit"]


def test_in_the_end_the_folder_itself_is_measured() -> None:
    container, disk = watch(0, 150 * MIB)
    look(disk, 10_000 * MIB, 10_000 * MIB)
    disk.measure()
    assert container.halted_for == ["disk-limit"]


def test_what_others_take_is_not_held_against_the_restore() -> None:
    container, disk = watch(0, 50 * MIB, 50 * MIB)
    look(disk, 10_000 * MIB, 5_000 * MIB)
    disk.measure()
    assert container.halted_for == []


def test_what_an_empty_server_takes_is_not_the_backups() -> None:
    container, disk = watch(300 * MIB, 350 * MIB)
    look(disk, 10_000 * MIB, 5_000 * MIB)
    assert container.halted_for == []


def test_without_a_limit_nothing_is_measured() -> None:
    container = Measured()
    disk = DiskWatch(container, "/restored")
    disk.begin()
    look(disk, 10_000 * MIB, 5_000 * MIB)
    disk.measure()
    assert container.halted_for == []


@pytest.mark.parametrize(
    ("free_kib", "free_inodes", "all_inodes", "halted"),
    [
        ((9 * GIB, 3 * GIB), (PLENTY, PLENTY), PLENTY, False),
        ((9 * GIB, 2 * GIB - 1), (PLENTY, PLENTY), PLENTY, True),
        ((GIB, 600 * MIB), (PLENTY, PLENTY), PLENTY, False),  # a small disk keeps half of what it had
        ((GIB, 500 * MIB), (PLENTY, PLENTY), PLENTY, True),
        ((9 * GIB, 9 * GIB), (PLENTY, 150_000), PLENTY, False),
        ((9 * GIB, 9 * GIB), (PLENTY, 99_999), PLENTY, True),
        ((9 * GIB, 9 * GIB), (80_000, 50_000), 90_000, False),
        ((9 * GIB, 9 * GIB), (80_000, 39_999), 90_000, True),
        ((9 * GIB, 9 * GIB), (0, 0), 0, False),  # of Btrfs, which makes them as it needs them
    ],
)
def test_a_reserve_of_bytes_and_of_inodes_is_left(
    free_kib: tuple[int, int], free_inodes: tuple[int, int], all_inodes: int, halted: bool
) -> None:
    container = Measured()
    disk = DiskWatch(container, "/restored")
    for kib, inodes in zip(free_kib, free_inodes, strict=True):
        disk.look(kib, inodes, all_inodes)
    assert container.halted_for == ["disk-full"] * halted


@pytest.mark.parametrize(
    ("said", "ends", "halted"),
    [
        ([Said(f"{9 * GIB} 9 9")], True, []),  # the container has come to its end
        ([Said(fails=True)], True, []),
        ([Said(f"{9 * GIB} 9 9"), Said(f"{GIB} 9 9")], False, ["disk-full"]),
        (
            [Said(), Said(fails=True), Said("perl: not found")],
            False,
            ["disk-unwatched"],
        ),  # nothing can be executed in it any more
    ],
)
def test_a_container_is_watched_to_its_end_or_ended(
    monkeypatch: pytest.MonkeyPatch, said: list[Said], ends: bool, halted: list[str]
) -> None:
    monkeypatch.setattr(disk_watch, "_NOTICE_SECONDS", 0.0)
    container = Measured(*said, ends=ends)
    DiskWatch(container, "/restored")._watch()
    assert container.halted_for == halted
