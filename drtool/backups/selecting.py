"""Which database a dump selects itself, and whether it does so before its first table; or names with its tables."""

from __future__ import annotations

import re

from drtool.mariadb.sql import SYSTEM_DATABASES

# The whole statement: a routine in a dump may well have a line that begins with USE INDEX. No \s at the start: over a
# file of nothing but line ends that takes minutes.
_QUOTES = '`"'
_LINE = r"^[ \t]*(?:/\*M?!\d+\s*)?"
_NAME = r"(?:`[^`\n]+`|\"[^\"\n]+\"|[\w$]++)"
_MAKES = re.compile(
    rf"{_LINE}CREATE\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SCHEMA)\s+(?:/\*M?!\d*\s*)?"
    rf"(?:IF\s+NOT\s+EXISTS\s*(?:\*/)?\s*)?+(?P<made>{_NAME})",
    re.MULTILINE | re.IGNORECASE,
)
_SELECTS = re.compile(rf"{_LINE}USE\s+(?P<used>{_NAME})\s*;", re.MULTILINE | re.IGNORECASE)
# A table or a view that is named without its database: it is one of the database that is selected there.
_NEEDS = re.compile(
    rf"{_LINE}(?:(?:CREATE|DROP|ALTER|TRUNCATE|LOCK)\s+(?:[\w=]+\s+){{0,4}}?(?:TABLES?|VIEW)\s+"
    rf"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?+|(?:INSERT|REPLACE)\s+(?:\w+\s+){{0,2}}?INTO\s+){_NAME}(?!\s*\.)",
    re.MULTILINE | re.IGNORECASE,
)

# The same named with its database, where a statement of a tool's begins; in the body of a routine it may be of any.
_QUALIFIED = re.compile(
    rf"^(?:(?:CREATE|DROP)\s+(?:TABLE|VIEW)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?+|(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+)"
    rf"(?P<database>{_NAME})\s*\.\s*{_NAME}",
    re.MULTILINE | re.IGNORECASE,
)
_BODIES = re.compile(
    r"^(?:DELIMITER\s|CREATE\s[^;(]{0,200}?\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)\s)",
    re.MULTILINE | re.IGNORECASE,
)


def database_selected(text: str) -> tuple[bool, str | None]:
    """Tell whether a dump selects a database before it needs one, and which, where it does not make that itself.

    One that names the database with each table needs none: then it is enough that it makes databases or selects any.
    """
    needs = _NEEDS.search(text)
    before = text[: needs.start()] if needs else text
    made, selects = {found["made"].strip(_QUOTES) for found in _MAKES.finditer(before)}, _SELECTS.search(before)
    if selects is None:
        return bool(made) and needs is None, None
    used = selects["used"].strip(_QUOTES)
    return True, None if used in made else used


def database_named_with_tables(text: str) -> str | None:
    """Return the one database that a dump names with tables, and neither makes nor selects; None of several."""
    bodies = _BODIES.search(text)
    before = text[: bodies.start()] if bodies else text
    names = {found["database"].strip(_QUOTES) for found in _QUALIFIED.finditer(before)}
    made = {found["made"].strip(_QUOTES) for found in _MAKES.finditer(before)}
    if len(names) != 1 or names & made or _SELECTS.search(before):
        return None
    [name] = names
    return None if name.lower() in SYSTEM_DATABASES else name
