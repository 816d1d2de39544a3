"""Binary logs made by hand, byte by byte, for tests of what reads them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from drtool.binlogs.format import Gtid, Kind

NOON = 1_700_000_000


@dataclass(kw_only=True)
class MadeLog:
    """A log that grows by what is called on it; `content` is what a copy of it holds now.

    Attributes:
        server: the id of the server that writes it.
        checksums: whether its events carry them.
        boundaries: where each transaction begins.
    """

    server: int = 1
    checksums: bool = True
    in_use: bool = False
    began_with: tuple[str, ...] = ()
    version: str = "10.11.18-MariaDB-log"
    at: int = NOON
    boundaries: list[int] = field(default_factory=list)
    content: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.content += b"\xfebin"
        version = self.version.encode().ljust(50, b"\0")
        body = struct.pack("<H50sIB", 4, version, self.at, 19) + b"\0" * 165 + bytes([int(self.checksums)])
        event = self._event(Kind.FORMAT_DESCRIPTION, body, self.at, checksum=True)
        if self.in_use:
            event[17] |= 1  # after the checksum was made
        self.content += event
        entries = [tuple(map(int, gtid.split("-"))) for gtid in self.began_with]
        self.event(
            Kind.GTID_LIST, struct.pack("<I", len(entries)) + b"".join(struct.pack("<IIQ", *entry) for entry in entries)
        )

    @property
    def position(self) -> int:
        """Where the next event will begin."""
        return len(self.content)

    def event(self, kind: int, body: bytes, at: int | None = None, *, server: int | None = None) -> None:
        """Write one event."""
        self.content += self._event(kind, body, at if at is not None else self.at, server=server)

    def transaction(
        self, gtid: str, at: int, text: str = "INSERT INTO t VALUES (1)", tables: tuple[str, ...] = ("shop.t",)
    ) -> None:
        """Write a transaction of one statement, logged by rows."""
        self._begin(gtid, at, flags=0)
        self.event(Kind.ANNOTATE_ROWS, text.encode(), at)
        for table in tables:
            database, _, name = table.partition(".")
            self.event(Kind.TABLE_MAP, b"\1\0\0\0\0\0\0\0" + _counted(database) + _counted(name), at)
        self.event(23, b"rows", at)
        self.event(Kind.XID, b"\0" * 8, at)

    def statement(self, gtid: str, at: int, text: str, database: str = "shop") -> None:
        """Write a statement that is logged as such and stands alone."""
        self._begin(gtid, at, flags=1)
        self.event(Kind.QUERY, query(text, database), at)

    def rotate(self, to: str, at: int) -> None:
        """End the log because another begins."""
        self.event(Kind.ROTATE, struct.pack("<Q", 4) + to.encode(), at)

    def stop(self, at: int) -> None:
        """End the log because its server stops."""
        self.event(Kind.STOP, b"", at)

    def _begin(self, gtid: str, at: int, *, flags: int) -> None:
        self.boundaries.append(self.position)
        domain, server, sequence = map(int, gtid.split("-"))
        self.event(Kind.GTID, struct.pack("<QIB6x", sequence, domain, flags), at, server=server)

    def _event(
        self, kind: int, body: bytes, at: int, *, server: int | None = None, checksum: bool | None = None
    ) -> bytearray:
        checksum = self.checksums if checksum is None else checksum
        length = 19 + len(body) + (4 if checksum else 0)
        position = len(self.content)
        header = struct.pack("<IBIIIH", at, kind, server or self.server, length, position + length, 0)
        event = header + body
        return bytearray(event + (struct.pack("<I", zlib.crc32(event)) if checksum else b""))


def query(text: str, database: str) -> bytes:
    """Return the body of a statement's event."""
    return struct.pack("<IIBHH", 7, 0, len(database), 0, 0) + database.encode() + b"\0" + text.encode()


def gtid(text: str) -> Gtid:
    """Return a GTID from its text."""
    domain, server, sequence = map(int, text.split("-"))
    return Gtid(domain=domain, server=server, sequence=sequence)


def _counted(name: str) -> bytes:
    return bytes([len(name)]) + name.encode() + b"\0"
