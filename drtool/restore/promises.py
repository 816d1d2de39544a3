"""What a dump promises by its own statements and by what its tool writes between them, as promises.pl tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from drtool.binlogs.format import parse_gtids
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import SYSTEM_DATABASES

Named = tuple[str, str]
"""The database of a table or view, empty where the dump selects none, and its name."""

_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


@dataclass(frozen=True, kw_only=True)
class PromisedTable:
    """What a dump says of a table.

    Attributes:
        made: how often it makes it.
        rows: how many rows it has for it; None where it cannot be told from what was sent, such as of DELETE.
        engine: the one that it names, or nothing.
        stays: whether it makes the table and drops it no more.
        filled: whether it has rows for it.
        versioned: whether it is made with system versioning.
        chosen: whether the server chooses among the rows that have the same key, such as of INSERT IGNORE.
        zero: whether its first row begins with a 0, in a session that takes one in an AUTO_INCREMENT column for the
            next number.
        twice: whether it is made and filled once more while it has rows, and has no key that refuses one a second time.
    """

    made: int = 0
    rows: int | None = 0
    engine: str = ""
    stays: bool = False
    filled: bool = False
    versioned: bool = False
    chosen: bool = False
    zero: bool = False
    twice: bool = False

    def joined(self, other: PromisedTable) -> PromisedTable:
        """Return what two files say of a table together, of which one may make it and the other fill it.

        Where both make it, one undoes what the other did: how many rows are left is not told. Nor is it where one makes
        and fills it and the other brings rows among which the server chooses: they may be the same ones.
        """
        again = (self.made and self.filled and other.chosen) or (other.made and other.filled and self.chosen)
        unknown = self.rows is None or other.rows is None or (self.made and other.made) or again
        return PromisedTable(
            made=self.made + other.made,
            rows=None if unknown else (self.rows or 0) + (other.rows or 0),
            engine=other.engine or self.engine,
            stays=self.stays or other.stays,
            filled=self.filled or other.filled,
            versioned=self.versioned or other.versioned,
            chosen=self.chosen or other.chosen,
            zero=self.zero or other.zero,
            twice=self.twice or other.twice,
        )


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What follows the end of a dump, where that is whole statements.

    Attributes:
        statements: how many there are.
        bring: how many of them make something, fill a table or grant, of which there may be more than came.
        change: how many may add rows or remove some.
    """

    statements: int = 0
    bring: int = 0
    change: int = 0


