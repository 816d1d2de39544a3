"""Reads the schema objects of databases, each as a digest of its normalised definition, and the tables to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymysql.connections import Connection

from drtool.baseline.database import account_objects, schema_objects
from drtool.baseline.database.granted import ALL, privileges
from drtool.baseline.database.information_schema import Reader, Row, collation, default_collation, digest, grouped
from drtool.baseline.database.model import IN_PART, ON_REQUEST, ObjectKind, SchemaObject
from drtool.baseline.database.row_text import Column
from drtool.mariadb.sql import quoted, value_of

_TABLE_TYPES = {"BASE TABLE", "SYSTEM VERSIONED"}
_SNAPSHOT_ENGINES = {"INNODB", "ROCKSDB"}
# Their rows are somewhere else, or nowhere.
_NO_ROWS_OF_THEIR_OWN = {"MRG_MYISAM", "FEDERATED", "CONNECT", "SPIDER", "BLACKHOLE", "SPHINX", "OQGRAPH"}
# What an account needs so that objects of a kind show in information_schema: one of these, of which the first is named.
_NEEDED = {
    ObjectKind.VIEW: ("SHOW VIEW",),
    ObjectKind.TRIGGER: ("TRIGGER",),
    ObjectKind.EVENT: ("EVENT",),
    ObjectKind.FOREIGN_KEY: (
        "SHOW VIEW", "TRIGGER", "REFERENCES", "INDEX", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER",
        "CREATE VIEW",
    ),
}  # fmt: skip
# Rows that are current end with this second, or from 11.5 on in 2106. No clock is asked: production's may be ahead.
_CURRENT = "'2038-01-19 03:14:07'"
_SELECT = "it needs SELECT on all of the database"
_PROCS = "mysql.procs_priv"
_SEES_ROUTINES = """SELECT COUNT(*) FROM information_schema.columns
    WHERE table_schema = 'mysql' AND table_name = 'proc' AND privileges LIKE '%select%'"""


@dataclass(frozen=True, kw_only=True)
class TableInfo:
    """A table whose rows are to be digested.

    Attributes:
        database: the database it is in.
        name: its name.
        engine: its storage engine.
        columns: the columns that are stored, in order.
        key: the columns of its primary key that are stored, in order; empty where there are none.
        unique: whether no two rows have the same key.
        indexed: the columns that lead an index.
        rows: about how many rows it has.
        auto_increment: the next value; None where it has none.
        past: for the history of a system-versioned table, the column that says until when a row was current.
    """

    database: str
    name: str
    engine: str
    columns: tuple[Column, ...]
    key: tuple[Column, ...]
    unique: bool
    indexed: frozenset[str]
    rows: int
    auto_increment: int | None
    past: str | None = None

    @property
    def transactional(self) -> bool:
        """Whether its rows are part of a snapshot."""
        return self.engine.upper() in _SNAPSHOT_ENGINES

    @property
    def quoted(self) -> str:
        """Its name as it stands in a statement."""
        every = " FOR SYSTEM_TIME ALL" if self.past else ""
        return f"{quoted(self.database)}.{quoted(self.name)}{every}"

    @property
    def indexed_by_key(self) -> str:
        """Its name as it stands in a statement that goes along its primary key."""
        return f"{self.quoted} FORCE INDEX (PRIMARY)" if self.key else self.quoted

    def where(self, condition: str = "") -> str:
        """Return the condition for those of its rows that it is about."""
        return " AND ".join(filter(None, (condition, f"{quoted(self.past)} < {_CURRENT}" if self.past else "")))


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What some databases are made of.

    Attributes:
        tables: those with rows to digest.
        objects: all objects that could be seen.
        kinds: the kinds of which all could be seen.
        notes: what could not be seen, or not in one snapshot.
    """

    tables: tuple[TableInfo, ...]
    objects: tuple[SchemaObject, ...]
    kinds: tuple[ObjectKind, ...]
    notes: tuple[str, ...]


def read_schema(connection: Connection[Any], databases: Sequence[str], *, with_grants: bool) -> Schema:
    """Read the schema of databases.

    Args:
        connection: sees it; what its account may not see is left out, and noted.
        databases: which.
        with_grants: read the grants on them too, and the server's accounts.

    Raises:
        pymysql.err.MySQLError: the server gave out.
    """
    tables: list[TableInfo] = []
    objects: list[SchemaObject] = []
    notes: list[str] = []
    in_part: frozenset[ObjectKind] = frozenset()
    blind: set[ObjectKind] = set() if with_grants else set(ON_REQUEST)
    if with_grants:
        found_accounts = account_objects.accounts(connection)
        if found_accounts is None:
            blind.add(ObjectKind.ACCOUNT)
            notes.append("Accounts cannot be seen: the account needs SELECT on mysql.global_priv, mysql.roles_mapping")
        objects += found_accounts or []
    server_id = int(value_of(connection, "SELECT @@server_id"))
    for database in databases:
        reader = Reader(connection, database)
        granted = privileges(connection, database)
        found, remarks = _read_tables(reader)
        tables += found
        notes += remarks
        if not {"SELECT", ALL} & granted:
            in_part = IN_PART
            blind.add(ObjectKind.CHECK)  # which are called as their columns are
            # An index shows without the columns that the account may not read.
            reader.objects = [
                replace(one, digest=None) if one.kind is ObjectKind.INDEX else one for one in reader.objects
            ]
            notes.append(f"Tables and columns of {database} that the account may not read cannot be seen: {_SELECT}")
        objects += reader.objects
        for kind, needed in _NEEDED.items():
            if not {*needed, ALL} & granted:
                blind.add(kind)
                notes.append(f"{kind.capitalize()}s of {database} cannot be seen: the account needs {needed[0]}")
        routines = [schema_objects.routine(reader, row) for row in reader.rows("routines", "routine_schema")]
        told = {"EXECUTE", "SHOW CREATE ROUTINE", ALL} & granted or value_of(connection, _SEES_ROUTINES)
        if not told or any(one.digest is None for one in routines):
            blind |= set(schema_objects.ROUTINES.values())
            notes.append(f"Routines of {database} cannot be seen: the account needs SELECT on mysql.proc")
        objects += routines
        objects += [schema_objects.trigger(reader, row) for row in reader.rows("triggers", "trigger_schema")]
        objects += schema_objects.events(reader, server_id=server_id)
        objects.append(schema_objects.database_default(reader))
        if with_grants:
            objects += schema_objects.grants(reader)
            on_routines = account_objects.routine_grants(connection, database)
            if on_routines is None:
                blind.add(ObjectKind.ROUTINE_GRANT)
                notes.append(f"Grants on routines of {database} cannot be seen: the account needs SELECT on {_PROCS}")
            objects += on_routines or []
    return Schema(
        tables=tuple(tables),
        objects=tuple(one for one in objects if one.kind not in blind),
        kinds=tuple(kind for kind in ObjectKind if kind not in blind | in_part),
        notes=tuple(notes),
    )


