"""What mariadb-operator leaves in its bucket: backups named by the time, logs of each primary there was, packed."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from drtool.record.verdicts import Effect, Verdict
from tests.e2e.workbench import Workbench

_SCRIPT = Path(__file__).with_name("failover.sh").read_text(encoding="utf-8")
_LOGS = "binlogs/server-*/repl-bin.*"


def archive(folder: Path, series: str, *arguments: str) -> Path:
    """Let two servers write a history, each in its turn, and return the folder that it was archived in."""
    made = subprocess.run(
        [
            "docker",
            "run",
            "--rm",
            "--network",
            "none",
            f"drtool/mariadb:{series}",
            "bash",
            "-c",
            _SCRIPT,
            "-",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    subprocess.run(["tar", "-C", folder, "-xf", "-"], input=made.stdout, check=True)
    return folder


@pytest.fixture(scope="module")
def there_and_back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("operator"), "10.11", "gzip", ".gz")


def recovered(bench: Workbench, folder: Path, backups: Mapping[str, str], *, until: str = "None") -> Path:
    """Return a scenario that replays the archive onto each of some backups and counts the orders."""
    return bench.scenario(f"""
        for name, pattern in {dict(backups)!r}.items():
            db = drill.restore_mariadb(drill.latest({str(folder)!r} + "/backups/" + pattern), name=name)
            drill.replay_binlogs({str(folder / _LOGS)!r}, until={until}, into=db)
            db.check("orders are there", "SELECT COUNT(*) FROM shop.orders", equals=90)
    """)


ALL_OF_THEM = {"dump": "backup.*.sql.gz", "first": "physicalbackup-*.xb.bz2", "promoted": "physicalbackup-*.xb"}


def test_each_backup_comes_back_with_all_that_both_primaries_wrote(
    bench: Workbench, there_and_back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # the names are in UTC, wherever the drill runs
    ran = bench.drtool("run", recovered(bench, there_and_back, ALL_OF_THEM), "--json")
    assert ran.code == 0, ran
    assert ran.record.verdict is Verdict.PASSED
    replays = [check for check in ran.record.checks if check.name == "binary logs are replayed to the target"]
    assert {check.resource: check.observed.partition(" ")[0] for check in replays} == {
        "dump": "70", "first": "70", "promoted": "20",
    }  # fmt: skip
    said = "\n".join(ran.record.deviations)
    assert "dump: From repl-bin.000003" in said
    assert "the logs of server 11 go on: 0-11-43" in said
    logs = [one for one in ran.record.backups if one.format == "binary log"]
    assert {one.compression for one in logs} == {"gzip"}
    assert not [one for one in ran.record.assumptions if "name no zone" in one or "host's zone" in one]


@pytest.mark.parametrize(
    ("series", "packer", "suffix", "option"),
    [("10.5", "bzip2", ".bz2", "--binlog-checksum=NONE"), ("11.8", "cat", "", "--log-bin-compress")],
)
def test_other_series_and_ways_to_log_do_as_well(
    bench: Workbench, tmp_path: Path, series: str, packer: str, suffix: str, option: str
) -> None:
    folder = archive(tmp_path, series, packer, suffix, option)
    ran = bench.drtool("run", recovered(bench, folder, {"first": "physicalbackup-*.xb.bz2"}), "--json")
    assert ran.code == 0, ran


def test_logs_that_no_server_has_kept_are_a_gap_that_the_drill_fails_over(
    bench: Workbench, there_and_back: Path, tmp_path: Path
) -> None:
    shutil.copytree(there_and_back, tmp_path / "lost")
    (tmp_path / "lost/binlogs/server-11/repl-bin.000001.gz").unlink()
    ran = bench.drtool("run", recovered(bench, tmp_path / "lost", {"dump": "backup.*"}), "--json")
    assert ran.code == 1, ran
    failed = [one for one in ran.record.findings if one.effect is Effect.FAILED]
    assert [one.code for one in failed] == ["binary-log-gap"]
    assert "one can get to GTID 0-10-42" in failed[0].message


def test_the_logs_of_one_server_alone_leave_out_what_the_other_wrote_and_that_is_not_green(
    bench: Workbench, there_and_back: Path
) -> None:
    body = f"""
        db = drill.restore_mariadb(drill.latest({str(there_and_back / "backups/backup.*")!r}))
        drill.replay_binlogs({str(there_and_back / "binlogs/server-10/*")!r})
    """
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 3, ran
    assert [one.code for one in ran.record.findings if one.effect is Effect.UNVERIFIED] == [
        "binary-logs-of-others-missing"
    ]


def test_a_packed_log_that_was_cut_fails_and_says_so(bench: Workbench, there_and_back: Path, tmp_path: Path) -> None:
    shutil.copytree(there_and_back, tmp_path / "cut")
    last = tmp_path / "cut/binlogs/server-10/repl-bin.000003.gz"
    last.write_bytes(last.read_bytes()[:-200])
    ran = bench.drtool("run", recovered(bench, tmp_path / "cut", {"dump": "backup.*"}), "--json")
    assert ran.code == 1, ran
    assert "binary-log-truncated" in [one.code for one in ran.record.findings]


def test_a_statement_is_found_in_packed_logs_and_the_replay_stops_before_it(
    bench: Workbench, there_and_back: Path, tmp_path: Path
) -> None:
    logs = there_and_back / _LOGS
    body = f"""
        db = drill.restore_mariadb(drill.latest({str(there_and_back / "backups/backup.*")!r}))
        bad = drill.find_statement({str(logs)!r}, matching="VALUES .62,")
        drill.replay_binlogs({str(logs)!r}, until=bad)
        db.check("orders are there", "SELECT MAX(id) FROM shop.orders", equals=61)
    """
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 0, ran
    assert gzip.decompress((there_and_back / "binlogs/server-10/repl-bin.000001.gz").read_bytes())[:4] == b"\xfebin"
