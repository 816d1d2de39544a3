"""Tables that are wider, longer or otherwise than a server takes by itself."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, SHOP, dump, table

_KEYED = "`id` int(11) NOT NULL,\n  `label` varchar(40) NOT NULL,\n  PRIMARY KEY (`id`)"
_ROWS = tuple(f"{number},'label {number}'" for number in range(1, 11))
_LONG = ",\n  ".join(f"`c{number}` varchar(60) DEFAULT NULL" for number in range(200))
_SHORT = ",\n  ".join(f"`c{number}` varchar(60) DEFAULT NULL" for number in range(20))


def _labels(options: str) -> Input:
    return verify("shop.sql", {"shop.sql": dump(SHOP, table("labels", _KEYED, _ROWS, options=options))})


_OFF = {"strict.cnf": "[mysqld]\ninnodb_strict_mode = OFF\n"}
_WIDE = {"wide.sql": dump(table("wide", _LONG, (",".join(["'x'"] * 200),), options="ENGINE=InnoDB"), database="wide")}
_NARROW = {"wide.sql": dump(table("wide", _SHORT, (",".join(["'x'"] * 20),)), database="wide")}
_FIXED = {"shop.sql": dump(SHOP, table("boost", _KEYED, _ROWS, options="ENGINE=InnoDB ROW_FORMAT=FIXED"))}
_BIG = {
    "big.sql": dump(CUSTOMERS, table("big", "`id` int(11) NOT NULL,\n  `body` longtext", (f"1,'{'x' * 17_000_000}'",)))
}
_LARGE = {"large.cnf": "[mysqld]\nmax_allowed_packet = 64M\n"}


def _of_columns(number: int) -> Input:
    columns = ",\n  ".join(f"`c{one}` tinyint(4) DEFAULT NULL" for one in range(number))
    return verify("wide.sql", {"wide.sql": dump(table("wide", columns, (",".join("1" * number),)))})


CASES = (
    Case(
        number="c12",
        seen="tine-groupware/tine20#7214; louislam/uptime-kuma#7230",
        tried=fails(
            "rows too large for a page, which production took without innodb_strict_mode",
            verify("wide.sql", _WIDE),
            "row-too-large",
            says=("innodb_strict_mode",),
            unsaid=("cut dump",),
        ),
        twin=passes("a table of fewer columns", verify("wide.sql", _NARROW)),
    ),
    Case(
        number="c34",
        seen="MariaDB's documentation of max_allowed_packet",
        tried=fails(
            "one INSERT larger than the server takes",
            verify("big.sql", _BIG),
            "packet-too-large",
            says=("max_allowed_packet",),
        ),
        twin=passes(
            "the same with production's max_allowed_packet",
            verify("big.sql", {**_BIG, **_LARGE}, "--config", "{here}/large.cnf"),
        ),
    ),
    Case(
        number="c34b",
        seen="MariaDB's documentation of InnoDB's limits",
        tried=passes("a table of 1,017 columns", _of_columns(1017)),
        twin=fails("one of 1,018, which InnoDB refuses", _of_columns(1018)),
    ),
    Case(
        number="c12b",
        seen="Cacti/cacti#2511; sequelpro/sequelpro#2478",
        tried=fails(
            "ROW_FORMAT=FIXED, which production took without innodb_strict_mode",
            verify("shop.sql", _FIXED),
            says=("innodb_strict_mode",),
            unsaid=("cut dump",),
        ),
        twin=passes(
            "the same with production's innodb_strict_mode=OFF",
            verify("shop.sql", {**_FIXED, **_OFF}, "--config", "{here}/strict.cnf"),
        ),
    ),
    Case(
        number="c24",
        seen="MariaDB's documentation of CREATE TABLE",
        tried=fails(
            "a table with its data in a folder of production's",
            _labels("ENGINE=InnoDB DATA DIRECTORY='/srv/ssd2/mysql/'"),
            says=("DATA DIRECTORY",),
            unsaid=("cut dump",),
        ),
        twin=passes("the words only in a comment", _labels("ENGINE=InnoDB COMMENT='DATA DIRECTORY=/srv/ssd2'")),
    ),
)
