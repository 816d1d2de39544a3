"""What a file is, by its content: a healthy backup raises nothing, a look-alike is told for what it is."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from drtool.backups.compression import Compression
from drtool.backups.recognise import Format, Recognised, recognise
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from tests import pace

SANDBOX_LINE = "/*M!999999\\- enable the sandbox mode */ \n"
BODY = "\n/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (`a` int);\n"
SELECTING = (
    "\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\nUSE `shop`;\n"
)

# Packed at no particular time: they name tests, which are the same tests in every process.


def header(tool: str, server: str, database: str = "shop", host: str = "localhost") -> str:
    line = "-- ------------------------------------------------------"
    return f"-- {tool}\n--\n-- Host: {host}    Database: {database}\n{line}\n-- Server version\t{server}\n"


MARIADB_10_11 = SANDBOX_LINE + header(
    "MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)", "10.11.18-MariaDB-0+deb12u1-log"
)


def look(content: str | bytes) -> Recognised:
    return recognise(io.BytesIO(content.encode() if isinstance(content, str) else content))


def refusal(content: str | bytes) -> DrtoolError:
    with pytest.raises(DrtoolError) as refused:
        look(content)
    return refused.value


class TestDumps:
    @pytest.mark.parametrize(
        ("head", "version", "series"),
        [
            (MARIADB_10_11, "10.11.18-MariaDB-0+deb12u1-log", "10.11"),
            (header("MariaDB dump 10.19  Distrib 10.5.23-MariaDB, for debian-linux-gnu (x86_64)",
                    "10.5.23-MariaDB-0+deb11u1"), "10.5.23-MariaDB-0+deb11u1", "10.5"),
            (header("MySQL dump 10.16  Distrib 10.1.48-MariaDB, for debian-linux-gnu (x86_64)",
                    "10.1.48-MariaDB-0ubuntu0.18.04.1"), "10.1.48-MariaDB-0ubuntu0.18.04.1", "10.1"),
            (SANDBOX_LINE + header("MariaDB dump 10.20-11.8.3-MariaDB, for debian-linux-gnu (x86_64)",
                                   "11.8.3-MariaDB-0+deb13u1 from Debian"), "11.8.3-MariaDB-0+deb13u1", "11.8"),
            (header("MariaDB dump 10.19  Distrib 10.6.14-9-MariaDB, for Linux (x86_64)",
                    "10.6.14-9-MariaDB-enterprise-log"), "10.6.14-9-MariaDB-enterprise-log", "10.6"),
            (header("MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)", "5.5.5-10.11.3-MariaDB"),
             "5.5.5-10.11.3-MariaDB", "10.11"),
            (header("MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)", "5.7.44-log"), "5.7.44-log", None),
            (header("MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)", "8.0.36"), "8.0.36", None),
        ],
    )  # fmt: skip
    def test_the_headers_of_the_tools_are_read(self, head: str, version: str, series: str | None) -> None:
        dump = look(head + BODY)
        assert (dump.format, dump.compression, dump.has_header) == (Format.DUMP, Compression.NONE, True)
        assert (dump.server_version, dump.series) == (version, series)
        assert (dump.database, dump.selects_database) == ("shop", False)
        assert (dump.header["host"], dump.header["database"]) == ("localhost", "shop")
        assert dump.header["tool"].startswith(("MariaDB dump 10.", "MySQL dump 10."))

    @pytest.mark.parametrize(
        ("said", "series"),
        [
            ("-- Server version: 10.11.6-MariaDB", "10.11"),
            ("-- Versión del servidor: 10.5.27-MariaDB-log", "10.5"),
            ("-- Server version:               11.8.3-MariaDB - mariadb.org binary distribution", "11.8"),
            ("-- Server version: 8.0.36", None),
            ("-- needs at least: MariaDB 10.5", None),
        ],
    )
    def test_the_server_that_other_tools_name_is_read(self, said: str, series: str | None) -> None:
        assert look(f"-- phpMyAdmin SQL Dump\n-- version 5.2.1\n{said}\n\n{BODY}").series == series

    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_line_ends_and_a_byte_order_mark_make_no_difference(self, line_end: str, mark: str) -> None:
        dump = look((mark + MARIADB_10_11 + SELECTING + BODY).replace("\n", line_end))
        assert (dump.series, dump.database, dump.has_header, dump.selects_database) == ("10.11", "shop", True, True)

    def test_a_dump_of_every_database_names_none(self) -> None:
        dump = look(MARIADB_10_11.replace("Database: shop", "Database: ") + SELECTING)
        assert (dump.database, dump.selects_database) == (None, True)

    @pytest.mark.parametrize(
        "selecting",
        [
            SELECTING, "USE `shop`;\n", "use shop;\n", "  USE shop ;\n", "DROP TABLE IF EXISTS `a`.`b`;\nUSE shop;\n",
            "GRANT SELECT ON a TO b;\nCREATE DATABASE s;\nuse s;\n",
        ],
    )  # fmt: skip
    def test_a_dump_that_selects_a_database_before_its_first_table_needs_none(self, selecting: str) -> None:
        assert look(MARIADB_10_11 + selecting + BODY).selects_database

    @pytest.mark.parametrize(
        "made", ["CREATE DATABASE s;\n", "create schema s;\n", "/*!40000 CREATE DATABASE `s`*/;\n"]
    )
    def test_one_that_makes_databases_selects_none_unless_it_names_them_with_each_table(self, made: str) -> None:
        assert not look(MARIADB_10_11 + made + BODY).selects_database
        assert look(
            MARIADB_10_11 + made + "CREATE TABLE s . t (a int);\nINSERT INTO `s`.t VALUES (1);\n"
        ).selects_database

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("create table t (a int);\nINSERT INTO shop.t (a) VALUES (1);\n", "shop"),
            ("CREATE TABLE `shop`.`t` (a int);\nINSERT INTO shop . t VALUES (1);\n", "shop"),
            ("CREATE TABLE shop.t (a int);\nINSERT INTO crm.t VALUES (1);\n", None),
            ("CREATE DATABASE shop;\ncreate table t (a int);\nINSERT INTO shop.t VALUES (1);\n", None),
            ("create table t (a int);\nINSERT INTO mysql.user VALUES (1);\n", None),
            ("create table t (a int);\nDELIMITER ;;\nCREATE TRIGGER x\nBEGIN\nINSERT INTO log.t VALUES (1);\n", None),
            ("create table t (a int);\nINSERT INTO t VALUES ('INSERT INTO log.t');\n", None),
        ],
    )
    def test_the_one_that_statements_name_with_tables_is_the_database_of_a_dump_that_says_no_other(
        self, text: str, named: str | None
    ) -> None:
        assert look(text).database == named
        assert look(MARIADB_10_11 + text).database == "shop"

    @pytest.mark.parametrize(
        "first",
        [
            "DROP TABLE IF EXISTS t;\n", "CREATE TABLE `t` (a int);\n", "create table if not exists t(a int);\n",
            "INSERT IGNORE INTO t VALUES (1);\n", "LOCK TABLES `t` WRITE;\n", "/*!50001 DROP VIEW IF EXISTS `v`*/;\n",
            "CREATE OR REPLACE VIEW v AS SELECT 1;\n", "REPLACE INTO `t` VALUES (1);\n",
        ],
    )  # fmt: skip
    def test_one_that_selects_a_database_behind_its_first_table_needs_one_before(self, first: str) -> None:
        dump = look(MARIADB_10_11 + first + SELECTING + BODY)
        assert (dump.selects_database, dump.missing_database, dump.database) == (False, None, "shop")

    @pytest.mark.parametrize(
        ("selecting", "missing"),
        [
            ("USE a;\n", "a"), ("CREATE DATABASE a;\nUSE `a`;\n", None), ("CREATE DATABASE b;\nUSE a;\n", "a"),
            ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `a` /*!40100 */;\nUSE a;\n", None),
            ("CREATE DATABASE IF NOT EXISTS `a`;\nUSE a;\n", None),
        ],
    )  # fmt: skip
    def test_the_database_that_is_selected_and_not_made_is_missing(self, selecting: str, missing: str | None) -> None:
        assert look(selecting + BODY).missing_database == missing

    @pytest.mark.parametrize(
        "body",
        [
            "CREATE PROCEDURE p()\nBEGIN\n  SELECT a FROM t\n  USE INDEX (a)\n  WHERE a;\nEND ;;\n",
            "-- USE shop;\n", "INSERT INTO `t` VALUES\n(1,'x\\nUSE shop;\\n');\n", "CREATE TABLE `use` (a int);\n",
            "# CREATE DATABASE shop;\n", "CREATE TABLE database_list (a int);\n",
        ],
    )  # fmt: skip
    def test_what_only_looks_like_selecting_a_database_is_none(self, body: str) -> None:
        assert not look(MARIADB_10_11 + BODY + body).selects_database

    @pytest.mark.parametrize(
        "content",
        [
            BODY, SANDBOX_LINE + BODY, "INSERT INTO t VALUES (1);\n", "insert into t values (1);",
            "\n\n  SET @a = 1;\n",
            "/* Made by hand */\n/*My note*/\nCREATE TABLE t (a int);\n", "# a note\nDROP TABLE t;\n",
            "--\n-- a note\n--\nDELIMITER ;;\n", "--\r\n-- a note\r\n--\r\nBEGIN;\r\n", "GRANT SELECT ON *.* TO x;\n",
            "/*!40101 SET NAMES utf8 */;\n",
        ],
    )  # fmt: skip
    def test_a_dump_without_its_tools_header_is_a_dump(self, content: str) -> None:
        dump = look(content)
        assert (dump.format, dump.has_header, dump.series, dump.header) == (Format.DUMP, False, None, {})

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
    def test_a_compressed_dump_is_read_through_its_compression(self, pack: Callable[[bytes], bytes]) -> None:
        dump = look(pack((MARIADB_10_11 + BODY).encode()))
        assert (dump.format, dump.series) == (Format.DUMP, "10.11")
        assert dump.compression is not Compression.NONE

    def test_text_of_another_encoding_in_a_dump_does_no_harm(self) -> None:
        assert look(MARIADB_10_11.encode() + "INSERT INTO t VALUES ('Köln');".encode("latin-1")).series == "10.11"

    def test_bytes_far_inside_a_dump_do_no_harm(self) -> None:
        assert look(MARIADB_10_11.encode() + b" " * 2000 + b"INSERT INTO t VALUES ('\x00\x1a\xff');").has_header


def archive(layout: int, **options: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=layout, **options) as tar:  # type: ignore[call-overload]
        member = tarfile.TarInfo("uploads/größe-" + "x" * 80 + ".jpg")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    return buffer.getvalue()


def v7_archive() -> bytes:
    """Return an archive as of the first tar: no magic, only a checksum."""
    block = bytearray(tarfile.TarInfo("old.txt").tobuf(tarfile.USTAR_FORMAT))
    block[257:512] = bytes(255)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


class TestArchives:
    @pytest.mark.parametrize(
        "content",
        [
            archive(tarfile.USTAR_FORMAT), archive(tarfile.GNU_FORMAT), archive(tarfile.PAX_FORMAT), v7_archive(),
            archive(tarfile.PAX_FORMAT)[:700], bytes(1024), bytes(tarfile.RECORDSIZE),
        ],
        ids=["ustar", "gnu", "pax", "v7", "cut", "empty", "empty record"],
    )  # fmt: skip
    @pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, zstandard.compress])
    def test_every_kind_of_tar_is_one(self, content: bytes, pack: Callable[[bytes], bytes]) -> None:
        found = look(pack(content))
        assert (found.format, found.has_header, found.header) == (Format.TAR, False, {})

    @pytest.mark.parametrize("mark", ["Y", "N"])
    def test_an_increment_is_told_from_a_whole_archive_made_by_the_same_option(self, mark: str) -> None:
        folder, listed = tarfile.TarInfo("uploads/"), f"Ya.jpg\0{mark}b.jpg\0\0".encode()
        folder.type, folder.size = b"D", len(listed)
        content = folder.tobuf(tarfile.GNU_FORMAT) + listed.ljust(512, b"\0") + bytes(1024)
        if mark == "Y":
            assert recognise(io.BytesIO(content)).format is Format.TAR
            return
        with pytest.raises(RestoreFailed, match="increment of tar's"):
            recognise(io.BytesIO(content))

    def test_a_tar_with_a_header_that_does_not_match_its_checksum_is_none(self) -> None:
        content = bytearray(archive(tarfile.GNU_FORMAT))
        content[0] ^= 1
        assert refusal(bytes(content)).code == "not-a-backup"

    def test_a_file_full_of_zeros_is_no_archive(self) -> None:
        error = refusal(bytes(1024 * 1024))
        assert (error.code, "zeros" in error.what) == ("not-a-backup", True)

    def test_data_behind_a_block_of_zeros_is_no_archive(self) -> None:
        assert refusal(bytes(512) + b"x" * 2000).code == "not-a-backup"


class TestLookAlikes:
    def test_an_empty_file_is_told(self) -> None:
        error = refusal(b"")
        assert isinstance(error, RestoreFailed)
        assert error.code == "backup-empty"

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
    def test_a_stream_with_nothing_in_it_is_empty_and_one_that_breaks_off_is_cut(
        self, pack: Callable[[bytes], bytes]
    ) -> None:
        empty = pack(b"")
        assert refusal(empty).code == "backup-empty"
        assert refusal(empty[:-2]).code == "stream-truncated"
        assert refusal(pack(MARIADB_10_11.encode())[:8]).code == "stream-truncated"

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"%PDF-1.7", "PDF"),
            (b"\x7fELF\x02", "program"),
            (b"<!DOCTYPE html><html>", "web page"), (b"\n<!doctype html>", "web page"), (b"<HTML>", "web page"),
            (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "web service"),
            ("-- MariaDB dump".encode("utf-16"), "UTF-16"), (b"\x00\x01\x02\x03" * 100, "binary data"),
            (b"Dear colleagues,\n", "text, but no SQL"), (b'{"message": "no"}', "web service"),
            (b"\x1f", "text, but no SQL"),
        ],
    )  # fmt: skip
    def test_what_is_no_backup_is_told_for_what_it_is(self, content: bytes, what: str) -> None:
        error = refusal(content)
        assert isinstance(error, RestoreFailed)
        assert (error.code, what in error.what) == ("not-a-backup", True), error.what

    @pytest.mark.parametrize(
        "message",
        [
            'mariadb-dump: Got error: 2002: "Can\'t connect to local server through socket" when trying to connect',
            "mysqldump: Got error: 1045: Access denied for user 'backup'@'localhost' when trying to connect",
            "/usr/bin/mysqldump: unknown option '--frobnicate'", "C:\\bin\\mysqldump.exe: Got error: 2005",
            "-- Warning: mysqldump: ignoring option", "bash: mysqldump: command not found",
            "bash: line 1: mariadb-dump: command not found", "sh: 1: mariadb-dump: not found",
            "/bin/sh: 1: mariadb-dump: not found", "./backup.sh: line 7: mysqldump: command not found",
            "Usage: mariadb-dump [OPTIONS] database [tables]", "ERROR 1045 (28000): Access denied for user",
            "Error response from daemon: No such container: db", "Error: No such object: db",
            "error: unable to upgrade connection: container not found", "ssh: connect to host db port 22: timed out",
            "sudo: a password is required", "Permission denied (publickey).", "Enter password: ", "Killed",
            "cat: /srv/db.sql: No such file or directory", "Traceback (most recent call last):",
            "the input device is not a TTY", 'service "db" is not running', "Host key verification failed.",
            'time="2026-11-30T03:00:00Z" level=fatal msg="no such service: db"',
            "Cannot dump: connection refused", "\n\nmysqldump: Couldn't execute 'FLUSH TABLES'",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("pack", [bytes, gzip.compress])
    def test_an_error_message_saved_as_the_backup_is_told(self, message: str, pack: Callable[[bytes], bytes]) -> None:
        error = refusal(pack(message.encode()))
        assert isinstance(error, RestoreFailed)
        assert error.code == "backup-is-an-error-message"
        assert "Access denied" not in str(error)

    @pytest.mark.parametrize(
        "message",
        ["Warning: A partial dump from a server that has GTIDs will by default include\n", "Enter password: \n",
         "mysqldump: Deprecated program name. Use '/usr/bin/mariadb-dump' instead\n",
         "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n" + SANDBOX_LINE],
    )  # fmt: skip
    def test_a_message_before_a_dump_is_not_all_that_there_is(self, message: str) -> None:
        error = refusal(f"{message}{MARIADB_10_11}".encode())
        assert isinstance(error, RestoreFailed)
        assert (error.code, "before the dump" in error.what) == ("dump-behind-a-message", True)
        assert look(SANDBOX_LINE + MARIADB_10_11).format is Format.DUMP

    @pytest.mark.parametrize(
        "content",
        ["-- an error: was found here once\nSELECT 1;\n", "/* mysqldump: by hand */ SELECT 1;",
         "-- Killed\nDROP TABLE t;", "INSERT INTO log VALUES ('mysqldump: Got error: 1045');"],
    )  # fmt: skip
    def test_a_dump_that_speaks_of_errors_is_no_error_message(self, content: str) -> None:
        assert look(content).format is Format.DUMP

    def test_a_dump_in_xml_is_not_called_a_bad_backup_and_its_option_is_named(self) -> None:
        xml = b'<?xml version="1.0"?>\n<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        for content in (xml, gzip.compress(xml)):
            error = refusal(content)
            assert isinstance(error, Unverifiable)
            assert (error.code, "--xml" in error.mend) == ("dump-is-xml", True)

    def test_a_compression_that_drtool_does_not_read_is_not_called_a_bad_backup(self) -> None:
        error = refusal(b"PK\x03\x04" + bytes(60))
        assert isinstance(error, Unverifiable)
        assert error.code == "compression-unsupported"

    @given(st.binary(max_size=2000))
    def test_whatever_comes_nothing_but_an_error_for_people_goes_out(self, noise: bytes) -> None:
        with suppress(DrtoolError):
            look(noise)

    @given(st.text(max_size=500))
    def test_no_error_quotes_what_stands_in_the_file(self, text: str) -> None:
        secret = "jane.doe@example.org"
        with suppress(DrtoolError):
            look(text + secret)
            return
        assert secret not in str(refusal(text + secret))

    def test_no_more_than_the_first_bytes_are_read(self) -> None:
        class Endless(io.BytesIO):
            asked = 0

            def read(self, size: int | None = -1) -> bytes:
                assert size is not None
                self.asked += size
                return (MARIADB_10_11 + BODY).encode().ljust(size, b"\n")

        stream = Endless()
        recognise(stream)
        assert 0 < stream.asked <= 256 * 1024

    @pytest.mark.parametrize(
        "piece",
        ["\n", " ", "\t\n", "-- \n", "--", "#\n", "/*", "/**/", "/*!", "USE ", "CREATE ", "USE\n`", "a/", "\\",
         "-- Host: ", "-- Warning: ", "DELIMITER\n"],
    )  # fmt: skip
    def test_no_content_takes_long_to_look_at(self, piece: str) -> None:
        started = time.monotonic()
        with suppress(DrtoolError):
            look(piece * (256 * 1024 // len(piece)))
        assert time.monotonic() - started < pace.seconds(3)
