"""Rows of information_schema about one database, in one form whatever the server's version, and digests of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from drtool.baseline.database.model import SchemaObject
from drtool.mariadb.sql import quoted

Row = dict[str, Any]

# The default of these character sets changed in 11.5 from general_ci to uca1400_ai_ci. A definition that names no
# collation gets the server's, so the two are one in digests: a recovery into a newer server is no damage. Which of
# them columns and tables have is kept beside their digests, and told where it is another.
_DEFAULT_COLLATION = re.compile(r"(utf8mb4|utf8mb3|ucs2|utf16|utf32)_(general_ci|uca1400_ai_ci)")

_DISPLAY_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
_UTF8 = re.compile(r"\b(charset |_)?utf8(?=_|\b)(?!mb)")
_SPACE = re.compile(r"\s+")


class Reader:
    """Reads tables of information_schema for one database, and makes objects of what it finds."""

    def __init__(self, connection: Connection[Any], database: str) -> None:
        self.connection = connection
        self.database = database
        self.objects: list[SchemaObject] = []

    def rows(self, table: str, column: str, order: str = "1") -> list[Row]:
        """Return the rows of a table of information_schema that are about the database, names in lower case."""
        asked = f"SELECT * FROM information_schema.{table} WHERE {column} = %s ORDER BY {order}"  # noqa: S608 (ours)
        return self.query(asked, (self.database,))

    def query(self, statement: str, arguments: tuple[object, ...] = ()) -> list[Row]:
        """Return the rows of a query, names in lower case."""
        with self.connection.cursor(DictCursor) as cursor:
            cursor.execute(statement, arguments)
            return [{name.lower(): _plain(value) for name, value in row.items()} for row in cursor.fetchall()]

    def name(self, name: object) -> str:
        """Return a name qualified by the database."""
        return f"{self.database}.{name}"

    def text(self, value: object) -> str | None:
        """Return an expression or a body in its normal form."""
        return expression(str(value), self.database) if value is not None else None


def grouped(rows: Iterable[Row], column: str = "table_name") -> dict[str, list[Row]]:
    """Return rows by what they have in a column, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row[column]), []).append(row)
    return found


def digest(*fields: object) -> str:
    """Return the SHA-256 of some fields, each of which a JSON encoder can write."""
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def collation(name: object) -> str | None:
    """Return a collation's name in its normal form; `utf8` and `utf8mb3` are one."""
    if name is None:
        return None
    return _DEFAULT_COLLATION.sub(r"\1 default", _spelt(name))


def default_collation(name: object) -> str | None:
    """Return a collation's own name where its normal form is that of others as well, else None."""
    spelt = _spelt(name)
    return spelt if _DEFAULT_COLLATION.fullmatch(spelt) else None


def _spelt(collation_name: object) -> str:
    return re.sub(r"^utf8(?=_)", "utf8mb3", str(collation_name).lower())


def column_type(text: str) -> str:
    """Return a column's type in its normal form: without the display width of integers, where that shows nowhere."""
    if "zerofill" in text:
        return text
    # Inside an enum's or a set's values nothing is changed.
    head, quote, rest = text.partition("'")
    return _DISPLAY_WIDTH.sub(r"\1", head) + quote + rest


def expression(text: str, database: str) -> str:
    """Return an expression as the server prints it, in its normal form.

    Args:
        text: a default, a check, the expression of a generated column, or the statement of a view.
        database: names that are qualified by it lose that, so that a restore under another name is no change.
    """
    parts = re.split(r"('(?:[^'\\]|''|\\.)*')", text.replace(f"{quoted(database)}.", ""))
    # Every second part is a string literal, which stays as it is.
    return "".join(part if number % 2 else _bare(part) for number, part in enumerate(parts)).strip()


def _bare(text: str) -> str:
    text = _UTF8.sub(lambda match: f"{match[1] or ''}utf8mb3", text)
    text = re.sub(r"\bcurrent_timestamp\b(?!\()", "current_timestamp()", text, flags=re.IGNORECASE)
    text = re.sub(r"\bCURRENT_TIMESTAMP\b", "current_timestamp", text)
    return _DEFAULT_COLLATION.sub(r"\1_default", _SPACE.sub(" ", text))


def sql_mode(text: object) -> list[str]:
    """Return an SQL mode as a sorted list."""
    return sorted(str(text or "").split(",")) if text else []
