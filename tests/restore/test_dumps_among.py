"""Dumps among the files of an archive are told apart from the SQL of applications, by their places and contents."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drtool.restore.dumps_among import _FIND, DumpAmongFiles, _named, _of, _recognise

HEADER = (
    b"-- MariaDB dump 10.19  Distrib 10.11.16-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
    b"-- Host: localhost    Database: s\n-- ------------------------------------------------------\n"
    b"-- Server version\t10.11.16-MariaDB\n\nSET NAMES utf8mb4;\n"
)


def seen(path: str, content: bytes, *, fresh: bool = True) -> DumpAmongFiles:
    one = DumpAmongFiles(path=path, fresh=fresh)
    _recognise(one, content, gave_out=False)
    return one


@pytest.mark.parametrize(
    "path",
    [
        "backup.sql",
        "user/mysql/user_shop.sql",
        "mysql/demo_shop.sql",
        "var/backups/tests.sql",
        "wp-content/plugins/saver/backups/site.sql",
        "borgmatic/mariadb_databases/localhost/shop",
        "public_html/old/shop-2025-01-01.sql",
        "w/wp-content/updraft/x-db.gz",
    ],
)
def test_a_dump_of_a_tool_is_a_backup_but_among_sources(path: str) -> None:
    assert seen(path, HEADER).is_a_backup


@pytest.mark.parametrize(
    "path",
    [
        "install/schema.sql",
        "site/tests/fixtures/data.sql",
        "app/migrations/0001.sql",
        "administrator/components/com_x/sql/updates/mysql/1.0.sql",
        "vendor/lib/mysql/dump.sql",
        "db/structure.sql",
    ],
)
def test_what_lies_among_sources_is_none_whatever_is_in_it(path: str) -> None:
    assert not seen(path, HEADER).is_a_backup
    assert not seen(path, b"").is_a_backup


def test_what_no_tool_wrote_is_a_backup_only_where_backups_are_kept() -> None:
    plain = b"CREATE TABLE t (id int);\n"
    assert not seen("site/tables-of-mine.sql", plain).is_a_backup
    assert not seen("site/q.sql", b"").is_a_backup
    assert seen("user/mysql/user_shop.sql", b"").is_a_backup
    assert seen("site/db/shop.sql", plain).is_a_backup
    assert not seen("site/db/shop.sql", plain, fresh=False).is_a_backup


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"mysqldump: Got error: 1045: Access denied\n", "backup-is-an-error-message"),
        (b"", "backup-empty"),
        (bytes(512), "not-a-backup"),
    ],
)
def test_what_should_have_been_a_dump_is_told(content: bytes, code: str) -> None:
    failure = seen("mysql/shop.sql", content).failure
    assert failure is not None
    assert failure.code == code


@pytest.mark.parametrize(
    "content", [b"just some text\n", b"--\n-- PostgreSQL database dump\n--\n", b"SQLite format 3\0"]
)
def test_what_is_no_dump_of_mariadb_is_nobodys_fault(content: bytes) -> None:
    one = seen("mysql/notes.sql", content)
    assert (one.failure, one.recognised, one.is_a_backup) == (None, None, False)


def test_what_is_encrypted_is_a_backup_that_nobody_looked_into() -> None:
    assert seen("site/shop.sql.gpg", b"-----BEGIN PGP MESSAGE-----\n\njA0ECQMC\n").is_a_backup


def test_names_are_such_as_a_report_can_hold() -> None:
    assert _named("a\n\udcff.sql") == "a?\ufffd.sql"


def test_files_are_found_by_their_names_and_each_shows_how_it_begins(tmp_path: Path) -> None:
    files = {
        "mysql/shop.sql": HEADER,
        "mysql/wiki.sql.gz": gzip.compress(HEADER * 3000),
        "mysql/cut.sql.gz": gzip.compress(HEADER)[:-12],
        "mysql/a\nb.sql": b"",
        "index.php": b"<?php",
        "old/site.tar.gz": b"x",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1000, 1000))
    os.utime(tmp_path / "index.php", (5000, 5000))
    perl = shutil.which("perl")
    assert perl is not None
    ran = subprocess.run([perl, "-e", _FIND, str(tmp_path), "3", "4096"], capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert {f"archive {b'old/site.tar.gz'.hex()}", "archives 1", "dumps 4", "newest 5000"} <= set(lines)
    assert sum(line.startswith("dump ") for line in lines) == 3
    ran = subprocess.run([perl, "-e", _FIND, str(tmp_path), "9", "4096"], capture_output=True, text=True, check=True)
    found = [line.split() for line in ran.stdout.splitlines() if line.startswith(("dump ", "head "))]
    heads = {
        bytes.fromhex(dump[1]).decode(): (head[1], base64.b64decode("".join(head[2:])))
        for dump, head in zip(found[::2], found[1::2], strict=True)
    }
    assert heads["mysql/shop.sql"] == ("0", HEADER)
    assert heads["mysql/wiki.sql.gz"] == ("0", (HEADER * 3000)[:4096])
    assert heads["mysql/cut.sql.gz"][0] == "1"
    assert heads["mysql/a\nb.sql"] == ("0", b"")


def test_of_very_many_the_largest_are_looked_at(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}.sql").write_bytes(b"x" * (1 if number else 99))
    perl = shutil.which("perl")
    assert perl is not None
    ran = subprocess.run([perl, "-e", _FIND, str(tmp_path), "4", "16"], capture_output=True, text=True, check=True)
    shown = [line.split()[1] for line in ran.stdout.splitlines() if line.startswith("dump ")]
    assert "dumps 40" in ran.stdout.splitlines()
    assert len(shown) == 4
    assert b"00.sql".hex() in shown


def test_how_many_more_there_are_is_said_where_few_are_known_by_name() -> None:
    assert _of(["a", "b"], 2) == "a, b"
    assert _of(["a", "b", "c", "d", "e"], 3000) == "a, b, c, d, e and 2,995 more"
