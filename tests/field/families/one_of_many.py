"""One table or one database out of a dump of many, and names as operators and sidecars write them."""

from __future__ import annotations

import gzip

from tests.field.case import Case, Tried, verify
from tests.field.dumps import dump, filled, structure, table, use

_POSTS = table(
    "posts", "`id` int NOT NULL, `t` text, PRIMARY KEY (`id`)", ["1,'a;b\\n INSERT INTO `orders` VALUES (1);'"]
)
_CUSTOMERS = table("customers", "`id` int NOT NULL, PRIMARY KEY (`id`)", ["1", "2"])
_ORDERS = structure(
    "orders",
    "`id` int NOT NULL, `c` int, PRIMARY KEY (`id`), KEY `c` (`c`), "
    "CONSTRAINT `fk` FOREIGN KEY (`c`) REFERENCES `customers` (`id`)",
) + filled("orders", ["1,1", "2,2", "3,1"])
_VIEW = "/*!50001 CREATE VIEW `v` AS select `customers`.`id` AS `id` from `customers` */;\n"
_ALL = dump(use("blog") + _POSTS + use("shop") + _CUSTOMERS + _ORDERS + _VIEW, database="blog")
_BROKEN = _ALL.replace("(3,1)", "(3,1,'too many')")
_CUT = _ALL.partition("/*!40103 SET TIME_ZONE=@OLD")[0]
_ORDERS_BEGIN = _BROKEN[: _BROKEN.index("INSERT INTO `orders` VALUES\n(1,1)")].count("\n") + 1


CASES = (
    Case(
        number="c201",
        seen="mariadb-operator/mariadb-operator#129",
        tried=Tried(
            what="one table of a dump of many, whose parents stay out",
            given=verify("all.sql", {"all.sql": _ALL}, "--only", "shop.orders"),
            code=0,
            says=("Of db only shop.orders (1 of 3 tables in the backup)", "shop.orders to shop.customers"),
        ),
        twin=Tried(
            what="the same of a dump that was cut between two statements behind it",
            given=verify("all.sql", {"all.sql": _CUT}, "--only", "shop.orders"),
            code=1,
            told=("dump-trailer-missing",),
        ),
    ),
    Case(
        number="c202",
        seen="MariaDB's documentation of mariadb-dump",
        tried=Tried(
            what="a table that the dump has under another name",
            given=verify("all.sql", {"all.sql": _ALL}, "--only", "shop.ordrs"),
            code=1,
            told=("not-in-the-backup",),
            says=("shop.orders", "blog.posts"),
        ),
        twin=Tried(
            what="all tables that are called alike, of any database",
            given=verify("all.sql", {"all.sql": _ALL}, "--only", "*.o*", "--only", "blog"),
            code=0,
        ),
    ),
    Case(
        number="c203",
        seen="MariaDB's documentation of mariadb-dump",
        tried=Tried(
            what="one table, and rows of another that do not load",
            given=verify("all.sql", {"all.sql": _BROKEN}, "--only", "shop.customers"),
            code=0,
        ),
        twin=Tried(
            what="that other table",
            given=verify("all.sql", {"all.sql": _BROKEN}, "--only", "shop.orders"),
            code=1,
            told=("dump-does-not-load",),
            says=(f"at line {_ORDERS_BEGIN}",),
        ),
    ),
    Case(
        number="c204",
        seen="MariaDB's documentation of mariadb-dump",
        tried=Tried(
            what="a view without the table that it selects from",
            given=verify("all.sql", {"all.sql": _ALL}, "--only", "shop.v"),
            code=3,
            told=("part-needs-more",),
            says=("shop.customers",),
        ),
        twin=Tried(
            what="a view with it",
            given=verify("all.sql", {"all.sql": _ALL}, "--only", "shop.v", "--only", "shop.customers"),
            code=0,
        ),
    ),
    Case(
        number="c205",
        seen="mariadb-operator/mariadb-operator#1655",
        tried=Tried(
            what="mariadb-operator's backup.<time>.sql.gz of all databases",
            given=verify(
                "backup.2026-01-02T03:04:05Z.sql.gz",
                {"backup.2026-01-02T03:04:05Z.sql.gz": gzip.compress(_ALL.encode(), mtime=0)},
            ),
            code=0,
        ),
        twin=Tried(
            what="the same, cut",
            given=verify(
                "backup.2026-01-02T03:04:05Z.sql.gz",
                {"backup.2026-01-02T03:04:05Z.sql.gz": gzip.compress(_ALL.encode(), mtime=0)[:-400]},
            ),
            code=1,
            told=("stream-truncated",),
        ),
    ),
)
