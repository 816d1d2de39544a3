"""Triggers are set aside while rows are loaded, and put back: they must not fire at rows that come from a backup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection

from drtool.restore.dump import quoted

# Others of the same table and event, which need not be back yet; they come back in their order.
_ORDER = re.compile(r"(?<=FOR EACH ROW)\s+(?:FOLLOWS|PRECEDES)\s+(?:`[^`]+`|[\w$]+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A trigger as the server defines it."""

    schema: str
    sql_mode: str
    collation: str
    statement: str


def set_aside(connection: Connection[Any]) -> list[Trigger]:
    """Drop all triggers of the restored databases and return them in the order in which they fire."""
    aside = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT trigger_schema, trigger_name FROM information_schema.triggers "
            "WHERE trigger_schema NOT IN ('mysql', 'sys') "
            "ORDER BY event_object_schema, event_object_table, action_timing, event_manipulation, action_order"
        )
        for schema, name in cursor.fetchall():
            which = f"{quoted(schema)}.{quoted(name)}"
            cursor.execute(f"SHOW CREATE TRIGGER {which}")
            (_, sql_mode, statement, _, collation, *_) = cursor.fetchone()
            aside.append(Trigger(schema=schema, sql_mode=sql_mode, collation=collation, statement=statement))
            cursor.execute(f"DROP TRIGGER {which}")
    return aside


def put_back(connection: Connection[Any], triggers: Sequence[Trigger]) -> None:
    """Make the triggers again."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            cursor.execute(f"USE {quoted(trigger.schema)}")
            cursor.execute("SET sql_mode = %s", (trigger.sql_mode,))
            if trigger.collation.startswith("utf8mb4"):
                cursor.execute("SET collation_connection = %s", (trigger.collation,))
            cursor.execute(_ORDER.sub("", trigger.statement, count=1))
