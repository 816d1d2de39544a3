"""Dumps that load, and of which something shows only when the application runs."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import CUSTOMERS, SHOP, ZONES, dump, table, use

_TRIGGER = """\
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER noted AFTER INSERT ON zones FOR EACH ROW
BEGIN
  -- CALL nobody();
  SET @said = 'CALL nothing()';
  CALL `note`(NEW.id);
END */;;
DELIMITER ;
"""
_ROUTINE = """\
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `note`(IN which INT)
UPDATE customers SET name = TRIM(name) WHERE id = which ;;
DELIMITER ;
"""
_TWO = dump(use("shop"), CUSTOMERS, use("crm"), ZONES)
_FILTER = ("CREATE DATABASE", "USE ")
_CHAT = table("chat", "`id` int(11) NOT NULL,\n  `said` text,\n  PRIMARY KEY (`id`)", ("1,'hello ?'",))


def _shop(text: str) -> Input:
    return verify("shop.sql", {"shop.sql": text})


def _filtered(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_FILTER))


CASES = (
    Case(
        number="c462",
        seen="hestiacp/hestiacp#625; uberhacker/shrink-ibdata1#5",
        tried=passes(
            "a trigger that calls a procedure which the dump lacks",
            _shop(dump(SHOP, _TRIGGER)),
            "routine-missing",
            says=("shop.note (trigger shop.noted)",),
            unsaid=("nobody", "nothing()"),
        ),
        twin=passes("the procedure with it", _shop(dump(SHOP, _TRIGGER, _ROUTINE))),
    ),
    Case(
        number="c463",
        seen="Dokploy/dokploy#4967; Dokploy/dokploy#3436",
        tried=unverified(
            "a dump of two databases out of which a filter took USE",
            _shop(_filtered(_TWO)),
            "dumps-mixed",
            says=("crm",),
        ),
        twin=passes("the same of one database", _shop(_filtered(dump(use("shop"), SHOP)))),
    ),
    Case(
        number="c464",
        seen="spatie/laravel-backup#411; backup/backup#728",
        tried=passes(
            "texts of utf8mb4 in a dump in utf8",
            _shop(dump(_CHAT).replace("SET NAMES utf8mb4", "SET NAMES utf8")),
            says=("four bytes", "--default-character-set=utf8mb4"),
        ),
        twin=fails("the same, cut among its rows", _shop(dump(_CHAT).partition("hello")[0]), unsaid=("four bytes",)),
    ),
)
