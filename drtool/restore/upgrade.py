"""The upgrade of a restored server's data to a newer series, as a step of the recovery: `mariadb-upgrade`."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.amounts import listed
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import SQL_ERROR, describe_sql_error, error_code, is_of_sandbox, quoted, rows_of, tables_of
from drtool.record.steps import Phase
from drtool.record.verdicts import Check, Verdict
from drtool.restore.context import RestoreContext
from drtool.sandbox.loss import stop_failure
from drtool.sandbox.server import SOCKET, Server

# The program has had its name since 10.4.6; --force has it look at every table, though a new server's own are new.
_UPGRADE = files("drtool.restore").joinpath("upgrade.sh").read_text(encoding="utf-8")
_PHASE = re.compile(r"Phase \d+/\d+: (?P<phase>[\w ',-]+)")
# mariadb-check's lines: `shop.orders   OK`, or the table alone and then what is the matter with it.
_TABLE = re.compile(r"(?P<table>[\w$-]{1,64}\.[\w$-]{1,64})\s*(?:Needs upgrade)?")
_NOT_NEEDED = 1  # what --check-if-upgrade-is-needed ends with then


@dataclass(frozen=True, kw_only=True)
class _Ran:
    status: int
    lines: tuple[str, ...]


def upgrade(context: RestoreContext, name: str, server: Server) -> None:
    """Upgrade what was restored into a server newer than the one that it comes from, and check that it is whole.

    Raises:
        RestoreFailed: the upgrade fails.
        Unverifiable: the sandbox was lost.
    """
    with context.journal.step(Phase.START, f"upgrade {name} to MariaDB {server.version}", resource=name):
        ran = _run(server, "--force")
        if ran.status:
            raise stop_failure(server.container) or _failure(ran, server.version)
    with context.journal.step(Phase.VERIFY, f"check the upgrade of {name}", resource=name):
        started = time.monotonic()
        left = _left_to_do(server)
        context.journal.check(
            Check(
                resource=name,
                name="upgrade is complete",
                question="mariadb-upgrade --check-if-upgrade-is-needed, and CHECK TABLE ... FOR UPGRADE on every table",
                expected="nothing left to upgrade",
                observed=f"left to upgrade: {', '.join(left)}" if left else "nothing left to upgrade",
                outcome=Verdict.FAILED if left else Verdict.PASSED,
                builtin=True,
                elapsed_seconds=time.monotonic() - started,
            )
        )


def connected(server: Server) -> Connection[Any]:
    """Return a connection to a restored server.

    Raises:
        RestoreFailed: what was restored has made it stop.
        Unverifiable: it does not let drtool in.
    """
    try:
        return server.connect()
    except pymysql.err.MySQLError as error:
        why = describe_sql_error(error_code(error))
        lost = Unverifiable("locked-out", "The restored server does not let drtool in", why=why)
        raise (stop_failure(server.container) or lost) from error


def _run(server: Server, *options: str) -> _Ran:
    connected(server).close()  # finds out which account lets us in; the last program may have changed that
    told = (SOCKET, server.account, *options)
    talk = server.container.talk(_UPGRADE, *told, doing="upgrading the restored server", environment=server.login)
    said = tuple(talk.lines())
    return _Ran(status=talk.status or 0, lines=said)


def _failure(ran: _Ran, version: str) -> RestoreFailed:
    """Reduce what the upgrade said to its phase, error numbers and tables: the rest may quote anything."""
    phases = [found["phase"].strip() for found in map(_PHASE.match, ran.lines) if found]
    said = filter(None, map(SQL_ERROR.search, ran.lines))
    errors = [describe_sql_error(int(found["code"]), found["text"] or "") for found in said]
    tables = [found["table"] for found in map(_TABLE.fullmatch, ran.lines) if found]
    why = [f"in its phase '{phases[-1]}'"] if phases else []
    why += list(dict.fromkeys(errors))[:1]
    why += [f"over {listed(tables)}"] if tables else []
    what = f"The restored data cannot be upgraded to MariaDB {version}: mariadb-upgrade ended with status {ran.status}"
    return RestoreFailed("upgrade-failed", what, why=", ".join(why))


def _left_to_do(server: Server) -> list[str]:
    marker = _run(server, "--check-if-upgrade-is-needed")
    done = marker.status == _NOT_NEEDED and not any("FATAL" in line for line in marker.lines)
    left = [] if done else ["the server's own mark"]
    return left + _tables_to_upgrade(server.standing())


def _tables_to_upgrade(connection: Connection[Any]) -> list[str]:
    found = []
    for schema, table in tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED"):
        try:
            kind, text = rows_of(connection, f"CHECK TABLE {quoted(schema)}.{quoted(table)} FOR UPGRADE")[-1][2:4]
        except pymysql.err.MySQLError as error:
            if is_of_sandbox(error):
                why = describe_sql_error(error_code(error))
                raise Unverifiable(
                    "sandbox-lost", "The server went away while its upgrade was checked", why=why
                ) from error
            kind, text = "error", ""
        if str(kind).lower() == "error" or (str(kind).lower() == "status" and str(text) != "OK"):
            found.append(f"{schema}.{table}")
    return [listed(found)] if found else []
