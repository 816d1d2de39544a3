"""What broken transfers, editors and NFS leave in a folder of backups, and single files that are called so."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, ORDERS, dump
from tests.field.packing import gzipped, tgz

_RSYNC = "RsyncProject/rsync#519"
_WINSCP = "WinSCP's documentation of transfers to temporary file names"
_AS_TEXT = "owncloud/docs#4682; docker-library/postgres#219"
_SHOP, _BLOG = dump(), dump(BLOG, database="blog")
_CUT = _BLOG[: len(_BLOG) // 2]
_NAMED: Mapping[str, str | bytes] = {"shop.sql.gz": gzipped(_SHOP), "blog.sql.gz": gzipped(_BLOG)}
_ALONE: Mapping[str, str | bytes] = {"shop.sql.gz": gzipped(_SHOP)}


def _folder(changes: Mapping[str, str | bytes], of: Mapping[str, str | bytes] = _ALONE) -> Input:
    return verify("night/", {f"night/{name}": text for name, text in {**of, **changes}.items()})


def _archive(more: Mapping[str, str | bytes], of: Mapping[str, str | bytes] = _ALONE) -> Input:
    return verify("night-20260102.tgz", {"night-20260102.tgz": tgz({**more, **of})})


CASES = (
    Case(
        number="c534",
        seen=_RSYNC,
        tried=fails(
            "half a dump under the name that rsync gives it until it is there",
            _folder({".blog.sql.gz.Xy12Zw": gzipped(_CUT)[:-9]}),
            "folder-incomplete",
            says=("blog.sql.gz is missing", ".blog.sql.gz.Xy12Zw"),
            unsaid=("its rows",),
        ),
        twin=passes(
            "an older one of those, and the dump came all the same",
            _folder({".blog.sql.gz.Xy12Zw": gzipped(_CUT)[:-9]}, of=_NAMED),
            says=(".blog.sql.gz.Xy12Zw",),
        ),
    ),
    Case(
        number="c535",
        seen=_WINSCP,
        tried=passes(
            "the whole dump, and the same once more under the name of a transfer",
            _folder({"shop.sql.gz.filepart": gzipped(_SHOP)}),
            says=("shop.sql.gz.filepart",),
            unsaid=("would replace each other",),
        ),
        twin=fails(
            "a whole dump that was never renamed",
            _folder({"blog.sql.gz.filepart": gzipped(_BLOG)}),
            "folder-incomplete",
            says=("blog.sql.gz is missing",),
        ),
    ),
    Case(
        number="c536",
        seen=_RSYNC,
        tried=fails(
            "half a dump in .rsync-partial/",
            _folder({".rsync-partial/blog.sql.gz": gzipped(_CUT)[:-9]}),
            "folder-incomplete",
            says=("blog.sql.gz is missing",),
            unsaid=("cut short",),
        ),
        twin=passes(
            "the dump came, its first half was forgotten there",
            _folder({".rsync-partial/blog.sql.gz": gzipped(_CUT)[:-9]}, of=_NAMED),
            says=(".rsync-partial/blog.sql.gz",),
        ),
    ),
    Case(
        number="c537",
        seen=_RSYNC,
        tried=fails(
            "an archive of dumps, of which one had not come when it was packed",
            _archive({".blog.sql.gz.Xy12Zw": gzipped(_CUT)[:-9]}),
            "folder-incomplete",
            says=("blog.sql.gz is missing",),
        ),
        twin=passes(
            "with what NFS and an editor kept",
            _archive({".nfs00000000020a1b2c": gzipped(_CUT)[:-9], "blog.sql.gz~": gzipped(_CUT)[:-9]}, of=_NAMED),
            says=(".nfs00000000020a1b2c", "blog.sql.gz~"),
        ),
    ),
    Case(
        number="c538",
        seen=_RSYNC,
        tried=unverified(
            "a dump under a hidden name",
            _folder({".blog.sql.gz": gzipped(_BLOG)}),
            "file-not-restored",
            says=(".blog.sql.gz",),
        ),
        twin=passes(
            "hidden files that hold none", _folder({".DS_Store": "\0\0\0\1Bud1", ".keep": ""}), says=(".DS_Store",)
        ),
    ),
    Case(
        number="c539",
        seen=_RSYNC,
        tried=fails(
            "rows of --tab that had not come, with their definition",
            _folder({".orders.txt.Xy12Zw": "1\t"}, of={"orders.sql": dump(ORDERS.partition("LOCK")[0])}),
            "folder-incomplete",
            says=(".orders.txt.Xy12Zw",),
        ),
        twin=passes(
            "a note that had not come, beside dumps", _folder({"notes.md.part": "see the w"}), says=("notes.md.part",)
        ),
    ),
    Case(
        number="c540",
        seen=_WINSCP,
        tried=passes(
            "a single dump that is whole under the name of a transfer",
            verify("shop.sql.gz.part", {"shop.sql.gz.part": gzipped(_SHOP)}),
            says=("is called as a transfer",),
        ),
        twin=fails(
            "the same, cut short",
            verify("shop.sql.gz.part", {"shop.sql.gz.part": gzipped(_SHOP)[:-200]}),
            "stream-truncated",
        ),
    ),
    Case(
        number="c558",
        seen=_AS_TEXT,
        tried=fails(
            "a compressed dump that a terminal or FTP carried as text",
            verify("shop.sql.gz", {"shop.sql.gz": gzipped(_SHOP).replace(b"\n", b"\r\n")}),
            "stream-damaged",
            says=("binary mode", "-t"),
        ),
        twin=passes(
            "a dump that was carried so and compressed there",
            verify("shop.sql.gz", {"shop.sql.gz": gzipped(_SHOP.replace("\n", "\r\n"))}),
        ),
    ),
)
