"""Accounts as scenarios write them, and those that let anybody in."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from drtool.checks.open_accounts import _is_open
from drtool.errors import WrongUse
from drtool.mariadb.accounts import Account, has_administrator, parse_account, put_in_force

_NATIVE = {"plugin": "mysql_native_password"}


@pytest.mark.parametrize("text", ["app@10.0.%", "'app'@'10.0.%'", "`app`@`10.0.%`", " app@'10.0.%' "])
def test_account_is_read_as_people_write_it(text: str) -> None:
    assert parse_account(text) == Account(user="app", host="10.0.%")


@pytest.mark.parametrize("text", ["app", "@%", "app@", "'app@%", "app@%@x", "app'; DROP USER root@'%"])
def test_what_names_no_account_is_refused(text: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse_account(text)
    assert caught.value.code == "bad-account"


@pytest.mark.parametrize(
    ("account", "is_open"),
    [
        ({"access": 0}, True),  # as a new server has its root
        (_NATIVE | {"authentication_string": ""}, True),
        (_NATIVE | {"authentication_string": "*2B602296A79E0A8784ACC5C88D92E46588CCA3C3"}, False),
        (_NATIVE | {"authentication_string": "invalid"}, False),
        (_NATIVE | {"authentication_string": "", "account_locked": True}, False),
        ({"access": 1, "is_role": True}, False),
        ({"plugin": "unix_socket", "authentication_string": ""}, False),
        ({"plugin": "pam", "authentication_string": ""}, False),
        (_NATIVE | {"authentication_string": "", "auth_or": [{"plugin": "unix_socket"}, {}]}, True),
        (_NATIVE | {"authentication_string": "invalid", "auth_or": [{"plugin": "unix_socket"}, {}]}, False),
    ],
)
def test_account_is_open_when_one_of_its_ways_in_asks_for_nothing(account: dict[str, Any], is_open: bool) -> None:
    assert _is_open(account) is is_open


class _Accounts:
    """Answers as MariaDB does that has these accounts."""

    def __init__(self, accounts: dict[str, dict[str, Any]]) -> None:
        self._rows = [(user, json.dumps(priv)) for user, priv in accounts.items()]

    def cursor(self) -> _Accounts:
        return self

    def __enter__(self) -> _Accounts:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, arguments: object) -> None:
        assert "global_priv" in statement

    def fetchall(self) -> list[tuple[str, str]]:
        return self._rows


_ALL, _LOCKED = {"access": 2**64 - 1}, {"account_locked": True}


@pytest.mark.parametrize(
    ("accounts", "there"),
    [
        ({"root": _ALL}, True),
        ({"admin": {"access": 1 << 25}, "root": _ALL | _LOCKED}, True),
        ({"app": {"access": 1}, "dba": _ALL | {"is_role": True}}, True),
        ({"dba": _ALL | {"is_role": True}}, False),
        ({"root": _ALL | _LOCKED, "mariadb.sys": {"access": 0} | _LOCKED}, False),
        ({"root": {}, "app": {"access": 1}, "ours": _ALL}, False),
        ({}, False),
    ],
)
def test_somebody_who_may_make_accounts_is_told_from_those_who_may_not(
    accounts: dict[str, dict[str, Any]], there: bool
) -> None:
    assert has_administrator(cast(Any, _Accounts(accounts)), ("ours",)) is there


class _Grants:
    """Answers as MariaDB does, which goes by its tables of grants once it is told to, or started again."""

    def __init__(self, in_force: set[str], in_tables: set[str]) -> None:
        self.in_force, self._in_tables = in_force, in_tables
        self._rows: list[tuple[str, ...]] = []

    def cursor(self) -> _Grants:
        return self

    def __enter__(self) -> _Grants:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, _arguments: object) -> None:
        if statement == "FLUSH PRIVILEGES":
            self.in_force = self._in_tables
        self._rows = [(grantee, "shop") for grantee in self.in_force] if "schema_privileges" in statement else []

    def fetchall(self) -> list[tuple[str, ...]]:
        return self._rows


@pytest.mark.parametrize(("in_force", "told"), [(set[str](), True), ({"'app'@'%'"}, False)])
def test_grants_that_a_dump_only_wrote_down_are_put_in_force_and_told(in_force: set[str], *, told: bool) -> None:
    server = _Grants(in_force, {"'app'@'%'"})
    assert put_in_force(cast(Any, server)) is told
    assert server.in_force == {"'app'@'%'"}
