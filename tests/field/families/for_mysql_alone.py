"""What MySQL writes into comments for itself and MariaDB passes over, so that a table comes back otherwise."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, passes, verify
from tests.field.dumps import SANDBOX, SERVER, dump

_SEEN = "bytebase/bytebase#20761; MariaDB's documentation of comment syntax"
_MYSQL = "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)"


def _table(columns: str, options: str = "") -> Input:
    made = (
        f"CREATE TABLE `shelf` (\n  `id` int NOT NULL,\n  {columns},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB{options};\n"
    )
    text = dump(made + "INSERT INTO `shelf` (`id`) VALUES (1);\n").replace(SANDBOX, "")
    head, _, rest = text.partition("\n")
    assert head.startswith("-- MariaDB dump")
    return verify("shop.sql", {"shop.sql": f"{_MYSQL}\n{rest.replace(SERVER, '8.0.36')}"})


CASES = (
    Case(
        number="c576",
        seen=_SEEN,
        tried=passes(
            "MySQL 8, a column that is invisible there",
            _table("`secret` int DEFAULT NULL /*!80023 INVISIBLE */"),
            "mysql-parts-passed-over",
            says=("shelf", "become visible"),
        ),
        twin=passes(
            "MySQL 8, such words in a comment", _table("`secret` int DEFAULT NULL COMMENT '/*!80023 INVISIBLE */'")
        ),
    ),
    Case(
        number="c577",
        seen=_SEEN,
        tried=passes(
            "MySQL 8, an encrypted table",
            _table("`n` int DEFAULT NULL", " /*!80016 ENCRYPTION='Y' */"),
            "mysql-parts-passed-over",
            says=("shelf", "become plain"),
        ),
        twin=passes("MySQL 8, one that is not", _table("`n` int DEFAULT NULL", " /*!80016 ENCRYPTION='N' */")),
    ),
    Case(
        number="c578",
        seen=_SEEN,
        tried=passes(
            "MySQL 8, a check that is not enforced there",
            _table("`n` int DEFAULT NULL,\n  CONSTRAINT `n` CHECK ((`n` > 0)) /*!80016 NOT ENFORCED */"),
            "mysql-parts-passed-over",
            says=("become so",),
        ),
        twin=passes("MySQL 8, one that is", _table("`n` int DEFAULT NULL,\n  CONSTRAINT `n` CHECK ((`n` > 0))")),
    ),
)
