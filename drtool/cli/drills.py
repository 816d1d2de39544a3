"""Carries out the drills of a command, prints their outcome and returns the exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import click
import msgspec

from drtool.attest.timestamping import check_library
from drtool.cli import exit_codes
from drtool.cli.options import DrillOptions
from drtool.drill.conduct import conduct
from drtool.drill.recording import Conditions
from drtool.drill.scenarios import Scenario
from drtool.errors import Unverifiable, WrongUse
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.keys import allowed_signers, signing
from drtool.keys.raw_signing import RawKey, find_raw_key
from drtool.keys.signature import PublicKey
from drtool.record.model import DrillRecord, decode, encode
from drtool.render.junit import junit
from drtool.render.progress import Progress
from drtool.render.text import summary

if TYPE_CHECKING:
    from drtool.archive.keeping import Archive


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A drill to carry out: its scenario, and the command and arguments by which another process would do it."""

    scenario: Scenario
    command: str
    arguments: tuple[str, ...]


class Finished(Protocol):
    """Is told of a drill that is over: its record, the ledger's head, and whether all its evidence is there."""

    def __call__(self, record: DrillRecord, head: str, *, complete: bool) -> None: ...


def carry_out(planned: Sequence[Planned], options: DrillOptions) -> int:
    """Carry out drills one after the other, or several at a time, and print what they came to.

    Returns:
        The exit code.

    Raises:
        Unverifiable: no evidence can be left: no key, or no folder to write to.
    """
    if options.unsigned and options.key:
        raise WrongUse("key-and-unsigned", "--key and --unsigned contradict each other")
    if options.unsigned and options.statement:
        raise WrongUse("statement-and-unsigned", "--statement and --unsigned contradict each other")
    side_by_side = options.jobs > 1 and len(planned) > 1
    key, statement_key = (None, None) if options.unsigned else signing_keys(options, unattended=side_by_side)
    if options.authority:
        check_library()
    archive = _archive(options)
    records: list[DrillRecord] = []
    incomplete: set[str] = set()

    def finished(record: DrillRecord, head: str, *, complete: bool) -> None:
        records.append(record)
        if not complete:
            incomplete.add(record.drill_id)
        if not options.as_json:
            click.echo(summary(record, colour=_colour(sys.stdout)))
            click.echo(f"Report       {options.reports / record.drill_id / 'report.html'}")
            click.echo(f"Ledger head  {head}\n")

    if side_by_side:
        interrupted = _side_by_side(planned, options, finished)
    else:
        interrupted = False  # or else its record says so
        _one_by_one(planned, options, _conditions(options, key, statement_key, archive), finished)
    if options.junit:
        options.junit.write_text(junit(records, incomplete), encoding="utf-8")
    if options.as_json:
        click.echo(_json(records, several=len(planned) > 1), nl=False)
    return exit_codes.INTERRUPTED if interrupted else exit_codes.of(records, complete=not incomplete)


def signing_keys(options: DrillOptions, *, unattended: bool = False) -> tuple[signing.SigningKey, RawKey | None]:
    """Return the key to sign with, made and announced if this site has none yet, and proved to sign.

    Where it has to sign `unattended` nobody can type its passphrase: drills side by side have no terminal.

    Returns:
        It, and the same key as one that signs statements, where one is asked for.
    """
    key = signing.find_key(options.key)
    if key is None:
        key = signing.make_site_key()
        click.echo(f"Made this site's signing key, and pinned it for audits: {key.path}", err=True)
    if not unattended and signing.asks_for_passphrase(key):
        click.echo(
            f"{key.path} has a passphrase, to be typed now and again whenever a report is signed; "
            f"an agent spares you that: `ssh-add {key.path}`",
            err=True,
        )
    public = signing.check_key(key, unattended=unattended)
    _pin_if_first(key, public)
    allowed_signers.show(options.reports, key.principal, public)  # fails now rather than after the drill
    return key, find_raw_key(key, public) if options.statement else None


def _pin_if_first(key: signing.SigningKey, public: PublicKey) -> None:
    """Have this site's audits trust its first key, and say so.

    Any other key has to be pinned on purpose: else whoever can run drtool could make audits trust what they like.
    """
    try:
        pinning = allowed_signers.pin(key.principal, public, only_first=True)
    except Unverifiable as error:  # the drill can do without; its audit has to be told the key
        click.echo(f"{error} The report will be signed, but `drtool audit` here will not know the key.", err=True)
        return
    if pinning is allowed_signers.Pinning.PINNED_NOW:
        click.echo(f"Pinned {key.path}, the first key used here: `drtool audit` trusts it from now on", err=True)
    elif pinning is allowed_signers.Pinning.NOT_PINNED:
        click.echo(
            f"Signing with {key.path}, which is not pinned here: `drtool audit` will not trust it unless you pin it "
            f"with `drtool init --key {key.path}`",
            err=True,
        )


