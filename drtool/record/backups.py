"""The backups of a drill: what was there, what was chosen, what was read, what was rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from drtool.record.verdicts import Check, Effect, Finding, Verdict


@dataclass(frozen=True, kw_only=True)
class BackupRead:
    """A backup file as the store listed it and as it was read.

    Attributes:
        resource: what the scenario restored it as, such as `db`; empty where it was not restored.
        modified_at: by the store's record.
        sha256: in hex, of the bytes that were read; None where it was not read to its end.
        version_id: of the object, where the store keeps versions.
        lock_state: of the object, where the store locks objects.
        format: what it is by its content.
        server_version: of the server that made it, as its header says.
        header: what else its header says.
    """

    resource: str
    location: str
    size_bytes: int
    modified_at: datetime
    sha256: str | None
    version_id: str | None
    lock_state: str | None
    format: str
    compression: str
    server_version: str | None
    header: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One backup that a pattern matched."""

    location: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a pattern matched, what was chosen, and why; `newest` lists at most ten, newest first.

    With `by_name` dates in names say which of them is the newest, and not the store's times; with `is_a_guess` nothing
    does.
    """

    pattern: str
    considered: int
    chosen: str
    why: str
    newest: tuple[Candidate, ...]
    is_a_guess: bool = False
    by_name: bool = False

    @property
    def older(self) -> tuple[Candidate, ...]:
        """Those of `newest` that were taken for older than the one that was chosen."""
        places = [at for at, one in enumerate(self.newest) if one.location == self.chosen]
        return self.newest[places[0] + 1 :] if places else ()


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A backup that was restored, or was to be, and found unusable on the way back to one that is usable.

    Attributes:
        pattern: what was looked for.
        modified_at: when it was last written, as the store says.
        findings: why it was rejected; they do not count toward the drill's verdict.
        checks: those it was put to; nor do they.
    """

    pattern: str
    location: str
    modified_at: datetime
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The first thing that spoke against it, in a sentence without its full stop."""
        failed = [found.message.rstrip(".") for found in self.findings if found.effect is Effect.FAILED]
        failed += [f"check failed: {check.name}" for check in self.checks if check.outcome is Verdict.FAILED]
        return failed[0] if failed else "it is not what was looked for"
