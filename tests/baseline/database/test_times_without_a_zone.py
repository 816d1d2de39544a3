"""What nobody knows the zone of proves nothing against a baseline; all else does."""

from __future__ import annotations

from dataclasses import replace

from drtool.baseline.database.compare_database import DatabaseComparison, compare_database
from drtool.baseline.database.model import KeyColumn, ObjectKind, Part, Table
from drtool.baseline.findings import database_findings
from tests.baseline.builder import a_baseline, a_table, an_object


def _shifted() -> list[Part]:
    return [replace(one, digest=f"f{number}") if one.rows else one for number, one in enumerate(a_table().parts)]


def test_of_times_without_a_zone_numbers_and_all_else_are_compared_and_the_rest_is_unproved() -> None:
    """Without --zone a dump made with --skip-tz-utc may be hours off: what differs by that proves nothing."""
    zoneless = [("shop", "orders", "at")]
    column = "shop.orders.at"
    was = a_baseline([a_table(), a_table("other")], [an_object(ObjectKind.COLUMN, column, "d", "shop.orders")])

    def compared(*, of: Table | None = None, other: Table | None = None, name: str = column) -> DatabaseComparison:
        tables = [of or a_table(parts=_shifted()), other or a_table("other")]
        return compare_database(
            was, a_baseline(tables, [an_object(ObjectKind.COLUMN, name, "e", "shop.orders")]), zoneless=zoneless
        )

    off = compared()
    assert (off.differing, off.objects, off.equal, len(off.unproved)) == ((), (), False, 2)
    assert [one.code for one in database_findings(off)] == ["baseline-unproved"]
    lost = compared(of=a_table(parts=[replace(_shifted()[0], rows=99), *_shifted()[1:]])).differing
    assert [(one.table, one.missing, one.changed) for one in lost] == [("shop.orders", 1, 0)]
    changed = compared(other=a_table("other", parts=_shifted())).differing
    assert [(one.table, one.changed) for one in changed] == [("shop.other", 3)]
    assert {one.name for one in compared(name="shop.orders.note").objects} == {column, "shop.orders.note"}
    equal = compare_database(was, was, zoneless=zoneless)  # the zone was UTC after all
    assert equal.equal


def test_where_a_key_has_times_without_a_zone_only_the_number_of_all_rows_tells() -> None:
    zoneless = [("restored", "orders", "at")]
    order = (KeyColumn(name="id"), KeyColumn(name="at"))
    was = a_baseline([a_table(order=order)])
    first, second, *rest = _shifted()
    for gone in (0, 1):
        moved = [replace(first, rows=90 - gone), replace(second, rows=110), *rest]
        now = a_table(parts=moved, database="restored", order=order)
        found = compare_database(
            was, a_baseline([now], databases=("restored",)), zoneless=zoneless, renamed={"shop": "restored"}
        )
        assert [one.missing for one in found.differing] == [1] * gone
        assert len(found.unproved) == 1
