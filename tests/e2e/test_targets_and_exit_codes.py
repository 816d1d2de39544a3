"""What decides a drill's verdict, and the exit code that a CI job sees."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drtool.record.verdicts import Verdict
from drtool.times import format_duration
from tests import pace
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench


def test_missed_rto_fails_and_shows_both_figures(bench: Workbench, shop: ShopBackups) -> None:
    ran = bench.drtool("verify", shop.dump, "--rto", "0.1s")
    record = bench.record()
    assert ran.code == 1, ran
    assert record.verdict is record.rto.verdict is Verdict.FAILED
    assert record.rto.actual_seconds is not None
    assert record.rto.actual_seconds > 0.1
    assert f"RTO missed: recovered in {format_duration(record.rto.actual_seconds)}" in ran.stdout
    assert re.search(r"objective of\s+100 ms", ran.stdout)


def test_missed_target_does_not_stop_the_drill(bench: Workbench, shop: ShopBackups) -> None:
    ran = bench.drtool("verify", shop.dump, "--rto", "0.1s", "--rpo", "0.1s", "--profile", "fast", "--json")
    record = ran.record
    assert ran.code == 1, ran
    assert record.rto.verdict is record.rpo.verdict is Verdict.FAILED
    assert {check.outcome for check in record.checks} == {Verdict.PASSED}


def test_backup_older_than_its_rpo_fails(bench: Workbench, shop: ShopBackups) -> None:
    ran = bench.drtool("verify", shop.dump, "--rpo", "0.5s", "--profile", "fast")
    record = bench.record()
    assert ran.code == 1, ran
    assert record.rpo.verdict is Verdict.FAILED
    assert record.rpo.actual_seconds is not None
    assert f"RPO missed: {format_duration(record.rpo.actual_seconds)} of data lost" in ran.stdout


@pytest.mark.parametrize(("rpo", "code"), [("1h", 0), ("0.5s", 1)])
def test_whoever_reads_along_may_leave_and_the_drill_goes_on(
    bench: Workbench, shop: ShopBackups, rpo: str, code: int
) -> None:
    drtool = f"{sys.executable} -m drtool verify {shop.archive} --rpo {rpo} --junit results/drills.xml 2>&1"
    site = {**os.environ, **bench.environment, "COLUMNS": "0"}
    command = ["bash", "-c", f"({drtool}; echo $? > code) | head -3"]
    read = subprocess.run(command, cwd=bench.folder, env=site, capture_output=True, check=False).stdout
    assert b"reach the Docker engine" in read
    assert int((bench.folder / "code").read_text()) == code
    assert bench.record().verdict is (Verdict.FAILED if code else Verdict.PASSED)
    assert "<testsuite" in (bench.folder / "results" / "drills.xml").read_text()


def test_missing_backup_fails_and_leaves_a_signed_record(bench: Workbench) -> None:
    ran = bench.drtool("verify", bench.folder / "db-20261124.sql.zst")
    assert ran.code == 1, ran
    assert [found.code for found in bench.record().findings] == ["backup-missing"]
    assert "intact" in bench.drtool("audit").stdout


def test_pattern_that_matches_nothing_fails(bench: Workbench, shop: ShopBackups) -> None:
    script = bench.scenario(f"drill.restore_mariadb(drill.latest({str(shop.folder / 'orders-*.sql')!r}))")
    ran = bench.drtool("run", script, "--json")
    assert ran.code == 1, ran
    assert [found.code for found in ran.record.findings] == ["backup-missing"]


@pytest.fixture
def silent_engine(tmp_path: Path) -> Iterator[str]:
    """A socket that somebody listens on who never answers."""
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)
        yield f"unix://{path}"


def _assert_unreachable(bench: Workbench, shop: ShopBackups, host: str) -> None:
    ran = bench.drtool("verify", shop.dump, environment={"DOCKER_HOST": host})
    assert ran.code == 3, ran
    assert ran.elapsed_seconds < pace.seconds(10)
    assert "engine" in ran.stdout
    record = bench.record()
    assert record.verdict is Verdict.UNVERIFIED
    assert record.signed
    assert [found.code for found in record.findings] == ["engine-unreachable"]
    assert "intact" in bench.drtool("audit").stdout


def test_engine_that_is_not_there_leaves_a_signed_record_of_an_unverified_drill(
    bench: Workbench, shop: ShopBackups, tmp_path: Path
) -> None:
    _assert_unreachable(bench, shop, f"unix://{tmp_path / 'gone.sock'}")


def test_engine_that_never_answers_is_given_up_within_ten_seconds(
    bench: Workbench, shop: ShopBackups, silent_engine: str
) -> None:
    _assert_unreachable(bench, shop, silent_engine)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("drill.restore_mariadb(None_of_that)", "NameError: name 'None_of_that' is not defined"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import sys; sys.exit()", "SystemExit"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("drill.restore_mariadb(drill.backup('ftp://host/db.sql'))", "unknown-store"),
    ],
)
def test_mistake_in_a_scenario_is_named_by_file_and_line(bench: Workbench, statement: str, complaint: str) -> None:
    script = bench.scenario(f"print('about to go wrong')\n{statement}")
    ran = bench.drtool("run", script)
    assert ran.code == 3, ran
    record = bench.record()
    assert record.verdict is Verdict.UNVERIFIED
    own = complaint == "unknown-store"
    (found,) = [found for found in record.findings if found.code == (complaint if own else "scenario-broken")]
    assert "drill.py, line 8" in found.message
    assert own or complaint in found.message
    assert "drill.py, line 8" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr + bench.evidence().decode()


@pytest.mark.parametrize(("memory", "codes"), [("512", ["bad-size"]), ("512MiB", [])])
def test_memory_that_is_too_little_for_any_sandbox_is_wrong_use(
    memory: str, codes: list[str], bench: Workbench, shop: ShopBackups
) -> None:
    script = bench.scenario(f"drill.restore_mariadb(drill.backup({str(shop.dump)!r}), memory={memory!r})")
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert (ran.code, [found.code for found in ran.record.findings]) == (3 if codes else 0, codes), ran


@pytest.mark.parametrize("freshness", [True, False])
def test_a_question_to_a_database_is_not_put_to_files_in_silence(
    freshness: bool, bench: Workbench, shop: ShopBackups
) -> None:
    asked = ["--freshness", "SELECT MAX(ts) FROM shop.heartbeat"] if freshness else []
    ran = bench.drtool("verify", shop.archive, *asked, "--database", "shop", "--profile", "fast", "--json")
    assert (ran.code, [found.code for found in ran.record.findings]) == ((3, ["no-database"]) if freshness else (0, []))
    assert freshness or any("--database was not used" in one for one in ran.record.deviations)


def test_script_that_does_not_parse_leaves_a_record_that_names_the_line(bench: Workbench) -> None:
    script = bench.scenario("drill.restore_mariadb((")
    ran = bench.drtool("run", script)
    assert ran.code == 3, ran
    assert "drill.py, line 7" in ran.stdout
    assert bench.record().verdict is Verdict.UNVERIFIED


def test_scenario_cannot_swallow_a_backup_that_does_not_restore(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", shop.sql[: len(shop.sql) // 2])
    script = bench.scenario(
        f"""
        try:
            drill.restore_mariadb(drill.backup("db.sql"))
        except DrtoolError:
            pass
        drill.restore_files(drill.backup({str(shop.archive)!r}))
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    assert ran.record.findings[0].code.startswith("dump-t")


