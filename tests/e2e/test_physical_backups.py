"""Physical backups: each comes back in the series that made it, and no drill on a faulty one passes."""

from __future__ import annotations

import itertools
import subprocess
import tarfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docker
import pytest
import zstandard

from drtool.backups.compression import Compression
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict
from fixtures.faults.corpus import FAULTS
from fixtures.faults.fault import Fault, Kind
from fixtures.faults.mbstream import Chunk, chunks, edited
from fixtures.faults.packing import packed, unpacked
from fixtures.shop.accounts import Account
from fixtures.shop.compression import Compression as ShopCompression
from fixtures.shop.data import fill
from fixtures.shop.physical import PhysicalJob, checkpoint
from fixtures.shop.production import Production
from tests.e2e.workbench import Ran, Workbench

SERIES = ("10.5", "10.11", "11.8")
PHYSICAL_FAULTS = [fault for fault in FAULTS if fault.kind is Kind.PHYSICAL]
ROWS = 3000


_OF_ALL_SHAPES = (
    "CREATE DATABASE `MiXed-x.y`",
    "CREATE TABLE `MiXed-x.y`.`größe/a b#1` (a INT, FULLTEXT (b), b TEXT) ENGINE=InnoDB",
    "CREATE TABLE `MiXed-x.y`.`#sql-odd` (a INT) ENGINE=InnoDB WITH SYSTEM VERSIONING",
    "CREATE TABLE `MiXed-x.y`.FTS_mine (a INT, b INT) ENGINE=InnoDB PARTITION BY RANGE (a) SUBPARTITION BY HASH (b) "
    "SUBPARTITIONS 2 (PARTITION P0 VALUES LESS THAN (5), PARTITION `p#1` VALUES LESS THAN MAXVALUE)",
    "CREATE SEQUENCE `MiXed-x.y`.`日本語` ENGINE=InnoDB",
)
"""Names that files cannot have as they are, and tables that InnoDB keeps in several."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The backups of one production: a full one, two increments, and when the last of them ran, UTC.

    Production gained `ROWS` rows in `shop.growth` before each backup.
    """

    folder: Path
    full: Path
    increments: tuple[Path, ...]
    last_began: datetime
    last_ended: datetime
    differential: Path | None = None
    partial: Path | None = None
    compressed: Path | None = None

    @property
    def stream(self) -> bytes:
        """The full backup's stream, not compressed."""
        return unpacked(self.full.read_bytes())


def _taken(series: str, folder: Path) -> Taken:
    numbers = itertools.count()
    with Production.started(series=series) as production:
        fill(production)
        _sql(production, "CREATE TABLE shop.growth (id INT PRIMARY KEY, note VARCHAR(100))")
        # So that drtool must get in past production's password policy, whatever it is.
        _sql(production, "INSTALL SONAME 'simple_password_check'")
        for statement in _OF_ALL_SHAPES:
            _sql(production, statement)
        job = PhysicalJob(production, folder)

        def grown() -> None:
            first = next(numbers) * ROWS
            _sql(
                production,
                f"INSERT INTO shop.growth SELECT seq, REPEAT('x', 90) FROM seq_{first}_to_{first + ROWS - 1}",
            )

        checkpoint(production)
        grown()
        full = job.full()
        increments = []
        for _ in range(2):
            checkpoint(production)
            grown()
            began = datetime.now(UTC)
            increments.append(job.incremental())
        ended = datetime.now(UTC)
        if series != "10.11":
            return Taken(folder=folder, full=full, increments=tuple(increments), last_began=began, last_ended=ended)
        apart = PhysicalJob(production, folder / "apart", compression=ShopCompression.NONE)
        return Taken(
            folder=folder,
            full=full,
            increments=tuple(increments),
            last_began=began,
            last_ended=ended,
            differential=_renamed(job.incremental(since=0), "differential.mb.zst"),
            partial=_renamed(apart.full("--databases=shop"), "partial.mb"),
            compressed=_renamed(apart.full("--compress"), "compressed.mb"),
        )


def _sql(production: Production, statement: str) -> None:
    root = production.connect(Account.ROOT, "shop")
    try:
        with root.cursor() as cursor:
            cursor.execute(statement)
    finally:
        root.close()


def _renamed(path: Path, name: str) -> Path:
    return path.rename(path.with_name(name))


@pytest.fixture(scope="module")
def taken(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """Return the backups of a production of each series."""
    del engine
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda series: _taken(series, tmp_path_factory.mktemp("physical")), SERIES)
        return dict(zip(SERIES, made, strict=True))


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two drills at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def chains(shared_bench: Workbench, taken: dict[str, Taken], pool: ThreadPoolExecutor) -> dict[str, Future[Ran]]:
    """Drill the full backup of each series with its increments."""

    def drill(series: str) -> Ran:
        name = f"chain_{series.replace('.', '_')}"
        return _chain(shared_bench, taken[series], f"drill.since(full, '{taken[series].folder}/inc-*')", name=name)

    return {series: pool.submit(drill, series) for series in SERIES}


