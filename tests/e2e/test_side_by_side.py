"""Several drills at a time, in one reports folder."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import psutil
import pytest

from drtool.host.owner import Owner
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import before_trailer
from tests import pace
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Running, Workbench


def test_two_at_a_time_each_get_their_own_record_and_the_chain_holds(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "cut.sql", shop.sql[: len(shop.sql) // 2])
    ran = bench.drtool(
        "verify",
        shop.dump,
        "cut.sql",
        shop.archive,
        "--jobs",
        "2",
        "--profile",
        "fast",
        "--json",
        "--junit",
        "drills.xml",
    )
    assert ran.code == 1, ran
    verdicts = [(Path(one["backups"][0]["location"]).name, one["verdict"]) for one in ran.json]
    assert verdicts == [(shop.dump.name, "passed"), ("cut.sql", "failed"), (shop.archive.name, "passed")]
    assert len(bench.drill_ids()) == len(set(bench.drill_ids())) == 3
    over = [[exposure["pattern"] for exposure in one["exposure"]] for one in ran.json]
    assert over == [[f"{shop.folder}/db-*.sql.zst"], [], [f"{shop.folder}/uploads-*.tar.zst"]]
    assert any("cut.sql has no date in it" in deviation for deviation in ran.json[1]["deviations"])
    suites = ElementTree.parse(bench.folder / "drills.xml").getroot()  # noqa: S314 (our own output)
    assert len(suites.findall(".//failure")) >= 1
    audited = bench.drtool("audit", "--json").json
    assert audited["entries"] == 6
    assert all(drill["intact"] for drill in audited["drills"])
    assert bench.left_in_the_engine() == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_scenario_leaves_running_holds_nobody_up(bench: Workbench, shop: ShopBackups, jobs: str) -> None:
    scripts = [
        bench.scenario(
            "import pathlib, subprocess\n"
            "tunnel = subprocess.Popen(['sleep', '600'])\n"
            f"pathlib.Path('{name}.pid').write_text(str(tunnel.pid))\n"
            f"drill.restore_files(drill.backup({str(shop.archive)!r}))",
            name=name,
        )
        for name in ("one", "two")
    ]
    ran = bench.drtool("run", *scripts, "--jobs", jobs, "--profile", "fast", "--json", "--junit", "drills.xml")
    tunnels = [psutil.Process(int((bench.folder / f"{name}.pid").read_text())) for name in ("one", "two")]
    assert all(tunnel.is_running() for tunnel in tunnels)
    for tunnel in tunnels:
        tunnel.kill()
    assert ran.code == 0, ran
    assert [one["scenario"] for one in ran.json] == ["one", "two"]
    assert (bench.folder / "drills.xml").exists()


def test_interrupt_ends_all_of_them_and_begins_no_more(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    running = bench.start("verify", *["db.sql"] * 4, "--jobs", "2", "--profile", "fast", "--json")
    bench.wait_for_restore()
    running.send(signal.SIGINT)
    ran = running.ended(within_seconds=20)
    assert ran.code == 130, ran
    assert 1 <= len(bench.drill_ids()) <= 2
    assert {record.verdict for record in bench.records()} == {Verdict.UNVERIFIED}
    assert all(record.interrupted for record in bench.records())
    assert bench.left_in_the_engine() == []


def test_eight_drills_at_once_leave_sixteen_entries_in_one_chain_and_no_lock(
    bench: Workbench, shop: ShopBackups
) -> None:
    backups = [shop.dump, *[shop.archive] * 7]
    running = [bench.start("verify", backup, "--profile", "fast") for backup in backups]
    ended = [one.ended() for one in running]
    assert [ran.code for ran in ended] == [0] * 8, ended
    entries = [json.loads(line) for line in (bench.reports / "ledger.jsonl").read_text().splitlines()]
    assert [entry["sequence"] for entry in entries] == list(range(1, 17))
    assert sorted(entry["event"] for entry in entries) == ["end"] * 8 + ["start"] * 8
    audited = bench.drtool("audit", "--json")
    assert audited.code == 0, audited
    assert len({drill["fingerprint"] for drill in audited.json["drills"]}) == 1, "they made the site's key together"
    assert nothing_but_evidence(bench)
    assert bench.left_in_the_engine() == []


@pytest.mark.long
def test_one_of_eight_that_is_killed_leaves_the_others_alone_and_is_the_one_that_the_audit_names(
    bench: Workbench, shop: ShopBackups
) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    victim = bench.start("verify", "db.sql", "--profile", "fast")
    others = [bench.start("verify", backup, "--profile", "fast") for backup in [shop.dump, *[shop.archive] * 6]]
    killed = wait_for_its_restore(bench, victim)
    victim.kill()
    assert [one.ended().code for one in others] == [0] * 7
    entries = [json.loads(line) for line in (bench.reports / "ledger.jsonl").read_text().splitlines()]
    assert [entry["event"] for entry in entries].count("start") == 8
    assert {entry["drill_id"] for entry in entries if entry["event"] == "end"} == {*bench.drill_ids()} - {killed}

    audited = bench.drtool("audit", "--json")
    assert audited.code == 1, audited
    assert [(one["code"], one["drill_id"]) for one in audited.json["problems"]] == [("drill-abandoned", killed)]
    assert sorted(drill["state"] for drill in audited.json["drills"]) == ["abandoned", *["passed"] * 7]
    assert nothing_but_evidence(bench)

    left = bench.left_in_the_engine()
    assert left
    assert all(killed in name for name in left), left
    after = bench.drtool("verify", shop.archive, "--profile", "fast", "--json")
    assert after.code == 0, after
    assert any(f"left behind by drill {killed}" in deviation for deviation in after.record.deviations)
    assert bench.left_in_the_engine() == []


def test_one_of_several_whose_process_is_killed_is_unverified_and_the_others_are_there(
    bench: Workbench, shop: ShopBackups
) -> None:
    (bench.folder / "drills.xml").write_text('<testsuites name="drtool" errors="0"/>')
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    several = bench.start(
        "verify", "--jobs", "2", "--profile", "fast", "--junit", "drills.xml", "--json", "db.sql", str(shop.archive)
    )
    deadline = time.monotonic() + pace.seconds(60)
    loading: list[str] = []
    while not (loading and any(bench.reports.glob("*/report.json"))) and time.monotonic() < deadline:
        time.sleep(0.05)
        logs = [log for log in bench.reports.glob("*/drill.log") if not log.with_name("report.json").exists()]
        loading = [log.parent.name for log in logs if " restore: " in log.read_text()]
    (running,) = loading
    several.process_of_the_drill().kill()
    ran = several.ended()
    assert ran.code == 3, ran
    assert [record["verdict"] for record in ran.json] == ["unverified", "passed"]
    assert [finding["code"] for finding in ran.json[0]["findings"]] == ["drill-process-lost"]
    assert ran.json[0]["drill_id"] == running
    found = ElementTree.fromstring((bench.folder / "drills.xml").read_text())  # noqa: S314 (our own)
    assert (found.get("errors"), found.get("failures"), len(found)) == ("2", "0", 2)
    assert bench.left_in_the_engine() == []
    assert bench.drtool("audit").code == 0


def wait_for_its_restore(bench: Workbench, running: Running) -> str:
    """Wait until a drill loads its backup and all eight have looked for leftovers, and return its id."""
    deadline = time.monotonic() + pace.seconds(60)
    while time.monotonic() < deadline:
        logs = {drill_id: bench.reports / drill_id / "drill.log" for drill_id in bench.drill_ids()}
        said = {drill_id: log.read_text() for drill_id, log in logs.items() if log.exists()}
        own = [drill_id for drill_id in said if process_of(bench, drill_id) == running.pid]
        looked = [drill_id for drill_id, text in said.items() if "reach the Docker engine: passed" in text]
        if len(looked) == 8 and own and " restore: " in said[own[0]]:
            time.sleep(0.3)  # from the line in the log to the load is not far
            return own[0]
        time.sleep(0.05)
    raise AssertionError("the drill did not come to its restore")


def process_of(bench: Workbench, drill_id: str) -> int:
    """Return the number of the process that carries out a drill, as the ledger has it."""
    entries = [json.loads(line) for line in (bench.reports / "ledger.jsonl").read_text().splitlines()]
    owner = Owner.parse(next(entry["process"] for entry in entries if entry["drill_id"] == drill_id))
    assert owner is not None
    return owner.pid


def nothing_but_evidence(bench: Workbench) -> bool:
    """Tell whether the reports folder holds evidence only, and whether anybody can lock it."""
    expected = {"ledger.jsonl", "allowed_signers", *bench.drill_ids()}
    for path in (bench.reports, bench.reports / "ledger.jsonl"):
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(handle)
    temporary = [path for path in bench.reports.glob("*/*") if path.name.startswith(".") or path.name.endswith("~")]
    return {path.name for path in bench.reports.iterdir()} == expected and not temporary
