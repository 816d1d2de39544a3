"""Of a physical backup what is wanted passes, as it is, and where the stream is cut it is cut behind that, too."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import tarfile
from importlib.resources import files

import pytest

from drtool.mariadb.selection import Selection
from fixtures.faults.mbstream import Chunk, chunks, joined

_PROGRAM = files("drtool.restore").joinpath("chosen_files.pl").read_text(encoding="utf-8")
_FILES = (
    "ibdata1", "undo001", "ib_logfile0", "aria_log.00000001", "xtrabackup_checkpoints", "backup-my.cnf",
    "mysql/global_priv.MAD", "mysql/global_priv.frm", "sys/sys_config.ibd", "shop/db.opt", "shop/orders.frm",
    "shop/orders.ibd", "shop/orders.new", "shop/orders.TRG", "shop/one.TRN", "shop/orders#P#p0.ibd",
    "shop/orders.ibd.delta", "shop/orders.ibd.meta", "shop/old.ren",
    "shop/FTS_0000000000000018_CONFIG.ibd", "shop/o@002di.ibd",
)  # fmt: skip
_OTHERS = (
    "shop/orders_old.ibd", "shop/customers.frm", "shop/customers.new", "shop/customers.ibd.delta", "shop/gr@1r@1oe.ibd",
    "blog/db.opt", "blog/orders.MYD", "blog/two.TRN", "blog/FTS_0000000000000019_CONFIG.ibd", "blog/posts#P#p1.MAI",
)  # fmt: skip
_ALL = sorted((*_FILES, *_OTHERS))
_ONLY = ("shop.orders", "shop.o-i")


def passed(kind: str, stream: bytes, *only: str) -> bytes:
    selection = Selection.parse(only)
    assert selection is not None
    ran = subprocess.run(
        ["perl", "-e", _PROGRAM, kind],
        input=stream,
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"ONLY": selection.expressions},
        timeout=60,
    )
    return ran.stdout


def _stream() -> bytes:
    parts = []
    for path in _ALL:
        parts += [Chunk(path=path, offset=at, payload=b"XBSTCK01 " * 9000) for at in (0, 81000)] + [Chunk(path=path)]
    return joined(parts)


def _archive(root: str, form: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for path in _ALL:
            member = tarfile.TarInfo(f"{root}{path}")
            member.size = 70_001
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return stream.getvalue()


def test_of_an_mbstream_files_of_chosen_tables_and_of_no_table_pass() -> None:
    left = chunks(passed("mbstream", _stream(), *_ONLY))
    assert sorted({one.path for one in left}) == sorted(_FILES)
    assert left == [one for one in chunks(_stream()) if one.path in _FILES]


def test_all_of_a_database_passes_whatever_it_is_called() -> None:
    left = {one.path for one in chunks(passed("mbstream", _stream(), "shop.*"))}
    assert left == {path for path in _ALL if not path.startswith("blog/")}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("root", ["", "./", "srv/backups/full/", f"{'very_long_' * 9}/full/"])
def test_of_a_tar_archive_they_do_too_wherever_it_has_them(root: str, form: int) -> None:
    left = passed("untar", _archive(root, form), *_ONLY)
    with tarfile.open(fileobj=io.BytesIO(left)) as archive:
        found = {member.name.removeprefix(root).removeprefix("./"): member.size for member in archive}
    assert found == dict.fromkeys(_FILES, 70_001)
    assert left.endswith(bytes(1024))


def test_of_a_folder_only_their_names_pass() -> None:
    names = "".join(f"./{path}\0" for path in _ALL)
    assert passed("names", names.encode(), *_ONLY).decode() == "".join(f"./{path}\0" for path in sorted(_FILES))


@pytest.mark.parametrize("kind", ["mbstream", "untar"])
def test_what_is_no_such_stream_passes_as_it_is(kind: str) -> None:
    garbage = b"\x01 is no backup " * 100_000
    assert passed(kind, garbage, "shop.orders") == garbage


def test_what_follows_a_stream_follows_it_still() -> None:
    assert passed("mbstream", _stream() + b"garbage", *_ONLY).endswith(b"garbage")
    assert passed("untar", _archive("", tarfile.GNU_FORMAT) + b"garbage", *_ONLY).endswith(b"garbage")


def test_a_stream_that_breaks_off_in_what_is_left_out_has_no_whole_end() -> None:
    stream = _stream()
    for place in (60_000, 100_000, 162_000):
        cut = stream[: stream.index(b"shop/customers.frm") + place]
        assert passed("mbstream", cut, *_ONLY).rindex(b"XBSTCK01\0P") > 0
        with pytest.raises((ValueError, struct.error), match=r"."):
            chunks(passed("mbstream", cut, *_ONLY))
    archive = _archive("", tarfile.GNU_FORMAT)
    cut = archive[: archive.index(b"shop/customers.frm") + 30_000]
    assert not passed("untar", cut, *_ONLY).endswith(bytes(1024))
