"""Folders of dumps, and archives of files that have dumps among them."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, CUSTOMERS, ORDERS, PAGES, POSTS, WIKI, dump
from tests.field.packing import gzipped, tgz

_ONE_IS_EMPTY = (
    "Dokploy/dokploy#1298; spatie/laravel-backup#931; databacker/mysql-backup#116; usmannasir/cyberpanel#1823"
)
_NO_COMMENTS = "databacker/mysql-backup#165; spatie/db-dumper#57"
_REFUSED = "mariadb-dump: Got error: 1045: \"Access denied for user 'backup'@'localhost'\" when trying to connect\n"
_SHOP_SQL = dump()
_BLOG_SQL = dump(BLOG, database="blog")
_WIKI_SQL = dump(WIKI, database="wiki")
_CHECKSUM = f"{sha256(_BLOG_SQL.encode()).hexdigest()}  blog.sql\n"
_CUT = _BLOG_SQL.partition("/*!40103 SET TIME_ZONE=@OLD")[0]
_THREE: Mapping[str, str | bytes] = {"shop.sql": _SHOP_SQL, "blog.sql": _BLOG_SQL, "wiki.sql": _WIKI_SQL}
_PLAIN: Mapping[str, str | bytes] = {
    "shop.sql": dump(comments=False),
    "blog.sql": dump(BLOG, comments=False),
    "wiki.sql": dump(WIKI, comments=False),
}
_ZIPPED = {f"{name}.gz": gzipped(text) for name, text in _THREE.items()}
_ACCOUNT = {
    "user/version": "pkgacct 10\n",
    "user/cp/user": "DNS=shop.example.org\n",
    "user/homedir/public_html/index.php": "<?php\n",
    "user/mysql/user_shop.create": "CREATE DATABASE `user_shop`;\n",
}


def _folder(changes: Mapping[str, str | bytes], *, of: Mapping[str, str | bytes] = _THREE) -> Input:
    return verify("dumps/", {f"dumps/{name}": text for name, text in {**of, **changes}.items()})


def _zipped(content: bytes) -> Input:
    return _folder({"blog.sql.gz": content}, of=_ZIPPED)


def _account(**more: str) -> Input:
    files = {**_ACCOUNT, **{f"user/mysql/{name}.sql": text for name, text in more.items()}}
    name = "backup-1.2.2026_03-04-05_user.tar.gz"
    return verify(name, {name: tgz(files)})


_HALF = dump(database="user_shop")[:2500]

CASES = (
    Case(
        number="c03",
        seen=_ONE_IS_EMPTY,
        tried=fails(
            "three dumps in a folder, one of 0 bytes", _folder({"blog.sql": ""}), "backup-empty", says=("blog.sql",)
        ),
        twin=passes("three dumps in a folder, each whole", _folder({})),
    ),
    Case(
        number="c03b",
        seen=_ONE_IS_EMPTY,
        tried=fails(
            "one holds the tool's error message",
            _folder({"blog.sql": _REFUSED}),
            "backup-is-an-error-message",
            says=("blog.sql",),
        ),
        twin=passes("a folder of two dumps", _folder({}, of={"shop.sql": _SHOP_SQL, "wiki.sql": _WIKI_SQL})),
    ),
    Case(
        number="c03c",
        seen=_ONE_IS_EMPTY,
        tried=fails("one is an empty gzip stream", _zipped(gzipped("")), "backup-empty", says=("blog.sql.gz",)),
        twin=passes("each compressed and whole", _zipped(gzipped(_BLOG_SQL))),
    ),
    Case(
        number="c03d",
        seen=_ONE_IS_EMPTY,
        tried=fails(
            "one gzip stream is cut", _zipped(gzipped(_BLOG_SQL)[:-40]), "stream-truncated", says=("blog.sql.gz",)
        ),
        twin=passes("one is not compressed", _folder({"notes.sql": dump(database="notes")}, of=_ZIPPED)),
    ),
    Case(
        number="c03f",
        seen=_ONE_IS_EMPTY,
        tried=fails(
            "one is cut between statements", _folder({"blog.sql": _CUT}), "dump-trailer-missing", says=("blog.sql",)
        ),
        twin=passes("a checksum file and the job's log beside them", _folder({"blog.sql.sha256": _CHECKSUM})),
    ),
    Case(
        number="c03g",
        seen=_ONE_IS_EMPTY,
        tried=fails(
            "an archive of three dumps, one of 0 bytes",
            verify("all.tgz", {"all.tgz": tgz({**_THREE, "blog.sql": ""})}),
            "backup-empty",
            says=("blog.sql",),
        ),
        twin=passes("the same, each whole", verify("all.tgz", {"all.tgz": tgz(_THREE)})),
    ),
    Case(
        number="c29",
        seen=_NO_COMMENTS,
        tried=unverified(
            "dumps without comments, two of which have the same table",
            _folder({}, of=_PLAIN),
            "RPO",
            says=["blog.sql into blog"],
        ),
        twin=fails(
            "the same, one of them cut inside a statement", _folder({"blog.sql": _PLAIN["blog.sql"][:1500]}, of=_PLAIN)
        ),
    ),
    Case(
        number="c29b",
        seen=_NO_COMMENTS,
        tried=passes(
            "one of three has comments, and two have the same table",
            _folder({"shop.sql": _SHOP_SQL}, of=_PLAIN),
            says=["wiki.sql into wiki"],
            unsaid=["shop.sql into"],
        ),
        twin=unverified(
            "two of one database, by their names too",
            _folder({"wiki-full.sql": _PLAIN["wiki.sql"]}, of=_PLAIN),
            "dumps-mixed",
            says=["wiki-full.sql and wiki.sql make the same table"],
        ),
    ),
    Case(
        number="c70",
        seen="nfrastack/db-backup#295",
        tried=fails(
            "a dump of a folder ends after the first table's structure",
            _folder({"shop.sql": _SHOP_SQL.partition("--\n-- Dumping data for table `customers`")[0]}),
            "dump-trailer-missing",
            says=("shop.sql",),
        ),
        twin=passes(
            "structure and rows apart, each whole",
            _folder({}, of={"shop-1.sql": dump(CUSTOMERS), "shop-2.sql": dump(ORDERS)}),
        ),
    ),
    Case(
        number="c70b",
        seen="nfrastack/db-backup#295",
        tried=unverified(
            "a folder of three nights of one database",
            _folder({}, of={f"shop-2026010{night}.sql": _SHOP_SQL for night in (1, 2, 3)}),
            "dumps-mixed",
            says=["3 backups of one series", "which is shop-20260103.sql"],
        ),
        twin=passes(
            "a folder of one night", _folder({}, of={"shop-20260102.sql": _SHOP_SQL, "blog-20260102.sql": _BLOG_SQL})
        ),
    ),
    Case(
        number="c70c",
        seen="databacker/mysql-backup#165",
        tried=fails(
            "a table's file of its own for each, one empty",
            _folder({}, of={"posts.sql": dump(POSTS, database="blog"), "pages.sql": "", "users.sql": _BLOG_SQL}),
            "backup-empty",
            says=("pages.sql",),
        ),
        twin=passes(
            "a file of its own for each table",
            _folder({}, of={"posts.sql": dump(POSTS, database="blog"), "pages.sql": dump(PAGES, database="blog")}),
        ),
    ),
    Case(
        number="c592",
        seen="phpsu/phpsu#155; databacker/mysql-backup#116",
        tried=fails(
            "a dump without an ending among others that begins with what the tool gave up with",
            verify("night/", {"night/shop": dump(), "night/wiki": f"mysqldump: Got error: 1044: no\n{dump(WIKI)}"}),
            "dump-tool-failed",
            says=["wiki"],
        ),
        twin=passes(
            "the same without it", verify("night/", {"night/shop": dump(), "night/wiki": dump(WIKI, database="wiki")})
        ),
    ),
)
