"""`drtool baseline`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from drtool.cli import exit_codes
from drtool.cli.options import DURATION, PathType, given, options
from drtool.drill.options import DrillOptions
from drtool.errors import WrongUse
from drtool.host.interruption import signals_held_back
from drtool.host.plain import printable
from drtool.render.counting import Counting
from drtool.times import utc

if TYPE_CHECKING:
    from drtool.baseline.database.capture import Manner
    from drtool.keys.signing import SigningKey
    from drtool.mariadb.server_url import ServerAddress


@click.command("baseline")
@click.argument("source")
@click.option(
    "--beside",
    metavar="BACKUP",
    type=PathType(readable=False),
    help="The backup that it belongs to: it is kept as BACKUP.baseline.json (.jsonl.zst for a folder).",
)
@click.option("--out", type=PathType(dir_okay=False), help="Write it to this file.")
@click.option("--defaults-file", type=PathType(readable=False), help="MariaDB option file  [default: ~/.my.cnf]")
@click.option("--connections", type=click.IntRange(1, 16), default=2, show_default=True, help="To read through.")
@click.option("--lock", is_flag=True, help="Begin under a read lock, held for a moment; needs RELOAD.")
@click.option("--grants", is_flag=True, help="Capture the grants on the databases too.")
@click.option(
    "--share",
    type=click.FloatRange(0.01, 1.0),
    default=1.0,
    show_default=True,
    help="Part of the time that each connection or thread may be busy.",
)
@click.option("--max-load", type=click.IntRange(1), help="Wait while more statements than this run on the server.")
@click.option("--statement-limit", type=DURATION, default=timedelta(minutes=10), help="For one statement.  [10m]")
@options(DrillOptions, "key")
@click.option("--unsigned", is_flag=True, help="Leave it unsigned; no drill against it is verified.")
def command(
    source: str,
    beside: Path | None,
    out: Path | None,
    defaults_file: Path | None,
    connections: int,
    lock: bool,
    grants: bool,
    share: float,
    max_load: int | None,
    statement_limit: timedelta,
    key: Path | None,
    unsigned: bool,
) -> int:
    """Capture what SOURCE is now, to keep beside its backup and compare with what a drill restores.

    SOURCE is mariadb://user@host[:port]/db[,db2] or a folder. Nothing is changed there: sessions are read only. The
    password comes from DRTOOL_DB_PASSWORD, MYSQL_PWD or an option file. Without --beside and --out the
    baseline goes to standard output, unsigned.

    \b
    drtool baseline mariadb://backup@db1/shop --beside /srv/backups/db-20261124.sql.zst
    drtool baseline mariadb://backup@db1/shop,crm --share 0.25 --out shop.baseline.json
    drtool baseline /srv/uploads --beside /srv/backups/uploads-20261124.tar.zst
    """
    from drtool.baseline import kept
    from drtool.baseline.writing import BaselineFile, unwritable
    from drtool.mariadb import server_url
    from drtool.stores.lookup import refuse_pattern

    is_server = server_url.is_server_url(source)
    if beside and out:
        raise WrongUse("two-places", "--beside and --out both say where the baseline goes")
    if unsigned and key and given("key"):
        raise WrongUse("key-and-unsigned", "--key and --unsigned contradict each other")
    if not is_server and ("://" in source or not source or not Path(source).is_dir()):
        raise WrongUse("bad-source", f"{source if set('@?=;').isdisjoint(source) else 'The source'} is no folder")
    refuse_pattern(str(beside or ""))
    target = kept.beside(beside, folder=not is_server) if beside else out
    signing = None if unsigned or target is None else _key(key)
    file = None
    try:
        with signals_held_back():  # nobody knows of a file that was made and has no name here yet
            file = BaselineFile(target)
        if is_server:
            from drtool.baseline.database.capture import Manner
            from drtool.baseline.database.reading_work import Pace
            from drtool.baseline.database.snapshot import Guard

            limit = statement_limit.total_seconds()
            manner = Manner(
                connections=connections,
                guard=Guard.READ_LOCK if lock else Guard.LOG_POSITION,
                pace=Pace(share=share, max_running=max_load),
                statement_limit_seconds=limit,
                with_grants=grants,
            )
            told = _database(server_url.parse(source, defaults_file=defaults_file), file.stream, manner, limit)
        else:
            told = _folder(Path(source), file.stream, connections, share)
        file.keep(signing)
    except BaseException as error:
        if file is not None:
            file.discard()
        if isinstance(error, OSError) and error.filename is None:  # of a file that is open, and only one is written to
            raise unwritable(target, error) from error
        if isinstance(error, KeyboardInterrupt):
            click.echo(
                "Stopped: nothing was changed, and no baseline was written. A snapshot cannot be resumed: "
                "start again, with --share 0.5 if the server was too busy.",
                err=True,
            )
        raise
    where = "standard output, unsigned" if target is None else f"{target}{'' if signing else ', UNSIGNED'}"
    click.echo(f"{told}: written to {where}", err=True)
    return exit_codes.PASSED


def _key(named: Path | None) -> SigningKey:
    from drtool.keys import signing

    if (key := signing.find_key(named)) is None:
        key = signing.make_site_key()
        click.echo(f"Made this site's signing key {key}", err=True)
    return key


def _database(server: ServerAddress, stream: BinaryIO, manner: Manner, limit_seconds: float) -> str:
    from drtool.baseline.database import document, live
    from drtool.baseline.database.capture import capture_database

    counting = Counting()
    captured = capture_database(
        live.LiveServer(server=server, statement_limit_seconds=limit_seconds).connect,
        server.databases,
        manner=manner,
        progress=lambda done, expected, table: counting.show(f"{done} of about {expected} rows ({table})"),
    )
    counting.end()
    stream.write(document.encode(captured))
    for note in captured.notes:
        click.echo(f"Note: {printable(note)}.", err=True)
    rows = sum(table.rows for table in captured.tables)
    return (
        f"{len(captured.tables)} tables, {rows} rows and {len(captured.objects)} schema objects "
        f"as of {utc(captured.taken_at)} ({captured.snapshot}), in {counting.seconds():.1f} s"
    )


def _folder(root: Path, stream: BinaryIO, threads: int, share: float) -> str:
    from drtool.baseline.files.folder import write_baseline

    counting = Counting()
    end = write_baseline(
        stream, root, threads=threads, share=share,
        progress=lambda files, size: counting.show(f"{files} files, {size >> 20} MiB"),
    )  # fmt: skip
    counting.end()
    if end.unsettled:
        click.echo(f"Note: {end.unsettled} files kept changing; their content will not be compared.", err=True)
    if end.vanished:
        click.echo(f"Note: {end.vanished} files vanished while they were read.", err=True)
    return f"{end.files} files of {end.size_bytes >> 20} MiB in {end.entries} entries, in {counting.seconds():.1f} s"
