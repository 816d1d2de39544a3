"""Backups that look fresher than they are, and stores of which the newest backup is not the one it seems to be.

The disaster strikes six minutes after the files were written, and half an hour may be lost, unless a case says
otherwise.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.attacks.attack import MADE_AT, Attack, Drilled, Input, each, judge, scenario, verify
from tests.attacks.dumps import HEADER, TABLES, dump

_AT = ("--at", "2026-01-02T03:10:00Z")
_RPO = (*_AT, "--rpo", "30m")
_UTC = ("--zone", "UTC")
_ENDED = MADE_AT - timedelta(seconds=1)
_CUT = HEADER + TABLES
_LOST = datetime(1970, 1, 2, tzinfo=UTC)


def _trailer(ended: datetime) -> str:
    return f"-- Dump completed on {ended:%Y-%m-%d %H:%M:%S}\n"


def _written(times: Mapping[str, datetime]) -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        for name, at in times.items():
            os.utime(folder / name, (at.timestamp(), at.timestamp()))

    return write


def _verified(ended: datetime, *options: str, name: str = "db.sql", written: datetime = MADE_AT) -> Input:
    files = {name: dump(trailer=_trailer(ended))}
    return verify(name, *(options or (*_RPO, *_UTC)), files=files, arrange=_written({name: written}))


def _latest(
    files: Mapping[str, str | bytes], pattern: str, written: Mapping[str, datetime] | None = None, *, rpo: str = ""
) -> Input:
    body = f'drill.restore_mariadb(drill.latest(str(here / "{pattern}")), zone="UTC")'
    found = scenario(body, files=files, targets=f'rpo="{rpo}"' if rpo else "", arrange=_written(written or {}))
    return Input(found.files, (*found.command, *_AT), found.arrange)


def _archive(name: str) -> Input:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("uploads/a.jpg")
        info.mtime, info.size = int(MADE_AT.timestamp()), 9
        archive.addfile(info, io.BytesIO(b"a picture"))
    return verify(name, *_RPO, *_UTC, files={name: stream.getvalue()})


def _witness(seen: str) -> Input:
    body = """
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")), zone="UTC")
db.check_freshness("SELECT MAX(seen) FROM app.people")
"""
    found = scenario(
        body, files={"db.sql": dump(f"INSERT INTO `people` VALUES (9,'Di','{seen}');")}, targets='rpo="30m"'
    )  # fmt: skip
    return Input(found.files, (*found.command, *_AT), found.arrange)


def _seen(query: str, rows: str, rpo: str, *, zone: str = "UTC", ended: datetime = _ENDED) -> Input:
    """Return a drill that asks a witness, in a dump with these rows."""
    of_restore, of_witness = (f', zone="{zone}"', f', zone="{zone}"') if zone else ("", "")
    body = f'''
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")){of_restore})
db.check_freshness("{query}"{of_witness})
'''
    text = dump(rows, before="CREATE DATABASE IF NOT EXISTS app; USE `app`;\n", trailer=_trailer(ended))
    found = scenario(body, files={"db.sql": text}, targets=f'rpo="{rpo}"')
    return Input(found.files, (*found.command, *_AT), found.arrange)


def _looped(first: datetime) -> Input:
    """Return a drill of two dumps in one file, the first of some time, and of a witness in the second."""
    begun = dump(before="CREATE DATABASE app; USE `app`;\n", trailer=_trailer(first))
    body = """
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")), zone="UTC")
db.check_freshness("SELECT MAX(ts) FROM zz.beats")
"""
    found = scenario(body, files={"db.sql": begun + dump(_OF_ANOTHER, tables="")}, targets='rpo="2h"')
    return Input(found.files, (*found.command, *_AT), found.arrange)


def _hours(hours: float) -> datetime:
    return _ENDED - timedelta(hours=hours)


_BEATS = "CREATE TABLE {0}.beats (ts TIMESTAMP) ENGINE=InnoDB; INSERT INTO {0}.beats VALUES ('2026-01-02 {1}');"
_LATE, _OF_ANOTHER = _BEATS.format("app", "03:03:55"), "CREATE DATABASE zz; " + _BEATS.format("zz", "03:03:55")
_WALL, _LOCAL = "SELECT MAX(seen) FROM app.people", "INSERT INTO `people` VALUES (9,'Di','2026-01-02 02:03:00');"
_FRESH = _verified(_ENDED)
_OLD, _NEW = dump(trailer=_trailer(_hours(48))), dump()
_OLDER = dump("-- smaller then\n", trailer=_trailer(_hours(72)))
_SOONER = {"db-1.sql": MADE_AT - timedelta(minutes=20)}
_DATED = {"db-20251231.sql": _OLD, "db-20260102.sql": _NEW}
_ROTATED = {f"db.sql.{hour:02}": dump(trailer=_trailer(_ENDED.replace(hour=hour))) for hour in range(4)}
_ROTATED_AT = {f"db.sql.{hour:02}": MADE_AT.replace(hour=hour) for hour in range(4)}


def _two(files: Mapping[str, str | bytes], other: str) -> Input:
    body = f"""
