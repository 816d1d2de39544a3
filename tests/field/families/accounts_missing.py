"""Backups whose rights came back without the accounts that have them."""

from __future__ import annotations

from tests.field.case import Case, passes, verify
from tests.field.dumps import SHOP, dump, use

_RIGHTS = "INSERT INTO `db` (`Host`, `Db`, `User`, `Select_priv`) VALUES ('%','shop','app','Y');\n"
_ACCOUNT = "INSERT INTO `global_priv` VALUES ('%','app','{\\\"plugin\\\":\\\"unix_socket\\\"}');\n"

CASES = (
    Case(
        number="c461",
        seen="mariadb-operator/mariadb-operator#580",
        tried=passes(
            "rights of an account, and the table of accounts left out",
            verify("all.sql", {"all.sql": dump(use("shop"), SHOP, use("mysql"), _RIGHTS)}),
            "rights-without-account",
            says=("app@%",),
        ),
        twin=passes(
            "the account with its rights",
            verify("all.sql", {"all.sql": dump(use("shop"), SHOP, use("mysql"), _ACCOUNT, _RIGHTS)}),
        ),
    ),
)
