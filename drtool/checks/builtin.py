"""Checks that every restored database gets without asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER
from pymysql.cursors import SSCursor

from drtool.amounts import count, listed
from drtool.checks import stored_programs
from drtool.checks.dictionary import check_dictionary
from drtool.checks.one_by_one import one_by_one
from drtool.checks.sql import Answer
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import (
    describe_sql_error,
    error_code,
    error_text,
    is_of_sandbox,
    of_users,
    quoted,
    rows_of,
    tables_of,
    value_of,
)
from drtool.record.verdicts import Verdict

_LACKS_TABLES = {ER.NO_SUCH_TABLE, ER.VIEW_INVALID, ER.BAD_DB_ERROR, ER.SP_DOES_NOT_EXIST}
_PRESENT = "tables are present"
_READABLE = "tables and views are readable"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A built-in check: what it is called, what it asks, what is expected, and how to ask it."""

    name: str
    question: str
    expected: str
    ask: Callable[[Connection[Any]], Answer]


def questions(
    *,
    accounts_brought: int,
    data_files: bool,
    tables_expected: bool = True,
    system_tables: int = 0,
    only: Selection | None = None,
) -> Iterator[Question]:
    """Yield the built-in checks in the order in which they are most telling.

    Args:
        accounts_brought: how many accounts the backup brought; where it did, none may be missing.
        data_files: whether the tables came as files, of which some may be missing.
        tables_expected: whether it has to hold tables of users, and is not of accounts, views or routines alone.
        system_tables: how many of the server's own tables it brought.
        only: which tables were restored on purpose; what others hold is not asked for.
    """
    instead = {"account": accounts_brought, "system table": system_tables}
    if data_files:
        yield Question(
            name="tables of InnoDB are known to the server",
            question="tables in InnoDB's own dictionary that are not in information_schema.tables",
            expected="0 that the server does not know",
            ask=partial(check_dictionary, only=only),
        )
    yield Question(
        name=_PRESENT,
        question="base tables outside the system databases",
        expected="at least 1"
        if tables_expected
        else "at least 1, or else accounts, views, routines, events or sequences",
        ask=_count_tables if tables_expected else partial(_count_what_is_there, instead),
    )
    yield Question(
        name=_READABLE,
        question="SELECT ... LIMIT 1 from every table, and the same prepared from every view",
        expected="0 that cannot be read",
        ask=partial(_read_all, only=only),
    )
    yield Question(
        name="CHECK TABLE",
        question="CHECK TABLE on every base table",
        expected="0 tables with errors",
        ask=_check_tables,
    )
    yield Question(
        name="foreign keys have their parents",
        question="child rows without a parent row, over every foreign key",
        expected="0 orphans",
        ask=partial(_count_orphans, only=only),
    )
    yield Question(
        name="routines, triggers and events are whole",
        question="SHOW CREATE of every routine, trigger and event",
        expected="0 broken",
        ask=stored_programs.check_texts,
    )
    yield Question(
        name="definers exist",
        question="the accounts that routines, triggers and events run as",
        expected="every one is there" if accounts_brought else "every one is there, if the backup brings accounts",
        ask=stored_programs.definers_question(bool(accounts_brought)),
    )


def answered(question: Question, connection: Connection[Any]) -> Answer:
    """Put a question; an error of the server while it is put means that the data could not be questioned."""
    try:
        return question.ask(connection)
    except pymysql.err.MySQLError as error:
        return Answer(outcome=Verdict.UNVERIFIED, observed=describe_sql_error(error_code(error), error_text(error)))


def holds_no_row(answers: Mapping[str, Answer]) -> bool:
    """Tell by the answers, by the names of their questions, whether there are tables, and not one of them has a row."""
    tables, rows = answers[_PRESENT], answers[_READABLE]
    return bool(tables.value) and rows.outcome is Verdict.PASSED and rows.value == 0


