"""A collation that became the default of another series is told, and in one series it is a change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from drtool.baseline.database import schema_objects
from drtool.baseline.database.compare_database import compare_database
from drtool.baseline.database.information_schema import Reader, default_collation
from drtool.baseline.database.model import DatabaseBaseline, ObjectKind, SchemaObject
from drtool.baseline.findings import database_findings
from drtool.baseline.tolerance import Tolerances
from tests.baseline.builder import a_baseline, a_table, an_object

_OLD, _NEW = "utf8mb4_general_ci", "utf8mb4_uca1400_ai_ci"
_TOLD = f"1 table and 1 column came back with the collation {_NEW} instead of {_OLD} (shop.orders, shop.orders.note)"


def _database(collation: str | None, version: str = "10.5.23-MariaDB") -> DatabaseBaseline:
    column = an_object(ObjectKind.COLUMN, "shop.orders.note", table="shop.orders", collation=collation)
    made = a_baseline([a_table()], [column], server_version=version)
    objects = [replace(one, collation=collation) if one.kind is ObjectKind.TABLE else one for one in made.objects]
    return replace(made, objects=objects)


@pytest.mark.parametrize(
    ("was", "now", "told"), [(_OLD, _NEW, (_TOLD,)), (_OLD, _OLD, ()), (None, _NEW, ()), (_OLD, None, ())]
)
def test_another_collation_on_another_series_is_told_and_no_loss(
    was: str | None, now: str | None, told: tuple[str, ...]
) -> None:
    found = compare_database(_database(was), _database(now, "11.8.3-MariaDB"))
    assert (found.collations, found.equal, database_findings(found)) == (told, True, ())


@pytest.mark.parametrize("now", [_OLD, _NEW])
def test_another_collation_on_the_same_series_is_a_change(now: str) -> None:
    found = compare_database(_database(_OLD, "11.8.2-MariaDB"), _database(now, "11.8.3-MariaDB"))
    assert found.collations == ()
    said = "Schema objects are not what they were: shop.orders (collation), column shop.orders.note (collation)"
    assert [(one.code, one.what) for one in database_findings(found)] == [("object-changed", said)] * (now == _NEW)


def test_collations_of_what_is_ignored_are_not_told() -> None:
    ignored = Tolerances.of(ignore={"shop.orders": "it is made anew"})
    assert compare_database(_database(_OLD), _database(_NEW, "11.8.3-MariaDB"), ignored).collations == ()


def test_a_column_keeps_the_collation_that_its_digest_does_not_tell() -> None:
    row = dict.fromkeys(("column_default", "extra", "generation_expression", "column_comment"))
    more = {"column_name": "a", "ordinal_position": 1, "column_type": "text", "is_nullable": "YES"}

    def of(collation: str | None) -> SchemaObject:
        reader = Reader(cast("Any", None), "shop")
        return schema_objects.column(reader, "t", row | more | {"collation_name": collation})

    assert of(_OLD).digest == of(_NEW).digest
    assert [of(one).collation for one in (_OLD, _NEW, "utf8mb4_bin", None)] == [_OLD, _NEW, None, None]
    assert default_collation("utf8_general_ci") == default_collation("utf8mb3_general_ci") == "utf8mb3_general_ci"
