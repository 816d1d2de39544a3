"""Of a part of a dump the baseline is held to that part alone, and what was left out is not asked for as if lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drtool.drill.comparing import CONTENTS_CHECK
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import before_trailer
from fixtures.shop.accounts import Account
from fixtures.shop.backups import dump_database
from fixtures.shop.compression import Compression
from fixtures.shop.data import fill
from fixtures.shop.production import Production
from tests.e2e.workbench import Ran, Workbench

_CHOSEN = 'db = drill.restore_mariadb(drill.backup("{dump}"), only=["shop.products", "shop.customers"])\n'


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """A production in which nothing moves, and its dump, with a baseline beside it."""

    production: Production
    dump: Path


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quiet]:
    """Run a production, dump it and capture its baseline."""
    folder = tmp_path_factory.mktemp("quiet")
    with Production.started() as production:
        fill(production, scale=1, seed=7)
        dump = dump_database(production, folder, compression=Compression.NONE)
        source = (production.url(Account.READER), "--defaults-file", str(production.option_file(Account.READER)))
        command = [sys.executable, "-m", "drtool", "baseline", *source, "--beside", str(dump)]
        subprocess.run(command, check=True, capture_output=True)
        yield Quiet(production=production, dump=dump)


def _edited(quiet: Quiet, folder: Path, sql: str) -> Path:
    """Return the dump as if its production had been changed before, with the baseline of what it was."""
    dump = folder / "edited.sql"
    dump.write_bytes(before_trailer(quiet.dump.read_bytes(), f"USE shop; {sql}"))
    shutil.copystat(quiet.dump, dump)
    for found in quiet.dump.parent.glob(f"{quiet.dump.name}.baseline.json*"):
        shutil.copy2(found, dump.with_name(dump.name + found.name.removeprefix(quiet.dump.name)))
    return dump


def _compared(bench: Workbench, dump: Path) -> Ran:
    script = bench.scenario(_CHOSEN.format(dump=dump) + "db.check_baseline()")
    return bench.drtool("run", script, "--profile", "fast", "--json")


def test_a_part_is_equal_to_that_part_of_the_baseline(bench: Workbench, quiet: Quiet) -> None:
    ran = _compared(bench, quiet.dump)
    assert (ran.code, ran.record.findings) == (0, ()), ran
    (check,) = (one for one in ran.record.checks if one.name == CONTENTS_CHECK)
    assert "in 2 tables" in check.observed
    ran = bench.drtool("verify", quiet.dump, "--only", "shop.products", "--profile", "fast", "--json")
    assert (ran.code, ran.record.findings) == (0, ()), ran
    assert any(one.name == CONTENTS_CHECK and one.outcome is Verdict.PASSED for one in ran.record.checks)


def test_rows_that_are_missing_in_a_chosen_table_are_told(bench: Workbench, quiet: Quiet) -> None:
    ran = _compared(bench, _edited(quiet, bench.folder, "DELETE FROM products WHERE id = 7;"))
    assert ran.code == 1, ran
    assert [(one.code, "shop.products" in one.message) for one in ran.record.findings] == [("rows-missing", True)]
    assert [(one.subject, one.missing) for one in ran.record.losses if one.missing] == [("shop.products", 1)]


def test_what_is_missing_in_a_table_that_was_left_out_is_not_looked_for(bench: Workbench, quiet: Quiet) -> None:
    ran = _compared(bench, _edited(quiet, bench.folder, "DELETE FROM heartbeat; DROP PROCEDURE add_line;"))
    assert (ran.code, ran.record.findings) == (0, ()), ran


def test_what_was_left_out_is_not_taken_for_lost_by_a_check(bench: Workbench, quiet: Quiet) -> None:
    freshness = 'db.check_freshness("SELECT MAX(ts) FROM shop.heartbeat", within="100000h")\n'
    script = bench.scenario(_CHOSEN.format(dump=quiet.dump) + freshness)
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    (check,) = (one for one in ran.record.checks if one.name == "newest data is fresh")
    assert check.outcome is Verdict.UNVERIFIED
    assert "left out" in check.observed
    assert "shop.heartbeat" in check.observed


def test_a_part_is_held_against_that_part_of_the_running_database(bench: Workbench, quiet: Quiet) -> None:
    option_file = quiet.production.option_file(Account.READER)
    compare = f'db.compare_to("{quiet.production.url(Account.READER)}", defaults_file="{option_file}", at_most=0)\n'
    script = bench.scenario(_CHOSEN.format(dump=quiet.dump) + compare)
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert (ran.code, ran.record.findings) == (0, ()), ran
    (check,) = (one for one in ran.record.checks if one.name == "loss in rows")
    assert "in 2 tables" in check.observed


def test_what_nothing_of_was_restored_is_not_compared(bench: Workbench, quiet: Quiet) -> None:
    option_file = quiet.production.option_file(Account.READER)
    script = bench.scenario(
        f'db = drill.restore_mariadb(drill.backup("{quiet.dump}"), only=["crm"])\n'
        f'db.compare_to("{quiet.production.url(Account.READER)}", defaults_file="{option_file}", at_most=0)\n'
        "db.check_baseline()\n"
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    assert {one.code for one in ran.record.findings} >= {"not-in-the-backup", "nothing-to-compare"}


def test_binary_logs_are_not_replayed_onto_some_tables_alone(bench: Workbench, quiet: Quiet) -> None:
    replay = f'drill.replay_binlogs("{bench.folder}/binlog.*", into=db)\n'
    ran = bench.drtool("run", bench.scenario(_CHOSEN.format(dump=quiet.dump) + replay), "--profile", "fast", "--json")
    assert (ran.code, [one.code for one in ran.record.findings]) == (3, ["replay-into-what"]), ran
