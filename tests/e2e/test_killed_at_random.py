"""Drills that get a signal at some moment, in any of their processes: nothing is left, and nothing false is proved."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from drtool.audit.audit import audit
from drtool.record.verdicts import Verdict
from tests import pace
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Running, Workbench

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
OF_A_SUITE, ALTOGETHER = 6, 300


def struck(running: Running, chance: random.Random) -> tuple[signal.Signals, list[psutil.Process]]:
    """Send a random signal to the process that watches, to that of the drill, or to both, at a random moment."""
    time.sleep(chance.uniform(0.0, pace.seconds(5)))
    try:
        processes = [psutil.Process(running.pid), *psutil.Process(running.pid).children()]
    except psutil.NoSuchProcess:
        return signal.SIGTERM, []
    number = chance.choice(SIGNALS)
    chosen = chance.choice([processes, processes[:1], processes[1:2]])
    for one in chosen:
        try:
            os.kill(one.pid, number)
        except ProcessLookupError:
            continue
    return number, processes


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[] if seed < OF_A_SUITE else pytest.mark.long) for seed in range(ALTOGETHER)]
)
def test_a_signal_at_any_moment_leaves_no_sandbox_and_no_false_record(
    seed: int, bench: Workbench, shop: ShopBackups
) -> None:
    chance = random.Random(seed)  # noqa: S311 (no secret)
    script = bench.scenario(
        f"""
        db = drill.restore_mariadb(drill.backup({str(shop.dump)!r}))
        db.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1)
        drill.restore_files(drill.backup({str(shop.archive)!r}))
        """
    )
    running = bench.start("run", script, "--profile", "fast")
    number, processes = struck(running, chance)
    ran = running.ended(within_seconds=40)
    psutil.wait_procs(processes, timeout=pace.seconds(20))
    assert "Traceback" not in ran.stderr, ran

    pruned = bench.drtool("prune")
    assert pruned.code == 0, pruned
    assert bench.left_in_the_engine() == []

    records = bench.records()
    if ran.code == 0:
        (record,) = records
        assert (record.verdict, record.signed, record.interrupted) == (Verdict.PASSED, True, False)
    else:
        assert ran.code in {130, 3, 1, -signal.SIGKILL, -number}, ran
        assert ran.code != 1 or any(record.verdict is Verdict.FAILED for record in records), ran
    for record in records:
        if record.verdict is Verdict.PASSED:
            assert {check.outcome for check in record.checks} == {Verdict.PASSED}
            assert {step.phase.value for step in record.steps} >= {"provision", "restore", "verify", "destroy"}
            assert record.destruction.left == ()
    told = {problem.code for problem in audit(Path(bench.reports)).problems} if bench.reports.exists() else set()
    assert told <= {"drill-abandoned"}, told
