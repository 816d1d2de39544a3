"""Watches what a restore does to the engine's disk, and stops it in time."""

from __future__ import annotations

from importlib.resources import files

from drtool.errors import Unverifiable
from drtool.sandbox.container import Container

_USED = files("drtool.sandbox").joinpath("used.sh").read_text(encoding="utf-8")
_RESERVE_KIB = 2 * 1024 * 1024
"""Left free on the engine's disk whatever a backup grows into: 2 GiB."""


class DiskWatch:
    """The disk below the folder that a restore fills.

    How much is free costs nothing to ask, but everybody on the machine has a part in it. So when it has shrunk by
    more than the limit, the folder itself is measured before anything is held against the backup; and once more in the
    end, since others who make room meanwhile hide what the restore takes.

    Args:
        container: has the folder.
        target: the folder.
        limit_bytes: how much it may grow; 0 for as much as the disk has, less a reserve.
    """

    def __init__(self, container: Container, target: str, limit_bytes: int = 0) -> None:
        self._container = container
        self._target = target
        self._limit_kib = limit_bytes // 1024
        self._used_at_start_kib = self._used_kib() if limit_bytes else 0
        self._free_at_start_kib = 0

    def heard(self, progress: str) -> int:
        """Judge what a script says of its progress, and return how many bytes it has read.

        Args:
            progress: that number, and how many KiB of the disk are free.

        Raises:
            Unverifiable: see `look`.
        """
        read_bytes, free_kib = map(int, progress.split())
        self.look(free_kib)
        return read_bytes

    def look(self, free_kib: int) -> None:
        """Judge how much of the disk is free now.

        Raises:
            Unverifiable: too little, or the folder has grown too much.
        """
        self._free_at_start_kib = max(self._free_at_start_kib, free_kib)
        if free_kib < min(_RESERVE_KIB, self._free_at_start_kib // 2):
            what = "The engine's disk is nearly full, so the restore was stopped"
            mend = "Make room, or let a larger machine carry out the drill"
            raise Unverifiable("disk-full", what, why=f"{free_kib // 1024} MiB are free", mend=mend)
        if self._limit_kib and self._free_at_start_kib - free_kib > self._limit_kib:
            self._free_at_start_kib = free_kib + self.measure()  # the rest was somebody else's

    def measure(self) -> int:
        """Measure the folder itself, where it has a limit and its container runs; return by how many KiB it has grown.

        Raises:
            Unverifiable: it has outgrown its limit.
        """
        if not self._limit_kib or self._container.why_stopped():
            return 0
        grown_kib = self._used_kib() - self._used_at_start_kib
        if grown_kib > self._limit_kib:
            what = f"The restored data outgrew the drill's disk limit of {self._limit_kib // 1024} MiB"
            raise Unverifiable("disk-limit", what)
        return grown_kib

    def _used_kib(self) -> int:
        used = [name for name, _ in self._container.talk(_USED, self._target, doing="measuring what was restored")]
        return int(used[0]) if used and used[0].isdigit() else 0
