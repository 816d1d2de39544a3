"""Against a baseline the loss is counted and named by table and key range, by object and by folder; never by value."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drtool.drill.comparing import CONTENTS_CHECK
from drtool.record.verdicts import Verdict
from fixtures.faults.packing import unpacked
from fixtures.faults.sql_text import before_trailer
from fixtures.shop.accounts import Account
from fixtures.shop.backups import archive_uploads, dump_database
from fixtures.shop.compression import Compression
from fixtures.shop.data import fill
from fixtures.shop.production import Production
from fixtures.shop.uploads import make_uploads
from tests.e2e.workbench import Workbench

_DRILL = """
db = drill.restore_mariadb(drill.backup("{dump}"))
files = drill.restore_files(drill.backup("{archive}"))
db.check_baseline()
files.check_baseline()
"""


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """A production in which nothing moves, its backups, and their baselines beside them."""

    production: Production
    dump: Path
    archive: Path
    uploads: Path


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quiet]:
    """Run a production, back it up, and capture its baselines."""
    folder = tmp_path_factory.mktemp("quiet")
    with Production.started() as production:
        fill(production, scale=1, seed=7)
        make_uploads(folder / "uploads", seed=7)
        dump = dump_database(production, folder, compression=Compression.NONE)
        archive = archive_uploads(folder / "uploads", folder, compression=Compression.NONE)
        option_file = str(production.option_file(Account.READER))
        for source, backup in (
            ((production.url(Account.READER), "--defaults-file", option_file), dump),
            ((str(folder / "uploads"),), archive),
        ):
            command = [sys.executable, "-m", "drtool", "baseline", *source, "--beside", str(backup)]
            subprocess.run(command, check=True, capture_output=True)
        yield Quiet(production=production, dump=dump, archive=archive, uploads=folder / "uploads")


def with_baseline(original: Path, copy: Path) -> None:
    """Put the baseline of a backup beside another, as if it were of that."""
    for found in original.parent.glob(f"{original.name}.baseline.json*"):
        shutil.copy2(found, copy.with_name(copy.name + found.name.removeprefix(original.name)))


def test_a_healthy_pair_is_equal_to_its_baselines_and_raises_nothing(bench: Workbench, quiet: Quiet) -> None:
    script = bench.scenario(_DRILL.format(dump=quiet.dump, archive=quiet.archive), targets='rpo="1h"')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    assert not any("not compared" in deviation for deviation in ran.record.deviations)
    assert [(one.resource, one.missing, one.extra, one.changed) for one in ran.record.losses] == [
        ("db", 0, 0, 0),
        ("files", 0, 0, 0),
    ]


def test_verify_uses_a_baseline_that_lies_beside_and_proves_something(bench: Workbench, quiet: Quiet) -> None:
    for backup in (quiet.dump, quiet.archive):
        ran = bench.drtool("verify", backup, "--profile", "fast", "--json")
        assert ran.code == 0, ran
        assert any(check.name == CONTENTS_CHECK and check.outcome is Verdict.PASSED for check in ran.record.checks)
    dump = bench.folder / "less.sql"
    gone = "USE shop; DELETE FROM heartbeat;"
    dump.write_bytes(before_trailer(unpacked(quiet.dump.read_bytes()), gone))
    assert bench.drtool("verify", dump, "--profile", "fast").code == 0  # nothing can tell
    with_baseline(quiet.dump, dump)
    ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
    assert (ran.code, "rows-missing" in {one.code for one in ran.record.findings}) == (1, True), ran
    dump.with_name(f"{dump.name}.baseline.json.sig").unlink()
    ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert any("unsigned, so it was not compared" in deviation for deviation in ran.record.deviations)


def test_a_dump_whose_end_tells_nothing_is_whole_where_it_is_equal_to_its_baseline(
    bench: Workbench, quiet: Quiet
) -> None:
    lines = unpacked(quiet.dump.read_bytes()).splitlines(keepends=True)
    compact = b"".join(line for line in lines if not line.startswith(b"--") and b"=@OLD_" not in line)
    dump = bench.folder / "compact.sql"
    for more, baseline, code in (b"", False, 3), (b"", True, 0), (b"DELETE FROM heartbeat;\n", True, 1):
        dump.write_bytes(compact + more)
        if baseline:
            with_baseline(quiet.dump, dump)
        ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
        assert ran.code == code, ran
        (whole,) = (check for check in ran.record.checks if check.name == "backup is complete")
        assert whole.outcome is (Verdict.PASSED if code == 0 else Verdict.UNVERIFIED)
        assert ("equal to its baseline" in str(whole.observed)) == (code == 0)


def test_databases_that_the_baseline_does_not_cover_are_named(bench: Workbench, quiet: Quiet) -> None:
    dump = bench.folder / "two.sql"
    more = "CREATE DATABASE crm; CREATE TABLE crm.leads (id int); CREATE DATABASE empty;"
    dump.write_bytes(before_trailer(unpacked(quiet.dump.read_bytes()), more))
    shutil.copystat(quiet.dump, dump)
    with_baseline(quiet.dump, dump)
    script = bench.scenario(f'drill.restore_mariadb(drill.backup("{dump}")).check_baseline()')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    (named,) = (deviation for deviation in ran.record.deviations if "not compared" in deviation)
    assert named == "db: not compared, since its baseline does not cover them: crm"


def test_every_loss_is_named_and_no_value_is_printed(bench: Workbench, quiet: Quiet) -> None:
    damaged = before_trailer(
        unpacked(quiet.dump.read_bytes()),
        "USE shop; DELETE FROM order_items WHERE order_id = 500; DELETE FROM orders WHERE id = 500;"
        "UPDATE products SET name = CONCAT(name, ' of jane@example.org') WHERE id = 7;"
        "INSERT INTO heartbeat (ts) VALUES ('2020-01-01 00:00:00'); DROP PROCEDURE add_line;",
    )
    dump = bench.folder / "damaged.sql"
    dump.write_bytes(damaged)
    tree = bench.folder / "uploads"
    subprocess.run(["cp", "-a", str(quiet.uploads), str(tree)], check=True)
    victim = next(path for path in sorted(tree.rglob("*.jpg")) if path.is_file() and path.stat().st_nlink == 1)
    times, content = victim.stat(), victim.read_bytes()
    victim.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(victim, ns=(times.st_atime_ns, times.st_mtime_ns))
    archive = archive_uploads(tree, bench.folder, compression=Compression.NONE)

    shutil.copystat(quiet.dump, dump)  # as old as it says that it is, however late that is
    with_baseline(quiet.dump, dump)
    with_baseline(quiet.archive, archive)
    script = bench.scenario(_DRILL.format(dump=dump, archive=archive))
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    said = {finding.code: finding.message for finding in ran.record.findings}
    assert set(said) == {"rows-missing", "rows-changed", "rows-extra", "object-missing", "file-changed"}
    assert "shop.orders" in said["rows-missing"]
    assert "shop.order_items" in said["rows-missing"]
    assert "id" in said["rows-missing"]
    assert "shop.products" in said["rows-changed"]
    assert "shop.heartbeat" in said["rows-extra"]
    assert "add_line" in said["object-missing"]
    assert victim.parent.relative_to(tree).as_posix() in said["file-changed"]
    losses = {one.subject: (one.missing, one.extra, one.changed) for one in ran.record.losses}
    assert losses["shop.orders"] == (1, 0, 0)
    assert losses["shop.heartbeat"] == (0, 1, 0)
    assert b"jane@example.org" not in bench.evidence()


def test_a_baseline_that_is_asked_for_and_not_there_leaves_the_drill_unverified(bench: Workbench, quiet: Quiet) -> None:
    lonely = bench.folder / "lonely.sql"
    shutil.copy2(quiet.dump, lonely)
    script = bench.scenario(f'drill.restore_mariadb(drill.backup("{lonely}")).check_baseline()')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    assert "no-baseline" in {finding.code for finding in ran.record.findings}


def test_against_the_running_database_the_loss_is_exact_and_judged_only_if_asked(
    bench: Workbench, quiet: Quiet
) -> None:
    connection = quiet.production.connect(Account.APP, "shop")
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO heartbeat (ts) VALUES (NOW(6)), (NOW(6)), (NOW(6))")
            cursor.execute("UPDATE products SET stock = stock + 1 WHERE id IN (3, 30)")
        connection.commit()
    finally:
        connection.close()
    option_file = quiet.production.option_file(Account.READER)
    compare = f'db.compare_to("{quiet.production.url(Account.READER)}", defaults_file="{option_file}"'
    script = bench.scenario(
        f'db = drill.restore_mariadb(drill.backup("{quiet.dump}"))\n{compare})\n{compare}, at_most=4)\n'
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    (check,) = [one for one in ran.record.checks if one.name == "loss in rows"]
    assert check.observed.startswith("5;")
    losses = {one.subject: (one.missing, one.extra, one.changed) for one in ran.record.losses}
    assert losses["shop.heartbeat"] == (3, 0, 0)
    assert losses["shop.products"] == (0, 0, 2)
