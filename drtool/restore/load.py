"""How every load of SQL into a server ends, whether it came from a dump, a folder of them or binary logs."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.amounts import count, listed
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.accounts import has_administrator, put_in_force
from drtool.mariadb.known_state import brought, executed_since, known_state, set_back
from drtool.mariadb.sql import describe_sql_error, error_code, error_text, rows_of, value_of
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.sandbox.loss import raise_if_cut_short, stop_failure
from drtool.sandbox.server import OWN_ACCOUNTS, Server

_FULL = re.compile(r"MariaDB error 1114 .*: (?P<table>.+)")
_IN_MEMORY = "SELECT 1 FROM information_schema.tables WHERE engine = 'MEMORY' AND table_name = %s"
_MEND = "Take that statement out of the dump: the runbook switches events on, after the checks"


def raise_load_failure(
    server: Server, failure: DrtoolError | None, *, finished: bool, what: str, mend: str = _MEND
) -> None:
    """Raise why a load did not end well, or has done more than to load.

    Args:
        server: what was loaded into.
        failure: what the programs that loaded say went wrong.
        finished: whether they came to their end.
        what: was loaded, for the error that says it switched events on.
        mend: for the same.

    Raises:
        RestoreFailed: `failure`, or what was loaded has stopped the server or let events loose on the data.
        Unverifiable: `failure`, or the load was cut short from outside.
    """
    raise_if_cut_short(server.container, finished=finished)
    events_on = events_switched_on(server)
    if failure:
        raise of_memory(server, failure)
    if events_on or _executed(server, "executed_events"):  # it may have switched them off again
        on = f"{what} switched the server's event scheduler on, so events may have changed the data"
        raise RestoreFailed("events-switched-on", on, mend=mend)


def of_memory(server: Server, failure: DrtoolError) -> DrtoolError:
    """Return a failure as that of a table in memory, where one is full: its limit is a setting, and not the disk."""
    if found := _FULL.fullmatch(failure.why):
        with suppress(pymysql.err.MySQLError, Unverifiable):
            if server.standing().cursor().execute(_IN_MEMORY, (found["table"],)):
                what = f"The table {found['table']}, one in memory, holds more than max_heap_table_size lets it"
                return RestoreFailed("table-full", what, why=failure.why)
    return failure


def events_switched_on(server: Server) -> bool:
    """Tell whether what was loaded has let its events loose on the data, and stop them.

    Raises:
        RestoreFailed: the dump has stopped the server.
        Unverifiable: somebody else has.
    """
    try:
        connection = server.standing()
    except (pymysql.err.MySQLError, Unverifiable) as error:
        if failure := stop_failure(server.container):
            raise failure from error
        return False  # it runs and lets nobody in: the checks say so
    is_on = bool(value_of(connection, "SELECT @@global.event_scheduler") == "ON")
    if is_on:
        rows_of(connection, "SET GLOBAL event_scheduler = OFF")
    return is_on


def count_anew(server: Server) -> None:
    """Let what has run in a server so far not count for what is loaded into it next."""
    with suppress(pymysql.err.MySQLError, Unverifiable):
        server.known = replace(server.known, executed=known_state(server.standing()).executed)


def triggers_that_fired(server: Server, dump: str) -> Unverifiable | None:
    """Return that triggers have fired while a dump was loaded, whose rows were as triggers had left them already."""
    if fired := _executed(server, "executed_triggers"):
        what = f"While {dump} was loaded triggers fired {count(fired, 'time')}: they stand before rows of their tables"
        return Unverifiable("triggers-before-rows", what)
    return None


def _executed(server: Server, what: str) -> int:
    with suppress(pymysql.err.MySQLError, Unverifiable):
        return executed_since(server.standing(), server.known).get(what, 0)
    return 0


def settle(context: RestoreContext, name: str, server: Server) -> None:
    """Put a server into the state that it was started in, and enter what a backup has set it to for everybody.

    Its questions are put by an account of their own from then on.
    """
    with context.journal.step(Phase.VERIFY, f"put {name} into a known state", resource=name):
        try:
            connection = server.standing()
            _go_by_accounts(context, name, connection)
            server.find_way_in()
        except pymysql.err.MySQLError:
            return  # it lets nobody in: the checks say so
        try:
            changed, left = set_back(connection, server.known)
            loaded = brought(connection, server.known)
        except pymysql.err.MySQLError as error:
            what, why = f"The server of {name} cannot be put into a known state", describe_sql_error(error_code(error))
            context.journal.finding(Unverifiable("state-unknown", what, why=why), resource=name)
            return
        if changed:
            context.journal.deviation(
                f"What was loaded into {name} sets these for the whole server; they were set back before the checks: "
                f"{', '.join(changed)}"
            )
        if left:
            what = f"The server of {name} cannot be put into a known state: {', '.join(left)} did not go back"
            context.journal.finding(Unverifiable("state-unknown", what), resource=name)
        if loaded:
            context.journal.deviation(f"{name} has plugins and functions that came with its backup: {listed(loaded)}")
        try:
            server.let_ask()
        except pymysql.err.MySQLError as error:
            context.journal.deviation(
                f"{name}: the checks are put with all privileges, since no account could be made for them: "
                f"{describe_sql_error(error_code(error))}"
            )


def _go_by_accounts(context: RestoreContext, name: str, connection: Connection[Any]) -> None:
    try:
        if put_in_force(connection):
            context.journal.deviation(
                f"What was loaded into {name} wrote its tables of accounts, and not all of that was in force; "
                "FLUSH PRIVILEGES was done before the checks. A recovery needs it too, or a restart of the server"
            )
    except pymysql.err.MySQLError as error:
        why = describe_sql_error(error_code(error), error_text(error))
        what = f"The server of {name} cannot go by its tables of accounts: FLUSH PRIVILEGES failed"
        mend = "Compare the tables of the database mysql in the dump with those of a server of its series"
        context.journal.finding(Unverifiable("state-unknown", what, why=why, mend=mend), resource=name)


def note_accounts(context: RestoreContext, name: str, server: Server) -> None:
    """Enter what a dump has made of the server's accounts: that it replaced them, or left none to administer it."""
    if server.own_account:
        context.journal.deviation(
            f"The dump of {name} replaced the server's accounts; drtool made one of its own there to put its questions"
        )
    with suppress(Unverifiable):  # it lets nobody in: the checks say so
        try:
            if has_administrator(server.standing(), OWN_ACCOUNTS):
                return
            why = "all others are gone, locked, or may not do that"
        except pymysql.err.MySQLError as error:
            why = describe_sql_error(error_code(error), error_text(error))
        what = f"The dump of {name} leaves its server without an account that may make accounts"
        context.journal.finding(RestoreFailed("accounts-lost", what, why=why), resource=name)


def note_events(context: RestoreContext, name: str, server: Server) -> None:
    """Enter that events of a dump are not there, which the server says in a note alone, and dumps switch notes off."""
    made = _executed(server, "com_create_event")
    with suppress(pymysql.err.MySQLError, Unverifiable):
        there = int(value_of(server.standing(), "SELECT COUNT(*) FROM information_schema.events"))
        if made > there:
            context.journal.deviation(
                f"The dump of {name} makes {count(made, 'event')}, and {there} are there: one whose time has passed is "
                "dropped as it is made (ON COMPLETION NOT PRESERVE), in a recovery too"
            )


def note_sql_mode(context: RestoreContext, name: str, server: Server, which: str) -> None:
    """Enter in which sql_mode statements were taken to be that do not say it, if the scenario does not say it either.

    Args:
        context: the drill.
        name: what the drill calls the database.
        server: they were loaded into.
        which: sets none, with its verb: `the dump sets`.
    """
    if any(one.replace("-", "_") == "sql_mode" for one in server.settings):
        return
    context.journal.assumption(
        f"{name}: {which} no sql_mode, and what is in there was taken to mean the same in the server's default; "
        'settings={"sql_mode": ...} or config= gives production\'s'
    )
