"""Accounts of a restored server through which anybody or nobody can log in. Names are told, of passwords nothing."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from pymysql.connections import Connection

from drtool.mariadb.sql import rows_of

# Those that take a password which the server itself holds; the others ask somebody else (the socket's owner, PAM).
_BY_PASSWORD = {"", "mysql_native_password", "mysql_old_password", "ed25519", "caching_sha2_password", "parsec"}


def open_accounts(connection: Connection[Any], brought: Collection[tuple[str, str]]) -> list[str]:
    """Return those of the accounts that a backup brought which let in whoever asks, without a password.

    Args:
        connection: may read the tables of accounts.
        brought: user and host of the accounts to look at; a new server's own are nobody's business.
    """
    found = rows_of(connection, "SELECT user, host, priv FROM mysql.global_priv ORDER BY user, host")
    return [
        f"{user or '(anybody)'}@{host}"
        for user, host, priv in found
        if (str(user), str(host)) in brought and _is_open(json.loads(priv))
    ]


def rights_of_nobody(connection: Connection[Any]) -> list[str]:
    """Return the accounts that have rights by the tables of these, and are not there themselves."""
    tables = ("db", "tables_priv", "columns_priv", "procs_priv")
    named = " UNION ".join(f"SELECT user, host FROM mysql.{table}" for table in tables)  # noqa: S608 (constants)
    found = rows_of(
        connection,
        f"SELECT user, host FROM ({named}) AS named WHERE user NOT IN ('', 'PUBLIC', 'mariadb.sys') "  # noqa: S608 (as above)
        "AND (user, host) NOT IN (SELECT user, host FROM mysql.global_priv) ORDER BY user, host",
    )
    return [f"{user}@{host}" for user, host in found]


def _is_open(account: dict[str, Any]) -> bool:
    if account.get("account_locked") or account.get("is_role"):
        return False
    # An empty way of several stands for what the account itself says.
    ways = (way if "plugin" in way else account | way for way in account.get("auth_or") or [account])
    return any(str(way.get("plugin") or "") in _BY_PASSWORD and not way.get("authentication_string") for way in ways)
