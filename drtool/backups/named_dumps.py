"""Dumps that lie in one folder: which databases they are of, by their names too, and which are nights of one series."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drtool.backups.database_names import SERVERS_OWN, databases_by_name
from drtool.backups.dates import Sureness, dates_in
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.recognise import Recognised
from drtool.errors import Unverifiable

_HEADING = "Database"
"""What SHOW DATABASES prints over the names."""
WITHOUT_NAME = "restored"
"""The database for dumps that name none, where no name tells it either."""


@dataclass(frozen=True, kw_only=True)
class Dump:
    """What the first bytes of a dump among others tell of it.

    Attributes:
        recognised: what it is.
        tables: those that it makes.
        names: of all tables and views that it makes or fills.
        of_accounts: whether it makes accounts and no tables.
        of_rows: whether it fills tables and makes none.
        of_definitions: whether it makes tables and fills none, as far as it was looked at.
        of_invalid_views: whether it is what its job set aside as views that production cannot use.
    """

    recognised: Recognised
    tables: tuple[bytes, ...]
    names: frozenset[str]
    of_accounts: bool
    of_rows: bool
    of_definitions: bool = False
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
    of_servers = {path: of for path, dump in dumps.items() if len(dumps) > 1 and (of := _made_by_servers(path, dump))}
    dumps = {path: dump for path, dump in dumps.items() if path not in of_servers}
    definitions: list[Load] = []
    rows: list[Load] = []
    accounts: list[Load] = []
    invalid: list[Load] = []
    databases: set[str] = set()
    made: dict[tuple[str | None, bytes, bool], str] = {}
    nameless = {path: dump for path, dump in dumps.items() if dump.is_nameless and not database}
    own = databases_by_name({path: dump.names for path, dump in nameless.items()}) if len(dumps) > 1 else {}
    own |= {path: only for path in nameless.keys() - own.keys() if (only := _named_beside(path, dumps))}
    for path, dump in dumps.items():
        recognised = dump.recognised
        target = recognised.missing_database if recognised.selects_database else database or recognised.database
        if path in nameless:
            target = own.get(path, WITHOUT_NAME)
        if target:
            databases.add(target)
        for table in dump.tables:
            if (other := made.setdefault((target or recognised.database, table, dump.of_definitions), path)) != path:
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
            is_bare=dump.of_definitions,
            of=("mysql", "") if of_system else None if recognised.selects_database or not target else (target, ""),
        )
        if dump.of_invalid_views:
            invalid.append(load)
        else:
            (accounts if of_system else rows if dump.of_rows else definitions).append(load)
    return Folder(
        kind=kind,
        definitions=tuple(sorted(definitions, key=lambda load: not load.is_bare)),
        rows=tuple(rows),
        last=tuple(accounts),
        invalid=tuple(invalid),
        databases=tuple(sorted(databases)),
        left_out=tuple(left_out),
        of_servers=tuple(sorted(of_servers.items())),
        named_after=tuple(sorted(own.items())),
        unnamed=tuple(sorted(nameless.keys() - own.keys())) if len(dumps) > 1 else (),
    )


def _made_by_servers(path: str, dump: Dump) -> str:
    """Return which schema a dump is of that every server makes itself, and takes from nobody; else nothing.

    A loop over SHOW DATABASES brings them, and, where it takes the heading for a name, the beginning of a dump of
    a database called so. The header of a dump of several databases names the first of them alone.
    """
    of = (dump.recognised.database or dump.recognised.header.get("database", "")).lower()
    if of in SERVERS_OWN and (not dump.recognised.selects_database or of in path.rpartition("/")[2].lower()):
        return of
    return _HEADING if of == _HEADING.lower() and not dump.names else ""


def _named_beside(path: str, dumps: Mapping[str, Dump]) -> str | None:
    """Return the one database that the dumps in a file's own folder name, where they all name that one."""
    folder = path.rpartition("/")[0]
    said = {one.recognised.database for other, one in dumps.items() if other.rpartition("/")[0] == folder}
    named = said - {None}
    return named.pop() if len(named) == 1 else None


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