def test_scenario_that_restores_nothing_proves_nothing(bench: Workbench) -> None:
    ran = bench.drtool("run", bench.scenario("print('all is well')"))
    assert ran.code == 3, ran
    assert "no check of the restored data ran" in bench.record().reason.lower()


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "db.sql", "--restore-faster"],
        ["verify", "db.sql", "--rto", "soon"],
        ["verify", "db.sql", "--at", "2026-11-24T03:00:00"],
        ["verify", "db.sql", "--at", "2999-01-01T00:00:00Z"],
        ["verify", "ftp://host/db.sql"],
        ["verify"],
        ["run", "no-such-script.py"],
        ["rehearse"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2_and_no_drill(bench: Workbench, arguments: list[str]) -> None:
    ran = bench.drtool(*arguments)
    assert ran.code == 2, ran
    assert "Traceback" not in ran.stderr
    assert bench.drill_ids() == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--reports", "/proc/reports"], "--reports"),
        (["--key", "no-such-key"], "no-such-key"),
        (["--image", "no-such-image:1"], "no-such-image:1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_drill_cannot_do_without_is_unverified_and_named(
    bench: Workbench, shop: ShopBackups, arguments: list[str], complaint: str
) -> None:
    ran = bench.drtool("verify", shop.dump, *arguments)
    assert ran.code == 3, ran
    assert complaint in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
