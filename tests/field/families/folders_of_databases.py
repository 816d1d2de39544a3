"""Dumps that lie in a folder for each database, or bear its name before a table's, and do not name it themselves."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import CUSTOMERS, ORDERS, PAGES, POSTS, ZONES, dump, users
from tests.field.packing import gzipped, tgz

_A_TABLE_EACH = "sebastianfeldmann/phpbu#61; tangshengwei/the-first-shell-program"
_BY_TABLE = "backup/backup#541"
_TABLES = {
    ("shop", "customers"): CUSTOMERS,
    ("shop", "orders"): ORDERS,
    ("shop", "users"): users("buyer", 3),
    ("blog", "posts"): POSTS,
    ("blog", "users"): users("blogger", 6),
}
_VIEW = "CREATE VIEW `seen` AS SELECT `id` FROM `blog`.`posts` JOIN `shop`.`customers` USING (`id`);\n"


_ONE_SAYS: Mapping[str, str | bytes] = {"crm.sql": dump(ZONES, database="crm")}
"""Without any there is no recovery point."""


def _plain(*parts: str) -> str:
    return dump(*parts, comments=False)


def _named(form: str, **more: str) -> dict[str, str | bytes]:
    """Return a dump of each table without comments, each called by a form of its database and its name."""
    files: dict[str, str | bytes] = {
        form.format(database, name): _plain(made) for (database, name), made in _TABLES.items()
    }
    return files | more


def _given(files: Mapping[str, str | bytes], *options: str) -> Input:
    return verify("night/", {f"night/{path}": content for path, content in {**files, **_ONE_SAYS}.items()}, *options)


_IN_FOLDERS = _named("{}/{}.sql")
_PACKED = {f"{path}.gz": gzipped(content) for path, content in _IN_FOLDERS.items()}
_ONLY_BLOG = ("--only", "blog")

CASES = (
    Case(
        number="c519",
        seen=_A_TABLE_EACH,
        tried=passes(
            "a folder for each database, with a dump of each table without comments",
            _given(_PACKED),
            says=("blog/users.sql.gz into blog", "shop/users.sql.gz into shop"),
            unsaid=("restored` together",),
        ),
        twin=fails(
            "the same, one of them cut inside a statement",
            _given({**_PACKED, "blog/posts.sql.gz": gzipped(_plain(POSTS)[:1250])}),
            "dump-does-not-load",
            says=("blog/posts.sql.gz",),
        ),
    ),
    Case(
        number="c520",
        seen=_A_TABLE_EACH,
        tried=unverified(
            "one of the databases",
            _given(_named("2026-01-02/{}/{}_2026-01-02.sql"), *_ONLY_BLOG),
            "RPO",
            says=("only blog.*", "2 of 6 files", "all of shop, whose files were not read"),
        ),
        twin=fails(
            "a database that none of the folders is called",
            _given(_IN_FOLDERS, "--only", "restored"),
            "not-in-the-backup",
            says=("there are files of blog, crm, shop, which were not read",),
            unsaid=("it has no tables",),
        ),
    ),
    Case(
        number="c521",
        seen=_A_TABLE_EACH,
        tried=passes(
            "an archive of such folders, in which a view of one database reads another's tables",
            verify("night.tgz", {"night.tgz": tgz({**_ONE_SAYS, **_IN_FOLDERS, "blog/a_view.sql": _plain(_VIEW)})}),
            says=("blog/a_view.sql into blog",),
        ),
        twin=fails(
            "the same without the table that the view reads",
            verify(
                "night.tgz",
                {
                    "night.tgz": tgz(
                        {
                            **_ONE_SAYS,
                            **{path: text for path, text in _IN_FOLDERS.items() if path != "shop/customers.sql"},
                            "blog/a_view.sql": _plain(_VIEW),
                        }
                    )
                },
            ),
            "folder-incomplete",
            says=("shop.customers",),
        ),
    ),
    Case(
        number="c522",
        seen=_BY_TABLE,
        tried=passes(
            "a dump of each table, named DATABASE-TABLE-DATE",
            _given(_named("{}-{}-2026-01-02_03-00-00.sql")),
            says=("blog-users-2026-01-02_03-00-00.sql into blog",),
        ),
        twin=fails(
            "the same, one of 0 bytes",
            _given(_named("{}-{}-2026-01-02_03-00-00.sql", **{"wiki-pages-2026-01-02_03-00-00.sql": ""})),
            "backup-empty",
            says=("wiki-pages",),
        ),
    ),
    Case(
        number="c523",
        seen=_BY_TABLE,
        tried=passes(
            "a dump of each table, named DATABASE.TABLE, and the routines of one database in a file of their own",
            _given(
                _named("{}.{}.sql", **{"shop.routines.sql": _plain("CREATE PROCEDURE `p`() SELECT 1 FROM orders;\n")})
            ),
            says=("shop.routines.sql into shop",),
        ),
        twin=unverified(
            "the same twice, under two names",
            _given(_named("{}.{}.sql", **{"shop-orders.sql": _plain(ORDERS)})),
            "dumps-mixed",
        ),
    ),
    Case(
        number="c524",
        seen=_A_TABLE_EACH,
        tried=passes(
            "folders for definitions and rows, which are no databases",
            _given({"schema/pages.sql": _plain(PAGES), "schema/posts.sql": _plain(POSTS)}),
            says=("schema/pages.sql", "went into `restored` together"),
        ),
        twin=fails(
            "the same, in a folder of their database, and one of them cut",
            _given(
                {"wiki/schema/pages.sql": _plain(PAGES), "wiki/schema/posts.sql": _plain(POSTS).partition("(9,")[0]}
            ),
            says=("wiki/schema/posts.sql",),
        ),
    ),
)
