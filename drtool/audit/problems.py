"""What an audit finds wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drtool.record.verdicts import Effect

ONLY_THE_KEY = {"key-not-trusted", "key-not-valid-then", "key-not-for-reports"}
"""What is wrong with a report that nobody changed, but whose signer is not one to be trusted."""

TAMPERED, NOT_VERIFIED = "tampered", "not verified"
_AS_IT_WAS_LEFT = ONLY_THE_KEY | {"drill-abandoned", "report-unreadable", "line-ends-converted"}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with the evidence.

    Attributes:
        code: stable kebab-case name; scripts may rely on it. They are listed in docs/auditors.md.
        effect: `failed` where the evidence is not what drtool left or a drill is lacking, `unverified` where it
            cannot be told.
        file: what is wrong, relative to the reports folder; every name in it is made visible.
        sentence: for people; it names the file.
        drill_id: the drill it belongs to, where it belongs to one.
    """

    code: str
    effect: Effect
    file: str
    sentence: str
    drill_id: str | None = None


def standing(problems: Iterable[Problem]) -> str:
    """Return what to say in place of a verdict, given all that is wrong; nothing where the verdict may be said."""
    problems = list(problems)
    changed = any(one.effect is Effect.FAILED and one.code not in _AS_IT_WAS_LEFT for one in problems)
    return TAMPERED if changed else NOT_VERIFIED if problems else ""


def failed(code: str, file: str, what: str, *, drill_id: str | None = None) -> Problem:
    """Return a problem that fails the audit; `what` follows the file's name, without its full stop."""
    return Problem(code=code, effect=Effect.FAILED, file=file, sentence=f"{file} {what}.", drill_id=drill_id)


def unverified(code: str, file: str, what: str, *, drill_id: str | None = None) -> Problem:
    """Return a problem that leaves the audit unverified; `what` follows the file's name, without its full stop."""
    return Problem(code=code, effect=Effect.UNVERIFIED, file=file, sentence=f"{file} {what}.", drill_id=drill_id)
