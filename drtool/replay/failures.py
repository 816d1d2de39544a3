"""Why binary logs cannot be replayed to where they should be: stable codes, and how far one can get."""

from __future__ import annotations

from collections.abc import Iterable

from drtool.binlogs.format import Gtid
from drtool.binlogs.log_name import LogName
from drtool.binlogs.reader import Fault, FaultKind
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed
from drtool.replay.target import Target


def no_start(name: str) -> RestoreFailed:
    """Return the failure of a backup that does not say where its logs go on."""
    return RestoreFailed(
        "backup-without-log-position",
        f"The backup of {name} does not say at which position of the binary log it was taken",
        why="so it is not known where a replay begins",
    )


def no_logs(pattern: str) -> RestoreFailed:
    """Return the failure of a pattern that no binary log matches."""
    return RestoreFailed("binary-logs-missing", f"There are no binary logs that match {pattern}")


def several_series(pattern: str, bases: Iterable[str]) -> RestoreFailed:
    """Return the failure of a pattern that matches logs of several names, or several of one name."""
    return RestoreFailed(
        "binary-logs-mixed",
        f"{pattern} matches binary logs that do not belong together",
        why=f"their names begin with {', '.join(sorted(bases))}",
    )


def gap_at_start(start: BinlogStart, first: LogName | None, newest: LogName) -> RestoreFailed:
    """Return the failure of logs that lack the one that the backup's position lies in.

    Args:
        start: the backup's position.
        first: the first log that is later, if there is one.
        newest: the newest there is.
    """
    there = f"the first log behind that is {first}" if first else f"the newest log there is {newest}"
    return RestoreFailed(
        "binary-log-gap",
        f"There is a gap between the backup and the binary logs: it was taken at {start}, and {there}",
        why="nothing can be replayed onto this backup",
    )


def starts_behind_end(start: BinlogStart, log: LogName, end: int) -> RestoreFailed:
    """Return the failure of a log that ends before the backup's position."""
    return RestoreFailed(
        "binary-log-gap",
        f"The backup was taken at {start}, and the copy of {log} ends at {end}",
        why="it was copied before the backup was taken, or cut short; nothing can be replayed",
        mend="Copy the log again once it is complete: FLUSH BINARY LOGS ends it",
    )


def missing(log: LogName, how_far: str) -> RestoreFailed:
    """Return the failure of a series with a hole."""
    return RestoreFailed(
        "binary-log-missing", f"The binary log {log} is missing among those that are to be replayed", why=how_far
    )


def truncated(log: LogName, position: int | None, how_far: str) -> RestoreFailed:
    """Return the failure of a log that is cut off: inside an event or transaction, or between two."""
    where = (
        f"breaks off at byte {position}, inside an event or transaction" if position else "breaks off before its end"
    )
    return RestoreFailed("binary-log-truncated", f"The binary log {log} {where}", why=how_far)


def unreadable(log: LogName, fault: Fault, how_far: str) -> RestoreFailed:
    """Return the failure of a log that is damaged, encrypted, or none."""
    if fault.kind is FaultKind.ENCRYPTED:
        return RestoreFailed(
            "binary-log-encrypted",
            f"The binary log {log} is encrypted, and drtool has not the server's keys",
            why=how_far,
        )
    if fault.kind is FaultKind.NOT_A_LOG:
        return RestoreFailed("not-a-binary-log", f"{log} is no binary log, though it is named like one", why=how_far)
    return RestoreFailed(
        "binary-log-damaged",
        f"The binary log {log} is damaged at byte {fault.position}: an event does not match its checksum or its place",
        why=how_far,
    )


def other_server(why: str) -> RestoreFailed:
    """Return the failure of logs that are not of the server that the backup was made of."""
    return RestoreFailed(
        "binary-logs-of-another-server", "The binary logs do not belong to this backup, or not to each other", why=why
    )


def before_backup(target: Target, start: BinlogStart) -> RestoreFailed:
    """Return the failure of a target that the backup has passed already."""
    return RestoreFailed(
        "replay-target-before-backup",
        f"The target lies before the backup: {target}",
        why=f"the backup was taken at {start}, and logs are replayed forwards only",
    )


def not_reached(target: Target, how_far: str) -> RestoreFailed:
    """Return the failure of a target that lies behind the end of the logs."""
    return RestoreFailed("replay-target-not-reached", f"The binary logs end before the target: {target}", why=how_far)


def other_domain(wanted: Gtid, domains: Iterable[int]) -> RestoreFailed:
    """Return the failure of a GTID whose domain these logs do not have."""
    there = ", ".join(map(str, domains)) or "none"
    return RestoreFailed(
        "gtid-of-another-domain",
        f"The binary logs hold nothing of the domain of GTID {wanted}",
        why=f"domains in the logs: {there}",
    )


def no_such_gtid(wanted: Gtid, newest: Gtid) -> RestoreFailed:
    """Return the failure of a GTID that was passed without being met."""
    return RestoreFailed(
        "gtid-not-in-logs",
        f"The binary logs go on to GTID {newest} and do not hold {wanted}",
        why="another server wrote the transaction of that number",
    )
