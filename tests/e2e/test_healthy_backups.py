"""Healthy backups in layouts and compressions that the matrix of shapes has not: each comes back, nothing is raised."""

from __future__ import annotations

import io
import os
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import docker
import pytest

from drtool.backups.compression import Compression
from drtool.record.verdicts import Verdict
from fixtures.faults.archives import member, with_members
from fixtures.faults.packing import SUFFIXES, packed
from fixtures.shop.data import fill
from fixtures.shop.production import Production
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Ran, Workbench


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A way to call the dump tool, and what a drill must find of it."""

    name: str
    options: tuple[str, ...]
    tables: int = 8


LAYOUTS = (
    Layout(name="one database, selected and not created", options=("--databases", "--no-create-db", "shop")),
    Layout(name="two databases", options=("--databases", "shop", "shop_old"), tables=9),
    Layout(name="all databases with their accounts", options=("--all-databases", "--flush-privileges"), tables=9),
    Layout(name="for a replica", options=("--master-data=1", "--gtid", "shop")),
)
_DUMP = "mariadb-dump --defaults-file=/root/root.cnf --single-transaction --routines --events --triggers"


@pytest.fixture(scope="module")
def layouts(engine: docker.DockerClient) -> dict[str, tuple[bytes, float]]:
    """Return a dump of each layout, and when it was made."""
    del engine
    made: dict[str, tuple[bytes, float]] = {}
    with Production.started() as production:
        fill(production)
        more = "CREATE DATABASE shop_old; CREATE TABLE shop_old.t (a INT)"
        production.run(["mariadb", "--defaults-file=/root/root.cnf", "-e", more])
        for layout in LAYOUTS:
            command = [*_DUMP.split(), *layout.options]
            status, (printed, complained) = production.container.exec_run(command, user="root", demux=True)
            assert status == 0, complained
            made[layout.name] = bytes(printed), time.time()
    return made


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two drills at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def drills_of_layouts(
    shared_bench: Workbench, layouts: dict[str, tuple[bytes, float]], pool: ThreadPoolExecutor
) -> dict[str, Future[Ran]]:
    """Drill all layouts."""

    def drill(layout: Layout) -> Ran:
        backup = shared_bench.folder / f"{layout.name.replace(' ', '-')}.sql"
        content, made_at = layouts[layout.name]
        backup.write_bytes(content)
        # Its closing comment and the store's time must agree on a slow machine too.
        os.utime(backup, (made_at, made_at))
        return shared_bench.drtool("verify", backup, "--profile", "fast", "--json")

    return {layout.name: pool.submit(drill, layout) for layout in LAYOUTS}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_dump_comes_back_whole(drills_of_layouts: dict[str, Future[Ran]], layout: Layout) -> None:
    ran = drills_of_layouts[layout.name].result()
    assert ran.code == 0, ran
    record = ran.record
    assert record.findings == ()
    (tables,) = [check.observed for check in record.checks if check.name == "tables are present"]
    assert tables == str(layout.tables)


def _in_pieces(content: bytes, compression: Compression) -> bytes:
    third = len(content) // 3
    return b"".join(packed(piece, compression) for piece in (content[:third], content[third:]))


_ONE_A_FILE = {Compression.LZMA, Compression.ZLIB, Compression.ZIP}
"""Formats whose own programs read one stream of a file, or the last, and no other."""


@pytest.mark.parametrize("compression", [one for one in Compression if one not in {Compression.NONE, *_ONE_A_FILE}])
def test_dump_comes_back_from_two_compressed_streams_on_end_whatever_its_name(
    shared_bench: Workbench, shop: ShopBackups, compression: Compression
) -> None:
    backup = shop.write(shared_bench.folder / f"db-{compression}.backup", _in_pieces(shop.sql, compression))
    ran = shared_bench.drtool("verify", backup, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    assert ran.record.backups[0].compression == compression


@pytest.mark.parametrize("compression", sorted(_ONE_A_FILE))
def test_a_second_stream_is_never_lost_where_the_format_has_one_a_file(
    bench: Workbench, shop: ShopBackups, compression: Compression
) -> None:
    backup = shop.write(bench.folder / "db.backup", packed(shop.sql, compression) * 2)
    ran = bench.drtool("verify", backup, "--profile", "fast", "--json")
    code, told = (3, "compression-unsupported") if compression is Compression.ZIP else (1, "stream-trailing-garbage")
    assert ran.code == code, ran
    assert told in {finding.code for finding in ran.record.findings}


def test_a_dump_without_comments_is_whole_where_it_gives_back_its_settings(bench: Workbench, shop: ShopBackups) -> None:
    bare = b"\n".join(line for line in shop.sql.split(b"\n") if not line.startswith((b"--", b"/*M!999999")))
    whole = bench.drtool("verify", shop.write(bench.folder / "db.sql", bare), "--profile", "fast", "--json")
    assert whole.code == 0, whole
    cut = bare[: bare.rindex(b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE")]
    ran = bench.drtool("verify", shop.write(bench.folder / "cut.sql", cut), "--profile", "fast", "--json")
    assert ran.code == 3, ran
    unverified = [check.name for check in ran.record.checks if check.outcome is not Verdict.PASSED]
    assert unverified == ["backup is complete"]


@pytest.mark.parametrize("compression", list(Compression))
def test_archive_comes_back_with_its_modes_owners_links_and_times(
    bench: Workbench, shop: ShopBackups, compression: Compression
) -> None:
    owned, content = member("owned by somebody else", b"x", mode=0o640)
    owned.uid, owned.gid = 12345, 54321
    archive = with_members(shop.tar, [(owned, content)])
    backup = shop.write(bench.folder / f"files.tar{SUFFIXES[compression]}", packed(archive, compression))
    ran = bench.drtool("verify", backup, "--keep", "--json")
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    (container,) = bench.containers()
    status, listing = container.exec_run(
        ["find", "/restored", "-mindepth", "1", "-printf", r"%P\0%y %m %U %G %s %T@\0%l\0"]
    )
    bench.clear_the_engine()
    assert status == 0
    assert _restored(listing) == _archived(archive)


Entry = tuple[str, int, int, int, int | None, float, str]
_TYPES = {
    tarfile.REGTYPE: "f",
    tarfile.GNUTYPE_SPARSE: "f",
    tarfile.DIRTYPE: "d",
    tarfile.SYMTYPE: "l",
    tarfile.FIFOTYPE: "p",
}


def _restored(listing: bytes) -> dict[str, Entry]:
    fields = os.fsdecode(listing).split("\0")[:-1]
    entries = {}
    for path, facts, link in zip(fields[0::3], fields[1::3], fields[2::3], strict=True):
        kind, mode, uid, gid, size, at = facts.split()
        size_bytes = int(size) if kind == "f" else None
        entries[path] = (kind, int(mode, 8), int(uid), int(gid), size_bytes, round(float(at), 3), link)
    return entries


def _archived(archive: bytes) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for info in opened:
            path = info.name.removeprefix("./").rstrip("/")
            if path == ".":
                continue
            if info.islnk():
                entries[path] = entries[info.linkname.removeprefix("./")]
                continue
            size_bytes = info.size if info.isreg() else None
            kind, link = _TYPES[info.type], info.linkname if info.issym() else ""
            entries[path] = (kind, info.mode, info.uid, info.gid, size_bytes, round(float(info.mtime), 3), link)
    return entries
