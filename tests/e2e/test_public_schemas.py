"""Databases that nobody of this project wrote come back as well as its own, from dumps and from a physical backup."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from drtool.baseline.database.capture import SANDBOX, capture_database
from drtool.baseline.database.document import encode
from fixtures.shop.accounts import Account
from fixtures.shop.backups import lay_beside, stream_out
from fixtures.shop.physical import PhysicalJob
from fixtures.shop.production import Production
from tests.e2e.workbench import Ran, Workbench

pytestmark = pytest.mark.long

PROJECT = Path(__file__).parents[2]
_TESTS, _ZABBIX, _RADIUS = "usr/share/mysql/mysql-test/include", "usr/share/zabbix-server-mysql", "etc/freeradius/3.0"
_SQL = f"{_RADIUS}/mods-config/sql"
DATABASES = {
    "world": (f"{_TESTS}/world_schema.inc", f"{_TESTS}/world.inc"),
    "zabbix": (f"{_ZABBIX}/schema.sql.gz", f"{_ZABBIX}/images.sql.gz", f"{_ZABBIX}/data.sql.gz"),
    "radius": (
        f"{_SQL}/main/mysql/schema.sql",
        f"{_SQL}/main/mysql/process-radacct.sql",
        f"{_SQL}/ippool/mysql/schema.sql",
        f"{_SQL}/ippool/mysql/procedure.sql",
    ),
}
_COLLATION = "utf8mb4_bin"
_MOST_OF_ZABBIX = b"INSERT INTO `items`"
"""From here on come its templates, more than 100,000 rows; 28 tables are filled by then."""
ALL = "all of them, physically"
_DUMP = "mariadb-dump --defaults-file=/root/root.cnf --single-transaction --routines --events --triggers"


@pytest.fixture(scope="module")
def schemas() -> Path:
    """Return the folder with the public schemas; they are downloaded once."""
    into = PROJECT / ".cache" / "public-schemas"
    script = PROJECT / "fixtures" / "machine" / "public_schemas.sh"
    ran = subprocess.run(["bash", script, into], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return into


@pytest.fixture(scope="module")
def backups(engine: docker.DockerClient, schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Load the public schemas into a production, and back it up in both ways, with baselines."""
    del engine
    folder = tmp_path_factory.mktemp("public")
    made = {}
    with Production.started(settings={"event-scheduler": "OFF"}) as production:
        production.run(["mariadb", "--defaults-file=/root/root.cnf", "-e", "; ".join(map(_create, DATABASES))])
        for name, files in DATABASES.items():
            sql = folder / "statements.sql"
            sql.write_bytes(b"\n".join(_content(schemas / file) for file in files))
            production.run_sql_file(sql, database=name)
            made[name] = folder / f"{name}.sql"
            with made[name].open("wb") as stream:
                assert stream_out(production, [*_DUMP.split(), name], stream) == b""
            _take_baseline(production, [name], made[name])
        made[ALL] = PhysicalJob(production, folder).full()
        _take_baseline(production, list(DATABASES), made[ALL])
    return made


def _create(name: str) -> str:
    return f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE {_COLLATION}"


def _content(path: Path) -> bytes:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    before, found, _ = content.partition(_MOST_OF_ZABBIX)
    return before + b"COMMIT;\n" if found else content


def _take_baseline(production: Production, databases: list[str], backup: Path) -> None:
    captured = capture_database(lambda: production.connect(Account.ROOT), databases, manner=SANDBOX)
    lay_beside(backup, encode(captured))


@pytest.fixture(scope="module")
def drills(shared_bench: Workbench, backups: dict[str, Path]) -> Iterator[dict[str, Future[Ran]]]:
    """Drill all backups, two at a time."""

    def drill(number: int, backup: Path) -> Ran:
        # A dump of one database does not say its collation, which routines take over; a runbook has to know it.
        settings = {"collation-server": _COLLATION}
        body = f"""
            db = drill.restore_mariadb(drill.backup("{backup}"), zone="UTC", settings={settings})
            db.check_baseline()
        """
        script = shared_bench.scenario(body, name=f"public_{number}", targets='rpo="1h"')
        return shared_bench.drtool("run", script, "--profile", "fast", "--json")

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(drill, number, backup) for number, (name, backup) in enumerate(backups.items())}


@pytest.mark.parametrize("name", [*DATABASES, ALL])
def test_public_schema_comes_back_equal_and_raises_nothing(drills: dict[str, Future[Ran]], name: str) -> None:
    ran = drills[name].result()
    assert ran.code == 0, ran
    record = ran.record
    assert record.findings == ()
    assert [(loss.missing, loss.extra, loss.changed) for loss in record.losses] == [(0, 0, 0)]
