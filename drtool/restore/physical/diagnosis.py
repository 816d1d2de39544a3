"""Why a physical backup does not unpack or prepare: the tools' words reduced to what may stand in evidence.

mariadb-backup and mbstream quote names of files and, where a page is damaged, parts of it.
"""

from __future__ import annotations

import re

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.restore.physical.files import Prepared
from drtool.restore.pipeline import Outcome

_KILLED = 137
_REASONS: tuple[tuple[str, type[DrtoolError], str, str, str], ...] = (
    (r"no space left|errcode: 28\b|os error 28\b|error number 28\b",
     Unverifiable, "disk-full", "The engine's disk filled up while preparing", ""),
    (r"cannot allocate memory|errcode: 12\b|out of memory",
     Unverifiable, "out-of-memory", "Preparing needs more memory than the sandbox may use", ""),
    (r"encrypt|decrypt|key_id|key management",
     Unverifiable, "tables-encrypted",
     "The tables of the backup are encrypted with production's keys, which drtool does not take, from config= neither",
     ""),
    (r"unsupported redo log format|redo log was created with|upgrade after a crash",
     Unverifiable, "redo-log-foreign",
     "{what} was not made by the series of MariaDB that it names: its log is of another format", ""),
    (r"seems not to be proper|doesn't match the|not proper",
     RestoreFailed, "increment-foreign", "{what} does not belong to the full backup that was given", ""),
    (r"database page corruption|corrupted page|page .* corrupt|innodb.* checksum|is corrupted|data corruption",
     RestoreFailed, "page-corrupt", "Preparing met a damaged page in {what}",
     "Compare with another copy of this backup, and check production's tables and disk"),
    (r"missing redo log|redo log .*(corrupt|damaged|invalid)|invalid log|log file .*(missing|not found)|"
     r"checkpoint|ib_logfile0|log scan|log sequence number|LSN", RestoreFailed, "redo-log-damaged",
     "The log in {what} is missing, damaged or too short, so the data cannot be made consistent",
     "Without its log a physical backup is worth nothing: look at the backup job's messages"),
)  # fmt: skip
"""What mariadb-backup says, and what that means: the first that fits counts."""


def unpack_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why mbstream did not unpack a stream, or None when it was content and the stream ends as it should."""
    complaint = outcome.complaint("sink").lower()
    status = outcome.statuses.get("sink")
    if "errcode: 28" in complaint or "no space left" in complaint:
        return Unverifiable("disk-full", "The engine's disk filled up while unpacking")
    if status == _KILLED:
        return Unverifiable("out-of-memory", "Unpacking was killed for memory")
    if "checksum" in complaint:
        return RestoreFailed("stream-damaged", "The mbstream is damaged: a part of it does not match its checksum")
    if outcome.end == "another":
        what = "A second backup follows the first in one stream: unpacked, their files replace each other"
        mend = "Write each backup into a file of its own: look for a job that appends (>>), or two that run at once"
        return RestoreFailed("stream-trailing-garbage", what, mend=mend)
    if outcome.end == "followed" or "wrong chunk magic" in complaint:
        what = "Something that is no part of an mbstream follows the backup, or stands in the middle of it"
        mend = "Check whether two writers share this file, or the backup tool's messages went into it (2>&1)"
        return RestoreFailed("stream-trailing-garbage", what, mend=mend)
    if outcome.end != "complete":
        return RestoreFailed("stream-truncated", "The mbstream breaks off before its end: the backup was cut short")
    if status:
        mend = "Unpack it by hand into an empty folder (mbstream -x) and read what it says"
        return RestoreFailed("stream-damaged", f"mbstream does not unpack the backup: status {status}", mend=mend)
    return None


def prepare_failure(prepared: Prepared, *, what: str) -> DrtoolError | None:
    """Return why preparing a backup failed, or None when it ended well.

    Args:
        prepared: how it ended.
        what: the name of the backup, or of the increment that was applied.
    """
    if prepared.status == 0 and prepared.completed:
        return None
    if prepared.status == _KILLED:
        return Unverifiable("out-of-memory", "Preparing was killed for memory")
    text = "\n".join(prepared.said)
    why = f"mariadb-backup ended with status {prepared.status}"
    for said, kind, code, happened, mend in _REASONS:
        if re.search(said, text, re.IGNORECASE):
            return kind(code, happened.format(what=what), why=why, mend=mend)
    return RestoreFailed("backup-does-not-prepare", f"{what} cannot be prepared", why=why)
