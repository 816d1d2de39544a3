"""drtool's own connection to a restored server: one for all its questions, and a new one where that has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pymysql
import pytest

from drtool.sandbox.server import Server


class _Connection:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def ping(self, *, reconnect: bool) -> None:
        assert not reconnect, "PyMySQL would connect by the network"
        if self.error:
            raise self.error


def _connecting_to(*connections: _Connection) -> Callable[..., _Connection]:
    waiting = iter(connections)
    return lambda: next(waiting)


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
