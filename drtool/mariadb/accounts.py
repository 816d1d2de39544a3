"""Tells the accounts that a backup brought from those that every new server has."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection

from drtool.errors import WrongUse
from drtool.mariadb.sql import quoted, rows_of, value_of

_MARK = "drtool "
_ADMINISTERS = 1 << 15 | 1 << 25
"""SUPER and CREATE USER, as `access` of an account has them (MariaDB, sql/privilege.h)."""
# What the server goes by is in memory, and shown here; rows that a dump wrote into its tables are not in it yet.
_IN_FORCE = (
    "SELECT grantee, '', privilege_type, is_grantable FROM information_schema.user_privileges",
    "SELECT grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges",
    "SELECT grantee, CONCAT_WS('/', table_schema, table_name), privilege_type, is_grantable "
    "FROM information_schema.table_privileges",
    "SELECT grantee, CONCAT_WS('/', table_schema, table_name, column_name), privilege_type, is_grantable "
    "FROM information_schema.column_privileges",
)
_ACCOUNT = re.compile(r"""(['"`]?)(?P<user>[^'"`@]{1,128})\1@(['"`]?)(?P<host>[^'"`@]{1,255})\3""")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who may log in: a name and the hosts it comes from."""

    user: str
    host: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


def parse_account(text: str) -> Account:
    """Return the account that `app@%` or `'app'@'10.0.0.%'` names.

    Raises:
        WrongUse: it names none.
    """
    found = _ACCOUNT.fullmatch(text.strip())
    if found is None:
        raise WrongUse("bad-account", f"{text!r} is not an account")
    return Account(user=found["user"], host=found["host"])


def mark(connection: Connection[Any]) -> None:
    """Leave a mark on a new server's table of accounts: what replaces the table takes it away.

    The mark holds a digest of each account that is there, so that one that a dump alters is told too.
    """
    digests = ",".join(sorted(_rows(connection).values()))
    rows_of(connection, "ALTER TABLE mysql.global_priv COMMENT = %s", (_MARK + digests,))


def brought(connection: Connection[Any], own: Collection[str]) -> frozenset[tuple[str, str]]:
    """Return user and host of each account that was not there when the server was new, and of each that was altered.

    Args:
        connection: may read the tables of accounts.
        own: the users that drtool makes for itself in restored data.
    """
    asked = "SELECT table_comment FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
    comment = str(value_of(connection, asked, ("mysql", "global_priv")))
    known = set(comment.removeprefix(_MARK).split(",")) if comment.startswith(_MARK) else set()
    return frozenset(
        account
        for account, digest in _rows(connection).items()
        if digest not in known and account not in {(user, "localhost") for user in (*own, "mariadb.sys")}
    )


def put_in_force(connection: Connection[Any]) -> bool:
    """Let a server go by its tables of accounts, as it does once it is started again, and tell whether it did not.

    A dump with rows of these tables leaves it to whoever restores it, unless it was made with --flush-privileges.

    Raises:
        pymysql.err.MySQLError: the tables are not such that a server can go by them.
    """
    before = _in_force(connection)
    rows_of(connection, "FLUSH PRIVILEGES")
    return _in_force(connection) != before


def may_all(connection: Connection[Any]) -> bool:
    """Tell whether the account that a connection came in as may do everything; it need not be the one asked for."""
    granted = "GRANT ALL PRIVILEGES ON *.* TO "
    return any(str(line).startswith(granted) for (line,) in rows_of(connection, "SHOW GRANTS"))


def provide(connection: Connection[Any], accounts: Iterable[Account]) -> list[Account]:
    """Make accounts that come from elsewhere than the backup, as they must be there for what runs as them.

    Returns:
        Those that were made; the others were there. Nobody can log in as one of them.
    """
    made = []
    there = "SELECT COUNT(*) FROM mysql.global_priv WHERE user = %s AND host = %s"
    for account in accounts:
        if not value_of(connection, there, (account.user, account.host)):
            name = f"{quoted(account.user)}@{quoted(account.host)}"
            rows_of(connection, f"CREATE USER {name} ACCOUNT LOCK")
            rows_of(connection, f"GRANT ALL PRIVILEGES ON *.* TO {name}")
            made.append(account)
    return made


def has_administrator(connection: Connection[Any], own: Collection[str]) -> bool:
    """Tell whether there is an account that may make accounts, by itself or through a role; what is locked is none.

    Args:
        connection: may read the tables of accounts.
        own: the users that drtool makes for itself in restored data.
    """
    rows = rows_of(connection, "SELECT user, priv FROM mysql.global_priv")
    accounts = [json.loads(priv) for user, priv in rows if user not in own]
    usable = [one for one in accounts if not one.get("is_role") and not one.get("account_locked")]
    roles = [one for one in accounts if one.get("is_role")] if usable else []
    return any(int(one.get("access", 0)) & _ADMINISTERS for one in (*usable, *roles))


def _in_force(connection: Connection[Any]) -> set[tuple[Any, ...]]:
    return {row for asked in _IN_FORCE for row in rows_of(connection, asked)}


def _rows(connection: Connection[Any]) -> dict[tuple[str, str], str]:
    """Return a digest of each account; its password's hash does not leave the server."""
    asked = "SELECT user, host, LEFT(SHA2(CONCAT_WS('/', user, host, priv), 256), 16) FROM mysql.global_priv"
    return {(str(user), str(host)): str(digest) for user, host, digest in rows_of(connection, asked)}
