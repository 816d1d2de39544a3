"""What everybody knows of MariaDB's SQL: its own databases, names in backticks, errors and what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pymysql.connections import Connection
from pymysql.constants import CR, ER

SQL_ERROR = re.compile(
    r"ERROR (?P<code>\d+) \((?P<state>\w{5})\)(?: at line (?P<line>\d+))?(?:: (?P<text>.*))?", re.DOTALL
)


SYSTEM_DATABASES = ("mysql", "information_schema", "performance_schema", "sys")
"""The databases that every server has of its own, but for `sys` in older series."""


def of_users(schema: str, definer: str = "''") -> str:
    """Return the SQL condition that something is not one of those that every server has of its own.

    Their databases are called so in these letters alone: `MySQL` is a user's. In `sys` users may have what they like
    beside what its account has made, and older series have no such database.

    Args:
        schema: the column with the database's name.
        definer: the one with the account that made it, where there is one.
    """
    return (
        f"CAST({schema} AS BINARY) NOT IN ('mysql', 'information_schema', 'performance_schema') "
        f"AND NOT (CAST({schema} AS BINARY) = 'sys' AND {definer} = 'mariadb.sys@localhost')"
    )


PLUGIN_NOT_LOADED = 1524
NO_PASSWORD_GIVEN = 1698
"""Errors for which PyMySQL has no name: ER_PLUGIN_IS_NOT_LOADED, ER_ACCESS_DENIED_NO_PASSWORD_ERROR."""

EVENT_ALREADY_EXISTS = 1537
"""For which PyMySQL has no name either: ER_EVENT_ALREADY_EXISTS."""

# Messages of these errors name an object of the schema first, in quotes; those of routines without (MariaDB,
# share/errmsg-utf8.txt).
_NAMES_OBJECT = {
    ER.UNKNOWN_COLLATION, ER.UNKNOWN_CHARACTER_SET, ER.BAD_DB_ERROR, ER.NO_SUCH_TABLE, ER.BAD_TABLE_ERROR,
    ER.TABLE_EXISTS_ERROR, ER.DB_CREATE_EXISTS, ER.UNKNOWN_STORAGE_ENGINE, ER.UNKNOWN_SYSTEM_VARIABLE,
    ER.VIEW_INVALID, ER.NO_SUCH_USER, ER.RECORD_FILE_FULL, PLUGIN_NOT_LOADED, 4161, ER.TRG_ALREADY_EXISTS,
    EVENT_ALREADY_EXISTS, ER.SP_ALREADY_EXISTS, ER.SP_DOES_NOT_EXIST, ER.DUP_FIELDNAME, ER.DUP_KEYNAME,
    ER.KEY_COLUMN_DOES_NOT_EXITS, ER.FUNCTION_NOT_DEFINED, ER.WRONG_TABLE_NAME,
}  # fmt: skip

_NAME = r"[\w$@#.-]{1,64}"
_OF_TABLE = rf"`{_NAME}`\.`{_NAME}`"
# Where the messages of others do, behind what they quote of a row.
_NAMED_IN = {
    1: re.compile(rf"'\./({_NAME})/db\.opt'"),
    ER.CANT_CREATE_TABLE: re.compile(rf"create table ({_OF_TABLE}) "),
    ER.DUP_ENTRY: re.compile(rf".* for key '({_NAME})'$", re.DOTALL),
    ER.INVALID_DEFAULT: re.compile(rf"default value for '({_NAME})'$"),
    ER.BLOB_KEY_WITHOUT_LENGTH: re.compile(rf"column '({_NAME})' used"),
    ER.BAD_NULL_ERROR: re.compile(rf"^Column '({_NAME})' cannot be null$"),
    167: re.compile(rf"for column '({_NAME})' at row \d+$"),
    ER.TOO_BIG_FIELDLENGTH: re.compile(rf"for column '({_NAME})' "),
    ER.CANT_DROP_FIELD_OR_KEY: re.compile(rf"DROP [A-Z ]*`({_NAME})`"),
    1126: re.compile(rf"library '(?:[^']*/)?({_NAME})' \("),
    1229: re.compile(rf"^Variable '({_NAME})' "),
    ER.WRONG_VALUE_FOR_VAR: re.compile(rf"^Variable '({_NAME})' "),
    1238: re.compile(rf"^Variable '({_NAME})' "),
    ER.WARN_DATA_OUT_OF_RANGE: re.compile(rf"for column '({_NAME})' at row \d+$"),
    ER.WARN_DATA_TRUNCATED: re.compile(rf"for column '({_NAME})' at row \d+$"),
    1292: re.compile(rf".* for column ({_OF_TABLE}\.`{_NAME}`) at row \d+$", re.DOTALL),
    1364: re.compile(rf"^Field '({_NAME})' "),
    1366: re.compile(rf".* for column ({_OF_TABLE}\.`{_NAME}`) at row \d+$", re.DOTALL),
    1406: re.compile(rf"for column '({_NAME})' at row \d+$"),
    1451: re.compile(rf"constraint fails \(({_OF_TABLE}), "),
    1452: re.compile(rf"constraint fails \(({_OF_TABLE}), "),
    1906: re.compile(rf"generated column '({_NAME})' in table"),
    1911: re.compile(rf"^Unknown option '({_NAME})'$"),
    4025: re.compile(rf" failed for ({_OF_TABLE})$"),
}

_NOT_PUT = {
    # The server is not there, has not the time, or is ended; with 0 PyMySQL found the connection closed.
    ER.STATEMENT_TIMEOUT, 0, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, ER.QUERY_INTERRUPTED, 1927, ER.SERVER_SHUTDOWN,
    # The sandbox has no room for the answer.
    ER.DISK_FULL, ER.OUTOFMEMORY, ER.OUT_OF_SORTMEMORY, ER.OUT_OF_RESOURCES, ER.RECORD_FILE_FULL, ER.CON_COUNT_ERROR,
}  # fmt: skip
_TEMPORARY = re.compile(r"#sql|/tmp/")
NO_SPACE = re.compile(r"\b(?:error|errcode:?) 28\b", re.IGNORECASE)
"""ENOSPC, in the words of server and engines."""

_OBJECT = re.compile(r"'([\w$.@`-]{1,130})'|^((?:FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) [\w$.@`-]{1,130}) (?:do|al)")
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
    """Return database and name of each table of some kinds, such as `BASE TABLE`, but for the server's own."""
    found = rows_of(
        connection,
        f"SELECT table_schema, table_name FROM information_schema.tables "  # noqa: S608 (columns)
        f"WHERE {of_users('table_schema')} AND table_type IN %s ORDER BY 1, 2",
        (kinds,),
    )
    own = {("sys", "sys_config")}
    if "VIEW" in kinds and any(schema == "sys" for schema, _ in found):
        asked = "SELECT table_schema, table_name FROM information_schema.views WHERE table_schema = 'sys'"
        own |= set(rows_of(connection, f"{asked} AND NOT ({of_users('table_schema', 'definer')})"))
    return [(str(schema), str(table)) for schema, table in found if (schema, table) not in own]


def error_code(error: Exception) -> int:
    """Return the number of an error that a server or PyMySQL raised, 0 where it has none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def error_text(error: Exception) -> str:
    """Return what a server or PyMySQL says of an error that it raised; it may quote rows."""
    return str(error.args[-1]) if error.args else ""


def is_of_sandbox(error: Exception) -> bool:
    """Tell whether an error is the sandbox's, in which a question could not be put, and says nothing of the data."""
    text = error_text(error)
    return error_code(error) in _NOT_PUT or bool(NO_SPACE.search(text) or _TEMPORARY.search(text))


def describe_sql_error(code: int, text: str = "") -> str:
    """Return a server error as its number, its meaning, and the schema object it names if that is safe to say."""
    meaning = _ER_NAMES.get(code)
    named = _OBJECT.search(text) if code in _NAMES_OBJECT else None
    if code in _NAMED_IN:
        named = _NAMED_IN[code].search(text)
    description = f"MariaDB error {code}" + (f" ({meaning})" if meaning else "")
    return f"{description}: {(named[1] or named[2]).replace('`', '')}" if named else description
