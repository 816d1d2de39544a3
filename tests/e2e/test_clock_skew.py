"""An S3 server whose clock is not this host's: found, said, and never a silently wrong RPO."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

# moto's server in a process of its own, in which it is some minutes earlier or later.
_SERVER = """
import sys
from datetime import UTC, datetime, timedelta
from freezegun import freeze_time
from moto.server import main
with freeze_time(datetime.now(UTC) + timedelta(minutes=float(sys.argv[2])), tick=True):
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"""


@contextmanager
def server_off_by(minutes: float) -> Iterator[str]:
    """Run an S3 server whose clock is so many minutes ahead of this host's; yield its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SERVER, str(port), str(minutes)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    client = boto3.client("s3", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
    try:
        for _ in range(200):
            try:
                client.list_buckets()
                break
            except BotoCoreError:
                time.sleep(0.1)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_store_whose_clock_is_ten_minutes_off_is_reported_and_its_times_are_converted(
    bench: Workbench, shop: ShopBackups, minutes: float
) -> None:
    with server_off_by(minutes) as endpoint:
        client = boto3.client("s3", endpoint_url=endpoint)
        client.create_bucket(Bucket="backups")
        # without a date in its name the store's clock is all there is
        client.put_object(Bucket="backups", Key="db.sql.zst", Body=shop.dump.read_bytes())
        uploaded_at = datetime.now(UTC)
        known = ("--zone", "UTC", "--json")
        age_seconds = round(time.time() - shop.dump.stat().st_mtime)
        ran = bench.drtool(
            "verify",
            "s3://backups/db.sql.zst",
            "--rpo",
            f"{age_seconds + 3600}s",
            *known,
            environment={"AWS_ENDPOINT_URL": endpoint},
        )
        tight = bench.drtool(
            "verify",
            "s3://backups/db.sql.zst",
            "--rpo",
            f"{age_seconds + 60}s",
            *known,
            environment={"AWS_ENDPOINT_URL": endpoint},
        )
    record = ran.record
    assert "clock-skew" in {finding.code for finding in record.findings}
    stored = next(one for one in record.rpo.evidence if one.rank == 4)
    assert stored.latest is not None
    assert abs(stored.latest - uploaded_at) < timedelta(seconds=5)
    assert ran.code == 0, ran
    # a minute more than its age hangs on which of the clocks is right, so nobody can say
    assert tight.code == 3, tight
    assert tight.record.rpo.verdict == "unverified"
