"""The credentials that may be in drtool's environment, and what of it the programs get that log in nowhere."""

from __future__ import annotations

import os

DATABASE_PASSWORDS = ("DRTOOL_DB_PASSWORD", "MYSQL_PWD")
"""The variables that a database's password is looked for in, the first one first."""

TIMESTAMP_AUTHORITY = "DRTOOL_TSA"
"""The variable with the URL of a time-stamp authority; in it, and not on a command line, it may have a password."""

_STORES = "AWS_"


def environment_without_credentials() -> dict[str, str]:
    """Return drtool's environment less the passwords and keys that are meant for drtool alone.

    A program that drtool runs hands its environment on to programs of its own: hooks, agents, askpass, middleware of
    tokens. None of them has any business with the database, the store or the time-stamp authority.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name not in (*DATABASE_PASSWORDS, TIMESTAMP_AUTHORITY) and not name.startswith(_STORES)
    }
