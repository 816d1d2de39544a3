"""Stores to test: a folder, and a bucket of a real S3 server on loopback, spoken to over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from drtool.stores.interface import Store, StoredObject
from drtool.stores.local import LocalStore
from drtool.stores.s3 import S3Store
from drtool.stores.whole import WholeStore
from tests.s3_server import s3_server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Run the server, which lists ten objects a page, and return its URL."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        with s3_server() as url:
            yield url


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


@dataclass(frozen=True, kw_only=True)
class Place:
    """An empty place in a store, and a way to it that is not drtool's.

    Attributes:
        store: the store, as scenarios have it.
        base: what the locations of all that lies there begin with.
        nowhere: the same of a place that is not there.
        write: stores something under a name; over what is there by that name, as something new.
        remove: takes it away again.
    """

    store: Store
    base: str
    nowhere: str
    write: Callable[[str, bytes], None]
    remove: Callable[[str], None]

    def at(self, name: str) -> str:
        """Return the location of a name, or of a pattern."""
        return self.base + name

    def put(self, name: str, content: bytes = b"SELECT 1;\n") -> None:
        """Store something."""
        self.write(name, content)

    def found(self, pattern: str) -> list[str]:
        """Return the names that match a pattern, sorted."""
        return sorted(found.location.removeprefix(self.base) for found in self.store.find(self.at(pattern)))

    def read(self, found: StoredObject) -> bytes:
        """Return all of what was found."""
        with self.store.open(found) as stream:
            return stream.read()


def _folder(request: pytest.FixtureRequest) -> Place:
    folder: Path = request.getfixturevalue("tmp_path")

    def write(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return Place(
        store=WholeStore(LocalStore()),
        base=f"{folder}/",
        nowhere=f"{folder}/unmounted/",
        write=write,
        remove=lambda name: (folder / name).unlink(),
    )


def _s3(request: pytest.FixtureRequest) -> Place:
    client: S3Client = request.getfixturevalue("s3")
    bucket: str = request.getfixturevalue("bucket")
    return Place(
        store=WholeStore(request.getfixturevalue("store")),
        base=f"s3://{bucket}/",
        nowhere="s3://no-such-bucket/",
        write=lambda name, content: client.put_object(Bucket=bucket, Key=name, Body=content) and None,
        remove=lambda name: client.delete_object(Bucket=bucket, Key=name) and None,
    )


@pytest.fixture(params=[_folder, _s3], ids=["folder", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Return an empty place in each kind of store."""
    made: Place = request.param(request)
    return made
