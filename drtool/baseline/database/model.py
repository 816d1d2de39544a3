"""What a baseline of databases holds.

It holds counts, digests, key bounds that are numbers or times, and names of schema objects: no value of any
row, and no text of anybody's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drtool.errors import Unverifiable

SCHEMA_VERSION = 2
_SUMS = 1
HISTORY = " (history)"
FORMAT = "drtool-database-baseline"


class KeyKind(StrEnum):
    """How a table is divided: by ranges of its leading key column, by buckets of its key's digest, or not at all."""

    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    HASHED = "hashed"
    NONE = "none"

    @property
    def has_ranges(self) -> bool:
        """Whether the table is divided by ranges of a number or a time."""
        return self not in {KeyKind.HASHED, KeyKind.NONE}


class ObjectKind(StrEnum):
    """What a schema object is."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    FOREIGN_KEY = "foreign key"
    CHECK = "check constraint"
    VIEW = "view"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    PACKAGE = "package"
    TRIGGER = "trigger"
    EVENT = "event"
    SEQUENCE = "sequence"
    GRANT = "grant"
    ACCOUNT = "account"
    DATABASE = "database default"
    TABLE_OPTIONS = "table option"
    ROUTINE_GRANT = "routine grant"


ON_REQUEST = frozenset({ObjectKind.GRANT, ObjectKind.ACCOUNT, ObjectKind.ROUTINE_GRANT})
"""What is captured only where somebody asked for grants."""


IN_PART = frozenset({ObjectKind.TABLE, ObjectKind.COLUMN, ObjectKind.INDEX, ObjectKind.SEQUENCE})
"""Of what an account without SELECT on all of a database sees those that it may read, and not that there are others."""


class Snapshot(StrEnum):
    """Why all of a baseline is of one instant."""

    ONE_TRANSACTION = "one transaction"
    SAME_POSITION = "transactions at one binary-log position"
    READ_LOCK = "transactions begun under a read lock"
    NOTHING_WRITES = "nothing writes to this server"


@dataclass(frozen=True, kw_only=True)
class KeyColumn:
    """A column by which a table's rows are in order, and the collation by which it sorts, if it is a text."""

    name: str
    collation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a table: its rows and their digest (hexadecimal).

    `lower` (included) and `upper` (not included) bound the leading key column; None leaves that side open.
    `bucket` numbers a part of a table that is divided by its key's digest.
    """

    rows: int
    digest: str
    lower: str | None = None
    upper: str | None = None
    bucket: int | None = None


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The newest value of a time column: UTC for a TIMESTAMP, as stored for the others; None when there is none."""

    column: str
    type: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a table held.

    Attributes:
        database: the database it is in.
        name: its name.
        engine: its storage engine.
        transactional: whether its rows are part of the snapshot; others may have changed while they were read.
        columns: the columns that the digests cover, in order; generated ones are left out, being derived.
        rows: how many rows.
        digest: that of its parts' digests, hexadecimal.
        key_kind: how it is divided.
        key_column: the leading column of its primary key, where it is divided by that.
        parts: its parts; with ranges the last one begins beyond the greatest key there was.
        newest: the newest values of its time columns, of those that could be had cheaply.
        auto_increment: the next value; None where it has none.
        order: the primary key, in whose order rows are digested; by their own digests where it is empty.
        history: whether it is the history of a system-versioned table, without the rows that are current.
    """

    database: str
    name: str
    engine: str
    transactional: bool
    columns: tuple[str, ...]
    rows: int
    digest: str
    key_kind: KeyKind
    key_column: str | None
    parts: tuple[Part, ...]
    newest: tuple[Newest, ...]
    auto_increment: int | None
    order: tuple[KeyColumn, ...] = ()
    history: bool = False

    @property
    def qualified(self) -> str:
        """Its name with its database's."""
        return f"{self.database}.{self.name}{HISTORY if self.history else ''}"


@dataclass(frozen=True, kw_only=True)
class SchemaObject:
    """A schema object: the digest is of its normalised definition, None where that may not be seen.

    Attributes:
        kind: what it is.
        name: qualified by its database, and by its table where it belongs to one.
        table: the table that it belongs to, qualified; None for the others.
        digest: SHA-256 of the normalised definition, without its definer.
        definer: who it runs as, where it has one.
        next_value: what a sequence gives next.
        inherited: whether it is the server's own default, so that a restore that does not say so may have left it.
        ends_at: when an event happens for the last time, UTC; None where it goes on.
        collation: of a table or column, where the digest takes it for the default of its character set whatever the
            series, and so does not tell which it is.
    """

    kind: ObjectKind
    name: str
    digest: str | None
    table: str | None = None
    definer: str | None = None
    next_value: int | None = None
    inherited: bool = False
    ends_at: datetime | None = None
    collation: str | None = None


@dataclass(frozen=True, kw_only=True)
class LogPosition:
    """Where the binary log stood at the snapshot."""

    file: str
    position: int
    gtid: str | None


@dataclass(frozen=True, kw_only=True)
class DatabaseBaseline:
    """What some databases of a server were at one instant.

    Attributes:
        server: the server's own name for its host.
        taken_at: the instant of the snapshot by the server's clock, UTC.
        kinds: the kinds of objects of which the account may see all; of others there are at most some (`IN_PART`).
        notes: what a reader must know, such as tables outside the snapshot.
    """

    format: str = FORMAT
    schema_version: int = SCHEMA_VERSION
    drtool_version: str
    server: str
    server_version: str
    taken_at: datetime
    snapshot: Snapshot
    position: LogPosition | None
    databases: tuple[str, ...]
    kinds: tuple[ObjectKind, ...]
    tables: Collection[Table]
    objects: Collection[SchemaObject]
    notes: tuple[str, ...] = ()

    @property
    def sums(self) -> bool:
        """Whether its digests are sums, as those of the first version are: somebody who chooses rows can meet them."""
        return self.schema_version == _SUMS


def unreadable(why: str) -> Unverifiable:
    """Return the error for a file that is no baseline."""
    return Unverifiable("baseline-unreadable", "The file is no baseline that this drtool can read", why=why)