def _count_tables(connection: Connection[Any]) -> Answer:
    there = len(tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED"))
    return Answer(outcome=Verdict.PASSED if there else Verdict.FAILED, observed=str(there), value=there)


def _count_what_is_there(instead: Mapping[str, int], connection: Connection[Any]) -> Answer:
    """Count tables; where a backup is of something else, what came with it in their place."""
    tables = _count_tables(connection)
    if tables.value:
        return tables
    kinds = {kind: len(tables_of(connection, kind.upper())) for kind in ("view", "sequence")}
    there = {**instead, **kinds, **stored_programs.number_of_kinds(connection)}
    found = [count(number, kind) for kind, number in there.items() if number]
    if not found:
        return tables
    return replace(tables, outcome=Verdict.PASSED, observed=f"0, and {listed(found)}")


def _read_all(connection: Connection[Any], *, only: Selection | None = None) -> Answer:
    holding, in_need = 0, []
    # To prepare a statement is enough to miss a view's tables or its definer. Its first row may take minutes to
    # compute, and with LIMIT 0, too, the server calls its functions, which may do whatever their maker may.
    views = set(tables_of(connection, "VIEW"))
    tables = set(tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED"))

    def read(table: tuple[str, str]) -> str | None:
        nonlocal holding
        asked = f"SELECT 1 FROM {quoted(table[0])}.{quoted(table[1])} LIMIT 1"  # noqa: S608 (quoted)
        if table in views:
            try:
                rows_of(connection, "PREPARE drtool FROM %s", (asked,))
            except pymysql.err.MySQLError as error:
                if lacking := stored_programs.definer_missing_of_view(connection, *table):
                    return f"{'.'.join(table)} (its definer {lacking} is not there, and accounts= does not name it)"
                if only is None or error_code(error) not in _LACKS_TABLES:
                    raise
                in_need.append(".".join(table))
            return None
        with connection.cursor(SSCursor) as cursor:
            cursor.execute(asked)
            holding += len(cursor.fetchall()) if table in tables else 0
        return None

    things = [*sorted(tables), *tables_of(connection, "SEQUENCE"), *sorted(views)]
    found = one_by_one(things, read, named=".".join)
    answer = found.answer("that cannot be read")
    needs = f"; views that need what was left out, so not asked: {listed(in_need)}" if in_need else ""
    return replace(answer, observed=answer.observed + needs, value=holding)


def _check_tables(connection: Connection[Any]) -> Answer:
    def check(table: tuple[str, str]) -> str | None:
        results = rows_of(connection, f"CHECK TABLE {quoted(table[0])}.{quoted(table[1])}")
        # The last line is the verdict; engines that cannot check (MEMORY, CSV of old) say so in a note.
        kind, text = str(results[-1][2]).lower(), str(results[-1][3])
        if kind == "error" or (kind == "status" and text not in {"OK", "Table is already up to date"}):
            said = pymysql.err.OperationalError(ER.GET_ERRNO, "; ".join(str(line[3]) for line in results))
            if is_of_sandbox(said):
                raise said
            return ".".join(table)
        return None

    tables = tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED")
    # What is wrong with a table the statement says in its result: an error of its own says nothing of the table.
    return one_by_one(tables, check, named=".".join, errors_are_bad=False).answer("tables with errors")


def _count_orphans(connection: Connection[Any], *, only: Selection | None = None) -> Answer:
    columns = rows_of(
        connection,
        "SELECT constraint_schema, constraint_name, table_name, referenced_table_schema, referenced_table_name, "  # noqa: S608 (columns)
        "column_name, referenced_column_name FROM information_schema.key_column_usage "
        f"WHERE referenced_table_name IS NOT NULL AND {of_users('constraint_schema')} "
        "ORDER BY constraint_schema, table_name, constraint_name, ordinal_position",
    )
    keys: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for *key, column, parent_column in columns:
        if only and not only.takes(key[3], key[4]):
            continue
        keys.setdefault(tuple(key), []).append((column, parent_column))
    total = 0

    def orphans_of(key: tuple[str, ...]) -> str | None:
        nonlocal total
        schema, name, child, parent_schema, parent = key
        number = value_of(connection, _orphan_query(schema, child, parent_schema, parent, keys[key]))
        total += number
        return f"{number} in {schema}.{child} ({name})" if number else None

    # A parent that is not there may be in a database that is backed up by itself.
    found = one_by_one(keys, orphans_of, named=lambda key: f"{key[0]}.{key[2]} ({key[1]})", errors_are_bad=False)
    observed = f"{total} orphans" + (f": {listed(found.bad)}" if found.bad else "")
    answer = Answer(outcome=Verdict.FAILED if total else Verdict.PASSED, observed=observed)
    return found.with_unasked(answer, "they could not be counted in")


def _orphan_query(schema: str, child: str, parent_schema: str, parent: str, columns: list[tuple[str, str]]) -> str:
    # A key with a NULL in any of its columns refers to nothing (MATCH SIMPLE), so it is no orphan.
    matches = " AND ".join(f"p.{quoted(parent_column)} = c.{quoted(column)}" for column, parent_column in columns)
    present = " AND ".join(f"c.{quoted(column)} IS NOT NULL" for column, _ in columns)
    return (
        f"SELECT COUNT(*) FROM {quoted(schema)}.{quoted(child)} c WHERE {present} AND NOT EXISTS "  # noqa: S608 (quoted)
        f"(SELECT 1 FROM {quoted(parent_schema)}.{quoted(parent)} p WHERE {matches})"
    )
