"""Archives of files that lead out, fill the disk, are not whole, or are not what they are taken for."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from drtool.backups.compression import Compression
from fixtures.faults.archives import member, with_members
from fixtures.faults.packing import packed
from tests.attacks.attack import Attack, Drilled, Input, each, judge, scenario, verify
from tests.attacks.dumps import HEADER, TABLES, dump

_OUT = "/tmp"
_ESCAPES = ("archive-escapes",)


def _tar(files: Mapping[str, str | bytes], *, form: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, text in files.items():
            info, content = member(name, text.encode() if isinstance(text, str) else text)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


_FILES = _tar({"uploads/a.jpg": "a picture", "uploads/b.jpg": "another", "uploads/c/d.jpg": "x" * 3000})


def _with(*members: tuple[tarfile.TarInfo, bytes], name: str = "files.tar") -> Input:
    return verify(name, files={name: with_members(_FILES, members)})


def _is(content: bytes, name: str = "files.tar") -> Input:
    return verify(name, files={name: content})


def _limited(content: bytes, name: str = "bomb.tar.zst") -> Input:
    return scenario(f'drill.restore_files(drill.backup(str(here / "{name}")), disk="64MiB")', files={name: content})


def _to(name: str, link: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=kind, link=link)


def _pax(name: str, headers: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info, content = member(name, b"out")
        info.pax_headers = headers
        archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def _device(kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info, content = member("console", kind=kind, mode=0o666)
    info.devmajor, info.devminor = 5, 1
    return info, content


def _zip(files: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def _sized(size: int, content: bytes) -> bytes:
    info = tarfile.TarInfo("huge")
    info.size, info.mtime = size, 1_700_000_000
    return packed(info.tobuf(tarfile.GNU_FORMAT), Compression.ZSTD) + content


def _increments(folder: Path) -> None:
    """Archive a folder whole, and then what has changed in it."""
    uploads = folder / "uploads"
    uploads.mkdir()
    for number, name in enumerate(("a.jpg", "b.jpg")):
        (uploads / name).write_text("a picture")
        command = f"tar --listed-incremental list -cf files.{number}.tar uploads"
        subprocess.run(command.split(), cwd=folder, check=True)
        time.sleep(0.01)


_ZEROS = packed(bytes(2**24), Compression.ZSTD)
_MANY = with_members(_FILES, [member(f"uploads/{number}") for number in range(2000)])
_WHOLE = _is(_FILES)
_ROOTED = _tar({"/srv/uploads/a.jpg": "a picture", "/srv/uploads/b.jpg": "another"})

ATTACKS = (
    Attack(
        name="climbs-out-in-the-middle-of-a-name",
        bad=_with(member(f"uploads/../../..{_OUT}/climbed", b"out")),
        twin=_with(member("uploads/..climbed../x..", b"in")),
        told=_ESCAPES,
        worst=True,
    ),
    Attack(
        name="climbs-out-by-a-pax-header",
        bad=_is(_pax("uploads/harmless", {"path": f"../../..{_OUT}/climbed"})),
        twin=_is(_pax("uploads/harmless", {"path": "uploads/längerer Name"})),
        told=_ESCAPES,
    ),
    Attack(
        name="climbs-out-by-a-very-long-name",
        bad=_with(member("../" * 60 + f"..{_OUT}/climbed", b"out")),
        twin=_with(member("uploads/" + "long/" * 40 + "name", b"in")),
        told=_ESCAPES,
    ),
    Attack(
        name="writes-through-a-link-to-a-link-that-leads-out",
        bad=_with(_to("a", "b"), _to("b", _OUT), member("a/through", b"out")),
        twin=_with(_to("a", "b"), _to("b", "uploads")),
        told=(*_ESCAPES, "archive-does-not-unpack"),
    ),
    Attack(
        name="writes-through-a-link-that-climbs-out",
        bad=_with(_to("uploads/up", f"../../../../..{_OUT}"), member("uploads/up/through", b"out")),
        twin=_with(_to("uploads/up", "../uploads/c")),
        told=(*_ESCAPES, "archive-does-not-unpack"),
    ),
    Attack(
        name="hard-link-to-a-file-outside-by-climbing",
        bad=_with(_to("accounts", "../../../etc/passwd", tarfile.LNKTYPE)),
        twin=_with(_to("again", "uploads/a.jpg", tarfile.LNKTYPE)),
        told=(*_ESCAPES, "archive-does-not-unpack"),
    ),
    Attack(
        name="hard-link-to-a-file-that-is-not-in-it",
        bad=_with(_to("again", "uploads/gone.jpg", tarfile.LNKTYPE)),
        twin=_with(_to("again", "uploads/b.jpg", tarfile.LNKTYPE)),
        told=("archive-does-not-unpack", "archive-escapes", "archive-incomplete"),
    ),
    Attack(
        name="hard-link-through-a-link-that-leads-out",
        bad=_with(_to("etc", "/etc"), _to("accounts", "etc/passwd", tarfile.LNKTYPE)),
        twin=_with(_to("pictures", "uploads"), _to("again", "uploads/a.jpg", tarfile.LNKTYPE)),
        told=(*_ESCAPES, "archive-does-not-unpack"),
    ),
    Attack(
        name="character-device",
        bad=_with(_device(tarfile.CHRTYPE)),
        twin=_with(member("console", b"text")),
        told=("archive-device-nodes",),
    ),
    Attack(
        name="file-in-place-of-a-folder-that-was-filled",
        bad=_with(member("uploads/c", b"a file")),
        twin=_with(member("uploads/e", b"a file")),
        told=("archive-does-not-unpack",),
    ),
    Attack(
        name="increment-of-listed-incremental-alone",
        bad=verify("files.1.tar", files={}, arrange=_increments),
        twin=verify("files.0.tar", files={}, arrange=_increments),
        told=("increment-alone",),
    ),
    Attack(
        name="archive-of-a-duplicity-increment",
        bad=_is(_tar({"diff/uploads/a.jpg": b"rs\x026xxxx", "deleted/uploads/b.jpg": ""}), "vol1.difftar"),
        twin=_is(_tar({"different/a.jpg": "a picture", "deletions/b.jpg": ""}), "files.tar"),
        told=("format-unsupported",),
        code=3,
    ),
    Attack(
        name="zip-under-the-name-of-a-tar",
        bad=_is(_zip({"uploads/a.jpg": "a picture"})),
        twin=_WHOLE,
        told=("compression-unsupported", "format-unsupported", "not-a-backup"),
        code=3,
    ),
    Attack(
        name="gzip-cut-on-a-whole-file",
        bad=_is(gzip.compress(_FILES, mtime=0)[:-9], "files.tar.gz"),
        twin=_is(gzip.compress(_FILES, mtime=0), "files.tar.gz"),
        told=("stream-truncated", "stream-damaged"),
    ),
    Attack(
        name="two-gzips-the-second-of-garbage",
        bad=_is(gzip.compress(_FILES, mtime=0) + b"\x1f\x8b\x08garbage", "files.tar.gz"),
        twin=_is(gzip.compress(_FILES[:1024], mtime=0) + gzip.compress(_FILES[1024:], mtime=0), "files.tar.gz"),
        told=("stream-damaged", "stream-truncated", "stream-trailing-garbage"),
    ),
    Attack(
        name="end-mark-in-the-middle-hides-the-rest",
        bad=_is(_FILES[:1024] + bytes(1024) + _FILES[1024:]),
        twin=_is(_FILES + bytes(10240)),
        told=("archive-trailing-garbage",),
    ),
    Attack(
        name="zstd-bomb-of-one-file",
        bad=_limited(_sized(2**33, _ZEROS * 64)),
        twin=_limited(packed(_FILES, Compression.ZSTD)),
        told=("disk-limit",),
        code=3,
    ),
    Attack(
        name="file-that-says-it-is-larger-than-the-archive",
        bad=_is(_sized(2**33, packed(bytes(1024), Compression.ZSTD)), "files.tar.zst"),
        twin=_is(packed(_FILES, Compression.ZSTD), "files.tar.zst"),
        told=("archive-truncated",),
    ),
    Attack(
        name="database-whose-dump-in-an-archive-of-files-is-cut",
        bad=_is(_tar({"site/index.php": "<?php", "site/mysql/app.sql": HEADER + TABLES, "site/a.jpg": "x"})),
        twin=_is(_tar({"site/index.php": "<?php", "site/a.txt": "x"})),
        told=("dump-trailer-missing",),
    ),
    Attack(
        name="archive-of-files-in-place-of-a-dump",
        bad=scenario('drill.restore_mariadb(drill.backup(str(here / "db.sql")))', files={"db.sql": _FILES}),
        twin=scenario('drill.restore_mariadb(drill.backup(str(here / "db.sql")))', files={"db.sql": dump()}),
        told=("wrong-kind-of-backup",),
    ),
    Attack(
        name="dump-in-place-of-an-archive-of-files",
        bad=scenario('drill.restore_files(drill.backup(str(here / "f.tar")))', files={"f.tar": dump()}),
        twin=scenario('drill.restore_files(drill.backup(str(here / "f.tar")))', files={"f.tar": _FILES}),
        told=("wrong-kind-of-backup",),
    ),
    Attack(
        name="one-name-from-the-root-among-others",
        bad=_is(_tar({"uploads/a.jpg": "a picture", "/srv/uploads/b.jpg": "another"})),
        twin=_is(_ROOTED),
        told=_ESCAPES,
    ),
    Attack(
        name="link-in-place-of-the-folder-with-the-files",
        bad=_with(_to("html/uploads", "/srv/uploads"), _to("html/more", "../../more")),
        twin=_with(_to("html/uploads", "../uploads"), _to("html/b.jpg", "/uploads/b.jpg")),
        told=("links lead out of the archive or nowhere (2 in html)",),
        code=0,
    ),
    Attack(
        name="stream-of-a-physical-backup-that-is-cut-in-an-archive",
        bad=_is(_tar({"backup/full.mb": b"XBSTCK01" + bytes(3000), "backup/info.yml": "made: today"})),
        twin=_is(_tar({"backup/full.txt": "XB, but no stream", "backup/info.yml": "made: today"})),
        told=("file-not-restored",),
        code=3,
    ),
    Attack(
        name="archive-in-an-archive-that-is-cut",
        bad=_is(
            _tar({"backup/uploads.tar.gz": gzip.compress(_FILES, mtime=0)[:-20], "backup/info.yml": "made: today"})
        ),
        twin=_is(_tar({"backup/uploads.tar.gz.md5": "0" * 32, "backup/info.yml": "made: today"})),
        told=("1 archive among the files",),
        code=0,
    ),
    Attack(
        name="folders-alone-without-a-file",
        bad=_is(with_members(_tar({}), [member("uploads", kind=tarfile.DIRTYPE, mode=0o755)])),
        twin=_is(_MANY),
        told=("files are present",),
    ),
    Attack(
        name="files-all-of-no-bytes-and-one-is-asked-for",
        bad=scenario(
            'drill.restore_files(drill.backup(str(here / "f.tar"))).check_exists("uploads/z.jpg")',
            files={"f.tar": _FILES},
        ),
        twin=scenario(
            'drill.restore_files(drill.backup(str(here / "f.tar"))).check_exists("uploads/a.jpg")',
            files={"f.tar": _FILES},
        ),
        told=("uploads/z.jpg exists", "exists", "file is there"),
    ),
)


@each(ATTACKS)
def test_an_archive_that_attacks_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
