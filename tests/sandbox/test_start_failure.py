"""A server that does not start tells by its log which setting it did not take; values are not repeated."""

from __future__ import annotations

import pytest

from drtool.sandbox.start_failure import start_failure

# The last lines of MariaDB 10.5, 10.11 and 11.8.
_LOGS = {
    "setting-unknown": [
        "0 [Note] InnoDB: started.\n0 [ERROR] mariadbd: unknown variable 'foo-bar=secret'\n0 [ERROR] Aborting",
        "0 [ERROR] mariadbd: unknown option '--foo_bar'\n2026-11-25  1:19:59 0 [ERROR] Aborting",
        "0 [Warning] mariadbd: unknown variable 'loose-x=3'\n0 [ERROR] mariadbd: unknown option '--foo_bar'",
    ],
    "setting-refused": [
        "0 [ERROR] mariadbd: Error while setting value 'secret' to 'foo_bar'",
        "Unknown suffix 's' used for variable 'foo-bar' (value 'secret')\n0 [ERROR] mariadbd: Error while setting "
        "value 'secret' to 'foo-bar'\n0 [ERROR] mariadbd: unknown variable 'foo-bar=secret'\n0 [ERROR] Aborting",
    ],
}


@pytest.mark.parametrize(("code", "log"), [(code, log) for code, logs in _LOGS.items() for log in logs])
def test_setting_is_named_without_its_value(code: str, log: str) -> None:
    failure = start_failure(log, "its process ended by itself")
    assert failure.code == code
    assert "foo_bar" in failure.what
    assert "secret" not in str(failure)


def test_unknown_collation_is_told_from_an_unknown_setting() -> None:
    failure = start_failure("0 [ERROR] Unknown collation: 'utf8mb4_0900_ai_ci'\n0 [ERROR] Aborting", "ended")
    assert (failure.code, "collation" in failure.what) == ("setting-refused", True)


def test_collation_of_another_character_set_is_a_setting_that_is_refused() -> None:
    log = "0 [ERROR] COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'\n0 [ERROR] Aborting"
    failure = start_failure(log, "ended")
    assert (failure.code, "set for collation" in failure.what) == ("setting-refused", True)


_NO_INNODB = "0 [ERROR] Unknown/unsupported storage engine: InnoDB\n0 [ERROR] Aborting"


@pytest.mark.parametrize(
    ("log", "named"),
    [
        ("0 [ERROR] Unknown suffix 'O' used for variable 'lower_case_table_names' (value 'secret')\n0 [ERROR] x: "
         "Error while setting value 'secret' to 'lower_case_table_names'", "lower_case_table_names"),
        (f"0 [ERROR] InnoDB: Invalid page size=15360.\n{_NO_INNODB}", "innodb_page_size"),
        (f"0 [ERROR] mariadbd: Error while setting value 'secret' to 'innodb-checksum-algorithm'\n{_NO_INNODB}",
         "innodb_checksum_algorithm"),
        (f"0 [ERROR] InnoDB: syntax error\n0 [ERROR] InnoDB: Unable to parse innodb_data_file_path=secret\n"
         f"{_NO_INNODB}", "innodb_data_file_path"),
        ("0 [Warning] failed to retrieve the MAC address\nmariadbd: Character set 'secret' is not a compiled character "
         "set and is not specified in the '/usr/share/mysql/charsets/Index.xml' file\n0 [ERROR] Aborting",
         "character set"),
    ],
)  # fmt: skip
def test_value_of_what_data_is_laid_out_by_is_named_where_it_is_refused(log: str, named: str) -> None:
    failure = start_failure(log, "its process ended by itself")
    assert failure.code == "setting-refused"
    assert failure.what.endswith(f" for {named}")
    assert "secret" not in str(failure)


def test_warning_comes_last_where_nothing_is_called_an_error() -> None:
    warnings = "0 [Warning] failed to retrieve the MAC address\n0 [Note] starting"
    assert "no room" in start_failure(f"{warnings}\nmariadbd: no room\n0 [ERROR] Aborting", "ended").mend
    assert "MAC address" in start_failure(warnings, "ended").mend


def test_plugin_that_is_not_there_comes_before_what_needs_it() -> None:
    log = (
        "0 [ERROR] mariadbd: Can't open shared library '/usr/lib/mysql/plugin/ha_rocksdb.so' (errno: 2, cannot open "
        "shared object file: No such file or directory)\n0 [ERROR] Couldn't load plugins from 'ha_rocksdb.so'.\n"
        "0 [Note] InnoDB: started.\n0 [ERROR] Unknown/unsupported storage engine: rocksdb\n0 [ERROR] Aborting"
    )
    failure = start_failure(log, "its process ended by itself")
    assert (failure.code, "ha_rocksdb" in failure.what) == ("plugin-missing", True)
    others = log.replace("ha_rocksdb", "provider_lz4")
    assert "no plugin ha_rocksdb, provider_lz4" in start_failure(log + others + log, "ended").what
    without = "0 [ERROR] Unknown/unsupported storage engine: rocksdb\n0 [ERROR] Aborting"
    failure = start_failure(without, "its process ended by itself")
    assert (failure.code, "storage engine" in failure.what) == ("setting-refused", True)


def test_first_error_of_several_is_the_one_to_read() -> None:
    log = (
        "0 [ERROR] InnoDB: Data file './ibdata1' uses page size 16384, but the innodb_page_size start-up parameter is "
        "8192\n0 [ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.\n" + _NO_INNODB
    )
    failure = start_failure(log, "its process ended by itself")
    assert failure.code == "server-not-ready"
    assert "page size 16384" in failure.mend


def test_silent_server_is_said_to_have_been_silent() -> None:
    assert start_failure("", "no answer within 90 s").mend == "It said: nothing"
