"""Each error of the server that people meet is told in a sentence of its own, with what to do about it."""

from __future__ import annotations

import pytest

from drtool.backups.compression import Compression
from drtool.backups.recognise import Format, Recognised, recognise_content
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.errors.register import CODES
from drtool.restore.diagnosis import sql_failure
from drtool.restore.dump import in_its_own_series, target_database
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import PromisedTable, Promises
from drtool.restore.server_errors import refusal

NEAR = (
    "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the "
    "right syntax to use near"
)
# As servers of 10.5, 10.11 and 11.8 say them.
SAID: list[tuple[int, str, str, str, str]] = [
    (1118, "Row size too large (> 8126). Changing some columns to TEXT or BLOB may help.", "row-too-large",
     "larger than this server", "innodb_strict_mode"),
    (1118, "Row size too large. The maximum row size for the used table type, not counting BLOBs, is 65535. This",
     "row-too-large", "any server", "TEXT or BLOB"),
    (1005, 'Can\'t create table `shop`.`a1` (errno: 140 "Wrong create options")', "table-options-refused", ": shop.a1",
     "innodb_strict_mode"),
    (1005, 'Can\'t create table `shop`.`a6` (errno: 168 "Unknown (generic) error from engine")',
     "data-directory-missing", "DATA DIRECTORY", "Have the runbook make that folder"),
    (1, "Can't create/write to file '/srv/data/a7.MYD' (Errcode: 2 \"No such file or directory\")",
     "data-directory-missing", "DATA DIRECTORY", "owned by the server"),
    (1, "Can't create/write to file './crm/db.opt' (Errcode: 2 \"No such file or directory\")",
     "database-not-made", ": crm", "--database"),
    (1005, 'Can\'t create table `shop`.`b` (errno: 150 "Foreign key constraint is incorrectly formed")',
     "dump-does-not-load", "shop.b", "parent's table"),
    (1005, 'Can\'t create table `shop`.`b` (errno: 121 "Duplicate key on write or update")', "dump-does-not-load",
     "same name", "two dumps"),
    (1126, "Can't open shared library '/usr/lib/mysql/plugin/ha_x.so' (errno: 2, cannot open shared object file)",
     "plugin-missing", ": ha_x.so", "--image"),
    (1524, "Plugin 'pam' is not loaded", "plugin-missing", ": pam", "plugin_load_add"),
    (1911, "Unknown option 'COMPRESSION'", "mysql-feature", "COMPRESSION", "CREATE TABLE"),
    (1911, "Unknown option 'TABLE_TYPE'", "engine-missing", "CONNECT", "ha_connect"),
    (1273, "Unknown collation: 'utf8mb4_0900_ai_ci'", "collation-unknown", "MySQL 8", "11.4.5"),
    (1273, "Unknown collation: 'utf8mb4_uca1400_ai_ci'", "collation-unknown", "10.10", "version="),
    (1115, "Unknown character set: 'klingon'", "collation-unknown", "klingon", ""),
    (1709, "Index column size too large. The maximum column size is 767", "dump-does-not-load", "index", "DYNAMIC"),
    (1071, "Specified key was too long; max key length is 1000 bytes", "dump-does-not-load", "index", "DYNAMIC"),
    (1067, "Invalid default value for 'made'", "dump-does-not-load", ": made", "sql_mode"),
    (1426, "Too big precision specified for 'a'. Maximum is 6", "syntax-too-old", "TIMESTAMP(14)", "ENGINE="),
    (4161, "Unknown data type: 'vector'", "dump-does-not-load", ": vector", "version="),
    (4161, "Unknown data type: 'geography'", "mysql-feature", ": geography", ""),
    (1044, "Access denied for user 'app'@'%' to database 'a'", "dump-does-not-load", "without the right", "all rights"),
    (1227, "Access denied; you need (at least one of) the SUPER", "dump-does-not-load", "right", "definers"),
    (1418, "This function has none of DETERMINISTIC, NO SQL", "dump-does-not-load", "binary log", "log_bin_trust"),
    (1231, "Variable 'sql_mode' can't be set to the value of 'TIME_TRUNCATE_FRACTIONAL'", "dump-does-not-load",
     ": sql_mode", "version="),
    (1238, "Variable 'version' is a read only variable", "dump-does-not-load", ": version", "option file"),
    (1048, "Column 'city' cannot be null", "dump-does-not-load", ": city", "put NULL there"),
    (1364, "Field 'a' doesn't have a default value", "dump-does-not-load", ": a", "strict sql_mode"),
    (1452, "Cannot add or update a child row: a foreign key constraint fails (`shop`.`t12`, CONSTRAINT `x` FOREIGN KEY",
     "dump-does-not-load", ": shop.t12", "foreign_key_checks"),
    (4025, "CONSTRAINT `t15.a` failed for `shop`.`t15`", "dump-does-not-load", ": shop.t15", "check_constraint_checks"),
    (1290, "The MariaDB server is running with the --read-only option", "dump-does-not-load", "option", "no business"),
    (1100, "Table 'ids' was not locked with LOCK TABLES", "dump-does-not-load", "sequence", "--skip-add-locks"),
    (1046, "No database selected", "dump-does-not-load", "no database", "--database"),
    (1060, "Duplicate column name 'a'", "dump-does-not-load", ": a", "twice"),
    (1061, "Duplicate key name 'by_name'", "dump-does-not-load", ": by_name", "phpMyAdmin"),
    (1068, "Multiple primary key defined", "dump-does-not-load", "already", "two exports"),
    (1075, "Incorrect table definition; there can be only one auto column and it must be defined as a key",
     "dump-does-not-load", "AUTO_INCREMENT", "ENGINE="),
    (1091, "Can't DROP COLUMN `b`; check that it exists", "dump-does-not-load", ": b", "script of changes"),
    (1054, "Unknown column '0x' in 'VALUES'", "dump-does-not-load", "0x", "''"),
    (1074, "Column length too big for column 'a' (max = 16383); use BLOB or TEXT instead", "dump-does-not-load",
     "longer", "utf8mb4"),
    (1214, "The storage engine MEMORY doesn't support FULLTEXT indexes", "dump-does-not-load", "engine", "ENGINE="),
    (1291, "Column 'e' has duplicated value '?' in ENUM", "dump-does-not-load", "twice", "utf8mb4"),
    (1503, "A PRIMARY KEY must include all columns in the table's partitioning function", "dump-does-not-load",
     "partitioned", "version="),
    (167, "Out of range value for column 'a' at row 2", "dump-does-not-load", "AUTO_INCREMENT", "type"),
    (1267, "Illegal mix of collations (latin1_bin,EXPLICIT) and (utf8mb4_bin,EXPLICIT) for operation '='",
     "dump-does-not-load", "two collations", "config="),
    (1442, "Can't update table 't' in stored function/trigger because it is already used by statement which invoked",
     "dump-does-not-load", "trigger", "behind the rows"),
    (1128, "Function 'ngram' is not defined", "mysql-feature", ": ngram", "WITH PARSER"),
    (1128, "Function 'ha_x' is not defined", "plugin-missing", "library", "--image"),
    (1064, f"{NEAR} 'TYPE=MyISAM' at line 6", "syntax-too-old", "TYPE=", "ENGINE="),
    (1064, f"{NEAR} ' */' at line 1", "dump-does-not-load", "semicolon", "trigger"),
    (1064, f"{NEAR} '<font size='1'><table class='xdebug-error' at line 1", "dump-tool-failed", "message", ""),
    (1064, f"{NEAR} 'mysqldump: Couldn't execute 'show create table `x`' at line 1", "dump-tool-failed", "message", ""),
    (1064, f"{NEAR} '[dbo].[t]' at line 1", "format-unsupported", "SQL Server", "sqlcmd"),
    (1064, f"{NEAR} 'ONLY public.t' at line 1", "format-unsupported", "PostgreSQL", "psql"),
    (1064, f"{NEAR} '(lower(`name`)))' at line 4", "mysql-feature", "index on an expression", ""),
    (1064, f"{NEAR} 'DELIMITER ;;' at line 4", "dump-does-not-load", "DELIMITER", "line of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "message", "code", "what", "mend"), SAID)
def test_an_error_has_its_sentence_and_what_to_do(number: int, message: str, code: str, what: str, mend: str) -> None:
    failure = refusal(number, message, "at line 7 of the dump")
    assert isinstance(failure, Unverifiable) == (CODES[code].exit_class == "unverified")
    assert (failure.code, "at line 7" in failure.what, f"error {number}" in failure.why) == (code, True, True)
    assert what in f"{failure.what}: {failure.why}"
    assert mend in failure.mend
    assert "cut dump" not in str(failure)


def test_an_error_that_nobody_knows_is_told_by_its_number() -> None:
    failure = refusal(4999, "it holds 'jane@example.org'", "at line 7 of the dump", otherwise="Look there")
    assert (failure.code, failure.mend) == ("dump-does-not-load", "Look there")
    assert "jane" not in str(failure)


def of_system_tables(database: str) -> DrtoolError | None:
    complaint = "ERROR 1050 (42S01) at line 305: Table 'user' already exists"
    promised = Promises(tables={(database, "user"): PromisedTable(made=1)})
    return sql_failure(Outcome(finished=True, statuses={"sink": 1}, errors={"sink": [complaint]}, promised=promised))


def test_a_system_table_that_is_there_in_another_form_is_of_another_series() -> None:
    failure, own = of_system_tables("mysql"), of_system_tables("shop")
    assert failure
    assert own
    assert (failure.code, own.code) == ("system-tables-differ", "dump-does-not-load")
    missing = in_its_own_series(failure, "10.3", "10.5.29-MariaDB", None)
    assert isinstance(missing, Unverifiable)
    assert missing.code == "system-tables-of-another-series"
    for made_by, server, asked in (
        ("10.5", "10.5.29-MariaDB", None),
        ("10.3", "10.5.29-MariaDB", "10.5"),
        (None, "10.5.29", None),
    ):
        assert isinstance(in_its_own_series(failure, made_by, server, asked), RestoreFailed)


def test_a_dump_that_alters_its_database_goes_into_that_one() -> None:
    text = b"CREATE TABLE `t` (`id` int);\nALTER DATABASE `crm` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n"
    recognised = recognise_content(text, Compression.NONE)
    assert target_database(recognised, None) == "crm"
    assert target_database(recognised, "shop") == "shop"
    assert target_database(Recognised(format=Format.DUMP), None) == "restored"
