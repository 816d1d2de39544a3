"""Accounts and roles of a server as schema objects: what they may do there, and never how they prove who they are.

No password and no hash of one leaves the server: the fields that are wanted are picked out by SQL.
"""

from __future__ import annotations

import json
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER

from drtool.baseline.database.information_schema import digest
from drtool.baseline.database.model import ObjectKind, SchemaObject
from drtool.baseline.database.schema_objects import NEW_PRIVILEGES
from drtool.mariadb.accounts import brought
from drtool.mariadb.sql import error_code, rows_of
from drtool.sandbox.server import OWN_ACCOUNTS

_MAY_NOT_SEE = {ER.TABLEACCESS_DENIED_ERROR, ER.NO_SUCH_TABLE, ER.DBACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR}
_ALL = ["ALL PRIVILEGES"]
_NOT_COUNTED = {"USAGE", "PROXY", *NEW_PRIVILEGES}
_BY_DEFAULT = {"", "mysql_native_password"}
EVERYBODY = SchemaObject(kind=ObjectKind.ACCOUNT, name="PUBLIC", digest=digest("1", [], "", "0", "0", [], []))
"""What all accounts may do everywhere, where that is nothing; what they may do in a database counts with its grants."""


def accounts(connection: Connection[Any]) -> list[SchemaObject] | None:
    """Return the server's accounts and roles but those that every server has, or None where they may not be seen."""
    try:
        found = rows_of(
            connection,
            "SELECT user, host, JSON_VALUE(priv, '$.plugin'), JSON_EXTRACT(priv, '$.auth_or[*].plugin'), "
            "JSON_VALUE(priv, '$.is_role'), JSON_VALUE(priv, '$.default_role'), "
            "JSON_VALUE(priv, '$.account_locked'), JSON_VALUE(priv, '$.ssl_type') FROM mysql.global_priv",
        )
        members = rows_of(connection, "SELECT user, host, role, admin_option FROM mysql.roles_mapping")
        present = brought(connection, OWN_ACCOUNTS)
    except pymysql.err.MySQLError as error:
        if error_code(error) in _MAY_NOT_SEE:
            return None
        raise
    roles: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for user, host, role, admin in members:
        roles.setdefault((str(user), str(host)), []).append((str(role), str(admin)))
    privileges = _global_privileges(connection)
    return [
        SchemaObject(
            kind=ObjectKind.ACCOUNT,
            name=f"{user}@{host}" if host or not is_role else str(user),
            digest=digest(
                str(is_role or 0),
                sorted({str(plugin or ""), *json.loads(others or "[]")} - _BY_DEFAULT),
                str(default_role or ""),
                str(locked or 0),
                str(ssl or 0),
                privileges.get(f"'{user}'@'{host}'", []),
                sorted(roles.get((str(user), str(host)), [])),
            ),
        )
        for user, host, plugin, others, is_role, default_role, locked, ssl in found
        if (str(user), str(host)) in present
    ]


def routine_grants(connection: Connection[Any], database: str) -> list[SchemaObject] | None:
    """Return what accounts may do with the routines of a database, or None where that may not be seen."""
    try:
        found = rows_of(
            connection,
            "SELECT user, host, routine_name, routine_type, proc_priv FROM mysql.procs_priv WHERE db = %s",
            (database,),
        )
    except pymysql.err.MySQLError as error:
        if error_code(error) in _MAY_NOT_SEE:
            return None
        raise
    return [
        SchemaObject(
            kind=ObjectKind.ROUTINE_GRANT,
            name=f"{database}: '{user}'@'{host}' on {str(what).lower()} {name}",
            digest=digest(sorted({one.upper() for one in str(privileges).split(",")} - NEW_PRIVILEGES)),
        )
        for user, host, name, what, privileges in found
    ]


def _global_privileges(connection: Connection[Any]) -> dict[str, list[str]]:
    """Return what each grantee may do everywhere; all that there is to be had is told as that, in every series."""
    granted = "SELECT grantee, privilege_type, is_grantable FROM information_schema.user_privileges"
    found: dict[str, set[str]] = {}
    grantable = set()
    for grantee, privilege, may_grant in rows_of(connection, granted):
        if privilege not in _NOT_COUNTED:
            found.setdefault(str(grantee), set()).add(str(privilege))
        if may_grant == "YES":
            grantable.add(str(grantee))
    known = {str(name).upper() for name, *_ in rows_of(connection, "SHOW PRIVILEGES")} - {"GRANT OPTION", *_NOT_COUNTED}
    return {
        grantee: (_ALL if known <= {name.upper() for name in names} else sorted(names))
        + (["WITH GRANT OPTION"] if grantee in grantable else [])
        for grantee, names in found.items()
    }
