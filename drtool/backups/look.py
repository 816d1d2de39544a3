"""What a backup in a store is: its first bytes, or those of some files where it is a folder."""

from __future__ import annotations

from drtool.backups.folder import recognise_folder
from drtool.backups.recognise import Recognised, read_head, recognise
from drtool.stores import Store, StoredObject


def look_at(store: Store, found: StoredObject) -> Recognised:
    """Tell what a backup is.

    Raises:
        RestoreFailed: it is empty, damaged from the start, incomplete, or no backup at all.
        Unverifiable: it is a backup of a kind that drtool does not restore, or the store cannot be read.
    """
    if not found.is_folder:
        with store.open(found) as stream:
            return recognise(stream)
    members = {found.path_of(member): member for member in found.members}

    def head_of(path: str) -> bytes:
        with store.open(members[path]) as stream:
            return read_head(stream)

    return recognise_folder(list(members), head_of)
