"""Several connections that see a server's data at one and the same instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER

from drtool.baseline.database.live import prepare
from drtool.baseline.database.model import LogPosition, Snapshot
from drtool.errors import Unverifiable
from drtool.mariadb.sql import describe_sql_error, error_code, rows_of, value_of

Connect = Callable[[], "Connection[Any]"]

SAVEPOINT = "drtool"
_ATTEMPTS = 30
_LOCK_SECONDS = 3
_BLOCKS = (
    "An ALTER TABLE would have waited until all was read, since the account has no BINLOG ADMIN (or SUPER) to give "
    "back locks on tables that are done"
)
BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


class Guard(Enum):
    """How several connections come to see the same instant."""

    LOG_POSITION = auto()
    """Begin until all report the same binary-log position; where that cannot be, one connection reads alone."""
    READ_LOCK = auto()
    """Begin under FLUSH TABLES WITH READ LOCK, held for a moment; needs RELOAD, and blocks writers for that long."""
    NOTHING_WRITES = auto()
    """Nothing writes: a restored server in a sandbox."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Connections that see the same data.

    Attributes:
        connections: one or more; the first is the one to look at the schema with.
        how: why they see the same.
        taken_at: the instant, by the server's clock, UTC.
        position: the binary log's position at that instant, where it is on.
        notes: what did not go as it was asked for.
    """

    connections: tuple[Connection[Any], ...]
    how: Snapshot
    taken_at: datetime
    position: LogPosition | None
    notes: tuple[str, ...]


@contextmanager
def snapshot(
    connect: Connect, count: int, guard: Guard, *, statement_limit_seconds: float | None = None
) -> Iterator[Session]:
    """Open `count` connections on one snapshot and close them in the end.

    Raises:
        Unverifiable: a session did not become read only, or the lock that was asked for could not be had.
        pymysql.err.MySQLError: the server gave out.
    """
    connections: list[Connection[Any]] = []
    try:
        for _ in range(count):
            connection = connect()
            connections.append(connection)
            prepare(connection, statement_limit_seconds)
        blocks = guard is not Guard.NOTHING_WRITES and not all(_leaves_definitions_free(one) for one in connections)
        yield _begin(connections, connect, guard, notes=(_BLOCKS,) if blocks else ())
    finally:
        for connection in connections:
            # Not close(): that waits for an answer which a broken connection never gives.
            connection._force_close()  # type: ignore[attr-defined]


def _leaves_definitions_free(connection: Connection[Any]) -> bool:
    """See to it that a rollback to a savepoint gives back the lock on a table's definition.

    With the binary log on, MariaDB (10.5 to 11.8, measured) gives it back only in a session that does not write to
    the log. A session that reads only never does, but to say so takes a privilege that not every account has.
    """
    try:
        rows_of(connection, "SET SESSION sql_log_bin = 0")
    except pymysql.err.OperationalError as error:
        if error_code(error) in {ER.SPECIFIC_ACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR}:
            return False
        raise
    return True


def _begin(connections: list[Connection[Any]], connect: Connect, guard: Guard, *, notes: tuple[str, ...]) -> Session:
    match guard:
        case Guard.NOTHING_WRITES:
            positions = _start(connections)
            how = Snapshot.NOTHING_WRITES
        case Guard.READ_LOCK:
            with _locked(connect):
                positions = _start(connections)
            how = Snapshot.READ_LOCK
        case Guard.LOG_POSITION:
            for _ in range(_ATTEMPTS):
                if len(set(positions := _start(connections))) == 1:
                    break
            how = Snapshot.SAME_POSITION
            if len(connections) > 1 and (len(set(positions)) > 1 or positions[0] is None):
                reason = "the binary log is off" if positions[0] is None else "the server commits too often"
                notes += (f"One connection read alone, since {reason}: no two could be shown to see the same instant",)
                for extra in connections[1:]:
                    extra.close()
                del connections[1:]
            if len(connections) == 1:
                how = Snapshot.ONE_TRANSACTION
    first = connections[0]
    now = value_of(first, "SELECT UTC_TIMESTAMP(6)")
    if not isinstance(now, datetime):
        raise Unverifiable("no-server-time", "The server does not tell its time")
    for connection in connections:
        rows_of(connection, f"SAVEPOINT {SAVEPOINT}")
    return Session(
        connections=tuple(connections),
        how=how,
        taken_at=now.replace(tzinfo=UTC),
        position=_position(first, positions[0]),
        notes=notes,
    )


def _start(connections: list[Connection[Any]]) -> list[tuple[str, int] | None]:
    """Begin a transaction on each connection, one right after the other, then ask each where it stands."""
    for connection in connections:
        rows_of(connection, BEGIN)
    return [_log_position(connection) for connection in connections]


def _log_position(connection: Connection[Any]) -> tuple[str, int] | None:
    shown = rows_of(connection, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'")
    status = {str(name).lower(): str(value) for name, value in shown}
    file, position = status.get("binlog_snapshot_file", ""), status.get("binlog_snapshot_position", "")
    return (file, int(position)) if file and position else None


def _position(connection: Connection[Any], position: tuple[str, int] | None) -> LogPosition | None:
    if position is None:
        return None
    gtid = value_of(connection, "SELECT BINLOG_GTID_POS(%s, %s)", position)
    text = gtid.decode() if isinstance(gtid, bytes) else gtid
    return LogPosition(file=position[0], position=position[1], gtid=str(text) if text else None)


@contextmanager
def _locked(connect: Connect) -> Iterator[None]:
    """Hold the read lock; it is given up when the connection closes, whatever happens."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_wait_timeout = %s", (_LOCK_SECONDS,))
            cursor.execute("FLUSH TABLES WITH READ LOCK")
            yield
            cursor.execute("UNLOCK TABLES")
    except pymysql.err.OperationalError as error:
        what = "The read lock was not to be had"
        raise Unverifiable("no-read-lock", what, why=describe_sql_error(error_code(error))) from error
    finally:
        connection._force_close()  # type: ignore[attr-defined]
