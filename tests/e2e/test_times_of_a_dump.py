"""A dump's closing comment is local time without a zone: resolved, said, and never taken as UTC silently."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fixtures.shop.accounts import Account
from fixtures.shop.production import Production
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Ran, Workbench

_CLOCKS = b"""
CREATE TABLE clocks (at TIMESTAMP NOT NULL, what VARCHAR(40)) ENGINE=InnoDB;
INSERT INTO clocks VALUES ('2026-01-15 12:00:00','winter'),('2026-07-15 12:00:00','summer');
INSERT INTO clocks VALUES ('1977-07-15 12:00:00','before summer time came');
"""
_CLOCKS_ALONE = (
    "CREATE DATABASE clocks; USE clocks; CREATE TABLE clocks (at TIMESTAMP NOT NULL) ENGINE=InnoDB;"
    "INSERT INTO clocks VALUES ('2026-01-15 12:00:00'); GRANT ALL ON clocks.* TO backup@'%'"
)
_UTC = b"/*!40103 SET TIME_ZONE='+00:00' */;\n"
_ASKED = "SELECT GROUP_CONCAT(UNIX_TIMESTAMP(at) ORDER BY at) FROM clocks.clocks"
_COMPLETED = re.compile(rb"-- Dump completed on (\d{4}-\d\d-\d\d +\d+:\d\d:\d\d)")


def test_a_dump_made_in_utc_plus_2_is_placed_where_its_zone_is_named_and_nowhere_by_its_freshness(
    bench: Workbench, shop: ShopBackups
) -> None:
    found = _COMPLETED.search(shop.sql)
    assert found is not None
    wall = datetime.strptime(found[1].decode(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    abroad = f"{wall + timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
    dump = shop.write(bench.folder / "abroad.sql", shop.sql.replace(found[1], abroad.encode()))
    unknown = bench.drtool("verify", str(dump), "--rpo", "4h", "--json")
    assert (unknown.code, unknown.record.rpo.verdict) == (3, "unverified"), unknown
    assert any(f"says {abroad} without a zone" in assumption for assumption in unknown.record.assumptions)
    assert bench.drtool("verify", str(dump), "--rpo", "24h").code == 0  # wherever on earth it was made
    named = bench.drtool("verify", str(dump), "--rpo", "4h", "--zone", "Etc/GMT-2", "--json")
    assert named.code == 0, named
    latest = next(one.latest for one in named.record.rpo.evidence if one.used)
    assert latest is not None
    assert abs(latest - wall) < timedelta(minutes=1)


def test_timestamps_of_a_dump_that_does_not_say_their_zone_are_loaded_in_the_one_that_is_named_or_not_believed(
    bench: Workbench, shop: ShopBackups
) -> None:
    """What mariadb-dump --skip-tz-utc writes is what it writes without, but for one line and the times themselves."""
    before, _, _ = shop.sql.partition(_UTC)
    head = before.replace(b"`shop`", b"`clocks`") + b"CREATE DATABASE clocks;\nUSE `clocks`;\n"
    ends = b"\n-- Dump completed\n"
    local, said = bench.folder / "local.sql", bench.folder / "said.sql"
    local.write_bytes(head + _CLOCKS + ends)
    said.write_bytes(head + _UTC + _CLOCKS + ends)

    def instants(zone: str) -> str:
        walls = ("1977-07-15 12:00:00", "2026-01-15 12:00:00", "2026-07-15 12:00:00")
        at = (datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).timestamp() for wall in walls)
        return ",".join(f"{one:.0f}" for one in at)

    def drilled(dump: Path, expected: str, zone: str = "") -> Ran:
        body = f"""
            db = drill.restore_mariadb(drill.backup({str(dump)!r}){f", zone={zone!r}" if zone else ""})
            db.check("instants", {_ASKED!r}, equals={expected!r})
        """
        return bench.drtool("run", bench.scenario(body), "--profile", "fast", "--json")

    berlin = drilled(local, instants("Europe/Berlin"), "Europe/Berlin")
    assert berlin.code == 0, berlin
    assert any("loaded as of Europe/Berlin" in assumption for assumption in berlin.record.assumptions)
    unknown = drilled(local, instants("UTC"))
    assert (unknown.code, [one.code for one in unknown.record.findings]) == (3, ["timestamps-without-zone"]), unknown
    for zone in ("", "Europe/Berlin"):  # what says its zone is what it says, whatever is named
        utc = drilled(said, instants("UTC"), zone)
        assert (utc.code, utc.record.findings) == (0, ()), utc


@pytest.mark.long
@pytest.mark.parametrize("tool", ["mydumper", "--tab"])
@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_so_are_those_of_mydumper_and_of_rows_in_files_of_their_own(bench: Workbench, tool: str, zone: str) -> None:
    """The tools themselves write them, of a server in UTC: so what is loaded as of Berlin is an hour or two earlier."""
    into = bench.folder / "made"
    with Production.started() as production:
        production.run(["mariadb", "--defaults-file=/root/root.cnf", "-e", _CLOCKS_ALONE])
        if tool == "mydumper":
            login = (
                f"--defaults-file={production.option_file(Account.BACKUP)} --host=127.0.0.1 --port={production.port}"
            )
            made = f"mydumper {login} --database=clocks --skip-tz-utc --outputdir={into}"
            subprocess.run(made.split(), check=True, capture_output=True)
        else:
            dump = "mariadb-dump --defaults-file=/root/root.cnf --skip-tz-utc --tab=/tmp/tab clocks"
            inside = f"mkdir -m 777 /tmp/tab && {dump} && tar -C /tmp/tab -c ."
            status, said = production.container.exec_run(["bash", "-c", inside], user="root")
            assert status == 0, said
            assert isinstance(said, bytes)
            into.mkdir()
            subprocess.run(["tar", "-x", "-C", into], input=said, check=True)
    wall = "2026-01-15 12:00:00"
    at = f"{datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone or 'UTC')).timestamp():.0f}"
    body = f"""
        db = drill.restore_mariadb(drill.backup("{into}/"), database="clocks"{f", zone={zone!r}" if zone else ""})
        db.check("instant", "SELECT MIN(UNIX_TIMESTAMP(at)) FROM clocks.clocks", equals={at})
    """
    ran = bench.drtool("run", bench.scenario(body), "--profile", "fast", "--json")
    codes = {one.code for one in ran.record.findings}
    assert (ran.code, "timestamps-without-zone" in codes) == ((0, False) if zone else (3, True)), ran
    assert all(check.outcome == "passed" for check in ran.record.checks if check.name == "instant")
