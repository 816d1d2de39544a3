"""Which tables and databases of a backup are wanted, where it is not all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from drtool.errors import WrongUse

Named = tuple[str, str]
"""A database and a table or view in it."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Tables and databases by their names; each pattern is of a database and of a table, such as `shop` and `*`."""

    patterns: tuple[Named, ...]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Selection | None:
        """Return what is written as `shop.orders`, `shop.log_*`, or `blog` and `blog.*` for all of a database.

        None where nothing is written, which is no selection.

        Raises:
            WrongUse: something is no such name.
        """
        patterns = []
        for text in texts:
            database, dot, table = text.strip().replace("`", "").partition(".")
            if not database or (dot and not table) or any(ord(sign) < 32 for sign in text):
                what = f"{text!r} names no table and no database"
                raise WrongUse("bad-selection", what, mend="Write shop.orders, shop.log_*, or blog for a database")
            patterns.append((database, table or "*"))
        return cls(patterns=tuple(dict.fromkeys(patterns))) if patterns else None

    def __str__(self) -> str:
        return ", ".join(f"{database}.{table}" for database, table in self.patterns)

    def takes(self, database: str, table: str) -> bool:
        """Tell whether a table or view is wanted."""
        return any(fnmatchcase(database, of) and fnmatchcase(table, name) for of, name in self.patterns)

    def takes_all_of(self, database: str) -> bool:
        """Tell whether a whole database is wanted, with its routines and events."""
        return any(fnmatchcase(database, of) and name == "*" for of, name in self.patterns)

    def touches(self, database: str) -> bool:
        """Tell whether anything in a database is wanted."""
        return any(fnmatchcase(database, of) for of, _ in self.patterns)

    def unmet(self, there: Iterable[Named]) -> list[str]:
        """Return the patterns, as they were written, that nothing of what there is matches."""
        known = list(there)
        return [
            f"{of}.{name}"
            for of, name in self.patterns
            if not any(fnmatchcase(database, of) and fnmatchcase(table, name) for database, table in known)
        ]

    @property
    def expressions(self) -> str:
        """As lines of two regular expressions with a tab in between, of Python's and Perl's making."""
        return "\n".join(f"{_perl(database)}\t{_perl(table)}" for database, table in self.patterns)


def _perl(pattern: str) -> str:
    return translate(pattern).replace(r"\Z", r"\z")
