"""How a backup that is a folder is restored: which of its files, how, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drtool.backups.dump_tools import DumpHeader


@dataclass(frozen=True, kw_only=True)
class Load:
    """One file to restore.

    Attributes:
        how: `sql` by the client as it is; `definitions` and `create` as mydumper writes them; `rows` as
            SELECT INTO OUTFILE does; `rows_by` the same with a statement of its own in `statement`.
        path: in the folder.
        database: to load into; None where the file says so itself.
        table: for `rows`; of mydumper, by the name of its files.
        statement: for `rows_by`: the path of the file with the statement.
        charset: what it says it is written in, rows by the definition beside them; None where nothing says it.
        clause: for `rows`: how they are written, as LOAD DATA takes it; nothing where it takes that for granted.
        has_end: whether its tool ends it with a closing comment.
        written_by: what its header says, where it is a dump of a tool that is known.
    """

    how: str
    path: str
    database: str | None = None
    table: str | None = None
    statement: str | None = None
    charset: str | None = None
    clause: str = ""
    has_end: bool = False
    written_by: DumpHeader | None = None

    @property
    def line(self) -> str:
        """As a line of the plan that folder.pl takes."""
        parts = [self.how, self.database, self.table, self.path, self.statement or self.charset, self.clause]
        return "\t".join(part or "-" for part in parts)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """How a folder is restored.

    Attributes:
        kind: what made it, for the report.
        definitions: what creates databases and tables, and whole dumps; some may need others that come later.
        rows: what fills them; each needs its own table only.
        last: triggers, views, routines and accounts, which would be in the way before.
        databases: to be made first.
        left_out: files that are no dumps, by their names too, and are not restored.
        started: the local time without a zone at which the tool says it began, where it does.
        finished: the same for its end.
        counted: how many rows its tool wrote of each table, as database, table and number, where it says so.
        gaps: tables of which, by the numbers of their files, one may be missing.
        named_after: dumps that name no database, with the one of the file's own name that each goes into.
        rows_format: how its rows are written, where that is told by them alone.
        session: what the tool's own loader sets its session to before it loads rows, as `SET` takes it.
    """

    kind: str
    definitions: tuple[Load, ...]
    rows: tuple[Load, ...] = ()
    last: tuple[Load, ...] = ()
    databases: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    started: datetime | None = None
    finished: datetime | None = None
    counted: tuple[tuple[str, str, int], ...] = ()
    gaps: tuple[str, ...] = ()
    named_after: tuple[tuple[str, str], ...] = ()
    rows_format: str = ""
    session: str = ""

    @property
    def loads(self) -> tuple[Load, ...]:
        """Everything that is loaded, in this order."""
        return (*self.definitions, *self.rows, *self.last)
