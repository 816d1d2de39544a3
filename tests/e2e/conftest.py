"""What the tests on a real engine share: the engine, the sample shop's backups, a workbench to run drtool on."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from drtool.errors import Unverifiable
from drtool.sandbox.engine import Engine
from fixtures.faults.packing import unpacked
from tests.e2e.workbench import Workbench

MakeBench = Callable[[], Workbench]


@dataclass(frozen=True, kw_only=True)
class ShopBackups:
    """The healthy backups of the sample shop that every test starts from."""

    folder: Path
    dump: Path
    archive: Path
    sql: bytes
    tar: bytes

    def write(self, path: Path, content: bytes) -> Path:
        """Write a backup made of these: as old as they are, so that its times agree with what it says of itself."""
        path.write_bytes(content)
        times = self.dump.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return path


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """Return a client of the engine; these tests are worth nothing without one, so they fail and are not skipped."""
    try:
        return Engine.connect().client
    except Unverifiable as error:
        pytest.fail(f"{error} These tests need a Docker engine: `make test` starts one.", pytrace=False)


@pytest.fixture(scope="session")
def shop(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> ShopBackups:
    """Make the sample shop's backups, once."""
    folder = tmp_path_factory.mktemp("backups")
    command = [sys.executable, "-m", "fixtures.shop", "make-backups", "--into", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (dump,), (archive,) = folder.glob("db-*.sql.zst"), folder.glob("uploads-*.tar.zst")
    return ShopBackups(
        folder=folder,
        dump=dump,
        archive=archive,
        sql=unpacked(dump.read_bytes()),
        tar=unpacked(archive.read_bytes()),
    )


_numbers = itertools.count(1)


def _made(engine: docker.DockerClient, factory: pytest.TempPathFactory) -> Iterator[MakeBench]:
    """Yield a maker of workbenches; at the end none of their drills may have left anything in the engine."""
    benches: list[Workbench] = []

    def make() -> Workbench:
        bench = Workbench(folder=factory.mktemp(f"bench-{next(_numbers)}"), engine=engine)
        benches.append(bench)
        return bench

    yield make
    left = {bench.folder.name: found for bench in benches if (found := bench.left_in_the_engine())}
    for bench in benches:
        bench.clear_the_engine()
    assert not left, f"drills left behind: {left}"


@pytest.fixture
def bench(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench for one test."""
    for make in _made(engine, tmp_path_factory):
        yield make()


@pytest.fixture(scope="module")
def shared_bench(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench that the tests of a module share."""
    for make in _made(engine, tmp_path_factory):
        yield make()
