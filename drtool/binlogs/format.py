"""The format of MariaDB's binary log, event by event; only what tells where one is, never a row.

Sources: MariaDB's documentation of replication events (https://mariadb.com/kb/en/replication-protocol/, "2 - Binlog
Event Header", "Gtid_event", "Gtid_list_event", "Rotate_event", "Query_event", "Table_map_event") and its sources
(sql/log_event.h). Numbers are little-endian.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"\xfebin"
MAGIC_ENCRYPTED = b"\xfdbin"
"""What encrypted logs of MySQL 8 begin with; MariaDB's say so in an event."""

HEADER_BYTES = 19
CHECKSUM_BYTES = 4
HEADER = struct.Struct("<IBIIIH")
"""Time stamp, type, server id, length, where the next begins, flags."""
_IN_USE = 0x1
_FORMAT_VERSION = 4
_NO_CHECKSUM, _CRC32 = 0, 1
_QUERY_POST_HEADER = struct.Struct("<IIBHH")
_LOAD_POST_HEADER_BYTES = 13  # file id, start and end of the file's name in the text, what to do with duplicates
_LONGEST_STATEMENT_BYTES = 1 << 20


class Kind(IntEnum):
    """The types of event that are looked into."""

    QUERY = 2
    STOP = 3
    ROTATE = 4
    INTVAR = 5
    APPEND_BLOCK = 9
    DELETE_FILE = 11
    RAND = 13
    USER_VAR = 14
    FORMAT_DESCRIPTION = 15
    XID = 16
    BEGIN_LOAD_QUERY = 17
    EXECUTE_LOAD_QUERY = 18
    TABLE_MAP = 19
    XA_PREPARE = 38
    ANNOTATE_ROWS = 160
    BINLOG_CHECKPOINT = 161  # a dump may be taken right behind it
    GTID = 162
    GTID_LIST = 163
    START_ENCRYPTION = 164
    QUERY_COMPRESSED = 165


PRELUDES = {Kind.INTVAR, Kind.RAND, Kind.USER_VAR, Kind.BEGIN_LOAD_QUERY, Kind.APPEND_BLOCK, Kind.DELETE_FILE}
"""Events that only prepare the statement that comes next."""


class Malformed(ValueError):
    """Bytes that are no event, or not one that its type allows."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What every event begins with."""

    seconds: int
    kind: int
    server_id: int
    length: int
    flags: int

    @property
    def in_use(self) -> bool:
        """Whether, in a format description, the log was not closed when this was read."""
        return bool(self.flags & _IN_USE)


