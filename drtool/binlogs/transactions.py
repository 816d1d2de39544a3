"""The transactions of a binary log: where each begins and ends, when it was committed, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from drtool.binlogs.format import (
    PRELUDES,
    GroupBegin,
    Gtid,
    Header,
    Kind,
    Malformed,
    group_begin,
    gtid_list,
    rotate_to,
    statement,
    table_name,
)
from drtool.binlogs.reader import Event, Fault, FaultKind, LogReader

_ENDS = {"COMMIT", "ROLLBACK"}
_STATEMENTS_HELD = 1000
_WITHIN = {Kind.QUERY, Kind.QUERY_COMPRESSED, Kind.EXECUTE_LOAD_QUERY, Kind.TABLE_MAP, Kind.XID}
_TEXT = {Kind.QUERY, Kind.QUERY_COMPRESSED, Kind.EXECUTE_LOAD_QUERY, Kind.ANNOTATE_ROWS}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The text of a statement, which holds whatever data is in it: never for evidence.

    Attributes:
        database: the default database it ran in; empty where the log does not say.
        text: as it was written, or the beginning of it.
        tables: those whose rows it changed, as `database.table`; none for a statement that was logged as such.
    """

    database: str
    text: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One transaction, or one statement that is none.

    Attributes:
        gtid: its id.
        begin: where it begins in its log.
        end: where what follows it begins.
        seconds: when it was committed, in seconds since 1970, by the server's clock. Measured: MariaDB 10.5 and 10.11
            write when the COMMIT, or the statement that commits by itself, began; 11.8 writes when it ended.
        statements: what it says, where that was asked for.
    """

    gtid: Gtid
    begin: int
    end: int
    seconds: int
    statements: tuple[Statement, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was committed, UTC, in whole seconds."""
        return datetime.fromtimestamp(self.seconds, UTC)


@dataclass(frozen=True, kw_only=True)
class LooseEvent:
    """An event that belongs to no transaction: where it ends, and the server's time then."""

    end: int
    seconds: int


@dataclass(kw_only=True)
class _Group:
    begin: int
    what: GroupBegin
    statements: list[Statement] = field(default_factory=list)


class LogScan:
    """Reads one log, a piece at a time.

    Args:
        size_bytes: of the log; None where it is not known yet.
        with_statements: whether to hold what each transaction says.

    Attributes:
        reader: what has come by so far.
        server_id: of the server that wrote the log; None before that has come by.
        begun_seconds: when the log was begun, in seconds since 1970; 0 before that has come by.
        in_use: whether the log was not closed yet when it was copied.
        began_with: the last GTID of each domain and server when the log was begun; None where it does not say.
        next_log: the log that follows, where this one was closed because of that.
        closed: whether it ends as a log ends that was closed in good order.
    """

    def __init__(self, size_bytes: int | None, *, with_statements: bool = False) -> None:
        self.reader = LogReader(size_bytes, about_rows=with_statements)
        self.server_id: int | None = None
        self.begun_seconds = 0
        self.in_use = False
        self.began_with: tuple[Gtid, ...] | None = None
        self.next_log: str | None = None
        self.closed = False
        self._with_statements = with_statements
        self._group: _Group | None = None

    @property
    def fault(self) -> Fault | None:
        """Why it cannot be read any further; None while it can."""
        return self.reader.fault

    @property
    def inside_transaction(self) -> bool:
        """Whether the last transaction that began has not ended."""
        return self._group is not None

    def feed(self, data: bytes) -> Iterator[Transaction | LooseEvent]:
        """Take the next piece and yield what is complete by now, in the order of the log."""
        for event in self.reader.feed(data):
            if self.fault:
                return
            try:
                yield from self._take(event)
            except Malformed:
                self.reader.fault = Fault(kind=FaultKind.DAMAGED, position=event.position)
                return

    def _take(self, event: Event) -> Iterator[Transaction | LooseEvent]:
        header = event.header
        self.closed = header.kind in {Kind.ROTATE, Kind.STOP}
        match header.kind:
            case Kind.FORMAT_DESCRIPTION:
                self.server_id, self.in_use = header.server_id, header.in_use
                self.begun_seconds = header.seconds
            case Kind.GTID_LIST:
                self.began_with = gtid_list(event.body)
            case Kind.ROTATE:
                self.next_log = rotate_to(event.body)
            case Kind.GTID:
                if self._group:
                    raise Malformed("a transaction within another")
                self._group = _Group(begin=event.position, what=group_begin(header, event.body))
                return
        if self._group is None:
            if header.kind in _WITHIN:  # the log of another product, or of a MariaDB older than 10.0
                self.reader.fault = Fault(kind=FaultKind.NOT_A_LOG, position=event.position)
                return
            yield LooseEvent(end=event.end, seconds=header.seconds)
        elif self._ends(self._group, header, event.body):
            group, self._group = self._group, None
            yield Transaction(
                gtid=group.what.gtid,
                begin=group.begin,
                end=event.end,
                seconds=header.seconds,
                statements=tuple(group.statements),
            )

    def _ends(self, group: _Group, header: Header, body: bytes) -> bool:
        if header.kind == Kind.TABLE_MAP and group.statements:  # rows come behind the text of their statement
            last, table = group.statements[-1], table_name(body)
            group.statements[-1] = replace(last, tables=tuple(dict.fromkeys((*last.tables, table))))
        wanted = self._with_statements or (header.kind == Kind.QUERY and not group.what.standalone)
        said = statement(header.kind, body) if wanted and header.kind in _TEXT else None
        if said and self._with_statements and len(group.statements) < _STATEMENTS_HELD:
            group.statements.append(Statement(database=said[0], text=said[1]))
        if group.what.standalone:
            return header.kind not in PRELUDES
        is_end = said is not None and header.kind == Kind.QUERY and said[1].upper() in _ENDS
        return is_end or header.kind in {Kind.XID, Kind.XA_PREPARE}
