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
        "max_heap_table_size=64M",
        "ft_stopword_file=",
        "innodb_ft_server_stopword_table=shop/stopwords",
        "innodb_ft_user_stopword_table=shop/stopwords",
        "innodb_ft_aux_table=shop/article",
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
        "ft_stopword_file=stopwords.txt",
        "ft_stopword_file=/etc/mysql/stopwords",
        "innodb_ft_server_stopword_table=/etc/mysql/stopwords",
        "innodb_ft_server_stopword_table=../stopwords",
        "skip-log-bin",
        "skip_name_resolve",
        "maximum-max-allowed-packet=1G",
        "strict_password_validation=OFF",
        "simple_password_check_minimal_length=12",
        "plugin_load_add=simple_password_check",
        "plugin_load_add=cracklib_password_check",
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


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("skip-innodb-strict-mode", "0"),
        ("disable_innodb_strict_mode", "0"),
        ("skip-innodb-strict-mode=OFF", "0"),
        ("skip-innodb-strict-mode=0", "1"),
        ("enable-innodb-strict-mode", "1"),
        ("enable-innodb-strict-mode=0", "0"),
        ("enable-innodb-strict-mode=OFF", "1"),
        ("plugin-innodb-strict-mode=0", "0"),
        ("innodb-strict-mode=0", "0"),
        ("innodb-strict-mode", "1"),  # of numbers too: a bare lower_case_table_names is 1
    ],
)
def test_prefix_of_a_name_is_understood_as_the_server_understands_it(tmp_path: Path, line: str, value: str) -> None:
    assert _chosen(tmp_path, line).applied == {"innodb_strict_mode": value}
    assert _chosen(tmp_path, f"loose-{line}").applied == {"loose_innodb_strict_mode": value}


@pytest.mark.parametrize("name", ["loose-skip-networking", "disable-skip_networking", "enable_local_infile"])
def test_no_spelling_of_the_scenario_opens_the_sandbox(tmp_path: Path, name: str) -> None:
    assert _chosen(tmp_path, name).applied == {}
    with pytest.raises(WrongUse) as caught:
        server_settings(None, "10.11", {name: "ON"}, tmp_path)
    assert caught.value.code == "setting-of-the-sandbox"


def test_option_that_is_spelled_in_two_ways_is_one_and_the_later_one_counts(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "innodb-strict-mode=ON", "skip-innodb-strict-mode", "loose-sql-mode=ANSI", sql_mode="")
    assert chosen.applied == {"innodb_strict_mode": "0", "sql_mode": ""}


def test_line_without_a_sign_is_told_of_by_its_first_word_alone(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "file_key_management_filekey dont-tell", "loose_ssl_passphrase: dont-tell")
    assert chosen.applied == {}
    told = {name for names in chosen.left_out.values() for name in names}
    assert told == {"file_key_management_filekey", "ssl_passphrase"}


def test_settings_of_the_scenario_win(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "sql_mode=ANSI", "max_allowed_packet=1M", max_allowed_packet="64M")
    assert chosen.applied == {"sql_mode": "ANSI", "max_allowed_packet": "64M"}


def test_plugins_are_gathered_and_a_path_is_refused(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "plugin_load_add=sql_errlog", "plugin-load-add=a=ha_archive.so;disks")
    assert chosen.applied == {"plugin_load_add": "sql_errlog;a=ha_archive.so;disks"}
    assert chosen.plugins == {"sql_errlog": True, "ha_archive": True, "disks": True}
    assert _chosen(tmp_path, "loose-plugin-load=disks").applied == {"plugin_load_add": "disks"}
    with pytest.raises(WrongUse):
        _chosen(tmp_path, "plugin_load_add=../../var/lib/mysql/evil")


def test_replication_that_the_server_has_within_it_is_no_missing_plugin(tmp_path: Path) -> None:
    chosen = _chosen(tmp_path, "plugin_load_add=semisync_master.so;disks")
    assert chosen.plugins == {"disks": True}
    assert "a sandbox takes no part in replication and writes no binary log" in chosen.left_out


