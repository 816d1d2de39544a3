"""What is read off a dump's stream: its tables, their engines and rows, and how it ends."""

from __future__ import annotations

import pytest

from drtool.restore.pipeline import Outcome, take_fact
from drtool.restore.promises import PromisedTable, Promises
from tests.restore.clients_rules import run_perl

_BY = "DEFINER=`a`@`%`"
_OPENS, _CLOSES = "DELIMITER ;;\n", " ;;\nDELIMITER ;\n"
_ZERO = "NO_AUTO_VALUE_ON_ZERO"
_HEAD = "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for Linux (x86_64)\n--\n-- Host: localhost    Database: shop\n"
_TABLE = (
    "CREATE TABLE `t` (\n  `a` int(11) COMMENT ') ENGINE=CSV',\n  `b` text\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
)
_END = "\n-- Dump completed on 2026-11-24 21:53:24\n"


def read(sql: str | bytes) -> Outcome:
    outcome = Outcome()
    given = sql.encode() if isinstance(sql, str) else sql
    for line in (
        run_perl(("statements.pl", "session.pl", "promises.pl"), "main::promises();", given).decode().splitlines()
    ):
        name, _, rest = line.partition(" ")
        take_fact(outcome, name, rest)
    return outcome


def promised(sql: str) -> Promises:
    return read(sql).promised


def rows_of_t(sql: str) -> int | None:
    return promised(_TABLE + sql).tables["", "t"].rows


class TestTables:
    @pytest.mark.parametrize(
        ("part", "passed_over"),
        [
            ("/*!80023 INVISIBLE */", "INVISIBLE"),
            ("/*!80016 ENCRYPTION='Y' */", "ENCRYPTION=Y"),
            ("/*!80016 ENCRYPTION='N' */", ""),
            ("COMMENT 'it''s /*!80023 INVISIBLE */'", ""),
            ("/*M!100300 INVISIBLE */", ""),
            ("/*!50606 STORAGE DISK */", ""),
        ],
    )
    def test_what_mariadb_passes_over_of_a_table_is_told(self, part: str, passed_over: str) -> None:
        told = promised(f"CREATE TABLE `t` (\n  `a` int {part}\n);\n").passed_over
        assert told == ({passed_over: {("", "t")}} if passed_over else {})

    def test_a_table_has_the_engine_behind_its_columns_and_the_rows_that_were_sent(self) -> None:
        dump = f"USE `shop`;\n{_TABLE}INSERT INTO `t` VALUES (1,'a'),(2,'b');\nINSERT INTO `t` VALUES (3,'c');\n"
        assert promised(dump).tables == {
            ("shop", "t"): PromisedTable(made=1, rows=3, engine="InnoDB", stays=True, filled=True)
        }

    @pytest.mark.parametrize(
        ("options", "engine"),
        [
            ("ENGINE=Aria TRANSACTIONAL=1", "Aria"),
            ("ENGINE = MyISAM", "MyISAM"),
            ("TYPE=MyISAM", "MyISAM"),
            ("", ""),
            ("AUTO_INCREMENT=5 COMMENT='x ENGINE=CSV' ENGINE=ARCHIVE", "ARCHIVE"),
            ("ENGINE=InnoDB PARTITION BY HASH (a) (PARTITION p ENGINE = Aria)", "InnoDB"),
            ("/*!50100 ENGINE=CSV */", "CSV"),
            ("engine innodb", "innodb"),
        ],
    )
    def test_the_engine_is_that_of_the_tables_options(self, options: str, engine: str) -> None:
        table = promised(f"CREATE TABLE `t` (`a` enum('ENGINE=x',')') CHECK (a in ('(','b'))) {options};").tables[
            "", "t"
        ]
        assert table.engine == engine

    def test_a_table_that_is_changed_has_the_engine_that_it_is_changed_to(self) -> None:
        told = promised(f"{_TABLE}INSERT INTO t VALUES (1,'a');\nALTER TABLE `t` ENGINE=Aria;\n").tables["", "t"]
        assert (told.engine, told.rows) == ("Aria", 1)

    def test_a_table_that_is_replaced_has_the_rows_that_come_behind_it(self) -> None:
        again = _TABLE.replace("CREATE TABLE", "CREATE OR REPLACE TABLE")
        assert promised(f"{_TABLE}INSERT INTO t VALUES (1,'a'),(2,'b');\n{again}").tables["", "t"].rows == 0

    def test_system_versioned_tables_are_known(self) -> None:
        assert promised("CREATE TABLE t (a INT) ENGINE=InnoDB WITH SYSTEM VERSIONING;").tables["", "t"].versioned
        assert not promised("CREATE TABLE t (a INT COMMENT 'WITH SYSTEM VERSIONING');").tables["", "t"].versioned

    @pytest.mark.parametrize(
        "statement",
        ["DROP TABLE `t`", "DROP TABLE IF EXISTS u, `t`", "/*!50001 DROP TABLE IF EXISTS `t`*/", "DROP DATABASE ``"],
    )
    def test_a_table_that_is_dropped_does_not_stay(self, statement: str) -> None:
        table = promised(f"{_TABLE}INSERT INTO t VALUES (1,'a');\n{statement};\n").tables["", "t"]
        assert (table.stays, table.rows) == (statement == "DROP DATABASE ``" and table.stays, table.rows)
        again = promised(
            f"{_TABLE}INSERT INTO t VALUES (1,'a');\n{statement};\n{_TABLE}INSERT INTO t VALUES (2,'b');\n"
        )
        assert again.tables["", "t"].made == 2

    def test_tables_of_a_dropped_database_are_gone_and_those_of_others_stay(self) -> None:
        tables = promised(f"USE a;\n{_TABLE}USE ab;\n{_TABLE}DROP DATABASE IF EXISTS `a`;\n").tables
        assert {named: table.stays for named, table in tables.items()} == {("a", "t"): False, ("ab", "t"): True}

    @pytest.mark.parametrize("name", ["a`b", "a.b", "a\tb", "ä", "a\\b", "a b", "-", "select"])
    def test_a_name_may_be_anything(self, name: str) -> None:
        quoted = "`" + name.replace("`", "``") + "`"
        sql = f"USE {quoted};\nCREATE TABLE {quoted} (a INT);\nINSERT INTO {quoted} VALUES (1);\n"
        assert {named: table.rows for named, table in promised(sql).tables.items()} == {(name, name): 1}


