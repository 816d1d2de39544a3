"""How a backup that is a folder is restored: which of its files, how, in which order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from drtool.backups.checksums import Listed
from drtool.backups.dump_tools import DumpHeader
from drtool.mariadb.selection import Named, Selection


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
        of: the database and table or view that alone it is of, an empty name for what is of the database itself; None
            where it may hold anything.
        is_bare: whether it is a dump of definitions alone, of what others bring with its rows.
        chosen: whether of its statements only those are carried out that belong to what is wanted.
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
    of: Named | None = None
    is_bare: bool = False
    chosen: bool = False

    @property
    def line(self) -> str:
        """As a line of the plan that folder.pl takes."""
        parts = [
            "chosen" if self.chosen else self.how,
            self.database,
            self.table,
            self.path,
            self.statement or self.charset,
            self.clause,
        ]
        return "\t".join(part or "-" for part in parts)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a tool says that it wrote of a table, or that it wrote triggers or routines of a database.

    Attributes:
        database: that it is in.
        table: its name; nothing of what is a database's.
        file: the name that its files have for it.
        kind: `table`, `view` or `sequence`; `triggers` or `routines`.
        rows: how many it wrote.
    """

    database: str
    table: str
    file: str
    kind: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Folder:
    """How a folder is restored.

    Attributes:
        kind: what made it, for the report.
        definitions: what creates databases and tables, and whole dumps; some may need others that come later.
        rows: what fills them; each needs its own table only.
        last: triggers, views, routines and accounts, which would be in the way before.
        invalid: views that the backup job itself set aside as invalid: they come last, and may not load.
        databases: to be made first.
        left_out: files that are no dumps, by their names too, and are not restored.
        named_as_rows: those of them whose names end as those of rows do, with the rest, which may be a table's name.
        of_servers: dumps of schemas that every server makes itself, with which, and what a loop over them took for one;
            they are not restored.
        backups: files that are backups of their own, with what they are, and are not restored.
        listed: what the lists say that the job left there.
        started: the local time without a zone at which the tool says it began, where it does.
        finished: the same for its end.
        counted: what its tool says that it wrote of each table, where it does.
        gaps: tables of which, by the numbers of their files, one may be missing.
        named_after: dumps that name no database, with the one that each goes into by its own name, its folder's, or
            what the dumps beside it say.
        unnamed: those of which nothing tells the database.
        rows_format: how its rows are written, where that is told by them alone.
        session: what the tool's own loader sets its session to before it loads rows, as `SET` takes it.
    """

    kind: str
    definitions: tuple[Load, ...]
    rows: tuple[Load, ...] = ()
    last: tuple[Load, ...] = ()
    invalid: tuple[Load, ...] = ()
    databases: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    named_as_rows: tuple[tuple[str, str], ...] = ()
    of_servers: tuple[tuple[str, str], ...] = ()
    backups: tuple[tuple[str, str], ...] = ()
    listed: Listed = field(default_factory=Listed)
    started: datetime | None = None
    finished: datetime | None = None
    counted: tuple[Counted, ...] = ()
    gaps: tuple[str, ...] = ()
    named_after: tuple[tuple[str, str], ...] = ()
    unnamed: tuple[str, ...] = ()
    rows_format: str = ""
    session: str = ""

    @property
    def loads(self) -> tuple[Load, ...]:
        """Everything that is loaded, in this order."""
        return (*self.definitions, *self.rows, *self.last, *self.invalid)

    @property
    def there(self) -> set[Named]:
        """The tables and views that it has, as far as the names of its files tell."""
        return {load.of for load in self.loads if load.of and load.of[1]}

    def unread(self, only: Selection) -> list[str]:
        """Return the databases of which nothing is wanted, and whose tables only their files would tell."""
        known = {database for database, _ in self.there}
        others = {load.of[0] for load in self.loads if load.of and not only.touches(load.of[0])}
        return sorted(others - known)

    def part(self, only: Selection) -> Folder:
        """Return how what is wanted is restored out of it: files of other tables and databases are not read."""

        def wanted(loads: tuple[Load, ...]) -> tuple[Load, ...]:
            return tuple(one for load in loads if (one := _wanted(load, only)))

        rows = wanted(self.rows)
        filled = {load.table for load in rows}
        return replace(
            self,
            definitions=wanted(self.definitions),
            rows=rows,
            last=wanted(self.last),
            invalid=wanted(self.invalid),
            databases=tuple(filter(only.touches, self.databases)),
            counted=tuple(one for one in self.counted if only.takes(one.database, one.table)),
            gaps=tuple(one for one in self.gaps if one in filled),
            named_after=tuple(one for one in self.named_after if only.touches(one[1])),
        )


def _wanted(load: Load, only: Selection) -> Load | None:
    """Return a file as it is loaded where only some of a folder is wanted; None where nothing in it is."""
    if load.of is None:
        return replace(load, chosen=True)
    database, table = load.of
    if table:
        return load if only.takes(database, table) else None
    if load.how == "create":
        return load if only.touches(database) else None
    if load.how == "sql":  # it makes the database, and may bring its routines
        return replace(load, chosen=True) if only.touches(database) else None
    return load if only.takes_all_of(database) else None