drill.restore_mariadb(drill.latest(str(here / "db-?.sql")), zone="UTC")
drill.restore_mariadb(drill.backup(str(here / "crm" / "{other}")), name="crm", zone="UTC")
"""
    files = {**files, f"crm/{other}": _OLD if "2025" in other else _NEW}
    found = scenario(body, files=files, targets='rpo="24h"')
    return Input(found.files, (*found.command, *_AT), found.arrange)


ATTACKS = (
    *(
        Attack(
            name=f"dump-of-{hours}-hours-ago-copied-a-moment-ago",
            bad=_verified(_hours(hours), *_RPO),
            twin=_FRESH,
            told=("RPO",),
            code=3 if hours < 13 else 1,
            worst=hours == 11,
        )
        for hours in (3, 11, 12, 13, 20, 48)
    ),
    Attack(
        name="dump-of-2-years-ago-copied-a-moment-ago",
        bad=_verified(datetime(2024, 2, 1, tzinfo=UTC), *_RPO),
        twin=_FRESH,
        told=("RPO",),
    ),
    Attack(
        name="dump-of-11-hours-ago-in-the-zone-that-is-named", bad=_verified(_hours(11)), twin=_FRESH, told=("RPO",)
    ),
    Attack(
        name="dump-that-ended-in-the-future",
        bad=_verified(datetime(2031, 1, 1, tzinfo=UTC)),
        twin=_FRESH,
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="zone-in-which-the-dump-ended-after-it-was-written",
        bad=_verified(_ENDED, *_RPO, "--zone", "Etc/GMT+12"),
        twin=_FRESH,
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="file-dated-back-to-before-the-dump-ended",
        bad=_verified(_ENDED, written=MADE_AT - timedelta(days=3)),
        twin=_FRESH,
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="file-dated-into-the-future",
        bad=_verified(_hours(11), *_RPO, written=datetime(2100, 1, 1, tzinfo=UTC)),
        twin=_FRESH,
        told=("RPO", "recovery-point-at-odds", "backup-missing"),
        code=3,
    ),
    Attack(
        name="file-of-the-year-1970-and-no-time-in-the-dump",
        bad=verify(
            "db.sql", *_RPO, files={"db.sql": dump(trailer="-- Dump completed\n")}, arrange=_written({"db.sql": _LOST})
        ),
        twin=_verified(_ENDED, written=_LOST),
        told=("RPO",),
        code=3,
    ),
    Attack(
        name="dump-of-last-week-in-a-store-that-says-1970-of-all",
        bad=_verified(_hours(24 * 7), written=_LOST),
        twin=_verified(_ENDED, *_RPO, name="db-20260102T030300Z.sql", written=_LOST),
        told=("RPO",),
    ),
    Attack(
        name="no-time-but-the-files-own",
        bad=verify("db.sql", *_RPO, files={"db.sql": dump(trailer="-- Dump completed\n")}),
        twin=_FRESH,
        told=("RPO",),
        code=3,
    ),
    Attack(
        name="name-of-today-over-a-dump-of-last-week",
        bad=_verified(_hours(24 * 7), name="db-20260102T030400Z.sql"),
        twin=_verified(_ENDED, name="db-20260102T030400Z.sql"),
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="name-of-next-week-over-a-dump-of-today",
        bad=_verified(_ENDED, name="db-20260109T030000Z.sql"),
        twin=_verified(_ENDED, name="db-20260102T030400Z.sql"),
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="archive-of-last-month-by-its-name-copied-a-moment-ago",
        bad=_archive("uploads-20251202T030000Z.tar"),
        twin=_archive("uploads-20260102T030400Z.tar"),
        told=("RPO", "recovery-point-at-odds"),
    ),
    Attack(
        name="archive-without-a-date-copied-a-moment-ago",
        bad=_archive("uploads.tar"),
        twin=_archive("uploads-20260102T030400Z.tar"),
        told=("RPO",),
        code=3,
    ),
    Attack(
        name="witness-in-the-data-from-the-future",
        bad=_witness("2031-01-01 00:00:00"),
        twin=_witness("2026-01-02 03:03:00"),
        told=("newest data is fresh", "RPO"),
        code=3,
    ),
    Attack(
        name="witness-in-the-data-of-five-days-ago",
        bad=_witness("2025-12-28 00:00:00"),
        twin=_witness("2026-01-02 03:03:00"),
        told=("RPO",),
    ),
    Attack(
        name="witness-in-local-time-of-a-dump-of-which-no-zone-is-known",
        bad=_seen(_WALL, _LOCAL, "90m", zone="", ended=_hours(1)),
        twin=_seen(_WALL, _LOCAL, "90m", ended=_hours(1)),
        told=("newest data is fresh", "RPO"),
        code=3,
        worst=True,
    ),
    Attack(
        name="witness-that-was-read-after-another-database",
        bad=_seen("SELECT MAX(ts) FROM zz.beats", _OF_ANOTHER, "370s"),
        twin=_seen("SELECT MAX(ts) FROM app.beats", _LATE, "370s"),
        told=("newest data is fresh", "RPO"),
        code=3,
    ),
    Attack(
        name="witness-in-the-last-of-two-dumps-of-which-the-first-is-old",
        bad=_looped(_hours(24)),
        twin=_looped(_hours(0.5)),
        told=("newest data is fresh", "RPO"),
    ),
    Attack(
        name="witness-of-a-clock-that-is-50-seconds-ahead",
        bad=_seen("SELECT MAX(ts) FROM app.beats", _BEATS.format("app", "03:04:55"), "315s"),
        twin=_seen("SELECT MAX(ts) FROM app.beats", _LATE, "370s"),
        told=("newest data is fresh", "RPO"),
    ),
    Attack(
        name="store-copied-newest-first-so-that-the-oldest-looks-newest",
        bad=_latest({**_DATED, "db-20260102.sql": ""}, "db-*.sql", {"db-20260102.sql": MADE_AT - timedelta(minutes=2)}),
        twin=_latest(_DATED, "db-*.sql", {"db-20251231.sql": MADE_AT - timedelta(days=2)}),
        told=("backup-empty",),
        worst=True,
    ),
    Attack(
        name="newest-file-holds-the-dump-of-two-days-ago",
        bad=_latest({"db-20251231.sql": _OLD, "db-20260102T030400Z.sql": _OLD}, "db-2026*.sql", rpo="24h"),
        twin=_latest({"db-20251231.sql": _OLD, "db-20260102T030400Z.sql": _NEW}, "db-2026*.sql", rpo="24h"),
        told=("RPO", "recovery-point-at-odds"),
        code=3,
    ),
    Attack(
        name="hourly-rotation-of-which-the-newest-is-cut",
        bad=_latest({**_ROTATED, "db.sql.03": _CUT}, "db.sql.*", _ROTATED_AT),
        twin=_latest(_ROTATED, "db.sql.*", _ROTATED_AT),
        told=("dump-trailer-missing",),
        worst=True,
    ),
    Attack(
        name="hourly-rotation-of-which-the-job-stands-still",
        bad=_latest(dict.fromkeys(_ROTATED, _OLD), "db.sql.*", _ROTATED_AT, rpo="24h"),
        twin=_latest(_ROTATED, "db.sql.*", _ROTATED_AT, rpo="24h"),
        told=("RPO",),
    ),
    Attack(
        name="store-copied-at-once-with-no-dates-in-its-names",
        bad=_latest({"db-1.sql": _OLD, "db-2.sql": _NEW, "db-3.sql": _OLD}, "db-*.sql"),
        twin=_latest({"db-1.sql": _OLD, "db-2.sql": _NEW}, "db-*.sql", {"db-1.sql": MADE_AT - timedelta(days=2)}),
        told=("newest-unknown",),
        code=3,
    ),
    Attack(
        name="store-copied-slowly-with-no-dates-in-its-names-and-the-oldest-last",
        bad=_latest({"db-1.sql": _NEW, "db-2.sql": _OLDER}, "db-*.sql", _SOONER, rpo="24h"),
        twin=_latest({"db-1.sql": _OLDER, "db-2.sql": _NEW}, "db-*.sql", _SOONER, rpo="24h"),
        told=("newest-unknown",),
        code=3,
    ),
    Attack(
        name="guessed-newest-beside-one-that-is-known-and-too-old",
        bad=_two({"db-1.sql": _OLD, "db-2.sql": _OLD, "db-3.sql": _OLD}, "db-20251231.sql"),
        twin=_two({"db-1.sql": _NEW}, "db-20260102.sql"),
        told=("RPO",),
    ),
    Attack(
        name="guessed-newest-beside-one-that-is-known-and-fresh",
        bad=_two({"db-1.sql": _OLD, "db-2.sql": _OLD, "db-3.sql": _OLD}, "db-20260102.sql"),
        twin=_two({"db-1.sql": _NEW}, "db-20260102.sql"),
        told=("RPO",),
        code=3,
    ),
    Attack(
        name="newest-is-a-checksum-of-a-backup-that-is-gone",
        bad=_latest({"db-20260102.sql.sha256": "0" * 64 + "  db-20260102.sql\n"}, "db-*"),
        twin=_latest({"db-20260102.sql": _NEW, "db-20260102.sql.sha256": "0" * 64 + "  db-20260102.sql\n"}, "db-*"),
        told=("backup-missing", "not-a-backup"),
    ),
    Attack(
        name="only-a-copy-that-broke-off",
        bad=_latest({"db-20260102.sql.partial": _CUT}, "db-*"),
        twin=_latest({"db-20260102.sql": _NEW}, "db-*"),
        told=("backup-missing", "dump-trailer-missing"),
    ),
    Attack(
        name="all-backups-are-newer-than-the-disaster",
        bad=_latest({"db-20260109.sql": _NEW}, "db-*", {"db-20260109.sql": MADE_AT + timedelta(days=7)}),
        twin=_latest({"db-20260102.sql": _NEW}, "db-*"),
        told=("backup-missing",),
    ),
)


@each(ATTACKS)
def test_a_backup_that_looks_fresher_than_it_is_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
