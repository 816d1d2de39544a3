"""Where in a series of binary logs a replay starts and stops, and why it cannot: known before anything is replayed.

Pure: it is told what the logs hold, in their order, and judges. What lies behind the place to stop does not matter, and
neither does what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from drtool.binlogs.format import Gtid, parse_gtids
from drtool.binlogs.log_name import LogName, log_name
from drtool.binlogs.reader import FaultKind
from drtool.binlogs.start import BinlogStart
from drtool.binlogs.transactions import LogScan, LooseEvent, Transaction
from drtool.errors import RestoreFailed
from drtool.replay import failures
from drtool.replay.target import Target, ToEnd, ToGtid, ToStatement, ToTime
from drtool.times import utc

_MAGIC_BYTES = 4
_CLOCKS_APART = timedelta(minutes=5)
"""How much the clock that a backup's time is by may differ from the server's, which is that of its logs."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A position in one of the logs."""

    log: LogName
    position: int

    def __str__(self) -> str:
        return f"{self.log}:{self.position}"


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """A log that has no proper end; `position` is where what is not whole begins, None where all of it is whole."""

    position: int | None


def in_words(state: Mapping[int, Gtid]) -> str:
    """Return a state as a list of GTIDs, such as `0-1-77,1-2-9`."""
    return ",".join(str(state[domain]) for domain in sorted(state))


@dataclass(frozen=True, kw_only=True)
class Stint:
    """Transactions of one domain that one server wrote one after the other."""

    domain: int
    server: int
    first: int
    last: int

    def covers(self, gtid: Gtid) -> bool:
        """Tell whether the number of a transaction is one of theirs."""
        return gtid.domain == self.domain and self.first <= gtid.sequence <= self.last


