"""Parts that have split's own short names, and backups that are rotated by a number and look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.errors import RestoreFailed
from drtool.stores.lookup import store_for

DUMP = b"/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n" + b"INSERT INTO t VALUES (1);\n" * 99


def whole(folder: Path, files: dict[str, bytes]) -> bytes:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    location = f"{folder}/{min(files)}"
    store = store_for(location)
    with store.open(store.stat(location)) as stream:
        return stream.read()


@pytest.mark.parametrize("names", [("xaa", "xab", "xac"), ("db.sql.1", "db.sql.2", "db.sql.3"), ("x00", "x01", "x02"),
    ("db.tar.xz.enc-000", "db.tar.xz.enc-001", "db.tar.xz.enc-002"), ("db.sql00", "db.sql01", "db.sql02"),
    ("db.sqlaa", "db.sqlab", "db.sqlac"), ("db.sql_00", "db.sql_01", "db.sql_02")])  # fmt: skip
def test_parts_by_splits_own_names_are_one(tmp_path: Path, names: tuple[str, ...]) -> None:
    files = {name: DUMP[at : at + 120] for name, at in zip(names, (0, 120, 240), strict=True)}
    assert whole(tmp_path, files) == DUMP[:360]


@pytest.mark.parametrize("names", [("xaa", "xac"), ("db.sql.1", "db.sql.3")])
def test_a_missing_part_is_named(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(RestoreFailed, match=r"(?:xab|db\.sql\.2) is missing"):
        whole(tmp_path, {names[0]: DUMP[:1000], names[1]: DUMP[2000:2500]})


@pytest.mark.parametrize("second", [DUMP, b"-- MySQL dump", b"\x1f\x8b\x08\0"])
def test_nights_that_a_number_tells_apart_are_not_put_together(tmp_path: Path, second: bytes) -> None:
    assert whole(tmp_path, {"db.sql.1": DUMP, "db.sql.2": second.ljust(len(DUMP))[: len(DUMP)]}) == DUMP


@pytest.mark.parametrize("names", [("db.sql-00", "db.sql-01"), ("db-00", "db-01"), ("db.sql-2026", "db.sql-2027")])
def test_nights_with_a_number_behind_a_hyphen_are_not_put_together(tmp_path: Path, names: tuple[str, str]) -> None:
    assert whole(tmp_path, {names[0]: DUMP, names[1]: DUMP}) == DUMP


def test_numbers_of_any_size_are_no_parts(tmp_path: Path) -> None:
    assert whole(tmp_path, {"db.sql.1": DUMP[:1001], "db.sql.2": b"mysqldump: Got error"}) == DUMP[:1001]
