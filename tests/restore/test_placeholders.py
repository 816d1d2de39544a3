"""Tables of a dump that are named with a placeholder of the application's own backup."""

from __future__ import annotations

import pytest

from drtool.restore.placeholders import names_not_filled_in
from drtool.restore.promises import PromisedTable, Promises


def promised(*tables: str) -> Promises:
    return Promises(tables={("", table): PromisedTable() for table in tables})


@pytest.mark.parametrize(
    ("tables", "says", "mend"),
    [
        (("#__users", "#__content"), "the names of 2 tables begin with `#__`", "sed 's/#__/wp_/g'"),
        (("SERVMASK_PREFIX_posts", "other"), "the names of 1 table begin with `SERVMASK_PREFIX_`", "sed"),
        (("{WPSTG_TMP_PREFIX}posts",), "begin with `{WPSTG_TMP_PREFIX}`", "placeholders for NULL"),
    ],
)
def test_a_placeholder_in_the_names_of_tables_is_told_with_how_to_fill_it_in(
    tables: tuple[str, ...], says: str, mend: str
) -> None:
    found = names_not_filled_in(promised(*tables), "the dump of db")
    assert found is not None
    assert found.code == "names-not-filled-in"
    assert says in found.what
    assert mend in found.mend


def test_names_that_hold_such_signs_elsewhere_are_names() -> None:
    assert (
        names_not_filled_in(promised("a#__b", "__x", "wp_servmask_prefix_", "prefix_posts"), "the dump of db") is None
    )
