"""Dumps that load without an error and leave fewer rows than they brought, or others."""

from __future__ import annotations

from tests.attacks.attack import Attack, Drilled, each, judge
from tests.attacks.dumps import TABLES, dumped

_ALTERED = ("rows-altered",)
_AGAIN = "(1,'Ann',NULL),(4,'Di',NULL)"
_FRESH = "(5,'Ed',NULL),(4,'Di',NULL)"
_STRICT = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO';\n"

_DROPS_EACH = "CREATE TRIGGER `t` AFTER INSERT ON `orders` FOR EACH ROW DELETE FROM `people` WHERE `id` = NEW.`person`;"
_CHANGES_EACH = "CREATE TRIGGER `t` BEFORE INSERT ON `orders` FOR EACH ROW SET NEW.`person` = 1;"
_EVENT = "CREATE EVENT `e` ON SCHEDULE EVERY 1 SECOND DO DELETE FROM `orders` WHERE `id` = 1;"
_ONCE = "SET sql_notes = 0;\nCREATE EVENT `e` ON SCHEDULE AT '{} 00:00:00' DO DELETE FROM `orders`;"
_SCHEDULER = "SET GLOBAL event_scheduler"
_PARTED = (
    "CREATE TABLE `more` (`a` int) PARTITION BY RANGE (`a`) (PARTITION `p` VALUES LESS THAN (10));\n"
    "INSERT IGNORE INTO `more` VALUES"
)
_CHECKED = "CREATE TABLE `more` (`a` int CHECK (`a` < 10));\nINSERT IGNORE INTO `more` VALUES"
_CHOICES = "CREATE TABLE `choices` (`id` int, `a` enum('x') NOT NULL, `b` varchar(4));\nINSERT INTO `choices` VALUES"


def _chosen(rows: int, last: str) -> str:
    return ",".join(f"({row},'','{last if row == rows else 'b'}')" for row in range(1, rows + 1))


def _table(columns: str, rows: str, options: str = "ENGINE=InnoDB") -> str:
    return f"CREATE TABLE `more` ({columns}) {options};\nINSERT INTO `more` VALUES {rows};"


_STAND_IN = """
--
-- Temporary table structure for view `v`
--

/*!50001 CREATE VIEW `v` AS SELECT
 NULL AS `id`,
 NULL AS `name` */;
"""
_VIEW = """
--
-- Final view structure for view `v`
--

/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE VIEW `v` AS SELECT `id`, `name` FROM `people` */;
"""
_SILENT = "CREATE TABLE `v` (`id` tinyint NOT NULL, `name` tinyint NOT NULL) ENGINE=MyISAM;"