def _archive(options: DrillOptions) -> Archive | None:
    """Return the archive that is asked for, once it is seen to take the evidence as far as that can be told."""
    if options.archive is None:
        if options.archive_mode or options.archive_retention:
            raise WrongUse("no-archive", "An archive's retention was asked for, but no archive", mend="Add --archive")
        return None
    from drtool.archive.keeping import Archive  # with boto3, which takes 0.2 s to import

    return Archive.prepared(
        options.archive, options.reports, mode=options.archive_mode, period=options.archive_retention
    )


def _conditions(
    options: DrillOptions, key: signing.SigningKey | None, statement_key: RawKey | None, archive: Archive | None
) -> Conditions:
    return Conditions(
        reports=options.reports,
        key=key,
        disaster_at=options.at,
        profile=options.profile,
        image=options.image,
        keep=options.keep,
        environment=options.environment,
        authority=options.authority,
        statement_key=statement_key,
        archive=archive,
    )


def _one_by_one(planned: Sequence[Planned], options: DrillOptions, conditions: Conditions, finished: Finished) -> None:
    for one in planned:
        click.echo(f"Drill {one.scenario.name}: {one.scenario.description}", err=True)
        done = conduct(one.scenario, conditions, Progress())
        for error in done.lacking:
            click.echo(f"drtool: {error} The report stands without; `drtool audit` will say so.", err=True)
        if done.unarchived:
            click.echo(f"drtool: {done.unarchived}", err=True)
        elif options.archive:
            click.echo(f"Archived in {options.archive}", err=True)
        finished(done.record, done.ledger_head, complete=not (done.lacking or done.unarchived))
        if done.record.interrupted:
            return


def _side_by_side(planned: Sequence[Planned], options: DrillOptions, finished: Finished) -> bool:
    """Give each drill a process of its own, so that none can disturb another, nor its signals and output.

    Returns:
        Whether they were interrupted.
    """
    crew = _Crew()
    before = {one: signal.signal(one, crew.stop) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    lost: Unverifiable | None = None
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            for left in pool.map(lambda one: crew.carry_out(one, options), planned):
                if isinstance(left, Unverifiable):
                    lost = left
                elif left is not None:
                    record = decode(left.document)
                    finished(record, "see `drtool audit`", complete=left.code == exit_codes.of([record]))
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if lost is not None and not crew.stopped:
        raise lost
    return crew.stopped


@dataclass(frozen=True, kw_only=True)
class _Left:
    """What a drill's process left: its record, and its exit code, which knows of evidence that the record cannot."""

    document: bytes
    code: int


class _Crew:
    """The processes of drills that run side by side.

    Attributes:
        stopped: whether they were asked to stop.
    """

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []
        self.stopped = False

    def stop(self, number: int, _frame: object) -> None:
        """Pass a signal on to all of them, and begin no more."""
        self.stopped = True
        for process in self._running:
            process.send_signal(number)

    def carry_out(self, one: Planned, options: DrillOptions) -> _Left | Unverifiable | None:
        """Carry out a drill in a process of its own.

        Returns:
            What it left; what became of it when it left no record; None when it was not begun any more.
        """
        command = [sys.executable, "-m", "drtool", one.command, *_arguments(options), "--json", *one.arguments]
        if self.stopped:
            return None
        # A session of its own: Ctrl-C reaches it once, through us, and not a second time from the terminal.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **_environment(options)},
            start_new_session=True,
        )
        self._running.append(process)
        if self.stopped:  # meanwhile, so that the signal did not reach this one
            process.terminate()
        with ThreadPoolExecutor(1) as reader:
            assert process.stdout is not None  # noqa: S101 (for the type checker: both are pipes)
            assert process.stderr is not None  # noqa: S101
            document = reader.submit(process.stdout.read)
            for line in process.stderr:
                click.echo(f"[{one.scenario.name}] {line}", err=True, nl=False)
            output = document.result()
        if process.wait() < 0 or not output:
            return Unverifiable(
                "drill-process-lost",
                f"The process of drill {one.scenario.name} ended with status {process.returncode} and left no record",
                mend="Run `drtool prune`, then `drtool audit`",
            )
        return _Left(document=output.encode(), code=process.returncode)


def _arguments(options: DrillOptions) -> list[str]:
    """Return the command line that says the same as these options, for one drill."""
    given: dict[str, Any] = {
        "--at": options.at.isoformat() if options.at else None,
        "--profile": options.profile,
        "--image": options.image,
        "--key": options.key,
        "--environment": options.environment,
        "--reports": options.reports,
        "--archive": options.archive,
        "--archive-mode": options.archive_mode,
        "--archive-retention": f"{options.archive_retention.total_seconds()}s" if options.archive_retention else None,
    }
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    flags = {"--keep": options.keep, "--unsigned": options.unsigned, "--statement": options.statement}
    return [*arguments, *(name for name, is_set in flags.items() if is_set)]


def _environment(options: DrillOptions) -> dict[str, str]:
    """Return what goes to such a process in its environment, since it may hold a password."""
    return {TIMESTAMP_AUTHORITY: options.authority.given} if options.authority else {}


def _json(records: Sequence[DrillRecord], *, several: bool) -> bytes:
    if records and not several:
        return encode(records[0])
    return msgspec.json.format(msgspec.json.encode(records), indent=2) + b"\n"


def _colour(stream: Any) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")