@dataclass(kw_only=True)
class Promises:
    """What a stream of SQL promises.

    Attributes:
        dumps_begun: headers of dump tools in it.
        dumps_ended: closing comments.
        dumps_cut: headers behind which another comes before a closing comment does.
        mixed: databases of several dumps whose tables go into one, since not all of them select their own.
        denied: routines that the tool's account was not allowed to read.
        filtered: tables of which the tool chose rows by a condition.
        complaints: errors that the tool tells of among its comments.
        messages: of the tool to its user, where a statement should stand.
        in_between: the same anywhere, that is inside statements too.
        hides_warnings: whether it sets how many warnings the server keeps.
        tables: that it makes or fills.
        uncounted: whether it has statements that may add or remove rows anywhere.
        gone: routines, triggers and events that it drops and does not make, by their kind and name.
        hollow: how often it sets another delimiter for a definition that is not there.
        unfinished: tables of which it begins the rows and has nothing of what its tool writes behind the last.
        announced: views of which its tool says that it makes a stand-in.
        views: of which it says that it makes the view itself.
        passed_over: tables of which MariaDB passes over a part that is for MySQL, by what that part says.
        completed: its closing comments, those of mariadb-dump and mysqldump.
        headers: of other tools that end with a comment.
        closings: how often it has each closing comment, whatever the tool.
        taken: how often it keeps each setting of the session aside, by the setting's name.
        given_back: how often it sets each back to what was kept.
        checks: how often it switches the check of foreign keys off and on, as it stands there (` = 0`).
        transactions: how often it starts one by name.
        last: what stands last, where tools end with it: `closing`, `settings`, `checks`,
            `commit`, `grants`; or nothing.
        behind: what follows its end.
        character_sets: that it names for the session (SET NAMES).
        sql_modes: that it sets.
        wide: whether it has bytes that mean something by the character set alone, before it names one.
        hides: whether these are no UTF-8 and have backslashes behind them, as in character sets in which one may be
            half a letter.
        nulls: whether it has bytes that are zero and something behind them.
        unbroken: whether it has no statement, since all of it stands in one line, which is a comment.
        doubled: how many tables it makes of which two foreign keys have one name.
        undelimited: how many of them lack the delimiter that ends them, so that they swallow all that follows.
        torn: how many definitions of routines, triggers and events end inside their blocks, at a semicolon.
        open: what its end leaves open: `statement`, `string` or `comment`; or nothing.
        filling: the table that it fills where it ends, if it ends among rows.
        gtid: the position that it sets for a replica.
    """

    dumps_begun: int = 0
    dumps_ended: int = 0
    dumps_cut: int = 0
    mixed: set[str] = field(default_factory=set)
    denied: int = 0
    filtered: int = 0
    complaints: int = 0
    messages: int = 0
    in_between: int = 0
    hides_warnings: bool = False
    tables: dict[Named, PromisedTable] = field(default_factory=dict)
    uncounted: bool = False
    gone: set[str] = field(default_factory=set)
    hollow: int = 0
    unfinished: set[Named] = field(default_factory=set)
    announced: set[Named] = field(default_factory=set)
    views: set[Named] = field(default_factory=set)
    passed_over: dict[str, set[Named]] = field(default_factory=dict)
    completed: set[str] = field(default_factory=set)
    headers: int = 0
    closings: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    given_back: dict[str, int] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    transactions: int = 0
    last: str = ""
    behind: Behind = Behind()
    character_sets: set[str] = field(default_factory=set)
    sql_modes: set[str] = field(default_factory=set)
    wide: bool = False
    hides: bool = False
    nulls: bool = False
    unbroken: bool = False
    torn: int = 0
    undelimited: int = 0
    doubled: int = 0
    open: str = ""
    filling: Named | None = None
    gtid: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in there, not even what tools begin all their files with."""
        return not (self.tables or self.character_sets or self.sql_modes or self.taken or self.dumps_begun)

    @property
    def tables_made(self) -> dict[Named, int]:
        """How often each table is made that is."""
        return {named: table.made for named, table in self.tables.items() if table.made}

    @property
    def among_rows(self) -> str:
        """Among the rows of which table it ends, as words that go on a sentence; nothing where it does not."""
        return f" among the rows of {'.'.join(filter(None, self.filling))}" if self.filling else ""

    def tables_of_users(self, selected: str | None) -> tuple[int, int]:
        """Return how many tables of users are made, and how many of the server's own.

        Args:
            selected: the database that is selected before the stream begins.
        """
        own = sum((database or selected) in SYSTEM_DATABASES for database, _ in self.tables_made)
        return len(self.tables_made) - own, own

    def tables_in(self, database: str | None) -> dict[Named, PromisedTable]:
        """Return the tables with the database that those are in for which the dump selects none."""
        return {(of or database or "", name): table for (of, name), table in self.tables.items()}

    def of(self, only: Selection, target: str) -> Promises:
        """Return what is promised of the tables and views that are wanted; of which of them a routine is, is not known.

        Args:
            only: which those are.
            target: the database of those that it names without one.
        """
        return replace(
            self,
            tables={named: one for named, one in self.tables.items() if only.takes(named[0] or target, named[1])},
            unfinished={named for named in self.unfinished if only.takes(named[0] or target, named[1])},
            announced={named for named in self.announced if only.takes(named[0] or target, named[1])},
            views={named for named in self.views if only.takes(named[0] or target, named[1])},
            passed_over={
                part: {named for named in tables if only.takes(named[0] or target, named[1])}
                for part, tables in self.passed_over.items()
            },
            gone=set(),
            hollow=0,
        )

    def take(self, fact: str) -> None:
        """Enter a fact: its kind and what belongs to it, with tabs in between."""
        kind, *rest = fact.split("\t")
        if kind == "count":
            self._count(int(rest[0]), rest[1], rest[2:])
        elif kind == "table":
            made, rows, engine, flags, *named = rest
            self.tables[_named(named)] = PromisedTable(
                made=int(made),
                rows=None if rows == "-" else int(rows),
                engine=engine.strip("-"),
                stays="d" in flags,
                filled="f" in flags,
                versioned="v" in flags,
                chosen="c" in flags,
                zero="z" in flags,
                twice="t" in flags,
            )
        elif kind == "gone":
            of, database, name = rest
            self.gone.add(f"{of.lower()} {'.'.join(filter(None, _named([database, name])))}")
        elif kind == "unfinished":
            self.unfinished.add(_named(rest))
        elif kind == "mixed":
            self.mixed.add(_unescaped(rest[0]))
        elif kind == "uncounted":
            self.uncounted = True
        elif kind == "wide":
            self.wide = True
        elif kind == "hides":
            self.hides = True
        elif kind == "nulls":
            self.nulls = True
        elif kind == "unbroken":
            self.unbroken = True
        elif kind == "open":
            self.open = rest[0]
            self.filling = _named(rest[1:]) if rest[1:] else None
        elif kind == "last":
            self.last = rest[0]
        elif kind == "behind":
            statements, bring, change = map(int, rest)
            self.behind = Behind(statements=statements, bring=bring, change=change)
        elif kind == "gtid":
            self.gtid = rest[0] if parse_gtids(rest[0]) is not None else None

    def _count(self, number: int, what: str, of: list[str]) -> None:
        if what in _NUMBERS:
            setattr(self, _NUMBERS[what], number)
        elif what in _COUNTED_NAMES:
            getattr(self, _COUNTED_NAMES[what])[of[0]] = number
        elif what in _NAMES:
            getattr(self, _NAMES[what]).add(of[0])
        elif what in _VIEWS:
            getattr(self, _VIEWS[what]).add(_named(of))
        elif what == "passed_over":
            self.passed_over.setdefault(of[0], set()).add(_named(of[1:]))
        elif what == "max_error_count":
            self.hides_warnings = True


_NUMBERS = {
    "begun": "dumps_begun",
    "ended": "dumps_ended",
    "cut": "dumps_cut",
    "denied": "denied",
    "filtered": "filtered",
    "complaint": "complaints",
    "message": "messages",
    "in_between": "in_between",
    "transaction": "transactions",
    "header": "headers",
    "hollow": "hollow",
    "torn": "torn",
    "undelimited": "undelimited",
    "doubled": "doubled",
}
_COUNTED_NAMES = {"closing": "closings", "took": "taken", "gave": "given_back", "checks": "checks"}
_NAMES = {"completed": "completed", "names": "character_sets", "sql_mode": "sql_modes"}
_VIEWS = {"announced": "announced", "view": "views"}


def _named(of: list[str]) -> Named:
    database, name = map(_unescaped, of)
    return database, name


def _unescaped(name: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)
