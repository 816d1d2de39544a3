"""Parts of one backup are one object, in whatever way they are numbered; folders are one, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drtool.errors import RestoreFailed, Unverifiable
from drtool.stores import store_for

NUMBERINGS = [
    ("db.zst.001", "db.zst.002", "db.zst.003"),
    ("db.zst.000", "db.zst.001", "db.zst.002"),
    ("db.zst.00", "db.zst.01", "db.zst.02"),
    ("db.zst.aa", "db.zst.ab", "db.zst.ac"),
    ("db.zst.part1", "db.zst.part2", "db.zst.part3"),
]


def write(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number * 4)
        os.utime(path, (1000 + number, 1000 + number))


@pytest.mark.parametrize("names", NUMBERINGS, ids=lambda names: names[0])
@pytest.mark.parametrize("pattern", ["db.zst.*", "first"])
def test_parts_are_one_backup_by_the_name_of_the_first(tmp_path: Path, names: tuple[str, ...], pattern: str) -> None:
    write(tmp_path, *names)
    store = store_for(str(tmp_path))
    (found,) = store.find(str(tmp_path / (names[0] if pattern == "first" else pattern)))
    assert found.location == str(tmp_path / names[0])
    assert (found.size_bytes, found.modified_at.timestamp()) == (12, 1002)
    assert store.stat(found.location) == found
    with store.open(found) as stream:
        assert stream.read() == b"000011112222"


@pytest.mark.parametrize("names", NUMBERINGS, ids=lambda names: names[0])
def test_a_part_that_is_missing_in_the_middle_is_named(tmp_path: Path, names: tuple[str, ...]) -> None:
    write(tmp_path, names[0], names[2])
    with pytest.raises(RestoreFailed, match=names[1]) as refused:
        store_for(str(tmp_path)).stat(str(tmp_path / names[0]))
    assert refused.value.code == "part-missing"


def test_generations_and_logs_with_numbers_stay_what_they_are(tmp_path: Path) -> None:
    names = ["db.sql.1", "db.sql.2", "old.sql.01", "old.sql.02", "binlog.000001", "binlog.000002", "db.002", "db.003"]
    write(tmp_path, *names)
    store = store_for(str(tmp_path))
    assert sorted(found.location for found in store.find(f"{tmp_path}/*")) == sorted(
        str(tmp_path / one) for one in names
    )


def test_several_split_backups_are_several(tmp_path: Path) -> None:
    write(tmp_path, "db-1.zst.001", "db-1.zst.002", "db-2.zst.001", "db-2.zst.002", "db-2.zst.003", "db-3.zst")
    found = {one.location: len(one.members) for one in store_for(str(tmp_path)).find(f"{tmp_path}/*.001")}
    assert found == {str(tmp_path / "db-1.zst.001"): 2, str(tmp_path / "db-2.zst.001"): 3}


def test_a_pattern_with_a_slash_at_its_end_finds_folders(tmp_path: Path) -> None:
    write(tmp_path, "shop-1/shop/orders.sql", "shop-1/shop/orders.txt", "shop-2/a.sql", "shop-3.sql")
    (tmp_path / "shop-4").mkdir()
    (tmp_path / "shop-2" / "way-out").symlink_to("/etc/passwd")
    store = store_for(str(tmp_path))
    found = {one.location: one for one in store.find(f"{tmp_path}/shop-*/")}
    assert sorted(found) == [f"{tmp_path}/shop-1/", f"{tmp_path}/shop-2/"]
    first = found[f"{tmp_path}/shop-1/"]
    assert [first.path_of(member) for member in first.members] == ["shop/orders.sql", "shop/orders.txt"]
    assert (first.size_bytes, first.modified_at.timestamp()) == (8, 1001)
    assert store.stat(f"{tmp_path}/shop-1") == first
    with pytest.raises(Unverifiable):
        store.open(first)