_BY = "DEFINER=`a`@`%`"
_OPENS, _CLOSES = "DELIMITER ;;\n", " ;;\nDELIMITER ;\n"
_ZERO = "NO_AUTO_VALUE_ON_ZERO"
_HEAD = "-- MariaDB dump 10.19  Distrib 10.11.16-MariaDB, for debian-linux-gnu (x86_64)\n"


@pytest.mark.parametrize(
    ("sql", "gone", "hollow"),
    [
        (f"/*!50003 DROP PROCEDURE IF EXISTS `p` */;\n{_OPENS}CREATE PROCEDURE `p`() DO 1{_CLOSES}", [], 0),
        (f"/*!50003 DROP PROCEDURE IF EXISTS `p` */;\n{_OPENS}DELETE FROM t{_CLOSES}", ["procedure p"], 1),
        ("/*!50106 DROP EVENT IF EXISTS `a b` */;\n", ["event a b"], 0),
        (f"{_OPENS}/*!50003 CREATE*/ /*!50017 {_BY}*/ /*!50003 TRIGGER r BEFORE INSERT ON t DO 1*/{_CLOSES}", [], 0),
        (f"{_OPENS}DELIMITER ;\n", [], 1),
        (f"{_OPENS}INSERT INTO t VALUES (1){_CLOSES}DROP PROCEDURE q;\n", [], 0),
        ("DELIMITER ;\n", [], 0),
        (f"USE s;\nDROP FUNCTION IF EXISTS f;\nUSE t;\nCREATE {_BY} FUNCTION `f`() RETURNS INT RETURN 1;\n",
         ["function s.f"], 0),
        (f"DROP PACKAGE IF EXISTS k;\n{_OPENS}CREATE {_BY} PACKAGE `k` AS PROCEDURE p; END{_CLOSES}", [], 0),
        (f"-- Dump completed\nDROP PROCEDURE IF EXISTS old;\n{_OPENS}DELIMITER ;\n", [], 0),
    ],
)  # fmt: skip
def test_definitions_that_are_dropped_or_begun_and_not_made_are_told(sql: str, gone: list[str], hollow: int) -> None:
    told = promised(_HEAD + sql)
    assert (sorted(told.gone), told.hollow) == (gone, hollow)
    assert (promised(sql).gone, promised(sql).hollow) == (set(), 0)  # by people


