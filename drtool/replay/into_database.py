"""From binary logs in a store to a restored server that stands at a point in time of its production's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drtool.amounts import listed
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed, WrongUse
from drtool.mariadb.sql import rows_of, tables_of
from drtool.record.backups import BackupRead
from drtool.record.recovery import Evidence
from drtool.record.recovery_point import best_record
from drtool.record.steps import Phase
from drtool.record.verdicts import Check, Verdict
from drtool.replay.log_fetch import FetchedLog, LogFetch
from drtool.replay.pipe import replay, replay_failure, start_beside
from drtool.replay.plan import in_words
from drtool.replay.stretches import Stretch, begin, by_place_or_gtid, follow, unseen
from drtool.replay.succession import Line, list_lines
from drtool.replay.target import Target, ToEnd, Until, target_of
from drtool.restore.context import RestoreContext
from drtool.restore.interface import RestoredServer
from drtool.restore.load import count_anew, events_switched_on, raise_load_failure, settle
from drtool.restore.reading import TablesRead
from drtool.sandbox.image import Image
from drtool.sandbox.loss import raise_if_cut_short
from drtool.sandbox.server import Server
from drtool.stores import Store
from drtool.times import utc

FORMAT = "binary log"
"""What a binary log is called among the backups read."""

_SAME_TIME = timedelta(minutes=1)
_RANK = 2
_SINCE_THE_BACKUP = timedelta(days=3650)
"""How much older than what was replayed the rest may be: it is as old as the backup, whose own record says more."""
_STORE_RANK = 4


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Where a replay has left the data.

    Attributes:
        transactions: how many were replayed.
        gtid: the last of them; None where there was none to replay.
        at: when that one was committed, UTC, in whole seconds.
    """

    transactions: int
    gtid: str | None
    at: datetime | None


def replay_binlogs(
    context: RestoreContext,
    store: Store,
    pattern: str,
    until: Until,
    name: str,
    restored: RestoredServer,
    *,
    database: str | None = None,
) -> tuple[Replayed, RestoredServer]:
    """Replay logs onto a restored server, from where its backup was taken to a target.

    Args:
        context: the drill.
        store: where the logs lie.
        pattern: which they are.
        until: up to where; see `target_of`.
        name: the restored database.
        restored: what it was restored to.
        database: the only one to replay; None for all.

    Returns:
        What was replayed, and what it was replayed onto as it is now.

    Raises:
        RestoreFailed: the target cannot be reached with these logs: it says how far one can get.
        Unverifiable: the store, the engine or the sandbox gave out.
        WrongUse: `until` says no point in time, or some tables of a database alone were restored.
    """
    if restored.only and not (database and restored.only.takes_all_of(database)):
        what = f"Of {name} only {restored.only} was restored, and binary logs are of all tables"
        raise WrongUse("replay-into-what", what, mend="Restore all of it, or a database whole and name it: database=")
    target, assumption = target_of(until, context.terms.disaster_at)
    if assumption:
        context.journal.assumption(f"{name}: {assumption}")
    with context.journal.step(Phase.LOCATE, f"find the binary logs {pattern} for {name}", resource=name):
        start = restored.binlog_start
        if start is None:
            what = f"The backup of {name} does not say at which position of the binary log it was taken"
            raise RestoreFailed("backup-without-log-position", what, why="so it is not known where a replay begins")
        lines = list_lines(store, pattern)
        first = begin(lines, start, target, _taken_by(context, name))
    stretches = follow(lines, first, lambda stretch: _fetch(context, lines, stretch, name, restored.image))
    plan, fetched = stretches[-1].plan, stretches[-1].fetched
    for stretch in stretches:
        if stretch.transactions:
            _replay(context, stretch, name, restored, database)
    stop = plan.finish()
    stay = _left_as_they_were(restored, database) if database is not None else []
    if database is not None:
        staying = f"; as the backup has them, and with them the recovery point, stay {listed(stay)}" if stay else ""
        context.journal.deviation(f"Of the binary logs only what concerns {database} was replayed into {name}{staying}")
    came_late = _came_late(context, fetched[-1], name)
    _note(context, stretches, name, target, of_a_part=bool(stay), came_late=came_late)
    replayed = Replayed(
        transactions=plan.transactions,
        gtid=str(plan.last.gtid) if plan.last else None,
        at=plan.last.at if plan.last else None,
    )
    state = in_words(plan.state) if len(lines) > 1 else None
    now_at = BinlogStart(file=str(stop.log), position=stop.position, gtid=state)
    reading = TablesRead(lasted=_SINCE_THE_BACKUP, several=True) if stay or came_late else None
    return replayed, replace(restored, binlog_start=now_at, keeps_counters=True, reading=reading)


