"""Up to where binary logs are replayed: to their end, to a time, to a transaction, or to just before a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from drtool.binlogs.bad_statement import BadStatement
from drtool.binlogs.format import Gtid, parse_gtid
from drtool.errors import WrongUse
from drtool.times import utc

Until = datetime | str | BadStatement | None
"""What a scenario may give: a time, a time or GTID as text, a statement that was found, or None for the end."""


@dataclass(frozen=True, kw_only=True)
class ToEnd:
    """All that was committed before the disaster, as far as the logs go."""

    disaster_at: datetime

    def __str__(self) -> str:
        return "the end of the logs"


@dataclass(frozen=True, kw_only=True)
class ToTime:
    """All that was committed before a time, which is in whole seconds; nothing of that second or later."""

    at: datetime

    def __str__(self) -> str:
        return f"{utc(self.at)}, what was committed in that second left out"


@dataclass(frozen=True, kw_only=True)
class ToGtid:
    """All up to a transaction, that one included, in the order of the log."""

    gtid: Gtid

    def __str__(self) -> str:
        return f"GTID {self.gtid}, that one included"


@dataclass(frozen=True, kw_only=True)
class ToStatement:
    """All up to a transaction, that one left out, in the order of the log."""

    statement: BadStatement

    def __str__(self) -> str:
        return f"just before the {self.statement}"


Target = ToEnd | ToTime | ToGtid | ToStatement


def target_of(until: Until, disaster_at: datetime) -> tuple[Target, str | None]:
    """Return the target that a scenario's `until` means, and what had to be taken for granted for it, if anything.

    Raises:
        WrongUse: it is none of those things, or a time without a zone.
    """
    if until is None:
        return ToEnd(disaster_at=disaster_at), None
    if isinstance(until, BadStatement):
        return ToStatement(statement=until), None
    if isinstance(until, str):
        if gtid := parse_gtid(until):
            return ToGtid(gtid=gtid), None
        try:
            until = datetime.fromisoformat(until)
        except ValueError as error:
            raise _no_target(until) from error
    if not isinstance(until, datetime) or until.tzinfo is None:
        raise _no_target(until)
    whole = until.astimezone(UTC).replace(microsecond=0)
    if whole == until:
        return ToTime(at=whole), None
    said = f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}".rstrip("0") + "Z"
    lost = f"The binary log keeps times in whole seconds, so of the second of {said} nothing was replayed"
    return ToTime(at=whole), f"{lost}; a GTID says exactly where to stop"


def _no_target(until: object) -> WrongUse:
    return WrongUse("bad-replay-target", f"{str(until)!r} says no point in time to recover to")