@pytest.mark.parametrize(
    ("sets", "zero"),
    [
        ("", True),
        ("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;", False),
        ("SET SQL_MODE='no_auto_value_on_zero'; SET @a=@@sql_mode; SET sql_mode=''; SET sql_mode=@a;", False),
        (f"SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='{_ZERO}'; SET SESSION SQL_MODE=@OLD_SQL_MODE;", True),
        (f"SET @OLD_SQL_MODE='{_ZERO}', SQL_MODE='{_ZERO}'; SET SQL_MODE=@OLD_SQL_MODE;", False),
        ("SET GLOBAL sql_mode='NO_AUTO_VALUE_ON_ZERO';", True),
        ("SET sql_mode=CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');", False),
        (f"SET SESSION sql_mode='{_ZERO}'; SET sql_mode=(SELECT REPLACE(@@sql_mode,'STRICT_ALL_TABLES',''));", False),
        ("SET sql_mode='NO_AUTO_VALUE_ON_ZERO'; SET sql_mode=DEFAULT;", True),
    ],
)  # fmt: skip
def test_a_first_row_with_a_zero_is_told_where_the_session_takes_it_for_the_next_number(sets: str, zero: bool) -> None:
    rows = "INSERT INTO `t` VALUES (0,'a'),(5,'b');\nINSERT INTO u (`id`) VALUES ('0');\nINSERT INTO v VALUES (01),(0);"
    tables = promised(f"{sets}\n{rows}").tables
    assert {name: table.zero for (_, name), table in tables.items()} == {"t": zero, "u": zero, "v": False}


_STANDS_IN = "CREATE TABLE `v` (\n  `a` int(11)\n);\n"
_PHP = "-- phpMyAdmin SQL Dump\n"


@pytest.mark.parametrize(
    ("sql", "announced"),
    [
        ("DROP VIEW IF EXISTS `v`;\n" + _STANDS_IN, True),
        ("/*!50001 DROP VIEW IF EXISTS `v`*/;\n" + _STANDS_IN, True),
        (_STANDS_IN, False),
        (_STANDS_IN + "DROP TABLE IF EXISTS `v`;\n", True),
        (
            _STANDS_IN + "DROP TABLE IF EXISTS `v`;\nCREATE ALGORITHM=MERGE DEFINER=`a`@`%` VIEW `v` AS SELECT 1;\n",
            False,
        ),
        (_STANDS_IN + "DROP TABLE IF EXISTS `v`;\n" + _STANDS_IN, False),
        (_STANDS_IN + "INSERT INTO `v` VALUES (1);\nDROP TABLE `v`;\n", False),
        (_STANDS_IN.replace("(11)", "(11) KEY") + "DROP TABLE `v`;\n", False),
        (_PHP + _STANDS_IN.replace("  `a`", "`a`"), True),
        (_PHP + _STANDS_IN, False),
        ("# Dump of view v\n", True),
        ("/*View structure for view v */\n", True),
        ("# Dump of table v\n" + _STANDS_IN, False),
    ],
)
def test_tables_that_stand_in_for_views_announce_them_whatever_tool_writes_them(sql: str, announced: bool) -> None:
    assert promised(sql).announced == ({("", "v")} if announced else set())


