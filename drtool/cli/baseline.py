"""`drtool baseline`."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from drtool.cli import exit_codes
from drtool.cli.options import DurationType, options
from drtool.drill.options import DrillOptions
from drtool.errors import Unverifiable, WrongUse

if TYPE_CHECKING:
    from drtool.keys.signing import SigningKey

_EVERY_SECONDS = 10.0


@click.command("baseline")
@click.argument("source")
@click.option(
    "--beside",
    metavar="BACKUP",
    type=click.Path(path_type=Path),
    help="The backup that it belongs to: it is kept as BACKUP.baseline.json (.jsonl.zst for a folder).",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@click.option("--defaults-file", type=click.Path(path_type=Path), help="MariaDB option file  [default: ~/.my.cnf]")
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
@click.option("--statement-limit", type=DurationType(), default=timedelta(minutes=10), help="For one statement.  [10m]")
@options(DrillOptions, "key")
@click.option("--unsigned", is_flag=True, help="Leave it unsigned; every drill against it will say so.")
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
    from drtool.mariadb import server_url

    is_server = server_url.is_server_url(source)
    if beside and out:
        raise WrongUse("two-places", "--beside and --out both say where the baseline goes", mend="Give one of them")
    if not is_server and ("://" in source or not Path(source).is_dir()):
        raise WrongUse(
            "bad-source",
            f"{source.partition('?')[0] if '@' not in source else 'The source'} is no folder",
            mend="Name a folder, or a server as mariadb://user@host/database",
        )
    target = kept.beside(beside, folder=not is_server) if beside else out
    signing = None if unsigned or target is None else _key(key)
    place = _Output(target)
    try:
        if is_server:
            server = server_url.parse(source, defaults_file=defaults_file)
            told = _database(server, place.stream, connections, lock, grants, share, max_load, statement_limit)
        else:
            told = _folder(Path(source), place.stream, connections, share)
        place.keep(signing)
    except BaseException as error:
        place.discard()
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

    key = signing.find_key(named)
    if key is None:
        key = signing.make_site_key()
        click.echo(f"Made this site's signing key {key.path}", err=True)
    return key


def _database(
    server: object,
    stream: BinaryIO,
    connections: int,
    lock: bool,
    grants: bool,
    share: float,
    max_load: int | None,
    statement_limit: timedelta,
) -> str:
    from drtool.baseline.database import live, model
    from drtool.baseline.database.capture import Manner, capture_database
    from drtool.baseline.database.reading_work import Pace
    from drtool.baseline.database.snapshot import Guard
    from drtool.mariadb.server_url import ServerAddress

    assert isinstance(server, ServerAddress)  # noqa: S101 (for the type checker)
    seconds = statement_limit.total_seconds()
    manner = Manner(
        connections=connections,
        guard=Guard.READ_LOCK if lock else Guard.LOG_POSITION,
        pace=Pace(share=share, max_running=max_load),
        statement_limit_seconds=seconds,
        with_grants=grants,
    )
    progress = _Progress()
    captured = capture_database(
        live.LiveServer(server=server, statement_limit_seconds=seconds).connect,
        server.databases,
        manner=manner,
        progress=lambda done, expected, table: progress.show(f"{done} of about {expected} rows ({table})"),
    )
    progress.end()
    stream.write(model.encode(captured))
    for note in captured.notes:
        click.echo(f"Note: {note}.", err=True)
    rows = sum(table.rows for table in captured.tables)
    return (
        f"{len(captured.tables)} tables, {rows} rows and {len(captured.objects)} schema objects "
        f"as of {captured.taken_at:%Y-%m-%dT%H:%M:%SZ} ({captured.snapshot}), in {progress.seconds():.1f} s"
    )


def _folder(root: Path, stream: BinaryIO, threads: int, share: float) -> str:
    from drtool.baseline.files.file_list import ListEnd, ListHeader, encode_path, now, write_list
    from drtool.baseline.files.folder import Tally, capture_folder

    tally = Tally()
    progress = _Progress()
    header = ListHeader(root=encode_path(os.fsencode(root.resolve())), host=platform.node(), taken_at=now())
    end = write_list(
        stream,
        header,
        capture_folder(
            root, tally, threads=threads, share=share,
            progress=lambda files, size: progress.show(f"{files} files, {size >> 20} MiB"),
        ),
        lambda: ListEnd(
            entries=tally.entries, files=tally.files, size_bytes=tally.size_bytes, vanished=tally.vanished,
            unsettled=tally.unsettled, finished_at=now(),
        ),
    )  # fmt: skip
    progress.end()
    if end.unsettled:
        click.echo(f"Note: {end.unsettled} files kept changing; their content will not be compared.", err=True)
    if end.vanished:
        click.echo(f"Note: {end.vanished} files vanished while they were read.", err=True)
    return f"{end.files} files of {end.size_bytes >> 20} MiB in {end.entries} entries, in {progress.seconds():.1f} s"


class _Output:
    """The baseline's file: under a temporary name until it is whole and signed, or standard output."""

    def __init__(self, target: Path | None) -> None:
        self._target = target
        if target is None:
            self.stream: BinaryIO = sys.stdout.buffer
            return
        try:
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        except OSError as error:
            raise Unverifiable(
                "baseline-unwritable",
                f"The baseline cannot be written to {target.parent}",
                why=error.strerror or str(error),
            ) from error
        self._temporary = Path(name)
        self.stream = os.fdopen(handle, "w+b")

    def keep(self, key: SigningKey | None) -> None:
        """Sign what was written and give it its name; cut short in between it is unsigned, never wrongly signed."""
        from drtool.baseline.kept import NAMESPACE, SIGNATURE_SUFFIX
        from drtool.host.durable import replace_files, sync
        from drtool.keys.signing import sign

        self.stream.flush()
        if self._target is None:
            return
        made = None
        if key is not None:
            self.stream.seek(0)
            made = sign(key, self.stream.read(), namespace=NAMESPACE)
        os.fsync(self.stream.fileno())
        self.stream.close()
        signature = self._target.with_name(self._target.name + SIGNATURE_SUFFIX)
        signature.unlink(missing_ok=True)  # of an earlier baseline, which it would make look forged
        self._temporary.chmod(0o666 & ~_umask())
        self._temporary.replace(self._target)
        sync(self._target.parent)
        if made is not None:
            replace_files(signature.parent, {signature.name: made})

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._target is not None:
            with suppress(OSError):
                self.stream.close()
                self._temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


class _Progress:
    """Says on standard error how far it has come: over and over in one line on a terminal, else now and then."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._last = self._started

    def show(self, text: str) -> None:
        """Say something, unless it was said just now."""
        now = time.monotonic()
        if now - self._last >= (0.2 if self._terminal else _EVERY_SECONDS):
            self._last = now
            click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True, nl=not self._terminal)

    def end(self) -> None:
        """Take the line away."""
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._started
