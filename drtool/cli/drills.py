"""Carries out the drills of a command, prints their outcome and returns the exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from drtool.cli import exit_codes
from drtool.cli.options import DrillOptions
from drtool.conduct import conduct
from drtool.errors import Unverifiable, WrongUse
from drtool.evidence import allowed_signers, signing
from drtool.evidence.signature import PublicKey
from drtool.record import DrillRecord, decode, encode
from drtool.recording import Conditions
from drtool.render.junit import junit
from drtool.render.progress import Progress
from drtool.render.text import summary
from drtool.scenarios import Scenario


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A drill to carry out: its scenario, and the command and arguments by which another process would do it."""

    scenario: Scenario
    command: str
    arguments: tuple[str, ...]


def carry_out(planned: Sequence[Planned], options: DrillOptions) -> int:
    """Carry out drills one after the other, or several at a time, and print what they came to.

    Returns:
        The exit code.

    Raises:
        Unverifiable: no evidence can be left: no key, or no folder to write to.
    """
    if options.unsigned and options.key:
        raise WrongUse("key-and-unsigned", "--key and --unsigned contradict each other")
    key = None if options.unsigned else signing_key(options)
    records: list[DrillRecord] = []

    def finished(record: DrillRecord, head: str) -> None:
        records.append(record)
        if not options.as_json:
            click.echo(summary(record, colour=_colour(sys.stdout)))
            click.echo(f"Report       {options.reports / record.drill_id / 'report.html'}")
            click.echo(f"Ledger head  {head}\n")

    if options.jobs > 1 and len(planned) > 1:
        interrupted = _side_by_side(planned, options, finished)
    else:
        interrupted = False  # or else its record says so
        _one_by_one(planned, options, key, finished)
    if options.junit:
        options.junit.write_text(junit(records), encoding="utf-8")
    if options.as_json:
        click.echo(_json(records, several=len(planned) > 1), nl=False)
    return exit_codes.INTERRUPTED if interrupted else exit_codes.of(records)


def signing_key(options: DrillOptions) -> signing.SigningKey:
    """Return the key to sign with, made and announced if this site has none yet, and proved to sign."""
    key = signing.find_key(options.key)
    if key is None:
        key = signing.make_site_key()
        click.echo(f"Made this site's signing key, and pinned it for audits: {key.path}", err=True)
    public = signing.check_key(key)
    _pin_if_first(key, public)
    allowed_signers.show(options.reports, key.principal, public)  # fails now rather than after the drill
    return key


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


def _one_by_one(
    planned: Sequence[Planned],
    options: DrillOptions,
    key: signing.SigningKey | None,
    finished: Callable[[DrillRecord, str], None],
) -> None:
    conditions = Conditions(
        reports=options.reports,
        key=key,
        disaster_at=options.at,
        profile=options.profile,
        image=options.image,
        keep=options.keep,
        environment=options.environment,
    )
    for one in planned:
        click.echo(f"Drill {one.scenario.name}: {one.scenario.description}", err=True)
        done = conduct(one.scenario, conditions, Progress())
        finished(done.record, done.ledger_head)
        if done.record.interrupted:
            return


def _side_by_side(
    planned: Sequence[Planned], options: DrillOptions, finished: Callable[[DrillRecord, str], None]
) -> bool:
    """Give each drill a process of its own, so that none can disturb another, nor its signals and output.

    Returns:
        Whether they were interrupted.
    """
    crew = _Crew()
    before = {one: signal.signal(one, crew.stop) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    lost: Unverifiable | None = None
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            for document in pool.map(lambda one: crew.carry_out(one, options), planned):
                if isinstance(document, Unverifiable):
                    lost = document
                elif document is not None:
                    finished(decode(document), "see `drtool audit`")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if lost is not None and not crew.stopped:
        raise lost
    return crew.stopped


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

    def carry_out(self, one: Planned, options: DrillOptions) -> bytes | Unverifiable | None:
        """Carry out a drill in a process of its own.

        Returns:
            Its record; what became of it when it left none; None when it was not begun any more.
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
        return output.encode()


def _arguments(options: DrillOptions) -> list[str]:
    """Return the command line that says the same as these options, for one drill."""
    given: dict[str, Any] = {
        "--at": options.at.isoformat() if options.at else None,
        "--profile": options.profile,
        "--image": options.image,
        "--key": options.key,
        "--environment": options.environment,
        "--reports": options.reports,
    }
    arguments = [f"{name}={value}" for name, value in given.items() if value is not None]
    return [*arguments, *["--keep"] * options.keep, *["--unsigned"] * options.unsigned]


def _json(records: Sequence[DrillRecord], *, several: bool) -> bytes:
    if records and not several:
        return encode(records[0])
    return msgspec.json.format(msgspec.json.encode(records), indent=2) + b"\n"


def _colour(stream: Any) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")
