"""From the newest backup back to one that is usable: after ransomware, or with the newest backup damaged."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from drtool.record.steps import Phase
from drtool.record.verdicts import Effect, Verdict
from fixtures.faults.dumps import cut_inside_a_statement
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

_HOUR = 3600.0


def aged(path: Path, shop: ShopBackups, hours: float) -> Path:
    """Date a backup so many hours before the shop's own."""
    at = shop.dump.stat().st_mtime - hours * _HOUR
    os.utime(path, (at, at))
    return path


@pytest.fixture
def series(bench: Workbench, shop: ShopBackups) -> Path:
    """Return a folder with four backups: cut short, emptied of customers, whole, whole and older still."""
    folder = bench.folder / "backups"
    folder.mkdir()
    ransomed = shop.sql + b"\nDELETE FROM shop.order_items; DELETE FROM shop.orders; DELETE FROM shop.customers;\n"
    ransomed += shop.sql[shop.sql.rindex(b"-- Dump completed") :]
    (folder / "db-4.sql").write_bytes(cut_inside_a_statement(shop.sql))
    (folder / "db-3.sql").write_bytes(ransomed)
    shutil.copy(shop.dump, folder / "db-2.sql.zst")
    shutil.copy(shop.dump, folder / "db-1.sql.zst")
    for number, hours in ((4, 0.0), (3, 1.0), (2, 2.0), (1, 3.0)):
        aged(next(folder.glob(f"db-{number}*")), shop, hours)
    return folder


def attempt(folder: Path, *, at_most: int = 10) -> str:
    return f"""
        def clean(backup):
            db = drill.restore_mariadb(backup)
            db.check("canary", "SELECT COUNT(*) FROM shop.customers", at_least=1)
            return db

        db = drill.walk_back({str(folder / "db-*.sql*")!r}, clean, at_most={at_most})
        db.check("orders", "SELECT COUNT(*) FROM shop.orders", at_least=1)
    """


def test_the_newest_usable_backup_is_found_and_the_rejected_ones_do_not_fail_the_drill(
    bench: Workbench, series: Path
) -> None:
    ran = bench.drtool("run", bench.scenario(attempt(series), targets="rto='1h', rpo='30d'"), "--json")
    record = ran.record
    assert ran.code == 0, ran
    assert [Path(one.location).name for one in record.rejected] == ["db-4.sql", "db-3.sql"]
    assert "dump-truncated" in {found.code for found in record.rejected[0].findings}
    assert record.rejected[1].reason == "check failed: canary"
    assert Path(record.choices[-1].chosen).name == "db-2.sql.zst"
    assert {check.outcome for check in record.checks} == {Verdict.PASSED}
    (warning,) = [found for found in record.findings if found.code == "walked-back"]
    assert warning.effect is Effect.WARNING
    assert "2 newer backups are not usable" in warning.message
    assert "2 h before the newest" in warning.message
    assert [backup.resource for backup in record.backups] == ["", "", "db"]
    restores = [step for step in record.steps if step.phase is Phase.RESTORE]
    assert len(restores) == 3
    assert all(step.counted for step in restores)
    tried = record.steps[: record.steps.index(restores[2])]
    assert all(step.counted for step in tried if step.phase in (Phase.VERIFY, Phase.DESTROY)), "they reject a backup"
    taken = record.steps[record.steps.index(restores[2]) :]
    assert not any(step.counted for step in taken if step.phase in (Phase.VERIFY, Phase.DESTROY))
    spent = restores[2].offset_seconds + restores[2].elapsed_seconds - restores[0].offset_seconds
    assert record.rto.measured_seconds is not None
    assert record.rto.measured_seconds > spent - 1
    assert sum("-db-" in name for name in record.destruction.removed if name.startswith("container")) == 3
    shown = bench.drtool("show", bench.reports / record.drill_id).stdout
    assert "rejected" in shown
    page = (bench.reports / record.drill_id / "report.html").read_text()
    assert "db-4.sql" in page
    assert "Rejected" in page


@pytest.mark.long
def test_how_much_further_back_than_the_rpo_it_lies_is_told_and_misses_the_rpo(bench: Workbench, series: Path) -> None:
    ran = bench.drtool("run", bench.scenario(attempt(series), targets="rpo='90m'"), "--json")
    record = ran.record
    assert ran.code == 1, ran
    assert record.rpo.verdict is Verdict.FAILED
    (warning,) = [found for found in record.findings if found.code == "walked-back"]
    assert "further back than the RPO allows" in warning.message


def test_a_drill_fails_where_no_backup_is_usable(bench: Workbench, series: Path) -> None:
    ran = bench.drtool("run", bench.scenario(attempt(series, at_most=2)), "--json")
    record = ran.record
    assert ran.code == 1, ran
    assert [found.code for found in record.findings] == ["no-usable-backup"]
    assert len(record.rejected) == 2
    assert record.choices[-1].chosen == "none"


def test_an_attempt_that_could_not_be_carried_out_rejects_nothing(bench: Workbench, series: Path) -> None:
    body = attempt(series).replace("return db", "db.check_baseline()\n            return db")
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 3, ran
    assert [Path(one.location).name for one in ran.record.rejected] == ["db-4.sql", "db-3.sql"]
    assert "no-baseline" in {found.code for found in ran.record.findings}
