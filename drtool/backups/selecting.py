"""Which database a dump selects itself, and whether it does so before its first table."""

from __future__ import annotations

import re

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