@dataclass(kw_only=True)
class ReplayPlan:
    """Judges logs one after the other, from the one that the backup's position lies in.

    Attributes:
        start: the backup's position, or where the logs of a server that was promoted go on.
        target: up to where to replay.
        several: whether there are other servers' logs that may go on where these do not.
        proven: whether the place in the log was found by its GTID, which then need not stand at the log's beginning.
        taken_by: when the backup was taken at the latest, UTC; None where that is not known.
        stop: where to stop; None while that is not found.
        transactions: how many there are to replay.
        last: the last of them.
        reached: the server's time at the place to stop: all that was committed before is replayed. None for no time.
        cut_short: why the replay ends sooner than the logs should, where it may end anywhere.
        notes: what the reader must know, a sentence each.
        runs: who wrote what is replayed.
        leads_on: whether another server's logs may go on at `stop`, as the target was not reached.
        in_time: whether `stop` is where the time to stop at is.
        jumps: where the server's own transactions do not follow each other, so that it has seen others in between.
    """

    start: BinlogStart
    target: Target
    several: bool = False
    proven: bool = False
    taken_by: datetime | None = None
    stop: Place | None = None
    transactions: int = 0
    last: Transaction | None = None
    reached: datetime | None = None
    cut_short: RestoreFailed | None = None
    notes: list[str] = field(default_factory=list)
    runs: list[Stint] = field(default_factory=list)
    leads_on: bool = False
    in_time: bool = False
    jumps: list[tuple[Gtid, Gtid]] = field(default_factory=list)
    _log: LogName | None = None
    _end: int = _MAGIC_BYTES
    _started: bool = False
    _checked: bool = False
    _server_id: int | None = None
    _begun_seconds: int = 0
    _seconds: int = 0
    _state: dict[tuple[int, int], int] = field(default_factory=dict)
    _newest: dict[int, Gtid] = field(default_factory=dict)
    _cut: _Cut | None = None
    _next_log: str | None = None
    _closed: bool = False
    _hole: RestoreFailed | None = None

    def goes_on(self, start: BinlogStart) -> ReplayPlan:
        """Return the plan for the logs of the server that took over from this one's, from a place that GTIDs tell."""
        return ReplayPlan(
            start=replace(start, gtid=in_words(self._newest)),
            target=self.target,
            several=True,
            proven=True,
            transactions=self.transactions,
            last=self.last,
            notes=self.notes,
            runs=self.runs,
            _seconds=self._seconds,
            _checked=True,
        )

    @property
    def limit(self) -> datetime | None:
        """Return the time from which on nothing is replayed, if that counts."""
        match self.target:
            case ToTime():
                return self.target.at
            case ToEnd():
                return self.target.disaster_at
            case _:
                return None

    @property
    def state(self) -> dict[int, Gtid]:
        """The newest GTID of each domain at the place to stop, or at the end of what came by."""
        return dict(self._newest)

    def comes_next(self, log: LogName) -> None:
        """Say which log comes next.

        Raises:
            RestoreFailed: there is a gap before it.
        """
        if self._log and log.number != self._log.number + 1:
            hole = LogName(base=log.base, number=self._log.number + 1)
            what = f"The binary log {hole} is missing among those that are to be replayed"
            hole_found = RestoreFailed("binary-log-missing", what, why=self.how_far())
            if not self.several:
                raise hole_found
            self._hole = hole_found
            self._stop_at(self._end, leads_on=True)

    def log_begins(self, log: LogName, scan: LogScan) -> None:
        """Take the head of a log: `scan` has seen its list of GTIDs.

        Raises:
            RestoreFailed: it does not go on from the log before it, or is another server's.
        """
        before, self._log, self._end = self._log, log, _MAGIC_BYTES
        if self._server_id is not None and scan.server_id != self._server_id:
            raise failures.other_server(f"{log} was written by server {scan.server_id}, not {self._server_id}")
        self._server_id, self._begun_seconds = scan.server_id, scan.begun_seconds
        state = {(gtid.domain, gtid.server): gtid.sequence for gtid in scan.began_with or ()}
        if before is not None:
            follows = state == {key: number for key, number in self._state.items() if key in state}
            if not follows and self._cut:
                raise failures.truncated(before, self._cut.position, self.how_far())
            if not follows:
                raise failures.other_server(f"{log} does not go on from where {before} ends")
            if self._cut and self._cut.position:
                self.notes.append(
                    f"{before} breaks off inside an event, as after a crash of its server; {log} goes on from there"
                )
        self._cut, self._state = None, state
        for gtid in scan.began_with or ():
            self._know(gtid)

    def take(self, found: Transaction | LooseEvent) -> None:
        """Take what comes next in the log.

        Raises:
            RestoreFailed: the backup's position is none in this log, or the target lies before it.
        """
        if self.stop is not None:
            return
        begin = found.begin if isinstance(found, Transaction) else self._end
        self._start_at(begin)
        if self._started:
            self._check_start()
            if self.stop is None:
                self._stop_before(found, begin)
            if self.stop is None and isinstance(found, Transaction):
                self._mind_jump(found.gtid, begin)
            if self.stop is not None:
                return
        elif isinstance(found, Transaction) and self._is_the_statement(found):
            raise failures.before_backup(self.target, self.start)
        elif isinstance(found, Transaction) and self.proven and self._is_younger(found.seconds):
            raise failures.younger_than_backup(f"{found.gtid} in {self._log}", found.seconds, self.taken_by)
        self._end, self._seconds = found.end, max(self._seconds, found.seconds)
        if not isinstance(found, Transaction):
            return
        self._state[found.gtid.domain, found.gtid.server] = found.gtid.sequence
        self._newest[found.gtid.domain] = found.gtid
        if self._started:
            self._enter(found.gtid)
            self.transactions += 1
            self.last = found
            if isinstance(self.target, ToGtid) and found.gtid == self.target.gtid:
                self._stop_at(found.end)

    def log_ends(self, scan: LogScan, *, is_last: bool) -> None:
        """Take the end of a log, whole or not.

        Raises:
            RestoreFailed: the target lies behind what can be read.
        """
        if self.stop is not None:
            return
        log, fault = self._named(), scan.fault
        if fault and fault.kind is not FaultKind.TRUNCATED:
            raise failures.unreadable(log, fault, self.how_far())
        self._start_at(self._end)
        if not self._started:
            if self._is_younger(self._begun_seconds):
                raise failures.younger_than_backup(f"this {log}", self._begun_seconds, self.taken_by)
            raise failures.ends_before(log, self._end, self.start)
        self._check_start()
        cut_at = fault.position if fault else self._end if scan.inside_transaction else None
        # A log that was closed says so; the last one, in use or so when its server crashed, need not.
        if cut_at is not None or not (scan.closed or (scan.in_use and is_last)):
            self._cut = _Cut(position=cut_at)
        if not is_last or self.stop is not None:
            return
        self._next_log, self._closed = scan.next_log, scan.closed
        if self.several:
            self._stop_at(self._end, leads_on=True)
        else:
            self.conclude()

    def conclude(self) -> None:
        """Take it that nothing goes on from the end of these logs.

        Raises:
            RestoreFailed: the target lies behind it.
        """
        self.leads_on = False
        if self.in_time:
            return
        self.stop = None
        if self._hole:
            raise self._hole
        log = self._named()
        if isinstance(self.target, ToEnd):
            self._stop_at(self._end)
            if self._cut:
                self.cut_short = failures.truncated(log, self._cut.position, self.how_far())
            elif self._next_log:
                self.notes.append(f"{log} is followed by {self._next_log}, which is not there: what is in it is lost")
            elif not self._closed:
                self.notes.append(
                    f"The server was still writing {log} when it was copied: what it committed later is not in it"
                )
        elif self._cut:
            raise failures.truncated(log, self._cut.position, self.how_far())
        self.finish()

    def finish(self) -> Place:
        """Return where to stop, once the last log has ended.

        Raises:
            RestoreFailed: the target was not reached.
        """
        if self.stop is None:
            raise self._not_reached()
        return self.stop

    def how_far(self) -> str:
        """Return how far one can get, in words."""
        if self.last is None:
            return "nothing can be replayed onto the backup"
        return f"one can get to GTID {self.last.gtid} of {utc(self.last.at)}, that one included"

    def _start_at(self, position: int) -> None:
        if self._started:
            return
        if position > self.start.position:
            raise failures.other_server(f"{self.start} is no place between two transactions")
        self._started = position == self.start.position
        for gtid in (parse_gtids(self.start.gtid or "") or ()) if self._started else ():
            self._know(gtid)

    def _is_younger(self, seconds: int) -> bool:
        """Tell whether what the backup was taken behind is of a time when it had been taken already."""
        return self.taken_by is not None and seconds > (self.taken_by + _CLOCKS_APART).timestamp()

    def _know(self, gtid: Gtid) -> None:
        known = self._newest.get(gtid.domain)
        if known is None or known.sequence <= gtid.sequence:
            self._newest[gtid.domain] = gtid

    def _enter(self, gtid: Gtid) -> None:
        last = self.runs[-1] if self.runs else None
        if last and (last.domain, last.server, last.last + 1) == (gtid.domain, gtid.server, gtid.sequence):
            self.runs[-1] = replace(last, last=gtid.sequence)
        else:
            self.runs.append(Stint(domain=gtid.domain, server=gtid.server, first=gtid.sequence, last=gtid.sequence))

    def _mind_jump(self, gtid: Gtid, begin: int) -> None:
        """Mind a transaction of the server's own that does not follow the one before: it has seen others in between.

        What it replicates and logs (log_slave_updates) may have been filtered, and skip numbers for that.
        """
        known = self._newest.get(gtid.domain)
        if known is None or gtid.server != self._server_id or gtid.sequence <= known.sequence + 1:
            return
        self.jumps.append((known, gtid))
        if self.several:
            self._stop_at(begin, leads_on=True)

    def _check_start(self) -> None:
        """Hold what the backup says of its position against what the logs say of it, and the target against both."""
        if self._checked:
            return
        self._checked = True
        for gtid in (parse_gtids(self.start.gtid or "") or ()) if not self.proven else ():
            if self._state.get((gtid.domain, gtid.server)) != gtid.sequence:
                raise failures.other_server(f"the backup has GTID {gtid} at {self.start.file}:{self.start.position}, "
                                            "and the logs have another there")  # fmt: skip
        target, passed = self.target, False
        if isinstance(target, ToTime):
            passed = self._seconds >= target.at.timestamp()
        elif isinstance(target, ToGtid):
            newest = self._newest.get(target.gtid.domain)
            if newest == target.gtid:
                self._stop_at(self.start.position)
            passed = newest is not None and newest.sequence >= target.gtid.sequence and newest != target.gtid
        elif isinstance(target, ToStatement):
            log = log_name(target.statement.file) if not self.several else None
            passed = log is not None and log.number < self._named().number
        if passed:
            raise failures.before_backup(target, self.start)

    def _stop_before(self, found: Transaction | LooseEvent, begin: int) -> None:
        """Stop before the statement, or before the first thing in the log that is as late as the time to stop at."""
        if isinstance(self.target, ToStatement):
            if isinstance(found, Transaction) and self._is_the_statement(found):
                self._stop_at(begin, found.at)
            return
        if (limit := self.limit) and found.seconds >= limit.timestamp():
            # What another server wrote before that time may lie in its own log.
            self._stop_at(begin, limit, leads_on=self.several)
            self.in_time = True

    def _stop_at(self, position: int, reached: datetime | None = None, *, leads_on: bool = False) -> None:
        self.leads_on = leads_on
        self.stop = Place(log=self._named(), position=position)
        self.reached = reached or (datetime.fromtimestamp(self._seconds, UTC) if self._seconds else None)

    def _is_the_statement(self, found: Transaction) -> bool:
        if not isinstance(self.target, ToStatement):
            return False
        wanted = self.target.statement
        if self.several:  # where one log has it, another has it too that lists what was replicated
            return found.gtid == wanted.gtid
        return (str(self._log), found.begin, found.gtid) == (wanted.file, wanted.position, wanted.gtid)

    def _named(self) -> LogName:
        if self._log is None:
            raise ValueError("no log has begun")
        return self._log

    def _not_reached(self) -> RestoreFailed:
        if isinstance(self.target, ToGtid):
            wanted = self.target.gtid
            newest = self._newest.get(wanted.domain)
            if newest is None:
                there = ", ".join(map(str, sorted(self._newest))) or "none"
                what = f"The binary logs hold nothing of the domain of GTID {wanted}"
                return RestoreFailed("gtid-of-another-domain", what, why=f"domains in the logs: {there}")
            if newest.sequence >= wanted.sequence:
                what = f"The binary logs go on to GTID {newest} and do not hold {wanted}"
                why = "another server wrote the transaction of that number"
                return RestoreFailed("gtid-not-in-logs", what, why=why)
        what = f"The binary logs end before the target: {self.target}"
        return RestoreFailed("replay-target-not-reached", what, why=self.how_far())
