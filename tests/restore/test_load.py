"""How a load ends: a table that is full though the disk is not, is one in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.restore.diagnosis import sql_failure
from drtool.restore.load import of_memory
from drtool.restore.pipeline import Outcome

if TYPE_CHECKING:
    from drtool.sandbox.server import Server


class _Server:
    """Knows which tables are in memory, and is asked for no others."""

    def __init__(self, *in_memory: str) -> None:
        self._in_memory = in_memory

    def standing(self) -> _Server:
        return self

    def cursor(self) -> _Server:
        return self

    def execute(self, statement: str, named: tuple[str]) -> int:
        assert "MEMORY" in statement
        return sum(table in named for table in self._in_memory)


def _judged(server: _Server, line: str) -> DrtoolError:
    failure = sql_failure(Outcome(finished=True, statuses={"sink": 1}, errors={"sink": [line]}))
    assert failure is not None
    return of_memory(cast("Server", server), failure)


def test_full_table_in_memory_is_named_with_its_limit() -> None:
    failure = _judged(_Server("basket"), "ERROR 1114 (HY000) at line 9: The table 'basket' is full")
    assert isinstance(failure, RestoreFailed)
    assert failure.code == "table-full"
    assert "basket" in failure.what
    assert "max_heap_table_size" in failure.what


@pytest.mark.parametrize(
    "line",
    [
        "ERROR 1114 (HY000) at line 9: The table 'orders' is full",
        "ERROR 1114 (HY000) at line 9: The table '/tmp/#sql_1_0' is full",
        "ERROR 1021 (HY000) at line 9: Disk full (basket); waiting for someone to free some space",
    ],
)
def test_what_else_is_full_is_the_disk(line: str) -> None:
    failure = _judged(_Server("basket"), line)
    assert isinstance(failure, Unverifiable)
    assert failure.code == "disk-full"
