"""Backups that lie elsewhere, and engines that run elsewhere."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drtool.record.steps import Phase
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import TRAILER
from tests.e2e.conftest import ShopBackups
from tests.e2e.slow_link import Link, engine_elsewhere, engine_that_sees
from tests.e2e.workbench import Workbench
from tests.s3_server import s3_server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """Run an S3 server on loopback and return its URL."""
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(s3_endpoint: str) -> S3Client:
    """A client of a bucket `backups` that keeps versions."""
    client = boto3.client("s3", endpoint_url=s3_endpoint)
    client.create_bucket(Bucket="backups")
    client.put_bucket_versioning(Bucket="backups", VersioningConfiguration={"Status": "Enabled"})
    return client


def test_newest_backup_of_a_bucket_is_chosen_fetched_and_restored(
    bench: Workbench, shop: ShopBackups, bucket: S3Client, s3_endpoint: str
) -> None:
    today, before, after = (f"{datetime.now(UTC) + timedelta(days=days):%Y%m%d}T000000Z" for days in (0, -1, 1))
    bucket.put_object(Bucket="backups", Key=f"shop/db-{before}.sql.zst", Body=b"older, and no backup at all")
    bucket.put_object(Bucket="backups", Key=f"shop/db-{today}.sql.zst", Body=b"replaced by the next")
    stored = bucket.put_object(Bucket="backups", Key=f"shop/db-{today}.sql.zst", Body=shop.dump.read_bytes())
    bucket.put_object(Bucket="backups", Key=f"shop/notes/db-{after}.sql.zst", Body=b"in another folder")
    bucket.put_object(Bucket="backups", Key=f"shop/uploads-{today}.tar.zst", Body=shop.archive.read_bytes())
    script = bench.scenario(
        """
        drill.restore_mariadb(drill.latest("s3://backups/shop/db-*.sql.zst"))
        drill.restore_files(drill.latest("s3://backups/shop/uploads-*.tar.zst"))
        """,
        targets='rto="10m", rpo="24h"',
    )
    ran = bench.drtool("run", script, "--json", environment={"AWS_ENDPOINT_URL": s3_endpoint})
    assert ran.code == 0, ran
    record = ran.record
    dump = next(found for found in record.backups if found.resource == "db")
    assert dump.location == f"s3://backups/shop/db-{today}.sql.zst"
    assert dump.version_id == stored["VersionId"]
    assert dump.sha256 is not None
    assert record.choices[0].considered == 2
    fetched = [step for step in record.steps if step.phase is Phase.FETCH]
    assert [step.size_bytes for step in fetched] == [shop.dump.stat().st_size, shop.archive.stat().st_size]
    assert all(step.counted for step in fetched)


def test_bucket_that_cannot_be_reached_leaves_the_drill_unverified(bench: Workbench) -> None:
    ran = bench.drtool(
        "verify", "s3://backups/db.sql.zst", "--json", environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    )
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["store-unreachable"]


def test_store_that_goes_away_half_way_leaves_the_drill_unverified(
    bench: Workbench, shop: ShopBackups, bucket: S3Client, s3_endpoint: str
) -> None:
    bucket.put_object(Bucket="backups", Key="files.tar", Body=shop.tar)
    host, _, port = s3_endpoint.removeprefix("http://").rpartition(":")
    link = Link((host, int(port)), breaks_after_bytes=len(shop.tar) // 2 + 256 * 1024)
    ran = bench.drtool(
        "verify", "s3://backups/files.tar", "--json", environment={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{link.port}"}
    )
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["store-unreachable"]
    assert [step.phase for step in ran.record.steps if step.outcome is not Verdict.PASSED] == [Phase.FETCH]


def test_engine_on_another_host_gets_the_backups_streamed(bench: Workbench, shop: ShopBackups) -> None:
    script = bench.scenario(
        f"""
        drill.restore_mariadb(drill.backup({str(shop.dump)!r}))
        drill.restore_files(drill.backup({str(shop.archive)!r})).check_count("*", at_least=1)
        """
    )
    with engine_elsewhere() as (_, there):
        ran = bench.drtool("run", script, "--profile", "fast", "--json", environment=there)
    assert ran.code == 0, ran
    assert sum(step.phase is Phase.FETCH for step in ran.record.steps) == 2
    assert {check.outcome for check in ran.record.checks} == {Verdict.PASSED}


@pytest.mark.parametrize("there", ["another file", "nothing"])
def test_what_is_restored_is_the_file_that_was_looked_at_and_not_another_at_its_path(
    bench: Workbench, shop: ShopBackups, there: str
) -> None:
    for folder in ("here", "also"):
        (bench.folder / folder).mkdir()
    backup = bench.folder / "here" / "db.sql"
    backup.write_bytes(shop.sql + b"\n")
    if there == "another file":
        (bench.folder / "also" / "db.sql").write_bytes(shop.sql)
    with engine_that_sees(bench.folder, ("/here/db.sql", "/also/db.sql")) as environment:
        ran = bench.drtool("verify", backup, "--profile", "fast", "--json", environment=environment)
    assert ran.code == 0, ran
    assert ran.record.backups[0].sha256 == sha256(backup.read_bytes()).hexdigest()
    assert [step.size_bytes for step in ran.record.steps if step.phase is Phase.FETCH] == [backup.stat().st_size]
    assert any("does not show the files" in deviation for deviation in ran.record.deviations)


def test_folder_in_which_the_engine_sees_all_files_is_mounted_and_one_in_which_it_does_not_is_streamed(
    bench: Workbench, shop: ShopBackups
) -> None:
    for folder in ("here", "also"):
        (bench.folder / folder / "below").mkdir(parents=True)
    dump = bench.folder / "here" / "below" / "db.sql"
    dump.write_bytes(shop.sql)
    (bench.folder / "also" / "below" / "db.sql").hardlink_to(dump)
    for folder in ("here", "also"):  # a busy machine makes them one after the other
        os.utime(bench.folder / folder, (1_764_000_000, 1_764_000_000))
    arguments = ("verify", f"{dump.parent.parent}/", "--profile", "fast", "--json")
    with engine_that_sees(bench.folder, (f"{bench.folder.name}/here", f"{bench.folder.name}/also")) as environment:
        seen = bench.drtool(*arguments, environment=environment)
        (bench.folder / "also" / "below" / "db.sql").unlink()
        hidden = bench.drtool(*arguments, environment=environment)
    for ran, fetches in ((seen, 0), (hidden, 1)):
        assert ran.code == 0, ran
        assert sum(step.phase is Phase.FETCH for step in ran.record.steps) == fetches


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a key and a certificate for 127.0.0.1, for both ends of a connection, as the docker client wants them."""
    folder = tmp_path_factory.mktemp("certificates")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in (("ca.pem", certificate), ("cert.pem", certificate), ("key.pem", private)):
        (folder / file).write_bytes(content)
    return folder