@pytest.mark.parametrize("tool", ["MySQL dump by script", "MariaDB dump of the shop"])
def test_a_header_in_the_words_of_another_tool_is_none_of_mysqldumps(tool: str) -> None:
    assert promised(f"-- {tool}\n{_TABLE}").dumps_begun == 0
    assert promised(f"-- {tool.split()[0]} dump 10.13  Distrib 8.0.36\n{_TABLE}").dumps_begun == 1


_AGAIN = "CREATE TABLE IF NOT EXISTS `t` (`a` int);\nINSERT INTO `t` VALUES (1);\n"


@pytest.mark.parametrize(
    ("sql", "twice"),
    [
        (_HEAD + _AGAIN + _END + _HEAD + _AGAIN, True),
        (_HEAD + _AGAIN + _END + _HEAD + "DROP TABLE `t`;\n" + _AGAIN, False),
        (_AGAIN + "INSERT INTO `u` VALUES (1);\n" + _AGAIN, True),
        (_AGAIN + _AGAIN, False),  # by a tool that writes rows in parts
        (_HEAD + _AGAIN + _END + _HEAD + _AGAIN + "ALTER TABLE `t` ADD PRIMARY KEY (`a`);\n", False),
        ((_HEAD + _AGAIN + _END).replace("int)", "int UNIQUE)") * 2, False),
        ((_HEAD + _AGAIN + _END).replace("int)", "int COMMENT 'UNIQUE')") * 2, True),
        (_HEAD + _AGAIN + _END + _HEAD + _AGAIN.splitlines(keepends=True)[0], False),
    ],
)
def test_rows_that_come_twice_where_no_key_refuses_them_are_told(sql: str, twice: bool) -> None:
    assert promised(sql).tables["", "t"].twice is twice


@pytest.mark.parametrize(
    ("sql", "torn"),
    [
        ("CREATE TRIGGER `r` AFTER INSERT ON `t` FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END ;;\n", 1),
        ("CREATE TRIGGER `r` AFTER INSERT ON `t` FOR EACH ROW BEGIN END;\n", 0),
        ("CREATE PROCEDURE `p`() BEGIN NOT ATOMIC SELECT 1; END;\n", 1),
        (f"{_OPENS}CREATE PROCEDURE `p`() BEGIN SELECT 1; END{_CLOSES}", 0),
        ("CREATE TRIGGER `r` AFTER INSERT ON `t` FOR EACH ROW SET @a = 'BEGIN; x';\n", 1),  # a parse error alone asks
        ("CREATE TABLE `event` (`begin` int);\n", 0),
        ("SELECT 'CREATE TRIGGER BEGIN';\n", 0),
    ],
)
def test_blocks_that_end_at_their_first_semicolon_are_counted(sql: str, torn: int) -> None:
    assert promised(_TABLE + sql).torn == torn


@pytest.mark.parametrize(
    ("sql", "unbroken"),
    [
        ((_HEAD + _TABLE + _END).replace("\n", "\r"), True),
        ((_HEAD + "SET @OLD_A=@@A;" + "-" * 900 + _TABLE + _END).replace("\n", ""), True),
        ((_HEAD + _TABLE + _END).replace("\n", "\r\n"), False),
        (f"{_HEAD}-- a\rb\n{_TABLE}", False),
        ("-- " + "x" * 5000 + "\n", False),
        (f"{_HEAD}-- a\rb\nCREATE USER `a`@`%`;\n", False),
    ],
)
def test_a_dump_that_is_one_line_is_told(sql: str, unbroken: bool) -> None:
    assert promised(sql).unbroken is unbroken


def test_tables_of_which_two_foreign_keys_have_one_name_are_counted() -> None:
    key, other = (f"CONSTRAINT `{name}` FOREIGN KEY (`a`) REFERENCES `t` (`a`)" for name in ("k", "l"))
    assert promised(f"CREATE TABLE `u` (`a` int, {key}, {other});\n").doubled == 0
    assert promised(f"CREATE TABLE `u` (`a` int, {key}, {key});\n").doubled == 1


