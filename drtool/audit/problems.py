"""What an audit finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

from drtool.record.verdicts import Effect


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


def failed(code: str, file: str, what: str, *, drill_id: str | None = None) -> Problem:
    """Return a problem that fails the audit; `what` follows the file's name, without its full stop."""
    return Problem(code=code, effect=Effect.FAILED, file=file, sentence=f"{file} {what}.", drill_id=drill_id)


def unverified(code: str, file: str, what: str, *, drill_id: str | None = None) -> Problem:
    """Return a problem that leaves the audit unverified; `what` follows the file's name, without its full stop."""
    return Problem(code=code, effect=Effect.UNVERIFIED, file=file, sentence=f"{file} {what}.", drill_id=drill_id)
