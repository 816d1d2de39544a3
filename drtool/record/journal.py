"""What a drill records while it happens. The scenario cannot reach it, so it cannot set its own verdict."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TextIO

from drtool.errors import DrtoolError, RestoreFailed, WrongUse, mend_of
from drtool.host.plain import printable
from drtool.record.backups import BackupRead, Choice, Rejected
from drtool.record.clock import Clock
from drtool.record.environment import ContainerRun
from drtool.record.exposure import Exposure
from drtool.record.recovery import Evidence
from drtool.record.steps import RECOVERY_PHASES, Phase, Step
from drtool.record.verdicts import COMPLETENESS, AgreedTolerance, Check, Effect, Finding, IsolationProbe, Loss, Verdict
from drtool.times import format_duration

CLOCK_DOUBT_SECONDS = 60.0
"""How far a store's clock may be off before the report must speak of it."""


_LONGEST_PRINTED = 1 << 20


class Observer(Protocol):
    """Somebody who watches a drill: the terminal, a log, a test."""

    def step_started(self, phase: Phase, name: str) -> None:
        """A step begins."""

    def step_progress(self, done_bytes: int, total_bytes: int, bytes_per_second: float) -> None:
        """The step that runs has come so far."""

    def step_ended(self, step: Step) -> None:
        """A step is over, one way or another."""

    def check_done(self, check: Check) -> None:
        """A check has its outcome."""

    def note(self, text: str) -> None:
        """Something worth a line happened."""


