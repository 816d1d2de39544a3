"""What InnoDB has and the server does not know is lost; what InnoDB keeps for itself is not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from drtool.checks.dictionary import check_dictionary
from drtool.record.verdicts import Verdict


class _Server:
    def __init__(self, innodb: list[tuple[str, str]]) -> None:
        self._innodb = innodb

    def cursor(self) -> _Server:
        return self

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, _: object) -> None:
        self._asked = statement

    def fetchall(self) -> list[tuple[str, str]]:
        return (
            self._innodb if "innodb" in self._asked else [("shop", "orders"), ("shop", "größe"), ("shop", "FTS_mine")]
        )


@pytest.mark.parametrize(
    ("innodb", "lost"),
    [
        ([], None), ([("shop", "orders"), ("shop", "größe"), ("shop", "FTS_mine")], None),
        ([("shop", f"FTS_000000000000002a_{part}")
          for part in ("CONFIG", "DELETED", "BEING_DELETED_CACHE", "0000000000000038_INDEX_1")], None),
        ([("shop", "orders"), ("shop", "customers")], "shop.customers"), ([("Shop", "orders")], "Shop.orders"),
        ([("shop", "FTS_mine_too")], "shop.FTS_mine_too"),
    ],
)  # fmt: skip
def test_tables_that_the_server_does_not_know_are_named(innodb: list[tuple[str, str]], lost: str | None) -> None:
    answer = check_dictionary(cast(Any, _Server(innodb)))
    assert (answer.outcome, lost or "0 that") == (
        Verdict.FAILED if lost else Verdict.PASSED,
        answer.observed.partition(": ")[2] or answer.observed[:6],
    )