@pytest.mark.parametrize(
    ("sql", "nulls"),
    [
        ("INSERT INTO t VALUES ('\0\0a');", True),
        ("INSERT INTO t VALUES ('\\0a');", False),
        (f"INSERT INTO t VALUES ('{'x' * ((1 << 20) - 26)}\0", False),
        (f"INSERT INTO t VALUES ('{'x' * ((1 << 20) - 26)}\0');", True),
        ("SELECT 1;\n" + "\0" * 5000, False),
        ("SELECT 1;\n" + "\0" * 5000 + "\n", False),
    ],
    ids=["inside", "as text", "at an end", "over two parts", "behind all", "behind all, and a line's end"],
)
def test_zeros_are_told_where_something_stands_behind_them(sql: str, nulls: bool) -> None:
    assert promised(sql).nulls is nulls


class TestRows:
    @pytest.mark.parametrize(
        ("sql", "rows"),
        [
            ("", 0),
            ("INSERT INTO t (b,a) VALUES ('x',1),('y',2);", 2),
            ("INSERT INTO t VALUES (1,'a');\n" * 7, 7),
            ("INSERT t VALUES (1,'a');", 1),
            ("insert low_priority into `t` value (1,'a');", 1),
            ("LOCK TABLES `t` WRITE;\nINSERT INTO `t` VALUES\n(1,'a'),\n(2,'b');\nUNLOCK TABLES;\n", 2),
            ("ALTER TABLE `t` ADD PRIMARY KEY (`a`);INSERT INTO t VALUES (1,'DELETE FROM t;');", 1),
            ("DELIMITER ;;\nCREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN CALL p(); END;;\nDELIMITER ;\n", 0),
            ("SET sql_mode='NO_BACKSLASH_ESCAPES';\nINSERT INTO t VALUES (1,'\\\\'),(2,'a'),(3,'\\\\');\n", 3),
            ("INSERT  IGNORE INTO t VALUES (1,'a');\nINSERT  IGNORE INTO t VALUES (2,'b'),(3,'c');\n", 3),
            ("REPLACE INTO t VALUES (1,'a');\nREPLACE INTO t VALUES (2,'b');\n", 2),
            ("INSERT INTO t VALUES (1,'a') ON DUPLICATE KEY UPDATE b=VALUES(b);\n" * 3, 3),
        ],
    )
    def test_rows_are_those_that_were_sent(self, sql: str, rows: int) -> None:
        assert rows_of_t(sql) == rows
        assert not promised(_TABLE + sql).uncounted

    def test_rows_that_the_server_chooses_among_are_told_to_be_such(self) -> None:
        tables = promised(_TABLE + "REPLACE INTO t VALUES (1,'a');\nINSERT INTO u VALUES (1);\n").tables
        assert {name: table.chosen for (_, name), table in tables.items()} == {"t": True, "u": False}

    @pytest.mark.parametrize(
        ("words", "again"),
        [("REPLACE INTO t", "REPLACE INTO t"), ("INSERT IGNORE INTO t", "INSERT INTO t")],
        ids=["later", "in other words"],
    )
    def test_rows_that_may_be_the_same_ones_again_are_not_counted(self, words: str, again: str) -> None:
        between = "INSERT INTO u VALUES (1);" if words == again else ""
        assert rows_of_t(f"{words} VALUES (1,'a');{between}{again} VALUES (1,'b');") is None

    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT IGNORE INTO t VALUES (1,'a');",
            "REPLACE INTO t VALUES (1,'a');",
            "INSERT INTO t SELECT 1,'a';",
            "INSERT INTO t VALUES (1,'a') ON DUPLICATE KEY UPDATE b='c';",
            "DELETE FROM `t` WHERE a=1;",
            "TRUNCATE TABLE t;",
            "INSERT INTO t VALUES (1,'a') -- and\n,(2,'b');",
            "INSERT INTO t SET a=1;",
            "UPDATE t SET a=1;",
            "LOAD DATA INFILE 'x' INTO TABLE `t`;",
            "ALTER TABLE t DROP PARTITION p;",
            "ALTER TABLE `t` RENAME TO u;",
        ],
    )
    def test_where_statements_may_leave_out_or_remove_rows_they_are_not_counted(self, sql: str) -> None:
        told = promised(f"{_TABLE}INSERT INTO t VALUES (9,'z');{sql}")
        assert told.tables["", "t"].rows is None or told.uncounted

    @pytest.mark.parametrize(
        "sql", ["CALL p();", "EXECUTE s;", "RENAME TABLE t TO u;", "HANDLER t OPEN;", "XA END 'x';"]
    )
    def test_statements_that_may_do_anything_are_told(self, sql: str) -> None:
        assert promised(_TABLE + sql).uncounted

    @pytest.mark.parametrize(
        "sql",
        [
            "SET NAMES utf8mb4;",
            "/*!80000 SET SESSION x=1 */;",
            "/*!40000 ALTER TABLE `t` DISABLE KEYS */;",
            "COMMIT;",
            "START TRANSACTION;",
            "GRANT ALL ON *.* TO a;",
            "CREATE VIEW v AS SELECT 1;",
            "DROP VIEW v;",
            "SELECT SETVAL(s,1);",
            "ALTER DATABASE `shop` CHARACTER SET utf8mb4;",
            "CREATE USER a;",
            "/*!50001 DROP VIEW IF EXISTS `v`*/;",
            "ALTER TABLE `t` ADD KEY (a), MODIFY a INT AUTO_INCREMENT;",
            "CHANGE MASTER TO MASTER_HOST='x';",
            "BEGIN;",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a);",
            ";",
            "DROP TRIGGER r;",
            "DO SETVAL(s,2);",
        ],
    )
    def test_what_dumps_have_besides_takes_no_rows_away(self, sql: str) -> None:
        told = promised(f"{_TABLE}INSERT INTO t VALUES (1,'a');\n{sql}")
        assert (told.tables["", "t"].rows, told.uncounted) == (1, False)


