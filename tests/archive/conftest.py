"""An archive in a real S3 server on loopback, and a site whose drills were archived in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.s3.models import s3_backends

from drtool.record.model import Archiving, DrillRecord
from tests.evidence.builder import Site
from tests.evidence.conftest import apart, drtool, evidence, site, untouched
from tests.s3_server import s3_server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = ["apart", "drtool", "evidence", "site", "untouched"]

DAY = 86_400.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Vault:
    """An archive, and a way to it that is not drtool's.

    Attributes:
        s3: a client that may do everything.
        bucket: the bucket, with Object Lock and a retention of 30 days by default.
        prefix: ends in a slash.
    """

    s3: S3Client
    bucket: str
    prefix: str = "shop/"

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def names(self, under: str = "") -> list[str]:
        """Return the keys of what an ordinary listing shows, without the prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + under)
        return [one["Key"].removeprefix(self.prefix) for page in pages for one in page.get("Contents", [])]

    def versions(self) -> list[str]:
        """Return the ids of all versions and delete markers, which are not to change."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        return sorted(
            str(one["VersionId"])
            for page in pages
            for one in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        )

    def put(self, key: str, content: bytes) -> None:
        """Store something as whoever may write to the bucket can."""
        self.s3.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=content)

    def get(self, key: str) -> bytes:
        """Return what an ordinary look shows."""
        return self.s3.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()

    def delete(self, key: str) -> None:
        """Delete as an ordinary client does, which puts a marker over what is there."""
        self.s3.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def unlock(self, key: str) -> None:
        """Take the retention off an object, as its store's own administrator could."""
        self._stored(key).lock_until = None
        self._stored(key).lock_mode = None

    def end_retention(self, key: str, until: str) -> None:
        """Have the retention of an object end at another time."""
        self._stored(key).lock_until = until

    def remove_for_good(self, key: str) -> None:
        """Remove all versions of an object, as its store's own administrator could."""
        self._keys().setlist(self.prefix + key, [])

    def _keys(self) -> Any:
        """Return what the server itself holds: its administrator is stopped by no lock."""
        backend = next(iter(s3_backends["123456789012"].values()))
        return backend.buckets[self.bucket].keys

    def _stored(self, key: str) -> Any:
        return self._keys().getlist(self.prefix + key)[0]


def archiving(vault: Vault, **changes: object) -> Callable[[DrillRecord], DrillRecord]:
    """Return what has a drill's record say that its evidence was to be archived for 30 days."""
    asked = Archiving(location=str(vault), mode="COMPLIANCE", retention_seconds=30 * DAY)
    return lambda record: replace(record, archive=replace(asked, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Run the server, which lists ten objects a page, and return its URL."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        with s3_server() as url:
            yield url


@pytest.fixture(scope="session")
def s3(s3_endpoint: str) -> S3Client:
    """Return a client of the server."""
    return boto3.client("s3", endpoint_url=s3_endpoint)


@pytest.fixture
def bucket_name(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have drtool use the server, and return the name of a bucket that is not there yet."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_endpoint)
    return f"evidence-{next(_numbers)}"


@pytest.fixture
def vault(s3: S3Client, bucket_name: str) -> Vault:
    """Return an empty archive."""
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket=bucket_name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}},
        },
    )
    return Vault(s3, bucket_name)


def expected(site: Site) -> dict[str, bytes]:
    """Return what has to be in an archive of a site, by its keys."""
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    ledger = {f"ledger/{n:012}-{sha256(line).hexdigest()}.jsonl": line for n, line in enumerate(lines, start=1)}
    files = [path for path in site.reports.glob("*/*") if path.is_file()]
    return ledger | {str(path.relative_to(site.reports)): path.read_bytes() for path in files}


@pytest.fixture
def archived(evidence: Site, vault: Vault) -> Site:
    """A copy of five drills' evidence, all of which is in the archive, as `drtool archive` would put it there."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: vault.put(*one), expected(evidence).items()))
    return evidence