class DrillLog:
    """`drill.log`: a line each with its UTC instant, written through as it happens.

    A disk that is full, or gone, fails no step of a drill: what cannot be written any more is lost.

    Attributes:
        failure: why the log is not whole, if it is not.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._stream: TextIO | None = None
        self.failure: OSError | None = None
        with self._unfailing():
            self._stream = path.open("a", encoding="utf-8")

    def line(self, text: str) -> None:
        """Write text as one line, whatever is in it: no name can put a line of its own into the log."""
        if self._stream is not None and self.failure is None:
            with self._unfailing():
                self._stream.write(f"{self._clock.instant():%Y-%m-%dT%H:%M:%S.%f}Z {printable(text)}\n")
                self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            with self._unfailing():
                self._stream.close()
            self._stream = None

    @contextmanager
    def _unfailing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = self.failure or error


class OpenStep:
    """A step that runs; whoever carries it out tells how far it has come."""

    def __init__(self, observer: Observer, total_bytes: int | None) -> None:
        self._observer = observer
        self._total_bytes = total_bytes
        self._started = time.monotonic()
        self.size_bytes: int | None = None

    def progress(self, done_bytes: int) -> None:
        """Tell that so many bytes are done."""
        self.size_bytes = done_bytes
        elapsed = time.monotonic() - self._started
        self._observer.step_progress(done_bytes, self._total_bytes or 0, done_bytes / elapsed if elapsed else 0.0)


@dataclass(frozen=True, kw_only=True)
class Page:
    """How far a journal was filled when an attempt began that may be set aside."""

    lengths: tuple[int, ...]
    broken: bool
    steps: int


@dataclass
class Journal:
    """Everything seen so far, in order.

    Attributes:
        counted_phases: the phases whose steps count toward the RTA.
        restored: the resources that came back; each needs a recovery point.
        compared: those whose contents were held against something.
        production_bytes: the size of production's backup, for each resource that was restored from a sample of it.
        clock_doubt_seconds: how far a store's clock and this host's were found apart.
        scopes: what alone was restored of a resource's backup, where it was not all of it.
        loaded: the files of an archive that were restored out of it, by the archive's location.
        rejected: backups that were tried and set aside.
        tolerances: what the scenario lets differ in comparisons.
        mistakes: what the scenario was told was wrong in a call, whether it caught that or not.
    """

    clock: Clock
    observer: Observer
    log: DrillLog
    counted_phases: frozenset[Phase] = RECOVERY_PHASES
    disaster_offset_seconds: float | None = None
    steps: list[Step] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    backups: dict[str, BackupRead] = field(default_factory=dict)
    containers: list[ContainerRun] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    isolation: list[IsolationProbe] = field(default_factory=list)
    exposure: list[Exposure] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    production_bytes: dict[str, int] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    loaded: dict[str, set[str]] = field(default_factory=dict)
    clock_doubt_seconds: float = 0.0
    rejected: list[Rejected] = field(default_factory=list)
    tolerances: list[AgreedTolerance] = field(default_factory=list)
    mistakes: list[Exception] = field(default_factory=list)
    _broken: bool = field(default=False, init=False)

    @property
    def broken(self) -> bool:
        """Whether a backup did not restore."""
        return self._broken

    @property
    def _of_an_attempt(self) -> tuple[list[Any], ...]:
        """What speaks for or against restored data; findings and checks come first."""
        return self.findings, self.checks, self.evidence, self.losses, self.restored, self.compared

    @contextmanager
    def step(
        self, phase: Phase, name: str, *, total_bytes: int | None = None, resource: str | None = None
    ) -> Iterator[OpenStep]:
        """Time a step; an error in it is recorded with it and goes on up.

        What it means for the verdict is entered here and now: a scenario that catches the error and goes on
        cannot make it undone.
        """
        self.log.line(f"{phase}: {name}")
        self.observer.step_started(phase, name)
        offset = self.clock.offset_seconds()
        before = len(self.checks)
        running = OpenStep(self.observer, total_bytes)
        outcome, error = Verdict.UNVERIFIED, None
        try:
            yield running
            came_out = {check.outcome for check in self.checks[before:]}
            outcome = next((one for one in (Verdict.FAILED, Verdict.UNVERIFIED) if one in came_out), Verdict.PASSED)
        except WrongUse as failure:
            error = str(failure)
            raise
        except DrtoolError as failure:
            if isinstance(failure, RestoreFailed):
                outcome = Verdict.FAILED
                self._broken |= phase in RECOVERY_PHASES
            error = str(failure)
            self.finding(failure)
            raise
        except BaseException as failure:
            error = type(failure).__name__
            raise
        finally:
            elapsed = self.clock.offset_seconds() - offset
            step = Step(
                phase=phase,
                name=name,
                started_at=self.clock.instant(offset),
                offset_seconds=offset,
                elapsed_seconds=elapsed,
                size_bytes=running.size_bytes,
                counted=phase in self.counted_phases and self.disaster_offset_seconds is not None,
                outcome=outcome,
                error=error,
                resource=resource,
            )
            self.steps.append(step)
            self.log.line(f"{phase}: {name}: {outcome} after {elapsed:.3f} s{': ' + error if error else ''}")
            self.observer.step_ended(step)

    def declare_disaster(self) -> None:
        """Start the recovery clock."""
        self.disaster_offset_seconds = self.clock.offset_seconds()
        self.log.line("The disaster is declared: the recovery clock runs")

    def check(self, check: Check) -> None:
        """Enter a check with its outcome."""
        self.checks.append(check)
        self.log.line(f"check: {check.name}: {check.outcome} (expected {check.expected}, observed {check.observed})")
        self.observer.check_done(check)

    def is_complete(self, resource: str, by: str) -> None:
        """Enter what proves a backup whole of which the end says nothing: the check that asked it passes by that."""
        for place, check in enumerate(self.checks):
            if (check.resource, check.name, check.outcome) == (resource, COMPLETENESS, Verdict.UNVERIFIED):
                self.checks[place] = replace(check, outcome=Verdict.PASSED, observed=f"{check.observed}; {by}")
                self.log.line(f"check: {check.name}: {Verdict.PASSED} ({by})")

    def failure(self, error: DrtoolError, *, resource: str | None = None) -> None:
        """Enter that a recovery did not succeed, outside of a step: the finding, and whether a backup is to blame."""
        self._broken |= isinstance(error, RestoreFailed)
        self.finding(error, resource=resource)

    def finding(self, error: DrtoolError, *, resource: str | None = None) -> None:
        """Enter what an error says as a finding; its kind decides what it does to the verdict.

        An error is found once: first perhaps by its step, then by who knows the resource it concerns.
        """
        effect = Effect.FAILED if isinstance(error, RestoreFailed) else Effect.UNVERIFIED
        message = (f"{error.what}: {error.why}" if error.why else error.what).rstrip(". ")
        found = Finding(code=error.code, effect=effect, resource=resource, message=f"{message}.", mend=error.mend)
        same = [one for one in self.findings if replace(one, resource=None) == replace(found, resource=None)]
        if any(resource in (None, one.resource) for one in same):
            return
        if of_step := next((one for one in same if one.resource is None), None):
            self.findings[self.findings.index(of_step)] = found
            return
        self.findings.append(found)
        self.log.line(f"finding {found.code} ({found.effect}): {found.message}")

    def warning(self, code: str, message: str, mend: str = "", *, resource: str | None = None) -> None:
        """Enter a finding that does not decide the verdict, but that the reader must see."""
        mend = mend or mend_of(code)
        found = Finding(code=code, effect=Effect.WARNING, resource=resource, message=f"{message}.", mend=mend)
        if found not in self.findings:
            self.findings.append(found)
            self.log.line(f"finding {code} (warning): {message}")
            self.observer.note(message)

    def scope(self, resource: str, only: str) -> None:
        """Enter that of a resource's backup only some was restored, so that the drill says nothing of the rest."""
        self.scopes[resource] = only

    def deviation(self, text: str) -> None:
        """Enter something that did not go the plain way."""
        if text not in self.deviations:
            self.deviations.append(text)
            self.log.line(f"deviation: {text}")
            self.observer.note(text)

    def assumption(self, text: str) -> None:
        """Enter something that was taken for granted, such as a time zone."""
        if text not in self.assumptions:
            self.assumptions.append(text)
            self.log.line(f"assumption: {text}")

    def new_page(self) -> Page:
        """Begin an attempt: what is entered from here on can be set aside."""
        return Page(lengths=tuple(map(len, self._of_an_attempt)), broken=self._broken, steps=len(self.steps))

    def has_failed_since(self, page: Page) -> bool:
        """Tell whether anything entered since then speaks against what was restored."""
        findings, checks, *_ = page.lengths
        return any(found.effect is Effect.FAILED for found in self.findings[findings:]) or any(
            check.outcome is Verdict.FAILED for check in self.checks[checks:]
        )

    def set_aside(self, page: Page) -> tuple[tuple[Finding, ...], tuple[Check, ...]]:
        """Take out what speaks for or against the data of an attempt: it decides nothing about the drill any more.

        Steps, deviations and what was read stay: they happened.

        Returns:
            The findings and the checks of the attempt.
        """
        findings, checks, *_ = page.lengths
        aside = tuple(self.findings[findings:]), tuple(self.checks[checks:])
        for entries, length in zip(self._of_an_attempt, page.lengths, strict=True):
            del entries[length:]
        self._broken = page.broken
        return aside

    def reject(self, rejected: Rejected, page: Page) -> None:
        """Enter a backup that was tried and is not usable; all that was done about it counts: a recovery has it too."""
        self.rejected.append(rejected)
        since_the_disaster = self.disaster_offset_seconds is not None
        self.steps[page.steps :] = [replace(one, counted=since_the_disaster) for one in self.steps[page.steps :]]
        if read := self.backups.get(rejected.location):
            self.backup(replace(read, resource=""))
        self.log.line(f"rejected {rejected.location}: {rejected.reason}")
        self.observer.note(f"{rejected.location} is not usable: {rejected.reason}")

    def backup(self, read: BackupRead) -> None:
        """Enter a backup, or what became known of it since."""
        self.backups[read.location] = read

    def backup_says(self, location: str, header: Mapping[str, str], *, server_version: str | None = None) -> None:
        """Enter what a backup turned out to say of itself, and by which server it was made."""
        read = self.backups[location]
        made_by = server_version or read.server_version
        self.backup(replace(read, server_version=made_by, header={**read.header, **header}))

    def backup_digest(self, location: str, sha256: str | None) -> None:
        """Enter the digest of a backup once it has been read to its end."""
        self.backups[location] = replace(self.backups[location], sha256=sha256)

    def recovery_point(self, entry: Evidence) -> None:
        """Enter a piece of evidence for a resource's recovery point."""
        self.evidence.append(entry)
        at = entry.recovery_point.isoformat()
        self.log.line(f"recovery point of {entry.resource}: {at} by {entry.source} (rank {entry.rank})")

    def store_clock(self, location: str, ahead_seconds: float) -> None:
        """Enter how the clock of a backup's store stands to this host's: the RPO is judged with that much doubt."""
        self.clock_doubt_seconds = max(self.clock_doubt_seconds, abs(ahead_seconds))
        if abs(ahead_seconds) > CLOCK_DOUBT_SECONDS:
            stands = "ahead of" if ahead_seconds > 0 else "behind"
            self.warning(
                "clock-skew",
                f"The clock of the store of {location} is {format_duration(abs(ahead_seconds))} {stands} this host's; "
                "the store's times were converted, and the RPO is judged with that much doubt",
            )


class PrintedLines(io.TextIOBase):
    """Takes a scenario's `print` into the drill's log, a line at a time; closing it takes what is left.

    The log is evidence, and read whole for its digest: it takes no more than `MOST_PRINTED` characters of them.
    """

    MOST_PRINTED = 64 << 20

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending = ""
        self._left = self.MOST_PRINTED

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """Do nothing, also where it is closed."""

    def write(self, text: str) -> int:
        if self.closed:  # a logging handler of an earlier scenario has kept it
            return sys.stderr.write(text)
        *whole, self._pending = (self._pending + text).split("\n")
        if len(self._pending) > _LONGEST_PRINTED:
            whole, self._pending = [*whole, self._pending], ""
        for line in whole:
            self._enter(line)
        return len(text)

    def close(self) -> None:
        if self._pending and not self.closed:
            self._enter(self._pending)
            self._pending = ""
        super().close()

    def _enter(self, line: str) -> None:
        if self._left > 0:
            self._left -= len(line) + 1
            self._journal.log.line(f"print: {line}")
            if self._left <= 0:
                self._journal.deviation("The scenario printed more than the log takes; the rest is not in it")
        self._journal.observer.note(line)