class TestSettings:
    def test_the_sessions_character_sets_and_modes_are_told(self) -> None:
        told = promised(
            "/*!40101 SET NAMES utf8mb4 */;SET SQL_MODE='ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO';SET NAMES 'latin1';"
        )
        assert (told.character_sets, told.sql_modes) == ({"utf8mb4", "latin1"}, {"ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO"})

    @pytest.mark.parametrize(
        ("sql", "gtid"),
        [
            ("SET GLOBAL gtid_slave_pos='0-1-5';", "0-1-5"),
            ("-- SET GLOBAL gtid_slave_pos='0-1-6';", "0-1-6"),
            ("", None),
            ("SET GLOBAL gtid_slave_pos='x';", None),
            ("SELECT 'SET GLOBAL gtid_slave_pos=0-1-7';", None),
        ],
    )
    def test_the_position_for_a_replica_is_told(self, sql: str, gtid: str | None) -> None:
        assert promised(_HEAD + sql + _END).gtid == gtid


class TestMessages:
    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ("mysqldump: Got error: 1045: Access denied when trying to connect\n", (1, 1)),
            ("/usr/bin/mariadb-dump: Couldn't execute 'SHOW CREATE TABLE `v`': gone (1146)\n", (1, 1)),
            ("mysqldump: [Warning] Using a password on the command line interface can be insecure.\n", (1, 0)),
            ("-- mysqldump: Got error: as a comment\n", (0, 1)),
            ("", (0, 0)),
            ("INSERT INTO t VALUES (1,'mysqldump: Got error: 1045: in a ticket\\n');\n", (0, 0)),
            ("INSERT INTO t VALUES (1,'amysqldump: Got error: 1045: Access denied\nb');\n", (0, 1)),
        ],
    )
    def test_what_a_tool_says_to_its_user_is_found_where_it_stands(self, message: str, told: tuple[int, int]) -> None:
        found = promised(f"{_HEAD}{_TABLE}{message}{_TABLE}{_END}")
        assert (found.messages, found.in_between) == told


