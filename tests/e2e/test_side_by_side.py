"""Several drills at a time, in one reports folder."""

from __future__ import annotations

import signal
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from drtool.record import Verdict
from fixtures.faults.sql_text import before_trailer
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench


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
    suites = ElementTree.parse(bench.folder / "drills.xml").getroot()  # noqa: S314 (our own output)
    assert len(suites.findall(".//failure")) >= 1
    audited = bench.drtool("audit", "--json").json
    assert audited["entries"] == 6
    assert all(drill["intact"] for drill in audited["drills"])
    assert bench.left_in_the_engine() == []


def test_interrupt_ends_all_of_them_and_begins_no_more(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(600);"))
    running = bench.start("verify", *["db.sql"] * 4, "--jobs", "2", "--profile", "fast", "--json")
    bench.wait_for_restore()
    running.process.send_signal(signal.SIGINT)
    ran = running.ended(within_seconds=20)
    assert ran.code == 130, ran
    assert 1 <= len(bench.drill_ids()) <= 2
    assert {record.verdict for record in bench.records()} == {Verdict.UNVERIFIED}
    assert all(record.interrupted for record in bench.records())
    assert bench.left_in_the_engine() == []