def _taken_by(context: RestoreContext, name: str) -> datetime | None:
    """Return when what is restored as `name` was taken at the latest, by the best record of it."""
    best = best_record(context.journal.evidence, name)
    return (best.latest or best.recovery_point) if best else None


def _came_late(context: RestoreContext, newest: FetchedLog, name: str) -> bool:
    """Tell whether nobody knows if the newest log was there when the disaster struck, which was before the drill."""
    disaster_at, written = context.terms.disaster_at, newest.found.modified_here
    if context.journal.clock.started_at <= disaster_at:
        return False
    if not newest.found.time_is_lost and written - disaster_at <= _SAME_TIME:
        return False
    when = f"{utc(written)}, {'which no log can have' if newest.found.time_is_lost else 'after the disaster'}"
    context.journal.deviation(
        f"{name}: {newest.log.name} was last written at {when}: nobody knows whether it was there by then"
    )
    return True


def _left_as_they_were(restored: RestoredServer, database: str) -> list[str]:
    """Return the databases with tables that a replay of one database alone has not brought forward."""
    tables = tables_of(restored.server.standing(), "BASE TABLE", "SYSTEM VERSIONED")
    return sorted({schema for schema, _ in tables if schema.lower() != database.lower()})


def _fetch(context: RestoreContext, lines: Sequence[Line], stretch: Stretch, name: str, image: Image) -> Stretch:
    what, size_bytes = f"fetch and verify binary logs for {name}", stretch.series.size_bytes
    with context.journal.step(Phase.FETCH, what, total_bytes=size_bytes, resource=name) as step:

        def fill(one: Stretch) -> None:
            fetch = LogFetch(series=one.series, plan=one.plan, progress=step.progress, fetched=one.fetched)
            try:
                one.volume = context.sandbox.fill_volume(image, fetch.archive())
            finally:
                for log in fetch.fetched:
                    context.journal.backup(_read(log, name))
                    context.journal.store_clock(log.found.location, log.found.clock_ahead_seconds)

        return by_place_or_gtid(lines, stretch, fill)


def _replay(
    context: RestoreContext, stretch: Stretch, name: str, restored: RestoredServer, database: str | None
) -> None:
    server, image, plan, fetched = restored.server, restored.image, stretch.plan, stretch.fetched
    stop = plan.finish()
    faulty, packed = fetched[-1].scan.fault is not None, any(one.packed for one in fetched)
    with context.journal.step(Phase.PREPARE, f"make a container to read the binary logs of {name} in", resource=name):
        container = start_beside(context.sandbox, server, name, image, stretch.volume, read_only=not (faulty or packed))
    context.prove_isolated(f"{name}-replay", container)
    described = f"replay {stretch.transactions} transactions into {name}, from {plan.start} to {stop}"
    scheduled = events_switched_on(server)  # as the scenario asked; events would do again what the logs have done
    count_anew(server)
    with context.journal.step(Phase.REPLAY, described, resource=name) as step:
        outcome = replay(
            server,
            container,
            [one.staged_as for one in fetched],
            start=plan.start.position,
            stop=stop.position,
            shorten=faulty,
            database=database,
            progress=step.progress,
        )
        raise_if_cut_short(container, finished=outcome.finished)
        _raise_if_crashed(server)
        step.progress(sum(one.scan.reader.position for one in fetched[:-1]) + stop.position - plan.start.position)
        mend = "No server logs that by itself: look at where these logs came from"
        raise_load_failure(server, replay_failure(outcome), finished=True, what="The binary logs", mend=mend)
    settle(context, name, server)
    if scheduled:
        rows_of(server.standing(), "SET GLOBAL event_scheduler = ON")


