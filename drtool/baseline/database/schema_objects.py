"""Schema objects as digests of their normalised definitions, built from the fields that all versions have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from drtool.baseline.database.information_schema import (
    Reader,
    Row,
    collation,
    column_type,
    default_collation,
    digest,
    grouped,
    sql_mode,
)
from drtool.baseline.database.model import ObjectKind, SchemaObject
from drtool.mariadb.sql import quoted

ROUTINES = {
    "FUNCTION": ObjectKind.FUNCTION,
    "PROCEDURE": ObjectKind.PROCEDURE,
    "PACKAGE": ObjectKind.PACKAGE,
    "PACKAGE BODY": ObjectKind.PACKAGE,
}
# ALL means more on newer servers than on those that a grant comes from.
NEW_PRIVILEGES = {"SHOW CREATE ROUTINE", "DELETE HISTORY"}


def column(reader: Reader, table: str, row: Row) -> SchemaObject:
    """Return a column, with its place among the others, be they seen or not."""
    return SchemaObject(
        kind=ObjectKind.COLUMN,
        name=f"{reader.name(table)}.{row['column_name']}",
        table=reader.name(table),
        digest=digest(
            int(row["ordinal_position"]) - 1, column_type(str(row["column_type"])),
            row["is_nullable"], reader.text(row["column_default"]),
            collation(row["collation_name"]), reader.text(row["extra"]), reader.text(row["generation_expression"]),
            row["column_comment"],
        ),
        collation=default_collation(row["collation_name"]),
    )  # fmt: skip


def indexes(reader: Reader, table: str, rows: list[Row]) -> list[SchemaObject]:
    """Return a table's indexes."""
    return [
        SchemaObject(
            kind=ObjectKind.INDEX,
            name=f"{reader.name(table)}.{name}",
            table=reader.name(table),
            digest=digest(
                [
                    (
                        str(one["non_unique"]), one["column_name"], one["sub_part"], one["index_type"],
                        "D" if one["collation"] == "D" else "A", one["index_comment"], one.get("ignored", "NO"),
                    )
                    for one in parts
                ]
            ),
        )
        for name, parts in grouped(rows, "index_name").items()
    ]  # fmt: skip


def partition(reader: Reader, row: Row) -> list[object] | None:
    """Return what makes a partition, or None for a table without any."""
    if row["partition_name"] is None:
        return None
    return [
        row["partition_name"], row["subpartition_name"], row["partition_method"], row["subpartition_method"],
        reader.text(row["partition_expression"]), reader.text(row["subpartition_expression"]),
        reader.text(row["partition_description"]),
    ]  # fmt: skip


def checks(reader: Reader, columns: Mapping[str, list[Row]]) -> list[SchemaObject]:
    """Return the check constraints of the database's tables.

    That of a column has no name of its own. information_schema goes on calling it as the column was called when it got
    the check, through every RENAME COLUMN (measured on 10.5, 10.11 and 11.8), and a dump does not: so it is called as
    the one column that it is about.
    """
    rows = reader.rows("check_constraints", "constraint_schema", "table_name, constraint_name")
    of_tables = {(row["table_name"], row["constraint_name"]) for row in rows if row.get("level") != "Column"}
    found = []
    for row in rows:
        table, name, clause = str(row["table_name"]), str(row["constraint_name"]), str(row["check_clause"])
        if row.get("level") == "Column":
            names = [str(one["column_name"]) for one in columns.get(table, [])]
            about = [one for one in names if quoted(one) in clause]
            name = about[0] if len(about) == 1 else name
            name += " (of the column)" if (table, name) in of_tables else ""
        qualified, text = reader.name(table), digest(reader.text(clause))
        found.append(SchemaObject(kind=ObjectKind.CHECK, name=f"{qualified}.{name}", table=qualified, digest=text))
    return found


