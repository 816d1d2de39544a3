"""What a file is called before its transfer is complete, and afterwards; and the copies that editors keep.

Such a file stays where the transfer broke off, often under a hidden name.
"""

from __future__ import annotations

import re

from drtool.backups.companions import is_companion
from drtool.backups.naming import folder_and_name

# rsync's --delay-updates and what people give --partial-dir and --temp-dir.
_FOLDER = re.compile(r"(?:^|(?<=/))\.(?:~tmp~|(?:rsync[-_.]?)?(?:partial|tmp|temp))/")
_TRANSFERS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # rsync; an ending of six letters is a word more often than not.
        r"\.(?P<name>.+)\.(?!(?-i:[a-z]{6}|\d{6})$)[a-z\d]{6}",
        r"[.~]syncthing[.~](?P<name>.+)\.tmp",
        r"\.(?P<name>.+)\.~[\da-f]+",  # the clients of ownCloud and Nextcloud
        r"\.in\.(?P<name>.+?)\.?",  # lftp, proftpd
        r"\.azDownload-[\da-f-]{36}-(?P<name>.+)",
        r"(?P<name>.+)_\.gstmp",
        r"(?P<name>.+)\.part\.minio",
        r"(?P<name>.+?)(?:\.[\da-f]{8})?\.partial",  # rclone's has a digest before it
        r"(?P<name>.+)\.(?:te?mp(?:[.-]?\d{1,7})?|part|filepart|incomplete|unfinished|in[-_]?progress|(?:up|down)loading"
        r"|download|crdownload|opdownload)",
        # awscli: eight digits, as it happens in both cases of letters.
        r"(?P<name>.+\.\w+)\.(?-i:(?=\d*[A-F\d]*[a-f])(?=[a-f\d]*[A-F]))[\da-f]{8}",
    )
]
_COPY = re.compile(r"(?P<name>.+)~|\.(?P<edited>.+)\.sw[a-p]", re.IGNORECASE)
_DELETED = re.compile(r"\.nfs[\da-f]{8,}", re.IGNORECASE)


def target_of(path: str) -> str | None:
    """Return where a file lies once its transfer is complete; None where its path is not that of a transfer."""
    outside = _FOLDER.sub("", path)
    folder, name = folder_and_name(outside)
    if not is_companion(name, set()):
        for transfer in _TRANSFERS:
            if found := transfer.fullmatch(name):
                return folder + found["name"].lstrip(".")
    return outside if outside != path else None


def original_of(path: str) -> str | None:
    """Return what a file is by its name an older state of, which an editor or cp kept; None where it is no such."""
    folder, name = folder_and_name(path)
    found = _COPY.fullmatch(name)
    return folder + (found["name"] or found["edited"]) if found else None


def is_deleted(path: str) -> bool:
    """Tell whether a file is by its name one that was deleted, and that NFS keeps while somebody has it open."""
    return _DELETED.fullmatch(folder_and_name(path)[1]) is not None


def is_unfinished(name: str) -> bool:
    """Tell whether a name is that of an upload or a copy that is under way, or broke off, or of what was left aside."""
    return target_of(name) is not None or original_of(name) is not None or is_deleted(name)
