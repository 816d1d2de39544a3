"""Files that survive a crash: what was there before, or what was to be written, and never something between."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drtool.errors import Unverifiable

LOCK_PATIENCE_SECONDS = 30.0
"""How long to wait for other drills; a lock is held for milliseconds, so that longer means it hangs."""


def replace_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Write files of one folder, in the order given, the last being the one that makes them count.

    All are written under temporary names and synced before the first is renamed; a failure leaves none of them.

    Raises:
        OSError: the folder cannot be written, or is full.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for name, content in contents.items():
            temporary = folder / f".{name}.{secrets.token_hex(4)}.part"
            written.append((temporary, folder / name))
            # Not mkstemp: its files are for the owner alone, and an auditor must be able to read these.
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, final in written:
            temporary.replace(final)
    except OSError:
        for temporary, _ in written:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise
    sync(folder)


def sync(path: Path) -> None:
    """Have what was written to a file, or the names in a folder, reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Shares (CIFS, FUSE) that know nothing of it for a folder refuse it there, and keep the names all the same.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP} or not path.is_dir():
            raise
    finally:
        os.close(handle)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Be the only one who changes files of a folder; the folder itself is locked, so that no lock file is left.

    Raises:
        OSError: the folder is not there.
        Unverifiable: somebody else has held the lock for too long.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock(handle, folder)
        yield
    finally:
        os.close(handle)


def lock(handle: int, path: Path) -> None:
    """Take the exclusive lock on an open file; it goes when the file is closed, also by a crash.

    Raises:
        Unverifiable: somebody else has held it for too long, or the file system knows no locks.
    """
    give_up = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                raise Unverifiable("no-locks", f"{path} cannot be locked", why=error.strerror or "") from error
            if time.monotonic() > give_up:
                what = f"{path} has been locked by another process for {LOCK_PATIENCE_SECONDS:.0f} s"
                raise Unverifiable("locked", what) from error
            time.sleep(0.005)
        else:
            return


def share(handle: int) -> None:
    """Wait a moment for whoever writes to an open file; a reader goes on without the lock where it cannot have it.

    It only spares the reader half of a line that is being written, and the reader knows such a line when it sees it.
    """
    give_up = time.monotonic() + 1.0
    while time.monotonic() < give_up:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                return
            time.sleep(0.005)
        else:
            return


def unwritable(path: Path, error: OSError) -> Unverifiable:
    """Return an error of the operating system as one that tells people where evidence could not be written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    what = f"The evidence cannot be written to {path}"
    mend = "Make room on the disk" if full else "Give drtool a folder that it may write to: --reports"
    return Unverifiable("reports-unwritable", what, why=error.strerror or str(error), mend=mend)
