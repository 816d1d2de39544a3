"""Several servers' logs under one pattern: which of them a backup goes on in, and who went on after a failover.

mariadb-operator keeps the logs of each primary that there was as `server-<id>/<name>.<number>`, all of the same names.
A position says nothing there: a backup may be of a replica, whose own logs nobody keeps. GTIDs tell. A server that was
promoted goes on from the last number it has seen, and its log lists what it wrote itself alone (log_slave_updates=OFF)
or all of the history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drtool.binlogs.format import Gtid
from drtool.binlogs.start import BinlogStart
from drtool.binlogs.transactions import LogScan, Transaction
from drtool.errors import RestoreFailed
from drtool.replay import failures
from drtool.replay.log_content import content_of
from drtool.replay.log_series import Log, LogSeries, found_logs, series_of_one
from drtool.replay.plan import Stint
from drtool.stores import Store

State = Mapping[int, Gtid]
"""The newest GTID of each domain."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The logs of one of several servers."""

    server: int | None
    series: LogSeries


@dataclass(frozen=True, kw_only=True)
class Onset:
    """Where one server's logs go on from a state.

    Attributes:
        line: whose they are.
        start: the place, which has been looked at.
        holds: whether the log has reached exactly that state there.
        next: the first transaction behind it; None where the logs end there.
        follows: whether that one is the next by its number.
    """

    line: Line
    start: BinlogStart
    holds: bool
    next: Transaction | None
    follows: bool

    @property
    def series(self) -> LogSeries:
        """The logs from there on."""
        return self.line.series.since(self.start)


def list_lines(store: Store, pattern: str) -> tuple[Line, ...]:
    """Find the logs that match a pattern and put them in order, each server's for itself.

    Raises:
        RestoreFailed: there are none, or those of one server do not belong together.
        Unverifiable: the store cannot be read.
    """
    places = found_logs(store, pattern)
    if len(places) == 1:
        (logs,) = places.values()
        return (Line(server=None, series=series_of_one(store, pattern, logs)),)
    servers: dict[int | None, list[Log]] = {}
    for logs in places.values():
        servers.setdefault(_head(store, logs[0])[0], []).extend(logs)
    lines = [Line(server=server, series=series_of_one(store, pattern, logs)) for server, logs in servers.items()]
    return tuple(sorted(lines, key=lambda line: line.server or 0))


def onset(lines: Sequence[Line], state: State, runs: Sequence[Stint] = ()) -> Onset | None:
    """Return where to go on from a state: in the logs whose next transaction is the next by its number.

    Args:
        lines: whose logs there are.
        state: what was replayed, or what the backup holds.
        runs: who wrote what was replayed.

    Returns:
        Where no logs go on, one that ends there, or one that goes on after a gap; None where none has to do with it.

    Raises:
        RestoreFailed: two servers went on from the same state, each on its own.
    """
    found = [one for line in lines if (one := _onset(line, state, runs))]
    writers = {gtid.server for gtid in state.values()}

    def rank(one: Onset) -> tuple[object, ...]:
        return one.follows, one.holds and one.next is None, one.line.server in writers, one.line.series.last_written

    return max(found, key=rank, default=None)


def _onset(line: Line, state: State, runs: Sequence[Stint]) -> Onset | None:
    series = line.series
    index = bisect_right(series.logs, False, key=lambda log: _is_past(_head(series.store, log)[1], state)) - 1
    if index < 0:
        return None
    log = series.logs[index]
    newest: dict[int, Gtid] = {}
    place, following = 0, None
    with content_of(series.store, log) as content:
        scan = LogScan(content.size_bytes)
        for piece in content.pieces():
            for found in scan.feed(piece):
                newest = newest or {gtid.domain: gtid for gtid in scan.began_with or ()}
                if not isinstance(found, Transaction):
                    place = found.end if following is None else place
                    continue
                gtid = found.gtid
                _refuse_another_history(gtid, runs)
                known = state.get(gtid.domain)
                if known and gtid.sequence <= known.sequence:
                    if following is not None:
                        return None  # of two domains, and in another order than here: there is no one place
                    newest[gtid.domain], place = gtid, found.end
                elif following is None:
                    following, place = found, found.begin
            if following is not None and len(state) < 2:
                break
    if any(_is_another_history(newest.get(domain), gtid) for domain, gtid in state.items()):
        return None
    before = state.get(following.gtid.domain) if following else None
    return Onset(
        line=line,
        start=BinlogStart(file=str(log.name), position=place),
        holds=all(newest.get(domain) == gtid for domain, gtid in state.items()),
        next=following,
        follows=following is not None and (before is None or following.gtid.sequence == before.sequence + 1),
    )


def _is_another_history(found: Gtid | None, known: Gtid) -> bool:
    return found is not None and found.sequence == known.sequence and found.server != known.server


def _refuse_another_history(gtid: Gtid, runs: Sequence[Stint]) -> None:
    for run in runs:
        if run.covers(gtid) and run.server != gtid.server:
            raise RestoreFailed(
                "binary-logs-diverge",
                f"Server {run.server} and server {gtid.server} have each written a transaction {gtid.sequence} of "
                f"domain {gtid.domain}, so they went on from one state on their own",
                why="what the one wrote is not in the other, as after a failover that lost what came last",
            )


def gap(state: State, after: Onset, how_far: str) -> RestoreFailed:
    """Return the failure where logs go on, and not from where those before them end."""
    assert after.next is not None  # noqa: S101 (for the type checker: where nothing follows there is no gap)
    known = state.get(after.next.gtid.domain)
    what = (
        f"Between GTID {known} and {after.next.gtid} of server {after.line.server} no binary log holds what was written"
    )
    return RestoreFailed("binary-log-gap", what, why=how_far)


def _is_past(began_with: Sequence[Gtid], state: State) -> bool:
    return any((known := state.get(gtid.domain)) is not None and gtid.sequence > known.sequence for gtid in began_with)


def _head(store: Store, log: Log) -> tuple[int | None, tuple[Gtid, ...]]:
    """Return whose a log is and the list of GTIDs it was begun with.

    Raises:
        RestoreFailed: it has not even a head.
    """
    with content_of(store, log) as content:
        scan = LogScan(content.size_bytes)
        for piece in content.pieces():
            for _ in scan.feed(piece):
                pass
            if scan.began_with is not None or scan.fault:
                break
        if scan.began_with is None:
            nothing = "nothing can be replayed onto the backup"
            scan.reader.close(content.fault)
            if scan.fault and scan.fault.kind is not scan.fault.kind.TRUNCATED:
                raise failures.unreadable(log.name, scan.fault, nothing)
            raise failures.truncated(log.name, scan.reader.position, nothing)
    return scan.server_id, scan.began_with
