"""Backups of other systems by the names of dumps, and packings and messages that drtool tells by what they say."""

from __future__ import annotations

import base64
import io
import lzma
import sqlite3
import tempfile
import zipfile
import zlib
from pathlib import Path

from tests.attacks.attack import Input
from tests.field.case import Case, Tried, fails, passes, unverified, verify
from tests.field.dumps import dump
from tests.field.packing import gzipped

_OTHERS = "percona/percona-xtrabackup#302"
_PACKINGS = "cytopia/mysqldump-secure#26; databacker/mysql-backup#123"
_DUMP = dump()
_BYTES = _DUMP.encode()


def _file(content: str | bytes, name: str = "shop.sql") -> Input:
    return verify(name, {name: content})


def _other(what: str, content: str | bytes, says: str) -> Tried:
    return unverified(what, _file(content), "format-unsupported", says=(says,), unsaid=("cut dump",))


def _zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), _BYTES, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.db"
        connection = sqlite3.connect(path)
        connection.executescript("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1);")
        connection.close()
        return path.read_bytes()


_POSTGRES = (
    "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
    "SELECT pg_catalog.set_config('search_path', '', false);\n"
    "CREATE TABLE public.t (id integer NOT NULL);\nINSERT INTO public.t VALUES (1);\n"
)

_KUBECTL = 'Defaulted container "db" out of: db, exporter\n'
_MAIL = "From: root@db\nSubject: MySQL backup of db\nMIME-Version: 1.0\nContent-Type: TYPE\n\n--x\nSee below.\n"
_SQLITE = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER);\nCOMMIT;\n"
_PUBLIC = dump("CREATE TABLE `public` (`id` int) ENGINE=InnoDB;\nINSERT INTO `public` VALUES (1);\n")
_LOOKS_SO = dump("CREATE TABLE `t` (`a` text) ENGINE=InnoDB;\nINSERT INTO `t` VALUES ('\nPRAGMA x;\nGO\n');\n")
_TWO_ENVELOPES = gzipped(gzipped(_DUMP))

