"""One table or one database out of a folder or an archive of dumps: what else lies there is not read, and said."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import dump, table, use

_SET = "/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
_ID = "CREATE TABLE `{0}` (\n  `id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB"


def _given(files: Mapping[str, str | bytes], *only: str) -> Input:
    options = [word for one in only for word in ("--only", one)]
    return verify("dump/", {f"dump/{name}": content for name, content in files.items()}, *options)


def _mydumper() -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {
        "metadata": "# Started dump at: 2026-01-02 03:04:02\n[config]\nquote-character = BACKTICK\n\n"
        + "".join(
            f"[`{database}`.`{name}`]\nreal_table_name={name}\nrows = 2\n\n"
            for database, name in (("shop", "orders"), ("shop", "zones"), ("blog", "posts"))
        )
        + "# Finished dump at: 2026-01-02 03:04:05\n",
        "shop-schema-create.sql": f"{_SET}CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n",
        "shop-schema-post.sql": f"{_SET}CREATE PROCEDURE `p`() SELECT 1;\n",
        "shop.orders-schema-triggers.sql": (
            f"{_SET}CREATE TRIGGER `one` BEFORE INSERT ON `orders` FOR EACH ROW SET @a = 1;\n"
        ),
        "shop.v-schema.sql": f"{_SET}CREATE TABLE IF NOT EXISTS `v`(\n`id` int\n);\n",
        "shop.v-schema-view.sql": f"{_SET}DROP TABLE IF EXISTS `v`;\nCREATE VIEW `v` AS SELECT `id` FROM `zones`;\n",
        "blog-schema-create.sql": f"{_SET}CREATE DATABASE /*!32312 IF NOT EXISTS*/ `blog`;\n",
    }
    for name in ("shop.orders", "shop.zones", "blog.posts"):
        plain = name.partition(".")[2]
        files[f"{name}-schema.sql"] = f"{_SET}{_ID.format(plain)};\n"
        files[f"{name}.00000.sql"] = f"{_SET}INSERT INTO `{plain}` VALUES(1)\n,(2);\n"
    return files


def _shell() -> dict[str, str | bytes]:
    head = "-- MySQLShell dump 2.0.1  Distrib Ver 8.0.42 for Linux on x86_64 - for MySQL 8.0.42\n"
    files: dict[str, str | bytes] = {
        "@.json": json.dumps(
            {"dumper": "mysqlsh Ver 8.0.42", "version": "2.0.1", "schemas": ["shop"], "basenames": {"shop": "shop"}}
            | {"begin": "2026-01-02 03:04:02", "tzUtc": True}
        ),
        "@.done.json": json.dumps(
            {"end": "2026-01-02 03:04:05", "tableDataBytes": {"shop": {"orders": 4, "zones": 4}}}
        ),
        "@.sql": head,
        "@.post.sql": head,
        "shop.json": json.dumps(
            {
                "schema": "shop",
                "tables": ["orders", "zones"],
                "basenames": {n: f"shop@{n}" for n in ("orders", "zones")},
            }
        ),
        "shop.sql": f"{head}CREATE DATABASE IF NOT EXISTS `shop`;\n",
    }
    for name in ("orders", "zones"):
        files[f"shop@{name}.json"] = json.dumps(
            {"options": {"schema": "shop", "table": name, "columns": ["id"], "fieldsTerminatedBy": "\t"}}
        )
        files[f"shop@{name}.sql"] = f"{head}{_ID.format(name)};\n"
        files[f"shop@{name}@@0.tsv"] = "1\n2\n"
    return files


def _tab() -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {}
    for name in ("orders", "zones"):
        files[f"{name}.sql"] = dump(f"{_ID.format(name)};\n", database="shop")
        files[f"{name}.txt"] = "1\n2\n"
    return files


_SHOP = table("orders", "`id` int NOT NULL, PRIMARY KEY (`id`)", ["1", "2"]) + table(
    "zones", "`id` int NOT NULL, PRIMARY KEY (`id`)", ["1", "2"]
)
_BLOG = table("posts", "`id` int NOT NULL, PRIMARY KEY (`id`)", ["1"])
_DUMPS: dict[str, str | bytes] = {
    "shop.sql": dump(_SHOP, database="shop"),
    "blog.sql": dump(_BLOG, database="blog"),
    "both.sql": dump(use("crm") + _BLOG.replace("posts", "leads") + use("wiki") + _BLOG.replace("posts", "pages")),
}


def _with(files: Mapping[str, str | bytes], name: str, old: str, new: str) -> dict[str, str | bytes]:
    text = files[name]
    assert isinstance(text, str)
    assert old in text
    return {**files, name: text.replace(old, new)}


def _packed(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"nightly/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


_BROKEN = _with(_mydumper(), "shop.zones.00000.sql", "(1)", "(1,1)")
_CUT_BLOG = _with(_DUMPS, "blog.sql", "-- Dump completed", "-- ")
_TGZ = _packed(_DUMPS)
CASES = (
    Case(
        number="c206",
        seen="mydumper/mydumper#1402",
        tried=passes(
            "one table of a mydumper folder, in which rows of another do not load",
            _given(_BROKEN, "shop.orders"),
            says=("only shop.orders", "4 of 13 files", "1 table of blog"),
        ),
        twin=fails(
            "that other table", _given(_BROKEN, "shop.zones"), "dump-does-not-load", says=("shop.zones.00000.sql",)
        ),
    ),
    Case(
        number="c207",
        seen="shopware/shopware-cli#1356",
        tried=passes(
            "one table of a folder of MySQL Shell's", _given(_shell(), "shop.zones"), says=("only shop.zones",)
        ),
        twin=fails(
            "the same, its rows cut inside a line",
            _given(_with(_shell(), "shop@zones@@0.tsv", "2\n", "2"), "shop.zones"),
            "rows-truncated",
        ),
    ),
    Case(
        number="c208",
        seen="MariaDB's documentation of mariadb-dump",
        tried=passes("one table of a --tab folder", _given(_tab(), "shop.orders"), says=("zones.txt",)),
        twin=fails(
            "a table that the folder has under another name",
            _given(_tab(), "shop.ordrs"),
            "not-in-the-backup",
            says=("shop.orders", "shop.zones"),
        ),
    ),
    Case(
        number="c209",
        seen="mariadb-operator/mariadb-operator#129",
        tried=passes(
            "one database of a folder of dumps, another of which was cut", _given(_CUT_BLOG, "shop"), says=("blog.sql",)
        ),
        twin=fails("the one that was cut", _given(_CUT_BLOG, "blog"), "dump-trailer-missing", says=("blog.sql",)),
    ),
    Case(
        number="c210",
        seen="mariadb-operator/mariadb-operator#129",
        tried=passes(
            "one table out of a dump of several databases that lies in a folder",
            _given(
                _with(_DUMPS, "both.sql", "INSERT INTO `pages` VALUES\n(1)", "INSERT INTO `pages` VALUES\n(1,1)"),
                "crm.leads",
            ),
            says=("shop.sql",),
        ),
        twin=fails(
            "the same, whose rows do not load",
            _given(
                _with(_DUMPS, "both.sql", "INSERT INTO `leads` VALUES\n(1)", "INSERT INTO `leads` VALUES\n(1,1)"),
                "crm.leads",
            ),
            "dump-does-not-load",
            says=("both.sql",),
        ),
    ),
    Case(
        number="c211",
        seen="mariadb-operator/mariadb-operator#129",
        tried=passes(
            "one database out of an archive of dumps",
            verify("dumps.tar.gz", {"dumps.tar.gz": _TGZ}, "--only", "blog"),
            says=("only blog.*",),
        ),
        twin=fails(
            "the same, cut", verify("dumps.tar.gz", {"dumps.tar.gz": _TGZ[:-60]}, "--only", "blog"), "stream-truncated"
        ),
    ),
    Case(
        number="c212",
        seen="mydumper/mydumper#1402",
        tried=fails(
            "a view of a mydumper folder that is called otherwise",
            _given(_mydumper(), "shop.views"),
            "not-in-the-backup",
            says=("shop.v", "blog.posts"),
        ),
        twin=passes("all of that database", _given(_mydumper(), "shop"), says=("1 table of blog",)),
    ),
)
