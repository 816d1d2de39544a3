"""What everybody knows of MariaDB's SQL: its own databases, names in backticks, errors and what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pymysql.connections import Connection
from pymysql.constants import ER

SQL_ERROR = re.compile(
    r"ERROR (?P<code>\d+) \((?P<state>\w{5})\)(?: at line (?P<line>\d+))?(?:: (?P<text>.*))?", re.DOTALL
)

SYSTEM_SCHEMAS = ("mysql", "information_schema", "performance_schema", "sys")
"""The databases that every server has of its own."""

PLUGIN_NOT_LOADED = 1524
NO_PASSWORD_GIVEN = 1698
"""Errors for which PyMySQL has no name: ER_PLUGIN_IS_NOT_LOADED, ER_ACCESS_DENIED_NO_PASSWORD_ERROR."""

# Messages of these errors name an object of the schema first, in quotes (MariaDB, share/errmsg-utf8.txt).
_NAMES_OBJECT = {
    ER.UNKNOWN_COLLATION, ER.UNKNOWN_CHARACTER_SET, ER.BAD_DB_ERROR, ER.NO_SUCH_TABLE, ER.BAD_TABLE_ERROR,
    ER.TABLE_EXISTS_ERROR, ER.DB_CREATE_EXISTS, ER.UNKNOWN_STORAGE_ENGINE, ER.UNKNOWN_SYSTEM_VARIABLE,
    ER.VIEW_INVALID, ER.NO_SUCH_USER, ER.RECORD_FILE_FULL, PLUGIN_NOT_LOADED, 4161,
}  # fmt: skip

_OBJECT = re.compile(r"'([\w$.@`-]{1,130})'")
_ER_NAMES: dict[int, str] = {
    value: name.replace("_", " ").lower() for name, value in vars(ER).items() if isinstance(value, int)
} | {4151: "account has been locked", ER.UNKNOWN_COM_ERROR: "unknown command, or a Galera node not ready"}


def quoted(name: str) -> str:
    """Return an SQL identifier in backticks, safe whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def rows_of(
    connection: Connection[Any], statement: str, arguments: Sequence[object] | None = None
) -> Sequence[tuple[Any, ...]]:
    """Return the rows that a statement gives; none where it gives nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def value_of(connection: Connection[Any], statement: str, arguments: Sequence[object] | None = None) -> Any:
    """Return the one value that a statement gives, or None where it gives no row."""
    rows = rows_of(connection, statement, arguments)
    return rows[0][0] if rows else None


def tables_of(connection: Connection[Any], *kinds: str) -> list[tuple[str, str]]:
    """Return database and name of each table of some kinds, such as `BASE TABLE`, outside the system's databases."""
    found = rows_of(
        connection,
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_schema NOT IN %s AND table_type IN %s ORDER BY 1, 2",
        (SYSTEM_SCHEMAS, kinds),
    )
    return [(str(schema), str(table)) for schema, table in found]


def error_code(error: Exception) -> int:
    """Return the number of an error that a server or PyMySQL raised, 0 where it has none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def describe_sql_error(code: int, text: str = "") -> str:
    """Return a server error as its number, its meaning, and the schema object it names if that is safe to say."""
    meaning = _ER_NAMES.get(code)
    named = _OBJECT.search(text) if code in _NAMES_OBJECT else None
    description = f"MariaDB error {code}" + (f" ({meaning})" if meaning else "")
    return f"{description}: {named[1]}" if named else description
