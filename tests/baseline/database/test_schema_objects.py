"""What a healthy restore writes otherwise is the same object, and what it leaves otherwise is not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from drtool.baseline.database.information_schema import Reader
from drtool.baseline.database.schema_objects import event, table_options

_READER = Reader(cast("Any", None), "shop")


def options(said: str | None, engine: str = "Aria") -> str | None:
    return table_options(_READER, {"table_name": "t", "engine": engine, "create_options": said}).digest


@pytest.mark.parametrize(
    ("one", "other", "engine"),
    [
        ("transactional=1", "page_checksum=1 transactional=1", "Aria"),
        ("row_format=PAGE transactional=1", "page_checksum=1 row_format=PAGE transactional=1", "Aria"),
        (None, "", "InnoDB"),
        ("stats_persistent=1 `page_compressed`=1", "`page_compressed`='1' stats_persistent=1", "InnoDB"),
    ],
)
def test_options_that_a_dump_spells_out_are_the_same(one: str | None, other: str, engine: str) -> None:
    assert options(one, engine) == options(other, engine)


@pytest.mark.parametrize(
    ("one", "other", "engine"),
    [
        ("transactional=1", "page_checksum=0 transactional=1", "Aria"),
        ("transactional=1", "transactional=0", "Aria"),
        ("", "page_checksum=1", "InnoDB"),
        ("", "checksum=1", "MyISAM"),
        ("`page_compressed`=1", "`page_compressed`='0'", "InnoDB"),
    ],
)
def test_options_that_differ_do(one: str, other: str, engine: str) -> None:
    assert options(one, engine) != options(other, engine)


_EVENT = dict.fromkeys(
    ("event_definition", "event_type", "execute_at", "interval_value", "interval_field", "starts", "ends",
     "on_completion", "time_zone", "event_comment", "sql_mode"),
    "",
) | {"event_name": "e", "definer": "root@localhost"}  # fmt: skip


def status(said: str, originator: int = 1) -> str | None:
    return event(_READER, _EVENT | {"status": said, "originator": originator}, server_id=1).digest


def test_an_event_that_another_server_carries_out_is_enabled_and_one_that_none_does_is_not() -> None:
    enabled = status("ENABLED")
    assert status("SLAVESIDE_DISABLED", originator=2) == enabled
    assert len({enabled, status("SLAVESIDE_DISABLED"), status("DISABLED")}) == 3
    assert status("DISABLED", originator=2) == status("DISABLED")
