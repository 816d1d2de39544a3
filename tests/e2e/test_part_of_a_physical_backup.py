"""One table or database out of a physical backup: what was left out is told as left out, what was chosen is whole."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from fixtures.faults.mbstream import Chunk, chunks, joined
from fixtures.shop.accounts import Account
from fixtures.shop.compression import Compression
from fixtures.shop.physical import PhysicalJob, checkpoint
from fixtures.shop.production import Production
from tests.e2e.workbench import Ran, Workbench

SERIES = ("10.5", "10.11", "11.8")
_MADE = (
    "CREATE DATABASE shop",
    "USE shop",
    "CREATE DATABASE blog",
    "CREATE TABLE shop.parents (id INT PRIMARY KEY, n VARCHAR(90))",
    "INSERT INTO shop.parents SELECT seq, REPEAT('p', 80) FROM seq_1_to_3000",
    "CREATE TABLE shop.children (id INT PRIMARY KEY, p INT, n VARCHAR(90), FOREIGN KEY (p) REFERENCES parents (id))",
    "INSERT INTO shop.children SELECT seq, seq, REPEAT('c', 80) FROM seq_1_to_3000",
    "CREATE TRIGGER shop.of_children BEFORE INSERT ON shop.children FOR EACH ROW SET NEW.n = 'new'",
    "CREATE TRIGGER shop.of_parents BEFORE INSERT ON shop.parents FOR EACH ROW SET NEW.n = 'new'",
    "CREATE TABLE blog.`split-up` (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3",
    "INSERT INTO blog.`split-up` SELECT seq FROM seq_1_to_100",
    "CREATE TABLE blog.aria (id INT) ENGINE=Aria",
    "INSERT INTO blog.aria VALUES (1), (2)",
    "CREATE TABLE blog.isam (id INT) ENGINE=MyISAM",
    "INSERT INTO blog.isam VALUES (1), (2)",
    "CREATE TABLE blog.past (id INT) WITH SYSTEM VERSIONING",
    "INSERT INTO blog.past VALUES (1)",
    "UPDATE blog.past SET id = 2",
    "CREATE TABLE blog.posts (id INT PRIMARY KEY, t TEXT, FULLTEXT (t))",
    "INSERT INTO blog.posts SELECT seq, CONCAT('word', seq) FROM seq_1_to_50",
    "CREATE TABLE blog.other_posts (id INT PRIMARY KEY, t TEXT, FULLTEXT (t))",
    "CREATE SEQUENCE blog.numbers",
    "CREATE VIEW blog.seen AS SELECT id FROM blog.posts",
    "CREATE VIEW shop.both_of_them AS SELECT c.id FROM shop.children c JOIN shop.parents p ON p.id = c.p",
    "CREATE PROCEDURE blog.tidy() SELECT COUNT(*) FROM blog.posts",
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A full backup, and one of what changed since: `shop.children` and `shop.parents` have 10 rows more."""

    full: Path
    increment: Path

    def edited(self, into: Path, edit: Callable[[Chunk], Chunk | None]) -> Path:
        """Write the full backup with parts changed or left out."""
        copy = into / self.full.name
        copy.write_bytes(joined(filter(None, map(edit, chunks(self.full.read_bytes())))))
        return copy


def _taken(series: str, folder: Path) -> Taken:
    with Production.started(series=series) as production:
        root = production.connect(Account.ROOT)
        with root.cursor() as cursor:
            for statement in _MADE:
                cursor.execute(statement)
            root.commit()
            checkpoint(production)
            job = PhysicalJob(production, folder, compression=Compression.NONE)
            cursor.execute("UPDATE shop.children SET n = 'in the log alone' WHERE id < 100")
            root.commit()
            full = job.full()
            for table in ("parents (id)", "children (id)"):
                cursor.execute(f"INSERT INTO shop.{table} SELECT seq FROM seq_9001_to_9010")
            root.commit()
            checkpoint(production)
            increment = job.incremental()
        root.close()
    return Taken(full=full, increment=increment)


@pytest.fixture(scope="module")
def taken(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Taken]]:
    """Return the backups of a production of each series."""
    del engine
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda series: _taken(series, tmp_path_factory.mktemp("part")), SERIES)
        yield dict(zip(SERIES, made, strict=True))


def _verify(bench: Workbench, backup: Path | str, *only: str) -> Ran:
    told = [word for one in only for word in ("--only", one)]
    return bench.drtool("verify", backup, *told, "--rto", "10m", "--rpo", "100000h", "--profile", "fast", "--json")


