"""Dumps of a tool that met something on its way: with --force, without it, and with its messages in between."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, ORDERS, SHOP, ZONES, dump, structure, table

_FORCED = "pingcap/tidb#54964; phpsu/phpsu#155"
_STAND_IN = """\
--
-- Temporary table structure for view `dear`
--

DROP TABLE IF EXISTS `dear`;
/*!50001 DROP VIEW IF EXISTS `dear`*/;
/*!50001 CREATE VIEW `dear` AS SELECT
 1 AS `id` */;
"""
_MESSAGE = """\
--
-- Temporary table structure for view `dear`
--

DROP TABLE IF EXISTS `dear`;

-- failed on view `dear`: CREATE ALGORITHM=UNDEFINED VIEW `dear` AS select `gone`.`id` AS `id` from `gone`
"""
_FINAL = """\
--
-- Final view structure for view `dear`
--

/*!50001 DROP VIEW IF EXISTS `dear`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `dear` AS select `{base}`.`id` AS `id` from `{base}` */;
"""
_COULD_NOT_READ = 'mariadb-dump: Got error: 1168: "Unable to open underlying table" when using LOCK TABLES\n'
_TRIGGER = """\
DELIMITER ;;
/*!50003 CREATE TRIGGER trimmed BEFORE INSERT ON zones FOR EACH ROW SET NEW.label = TRIM(NEW.label){end} */;;
DELIMITER ;
"""
_PARENT = table("parents", "`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)", ("1", "2", "4"))


def _shop(*parts: str, completed: bool = True) -> Input:
    text = dump(*parts)
    return verify("shop.sql", {"shop.sql": text if completed else text.partition("/*!40103 SET TIME_ZONE=@OLD")[0]})


def _child(name: str, parent: str, *rows: str) -> str:
    columns = (
        "`id` int(11) NOT NULL,\n  `p` int(11) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `p` (`p`),\n"
        f"  CONSTRAINT `{name}_p` FOREIGN KEY (`p`) REFERENCES `{parent}` (`id`)"
    )
    return table(name, columns, rows)


_VIEW = _STAND_IN + _FINAL.format(base="zones")

CASES = (
    Case(
        number="c07",
        seen=_FORCED,
        tried=fails(
            "--force over a view whose table is gone", _shop(SHOP, _MESSAGE, _FINAL.format(base="gone")), says=("gone",)
        ),
        twin=passes("a view whose table is there", _shop(SHOP, _VIEW)),
    ),
    Case(
        number="c07b",
        seen="sherlock-project/sherlock#87",
        tried=fails(
            "without --force: the dump ends at that view",
            _shop(SHOP, _STAND_IN.partition("/*!50001 CREATE")[0], completed=False),
            "dump-trailer-missing",
        ),
        twin=passes(
            "with another view before the last table", _shop(CUSTOMERS, _VIEW.replace("zones", "customers"), ORDERS)
        ),
    ),
    Case(
        number="c07c",
        seen=_FORCED,
        tried=passes("--force over a table that cannot be read: nothing in the file tells", _shop(CUSTOMERS, ORDERS)),
        twin=fails("the tool's message of it is in the file", _shop(CUSTOMERS, _COULD_NOT_READ, ORDERS)),
    ),
    Case(
        number="c08",
        seen="Mrclocks/PGClockMG#105; mydumper/mydumper#356",
        tried=fails(
            "the parent table of one foreign key left out, and an orphan of another",
            _shop(_PARENT, _child("children", "parents", "1,1", "2,3"), _child("left_out", "nowhere", "1,1")),
            "foreign keys have their parents",
            says=("nowhere",),
        ),
        twin=passes(
            "both parents there, and no orphan",
            _shop(_PARENT, _child("children", "parents", "1,1", "2,4"), _child("others", "parents", "1,NULL")),
        ),
    ),
    Case(
        number="c08b",
        seen="Mrclocks/PGClockMG#105",
        tried=fails(
            "an orphan, and nothing else",
            _shop(_PARENT, _child("children", "parents", "1,1", "2,3")),
            "foreign keys have their parents",
            says=("children",),
        ),
        twin=passes("a key that is NULL", _shop(_PARENT, _child("children", "parents", "1,1", "2,NULL"))),
    ),
    Case(
        number="c25",
        seen="MySQL's bug 43363",
        tried=fails(
            "names in another case, from Windows or macOS",
            _shop(SHOP, _FINAL.format(base="zones").replace("`zones`", "`Zones`")),
            says=("Zones",),
        ),
        twin=passes(
            "the same with production's lower_case_table_names=1",
            verify(
                "shop.sql",
                {
                    "shop.sql": dump(SHOP, _FINAL.format(base="zones").replace("`zones`", "`Zones`")),
                    "prod.cnf": "[mysqld]\nlower_case_table_names = 1\n",
                },
                "--config",
                "{here}/prod.cnf",
            ),
        ),
    ),
    Case(
        number="c31",
        seen="nZEDb/nZEDb#2038",
        tried=fails(
            "a trigger that a tool ended twice",
            _shop(SHOP, _TRIGGER.format(end=";")),
            "dump-does-not-load",
            unsaid=("cut dump",),
        ),
        twin=passes("the trigger as it should be", _shop(SHOP, _TRIGGER.format(end=""))),
    ),
    Case(
        number="c32b",
        seen="MariaDB's documentation of mariadb-dump",
        tried=fails(
            "a view WITH CHECK OPTION that stands before the view it is over",
            _shop(
                SHOP,
                _FINAL.format(base="below").replace("`below` */", "`below` WITH CASCADED CHECK OPTION */"),
                _FINAL.format(base="zones").replace("dear", "below"),
            ),
        ),
        twin=passes(
            "the same in the other order",
            _shop(SHOP, _FINAL.format(base="zones").replace("dear", "below"), _FINAL.format(base="below")),
        ),
    ),
    Case(
        number="c61",
        seen="MariaDB's documentation of mariadb-dump",
        tried=passes(
            "--no-data left on: every table is there and empty",
            _shop(
                *(structure(name, "`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)") for name in ("customers", "orders"))
            ),
            "no-rows",
        ),
        twin=passes(
            "one of the tables has a row",
            _shop(structure("customers", "`id` int(11) NOT NULL"), table("orders", "`id` int(11) NOT NULL", ("1",))),
        ),
    ),
    Case(
        number="c64",
        seen="MariaDB's documentation of sequences",
        tried=fails(
            "DEFAULT NEXTVAL of a sequence within LOCK TABLES",
            _shop(
                "CREATE SEQUENCE `numbers` START WITH 1;\n",
                "CREATE TABLE `numbered` (`id` int NOT NULL DEFAULT NEXTVAL(`shop`.`numbers`), x int) ENGINE=Aria;\n"
                "LOCK TABLES `numbered` WRITE;\nINSERT INTO `numbered` (`x`) VALUES (1);\nUNLOCK TABLES;\n",
            ),
            "dump-does-not-load",
            unsaid=("cut dump",),
        ),
        twin=passes(
            "without LOCK TABLES",
            _shop(
                "CREATE SEQUENCE `numbers` START WITH 1;\n",
                "CREATE TABLE `numbered` (`id` int NOT NULL DEFAULT NEXTVAL(`shop`.`numbers`), x int) ENGINE=Aria;\n"
                "INSERT INTO `numbered` (`x`) VALUES (1);\n",
            ),
        ),
    ),
    Case(
        number="c71",
        seen="phpsu/phpsu#155; nickjj/bash-backup-rotation-script#16",
        tried=fails(
            "the tool's error message in the middle, and its end mark all the same",
            _shop(
                CUSTOMERS,
                "mariadb-dump: Couldn't execute 'SHOW CREATE TABLE `x`': Table 'shop.x' doesn't exist (1146)\n",
                ZONES,
            ),
            "dump-tool-failed",
            unsaid=("cut dump",),
        ),
        twin=passes(
            "such a message in a row",
            _shop(
                CUSTOMERS,
                table("log", "`said` text", ("'mariadb-dump: Couldn\\'t execute \\'SHOW CREATE TABLE\\' (1146)'",)),
            ),
        ),
    ),
)
