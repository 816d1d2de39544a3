"""The script that works on the files of a physical backup, run on this host over folders of empty files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

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
    ],
)  # fmt: skip
def test_the_data_folder_of_a_server_is_told_from_a_backup(
    tmp_path: Path, names: tuple[str, ...], of_server: bool
) -> None:
    assert ("server yes" in said("facts", folder_of(tmp_path, *names))) == of_server


@pytest.mark.parametrize("name", ["xtrabackup_checkpoints", "mariadb_backup_checkpoints", "ibdata1"])
def test_what_lies_in_folders_of_its_own_is_taken_out_of_them(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "data", f"var/lib/mysql/{name}", "var/lib/mysql/shop/t.frm")
    said("settle", folder)
    assert ((folder / name).is_file(), (folder / "shop/t.frm").is_file()) == (True, True)
