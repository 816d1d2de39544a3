"""Files that are named as the dumps beside them: what is empty or an error message among them is a dump that failed."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

import pytest

from drtool.backups.companions import shape_of
from drtool.backups.compression import Compression
from drtool.backups.folder import recognise_folder
from drtool.backups.recognise import recognise_content
from drtool.errors import RestoreFailed

DUMP = (
    b"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
    b"-- Host: localhost    Database: crm\n-- Server version\t10.11.6-MariaDB\n\nCREATE TABLE `t` (a INT);\n"
)
MESSAGE = b"mysqldump: Got error: 1044: Access denied for user 'backup'@'localhost' to database 'wiki'\n"
PACKED = gzip.compress(DUMP, mtime=0)


def left_out(files: Mapping[str, bytes]) -> tuple[str, ...]:
    folder = recognise_folder(list(files), files.__getitem__).folder
    assert folder
    return folder.left_out


def holds_database(files: Mapping[str, bytes]) -> bool:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"2026-11-30/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return recognise_content(buffer.getvalue(), Compression.NONE).holds_database


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "backup-empty"),
        (gzip.compress(b"", mtime=0), "backup-empty"),
        (gzip.compress(MESSAGE, mtime=0), "backup-is-an-error-message"),
        (MESSAGE + DUMP, "dump-tool-failed"),
        (b"stty: standard input: no\n" + DUMP, "dump-behind-a-message"),
        (PACKED[:12], "stream-truncated"),
        (bytes(128 << 10), "not-a-backup"),
    ],
    ids=["empty", "empty stream", "message", "gave up before a dump", "message before a dump", "cut stream", "zeros"],
)
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("crm-2026-11-30.gz", "my_wiki2-2026-11-30.gz"),
        ("2026-11-30_0315-crm", "2026-11-30_0316-wiki"),
        ("crm.bak.gz", "wiki.bak.gz"),
    ],
)
def test_a_failed_dump_among_dumps_of_its_name_fails(content: bytes, code: str, good: str, bad: str) -> None:
    with pytest.raises(RestoreFailed, match=bad) as refused:
        left_out({good: PACKED, bad: content})
    assert refused.value.code == code


def test_what_lies_beside_dumps_and_is_none_is_left_out() -> None:
    beside = {
        "README": b"",
        "SHA256SUMS": b"to come\n",
        "crm-2026-11-30.gz.txt": b"",
        "done": b"",
        "config-2026-11-30.tar.gz": b"",
        "config-2026-11-30.gz": gzip.compress(b"<config/>\n" * 9, mtime=0),
        "errors.txt": MESSAGE,
    }
    assert set(left_out({"crm-2026-11-30.gz": PACKED, **beside})) == set(beside)


def test_an_archive_of_dumps_is_one_whatever_they_are_called() -> None:
    dumps = {"crm-2026-11-30.gz": PACKED, "wiki-2026-11-30.gz": gzip.compress(b"", mtime=0)}
    assert holds_database(dumps)
    assert holds_database({"crm-2026-11-30.gz": PACKED[:-20]})
    assert not holds_database({**dumps, "index.php": b"<?php\n"})
    assert not holds_database({"notes-1.gz": gzip.compress(b"Use it well\n", mtime=0)})
    assert not holds_database({"photo-2026-11-30.gz": gzip.compress(b"\x89PNG", mtime=0)})


@pytest.mark.parametrize(
    "beside",
    [
        ("MANIFEST.txt", "backup.conf"),
        ("my.cnf", "dump.sh", "README"),
        ("20261130_site1-site_config_backup.json", "20261130_site1-files.tar"),
        (".keep", "backup.log", "SHA512SUMS", "done"),
    ],
)
def test_an_archive_of_dumps_has_beside_them_what_their_job_leaves(beside: tuple[str, ...]) -> None:
    dumps = {"20261130_site1-database.sql.gz": PACKED, "data/wiki.sql.gz": PACKED}
    assert holds_database({**dict.fromkeys(beside, b"dumps=all\n"), **dumps})
    assert not holds_database(dict.fromkeys(beside, b"dumps=all\n"))


def test_an_archive_of_dumps_without_an_ending_is_one() -> None:
    assert holds_database({"shop": DUMP, "blog": DUMP, "wiki": b""})
    assert not holds_database({"shop": DUMP, "index.php": b"<?php\n", "wiki": b""})
    assert not holds_database({"shop": b"#!/bin/sh\n", "wiki": b""})


@pytest.mark.parametrize(
    "other", ["etc/nginx.conf", "composer.json", "index.php", ".env", "photo.jpg", "conf.d/a.conf"]
)
def test_an_archive_of_a_site_is_one_of_files_whatever_dump_is_in_it(other: str) -> None:
    assert not holds_database({other: b"a\n", "db/20261130_site1-database.sql.gz": PACKED})


def test_a_name_with_neither_a_date_nor_a_suffix_has_no_shape() -> None:
    assert (shape_of("a/README"), shape_of("crm.gz"), shape_of("b/crm-2026-11-30.gz")) == (None, ".gz", "a#.gz")
