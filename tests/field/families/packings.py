"""What files are packed with in the field, and other files by the names of backups."""

from __future__ import annotations

import lzma
import zlib
from random import Random

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump
from tests.field.packing import tar

_SEEN = "cytopia/mysqldump-secure#26; databacker/mysql-backup#123"

_NOT_OF_MARIADB = "percona/percona-xtrabackup#111; percona/percona-xtrabackup#302"

_DUMP = dump()

_NO_MARK = "wal-g/wal-g#1053; Skyfay/DBackup#25"
_NOISE = Random(7).randbytes(4000)  # noqa: S311 (noise, and no secret)
_ZIP_END = b"PK\5\6\2\0\2\0\1\0\1\0" + bytes(10)
_ENCRYPTED = b"\x8c\x0d\x04\x09" + _NOISE
_STREAM = b"XBSTCK01\x00P" + bytes(60)

_LSN_FILES = {
    "full/xtrabackup_checkpoints": "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 147359\nlast_lsn = 147359\n",
    "full/xtrabackup_info": "tool_name = mariabackup\nserver_version = 10.11.18-MariaDB-log\npartial = N\n",
}


def _file(name: str, content: str | bytes) -> Input:
    return verify(name, {name: content})


def _parts(*names: str) -> dict[str, str]:
    size = len(_DUMP) // len(names) + 1
    return {name: _DUMP[size * at : size * (at + 1)] for at, name in enumerate(names) if name}


def _in(folder: str, *names: str) -> dict[str, str]:
    return {f"{folder}/{name}": part for name, part in _parts(*names).items()}


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
    Case(
        number="c525",
        seen=_NO_MARK,
        tried=unverified(
            "brotli, which has no mark",
            _file("shop.sql.br", _NOISE),
            "compression-unsupported",
            says=["brotli"],
            unsaid=["damaged"],
        ),
        twin=fails("the same noise by the name of a dump", _file("shop.sql", _NOISE), "not-a-backup"),
    ),
    Case(
        number="c526",
        seen=_NO_MARK,
        tried=unverified(
            "a cipher without a mark", _file("shop.sql.gz.enc", _NOISE), "encryption-unsupported", unsaid=["damaged"]
        ),
        twin=fails("zeros by that name", _file("shop.sql.gz.enc", bytes(80_000)), "not-a-backup"),
    ),
    Case(
        number="c527",
        seen="simatec/ioBroker.backitup#854; wummel/patool#139",
        tried=unverified(
            "the last part of a zip (zip -s)",
            _file("shop.zip", _NOISE + _ZIP_END),
            "compression-unsupported",
            says=["the last of 3 parts", "zip -s 0"],
        ),
        twin=fails("a zip that is noise", _file("shop.zip", _NOISE), "not-a-backup"),
    ),
    Case(
        number="c528",
        seen="bitnami/vms#1429",
        tried=unverified(
            "Akeeba's archive", _file("site.jpa", b"JPA\x13\0\1\2\2" + _NOISE), "format-unsupported", says=["Akeeba"]
        ),
        twin=passes("a dump by that name", _file("site.jpa", _DUMP)),
    ),
    Case(
        number="c529",
        seen="bareos/bareos#1016; omegazeng/run-mariabackup",
        tried=fails(
            "a stream that is cut, beside the files of --extra-lsndir",
            verify("full/", {"full/backup.mb": _STREAM, **_LSN_FILES}),
            "stream-truncated",
            unsaid=["partial"],
        ),
        twin=passes("a dump beside them", verify("full/", {"full/shop.sql": _DUMP, **_LSN_FILES})),
    ),
    Case(
        number="c640",
        seen="nullart/debian-ubuntu-mariadb-backup#7",
        tried=unverified(
            "a full stream and an increment, beside the files of --extra-lsndir",
            verify("full/", {"full/full-1.xbstream": _STREAM, "full/incremental-2.xbstream": _STREAM, **_LSN_FILES}),
            "backups-mixed",
            says=["full-1.xbstream", "incremental-2.xbstream", "increments="],
            unsaid=["partial"],
        ),
        twin=fails(
            "one stream beside them, cut",
            verify("full/", {"full/full-1.xbstream": _STREAM, **_LSN_FILES}),
            "stream-truncated",
        ),
    ),
    Case(
        number="c530",
        seen="sudara/alonetone#961",
        tried=passes("parts by split's own names", verify("xaa", _parts("xaa", "xab", "xac"))),
        twin=fails("the same without one", verify("xaa", _parts("xaa", "", "xac")), "part-missing", says=["xab"]),
    ),
    Case(
        number="c585",
        seen="gobackup/gobackup#94; gobackup/gobackup#287",
        tried=passes(
            "parts with a number behind a hyphen, as gobackup's splitter and split -d name them",
            verify("shop.sql.gz-000", _parts("shop.sql.gz-000", "shop.sql.gz-001", "shop.sql.gz-002")),
        ),
        twin=fails(
            "the same without one",
            verify("shop.sql.gz-000", _parts("shop.sql.gz-000", "", "shop.sql.gz-002")),
            "part-missing",
            says=["shop.sql.gz-001"],
        ),
    ),
    Case(
        number="c586",
        seen="gobackup/gobackup#287",
        tried=passes(
            "the folder that such parts lie in, with a list of checksums",
            verify("night/", {**_in("night", "s.sql.aa", "s.sql.ab"), "night/SHA256SUMS": "x\n"}),
            says=["s.sql.aa", "put together"],
        ),
        twin=fails("one of the parts alone in a folder", verify("night/", {"night/s.sql.aa": _parts("a", "")["a"]})),
    ),
    Case(
        number="c587",
        seen="hanxi/blog#42; softwaresaved/lowfat#376",
        tried=unverified(
            "a folder of encrypted backups, whose names do not say that they are dumps",
            verify("night/", {"night/shop-20261130.gpg": _ENCRYPTED, "night/sha256sums.txt": "x\n"}),
            "file-not-restored",
            says=["shop-20261130.gpg", "by itself"],
        ),
        twin=fails(
            "the tool's error message beside the archive of the files",
            verify("night/", {"night/site.tar": tar({"a.txt": "a"}), "night/shop": "mysqldump: Got error: 1045\n"}),
        ),
    ),
    Case(
        number="c615",
        seen="solin.eu (backing up with tar, gpg and split); gobackup/gobackup#287",
        tried=passes(
            "a folder of the parts of one backup, numbered",
            verify("night/", _in("night", "shop.sql.001", "shop.sql.002", "shop.sql.003")),
            says=["shop.sql.001", "put together"],
        ),
        twin=fails(
            "the same without one",
            verify("night/", _in("night", "shop.sql.001", "", "shop.sql.003")),
            "part-missing",
            says=["shop.sql.002"],
        ),
    ),
    Case(
        number="c616",
        seen="solin.eu (backing up with tar, gpg and split)",
        tried=unverified(
            "a folder of the parts of two nights' backups",
            verify("week/", _in("week", "mon.sql.aa", "mon.sql.ab") | _in("week", "tue.sql.aa", "tue.sql.ab")),
            "file-not-restored",
            says=["mon.sql.aa", "first part"],
        ),
        twin=passes("one of them, by split's own names", verify("week/", _in("week", "x00", "x01"))),
    ),
)
