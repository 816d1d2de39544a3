"""Why a physical backup does not unpack or prepare: the tools' words reduced to what may stand in evidence.

mariadb-backup and mbstream quote names of files and, where a page is damaged, parts of it.
"""

from __future__ import annotations

import re

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.restore.physical.files import Prepared
from drtool.restore.pipeline import Outcome

_KILLED = 137
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"no space left|errcode: 28\b|os error 28\b|error number 28\b", "disk-full"),
        (r"cannot allocate memory|errcode: 12\b|out of memory", "out-of-memory"),
        (r"encrypt|decrypt|key_id|key management", "backup-encrypted"),
        (r"unsupported redo log format|redo log was created with|upgrade after a crash", "redo-log-foreign"),
        (r"seems not to be proper|doesn't match the|not proper", "increment-foreign"),
        (
            r"database page corruption|corrupted page|page .* corrupt|innodb.* checksum|is corrupted|data corruption",
            "page-corrupt",
        ),
        (
            r"missing redo log|redo log .*(corrupt|damaged|invalid)|invalid log|log file .*(missing|not found)|"
            r"checkpoint|ib_logfile0|log scan|log sequence number|LSN",
            "redo-log-damaged",
        ),
    )
)


def unpack_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why mbstream did not unpack a stream, or None when it was content and the stream ends as it should."""
    complaint = outcome.complaint("sink").lower()
    status = outcome.statuses.get("sink")
    if "errcode: 28" in complaint or "no space left" in complaint:
        return Unverifiable(
            "disk-full", "The engine's disk filled up while unpacking", mend="Make room and drill again"
        )
    if status == _KILLED:
        return Unverifiable("out-of-memory", "Unpacking was killed for memory", mend="Raise memory= in the scenario")
    if "checksum" in complaint:
        return RestoreFailed(
            "stream-damaged",
            "The mbstream is damaged: a part of it does not match its checksum",
            mend="Compare with another copy of this backup; check the disk or bucket it lies on",
        )
    if outcome.end == "followed" or "wrong chunk magic" in complaint:
        return RestoreFailed(
            "stream-trailing-garbage",
            "Something that is no part of an mbstream follows the backup, or stands in the middle of it",
            mend="Look whether two writers share this file, or the backup tool's messages went into it (2>&1)",
        )
    if outcome.end != "complete":
        return RestoreFailed(
            "stream-truncated",
            "The mbstream breaks off before its end: the backup was cut short",
            mend="Look whether the backup job or its upload was interrupted, or ran out of disk",
        )
    if status:
        return RestoreFailed(
            "stream-damaged",
            f"mbstream does not unpack the backup: status {status}",
            mend="Unpack it by hand into an empty folder (mbstream -x) and read what it says",
        )
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
        return Unverifiable("out-of-memory", "Preparing was killed for memory", mend="Raise memory= in the scenario")
    text = "\n".join(prepared.said)
    meaning = next((meaning for pattern, meaning in _WORDS if pattern.search(text)), None)
    why = f"mariadb-backup ended with status {prepared.status}"
    match meaning:
        case "disk-full":
            return Unverifiable("disk-full", "The engine's disk filled up while preparing", why=why, mend="Make room")
        case "out-of-memory":
            return Unverifiable(
                "out-of-memory", "Preparing needs more memory than the sandbox may use", why=why,
                mend="Raise memory= in the scenario",
            )  # fmt: skip
        case "backup-encrypted":
            return Unverifiable(
                "backup-encrypted",
                "The tables of the backup are encrypted, and drtool holds no key for them",
                why=why,
                mend="Drill a dump of this database, or decrypt its tablespaces for the drill",
            )
        case "redo-log-foreign":
            return Unverifiable(
                "redo-log-foreign",
                f"{what} was not made by the series of MariaDB that it names: its log is of another format",
                why=why,
                mend="Name the image of the server it was made by: --image",
            )
        case "increment-foreign":
            return RestoreFailed(
                "increment-foreign",
                f"{what} does not belong to the full backup that was given",
                why=why,
                mend="Check the pattern: each full backup begins a chain of its own",
            )
        case "page-corrupt":
            return RestoreFailed(
                "page-corrupt",
                f"Preparing met a damaged page in {what}",
                why=why,
                mend="Compare with another copy of this backup, and check production's tables and disk",
            )
        case "redo-log-damaged":
            return RestoreFailed(
                "redo-log-damaged",
                f"The log in {what} is missing, damaged or too short, so the data cannot be made consistent",
                why=why,
                mend="Without its log a physical backup is worth nothing: look at the backup job's messages",
            )
    return RestoreFailed(
        "backup-does-not-prepare",
        f"{what} cannot be prepared",
        why=why,
        mend="Run mariadb-backup --prepare on a copy by hand and read what it says (it quotes names)",
    )
