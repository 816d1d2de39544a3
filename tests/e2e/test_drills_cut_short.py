"""Drills that are ended from outside: each leaves an honest record, and nothing else."""

from __future__ import annotations

import os
import signal
import time

import pytest

from drtool.record.steps import Phase
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import before_trailer
from tests import pace
from tests.e2e.conftest import ShopBackups
from tests.e2e.slow_link import engine_elsewhere
from tests.e2e.workbench import Running, Workbench


@pytest.fixture
def endless(bench: Workbench, shop: ShopBackups) -> Running:
    """Start a drill whose restore does not end by itself, and wait until it is under way."""
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    running = bench.start("verify", "db.sql", "--rto", "1h", "--profile", "fast")
    bench.wait_for_restore()
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_interrupted_drill_cleans_up_within_five_seconds_and_says_so(
    bench: Workbench, endless: Running, number: signal.Signals
) -> None:
    asked = time.monotonic()
    endless.send(number)
    ran = endless.ended(within_seconds=15)
    assert time.monotonic() - asked < pace.seconds(5), ran
    assert ran.code == 130, ran
    assert bench.left_in_the_engine() == []
    record = bench.record()
    assert record.interrupted
    assert record.verdict is Verdict.UNVERIFIED
    assert record.signed
    assert [found.code for found in record.findings] == ["interrupted"]
    assert record.destruction.left == ()
    (restore,) = [step for step in record.steps if step.phase is Phase.RESTORE]
    assert restore.outcome is Verdict.UNVERIFIED
    assert "Traceback" not in ran.stderr


def test_second_interrupt_does_not_cut_the_clean_up_short(bench: Workbench, endless: Running) -> None:
    endless.send(signal.SIGINT)
    time.sleep(0.1)
    endless.send(signal.SIGINT)
    endless.send(signal.SIGTERM)
    assert endless.ended(within_seconds=15).code == 130
    assert bench.left_in_the_engine() == []
    assert bench.record().interrupted


@pytest.mark.parametrize("made", [b"/volumes/create", b"/containers/create"])
def test_what_the_engine_makes_after_an_interrupt_goes_too(bench: Workbench, shop: ShopBackups, made: bytes) -> None:
    """The request is on its way when the drill is interrupted, and the engine carries it out a moment later."""
    with engine_elsewhere(held_up=made) as (_, there):
        running = bench.start("verify", shop.archive, environment=there)
        bench.wait_for("provision")
        time.sleep(0.3)
        running.send(signal.SIGINT)
        ran = running.ended(within_seconds=15)
        time.sleep(1)
    assert ran.code == 130, ran
    assert bench.left_in_the_engine() == []
    assert [volume for volume in bench.engine.volumes.list() if bench.drill_ids()[0] in str(volume.name)] == []
    assert [found.code for found in bench.record().findings] == ["interrupted"]


def test_what_a_killed_drill_leaves_is_pruned_and_audit_says_abandoned(bench: Workbench, endless: Running) -> None:
    endless.kill()
    assert endless.ended().code == -signal.SIGKILL
    assert bench.left_in_the_engine() != []
    assert bench.records() == []

    foretold = bench.drtool("prune", "--dry-run")
    assert bench.drill_ids()[0] in foretold.stdout, foretold
    assert bench.left_in_the_engine() != []

    pruned = bench.drtool("prune")
    assert pruned.code == 0, pruned
    assert "removed container" in pruned.stdout
    assert "removed volume" in pruned.stdout
    assert bench.left_in_the_engine() == []

    audited = bench.drtool("audit")
    assert audited.code == 1, audited
    assert "abandoned" in audited.stdout


def test_a_drill_whose_process_is_killed_leaves_a_signed_record_that_says_how_it_ended(
    bench: Workbench, endless: Running
) -> None:
    endless.process_of_the_drill().kill()
    ran = endless.ended(within_seconds=15)
    assert ran.code == 3, ran
    assert bench.left_in_the_engine() == []
    record = bench.record()
    assert (record.verdict, record.signed, record.interrupted) == (Verdict.UNVERIFIED, True, False)
    (finding,) = record.findings
    assert finding.code == "drill-process-lost"
    assert "ended by SIGKILL" in finding.message
    assert "at restore: restore db.sql" in finding.message
    assert record.destruction.removed
    assert record.destruction.looked_at
    assert [step.phase for step in record.steps if step.phase in {Phase.PROVISION, Phase.DESTROY}]
    assert bench.drtool("audit").code == 0


def test_a_drill_that_nobody_watches_any_more_takes_its_sandbox_away(bench: Workbench, endless: Running) -> None:
    drill = endless.process_of_the_drill()
    os.kill(endless.pid, signal.SIGKILL)
    assert endless.ended().code == -signal.SIGKILL
    drill.wait(pace.seconds(15))
    assert bench.left_in_the_engine() == []
    assert bench.records() == []
    audited = bench.drtool("audit")
    assert audited.code == 1, audited
    assert "abandoned" in audited.stdout


