"""A view that a dump announces is there as itself, or the dump does not bring it."""

from __future__ import annotations

import pytest

from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Promises
from drtool.restore.stand_ins import Named, _is_alike, unfinished_views

_NOTHING = "select NULL AS `id`,NULL AS `na``me`"
_ITSELF = "select `shop`.`t`.`id` AS `id`,NULL AS `name` from `shop`.`t`"


@pytest.mark.parametrize(
    ("views", "made", "told"),
    [
        ({("shop", "v"): _ITSELF}, False, set[str]()),
        ({("shop", "v"): _NOTHING}, False, {"shop.v"}),
        ({("shop", "v"): "select 1 AS `id`"}, False, {"shop.v"}),
        ({("shop", "v"): _NOTHING}, True, set()),  # as it is in production
        ({}, True, {"shop.v"}),
        ({("other", "v"): _ITSELF}, False, {"shop.v"}),
        ({("Shop", "V"): _ITSELF}, False, set()),  # as a server calls it that does not tell them apart
    ],
    ids=["itself", "NULLs", "ones", "made so", "not there", "of another database", "in other letters"],
)
def test_view_that_is_announced_has_to_be_there(views: dict[Named, str], told: set[str], *, made: bool) -> None:
    announced = {("shop", "v")}
    outcome = Outcome(promised=Promises(dumps_begun=1, announced=announced, views=announced if made else set()))
    assert unfinished_views(outcome, views) == told


def test_dump_that_selects_no_database_has_its_views_wherever_it_was_loaded() -> None:
    outcome = Outcome(promised=Promises(dumps_begun=1, announced={("", "v")}))
    assert unfinished_views(outcome, {("restored", "v"): _ITSELF}) == set()
    assert unfinished_views(outcome, {("restored", "v"): _NOTHING}) == {"restored.v"}
    assert unfinished_views(outcome, {}) == {"v"}


def test_of_several_dumps_a_later_one_may_have_dropped_the_view() -> None:
    outcome = Outcome(promised=Promises(dumps_begun=2, announced={("shop", "v")}))
    assert unfinished_views(outcome, {}) == set()
    assert unfinished_views(outcome, {("shop", "v"): _NOTHING}) == {"shop.v"}


@pytest.mark.parametrize(
    ("definition", "alike"),
    [(_NOTHING, True), ("select 1 AS `a`,1 AS `b`", True), ("select 1 AS `one`", False), (_ITSELF, False)],
)
def test_view_is_doubtful_by_its_form_alone_where_nobody_writes_such_a_view(definition: str, *, alike: bool) -> None:
    assert _is_alike(definition) is alike
