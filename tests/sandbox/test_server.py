"""drtool's own connection to a restored server: one for all its questions, and a new one where that has ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pymysql
import pytest

from drtool.sandbox.server import ASKING_ACCOUNT, OWN_ACCOUNT, Server


class _Connection:
    def __init__(self, error: Exception | None = None, *, granted: str = "") -> None:
        self.error = error
        self.granted = granted
        self.asked: list[str] = []

    def cursor(self) -> _Connection:
        return self

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, _arguments: object = None) -> None:
        self.asked.append(statement)

    def fetchall(self) -> tuple[tuple[str], ...]:
        return ((self.granted,),) if self.granted and self.asked[-1] == "SHOW GRANTS" else ()

    def close(self) -> None:
        pass

    def ping(self, *, reconnect: bool) -> None:
        assert not reconnect, "PyMySQL would connect by the network"
        if self.error:
            raise self.error


def _connecting_to(*connections: _Connection) -> Callable[..., _Connection]:
    waiting = iter(connections)
    return lambda **_: next(waiting)


def _server(*connections: _Connection) -> Server:
    server = Server(cast(Any, None), {})
    server.connect = cast(Any, _connecting_to(*connections))  # type: ignore[method-assign]
    return server


def test_one_connection_serves_until_it_ends() -> None:
    server = _server(_Connection(), _Connection())
    assert server.standing() is server.standing() is server.standing()


@pytest.mark.parametrize(
    "error", [pymysql.err.OperationalError(2013, "lost"), pymysql.err.InterfaceError(0, ""), BrokenPipeError()]
)
def test_where_it_was_ended_another_is_opened(error: Exception) -> None:
    server = _server(_Connection(error), _Connection(), _Connection())
    ended = server.standing()
    another = server.standing()
    assert another is not ended
    assert server.standing() is another


def test_it_quotes_and_pads_as_a_server_by_default_does() -> None:
    server = _server(only := _Connection())
    server.standing()
    server.standing()
    assert only.asked[0] == "SET SESSION sql_mode = ''"
    assert len(only.asked) == 2


def test_the_first_connection_is_that_for_errands_since_no_dump_can_change_what_it_may() -> None:
    server = _server()
    server._keeper = cast(Any, first := _Connection())
    assert cast(Any, server.standing()) is first
    assert not first.asked


def _let_in(error: Exception) -> tuple[_Connection, list[str]]:
    """Return the server's first connection and who logged in, where root's login ends with an error."""
    server = Server(cast(Any, None), {})
    first, logins = _Connection(), []

    def connect(user: str, _timeout_seconds: float | None) -> None:
        logins.append(user)
        if user == "root":
            raise error

    server._keeper = cast(Any, first)
    server._connect = cast(Any, connect)  # type: ignore[method-assign]
    server.connect()
    return first, logins


@pytest.mark.parametrize(
    "error",
    [
        pymysql.err.OperationalError(1045, "denied"),
        pymysql.err.OperationalError(1524, "Plugin 'ed25519' is not loaded"),
        pymysql.err.OperationalError(2059, "Authentication plugin 'parsec' not configured"),
        RuntimeError("'pynacl' package is required"),
        IndexError("pam asks nothing"),
    ],
)
def test_whatever_keeps_root_out_an_account_of_our_own_gets_in(error: Exception) -> None:
    first, logins = _let_in(error)
    assert logins == ["root", OWN_ACCOUNT]
    assert any(asked.startswith(f"CREATE OR REPLACE USER {OWN_ACCOUNT}") for asked in first.asked)


def test_what_is_no_matter_of_the_login_is_not_taken_for_one() -> None:
    with pytest.raises(pymysql.err.OperationalError, match="1040"):
        _let_in(pymysql.err.OperationalError(1040, "too many connections"))


@pytest.mark.parametrize(
    ("granted", "account"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", "root"),
        ("GRANT USAGE ON *.* TO ``@`localhost`", OWN_ACCOUNT),
        ("GRANT SELECT ON *.* TO `root`@`localhost`", OWN_ACCOUNT),
    ],
)
def test_whoever_is_let_in_without_all_privileges_is_not_taken_for_root(granted: str, account: str) -> None:
    server = _server(_Connection(granted=granted))
    server._keeper = cast(Any, first := _Connection())
    server.find_way_in()
    assert server.account == account
    assert any(OWN_ACCOUNT in asked for asked in first.asked) == (account == OWN_ACCOUNT)


def test_questions_are_put_by_an_account_that_changes_nothing() -> None:
    server = _server(only := _Connection())
    logins: list[str] = []
    server._connect = cast(Any, lambda user, _timeout_seconds: logins.append(user))  # type: ignore[method-assign]
    server.let_ask()
    server.asking(timeout_seconds=1.0)
    assert logins == [ASKING_ACCOUNT]
    (granted,) = [asked for asked in only.asked if asked.startswith("GRANT")]
    assert not {"ALL", "SUPER", "FILE", "INSERT", "CREATE"} & set(re.findall(r"\w+", granted))


def test_without_that_account_they_are_put_all_the_same() -> None:
    server = _server(only := _Connection())
    assert cast(Any, server.asking()) is only
