"""The steps of a drill, and which of them are recovery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drtool.record.verdicts import Verdict


class Phase(StrEnum):
    """What a step is for; recovery phases count toward the RTA."""

    PREPARE = "prepare"
    LOCATE = "locate"
    FETCH = "fetch"
    PROVISION = "provision"
    RESTORE = "restore"
    REPLAY = "replay"
    START = "start"
    VERIFY = "verify"
    DESTROY = "destroy"


RECOVERY_PHASES = frozenset({Phase.LOCATE, Phase.FETCH, Phase.PROVISION, Phase.RESTORE, Phase.REPLAY, Phase.START})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One timed piece of a drill. `offset_seconds` counts from the drill's start on the monotonic clock.

    Attributes:
        size_bytes: what it moved, where that is known.
        counted: whether it counts toward the RTA.
        outcome: how it ended; where it asked something of the restored data, what came of that.
        resource: what it was about, where it was about one.
    """

    phase: Phase
    name: str
    started_at: datetime
    offset_seconds: float
    elapsed_seconds: float
    size_bytes: int | None
    counted: bool
    outcome: Verdict
    error: str | None = None
    resource: str | None = None
