"""Which database a dump is of that names none itself: its own name, its tables and the folders it lies in tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from drtool.backups.calendar_words import DAY
from drtool.backups.dates import dates_in

SERVERS_OWN = frozenset({"information_schema", "performance_schema"})
"""What every server makes itself, and takes from no dump."""

_LONGEST_NAME = 64
_SUFFIXES = re.compile(r"(?:\.(?:sql|dump|gz|zst|xz|bz2|lz4|lzma|zip))+$", re.IGNORECASE)
_BETWEEN = "-_.@ \t"
_PARTS = re.compile(r"[-_.\s@]+")
# What a name says of a dump besides its database.
_OF_ALL = re.compile(
    r"(?:my)?sql(?:dump)?|mariadb(?:dump)?|db|databases?|dumps?|backups?|bak|full|all|export|(?:half)?hourly|daily|nightly"
    r"|weekly|monthly|yearly|latest|schemas?|structures?|ddl|dml|data|rows|definitions?|tables?|routines?|procedures?"
    rf"|functions?|triggers?|events?|views?|sequences?|{DAY}",
    re.IGNORECASE,
)
_OF_MYSQL = re.compile(
    r"user|db|host|\w+_priv|func|plugin|proc|event|servers|help_\w+|time_zone\w*|\w+_stats|gtid_slave_pos|roles_mapping"
    r"|general_log|slow_log|transaction_registry",
    re.IGNORECASE,
)


def databases_by_name(tables: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return the database that each dump goes into by its own name or its folder's, where its content names none.

    A loop over databases names each file after one, or makes a folder for each; a loop over tables names each file
    after one table, behind its database or in a folder of that. A date and words that any backup has are no part of a
    database's name, and folders called so are none of a database.

    Args:
        tables: the tables and views that each makes or fills, as far as it was looked at, by its path.
    """
    together = defaultdict[str, dict[str, Collection[str]]](dict)
    for path, names in tables.items():
        together[_folder_of_database(path, names)][path] = names
    named = [one for folder, group in together.items() for one in _in_folder(folder, group).items()]
    return {path: name for path, name in named if name and len(name) <= _LONGEST_NAME and name.lower() != "sys"}


def undated_name(name: str) -> str:
    """Return a name without the dates in it, and without what joined these to the rest."""
    for start, end in sorted({one.span for one in dates_in(name)}, reverse=True):
        before, after = name[:start].rstrip(_BETWEEN), name[end:].lstrip(_BETWEEN)
        name = f"{before}-{after}" if before and after else before or after
    return name


def _in_folder(folder: str, tables: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return the database of each dump of those that lie in one folder that may be a database's; nothing if in none."""
    of_folder = _database_in(folder.rpartition("/")[2]) or folder.rpartition("/")[2]
    before = {path: _before_table(_plain(path), *names) for path, names in tables.items() if len(names) == 1}
    for_tables = [path for path, names in tables.items() if path in before or (names and _of_file(path))]
    after_tables = {path: database for path in for_tables if (database := before.get(path)) is not None}
    enough = (
        len(for_tables) / 2 < len(after_tables) if folder else len(for_tables) == len(after_tables) and len(tables) > 1
    )
    if not after_tables or not enough:
        return {path: _of_file(path) or of_folder for path in tables}
    found = {path: database or of_folder for path, database in after_tables.items()}
    databases = set(found.values())
    for path in tables.keys() - found.keys():  # routines and the like, of one of these
        own = _of_file(path)
        found[path] = own if own in databases else of_folder or (databases.pop() if len(databases) == 1 else "")
    return {path: found[path] for path in tables if found[path]}


def _folder_of_database(path: str, tables: Collection[str]) -> str:
    """Return the nearest folder above a file whose name may be a database's; nothing where none is."""
    folder = path.rpartition("/")[0]
    while folder:
        name = folder.rpartition("/")[2]
        if _database_in(name) or (name == "mysql" and tables and all(map(_OF_MYSQL.fullmatch, tables))):
            return folder
        folder = folder.rpartition("/")[0]
    return ""


def _of_file(path: str) -> str:
    name = _plain(path)
    return name if name == "mysql" else _database_in(name)


def _before_table(name: str, table: str) -> str | None:
    """Return the database that a name has before a table's, nothing where it has none; None if that is not its name."""
    for one in (name, undated_name(name)):
        if one.lower() == table.lower():
            return ""
        if one.lower().endswith(table.lower()) and one[: -len(table)].endswith(tuple(_BETWEEN)):
            return _database_in(one[: -len(table)].rstrip(_BETWEEN))
    own = _database_in(name)
    return _before_table(own, table) if own and own != undated_name(name) else None


def _plain(path: str) -> str:
    return _SUFFIXES.sub("", path.rpartition("/")[2])


def _database_in(name: str) -> str:
    """Return what of a name may be a database's, as it stands there."""
    undated = undated_name(name)
    parts = [part for part in _PARTS.split(undated) if part]
    while parts and _OF_ALL.fullmatch(parts[0]):
        parts = parts[1:]
    while parts and _OF_ALL.fullmatch(parts[-1]) and "_".join(parts).lower() not in SERVERS_OWN:
        parts = parts[:-1]
    if all(part.isdigit() for part in parts):
        return ""
    found = re.search(r"[-_.\s@]+".join(map(re.escape, parts)), undated)
    return found[0] if found else "_".join(parts)
