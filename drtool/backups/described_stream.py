"""A stream of mariadb-backup in a folder with what `--extra-lsndir` writes beside it: the stream is the backup.

Those files are copies of what is in the stream, for the next increment to begin from.
"""

from __future__ import annotations

import re

from drtool.backups.companions import is_companion
from drtool.backups.recognise import OF_PHYSICAL
from drtool.backups.transfers import is_unfinished, target_of
from drtool.stores import StoredObject

_PREFIX = r"(?:xtrabackup|mariadb_backup)_"
_DESCRIPTION = re.compile(rf"{_PREFIX}(?:info|checkpoints)")
_BESIDE = re.compile(rf"{_PREFIX}(?:info|checkpoints|\w+_info|binlog_pos_innodb|tablespaces)|.+\.cnf|\..+")


def described_stream(folder: StoredObject) -> StoredObject | None:
    """Return the one file that lies in a folder with nothing but descriptions and companions of it; None for no such.

    A backup that was unpacked has files of a server's beside them, and is the folder.
    """
    if not folder.is_folder:
        return None
    names = {folder.path_of(member): member for member in folder.members}
    there = {member.location for member in folder.members}
    if not any(map(_DESCRIPTION.fullmatch, names)):
        return None
    rest = [
        name
        for name, member in names.items()
        if not _BESIDE.fullmatch(name) and not is_companion(member.location, there) and not is_unfinished(name)
    ]
    if len(rest) != 1 or "/" in rest[0] or OF_PHYSICAL.fullmatch(rest[0]):
        return None
    lacks = {of for name in names if (of := target_of(name)) and not is_companion(of, set())} - names.keys()
    return None if lacks else names[rest[0]]
