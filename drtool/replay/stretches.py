"""The stretches of a replay: the logs of the server that a backup is of, and of those that took over from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from drtool.amounts import listed
from drtool.binlogs.format import Gtid, parse_gtids
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed, Unverifiable
from drtool.replay.log_fetch import FetchedLog
from drtool.replay.log_series import LogSeries
from drtool.replay.plan import ReplayPlan
from drtool.replay.succession import Line, gap, onset
from drtool.replay.target import Target


@dataclass(kw_only=True)
class Stretch:
    """What is replayed of one server's logs.

    Attributes:
        series: its logs, from the one on that it begins in.
        plan: where it begins and ends.
        before: how many transactions were replayed before it.
        fetched: the logs that were read.
        volume: where their copies lie.
    """

    series: LogSeries
    plan: ReplayPlan
    before: int = 0
    fetched: list[FetchedLog] = field(default_factory=list)
    volume: str = ""

    @property
    def transactions(self) -> int:
        """How many transactions are replayed of it."""
        return self.plan.transactions - self.before


def follow(lines: Sequence[Line], first: Stretch, fetch: Callable[[Stretch], Stretch]) -> list[Stretch]:
    """Return the stretches from the first to the target, each fetched before it is known which one follows.

    Args:
        lines: whose logs there are.
        first: what to begin with.
        fetch: fetches one, and returns the one that it fetched; see `by_place_or_gtid`.

    Raises:
        RestoreFailed: the target cannot be reached.
        Unverifiable: the store cannot be read.
    """
    stretches = [fetch(first)]
    while stretches[-1].plan.leads_on:
        following = go_on(lines, stretches[-1])
        if following is None:
            stretches[-1].plan.conclude()
            break
        stretches.append(fetch(following))
    stretches[-1].plan.finish()
    return stretches


def by_place_or_gtid(lines: Sequence[Line], stretch: Stretch, fill: Callable[[Stretch], None]) -> Stretch:
    """Fetch the logs of a stretch, or of the one that begins by GTID where its position is none in these logs.

    A position in a replica's own log means nothing in its primary's, though their names are the same.

    Args:
        lines: whose logs there are.
        stretch: what to fetch.
        fill: fetches and judges one.

    Returns:
        What was fetched.

    Raises:
        RestoreFailed: the target cannot be reached, from the one place or the other.
    """
    try:
        fill(stretch)
    except RestoreFailed as failure:
        plan = stretch.plan
        if failure.code != "binary-logs-of-another-server" or plan.proven or plan.transactions:
            raise
        by_gtid = begin_by_gtid(lines, plan.start, plan.target, plan.taken_by)
        if by_gtid is None:
            raise
        fill(by_gtid)
        return by_gtid
    return stretch


def begin(lines: Sequence[Line], start: BinlogStart, target: Target, taken_by: datetime | None = None) -> Stretch:
    """Return the stretch that a replay begins with: by the backup's position, or by its GTID where that tells more.

    Args:
        lines: whose logs there are.
        start: what the backup says of its place in them.
        target: up to where to replay.
        taken_by: when the backup was taken at the latest, UTC; None where that is not known.

    Raises:
        RestoreFailed: no logs go back to where the backup was taken.
    """
    several = len(lines) > 1
    plan = ReplayPlan(start=start, target=target, taken_by=taken_by)
    if not several and start.replicated is None and lines[0].series.holds(start.file):
        return Stretch(series=lines[0].series.since(start), plan=plan)
    if found := begin_by_gtid(lines, start, target, taken_by):
        return found
    if several:
        what = f"There is a gap between the backup and the binary logs of {len(lines)} servers: it was taken at {start}"
        raise RestoreFailed("binary-log-gap", what, why="none of these logs goes on from there by its GTID")
    series = lines[0].series.since(start)
    return Stretch(series=series, plan=plan)


def begin_by_gtid(
    lines: Sequence[Line], start: BinlogStart, target: Target, taken_by: datetime | None = None
) -> Stretch | None:
    """Return the stretch that begins where the logs hold the backup's GTIDs; None where it has none, or no logs do.

    Raises:
        RestoreFailed: logs go on behind that, and not from there.
    """
    state = _state_of(start)
    if not state or (found := onset(lines, state)) is None:
        return None
    if not found.follows and not (found.holds and found.next is None):
        if found.next is None:
            return None
        raise gap(state, found, "nothing can be replayed onto the backup")
    at = replace(found.start, gtid=start.replicated or start.gtid)
    plan = ReplayPlan(start=at, target=target, several=len(lines) > 1, proven=True, taken_by=taken_by)
    if len(lines) > 1 or start.replicated or (at.file, at.position) != (start.file, start.position):
        plan.notes.append(f"The replay began where the logs{_of(found.line)} hold the backup's GTID, at {at}")
    return Stretch(series=found.series, plan=plan)


def go_on(lines: Sequence[Line], before: Stretch) -> Stretch | None:
    """Return the stretch of the server that took over where another's ends; None where nothing goes on.

    Raises:
        RestoreFailed: something goes on, and not from there; or two servers did, each on its own.
    """
    plan = before.plan
    found = onset(lines, plan.state, plan.runs) if plan.state else None
    if found is None or found.next is None or (plan.limit and found.next.at >= plan.limit):
        return None
    if not found.follows:
        raise gap(plan.state, found, plan.how_far())
    plan.notes.append(f"From {plan.finish()} on, the logs{_of(found.line)} go on: {found.next.gtid} at {found.start}")
    return Stretch(series=found.series, plan=plan.goes_on(found.start), before=plan.transactions)


def unseen(jumps: Sequence[tuple[Gtid, Gtid]]) -> Unverifiable:
    """Return the finding of a server that numbers its transactions as after others, which are not in its logs."""
    which = listed([f"between {before} and {after}" for before, after in jumps])
    what = f"The server has seen transactions that are not in its binary logs: {which}"
    return Unverifiable("binary-logs-of-others-missing", what)


def _state_of(start: BinlogStart) -> dict[int, Gtid]:
    state: dict[int, Gtid] = {}
    for text in (start.gtid, start.replicated):
        for gtid in parse_gtids(text or "") or ():
            if gtid.domain not in state or state[gtid.domain].sequence < gtid.sequence:
                state[gtid.domain] = gtid
    return state


def _of(line: Line) -> str:
    return f" of server {line.server}" if line.server is not None else ""
