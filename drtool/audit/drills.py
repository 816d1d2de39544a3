"""What the ledger tells of drills: which there were, how each ended, and what does not add up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from drtool.audit import line_ends
from drtool.audit.problems import Problem, failed
from drtool.errors import Unverifiable
from drtool.evidence import chain, ledger
from drtool.evidence.chain import Chain, LedgerEntry
from drtool.host import plain
from drtool.host.owner import Owner
from drtool.host.plain import NotPlain, visible
from drtool.times import format_duration, utc

CLOCK_TOLERANCE = timedelta(seconds=10)
"""How far an entry's time may lie before the one above it: drills side by side, hosts whose clocks differ a little."""

GRACE = timedelta(hours=1)
"""What a drill may take beyond its time limit to clean up, before it counts as abandoned."""


@dataclass(frozen=True, kw_only=True)
class LedgerDrill:
    """A drill as the ledger has it; `end` is None before it has ended, and for ever where it was abandoned."""

    start: LedgerEntry
    end: LedgerEntry | None = None

    @property
    def drill_id(self) -> str:
        """The drill's id; whatever the ledger says, which may be no id at all."""
        return self.start.drill_id

    def within(self, since: datetime | None, until: datetime | None) -> bool:
        """Tell whether it began in a period, both ends included."""
        return (since is None or self.start.at >= since) and (until is None or self.start.at <= until)

    def has_lost_its_process(self) -> bool:
        """Tell whether the process that carries it out is known to be gone."""
        return self._is_alive() is False

    def is_seen_to_run(self) -> bool:
        """Tell whether the process that carries it out is known to run, which it can be on its own host alone."""
        return self._is_alive() is True

    @property
    def over_at(self) -> datetime:
        """When it has to be over, wherever it runs."""
        limit = min(timedelta(seconds=self.start.time_limit_seconds or 0.0), chain.LONGEST_TIME_LIMIT)
        try:
            return self.start.at + limit + GRACE
        except OverflowError:
            return self.start.at

    def has_run_out_of_time(self, now: datetime) -> bool:
        """Tell whether it should have been over long ago."""
        return self.end is None and now > self.over_at

    def _is_alive(self) -> bool | None:
        owner = Owner.parse(self.start.process or "")
        return owner.is_alive() if owner and self.end is None else None


def drills(entries: Sequence[LedgerEntry]) -> tuple[list[LedgerDrill], list[Problem]]:
    """Put starts and ends together.

    Returns:
        The drills in the order of their starts, and what does not add up.
    """
    known: dict[str, LedgerDrill] = {}
    problems = []
    for entry in entries:
        where, name = f"{ledger.NAME}, entry {entry.sequence},", visible(entry.drill_id)
        drill = known.get(entry.drill_id)
        if entry.event == "start":
            if drill is not None:
                what = f"starts drill {name}, which entry {drill.start.sequence} had started already"
                problems.append(failed("drill-started-twice", where, what, drill_id=entry.drill_id))
            else:
                known[entry.drill_id] = LedgerDrill(start=entry)
        elif entry.event == "end":
            if drill is None:
                what = f"ends drill {name}, which was never started"
                problems.append(failed("drill-never-started", where, what, drill_id=entry.drill_id))
            elif drill.end is not None:
                what = f"ends drill {name}, which entry {drill.end.sequence} had ended already"
                problems.append(failed("drill-ended-twice", where, what, drill_id=entry.drill_id))
            else:
                known[entry.drill_id] = replace(drill, end=entry)
    return list(known.values()), problems


def breaks(chain: Chain) -> list[Problem]:
    """Return where lines do not follow from each other."""
    return [failed(one.code, f"{ledger.NAME}, line {one.line},", one.text) for one in chain.breaks]


def clock_set_back(entries: Sequence[LedgerEntry], since: datetime | None, until: datetime | None) -> list[Problem]:
    """Return where time ran backwards, within a period."""
    problems = []
    latest: LedgerEntry | None = None
    hosts = {entry.drill_id: entry.host for entry in entries if entry.event == "start"}
    for entry in entries:
        back = latest.at - entry.at if latest else timedelta()
        within = (since is None or (latest or entry).at >= since) and (until is None or entry.at <= until)
        if latest and within and back > CLOCK_TOLERANCE:
            before = f"{format_duration(back.total_seconds())} before entry {latest.sequence} above it"
            of = [hosts.get(one.drill_id) for one in (latest, entry)]
            why = "the clock was set back"
            if all(of) and of[0] != of[1]:
                why = f"the clocks of {visible(of[0] or '')} and {visible(of[1] or '')} are apart, one was set back"
            what = f"is dated {utc(entry.at)}, {before}: {why}, or a drill was back-dated"
            where = f"{ledger.NAME}, entry {entry.sequence},"
            problems.append(failed("clock-set-back", where, what, drill_id=entry.drill_id or None))
            latest = entry  # what follows is held against the new time, so that each setting of the clock is named once
        elif latest is None or entry.at > latest.at:
            latest = entry
    return problems


@dataclass
class LedgerRead:
    """A ledger that was read, with everything that is wrong with it."""

    chain: chain.Chain
    drills: list[LedgerDrill]
    problems: list[Problem]

    @cached_property
    def entries(self) -> dict[int, LedgerEntry]:
        """The entries by their number."""
        return {entry.sequence: entry for entry in self.chain.entries}


def read_until_settled(path: Path) -> tuple[LedgerRead, frozenset[str]]:
    """Read the ledger, and tell which open drills have lost their process.

    A drill may enter its end and leave between one look and the other; so where a process is gone the ledger is read
    once more, after which an end that is still missing will never come.
    """
    found = _read(path)
    gone = frozenset(drill.drill_id for drill in found.drills if drill.has_lost_its_process())
    return (_read(path) if gone else found), gone


def _read(path: Path) -> LedgerRead:
    content = b""
    problems = []
    try:
        content = plain.read(path, limit_bytes=plain.LIMIT_BYTES)
        if content and not content.endswith(b"\n"):
            time.sleep(0.1)  # perhaps somebody is just writing
            content = plain.read(path, limit_bytes=plain.LIMIT_BYTES)
    except NotPlain as error:
        if error.refused:
            raise Unverifiable("ledger-unreadable", f"{path} may not be read by this account") from error
        if not error.missing:
            problems.append(failed("ledger-not-plain", ledger.NAME, str(error)))
    read = chain.read(content)
    if read.breaks and not (before := chain.read(line_ends.restored(content))).breaks:
        problems.append(failed("line-ends-converted", ledger.NAME, line_ends.WHAT))
        read = before
    found, more = drills(read.entries)
    return LedgerRead(read, found, [*problems, *breaks(read), *more])
