"""Routines that triggers, events and other routines of a dump call, and that it does not bring."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import pymysql

from drtool.amounts import listed
from drtool.errors import Unverifiable
from drtool.mariadb.sql import of_users, rows_of
from drtool.restore.context import RestoreContext
from drtool.sandbox.server import Server

_BODIES = (
    "SELECT 'trigger', trigger_schema, trigger_name, action_statement FROM information_schema.triggers "  # noqa: S608 (columns)
    f"WHERE {of_users('trigger_schema')} UNION ALL "
    "SELECT 'event', event_schema, event_name, event_definition FROM information_schema.events "
    f"WHERE {of_users('event_schema')} UNION ALL "
    "SELECT LOWER(routine_type), routine_schema, routine_name, routine_definition FROM information_schema.routines "
    f"WHERE {of_users('routine_schema')}"
)
_ROUTINES = "SELECT routine_schema, routine_name, routine_type FROM information_schema.routines"
_NO_CODE = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|/\*(?!!).*?\*/|(?:--[ \t]|#)[^\n]*", re.DOTALL)
_NAME = r"(`(?:[^`]|``)+`|[^\s`();.,]+)"
_CALL = re.compile(rf"\bCALL\s+{_NAME}(?:\s*\.\s*{_NAME})?", re.IGNORECASE)


def note_calls(context: RestoreContext, name: str, server: Server) -> None:
    """Warn of procedures that are called and are not there: the server takes such definitions, and fails when they run.

    Args:
        context: the drill.
        name: what the drill calls the database.
        server: with what the dump has brought.
    """
    with suppress(pymysql.err.MySQLError, Unverifiable):  # it lets nobody in: the checks say so
        there = {(str(of).lower(), str(one).lower()): kind for of, one, kind in rows_of(server.standing(), _ROUTINES)}
        missing = defaultdict[str, list[str]](list)
        for kind, database, caller, body in rows_of(server.standing(), _BODIES):
            for called in _called(str(body or ""), str(database)):
                if called not in there and there.get((str(database).lower(), called[0])) != "PACKAGE":
                    missing[".".join(called)].append(f"{kind} {database}.{caller}")
        if missing:
            which = listed([f"{one} ({', '.join(dict.fromkeys(by))})" for one, by in sorted(missing.items())])
            what = f"Procedures are called in {name} that are not there: {which}"
            context.journal.warning("routine-missing", what, resource=name)


def _called(body: str, database: str) -> Iterator[tuple[str, str]]:
    for found in _CALL.finditer(_NO_CODE.sub(" ", body)):
        first, second = (part and part.strip("`").replace("``", "`").lower() for part in found.groups())
        yield (first, second) if second else (database.lower(), first or "")
