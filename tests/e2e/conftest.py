"""What the tests on a real engine share: the engine, the sample shop's backups, a workbench to run drtool on."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
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


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that whichever worker comes first has filled; the others wait until it is done."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            being_made = folder.with_suffix(".part")
            shutil.rmtree(being_made, ignore_errors=True)
            being_made.mkdir()
            make(being_made)
            being_made.rename(folder)
    return folder


def _make_backups(into: Path) -> None:
    command = [sys.executable, "-m", "fixtures.shop", "make-backups", "--into", str(into)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="session")
def shop(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> ShopBackups:
    """Make the sample shop's backups, once for all workers."""
    del engine  # says what is missing where there is none
    folder = made_once(tmp_path_factory, "shop", _make_backups)
    (dump,), (archive,) = folder.glob("db-*.sql.zst"), folder.glob("uploads-*.tar.zst")
    return ShopBackups(
        folder=folder, dump=dump, archive=archive, sql=unpacked(dump.read_bytes()), tar=unpacked(archive.read_bytes())
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
