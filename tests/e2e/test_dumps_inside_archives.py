"""A dump inside an archive of files is restored out of it on request, however that is packed and wherever it lies."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import boto3

from drtool.backups.compression import Compression
from drtool.record.verdicts import Verdict
from fixtures.faults.packing import packed
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench
from tests.field.packing import tar
from tests.s3_server import s3_server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_SEAL = ["openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-pass", "pass:opened by the test"]
_KEY = {"BACKUP_PASSPHRASE": "opened by the test"}


def account(shop: ShopBackups, *, cut: bool = False) -> bytes:
    sql = shop.sql[: len(shop.sql) // 2] if cut else shop.sql
    return tar({"./site/index.php": "<?php", "./site/mysql/shop.sql": sql, "./site/mysql/other.sql": ""})


def test_files_and_a_dump_of_one_sealed_archive_in_parts_are_restored_from_a_bucket(
    bench: Workbench, shop: ShopBackups
) -> None:
    whole = packed(account(shop), Compression.ZSTD)
    sealed = subprocess.run(_SEAL, input=whole, stdout=subprocess.PIPE, check=True).stdout
    middle = len(sealed) // 2
    script = bench.scenario(
        """
        archive = drill.backup("s3://backups/site.tar.zst.enc.001")
        opened = drill.opened(archive, "env:BACKUP_PASSPHRASE?cipher=aes-256-cbc&md=sha256&iter=10000")
        drill.restore_files(opened)
        db = drill.restore_mariadb(opened, inside="mysql/shop.sql*")
        db.check("customers", "SELECT COUNT(*) FROM shop.customers", at_least=1)
        """,
        targets='rto="10m"',
    )
    with s3_server() as url:
        bucket: S3Client = boto3.client("s3", endpoint_url=url)
        bucket.create_bucket(Bucket="backups")
        bucket.put_object(Bucket="backups", Key="site.tar.zst.enc.001", Body=sealed[:middle])
        bucket.put_object(Bucket="backups", Key="site.tar.zst.enc.002", Body=sealed[middle:])
        ran = bench.drtool("run", script, "--json", environment={"AWS_ENDPOINT_URL": url, **_KEY})
    record = ran.record
    # What is left of the archive fails by itself: a dump of no bytes that nobody took out.
    # The dump was made when the tests began, and the upload is of now, which is told where that took minutes.
    of_all = {found.code for found in record.findings if found.resource is None}
    assert of_all <= {"recovery-point-behind"}, [found.message for found in record.findings]
    assert [found.code for found in record.findings if found.resource == "files"] == ["backup-empty"], ran
    assert not [found for found in record.findings if found.resource == "db"], ran
    assert any("only what matches mysql/shop.sql* was restored" in text for text in record.deviations)
    assert {check.outcome for check in record.checks if check.resource == "db"} == {Verdict.PASSED}


def test_a_dump_inside_an_archive_that_is_cut_fails_and_is_named(bench: Workbench, shop: ShopBackups) -> None:
    whole = shop.write(bench.folder / "whole.tar", account(shop))
    cut = shop.write(bench.folder / "cut.tar", account(shop, cut=True))
    told = ("--inside", "mysql/shop.sql", "--profile", "fast", "--json")
    assert (ran := bench.drtool("verify", whole, *told)).record.verdict is Verdict.PASSED, ran
    ran = bench.drtool("verify", cut, *told)
    assert ran.code == 1, ran
    assert "shop.sql" in ran.record.reason


def test_an_archive_has_to_be_one(bench: Workbench, shop: ShopBackups) -> None:
    script = bench.scenario(f"drill.restore_mariadb(drill.backup({str(shop.dump)!r}), inside='*.sql')")
    ran = bench.drtool("run", script, "--json")
    assert ran.code == 3, ran
    assert "is a MariaDB dump, and inside='*.sql' is of archives" in str(ran.record.findings), ran
    ran = bench.drtool("verify", shop.dump, "--inside", "*.sql", "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert any("--inside was not used" in text for text in ran.record.deviations)
