"""Accounts as scenarios write them, and those that let anybody in."""

from __future__ import annotations

from typing import Any

import pytest

from drtool.checks.open_accounts import _is_open
from drtool.errors import WrongUse
from drtool.mariadb.accounts import Account, parse_account

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
