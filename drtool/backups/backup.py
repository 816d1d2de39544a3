"""A backup in a store: recognised by its first bytes, or by those of some files where it is a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from drtool.backups.encryption import Unlocking
from drtool.backups.folder import bytes_read_whole, recognise_folder
from drtool.backups.recognise import Recognised, read_fully, read_head, recognise
from drtool.errors import Unverifiable
from drtool.stores import Store, StoredObject


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What `Drill.latest` and `Drill.backup` give, and a restore takes.

    Attributes:
        found: the store's record of it.
        store: where it lies.
        recognised: what its first bytes tell; of an encrypted one that was opened, the first bytes inside.
        unlocking: what decrypts it, once it was opened.
        beside: what else its store was seen to hold, which tells how its name is to be read.
    """

    found: StoredObject
    store: Store
    recognised: Recognised
    unlocking: Unlocking | None = None
    beside: tuple[StoredObject, ...] = ()

    @property
    def location(self) -> str:
        """Where it lies, for example `s3://backups/shop/db-20261124.sql.zst`."""
        return self.found.location

    @property
    def size_bytes(self) -> int:
        """Its size, as the store says."""
        return self.found.size_bytes

    @property
    def modified_at(self) -> datetime:
        """When it was last written, as the store says, UTC."""
        return self.found.modified_at


_OF_DUPLICITY = re.compile(r"\.difftar(?:\.\w+)?$")


def look_at(store: Store, found: StoredObject) -> Recognised:
    """Tell what a backup is.

    Raises:
        RestoreFailed: it is empty, damaged from the start, incomplete, or no backup at all.
        Unverifiable: it is a backup of a kind that drtool does not restore, or the store cannot be read.
    """
    if _OF_DUPLICITY.search(found.location):
        what = "The backup is a volume of duplicity's, which may be one of many, or hold what has changed alone"
        raise Unverifiable("format-unsupported", what)
    if not found.is_folder:
        with store.open(found) as stream:
            return recognise(stream)
    members = {found.path_of(member): member for member in found.members}

    def head_of(path: str) -> bytes:
        with store.open(members[path]) as stream:
            whole = bytes_read_whole(path)
            return read_fully(stream, whole) if whole else read_head(stream)

    return recognise_folder(list(members), head_of, odd=found.odd)
