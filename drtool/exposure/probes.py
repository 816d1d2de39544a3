"""What only a request about one object tells: the first bytes of a doubtful backup, the store's clock."""

from __future__ import annotations

from collections.abc import Sequence

from drtool.backups.recognise import recognise
from drtool.errors import RestoreFailed, Unverifiable
from drtool.exposure.measure import HeadCheck
from drtool.stores import Store, StoredObject

# What else `recognise` refuses may be a backup all the same, encrypted or of another tool.
_NO_BACKUP = {
    "backup-empty", "stream-truncated", "backup-is-an-error-message", "dump-behind-a-message", "dump-tool-failed",
    "backup-missing", "backup-changed",
}  # fmt: skip


def head_check(store: Store) -> HeadCheck:
    """Return a check that reads 256 KiB of an object at the most.

    It returns why the object is no backup, or None where nothing speaks against it.

    Raises:
        Unverifiable: (the check) the store lists the object and does not let it be read.
    """

    def check(found: StoredObject) -> str | None:
        try:
            with store.open(found) as stream:
                recognise(stream)
        except RestoreFailed as error:
            return error.what if error.code in _NO_BACKUP else None
        except Unverifiable as error:
            if error.code == "store-unreachable":
                raise
        return None

    return check


def clock_ahead(store: Store, found: Sequence[StoredObject]) -> float:
    """Return by how many seconds the store's clock is ahead of this host's, as one request about one object tells."""
    newest = max(found, key=lambda one: one.modified_at, default=None)
    try:
        return store.stat(newest.location).clock_ahead_seconds if newest else 0.0
    except RestoreFailed:
        return 0.0  # it was removed since; the next run of the backup job or of this command will tell
