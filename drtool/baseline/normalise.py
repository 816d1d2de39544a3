"""Brings what servers of different versions say of the same object into one form."""

from __future__ import annotations

import re

# The default of these character sets changed in 11.5 from general_ci to uca1400_ai_ci. A definition that names no
# collation gets the server's, so the two are taken as one: a recovery into a newer server is no damage.
_DEFAULT_COLLATION = re.compile(r"(utf8mb4|utf8mb3|ucs2|utf16|utf32)_(general_ci|uca1400_ai_ci)")
_DISPLAY_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)")
_UTF8 = re.compile(r"\b(charset |_)?utf8(?=_|\b)(?!mb)")
_SPACE = re.compile(r"\s+")


def collation(name: object) -> str | None:
    """Return a collation's name in its normal form; `utf8` and `utf8mb3` are one."""
    if name is None:
        return None
    text = re.sub(r"^utf8(?=_)", "utf8mb3", str(name).lower())
    return _DEFAULT_COLLATION.sub(r"\1 default", text)


def column_type(text: str) -> str:
    """Return a column's type in its normal form: without the display width of integers, where that shows nowhere."""
    if "zerofill" in text:
        return text
    # Inside an enum's or a set's values nothing is changed.
    head, quote, rest = text.partition("'")
    head = _DISPLAY_WIDTH.sub(r"\1", head)
    return head + quote + rest


def expression(text: str, database: str) -> str:
    """Return an expression as the server prints it, in its normal form.

    Args:
        text: a default, a check, the expression of a generated column, or the statement of a view.
        database: names that are qualified by it lose that, so that a restore under another name is no change.
    """
    qualifier = "`" + database.replace("`", "``") + "`."
    parts = re.split(r"('(?:[^'\\]|''|\\.)*')", text.replace(qualifier, ""))
    # Every second part is a string literal, which stays as it is.
    return "".join(part if number % 2 else _bare(part) for number, part in enumerate(parts)).strip()


def _bare(text: str) -> str:
    text = _UTF8.sub(lambda match: f"{match[1] or ''}utf8mb3", text)
    text = re.sub(r"\bcurrent_timestamp\b(?!\()", "current_timestamp()", text, flags=re.IGNORECASE)
    text = re.sub(r"\bCURRENT_TIMESTAMP\b", "current_timestamp", text)
    return _DEFAULT_COLLATION.sub(r"\1_default", _SPACE.sub(" ", text))


def sql_mode(text: object) -> list[str]:
    """Return an SQL mode as a sorted list."""
    return sorted(str(text or "").split(",")) if text else []
