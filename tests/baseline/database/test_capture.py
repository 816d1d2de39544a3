"""A database is captured by the name that the server has for it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from drtool.baseline.database.capture import _present
from drtool.errors import WrongUse


class _Server:
    """A server with a database `shop`, that tells upper and lower case apart or not."""

    def __init__(self, lower_case_table_names: int) -> None:
        self.lower_case_table_names = lower_case_table_names

    def cursor(self) -> _Server:
        return self

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, statement: str, _: object) -> None:
        self.asked = statement

    def fetchall(self) -> list[tuple[str | int]]:
        if "lower_case_table_names" in self.asked:
            return [(self.lower_case_table_names,)]
        return [("information_schema",), ("shop",)]


def _found(names: list[str], lower_case_table_names: int, *, as_they_stand: bool = False) -> list[str]:
    return _present(cast("Any", _Server(lower_case_table_names)), names, as_they_stand=as_they_stand)


def test_case_counts_where_the_server_tells_it_apart_or_a_baseline_names_the_database() -> None:
    assert _found(["Shop", "shop"], 1) == ["shop"]
    assert _found(["shop"], 0) == ["shop"]
    assert _found(["shop"], 1, as_they_stand=True) == ["shop"]
    assert _found(["shop", "crm"], 1, as_they_stand=True) == ["shop"]  # the other one is lost with all its tables
    assert _found(["Shop"], 1, as_they_stand=True) == []
    for names, lower_case in ((["Shop"], 0), (["shop", "crm"], 0), (["Shops"], 1)):
        with pytest.raises(WrongUse, match=f"no database {names[-1]},"):
            _found(names, lower_case)
