"""What an account may do with a database is what all grants that count for it come to, and no more."""

from __future__ import annotations

from typing import Any, cast

import pymysql
import pytest

from drtool.baseline.database.granted import ALL, on_database, privileges

_OWN = "GRANT USAGE ON *.* TO `ro`@`%` IDENTIFIED BY PASSWORD '*D821809F681A40A6E379B50D0463EFAE20BDD122'"


@pytest.mark.parametrize(
    ("grant", "database"),
    [
        ("GRANT SELECT, EVENT ON `shop`.* TO `ro`@`%`", "shop"),
        ("GRANT SELECT, EVENT ON `shop`.* TO `nested`", "shop"),
        ("GRANT SELECT, EVENT ON `shop`.* TO PUBLIC", "shop"),
        ("GRANT SELECT, EVENT ON *.* TO `ro`@`localhost` WITH GRANT OPTION", "shop"),
        (r"GRANT EVENT ON `cp\_user\_db`.* TO `ro`@`%`", "cp_user_db"),
        ("GRANT EVENT ON `sh%`.* TO `ro`@`%`", "shop"),
        ("GRANT EVENT ON `%`.* TO `ro`@`%`", "any"),
        ("GRANT EVENT ON `we``ird' ON \"d.b`.* TO `ro`@`%`", "we`ird' ON \"d.b"),
    ],
)
def test_a_grant_counts_whoever_holds_it_and_however_it_names_the_database(grant: str, database: str) -> None:
    assert "EVENT" in on_database([_OWN, grant], database)


@pytest.mark.parametrize(
    ("grant", "database"),
    [
        ("GRANT SELECT, EVENT ON `shop`.* TO `ro`@`%`", "shop2"),
        (r"GRANT EVENT ON `cp\_user`.* TO `ro`@`%`", "cpxuser"),
        ("GRANT TRIGGER, SELECT (`a`) ON `shop`.`o` TO `ro`@`%`", "shop"),
        ("GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `ro`@`%`", "shop"),
        ("GRANT `EVENT ON ``shop``.* TO ``x` TO `ro`@`%`", "shop"),
        ("GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", "shop"),
        ("SET DEFAULT ROLE `reader` FOR `ro`@`%`", "shop"),
    ],
)
def test_grants_on_other_things_do_not_count(grant: str, database: str) -> None:
    assert on_database([_OWN, grant], database) == {"USAGE"}


def test_of_grants_on_several_names_that_fit_those_on_one_count() -> None:
    wide = ["GRANT SELECT, TRIGGER ON `s%p`.* TO `ro`@`%`", "GRANT SELECT, EVENT ON `sh%`.* TO `ro`@`%`"]
    assert on_database(wide, "shop") == {"SELECT", "TRIGGER"}
    assert on_database([*wide, "GRANT SELECT ON `shop`.* TO `ro`@`%`"], "shop") == {"SELECT"}
    assert on_database([*wide, "GRANT EVENT ON `shop`.* TO PUBLIC"], "shop") == {"SELECT", "TRIGGER", "EVENT"}


def test_what_a_role_has_of_another_counts_as_its_own() -> None:
    outer, inner = "GRANT SELECT ON `shop`.* TO `outer`", "GRANT EVENT ON `{}`.* TO `inner`"
    assert on_database([outer, inner.format("shop")], "shop") == {"SELECT", "EVENT"}
    assert on_database([outer, inner.format("sh%")], "shop") == {"SELECT"}


class _Refusing:
    """A server that refuses to show grants."""

    def __init__(self, code: int) -> None:
        self.code = code

    def cursor(self) -> _Refusing:
        return self

    def __enter__(self) -> _Refusing:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, *asked: object) -> None:
        raise pymysql.err.OperationalError(self.code, "")


def test_a_server_without_tables_of_grants_lets_everybody_do_everything() -> None:
    assert privileges(cast("Any", _Refusing(1290)), "shop") == {ALL}
    with pytest.raises(pymysql.err.OperationalError):
        privileges(cast("Any", _Refusing(2013)), "shop")
