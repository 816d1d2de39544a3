"""Whether a folder is the parts of one backup."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drtool.backups.split_backup import split_backup
from drtool.stores import StoredObject
from drtool.stores.interface import combined

AT = datetime(2026, 11, 30, 22, tzinfo=UTC)
PARTS = ("all.sql.gz.aa", "all.sql.gz.ab", "all.sql.gz.ac")


def _starts(found: StoredObject) -> bytes:
    return b"\x1f\x8b\x08\x00" if found.location.endswith(("aa", "001", "part1")) else b"more"


def _parts_of(*names: str) -> list[str] | None:
    members = [StoredObject(location=f"/b/mon/{name}", size_bytes=9, modified_at=AT) for name in names]
    found = split_backup(combined("/b/mon/", members), _starts)
    return [member.location.removeprefix("/b/mon/") for member in found.members] if found else None


@pytest.mark.parametrize(
    "beside", [(), ("all.sql.gz.sha256",), ("SHA256SUMS", "backup.log"), (".all.sql.gz.ab.Xy12Zw",)]
)
def test_parts_of_one_backup_are_put_together_whatever_describes_them(beside: tuple[str, ...]) -> None:
    assert _parts_of(*PARTS, *beside) == [*PARTS]


@pytest.mark.parametrize(
    "names", [("db.sql.001", "db.sql.002"), ("db.tgz.part1", "db.tgz.part2"), ("x00", "x01"), ("n/x.aa", "n/x.ab")]
)
def test_so_are_those_of_other_tools(names: tuple[str, ...]) -> None:
    assert _parts_of(*names) == [*names]


@pytest.mark.parametrize(
    "names",
    [
        (*PARTS, "other.sql"),
        (*PARTS, "site.tar.gz.aa", "site.tar.gz.ab"),
        (*PARTS, ".all.sql.gz.ad.Xy12Zw"),
        PARTS[:1],
        PARTS[1:],
        ("shop.sql", "crm.sql"),
        ("shop.sql.1", "shop.sql.2"),
    ],
)
def test_any_other_folder_is_what_it_was(names: tuple[str, ...]) -> None:
    assert _parts_of(*names) is None


def test_a_file_is_no_folder() -> None:
    assert split_backup(StoredObject(location="/b/x.aa", size_bytes=9, modified_at=AT), _starts) is None
