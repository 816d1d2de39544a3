"""Whether what is stored in the schema to be run can be run: its text is taken, and the account it runs as is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from pymysql.connections import Connection

from drtool.amounts import listed
from drtool.checks.one_by_one import one_by_one
from drtool.checks.sql import Answer
from drtool.mariadb.sql import of_users, quoted, rows_of, value_of
from drtool.record.verdicts import Verdict

# Views are told of by whether they can be read. What runs as whoever calls it needs no account of its own.
_PROGRAMS = files("drtool.checks").joinpath("programs.sql").read_text(encoding="utf-8")
_PROGRAMS += f"WHERE {of_users('home', 'definer')} ORDER BY 1, 2, 3"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A routine, trigger or event; `definer` is None where it runs as whoever calls it."""

    kind: str
    schema: str
    name: str
    definer: str | None

    def __str__(self) -> str:
        return f"{self.kind.lower()} {self.schema}.{self.name}"


def check_texts(connection: Connection[Any]) -> Answer:
    """Have the server show every routine, trigger and event, for which it must take its text."""
    programs = _programs(connection)
    databases = {str(name) for (name,) in rows_of(connection, "SELECT schema_name FROM information_schema.schemata")}
    # The server keeps routines of all databases in tables of its own, which are dumped without these databases.
    elsewhere = [one for one in programs if one.schema not in databases]

    def show(one: Program) -> None:
        rows_of(connection, f"SHOW CREATE {one.kind} {quoted(one.schema)}.{quoted(one.name)}")

    here = [one for one in programs if one.schema in databases]
    answer = one_by_one(here, show, named=str).answer("broken")
    if elsewhere:
        others = f"not asked, since their databases are not in this backup: {listed(list(map(str, elsewhere)))}"
        answer = replace(answer, observed=f"{answer.observed}; {others}")
    return answer


def number_of_kinds(connection: Connection[Any]) -> dict[str, int]:
    """Return how many routines, triggers and events there are, by their kinds in small letters."""
    return dict(Counter(one.kind.lower() for one in _programs(connection)))


def definers_question(accounts_brought: bool) -> Callable[[Connection[Any]], Answer]:
    """Return how to ask whether the accounts are there that routines, triggers and events run as.

    A dump of some databases brings no accounts: then that there are none is not its fault, and the answer only
    says which the recovery has to get from elsewhere.
    """

    def ask(connection: Connection[Any]) -> Answer:
        lacking = without_definer(connection)
        if not lacking:
            return Answer(outcome=Verdict.PASSED, observed="every one is there")
        names = listed(sorted({str(one.definer) for one in lacking}))
        observed = f"{len(lacking)} run as accounts that are not there ({names}): {listed(list(map(str, lacking)))}"
        if accounts_brought:
            return Answer(outcome=Verdict.FAILED, observed=observed)
        return Answer(outcome=Verdict.PASSED, observed=f"the backup brings no accounts; {observed}")

    return ask


def definer_missing_of_view(connection: Connection[Any], schema: str, view: str) -> str | None:
    """Return the account that a view runs as if it is not there; the server says only that access is denied."""
    asked = "SELECT definer FROM information_schema.views WHERE table_schema = %s AND table_name = %s"
    asked += " AND security_type = 'DEFINER'"
    found = [str(definer) for (definer,) in rows_of(connection, asked, (schema, view))]
    accounts = _accounts(connection)
    return next((definer for definer in found if not _is_there(connection, definer, accounts)), None)


def _accounts(connection: Connection[Any]) -> list[tuple[str, str, bool]]:
    """Return user, host and whether it is a role, of every account."""
    found = rows_of(connection, "SELECT user, host, COALESCE(JSON_VALUE(priv, '$.is_role'), 0) FROM mysql.global_priv")
    return [(str(user), str(host), bool(int(role))) for user, host, role in found]


def without_definer(connection: Connection[Any]) -> list[Program]:
    """Return the routines, triggers and events that run as an account which is not there."""
    accounts = _accounts(connection)
    owned = (one for one in _programs(connection) if one.definer is not None)
    return [one for one in owned if not _is_there(connection, str(one.definer), accounts)]


def _is_there(connection: Connection[Any], definer: str, accounts: list[tuple[str, str, bool]]) -> bool:
    user, _, host = definer.rpartition("@")
    if not host:
        return any(role and name == user for name, _, role in accounts)
    hosts = [pattern for name, pattern, role in accounts if name == user and not role]
    # The server takes an account for a definer if its pattern of hosts covers the definer's: app@% for app@localhost.
    covers = "SELECT LOWER(%s) LIKE LOWER(%s)"
    return any(pattern.lower() == host.lower() or value_of(connection, covers, (host, pattern)) for pattern in hosts)


def _programs(connection: Connection[Any]) -> list[Program]:
    return [
        Program(
            kind=str(kind), schema=str(schema), name=str(name), definer=str(definer) if security == "DEFINER" else None
        )
        for kind, schema, name, definer, security in rows_of(connection, _PROGRAMS)
    ]
