"""A server is set back to what it was started with, by what it is set to and not by what anybody says it was set to."""

from __future__ import annotations

from typing import Any, cast

import pymysql
import pytest

from drtool.mariadb.known_state import KnownState, brought, executed_since, known_state, set_back


class _Server:
    """Answers as MariaDB does; `refused` are variables that it does not let anybody set."""

    def __init__(self, *, refused: tuple[str, ...] = (), installed: tuple[str, ...] = ()) -> None:
        self.variables: dict[str, object] = {
            "sql_mode": "", "sql_select_limit": 2**64 - 1, "long_query_time": 10.0, "init_connect": "",
            "character_sets_dir": None, "gtid_slave_pos": "", "event_scheduler": "OFF",
        }  # fmt: skip
        self.plugins = {"FEEDBACK", *installed}
        self._refused, self._installed = refused, installed
        self.executed = {"executed_events": 0, "executed_triggers": 2}
        self._rows: list[tuple[object, ...]] = []

    def cursor(self) -> _Server:
        return self

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, arguments: tuple[object, ...] | None = None) -> None:
        self._rows = []
        if statement.startswith("SET GLOBAL"):
            name = statement.split()[2]
            if name in self._refused:
                raise pymysql.err.OperationalError(1238, "read only")
            self.variables[name] = arguments[0] if arguments else None
        elif "global_status" in statement:
            self._rows = list(self.executed.items())
        elif "system_variables" in statement:
            self._rows = [
                (name, None if value is None else str(value), isinstance(value, (int, float)))
                for name, value in self.variables.items()
            ]
        elif "mysql.plugin" in statement:
            self._rows = [(name,) for name in self._installed]
        elif "plugins" in statement:
            self._rows = [(name,) for name in self.plugins]

    def fetchall(self) -> list[tuple[object, ...]]:
        return self._rows


def _looked_at(server: _Server) -> KnownState:
    return known_state(cast(Any, server))


@pytest.mark.parametrize(
    ("name", "value"),
    [("sql_mode", "ANSI_QUOTES"), ("sql_select_limit", 1), ("long_query_time", 0.5), ("init_connect", "SET x"),
     ("character_sets_dir", "/x")],
)  # fmt: skip
def test_what_a_dump_sets_is_set_back_and_named(name: str, value: object) -> None:
    known = _looked_at(server := _Server())
    before = dict(server.variables)
    server.variables[name] = value
    assert set_back(cast(Any, server), known) == ([name], [])
    assert server.variables == before


def test_what_does_not_go_back_is_told() -> None:
    known = _looked_at(server := _Server(refused=("sql_mode",)))
    server.variables |= {"sql_mode": "ANSI_QUOTES", "sql_select_limit": 1}
    assert set_back(cast(Any, server), known) == (["sql_mode", "sql_select_limit"], ["sql_mode"])


@pytest.mark.parametrize(
    "changes", [{}, {"gtid_slave_pos": "0-1-5"}, {"event_scheduler": "ON"}, {"of_a_new_plugin": 1}]
)
def test_where_the_data_stands_and_what_came_with_a_plugin_is_let_be(changes: dict[str, object]) -> None:
    known = _looked_at(server := _Server())
    server.variables |= changes
    assert set_back(cast(Any, server), known) == ([], [])
    assert changes.items() <= server.variables.items()


def test_plugins_of_the_backup_are_told_from_those_that_the_server_was_started_with() -> None:
    of_dump, physical = _Server(), _Server(installed=("SQL_ERROR_LOG",))
    known = [_looked_at(server) for server in (of_dump, physical)]
    assert brought(cast(Any, of_dump), known[0]) == []
    of_dump.plugins.add("LOCALES")
    assert brought(cast(Any, of_dump), known[0]) == ["LOCALES"]
    assert brought(cast(Any, physical), known[1]) == ["SQL_ERROR_LOG"]


def test_what_has_run_in_a_server_is_counted_from_when_it_was_looked_at() -> None:
    known = _looked_at(server := _Server())
    assert executed_since(cast(Any, server), known) == {"executed_events": 0, "executed_triggers": 0}
    server.executed = {"executed_events": 1, "executed_triggers": 5}
    assert executed_since(cast(Any, server), known) == {"executed_events": 1, "executed_triggers": 3}
