"""A comparison says what is missing, extra and changed, where, and never more than it can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drtool.baseline.database.account_objects import EVERYBODY
from drtool.baseline.database.capture import _shapes_of
from drtool.baseline.database.compare_database import DatabaseComparison, compare_database
from drtool.baseline.database.compare_objects import Difference
from drtool.baseline.database.model import IN_PART, KeyKind, ObjectKind, Part, Table
from drtool.baseline.findings import database_findings, database_losses
from drtool.baseline.tolerance import Tolerances
from drtool.drill.comparing import of_databases
from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from tests.baseline.builder import TAKEN_AT, a_baseline, a_table, an_object


def changed_part(table: Table, number: int, **changes: object) -> Table:
    parts = list(table.parts)
    parts[number] = replace(parts[number], **changes)  # type: ignore[arg-type]
    return a_table(table.name, parts=parts)


def codes(comparison: DatabaseComparison) -> list[str]:
    return [one.code for one in database_findings(comparison)]


def test_the_same_data_raises_nothing() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([a_table()]))
    assert found.equal
    assert (found.tables, found.rows) == (1, 300)
    assert database_findings(found) == ()
    assert database_losses(found, "db") == ()


def test_a_deleted_row_is_missing_in_its_range() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([changed_part(a_table(), 1, rows=99, digest="9")]))
    (table,) = found.differing
    assert (table.missing, table.extra, table.changed, table.exact) == (1, 0, 0, False)
    assert codes(found) == ["rows-missing"]
    assert "at least 1 in shop.orders (id 100 to below 200)" in database_findings(found)[0].what


def test_a_changed_row_shows_though_counts_are_equal() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([changed_part(a_table(), 2, digest="9")]))
    (table,) = found.differing
    assert (table.missing, table.extra, table.changed) == (0, 0, 1)
    assert codes(found) == ["rows-changed"]


def test_an_added_row_is_extra_and_shows_beyond_the_greatest_key() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([changed_part(a_table(), 3, rows=2, digest="9")]))
    (table,) = found.differing
    assert (table.missing, table.extra, table.changed, table.exact) == (0, 2, 0, True)
    assert str(table.places[0]) == "id from 300"
    assert codes(found) == ["rows-extra"]


def test_all_rows_gone_is_an_exact_number() -> None:
    empty = [replace(part, rows=0, digest="0") for part in a_table().parts]
    found = compare_database(a_baseline([a_table()]), a_baseline([a_table(parts=empty)]))
    (table,) = found.differing
    assert (table.missing, table.exact) == (300, True)
    assert [str(place) for place in table.places] == ["id below 300"]


def test_a_missing_table_counts_all_its_rows_and_is_said_once() -> None:
    column = an_object(ObjectKind.COLUMN, "shop.orders.id", table="shop.orders")
    found = compare_database(a_baseline([a_table()], [column]), a_baseline([]))
    assert codes(found) == ["table-missing"]
    (loss,) = database_losses(found, "db")
    assert (loss.subject, loss.missing) == ("shop.orders", 300)


def test_an_unknown_table_is_extra() -> None:
    found = compare_database(a_baseline([]), a_baseline([a_table()]))
    assert codes(found) == ["table-extra"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(ObjectKind.PROCEDURE, "shop.p"), (ObjectKind.TRIGGER, "shop.t"), (ObjectKind.EVENT, "shop.e"),
     (ObjectKind.VIEW, "shop.v"), (ObjectKind.INDEX, "shop.orders.by_note"), (ObjectKind.SEQUENCE, "shop.s")],
)  # fmt: skip
def test_a_missing_object_is_named_with_its_kind(kind: ObjectKind, name: str) -> None:
    found = compare_database(a_baseline([], [an_object(kind, name)]), a_baseline([]))
    assert codes(found) == ["object-missing"]
    assert f"{kind} {name}" in database_findings(found)[0].what


def test_a_changed_object_and_a_changed_definer_are_told_apart() -> None:
    was = [
        an_object(ObjectKind.VIEW, "shop.a", "1", definer="root@localhost"),
        an_object(ObjectKind.VIEW, "shop.b", "1", definer="root@localhost"),
    ]
    now = [
        an_object(ObjectKind.VIEW, "shop.a", "2", definer="root@localhost"),
        an_object(ObjectKind.VIEW, "shop.b", "1", definer="app@%"),
    ]
    found = compare_database(a_baseline([], was), a_baseline([], now))
    assert codes(found) == ["object-changed"]
    assert "view shop.a, view shop.b (definer)" in database_findings(found)[0].what


def test_auto_increment_behind_is_found_where_the_rows_are_all_there() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([a_table(auto_increment=17)]))
    assert codes(found) == ["auto-increment-behind"]


def test_values_set_aside_in_a_servers_memory_and_never_used_are_no_loss_but_a_counter_that_is_gone_is() -> None:
    behind = compare_database(a_baseline([a_table()]), a_baseline([a_table(auto_increment=257)]), counters_kept=True)
    assert behind.equal
    assert any("only set aside: shop.orders" in note for note in behind.notes)
    gone = compare_database(a_baseline([a_table()]), a_baseline([a_table(auto_increment=None)]), counters_kept=True)
    assert codes(gone) == ["auto-increment-behind"]


def test_auto_increment_ahead_is_no_finding() -> None:
    assert compare_database(a_baseline([a_table()]), a_baseline([a_table(auto_increment=900)])).equal


def test_a_sequence_behind_is_found() -> None:
    was = an_object(ObjectKind.SEQUENCE, "shop.s", next_value=100)
    found = compare_database(a_baseline([], [was]), a_baseline([], [replace(was, next_value=1)]))
    assert codes(found) == ["sequence-behind"]


def test_kinds_that_one_side_cannot_see_are_not_held_against_the_backup_and_it_says_so() -> None:
    kinds = tuple(kind for kind in ObjectKind if kind is not ObjectKind.TRIGGER)
    trigger = an_object(ObjectKind.TRIGGER, "shop.t")
    found = compare_database(a_baseline(kinds=kinds), a_baseline([], [trigger]))
    assert found.equal
    assert found.unseen == (ObjectKind.TRIGGER,)
    assert compare_database(a_baseline(), a_baseline()).unseen == ()


def test_of_tables_and_columns_seen_in_part_nothing_is_extra_and_what_was_seen_is_compared() -> None:
    """As by an account with SELECT on single tables and columns."""
    seen = an_object(ObjectKind.COLUMN, "shop.orders.id", table="shop.orders")
    other = an_object(ObjectKind.COLUMN, "shop.orders.iban", table="shop.orders")
    sequence = an_object(ObjectKind.SEQUENCE, "shop.s")
    whole = a_baseline([a_table(), a_table("salaries")], [seen, other, sequence])
    kinds = tuple(kind for kind in ObjectKind if kind not in IN_PART)
    found = compare_database(a_baseline([a_table()], [seen], kinds=kinds), whole)
    assert (codes(found), frozenset(found.unseen)) == ([], IN_PART)
    assert of_databases(found, "db").left_out == "other tables, other columns, other indexes, other sequences"
    assert set(codes(compare_database(a_baseline([a_table()], [seen]), whole))) == {"table-extra", "object-extra"}
    changed = a_baseline([a_table()], [replace(seen, digest="x")], kinds=kinds)
    assert codes(compare_database(changed, whole)) == ["object-changed"]
    gone = a_baseline([a_table(), a_table("log")], [replace(seen, name="shop.orders.gone")], kinds=kinds)
    assert sorted(codes(compare_database(gone, whole))) == ["object-missing", "table-missing"]


def test_what_neither_side_looked_for_is_named_too() -> None:
    without = a_baseline(kinds=tuple(kind for kind in ObjectKind if kind is not ObjectKind.ACCOUNT))
    assert compare_database(without, without).unseen == (ObjectKind.ACCOUNT,)


def test_the_default_of_a_database_fails_where_the_restore_set_another_and_is_named_where_it_set_none() -> None:
    was, now = (an_object(ObjectKind.DATABASE, "shop", digest) for digest in ("utf8mb4", "latin1"))
    assert codes(compare_database(a_baseline([], [was]), a_baseline([], [now]))) == ["object-changed"]
    found = compare_database(a_baseline([], [was]), a_baseline([], [replace(now, inherited=True)]))
    assert (codes(found), found.unknown) == ([], ("database default of shop",))
    assert compare_database(a_baseline([], [was]), a_baseline([], [replace(was, inherited=True)])).unknown == ()


def test_history_that_a_dump_need_not_bring_is_named_and_what_it_brings_is_compared() -> None:
    was, none = a_table(history=True), [replace(part, rows=0, digest="0") for part in a_table().parts]
    less, other = (replace(one, history=True) for one in (a_table(parts=none), changed_part(a_table(), 0, digest="9")))
    for kept in (False, True):
        found = compare_database(a_baseline([was]), a_baseline([less]), history_kept=kept)
        assert codes(found) == (["rows-missing"] if kept else [])
        assert found.unknown == (() if kept else ("300 rows of shop.orders (history), which the backup does not have",))
        changed = compare_database(a_baseline([was]), a_baseline([other]), history_kept=kept)
        assert codes(changed) == ["rows-changed"]
        assert compare_database(a_baseline([was]), a_baseline([was]), history_kept=kept).equal
    some = replace(a_table(parts=[*a_table().parts[:1], *none[1:]]), history=True)
    assert not compare_database(a_baseline([was]), a_baseline([some]), history_kept=False).equal
    replayed = compare_database(a_baseline([was]), a_baseline([other]), history_kept=None)
    assert (codes(replayed), replayed.unknown) == (
        [], ("rows of shop.orders (history), which are not all from the backup",)
    )  # fmt: skip
    assert compare_database(a_baseline([was]), a_baseline([was]), history_kept=None).unknown == ()


def test_rows_added_later_pass_where_the_table_only_grows() -> None:
    grown = changed_part(a_table(), 3, rows=7, digest="9")
    allowed = Tolerances.of(append_only=["orders"])
    found = compare_database(a_baseline([a_table()]), a_baseline([grown]), allowed)
    assert found.equal
    assert found.tolerated[0].detail == "7 rows came after the baseline"


def test_a_changed_old_row_does_not_pass_where_the_table_only_grows() -> None:
    grown = changed_part(changed_part(a_table(), 3, rows=7, digest="9"), 0, digest="b")
    allowed = Tolerances.of(append_only=["shop.orders"])
    assert codes(compare_database(a_baseline([a_table()]), a_baseline([grown]), allowed)) == ["rows-changed"]


def test_that_a_table_without_ranges_only_grew_cannot_be_proved() -> None:
    was = a_table(parts=[Part(rows=5, digest="5")], key_kind=KeyKind.NONE, key_column=None)
    now = a_table(parts=[Part(rows=6, digest="7")], key_kind=KeyKind.NONE, key_column=None)
    found = compare_database(a_baseline([was]), a_baseline([now]), Tolerances.of(append_only=["orders"]))
    assert not found.equal
    (finding,) = database_findings(found)
    assert isinstance(finding, Unverifiable)
    assert finding.code == "baseline-unproved"


@pytest.mark.parametrize(
    ("parts", "most", "outcome"),
    [
        ({0: (97, "b")}, 100, []),  # of a part of a hundred rows any may be others
        ({0: (97, "b")}, 99, ["baseline-unproved"]),
        ({0: (97, "b")}, 3, ["baseline-unproved"]),
        ({0: (97, "b")}, 2, ["rows-missing"]),
        ({0: (100, "b")}, 100, []),
        ({0: (100, "b")}, 50, ["baseline-unproved"]),
        ({0: (100, "b")}, 0, ["rows-changed"]),
        ({0: (0, "0")}, 100, []),
        ({0: (0, "0")}, 99, ["rows-missing"]),
        ({3: (7, "9")}, 7, []),
        ({3: (7, "9")}, 6, ["rows-extra"]),
        ({0: (99, "b"), 3: (1, "9")}, 101, []),
        ({0: (99, "b"), 3: (1, "9")}, 1, ["rows-extra", "rows-missing"]),
    ],
)
def test_drift_passes_where_no_more_rows_than_that_can_differ(
    parts: dict[int, tuple[int, str]], most: int, outcome: list[str]
) -> None:
    now = a_table()
    for number, (rows, digest) in parts.items():
        now = changed_part(now, number, rows=rows, digest=digest)
    found = compare_database(a_baseline([a_table()]), a_baseline([now]), Tolerances.of(drift={"orders": most}))
    assert (sorted(codes(found)), found.equal) == (outcome, not outcome)


def test_an_ignored_table_passes_with_its_reason() -> None:
    other = a_table("people")
    found = compare_database(
        a_baseline([a_table(), other]), a_baseline([changed_part(a_table(), 0, digest="b"), other]),
        Tolerances.of(ignore={"ord*": "rebuilt every night"}),
    )  # fmt: skip
    assert found.equal
    assert (found.tables, found.rows) == (1, 300)  # and no more were compared
    assert found.tolerated[0].reason == "rebuilt every night"


def test_an_ignored_table_may_be_left_out_of_the_dump_and_no_other() -> None:
    """As `mariadb-dump --ignore-table` leaves it out."""
    allowed = Tolerances.of(ignore={"ord*": "rebuilt every night"})
    people = a_table("people")
    found = compare_database(a_baseline([a_table(), people]), a_baseline([people]), allowed)
    assert (codes(found), found.tolerated[0].reason) == ([], "rebuilt every night")
    assert "is not in the backup" in found.tolerated[0].detail
    other = Tolerances.of(ignore={"sessions": "they expire"})
    assert "table-missing" in codes(compare_database(a_baseline([a_table()]), a_baseline([]), other))


def test_where_no_table_was_compared_nothing_is_proved() -> None:
    was = a_baseline([a_table()])
    found = compare_database(was, was, Tolerances.of(ignore={"*": "no use"}))
    assert (found.tables, found.rows, codes(found)) == (0, 0, ["baseline-unproved"])
    little = a_baseline([], kinds=(ObjectKind.TRIGGER,))  # by an account that may read no table
    assert codes(compare_database(little, little)) == ["baseline-unproved"]
    assert codes(compare_database(a_baseline([]), a_baseline([]))) == []


@pytest.mark.parametrize(
    ("ends", "there", "outcome"),
    [
        (0, "", []),
        (0, "changed", []),
        (0, "d", []),
        (1, "", ["object-missing"]),
        (1, "changed", ["object-changed"]),
        (None, "", ["object-missing"]),
    ],
)
def test_an_event_whose_time_is_over_need_not_come_back_and_is_named(
    ends: int | None, there: str, outcome: list[str]
) -> None:
    """The server drops it as it is made, or makes it so that it never runs."""
    at = None if ends is None else TAKEN_AT + timedelta(days=ends)
    was = a_baseline([a_table()], [an_object(ObjectKind.EVENT, "shop.sale", ends_at=at)])
    now = a_baseline([a_table()], [an_object(ObjectKind.EVENT, "shop.sale", there)] if there else [])
    found = compare_database(was, now)
    assert codes(found) == outcome
    assert found.unknown == (("event shop.sale, whose time is over",) if ends == 0 and there != "d" else ())


@pytest.mark.parametrize("kind", [ObjectKind.INDEX, ObjectKind.COLUMN, ObjectKind.TRIGGER, ObjectKind.TABLE_OPTIONS])
def test_all_that_belongs_to_an_ignored_table_may_differ_and_nothing_of_another(kind: ObjectKind) -> None:
    """As where its partitions roll, or an index came."""
    tables, allowed = (a_table(), a_table("sessions")), Tolerances.of(ignore={"orders": "rebuilt every night"})
    for name, told in (("shop.orders", []), ("shop.sessions", ["object-changed", "object-extra", "object-missing"])):
        was = [an_object(kind, f"{name}.{one}", "1", table=name) for one in ("a", "b")]
        now = [an_object(kind, f"{name}.{one}", "2", table=name) for one in ("b", "c")]
        found = compare_database(a_baseline(tables, was), a_baseline(tables, now), allowed)
        assert (sorted(codes(found)), found.equal) == (told, not told)


@pytest.mark.parametrize("pattern", ["orders", "my.shop.orders", "my.shop.o*"])
def test_a_database_may_have_a_dot_in_its_name(pattern: str) -> None:
    was, now = (an_object(ObjectKind.INDEX, "my.shop.orders.by_note", one, table="my.shop.orders") for one in "12")
    tables = (a_table(database="my.shop"), a_table("people", database="my.shop"))
    before, after = (a_baseline(tables, [one], databases=("my.shop",)) for one in (was, now))
    assert compare_database(before, after, Tolerances.of(ignore={pattern: "rebuilt every night"})).equal
    assert codes(compare_database(before, after, Tolerances.of(ignore={"people": "no use"}))) == ["object-changed"]


def test_the_definition_of_an_ignored_table_may_differ_and_no_other() -> None:
    was, now = (a_baseline(objects=[an_object(ObjectKind.TABLE, "shop.orders", one)]) for one in "12")
    was, now = (replace(one, tables=(a_table(), a_table("people"))) for one in (was, now))
    assert compare_database(was, now, Tolerances.of(ignore={"orders": "its partitions roll"})).equal
    assert codes(compare_database(was, now, Tolerances.of(append_only=["orders"]))) == ["object-changed"]


def test_ignoring_without_a_reason_is_refused() -> None:
    with pytest.raises(WrongUse):
        Tolerances.of(ignore={"orders": " "})


def test_a_tolerance_that_names_nothing_is_not_passed_over() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([a_table()]), Tolerances.of(drift={"ordres": 9}))
    assert codes(found) == ["baseline-unproved"]


def test_a_restore_under_another_name_is_compared_with_the_original() -> None:
    procedure = an_object(ObjectKind.PROCEDURE, "copy.p")
    observed = a_baseline([a_table(database="copy")], [procedure], databases=("copy",))
    baseline = a_baseline([a_table()], [an_object(ObjectKind.PROCEDURE, "shop.p")])
    assert compare_database(baseline, observed, renamed={"shop": "copy"}).equal
    assert not compare_database(baseline, observed).equal


def test_rows_of_a_table_with_other_columns_are_said_to_be_uncompared() -> None:
    found = compare_database(a_baseline([a_table()]), a_baseline([a_table(columns=("id",), digest="b")]))
    (finding,) = database_findings(found)
    assert isinstance(finding, Unverifiable)
    assert "shop.orders" in finding.why


def test_findings_name_a_few_and_count_the_rest() -> None:
    names = [f"t{number}" for number in range(9)]
    found = compare_database(a_baseline([a_table(name) for name in names]), a_baseline([]))
    (finding,) = database_findings(found)
    assert isinstance(finding, RestoreFailed)
    assert finding.what.endswith("and 4 more")
    assert len(database_losses(found, "db")) == 9


def test_differences_are_words() -> None:
    assert [str(one) for one in Difference] == ["missing", "extra", "changed"]


def test_a_bound_that_is_no_number_never_reaches_a_statement() -> None:
    hostile = a_table(parts=[Part(rows=1, digest="1", upper="1 OR SLEEP(9)"), Part(rows=0, digest="0", lower="2")])
    with pytest.raises(Unverifiable) as caught:
        _shapes_of(a_baseline([hostile]), {("shop", "orders", False)})
    assert caught.value.code == "baseline-unreadable"


def test_everybody_is_an_account_only_where_everybody_may_do_something() -> None:
    nothing = a_baseline(objects=[EVERYBODY])
    may = a_baseline(objects=[an_object(ObjectKind.ACCOUNT, "PUBLIC")])
    app = an_object(ObjectKind.ACCOUNT, "app@%")
    assert compare_database(nothing, a_baseline()).equal
    assert compare_database(a_baseline(), nothing).equal
    assert codes(compare_database(may, a_baseline())) == codes(compare_database(may, nothing)) == ["account-missing"]
    assert codes(compare_database(nothing, may)) == ["account-extra"]
    assert codes(compare_database(a_baseline(objects=[EVERYBODY, app]), a_baseline())) == ["account-missing"]


def test_table_that_the_server_cannot_open_is_lost_with_all_its_rows_and_its_parts_are_not_named_beside_it() -> None:
    index = an_object(ObjectKind.INDEX, "shop.orders.PRIMARY", table="shop.orders")
    whole = a_baseline([a_table(), a_table("items")], [index])
    table = an_object(ObjectKind.TABLE, "shop.orders")
    broken = a_baseline([a_table("items")], [replace(table, digest=None)])
    found = compare_database(whole, broken)
    (finding,) = database_findings(found)
    assert (finding.code, finding.what) == (
        "table-unreadable", "The server cannot open tables, so none of their rows can be read: shop.orders",
    )  # fmt: skip
    assert "files" in finding.mend
    assert [(loss.subject, loss.missing) for loss in database_losses(found, "db")] == [("shop.orders", 300)]
    assert compare_database(whole, broken, Tolerances.of(ignore={"orders": "a copy"})).equal
    assert compare_database(whole, whole).equal
    assert compare_database(broken, broken).equal
    assert compare_database(broken, whole).equal  # what was broken when the baseline was taken


def test_table_whose_rows_are_elsewhere_now_was_not_compared_and_does_not_count() -> None:
    federated = a_baseline([], [an_object(ObjectKind.TABLE, "shop.orders", digest="federated")])
    found = compare_database(a_baseline([a_table()]), federated)
    assert (found.tables, found.rows) == (0, 0)
    assert codes(found) == ["object-changed", "baseline-unproved"]
    assert not database_losses(found, "db")


@pytest.mark.parametrize("kept", [True, False])
def test_rows_in_memory_are_gone_after_a_restart_and_named_and_are_lost_from_a_dump(*, kept: bool) -> None:
    was = a_table("sessions", engine="MEMORY", auto_increment=None)
    none = a_table("sessions", engine="MEMORY", auto_increment=None, parts=[Part(rows=0, digest="0")])
    some = changed_part(was, 2, rows=99, digest="9")
    gone = compare_database(a_baseline([was]), a_baseline([none]), memory_kept=kept)
    assert gone.unknown == (() if kept else ("300 rows of shop.sessions, which was in memory",))
    assert codes(gone) == (["rows-missing"] if kept else [])
    assert codes(compare_database(a_baseline([was]), a_baseline([some]), memory_kept=kept)) == ["rows-missing"]
    assert codes(compare_database(a_baseline([a_table()]), a_baseline([]), memory_kept=kept)) == ["table-missing"]


@pytest.mark.parametrize("argument", [{"ignore": ["log"]}, {"ignore": "log"}, {"drift": ["log"]}])
def test_tolerances_that_say_nothing_for_their_patterns_are_refused_by_their_name(argument: dict[str, Any]) -> None:
    with pytest.raises(WrongUse, match=next(iter(argument))) as caught:
        Tolerances.of(**argument)
    assert caught.value.code == "bad-tolerance"


def test_tolerances_by_pattern_are_taken() -> None:
    assert len(list(Tolerances.of(ignore={"log": "old"}, drift={"a": 3}, append_only=["b"]))) == 3
