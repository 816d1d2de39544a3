"""Backups of other systems are told as what they are, and MariaDB's own that look alike are not taken for them."""

from __future__ import annotations

import base64
import gzip
import io
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from drtool.backups.folder import recognise_folder
from drtool.backups.recognise import Format, recognise
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable

DUMP = (
    "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
    "-- Host: localhost    Database: shop\n-- Server version\t10.11.19-MariaDB\n\n/*!40101 SET NAMES utf8mb4 */;\n"
)
BSON = struct.pack("<I", 22) + b"\x10_id\0\1\0\0\0\2n\0\2\0\0\0a\0\0"
OTHERS: list[tuple[bytes, str]] = [
    (b"PGDMP\x01\x0e\0", "PostgreSQL"),
    (b"--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n", "PostgreSQL"),
    (b"--\n-- PostgreSQL database cluster dump\n--\n\nSET default_transaction_read_only = off;\n", "PostgreSQL"),
    (b'Defaulted container "pg" out of: pg, exporter\n--\n-- PostgreSQL database dump\n--\n', "PostgreSQL"),
    (b"SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\nCREATE TABLE public.t (id integer);\n"
     b"INSERT INTO public.t VALUES (1);\n", "PostgreSQL"),
    (b"CREATE TABLE t (id integer);\nCOPY public.t (id) FROM stdin;\n1\n\\.\n", "PostgreSQL"),
    (b"-- Adminer 4.8.1 PostgreSQL 13.2 dump\n\nDROP TABLE IF EXISTS \"t\";\n", "PostgreSQL"),
    (b"/*\n Navicat Premium Data Transfer\n\n Source Server         : x\n Source Server Type    : PostgreSQL\n*/\n",
    "PostgreSQL"),
    (b"SQLite format 3\0\x10\0", "SQLite"),
    (b"package.json".ljust(255, b"\0") + b"61".ljust(14, b"\0") + b"1767323045".ljust(4108, b"\0") + b"{}", "wpress"),
    (b"JPA\x13\0\1\2\2\0\0\0", "Akeeba"), (b"070701000A4B2C000081A4", "cpio"), (b"hsqs\7\0\0\0", "squashfs"),
    (bytes(8) + b"\xac\xcb\xba\xf5\x02\0\0\0" + b"\7" * 99, "zfs send"), (b"btrfs-stream\0\1\0\0\0", "btrfs send"),
    (bytes(1024) + b"\7" * 56 + b"\x53\xef\1\0", "file system"), (b"XFSB\0\0\x10\0", "file system"),
    (b"\xeb\x63\x90".ljust(446, b"\7") + b"\x80".ljust(16, b"\7") + bytes(48) + b"\x55\xaa", "disk"),
    (b"\0\0\0\2" * 6 + b"\x6c\xea\0\0" + bytes(99), "restore"), (b"\1" * 12 + b"BB02\0\0\0\1", "Bacula"),
    (b"AMANDA: FILE 20261130030000 db /var lev 0 comp .gz program /bin/tar\n", "Amanda"),
    (b"\0\0\0\x7b" + b"\7" * 10 + b"T\0\0", "dar"),
    (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER);\nCOMMIT;\n", "SQLite"),
    (b"BEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER);\nCOMMIT;\n", "SQLite"),
    (b"USE [shop]\r\nGO\r\nCREATE TABLE [dbo].[t]([id] [int] NOT NULL)\r\nGO\r\n", "SQL Server"),
    ("\ufeffUSE [shop]\r\nGO\r\n".encode("utf-16-le"), "SQL Server"),
    (b"/****** Object:  Table [dbo].[t] ******/\nSET ANSI_NULLS ON\nGO\n", "SQL Server"),
    (b"TAPE\0\0\3\0\x8c\0", "SQL Server"), (b"MSSQLBAK\2\0", "SQL Server"),
    (b"\x6d\xe2\x99\x81\x60\0\0\0", "MongoDB archive"), (BSON, "BSON"), (BSON * 40, "BSON"),
    (b"\3\0\3EXPORT:V19.00.00\nUSYSTEM\n", "Oracle export"),
    (b"\4\1\0\0\0" + b"\0" * 40 + b'"SHOP"."SYS_EXPORT_SCHEMA_01"', "Oracle dump file"),
    (b"REM INSERTING into SHOP.T\nSET DEFINE OFF;\nInsert into T values (1);\n", "script of Oracle"),
    (b"REDIS0011\xfa\tredis-ver", "Redis snapshot"), (b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", "Redis log"),
    (b"dn: dc=example,dc=org\nobjectClass: top\n", "LDIF"),
    (b"version: 1\n\n# all\ndn: dc=example,dc=org\nobjectClass: top\n", "LDIF"),
    (b'[\n{"model": "shop.order", "pk": 1, "fields": {}}\n]\n', "JSON"), (b'{"_id":{"$oid":"65"}}\n{"_id":1}\n',
    "JSON"),
    (b'["ibd2sdi"\n,\n{"type": 1}]', "ibd2sdi"),
    (b"id,name,total\n1,a,9.90\n2,b,1.00\n", "CSV"), (b'"id";"full name"\n"1";"x"\n', "CSV"), (b"a\tb\n1\t2\n3\t4\n",
    "CSV"),
    (b'<?xml version="1.0"?>\n<rows><row id="1"/></rows>\n', "XML"),
    (b"\xfebin\x8f\xf6", "binary log"), (b"QFI\xfb\0\0\0\3", "image of a disk"), (b"\xfe\x01\x0a\x09\x03", ".frm"),
]  # fmt: skip
ENCRYPTED: list[tuple[bytes, str]] = [
    (b"JPS\1\x0a\0", "Akeeba"), (b"AES\2\0\0\x1bCREATED_BY", "AES Crypt"), (b"scrypt\0\x0e", "scrypt"),
    (b"RCLONE\0\0\x91", "rclone"), (b"XBCRYP03\0", "xbcrypt"), (b"\0m\3\x40", "mcrypt"),
    (b"LUKS\xba\xbe\0\2", "LUKS"), (b"gAAAAA" + b"Bk_-" * 30, "Fernet"),
    (b"\x30\x82\x1e\x21\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0", "S/MIME"),
    (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80", "S/MIME"),
    (b"-----BEGIN PKCS7-----\nMIIeIQYJ\n", "S/MIME"), (b"-----BEGIN CMS-----\nMIIeIQYJ\n", "S/MIME"),
    (b"MIME-Version: 1.0\nContent-Disposition: attachment\nContent-Type: application/x-pkcs7-mime;\n\nMII\n", "S/MIME"),
    (b"$ANSIBLE_VAULT;1.1;AES256\n6138\n", "Ansible Vault"),
    (b"PK\x03\x04\x14\0\x01\0\x08\0" + bytes(16) + b"\5\0\0\0a.sql" + bytes(60), "zip with a password"),
]  # fmt: skip


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def refusal(content: bytes) -> DrtoolError:
    with pytest.raises(DrtoolError) as refused:
        recognise(io.BytesIO(content))
    return refused.value


@pytest.mark.parametrize(("content", "name"), OTHERS)
@pytest.mark.parametrize("pack", [bytes, packed])
def test_a_backup_of_another_system_is_named_and_not_called_broken(
    content: bytes, name: str, pack: Callable[[bytes], bytes]
) -> None:
    error = refusal(pack(content))
    assert isinstance(error, Unverifiable), error
    assert (error.code, name in error.what) == ("format-unsupported", True), error


@pytest.mark.parametrize(("content", "name"), ENCRYPTED)
def test_an_encryption_that_drtool_does_not_open_is_named(content: bytes, name: str) -> None:
    error = refusal(content)
    assert isinstance(error, Unverifiable), error
    assert (error.code, name in error.what) == ("encryption-unsupported", True), error


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed(packed(b"SELECT 1;")), "compression-unsupported"),
        (base64.encodebytes(packed(DUMP.encode())), "compression-unsupported"),
        (base64.b64encode(DUMP.encode()), "compression-unsupported"),
        (
            b"From: root@db\nSubject: MySQL Backup\nContent-Type: multipart/mixed;\n boundary=x\n\n--x\n",
            "compression-unsupported",
        ),
        (b"begin 644 shop.sql.gz\n" + b"M" + b"!" * 60 + b"\n", "compression-unsupported"),
        (packed(b"Rar!\x1a\7\1\0" + bytes(60)), "compression-unsupported"),
        (packed(b"-----BEGIN PGP MESSAGE-----\n\n"), "backup-encrypted"),
    ],
)
def test_two_envelopes_are_no_damage(content: bytes, code: str) -> None:
    error = refusal(content)
    assert isinstance(error, Unverifiable)
    assert error.code == code


