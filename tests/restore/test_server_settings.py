"""Of production's settings a restored server gets what the data needs; what would reach out stays out, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.errors import Unverifiable, WrongUse
from drtool.mariadb.option_file import OptionFile, read_option_file
from drtool.restore.server_settings import ServerSettings, server_settings
from drtool.sandbox.server import KEYS_PATH, SET_BY_THE_SANDBOX

KEYS = b"1;a7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a\n"


def _config(folder: Path, *lines: str) -> OptionFile:
    path = folder / "server.cnf"
    path.write_text("[mysqld]\n" + "\n".join(lines) + "\n")
    return read_option_file(path)


def _chosen(folder: Path, *lines: str, **settings: str) -> ServerSettings:
    return server_settings(_config(folder, *lines), "10.11", settings, folder)


@pytest.mark.parametrize(
    "line",
    [
        "lower_case_table_names=1",
        "character-set-server=latin1",
        "collation_server=latin1_german2_ci",
        "sql_mode=ANSI",
        "innodb-page-size=8k",
        "innodb_encrypt_tables=FORCE",
        "aria_encrypt_tables=ON",
        "max_allowed_packet=1G",
        "default_time_zone=+02:00",
        "innodb_ft_min_token_size=2",
        "explicit_defaults_for_timestamp=OFF",
        "loose_system_versioning_insert_history=ON",
    ],
)
def test_what_the_data_needs_is_applied(tmp_path: Path, line: str) -> None:
    name, _, value = line.partition("=")
    chosen = _chosen(tmp_path, line)
    assert chosen.applied == {name.replace("-", "_"): value}
    assert chosen.left_out == {}
    assert not chosen.defaults


@pytest.mark.parametrize("name", sorted(SET_BY_THE_SANDBOX))
def test_no_file_and_no_scenario_opens_the_sandbox(tmp_path: Path, name: str) -> None:
    assert _chosen(tmp_path, f"{name}=ON").applied == {}
    with pytest.raises(WrongUse) as caught:
        server_settings(None, "10.11", {name.replace("_", "-"): "ON"}, tmp_path)
    assert caught.value.code == "setting-of-the-sandbox"


@pytest.mark.parametrize(
    "line",
    [
        "bind-address=0.0.0.0",
        "init_file=/etc/mysql/init.sql",
        "init_connect='INSERT INTO audit.seen VALUES (USER())'",
        "plugin_dir=/srv/plugins",
        "log_error=/var/log/mysql/error.log",
        "general_log_file=/var/log/mysql/all.log",
        "slow_query_log=ON",
        "log-bin=/var/log/mysql/bin",
        "server_id=7",
        "wsrep_cluster_address=gcomm://db1,db2",
        "ssl_key=/etc/mysql/key.pem",
        "server_audit_logging=ON",
        "plugin_load_add=server_audit",
        "plugin_load_add=hashicorp_key_management",
        "innodb_data_file_path=/dev/sdb1:1Graw",
        "innodb_buffer_pool_size=64G",
        "default_time_zone=Europe/Berlin",
        "user=mysql",
        "no_such_setting=1",
    ],
)
def test_all_else_is_left_out_and_named_with_a_reason(tmp_path: Path, line: str) -> None:
    chosen = _chosen(tmp_path, line)
    assert chosen.applied == {}
    ((reason, names),) = chosen.left_out.items()
    assert len(reason) > 20
    told = line.partition("=")[0].replace("-", "_")
    assert names == ((f"the plugin {line.partition('=')[2]}",) if told == "plugin_load_add" else (told,))


def test_settings_of_the_scenario_win(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "sql_mode=ANSI", "max_allowed_packet=1M", max_allowed_packet="64M")
    assert chosen.applied == {"sql_mode": "ANSI", "max_allowed_packet": "64M"}


def test_plugins_are_gathered_and_a_path_is_refused(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "plugin_load_add=sql_errlog", "plugin-load-add=a=ha_archive.so;disks")
    assert chosen.applied == {"plugin_load_add": "sql_errlog;a=ha_archive.so;disks"}
    assert chosen.plugins == ("sql_errlog", "ha_archive", "disks")
    with pytest.raises(WrongUse):
        _chosen(tmp_path, "plugin_load_add=../../var/lib/mysql/evil")


def test_keys_go_into_memory_and_neither_they_nor_their_own_key_among_the_settings(tmp_path: Path) -> None:
    (tmp_path / "keys.enc").write_bytes(KEYS)
    chosen = _chosen(
        tmp_path, "file_key_management_filename=/etc/mysql/encryption/keys.enc", "file_key_management_filekey=dont-tell"
    )
    assert chosen.applied == {
        "file_key_management_filename": f"{KEYS_PATH}/keys",
        "file_key_management_filekey": f"FILE:{KEYS_PATH}/key-of-keys",
    }
    assert chosen.files == {"keys": KEYS, "key-of-keys": b"dont-tell"}
    assert "a7addd9" not in repr(chosen)
    assert "dont-tell" not in repr(chosen)


def test_key_file_beside_the_option_file_comes_before_the_one_at_productions_path(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc" / "keys"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(b"this machine's")
    line = f"file_key_management_filename={elsewhere}"
    assert _chosen(tmp_path, line).files == {"keys": b"this machine's"}
    (tmp_path / "keys").write_bytes(KEYS)
    assert _chosen(tmp_path, line).files == {"keys": KEYS}


def test_missing_key_file_is_unverifiable_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(Unverifiable) as caught:
        _chosen(tmp_path, "file_key_management_filename=/etc/mysql/keys")
    assert caught.value.code == "key-file-missing"
