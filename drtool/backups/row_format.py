"""How the rows of a folder of `mariadb-dump --tab` are written: its options for that stand nowhere in what it leaves.

With `--header` the first line of each file names the columns, which the server would take for a row.

What a format makes of the first rows tells it: a line has to have as many fields as its table has columns, and quotes
are part of the format where numbers stand in them too. What cannot be told so for certain is not taken for granted: the
server takes rows in another format, too, and what separates or encloses them becomes part of the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drtool.errors import Unverifiable

_COLUMN = re.compile(rb"^  `(?P<name>(?:[^`]|``)+)` (?P<type>\w+)(?P<rest>[^\n]*)$", re.MULTILINE)
_LEFT_OUT = re.compile(rb" (?:GENERATED ALWAYS|INVISIBLE)|^(?:\([^)]*\))? AS \(")
_NO_TEXT = re.compile(rb"(?:tiny|small|medium|big)?int|decimal|float|double|year|date|datetime|timestamp|time|bit")
_NULL = {rb"\N", b"NULL"}
_SEPARATORS = (b"\t", b",", b";", b"|", b":", b"^", b"~", b"\x01")
_QUOTES = (b"", b'"', b"'", b"`")
_ENOUGH = 20
"""So many values that are all enclosed, or lines that all end alike, are no chance."""


@dataclass(frozen=True, kw_only=True)
class RowFormat:
    """What separates fields, encloses them and ends lines, and whether a line before them names the columns.

    Escaped is with a backslash.
    """

    separator: bytes = b"\t"
    quote: bytes = b""
    line: bytes = b"\n"
    header: bool = False

    @property
    def clause(self) -> str:
        """As LOAD DATA takes it; nothing where it is what LOAD DATA takes for granted."""
        ignored = " IGNORE 1 LINES" if self.header else ""
        if replace(self, header=False) == RowFormat():
            return ignored.lstrip()
        separator, quote, line = (f"X'{one.hex()}'" for one in (self.separator, self.quote, self.line))
        enclosed = f" OPTIONALLY ENCLOSED BY {quote}" if self.quote else ""
        return f"FIELDS TERMINATED BY {separator}{enclosed} LINES TERMINATED BY {line}{ignored}"

    @property
    def told(self) -> str:
        """For people."""
        enclosed = f", enclosed in {self.quote.decode()}" if self.quote else ""
        header = ", under a line that names the columns" if self.header else ""
        return f"fields separated by {repr(self.separator)[1:]}{enclosed}, lines ended by {repr(self.line)[1:]}{header}"


@dataclass(frozen=True, kw_only=True)
class FirstRows:
    """A table as its definition has it, and the beginning of its rows, which may end anywhere."""

    names: tuple[bytes, ...]
    columns: tuple[bytes, ...]
    left_out: int
    rows: bytes

    @classmethod
    def of(cls, definition: bytes, rows: bytes) -> FirstRows:
        """Return what the definition that its tool writes says of a table."""
        found = list(_COLUMN.finditer(definition))
        left_out = sum(_LEFT_OUT.search(one["rest"]) is not None for one in found)
        names = tuple(one["name"].replace(b"``", b"`") for one in found)
        return cls(names=names, columns=tuple(one["type"].lower() for one in found), left_out=left_out, rows=rows)

    def has_header(self, form: RowFormat) -> bool:
        """Tell whether the first line names the columns, in their order."""
        first = [
            value[1:-1] if form.quote and _is_quoted(value, form.quote) else value
            for value in next(iter(self.fields(form)), [])
        ]
        after = iter(self.names)
        return len(first) >= len(self.names) - self.left_out > 0 and all(name in after for name in first)

    def fields(self, form: RowFormat) -> list[list[bytes]]:
        """Return the fields of each line that is there to its end, as a format separates them, quotes and all."""
        whole = self.rows[: self.rows.rfind(form.line) + len(form.line)] if form.line in self.rows else b""
        separator, quote, line = map(re.escape, (form.separator, form.quote, form.line))
        enclosed = (
            rb"%b(?:[^%b\\]|\\.|%b%b)*%b(?=%b|%b)|" % (quote, quote, quote, quote, quote, separator, line)
            if quote
            else b""
        )
        field = re.compile(
            rb"(%b(?:\\.|(?!%b|%b)[^\\])*)(%b|%b)" % (enclosed, separator, line, separator, line), re.DOTALL
        )
        lines: list[list[bytes]] = [[]]
        for found in field.finditer(whole):
            lines[-1].append(found[1])
            if found[2] == form.line:
                lines.append([])
        return lines[:-1]

    def fits(self, form: RowFormat) -> tuple[int, int]:
        """Return how many lines have as many fields as there are columns, of how many."""
        lines = self.fields(form)
        allowed = range(len(self.columns) - self.left_out, len(self.columns) + 1)
        return sum(len(line) in allowed for line in lines), len(lines)


def format_of(tables: Sequence[FirstRows]) -> RowFormat:
    """Return the format that all tables of a folder are written in.

    Raises:
        Unverifiable: that cannot be told.
    """
    filled = [table for table in tables if b"\n" in table.rows and table.columns]
    form = _written_in(filled)
    if not filled or not all(table.has_header(form) for table in filled):
        return form
    # One table of texts alone may have taken the head of what was once imported for a row.
    if len(filled) > 1 or any(map(_NO_TEXT.fullmatch, filled[0].columns)):
        return replace(form, header=True)
    raise _not_said("Whether the first line of this folder's rows names their columns (--header)")


def _written_in(filled: Sequence[FirstRows]) -> RowFormat:
    several = [table for table in filled if len(table.columns) - table.left_out > 1]
    usual = RowFormat()
    if not several:
        if any(_all_quoted(table.fields(usual)) or _all_with_return(table) for table in filled):
            raise _not_said()
        return usual
    if (found := _settled(usual, several)) is not None:
        return found
    fitting = [
        RowFormat(separator=separator, quote=quote, line=line)
        for line in (b"\r\n", b"\n")
        for separator in _SEPARATORS
        for quote in _QUOTES
        if all(_fits_whole(table, RowFormat(separator=separator, quote=quote, line=line)) for table in several)
    ]
    # Each that has a quote also takes what has none.
    plain = {one.separator for one in fitting}
    if len(plain) == 1:
        (separator,) = plain
        line = fitting[0].line
        if (
            found := _settled(RowFormat(separator=separator, line=line), several, *(one.quote for one in fitting))
        ) is not None:
            return found
    raise _not_said()


def _settled(form: RowFormat, tables: Sequence[FirstRows], *quotes: bytes) -> RowFormat | None:
    """Return a format with its quotes and line ends, where nearly all rows are of it but for those; else None."""
    for quote in filter(None, quotes or _QUOTES):
        quoted = RowFormat(separator=form.separator, quote=quote, line=form.line)
        if all(_fits_whole(table, quoted) for table in tables) and (sure := _is_enclosed(quoted, tables)) is not None:
            if not sure:
                raise _not_said()
            return quoted
    fit, lines = map(sum, zip(*(table.fits(form) for table in tables), strict=True))
    if fit * 2 <= lines:
        return None
    if form.line == b"\n" and all(_all_with_return(table) for table in tables):
        numbers = any(_NO_TEXT.fullmatch(table.columns[-1]) for table in tables)
        if numbers or lines >= _ENOUGH:
            return RowFormat(separator=form.separator, quote=form.quote, line=b"\r\n")
        raise _not_said()
    return form


def _is_enclosed(form: RowFormat, tables: Sequence[FirstRows]) -> bool | None:
    """Tell whether quotes belong to the format: None where they do not, false where that is not sure."""
    enclosed = 0
    for table in tables:
        for line in table.fields(form):
            for column, value in zip(table.columns, line, strict=False):
                is_quoted = _is_quoted(value, form.quote)
                if is_quoted and _NO_TEXT.fullmatch(column):
                    return True
                if not is_quoted and value not in _NULL and not _NO_TEXT.fullmatch(column):
                    return None
                enclosed += is_quoted
    return enclosed >= _ENOUGH if enclosed else None


def _fits_whole(table: FirstRows, form: RowFormat) -> bool:
    fit, lines = table.fits(form)
    return fit == lines > 0


def _is_quoted(value: bytes, quote: bytes) -> bool:
    return len(value) >= 2 and value.startswith(quote) and value.endswith(quote)


def _all_quoted(lines: Iterable[list[bytes]]) -> bool:
    values = [value for line in lines for value in line if value not in _NULL]
    return any(values and all(_is_quoted(value, quote) for value in values) for quote in _QUOTES if quote)


def _all_with_return(table: FirstRows) -> bool:
    lines = table.rows.split(b"\n")[:-1]
    return bool(lines) and all(line.endswith(b"\r") for line in lines)


def _not_said(
    what: str = "How the rows of this folder are written (--fields-terminated-by and the like)",
) -> Unverifiable:
    return Unverifiable(
        "rows-format-not-said",
        f"{what} is not said, and cannot be told",
        why="read in another format, its values would have more or less in them",
    )
