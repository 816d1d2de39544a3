"""Dumps that load without an error, and of whose rows and definitions something is lost all the same."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, Tried, fails, passes, verify
from tests.field.dumps import CUSTOMERS, SHOP, dump, table

_TAG = "`id` int(11) NOT NULL,\n  `label` varchar(40) NOT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `label` (`label`)"
_TAGS = table("tags", _TAG, ("1,'Rosé'", "2,'Rose'", "3,'rosé'"))
_EXACT = _TAGS.replace("DEFAULT CHARSET=utf8mb4", "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin")
_ENDS = "ON DUPLICATE KEY UPDATE `label` = VALUES(`label`)"
_NOTE = table("notes", "`id` int(11) NOT NULL,\n  `said` text,\n  PRIMARY KEY (`id`)", ("1,'{said}'",))
_GUARDED = """\
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER trimmed BEFORE INSERT ON customers FOR EACH ROW
SET NEW.name = TRIM(NEW.name) */;;
DELIMITER ;
"""
_FILTERED = "".join(line for line in _GUARDED.splitlines(keepends=True) if "DEFINER" not in line)
_STORE = table(
    "stores",
    "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `code` varchar(20) DEFAULT NULL,\n  PRIMARY KEY (`id`)",
    ("0,'admin'", "1,'default'"),
).replace("(1,'default')", "(7,'default')")
_FORGETS = "/*!50003 SET SESSION SQL_MODE='STRICT_ALL_TABLES' */;\n/*!50003 SET SESSION SQL_MODE=@OLD_SQL_MODE */;\n"
_ONE_LINE = """\
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER r AFTER INSERT ON customers FOR EACH ROW DO 1 */;;
DELIMITER ;
"""
_ROUTINE = """\
/*!50003 DROP PROCEDURE IF EXISTS `tidy` */;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `tidy`()
DELETE FROM customers WHERE id > 5 ;;
DELIMITER ;
"""


def _without_definers(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if "DEFINER" not in line)


def _shop(*parts: str) -> Input:
    return verify("shop.sql", {"shop.sql": dump(CUSTOMERS, *parts)})


def _by_another_tool(*parts: str) -> Input:
    dated = "shop-2026-01-02T03-04-05Z.sql"
    return verify(dated, {dated: dump(CUSTOMERS, *parts, comments=False)})


def _lost(what: str, *replaced: str) -> Tried:
    return fails(what, _shop(_sent(_TAGS, *replaced)), "rows-not-as-sent", says=("shop.tags", "of 3", "collation"))


def _kept(what: str, *replaced: str) -> Tried:
    return passes(what, _shop(_sent(_EXACT, *replaced)), unsaid=("not held",))


def _sent(tags: str, verb: str, ends: str = "") -> str:
    return tags.replace("INSERT INTO", verb).replace("'rosé');", f"'rosé'){ends and ' ' + ends};")


CASES = (
    Case(
        number="c420",
        seen="ddev/ddev#8242; mydumper/mydumper#658",
        tried=_lost("--insert-ignore, and a collation under which keys are the same", "INSERT  IGNORE INTO"),
        twin=_kept("--insert-ignore, and the collation of production", "INSERT  IGNORE INTO"),
    ),
    Case(
        number="c421",
        seen="jlawyerorg/j-lawyer-org#2592; mydumper/mydumper#658",
        tried=_lost("--replace, and a collation under which keys are the same", "REPLACE INTO"),
        twin=_kept("--replace, and the collation of production", "REPLACE INTO"),
    ),
    Case(
        number="c422",
        seen="webyog/sqlyog-community#607",
        tried=_lost("ON DUPLICATE KEY UPDATE, and such a collation", "INSERT INTO", _ENDS),
        twin=_kept("ON DUPLICATE KEY UPDATE, and the collation of production", "INSERT INTO", _ENDS),
    ),
    Case(
        number="c423",
        seen="ddev/ddev#1336",
        tried=fails(
            "a hole of zeros within a row", _shop(_NOTE.format(said="fi" + "\0" * 12)), "dump-has-holes", says=("disk",)
        ),
        twin=passes("zeros as the tool writes them", _shop(_NOTE.format(said="fi" + "\\0" * 12)), unsaid=("zero",)),
    ),
    Case(
        number="c424",
        seen="MySqlBackupNET/MySqlBackup.Net#48",
        tried=passes(
            "zeros in a dump without comments", _by_another_tool(_NOTE.format(said="\0two")), says=("--binary-mode",)
        ),
        twin=fails(
            "a zero in place of a quote", _shop(_NOTE.format(said="two").replace("two'", "two\0")), "dump-has-holes"
        ),
    ),
    Case(
        number="c425",
        seen="mariadb-corporation/codership-documentation#207",
        tried=passes(
            "--skip-create-options",
            verify(
                "shop.sql",
                {
                    "shop.sql": dump()
                    .replace(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", "")
                    .replace(" AUTO_INCREMENT", "")
                },
            ),
            "table-options-not-dumped",
            says=("AUTO_INCREMENT", "--skip-opt"),
        ),
        twin=passes("with its options", verify("shop.sql", {"shop.sql": dump(SHOP)})),
    ),
    Case(
        number="c426",
        seen="josephdpurcell/mysqlmigrate#1",
        tried=fails(
            "a filter took the line that a trigger begins with",
            _shop(_FILTERED.replace("SET NEW.name = TRIM(NEW.name) ", "")),
            "definitions-taken-out",
            says=("grep -v DEFINER",),
            unsaid=("last semicolon",),
        ),
        twin=passes("the trigger as it is dumped", _shop(_GUARDED)),
    ),
    Case(
        number="c434",
        seen="civicrm/civicrm-docker#10; swisscom/backman#12",
        tried=fails(
            "a filter took a trigger that stands on one line",
            _shop(_without_definers(_ONE_LINE)),
            "definitions-taken-out",
            says=("grep -v DEFINER",),
        ),
        twin=passes("the clause alone taken out", _shop(_ONE_LINE.replace("/*!50017 DEFINER=`a`@`b`*/ ", ""))),
    ),
    Case(
        number="c435",
        seen="civicrm/civicrm-docker#10; swisscom/backman#12",
        tried=fails(
            "a filter took the line that makes a routine, whose body ran",
            _shop(_without_definers(_ROUTINE)),
            "definitions-taken-out",
            says=("procedure tidy",),
        ),
        twin=passes("the routine as it is dumped", _shop(_ROUTINE), unsaid=("not held",)),
    ),
    Case(
        number="c436",
        seen="Sequel-Ace/Sequel-Ace#865; ifsnop/mysqldump-php#104",
        tried=fails(
            "a row whose key is 0, in a session that forgot NO_AUTO_VALUE_ON_ZERO",
            _shop(_FORGETS, _STORE),
            "rows-altered",
            says=("shop.stores", "NO_AUTO_VALUE_ON_ZERO"),
        ),
        twin=passes("the same in the session that the dump begins with", _shop(_STORE)),
    ),
)
