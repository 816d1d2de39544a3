"""Production's option file: what the data needs of it is applied, keys go to no disk, and the sandbox stays closed."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from drtool.record.model import DrillRecord
from drtool.record.verdicts import Effect
from tests.e2e.workbench import Ran, Workbench

SERIES = ("10.5", "10.11", "11.8")
_KEY = "a7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a"
_PASSPHRASE = "told-to-nobody"
_DUMP = """-- MariaDB dump 10.19  Distrib {series}.9-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: vault
-- ------------------------------------------------------
-- Server version\t{series}.9-MariaDB
CREATE TABLE `Secrets` (a INT PRIMARY KEY) ENGINE=InnoDB `ENCRYPTED`=YES `ENCRYPTION_KEY_ID`=1;
INSERT INTO `Secrets` VALUES (1);
-- Dump completed
"""
_CONFIG = """
[client]
password = told-to-nobody
[mysqld]
datadir = /srv/mysql
bind-address = 0.0.0.0
event_scheduler = ON
init_file = /etc/mysql/init.sql
innodb_buffer_pool_size = 64G
lower_case_table_names = 1
character-set-server = latin1
sql_mode = "STRICT_ALL_TABLES,NO_ZERO_DATE"
innodb-page-size = 8k
loose-plugin_load_add = provider_none
plugin_load_add = sql_errlog
plugin_load_add = file_key_management
plugin_load_add = server_audit
loose_file-key-management_filename = /etc/mysql/encryption/keys.enc
plugin-file-key-management-filek = told-to-nobody
skip-innodb-strict-mode
max_heap_table_size = 64M
innodb_encrypt_tables = ON
innodb_encrypt_log
"""
_IN_NUMBERS = 'settings={"max_allowed_packet": 67108864, "log_warnings": 2, "old_passwords": False}'
_CHECKS = """
for name, value in {
    "innodb_page_size": 8192,
    "lower_case_table_names": 1,
    "character_set_server": "latin1",
    "sql_mode": "STRICT_ALL_TABLES,NO_ZERO_DATE",
    "innodb_encrypt_log": 1,
    "event_scheduler": "OFF",
    "skip_networking": 1,
    "innodb_strict_mode": 0,
    "max_heap_table_size": 67108864,
}.items():
    db.check(name, f"SELECT @@{name}", equals=value)
encrypted = "FROM information_schema.innodb_tablespaces_encryption WHERE name = 'vault/secrets'"
db.check("encrypted", f"SELECT MIN(encryption_scheme) {encrypted}", equals=1)
db.check("plugin", "SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = 'SQL_ERROR_LOG'", equals=1)
db.check("keys are out of reach", "SELECT LOAD_FILE('/run/keys/keys') IS NULL", equals=1)
db.check(7, "SELECT 7", equals=7)
with drill.step("start", 5):
    pass