def test_next_drill_takes_away_what_a_killed_one_left(bench: Workbench, endless: Running, shop: ShopBackups) -> None:
    endless.kill()
    endless.ended()
    ran = bench.drtool("verify", shop.archive, "--json")
    assert ran.code == 0, ran
    assert bench.left_in_the_engine() == []
    assert any(f"left behind by drill {bench.drill_ids()[0]}" in deviation for deviation in ran.record.deviations)


def test_a_leftover_that_somebody_looks_into_stops_neither_the_next_drill_nor_prune(
    bench: Workbench, endless: Running, shop: ShopBackups
) -> None:
    (container,) = bench.containers()
    held = next(mount["Name"] for mount in container.attrs["Mounts"] if mount["Type"] == "volume")
    endless.kill()
    endless.ended()
    looking = bench.engine.containers.create(
        container.attrs["Image"], "true", volumes={held: {"bind": "/look", "mode": "ro"}}, network_mode="none"
    )
    try:
        ran = bench.drtool("verify", shop.archive, "--json")
        assert ran.code == 0, ran
        (kept,) = (text for text in ran.record.deviations if text.startswith("Could not remove"))
        assert held in kept
        assert "in use" in kept
        pruned = bench.drtool("prune")
        assert (pruned.code, pruned.stdout) == (3, ""), pruned
        assert f"could not remove {held}" in pruned.stderr
    finally:
        looking.remove()
    pruned = bench.drtool("prune")
    assert (pruned.code, f"removed volume {held}" in pruned.stdout) == (0, True), pruned


@pytest.mark.parametrize("how", ["kill", "stop", "remove"])
def test_container_that_is_ended_from_outside_makes_the_drill_unverified(
    bench: Workbench, endless: Running, how: str
) -> None:
    (container,) = bench.containers()
    {"kill": container.kill, "stop": container.stop, "remove": lambda: container.remove(force=True)}[how]()
    ran = endless.ended(within_seconds=30)
    assert ran.code == 3, ran
    record = bench.record()
    assert record.verdict is Verdict.UNVERIFIED
    assert [found.code for found in record.findings] == ["restore-cut-short"]


def test_container_that_is_ended_between_restore_and_checks_makes_the_drill_unverified(
    bench: Workbench, shop: ShopBackups
) -> None:
    script = bench.scenario(
        f"""
        import docker
        db = drill.restore_mariadb(drill.backup({str(shop.dump)!r}))
        files = drill.restore_files(drill.backup({str(shop.archive)!r}))
        for container in docker.from_env().containers.list(filters={{"label": f"drtool.drill={{drill.id}}"}}):
            container.kill()
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    assert {found.code for found in ran.record.findings} == {"sandbox-lost"}
    assert {found.resource for found in ran.record.findings} == {"db", "files"}


def test_restore_that_needs_more_memory_than_it_may_have_makes_the_drill_unverified(
    bench: Workbench, shop: ShopBackups
) -> None:
    hungry = """
    SET SESSION max_heap_table_size = 8 * 1024 * 1024 * 1024;
    USE shop; CREATE TABLE hungry (x CHAR(250)) ENGINE = MEMORY AS SELECT REPEAT('x', 250) AS x FROM seq_1_to_8000000;
    """
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, hungry))
    script = bench.scenario('drill.restore_mariadb(drill.backup("db.sql"), memory="400MiB")')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["out-of-memory"]


def test_server_that_gets_too_little_memory_to_start_makes_the_drill_unverified(
    bench: Workbench, shop: ShopBackups
) -> None:
    script = bench.scenario(f'drill.restore_mariadb(drill.backup({str(shop.dump)!r}), memory="24MiB")')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["out-of-memory"]


def test_drill_is_stopped_at_its_time_limit(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    script = bench.scenario('drill.restore_mariadb(drill.backup("db.sql"))', targets='rto="1s", time_limit="4s"')
    ran = bench.drtool("run", script, "--json", timeout=30)
    assert ran.code == 1, ran  # the RTO was missed before the limit was reached
    assert [found.code for found in ran.record.findings] == ["time-limit"]
    assert ran.record.rto.verdict is Verdict.FAILED


def test_engine_that_goes_away_during_the_restore_leaves_the_rest_to_prune(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    with engine_elsewhere() as (link, there):
        running = bench.start("verify", "db.sql", "--profile", "fast", environment=there)
        bench.wait_for_restore()
        link.cut()
        ran = running.ended(within_seconds=30)
    assert ran.code == 3, ran
    record = bench.record()
    assert {found.code for found in record.findings} == {"engine-lost", "not-destroyed"}
    assert record.destruction.looked_at is None
    assert bench.left_in_the_engine() != []
    assert bench.drtool("prune").code == 0
    assert bench.left_in_the_engine() == []
