"""What a server is set to for everybody, and how it gets back to that after something was loaded into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.mariadb.sql import rows_of

# Where the data stands is data; whether events run is looked at by itself, since they may have changed the data.
_NOT_SETTINGS = re.compile(r"gtid_(?:slave|binlog|current)_(?:pos|state)|event_scheduler")
_VARIABLES = (
    "SELECT LOWER(variable_name), global_value, variable_type LIKE '%INT%' OR variable_type = 'DOUBLE' "
    "FROM information_schema.system_variables WHERE variable_scope <> 'SESSION ONLY'"
)
# Those that a server was told to load when it was started are its own.
_PLUGINS = "SELECT plugin_name FROM information_schema.plugins WHERE plugin_library IS NOT NULL"
_INSTALLED = "SELECT name FROM mysql.plugin"
# Of all connections, ended ones too; a dump's FLUSH STATUS adds to them what it takes from its own.
_EXECUTED = (
    "SELECT LOWER(variable_name), CAST(variable_value AS UNSIGNED) FROM information_schema.global_status "
    "WHERE variable_name IN ('EXECUTED_EVENTS', 'EXECUTED_TRIGGERS', 'COM_CREATE_EVENT')"
)
_FUNCTIONS = "SELECT CONCAT(name, ' of ', dl) FROM mysql.func"


@dataclass(frozen=True, kw_only=True)
class KnownState:
    """What a server is set to for everybody.

    Attributes:
        variables: its global variables, a number where one is needed to set them.
        plugins: those that it was started with from libraries.
        executed: how often `executed_events` and `executed_triggers` have run in it, and it was told to make an event
            (`com_create_event`), since it was started.
    """

    variables: Mapping[str, object] = field(default_factory=dict)
    plugins: frozenset[str] = frozenset()
    executed: Mapping[str, int] = field(default_factory=dict)


def known_state(connection: Connection[Any]) -> KnownState:
    """Look at what a server is set to that nothing was loaded into, or that was just started over restored data."""
    installed = {str(name) for (name,) in rows_of(connection, _INSTALLED)}
    plugins = frozenset(_plugins(connection) - installed)
    return KnownState(variables=_variables(connection), plugins=plugins, executed=_executed(connection))


def executed_since(connection: Connection[Any], known: KnownState) -> dict[str, int]:
    """Return how often something was executed in a server since it was looked at, by the names of `KnownState`."""
    return {what: number - known.executed.get(what, 0) for what, number in _executed(connection).items()}


def set_back(connection: Connection[Any], known: KnownState) -> tuple[list[str], list[str]]:
    """Give a server back the global variables that it had.

    Returns:
        The names of those that were changed, and of those among them that could not be set back.
    """
    changed = [name for name, value in _variables(connection).items() if known.variables.get(name, value) != value]
    for name in changed:
        value = known.variables[name]
        with suppress(pymysql.err.MySQLError):  # what it is then is looked at, whatever came of that
            asked = f"SET GLOBAL {name} = {'DEFAULT' if value is None else '%s'}"
            rows_of(connection, asked, None if value is None else (value,))
    now = _variables(connection) if changed else {}
    return changed, [name for name in changed if now.get(name) != known.variables[name]]


def brought(connection: Connection[Any], known: KnownState) -> list[str]:
    """Return the plugins and the functions in libraries that a server has from a backup."""
    functions = [str(name) for (name,) in rows_of(connection, _FUNCTIONS)]
    return sorted(_plugins(connection) - known.plugins) + [f"function {name}" for name in sorted(functions)]


def _executed(connection: Connection[Any]) -> dict[str, int]:
    return {str(what): int(number) for what, number in rows_of(connection, _EXECUTED)}


def _plugins(connection: Connection[Any]) -> set[str]:
    return {str(name) for (name,) in rows_of(connection, _PLUGINS)}


def _variables(connection: Connection[Any]) -> dict[str, object]:
    return {
        str(name): _number(value) if value is not None and number else value
        for name, value, number in rows_of(connection, _VARIABLES)
        if not _NOT_SETTINGS.fullmatch(str(name))
    }


def _number(value: object) -> int | float:
    return int(text) if (text := str(value)).lstrip("-").isdigit() else float(text)
