"""Which instants the TIMESTAMP columns of a dump mean, where it does not say in which zone they are.

mariadb-dump has its session in UTC and says so in the dump, unless it is told not to: then a TIMESTAMP is written as
the clock on the wall of its server, and means what the server that loads it takes that for
(https://mariadb.com/kb/en/mariadb-dump/, `--tz-utc`). Some tools, such as Navicat and SQLyog, never do otherwise.
"""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from drtool.backups.recognise import Recognised
from drtool.errors import Unverifiable
from drtool.mariadb.sql import rows_of, tables_of
from drtool.record.journal import Journal
from drtool.sandbox.server import Server

_COLUMNS = "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type = 'timestamp'"
_TRIED = ("2026-01-15 12:00:00", "2026-07-15 12:00:00")  # in winter and in summer


def zone_file(zone: ZoneInfo) -> bytes:
    """Return the file of a time zone, with all its changes of the past, from where `zoneinfo` has it."""
    places = [*map(Path, TZPATH), Path(str(files("tzdata.zoneinfo")))]
    return next(place / zone.key for place in places if (place / zone.key).is_file()).read_bytes()


def judge_timestamps(
    journal: Journal, name: str, server: Server, recognised: Recognised, zone: ZoneInfo | None
) -> frozenset[tuple[str, str, str]]:
    """Enter a finding where nobody knows what the TIMESTAMP columns of a restored dump mean.

    Args:
        journal: the drill's.
        name: what the drill calls the database.
        server: with the data.
        recognised: the dump.
        zone: that its times are in, as the scenario says; None where it does not.

    Returns:
        Database, table and name of each such column.
    """
    if recognised.says_zone or any(option.replace("-", "_") == "default_time_zone" for option in server.settings):
        return frozenset()
    with server.asking() as connection:
        tables = set(tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED"))
        columns = frozenset(one for one in rows_of(connection, _COLUMNS) if one[:2] in tables)
        if not columns:
            return columns
        if zone is None:
            tool = recognised.written_by.tool.name if recognised.written_by and not recognised.has_header else ""
            whose = f"{tool} does not" if tool else "--skip-tz-utc"
            what = f"The dump of {name} does not say in which zone its TIMESTAMP columns are ({whose})"
            journal.finding(Unverifiable("timestamps-without-zone", what), resource=name)
            return columns
        rows_of(connection, "SET time_zone = 'SYSTEM'")
        asked = ", ".join(f"UNIX_TIMESTAMP('{one}')" for one in _TRIED)
        (got,) = rows_of(connection, f"SELECT {asked}")
    if [float(one) for one in got] == [datetime.fromisoformat(one).replace(tzinfo=zone).timestamp() for one in _TRIED]:
        journal.assumption(f"{name}: its TIMESTAMP columns, which do not say their zone, were loaded as of {zone}")
        return frozenset()
    what = f"The sandbox's server does not know the zone {zone}: the TIMESTAMP columns of {name} are hours off"
    journal.finding(Unverifiable("time-zone-missing", what, mend="Take the dump without --skip-tz-utc"), resource=name)
    return columns