def test_what_debian_loads_for_compression_may_be_missing_and_nothing_else(tmp_path: Path) -> None:
    lines = ("plugin_load_add=provider_lz4", "plugin_load_add=disks")
    assert _chosen(tmp_path, *lines).plugins == {"provider_lz4": False, "disks": True}


def test_plugin_that_is_loaded_loosely_may_be_missing_with_its_options(tmp_path: Path) -> None:
    lines = ("loose-plugin_load_add=file_key_management", "file_key_management_digest=sha256", "innodb_strict_mode=0")
    chosen = _chosen(tmp_path, "plugin_load_add=disks", *lines)
    assert chosen.plugins == {"disks": True, "file_key_management": False}
    assert set(chosen.applied) == {
        "loose_plugin_load_add", "loose_file_key_management_digest", "innodb_strict_mode",
    }  # fmt: skip
    twice = _chosen(tmp_path, *lines, "plugin_load_add=file_key_management")
    assert twice.plugins == {"file_key_management": True}
    assert "file_key_management_digest" in twice.applied


_ENCRYPTS = ("innodb_encrypt_tables=FORCE", "innodb_encrypt_log=ON", "aria_encrypt_tables=ON", "encrypt_binlog")


@pytest.mark.parametrize("keys", ["hashicorp_key_management", "aws_key_management"])
def test_settings_that_encrypt_stay_out_with_the_only_plugin_that_has_keys(tmp_path: Path, keys: str) -> None:
    chosen = _chosen(tmp_path, f"plugin_load_add={keys}", f"loose-{keys}-x=1", "sql_mode=", *_ENCRYPTS)
    assert chosen.applied == {"sql_mode": ""}
    (names,) = [names for reason, names in chosen.left_out.items() if "keys" in reason]
    assert names == ("innodb_encrypt_tables", "innodb_encrypt_log", "aria_encrypt_tables", "encrypt_binlog")
    with_file = _chosen(tmp_path, f"plugin_load_add={keys}", "plugin_load_add=file_key_management", *_ENCRYPTS)
    assert len(with_file.applied) == 1 + len(_ENCRYPTS)
    assert len(_chosen(tmp_path, *_ENCRYPTS).applied) == len(_ENCRYPTS)
    assert _chosen(tmp_path, f"plugin_load_add={keys}", innodb_encrypt_log="ON").applied == {"innodb_encrypt_log": "ON"}


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


_SPELLINGS = [
    "file_key_management_file{}",
    "file-key-management-file{}",
    "loose_file_key_management_file{}",
    "loose-file-key_management-file{}",
    "plugin-file-key-management-file{}",
    "loose-plugin-file-key-management-file{}",
]


@pytest.mark.parametrize("spelled", _SPELLINGS)
@pytest.mark.parametrize("ends", [("name", "key"), ("n", "k")], ids=["whole", "cut short"])
def test_no_spelling_takes_a_key_into_the_settings(tmp_path: Path, spelled: str, ends: tuple[str, str]) -> None:
    (tmp_path / "keys.enc").write_bytes(KEYS)
    name, key = (spelled.format(end) for end in ends)
    given = {name: "/etc/mysql/keys.enc", key: "dont-tell"}
    of_file = _chosen(tmp_path, *(f"{name}={value}" for name, value in given.items()))
    for chosen in (of_file, server_settings(None, "10.11", given, tmp_path)):
        assert chosen.files == {"keys": KEYS, "key-of-keys": b"dont-tell"}
        loose = "loose_" if spelled.startswith("loose") else ""
        assert chosen.applied == {
            f"{loose}file_key_management_filename": f"{KEYS_PATH}/keys",
            f"{loose}file_key_management_filekey": f"FILE:{KEYS_PATH}/key-of-keys",
        }
        assert "dont-tell" not in repr(chosen)


@pytest.mark.parametrize(
    "name", ["file_key_management_file", "file_key_management_f", "maximum_file_key_management_filekey"]
)
def test_name_of_which_nobody_knows_which_key_is_meant_is_left_out(tmp_path: Path, name: str) -> None:
    chosen = _chosen(tmp_path, f"{name}=dont-tell")
    assert (chosen.applied, chosen.files) == ({}, {})
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
