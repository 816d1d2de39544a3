"""The script that works on the files of a physical backup, run on this host over folders of empty files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drtool.backups.physical import OF_SERVER
from drtool.restore.physical import files


def said(task: str, folder: Path, *arguments: str) -> list[str]:
    command = ["bash", "-c", files._SCRIPT, "drtool", task, str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def folder_of(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


@pytest.mark.parametrize(
    ("names", "of_server"),
    [
        (("ibdata1", "ibtmp1", "mysql/db.frm"), True), (("ibdata1", "ddl_recovery.log"), True),
        (("ibdata1", "aria_log_control", "ib_buffer_pool", "mysql/db.frm"), False), (("mysql/ibtmp1",), False),
        (("shop/t.frm", "shop/t.ibd"), True), (("shop/t.frm", "shop/t.ibd.delta", "xtrabackup_info"), False),
    ],
)  # fmt: skip
def test_the_data_folder_of_a_server_is_told_from_a_backup(
    tmp_path: Path, names: tuple[str, ...], of_server: bool
) -> None:
    assert ("server yes" in said("facts", folder_of(tmp_path, *names), *OF_SERVER)) == of_server


@pytest.mark.parametrize("name", ["xtrabackup_checkpoints", "mariadb_backup_checkpoints", "ibdata1"])
def test_what_lies_in_folders_of_its_own_is_taken_out_of_them(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "data", f"var/lib/mysql/{name}", "var/lib/mysql/shop/t.frm")
    said("settle", folder)
    assert ((folder / name).is_file(), (folder / "shop/t.frm").is_file()) == (True, True)


_OWN = " ".join(files.OF_EVERY_SERVER)
_WHOLE = (
    "shop/m.frm", "shop/m.MYD", "shop/m.MYI", "shop/a.frm", "shop/a.MAD", "shop/a.MAI", "shop/u.frm", "shop/u.MRG",
    "shop/p.frm", "shop/p.par", "shop/p#P#p0.MYD", "shop/p#P#p0.MYI", "shop/q.frm", "shop/q#p#x#sp#y.MAD",
    "shop/#sql-1a.MYD", "shop/o@002di.frm", "shop/o@002di.MYD", "shop/i.frm", "shop/i.ibd", "shop/i.TRG",
    "shop/FTS_0000000000000012_CONFIG.ibd", "mysql/db.frm", "mysql/db.MAD", "mysql/general_log.CSV", "loose.MYD",
    "mysql/general_log.frm", "shop/c.frm", "shop/c.CSV", "shop/c.CSM", "shop/r.frm", "shop/r.ARZ", "shop/v.frm",
    *(f"mysql/{name}.frm" for name in files.OF_EVERY_SERVER),
)  # fmt: skip


@pytest.mark.parametrize(
    ("gone", "lost"),
    [
        ("", []), ("shop/m.frm", ["shop.m"]), ("shop/a.frm", ["shop.a"]), ("shop/o@002di.frm", ["shop.o-i"]),
        ("shop/p.frm", ["shop.p"]), ("mysql/db.frm", ["mysql.db"]), ("shop/i.TRG", ["shop.i_bi"]),
        ("shop/m.MYD", []), ("shop/i.ibd", []), ("shop/v.frm", []), ("shop/i.frm", ["shop.i"]),
        ("shop/u.frm", ["shop.u"]), ("shop/c.frm", ["shop.c"]), ("shop/r.frm", ["shop.r"]),
        ("mysql/proc.frm", ["mysql.proc"]), ("mysql/roles_mapping.frm", ["mysql.roles_mapping"]),
    ],
)  # fmt: skip
def test_files_whose_definition_is_gone_are_told(tmp_path: Path, gone: str, lost: list[str]) -> None:
    folder = folder_of(tmp_path, *_WHOLE)
    (folder / "shop/i_bi.TRN").write_text("TYPE=TRIGGERNAME\ntrigger_table=i\n")
    (folder / "shop/odd.TRN").write_text("TYPE=TRIGGERNAME\ntrigger_table=o-i\n")
    if gone:
        (folder / gone).unlink()
    told = [line.partition(" ")[2] for line in said("pages", folder, "16384", _OWN) if line.startswith("lost ")]
    assert sorted({files.object_of(path) for path in told}) == lost


@pytest.mark.parametrize(("begins", "bad"), [(b"\xfe\x03\x01", []), (b"", ["shop/r"]), (bytes(99), ["shop/r"])])
def test_a_table_of_archive_that_does_not_begin_as_one_is_damaged(
    tmp_path: Path, begins: bytes, bad: list[str]
) -> None:
    folder = folder_of(tmp_path, *_WHOLE)
    (folder / "shop/r.ARZ").write_bytes(begins)
    told = said("pages", folder, "16384", _OWN)
    assert [line.partition(" ")[2] for line in told if line.startswith("bad ") and "/r" in line] == bad


def test_several_backups_in_one_place_are_named(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "one", "full/ibdata1", "full/xtrabackup_checkpoints", "full/shop/t.frm")
    assert said("settle", one) == ["done"]
    two = folder_of(tmp_path / "two", "ibdata1", "xtrabackup_checkpoints", "inc 1/mariadb_backup_checkpoints")
    assert said("settle", two)[:2] == ["several xtrabackup_checkpoints", r"several inc\ 1/mariadb_backup_checkpoints"]


def test_links_in_a_backup_are_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "ibdata1", "xtrabackup_info", "mysql/db.frm")
    assert not [line for line in said("facts", folder) if line.startswith("link")]
    (folder / "shop").symlink_to("/data/shop")
    (folder / "mysql" / "two\nlines").symlink_to("db.frm")
    told = [line for line in said("facts", folder) if line.startswith("link")]
    assert told == ["link mysql/two?lines", "link shop"]