def foreign_keys(reader: Reader) -> list[SchemaObject]:
    """Return the foreign keys of the database's tables."""
    rows = reader.query(
        "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name, "
        "k.referenced_column_name, r.update_rule, r.delete_rule FROM information_schema.key_column_usage k "
        "JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema "
        "AND r.table_name = k.table_name AND r.constraint_name = k.constraint_name "
        "WHERE k.constraint_schema = %s AND k.referenced_table_name IS NOT NULL "
        "ORDER BY k.table_name, k.constraint_name, k.ordinal_position",
        (reader.database,),
    )
    keys: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        keys.setdefault((str(row["table_name"]), str(row["constraint_name"])), []).append(row)
    return [
        SchemaObject(
            kind=ObjectKind.FOREIGN_KEY,
            name=f"{reader.name(table)}.{name}",
            table=reader.name(table),
            digest=digest(
                [
                    (
                        part["column_name"],
                        "" if part["referenced_table_schema"] == reader.database else part["referenced_table_schema"],
                        part["referenced_table_name"], part["referenced_column_name"],
                        # RESTRICT and NO ACTION are one and the same to InnoDB, and versions name it differently.
                        *(str(part[rule]).replace("NO ACTION", "RESTRICT") for rule in ("update_rule", "delete_rule")),
                    )
                    for part in parts
                ]
            ),
        )
        for (table, name), parts in keys.items()
    ]  # fmt: skip


def view(reader: Reader, row: Row) -> SchemaObject:
    """Return a view; its definition is None where the account may not see it."""
    definition = reader.text(row["view_definition"])
    return SchemaObject(
        kind=ObjectKind.VIEW,
        name=reader.name(row["table_name"]),
        definer=str(row["definer"]),
        digest=digest(definition, row["check_option"], row["security_type"], row["algorithm"]) if definition else None,
    )


def routine(reader: Reader, row: Row) -> SchemaObject:
    """Return a function, procedure or package; its digest is None where the account may not see its body."""
    parameters = reader.query(
        "SELECT ordinal_position, parameter_mode, parameter_name, dtd_identifier, character_set_name, collation_name "
        "FROM information_schema.parameters WHERE specific_schema = %s AND specific_name = %s AND routine_type = %s "
        "ORDER BY ordinal_position",
        (reader.database, row["specific_name"], row["routine_type"]),
    )
    body = row["routine_definition"]
    return SchemaObject(
        kind=ROUTINES.get(str(row["routine_type"]), ObjectKind.FUNCTION),
        name=reader.name(row["routine_name"]) + (" body" if row["routine_type"] == "PACKAGE BODY" else ""),
        definer=str(row["definer"]),
        digest=None
        if body is None
        else digest(
            str(body),
            [
                (one["parameter_mode"], one["parameter_name"], column_type(str(one["dtd_identifier"])),
                 collation(one["collation_name"]))
                for one in parameters
            ],
            row["is_deterministic"], row["sql_data_access"], row["security_type"], sql_mode(row["sql_mode"]),
            row["routine_comment"],
        ),
    )  # fmt: skip


def trigger(reader: Reader, row: Row) -> SchemaObject:
    """Return a trigger."""
    return SchemaObject(
        kind=ObjectKind.TRIGGER,
        name=reader.name(row["trigger_name"]),
        table=reader.name(row["event_object_table"]),
        definer=str(row["definer"]),
        digest=digest(
            row["event_manipulation"], row["event_object_table"], str(row["action_order"]), row["action_timing"],
            str(row["action_statement"]), sql_mode(row["sql_mode"]),
        ),
    )  # fmt: skip


def events(reader: Reader, *, server_id: int) -> list[SchemaObject]:
    """Return the database's events."""
    # A server may know no zones by their names; their times then count as UTC.
    rows = reader.query(
        "SELECT *, COALESCE(CONVERT_TZ(COALESCE(execute_at, ends), time_zone, '+00:00'), execute_at, ends) AS ends_at "
        "FROM information_schema.events WHERE event_schema = %s ORDER BY 1",
        (reader.database,),
    )
    return [event(reader, row, server_id=server_id) for row in rows]


