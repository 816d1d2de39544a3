"""Files that another program opens, and backups of other databases."""

from __future__ import annotations

import base64
import random

from tests.attacks.attack import Input
from tests.field.case import Case, passes, unverified, verify
from tests.field.dumps import dump
from tests.field.packing import gzipped

_SEEN = "cytopia/mysqldump-secure#26; databacker/mysql-backup#123"

_DUMP = dump()

_NOBODY_READS = random.Random(17).randbytes(600)  # noqa: S311
"""What a file holds that is encrypted, or packed in a way of its own."""

_BASE64 = base64.encodebytes(b"Salted__" + _NOBODY_READS).decode()

_ENVELOPED = bytes.fromhex("3082025306092a864886f70d010703a0820244")
"""How enveloped data of PKCS #7 begins."""

_PKCS7 = base64.encodebytes(_ENVELOPED + _NOBODY_READS).decode()

_MAIL = (
    'MIME-Version: 1.0\nContent-Disposition: attachment; filename="smime.p7m"\n'
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\n'
    f"Content-Transfer-Encoding: base64\n\n{_PKCS7}\n"
)


def _file(name: str, content: str | bytes) -> Input:
    return verify(name, {name: content})


def _packed(number: str, name: str, what: str, content: str | bytes, *told: str, says: tuple[str, ...] = ()) -> Case:
    """Return a case of a file that another program opens; its twin has the name alone, and is gzip."""
    return Case(
        number=number,
        seen=_SEEN,
        tried=unverified(what, _file(name, content), *told, says=says),
        twin=passes(f"gzip, and {name} by its name", _file(name, gzipped(_DUMP))),
    )


CASES = (
    _packed("c17d", "shop.sql.qp", "qpress", b"qpress10\x00" + _NOBODY_READS, "compression-unsupported"),
    _packed("c17e", "shop.sql.sz", "snappy", b"\xff\x06\x00\x00sNaPpY" + _NOBODY_READS, "compression-unsupported"),
    _packed("c17f", "shop.rar", "RAR", b"Rar!\x1a\x07\x01\x00" + _NOBODY_READS, "compression-unsupported"),
    _packed("c17g", "shop.sql.der", "S/MIME, DER", _ENVELOPED + _NOBODY_READS, says=("S/MIME",)),
    _packed(
        "c17h", "shop.sql.pem", "S/MIME, PEM", f"-----BEGIN PKCS7-----\n{_PKCS7}-----END PKCS7-----\n", says=("S/MIME",)
    ),
    _packed("c17i", "shop.sql.eml", "S/MIME, a mail", _MAIL, says=("S/MIME",)),
    _packed("c17j", "shop.sql.b64", "openssl enc -a, and no key", _BASE64, says=("openssl",)),
    _packed("c17k", "shop.sql.vault", "ansible-vault", "$ANSIBLE_VAULT;1.1;AES256\n6138363734\n", says=("vault",)),
    _packed("c17l", "pg.sql", "pg_dump", "--\n-- PostgreSQL database dump\n--\n\n\\restrict a\n", says=("PostgreSQL",)),
    _packed(
        "c17m",
        "pg.sql",
        "pg_dump without comments",
        "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (id integer NOT NULL);\n",
        says=("PostgreSQL",),
    ),
    _packed("c17n", "pg.dump", "pg_dump, its own format", b"PGDMP\x01\x0e\x00" + _NOBODY_READS, says=("PostgreSQL",)),
    _packed(
        "c17o",
        "lite.sql",
        "SQLite",
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER PRIMARY KEY);\nCOMMIT;\n",
        says=("SQLite",),
    ),
    _packed("c17p", "lite.db", "SQLite, its file", b"SQLite format 3\x00" + _NOBODY_READS, says=("SQLite",)),
    _packed(
        "c17q",
        "ms.sql",
        "SQL Server",
        "USE [shop]\r\nGO\r\nCREATE TABLE [dbo].[t]([id] [int] NOT NULL)\r\nGO\r\n",
        says=("SQL Server",),
    ),
    _packed("c17r", "ms.sql", "SQL Server in UTF-16", "USE [shop]\r\nGO\r\n".encode("utf-16"), says=("SQL Server",)),
    _packed(
        "c17s",
        "mongo.archive",
        "mongodump --archive",
        bytes.fromhex("6de29981") + b"\x60\x00\x00\x00\x10concurrent_collections\x00\x04" + bytes(60),
        says=("MongoDB",),
    ),
)
