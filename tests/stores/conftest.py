"""A real S3 server on loopback, spoken to over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from drtool.stores.s3 import S3Store

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Run the server, which lists ten objects a page, and return its URL."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(scope="session")
def s3(s3_endpoint: str) -> S3Client:
    """Return a client of the server, to put backups there with."""
    return boto3.client("s3", endpoint_url=s3_endpoint)


@pytest.fixture(scope="session")
def store(s3_endpoint: str) -> S3Store:
    """Return the store under test, of that server; made once, since boto3 takes a while to make a client."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", s3_endpoint)
        return S3Store()


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """Make an empty bucket and return its name."""
    name = f"backups-{next(_numbers)}"
    s3.create_bucket(Bucket=name)
    return name
