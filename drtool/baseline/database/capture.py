"""Captures what databases are: every row as a part of a sum of digests, and every schema object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.baseline.database.key_space import from_text, key_kind, to_text
from drtool.baseline.database.live import server_failure
from drtool.baseline.database.model import (
    SCHEMA_VERSION,
    DatabaseBaseline,
    KeyColumn,
    KeyKind,
    Newest,
    ObjectKind,
    Part,
    Table,
    unreadable,
)
from drtool.baseline.database.reading_work import Bounds, Pace, Shape, TableRead
from drtool.baseline.database.schema import TableInfo, read_schema
from drtool.baseline.database.snapshot import Connect, Guard, snapshot
from drtool.baseline.database.table_reader import read_tables
from drtool.errors import WrongUse
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import quoted, rows_of, value_of
from drtool.version import __version__

_TIME_TYPES = {"timestamp", "datetime", "date"}
_SMALL_TABLE_ROWS = 100_000

_Named = tuple[str, str, bool]
Progress = Callable[[int, int, str], None]
"""Is told rows done, rows expected (an estimate) and the table that was read last."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How to capture.

    Attributes:
        connections: how many to read through at a time.
        guard: how they come to see the same instant.
        pace: how hard the server may be worked.
        statement_limit_seconds: how long one statement may take.
        with_grants: capture the grants on the databases too.
    """

    connections: int = 2
    guard: Guard = Guard.LOG_POSITION
    pace: Pace = field(default_factory=Pace)
    statement_limit_seconds: float | None = 600.0
    with_grants: bool = False


SANDBOX = Manner(guard=Guard.NOTHING_WRITES)
"""How a restored server is read, to which nothing else connects."""


def capture_database(
    connect: Connect,
    databases: Sequence[str],
    *,
    manner: Manner | None = None,
    like: DatabaseBaseline | None = None,
    renamed: dict[str, str] | None = None,
    only: Selection | None = None,
    progress: Progress | None = None,
) -> DatabaseBaseline:
    """Capture databases as they are at one instant.

    Args:
        connect: opens a connection to the server; each is made read only, and that is verified, before it is used.
        databases: which.
        manner: how; `Manner()` if not given.
        like: a baseline to be compared with: tables are divided as they are in it.
        renamed: names that databases of `like` have on this server, where they differ.
        only: of which tables the rows are read; all if not given.
        progress: is told how far it has come.

    Raises:
        WrongUse: there is no such database, or the account may not see it.
        Unverifiable: the server gave out, a statement took too long, or a table was altered while it was read.
    """
    chosen = manner or Manner()
    names = {new: old for old, new in (renamed or {}).items()}
    try:
        with snapshot(
            connect, chosen.connections, chosen.guard, statement_limit_seconds=chosen.statement_limit_seconds
        ) as session:
            first = session.connections[0]
            databases = _present(first, databases, as_they_stand=like is not None)
            with_grants = chosen.with_grants or (like is not None and ObjectKind.GRANT in like.kinds)
            schema = read_schema(first, databases, with_grants=with_grants)
            infos = [info for info in schema.tables if not (like and like.sums and info.past)]
            infos = [info for info in infos if only is None or only.takes(info.database, info.name)]
            named = {(names.get(one.database, one.database), one.name, bool(one.past)): one for one in infos}
            shapes = _shapes_of(like, named)
            work = [(info, shapes.get(name) or _own_shape(info)) for name, info in named.items()]
            quiet = chosen.guard is Guard.NOTHING_WRITES
            reads = read_tables(session.connections, connect, work, chosen.pace, quiet=quiet, progress=progress)
            ((server, version),) = rows_of(first, "SELECT @@hostname, VERSION()")
            return DatabaseBaseline(
                schema_version=like.schema_version if like else SCHEMA_VERSION,
                drtool_version=__version__,
                server=str(server),
                server_version=str(version),
                taken_at=session.taken_at,
                snapshot=session.how,
                position=session.position,
                databases=tuple(databases),
                kinds=schema.kinds,
                tables=tuple(_table(first, info, shape, read) for (info, shape), read in zip(work, reads, strict=True)),
                objects=schema.objects,
                notes=(*session.notes, *schema.notes),
            )
    except pymysql.err.MySQLError as error:
        raise server_failure(error) from error


def _present(connection: Connection[Any], databases: Sequence[str], *, as_they_stand: bool) -> list[str]:
    """Return databases by the names that they have on the server, which may not tell upper and lower case apart.

    Of those that a baseline names (`as_they_stand`) any may be missing, which is then a loss.
    """
    folds = not as_they_stand and value_of(connection, "SELECT @@lower_case_table_names")
    folded = str.lower if folds else str
    found = rows_of(connection, "SELECT schema_name FROM information_schema.schemata")
    present = {folded(str(name)): str(name) for (name,) in found}
    missing = [name for name in databases if folded(name) not in present]
    if missing and not as_they_stand:
        raise WrongUse("no-such-database", f"There is no database {missing[0]}, or the account may not see it")
    return list(dict.fromkeys(present[folded(name)] for name in databases if folded(name) in present))


def _own_shape(info: TableInfo) -> Shape:
    kind = key_kind(info.key[0] if info.key else None)
    order = tuple(KeyColumn(name=one.name, collation=one.collation) for one in info.key)
    return Shape(kind=kind, column=info.key[0].name if kind.has_ranges else None, bounds=None, order=order)


def _shapes_of(like: DatabaseBaseline | None, wanted: Container[_Named]) -> dict[_Named, Shape]:
    """Return how those tables of a baseline are read that there are."""
    found = {}
    for table in like.tables if like else ():
        name = (table.database, table.name, table.history)
        if like and name in wanted:
            kind = table.key_kind
            bounds = tuple(_bounds(part, kind) for part in table.parts) if kind.has_ranges else None
            found[name] = Shape(kind=kind, column=table.key_column, bounds=bounds, order=table.order, sums=like.sums)
    return found


def _bounds(part: Part, kind: KeyKind) -> Bounds:
    """Return a part's bounds, read and written anew: they go into statements, and the file may be anybody's."""
    try:
        lower, upper = (
            None if one is None else to_text(from_text(one, kind), kind) for one in (part.lower, part.upper)
        )
    except (ValueError, OverflowError) as error:
        raise unreadable("a bound in it is neither a number nor a time") from error
    return lower, upper


def _table(connection: Connection[Any], info: TableInfo, shape: Shape, read: TableRead) -> Table:
    kind = read.kind
    return Table(
        database=info.database,
        name=info.name,
        engine=info.engine,
        transactional=info.transactional,
        columns=tuple(column.name for column in info.columns),
        rows=sum(part.rows for part in read.parts),
        digest=_whole(read.parts, sums=shape.sums),
        key_kind=kind,
        key_column=shape.column if kind.has_ranges else None,
        parts=tuple(sorted(read.parts, key=lambda part: part.bucket or 0)),  # those of ranges have none
        newest=() if info.past else tuple(_newest(connection, info)),
        auto_increment=info.auto_increment,
        order=shape.order,
        history=bool(info.past),
    )


def _whole(parts: Sequence[Part], *, sums: bool) -> str:
    if sums:
        return f"{sum(int(part.digest, 16) for part in parts):x}"
    return hashlib.sha256("".join(part.digest for part in parts).encode()).hexdigest()


def _newest(connection: Connection[Any], info: TableInfo) -> list[Newest]:
    found = []
    for column in info.columns:
        # Without an index the whole table would have to be read once more.
        if column.type in _TIME_TYPES and (column.name in info.indexed or info.rows < _SMALL_TABLE_ROWS):
            value = None
            with suppress(ValueError):
                value = value_of(connection, f"SELECT MAX({quoted(column.name)}) FROM {info.quoted}")  # noqa: S608 (quoted)
            text = None if value is None else str(value) + ("Z" if column.type == "timestamp" else "")
            found.append(Newest(column=column.name, type=column.type, value=text))
    return found