@pytest.mark.parametrize(
    "content",
    [
        f"{DUMP}\nINSERT INTO `notes` VALUES (1,'\n-- PostgreSQL database dump\n');\n",
        f"{DUMP}\nINSERT INTO `t` VALUES (1,'\nGO\n'),(2,'\nPRAGMA x;\n');\n",
        f"-- {{\n{DUMP}", "-- id,name\n" + DUMP,
         "CREATE TABLE `public` (`id` int);\nINSERT INTO `public` VALUES (1);\n",
        'CREATE TABLE "public" (\n  "id" int(11)\n);\n', "BEGIN;\nINSERT INTO t VALUES (1,2);\nCOMMIT;\n",
        "INSERT INTO t VALUES (1,2);\nINSERT INTO t VALUES (3,4);\n", "SELECT a,b;\nSELECT c,d;\n",
        "CREATE TABLE t (a VARCHAR2(10), b NUMBER(10));\n",
        "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n\nSET SQL_MODE = '';\n",
        "-- Adminer 4.8.1 MySQL 10.11.4-MariaDB dump\n\nSET NAMES utf8;\n", "SET search_paths = 1;\n",
        "/*\n Navicat Premium Data Transfer\n\n Source Server Type    : MariaDB\n*/\n\nSET NAMES utf8mb4;\n",
    ],
)  # fmt: skip
def test_a_dump_for_mariadb_is_not_taken_for_another_systems(content: str) -> None:
    assert recognise(io.BytesIO(content.encode())).format is Format.DUMP


