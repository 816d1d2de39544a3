"""In which character set a dump is read that names none, and what it is told where it is in another one."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pymysql
from pymysql.constants import ER

from drtool.errors import Unverifiable
from drtool.mariadb.charsets import HIDES_SIGNS, USUAL
from drtool.mariadb.sql import SQL_ERROR, describe_sql_error, of_users, value_of
from drtool.record.journal import Journal
from drtool.restore.delivered import tables_with
from drtool.restore.diagnosis import altered, sql_failure
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Named, PromisedTable, Promises
from drtool.restore.warned import of_texts, that_mean_nothing
from drtool.sandbox.server import Server

_OTHER_BYTES = {
    ER.TRUNCATED_WRONG_VALUE_FOR_FIELD,
    1300,
    1977,
}  # 1300, 1977: ER_INVALID_CHARACTER_STRING, ER_CANNOT_CONVERT_CHARACTER
_BROKEN_STATEMENTS = {"dump-does-not-load", "dump-end-swallowed"}
_IN_ANOTHER = ("Incorrect string value", "Invalid ", "Cannot convert ")


def of_client(said: str | None, named: str | None) -> str:
    """Return the character set that the client takes a dump to be in, until that says another one.

    Args:
        said: the one that the scenario says.
        named: the one that the dump names at its beginning. The client splits a dump into statements before it says
            so, and needs to know one of those in which signs of SQL's are parts of letters.
    """
    return named if named in HIDES_SIGNS else said or USUAL


def unnamed_failure(outcome: Outcome, what: str, *, said: str | None, named: bool) -> Unverifiable | None:
    """Return that a load ended at bytes that are not of the character set that it was read in, since it names none."""
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if named or found is None or int(found["code"]) not in _OTHER_BYTES:
        return None if named else _misread(outcome, what, said)
    if not (found["text"] or "").startswith(_IN_ANOTHER):
        return None
    where = f" at line {found['line']}" if found["line"] else ""
    return _unnamed(what, said, f"{describe_sql_error(int(found['code']))}{where}")


def _misread(outcome: Outcome, what: str, said: str | None) -> Unverifiable | None:
    """Return that a load ended where half a letter was taken for a backslash, which kept a string from ending."""
    failure = sql_failure(outcome)
    if said or not outcome.promised.hides or failure is None or failure.code not in _BROKEN_STATEMENTS:
        return None
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if found and int(found["code"]) != ER.PARSE_ERROR:
        return None
    unnamed = _unnamed(what, said, f"what is half a letter in it was taken for a backslash ({failure.what})")
    sets = ", ".join(sorted(HIDES_SIGNS))
    mend = f"Name it (charset=, or --charset): in {sets} a backslash may be half a letter; or dump with SET NAMES in it"
    return Unverifiable(unnamed.code, unnamed.what, why=unnamed.why, mend=mend)


def unnamed_changes(
    outcome: Outcome, what: str, texts: Callable[[set[str]], Container[str]], *, said: str | None, named: bool
) -> tuple[Unverifiable | None, Outcome]:
    """Return that texts were changed since what was loaded names no character set, and what else there is in warnings.

    Args:
        outcome: how it loaded.
        what: was loaded.
        texts: gives which of some names are those of columns that have a character set.
        said: the one that the scenario says.
        named: whether it names one.
    """
    if named:
        return None, outcome
    of_bytes = {one: times for one, times in outcome.warnings.items() if one[0] in _OTHER_BYTES}
    of_text = texts({column for _, column in of_bytes}) if of_bytes else ()
    changed = {one: times for one, times in of_bytes.items() if one[1] in of_text}
    if not changed:
        return None, outcome
    others = {one: times for one, times in outcome.warnings.items() if one not in changed}
    numbers = ", ".join(sorted({str(code) for code, _ in changed}))
    why = f"the server put other letters in their place (warning {numbers}, {sum(changed.values())} times)"
    return _unnamed(what, said, why), replace(outcome, warnings=others)


def judge_changes(
    journal: Journal,
    name: str,
    server: Server,
    outcome: Outcome,
    what: str,
    *,
    said: str | None,
    named: bool,
    tables: Mapping[Named, PromisedTable],
    engines_told: bool,
) -> None:
    """Enter what the server changed of what was loaded, and where that is for want of a character set.

    Args:
        journal: of the drill.
        name: what the drill calls the database.
        server: it was loaded into.
        outcome: how it loaded.
        what: was loaded.
        said: the character set that the scenario says.
        named: whether what was loaded names one.
        tables: that were made and filled.
        engines_told: whether the tables that came in another engine are told by their names.
    """
    unnamed, rest = unnamed_changes(
        outcome, what, lambda names: of_texts(server, tables, names), said=said, named=named
    )
    changed = altered(
        rest,
        what,
        cache(lambda: that_mean_nothing(server, tables, rest.warnings)),
        lambda columns: tables_with(server, columns, tables),
        of_server=server.own_account,
        engines_told=engines_told,
    )
    for found in filter(None, (unnamed, changed)):
        journal.finding(found, resource=name)


def note_character_set(journal: Journal, name: str, *, said: str | None, named: bool, wide: bool) -> None:
    """Enter in which character set texts were taken to be that do not say it, or that they say it themselves."""
    if named and said:
        journal.deviation(
            f"What was loaded into {name} names its character set itself, so charset={said!r} was not used"
        )
    elif said:
        journal.assumption(
            f"{name}: texts that do not say their character set were read in {said}, as the scenario says"
        )
    elif wide and not named:
        journal.assumption(
            f"{name}: texts that do not say their character set were read in {USUAL}, which dump tools write if not "
            "told otherwise, and they fit; charset= says another"
        )


def note_short_letters(journal: Journal, name: str, server: Server, promised: Promises) -> None:
    """Enter what is taken for granted where mysqldump or mariadb-dump wrote texts of utf8mb4 in utf8.

    Letters that it lacks are `?` in the dump already, whatever they were, and nothing of that is told when it is made.
    """
    named = {one.lower() for one in promised.character_sets}
    if not promised.dumps_begun or not named & {"utf8", "utf8mb3"} or named & {"utf8mb4", "binary"}:
        return
    asked = "SELECT COUNT(*) FROM information_schema.columns WHERE character_set_name = 'utf8mb4'"
    with suppress(pymysql.err.MySQLError, Unverifiable):
        if value_of(server.standing(), f"{asked} AND {of_users('table_schema')}"):
            journal.assumption(
                f"{name}: its texts in utf8mb4 have no letters of four bytes, such as emoji: the dump is written in "
                "utf8, in which each of them became a question mark (--default-character-set=utf8mb4 keeps them)"
            )


def _unnamed(what: str, said: str | None, why: str) -> Unverifiable:
    if said:
        told = f"Not all that is in {what} is in {said}, as the scenario says it is"
        return Unverifiable("charset-not-named", told, why=why, mend="Look what production's tool was told to write")
    told = f"There is text in {what} that is no UTF-8, and it names no character set that it would be in (SET NAMES)"
    return Unverifiable("charset-not-named", told, why=why)
