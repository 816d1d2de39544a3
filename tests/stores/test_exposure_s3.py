"""Exposure of a bucket, over HTTP: from its listing, whatever its length, and hardly anything else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.response import StreamingBody

from drtool.cli import main

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

HOUR = timedelta(hours=1)
SQL = b"-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)\nSELECT 1;\n" * 20


Exposure = Callable[..., int]


@pytest.fixture
def exposure(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str) -> Exposure:
    """Return a way to run the command against the server; it gives the exit code."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["drtool", "exposure", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run


def test_a_bucket_of_more_than_one_page_is_seen_whole_and_its_times_are_not_believed(
    s3: S3Client, bucket: str, exposure: Exposure, capsys: pytest.CaptureFixture[str]
) -> None:
    """Objects that were all put there just now, under names of the last weeks, are what a copied bucket looks like."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [ago for ago in range(602) if ago not in (200, 201)]

    def put(ago: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"shop/db-{now - ago * HOUR:%Y%m%dT%H%M%SZ}.sql", Body=SQL)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, hours))
    s3.put_object(Bucket=bucket, Key="other/db-20200101T000000Z.sql", Body=SQL)

    assert exposure(f"s3://{bucket}/shop/db-*.sql", "--rpo", "2h", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["objects"] == document["point_count"] == 600
    assert len(document["points"]) == 400
    assert document["worst_rpa_seconds"] == 3 * 3600
    assert document["missing_count"] == 2
    assert document["store_times_trusted"] is False
    assert "not trustworthy" in document["warnings"][0]


def test_an_empty_object_is_no_recovery_point(
    s3: S3Client, bucket: str, exposure: Exposure, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket=bucket, Key="shop/db.sql.zst", Body=b"")
    assert exposure(f"s3://{bucket}/shop/db.sql*", "--rpo", "1h", "--json") == 1
    assert json.loads(capsys.readouterr().out)["unusable"][0]["why"] == "zero bytes"


def test_of_a_large_backup_only_the_head_is_read(
    s3: S3Client, bucket: str, exposure: Exposure, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_object(Bucket=bucket, Key="shop/db.sql", Body=SQL * 5000)
    sizes = []

    def read(body: StreamingBody, amt: int | None = None, inner: Any = StreamingBody.read) -> bytes:
        content: bytes = inner(body, amt)
        sizes.append(len(content))
        return content

    monkeypatch.setattr(StreamingBody, "read", read)
    assert exposure(f"s3://{bucket}/shop/db*.sql", "--rpo", "1h") == 0
    assert 0 < sum(sizes) <= 256 * 1024


def test_a_bucket_that_is_not_there_is_3_and_nothing_is_printed_as_data(
    exposure: Exposure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exposure("s3://no-such-bucket/db-*.sql", "--rpo", "1h") == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "NoSuchBucket" in printed.err