@pytest.mark.parametrize(
    "content",
    [b"Dear colleagues,\nthe backup, as you know, failed.\n", b"one, two\n", b"a,b\nc\n", b"\x89PNG\r\n\x1a\n",
     bytes(100_000),
     bytes(range(256)) * 40, b"\x16\0\0\0nonsense\0" + bytes(40)],
)  # fmt: skip
def test_what_is_no_backup_at_all_is_still_called_so(content: bytes) -> None:
    error = refusal(content)
    assert isinstance(error, RestoreFailed)
    assert error.code == "not-a-backup"


def test_a_database_of_sqlite_that_was_cut_is_damaged(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.executescript("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1); CREATE TABLE u (id INTEGER);")
    connection.close()
    whole = (tmp_path / "app.db").read_bytes()
    assert isinstance(refusal(whole), Unverifiable)
    assert isinstance(refusal(whole[:-100]), RestoreFailed)


class TestInFolders:
    def test_one_beside_dumps_is_named_as_left_out(self) -> None:
        files = {"shop.sql": DUMP.encode(), "wiki.sql": OTHERS[1][0], "app.db": OTHERS[8][0], "x.csv": b"a,b\n1,2\n"}
        recognised = recognise_folder(list(files), files.__getitem__)
        assert recognised.folder
        assert set(recognised.folder.left_out) == {"wiki.sql", "app.db", "x.csv"}

    def test_alone_it_is_told_as_what_it_is(self) -> None:
        files = {"pg/wiki.sql": OTHERS[1][0], "pg/globals.sql": OTHERS[2][0]}
        with pytest.raises(Unverifiable, match=r"globals\.sql: .* PostgreSQL") as told:
            recognise_folder(list(files), files.__getitem__)
        assert told.value.code == "format-unsupported"

    @pytest.mark.parametrize(
        ("content", "code"),
        [(ENCRYPTED[2][0], "encryption-unsupported"), (b"Rar!\x1a\7\1\0", "compression-unsupported")],
    )
    def test_one_that_drtool_cannot_open_is_named(self, content: bytes, code: str) -> None:
        files = {"shop.sql": DUMP.encode(), "wiki.sql.p7m": content}
        with pytest.raises(Unverifiable, match=r"wiki\.sql\.p7m") as told:
            recognise_folder(list(files), files.__getitem__)
        assert told.value.code == code
