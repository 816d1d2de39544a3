"""What MySQL Shell writes: JSON about everything, definitions, and rows in files of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping

import zstandard

from tests.field.case import Case, Tried, fails, passes, verify

_SEEN = "holland-backup/holland#389; shopware/shopware-cli#1356"
_HEAD = "-- MySQLShell dump 2.0.1  Distrib Ver 8.0.42 for Linux on x86_64 - for MySQL 8.0.42 (MySQL Community Server)\n"
_ABOUT = {
    "dumper": "mysqlsh Ver 8.0.42 for Linux on x86_64 - (MySQL Community Server (GPL))",
    "version": "2.0.1",
    "origin": "dumpInstance",
    "schemas": ["shop"],
    "basenames": {"shop": "shop"},
    "defaultCharacterSet": "utf8mb4",
    "tzUtc": True,
    "serverVersion": "8.0.42",
    "begin": "2026-01-02 03:00:00",
}
_COLUMNS = {"orders": ["id", "note", "photo"], "zones": ["id", "label"]}
_TYPES = {
    "orders": "`id` int NOT NULL,\n  `note` varchar(80) DEFAULT NULL,\n  `photo` blob,\n  PRIMARY KEY (`id`)",
    "zones": "`id` int NOT NULL,\n  `label` varchar(40) NOT NULL,\n  PRIMARY KEY (`id`)",
}
_ROWS = {
    "shop@orders@0.tsv": "1\tM\u00fcller\\tx\tiVBORw0KGgo=\n2\t\\N\t\\N\n",
    "shop@orders@1.tsv": "3\ta\\nb\t\n",
    "shop@orders@@2.tsv": "4\tlast\tAA==\n",
    "shop@zones@@0.tsv": "1\tone\n2\ttwo\n",
}


def _dump(
    *left_out: str, packed: bool = False, views: bool = False, changed: Mapping[str, str] = {}
) -> dict[str, str | bytes]:
    options = {
        name: {"schema": "shop", "table": name, "columns": columns, "fieldsTerminatedBy": "\t", "fieldsEscapedBy": "\\"}
        | ({"decodeColumns": {"photo": "FROM_BASE64"}} if "photo" in columns else {})
        for name, columns in _COLUMNS.items()
    }
    shop = {"schema": "shop", "tables": ["orders", "zones"], "views": ["late"] if views else [],
            "basenames": {name: f"shop@{name}" for name in (*_COLUMNS, "late")}}  # fmt: skip
    files = {
        "@.json": json.dumps(_ABOUT),
        "@.done.json": json.dumps(
            {"end": "2026-01-02 03:04:05", "dataBytes": 99, "tableDataBytes": {"shop": {"orders": 70, "zones": 29}}}
        ),
        "@.sql": _HEAD,
        "@.post.sql": _HEAD,
        "shop.json": json.dumps(shop),
        "shop.sql": f"{_HEAD}CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!80016 DEFAULT ENCRYPTION='N' */;\n",
        **{f"shop@{name}.json": json.dumps({"options": said, "extension": "tsv"}) for name, said in options.items()},
        **{
            f"shop@{name}.sql": f"{_HEAD}CREATE TABLE IF NOT EXISTS `{name}` (\n  {columns}\n) ENGINE=InnoDB;\n"
            for name, columns in _TYPES.items()
        },
        **_ROWS,
        **{f"{name}.idx": "\0" for name in _ROWS},
        **changed,
    }
    if views:
        files["shop@late.pre.sql"] = f"{_HEAD}CREATE VIEW `late` AS SELECT 1 AS `id`;\n"
        files["shop@late.sql"] = (
            f"{_HEAD}DROP VIEW IF EXISTS `late`;\nCREATE VIEW `late` AS select `id` from `orders`;\n"
        )
    whole: dict[str, str | bytes] = {f"all/{name}": text for name, text in files.items() if name not in left_out}
    if packed:
        pack = zstandard.ZstdCompressor().compress
        for name in _ROWS:
            if text := whole.pop(f"all/{name}", None):
                whole[f"all/{name}.zst"] = pack(str(text).encode())
    return whole


def _lacks(what: str, *left_out: str, says: str) -> Tried:
    return fails(what, verify("all/", _dump(*left_out)), "folder-incomplete", says=[says])


CASES = (
    Case(
        number="c09",
        seen=_SEEN,
        tried=passes("a folder of MySQL Shell's", verify("all/", _dump())),
        twin=fails("one without the file that ends it", verify("all/", _dump("@.done.json")), "dump-unfinished"),
    ),
    Case(
        number="c09b",
        seen=_SEEN,
        tried=passes(
            "its rows in chunks, packed with zstd, and a view", verify("all/", _dump(packed=True, views=True))
        ),
        twin=_lacks("one chunk in the middle is missing", "shop@orders@1.tsv", says="number 1 of 0 to 2"),
    ),
    Case(
        number="c09c",
        seen=_SEEN,
        tried=_lacks("the last chunk is missing", "shop@orders@@2.tsv", says="shop.orders"),
        twin=passes(
            "accounts of MySQL's beside, which are named as not restored",
            verify("all/", _dump() | {"all/@.users.sql": f"{_HEAD}CREATE USER 'app'@'%';\n"}),
            says=["@.users.sql"],
        ),
    ),
    Case(
        number="c09d",
        seen=_SEEN,
        tried=_lacks("a table's JSON is missing", "shop@zones.json", says="shop.zones"),
        twin=passes("a table without rows", verify("all/", _dump(changed={"shop@zones@@0.tsv": ""}))),
    ),
    Case(
        number="c09e",
        seen=_SEEN,
        tried=fails(
            "rows cut inside a line",
            verify("all/", _dump(changed={"shop@orders@@2.tsv": "4\tla"})),
            says=["shop@orders@@2.tsv"],
        ),
        twin=passes(
            "the same, whole, and a later row", verify("all/", _dump(changed={"shop@orders@@2.tsv": "9\tx\t\n"}))
        ),
    ),
)
