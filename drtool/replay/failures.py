"""Why binary logs cannot be replayed to where they should be, as it shows in several places."""

from __future__ import annotations

from datetime import UTC, datetime

from drtool.binlogs.log_name import LogName
from drtool.binlogs.reader import Fault, FaultKind
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed
from drtool.replay.target import Target
from drtool.times import utc


def truncated(log: LogName, position: int | None, how_far: str) -> RestoreFailed:
    """Return the failure of a log that is cut off: inside an event or transaction, or between two."""
    where = f"at byte {position}, inside an event or transaction" if position else "before its end"
    return RestoreFailed("binary-log-truncated", f"The binary log {log} breaks off {where}", why=how_far)


def unreadable(log: LogName, fault: Fault, how_far: str) -> RestoreFailed:
    """Return the failure of a log that is damaged, encrypted, or none."""
    if fault.kind is FaultKind.ENCRYPTED:
        what = f"The binary log {log} is encrypted, and drtool has not the server's keys"
        return RestoreFailed("binary-log-encrypted", what, why=how_far)
    if fault.kind is FaultKind.NOT_A_LOG:
        return RestoreFailed("not-a-binary-log", f"{log} is no binary log, though it is named like one", why=how_far)
    if fault.kind is FaultKind.PACKED_BADLY:
        what = (
            f"The compressed copy of the binary log {log} is damaged: it unpacks up to byte {fault.position} of the log"
        )
        return RestoreFailed("binary-log-damaged", what, why=how_far)
    where = f"at byte {fault.position}: an event does not match its checksum or its place"
    return RestoreFailed("binary-log-damaged", f"The binary log {log} is damaged {where}", why=how_far)


def other_server(why: str) -> RestoreFailed:
    """Return the failure of logs that are not of the server that the backup was made of."""
    what = "The binary logs do not belong to this backup, or not to each other"
    return RestoreFailed("binary-logs-of-another-server", what, why=why)


def younger_than_backup(what: str, seconds: int, taken_by: datetime | None) -> RestoreFailed:
    """Return the failure of a log that has before the backup's place what was written after the backup was taken."""
    at, taken = utc(datetime.fromtimestamp(seconds, UTC)), f" by {utc(taken_by)}" if taken_by else ""
    return other_server(
        f"the backup was taken{taken}, and {what} is of {at}: a newer server has begun to count its logs anew"
    )


def ends_before(log: LogName, end: int, start: BinlogStart) -> RestoreFailed:
    """Return the failure of a log that does not go as far as to where the backup was taken."""
    what = f"The backup was taken at {start}, and the copy of {log} ends at {end}"
    why = "it was copied before the backup was taken, or cut short; nothing can be replayed"
    mend = "Copy the log again once it is complete: FLUSH BINARY LOGS ends it"
    return RestoreFailed("binary-log-gap", what, why=why, mend=mend)


def before_backup(target: Target, start: BinlogStart) -> RestoreFailed:
    """Return the failure of a target that the backup has passed already."""
    why = f"the backup was taken at {start}, and logs are replayed forwards only"
    return RestoreFailed("replay-target-before-backup", f"The target lies before the backup: {target}", why=why)