def _chain(bench: Workbench, taken: Taken, increments: str, *, name: str, rows: int = 3 * ROWS) -> Ran:
    script = bench.scenario(
        f"""
        full = drill.latest("{taken.folder}/full-*")
        db = drill.restore_mariadb(full, increments={increments}, zone="UTC")
        db.check("rows", "SELECT COUNT(*) FROM shop.growth", equals={rows})
        db.check("events are off", "SELECT @@event_scheduler", equals="OFF")
        db.check("production's accounts", "SELECT COUNT(*) FROM mysql.user WHERE user = 'shop_app'", equals=1)
        """,
        name=name,
    )
    return bench.drtool("run", script, "--profile", "fast", "--json")


@pytest.mark.parametrize("series", [*SERIES[:-1], pytest.param(SERIES[-1], marks=pytest.mark.long)])
def test_chain_of_increments_comes_back_to_its_newest(
    chains: dict[str, Future[Ran]], taken: dict[str, Taken], series: str
) -> None:
    ran = chains[series].result()
    assert ran.code == 0, ran
    record = ran.record
    assert record.findings == ()
    assert record.sandbox is not None
    (container,) = record.sandbox.containers
    assert container.image.endswith(f"mariadb:{series}")
    assert container.settings["innodb_data_file_path"] == "ibdata1:12M:autoextend"
    assert all(backup.sha256 and backup.resource == "db" for backup in record.backups)
    assert [backup.location for backup in record.backups] == [
        str(path) for path in (taken[series].full, *taken[series].increments)
    ]
    assert record.backups[-1].header["binary log"].startswith("binlog.0000")
    assert record.backups[-1].header["gtid"].startswith("0-1-")
    assert "pages match their checksums" in {check.name for check in record.checks}
    (exposure,) = record.exposure
    assert exposure.objects == len(record.backups), "the full backup and its increments are one history"


@pytest.mark.parametrize("series", SERIES)
def test_recovery_point_is_the_end_of_the_last_increment(
    chains: dict[str, Future[Ran]], taken: dict[str, Taken], series: str
) -> None:
    rpo = chains[series].result().record.rpo
    (used,) = [entry for entry in rpo.evidence if entry.used]
    assert (used.rank, used.source) == (3, "end of the physical backup, by its info file")
    assert used.latest is not None
    assert taken[series].last_began - timedelta(seconds=1) <= used.recovery_point <= used.latest
    assert used.latest <= taken[series].last_ended + timedelta(seconds=1)


def test_missing_link_fails_and_names_the_lsn_that_nothing_ends_at(bench: Workbench, taken: dict[str, Taken]) -> None:
    ran = _chain(bench, taken["10.11"], f"drill.since(full, '{taken['10.11'].folder}/inc-*')[1:]", name="gap")
    assert ran.code == 1, ran
    (finding,) = ran.record.findings
    assert finding.code == "increment-missing"
    assert f"{taken['10.11'].increments[1].name} builds on one that ends at LSN " in finding.message
    assert f"found: {taken['10.11'].full.name} to LSN " in finding.message


def test_increment_of_another_server_fails(bench: Workbench, taken: dict[str, Taken]) -> None:
    ran = _chain(bench, taken["10.11"], f"[drill.backup('{taken['10.5'].increments[0]}')]", name="foreign")
    assert ran.code == 1, ran
    assert [finding.code for finding in ran.record.findings] == ["increment-foreign"]


