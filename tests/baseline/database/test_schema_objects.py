"""What a healthy restore writes otherwise is the same object, and what it leaves otherwise is not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from drtool.baseline.database.information_schema import Reader, Row
from drtool.baseline.database.model import ObjectKind
from drtool.baseline.database.schema import _read_tables
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


class _Tables(Reader):
    """Reads of tables that they are there, and of their columns and whatever else is asked nothing."""

    def __init__(self, **engines: str | None) -> None:
        super().__init__(cast("Any", None), "shop")
        self._engines = engines

    def rows(self, view: str, _schema: str, _order: str = "") -> list[Row]:
        if view != "tables":
            return []
        columns = ("table_collation", "table_comment", "table_rows", "auto_increment", "create_options")
        more = dict.fromkeys(columns) | {"table_type": "BASE TABLE"}
        return [more | {"table_name": name, "engine": engine} for name, engine in self._engines.items()]

    def query(self, _statement: str, _arguments: tuple[object, ...] = ()) -> list[Row]:
        return []


def test_table_that_the_server_cannot_open_is_there_without_a_definition_or_rows() -> None:
    reader = _Tables(broken=None, whole="Aria", elsewhere="FEDERATED")
    tables, notes = _read_tables(reader)
    assert [table.name for table in tables] == ["whole"]
    seen = {one.name: one.digest is not None for one in reader.objects if one.kind is ObjectKind.TABLE}
    assert seen == {"shop.broken": False, "shop.whole": True, "shop.elsewhere": True}
    assert "shop.broken cannot be opened by the server and was not read" in notes
