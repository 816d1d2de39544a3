"""What drtool says of a code, wherever it is raised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ExitClass(StrEnum):
    """What a code means for the verdict, and so for the exit code: each code has one class."""

    FAILED = "failed"
    UNVERIFIED = "unverified"
    WRONG_USE = "wrong use"
    WARNING = "warning"


class Severity(StrEnum):
    """How soon somebody has to act. It decides nothing."""

    URGENT = "urgent"
    SERIOUS = "serious"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Code:
    """What stands behind a code; sentences are without their last full stop.

    Attributes:
        code: stable kebab-case name; scripts rely on it.
        exit_class: what it means for the verdict.
        severity: how soon somebody has to act.
        happened: what happened, in general.
        matters: what that means for a recovery, or for what is proved.
        mend: what to do about it, also where an error does not say so itself.
    """

    code: str
    exit_class: ExitClass
    severity: Severity
    happened: str
    matters: str
    mend: str


@dataclass(frozen=True, slots=True)
class Family:
    """Codes that belong together: a section of docs/findings.md."""

    title: str
    about: str
    codes: tuple[Code, ...]