def test_of_increments_against_the_full_backup_only_the_newest_is_applied(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    own = taken["10.11"]
    given = f"[drill.backup('{own.increments[0]}'), drill.backup('{own.differential}')]"
    ran = _chain(bench, own, given, name="differential")
    assert ran.code == 0, ran
    assert any("1 of 2 increments are not on the way to the newest" in text for text in ran.record.deviations)


def test_backup_that_lies_in_a_folder_or_an_archive_comes_back_with_a_digest_that_anybody_can_make(
    bench: Workbench, taken: dict[str, Taken], pool: ThreadPoolExecutor
) -> None:
    folder = bench.folder / "full"
    for part in chunks(taken["10.11"].stream):
        path = folder / part.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.payload:
            with path.open("r+b" if path.exists() else "wb") as stream:
                stream.seek(part.offset)
                stream.write(part.payload)
        path.touch()
    archive = bench.folder / "full.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(folder, arcname="backups/full")
    ran = bench.drtool("verify", folder, archive, "--profile", "fast", "--jobs", "2", "--json", "--reports", "apart")
    assert ran.code == 0, ran
    by_hand = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    digest = subprocess.run(["bash", "-c", by_hand], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert ran.json[0]["backups"][0]["sha256"] == digest.split()[0]
    assert [one["backups"][0]["server_version"].startswith("10.11.") for one in ran.json] == [True, True]


def test_stream_comes_back_whatever_its_name_and_no_secret_of_its_command_line_is_in_the_evidence(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    stream = edited(
        taken["10.11"].stream,
        "backup_info",
        lambda info: info.replace(b"tool_command = ", b"tool_command = -phunter2 "),
    )
    backup = bench.folder / "any-name"
    backup.write_bytes(packed(stream, Compression.GZIP))
    ran = bench.drtool("verify", backup, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert ran.record.backups[0].compression == Compression.GZIP
    assert b"hunter2" not in bench.evidence()


def _codes(record: DrillRecord) -> list[str]:
    return [finding.code for finding in record.findings]


def test_what_cannot_be_restored_from_is_refused_by_its_name(bench: Workbench, taken: dict[str, Taken]) -> None:
    own = taken["10.11"]
    assert own.partial is not None
    assert own.compressed is not None
    newer = bench.folder / "newer.mb"
    newer.write_bytes(edited(own.stream, "backup_info", lambda info: info.replace(b"= 10.11.", b"= 12.3.")))
    wanted = {own.partial: "backup-partial", own.compressed: "compression-unsupported", newer: "image-missing"}
    ran = bench.drtool("verify", *wanted, "--jobs", "2", "--json")
    assert ran.code == 1, ran
    found = [[finding["code"] for finding in one["findings"]] for one in ran.json]
    assert found == [[code] for code in wanted.values()]
    assert [one["verdict"] for one in ran.json] == ["failed", "unverified", "unverified"]


def test_server_that_is_older_than_the_backup_does_not_get_to_prepare_it(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    ran = bench.drtool("verify", taken["10.11"].full, "--image", "drtool/mariadb:10.5", "--json")
    assert ran.code == 3, ran
    assert _codes(ran.record) == ["server-older-than-backup"]
    assert not [check for check in ran.record.checks if check.outcome is Verdict.PASSED]


def _bomb(path: Path, stream: bytes) -> Path:
    """Write a backup that is small and grows by 400 MB of zeros when it is unpacked."""
    zeros = bytes(10 * 2**20)
    compressor = zstandard.ZstdCompressor()
    with path.open("wb") as raw, compressor.stream_writer(raw) as into:
        for number in range(40):
            into.write(bytes(Chunk(path="ibtmp1", offset=number * len(zeros), payload=zeros)))
        into.write(bytes(Chunk(path="ibtmp1")))
        into.write(stream)
    return path


def test_backup_that_outgrows_its_disk_limit_is_stopped(bench: Workbench, taken: dict[str, Taken]) -> None:
    backup = _bomb(bench.folder / "bomb.mb.zst", taken["10.11"].stream)
    script = bench.scenario(f'drill.restore_mariadb(drill.backup("{backup}"), disk="100MiB")')
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 3, ran
    assert _codes(ran.record) == ["disk-limit"]
    assert bench.left_in_the_engine() == []


def test_container_that_is_killed_while_it_unpacks_proves_nothing_of_the_backup(
    bench: Workbench, taken: dict[str, Taken]
) -> None:
    running = bench.start("verify", _bomb(bench.folder / "large.mb.zst", taken["10.11"].stream), "--json")
    bench.wait_for("restore")
    for container in bench.containers():
        container.kill()
    ran = running.ended()
    assert ran.code == 3, ran
    assert _codes(ran.record) == ["restore-cut-short"]
    assert bench.left_in_the_engine() == []


@pytest.fixture(scope="module")
def faulty(
    request: pytest.FixtureRequest, shared_bench: Workbench, taken: dict[str, Taken], pool: ThreadPoolExecutor
) -> dict[str, Future[Ran]]:
    """Drill the faults that are asked for."""
    asked = {fault.name for item in request.session.items if (fault := _fault_of(item))}
    stream = taken["10.11"].stream

    def drill(fault: Fault) -> Ran:
        backup = shared_bench.folder / fault.file_name
        backup.write_bytes(fault.make(stream))
        try:
            return shared_bench.drtool("verify", backup, "--profile", "fast", "--json")
        finally:
            backup.unlink()

    return {fault.name: pool.submit(drill, fault) for fault in PHYSICAL_FAULTS if fault.name in asked}


def _fault_of(item: pytest.Item) -> Fault | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("fault") if callspec else None


@pytest.mark.parametrize("fault", PHYSICAL_FAULTS, ids=lambda fault: fault.name)
def test_drill_on_a_faulty_backup_fails_and_tells_what_is_wrong(faulty: dict[str, Future[Ran]], fault: Fault) -> None:
    ran = faulty[fault.name].result()
    assert ran.code == 1, ran
    failed = [check.name for check in ran.record.checks if check.outcome is Verdict.FAILED]
    assert fault.told_by in (*_codes(ran.record), *failed), ran
    assert len(ran.record.findings) <= 1
    assert ran.record.destruction.left == ()


def test_damaged_page_is_named_by_its_table(faulty: dict[str, Future[Ran]]) -> None:
    drill = faulty.get("page-with-a-bad-checksum")
    assert drill is not None
    (pages,) = [one for one in drill.result().record.checks if one.name == "pages match their checksums"]
    assert pages.observed.endswith("files with a damaged page: shop.customers")