def event(reader: Reader, row: Row, *, server_id: int) -> SchemaObject:
    """Return an event."""
    # One of another server, as on a replica, reads SLAVESIDE_DISABLED and runs where it is from. One of the server's
    # own that reads so was made that way, by the dump of a replica perhaps, and runs nowhere.
    elsewhere = row["status"] == "SLAVESIDE_DISABLED" and int(row["originator"]) != server_id
    status = "ENABLED" if elsewhere else row["status"]
    return SchemaObject(
        kind=ObjectKind.EVENT,
        name=reader.name(row["event_name"]),
        definer=str(row["definer"]),
        ends_at=row["ends_at"].replace(tzinfo=UTC) if isinstance(row.get("ends_at"), datetime) else None,
        digest=digest(
            str(row["event_definition"]), row["event_type"], str(row["execute_at"]), str(row["interval_value"]),
            row["interval_field"], str(row["starts"]), str(row["ends"]), status, row["on_completion"],
            row["time_zone"], row["event_comment"], sql_mode(row["sql_mode"]),
        ),
    )  # fmt: skip


def sequence(reader: Reader, name: str) -> SchemaObject:
    """Return a sequence, with its next value if it ascends."""
    (row,) = reader.query(f"SELECT * FROM {quoted(reader.database)}.{quoted(name)}")  # noqa: S608 (quoted)
    shape = ("minimum_value", "maximum_value", "start_value", "increment", "cache_size", "cycle_option")
    return SchemaObject(
        kind=ObjectKind.SEQUENCE,
        name=reader.name(name),
        digest=digest([str(row[field]) for field in shape]),
        # Of one that descends a smaller value is ahead; to tell when it is behind is not worth a field.
        next_value=int(row["next_not_cached_value"]) if int(row["increment"]) > 0 else None,
    )


def grants(reader: Reader) -> list[SchemaObject]:
    """Return what each account may do with the database, its tables and columns."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for scope, columns in (
        ("schema_privileges", ()),
        ("table_privileges", ("table_name",)),
        ("column_privileges", ("table_name", "column_name")),
    ):
        for row in reader.rows(scope, "table_schema", "grantee, privilege_type"):
            if row["privilege_type"] not in NEW_PRIVILEGES:
                where = tuple(str(row[column]) for column in columns)
                entry = (scope, *where, str(row["privilege_type"]), str(row["is_grantable"]))
                found.setdefault(str(row["grantee"]), []).append(entry)
    return [
        SchemaObject(kind=ObjectKind.GRANT, name=f"{reader.database}: {grantee}", digest=digest(sorted(entries)))
        for grantee, entries in sorted(found.items())
    ]


def database_default(reader: Reader) -> SchemaObject:
    """Return the character set and collation that a database gives its tables, and whether the server has the same."""
    (row,) = reader.query(
        "SELECT default_character_set_name AS charset, default_collation_name AS collation, "
        "default_collation_name = @@collation_server AS same FROM information_schema.schemata WHERE schema_name = %s",
        (reader.database,),
    )
    charset = str(row["charset"]).replace("utf8mb3", "utf8")
    return SchemaObject(
        kind=ObjectKind.DATABASE,
        name=reader.database,
        digest=digest(charset, collation(row["collation"])),
        inherited=bool(row["same"]),
    )


def table_options(reader: Reader, row: Row) -> SchemaObject:
    """Return the options that a table's definition names, such as ROW_FORMAT.

    Aria's PAGE_CHECKSUM=1 is left out: SHOW CREATE TABLE, and so every dump, names it of tables that never did (and no
    other option of any engine, on 10.5, 10.11 and 11.8). Values of some stand in quotes on 11.8.
    """
    name = reader.name(row["table_name"])
    options = set(str(row["create_options"] or "").lower().replace("'", "").split())
    named = sorted(options - {"page_checksum=1"} if row["engine"] == "Aria" else options)
    return SchemaObject(kind=ObjectKind.TABLE_OPTIONS, name=name, table=name, digest=digest(named))
