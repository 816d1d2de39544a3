"""Statements that destroy data, found among those of a binary log: what was dropped, emptied or rewritten, and when.

Texts of statements hold values. What leaves this module is what was done, to which table, and where in the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from drtool.binlogs.format import Gtid
from drtool.binlogs.transactions import Statement, Transaction
from drtool.errors import WrongUse
from drtool.times import utc


class Deed(StrEnum):
    """What a statement does to data that is not easily undone."""

    DROP_DATABASE = "DROP DATABASE"
    DROP_TABLE = "DROP TABLE"
    TRUNCATE = "TRUNCATE"
    DELETE = "DELETE without WHERE"
    UPDATE = "UPDATE without WHERE"
    OTHER = "statement"
    """None of these, but what the scenario looked for."""


@dataclass(frozen=True, kw_only=True)
class BadStatement:
    """A statement in a binary log; `Drill.replay_binlogs` takes it as what to stop before.

    Attributes:
        deed: what it does.
        table: to which table, as `database.table`; a database alone where it was that; empty where it names none.
        gtid: of its transaction.
        at: when it was committed, UTC, in whole seconds, by the server's clock.
        file: the log it stands in.
        position: where its transaction begins there.
    """

    deed: Deed
    table: str
    gtid: Gtid
    at: datetime
    file: str
    position: int

    def __str__(self) -> str:
        what = f"{self.deed} {self.table}" if self.table else f"{self.deed}"
        return f"{what}, {self.gtid} of {utc(self.at)} at {self.file}:{self.position}"


_NAME = r"(?:`[^`]{1,64}`|[\w$]{1,64})"
_QUALIFIED = rf"(?P<table>{_NAME}(?:\s*\.\s*{_NAME})?)"
_DEEDS: tuple[tuple[Deed, re.Pattern[str]], ...] = (
    (
        Deed.DROP_DATABASE,
        re.compile(rf"DROP\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+EXISTS\s+)?(?P<table>{_NAME})", re.IGNORECASE),
    ),
    (Deed.DROP_TABLE, re.compile(rf"DROP\s+TABLES?\s+(?:IF\s+EXISTS\s+)?{_QUALIFIED}", re.IGNORECASE)),
    (Deed.TRUNCATE, re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?{_QUALIFIED}", re.IGNORECASE)),
    (Deed.DELETE, re.compile(rf"DELETE\s+(?:(?:LOW_PRIORITY|QUICK|IGNORE)\s+)*FROM\s+{_QUALIFIED}", re.IGNORECASE)),
    (Deed.UPDATE, re.compile(rf"UPDATE\s+(?:(?:LOW_PRIORITY|IGNORE)\s+)*{_QUALIFIED}", re.IGNORECASE)),
)
_FURTHER_TABLE = re.compile(rf"\s*,\s*{_QUALIFIED}")
_BOUNDED = re.compile(r"\b(?:WHERE|LIMIT)\b", re.IGNORECASE)
# Comments and literals: nothing in them makes a statement what it is. Comments that the server carries out stay.
# What is never closed goes to the end: so no text takes longer than its length, whoever wrote it.
_NO_SYNTAX = re.compile(
    r"""(?P<literal>'(?:[^'\\]|\\.|'')*+(?:'|\Z|\\\Z)|"(?:[^"\\]|\\.|"")*+(?:"|\Z|\\\Z))"""
    r"""|/\*(?!M?!).*?(?:\*/|\Z)|(?:\#|--[ \t])[^\n]*""",
    re.DOTALL,
)


def deeds(statement: Statement) -> Iterator[tuple[Deed, str]]:
    """Yield what a statement destroys: the deed, and the table or database it is done to."""
    text = _NO_SYNTAX.sub(lambda found: "''" if found["literal"] else " ", statement.text).strip()
    for deed, pattern in _DEEDS:
        if (found := pattern.match(text)) is None:
            continue
        if deed in {Deed.DELETE, Deed.UPDATE} and _BOUNDED.search(text, found.end()):
            return
        if statement.tables and deed in {Deed.DELETE, Deed.UPDATE}:
            yield from ((deed, table) for table in statement.tables)  # triggers' tables among them
            return
        while found:
            yield deed, _qualified(found["table"], statement.database if deed is not Deed.DROP_DATABASE else "")
            found = _FURTHER_TABLE.match(text, found.end()) if deed is Deed.DROP_TABLE else None
        return


def bad_statement(
    transaction: Transaction, file: str, *, deed: Deed | None, table: str | None, matching: re.Pattern[str] | None
) -> BadStatement | None:
    """Return what is looked for in a transaction, or None.

    Args:
        transaction: with its statements.
        file: the log it stands in.
        deed: which; None for any.
        table: a pattern such as `shop.orders` or `shop.*`; None for any.
        matching: what the statement's text must hold; then it need not be one of the deeds known here.
    """
    for statement in transaction.statements:
        done = list(deeds(statement))
        if matching:
            if not matching.search(statement.text):
                continue
            done = done or [(Deed.OTHER, name) for name in statement.tables or ("",)]
        for what, name in done:
            if deed in {None, what} and (table is None or fnmatchcase(name, table)):
                gtid, at = transaction.gtid, transaction.at
                return BadStatement(deed=what, table=name, gtid=gtid, at=at, file=file, position=transaction.begin)
    return None


def _qualified(written: str, database: str) -> str:
    name = re.sub(r"\s*\.\s*", ".", written).replace("`", "")
    return name if "." in name or not database else f"{database}.{name}"


def parse_deed(what: str | None) -> Deed | None:
    """Return the deed that a scenario names, in any case; None for any.

    Raises:
        WrongUse: it is none.
    """
    if what is None:
        return None
    named = {str(deed).lower(): deed for deed in Deed if deed is not Deed.OTHER}
    if what.lower() not in named:
        mend = f"Use one of: {', '.join(named)}; or matching= with a regular expression"
        raise WrongUse("bad-statement-kind", f"{what!r} is nothing that drtool looks for in binary logs", mend=mend)
    return named[what.lower()]


def parse_matching(expression: str | None) -> re.Pattern[str] | None:
    """Return the compiled expression, which takes no notice of case.

    Raises:
        WrongUse: it is no regular expression.
    """
    try:
        return re.compile(expression, re.IGNORECASE | re.DOTALL) if expression is not None else None
    except re.error as error:
        raise WrongUse("bad-expression", f"{expression!r} is no regular expression: {error}") from error
