"""Watches what a container does to the engine's disk, from its start to its end, and stops it in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.resources import files
from typing import Protocol

from drtool.errors import Unverifiable

_FREE = files("drtool.sandbox").joinpath("watch.pl").read_text(encoding="utf-8")
_USED = files("drtool.sandbox").joinpath("used.sh").read_text(encoding="utf-8")
_RESERVE_KIB = 2 * 1024 * 1024
"""Left free on the engine's disk whatever a backup, or a question to it, grows into: 2 GiB."""
_RESERVE_INODES = 100_000
_ATTEMPTS = 3
_NOTICE_SECONDS = 2.0
"""What ends a container ends its watch first: the engine may take so long to say so of the container."""


class Words(Protocol):
    """What a script says."""

    def lines(self) -> Iterator[str]:
        """Run it and yield its lines."""


class Watched(Protocol):
    """A container, as far as it is watched."""

    def talk(self, script: str, *arguments: str, doing: str, given: bytes = b"") -> Words:
        """Return a script that is to run in it."""

    def runs(self) -> bool:
        """Tell whether it runs."""

    def halt(self, why: Unverifiable) -> None:
        """Stop it, and tell everybody who has to do with it why."""


class DiskWatch:
    """The disk below the folder that a container fills.

    How much is free costs little to ask, but everybody on the machine has a part in it. So when it has shrunk by
    more than the limit, the folder itself is measured before anything is held against the backup; and once more in the
    end of a restore, since others who make room meanwhile hide what it takes.

    Args:
        container: has the folder.
        folder: what it fills: data, and what questions to it take for a while.
        limit_bytes: how much the folder may grow; 0 for as much as the disk has, less a reserve.
    """

    def __init__(self, container: Watched, folder: str, limit_bytes: int = 0) -> None:
        self._container = container
        self._folder = folder
        self._limit_kib = limit_bytes // 1024
        self._used_at_start_kib: int | None = None
        self._most_kib = self._most_inodes = 0
        self._free_before_kib = self._free_now_kib = 0
        self._measuring = threading.Lock()

    def start(self) -> None:
        """Watch from now on, beside whatever else goes on, until the container ends."""
        _beside(self._watch)

    def begin(self) -> None:
        """Hold what the folder takes more than now to its limit, where it has one."""
        if self._limit_kib:
            self._used_at_start_kib = self._used_kib()

    def measure(self) -> None:
        """Measure the folder itself, and stop the container where it has outgrown its limit."""
        if self._used_at_start_kib is not None and self._container.runs():
            grown_kib = self._used_kib() - self._used_at_start_kib
            self._free_before_kib = self._free_now_kib + grown_kib  # the rest was somebody else's
            if grown_kib > self._limit_kib:
                what = f"The restored data outgrew the drill's disk limit of {self._limit_kib // 1024} MiB"
                self._container.halt(Unverifiable("disk-limit", what))

    def look(self, free_kib: int, free_inodes: int, all_inodes: int) -> None:
        """Judge how much of the disk is free now, and stop the container where that is too little."""
        self._free_now_kib = free_kib
        self._free_before_kib = max(self._free_before_kib, free_kib)
        self._most_kib = max(self._most_kib, free_kib)
        self._most_inodes = max(self._most_inodes, free_inodes)
        if free_kib < min(_RESERVE_KIB, self._most_kib // 2):
            self._halt("disk is nearly full", f"{free_kib // 1024} MiB are free")
        elif all_inodes and free_inodes < min(_RESERVE_INODES, self._most_inodes // 2):
            self._halt("disk has hardly room for more files", f"{free_inodes} inodes are free")
        elif self._limit_kib and self._free_before_kib - free_kib > self._limit_kib:
            self._measure_beside()

    def _measure_beside(self) -> None:
        """Measure, which may take long where there are many files, while the reserve is watched on."""
        if self._measuring.acquire(blocking=False):
            _beside(self._measured)

    def _measured(self) -> None:
        try:
            with suppress(Unverifiable):  # the container or the engine is gone
                self.measure()
        finally:
            self._measuring.release()

    def _halt(self, state: str, why: str) -> None:
        what = f"The engine's {state}, so the sandbox was stopped"
        mend = "Make room, or let a larger machine carry out the drill"
        self._container.halt(Unverifiable("disk-full", what, why=why, mend=mend))

    def _watch(self) -> None:
        with suppress(Unverifiable):  # from `runs`: the engine is gone
            for _ in range(_ATTEMPTS):
                with suppress(Exception):  # whatever it is, nobody watches
                    for line in self._said('exec perl -e "$1" "$2"', _FREE, self._folder, given=b"\n"):
                        self.look(*map(int, line.split()))
                time.sleep(_NOTICE_SECONDS)
                if not self._container.runs():
                    return
            what = "The sandbox was stopped, since its use of the disk could not be watched"
            self._container.halt(Unverifiable("disk-unwatched", what))

    def _used_kib(self) -> int:
        used = list(self._said(_USED, self._folder))
        return int(used[0]) if used and used[0].isdigit() else 0

    def _said(self, script: str, *arguments: str, given: bytes = b"") -> Iterable[str]:
        return self._container.talk(script, *arguments, doing="watching the engine's disk", given=given).lines()


def _beside(work: Callable[[], None]) -> None:
    """Do work beside whatever else goes on; it ends with the process."""
    threading.Thread(target=work, name="disk watch", daemon=True).start()