@pytest.mark.parametrize("series", SERIES)
def test_one_table_comes_back_alone_with_what_the_log_and_an_increment_have_of_it(
    bench: Workbench, taken: dict[str, Taken], series: str
) -> None:
    own = taken[series]
    script = bench.scenario(
        f"""
        db = drill.restore_mariadb(drill.backup("{own.full}"), increments=[drill.backup("{own.increment}")],
                                   only=["shop.children"])
        db.check("rows", "SELECT COUNT(*) FROM shop.children", equals=3010)
        db.check("log", "SELECT COUNT(*) FROM shop.children WHERE n = 'in the log alone'", equals=99)
        of_users = "table_schema IN ('shop', 'blog')"
        db.check("tables", "SELECT COUNT(*) FROM information_schema.tables WHERE " + of_users, equals=1)
        db.check("trigger", "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_name LIKE 'of%'", equals=1)
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert (ran.code, ran.record.findings) == (0, ()), ran
    told = "\n".join(ran.record.deviations)
    assert "only shop.children (1 of " in told
    assert "of blog" in told
    assert "shop.children to shop.parents" in told


@pytest.mark.parametrize("series", SERIES)
def test_a_database_comes_back_with_tables_of_all_kinds(bench: Workbench, taken: dict[str, Taken], series: str) -> None:
    script = bench.scenario(
        f"""
        db = drill.restore_mariadb(drill.backup("{taken[series].full}"), only=["blog"])
        db.check("partitions", "SELECT COUNT(*) FROM blog.`split-up`", equals=100)
        db.check("Aria", "SELECT COUNT(*) FROM blog.aria", equals=2)
        db.check("MyISAM", "SELECT COUNT(*) FROM blog.isam", equals=2)
        db.check("history", "SELECT COUNT(*) FROM blog.past FOR SYSTEM_TIME ALL", equals=2)
        db.check("full text", "SELECT id FROM blog.posts WHERE MATCH (t) AGAINST ('word7')", equals=7)
        db.check("view", "SELECT COUNT(*) FROM blog.seen", equals=50)
        db.check("left out", "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'", equals=0)
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert (ran.code, ran.record.findings) == (0, ()), ran


def _without(*names: str) -> Callable[[Chunk], Chunk | None]:
    return lambda chunk: None if chunk.path in names or f"./{chunk.path}" in names else chunk


def _damaged(name: str) -> Callable[[Chunk], Chunk | None]:
    def damage(chunk: Chunk) -> Chunk:
        if chunk.path.removeprefix("./") != name or not chunk.payload or chunk.offset:
            return chunk
        content = bytearray(chunk.payload)
        content[3 * 16384 + 100 : 3 * 16384 + 9000] = b"\xee" * 8900
        return Chunk(path=chunk.path, offset=chunk.offset, payload=bytes(content))

    return damage


@pytest.mark.parametrize("series", SERIES)
def test_what_is_missing_or_damaged_counts_where_it_was_chosen(
    bench: Workbench, taken: dict[str, Taken], series: str
) -> None:
    own = taken[series]
    for edit in (_without("shop/children.ibd", "shop/children.new"), _damaged("shop/children.ibd")):
        copy = own.edited(bench.folder, edit)
        ran = _verify(bench, copy, "shop.children")
        assert ran.code == 1, ran
        ran = _verify(bench, copy, "shop.parents")
        assert (ran.code, ran.record.findings) == (0, ()), ran


def test_a_full_text_index_that_lacks_a_file_counts_where_its_table_was_chosen(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    own = taken["10.11"]
    (first, *_) = sorted({one.path for one in chunks(own.full.read_bytes()) if "blog/FTS_" in one.path})
    table = first.partition("FTS_")[2][:16]
    alike = {one.path for one in chunks(own.full.read_bytes()) if f"FTS_{table}" in one.path and "INDEX_1" in one.path}
    copy = own.edited(bench.folder, _without(*alike))
    codes = {one: _verify(bench, copy, f"blog.{one}").code for one in ("posts", "other_posts")}
    assert sorted(codes.values()) == [0, 1], codes


def test_a_table_that_was_renamed_while_the_backup_ran_is_not_taken_for_lost(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    parts = []
    for one in chunks(taken["10.11"].full.read_bytes()):
        renamed = one.path.endswith("shop/children.ibd")
        parts.append(Chunk(path="shop/old.ibd", offset=one.offset, payload=one.payload) if renamed else one)
    copy = bench.folder / taken["10.11"].full.name
    copy.write_bytes(joined([Chunk(path="shop/old.ren", payload=b"shop/children"), Chunk(path="shop/old.ren"), *parts]))
    ran = _verify(bench, copy, "shop.children")
    assert (ran.code, [one.code for one in ran.record.findings]) == (3, ["part-unsupported"]), ran
    for only in ((), ("shop.parents",)):
        ran = _verify(bench, copy, *only)
        assert (ran.code, ran.record.findings) == (0, ()), ran


def test_what_the_backup_does_not_have_and_names_it_cannot_tell_are_told(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    ran = _verify(bench, taken["11.8"].full, "shop.parent")
    assert ran.code == 1, ran
    (finding,) = [one for one in ran.record.findings if one.code == "not-in-the-backup"]
    assert "shop.parents" in finding.message
    ran = _verify(bench, taken["11.8"].full, "shop.größe")
    assert (ran.code, [one.code for one in ran.record.findings]) == (3, ["part-unsupported"]), ran


def test_a_stream_that_breaks_off_in_what_was_left_out_fails(bench: Workbench, taken: dict[str, Taken]) -> None:
    content = taken["10.11"].full.read_bytes()
    copy = bench.folder / taken["10.11"].full.name
    copy.write_bytes(content[: content.index(b"shop/parents.ibd") + 60_000])
    ran = _verify(bench, copy, "shop.children")
    assert (ran.code, [one.code for one in ran.record.findings]) == (1, ["stream-truncated"]), ran


def test_a_folder_and_an_archive_are_restored_in_part(bench: Workbench, taken: dict[str, Taken]) -> None:
    folder = bench.folder / "full"
    for chunk in chunks(taken["10.11"].full.read_bytes()):
        path = folder / chunk.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(chunk.payload or b"")
    archive = bench.folder / "full.tar"
    with tarfile.open(archive, "w") as packed:
        packed.add(folder, arcname="srv/backups/full")
    for backup in (f"{folder}/", archive):
        ran = _verify(bench, backup, "shop.children")
        assert (ran.code, ran.record.findings) == (0, ()), ran
        assert "only shop.children (1 of " in "\n".join(ran.record.deviations)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: whole.index(b"shop/parents.ibd") + 30_000])
    ran = _verify(bench, archive, "shop.children")
    assert ran.code == 1, ran
