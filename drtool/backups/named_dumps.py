"""Dumps that lie in one folder: which databases they are of, by their names too, and which are nights of one series."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drtool.backups.calendar_words import DAY
from drtool.backups.dates import Sureness, dates_in
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.recognise import Recognised
from drtool.errors import Unverifiable

WITHOUT_NAME = "restored"
"""The database for dumps that name none, where no name tells it either."""

_LONGEST_NAME = 64
_SUFFIXES = re.compile(r"(?:\.(?:sql|dump|gz|zst|xz|bz2|lz4|lzma|zip))+$", re.IGNORECASE)
_PARTS = re.compile(r"[-_.\s@]+")
# What a name says of a dump besides its database.
_OF_ALL = re.compile(
    r"(?:my)?sql(?:dump)?|mariadb(?:dump)?|db|databases?|dumps?|backups?|bak|full|all|export|(?:half)?hourly|daily|nightly"
    r"|weekly|monthly|yearly|latest|schema|structure|ddl|dml|data|rows|definitions?|routines?|triggers?|events?|views?"
    rf"|{DAY}",
    re.IGNORECASE,
)
_OF_SERVER = {"information_schema", "performance_schema", "sys"}


@dataclass(frozen=True, kw_only=True)
class Dump:
    """What the first bytes of a dump among others tell of it.

    Attributes:
        recognised: what it is.
        tables: those that it makes.
        of_accounts: whether it makes accounts and no tables.
        of_rows: whether it fills tables and makes none.
        of_invalid_views: whether it is what its job set aside as views that production cannot use.
    """

    recognised: Recognised
    tables: tuple[bytes, ...]
    of_accounts: bool
    of_rows: bool
    of_invalid_views: bool = False

    @property
    def is_nameless(self) -> bool:
        """Whether neither the dump says which database it is of, nor need it be told."""
        return not (
            self.recognised.selects_database or self.recognised.database or self.of_accounts or self.of_invalid_views
        )


def plan_of_dumps(dumps: Mapping[str, Dump], left_out: Sequence[str], database: str | None, *, kind: str) -> Folder:
    """Return how dumps that lie in one folder are restored together.

    Args:
        dumps: by their paths.
        left_out: what else lies there.
        database: where those go that name none.
        kind: what the folder is, for the report.

    Raises:
        Unverifiable: two of them would replace each other's tables.
    """
    definitions: list[Load] = []
    rows: list[Load] = []
    accounts: list[Load] = []
    invalid: list[Load] = []
    databases: set[str] = set()
    made: dict[tuple[str | None, bytes], str] = {}
    nameless = {path: dump for path, dump in dumps.items() if dump.is_nameless and not database}
    tables = {path: [name.decode("utf-8", "replace") for name in dump.tables] for path, dump in nameless.items()}
    own = databases_by_name(tables) if len(dumps) > 1 else {}
    for path, dump in dumps.items():
        recognised = dump.recognised
        target = recognised.missing_database if recognised.selects_database else database or recognised.database
        if path in nameless:
            target = own.get(path, WITHOUT_NAME)
        if target:
            databases.add(target)
        for table in dump.tables:
            if (other := made.setdefault((target or recognised.database, table), path)) != path:
                if of_series := series_in(dumps, path):
                    raise of_series
                what = f"{other} and {path} make the same table of one database, and would replace each other"
                raise Unverifiable("dumps-mixed", what)
        of_system = dump.of_accounts or "mysql" in (recognised.database, own.get(path))
        load = Load(
            how="sql",
            path=path,
            database=target,
            charset=recognised.charset,
            has_end=recognised.has_header,
            written_by=recognised.written_by,
            of=("mysql", "") if of_system else None if recognised.selects_database or not target else (target, ""),
        )
        if dump.of_invalid_views:
            invalid.append(load)
        else:
            (accounts if of_system else rows if dump.of_rows else definitions).append(load)
    return Folder(
        kind=kind,
        definitions=tuple(definitions),
        rows=tuple(rows),
        last=tuple(accounts),
        invalid=tuple(invalid),
        databases=tuple(sorted(databases)),
        left_out=tuple(left_out),
        named_after=tuple(own.items()),
    )


def databases_by_name(tables: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the database that each dump goes into by its own name, where its content names none.

    A loop over databases names each file after one. A date and words that any backup has are no part of that. Where
    each file is named after the one table that it makes, all are of one database.

    Args:
        tables: those that each makes, by its path.
    """
    own = {path: _parts_of(path) for path in tables}
    if len(own) > 1 and all({name} == {_plain(path)} for path, made in tables.items() for name in [*made] or [""]):
        return {}
    named = {path: _between(_plain(path), parts) for path, parts in own.items() if parts}
    named |= {path: "mysql" for path in own if _plain(path) == "mysql"}
    return {path: name for path, name in named.items() if len(name) <= _LONGEST_NAME and name not in _OF_SERVER}


def series_in(paths: Iterable[str], of: str) -> Unverifiable | None:
    """Return that dumps are those of one series, of several nights, where their names tell it.

    Args:
        paths: of all dumps.
        of: the path of one that is not restored together with another.
    """
    series: dict[str, dict[datetime, str]] = defaultdict(dict)
    for path in paths:
        found = [one for one in dates_in(path) if one.sureness < Sureness.BORNE_OUT]
        if found:
            series[_undated(path)][max(one.stamp.wall for one in found)] = path
    alike = series.get(_undated(of), {})
    if len(alike) < 2:
        return None
    newest = alike[max(alike)]
    what = f"{len(alike)} backups of one series are in this folder, {_undated(of)}, which are not one backup"
    mend = f"Drill the newest by itself, which is {newest}; in a scenario latest() finds it by {_undated(of)}"
    return Unverifiable("dumps-mixed", what, why="each makes the same tables of one database", mend=mend)


def _undated(path: str) -> str:
    found = {one.span for one in dates_in(path) if one.sureness < Sureness.BORNE_OUT}
    for start, end in sorted(found, reverse=True):
        path = f"{path[:start]}*{path[end:]}"
    return re.sub(r"\*(?:[-_.:@+ TZ]*\*)+", "*", path)


def _plain(path: str) -> str:
    return _SUFFIXES.sub("", path.rpartition("/")[2])


def _parts_of(path: str) -> list[str]:
    """Return the words of a file's name that may be a database's."""
    name = _plain(path)
    for start, end in sorted({one.span for one in dates_in(name)}, reverse=True):
        name = f"{name[:start]}-{name[end:]}"
    parts = [part for part in _PARTS.split(name) if part]
    while parts and _OF_ALL.fullmatch(parts[0]):
        parts = parts[1:]
    while parts and _OF_ALL.fullmatch(parts[-1]):
        parts = parts[:-1]
    return parts


def _between(name: str, parts: list[str]) -> str:
    """Return words as they stand in a name, with what stands between them."""
    found = re.search(r"[-_.\s@]+".join(map(re.escape, parts)), name)
    return found[0] if found else "_".join(parts)
