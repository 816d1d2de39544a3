"""A backup in a store: recognised by its first bytes, or by those of some files where it is a folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from drtool.backups.compression import last_of_zip
from drtool.backups.encryption import Unlocking
from drtool.backups.folder import bytes_read_whole, recognise_folder
from drtool.backups.recognise import Recognised, read_fully, read_head, recognise_head
from drtool.backups.unmarked import told_by_name
from drtool.errors import RestoreFailed, Unverifiable
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


_TAIL_BYTES = 64 * 1024
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
            return _recognise_named(stream, found)
    members = {found.path_of(member): member for member in found.members}

    def head_of(path: str) -> bytes:
        with store.open(members[path]) as stream:
            whole = bytes_read_whole(path)
            return read_fully(stream, whole) if whole else read_head(stream)

    return recognise_folder(list(members), head_of, odd=found.odd)


def _recognise_named(stream: BinaryIO, found: StoredObject) -> Recognised:
    """Tell what a file is by its first bytes; by its last, or its name, where those are noise."""
    head = read_head(stream)
    try:
        return recognise_head(head)
    except RestoreFailed as error:
        if error.code != "not-a-backup":
            raise
        if len(head) < found.size_bytes and found.members == () and stream.seekable():
            stream.seek(-min(_TAIL_BYTES, found.size_bytes), os.SEEK_END)
            tail = read_fully(stream, _TAIL_BYTES)
        else:
            tail = head if len(head) == found.size_bytes else b""
        raise last_of_zip(tail) or told_by_name(error, head, found.location, of_parts=bool(found.members)) from error