class TestEnd:
    def test_a_dump_that_is_cut_anywhere_is_never_whole(self) -> None:
        rows = ",".join(f"({n},'it''s; -- Dump completed on 2026-11-24 21:53:24 \\' {n}')" for n in range(40))
        whole = (
            f"{_HEAD}{_TABLE}LOCK TABLES `t` WRITE;\nINSERT INTO `t` VALUES {rows};\nUNLOCK TABLES;\n{_END}".encode()
        )
        assert read(whole).end == "complete"
        for kept in range(1, len(whole.rstrip()) - len("on 2026-11-24 21:53:24") - 1, 13):
            assert read(whole[:kept]).end != "complete", kept

    @pytest.mark.parametrize(
        ("tail", "left_open", "filling"),
        [
            ("INSERT INTO `t` VALUES (1,'a'),(2,'b", "string", ("", "t")),
            ("INSERT INTO d.t VALUES (1,'a'),(2", "statement", ("d", "t")),
            ("CREATE TABLE x (", "statement", None),
            ("/* so", "comment", None),
            ("SELECT 1;", "", None),
        ],
    )
    def test_what_is_left_open_is_told(self, tail: str, left_open: str, filling: tuple[str, str] | None) -> None:
        told = promised(_TABLE + tail)
        assert (told.open, told.filling) == (left_open, filling)


class TestDatabases:
    @pytest.mark.parametrize(
        ("dumps", "mixed"),
        [
            ([("a", ""), ("b", "")], {"a", "b"}),
            ([("a", ""), ("b", ""), ("a", "")], {"a", "b"}),
            ([("a", "USE `a`;"), ("b", "")], {"a", "b"}),
            ([("a", "USE `a`;"), ("a", "")], set()),
            ([("a", "USE `a`;"), ("b", "USE `b`;")], set()),
            ([("a", ""), ("b", "USE `b`;")], set()),
            ([("a", ""), ("a", "")], set()),
            ([("a", "")], set()),
            ([("", "USE `a`;\nCREATE TABLE `b` (a INT);\nUSE `c`;")], set()),
        ],
    )
    def test_dumps_of_several_databases_that_go_into_one_are_told(
        self, dumps: list[tuple[str, str]], mixed: set[str]
    ) -> None:
        head = "-- MariaDB dump 10.19\n--\n-- Host: localhost    Database: {}\n{}\n"
        sql = "".join(head.format(*one) + _TABLE + _END for one in dumps)
        assert promised(sql).mixed == mixed


class TestLettersThatHideSigns:
    @pytest.mark.parametrize("charset", ["big5", "gbk", "cp932", "shift_jis"])
    def test_backslashes_that_are_half_a_letter_are_told(self, charset: str) -> None:
        letter = next(one for one in map(chr, range(0x4E00, 0x9FA5)) if one.encode(charset, "ignore")[1:] == b"\\")
        assert read(f"INSERT INTO t VALUES ('{letter}');\n".encode(charset)).promised.hides

    @pytest.mark.parametrize(
        "rows",
        [
            "('Müller\\'s')".encode(), "('Müller')".encode("latin-1"), b"(_binary '\xe4\\'')", b"('C:\\\\')",
            "('ソ\\'')".encode() * 200_000,
        ],
        ids=["UTF-8", "latin1", "blob", "ASCII", "UTF-8 in several parts"],
    )  # fmt: skip
    def test_others_are_not(self, rows: bytes) -> None:
        assert not read(b"INSERT INTO t VALUES " + rows + b";\n").promised.hides

    def test_one_that_is_named_first_is_read_as_that(self) -> None:
        named = b"SET NAMES cp932;\n" + b"SELECT 1;\n" * 150_000
        assert not read(named + "INSERT INTO t VALUES ('ソ');\n".encode("cp932")).promised.hides


def test_a_table_that_two_files_make_has_no_number_of_rows() -> None:
    made, more = PromisedTable(made=1, rows=3), PromisedTable(rows=2, filled=True)
    assert made.joined(more).rows == 5
    assert made.joined(made).rows is None


@pytest.mark.parametrize(("sql", "empty"), [("", True), ("\n\n", True), (_HEAD, False), ("SET NAMES binary;\n", False)])
def test_what_holds_not_even_a_tools_settings_is_empty(sql: str, empty: bool) -> None:
    assert promised(sql).is_empty is empty
