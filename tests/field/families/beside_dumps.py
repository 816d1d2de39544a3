"""What backup jobs leave in a folder beside their dumps: files without an ending, notes, lists, what was set aside."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.attacks.attack import Input
from tests.field.case import Case, arranged, fails, passes, unverified, verify
from tests.field.dumps import BLOG, WIKI, dump
from tests.field.packing import gzipped, tar, tgz

_BORGMATIC = "borgmatic-collective/docker-borgmatic#355; borgbase/docs#24"
_HOLLAND = "holland-backup/holland#273"
_REFUSED = "mariadb-dump: Got error: 1045: \"Access denied for user 'backup'@'localhost'\" when trying to connect\n"
_SHOP, _BLOG, _WIKI = dump(), dump(BLOG, database="blog"), dump(WIKI, database="wiki")
_BARE: Mapping[str, str | bytes] = {"shop": _SHOP, "blog": _BLOG, "wiki": _WIKI}
_NAMED: Mapping[str, str | bytes] = {f"{name}.sql": text for name, text in _BARE.items()}
_WITH_BLANKS: Mapping[str, str | bytes] = {"my wiki.sql": _WIKI, "blog.sql": _BLOG}
_UPLOADS = tar({"uploads/a.png": "\x89PNG"})
_LOG = b"\xfebin" + bytes(range(1, 200))
_SET_ASIDE = "--\n-- DDL of Invalid Views\n-- Created automatically by Holland\n--\n"
_VIEW = (
    "--\n-- Current View: `shop`.`paid`\n--\nCREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY "
    "DEFINER VIEW `shop`.`paid` AS select `shop`.`orders`.`{column}` AS `{column}` from `shop`.`orders`;\n"
)


def _folder(changes: Mapping[str, str | bytes], of: Mapping[str, str | bytes] = _NAMED) -> Input:
    return verify("dumps/", {f"dumps/{name}": text for name, text in {**of, **changes}.items()})


def _of_host(changes: Mapping[str, str | bytes]) -> Input:
    files = {f"localhost/{name}": text for name, text in {**_BARE, **changes}.items()}
    return _folder({f".borgmatic/mariadb_databases/{name}": text for name, text in files.items()}, of={})


def _listed(algorithm: str, *, of: Mapping[str, str | bytes] = _NAMED, line: str = "{digest}  {name}\n") -> str:
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in of.items()}
    digests = {name: hashlib.new(algorithm, content).hexdigest() for name, content in contents.items()}
    return "".join(line.format(digest=digest, name=name) for name, digest in digests.items())


def _older(name: str) -> Callable[[Path], object]:
    return lambda folder: os.utime(folder / name, (1_700_000_000, 1_700_000_000))


_CHANGED = _BLOG.replace("'post 7'", "'post 8'")
_MANIFEST = "shop\tshop.sql\nblog\tblog.sql\nwiki\twiki.sql\n"


def _single(content: str, called: str = "shop.sql.sha256") -> Input:
    return verify("shop.sql", {"shop.sql": _SHOP, called: content})


def _archive(more: Mapping[str, str | bytes], without: str = "") -> Input:
    files = {**more, **{f"data/{name}": text for name, text in _NAMED.items() if name != without}}
    return verify("night-20260102.tgz", {"night-20260102.tgz": tgz(files)})


CASES = (
    Case(
        number="j03",
        seen="sapcc/helm-charts#1588",
        tried=fails(
            "a row of a dump changed after its checksum was taken",
            _folder({"SHA256SUMS": _listed("sha256"), "blog.sql": _CHANGED}),
            "checksum-differs",
            says=("SHA256SUMS", "blog.sql"),
        ),
        twin=passes(
            "each as its checksum says, and the list names itself",
            _folder({"SHA256SUMS": f"{'0' * 64}  SHA256SUMS\n" + _listed("sha256", line="{digest} *./{name}\n")}),
        ),
    ),
    Case(
        number="j03b",
        seen="sapcc/helm-charts#1588",
        tried=unverified(
            "the same, and the list is days older",
            arranged(_folder({"MD5SUMS": _listed("md5"), "blog.sql": _CHANGED}), _older("dumps/MD5SUMS")),
            "checksums-older",
            says=("MD5SUMS", "blog.sql"),
        ),
        twin=passes(
            "a list of several runs, whose last has the checksum, and of another folder",
            _folder(
                {
                    "SHA512SUMS": f"{'0' * 128}  shop.sql\n{'1' * 128}  ../weekly/wiki.sql\n"
                    + _listed("sha512", line="SHA512 ({name}) = {digest}\r\n")
                }
            ),
        ),
    ),
    Case(
        number="j04",
        seen="nfrastack/db-backup (documentation)",
        tried=fails(
            "a single dump and its checksum", _single(f"{'0' * 32}  shop.sql\n", "shop.sql.md5"), "checksum-differs"
        ),
        twin=passes("the same, as it should be", _single(_listed("md5", of={"shop.sql": _SHOP}), "shop.sql.md5")),
    ),
    Case(
        number="j04b",
        seen="nfrastack/db-backup (documentation)",
        tried=fails("a single dump and its digest alone", _single(f"{'0' * 64}\n"), "checksum-differs"),
        twin=passes(
            "the checksum of what it was before it was packed",
            verify("shop.sql.gz", {"shop.sql.gz": gzipped(_SHOP), "shop.sql.gz.sha256": f"{'0' * 64}  shop.sql\n"}),
        ),
    ),
    Case(
        number="j04c",
        seen="nfrastack/db-backup (documentation)",
        tried=fails(
            "an archive of files and another checksum of it",
            verify("up-20260102.tar", {"up-20260102.tar": _UPLOADS, "SHA1SUMS": f"{'0' * 40}  up-20260102.tar\n"}),
            "checksum-differs",
            says=("SHA1SUMS",),
        ),
        twin=passes(
            "the list is of other files",
            verify("up-20260102.tar", {"up-20260102.tar": _UPLOADS, "SHA1SUMS": f"{'0' * 40}  up-20260101.tar\n"}),
        ),
    ),
    Case(
        number="j04d",
        seen="nfrastack/db-backup (documentation)",
        tried=fails(
            "blanks in names, and another checksum of one",
            _folder({"B2SUMS": f"{'0' * 128}  my wiki.sql\n"}, of=_WITH_BLANKS),
            "checksum-differs",
            says=("my wiki.sql",),
        ),
        twin=passes("as the list says", _folder({"B2SUMS": _listed("blake2b", of=_WITH_BLANKS)}, of=_WITH_BLANKS)),
    ),
    Case(
        number="j06",
        seen="holland-backup/holland#260",
        tried=passes(
            "an archive of dumps with the settings and the manifest of their job, as its folder",
            _archive({"backup.conf": "[mysqldump]\n", "data/MANIFEST.txt": _MANIFEST}),
            says=("backup.conf",),
            unsaid=("file-not-restored",),
        ),
        twin=fails(
            "the same, a dump that the manifest names is gone",
            _archive({"backup.conf": "[mysqldump]\n", "data/MANIFEST.txt": _MANIFEST}, without="wiki.sql"),
            "folder-incomplete",
            says=("wiki.sql",),
        ),
    ),
    Case(
        number="j06b",
        seen="frappe/frappe#26780",
        tried=passes(
            "an archive of a run's dump, files and settings, which are named alike",
            verify(
                "bench-20260102.tar",
                {
                    "bench-20260102.tar": tar(
                        {
                            "20260102_101112-site-config.json": "{}",
                            "20260102_101112-site-database.sql": _SHOP,
                            "20260102_101112-site-files.tar": tar({"a.png": "\x89PNG"}),
                        }
                    )
                },
            ),
            says=("20260102_101112-site-files.tar",),
        ),
        twin=passes(
            "an archive of a site with a dump in it",
            verify("site-20260102.tar", {"site-20260102.tar": tar({"index.php": "<?php\n", "shop.sql": _SHOP})}),
            "dump-not-restored",
        ),
    ),
    Case(
        number="j05",
        seen="holland-backup/holland#260",
        tried=fails(
            "a dump that the manifest names is gone",
            _folder({"MANIFEST.txt": _MANIFEST}, of={"shop.sql": _SHOP, "blog.sql": _BLOG}),
            "folder-incomplete",
            says=("MANIFEST.txt", "wiki.sql"),
        ),
        twin=passes("all are there", _folder({"MANIFEST.txt": _MANIFEST})),
    ),
    Case(
        number="j01",
        seen=_BORGMATIC,
        tried=fails(
            "dumps without an ending, one of 0 bytes", _of_host({"wiki": ""}), "backup-empty", says=("localhost/wiki",)
        ),
        twin=passes("the same, each whole", _of_host({})),
    ),
    Case(
        number="j01b",
        seen=_BORGMATIC,
        tried=fails(
            "dumps without an ending, one an error message",
            _of_host({"wiki": _REFUSED}),
            "backup-is-an-error-message",
            says=("localhost/wiki",),
        ),
        twin=passes(
            "notes, a lock, a flag and a log beside them",
            _folder({"README": "", "LOCK": "", ".keep": "", "done": "", "log": _REFUSED, "backup.log": ""}, of=_BARE),
            says=("README",),
        ),
    ),
    Case(
        number="j02",
        seen=_HOLLAND,
        tried=passes(
            "comments alone in a file called a dump",
            _folder({"invalid_views.sql": _SET_ASIDE}),
            says=("invalid_views",),
        ),
        twin=fails("a file called a dump that holds text", _folder({"blog.sql": "All done.\n"}), says=("blog.sql",)),
    ),
    Case(
        number="j02b",
        seen=_HOLLAND,
        tried=unverified(
            "a view that the tool set aside since it asks for a column that is gone",
            _folder({"invalid_views.sql": _SET_ASIDE + _VIEW.format(column="paid")}),
            "views-invalid",
            says=("invalid_views.sql", "1054"),
            unsaid=("The rows were not written",),
        ),
        twin=passes(
            "one that can be used again by now", _folder({"invalid_views.sql": _SET_ASIDE + _VIEW.format(column="id")})
        ),
    ),
    Case(
        number="c641",
        seen="mariadb-operator/mariadb-operator#507",
        tried=passes(
            "binary logs among dumps, with a gap",
            _folder(
                {
                    "mysql-bin.000003": _LOG,
                    "mysql-bin.000005.gz": gzipped(_LOG),
                    "mysql-bin.index": "mysql-bin.000003\n",
                }
            ),
            "logs-not-replayed",
            says=("mysql-bin.000004", "mysql-bin.index"),
            unsaid=("since they are no dumps",),
        ),
        twin=passes("notes that are numbered", _folder({"job.000003": "done\n"}), unsaid=("binary logs",)),
    ),
)