def test_engine_that_is_reached_by_tls_is_an_engine_like_any_other(
    bench: Workbench, shop: ShopBackups, certificates: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "ca.pem"))
    tls.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    # requests, below the Docker SDK, would let this person's bundle win over what it was told
    settings = {
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(certificates),
        "REQUESTS_CA_BUNDLE": requests.utils.DEFAULT_CA_BUNDLE_PATH,
    }
    with engine_elsewhere(tls=tls) as (_, there):
        ran = bench.drtool("verify", shop.dump, "--profile", "fast", "--json", environment=there | settings)
    assert ran.code == 0, ran
    assert {check.outcome for check in ran.record.checks} == {Verdict.PASSED}


def test_certificates_of_a_context_are_those_of_its_engine(bench: Workbench, certificates: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "ca.pem"))
    tls.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    config = bench.folder / "docker"
    number = sha256(b"there").hexdigest()  # as Docker names them
    meta, material = (config / "contexts" / kind / number for kind in ("meta", "tls"))
    meta.mkdir(parents=True)
    (material / "docker").mkdir(parents=True)
    (config / "config.json").write_text('{"currentContext": "there"}')

    def doctor(authority: Path, *own: str) -> str:
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (material / "docker" / name).unlink(missing_ok=True)
        (material / "docker" / "ca.pem").write_bytes(authority.read_bytes())
        for name in own:
            (material / "docker" / name).write_bytes((certificates / name).read_bytes())
        settings = {"DOCKER_CONFIG": str(config), "REQUESTS_CA_BUNDLE": str(certificates / "ca.pem")}
        return next(
            line for line in bench.drtool("doctor", environment=settings).stdout.splitlines() if "engine" in line
        )

    with engine_elsewhere(tls=tls) as (link, _):
        endpoint = {"Host": f"tcp://127.0.0.1:{link.port}", "SkipTLSVerify": False}
        (meta / "meta.json").write_text(
            json.dumps({"Name": "there", "Metadata": {}, "Endpoints": {"docker": endpoint}})
        )
        assert doctor(certificates / "ca.pem").startswith("ok")
        assert "CERTIFICATE_VERIFY_FAILED" in doctor(Path(requests.utils.DEFAULT_CA_BUNDLE_PATH), "cert.pem", "key.pem")
        tls.verify_mode = ssl.CERT_REQUIRED
        assert doctor(certificates / "ca.pem", "cert.pem", "key.pem").startswith("ok")
        assert doctor(certificates / "ca.pem").startswith("BAD")


@pytest.mark.long
def test_nothing_is_lost_of_what_comes_bundled_over_a_slow_network(bench: Workbench, shop: ShopBackups) -> None:
    with engine_elsewhere(latency_seconds=0.1) as (_, there):
        ran = bench.drtool("verify", shop.dump, "--profile", "fast", "--json", environment=there)
    assert ran.code == 0, ran
    assert {check.outcome for check in ran.record.checks} == {Verdict.PASSED}


@pytest.mark.long
def test_large_backup_takes_no_memory_of_drtools_wherever_the_engine_is(bench: Workbench, shop: ShopBackups) -> None:
    body, _, trailer = shop.sql.rpartition(TRAILER)
    line = b"-- " + b"a comment that the client passes over " * 25 + b"\n"
    with (bench.folder / "db.sql").open("wb") as stream:
        stream.write(body)
        for _ in range(200):
            stream.write(line * (_MEBIBYTE // len(line)))
        stream.write(TRAILER + trailer)
    here = bench.start("verify", "db.sql", "--profile", "fast", "--json").ended()
    with engine_elsewhere() as (_, there):
        elsewhere = bench.start("verify", "db.sql", "--profile", "fast", "--json", environment=there).ended()
    for ran in (here, elsewhere):
        assert ran.code == 0, ran
        assert ran.peak_bytes is not None
        assert ran.peak_bytes < 150 * _MEBIBYTE, ran.peak_bytes


def test_file_that_is_still_being_written_is_not_taken_for_a_backup(bench: Workbench, shop: ShopBackups) -> None:
    backup = bench.folder / "db.sql"
    backup.write_bytes(shop.sql)
    script = bench.scenario(
        """
        found = drill.backup("db.sql")
        with open("db.sql", "ab") as stream:
            stream.write(b"-- more of it\\n")
        drill.restore_mariadb(found)
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    assert "backup-changed" in [found.code for found in ran.record.findings]
    assert backup.stat().st_size > len(shop.sql)