CASES = (
    Case(
        number="c101",
        seen=_OTHERS,
        tried=_other("a dump of PostgreSQL with INSERTs", _POSTGRES, "psql"),
        twin=passes("a dump of a table called public", _file(_PUBLIC)),
    ),
    Case(
        number="c102",
        seen=_OTHERS,
        tried=_other(
            "kubectl's line before a dump of PostgreSQL",
            _KUBECTL + "--\n-- PostgreSQL database dump\n--\n" + _POSTGRES,
            "PostgreSQL",
        ),
        twin=fails(
            "the same before a dump of MariaDB", _file(_KUBECTL + _DUMP), "dump-behind-a-message", says=("kubectl",)
        ),
    ),
    Case(
        number="c103",
        seen=_OTHERS,
        tried=_other("pg_dump's custom format", b"PGDMP\x01\x0e\x00" + bytes(200), "pg_restore"),
        twin=fails("a file of zeros", _file(bytes(200_000)), "not-a-backup"),
    ),
    Case(
        number="c104",
        seen=_OTHERS,
        tried=_other("an SQLite database", _sqlite(), "sqlite3"),
        twin=fails("one that was cut short", _file(_sqlite()[:-500]), "not-a-backup", says=("cut short",)),
    ),
    Case(
        number="c105",
        seen=_OTHERS,
        tried=_other("an SQLite dump", _SQLITE, "SQLite"),
        twin=passes("a dump with such text in a row", _file(_LOOKS_SO)),
    ),
    Case(
        number="c106",
        seen=_OTHERS,
        tried=_other(
            "a script of SQL Server in UTF-16", "\ufeffUSE [shop]\r\nGO\r\n".encode("utf-16-le"), "SQL Server"
        ),
        twin=fails(
            "a dump of MariaDB in UTF-16, by PowerShell",
            _file(("\ufeff" + _DUMP).encode("utf-16-le")),
            "not-a-backup",
            says=("PowerShell",),
        ),
    ),
    Case(
        number="c107",
        seen=_OTHERS,
        tried=_other("a table in CSV", "id,name,total\n1,a,9.90\n2,b,1.00\n", "CSV"),
        twin=fails(
            "a letter about the backup", _file("Dear colleagues,\nthe backup, as you know, failed.\n"), "not-a-backup"
        ),
    ),
    Case(
        number="c108",
        seen=_OTHERS,
        tried=unverified(
            "a dump of PostgreSQL alone in a folder",
            verify("dumps", {"dumps/a.sql": _POSTGRES, "dumps/b.sql": _POSTGRES}),
            "format-unsupported",
            says=("a.sql",),
        ),
        twin=fails(
            "a folder of messages",
            verify("dumps", {"dumps/a.sql": "mariadb-dump: Got error: 1045\n", "dumps/b.sql": _POSTGRES}),
            "backup-is-an-error-message",
            says=("a.sql",),
        ),
    ),
    Case(
        number="c109",
        seen=_PACKINGS,
        tried=passes(".lzma", _file(lzma.compress(_BYTES, format=lzma.FORMAT_ALONE))),
        twin=fails(".lzma, cut", _file(lzma.compress(_BYTES, format=lzma.FORMAT_ALONE)[:-60]), "stream-truncated"),
    ),
    Case(
        number="c110",
        seen=_PACKINGS,
        tried=passes("zlib", _file(zlib.compress(_BYTES))),
        twin=fails("zlib, cut", _file(zlib.compress(_BYTES)[:-60]), "stream-truncated"),
    ),
    Case(
        number="c111",
        seen=_PACKINGS,
        tried=passes("a zip of one dump", _file(_zip("shop.sql"))),
        twin=unverified(
            "a zip of two", _file(_zip("shop.sql", "wiki.sql")), "compression-unsupported", says=("several files",)
        ),
    ),
    Case(
        number="c112",
        seen=_PACKINGS,
        tried=unverified(
            "rar", _file(b"Rar!\x1a\x07\x01\x00" + bytes(range(256)) * 2), "compression-unsupported", says=("rar",)
        ),
        twin=fails("what no mark tells", _file(bytes(range(256)) * 40), "not-a-backup"),
    ),
    Case(
        number="c113",
        seen=_PACKINGS,
        tried=unverified(
            "S/MIME",
            _file("-----BEGIN PKCS7-----\nMIIeIQYJKoZIhvcNAQcDoIIeEjCC\n"),
            "encryption-unsupported",
            says=("openssl cms",),
        ),
        twin=unverified(
            "openssl enc -a without its key",
            _file("U2FsdGVkX18m4Yo/H9+uIrbrv9+eLZvTtm6wzzq3/nYXTZQF28MIkpJNbLugGPIN\n"),
            "backup-encrypted",
        ),
    ),
    Case(
        number="c114",
        seen="phpmyadmin/phpmyadmin#13403",
        tried=fails(
            "PHP's warning before phpMyAdmin's dump",
            _file(f"<br />\n<b>Warning</b>:  Undefined variable $db in <b>/x.php</b> on line <b>1</b><br />\n{_DUMP}"),
            "dump-behind-a-message",
            says=("display_errors",),
        ),
        twin=passes("statements before a dump", _file(f"CREATE DATABASE IF NOT EXISTS shop;\nUSE shop;\n{_DUMP}")),
    ),
    Case(
        number="c115",
        seen=_OTHERS,
        tried=fails(
            "a message before a compressed dump",
            _file(b"Warning: Permanently added 'db' to the list of known hosts.\n" + gzipped(_DUMP)),
            "dump-behind-a-message",
            says=("ssh",),
        ),
        twin=passes("a compressed dump", _file(gzipped(_DUMP))),
    ),
    Case(
        number="c116",
        seen=_PACKINGS,
        tried=unverified("compressed twice", _file(_TWO_ENVELOPES), "compression-unsupported", says=("twice",)),
        twin=fails(
            "compressed twice, the outer one cut in its first bytes", _file(_TWO_ENVELOPES[:10]), "stream-truncated"
        ),
    ),
    Case(
        number="c594",
        seen="no thread looked up",
        tried=unverified(
            "a compressed dump as text, in base64",
            _file(base64.encodebytes(gzipped(_DUMP)), "shop.sql.gz.b64"),
            "compression-unsupported",
            says=("base64 -d",),
        ),
        twin=fails("other text of that kind", _file(b"QUJDREVGR0hJ" * 40, "shop.sql.gz.b64"), "not-a-backup"),
    ),
    Case(
        number="c595",
        seen="no thread looked up",
        tried=unverified(
            "the mail that a dump was sent in",
            _file(_MAIL.replace("TYPE", "multipart/mixed; boundary=x"), "backup.eml"),
            "compression-unsupported",
            says=("attachment",),
        ),
        twin=fails("a mail that something went wrong", _file(_MAIL.replace("TYPE", "text/plain")), "not-a-backup"),
    ),
)
