"""Room on the disk for a drill's evidence, held before it begins: what cannot be written down proves nothing."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from drtool.host.durable import unwritable

ROOM_BYTES = 8 << 20
"""More than the report, the page and the ledger's entry of any but the largest drills have together."""

_ZEROS = bytes(1 << 20)


class Room:
    """So many bytes of a folder's disk, in a file without a name: whatever becomes of this process, they come free.

    Args:
        folder: where they are needed.

    Raises:
        Unverifiable: the folder cannot be written to, or its disk has no such room.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Not buffered: what cannot be written is told where it is written.
            self._file = tempfile.TemporaryFile(prefix=".room-", dir=folder, buffering=0)  # noqa: SIM115 (until released)
            _fill(self._file.fileno())
        except OSError as error:
            raise unwritable(folder, error) from error

    def release(self) -> None:
        """Give the room back, to whoever writes next."""
        self._file.close()


def _fill(handle: int) -> None:
    """Have the disk give the room now; zeros are written where the file system knows no other way."""
    try:
        os.posix_fallocate(handle, 0, ROOM_BYTES)
    except (AttributeError, OSError) as error:  # macOS has no such call
        if getattr(error, "errno", errno.EINVAL) not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        for _ in range(0, ROOM_BYTES, len(_ZEROS)):
            os.write(handle, _ZEROS)
        os.fsync(handle)
