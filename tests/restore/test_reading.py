"""Which tables of a dump may be newer than others is told by what was restored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pymysql
import pytest

from drtool.restore import reading as module
from drtool.restore.reading import TablesRead

_LASTED = timedelta(minutes=40)
_NONE = timedelta()
_ORDERS, _BEATS, _OF_CRM = ("shop", "orders"), ("shop", "Heartbeat"), ("crm", "people")
_ASKED = "SELECT MAX(ts) FROM shop.heartbeat"


class _Server:
    def asking(self) -> _Server:
        return self

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("tables", "others", "how", "query", "spread"),
    [
        pytest.param([_ORDERS, _BEATS], [], {}, _ASKED, _NONE, id="one-database-of-snapshots"),
        pytest.param([_ORDERS, _BEATS, _OF_CRM], [], {}, _ASKED, _LASTED, id="several-databases"),
        pytest.param([_ORDERS, _BEATS, _OF_CRM], [], {"snapshot": True}, _ASKED, _NONE, id="with-a-log-position"),
        pytest.param([_ORDERS, _BEATS], [_BEATS], {"snapshot": True}, _ASKED, _LASTED, id="a-witness-outside-of-it"),
        pytest.param([_ORDERS, _BEATS], [_BEATS], {}, "SELECT MAX(t) FROM shop.orders", _NONE, id="a-witness-in-it"),
        pytest.param([_BEATS], [_BEATS], {}, _ASKED, _NONE, id="all-under-one-lock"),
        pytest.param([_BEATS], [], {"several": True}, _ASKED, _LASTED, id="several-dumps"),
    ],
)
def test_other_tables_may_be_older_where_they_were_read_before(
    tables: list[tuple[str, str]],
    others: list[tuple[str, str]],
    how: dict[str, bool],
    query: str,
    spread: timedelta,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "tables_of", lambda *_: tables)
    monkeypatch.setattr(module, "rows_of", lambda *_: others)
    assert TablesRead(lasted=_LASTED, **how).spread_of(query, cast(Any, _Server())) == spread


def test_where_the_server_does_not_say_the_worst_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise pymysql.err.OperationalError(2013, "gone")

    monkeypatch.setattr(module, "tables_of", gone)
    assert TablesRead(lasted=_LASTED).spread_of(_ASKED, cast(Any, _Server())) == _LASTED
