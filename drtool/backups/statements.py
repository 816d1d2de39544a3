"""Whether a text is SQL, by how its statements begin."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"\s*(?:--(?:[ \t][^\n]*|\r?)(?:\n|$)|#[^\n]*(?:\n|$)|/\*(?!M?!).*?\*/)", re.DOTALL)
_STATEMENT = re.compile(
    r"\s*(?:/\*M?!|(?:ALTER|ANALYZE|BEGIN|CALL|COMMIT|CREATE|DELETE|DELIMITER|DROP|FLUSH|GRANT|INSERT|LOAD|LOCK|RENAME"
    r"|REPLACE|REVOKE|SELECT|SET|START|TRUNCATE|UNLOCK|UPDATE|USE|WITH|XA)\b)",
    re.IGNORECASE,
)
_ROWS = re.compile(r"(?:INSERT|REPLACE)\s", re.IGNORECASE)
_TABLES = re.compile(r"(?:CREATE\s+TABLE|INSERT\s+INTO|REPLACE\s+INTO)\s", re.IGNORECASE)
_ENDS = re.compile(r";[ \t]*\r?\n")


def starts_with_statement(text: str) -> bool:
    """Tell whether a text begins with a statement, whatever comments stand before it."""
    return _STATEMENT.match(text, _behind_comments(text)) is not None


def is_of_statements(text: str) -> bool:
    """Tell whether a text is a row of statements up to its first rows, among them one that makes or fills a table."""
    statements, of_tables = _ENDS.split(text), False
    for statement in statements:
        bare = statement[_behind_comments(statement) :].lstrip()
        if bare and not _STATEMENT.match(bare):
            return False
        of_tables = of_tables or _TABLES.match(bare) is not None
        if _ROWS.match(bare):
            break
    return of_tables


def _behind_comments(text: str) -> int:
    position = 0
    while comment := _COMMENT.match(text, position):
        position = comment.end()
    return position
