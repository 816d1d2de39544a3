"""Dumps of what every server makes itself, as loops over SHOW DATABASES write them."""

from __future__ import annotations

from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import BLOG, SHOP, dump, table, use

_SEEN = "brodul/ansible-bacula, its backup job"
_OWN = table(
    "accounts", "`USER` char(32) DEFAULT NULL,\n  `HOST` char(60) DEFAULT NULL", options="ENGINE=PERFORMANCE_SCHEMA"
)
_STATUS = table("GLOBAL_STATUS", "`VARIABLE_NAME` varchar(64) NOT NULL", options="ENGINE=MEMORY")
_LOOP = {
    "shop.sql": dump(),
    "blog.sql": dump(BLOG, database="blog"),
    "performance_schema.sql": dump(_OWN, database="performance_schema"),
    "information_schema.sql": dump(_STATUS, database="information_schema"),
}
_HEAD, _, _ = dump(database="Database").partition("/*!40103")
_ALL = dump(use("shop"), SHOP, use("performance_schema"), _OWN)
_STATUSES = dump(use("information_schema"), _STATUS, database="information_schema")

CASES = (
    Case(
        number="c427",
        seen=_SEEN,
        tried=passes(
            "a loop over SHOW DATABASES, performance_schema with it",
            verify("nightly/", {f"nightly/{name}": text for name, text in _LOOP.items()}),
            says=("performance_schema.sql (performance_schema)", "information_schema.sql (information_schema)"),
        ),
        twin=fails(
            "one of the other dumps cut",
            verify(
                "nightly/",
                {f"nightly/{name}": text for name, text in {**_LOOP, "blog.sql": _LOOP["blog.sql"][:2400]}.items()},
            ),
            says=("blog.sql",),
        ),
    ),
    Case(
        number="c428",
        seen=_SEEN,
        tried=passes(
            "such a loop that took the heading for a name",
            verify("nightly/", {"nightly/shop.sql": dump(), "nightly/Database.sql": _HEAD}),
            says=("Database.sql (Database)", "mariadb -N"),
        ),
        twin=fails(
            "a dump of a database called so that is cut",
            verify("nightly/", {"nightly/shop.sql": dump(), "nightly/Database.sql": dump(database="Database")[:2400]}),
            says=("Database.sql",),
        ),
    ),
    Case(
        number="c429",
        seen=_SEEN,
        tried=fails(
            "performance_schema among the databases of one dump",
            verify("all.sql", {"all.sql": _ALL}),
            "dump-does-not-load",
            says=("performance_schema, which every server makes itself", "--all-databases"),
            unsaid=("two dumps",),
        ),
        twin=passes(
            "a database with a table of that name",
            verify("shop.sql", {"shop.sql": dump(SHOP, _OWN.replace("PERFORMANCE_SCHEMA", "InnoDB"))}),
        ),
    ),
    Case(
        number="c430",
        seen=_SEEN,
        tried=fails(
            "a dump of information_schema alone",
            verify("i.sql", {"i.sql": dump(_STATUS, database="information_schema")}),
            "dump-does-not-load",
            says=("information_schema, which every server makes itself",),
        ),
        twin=passes(
            "a database with such a table", verify("i.sql", {"i.sql": dump(_STATUS, database="information")}), "no-rows"
        ),
    ),
    Case(
        number="c431",
        seen=_SEEN,
        tried=fails(
            "information_schema, which the dump selects",
            verify("i.sql", {"i.sql": _STATUSES}),
            "dump-does-not-load",
            says=("information_schema, which every server makes itself",),
            unsaid=("all rights",),
        ),
        twin=passes(
            "beside the others of a loop",
            verify("nightly/", {"nightly/shop.sql": dump(), "nightly/information_schema.sql": _STATUSES}),
            says=("information_schema.sql (information_schema)",),
        ),
    ),
)
