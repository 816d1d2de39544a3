"""What files are packed with in the field, and other files by the names of backups."""

from __future__ import annotations

import lzma
import zlib

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump

_SEEN = "cytopia/mysqldump-secure#26; databacker/mysql-backup#123"

_NOT_OF_MARIADB = "percona/percona-xtrabackup#111; percona/percona-xtrabackup#302"

_DUMP = dump()

_STREAM = b"XBSTCK01\x00P" + bytes(60)


def _file(name: str, content: str | bytes) -> Input:
    return verify(name, {name: content})


CASES = (
    Case(
        number="c17b",
        seen=_SEEN,
        tried=passes("xz", _file("shop.sql.xz", lzma.compress(_DUMP.encode()))),
        twin=fails("xz, cut", _file("shop.sql.xz", lzma.compress(_DUMP.encode())[:-200]), "stream-truncated"),
    ),
    Case(
        number="c17t",
        seen=_SEEN,
        tried=unverified(
            "Django's dumpdata",
            _file("shop.json", '[\n{"model": "shop.order", "pk": 1, "fields": {}}\n]\n'),
            "format-unsupported",
        ),
        twin=passes("a dump by that name", _file("shop.json", _DUMP)),
    ),
    Case(
        number="c17u",
        seen=_NOT_OF_MARIADB,
        tried=fails(
            "mariadb-backup's messages before its stream",
            _file("full.mb", b"[00] 2026-01-02 03:04:05 Connecting to server\n" + _STREAM),
        ),
        twin=passes("a dump by that name", _file("full.mb", _DUMP)),
    ),
    Case(
        number="c17c",
        seen=_SEEN,
        tried=passes("zlib", _file("shop.sql.z", zlib.compress(_DUMP.encode()))),
        twin=fails("zlib, cut", _file("shop.sql.z", zlib.compress(_DUMP.encode())[:-200]), "stream-truncated"),
    ),
    Case(
        number="c17",
        seen=_SEEN,
        tried=passes(
            ".lzma, the format before xz", _file("shop.sql.lzma", lzma.compress(_DUMP.encode(), lzma.FORMAT_ALONE))
        ),
        twin=fails(
            "the same, cut",
            _file("shop.sql.lzma", lzma.compress(_DUMP.encode(), lzma.FORMAT_ALONE)[:-200]),
            "stream-truncated",
        ),
    ),
)
