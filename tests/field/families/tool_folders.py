"""Folders as mydumper and MySQL Shell leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify

_MYDUMPER = "mydumper/mydumper#1402; mydumper/mydumper#1448; mydumper/mydumper#353"
_SET = "/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
_TABLES = {"customers": 20, "orders": 40, "zones": 10}
_COLUMNS = "(\n  `id` int(11) NOT NULL,\n  `label` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB"
_OLD = """\
Started dump at: 2026-01-02 03:04:02
SHOW MASTER STATUS:
\tLog: binlog.000001
\tPos: 5486
\tGTID:0-7-17

Finished dump at: 2026-01-02 03:04:05
"""
_NEW = """\
# Started dump at: 2026-01-02 03:04:02
[config]
quote-character = BACKTICK

[myloader_session_variables]
SQL_MODE='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION' /*!40101

[source]
# Channel_Name = '' # It can be use to setup replication FOR CHANNEL
File = binlog.000003
Position = 663
Executed_Gtid_Set = 0-1-5

"""
_FINISHED = "# Finished dump at: 2026-01-02 03:04:05\n"


def _rows_of(name: str, number: int) -> str:
    rows = "\n,".join(f'({one},"{name} {one}")' for one in range(1, number + 1))
    return f"{_SET}INSERT INTO `{name}` VALUES{rows};\n"


def _files(metadata: str, part: str) -> dict[str, str]:
    """Return the files of a run; `part` is what stands in the name of a table's rows."""
    files = {
        "metadata": metadata,
        "shop-schema-create.sql": "/*!40101 SET NAMES binary*/;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n",
    }
    for name, number in _TABLES.items():
        columns = "`id` int(11) NOT NULL,\n  `label` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)"
        files[f"shop.{name}-schema.sql"] = (
            f"{_SET}CREATE TABLE IF NOT EXISTS `{name}` (\n  {columns}\n) ENGINE=InnoDB;\n"
        )
        files[f"shop.{name}{part}.sql"] = _rows_of(name, number)
    return files


def _counted(counts: Mapping[str, int]) -> str:
    sections = "".join(
        f"[`shop`.`{name}`]\nreal_table_name={name}\nrows = {count}\n\n" for name, count in counts.items()
    )
    return f"{_NEW}{sections}{_FINISHED}"


def _given(files: Mapping[str, str | bytes], *without: str) -> Input:
    return verify("dump/", {f"dump/{name}": text for name, text in files.items() if name not in without})


_OLD_FILES = _files(_OLD, "")
_NEW_FILES = _files(_counted(_TABLES), ".00000")
_SHELL = (
    "-- MySQLShell dump 2.0.1  Distrib Ver 8.0.42 for Linux on x86_64 - for MySQL 8.0.42\n--\n"
    "-- ------------------------------------------------------\n-- Server version\t8.0.42\n"
)


def _shell() -> dict[str, str | bytes]:
    """Return the files of `util.dumpInstance`."""
    begun = {"dumper": "mysqlsh Ver 8.0.42", "version": "2.0.1", "origin": "dumpInstance", "schemas": ["shop"]}
    files: dict[str, str | bytes] = {
        "@.json": json.dumps({**begun, "basenames": {"shop": "shop"}, "begin": "2026-01-02 03:04:02", "tzUtc": True}),
        "@.done.json": json.dumps({"end": "2026-01-02 03:04:05", "tableDataBytes": {"shop": {"zones": 91}}}),
        "@.sql": f"{_SHELL}-- dumping global objects\n",
        "@.post.sql": f"{_SHELL}-- dumping users\n",
        "shop.json": json.dumps(
            {"schema": "shop", "tables": ["zones"], "views": [], "basenames": {"zones": "shop@zones"}}
        ),
        "shop.sql": f"{_SHELL}CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;\n",
        "shop@zones.json": json.dumps(
            {
                "options": {"schema": "shop", "table": "zones", "columns": ["id", "label"], "fieldsTerminatedBy": "\t"},
                "extension": "tsv",
                "compression": "none",
            }
        ),
        "shop@zones.sql": f"{_SHELL}CREATE TABLE IF NOT EXISTS `zones` {_COLUMNS};\n",
        "shop@zones@@0.tsv": "".join(f"{one}\tzone {one}\n" for one in range(1, 11)),
        "shop@zones@@0.tsv.idx": (91).to_bytes(8, "big"),
    }
    return files


CASES = (
    Case(
        number="c10",
        seen=_MYDUMPER,
        tried=passes(
            "mydumper 0.10, the rows of a table missing: nothing tells", _given(_OLD_FILES, "shop.orders.sql")
        ),
        twin=fails(
            "mydumper 0.10, the structure of a table missing",
            _given(_OLD_FILES, "shop.orders-schema.sql"),
            says=("orders",),
        ),
    ),
    Case(
        number="c10b",
        seen=_MYDUMPER,
        tried=fails(
            "mydumper, the rows of a table cut",
            _given({**_OLD_FILES, "shop.orders.sql": _OLD_FILES["shop.orders.sql"][:-30]}),
            says=("shop.orders.sql",),
        ),
        twin=passes("mydumper 0.10, whole", _given(_OLD_FILES)),
    ),
    Case(
        number="c10c",
        seen=_MYDUMPER,
        tried=fails(
            "mydumper of today: its metadata counts rows whose file is missing",
            _given(_NEW_FILES, "shop.orders.00000.sql"),
            "folder-incomplete",
            says=("shop.orders",),
        ),
        twin=passes(
            "mydumper of today, a table without rows",
            _given({**_NEW_FILES, "metadata": _counted({**_TABLES, "orders": 0})}, "shop.orders.00000.sql"),
        ),
    ),
    Case(
        number="c10d",
        seen=_MYDUMPER,
        tried=fails(
            "its metadata counts a row more than there are",
            _given({**_NEW_FILES, "metadata": _counted({**_TABLES, "zones": 11})}),
            "folder-incomplete",
            says=("shop.zones",),
        ),
        twin=passes(
            "the rows of a table in two files",
            _given(
                {
                    **_NEW_FILES,
                    "metadata": _counted({**_TABLES, "zones": 12}),
                    "shop.zones.00001.sql": f'{_SET}INSERT INTO `zones` VALUES(11,"zone 11"),(12,"zone 12");\n',
                }
            ),
        ),
    ),
    Case(
        number="c10e",
        seen="mydumper/mydumper#1265",
        tried=passes("mydumper of today, whole", _given(_NEW_FILES)),
        twin=fails(
            "the same, of a run that did not end",
            _given({**_NEW_FILES, "metadata": _counted(_TABLES).replace(_FINISHED, "")}),
            "dump-unfinished",
        ),
    ),
)
