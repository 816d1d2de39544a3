"""Nightly folders of applications: one dump, and archives of files or backups of their own beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import zstandard

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, dump
from tests.field.packing import gzipped, tar, tgz

_FRAPPE = "frappe/frappe#26929"
_MAILCOW = "mailcow/mailcow-dockerized#7144"
_HESTIA = "hestiacp/hestiacp#1412"
_SHOP = dump()
_CUT = _SHOP.partition("/*!40103 SET TIME_ZONE=@OLD")[0]
_RUN = "20260102_030405-site1_local"
_FILES: Mapping[str, str | bytes] = {
    f"{_RUN}-files.tar": tar({"./site1.local/public/files/a.txt": "a"}),
    f"{_RUN}-private-files.tar": tar({"./site1.local/private/files/b.csv": "1,2\n"}),
    f"{_RUN}-site_config_backup.json": "{}",
}
_DUMPS = tgz({"dumps/shop.sql": _SHOP, "dumps/blog.sql": dump(BLOG, database="blog")})


def _zip(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _night(files: Mapping[str, str | bytes]) -> Input:
    return verify("night/", {f"night/{name}": content for name, content in files.items()})


def _panel(stream: bytes) -> Input:
    name = "user.2026-01-02_03-04-05.tar"
    files: Mapping[str, str | bytes] = {"./hestia/user.conf": "x\n", "./db/user_shop/user_shop.mysql.sql.zst": stream}
    return verify(name, {name: tar(files)}, "--inside", "db/*/*.sql*")


CASES = (
    Case(
        number="c501",
        seen=_FRAPPE,
        tried=fails(
            "a night of frappe's, one dump and archives of text files, the dump cut between two statements",
            _night({**_FILES, f"{_RUN}-database.sql.gz": gzipped(_CUT)}),
            "dump-trailer-missing",
            says=("files.tar",),
        ),
        twin=passes(
            "the same, whole: the archives are named as not restored",
            _night({**_FILES, f"{_RUN}-database.sql.gz": gzipped(_SHOP)}),
            says=("not restored", f"{_RUN}-files.tar", f"{_RUN}-private-files.tar"),
        ),
    ),
    Case(
        number="c502",
        seen=_MAILCOW,
        tried=unverified(
            "a dump, and beside it an archive of dumps that is not restored with it",
            _night({"shop.sql.gz": gzipped(_SHOP), "mail.tar.gz": tgz({"vmail/a.eml": "a"}), "others.tar.gz": _DUMPS}),
            "file-not-restored",
            says=("others.tar.gz", "Drill that file by itself"),
            unsaid=("encrypted",),
        ),
        twin=fails(
            "the same, the dump cut between two statements",
            _night({"shop.sql.gz": gzipped(_CUT), "mail.tar.gz": tgz({"vmail/a.eml": "a"}), "others.tar.gz": _DUMPS}),
            "dump-trailer-missing",
            says=("shop.sql.gz",),
        ),
    ),
    Case(
        number="c636",
        seen="no thread looked up",
        tried=passes(
            "a dump, and beside it a zip of an application's files",
            _night({"shop.sql.gz": gzipped(_SHOP), "files.zip": _zip({"up/": "", "up/a.txt": "a", "b.png": "b"})}),
            says=("not restored", "files.zip"),
        ),
        twin=unverified(
            "the same, and the zip is of dumps",
            _night({"shop.sql.gz": gzipped(_SHOP), "files.zip": _zip({"a.sql": _SHOP, "b.sql": dump(BLOG)})}),
            "compression-unsupported",
            says=("files.zip",),
        ),
    ),
    Case(
        number="c503",
        seen=_HESTIA,
        tried=fails(
            "the one dump inside an archive is a zstd stream, cut in its first block",
            _panel(zstandard.ZstdCompressor().compress(_SHOP.encode())[:60]),
            "stream-truncated",
            says=("user_shop.mysql.sql.zst", "cut short"),
            unsaid=("the pattern that chose it",),
        ),
        twin=passes("the same, whole", _panel(zstandard.ZstdCompressor().compress(_SHOP.encode()))),
    ),
    Case(
        number="c504",
        seen=_FRAPPE,
        tried=passes(
            "an archive of text files alone, which no table is defined beside",
            verify(
                "files-20260102T030405Z.tar", {"files-20260102T030405Z.tar": tar({"a/b.txt": "b", "a/c.csv": "1\n"})}
            ),
        ),
        twin=fails(
            "an archive of definitions and rows, the rows cut inside a line",
            verify(
                "tab-20260102T030405Z.tar",
                {
                    "tab-20260102T030405Z.tar": tar(
                        {"a/t.txt": "1\tone\n2", "a/t.sql": dump("CREATE TABLE `t` (`a` int, `b` text);\n")}
                    )
                },
            ),
        ),
    ),
)
