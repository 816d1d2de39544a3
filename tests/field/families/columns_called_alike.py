"""The server's warnings while a dump loads: they name a column, of which others may be called alike."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump, table

_SEEN = "mydumper/mydumper#1974"
_NAMES = "/*!40101 SET NAMES utf8mb4 */;\n"
_CODES = table("codes", "`id` int NOT NULL,\n  `status` enum('new','old') DEFAULT NULL", ("1,'new'", "2,''"))


def _file(*parts: str) -> Input:
    return verify("shop.sql", {"shop.sql": dump(*parts)})


def _orders(status: str, *rows: str) -> str:
    return table("orders", f"`id` int NOT NULL,\n  `status` {status} DEFAULT NULL", rows)


def _in_latin1(column: str, *options: str) -> Input:
    people = table("people", f"`id` int NOT NULL,\n  `{column}` varchar(60) DEFAULT NULL", ("1,'Müller'", "2,'Bo'"))
    return verify("shop.sql", {"shop.sql": dump(people).replace(_NAMES, "").encode("latin-1")}, *options)


CASES = (
    Case(
        number="c570",
        seen="Open-Web-Analytics/Open-Web-Analytics#1032",
        tried=fails(
            "a text too long for its column, which is called as an ENUM of the server's own tables is",
            _file(_orders("varchar(4)", "1,'open'", "2,'delivered'")),
            "rows-altered",
            says=("`status`", "shop.orders"),
        ),
        twin=passes("an ENUM that holds the empty text", _file(_CODES)),
    ),
    Case(
        number="c571",
        seen=_SEEN,
        tried=fails(
            "such a text, and in another table an ENUM of that name which holds the empty text",
            _file(_CODES, _orders("varchar(4)", "1,'open'", "2,'delivered'")),
            "rows-altered",
            says=("`status`", "shop.orders"),
        ),
        twin=passes("the same, and the text fits", _file(_CODES, _orders("varchar(4)", "1,'open'", "2,'sent'"))),
    ),
    Case(
        number="c572",
        seen=_SEEN,
        tried=fails(
            "a SET that does not know a value",
            _file(_orders("set('paid','sent')", "1,'paid'", "2,'paid,lost'")),
            "rows-altered",
            says=("`status`",),
        ),
        twin=passes("a SET of none", _file(_orders("set('paid','sent')", "1,'paid'", "2,''"))),
    ),
    Case(
        number="c573",
        seen="welaika/wordmove#365; MariaDB's documentation of mariadb-dump --compatible",
        tried=unverified(
            "--compatible, which writes latin1 and does not say so, and a column called name",
            _in_latin1("name"),
            "charset-not-named",
            says=("names no character set", "charset="),
            unsaid=("edited",),
        ),
        twin=passes("the same, and --charset", _in_latin1("name", "--charset", "latin1")),
    ),
)