"""


def _dump(bench: Workbench, name: str, series: str = "10.11") -> Path:
    backup = bench.folder / f"{name}.sql"
    backup.write_text(_DUMP.format(series=series))
    return backup


@pytest.fixture(scope="module")
def drills(engine: docker.DockerClient, shared_bench: Workbench) -> dict[str, Future[Ran]]:
    """Carry out the drills of this module, two at a time."""
    del engine
    bench = shared_bench
    folder = bench.folder / "scenarios"
    folder.mkdir()
    (folder / "production.cnf").write_text(_CONFIG)
    sealing = ["openssl", "enc", "-aes-256-cbc", "-md", "sha1", "-pass", f"pass:{_PASSPHRASE}"]
    sealed = subprocess.run(sealing, input=f"1;{_KEY}\n".encode(), capture_output=True, check=True)
    (folder / "keys.enc").write_bytes(sealed.stdout)

    def restore(name: str, arguments: str, checks: str = "", series: str = "10.11") -> Path:
        backup = _dump(bench, name, series)
        body = f"db = drill.restore_mariadb(drill.backup({str(backup)!r}), {arguments})\n{checks}"
        return bench.scenario(body, name=name)

    scripts = {
        **{
            series: restore(
                f"vault_{series.replace('.', '_')}", f'config="production.cnf", {_IN_NUMBERS}', _CHECKS, series
            )
            for series in SERIES
        },
        "no config": restore("no_config", "name='db'"),
        "unknown": restore("unknown", 'settings={"no_such_setting": "s3cret"}'),
        "refused": restore("refused", 'settings={"sql_mode": "S3CRET"}'),
        "layout": restore("layout", 'settings={"innodb_data_file_path": "s3cret"}'),
        "plugin": restore("plugin", 'settings={"plugin_load_add": "ha_not_there;ha_nor_this"}'),
        "opened": restore("opened", 'settings={"skip-networking": "OFF"}'),
    }
    pool = ThreadPoolExecutor(2)
    return {
        name: pool.submit(bench.drtool, "run", script, "--profile", "fast", "--json", *_kept(name))
        for name, script in scripts.items()
    }


def _kept(name: str) -> list[str]:
    return ["--keep"] if name == "11.8" else []


@pytest.mark.parametrize("series", SERIES)
def test_encrypted_tables_come_back_under_productions_settings(drills: dict[str, Future[Ran]], series: str) -> None:
    ran = drills[series].result()
    assert ran.code == 0, ran
    record = ran.record
    assert not [found for found in record.findings if found.effect is not Effect.WARNING]
    assert record.sandbox is not None
    (container,) = record.sandbox.containers
    assert container.image.endswith(f"mariadb:{series}")
    assert container.config_file is not None
    assert container.config_file.endswith("/production.cnf")
    assert container.config_sha256 is not None
    assert container.settings["max_allowed_packet"] == "67108864"
    assert container.settings["old_passwords"] == "False"
    assert container.settings["plugin_load_add"] == "provider_none;sql_errlog;file_key_management"
    assert [told for told in record.deviations if told.endswith("does not have the plugin: the plugin provider_none")]


def _left_out(record: DrillRecord) -> str:
    return "\n".join(text for text in record.deviations if "of production.cnf these were not applied" in text)


def test_what_was_left_out_is_listed_with_reasons(drills: dict[str, Future[Ran]]) -> None:
    told = _left_out(drills["10.11"].result().record)
    for name in ("datadir", "bind_address", "event_scheduler", "init_file", "innodb_buffer_pool_size", "server_audit"):
        assert name in told
    assert "password" not in told


def test_keys_are_neither_in_evidence_nor_in_what_the_engine_tells(
    drills: dict[str, Future[Ran]], shared_bench: Workbench
) -> None:
    for drill in drills.values():
        drill.result()
    (container,) = shared_bench.containers()
    told = shared_bench.evidence() + json.dumps(container.attrs).encode() + container.logs()
    told += container.exec_run(["cat", "/proc/1/cmdline", "/proc/1/environ"]).output
    for secret in (_KEY, _PASSPHRASE):
        assert secret.encode() not in told
    shared_bench.clear_the_engine()


def test_encrypted_table_without_its_keys_says_what_is_missing(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["no config"].result()
    assert ran.code == 1, ran
    (found,) = ran.record.findings
    assert found.code == "table-options-refused"
    assert "config=" in found.mend


@pytest.mark.parametrize(
    ("name", "code", "named"),
    [
        ("unknown", "setting-unknown", "no_such_setting"),
        ("refused", "setting-refused", "sql_mode"),
        ("layout", "setting-refused", "innodb_data_file_path"),
        ("plugin", "plugin-missing", "ha_not_there, ha_nor_this"),
    ],
)
def test_setting_that_the_server_does_not_take_is_unverified_and_named_without_its_value(
    drills: dict[str, Future[Ran]], name: str, code: str, named: str
) -> None:
    ran = drills[name].result()
    assert ran.code == 3, ran
    (found,) = ran.record.findings
    assert found.code == code
    assert named in found.message
    assert "s3cret" not in (found.message + found.mend).lower()


def test_scenario_cannot_open_the_sandbox(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["opened"].result()
    assert ran.code == 3, ran
    (found,) = ran.record.findings
    assert found.code == "setting-of-the-sandbox"
    assert "skip_networking" in found.message