def _read_tables(reader: Reader) -> tuple[list[TableInfo], list[str]]:
    columns = grouped(reader.rows("columns", "table_schema", "table_name, ordinal_position"))
    statistics = grouped(reader.rows("statistics", "table_schema", "table_name, index_name, seq_in_index"))
    partitions = grouped(reader.rows("partitions", "table_schema", "table_name, partition_ordinal_position"))
    tables: list[TableInfo] = []
    notes: list[str] = []
    for row in reader.rows("tables", "table_schema", "table_name"):
        name, kind, engine = str(row["table_name"]), str(row["table_type"]), str(row["engine"] or "")
        if kind == "SEQUENCE":
            reader.objects.append(schema_objects.sequence(reader, name))
        if kind not in _TABLE_TYPES:
            continue
        if not engine:  # the server cannot open it: its files are not all there, or are damaged
            reader.objects.append(SchemaObject(kind=ObjectKind.TABLE, name=reader.name(name), digest=None))
            notes.append(f"{reader.name(name)} cannot be opened by the server and was not read")
            continue
        reader.objects.append(
            SchemaObject(
                kind=ObjectKind.TABLE,
                name=reader.name(name),
                digest=digest(
                    kind, engine, collation(row["table_collation"]), row["table_comment"],
                    [schema_objects.partition(reader, part) for part in partitions.get(name, [])],
                ),
                collation=default_collation(row["table_collation"]),
            )
        )  # fmt: skip
        reader.objects.append(schema_objects.table_options(reader, row))
        of_table = columns.get(name, [])
        reader.objects += [schema_objects.column(reader, name, one) for one in of_table]
        reader.objects += schema_objects.indexes(reader, name, statistics.get(name, []))
        if engine.upper() in _NO_ROWS_OF_THEIR_OWN:
            notes.append(f"Rows of {reader.name(name)} are not its own ({engine}) and were not read")
            continue
        info = _info(reader, row, engine, of_table, statistics.get(name, []))
        if not info.transactional:
            outside = f"{reader.name(name)} is in {engine}, outside the snapshot"
            notes.append(f"{outside}: it may have changed while it was read")
        tables.append(info)
        if kind == "SYSTEM VERSIONED" and (past := _past(info, of_table)):
            tables.append(past)
        elif kind == "SYSTEM VERSIONED":
            notes.append(f"The history of {reader.name(name)} is by transactions and was not read")
    reader.objects += schema_objects.foreign_keys(reader)
    reader.objects += schema_objects.checks(reader, columns)
    reader.objects += [schema_objects.view(reader, row) for row in reader.rows("views", "table_schema", "table_name")]
    return tables, notes


def _info(reader: Reader, row: Row, engine: str, columns: list[Row], statistics: list[Row]) -> TableInfo:
    stored = tuple(
        Column(
            name=str(one["column_name"]),
            type=str(one["data_type"]).lower(),
            nullable=one["is_nullable"] == "YES",
            charset=one["character_set_name"],
            collation=one["collation_name"],
        )
        for one in columns
        if not one.get("generation_expression") and "GENERATED" not in str(one["extra"]).upper()
    )
    by_name = {column.name: column for column in stored}
    names = [str(one["column_name"]) for one in statistics if one["index_name"] == "PRIMARY"]
    key = tuple(by_name[name] for name in names if name in by_name)
    leading = frozenset(
        str(one["column_name"])
        for one in statistics
        if one["seq_in_index"] == 1 and one["sub_part"] is None and one["index_type"] == "BTREE"
    )
    return TableInfo(
        database=reader.database,
        name=str(row["table_name"]),
        engine=engine,
        columns=stored,
        key=key,
        unique=bool(key) and len(key) == len(names),
        indexed=leading,
        rows=int(row["table_rows"] or 0),
        auto_increment=int(row["auto_increment"]) if row["auto_increment"] is not None else None,
    )


def _past(info: TableInfo, columns: list[Row]) -> TableInfo | None:
    """Return the history of a system-versioned table, or None where its rows are current by transactions, not times."""
    period = {str(one["generation_expression"]).upper(): one for one in columns}
    start, end = period.get("ROW START"), period.get("ROW END")
    if end is not None and str(end["data_type"]).lower() != "timestamp":
        return None
    names = [str(one["column_name"]) if one else name for one, name in ((start, "row_start"), (end, "row_end"))]
    times = (Column(name=name, type="timestamp", nullable=False) for name in names)
    return replace(info, columns=(*info.columns, *times), auto_increment=None, past=names[1], unique=False)
