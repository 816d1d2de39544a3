"""The loss in rows against the running database itself: what a disaster now would lose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from drtool.baseline.capture import SANDBOX, capture_database
from drtool.baseline.compare_database import DatabaseComparison, TableDifference, compare_database
from drtool.baseline.findings import total
from drtool.baseline.live import LiveServer
from drtool.baseline.localise import Side, localise
from drtool.baseline.model import DatabaseBaseline
from drtool.baseline.schema import read_schema
from drtool.baseline.tolerance import Tolerances
from drtool.comparing import Compared, Connect, enter_losses, of_databases
from drtool.journal import Journal
from drtool.record import Check, Loss, Phase, Verdict

# What was written since the backup shows as these; anything else is a difference that a backup should not have.
_LOST_SINCE = {"rows-missing", "rows-extra", "rows-changed", "auto-increment-behind", "sequence-behind"}


def measure_loss(
    journal: Journal,
    resource: str,
    connect: Connect,
    live: LiveServer,
    databases: Sequence[str],
    tolerances: Tolerances,
    *,
    at_most: int | None,
) -> Loss:
    """Count the rows in which a restored server differs from a running one.

    Where the tables differ, both sides are searched down to single rows, so the numbers are exact for tables with a
    primary key. A loss is what restored backups are expected to have: without `at_most` it is measured, not judged.

    Raises:
        Unverifiable: one of the two could not be read.
    """
    with journal.step(Phase.VERIFY, f"compare {resource} with {live.server}", resource=resource):
        started = time.monotonic()
        was = capture_database(live.connect, databases)
        observed = capture_database(connect, databases, manner=SANDBOX, like=was)
        coarse = compare_database(was, observed, tolerances)
        comparison = replace(coarse, differing=_narrowed(coarse, was, live, connect))
        for note in (*was.notes, *comparison.notes):
            journal.assumption(f"{resource}: {note}")
        compared = of_databases(comparison, resource)
        enter_losses(journal, resource, compared)
        if inexact := [one.table for one in comparison.differing if not one.exact]:
            journal.deviation(f"{resource}: the losses of {', '.join(inexact)} are the least that they can be")
        for finding in compared.findings:
            if finding.code not in _LOST_SINCE:
                journal.warning(finding.code, f"Against {live.server}: {finding.what}", finding.mend, resource=resource)
        everything = total(compared.losses)
        if at_most is not None:
            _judge(journal, resource, live, was, compared, everything, at_most, started)
    return everything


def _judge(
    journal: Journal,
    resource: str,
    live: LiveServer,
    was: DatabaseBaseline,
    compared: Compared,
    everything: Loss,
    at_most: int,
    started: float,
) -> None:
    lost = everything.missing + everything.changed
    journal.check(
        Check(
            resource=resource,
            name="loss in rows",
            question=f"rows of {live.server} as of {was.taken_at:%Y-%m-%dT%H:%M:%SZ} that are missing or changed",
            expected=f"at most {at_most:,}",
            observed=f"{lost:,}; compared {compared.extent}",
            outcome=Verdict.FAILED if lost > at_most else compared.proved,
            builtin=False,
            elapsed_seconds=time.monotonic() - started,
        )
    )


def _narrowed(
    comparison: DatabaseComparison, was: DatabaseBaseline, live: LiveServer, restored: Connect
) -> tuple[TableDifference, ...]:
    """Search the tables that differ down to single rows, where their keys allow it."""
    if not comparison.differing:
        return ()
    kinds = {table.qualified: table.key_kind for table in was.tables}
    before, after = live.connect(), restored()
    try:
        with before.cursor() as cursor:
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        infos = read_schema(before, was.databases, with_grants=False).tables
        tables = {f"{info.database}.{info.name}": info for info in infos}
        return tuple(
            localise(
                Side(connection=before, table=info.quoted),
                Side(connection=after, table=info.quoted),
                one,
                kind=kinds[one.table],
                columns=info.columns,
                key=info.key,
            )
            if (info := tables.get(one.table))
            else one
            for one in comparison.differing
        )
    finally:
        before.close()
        after.close()