ATTACKS = (
    Attack(
        name="view-of-which-the-stand-in-alone-is-left",
        bad=dumped(_STAND_IN),
        twin=dumped(_STAND_IN + _VIEW),
        told=("views-unfinished",),
        worst=True,
    ),
    Attack(
        name="table-that-looks-like-the-stand-in-of-a-view",
        bad=dumped(_SILENT),
        twin=dumped(_SILENT + "INSERT INTO `v` VALUES (1, 1);"),
        told=("views-doubtful",),
        code=0,
    ),
    Attack(
        name="insert-ignore-drops-a-duplicate",
        bad=dumped(f"INSERT IGNORE INTO `people` VALUES {_AGAIN};"),
        twin=dumped(f"INSERT IGNORE INTO `people` VALUES {_FRESH};"),
        told=_ALTERED,
        worst=True,
    ),
    Attack(
        name="insert-ignore-drops-an-orphan",
        bad=dumped("SET foreign_key_checks = 1;\nINSERT IGNORE INTO `orders` VALUES (9,99);"),
        twin=dumped("SET foreign_key_checks = 1;\nINSERT IGNORE INTO `orders` VALUES (9,3);"),
        told=_ALTERED,
    ),
    Attack(
        name="insert-ignore-drops-what-has-no-partition",
        bad=dumped(f"{_PARTED} (5),(50);"),
        twin=dumped(f"{_PARTED} (5),(9);"),
        told=_ALTERED,
    ),
    Attack(
        name="insert-ignore-drops-what-a-check-forbids",
        bad=dumped(f"{_CHECKED} (5),(50);"),
        twin=dumped(f"{_CHECKED} (5),(9);"),
        told=_ALTERED,
    ),
    Attack(
        name="text-that-is-no-address-becomes-nothing",
        bad=dumped(_table("a inet6", "('::1'),('nowhere')")),
        twin=dumped(_table("a inet6", "('::1'),('::2')")),
        told=_ALTERED,
    ),
    Attack(
        name="text-too-long-is-cut",
        bad=dumped(f"INSERT INTO `people` VALUES (9,'{'x' * 21}',NULL);"),
        twin=dumped(f"INSERT INTO `people` VALUES (9,'{'x' * 20}',NULL);"),
        told=_ALTERED,
    ),
    Attack(
        name="number-out-of-range-is-clipped",
        bad=dumped(_table("a tinyint", "(200)")),
        twin=dumped(_table("a tinyint", "(100)")),
        told=_ALTERED,
    ),
    Attack(
        name="date-that-is-none-becomes-zeros",
        bad=dumped(_table("a date", "('2026-02-30')")),
        twin=dumped(_table("a date", "('2026-02-28')")),
        told=_ALTERED,
    ),
    Attack(
        name="null-where-none-may-be-becomes-empty",
        bad=dumped("UPDATE `people` SET `name` = NULL WHERE `id` = 1;"),
        twin=dumped("UPDATE `people` SET `name` = 'Anna' WHERE `id` = 1;"),
        told=(*_ALTERED, "dump-does-not-load"),
    ),
    Attack(
        name="letters-that-a-column-cannot-hold-become-question-marks",
        bad=dumped(_table("a varchar(20) CHARACTER SET latin1", "('日本')")),
        twin=dumped(_table("a varchar(20) CHARACTER SET latin1", "('Müller')")),
        told=_ALTERED,
    ),
    Attack(
        name="bytes-of-another-character-set-than-the-dump-names",
        bad=dumped("SET NAMES utf8mb4;\n" + _table("a varchar(20)", "('M\udcfcller')")),
        twin=dumped("SET NAMES utf8mb4;\n" + _table("a varchar(20)", "('Müller')")),
        told=(*_ALTERED, "dump-does-not-load"),
    ),
    Attack(
        name="engine-that-is-not-there-is-replaced",
        bad=dumped(_table("a int", "(1)", "ENGINE=ROCKSDB")),
        twin=dumped(_table("a int", "(1)", "ENGINE=Aria")),
        told=(*_ALTERED, "engine-missing"),
        worst=True,
    ),
    Attack(
        name="engine-that-keeps-nothing",
        bad=dumped(_table("a int", "(1)", "ENGINE=BLACKHOLE")),
        twin=dumped(_table("a int", "(1)", "ENGINE=MyISAM")),
        told=(*_ALTERED, "engine-missing", "table-keeps-nothing"),
    ),
    Attack(
        name="notes-and-warnings-switched-off-for-the-session",
        bad=dumped(f"SET sql_notes = 0, warning_count = 0;\nINSERT IGNORE INTO `people` VALUES {_AGAIN};"),
        twin=dumped(f"SET sql_notes = 0;\nINSERT IGNORE INTO `people` VALUES {_FRESH};"),
        told=(*_ALTERED, "dump-does-not-load"),
    ),
    Attack(
        name="truncate-of-all-tables-at-the-end",
        bad=dumped("SET foreign_key_checks = 0;\nTRUNCATE `orders`;\nTRUNCATE `people`;"),
        twin=dumped("SET foreign_key_checks = 0;\nTRUNCATE `orders`;"),
        told=("no-rows",),
        code=0,
    ),
    Attack(
        name="delete-of-all-rows-at-the-end",
        bad=dumped("DELETE FROM `orders`;\nDELETE FROM `people`;"),
        twin=dumped("DELETE FROM `orders` WHERE `id` > 9;"),
        told=("no-rows",),
        code=0,
    ),
    Attack(
        name="tables-dropped-at-the-end",
        bad=dumped("DROP TABLE `orders`, `people`;"),
        twin=dumped("DROP TABLE IF EXISTS `people_old`;"),
        told=("tables are present",),
    ),
    Attack(
        name="whole-database-dropped-at-the-end",
        bad=dumped("DROP DATABASE `app`;"),
        twin=dumped("DROP DATABASE IF EXISTS `beside`;"),
        told=("tables are present",),
    ),
    Attack(
        name="structure-without-any-row",
        bad=dumped(tables="\n".join(line for line in TABLES.split("\n") if not line.startswith("INSERT"))),
        twin=dumped(),
        told=("no-rows",),
        code=0,
    ),
    Attack(
        name="parents-deleted-with-keys-switched-off",
        bad=dumped("SET foreign_key_checks = 0;\nDELETE FROM `people` WHERE `id` = 1;"),
        twin=dumped("SET foreign_key_checks = 0;\nDELETE FROM `people` WHERE `id` = 3;"),
        told=("foreign keys have their parents",),
    ),
    Attack(
        name="parents-table-replaced-by-an-empty-one",
        bad=dumped(
            "SET foreign_key_checks = 0;\nDROP TABLE `people`;\nCREATE TABLE `people` (`id` int(11) PRIMARY KEY);"
        ),
        twin=dumped("SET foreign_key_checks = 0;\nALTER TABLE `people` ADD `more` int;"),
        told=("foreign keys have their parents",),
    ),
    Attack(
        name="trigger-that-drops-each-row-as-it-comes",
        bad=dumped(f"{_DROPS_EACH}\nSET foreign_key_checks = 0;\nINSERT INTO `orders` VALUES (8,2);"),
        twin=dumped(f"SET foreign_key_checks = 0;\nINSERT INTO `orders` VALUES (8,2);\n{_DROPS_EACH}"),
        told=("foreign keys have their parents",),
    ),
    Attack(
        name="trigger-that-changes-each-row-as-it-comes",
        bad=dumped(f"{_CHANGES_EACH}\nINSERT INTO `orders`\nVALUES (8,2);"),
        twin=dumped(f"INSERT INTO `orders`\nVALUES (8,2);\n{_CHANGES_EACH}"),
        told=("triggers-before-rows",),
        code=3,
        worst=True,
    ),
    Attack(
        name="event-that-runs-while-the-dump-lets-it",
        bad=dumped(f"{_EVENT}\n{_SCHEDULER} = ON;\nDO SLEEP(1.5);\n{_SCHEDULER} = OFF;"),
        twin=dumped(f"{_EVENT}\n{_SCHEDULER} = OFF;\nDO SLEEP(1.5);\n{_SCHEDULER} = @@GLOBAL.event_scheduler;"),
        told=("events-switched-on",),
    ),
    Attack(
        name="event-whose-time-has-passed",
        bad=dumped(_ONCE.format("2026-01-05")),
        twin=dumped(_ONCE.format("2037-01-05")),
        told=("1 event, and 0 are there",),
        code=0,
    ),
    Attack(
        name="warning-behind-many-of-no-weight",
        bad=dumped(f"{_CHOICES} {_chosen(100, 'longest')};"),
        twin=dumped(f"{_CHOICES} {_chosen(100, 'long')};"),
        told=_ALTERED,
    ),
    Attack(
        name="warnings-not-kept",
        bad=dumped(f"SET max_error_count = 0;\nINSERT IGNORE INTO `people` VALUES {_AGAIN};"),
        twin=dumped(f"INSERT IGNORE INTO `people` VALUES {_FRESH};"),
        told=("warnings-hidden",),
        code=3,
    ),
    Attack(
        name="warnings-not-kept-for-a-while",
        bad=dumped(
            f"SET @kept = @@max_error_count, max_error_count = 0;\nINSERT IGNORE INTO `people` VALUES {_AGAIN};\n"
            "SET max_error_count = @kept;"
        ),
        twin=dumped(f"INSERT IGNORE INTO `people` VALUES {_FRESH};"),
        told=("warnings-hidden",),
        code=3,
    ),
    Attack(
        name="statement-that-fails-within-a-handler-and-goes-on",
        bad=dumped("BEGIN NOT ATOMIC\nDECLARE CONTINUE HANDLER FOR SQLEXCEPTION DO 0;\nEND;"),
        twin=dumped(_STRICT + "INSERT INTO `people` VALUES (9,'Di',NULL);"),
        told=("dump-does-not-load",),
    ),
    Attack(
        name="view-in-place-of-a-table-that-reads-what-is-gone",
        bad=dumped("CREATE VIEW `v` AS SELECT * FROM `people`;\nRENAME TABLE `people` TO `folk`;"),
        twin=dumped("CREATE VIEW `v` AS SELECT * FROM `people`;"),
        told=("tables and views are readable", "foreign keys have their parents"),
    ),
)


@each(ATTACKS)
def test_a_dump_that_loses_rows_on_its_way_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
