"""Looks in the binary logs of a store for the statement that a recovery has to stop before."""

from __future__ import annotations

import re

from drtool.binlogs.bad_statement import BadStatement, Deed, bad_statement
from drtool.binlogs.transactions import LogScan, Transaction
from drtool.errors import RestoreFailed
from drtool.record.steps import Phase
from drtool.replay.log_content import content_of
from drtool.replay.succession import list_lines
from drtool.restore.context import RestoreContext
from drtool.stores import Store


def find_statement(
    context: RestoreContext,
    store: Store,
    pattern: str,
    *,
    deed: Deed | None,
    table: str | None,
    matching: re.Pattern[str] | None,
) -> BadStatement:
    """Find the newest statement before the disaster that destroyed data.

    Raises:
        RestoreFailed: there is none, or a log cannot be read.
        Unverifiable: the store cannot be read.
    """
    what = f"{deed or 'statement'}" + (f" on {table}" if table else "") + (" of that pattern" if matching else "")
    met: list[BadStatement] = []
    with context.journal.step(Phase.LOCATE, f"look in the binary logs {pattern} for: {what}") as step:
        done_bytes = 0
        lines = list_lines(store, pattern)
        for log in (log for line in lines for log in line.series.logs):
            with content_of(store, log) as content:
                scan = LogScan(content.size_bytes, with_statements=True)
                for piece in content.pieces():
                    for one in scan.feed(piece):
                        if isinstance(one, Transaction) and one.at < context.terms.disaster_at:
                            bad = bad_statement(one, str(log.name), deed=deed, table=table, matching=matching)
                            met += [bad] if bad else []
                    step.progress(done_bytes + content.read_bytes)
            done_bytes += content.read_bytes
            scan.reader.close(content.fault)
            if scan.fault:
                context.journal.deviation(
                    f"{log.name} was searched up to byte {scan.fault.position} only: it is {scan.fault.kind}"
                )
        if len(lines) > 1:  # logs of several servers may hold what one of them has replicated a second time
            met = sorted({bad.gtid: bad for bad in met}.values(), key=lambda bad: (bad.at, bad.gtid.sequence))
        if not met:
            nothing = f"The binary logs that match {pattern} hold no such statement: {what}"
            raise RestoreFailed("statement-not-found", nothing)
    context.journal.log.line(f"found in the binary logs: {met[-1]}")
    if len(met) > 1:
        context.journal.deviation(
            f"The binary logs hold {len(met)} of what was looked for ({what}); the newest was taken: {met[-1]}"
        )
    return met[-1]
