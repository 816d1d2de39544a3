"""Captures a folder of this host: every entry in the order of its path's bytes, files read and digested."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from drtool.baseline.files.file_list import (
    Attributes,
    Entry,
    EntryType,
    ListEnd,
    ListHeader,
    attributes_of,
    encode_path,
    readable,
    write_list,
)
from drtool.errors import Unverifiable

_CHUNK_BYTES = 1 << 20
_TRIES = 3
_IN_FLIGHT = 256
_STATE = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns")
_TYPES = {
    stat.S_IFREG: EntryType.FILE,
    stat.S_IFDIR: EntryType.FOLDER,
    stat.S_IFLNK: EntryType.LINK,
    stat.S_IFIFO: EntryType.PIPE,
    stat.S_IFSOCK: EntryType.SOCKET,
    stat.S_IFBLK: EntryType.BLOCK_DEVICE,
    stat.S_IFCHR: EntryType.CHARACTER_DEVICE,
}


@dataclass
class Tally:
    """What a capture came to, once it has been iterated to its end."""

    entries: int = 0
    files: int = 0
    size_bytes: int = 0
    vanished: int = 0
    unsettled: int = 0


def write_baseline(
    stream: BinaryIO, root: Path, *, threads: int, share: float, progress: Callable[[int, int], None]
) -> ListEnd:
    """Write the baseline of a folder: what `capture_folder` yields, as a list.

    Returns:
        How the list ends.
    """
    tally = Tally()
    return write_list(
        stream,
        ListHeader(root=encode_path(os.fsencode(root.resolve())), host=platform.node(), taken_at=datetime.now(UTC)),
        capture_folder(root, tally, threads=threads, share=share, progress=progress),
        lambda: ListEnd(**asdict(tally), finished_at=datetime.now(UTC)),
    )


def capture_folder(
    root: Path,
    tally: Tally,
    *,
    threads: int = 2,
    share: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Entry]:
    """Yield what is below a folder, in the order of the paths' bytes; sockets are left out, as archives do.

    A file that changes while it is read is read again, three times at most, then marked as unsettled; one that
    vanishes is left out. Memory does not grow with the number of files, but for those with several hard links.

    Args:
        root: the folder.
        tally: is filled.
        threads: how many files to read at a time.
        share: which part of the time each thread may be busy, above 0 and at most 1.
        progress: is told how many files and bytes are done.

    Raises:
        Unverifiable: something may not be read.
    """
    first_of: dict[tuple[int, int], bytes] = {}
    reader = _Digester(os.fsencode(root), share)
    pending: deque[tuple[Entry, Future[Entry | None] | None]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for found, identity in _walk(os.fsencode(root), b""):
                entry = found
                if identity is not None:
                    first = first_of.setdefault(identity, entry.path)
                    entry = replace(entry, linked_to=first) if first != entry.path else entry
                job = pool.submit(reader.digested, entry) if entry.type is EntryType.FILE else None
                pending.append((entry, job))
                if len(pending) >= _IN_FLIGHT:
                    yield from _settled(*pending.popleft(), tally, progress)
            while pending:
                yield from _settled(*pending.popleft(), tally, progress)
        finally:
            reader.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _settled(
    entry: Entry, job: Future[Entry | None] | None, tally: Tally, progress: Callable[[int, int], None] | None
) -> Iterator[Entry]:
    done = job.result() if job else entry
    if done is None:
        tally.vanished += 1
        return
    tally.entries += 1
    if done.type is EntryType.FILE:
        tally.files += 1
        tally.size_bytes += done.size_bytes
        tally.unsettled += done.unsettled
        if progress is not None:
            progress(tally.files, tally.size_bytes)
    yield done


def _walk(root: bytes, folder: bytes) -> Iterator[tuple[Entry, tuple[int, int] | None]]:
    """Yield entries with the identity of those that have several names, in the order of whole paths' bytes.

    What a folder `a` holds comes after a file `a-b`, since `-` sorts before `/`: so a folder is gone into at the
    place of its name with a slash, not of its name alone.
    """
    places: list[tuple[bytes, os.DirEntry[bytes] | None]] = []
    here = root + b"/" + folder if folder else root
    try:
        with os.scandir(here) as found:
            for one in found:
                places.append((one.name, one))
                if one.is_dir(follow_symlinks=False):
                    places.append((one.name + b"/", None))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(folder, error) from error
    for name, place in sorted(places, key=lambda one: one[0]):
        path = folder + b"/" + name if folder else name
        if place is None:
            yield from _walk(root, path[:-1])
            continue
        try:
            status = place.stat(follow_symlinks=False)
            target = os.readlink(place.path) if stat.S_ISLNK(status.st_mode) else None  # noqa: PTH115 (Path takes no bytes)
            attributes = _attributes(place.path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unreadable(folder, error) from error
        kind = _TYPES[stat.S_IFMT(status.st_mode)]
        if kind is EntryType.SOCKET:
            continue
        several = kind is EntryType.FILE and status.st_nlink > 1
        identity = (status.st_dev, status.st_ino) if several else None
        yield _entry(path, kind, status, target, attributes), identity


def _entry(
    path: bytes, kind: EntryType, status: os.stat_result, target: bytes | None, attributes: Attributes | None
) -> Entry:
    return Entry(
        path=path,
        type=kind,
        size_bytes=status.st_size if kind is EntryType.FILE else 0,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        modified_ns=status.st_mtime_ns,
        target=target,
        attributes=attributes,
    )


def _attributes(path: bytes) -> Attributes:
    """Return what `attributes_of` makes of a file's extended attributes."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
        values = [(os.fsencode(one), os.getxattr(path, one, follow_symlinks=False)) for one in names]
        return attributes_of(values) if values else ()
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.ENODATA}:  # this system has none, or one went just now
            return ()
        raise


class _Digester:
    """Reads files; `stopped` ends a long read in the middle, when nobody waits for it any more."""

    def __init__(self, root: bytes, share: float) -> None:
        self.stopped = threading.Event()
        self._root = root
        self._share = share

    def digested(self, entry: Entry) -> Entry | None:
        """Return an entry with the digest of its content, or None when the file is gone."""
        started = time.monotonic()
        for _ in range(_TRIES):
            try:
                handle = os.open(self._root + b"/" + entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise _unreadable(entry.folder, error) from error
            try:
                before = os.fstat(handle)
                sha256, size = self._sha256(handle, entry.folder)
                after = os.fstat(handle)
            finally:
                os.close(handle)
            if _STATE(before) == _STATE(after) and size == after.st_size:
                if self._share < 1.0:
                    self.stopped.wait((time.monotonic() - started) * (1.0 - self._share) / self._share)
                found = _entry(entry.path, entry.type, after, None, entry.attributes)
                return replace(found, sha256=sha256, linked_to=entry.linked_to)
        return replace(entry, unsettled=True)

    def _sha256(self, handle: int, folder: bytes) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        try:
            while not self.stopped.is_set() and (chunk := os.read(handle, _CHUNK_BYTES)):
                digest.update(chunk)
                size += len(chunk)
        except OSError as error:
            raise _unreadable(folder, error) from error
        return digest.hexdigest(), size


def _unreadable(folder: bytes, error: OSError) -> Unverifiable:
    # Names of files can name people: the folder says where to look.
    what = f"Something in the folder {readable(folder)} cannot be read"
    why = error.strerror or str(error)
    return Unverifiable("files-unreadable", what, why=why, mend="Run drtool as a user who may read all of it")
