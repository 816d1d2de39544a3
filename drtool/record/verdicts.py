"""Verdicts, and what they rest on: checks, findings, losses, attempts to get out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COMPLETENESS = "backup is complete"
"""The check that asks whether a backup is whole, by its end."""


class Verdict(StrEnum):
    """What a drill, an objective or a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"


class Effect(StrEnum):
    """What a finding does to the verdict."""

    FAILED = "failed"
    UNVERIFIED = "unverified"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question to the restored data. `observed` is a number, a time or an error code, never row contents.

    Attributes:
        question: the SQL, the pattern of paths, or the same in words.
        builtin: whether drtool asks it of every backup of that kind; else the scenario asked.
    """

    resource: str
    name: str
    question: str
    expected: str
    observed: str
    outcome: Verdict
    builtin: bool
    elapsed_seconds: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fact that matters for the verdict, with a stable code, a sentence for people and the mend.

    Attributes:
        code: stable; scripts may rely on it.
        resource: what it is about, where it is about one.
        mend: what to do; empty where there is nothing to be done.
    """

    code: str
    effect: Effect
    resource: str | None
    message: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is missing, extra or changed in one table or folder, measured against a baseline.

    Attributes:
        subject: the table or folder; the figures count its rows or files.
    """

    resource: str
    subject: str
    missing: int
    extra: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class AgreedTolerance:
    """What the scenario let differ in a comparison, whether anything did or not.

    Attributes:
        pattern: the tables, or the paths, as the scenario names them.
        leniency: `append-only`, `drift` or `ignored`.
        most: with `drift`, how many rows or files at most.
        reason: why, where the scenario says so.
    """

    resource: str
    pattern: str
    leniency: str
    most: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class IsolationProbe:
    """One attempt of a sandbox to get out, made by the drill itself; `contained` is what is hoped for."""

    resource: str
    attempt: str
    observed: str
    contained: bool