@dataclass(frozen=True, kw_only=True, order=True)
class Gtid:
    """A global transaction id: `domain-server-sequence`."""

    domain: int
    server: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.domain}-{self.server}-{self.sequence}"


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a log says of itself in its first event."""

    server_version: str
    checksums: bool


@dataclass(frozen=True, kw_only=True)
class GroupBegin:
    """What begins a transaction; a standalone one is the one statement that comes next, with no end of its own."""

    gtid: Gtid
    standalone: bool


_GTID = re.compile(r"(\d{1,10})-(\d{1,10})-(\d{1,20})")


def parse_gtid(text: str) -> Gtid | None:
    """Return the GTID that a text is, or None."""
    match = _GTID.fullmatch(text.strip())
    return Gtid(domain=int(match[1]), server=int(match[2]), sequence=int(match[3])) if match else None


def parse_gtids(text: str) -> tuple[Gtid, ...] | None:
    """Return the GTIDs of a list such as `0-1-77,1-2-9`, none for an empty text, or None where it is no such list."""
    found = [parse_gtid(part) for part in text.split(",")] if text.strip() else []
    return tuple(gtid for gtid in found if gtid) if None not in found else None


def cleared_of_use(event: bytes) -> bytes:
    """Return a format description as it was when its checksum was made: before the log was marked as in use."""
    return event[:17] + bytes([event[17] & ~_IN_USE]) + event[18:]


def description(body: bytes) -> Description:
    """Return what a format description says; `body` is all that follows the event's header.

    Raises:
        Malformed: it is of another version of the format, or broken.
    """
    if len(body) < 62 or int.from_bytes(body[:2], "little") != _FORMAT_VERSION or body[56] != HEADER_BYTES:
        raise Malformed("no format description of version 4")
    algorithm = body[-CHECKSUM_BYTES - 1]
    if algorithm not in {_NO_CHECKSUM, _CRC32}:
        raise Malformed("an unknown way of making checksums")
    version = body[2:52].split(b"\0", 1)[0].decode("ascii", "replace")
    shown = re.sub(r"[^\w.:+~ -]", "?", version, flags=re.ASCII)
    return Description(server_version=shown, checksums=algorithm == _CRC32)


def group_begin(header: Header, body: bytes) -> GroupBegin:
    """Return what a GTID event says.

    Raises:
        Malformed: it is too short.
    """
    if len(body) < 13:
        raise Malformed("a GTID event that is too short")
    sequence, domain, flags = struct.unpack_from("<QIB", body)
    gtid = Gtid(domain=domain, server=header.server_id, sequence=sequence)
    return GroupBegin(gtid=gtid, standalone=bool(flags & 0x1))


def gtid_list(body: bytes) -> tuple[Gtid, ...]:
    """Return the state that a log begins with: of each domain and server the last GTID, the domain's newest last.

    Raises:
        Malformed: it is shorter than it says.
    """
    count = int.from_bytes(body[:4], "little") & 0x0FFFFFFF
    if len(body) < 4 + 16 * count:
        raise Malformed("a GTID list that is too short")
    entries = (struct.unpack_from("<IIQ", body, 4 + 16 * index) for index in range(count))
    return tuple(Gtid(domain=domain, server=server, sequence=sequence) for domain, server, sequence in entries)


def rotate_to(body: bytes) -> str:
    """Return the name of the log that follows, in characters that are safe to show."""
    return re.sub(r"[^\w.-]", "?", body[8:].decode("ascii", "replace"), flags=re.ASCII)


def statement(kind: int, body: bytes) -> tuple[str, str]:
    """Return the default database of a statement and its text, as far as the bytes go; both may hold anything.

    Raises:
        Malformed: it is no statement.
    """
    if kind == Kind.ANNOTATE_ROWS:
        return "", body.decode("utf-8", "replace")
    if len(body) < _QUERY_POST_HEADER.size:
        raise Malformed("a statement that is too short")
    _, _, database_length, _, status_length = _QUERY_POST_HEADER.unpack_from(body)
    more = _LOAD_POST_HEADER_BYTES if kind == Kind.EXECUTE_LOAD_QUERY else 0
    start = _QUERY_POST_HEADER.size + more + status_length
    database = body[start : start + database_length].decode("utf-8", "replace")
    text = body[start + database_length + 1 :]
    return database, (_inflated(text) if kind == Kind.QUERY_COMPRESSED else text).decode("utf-8", "replace")


def table_name(body: bytes) -> str:
    """Return the `database.table` that a table map names.

    Raises:
        Malformed: it is too short.
    """
    if len(body) < 9 or len(body) < 9 + body[8] + 2:
        raise Malformed("a table map that is too short")
    database_end = 9 + body[8]
    table_length = body[database_end + 1]
    database = body[9:database_end].decode("utf-8", "replace")
    table = body[database_end + 2 : database_end + 2 + table_length].decode("utf-8", "replace")
    return f"{database}.{table}"


def _inflated(compressed: bytes) -> bytes:
    """Return a compressed statement's text: a byte with the length's length, the length, then a zlib stream."""
    if not compressed:
        raise Malformed("a compressed statement with nothing in it")
    try:
        return zlib.decompressobj().decompress(compressed[1 + (compressed[0] & 0x07) :], _LONGEST_STATEMENT_BYTES)
    except zlib.error as error:
        raise Malformed("a compressed statement that is damaged") from error
