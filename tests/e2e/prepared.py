"""drtool in a process that begins where its imports end: a small drill costs less than they do."""

from __future__ import annotations

import functools
import multiprocessing
import multiprocessing.connection
import os
import runpy
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ")
"""What Python and the C library look at once, when a process begins."""

_server = multiprocessing.get_context("forkserver")
_ONE_AT_A_TIME = threading.Lock()
"""Whoever starts a process asks after all others, and only the first who asks is told how one has ended."""
_server.set_forkserver_preload(["tests.e2e.everything", __name__])


def can_start(environment: Mapping[str, str]) -> bool:
    """Tell whether a process begun in an environment would be as those are that are prepared here."""
    return _at_the_start(environment) == _begun_in()


class Prepared:
    """`python -m drtool` with arguments, started in a folder and an environment, its output into files."""

    def __init__(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdout: Path, stderr: Path
    ) -> None:
        call = (arguments, folder, dict(environment), stdout, stderr)
        self._process = _server.Process(target=_be_drtool, args=call)
        with _ONE_AT_A_TIME:
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code if it has ended."""
        with _ONE_AT_A_TIME:
            return self._process.exitcode

    def wait(self, seconds: float) -> None:
        """Wait for its end, at most so long."""
        multiprocessing.connection.wait([self._process.sentinel], seconds)


def _at_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_THE_START)}


@functools.cache
def _begun_in() -> dict[str, str]:
    return _at_the_start(os.environ)


def _be_drtool(arguments: Sequence[str], folder: Path, environment: dict[str, str], stdout: Path, stderr: Path) -> None:
    os.setsid()
    for number, path in enumerate((Path(os.devnull), stdout, stderr)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # looked for once, maybe in another environment
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    sys.argv[1:] = arguments
    runpy.run_module("drtool", run_name="__main__", alter_sys=True)
