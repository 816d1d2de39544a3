"""A folder that holds the parts of one split backup and nothing else of it: the parts, put together, are the backup."""

from __future__ import annotations

from drtool.backups.companions import is_companion
from drtool.backups.transfers import target_of
from drtool.stores import StoredObject
from drtool.stores.whole import Starts, parts_joined


def split_backup(folder: StoredObject, starts: Starts) -> StoredObject | None:
    """Return the backup that a folder holds the parts of, by its first part's location; None for any other folder.

    Beside the parts may lie what lies beside backups, and what a transfer left of a part that is there. Parts of
    several backups are told as what they are, and none of them is taken.

    Args:
        folder: what was found; a file is none.
        starts: gives the first bytes of a file in it.
    """
    if not folder.is_folder or folder.odd:
        return None
    there = {member.location for member in folder.members}
    joined = parts_joined(folder.members, starts)
    split = [one for one in joined if len(one.members) > 1]
    rest = [one.location for one in joined if len(one.members) < 2]
    if len(split) != 1 or not all(is_companion(one, there) or target_of(one) in there for one in rest):
        return None
    return split[0]