def _raise_if_crashed(server: Server) -> None:
    try:
        raise_if_cut_short(server.container, finished=True)
    except RestoreFailed as failure:
        if failure.code != "server-crashed":
            raise
        # In the backtrace: Rows_log_event::update_sequence, on a row of a sequence that comes by BINLOG.
        raise RestoreFailed(
            "server-crashed",
            f"The server (MariaDB {server.version}) crashed while binary logs were replayed into it",
            mend="Take a newer release, for the recovery too: 10.5.23 does so over any NEXTVAL in the log, 10.11.18 "
            'does not; restore_mariadb(..., version="10.11") drills that',
        ) from failure


def _note(
    context: RestoreContext,
    stretches: Sequence[Stretch],
    name: str,
    target: Target,
    *,
    of_a_part: bool,
    came_late: bool,
) -> None:
    """Enter what was replayed, up to where, and what that says of the recovery point: a bound where a part stays."""
    journal, plan, start = context.journal, stretches[-1].plan, stretches[0].plan.start
    stop, fetched = plan.finish(), [one for stretch in stretches for one in stretch.fetched]
    events = sum(one.scan.reader.events for one in fetched)
    which = f"{plan.transactions} transactions, from {start} to {stop}"
    last = f"GTID {plan.last.gtid} of {utc(plan.last.at)}" if plan.last else "none"

    before = best_record(journal.evidence, name) if came_late else None
    sure = before.recovery_point if before and not before.bound_only else None

    def enter(rank: int, source: str, at: datetime, detail: str, *, latest: datetime | None = None) -> None:
        if sure and sure < at:
            at, latest = sure, latest or at
        journal.recovery_point(
            Evidence(
                resource=name,
                rank=rank,
                source=source,
                recovery_point=at,
                detail=detail,
                latest=latest,
                bound_only=of_a_part or (came_late and sure is None),
            )
        )

    last_log = fetched[-1].found
    newest = journal.clock.started_at if last_log.time_is_lost else last_log.modified_here
    # A log that was in use may hold all that there was until it was last written: a server that is idle logs nothing.
    to_its_end = isinstance(target, ToEnd) and fetched[-1].scan.in_use and plan.reached != target.disaster_at
    until = newest if to_its_end else None
    if plan.last:
        latest = max(plan.last.at, until) if until else None
        enter(
            _RANK, "last transaction replayed from the binary logs", plan.last.at, f"{last}; {which}", latest=latest
        )  # fmt: skip
    if plan.reached:
        detail = f"{stop}: all that was committed before is replayed, and the last of it was {last}"
        latest = max(plan.reached, until) if until else None
        enter(_RANK, "place in the binary logs where the replay stopped", plan.reached, detail, latest=latest)
        source = "store's modification time of the last binary log"
        detail = f"{fetched[-1].log.name} was last written at {utc(newest)}"
        enter(_STORE_RANK, source, min(plan.reached, newest), detail, latest=newest)
    for stretch in stretches:
        for one in stretch.fetched:
            header = {
                "replayed from": str(stretch.plan.start.position) if one is stretch.fetched[0] else "its beginning",
                "replayed to": str(stretch.plan.finish().position) if one is stretch.fetched[-1] else "its end",
            }
            journal.backup_says(one.found.location, header)
    for note in plan.notes:
        journal.deviation(f"{name}: {note}")
    journal.log.line(f"{len(fetched)} binary logs with {events} events were read; {which}; last {last}")
    journal.check(
        Check(
            resource=name,
            name="binary logs are replayed to the target",
            question=f"replayed from {start} to: {target}",
            expected="it was reached",
            observed=f"{plan.transactions} transactions, the last {last}; stopped at {stop}",
            outcome=Verdict.FAILED if plan.cut_short else Verdict.PASSED,
            builtin=True,
            elapsed_seconds=0.0,
        )
    )
    if plan.cut_short:
        journal.finding(plan.cut_short, resource=name)
    if len(stretches) == 1 and plan.jumps:
        journal.finding(unseen(plan.jumps), resource=name)


def _read(one: FetchedLog, name: str) -> BackupRead:
    scan = one.scan
    return BackupRead(
        resource=name,
        location=one.found.location,
        size_bytes=one.found.size_bytes,
        modified_at=one.found.modified_at,
        sha256=one.content.sha256,
        version_id=one.found.version_id,
        lock_state=one.found.lock_state,
        format=FORMAT,
        compression=one.content.compression,
        server_version=scan.reader.description.server_version if scan.reader.description else None,
        header={"events": str(scan.reader.events)},
    )
