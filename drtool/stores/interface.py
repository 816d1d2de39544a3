"""What every store can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from drtool.errors import Unverifiable

_CHUNK_BYTES = 1 << 20

NO_BACKUP_BEFORE = datetime(2009, 1, 1, tzinfo=UTC)
"""MariaDB is of 2009: what a store says was written before has a time that was lost, such as a clock's zero."""


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One file or object in a store.

    `location` is what `drtool verify` would take to name it. `modified_at` is the store's own record, UTC.
    `local_path` is set where the bytes already lie on this host. `clock_ahead_seconds` is how far the store's clock
    is ahead of this host's, behind where it is negative; 0 where the two agree or are the same.

    `time_is_own` tells whether `modified_at` is when whoever made the backup was done with it, as far as that can be
    told: a store that sets times itself knows when it was uploaded, while whoever copies a file may make it young.
    `time_is_start` tells whether it is when the upload began: S3 keeps that of one in several parts.

    A folder's location ends in a slash; its `members` are all files below it, sorted. A backup that was split has its
    parts as `members`, in their order, and goes by the first one's location. Of both, the size is the sum, and the
    time is the newest member's. What lies in a folder and is no file of it is `odd`, by its path there: links that lead
    out or nowhere, pipes. What is itself a link to what is not there says in `leads_to` where that would be; its time
    is the link's. `file` is by which the names of one file are known (hard links), where the store tells.
    """

    location: str
    size_bytes: int
    modified_at: datetime
    version_id: str | None = None
    lock_state: str | None = None
    local_path: Path | None = None
    clock_ahead_seconds: float = 0.0
    members: tuple[StoredObject, ...] = ()
    time_is_own: bool = False
    time_is_start: bool = False
    odd: tuple[str, ...] = ()
    leads_to: str = ""
    file: tuple[int, int] | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.location.endswith("/")

    def path_of(self, member: StoredObject) -> str:
        """Return where a member lies in this folder, such as `shop/orders.sql`."""
        return member.location.removeprefix(self.location)

    @property
    def modified_here(self) -> datetime:
        """When it was last written, by this host's clock, UTC."""
        return self.modified_at - timedelta(seconds=self.clock_ahead_seconds)

    @property
    def time_is_lost(self) -> bool:
        """Whether the store's time is one that no backup has: it then says nothing of when it was written."""
        return self.modified_at < NO_BACKUP_BEFORE


def combined(location: str, members: Sequence[StoredObject], local_path: Path | None = None) -> StoredObject:
    """Return one object that stands for several, of which there is at least one."""
    return StoredObject(
        location=location,
        size_bytes=sum(member.size_bytes for member in members),
        modified_at=max(member.modified_at for member in members),
        local_path=local_path,
        clock_ahead_seconds=members[0].clock_ahead_seconds,
        time_is_own=all(member.time_is_own for member in members),
        time_is_start=any(member.time_is_start for member in members),
        members=tuple(members),
    )


def pieces(found: StoredObject, stream: BinaryIO, *, no_more: bool = False) -> Iterator[bytes]:
    """Yield as many bytes of a stream as its store said that it has, a piece at a time.

    Raises:
        Unverifiable: it gave fewer; or, with `no_more`, it has more.
    """
    left = found.size_bytes
    while left:
        piece = stream.read(min(_CHUNK_BYTES, left))
        if not piece:
            what = f"The store said {found.size_bytes} bytes of {found.location} and gave {found.size_bytes - left}"
            raise Unverifiable("backup-shorter-than-listed", what)
        left -= len(piece)
        yield piece
    if no_more and stream.read(1):
        what = f"The store said {found.size_bytes} bytes of {found.location} and gives more"
        why = "what it keeps compressed it may unpack on the way (Content-Encoding: gzip)"
        raise Unverifiable("backup-longer-than-listed", what, why=why)


class Store(Protocol):
    """A place where backups live."""

    def find(self, pattern: str) -> Iterator[StoredObject]:
        """Yield what matches a pattern, in no particular order; `*` does not match a slash.

        A pattern that ends in a slash matches folders, and what it yields has `members`.

        Raises:
            Unverifiable: the store cannot be read.
        """

    def stat(self, location: str) -> StoredObject:
        """Return the store's record of one object, or of a folder where the location ends in a slash.

        Raises:
            RestoreFailed: there is no such object: the backup is not there.
            Unverifiable: the store cannot be read.
        """

    def open(self, found: StoredObject) -> AbstractContextManager[BinaryIO]:
        """Open exactly the object that was found, not one that has replaced it since.

        Raises:
            RestoreFailed: it is gone or has been replaced.
            Unverifiable: the store cannot be read.
        """
