"""How a drill stands when many are looked over: one mark each, told apart by its shape and its word."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from drtool.audit.problems import ONLY_THE_KEY, Problem
from drtool.audit.result import AuditedDrill, State
from drtool.record.verdicts import Effect


class Mark(StrEnum):
    """How a drill and its evidence stand; the worst first. Every `State` that an audit knows is a mark too."""

    TAMPERED = "tampered"
    UNTRUSTED = "key not trusted"
    ABANDONED = "abandoned"
    FAILED = "failed"
    UNSIGNED = "unsigned"
    UNVERIFIED = "unverified"
    INTERRUPTED = "interrupted"
    NOT_ENDED = "not ended"
    PASSED = "passed"

    @property
    def shape(self) -> str:
        """The name of its shape, and of its class in the style sheet."""
        return self.value.replace(" ", "-")

    @property
    def word(self) -> str:
        """What it is called; only what passed need not stand out."""
        return self.value if self is Mark.PASSED else self.value.upper()


MEANINGS = {
    Mark.TAMPERED: "Its evidence is not what the drill left: changed, gone, or added to. Nothing in it counts.",
    Mark.UNTRUSTED: "It was signed with a key that is not trusted for it. Nothing in it counts.",
    Mark.ABANDONED: "It was begun and never ended, so nobody can tell how it went.",
    Mark.FAILED: "A backup did not restore, a check failed, or an objective was missed.",
    Mark.UNSIGNED: "Nothing shows who wrote its report, so it proves nothing.",
    Mark.UNVERIFIED: "Something that was to be measured could not be, so it proves nothing either way.",
    Mark.INTERRUPTED: "Somebody stopped it before its end.",
    Mark.NOT_ENDED: "It was begun and has not ended; it may still be running, so nobody can tell yet how it goes.",
    Mark.PASSED: "The backups were restored, every check passed, and every objective that was judged was met.",
}
"""What each mark says, in a sentence."""


def mark(drill: AuditedDrill, problems: Sequence[Problem]) -> Mark:
    """Return how a drill stands.

    Args:
        drill: the drill.
        problems: those of its evidence.
    """
    if drill.intact is False and drill.state is not State.ABANDONED:
        wrong = {one.code for one in problems if one.effect is Effect.FAILED}
        return Mark.UNTRUSTED if wrong and wrong <= ONLY_THE_KEY else Mark.TAMPERED
    return Mark.UNSIGNED if drill.signature == "UNSIGNED" else Mark(drill.state)
