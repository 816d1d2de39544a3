"""Archives of files that have dumps among them: accounts of control panels, sites, volumes."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, dump
from tests.field.packing import gzipped, tar, tgz

_PANELS = "cPanel's documentation of its backups; usmannasir/cyberpanel#1823"
_SHOP = dump(database="user_shop")
_HALF = _SHOP[: len(_SHOP) // 2]
_CUT = _SHOP.partition("/*!40103 SET TIME_ZONE=@OLD")[0]
_REFUSED = "mariadb-dump: Got error: 1045: \"Access denied for user 'user'@'localhost'\" when trying to connect\n"
_ACCOUNT: Mapping[str, str | bytes] = {
    "user/version": "pkgacct 10\n",
    "user/cp/user": "DNS=shop.example.org\n",
    "user/homedir/public_html/index.php": "<?php\n",
    "user/mysql/user_shop.create": "CREATE DATABASE `user_shop`;\n",
    "user/mysql.sql": "GRANT USAGE ON *.* TO 'user_shop'@'localhost';\n",
}
_SITE: Mapping[str, str | bytes] = {
    "site/index.php": "<?php\n",
    "site/install/schema.sql": "CREATE TABLE t (id int NOT NULL);\n",
    "site/migrations/0002_orders.sql": "",
}
_ARCHIVE = tar({**_SITE, "./dumps/shop.sql": _SHOP, "z": "z" * 2000})


def _account(*options: str, **dumps: str) -> Input:
    files = {**_ACCOUNT, **{f"user/mysql/{name}.sql": text for name, text in dumps.items()}}
    name = "backup-1.2.2026_03-04-05_user.tar.gz"
    return verify(name, {name: tgz(files)}, *options)


def _site(files: Mapping[str, str | bytes], *options: str) -> Input:
    name = "site-20260102T030405Z.tgz"
    return verify(name, {name: tgz({**_SITE, **files})}, *options)


CASES = (
    Case(
        number="c40",
        seen=_PANELS,
        tried=passes(
            "an account of cPanel, and a dump in it that nobody restored",
            _account(user_shop=_SHOP),
            "dump-not-restored",
            says=("user/mysql/user_shop.sql", "--inside"),
        ),
        twin=fails(
            "the same, the dump in it cut in half", _account(user_shop=_HALF), says=("user/mysql/user_shop.sql",)
        ),
    ),
    Case(
        number="c40b",
        seen=_PANELS,
        tried=fails(
            "one of two dumps of an account has 0 bytes",
            _account(user_shop=_SHOP, user_blog=""),
            "backup-empty",
            says=("user_blog.sql",),
        ),
        twin=passes(
            "both dumps of an account are whole",
            _account(user_shop=_SHOP, user_blog=dump(BLOG, database="user_blog")),
            "dump-not-restored",
        ),
    ),
    Case(
        number="c40c",
        seen=_PANELS,
        tried=fails(
            "a dump among the files is the tool's error message",
            _site({"site/private/shop.sql": _REFUSED}),
            "backup-is-an-error-message",
            says=("site/private/shop.sql",),
        ),
        twin=passes(
            "SQL of an application, empty migrations among it", _site({}), says=("2 files", "site/install/schema.sql")
        ),
    ),
    Case(
        number="c40d",
        seen="offen/docker-volume-backup's documentation (exec-label)",
        tried=fails(
            "a compressed dump in a volume is cut short",
            _site({"backup/data/dump.sql.gz": gzipped(_SHOP)[:-60]}),
            "stream-truncated",
            says=("backup/data/dump.sql.gz",),
        ),
        twin=passes(
            "the same, whole",
            _site({"backup/data/dump.sql.gz": gzipped(_SHOP)}),
            "dump-not-restored",
            says=("backup/data/dump.sql.gz",),
        ),
    ),
    Case(
        number="c40e",
        seen="borgmatic's documentation (mariadb_databases)",
        tried=fails(
            "borgmatic's dump, which has no suffix, is cut between two statements",
            _site({"borgmatic/mariadb_databases/localhost/shop": _CUT}),
            "dump-trailer-missing",
            says=("borgmatic/mariadb_databases/localhost/shop",),
        ),
        twin=passes(
            "the same, whole", _site({"borgmatic/mariadb_databases/localhost/shop": _SHOP}), "dump-not-restored"
        ),
    ),
    Case(
        number="c40g",
        seen=_PANELS,
        tried=passes(
            "the dump inside an account, restored on request",
            _account("--inside", "mysql/*.sql*", user_shop=_SHOP),
            says=("of its archive only what matches mysql/*.sql* was restored: user/mysql/user_shop.sql",),
        ),
        twin=fails(
            "the same, the dump in it cut between two statements",
            _account("--inside", "mysql/*.sql*", user_shop=_CUT),
            "dump-trailer-missing",
            says=("user_shop.sql",),
        ),
    ),
    Case(
        number="c40h",
        seen=_PANELS,
        tried=fails(
            "a name that no dump in the archive has",
            _account("--inside", "mysql/user_blog.sql", user_shop=_SHOP),
            "not-in-the-backup",
            says=("user/mysql/user_shop.sql",),
        ),
        twin=passes(
            "one of two dumps in the archive, by its name; the other is broken",
            _account("--inside", "./mysql/user_shop.sql", user_shop=_SHOP, user_blog=_HALF),
            says=("user_blog.sql",),
        ),
    ),
    Case(
        number="c40i",
        seen=_PANELS,
        tried=unverified(
            "three nights of one database inside a site's archive",
            _site({f"site/backups/shop-2026010{day}.sql": _SHOP for day in (1, 2, 3)}, "--inside", "backups/*.sql"),
            "dumps-mixed",
            says=("shop-20260103.sql",),
        ),
        twin=passes(
            "two databases inside it, compressed one by one",
            _site(
                {"site/backups/a.sql.gz": gzipped(_SHOP), "site/backups/b.sql.gz": gzipped(dump(BLOG, database="b"))},
                "--inside",
                "backups/*.sql*",
            ),
        ),
    ),
    Case(
        number="c40j",
        seen="borgmatic's documentation (mariadb_databases)",
        tried=passes(
            "borgmatic's dump, taken out of an archive whose names begin with a dot",
            _site({"./borgmatic/mariadb_databases/localhost/shop": _SHOP}, "--inside", "mariadb_databases/*/*"),
        ),
        twin=fails(
            "the same, the archive cut behind the dump",
            verify("s.tar", {"s.tar": _ARCHIVE[:-11000]}, "--inside", "dumps/*"),
            "archive-truncated",
        ),
    ),
    Case(
        number="c40f",
        seen=_PANELS,
        tried=passes(
            "a dump that a tool wrote, cut, among an application's sources",
            _site({"site/tests/fixtures/sample.sql": _CUT}),
            says=("site/tests/fixtures/sample.sql",),
        ),
        twin=fails(
            "the same dump where backups are kept", _site({"site/backups/sample.sql": _CUT}), "dump-trailer-missing"
        ),
    ),
)
