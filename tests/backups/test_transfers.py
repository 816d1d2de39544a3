"""What the names of transfers tell, and what is missing in a folder where one of them broke off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from drtool.backups.folder import recognise_folder
from drtool.backups.history import gather
from drtool.backups.left_behind import broken_transfer_in
from drtool.backups.recognise import Format, Recognised
from drtool.backups.transfers import is_unfinished, target_of
from drtool.errors import RestoreFailed, Unverifiable
from drtool.stores.interface import StoredObject, combined
from tests.field.dumps import BLOG, CUSTOMERS, dump
from tests.field.packing import gzipped

SHOP, OF_BLOG = dump(), dump(BLOG, database="blog")
CUT = OF_BLOG[: len(OF_BLOG) // 2]


def look(files: Mapping[str, str | bytes]) -> Recognised:
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return recognise_folder(list(contents), contents.__getitem__)


def missing(files: Mapping[str, str | bytes]) -> str:
    with pytest.raises(RestoreFailed) as refused:
        look(files)
    assert refused.value.code == "folder-incomplete"
    return refused.value.what


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a/.blog.sql.gz.Xy12Zw", "a/blog.sql.gz"),
        ("a/.rsync-partial/blog.sql", "a/blog.sql"),
        (".~tmp~/blog.sql", "blog.sql"),
        ("blog.sql.gz.filepart", "blog.sql.gz"),
        (".blog.sql.part", "blog.sql"),
        ("blog.sql.tmp.41234", "blog.sql"),
        ("blog.sql.gz.1a2b3c4d.partial", "blog.sql.gz"),
        ("blog.sql.gz.6eF56bBc", "blog.sql.gz"),
        (".syncthing.blog.sql.tmp", "blog.sql"),
        (".in.blog.sql.", "blog.sql"),
        (".blog.sql.backup", None),
        (".blog.sql.sha256", None),
        ("blog.sql.20261130", None),
        ("blog.sql.9f3a1c2b", None),
        ("blog.tmp.20261130", None),
        ("partial/blog.sql", None),
    ],
)
def test_what_a_file_becomes_is_told_by_its_name(path: str, target: str | None) -> None:
    assert target_of(path) == target


@pytest.mark.parametrize("name", ["db.sql~", ".db.sql.swp", ".nfs0000000000a1b2c3", "db.sql.part"])
def test_what_is_left_aside_is_no_finished_backup(name: str) -> None:
    assert is_unfinished(name)


LEFT = [".blog.sql.Xy12Zw", "blog.sql.part", ".~tmp~/blog.sql", ".in.blog.sql."]


@pytest.mark.parametrize("name", LEFT)
@pytest.mark.parametrize("content", [CUT, OF_BLOG, "", b"\0" * 100], ids=["cut", "whole", "empty", "zeros"])
def test_a_dump_is_missing_whose_transfer_broke_off(name: str, content: str | bytes) -> None:
    assert "blog.sql is missing" in missing({"shop.sql": SHOP, name: content})
    assert broken_transfer_in(["shop.sql", name]) == "blog.sql"


@pytest.mark.parametrize("name", [*LEFT, ".blog.sql.gz.Xy12Zw", "blog.sql~", ".blog.sql.swp", ".nfs00000000a1b2c3"])
def test_nothing_is_missing_where_it_came_all_the_same(name: str) -> None:
    recognised = look({"shop.sql": SHOP, "blog.sql": OF_BLOG, name: CUT})
    assert recognised.folder
    assert [load.path for load in recognised.folder.loads] == ["blog.sql", "shop.sql"]
    assert recognised.left_behind == (name,)


@pytest.mark.parametrize(
    ("there", "left"),
    [("shop", ".blog.Xy12Zw"), ("shop-2026-11-30.gz", "blog-2026-11-30.gz.part"), ("shop", "blog.part")],
)
@pytest.mark.parametrize("content", [CUT, "", gzipped(CUT)], ids=["cut", "empty", "packed"])
def test_its_name_need_not_be_a_dump_s_where_those_beside_it_are_none(
    there: str, left: str, content: str | bytes
) -> None:
    assert "blog" in missing({there: SHOP, left: content})


@pytest.mark.parametrize(
    "left", ["README.md.part", ".notes.txt.Xy12Zw", "photos.tar.part", "a.png.part", "backup.log.tmp"]
)
def test_of_what_is_no_dump_nothing_is_missing(left: str) -> None:
    recognised = look({"shop.sql": SHOP, "b.png": "\x89PNG", "readme.txt": "", left: "see the wiki"})
    assert recognised.left_behind == (left,)
    assert broken_transfer_in(["shop.sql", "b.png", "readme.txt", left]) is None


@pytest.mark.parametrize("name", [".blog.sql", ".blog", "blog.sql~", ".blog.sql.swp"])
def test_a_dump_under_a_hidden_name_is_not_passed_over(name: str) -> None:
    folder = look({"shop.sql": SHOP, name: OF_BLOG}).folder
    assert folder
    assert [path for path, _ in folder.backups] == [name]
    with pytest.raises(Unverifiable) as refused:
        look({name: OF_BLOG, "README": "see the wiki"})
    assert refused.value.code == "file-not-restored"


def test_of_a_table_in_a_folder_of_tab_rows_or_definition_are_missing() -> None:
    whole = {"customers.sql": dump(CUSTOMERS.partition("LOCK")[0]), "customers.txt": "1\tcustomer\n"}
    assert look(whole).folder
    assert "orders.sql" in missing({**whole, ".orders.sql.Xy12Zw": "-- "})
    assert "orders.txt" in missing({**whole, "orders.sql": whole["customers.sql"], "orders.txt.part": "1"})


def test_what_mydumper_calls_so_itself_is_a_run_that_did_not_end() -> None:
    with pytest.raises(RestoreFailed) as refused:
        look({"shop-schema-create.sql": "CREATE DATABASE `shop`;\n", "metadata.partial": "# Started dump at"})
    assert refused.value.code == "dump-unfinished"


def test_a_file_of_a_physical_backup_is_missing_whose_transfer_broke_off() -> None:
    whole = {"xtrabackup_checkpoints": "", "xtrabackup_info": "", "shop/orders.frm": "", "shop/orders.ibd": "x"}
    recognised = look({**whole, "shop/.orders.ibd.Xy12Zw": "x"})
    assert (recognised.format, recognised.left_behind) == (Format.PHYSICAL_FOLDER, ("shop/.orders.ibd.Xy12Zw",))
    assert "shop/zones.ibd" in missing({**whole, "shop/.zones.ibd.Xy12Zw": ""})


@pytest.mark.parametrize(("left", "is_usable"), [("blog.sql.part", False), ("shop.sql.part", True)])
def test_a_folder_where_a_dump_did_not_come_is_no_recovery_point(left: str, is_usable: bool) -> None:
    at = datetime(2026, 11, 30, 3, tzinfo=UTC)
    members = [
        StoredObject(location=f"/b/2026-11-30/{one}", size_bytes=9, modified_at=at) for one in ("shop.sql", left)
    ]
    gathered = gather([combined("/b/2026-11-30/", members)])
    assert [bool(gathered.runs), bool(gathered.unusable), len(gathered.candidates)] == [is_usable, not is_usable, 1]
