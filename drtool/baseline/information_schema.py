"""Rows of information_schema about one database, and digests of what they say."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from drtool.baseline.model import SchemaObject
from drtool.baseline.normalise import expression

Row = dict[str, Any]


class Reader:
    """Reads tables of information_schema for one database, and makes objects of what it finds."""

    def __init__(self, connection: Connection[Any], database: str) -> None:
        self.connection = connection
        self.database = database
        self.objects: list[SchemaObject] = []

    def rows(self, table: str, column: str, order: str = "1") -> list[Row]:
        """Return the rows of a table of information_schema that are about the database, names in lower case."""
        with self.connection.cursor(DictCursor) as cursor:
            cursor.execute(
                f"SELECT * FROM information_schema.{table} WHERE {column} = %s ORDER BY {order}",  # noqa: S608 (ours)
                (self.database,),
            )
            return [{name.lower(): _plain(value) for name, value in row.items()} for row in cursor.fetchall()]

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


def digest(*fields: object) -> str:
    """Return the SHA-256 of some fields, each of which a JSON encoder can write."""
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
