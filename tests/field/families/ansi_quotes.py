"""Dumps that quote names as other databases do (--compatible=ansi), what their tool says between statements too."""

from __future__ import annotations

from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import SHOP, dump

_SEEN = "mydumper/mydumper#1213; welaika/wordmove#365"
_DENIED = "-- insufficient privileges to SHOW CREATE PROCEDURE `tidy`\n-- does shop have permissions on mysql.proc?\n\n"
_STAND_IN = (
    "--\n-- Temporary table structure for view `new``est`\n--\n\n"
    "/*!50001 CREATE VIEW `new``est` AS SELECT NULL AS `id` */;\n\n"
)
_VIEW = (
    "--\n-- Final view structure for view `new``est`\n--\n\n/*!50001 DROP VIEW IF EXISTS `new``est`*/;\n"
    "/*!50001 CREATE VIEW `new``est` AS select max(`id`) AS `id` from `customers` */;\n\n"
)


def _ansi(*parts: str) -> dict[str, str | bytes]:
    text = dump(SHOP, *parts).replace("NO_AUTO_VALUE_ON_ZERO'", "NO_AUTO_VALUE_ON_ZERO,ANSI'")
    return {"shop.sql": text.replace("``", "\0").replace("`", '"').replace("\0", "`")}


CASES = (
    Case(
        number="c574",
        seen=_SEEN,
        tried=passes("--compatible=ansi, and a view", verify("shop.sql", _ansi(_STAND_IN, _VIEW))),
        twin=fails(
            "the same without the view itself",
            verify("shop.sql", _ansi(_STAND_IN)),
            "views-unfinished",
            says=("new`est",),
        ),
    ),
    Case(
        number="c575",
        seen=_SEEN,
        tried=fails(
            "--compatible=ansi, and a routine that the tool was not allowed to read",
            verify("shop.sql", _ansi(_DENIED)),
            "dump-lacks-routines",
        ),
        twin=passes("the same without what it says of that", verify("shop.sql", _ansi())),
    ),
)
