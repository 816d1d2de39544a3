"""Sets triggers aside while rows come from a backup, at which they must not fire, and puts them back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection

from drtool.mariadb.sql import of_users, quoted, rows_of

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
    found = rows_of(
        connection,
        "SELECT trigger_schema, trigger_name FROM information_schema.triggers "  # noqa: S608 (columns)
        f"WHERE {of_users('trigger_schema', 'definer')} "
        "ORDER BY event_object_schema, event_object_table, action_timing, event_manipulation, action_order",
    )
    aside = []
    for schema, name in found:
        which = f"{quoted(schema)}.{quoted(name)}"
        ((_, sql_mode, statement, _, collation, *_),) = rows_of(connection, f"SHOW CREATE TRIGGER {which}")
        aside.append(Trigger(schema=schema, sql_mode=sql_mode, collation=collation, statement=statement))
        rows_of(connection, f"DROP TRIGGER {which}")
    return aside


def put_back(connection: Connection[Any], triggers: Sequence[Trigger]) -> None:
    """Make the triggers again."""
    for trigger in triggers:
        rows_of(connection, f"USE {quoted(trigger.schema)}")
        rows_of(connection, "SET sql_mode = %s", (trigger.sql_mode,))
        if trigger.collation.startswith("utf8mb4"):
            rows_of(connection, "SET collation_connection = %s", (trigger.collation,))
        rows_of(connection, _ORDER.sub("", trigger.statement, count=1))
