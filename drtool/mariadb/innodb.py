"""What InnoDB calls its tables in its own dictionary, as SQL that reads it."""

from __future__ import annotations

# As InnoDB writes them, `database/table#P#partition`, in the character set of file names, which the server itself
# reads: no sign of a name is a `#` there.
_READ = "CONVERT(CONVERT(CONVERT({} USING binary) USING filename) USING utf8mb4)"


def database_of(column: str) -> str:
    """Return the expression for the database of a table of InnoDB's that a column names."""
    return _READ.format(f"SUBSTRING_INDEX({column}, '/', 1)")


def table_of(column: str) -> str:
    """Return the expression for the table that a column of InnoDB's names, without its partition."""
    return _READ.format(f"SUBSTRING_INDEX(SUBSTRING_INDEX({column}, '/', -1), '#', 1)")
